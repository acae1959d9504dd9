//! A whole database as a file, taken while others write, and a database from such a file.
//!
//! | | SQLite | PostgreSQL |
//! |---|---|---|
//! | taken by | `VACUUM INTO`, in one read transaction | `pg_dump`, custom format, with the snapshot of a transaction of ours |
//! | brought back by | a copy, renamed at the end | `pg_restore`, in one transaction |
//! | not finished while there is | a file `naryad.db.restore-under-way` | a table `restore_under_way` |

use std::fmt::Display;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel::{QueryableByName, SqliteConnection, sql_query};

use super::open::Address;
use super::{DbConnection, dialect, pg_tools};

/// The table by which another start of the program sees that a restore was not finished.
const UNDER_WAY: &str = "restore_under_way";
/// And the file beside an embedded database.
const MARK: &str = ".restore-under-way";
/// A file in which a database is brought back until it gets its own name.
const UNFINISHED: &str = ".unfinished-";
/// What SQLite keeps of one database, by the ends of the names: what is left of another one beside it would be taken for a
/// part of it, and spoil it.
const FAMILY: [&str; 4] = ["", "-wal", "-shm", "-journal"];

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    told: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Integer)]
    version: i32,
}

fn said(error: impl Display) -> String {
    format!("database: {error}")
}

/// Writes the whole database into a new file, as it is at one moment, while others go on writing. The connection that is
/// given sees just what was written.
///
/// # Errors
/// A sentence for the operator.
pub fn take(address: &Address, tools: Option<&Path>, file: &Path) -> Result<DbConnection, String> {
    let name = file.to_str().ok_or_else(|| format!("{}: the path is not UTF-8", file.display()))?;
    match address {
        Address::Sqlite(path) => {
            if !path.exists() {
                return Err(format!("there is no database at {}", path.display()));
            }
            let mut conn = address.connect().map_err(said)?;
            sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(&mut conn).map_err(said)?;
            // As it was made: what a connection for work is told would change the file.
            let mut copy = SqliteConnection::establish(name).map_err(said)?;
            copy.batch_execute("PRAGMA query_only = ON").map_err(said)?;
            Ok(DbConnection::Sqlite(copy))
        }
        Address::Postgres(url) => {
            let mut conn = address.connect().map_err(said)?;
            let pg_dump = pg_tools::find("pg_dump", tools, server_version(&mut conn)?)?;
            conn.batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
                .map_err(said)?;
            dialect::begin_snapshot(&mut conn).map_err(said)?;
            let snapshot: Told =
                sql_query("SELECT pg_export_snapshot() AS told").get_result(&mut conn).map_err(said)?;
            let (snapshot, file) = (format!("--snapshot={}", snapshot.told), format!("--file={name}"));
            // What an earlier restore put aside is no part of this one.
            let aside = "--exclude-schema=*_before_*";
            let words = ["--format=custom", "--no-owner", "--no-privileges", "--no-password", aside, &snapshot, &file];
            pg_tools::run(&pg_dump, &words, url)?;
            Ok(conn)
        }
    }
}

/// Whether nothing is there yet, but for the mark of a restore that was begun.
///
/// # Errors
/// A sentence for the operator.
pub fn is_empty(address: &Address) -> Result<bool, String> {
    match address {
        Address::Sqlite(path) => Ok(!FAMILY.iter().any(|end| beside(path, end).exists())),
        Address::Postgres(_) => {
            let mut conn = address.connect().map_err(said)?;
            let tables = format!(
                "SELECT count(*) AS number FROM pg_tables \
                 WHERE schemaname = current_schema() AND tablename <> '{UNDER_WAY}'"
            );
            Ok(number(&mut conn, &tables)? == 0)
        }
    }
}

/// How long connections of a program that has just ended may take to go.
const LEAVING: Duration = Duration::from_secs(3);

/// Refuses a database that somebody else has open. One that is damaged is nobody's any more.
///
/// # Errors
/// A sentence for the operator.
pub fn must_be_free(address: &Address) -> Result<(), String> {
    match address {
        // To open what is not there would make it.
        Address::Sqlite(path) if !path.exists() => Ok(()),
        Address::Sqlite(path) => {
            let mut sqlite = SqliteConnection::establish(&path.to_string_lossy()).map_err(said)?;
            // Alone, all there is can be brought into the one file; while others have it open, that is refused.
            match sqlite.batch_execute("PRAGMA journal_mode = DELETE") {
                Err(error) if dialect::is_held(&error) => {
                    Err(format!("{} is in use ({error}): stop the program that serves it first", path.display()))
                }
                Err(error) if !dialect::is_damaged(&error) => Err(format!("{}: {error}", path.display())),
                _ => Ok(()),
            }
        }
        Address::Postgres(_) => {
            let mut conn = address.connect().map_err(said)?;
            let others = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() \
                          AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
            let began = Instant::now();
            loop {
                let others = number(&mut conn, others)?;
                if others == 0 {
                    return Ok(());
                }
                if began.elapsed() > LEAVING {
                    return Err(format!(
                        "the database is in use by {others} connections: stop what is connected first"
                    ));
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

/// Puts a database that nobody uses out of the way, with all that belongs to it, and says where it is then. Nothing of it is
/// lost. From here on there is nothing to serve before [`finish`].
///
/// # Errors
/// A sentence for the operator.
pub fn set_aside(address: &Address, stamp: &str) -> Result<String, String> {
    match address {
        Address::Sqlite(path) => {
            begin(address)?;
            let free = |aside: &PathBuf| !FAMILY.iter().any(|end| beside(aside, end).exists());
            let more = (2..).map(|number| beside(path, &format!(".before-{stamp}-{number}")));
            let aside = std::iter::once(beside(path, &format!(".before-{stamp}"))).chain(more).find(free);
            let aside = aside.ok_or_else(|| format!("{}: there is no name to put it aside", path.display()))?;
            for end in FAMILY {
                let from = beside(path, end);
                if from.exists() {
                    fs::rename(&from, beside(&aside, end)).map_err(at(&from))?;
                }
            }
            Ok(aside.display().to_string())
        }
        Address::Postgres(_) => {
            let mut conn = address.connect().map_err(said)?;
            let asked = "SELECT CAST(current_schema() AS TEXT) AS told";
            let schema = sql_query(asked).get_result::<Told>(&mut conn).map_err(said)?.told;
            let stamp = stamp.replace(|letter: char| !letter.is_ascii_alphanumeric(), "").to_lowercase();
            let aside = format!("{schema}_before_{stamp}");
            // All at once: an empty schema with no mark would be taken for a new installation.
            conn.batch_execute(&format!(
                "BEGIN; ALTER SCHEMA \"{schema}\" RENAME TO \"{aside}\"; CREATE SCHEMA \"{schema}\"; \
                 CREATE TABLE \"{schema}\".{UNDER_WAY} (id INTEGER); COMMIT"
            ))
            .map_err(said)?;
            Ok(format!("the schema {aside} of the same database"))
        }
    }
}

/// Marks a place: what is there is not to be served before [`finish`].
///
/// # Errors
/// A sentence for the operator.
pub fn begin(address: &Address) -> Result<(), String> {
    match address {
        Address::Sqlite(path) => {
            let mark = beside(path, MARK);
            let words = "A restore of the database beside this file was not finished: run it again with --replace.\n";
            fs::write(&mark, words).and_then(|()| File::open(&mark)?.sync_all()).map_err(at(&mark))?;
            flush_folder(path)
        }
        Address::Postgres(_) => {
            let mut conn = address.connect().map_err(said)?;
            conn.batch_execute(&format!("CREATE TABLE IF NOT EXISTS {UNDER_WAY} (id INTEGER)")).map_err(said)
        }
    }
}

/// Brings a database back from a file into an empty place. It is not to be served before [`finish`].
///
/// # Errors
/// A sentence for the operator.
pub fn bring_back(file: &Path, address: &Address, tools: Option<&Path>) -> Result<(), String> {
    match address {
        Address::Sqlite(path) => {
            fs::copy(file, path).map_err(at(path))?;
            Ok(())
        }
        Address::Postgres(url) => {
            let mut conn = address.connect().map_err(said)?;
            let pg_restore = pg_tools::find("pg_restore", tools, server_version(&mut conn)?)?;
            begin(address)?;
            let name = file.to_string_lossy();
            let words =
                ["--no-owner", "--no-privileges", "--no-password", "--exit-on-error", "--single-transaction", &name];
            pg_tools::run(&pg_restore, &words, url)
        }
    }
}

/// An embedded database that is brought back under another name, so that one that is not whole is never served. What was
/// not given its own name in the end is taken away.
pub struct Unfinished {
    /// Where it is meanwhile.
    pub address: Address,
    work: PathBuf,
    path: PathBuf,
}

impl Unfinished {
    /// A name that nobody else uses, for the database that will be at `path`. What runs that were broken off left there is
    /// taken away.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn new(path: &Path) -> Result<Self, String> {
        let prefix = path.file_name().unwrap_or_default().to_string_lossy().into_owned() + UNFINISHED;
        let folder = folder_of(path);
        for entry in fs::read_dir(folder).map_err(at(folder))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                fs::remove_file(entry.path()).map_err(at(&entry.path()))?;
            }
        }
        let work = beside(path, &format!("{UNFINISHED}{}", uuid::Uuid::now_v7().simple()));
        Ok(Self { address: Address::Sqlite(work.clone()), work, path: path.to_owned() })
    }

    /// Gives it its own name: nothing may be left there.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn take_place(self) -> Result<(), String> {
        let settled = Address::Sqlite(self.path.clone());
        if !is_empty(&settled)? {
            return Err(format!(
                "{} is there again: something else makes a database in its place",
                self.path.display()
            ));
        }
        fs::rename(&self.work, &self.path).map_err(at(&self.path))?;
        flush_folder(&self.path)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for end in FAMILY {
            // Most of them are not there, and the next run looks again.
            let _ = fs::remove_file(beside(&self.work, end));
        }
    }
}

/// Brings all of a database that nobody uses into its one file, and forces it onto the disk.
///
/// # Errors
/// A sentence for the operator.
pub fn settle(address: &Address) -> Result<(), String> {
    let Address::Sqlite(path) = address else { return Ok(()) };
    let mut conn = address.connect().map_err(said)?;
    dialect::settle(&mut conn).map_err(said)?;
    drop(conn);
    File::open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

/// What was brought back may be served.
///
/// # Errors
/// A sentence for the operator.
pub fn finish(address: &Address) -> Result<(), String> {
    match address {
        Address::Sqlite(path) => {
            let mark = beside(path, MARK);
            match fs::remove_file(&mark) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(&mark)(error)),
                _ => flush_folder(path),
            }
        }
        Address::Postgres(_) => {
            let mut conn = address.connect().map_err(said)?;
            conn.batch_execute(&format!("DROP TABLE IF EXISTS {UNDER_WAY}; ANALYZE")).map_err(said)
        }
    }
}

/// Refuses a database whose restore was begun and not finished. Nothing is made by looking.
///
/// # Errors
/// A sentence for the operator.
pub fn must_be_whole(address: &Address) -> Result<(), String> {
    let under_way = match address {
        Address::Sqlite(path) => beside(path, MARK).exists(),
        Address::Postgres(_) => {
            let mut conn = address.connect().map_err(said)?;
            let there = format!(
                "SELECT count(*) AS number FROM pg_tables \
                 WHERE schemaname = current_schema() AND tablename = '{UNDER_WAY}'"
            );
            number(&mut conn, &there)? > 0
        }
    };
    if under_way {
        return Err(format!(
            "a restore of the database {address} was not finished: run it again with --replace (what had been there lies \
             beside it, under a name with `before`)"
        ));
    }
    Ok(())
}

/// What lies beside a file under its name with a longer end.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Forces the names in a file's folder onto the disk.
fn flush_folder(path: &Path) -> Result<(), String> {
    let folder = folder_of(path);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}

/// A database for a short while, gone when this is dropped.
pub struct Scratch {
    /// Where it is.
    pub address: Address,
    made: Made,
}

enum Made {
    Folder(PathBuf),
    Database { on: Address, name: String },
}

impl Scratch {
    /// An empty place for a file in the folder of temporary files.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn file(name: &str) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(name);
        crate::app::make_private(&folder)
            .map_err(|error| format!("{}: {error}: name another folder for it with TMPDIR", folder.display()))?;
        Ok(Self { address: Address::Sqlite(folder.join("naryad.db")), made: Made::Folder(folder) })
    }

    /// The folder it is in, unless it is on a server.
    pub fn folder(&self) -> Option<&Path> {
        match &self.made {
            Made::Folder(folder) => Some(folder),
            Made::Database { .. } => None,
        }
    }

    /// An empty database on the server of another one.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn database(url: &str, name: &str) -> Result<Self, String> {
        let on = Address::Postgres(url.to_owned());
        let mut conn = on.connect().map_err(said)?;
        conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .map_err(|error| format!("a database to try the backup in cannot be made: {error}"))?;
        let address = Address::Postgres(with_name(url, name));
        Ok(Self { address, made: Made::Database { on, name: name.to_owned() } })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let gone = match &self.made {
            Made::Folder(folder) => fs::remove_dir_all(folder).map_err(|error| error.to_string()),
            Made::Database { on, name } => on
                .connect()
                .map_err(said)
                .and_then(|mut conn| conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).map_err(said)),
        };
        if let Err(error) = gone {
            tracing::warn!(error, "what a backup was tried in was not removed");
        }
    }
}

/// The address of another database on the same server.
fn with_name(url: &str, name: &str) -> String {
    let (place, query) = url.split_once('?').map_or((url, None), |(place, query)| (place, Some(query)));
    let (scheme, rest) = place.split_once("://").unwrap_or(("postgres", place));
    let server = rest.split_once('/').map_or(rest, |(server, _)| server);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{server}/{name}{query}")
}

fn number(conn: &mut DbConnection, query: &str) -> Result<i64, String> {
    Ok(sql_query(query).get_result::<Number>(conn).map_err(said)?.number)
}

/// The server's major version.
fn server_version(conn: &mut DbConnection) -> Result<u32, String> {
    let asked = "SELECT CAST(current_setting('server_version_num') AS INTEGER) / 10000 AS version";
    let version = sql_query(asked).get_result::<Version>(conn).map_err(said)?.version;
    u32::try_from(version).map_err(said)
}

#[cfg(test)]
mod tests {
    use super::with_name;

    #[test]
    fn another_database_is_on_the_same_server() {
        for (url, other) in [
            ("postgres://me:p@h:5433/naryad?sslmode=allow", "postgres://me:p@h:5433/x?sslmode=allow"),
            ("postgres://h", "postgres://h/x"),
            ("postgres:///naryad?host=/run", "postgres:///x?host=/run"),
        ] {
            assert_eq!(with_name(url, "x"), other);
        }
    }
}
