//! What becomes of an act, told at once: the technician sees on his own phone that the client has opened the link, and has
//! signed.
//!
//! The answer is a stream of server-sent events. It looks whenever something was written, by whichever instance, and ends
//! with the session of whoever asked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use tokio::sync::watch::Receiver;

use super::{ActLinkView, LinkId, queries};
use crate::acts::{self, ActId, ActView};
use crate::app::App;
use crate::auth::token::ACCESS_SECONDS;
use crate::auth::{Actor, session};
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::http::places::{Place, Places};
use crate::http::stream::HEARTBEAT;
use crate::labels::bounds;
use crate::users::UserId;

/// How soon it is looked again when the database has too much to do.
const PAUSE: Duration = Duration::from_secs(1);
/// How long it goes on at the most: as long as an access token lives.
const LONGEST: (i64, i64) = (1, ACCESS_SECONDS);

/// Streams at the same time: so many in all, so many of one person.
pub fn places() -> Places<UserId> {
    Places::new(100, 4)
}

/// How long to watch.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Watch {
    /// Seconds until the stream ends by itself; 900 when left out. Ask again to go on watching.
    #[serde(default, deserialize_with = "seconds")]
    #[param(minimum = 1, maximum = 900)]
    pub seconds: Option<i64>,
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    bounds::in_address(deserializer, LONGEST).map(Some)
}

/// What is so at one moment.
struct Seen {
    act: ActView,
    links: BTreeMap<LinkId, ActLinkView>,
}

/// A stream under way.
struct Watching {
    app: Arc<App>,
    actor: Actor,
    act: ActId,
    told: Option<Seen>,
    beats: Receiver<i64>,
    ends: Instant,
    spoke: Instant,
    over: bool,
    _place: Place<UserId>,
}

/// Watches an act: first everything as it stands, then each change.
///
/// # Errors
/// `not_found`; `rate_limited` when too many are watching.
pub async fn watch(
    app: Arc<App>,
    actor: Actor,
    act: ActId,
    how: Watch,
) -> Result<impl Stream<Item = Result<Bytes, Error>> + 'static, Error> {
    let place = app.watchers.take(actor.id());
    let place = place.ok_or_else(|| Code::RateLimited.with([("seconds", HEARTBEAT.as_secs().to_string())]))?;
    let now = app.clock.now();
    let asks = actor.clone();
    // Refused at once, as any other answer would be.
    app.db.read(move |conn| look(conn, &asks, act, now)).await?;
    let seconds = how.seconds.and_then(|seconds| u64::try_from(seconds).ok());
    let longest = u64::try_from(LONGEST.1).unwrap_or_default();
    let started = Instant::now();
    let watching = Watching {
        beats: app.pulse.listen(),
        app,
        actor,
        act,
        told: None,
        ends: started + Duration::from_secs(seconds.unwrap_or(longest)),
        spoke: started,
        over: false,
        _place: place,
    };
    Ok(unfold(watching, |mut watching| async move {
        let said = watching.next().await?;
        Some((Ok(Bytes::from(said)), watching))
    }))
}

/// What is so now, for whoever may still know.
fn look(conn: &mut DbConnection, actor: &Actor, act: ActId, now: Timestamp) -> Result<Seen, Error> {
    let actor = session::anew(conn, actor, now)?;
    if !actor.is_staff() {
        return Err(Code::Forbidden.into());
    }
    let act = acts::queries::find(conn, &actor, act)?;
    let links = queries::of_act(conn, &act, now)?;
    Ok(Seen { act: act.into(), links: links.into_iter().map(|link| (link.id, link)).collect() })
}

impl Watching {
    /// Waits for something to say. Nothing when it is over.
    async fn next(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        loop {
            if self.app.is_stopping() {
                return Some(self.end("stopping"));
            }
            let (actor, act, now) = (self.actor.clone(), self.act, self.app.clock.now());
            match self.app.db.read(move |conn| look(conn, &actor, act, now)).await {
                Ok(seen) => {
                    let said = changes(self.told.as_ref(), &seen);
                    self.told = Some(seen);
                    if !said.is_empty() {
                        return Some(self.say(said));
                    }
                }
                Err(Error::Busy) => {
                    tokio::time::sleep(PAUSE).await;
                    self.beats.mark_changed();
                }
                Err(error) => return Some(self.end(error.code().as_str())),
            }
            if Instant::now() >= self.ends {
                return Some(self.end("time_is_up"));
            }
            if self.spoke.elapsed() >= HEARTBEAT {
                return Some(self.say(": still here\n\n".to_owned()));
            }
            self.wait().await;
        }
    }

    /// Waits until something was written, or it is time to end or to be heard of: what ends by the clock, a link or a
    /// session, is looked at then.
    async fn wait(&mut self) {
        let now = Instant::now();
        let longest = self.ends.min(self.spoke + HEARTBEAT).saturating_duration_since(now);
        let _ = tokio::time::timeout(longest, self.beats.changed()).await;
    }

    fn say(&mut self, said: String) -> String {
        self.spoke = Instant::now();
        said
    }

    fn end(&mut self, because: &str) -> String {
        self.over = true;
        event("end", &json!({"because": because}))
    }
}

/// What has to be said: everything at first, then what differs.
fn changes(before: Option<&Seen>, now: &Seen) -> String {
    let mut said = String::new();
    if before.is_none_or(|before| before.act != now.act) {
        said.push_str(&event("act", &now.act));
    }
    for (id, link) in &now.links {
        if before.and_then(|before| before.links.get(id)) != Some(link) {
            said.push_str(&event("link", link));
        }
    }
    said
}

/// An event in the notation of browsers. JSON has no line breaks of its own.
fn event(name: &str, data: &impl Serialize) -> String {
    format!("event: {name}\ndata: {}\n\n", serde_json::to_string(data).unwrap_or_default())
}
