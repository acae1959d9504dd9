//! `naryad restore`: a backup becomes an installation again, in a new epoch.

use std::fs;
use std::path::{Path, PathBuf};

use super::make::stamp;
use super::verify::{changed, changed_files, unsound};
use super::{Backup, FORMS, Kind, Stored, at};
use crate::app::make_private;
use crate::config::Config;
use crate::db::types::Timestamp;
use crate::db::{Address, Db, dump, migrate};
use crate::history::verify::verify;
use crate::installation::Epoch;
use crate::installation::restored::{Leap, begin_epoch};

/// How a backup is restored.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// What is in the way is put aside.
    pub replace: bool,
    /// Files that are gone from the backup, or were changed in it, are left out.
    pub leave_out_broken: bool,
    /// Every series of numbers leaves out so many.
    pub skip_numbers: i64,
    /// The folder of PostgreSQL's programs, when the operator named it.
    pub tools: Option<&'a Path>,
}

/// What a restore made.
#[derive(Debug)]
pub struct Done {
    /// The new epoch.
    pub epoch: Epoch,
    /// How the chain went on.
    pub leap: Leap,
    /// What was in the way, and where it is now.
    pub aside: Vec<String>,
    /// What is not as it should be, though the installation may be served.
    pub warnings: Vec<String>,
}

/// Restores a backup into an empty data folder (and database). Nothing is changed before the backup was found whole.
///
/// # Errors
/// A sentence for the operator; then there is nothing to serve.
pub fn restore(backup: &Backup, config: &Config, wish: Wish<'_>) -> Result<Done, String> {
    backup.must_be_known()?;
    let kind = backup.manifest.database.kind;
    if kind != Kind::of(&config.database) {
        return Err(format!(
            "this is a backup of {}, and can be restored into {} only{}",
            kind.name(),
            kind.name(),
            if kind == Kind::Postgresql { ": name an empty database with --database-url" } else { "" }
        ));
    }
    must_be_empty(config, wish.replace)?;
    let in_the_way = !dump::is_empty(&config.database)?;
    if in_the_way {
        dump::must_be_free(&config.database)?;
    }
    if let Some(why) = changed(&backup.dump(), backup.manifest.database.sha256) {
        return Err(why);
    }
    let mut warnings = changed_files(backup);
    if !warnings.is_empty() && !wish.leave_out_broken {
        return Err(format!("{}\n(--leave-out-broken restores all the rest)", warnings.join("\n")));
    }
    let stamp = stamp(Timestamp::now());
    make_private(&config.data).map_err(at(&config.data))?;
    let mut aside = Vec::new();
    copy_files(backup, config)?;
    copy_forms(backup, config, &stamp, &mut aside)?;
    if in_the_way {
        aside.push(dump::set_aside(&config.database, &stamp)?);
    }
    let (epoch, leap, broken) = bring_database(backup, &config.database, wish)?;
    warnings.extend(broken);
    Ok(Done { epoch, leap, aside, warnings })
}

/// A folder or a database in which something is may be somebody's only copy.
fn must_be_empty(config: &Config, replace: bool) -> Result<(), String> {
    let in_folder = fs::read_dir(&config.data).is_ok_and(|mut entries| entries.next().is_some());
    if replace || !in_folder && dump::is_empty(&config.database)? {
        return Ok(());
    }
    let what = if in_folder { config.data.display().to_string() } else { "the database".to_owned() };
    Err(format!("{what} is not empty: restore into an empty place, or say --replace, and what is there is put aside"))
}

fn copy_files(backup: &Backup, config: &Config) -> Result<(), String> {
    let stored = Stored::open(config)?;
    let folder = config.data.join("unfinished");
    make_private(&folder).map_err(at(&folder))?;
    for kept in &backup.manifest.files {
        let from = backup.file(kept.sha256);
        if stored.size(kept.sha256)? == Some(kept.size) || changed(&from, kept.sha256).is_some() {
            continue;
        }
        let copy = folder.join(kept.sha256.to_string());
        fs::copy(&from, &copy).map_err(at(&from))?;
        stored.keep(&copy)?;
        // Where files are in a bucket, the copy is still here.
        let _ = fs::remove_file(&copy);
    }
    // Empty, unless a server has left something there.
    let _ = fs::remove_dir(&folder);
    Ok(())
}

fn copy_forms(backup: &Backup, config: &Config, stamp: &str, aside: &mut Vec<String>) -> Result<(), String> {
    let to = &config.print_forms;
    if to.exists() && !backup.manifest.print_forms.is_empty() {
        let before = PathBuf::from(format!("{}.before-{stamp}", to.display()));
        fs::rename(to, &before).map_err(at(to))?;
        aside.push(before.display().to_string());
    }
    make_private(to).map_err(at(to))?;
    for form in &backup.manifest.print_forms {
        let from = backup.folder.join(FORMS).join(&form.name);
        if changed(&from, form.sha256).is_none() {
            fs::copy(&from, to.join(&form.name)).map_err(at(&from))?;
        }
    }
    Ok(())
}

/// Brings the database back under another name where there are names, so that one that is not finished is never served.
fn bring_database(backup: &Backup, address: &Address, wish: Wish<'_>) -> Result<(Epoch, Leap, Option<String>), String> {
    let (work, own) = match address {
        Address::Sqlite(path) => {
            let work = PathBuf::from(format!("{}.unfinished-{}", path.display(), std::process::id()));
            (Address::Sqlite(work.clone()), Some((work, path)))
        }
        Address::Postgres(_) => (address.clone(), None),
    };
    dump::bring_back(&backup.dump(), &work, wish.tools)?;
    migrate::run_restored(&work).map_err(|error| format!("the database cannot be brought up to date: {error}"))?;
    let db = Db::open(&work).map_err(|error| format!("the database cannot be opened: {error}"))?;
    let (now, made_at, skip) = (Timestamp::now(), backup.manifest.made_at, wish.skip_numbers);
    let begun = db.write_now(move |conn| begin_epoch(conn, now, made_at, skip));
    let (epoch, leap) = begun.map_err(|error| format!("a new epoch cannot be begun: {error}"))?;
    let chain = db.read_now(verify).map_err(|error| format!("the chain of events cannot be walked: {error}"))?;
    drop(db);
    dump::finish(&work)?;
    if let Some((work, path)) = own {
        for end in ["-wal", "-shm"] {
            // Empty by now; under the new name nobody would look for them.
            let _ = fs::remove_file(format!("{}{end}", work.display()));
        }
        fs::rename(&work, path).map_err(at(path))?;
        let folder = path.parent().unwrap_or(path);
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    }
    Ok((epoch, leap, unsound(&chain)))
}
