//! `naryad restore`: a backup becomes an installation again, in a new epoch.

use std::fs;
use std::path::{Path, PathBuf};

use super::make::stamp;
use super::verify::{changed, changed_files, unsound};
use super::{Backup, FORMS, Kind, Stored, at};
use crate::app::{self, make_private};
use crate::auth::token::Keys;
use crate::config::Config;
use crate::db::types::Timestamp;
use crate::db::{Address, Db, DbConnection, dump, migrate};
use crate::error::Error;
use crate::history::verify::verify;
use crate::installation::Epoch;
use crate::installation::restored::{Leap, begin_epoch};
use crate::seal;

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
    /// What is well, and has to be known.
    pub notes: Vec<String>,
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
    must_be_free(&config.database)?;
    if let Some(why) = changed(&backup.dump(), backup.manifest.database.sha256) {
        return Err(why);
    }
    let mut warnings = changed_files(backup);
    if !warnings.is_empty() && !wish.leave_out_broken {
        return Err(format!("{}\n(--leave-out-broken restores all the rest)", warnings.join("\n")));
    }
    let stamp = stamp(Timestamp::now());
    make_private(&config.data).map_err(at(&config.data))?;
    if dump::is_empty(&config.database)? {
        // From here on there is something in the place, and nothing to serve.
        dump::begin(&config.database)?;
    }
    copy_files(backup, config)?;
    let mut aside = Vec::new();
    let brought = match &config.database {
        Address::Sqlite(path) => {
            let work = dump::Unfinished::new(path)?;
            let brought = bring_database(backup, config, &work.address, wish)?;
            clear(&config.database, &stamp, &mut aside)?;
            copy_forms(backup, config, &stamp, &mut aside)?;
            work.take_place()?;
            brought
        }
        Address::Postgres(_) => {
            clear(&config.database, &stamp, &mut aside)?;
            copy_forms(backup, config, &stamp, &mut aside)?;
            bring_database(backup, config, &config.database, wish)?
        }
    };
    dump::finish(&config.database)?;
    warnings.extend(brought.broken);
    Ok(Done { epoch: brought.epoch, leap: brought.leap, aside, warnings, notes: brought.locked.into_iter().collect() })
}

/// A folder or a database in which something is may be somebody's only copy.
fn must_be_empty(config: &Config, replace: bool) -> Result<(), String> {
    let holds = |folder: &Path| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    let full = [&config.data, &config.print_forms].into_iter().find(|folder| holds(folder));
    if replace || full.is_none() && dump::is_empty(&config.database)? {
        return Ok(());
    }
    let what = full.map_or_else(|| "the database".to_owned(), |folder| folder.display().to_string());
    Err(format!("{what} is not empty: restore into an empty place, or say --replace, and what is there is put aside"))
}

fn must_be_free(address: &Address) -> Result<(), String> {
    if dump::is_empty(address)? { Ok(()) } else { dump::must_be_free(address) }
}

/// Puts aside what is in the way. Copying took its time: somebody may have begun to use it.
fn clear(address: &Address, stamp: &str, aside: &mut Vec<String>) -> Result<(), String> {
    if !dump::is_empty(address)? {
        dump::must_be_free(address)?;
        aside.push(dump::set_aside(address, stamp)?);
    }
    Ok(())
}

fn copy_files(backup: &Backup, config: &Config) -> Result<(), String> {
    let stored = Stored::open(config)?;
    let folder = config.data.join("unfinished");
    make_private(&folder).map_err(at(&folder))?;
    for kept in &backup.manifest.files {
        let from = backup.file(kept.sha256);
        // One that is damaged may have its old size.
        if stored.is_whole(kept.sha256)? || changed(&from, kept.sha256).is_some() {
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
        let before = format!("{}.before-{stamp}", to.display());
        let more = (2..).map(|number| PathBuf::from(format!("{before}-{number}")));
        let before = std::iter::once(PathBuf::from(&before)).chain(more).find(|before| !before.exists());
        let before = before.ok_or_else(|| format!("{}: there is no name to put it aside", to.display()))?;
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

/// A database that was brought back.
struct Brought {
    epoch: Epoch,
    leap: Leap,
    /// What is wrong with its chain of events.
    broken: Option<String>,
    /// What is to be known of the seal's key.
    locked: Option<String>,
}

/// Brings the database back, up to date and into a new epoch.
fn bring_database(backup: &Backup, config: &Config, work: &Address, wish: Wish<'_>) -> Result<Brought, String> {
    dump::bring_back(&backup.dump(), work, wish.tools)?;
    migrate::run_restored(work).map_err(|error| format!("the database cannot be brought up to date: {error}"))?;
    let db = Db::open(work).map_err(|error| format!("the database cannot be opened: {error}"))?;
    let (now, made_at, skip) = (Timestamp::now(), backup.manifest.made_at, wish.skip_numbers);
    let begun = db.write_now(move |conn| begin_epoch(conn, now, made_at, skip));
    let (epoch, leap) = begun.map_err(|error| format!("a new epoch cannot be begun: {error}"))?;
    let chain = db.read_now(verify).map_err(|error| format!("the chain of events cannot be walked: {error}"))?;
    let secret = config.secret.clone();
    let opens = db.read_now(move |conn| opens_seal(conn, secret.as_deref()));
    let opens = opens.map_err(|error| format!("the key of the seal cannot be read: {error}"))?;
    drop(db);
    dump::settle(work)?;
    let locked = (!opens).then(|| OTHER_SECRET.to_owned());
    Ok(Brought { epoch, leap, broken: unsound(&chain), locked })
}

/// What an operator is told before the program refuses to start.
const OTHER_SECRET: &str = "the key of the seal is locked under a NARYAD_SECRET that was not given here: serve this with that one, or \
                            have a new key made with `naryad seal rotate`";

/// Whether the program will be able to seal when it is served with this secret, or with the one that the database keeps.
fn opens_seal(conn: &mut DbConnection, secret: Option<&str>) -> Result<bool, Error> {
    let Some(seal) = seal::queries::in_use(conn)? else { return Ok(true) };
    let given = secret.map(|secret| secret.as_bytes().to_vec());
    let secrets = given.into_iter().chain(app::kept_secret(conn)?);
    Ok(secrets.map(|secret| Keys::new(&secret)).any(|keys| seal.open(keys.lock()).is_ok()))
}
