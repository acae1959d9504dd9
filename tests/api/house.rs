//! A service company for one test: the server in this process, on a database of its own that already knows people, clients,
//! devices, prices and rules. It is described once through the API for each kind of database, and copied for each test.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use naryad::app::App;
use naryad::commands;
use naryad::config::Options;
use naryad::server;

use crate::person::Person;
use crate::postgres::SERVER;
use crate::scene::{self, PASSWORD, Scene};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The company described on an embedded database.
static ON_SQLITE: LazyLock<Template> = LazyLock::new(|| Template::describe(false));
/// The company described on PostgreSQL. Asked for only where there is one.
static ON_POSTGRES: LazyLock<Template> = LazyLock::new(|| Template::describe(true));

/// Makes tests of functions: `name::sqlite` and `name::postgres`.
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(&crate::house::House::on_sqlite());
            }

            #[test]
            fn postgres() {
                if let Some(house) = crate::house::House::on_postgres() {
                    super::$name(&house);
                }
            }
        }
    )+};
}
pub(crate) use on_each_database;

/// The server on a database of its own.
pub struct House {
    /// What the company knows.
    pub scene: Scene,
    /// The server's inside: tests turn its clock.
    pub app: Arc<App>,
    /// Where it answers.
    pub base: String,
    place: Arc<Place>,
    running: Option<Running>,
}

struct Running {
    handle: ServerHandle,
    thread: JoinHandle<()>,
}

/// Where a house keeps its things. They are gone when the last server on it has stopped.
struct Place {
    folder: PathBuf,
    database: Option<String>,
}

struct Template {
    place: Place,
    scene: Scene,
}

impl Template {
    fn describe(postgres: bool) -> Self {
        let place = Place::new(postgres);
        if let (Some(name), Some(server)) = (&place.database, SERVER.as_ref()) {
            server.create(name);
        }
        let place = Arc::new(place);
        let mut house = House::open(place.clone(), Scene::default());
        house.scene = scene::describe(&house.app, &house.base);
        let scene = house.scene.clone();
        drop(house);
        let place = Arc::into_inner(place).unwrap();
        if let (Some(name), Some(server)) = (&place.database, SERVER.as_ref()) {
            server.leave(name);
        }
        Self { place, scene }
    }

    fn copy(&self) -> House {
        let place = Place::new(self.place.database.is_some());
        copy_folder(&self.place.folder, &place.folder);
        if let (Some(from), Some(to), Some(server)) = (&self.place.database, &place.database, SERVER.as_ref()) {
            server.copy(from, to);
        }
        House::open(Arc::new(place), self.scene.clone())
    }
}

impl Place {
    fn new(postgres: bool) -> Self {
        let name = format!("naryad_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).unwrap();
        Self { folder, database: postgres.then_some(name) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if let (Some(name), Some(server)) = (&self.database, SERVER.as_ref()) {
            server.drop(name);
        }
    }
}

impl House {
    /// On the embedded database.
    pub fn on_sqlite() -> Self {
        ON_SQLITE.copy()
    }

    /// On PostgreSQL, when there is one.
    pub fn on_postgres() -> Option<Self> {
        SERVER.as_ref().map(|_| ON_POSTGRES.copy())
    }

    /// Another company like this one, on the same kind of database.
    pub fn fresh(&self) -> Self {
        if self.is_postgres() { ON_POSTGRES.copy() } else { ON_SQLITE.copy() }
    }

    /// One more server on the same database and files, as behind a balancer.
    pub fn another(&self) -> Self {
        Self::open(self.place.clone(), self.scene.clone())
    }

    /// [`House::another`] with other settings.
    pub fn another_with(&self, change: impl FnOnce(&mut Options)) -> Self {
        Self::open_with(self.place.clone(), self.scene.clone(), change)
    }

    /// Stops the server and starts it anew on what it kept.
    pub fn restart(&mut self) {
        self.stop();
        *self = Self::open(self.place.clone(), self.scene.clone());
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.place.database.is_some()
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.place.folder
    }

    fn options(place_folder: &Path, database: Option<&str>) -> Options {
        Options {
            data: Some(place_folder.to_owned()),
            database_url: database.zip(SERVER.as_ref()).map(|(name, server)| server.address(name)),
            workers: Some("2".to_owned()),
            // Tests stand behind a proxy of their own: they say from where they ask, or ask from here.
            trusted_proxies: vec!["127.0.0.1".to_owned()],
            ..Options::default()
        }
    }

    fn open(place: Arc<Place>, scene: Scene) -> Self {
        Self::open_with(place, scene, |_| {})
    }

    fn open_with(place: Arc<Place>, scene: Scene, change: impl FnOnce(&mut Options)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut options = Self::options(&place.folder, place.database.as_deref());
        options.listen = Some(listener.local_addr().unwrap().to_string());
        change(&mut options);
        let app = App::start(options.check("").unwrap()).unwrap();
        let (told, handle) = mpsc::channel();
        let inside = app.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = server::build(inside.clone(), listener).unwrap();
                told.send(server.handle()).unwrap();
                let beside = actix_web::rt::spawn(commands::serve::look_after(inside));
                server.await.unwrap();
                beside.abort();
            });
        });
        let running = Some(Running { handle: handle.recv().unwrap(), thread });
        Self { scene, app, base, place, running }
    }

    fn stop(&mut self) {
        if let Some(Running { handle, thread }) = self.running.take() {
            // The order is given at once; the server's thread ends when it was carried out.
            drop(handle.stop(true));
            let _ = thread.join();
        }
    }

    /// Somebody who has not signed in.
    pub fn stranger(&self) -> Person {
        Person::stranger(&self.base)
    }

    /// The person with this login, in the session the company was described with.
    pub fn person(&self, login: &str) -> Person {
        // That session's tokens live for fifteen minutes, and a slow machine's tests for longer.
        if self.scene.described.is_some_and(|then| then.elapsed() > Duration::from_secs(600)) {
            return self.stranger().signed_in(login, PASSWORD);
        }
        let (token, id) = &self.scene.sessions[login];
        self.stranger().with_session(token, id)
    }

    /// The administrator.
    pub fn admin(&self) -> Person {
        self.person("admin")
    }

    /// The manager.
    pub fn manager(&self) -> Person {
        self.person("manager")
    }

    /// The dispatcher.
    pub fn dispatcher(&self) -> Person {
        self.person("dispatcher")
    }

    /// The technician, who is in the team.
    pub fn technician(&self) -> Person {
        self.person("technician")
    }

    /// A technician of no team.
    pub fn outsider(&self) -> Person {
        self.person("outsider")
    }

    /// The client's user.
    pub fn client(&self) -> Person {
        self.person("client")
    }

    /// The user of another client.
    pub fn rival(&self) -> Person {
        self.person("rival")
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
