//! `naryad backup`: makes one while the server runs.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{
    Dumped, FILES, FORMAT, FORMS, Form, Kept, Kind, MANIFEST, Manifest, Missing, SEAL, Stored, UNFINISHED, all_in, at,
    sealed,
};
use crate::app::make_private;
use crate::config::Config;
use crate::db::types::{Sha256, Timestamp};
use crate::db::{census, dump, existing};
use crate::files::{CopiedOut, hash_of, named, path_of};
use crate::history::chain;
use crate::history::roots::{self, AuditRoot};
use crate::installation;

/// How long a backup that was not finished is left lying: another may still be at work on it.
const LEFT_LYING: Duration = Duration::from_secs(24 * 3_600);

/// A backup that was made.
#[derive(Debug)]
pub struct Done {
    /// Its folder.
    pub folder: PathBuf,
    /// What it consists of.
    pub manifest: Manifest,
    /// Files that were copied now; the others were in an earlier backup.
    pub copied: usize,
}

/// Makes a backup in a folder of backups.
///
/// # Errors
/// A sentence for the operator; then there is no backup.
pub fn make(config: &Config, tools: Option<&Path>, to: &Path) -> Result<Done, String> {
    let made_at = Timestamp::now();
    let root = root_now(config, made_at)?;
    make_private(&to.join(FILES)).map_err(at(to))?;
    let stamp = stamp(made_at);
    let work = to.join(format!("{UNFINISHED}{stamp}-{}", std::process::id()));
    make_private(&work).map_err(at(&work))?;
    let built = build(config, tools, to, &work, made_at, root);
    let (manifest, copied) = match built {
        Ok(built) => built,
        Err(why) => {
            let _ = fs::remove_dir_all(&work);
            return Err(why);
        }
    };
    let folder = to.join(free_name(to, &stamp));
    let renamed = fs::rename(&work, &folder).and_then(|()| flush(to));
    renamed.map_err(at(&folder))?;
    sweep(to);
    Ok(Done { folder, manifest, copied })
}

/// Takes older backups away until so many are left. Files stay: newer backups name them, too.
///
/// # Errors
/// A sentence for the operator.
pub fn keep(to: &Path, newest: usize) -> Result<usize, String> {
    let all = all_in(to)?;
    let old = all.len().saturating_sub(newest);
    for folder in all.iter().take(old) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Not whole any more from the first file on.
        let going = to.join(format!("{UNFINISHED}{name}"));
        let gone = fs::rename(folder, &going).and_then(|()| fs::remove_dir_all(&going));
        gone.map_err(at(folder))?;
    }
    Ok(old)
}

/// `2026-11-22T114100Z`: names of folders sort by time.
pub fn stamp(moment: Timestamp) -> String {
    moment.utc().format("%Y-%m-%dT%H%M%SZ").to_string()
}

fn free_name(to: &Path, stamp: &str) -> String {
    let more = (2..).map(|number| format!("{stamp}-{number}"));
    std::iter::once(stamp.to_owned()).chain(more).find(|name| !to.join(name).exists()).unwrap_or_default()
}

/// Chains what waits, and writes down the root of all events, as it will stand in the manifest: each backup that leaves the
/// house is a witness of what happened until then.
fn root_now(config: &Config, now: Timestamp) -> Result<Option<AuditRoot>, String> {
    let db = existing::open(&config.database)?;
    roots::write(&db, now).map_err(|error| error.to_string())
}

fn build(
    config: &Config,
    tools: Option<&Path>,
    to: &Path,
    work: &Path,
    made_at: Timestamp,
    root: Option<AuditRoot>,
) -> Result<(Manifest, usize), String> {
    let kind = Kind::of(&config.database);
    let file = work.join(kind.dump());
    let mut conn = dump::take(&config.database, tools, &file)?;
    let schema = census::steps(&mut conn).map_err(|error| error.to_string())?;
    let rows = census::rows(&mut conn).map_err(|error| error.to_string())?;
    let (seq, head) = chain::head(&mut conn).map_err(|error| error.to_string())?;
    let entries = rows.get("event_chain").copied().unwrap_or(0);
    let epoch = installation::epoch(&mut conn)
        .map_err(|_| "no server was ever started on this database: there is nothing to keep".to_owned())?;
    let named = named::all(&mut conn).map_err(|error| error.to_string())?;
    drop(conn);
    let (sha256, size) = seal_file(&file)?;
    let database = Dumped { kind, file: kind.dump().to_owned(), sha256, size, schema, rows };
    // After the database: a file is there before the record that names it, and stays.
    let stored = Stored::open(config)?;
    let (mut files, mut missing, mut copied, mut folders) = (Vec::new(), Vec::new(), 0, BTreeSet::new());
    for (hash, named_by) in named {
        match copy(&stored, hash, &to.join(FILES), &mut folders)? {
            Copied::Earlier(size) => files.push(Kept { sha256: hash, size }),
            Copied::Now(size) => {
                files.push(Kept { sha256: hash, size });
                copied += 1;
            }
            // One file that is broken must not keep all the others out.
            Copied::Not { spoilt } => missing.push(Missing { sha256: hash, named_by: named_by.to_owned(), spoilt }),
        }
    }
    for folder in &folders {
        flush(folder).map_err(at(folder))?;
    }
    let print_forms = copy_forms(&config.print_forms, &work.join(FORMS))?;
    let product_version = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest {
        format: FORMAT,
        product_version,
        made_at,
        epoch,
        seq,
        head,
        entries,
        root,
        database,
        files,
        missing,
        print_forms,
    };
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| error.to_string())?;
    text.push(b'\n');
    write(&work.join(SEAL), sealed(&text).as_bytes())?;
    write(&work.join(MANIFEST), &text)?;
    flush(work).map_err(at(work))?;
    Ok((manifest, copied))
}

/// How a stored file came into the backup.
enum Copied {
    /// An earlier backup has brought it.
    Earlier(u64),
    /// This one did.
    Now(u64),
    /// It did not: it is gone, or is not what it was.
    Not { spoilt: bool },
}

/// Copies a stored file unless an earlier backup did.
fn copy(stored: &Stored, hash: Sha256, into: &Path, folders: &mut BTreeSet<PathBuf>) -> Result<Copied, String> {
    let target = into.join(path_of(hash));
    if let Ok(there) = fs::metadata(&target) {
        return Ok(Copied::Earlier(there.len()));
    }
    let folder = target.parent().unwrap_or(into);
    make_private(folder).map_err(at(folder))?;
    let part = target.with_extension(format!("part-{}", std::process::id()));
    let copied = stored.copy_out(hash, &part);
    let Ok(CopiedOut::Whole(size)) = copied else {
        let _ = fs::remove_file(&part);
        return copied.map(|what| Copied::Not { spoilt: what == CopiedOut::Spoilt });
    };
    fs::rename(&part, &target).map_err(at(&target))?;
    folders.extend(target.ancestors().skip(1).take(3).map(Path::to_owned));
    Ok(Copied::Now(size))
}

fn copy_forms(from: &Path, to: &Path) -> Result<Vec<Form>, String> {
    make_private(to).map_err(at(to))?;
    let mut forms = Vec::new();
    // Whoever has none yet will get the program's own.
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if !path.is_file() || name.starts_with('.') {
            continue;
        }
        let bytes = fs::read(&path).map_err(at(&path))?;
        write(&to.join(&name), &bytes)?;
        forms.push(Form { name, sha256: Sha256::of(&bytes) });
    }
    forms.sort_by(|a, b| a.name.cmp(&b.name));
    flush(to).map_err(at(to))?;
    Ok(forms)
}

/// Forces a file onto the disk, and gives its hash and size.
fn seal_file(file: &Path) -> Result<(Sha256, i64), String> {
    let forced = File::open(file).and_then(|opened| opened.sync_all());
    forced.and_then(|()| hash_of(file)).map_err(at(file))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    let written = File::create(file).and_then(|mut opened| {
        opened.write_all(bytes)?;
        opened.sync_all()
    });
    written.map_err(at(file))
}

/// The names in a folder.
fn flush(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Takes away what runs that were killed left lying.
fn sweep(to: &Path) {
    for entry in fs::read_dir(to).into_iter().flatten().flatten() {
        let old = entry
            .metadata()
            .and_then(|found| found.modified())
            .is_ok_and(|then| then.elapsed().is_ok_and(|since| since > LEFT_LYING));
        if old && entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
