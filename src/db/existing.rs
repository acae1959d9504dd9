//! A database that must be there already and be of this program's version: looking makes nothing and changes nothing.

use super::open::Address;
use super::{Db, census, dump, migrate};

/// Opens it.
///
/// # Errors
/// A sentence for the operator: there is none, its restore was not finished, or it is of another version.
pub fn open(address: &Address) -> Result<Db, String> {
    dump::must_be_whole(address)?;
    if dump::is_empty(address)? {
        return Err(format!("there is no database {address}"));
    }
    let db = Db::open(address).map_err(|error| format!("the database cannot be opened: {error}"))?;
    let schema = db.read_now(|conn| Ok(census::steps(conn)?)).map_err(|error| error.to_string())?;
    if migrate::versions().map_err(|error| error.to_string())? != schema {
        return Err(
            "the database is of another version than this program: take the one that serves it, or start this one once"
                .to_owned(),
        );
    }
    Ok(db)
}
