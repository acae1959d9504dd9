//! Working time is logged.

use diesel::prelude::*;

use super::{NewTimeEntry, TimeEntry, TimeEntryId, queries};
use crate::auth::{Actor, Permission, Role};
use crate::db::DbConnection;
use crate::db::schema::{time_entries, users};
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::made_once;
use crate::tickets::{self, Ticket, TicketId};
use crate::users::UserId;
use crate::words::text::optional;
use crate::words::{dates, duration};

/// How far a phone's clock may run ahead, in seconds.
const CLOCK_SKEW: i64 = 10 * 60;

/// Logs working time on a ticket the actor sees.
///
/// # Errors
/// `not_found`; `time_overlap` with the other entry; `validation_failed`; `ticket_closed` for a late entry by somebody who
/// may not; `forbidden` for somebody else's time.
pub fn log(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    new: &NewTimeEntry,
) -> Result<Made<TimeEntry>, Error> {
    let ticket = tickets::queries::hold(conn, actor, ticket)?;
    log_on(conn, actor, &ticket, new)
}

/// Logs working time on a ticket that is held.
///
/// # Errors
/// As [`log`].
pub fn log_on(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    new: &NewTimeEntry,
) -> Result<Made<TimeEntry>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        let entry = entry(conn, actor, ticket, new, id)?;
        write(conn, actor, ticket, entry)
    };
    made_once(conn, actor, "time_entry", new.id, &(ticket.id, new), insert, |conn, id| queries::find(conn, actor, id))
}

/// [`log_on`] for a request that may be a repeated one without an id of its own: the same time is not logged twice.
///
/// # Errors
/// As [`log`].
pub fn log_once_on(conn: &mut DbConnection, actor: &Actor, ticket: &Ticket, new: &NewTimeEntry) -> Result<(), Error> {
    if new.id.is_none() {
        let asked = entry(conn, actor, ticket, new, TimeEntryId::new())?;
        if queries::twin_of(conn, &asked)?.is_some() {
            return Ok(());
        }
    }
    log_on(conn, actor, ticket, new).map(drop)
}

/// The entry that is asked for, looked at.
fn entry(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    new: &NewTimeEntry,
    id: TimeEntryId,
) -> Result<TimeEntry, Error> {
    if ticket.closed_at.is_some() && !actor.may(Permission::LogTimeLate) {
        return Err(Code::TicketClosed.with([("status", ticket.status_code.clone())]).into());
    }
    let user_id = whose(conn, actor, new.user_id)?;
    let (started_at, ended_at, minutes) =
        span(new.started_at, new.ended_at, new.minutes, new.duration.as_deref(), actor.now())?;
    Ok(TimeEntry {
        id,
        ticket_id: ticket.id,
        user_id,
        kind: new.kind,
        started_at,
        ended_at,
        minutes,
        note: optional(new.note.as_ref()),
        visible_to_client: new.visible_to_client,
        recorded_by: actor.id(),
        recorded_at: actor.now(),
        archived_at: None,
        version: 1,
    })
}

fn write(conn: &mut DbConnection, actor: &Actor, ticket: &Ticket, entry: TimeEntry) -> Result<TimeEntry, Error> {
    must_not_overlap(conn, actor, &entry)?;
    diesel::insert_into(time_entries::table).values(&entry).execute(conn)?;
    let event = Event::of("time.logged", "time_entry", entry.id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.after(&entry))?;
    Ok(entry)
}

fn whose(conn: &mut DbConnection, actor: &Actor, named: Option<UserId>) -> Result<UserId, Error> {
    let Some(user) = named.filter(|user| *user != actor.id()) else { return Ok(actor.id()) };
    actor.must(Permission::LogTimeForOthers)?;
    let found: Option<(Role, Option<Timestamp>)> =
        users::table.find(user).select((users::role, users::archived_at)).get_result(conn).optional()?;
    match found {
        None => Err(Error::field("/user_id", Flaw::UnknownReference)),
        Some((Role::Client, _)) => Err(Error::field("/user_id", Flaw::WrongRole)),
        Some((_, Some(_))) => Err(Error::field("/user_id", Flaw::Archived)),
        Some(_) => Ok(user),
    }
}

/// From when, to when, how long: two of them give the third.
///
/// # Errors
/// `validation_failed` when they contradict each other, last less than a minute or more than a day, or lie in the future.
pub fn span(
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    minutes: Option<i64>,
    written: Option<&str>,
    now: Timestamp,
) -> Result<(Option<Timestamp>, Option<Timestamp>, i64), Error> {
    let not_together =
        |pointer: &str, other: &str| Err(Error::field_with(pointer, Flaw::NotTogether, [("other", other.to_owned())]));
    if minutes.is_some() && written.is_some() {
        return not_together("/minutes", "duration");
    }
    if let Some(moment) = ended_at.or(started_at)
        && moment > now.plus_seconds(CLOCK_SKEW)
    {
        return Err(Error::field(if ended_at.is_some() { "/ended_at" } else { "/started_at" }, Flaw::InTheFuture));
    }
    let told = match (minutes, written) {
        (Some(minutes), _) if !duration::LIMITS.contains(&minutes) => {
            return Err(Error::field_with(
                "/minutes",
                Flaw::OutOfRange,
                [("min", "1".to_owned()), ("max", "1440".to_owned())],
            ));
        }
        (Some(minutes), _) => Some(minutes),
        (None, Some(text)) => Some(duration::parse(text).ok_or_else(|| Error::field("/duration", Flaw::NotADuration))?),
        (None, None) => None,
    };
    match (started_at, ended_at, told) {
        (Some(_), Some(_), Some(_)) => {
            not_together("/ended_at", if written.is_some() { "duration" } else { "minutes" })
        }
        (Some(from), Some(to), None) => {
            if to <= from {
                return Err(Error::field("/ended_at", Flaw::EndsBeforeStart));
            }
            // Part of a minute counts as people count: from half a minute on.
            let minutes = (to.micros() - from.micros() + 30_000_000) / 60_000_000;
            if minutes > *duration::LIMITS.end() {
                return Err(Error::field("/ended_at", Flaw::NotADuration));
            }
            Ok((Some(from), Some(to), minutes.max(1)))
        }
        (Some(from), None, Some(minutes)) => Ok((Some(from), Some(from.plus_seconds(minutes * 60)), minutes)),
        (None, Some(to), Some(minutes)) => Ok((Some(to.plus_seconds(-minutes * 60)), Some(to), minutes)),
        (None, None, Some(minutes)) => Ok((None, None, minutes)),
        (Some(_), None, None) => Err(Error::field("/ended_at", Flaw::Required)),
        (None, Some(_), None) => Err(Error::field("/started_at", Flaw::Required)),
        (None, None, None) => Err(Error::field("/duration", Flaw::Required)),
    }
}

/// One person is in one place at a time.
///
/// # Errors
/// `time_overlap` that names the other entry.
pub fn must_not_overlap(conn: &mut DbConnection, actor: &Actor, entry: &TimeEntry) -> Result<(), Error> {
    let (Some(from), Some(to)) = (entry.started_at, entry.ended_at) else { return Ok(()) };
    hold_person(conn, entry.user_id)?;
    let Some((other, ticket)) = queries::overlapping(conn, entry.user_id, from, to, Some(entry.id))? else {
        return Ok(());
    };
    let told = |moment: Option<Timestamp>| {
        moment.map(|moment| dates::minute(actor.language(), moment, chrono_tz::UTC) + " UTC").unwrap_or_default()
    };
    Err(Code::TimeOverlap
        .with([("from", told(other.started_at)), ("to", told(other.ended_at)), ("ticket", ticket.to_string())])
        .and("conflicting_entry", serde_json::to_value(ConflictingEntry::from(&other))?)
        .into())
}

/// Two requests for one person take turns; otherwise each would find that the other's time is not there yet.
fn hold_person(conn: &mut DbConnection, user: UserId) -> Result<(), Error> {
    diesel::update(users::table.find(user)).set(users::version.eq(users::version)).execute(conn)?;
    Ok(())
}

/// The time that is in the way.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ConflictingEntry {
    /// Its id.
    pub id: TimeEntryId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long, in whole minutes.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: i64,
}

impl From<&TimeEntry> for ConflictingEntry {
    fn from(entry: &TimeEntry) -> Self {
        let TimeEntry { id, ticket_id, started_at, ended_at, minutes, .. } = *entry;
        Self { id, ticket_id, started_at, ended_at, minutes }
    }
}
