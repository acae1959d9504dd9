//! `naryad verify-backup`: hashes, and a restore into a place of its own that is gone afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Backup, Kind, at, differing_rows};
use crate::db::types::Sha256;
use crate::db::{Address, Db, DbConnection, census, dump, migrate};
use crate::error::Error;
use crate::files::{hash_of, named};
use crate::history::chain;
use crate::history::roots::AuditRoot;
use crate::history::verify::{Verification, verify_against};
use crate::installation;

/// Where a dump of PostgreSQL is tried.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// A server on which a database can be made: the address of any database there.
    pub server: Option<&'a str>,
    /// The folder of PostgreSQL's programs, when the operator named it.
    pub tools: Option<&'a Path>,
    /// Only hashes are compared, nothing is restored.
    pub hashes_only: bool,
}

/// Everything that is wrong with a backup, a sentence each. None: it can be restored, and is whole.
///
/// # Errors
/// A sentence for the operator when it cannot be looked at.
pub fn flaws(backup: &Backup, trial: Trial<'_>) -> Result<Vec<String>, String> {
    backup.must_be_known()?;
    let mut flaws = changed_files(backup);
    let dump_flaw = changed(&backup.dump(), backup.manifest.database.sha256);
    let sound = dump_flaw.is_none();
    flaws.extend(dump_flaw);
    if sound && !trial.hashes_only {
        flaws.extend(restored(backup, trial)?);
    }
    Ok(flaws)
}

/// Stored files and print forms that are gone or not what they were.
pub(super) fn changed_files(backup: &Backup) -> Vec<String> {
    let files = backup.manifest.files.iter().map(|kept| (backup.file(kept.sha256), kept.sha256));
    let forms = backup.manifest.print_forms.iter().map(|form| (backup.form(form), form.sha256));
    files.chain(forms).filter_map(|(path, hash)| changed(&path, hash)).collect()
}

/// What is wrong with one file.
pub(super) fn changed(path: &Path, expected: Sha256) -> Option<String> {
    match hash_of(path) {
        Ok((found, _)) if found == expected => None,
        Ok((found, _)) => Some(format!("{} was changed: its sha256 is {found}, not {expected}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(format!("{} is missing", path.display())),
        Err(error) => Some(at(path)(error)),
    }
}

fn restored(backup: &Backup, trial: Trial<'_>) -> Result<Vec<String>, String> {
    let name = format!("naryad_verify_{}_{}", std::process::id(), uuid::Uuid::now_v7().simple());
    let scratch = match (backup.manifest.database.kind, trial.server) {
        (Kind::Sqlite, _) => dump::Scratch::file(&name)?,
        (Kind::Postgresql, Some(server)) => dump::Scratch::database(server, &name)?,
        (Kind::Postgresql, None) => {
            return Err(
                "a backup of PostgreSQL is tried on a server: name one with --database-url, where a database can \
                        be made for a moment, or ask for --hashes-only"
                    .to_owned(),
            );
        }
    };
    let brought = dump::bring_back(&backup.dump(), &scratch.address, trial.tools);
    // Its hash was right a moment ago: what goes wrong with a copy of it is the fault of the place it is tried in.
    let elsewhere = |why: String| match scratch.folder() {
        Some(folder) => format!(
            "the backup could not be tried in {}: {why}; its database ({} bytes) needs room there, and some more: make it, or \
             name another folder with TMPDIR",
            folder.display(),
            backup.manifest.database.size
        ),
        None => why,
    };
    match brought {
        Err(why) if scratch.folder().is_none() => Ok(vec![format!("the database cannot be restored: {why}")]),
        brought => brought.and_then(|()| look_through(backup, &scratch.address)).map_err(elsewhere),
    }
}

/// What is wrong with a database that was brought back.
fn look_through(backup: &Backup, address: &Address) -> Result<Vec<String>, String> {
    let manifest = &backup.manifest;
    let db = open(address)?;
    let (rows, schema) = (manifest.database.rows.clone(), manifest.database.schema.clone());
    let before = db.read_now(move |conn| before_migration(conn, &rows, &schema)).map_err(|error| error.to_string())?;
    let mut flaws = before;
    drop(db);
    migrate::run_restored(address).map_err(|error| format!("the database cannot be brought up to date: {error}"))?;
    let db = open(address)?;
    let root = manifest.root;
    let found = db.read_now(move |conn| after_migration(conn, root)).map_err(|error| error.to_string())?;
    if let Some(why) = unsound(&found.chain) {
        flaws.push(why);
    }
    if (found.seq, found.head, found.chain.entries) != (manifest.seq, manifest.head, manifest.entries) {
        flaws.push(format!(
            "the chain of events ends at {} with {}, and the manifest says {} with {}",
            found.seq, found.head, manifest.seq, manifest.head
        ));
    }
    if found.epoch != Some(manifest.epoch) {
        flaws.push("the epoch is not that of the manifest".to_owned());
    }
    let known: BTreeSet<Sha256> = manifest.files.iter().map(|kept| kept.sha256).collect();
    let gone: BTreeMap<Sha256, bool> = manifest.missing.iter().map(|file| (file.sha256, file.spoilt)).collect();
    for (hash, named_by) in found.named {
        if let Some(spoilt) = gone.get(&hash) {
            let how = if *spoilt { "spoilt" } else { "gone" };
            flaws.push(format!("the file {hash}, named by {named_by}, was {how} when the backup was made"));
        } else if !known.contains(&hash) {
            flaws.push(format!("the file {hash}, named by {named_by}, is not in the manifest"));
        }
    }
    Ok(flaws)
}

/// A sentence about a chain that is not whole.
pub fn unsound(chain: &Verification) -> Option<String> {
    let broken = chain.broken.as_ref()?;
    let event = broken.event_id.map(|id| format!(" (event {id})")).unwrap_or_default();
    Some(format!("the chain of events is broken at entry {}{event}: {}", broken.seq, broken.why))
}

fn before_migration(
    conn: &mut DbConnection,
    rows: &BTreeMap<String, i64>,
    schema: &[String],
) -> Result<Vec<String>, Error> {
    let mut flaws = census::flaws(conn)?;
    flaws.extend(differing_rows(conn, rows).map_err(Error::internal)?);
    if census::steps(conn)? != schema {
        flaws.push("the steps of the schema are not those of the manifest".to_owned());
    }
    Ok(flaws)
}

struct Found {
    chain: Verification,
    seq: i64,
    head: Sha256,
    epoch: Option<installation::Epoch>,
    named: BTreeMap<Sha256, &'static str>,
}

fn after_migration(conn: &mut DbConnection, root: Option<AuditRoot>) -> Result<Found, Error> {
    let (seq, head) = chain::head(conn)?;
    let epoch = installation::epoch(conn).ok();
    let chain = verify_against(conn, root.as_slice())?;
    Ok(Found { chain, seq, head, epoch, named: named::all(conn)? })
}

fn open(address: &Address) -> Result<Db, String> {
    Db::open(address).map_err(|error| format!("the restored database cannot be opened: {error}"))
}
