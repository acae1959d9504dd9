//! Finding PostgreSQL, and databases of one's own on it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types};

/// A database in which others can be made. Nothing where there is no PostgreSQL: then it has been said loudly.
pub static SERVER: LazyLock<Option<Server>> = LazyLock::new(|| {
    let found = said().or_else(local).or_else(own_cluster).map(|url| Server { url });
    match &found {
        Some(server) => server.drop_what_others_left(),
        None => {
            assert!(std::env::var_os("CI").is_none(), "there is no PostgreSQL here: set NARYAD_TEST_DATABASE_URL");
            let lines = "\n!!! PostgreSQL WAS NOT FOUND: every test named ::postgres did NOTHING.\n\
                         !!! Start one on 127.0.0.1:5432, or set NARYAD_TEST_DATABASE_URL to a database in which others can be made.\n\n";
            // Not through the print macros, which tests keep to themselves.
            let _ = std::io::stderr().write_all(lines.as_bytes());
        }
    }
    found
});

/// A server on which databases can be made.
pub struct Server {
    url: String,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = sql_types::Text)]
    datname: String,
}

impl Server {
    fn run(&self, statement: &str) {
        let mut conn = PgConnection::establish(&self.url).unwrap();
        sql_query(statement).execute(&mut conn).unwrap();
    }

    /// An empty database.
    pub fn create(&self, name: &str) {
        self.run(&format!("CREATE DATABASE {name}"));
    }

    /// A copy of a database that nobody is connected to.
    pub fn copy(&self, template: &str, name: &str) {
        self.run(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
    }

    /// Waits until nobody is connected to a database.
    pub fn leave(&self, name: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut conn = PgConnection::establish(&self.url).unwrap();
        let connected = format!("SELECT datname::text FROM pg_stat_activity WHERE datname = '{name}'");
        while !sql_query(&connected).load::<Name>(&mut conn).unwrap().is_empty() {
            assert!(Instant::now() < deadline, "somebody stays connected to {name}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends a database and whoever is connected to it.
    pub fn drop(&self, name: &str) {
        self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }

    /// The address of a database on this server.
    pub fn address(&self, name: &str) -> String {
        let (path, query) =
            self.url.split_once('?').map_or((self.url.as_str(), None), |(path, query)| (path, Some(query)));
        let server = path.rsplit_once('/').unwrap().0;
        query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
    }

    /// Databases of runs that were killed.
    fn drop_what_others_left(&self) {
        let mut conn = PgConnection::establish(&self.url).unwrap();
        let names = sql_query("SELECT datname::text FROM pg_database WHERE datname LIKE 'naryad\\_test\\_%'");
        for Name { datname } in names.load::<Name>(&mut conn).unwrap() {
            let process = datname.split('_').nth(2).unwrap_or_default();
            if !Path::new("/proc").join(process).exists() {
                let _ = sql_query(format!("DROP DATABASE IF EXISTS {datname} WITH (FORCE)")).execute(&mut conn);
            }
        }
    }
}

fn said() -> Option<String> {
    let url = std::env::var("NARYAD_TEST_DATABASE_URL").ok()?;
    if let Err(error) = PgConnection::establish(&url) {
        panic!("NARYAD_TEST_DATABASE_URL leads to no PostgreSQL: {error}");
    }
    Some(url)
}

fn local() -> Option<String> {
    let usual = ["postgres://postgres@127.0.0.1:5432/postgres", "postgres:///postgres?host=/var/run/postgresql"];
    usual.into_iter().find(|url| PgConnection::establish(url).is_ok()).map(str::to_owned)
}

/// Starts a cluster for this run where PostgreSQL's programs are installed but none runs. It ends with the run.
fn own_cluster() -> Option<String> {
    let programs = programs()?;
    let folder = std::env::temp_dir().join(format!("naryad_test_cluster_{}", std::process::id()));
    let quiet = |program: &str, words: &[&str]| {
        let status =
            Command::new(programs.join(program)).args(words).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let at = folder.to_str()?;
    let made = quiet("initdb", &["-D", at, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"]);
    let settings = format!("-c listen_addresses= -c unix_socket_directories={at} -c fsync=off");
    if !made || !quiet("pg_ctl", &["-D", at, "-o", &settings, "-w", "start"]) {
        return None;
    }
    // The cluster outlives every test of this process, and nothing else: a process of its own waits for our end.
    let watch = format!(
        "while kill -0 {}; do sleep 1; done; '{}' -D '{at}' -m immediate stop; rm -rf '{at}'",
        std::process::id(),
        programs.join("pg_ctl").display()
    );
    let _ = Command::new("sh").args(["-c", &watch]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    Some(format!("postgres://postgres@/postgres?host={at}"))
}

fn programs() -> Option<PathBuf> {
    let on_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let packaged =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    on_path.chain(packaged).find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}
