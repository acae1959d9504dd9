//! The program itself, serving in this process.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use naryad::app::App;
use naryad::commands::serve::look_after;
use naryad::config::Options;
use naryad::server;

/// Serves from a folder, or from the database that the environment names, and says where.
pub fn naryad(folder: PathBuf) -> (Arc<App>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = listener.local_addr().unwrap().to_string();
    let options = Options {
        data: Some(folder),
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
    (app, base)
}
