//! The schema's history, the same for both databases and part of the program.

use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::open::Address;
use super::{DbConnection, MultiBackend, dialect, dump};

const HISTORY: EmbeddedMigrations = embed_migrations!("migrations");

/// What stopped a migration.
pub type MigrationError = Box<dyn std::error::Error + Send + Sync>;

/// Brings the schema up to date and says how many steps that took. Only one instance does it at a time.
///
/// # Errors
/// When the database cannot be reached or a step fails (the steps before it are kept), and while it is being restored.
pub fn run(address: &Address) -> Result<usize, MigrationError> {
    dump::must_be_whole(address)?;
    continue_with(&mut address.connect()?)
}

/// [`run`] on a database that a restore has just brought back.
///
/// # Errors
/// As [`run`].
pub fn run_restored(address: &Address) -> Result<usize, MigrationError> {
    continue_with(&mut address.connect()?)
}

fn continue_with(conn: &mut DbConnection) -> Result<usize, MigrationError> {
    dialect::alone(conn, |conn| conn.run_pending_migrations(HISTORY).map(|done| done.len()))?
}

/// Undoes every step: for the test that proves the way back.
///
/// # Errors
/// As [`run`].
pub fn undo_all(address: &Address) -> Result<usize, MigrationError> {
    let mut conn = address.connect()?;
    dialect::alone(&mut conn, |conn| conn.revert_all_migrations(HISTORY).map(|done| done.len()))?
}

/// The names of the steps, in order.
///
/// # Errors
/// When the embedded history cannot be read.
pub fn steps() -> Result<Vec<String>, MigrationError> {
    let migrations: Vec<Box<dyn Migration<MultiBackend>>> = HISTORY.migrations()?;
    Ok(migrations.iter().map(|migration| migration.name().to_string()).collect())
}

/// The steps as a database remembers them.
///
/// # Errors
/// As [`steps`].
pub fn versions() -> Result<Vec<String>, MigrationError> {
    let migrations: Vec<Box<dyn Migration<MultiBackend>>> = HISTORY.migrations()?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
