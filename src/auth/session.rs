//! Sessions: one login on one device, ended at once when revoked.
//!
//! A token is checked and its session looked up in the database, and the answer is good for a second: a phone that sends ten
//! requests at a time costs one lookup, and a revocation reaches other instances within that second. On this one it is
//! immediate.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use serde::Serialize;

use super::{Actor, Person, Role, SessionId};
use crate::acts::block;
use crate::app::App;
use crate::companies::CompanyId;
use crate::db::schema::{sessions, team_members, users};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::users::UserId;
use crate::words::Language;

/// How long a lookup is good for.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// How exactly "last seen" is kept, in seconds.
const SEEN_EVERY: i64 = 300;
/// Tokens remembered at the most.
const REMEMBERED: usize = 10_000;

/// Whoever stands behind a token.
#[derive(Clone)]
pub struct Bearer {
    /// The person.
    pub person: Arc<Person>,
    /// Their session.
    pub session: SessionId,
    expires: i64,
    since: Instant,
}

/// People who asked something in the last second, by the token they asked with.
#[derive(Default)]
pub struct Present(RwLock<Memory>);

#[derive(Default)]
struct Memory {
    bearers: HashMap<String, Bearer>,
    /// How often everybody was forgotten: a lookup that began before that is not kept.
    forgotten: u64,
}

impl Present {
    fn find(&self, token: &str, now: Timestamp) -> Option<Bearer> {
        let present = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let bearer = present.bearers.get(token)?;
        (bearer.since.elapsed() < GOOD_FOR && now.seconds() < bearer.expires).then(|| bearer.clone())
    }

    fn forgotten(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).forgotten
    }

    /// Keeps what was looked up, unless everybody was forgotten since.
    fn remember(&self, token: &str, bearer: Bearer, forgotten: u64) {
        let mut present = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if present.forgotten != forgotten {
            return;
        }
        if present.bearers.len() >= REMEMBERED {
            present.bearers.clear();
        }
        present.bearers.insert(token.to_owned(), bearer);
    }

    /// Forgets everybody: a role, a team or a session has changed.
    pub fn forget(&self) {
        let mut present = self.0.write().unwrap_or_else(PoisonError::into_inner);
        present.bearers.clear();
        present.forgotten += 1;
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(MultiBackend))]
struct SessionState {
    head: i64,
    head_seen: bool,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(MultiBackend))]
struct PersonRow {
    id: UserId,
    role: Role,
    name: String,
    company_id: Option<CompanyId>,
    language: Option<Language>,
    archived_at: Option<Timestamp>,
}

/// The person behind a token, if it is ours and their session lives.
///
/// # Errors
/// `unauthenticated`, `token_expired`, `session_revoked`
pub async fn bearer(app: &App, token: &str, now: Timestamp) -> Result<Bearer, Error> {
    if let Some(bearer) = app.present.find(token, now) {
        return Ok(bearer);
    }
    let claims = app.keys.read(token, now)?;
    let (session, user) = (claims.sid, claims.sub);
    let (since, forgotten) = (Instant::now(), app.present.forgotten());
    let (state, person) = app.db.glance(move |conn| load(conn, session, user, now)).await?;
    let person = Arc::new(person);
    let first_use = !state.head_seen && claims.generation == state.head;
    if first_use || now.seconds() - state.last_seen_at.seconds() > SEEN_EVERY {
        let generation = claims.generation;
        app.db.write(move |conn| seen(conn, session, generation, now)).await?;
    }
    let bearer = Bearer { person, session, expires: claims.expires(), since };
    app.present.remember(token, bearer.clone(), forgotten);
    Ok(bearer)
}

fn load(
    conn: &mut DbConnection,
    session: SessionId,
    user: UserId,
    now: Timestamp,
) -> Result<(SessionState, Person), Error> {
    let found: Option<(SessionState, PersonRow)> = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(session))
        .filter(users::id.eq(user))
        .select((SessionState::as_select(), PersonRow::as_select()))
        .get_result(conn)
        .optional()?;
    let (state, row) = found.ok_or(Code::SessionRevoked)?;
    if state.revoked_at.is_some() || state.expires_at <= now || row.archived_at.is_some() {
        return Err(Code::SessionRevoked.into());
    }
    Ok((state, with_teams(conn, row)?))
}

fn with_teams(conn: &mut DbConnection, row: PersonRow) -> Result<Person, Error> {
    let PersonRow { id, role, name, company_id, language, .. } = row;
    let team_ids = match role {
        Role::Technician => {
            team_members::table.filter(team_members::user_id.eq(id)).select(team_members::team_id).load(conn)?
        }
        _ => Vec::new(),
    };
    Ok(Person { id, role, name, company_id, team_ids, language })
}

/// Somebody who still works here, signed in or not.
///
/// # Errors
/// The database's.
pub fn person(conn: &mut DbConnection, user: UserId) -> Result<Option<Person>, Error> {
    let row: Option<PersonRow> = users::table.find(user).select(PersonRow::as_select()).get_result(conn).optional()?;
    row.filter(|row| row.archived_at.is_none()).map(|row| with_teams(conn, row)).transpose()
}

/// Whoever asked a while ago, as they are now: for an answer that goes on.
///
/// # Errors
/// `session_revoked` when the session has ended, or whoever stood behind it has left.
pub fn anew(conn: &mut DbConnection, actor: &Actor, now: Timestamp) -> Result<Actor, Error> {
    let session = actor.session_id().ok_or(Code::SessionRevoked)?;
    let (_, person) = load(conn, session, actor.id(), now)?;
    Ok(Actor::new(Arc::new(person), session, actor.language(), now, actor.origin().clone()))
}

/// The token of this generation has arrived: its predecessor is spent for good.
fn seen(conn: &mut DbConnection, session: SessionId, generation: i64, now: Timestamp) -> Result<(), Error> {
    diesel::update(sessions::table.find(session)).set(sessions::last_seen_at.eq(now)).execute(conn)?;
    diesel::update(sessions::table.filter(sessions::id.eq(session)).filter(sessions::head.eq(generation)))
        .set(sessions::head_seen.eq(true))
        .execute(conn)?;
    Ok(())
}

/// A session as its owner sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// What the app called the device.
    pub device_name: Option<String>,
    /// What the app said it runs on.
    pub platform: Option<String>,
    /// The app's version.
    pub app_version: Option<String>,
    /// The address it was opened from.
    pub ip: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last asked something, to five minutes.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks now.
    pub current: bool,
}

/// The caller's sessions that live, newest first.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut DbConnection, actor: &Actor) -> Result<Vec<SessionView>, Error> {
    type Row =
        (SessionId, Option<String>, Option<String>, Option<String>, Option<String>, Timestamp, Timestamp, Timestamp);
    let rows: Vec<Row> = sessions::table
        .filter(sessions::user_id.eq(actor.id()))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(actor.now()))
        .order(sessions::created_at.desc())
        .limit(200)
        .select((
            sessions::id,
            sessions::device_name,
            sessions::platform,
            sessions::app_version,
            sessions::ip,
            sessions::created_at,
            sessions::last_seen_at,
            sessions::expires_at,
        ))
        .load(conn)?;
    let view = |(id, device_name, platform, app_version, ip, created_at, last_seen_at, expires_at): Row| SessionView {
        id,
        device_name,
        platform,
        app_version,
        ip,
        created_at,
        last_seen_at,
        expires_at,
        current: Some(id) == actor.session_id(),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Ends the session that asks.
///
/// # Errors
/// The database's.
pub fn end_this(conn: &mut DbConnection, actor: &Actor) -> Result<(), Error> {
    actor.session_id().map_or(Ok(()), |session| revoke(conn, actor, session))
}

/// Ends one of the caller's own sessions.
///
/// # Errors
/// `not_found` when it is not theirs.
pub fn revoke(conn: &mut DbConnection, actor: &Actor, session: SessionId) -> Result<(), Error> {
    let own = sessions::table.filter(sessions::id.eq(session)).filter(sessions::user_id.eq(actor.id()));
    let live = own.filter(sessions::revoked_at.is_null());
    let ended = diesel::update(live)
        .set((sessions::revoked_at.eq(actor.now()), sessions::revoked_because.eq("signed_out")))
        .execute(conn)?;
    if ended == 0 {
        return Err(Code::NotFound.into());
    }
    block::release_revoked(conn, actor, actor.id())?;
    history::record(conn, actor, Event::of("session.ended", "session", session.uuid()))
}

/// Ends all of the caller's sessions but the one that asks.
///
/// # Errors
/// The database's.
pub fn revoke_others(conn: &mut DbConnection, actor: &Actor) -> Result<(), Error> {
    end_all(conn, actor, actor.id(), actor.session_id(), "signed_out_elsewhere")?;
    history::record(conn, actor, Event::of("session.others_ended", "user", actor.id().uuid()))
}

/// Ends a user's sessions, perhaps all but one. Phones that nobody is signed in on keep no numbers of acts.
///
/// # Errors
/// The database's.
pub fn end_all(
    conn: &mut DbConnection,
    actor: &Actor,
    user: UserId,
    except: Option<SessionId>,
    because: &str,
) -> Result<(), Error> {
    let mut live = diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .set((sessions::revoked_at.eq(actor.now()), sessions::revoked_because.eq(because)))
        .into_boxed();
    if let Some(except) = except {
        live = live.filter(sessions::id.ne(except));
    }
    live.execute(conn)?;
    block::release_revoked(conn, actor, user)
}
