//! The database: one code path for the embedded SQLite and for PostgreSQL.
//!
//! Everything that reads goes through [`Db::read`], everything that changes through [`Db::write`]: nothing outside this
//! folder opens a connection or a transaction. What the two databases do differently stands in [`dialect`] and nowhere else.

pub mod among;
pub mod census;
pub mod constraint;
pub mod counters;
pub mod dialect;
pub mod dump;
pub mod existing;
mod lane;
mod lanes;
pub mod migrate;
mod open;
pub mod page;
mod pg_tools;
pub(crate) mod records;
pub mod schema;
pub mod types;

pub use self::lanes::Db;
pub use self::open::Address;

use diesel::{PgConnection, SqliteConnection};

/// One open connection to either database.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// The embedded database in the data folder.
    Sqlite(SqliteConnection),
    /// A PostgreSQL server shared by several instances.
    Postgres(PgConnection),
}
