//! `naryad migrate`

use super::serve::DATA;
use crate::app::make_private;
use crate::config::Options;
use crate::db;

/// Brings the database up to date.
///
/// # Errors
/// A sentence for the operator.
pub fn migrate(options: &Options) -> Result<(), String> {
    let config = options.check(DATA)?;
    make_private(&config.data).map_err(|error| format!("{}: {error}", config.data.display()))?;
    let steps = db::migrate::run(&config.database).map_err(|error| error.to_string())?;
    println!("{}", if steps == 0 { "The database is up to date.".to_owned() } else { format!("{steps} steps done.") });
    Ok(())
}
