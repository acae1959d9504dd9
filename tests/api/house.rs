//! A service company for one test: the real program on an empty database of its own, and people who call it.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection, RunQueryDsl};
use serde_json::{Value, json};

/// Where PostgreSQL is, when it is anywhere: the address of a database in which others can be made.
static POSTGRES: LazyLock<Option<String>> = LazyLock::new(|| {
    let said = std::env::var("NARYAD_TEST_DATABASE_URL").ok();
    let usual = ["postgres://postgres@127.0.0.1:5432/postgres", "postgres:///postgres?host=/var/run/postgresql"];
    let found = match said {
        Some(url) => {
            assert!(PgConnection::establish(&url).is_ok(), "NARYAD_TEST_DATABASE_URL leads to no PostgreSQL");
            Some(url)
        }
        None => usual.into_iter().find(|url| PgConnection::establish(url).is_ok()).map(str::to_owned),
    };
    let needed = std::env::var("CI").is_ok();
    assert!(found.is_some() || !needed, "PostgreSQL is not here: set NARYAD_TEST_DATABASE_URL");
    if found.is_none() {
        let mut told = std::io::stderr().lock();
        let _ = writeln!(
            told,
            "\n!!! PostgreSQL was not found: these tests run on SQLite ONLY. Set NARYAD_TEST_DATABASE_URL. !!!\n"
        );
    }
    found
});

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Runs a test on each database there is.
pub fn on_each_database(test: impl Fn(&House)) {
    test(&House::new(None));
    if let Some(url) = POSTGRES.as_deref() {
        test(&House::new(Some(url)));
    }
}

/// The program on a database of its own.
pub struct House {
    program: Child,
    data: PathBuf,
    base: String,
    database: Option<(String, String)>,
}

impl House {
    fn new(postgres: Option<&str>) -> Self {
        let name = format!("naryad_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let data = std::env::temp_dir().join(&name);
        let database = postgres.map(|url| {
            let mut conn = PgConnection::establish(url).unwrap();
            diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut conn).unwrap();
            let (path, query) =
                url.split_once('?').map_or((url, String::new()), |(path, query)| (path, format!("?{query}")));
            let server = path.rsplit_once('/').unwrap().0;
            (url.to_owned(), format!("{server}/{name}{query}"))
        });
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = |words: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_naryad"));
            command.args(words).arg("--data").arg(&data).stderr(Stdio::null());
            if let Some((_, url)) = &database {
                command.args(["--database-url", url]);
            }
            command
        };
        let mut added = program(&["user", "add", "--login", "admin", "--role", "admin", "--name", "Администратор"]);
        let mut added = added.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        added.stdin.take().unwrap().write_all(b"admin-password\n").unwrap();
        assert!(added.wait().unwrap().success());
        let listen = format!("127.0.0.1:{port}");
        let serving = program(&["serve", "--listen", &listen]).stdout(Stdio::null()).spawn().unwrap();
        let house = Self { program: serving, data, base: format!("http://{listen}"), database };
        let deadline = Instant::now() + Duration::from_secs(30);
        while ureq::get(format!("{}/readyz", house.base)).call().is_err() {
            assert!(Instant::now() < deadline, "the program does not answer");
            std::thread::sleep(Duration::from_millis(30));
        }
        house
    }

    /// Somebody who has signed in.
    pub fn sign_in(&self, login: &str, password: &str) -> Person {
        let stranger = self.stranger();
        let session = stranger.post("/auth/login", &json!({"login": login, "password": password})).is(200);
        Person { token: session["access_token"].as_str().map(str::to_owned), ..stranger }
    }

    /// Somebody who has not.
    pub fn stranger(&self) -> Person {
        Person { base: format!("{}/api/v1", self.base), token: None }
    }

    /// The administrator that every house has.
    pub fn admin(&self) -> Person {
        self.sign_in("admin", "admin-password")
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
        let _ = std::fs::remove_dir_all(&self.data);
        if let Some((server, own)) = &self.database {
            let name = own.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            if let Ok(mut conn) = PgConnection::establish(server) {
                let _ = diesel::sql_query(format!("DROP DATABASE {name} WITH (FORCE)")).execute(&mut conn);
            }
        }
    }
}

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Person {
    base: String,
    token: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON, when the status is this one.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        if self.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&self.bytes).unwrap() }
    }

    /// Refused with this status and code; the whole problem is given.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(problem["code"], code, "{problem}");
        problem
    }

    /// The body as it came, when the status is 200.
    #[track_caller]
    pub fn bytes(self) -> Vec<u8> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        self.bytes
    }
}

impl Person {
    /// Calls the API.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = match body {
            Some(body) => {
                let body = serde_json::to_vec(body).unwrap();
                agent.run(request.header("content-type", "application/json").body(body).unwrap())
            }
            None => agent.run(request.body(()).unwrap()),
        };
        let mut answer = answer.unwrap();
        let bytes = answer.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap();
        Answer { status: answer.status().as_u16(), bytes }
    }

    /// GET
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None)
    }

    /// POST
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body))
    }

    /// PUT
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, Some(body))
    }
}

/// The id of a record.
#[track_caller]
pub fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}
