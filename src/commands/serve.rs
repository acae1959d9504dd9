//! `naryad serve`

use std::io::IsTerminal;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

use crate::acts::{deemed, phrases, unused};
use crate::app::App;
use crate::config::{Config, Options};
use crate::history::{chain, roots};
use crate::http::idempotency;
use crate::labels::jobs::work::Worker;
use crate::labels::prints;
use crate::messages::{self, send};
use crate::provider::house_language;
use crate::reports::limits;
use crate::server;
use crate::sync::changes;
use crate::tickets::scan;
use crate::uploads::tidy;
use crate::uploads::work::Workers;

/// The data folder when nothing is said.
pub const DATA: &str = "./naryad-data";
/// How long events may wait for their place in the chain, and looks for the log.
const TICK: Duration = Duration::from_millis(500);
/// How often what is no longer needed is forgotten.
const TIDY: Duration = Duration::from_secs(3_600);
/// How often it is looked whether a day has no root of its events yet.
const LOOK: Duration = Duration::from_secs(60);

/// Brings the database up to date and serves until told to stop.
///
/// # Errors
/// A sentence for the operator.
pub fn serve(options: &Options) -> Result<(), String> {
    start_log(options)?;
    let config = options.check(DATA)?;
    run(config, |_| Ok(()))
}

/// Serves; `ready` is called on a thread of its own once requests are answered.
///
/// # Errors
/// A sentence for the operator.
pub fn run(config: Config, ready: impl FnOnce(Arc<App>) -> Result<(), String> + Send + 'static) -> Result<(), String> {
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| format!("--listen (NARYAD_LISTEN): {} cannot be listened on: {error}", config.listen))?;
    let app = App::start(config)?;
    actix_web::rt::System::new().block_on(async move {
        let server = server::build(app.clone(), listener).map_err(|error| error.to_string())?;
        let handle = server.handle();
        let background = actix_web::rt::spawn(look_after(app.clone()));
        let signals = actix_web::rt::spawn(stop_when_told(app.clone(), handle.clone()));
        tracing::info!(listen = %app.config.listen, public_url = app.config.public_url, "serving");
        let waiting = app.clone();
        let started = std::thread::spawn(move || ready(waiting));
        let watch = actix_web::rt::spawn(async move {
            let outcome = tokio::task::spawn_blocking(move || started.join()).await;
            match outcome {
                Ok(Ok(Err(reason))) => {
                    handle.stop(false).await;
                    Err(reason)
                }
                _ => Ok(()),
            }
        });
        let served = server.await.map_err(|error| error.to_string());
        background.abort();
        signals.abort();
        finish(&app).await;
        if watch.is_finished() {
            watch.await.map_err(|error| error.to_string())??;
        }
        served
    })
}

/// What goes on beside the requests: sending messages, and all the chores.
pub async fn look_after(app: Arc<App>) {
    let post = app.clone();
    tokio::join!(chores(app), send::work(&post));
}

/// Printing labels by the thousand, looking at files that came, chaining events, writing down looks, forgetting what is old.
async fn chores(app: Arc<App>) {
    let _labels = Worker::start(app.clone());
    let _uploads = Workers::start(app.clone());
    let mut tidied = std::time::Instant::now();
    let mut looked = None;
    loop {
        // Wakes up when something was written, and from time to time, often while somebody listens, for what others wrote.
        let _ = tokio::time::timeout(if app.pulse.is_heard() { TICK } else { TICK * 10 }, app.written()).await;
        tokio::time::sleep(TICK).await;
        write_down(&app).await;
        if let Err(error) = app.pulse.beat(&app.db).await {
            tracing::warn!(%error, "listeners were not told yet");
        }
        if let Ok(language) = app.db.read(house_language::read).await {
            app.house_language.set(language);
        }
        if looked.is_none_or(|looked: std::time::Instant| looked.elapsed() > LOOK) {
            looked = Some(std::time::Instant::now());
            if let Err(error) = phrases::look(&app).await {
                tracing::warn!(%error, "the phrases of the print forms were not looked up");
            }
            if let Err(error) = roots::write_daily(&app.db, app.clock.now()).await {
                tracing::warn!(%error, "the day's root of events was not written");
            }
            let now = app.clock.now();
            match app.db.write(move |conn| deemed::accept_overdue(conn, now)).await {
                Ok(0) => {}
                Ok(_) => app.wrote(),
                Err(error) => tracing::warn!(%error, "acts whose days are over were not taken for accepted yet"),
            }
        }
        if tidied.elapsed() > TIDY {
            tidied = std::time::Instant::now();
            let now = app.clock.now();
            if let Err(error) = app.db.write(move |conn| idempotency::forget_old(conn, now)).await {
                tracing::warn!(%error, "old answers were not forgotten");
            }
            if let Err(error) = app.db.write(move |conn| changes::forget_old(conn, now)).await {
                tracing::warn!(%error, "old changes were not forgotten");
            }
            if let Err(error) = app.db.write(move |conn| limits::forget_old(conn, now)).await {
                tracing::warn!(%error, "old marks of reports were not forgotten");
            }
            if let Err(error) = app.db.write(move |conn| unused::void_expired(conn, now)).await {
                tracing::warn!(%error, "numbers that no act took were not made void");
            }
            if let Err(error) = app.db.write(move |conn| messages::queries::forget_secrets(conn, now)).await {
                tracing::warn!(%error, "what only recipients of messages may know was not forgotten");
            }
            if let Err(error) = tidy::tidy(&app).await {
                tracing::warn!(%error, "uploads that nobody finished were not thrown away");
            }
        }
    }
}

async fn write_down(app: &App) {
    let looks = app.scans.take();
    if !looks.is_empty()
        && let Err(error) = app.db.write(move |conn| scan::write_looks(conn, &looks)).await
    {
        tracing::warn!(%error, "looks at cards were not written down");
    }
    let printed = app.prints.take();
    if !printed.is_empty()
        && let Err(error) = app.db.write(move |conn| prints::record(conn, &printed)).await
    {
        tracing::warn!(%error, "printed labels were not written down");
    }
    if let Err(error) = chain::catch_up(&app.db).await {
        tracing::warn!(%error, "events were not chained yet");
    }
}

async fn finish(app: &App) {
    write_down(app).await;
    if let Err(error) = app.config.database.settle() {
        tracing::warn!(%error, "the database was not left as one file: the next start does it");
    }
    tracing::info!("stopped");
}

/// On SIGTERM and SIGINT: says that it is going, then lets requests in flight finish.
async fn stop_when_told(app: Arc<App>, handle: actix_web::dev::ServerHandle) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
            return;
        };
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    tracing::info!("stopping");
    app.stop();
    handle.stop(true).await;
}

/// Starts the log: JSON for machines, lines for people.
///
/// # Errors
/// A sentence that names the variable.
pub fn start_log(options: &Options) -> Result<(), String> {
    let filter = options.log.as_deref().unwrap_or("info,actix_server=warn,actix_http=off");
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("--log (NARYAD_LOG): {error}"))?;
    let json = match options.log_format.as_deref() {
        Some("json") => true,
        Some("text") => false,
        Some(_) => return Err("--log-format (NARYAD_LOG_FORMAT): it must be json or text".to_owned()),
        None => !std::io::stderr().is_terminal(),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if json {
        log.json().flatten_event(true).try_init()
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    started.map_err(|error| error.to_string())
}
