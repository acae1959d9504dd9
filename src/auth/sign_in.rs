//! Signing in, and staying signed in through lost answers.
//!
//! A refresh token is used once. A phone in a basement may never see the answer, so the token before the newest still
//! works while nothing that came with the newest was ever seen; anything older closes the session, because only a copy
//! of the token can explain it.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::password::Attempt;
use super::token::{ACCESS_SECONDS, RefreshToken};
use super::{Origin, Role, SessionId};
use crate::app::App;
use crate::companies::CompanyId;
use crate::db::schema::{refresh_tokens, sessions, users};
use crate::db::types::{Sha256, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::users::UserId;
use crate::words::text::{Line, optional};

/// A session ends after this long without a refresh, and after that long whatever happens. Seconds.
const IDLE_SECONDS: i64 = 30 * 24 * 3600;
const ABSOLUTE_SECONDS: i64 = 90 * 24 * 3600;

/// Login and password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// Who.
    #[schema(max_length = 200)]
    pub login: String,
    /// The password.
    #[schema(format = Password, max_length = 1000)]
    pub password: String,
    /// The phone, if it wants to be recognised in the list of sessions.
    #[serde(default)]
    pub device: Option<Device>,
}

/// What an app says about the phone it runs on.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The app's own id for the phone, the same at every login.
    #[serde(default)]
    pub id: Option<Line<100>>,
    /// "Pixel 9 of Ivanov"
    #[serde(default)]
    pub name: Option<Line<200>>,
    /// "Android 16"
    #[serde(default)]
    pub platform: Option<Line<100>>,
    /// "2.4.1"
    #[serde(default)]
    pub app_version: Option<Line<50>>,
}

/// A refresh token that came back.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The newest one.
    #[schema(max_length = 200)]
    pub refresh_token: String,
}

/// What a session is opened or continued with.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Tokens {
    /// Send it as `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds the access token lives.
    pub expires_in: i64,
    /// Get the next pair with it; it works once.
    pub refresh_token: String,
    /// The session.
    pub session_id: SessionId,
    /// Who signed in.
    pub user: SignedIn,
}

/// Who signed in.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SignedIn {
    /// Their id.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// What they are here.
    pub role: Role,
    /// A client's user: whose.
    pub company_id: Option<CompanyId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(MultiBackend))]
struct Account {
    id: UserId,
    name: String,
    role: Role,
    company_id: Option<CompanyId>,
    password_hash: String,
    archived_at: Option<Timestamp>,
}

impl From<Account> for SignedIn {
    fn from(account: Account) -> Self {
        let Account { id, name, role, company_id, .. } = account;
        Self { id, name, role, company_id }
    }
}

#[derive(Insertable)]
#[diesel(table_name = sessions)]
struct NewSession {
    id: SessionId,
    user_id: UserId,
    device_id: Option<String>,
    device_name: Option<String>,
    platform: Option<String>,
    app_version: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    head: i64,
    head_seen: bool,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    refreshed_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(MultiBackend))]
struct SessionRow {
    id: SessionId,
    head: i64,
    head_parent: Option<i64>,
    head_seen: bool,
    refreshed_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

/// Opens a session.
///
/// # Errors
/// `login_failed`, the same for an unknown login, a wrong password and somebody who has left; `rate_limited`.
pub async fn login(app: &App, origin: Origin, request: LoginRequest) -> Result<Tokens, Error> {
    let address = origin.ip.clone().unwrap_or_default();
    for (pointer, text, most) in [("/login", &request.login, 200), ("/password", &request.password, 1_000)] {
        if text.chars().count() > most {
            return Err(Error::field_with(pointer, Flaw::TooLong, [("max", most.to_string())]));
        }
    }
    let login = request.login.trim().to_lowercase();
    let name = login.clone();
    let account = app.db.read(move |conn| account(conn, &name)).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let attempt = Attempt { attempts: &app.attempts, address: &address, login: &login };
    let right = app.passwords.check(attempt, request.password, hash).await?;
    let Some(account) = account.filter(|account| right && account.archived_at.is_none()) else {
        return Err(Code::LoginFailed.into());
    };
    let now = app.clock.now();
    let device = request.device.unwrap_or_default();
    let (session, user) = (SessionId::new(), account.id);
    let refresh = RefreshToken::new()?;
    let hash = refresh.hash();
    app.db.write(move |conn| open(conn, session, user, &device, &origin, hash, now)).await?;
    app.wrote();
    tokens(app, account.into(), session, 1, refresh, now)
}

fn account(conn: &mut DbConnection, login: &str) -> Result<Option<Account>, Error> {
    Ok(users::table.filter(users::login.eq(login)).select(Account::as_select()).first(conn).optional()?)
}

fn open(
    conn: &mut DbConnection,
    session: SessionId,
    user: UserId,
    device: &Device,
    origin: &Origin,
    hash: Sha256,
    now: Timestamp,
) -> Result<(), Error> {
    let row = NewSession {
        id: session,
        user_id: user,
        device_id: optional(device.id.as_ref()).or_else(|| origin.device_id.clone()),
        device_name: optional(device.name.as_ref()),
        platform: optional(device.platform.as_ref()),
        app_version: optional(device.app_version.as_ref()),
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        head: 1,
        head_seen: false,
        created_at: now,
        last_seen_at: now,
        refreshed_at: now,
        expires_at: now.plus_seconds(ABSOLUTE_SECONDS),
    };
    diesel::insert_into(sessions::table).values(&row).execute(conn)?;
    keep(conn, session, 1, hash, now)?;
    history::record_by(conn, Some(user), now, origin, Event::of("session.opened", "session", session.uuid()))
}

fn keep(
    conn: &mut DbConnection,
    session: SessionId,
    generation: i64,
    hash: Sha256,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(hash),
            refresh_tokens::session_id.eq(session),
            refresh_tokens::generation.eq(generation),
            refresh_tokens::issued_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// What became of a refresh token.
enum Rotation {
    /// The next pair may be made.
    Next(SignedIn, SessionId, i64),
    /// A token was used again: the session is closed.
    Stolen,
    /// The session has ended.
    Ended,
}

/// Continues a session.
///
/// # Errors
/// `refresh_reused` when the token is older than the newest pair allows, `session_revoked` when the session has ended or
/// the token is not ours.
pub async fn refresh(app: &App, origin: Origin, request: RefreshRequest) -> Result<Tokens, Error> {
    let now = app.clock.now();
    let given = RefreshToken::given(request.refresh_token).hash();
    let next = RefreshToken::new()?;
    let hash = next.hash();
    let rotation = app.db.write(move |conn| rotate(conn, given, hash, &origin, now)).await?;
    app.wrote();
    match rotation {
        Rotation::Next(user, session, generation) => tokens(app, user, session, generation, next, now),
        Rotation::Stolen => {
            app.present.forget();
            Err(Code::RefreshReused.into())
        }
        Rotation::Ended => Err(Code::SessionRevoked.into()),
    }
}

fn rotate(
    conn: &mut DbConnection,
    given: Sha256,
    next: Sha256,
    origin: &Origin,
    now: Timestamp,
) -> Result<Rotation, Error> {
    let found: Option<(i64, SessionRow, Account)> = refresh_tokens::table
        .inner_join(sessions::table.on(sessions::id.eq(refresh_tokens::session_id)))
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(refresh_tokens::hash.eq(given))
        .select((refresh_tokens::generation, SessionRow::as_select(), Account::as_select()))
        .get_result(conn)
        .optional()?;
    let Some((generation, session, account)) = found else { return Ok(Rotation::Ended) };
    let idle = now.seconds() - session.refreshed_at.seconds() > IDLE_SECONDS;
    if session.revoked_at.is_some() || session.expires_at <= now || idle || account.archived_at.is_some() {
        return Ok(Rotation::Ended);
    }
    let lost_answer = Some(generation) == session.head_parent && !session.head_seen;
    if generation != session.head && !lost_answer {
        diesel::update(sessions::table.find(session.id))
            .set((sessions::revoked_at.eq(now), sessions::revoked_because.eq("refresh_reused")))
            .execute(conn)?;
        let event = Event::of("session.refresh_reused", "session", session.id.uuid());
        history::record_by(conn, Some(account.id), now, origin, event)?;
        return Ok(Rotation::Stolen);
    }
    let head = session.head + 1;
    let moved =
        diesel::update(sessions::table.filter(sessions::id.eq(session.id)).filter(sessions::head.eq(session.head)))
            .set((
                sessions::head.eq(head),
                sessions::head_parent.eq(generation),
                sessions::head_seen.eq(false),
                sessions::refreshed_at.eq(now),
                sessions::last_seen_at.eq(now),
            ))
            .execute(conn)?;
    if moved == 0 {
        // A twin of this request was quicker: look again at what it left.
        return rotate(conn, given, next, origin, now);
    }
    keep(conn, session.id, head, next, now)?;
    if lost_answer {
        let event = Event::of("session.refresh_retried", "session", session.id.uuid());
        history::record_by(conn, Some(account.id), now, origin, event)?;
    }
    Ok(Rotation::Next(account.into(), session.id, head))
}

fn tokens(
    app: &App,
    user: SignedIn,
    session: SessionId,
    generation: i64,
    refresh: RefreshToken,
    now: Timestamp,
) -> Result<Tokens, Error> {
    Ok(Tokens {
        access_token: app.keys.access(user.id, session, generation, now)?,
        token_type: "Bearer",
        expires_in: ACCESS_SECONDS,
        refresh_token: refresh.into_text(),
        session_id: session,
        user,
    })
}
