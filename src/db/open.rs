//! Where the database is, and what every new connection is told before it is used.

use std::borrow::Cow;
use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, ConnectionResult, PgConnection, SqliteConnection};

use super::DbConnection;
use super::dialect::{self, lower_utils};

/// How long a SQLite connection waits for another process that holds the file, in milliseconds.
const BUSY_TIMEOUT_MS: u32 = 5_000;

/// Where the database is. Chosen by the URL's scheme: a mistyped PostgreSQL URL must never become a new SQLite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file made on first use.
    Sqlite(PathBuf),
    /// A `postgres://` or `postgresql://` URL, passed to libpq as it is.
    Postgres(String),
}

impl std::fmt::Display for Address {
    /// For sentences: a server's address may hold a password, and stays out of them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "at {}", path.display()),
            Self::Postgres(_) => f.write_str("of ours on the server"),
        }
    }
}

impl Address {
    /// Leaves an embedded database as one tidy file, whoever of this process still has it open. Nothing to do for a server.
    ///
    /// # Errors
    /// What the database answered.
    pub fn settle(&self) -> ConnectionResult<()> {
        dialect::settle(&mut self.connect()?).map_err(ConnectionError::CouldntSetupConfiguration)
    }

    /// Reads a `--database-url`.
    ///
    /// # Errors
    /// A sentence for the operator when the scheme is neither PostgreSQL's nor `sqlite:`.
    pub fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(url.to_owned()))
        } else if let Some(path) = url.strip_prefix("sqlite://").filter(|path| !path.is_empty()) {
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else {
            Err("it must begin with postgres:// or sqlite:// (leave it out to keep the database in the data folder)"
                .to_owned())
        }
    }

    /// Opens one connection that may read and write.
    pub(super) fn connect(&self) -> ConnectionResult<DbConnection> {
        match self {
            Self::Sqlite(path) => {
                let path = path
                    .to_str()
                    .ok_or_else(|| ConnectionError::InvalidConnectionUrl("the path is not UTF-8".to_owned()))?;
                let mut sqlite = SqliteConnection::establish(path)?;
                prepare_sqlite(&mut sqlite)?;
                Ok(DbConnection::Sqlite(sqlite))
            }
            Self::Postgres(url) => {
                let mut postgres = PgConnection::establish(&in_plain_at_home(url))?;
                postgres
                    .batch_execute("SET TIME ZONE 'UTC'; SET statement_timeout = '60s'")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(DbConnection::Postgres(postgres))
            }
        }
    }

    /// Opens a connection that refuses to write where the database can be told so.
    pub(super) fn connect_reader(&self) -> ConnectionResult<DbConnection> {
        let mut connection = self.connect()?;
        if let DbConnection::Sqlite(sqlite) = &mut connection {
            sqlite.batch_execute("PRAGMA query_only = ON").map_err(ConnectionError::CouldntSetupConfiguration)?;
        }
        Ok(connection)
    }
}

/// Between two programs on one machine TLS protects nothing and takes half the time of a look-up: unless the operator says
/// how, by `sslmode` in the address or `PGSSLMODE`, a server on the loopback is asked without it first.
fn in_plain_at_home(url: &str) -> Cow<'_, str> {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let host = place.split('/').next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    let at_home = host.starts_with("[::1]") || ["127.0.0.1", "localhost"].contains(&host);
    let told =
        ["ssl", "host", "service"].iter().any(|word| query.contains(word)) || std::env::var_os("PGSSLMODE").is_some();
    match (at_home && !told, query.is_empty()) {
        (false, _) => Cow::Borrowed(url),
        (true, true) => Cow::Owned(format!("{}?sslmode=allow", url.trim_end_matches('?'))),
        (true, false) => Cow::Owned(format!("{url}&sslmode=allow")),
    }
}

/// `synchronous = FULL`: what was answered with 2xx must survive a power cut, and WAL with NORMAL may lose the last commits.
fn prepare_sqlite(sqlite: &mut SqliteConnection) -> ConnectionResult<()> {
    for statement in [
        format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"),
        "PRAGMA journal_mode = WAL".to_owned(),
        "PRAGMA synchronous = FULL".to_owned(),
        "PRAGMA foreign_keys = ON".to_owned(),
        "PRAGMA mmap_size = 8589934592".to_owned(),
        "PRAGMA journal_size_limit = 67108864".to_owned(),
        "PRAGMA temp_store = MEMORY".to_owned(),
    ] {
        sqlite.batch_execute(&statement).map_err(ConnectionError::CouldntSetupConfiguration)?;
    }
    lower_utils::register_impl(sqlite, |text: String| text.to_lowercase())
        .map_err(ConnectionError::CouldntSetupConfiguration)
}

#[cfg(test)]
mod tests {
    use super::{Address, in_plain_at_home};

    #[test]
    fn a_mistyped_scheme_is_refused() {
        for url in ["postgres:x", "postgre://h/db", "mysql://h/db", "", "sqlite://"] {
            assert!(Address::parse(url).is_err(), "{url}");
        }
        assert!(matches!(Address::parse("postgresql://h/db"), Ok(Address::Postgres(_))));
        assert!(matches!(Address::parse("sqlite:///tmp/a.db"), Ok(Address::Sqlite(_))));
    }

    #[test]
    fn tls_is_for_other_machines_unless_told() {
        for (url, asked) in [
            ("postgres://me:p@localhost/db", "postgres://me:p@localhost/db?sslmode=allow"),
            ("postgres://127.0.0.1:5433/db?", "postgres://127.0.0.1:5433/db?sslmode=allow"),
            (
                "postgresql://me@[::1]:5432/db?application_name=x",
                "postgresql://me@[::1]:5432/db?application_name=x&sslmode=allow",
            ),
        ] {
            assert_eq!(in_plain_at_home(url), asked);
        }
        for url in [
            "postgres://me@db.example.com/db",
            "postgres://me@localhost.example.com/db",
            "postgres://me@localhost/db?sslmode=verify-full",
            "postgres:///db?host=db.example.com",
            "postgres://127.0.0.1,db.example.com/db",
        ] {
            assert_eq!(in_plain_at_home(url), url);
        }
    }
}
