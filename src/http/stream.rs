//! Server-sent events (WHATWG HTML, chapter 9.2): an answer that stays open and tells when there is something to ask for.
//!
//! [`beats`] tells nothing but that: whoever listens asks for it as always, with the rights they have then.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::watch;

use super::Call;
use super::call::Answer;
use super::places::{Place, Places};
use crate::app::App;
use crate::auth::guard;
use crate::error::Error;
use crate::users::UserId;

/// How often a line is sent although there is nothing to tell: proxies and phones give silent connections up.
pub const HEARTBEAT: Duration = Duration::from_secs(20);
/// After how many milliseconds a listener comes back when the connection is lost.
const RETRY: u32 = 5_000;

/// Answers that are open at the same time: so many in one process, and so many of one person's tabs.
pub fn places() -> Places<UserId> {
    Places::new(2_000, 20)
}

struct Listener {
    app: web::Data<App>,
    request: HttpRequest,
    beats: watch::Receiver<i64>,
    opened: bool,
    _place: Place<UserId>,
}

impl Listener {
    /// What is sent next; nothing when the connection ends: the program goes, or the session does.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.opened {
            self.opened = true;
            self.beats.mark_unchanged();
            // What happened before somebody listened they have not heard of.
            return Some(Bytes::from(format!("retry: {RETRY}\ndata: {{}}\n\n")));
        }
        let beat = tokio::time::timeout(HEARTBEAT, self.beats.changed()).await;
        if self.app.is_stopping() || guard::authenticate(&self.request).await.is_err() {
            return None;
        }
        match beat {
            Ok(Ok(())) => Some(Bytes::from_static(b"data: {}\n\n")),
            Ok(Err(_)) => None,
            Err(_) => Some(Bytes::from_static(b":\n\n")),
        }
    }
}

/// Tells each time something happened, until the access token expires.
///
/// # Errors
/// `busy` when too many listen, or one person too often.
pub fn beats(call: &Call, request: HttpRequest) -> Answer {
    let place = call.app.listeners.take(call.actor.id()).ok_or(Error::Busy)?;
    let app = call.app.clone();
    let listener = Listener { beats: app.pulse.listen(), app, request, opened: false, _place: place };
    let told = stream::unfold(listener, |mut listener| async move {
        let said = listener.next().await?;
        Some((Ok::<_, Error>(said), listener))
    });
    Ok(events(told))
}

/// An answer that stays open and is sent event by event.
pub fn events(told: impl Stream<Item = Result<Bytes, Error>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        // Held back by nobody on the way: not to be packed, not to be gathered.
        .insert_header(ContentEncoding::Identity)
        .insert_header(("X-Accel-Buffering", "no"))
        .content_type("text/event-stream")
        .streaming(Box::pin(told))
}
