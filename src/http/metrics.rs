//! Numbers for Prometheus: how many requests, how long, how the process is.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};

/// The process's figures. They belong to the process, not to one application in it, so they may be global.
struct Figures {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
}

static FIGURES: LazyLock<Figures> = LazyLock::new(|| {
    let registry = Registry::new();
    let labels = ["method", "route", "status"];
    let requests = IntCounterVec::new(Opts::new("naryad_http_requests_total", "Requests answered."), &labels);
    let buckets = vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
    let options = HistogramOpts::new("naryad_http_request_seconds", "Time to answer a request.").buckets(buckets);
    let seconds = HistogramVec::new(options, &["method", "route"]);
    #[expect(clippy::expect_used, reason = "the names above are constants and valid")]
    let (requests, seconds) = (requests.expect("a valid name"), seconds.expect("a valid name"));
    // Registered once, under names of their own: nothing can be in the way.
    let _ = registry.register(Box::new(requests.clone()));
    let _ = registry.register(Box::new(seconds.clone()));
    Figures { registry, requests, seconds }
});

/// Counts a request.
pub fn observe(method: &Method, route: &str, status: StatusCode, elapsed: Duration) {
    // Only what we know gets a series: anybody can make up methods.
    let method = match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => method.as_str(),
        _ => "OTHER",
    };
    FIGURES.requests.with_label_values(&[method, route, status.as_str()]).inc();
    FIGURES.seconds.with_label_values(&[method, route]).observe(elapsed.as_secs_f64());
}

/// All figures in the text format, with the database's number of statements.
pub fn text(statements: u64) -> String {
    let mut text = Vec::new();
    // Writing into memory does not fail.
    let _ = TextEncoder::new().encode(&FIGURES.registry.gather(), &mut text);
    let mut text = String::from_utf8(text).unwrap_or_default();
    text.push_str("# HELP naryad_db_statements_total SQL statements run.\n# TYPE naryad_db_statements_total counter\n");
    text.push_str(&format!("naryad_db_statements_total {statements}\n"));
    text
}
