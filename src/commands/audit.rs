//! `naryad audit verify`, `naryad audit root`

use std::fs;
use std::path::Path;

use super::serve::DATA;
use crate::backup::verify::unsound;
use crate::config::{AuditRootArgs, AuditVerifyArgs, Options};
use crate::db::types::Timestamp;
use crate::db::{Db, existing};
use crate::history::roots::{self, AuditRoot};
use crate::history::verify::verify_against;

/// Walks along the whole chain of events, and compares it with the roots in the database and with those that were kept
/// elsewhere.
///
/// # Errors
/// The first entry that is not as it was written.
pub fn verify(asked: &AuditVerifyArgs) -> Result<(), String> {
    let db = open(&asked.options)?;
    let kept = asked.root.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let found = db.read_now(move |conn| verify_against(conn, &kept)).map_err(|error| error.to_string())?;
    match unsound(&found) {
        Some(why) => Err(format!("{why}. The {} entries before it are as they were written.", found.entries)),
        None => {
            println!(
                "OK: {} entries, the last is {} with {}; {} roots agree.",
                found.entries, found.head_seq, found.head, found.roots
            );
            Ok(())
        }
    }
}

/// Writes the root of the chain as it is now, and prints it: keep it where nobody who has the database can change it.
///
/// # Errors
/// A sentence for the operator.
pub fn root(asked: &AuditRootArgs) -> Result<(), String> {
    let db = open(&asked.options)?;
    let root = roots::write(&db, Timestamp::now()).map_err(|error| error.to_string())?;
    let root = root.ok_or("nothing has happened yet: there is no root of no events")?;
    let mut text = serde_json::to_string_pretty(&root).map_err(|error| error.to_string())?;
    text.push('\n');
    match &asked.to {
        Some(file) => fs::write(file, text).map_err(|error| format!("{}: {error}", file.display())),
        None => {
            print!("{text}");
            Ok(())
        }
    }
}

/// A root by itself, or the one in a backup's manifest.
fn read(file: &Path) -> Result<AuditRoot, String> {
    let said = |error: &dyn std::fmt::Display| format!("{} is no root: {error}", file.display());
    let text = fs::read(file).map_err(|error| said(&error))?;
    let found: serde_json::Value = serde_json::from_slice(&text).map_err(|error| said(&error))?;
    let root = found.get("root").filter(|root| root.is_object()).unwrap_or(&found);
    serde_json::from_value(root.clone()).map_err(|error| said(&error))
}

/// Only a database that is there and of this version: looking must make nothing.
fn open(options: &Options) -> Result<Db, String> {
    existing::open(&options.check(DATA)?.database)
}
