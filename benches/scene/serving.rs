//! The program itself, serving in this process.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use naryad::app::App;
use naryad::commands::serve::look_after;
use naryad::config::Options;
use naryad::server;

/// A program that serves from a folder of its own, or from the database that the environment names.
pub struct Served {
    /// What it is made of.
    pub app: Arc<App>,
    /// Where it is: host and port.
    pub base: String,
    /// Its folder.
    pub folder: PathBuf,
}

impl Served {
    /// Begins to serve, for the measurement of that name.
    pub fn begin(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("naryad_{name}_{}", std::process::id()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = listener.local_addr().unwrap().to_string();
        let options = Options {
            data: Some(folder.clone()),
            database_url: std::env::var("NARYAD_BENCH_DATABASE_URL").ok(),
            listen: Some(base.clone()),
            workers: Some("2".to_owned()),
            ..Options::default()
        };
        let app = App::start(options.check("").unwrap()).unwrap();
        let inside = app.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = server::build(inside.clone(), listener).unwrap();
                let beside = actix_web::rt::spawn(look_after(inside));
                server.await.unwrap();
                beside.abort();
            });
        });
        Self { app, base, folder }
    }

    /// Ends, and leaves nothing behind.
    pub fn end(self) -> ! {
        let _ = std::fs::remove_dir_all(self.folder);
        std::process::exit(0);
    }
}
