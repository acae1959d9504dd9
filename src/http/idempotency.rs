//! The same request again gets the same answer: `Idempotency-Key`, and creates that carry the client's own id.
//!
//! Both are kept in the transaction that does the work, so an answer exists exactly when its effect does.

use actix_web::http::StatusCode;
use diesel::prelude::*;
use serde::Serialize;

use super::problem::Problem;
use super::resource::{Made, Resource, etag};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::dialect::Both;
use crate::db::schema::{creations, idempotency_keys};
use crate::db::types::{AnyId, Sha256, Timestamp};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::words::Language;

/// How long an answer is kept: phones sleep over weekends.
pub const KEPT_SECONDS: i64 = 7 * 24 * 3600;

/// A key and what it was sent with.
#[derive(Debug, Clone)]
pub struct Key {
    value: String,
    fingerprint: Sha256,
    /// For a refusal that is kept: how it would be worded.
    language: Language,
    path: String,
    trace_id: String,
}

/// An answer as it was given, and will be again.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its HTTP status.
    pub status: StatusCode,
    /// Where the record is, for a create.
    pub location: Option<String>,
    /// The record's version, for a record that has one. Not told again when replayed: it may have moved on.
    pub etag: Option<String>,
    /// The JSON.
    pub body: String,
    /// Whether it comes from an earlier request.
    pub replayed: bool,
}

impl Kept {
    /// An answer that is no record.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn new(status: StatusCode, value: &impl Serialize) -> Result<Self, Error> {
        Ok(Self { status, location: None, etag: None, body: serde_json::to_string(value)?, replayed: false })
    }

    /// A record.
    ///
    /// # Errors
    /// As [`Kept::new`].
    pub fn of(status: StatusCode, record: &impl Resource) -> Result<Self, Error> {
        let location = status.is_success().then(|| record.path());
        Ok(Self { location, etag: record.version().map(etag), ..Self::new(status, record)? })
    }

    /// Done, and nothing to tell.
    pub const fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, location: None, etag: None, body: String::new(), replayed: false }
    }
}

impl Key {
    /// Reads the header: bare, or in quotes as the draft says.
    ///
    /// # Errors
    /// `idempotency_key_invalid`
    pub fn parse(
        header: &[u8],
        fingerprint: Sha256,
        language: Language,
        path: String,
        trace_id: String,
    ) -> Result<Self, Error> {
        let value = header.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(header);
        if (1..=255).contains(&value.len()) && value.iter().all(|byte| (0x21..=0x7e).contains(byte)) {
            let value = String::from_utf8_lossy(value).into_owned();
            Ok(Self { value, fingerprint, language, path, trace_id })
        } else {
            Err(Code::IdempotencyKeyInvalid.into())
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
struct KeptRow {
    user_id: AnyId,
    key: String,
    fingerprint: Sha256,
    status: i32,
    location: Option<String>,
    body: String,
    created_at: Timestamp,
}

/// Does the work unless it was done under this key before. Refusals with 409 are kept as well: they answer the same question.
pub fn once(
    conn: &mut DbConnection,
    actor: &Actor,
    key: &Key,
    work: impl FnOnce(&mut DbConnection) -> Result<Kept, Error>,
) -> Result<Kept, Error> {
    let user_id = AnyId::from(actor.id().uuid());
    // Taking the key first makes a parallel twin wait here until the answer exists.
    let place = KeptRow {
        user_id,
        key: key.value.clone(),
        fingerprint: key.fingerprint,
        status: 0,
        location: None,
        body: String::new(),
        created_at: actor.now(),
    };
    let ours =
        Both(diesel::insert_into(idempotency_keys::table).values(&place).on_conflict_do_nothing()).execute(conn)? == 1;
    let row = idempotency_keys::table.find((user_id, &key.value));
    if !ours {
        return answered(conn, actor, key)?.ok_or_else(|| Error::internal("a kept answer that is not there"));
    }
    let kept = match conn.transaction(work) {
        Ok(kept) => kept,
        Err(error) if error.code().status() == StatusCode::CONFLICT => {
            let problem = Problem::new(&error.refusal(), key.language, &key.path, &key.trace_id);
            Kept::new(StatusCode::CONFLICT, &problem)?
        }
        Err(error) => return Err(error),
    };
    diesel::update(row)
        .set((
            idempotency_keys::status.eq(i32::from(kept.status.as_u16())),
            idempotency_keys::location.eq(&kept.location),
            idempotency_keys::body.eq(&kept.body),
        ))
        .execute(conn)?;
    Ok(kept)
}

/// The answer that is kept under a key.
///
/// # Errors
/// `idempotency_key_reused` when it answered another request.
pub fn answered(conn: &mut DbConnection, actor: &Actor, key: &Key) -> Result<Option<Kept>, Error> {
    let row = idempotency_keys::table.find((AnyId::from(actor.id().uuid()), &key.value));
    let Some(kept): Option<KeptRow> = row.select(KeptRow::as_select()).first(conn).optional()? else { return Ok(None) };
    if kept.fingerprint != key.fingerprint {
        return Err(Code::IdempotencyKeyReused.into());
    }
    let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or_else(|| Error::internal("a kept answer without a status"))?;
    Ok(Some(Kept { status, location: kept.location, etag: None, body: kept.body, replayed: true }))
}

/// Forgets answers older than [`KEPT_SECONDS`].
///
/// # Errors
/// The database's.
pub fn forget_old(conn: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(now.plus_seconds(-KEPT_SECONDS)));
    Ok(diesel::delete(old).execute(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = creations)]
struct Creation<'a> {
    id: AnyId,
    kind: &'a str,
    fingerprint: Sha256,
    made_by: AnyId,
    made_at: Timestamp,
}

/// Makes a record that may carry the client's own id: the same id with the same content is the same record, with other
/// content it is `duplicate`.
///
/// # Errors
/// `duplicate`, and those of `insert` and `load`.
pub fn made_once<T, Id>(
    conn: &mut DbConnection,
    actor: &Actor,
    kind: &str,
    id: Option<Id>,
    request: &impl Serialize,
    insert: impl FnOnce(&mut DbConnection, Id) -> Result<T, Error>,
    load: impl FnOnce(&mut DbConnection, Id) -> Result<T, Error>,
) -> Result<Made<T>, Error>
where
    Id: From<uuid::Uuid> + Into<uuid::Uuid> + Copy,
{
    made_once_by(conn, actor.id().uuid(), actor.now(), kind, id, request, insert, load)
}

/// [`made_once`] for people without a session: `made_by` stands for all of them.
///
/// # Errors
/// As [`made_once`].
#[expect(clippy::too_many_arguments, reason = "what an actor would carry comes in pieces")]
pub fn made_once_by<T, Id>(
    conn: &mut DbConnection,
    made_by: uuid::Uuid,
    now: Timestamp,
    kind: &str,
    id: Option<Id>,
    request: &impl Serialize,
    insert: impl FnOnce(&mut DbConnection, Id) -> Result<T, Error>,
    load: impl FnOnce(&mut DbConnection, Id) -> Result<T, Error>,
) -> Result<Made<T>, Error>
where
    Id: From<uuid::Uuid> + Into<uuid::Uuid> + Copy,
{
    let Some(id) = id else {
        return insert(conn, Id::from(uuid::Uuid::now_v7())).map(Made::New);
    };
    let fingerprint = fingerprint(request)?;
    let made_by = AnyId::from(made_by);
    let creation = Creation { id: AnyId::from(id.into()), kind, fingerprint, made_by, made_at: now };
    let new =
        Both(diesel::insert_into(creations::table).values(&creation).on_conflict_do_nothing()).execute(conn)? == 1;
    if new {
        return insert(conn, id)
            .map_err(|error| match &error {
                // The id belongs to a record that was made without one of the client's.
                Error::Database(cause)
                    if crate::db::constraint::broken_unique(cause)
                        .is_some_and(|name| name.ends_with("_pkey") || name.ends_with("_id_key")) =>
                {
                    taken()
                }
                _ => error,
            })
            .map(Made::New);
    }
    let same: (String, Sha256, AnyId) = creations::table
        .find(creation.id)
        .select((creations::kind, creations::fingerprint, creations::made_by))
        .first(conn)?;
    if same == (kind.to_owned(), fingerprint, made_by) { load(conn, id).map(Made::Already) } else { Err(taken()) }
}

/// What is told apart of a request. What was left out does not count: a phone may repeat after an upgrade what it sent
/// before, when the record had fewer members.
fn fingerprint(request: &impl Serialize) -> Result<Sha256, Error> {
    fn told(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(members) => members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, told(value)))
                .collect(),
            serde_json::Value::Array(items) => items.into_iter().map(told).collect(),
            other => other,
        }
    }
    Ok(Sha256::of(serde_json::to_vec(&told(serde_json::to_value(request)?))?))
}

fn taken() -> Error {
    Refusal::from(Code::Duplicate).at("/id", Flaw::Taken).into()
}

/// Whether the client has made this very record before.
///
/// # Errors
/// The database's.
pub fn already_made<Id: Into<uuid::Uuid>>(conn: &mut DbConnection, id: Option<Id>) -> Result<bool, Error> {
    let Some(id) = id else { return Ok(false) };
    let known: Option<AnyId> =
        creations::table.find(AnyId::from(id.into())).select(creations::id).get_result(conn).optional()?;
    Ok(known.is_some())
}
