//! The program itself, as an operator runs it.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use naryad::db::Address;

use crate::house::copy_folder;
use crate::person::Person;
use crate::postgres::SERVER;
use crate::scene::PASSWORD;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A data folder and perhaps a database, and the program that may be running on them.
pub struct Installation {
    folder: PathBuf,
    database: Option<String>,
    running: Option<Child>,
    port: u16,
}

impl Installation {
    /// An empty one; nothing when it should be on PostgreSQL and there is none.
    pub fn new(postgres: bool) -> Option<Self> {
        let name = format!("naryad_test_{}_p{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        if postgres {
            SERVER.as_ref()?.create(&name);
        }
        let folder = std::env::temp_dir().join(&name);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Some(Self { folder, database: postgres.then_some(name), running: None, port })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where it answers.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where its database is.
    pub fn address(&self) -> Address {
        match (&self.database, SERVER.as_ref()) {
            (Some(name), Some(server)) => Address::Postgres(server.address(name)),
            _ => Address::Sqlite(self.folder.join("naryad.db")),
        }
    }

    /// Another one just like it, while nothing runs on it.
    pub fn copy(&self) -> Self {
        let name = format!("naryad_test_{}_p{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        if let (Some(from), Some(server)) = (&self.database, SERVER.as_ref()) {
            server.leave(from);
            server.copy(from, &name);
        }
        let folder = std::env::temp_dir().join(&name);
        copy_folder(&self.folder, &folder);
        Self { folder, database: self.database.as_ref().map(|_| name), running: None, port: self.port }
    }

    /// Changes the database behind the program's back.
    pub fn change(&self, statements: &str) {
        match self.address() {
            Address::Postgres(url) => PgConnection::establish(&url).unwrap().batch_execute(statements).unwrap(),
            Address::Sqlite(file) => {
                let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                conn.batch_execute(&format!("PRAGMA foreign_keys = OFF; {statements}")).unwrap();
            }
        }
    }

    /// The program with these words and this installation's settings.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.command_without_data(words);
        command.arg("--data").arg(&self.folder);
        command
    }

    /// [`Self::command`] without the data folder.
    pub fn command_without_data(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_naryad"));
        command.args(words);
        if let (Some(name), Some(server)) = (&self.database, SERVER.as_ref()) {
            command.args(["--database-url", &server.address(name)]);
        }
        command.stderr(Stdio::null());
        command
    }

    /// Adds a user with everybody's password.
    pub fn add_user(&self, login: &str, role: &str) -> Output {
        let mut adding = self
            .command(&["user", "add", "--login", login, "--role", role, "--name", "Администратор"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        adding.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        adding.wait_with_output().unwrap()
    }

    /// Serves, and waits until it does.
    pub fn serve(&mut self) {
        self.serve_with(&[]);
    }

    /// [`Installation::serve`] with further words.
    pub fn serve_with(&mut self, words: &[&str]) {
        let listen = format!("127.0.0.1:{}", self.port);
        let command = self.command(&[&["serve", "--listen", &listen], words].concat());
        self.start(command);
    }

    /// [`Installation::serve`] where no file may grow larger than so many KiB, as on a disk that is full.
    #[cfg(unix)]
    pub fn serve_with_files_up_to(&mut self, kib: u32) {
        let listen = format!("127.0.0.1:{}", self.port);
        let program = self.command(&["serve", "--listen", &listen]);
        let mut limited = Command::new("bash");
        let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$@\"");
        limited.args(["-c", &script, "-"]).arg(program.get_program()).args(program.get_args()).stderr(Stdio::null());
        self.start(limited);
    }

    fn start(&mut self, mut command: Command) {
        self.running = Some(command.stdout(Stdio::null()).spawn().unwrap());
        let deadline = Instant::now() + Duration::from_secs(30);
        while ureq::get(format!("{}/readyz", self.base())).call().is_err() {
            assert!(Instant::now() < deadline, "the program does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the program without a word, as a power cut does.
    pub fn kill(&mut self) {
        if let Some(mut program) = self.running.take() {
            program.kill().unwrap();
            program.wait().unwrap();
        }
    }

    /// Tells the program to stop, and says how it ended.
    #[cfg(unix)]
    pub fn terminate(&mut self) -> Option<i32> {
        let mut program = self.running.take().unwrap();
        Command::new("kill").args(["-TERM", &program.id().to_string()]).status().unwrap();
        program.wait().unwrap().code()
    }

    /// Somebody who has signed in.
    pub fn person(&self, login: &str) -> Person {
        Person::stranger(&self.base()).signed_in(login, PASSWORD)
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
        if let (Some(name), Some(server)) = (&self.database, SERVER.as_ref()) {
            server.drop(name);
        }
    }
}
