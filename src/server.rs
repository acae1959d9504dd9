//! The HTTP server: every route, in the order of the day's work, and how it starts and stops.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Service, HttpRequest, HttpResponse, HttpServer, web};
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use crate::app::App;
use crate::auth::guard;
use crate::error::{Code, Error};
use crate::http::routes::Routes;
use crate::http::{cors, metrics, problem, problem_page};
use crate::{
    acts, agreements, assets, auth, checklists, codes, companies, disputes, history, identifiers, imports, invoices,
    labels, links, messages, openapi, pricing, print, provider, reports, signing_rules, sync, taxes, teams,
    ticket_types, tickets, time_entries, uploads, users, verify, work_lines, work_reports,
};

/// How long requests in flight may take once the server was told to stop, in seconds.
const GRACE: u64 = 25;

/// Every route below `/api/v1`.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        // A route is looked for from the first to the last, and nothing is asked for as often as a scan.
        .configure(assets::routes::configure)
        .configure(codes::routes::configure)
        .configure(labels::routes::configure)
        .configure(auth::routes::configure)
        .configure(provider::routes::configure)
        .configure(taxes::routes::configure)
        .configure(users::routes::configure)
        .configure(teams::routes::configure)
        .configure(companies::routes::configure)
        .configure(identifiers::routes::configure)
        .configure(agreements::routes::configure)
        .configure(imports::routes::configure)
        .configure(pricing::routes::configure)
        .configure(checklists::routes::configure)
        .configure(ticket_types::routes::configure)
        .configure(signing_rules::routes::configure)
        .configure(reports::routes::configure)
        .configure(tickets::routes::configure)
        .configure(uploads::routes::configure)
        .configure(time_entries::routes::configure)
        .configure(work_lines::routes::configure)
        .configure(acts::routes::configure)
        .configure(links::routes::configure)
        .configure(messages::routes::configure)
        .configure(invoices::routes::configure)
        .configure(print::routes::configure)
        .configure(history::routes::configure)
        .configure(work_reports::routes::configure)
        .configure(disputes::routes::configure)
        .configure(sync::routes::configure);
}

/// Builds the HTTP server on a listening socket. It runs until told to stop.
///
/// # Errors
/// When the socket cannot be used.
pub fn build(app: Arc<App>, listener: TcpListener) -> std::io::Result<actix_web::dev::Server> {
    let workers = app.config.workers;
    let data = web::Data::from(app);
    let server = HttpServer::new(move || {
        let service = Service::new()
            .app_data(data.clone())
            .app_data(web::PathConfig::default().error_handler(|_, _| Error::from(Code::NotFound).into()))
            .service(
                web::scope("/api/v1")
                    .wrap(from_fn(guard::guard))
                    .configure(|config| configure(&mut Routes::Served(config)))
                    .route("/openapi.json", web::get().to(openapi::serve)),
            )
            .route("/healthz", web::get().to(health))
            .route("/healthz", web::head().to(health))
            .route("/readyz", web::get().to(ready))
            .route("/readyz", web::head().to(ready))
            .route("/metrics", web::get().to(figures))
            .route("/problems", web::get().to(problem_page::list))
            .route("/problems/{kind}", web::get().to(problem_page::page))
            .configure(reports::door::configure)
            .configure(verify::door::configure)
            .configure(links::door::configure)
            .route("/docs", web::get().to(to_docs))
            .default_service(web::to(nothing_here));
        let pages = SwaggerUi::new("/docs/{_:.*}").config(SwaggerConfig::new(["/api/v1/openapi.json"]));
        service
            .service(pages)
            .wrap(Compress::default())
            .wrap(from_fn(problem::edge))
            .wrap(from_fn(uploads::tus::frame))
            .wrap(from_fn(cors::cors))
    });
    Ok(server
        .workers(workers)
        .shutdown_timeout(GRACE)
        .client_request_timeout(Duration::from_secs(30))
        .keep_alive(Duration::from_secs(75))
        .disable_signals()
        .listen(listener)?
        .run())
}

/// The description as pages to try things on live below `/docs/`.
async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("Location", "/docs/")).finish()
}

/// The process lives.
async fn health() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

/// The process can do its work: the database answers.
async fn ready(app: web::Data<App>) -> Result<HttpResponse, Error> {
    if app.is_stopping() {
        return Err(Error::Busy);
    }
    app.db.read(history::reachable).await.map_err(|_| Error::Busy)?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"status": "ready"})))
}

/// Numbers for Prometheus: to this machine, or to whoever has the token.
async fn figures(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Error> {
    // Whoever a proxy of ours names is not this machine, though the proxy is.
    let asker = guard::address(&app, &request);
    let local = asker.is_some_and(|address| address.is_loopback());
    let given = request.headers().get("authorization").and_then(|header| header.to_str().ok()?.strip_prefix("Bearer "));
    let allowed = match &app.config.metrics_token {
        Some(token) => {
            given.is_some_and(|given| subtle::ConstantTimeEq::ct_eq(given.as_bytes(), token.as_bytes()).into())
        }
        None => local,
    };
    if !allowed {
        return Err(Code::NotFound.into());
    }
    let text = metrics::text(app.db.statements());
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text))
}

async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Error> {
    Err(request.match_pattern().map_or_else(|| Code::NotFound.into(), |pattern| guard::not_there(&pattern)))
}
