//! Backups: the database as it was at one moment, the files it names, and the print forms, with a manifest of their hashes.
//!
//! Many backups lie side by side and share their files, which are named by their hashes and never change:
//!
//! ```text
//! backups/files/ab/cd/abcd…            what any of them needs, copied once
//! backups/2026-11-22T114100Z/          one backup
//!     manifest.json                    what it consists of
//!     manifest.json.sha256             as sha256sum writes and checks it
//!     database.sqlite, or database.dump
//!     print-forms/
//! ```
//!
//! A backup is made below a name that begins with a dot and gets its own at the very end, when everything is on the disk: one
//! that was not finished is never taken for a whole one.

pub mod make;
pub mod restore;
pub mod verify;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::db::types::{Sha256, Timestamp};
use crate::db::{Address, DbConnection};
use crate::files::{CopiedOut, Files, path_of};
use crate::history::roots::AuditRoot;
use crate::installation::Epoch;

/// The layout that this program writes, and the newest it reads.
pub const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const SEAL: &str = "manifest.json.sha256";
const FILES: &str = "files";
const FORMS: &str = "print-forms";
const UNFINISHED: &str = ".unfinished-";

/// What a backup consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The layout's version.
    pub format: u32,
    /// The version of the program that made it.
    pub product_version: String,
    /// When.
    pub made_at: Timestamp,
    /// Which life of the database it was.
    pub epoch: Epoch,
    /// The place of the chain's last entry.
    pub seq: i64,
    /// The hash of that entry.
    pub head: Sha256,
    /// Entries of the chain.
    pub entries: i64,
    /// The root of all events when the backup was begun: kept elsewhere, it is a witness.
    pub root: Option<AuditRoot>,
    /// The database.
    pub database: Dumped,
    /// Every file that the database names.
    pub files: Vec<Kept>,
    /// Files that the database names and that were not there any more, or were spoilt.
    pub missing: Vec<Missing>,
    /// The print forms.
    pub print_forms: Vec<Form>,
}

/// The database in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dumped {
    /// `sqlite` or `postgresql`.
    pub kind: Kind,
    /// The file's name.
    pub file: String,
    /// Its hash.
    pub sha256: Sha256,
    /// Its bytes.
    pub size: i64,
    /// The steps of the schema's history that were done.
    pub schema: Vec<String>,
    /// How many rows each table has.
    pub rows: BTreeMap<String, i64>,
}

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The embedded one.
    Sqlite,
    /// A server.
    Postgresql,
}

/// A file of the database's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its hash and name.
    pub sha256: Sha256,
    /// Its bytes.
    pub size: u64,
}

/// A file that was gone, or was no longer what it had been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Its hash and name.
    pub sha256: Sha256,
    /// The column that names it.
    pub named_by: String,
    /// Something is there under its name that is not it.
    #[serde(default)]
    pub spoilt: bool,
}

/// A print form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Its name in the folder.
    pub name: String,
    /// Its hash.
    pub sha256: Sha256,
}

impl Kind {
    /// Of the database at an address.
    pub const fn of(address: &Address) -> Self {
        match address {
            Address::Sqlite(_) => Self::Sqlite,
            Address::Postgres(_) => Self::Postgresql,
        }
    }

    const fn dump(self) -> &'static str {
        match self {
            Self::Sqlite => "database.sqlite",
            Self::Postgresql => "database.dump",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgresql => "PostgreSQL",
        }
    }
}

/// A whole backup on the disk.
#[derive(Debug)]
pub struct Backup {
    /// Its own folder.
    pub folder: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

impl Backup {
    /// Opens a backup: its own folder, or the folder of all backups, of which the newest is taken.
    ///
    /// # Errors
    /// A sentence for the operator: there is none, or its manifest is not what it was.
    pub fn open(path: &Path) -> Result<Self, String> {
        let folder = if path.join(MANIFEST).exists() {
            path.to_owned()
        } else {
            let newest = all_in(path)?.pop();
            newest.ok_or_else(|| format!("{} is no backup, and there is none in it", path.display()))?
        };
        let at = folder.join(MANIFEST);
        let text = fs::read(&at).map_err(|error| format!("{}: {error}", at.display()))?;
        let seal = fs::read_to_string(folder.join(SEAL)).map_err(|error| format!("{SEAL}: {error}"))?;
        if seal != sealed(&text) {
            return Err(format!("{} is not what {SEAL} says: one of the two was changed", at.display()));
        }
        let format: Format = serde_json::from_slice(&text).map_err(|error| format!("{MANIFEST}: {error}"))?;
        if format.format > FORMAT {
            return Err(format!("{} was made by a newer version of the program: use that one", folder.display()));
        }
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| format!("{MANIFEST}: {error}"))?;
        if let Some(form) = manifest.print_forms.iter().find(|form| !is_plain(&form.name)) {
            return Err(format!("{MANIFEST} names a print form that is no plain file name: {:?}", form.name));
        }
        Ok(Self { folder, manifest })
    }

    /// The file with the database.
    pub fn dump(&self) -> PathBuf {
        self.folder.join(self.manifest.database.kind.dump())
    }

    /// Where a stored file lies.
    pub fn file(&self, hash: Sha256) -> PathBuf {
        self.folder.join("..").join(FILES).join(path_of(hash))
    }

    /// Where a print form lies.
    fn form(&self, form: &Form) -> PathBuf {
        self.folder.join(FORMS).join(&form.name)
    }

    /// Refuses a backup of a newer program: this one would not know what to do with its tables.
    fn must_be_known(&self) -> Result<(), String> {
        let known = crate::db::migrate::versions().map_err(|error| error.to_string())?;
        let newer = self.manifest.database.schema.iter().find(|step| !known.contains(step));
        newer.map_or(Ok(()), |step| {
            Err(format!(
                "the backup is of version {}, which is newer than this program ({}): it has the step {step}",
                self.manifest.product_version,
                env!("CARGO_PKG_VERSION")
            ))
        })
    }
}

/// Whether a name is that of a file in a folder, and leads nowhere else.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0'])
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// The whole backups in a folder, the newest last.
fn all_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let whole = |path: &PathBuf| {
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        !hidden && path.join(MANIFEST).exists()
    };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(whole).collect();
    found.sort();
    Ok(found)
}

/// The line that `sha256sum` writes of the manifest.
fn sealed(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", Sha256::of(manifest))
}

/// The stored files, for whoever works without a server.
struct Stored {
    files: Files,
    runtime: tokio::runtime::Runtime,
}

impl Stored {
    fn open(config: &Config) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self { files: Files::open(config)?, runtime: runtime.map_err(|error| error.to_string())? })
    }

    /// Copies a stored file out.
    fn copy_out(&self, hash: Sha256, file: &Path) -> Result<CopiedOut, String> {
        self.runtime.block_on(self.files.copy_out(hash, file)).map_err(|error| error.to_string())
    }

    /// Whether a stored file is there and is what it was.
    fn is_whole(&self, hash: Sha256) -> Result<bool, String> {
        self.runtime.block_on(self.files.is_whole(hash)).map_err(|error| error.to_string())
    }

    /// Keeps a file among the stored ones, moving it where it can.
    fn keep(&self, file: &Path) -> Result<(), String> {
        self.runtime.block_on(self.files.keep_file(file)).map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Counts of every table, as they are told in sentences when they differ.
fn differing_rows(conn: &mut DbConnection, expected: &BTreeMap<String, i64>) -> Result<Vec<String>, String> {
    let found = crate::db::census::rows(conn).map_err(|error| error.to_string())?;
    let names: std::collections::BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let count = |counts: &BTreeMap<String, i64>, name: &String| counts.get(name).copied().unwrap_or(0);
    let differs = names.into_iter().filter(|name| count(expected, name) != count(&found, name));
    let sentence = |name: &String| {
        let (expected, found) = (count(expected, name), count(&found, name));
        format!("{name}: {found} rows, and the manifest says {expected}")
    };
    Ok(differs.map(sentence).collect())
}

/// An error of the system's, with the path it is about.
fn at(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}
