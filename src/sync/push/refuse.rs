//! A row that is not taken: written down whole for its author, and the true row told again.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::doors::{self, Caller};
use super::row::Pushed;
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::dialect::Both;
use crate::db::schema::{events, sync_changes, sync_issues, unsealed_events};
use crate::db::types::{AnyId, Sha256};
use crate::error::{Code, Error, Refusal};
use crate::history::{self, Event};
use crate::http::problem::Problem;
use crate::sync::issue::{Issue, IssueId, IssueStatus};
use crate::tickets::TicketId;

/// Writes an issue down, once for the same row with the same content, and sees to it that the phone is told.
///
/// # Errors
/// The database's.
pub fn tell(
    conn: &mut DbConnection,
    actor: &Actor,
    pushed: &Pushed,
    status: IssueStatus,
    refusal: &Refusal,
    ticket: Option<TicketId>,
    since: i64,
) -> Result<(), Error> {
    let problem = Problem::new(refusal, actor.language(), "/api/v1/sync/push", &actor.origin().trace_id);
    let content = pushed.json();
    let message = format!("{}. {}", problem.title, problem.detail);
    let mut details = problem.extra.clone();
    details.insert("errors".to_owned(), serde_json::to_value(&problem.errors)?);
    let issue = Issue {
        id: IssueId::new(),
        user_id: actor.id(),
        device_id: actor.origin().device_id.clone(),
        ticket_id: ticket,
        table_name: pushed.table.name.to_owned(),
        row_id: pushed.id.clone(),
        status,
        code: refusal.code.to_string(),
        message,
        details: Value::Object(details).to_string(),
        pushed_sha256: Sha256::of(format!("{}\n{}\n{}\n{content}", pushed.table.name, pushed.id, refusal.code)),
        pushed: content,
        created_at: actor.now(),
        acknowledged_at: None,
        looked_at: None,
    };
    let new = Both(diesel::insert_into(sync_issues::table).values(&issue).on_conflict_do_nothing()).execute(conn)? == 1;
    let known: IssueId = sync_issues::table
        .filter(sync_issues::user_id.eq(actor.id()))
        .filter(sync_issues::pushed_sha256.eq(issue.pushed_sha256))
        .select(sync_issues::id)
        .get_result(conn)?;
    if !new && happened_since(conn, AnyId::from(known.uuid()), since)? {
        return Ok(());
    }
    if !new {
        diesel::update(sync_issues::table.find(known))
            .set(sync_issues::acknowledged_at.eq(None::<crate::db::types::Timestamp>))
            .execute(conn)?;
    }
    let action = if status == IssueStatus::Refused { "sync.refused" } else { "sync.quarantined" };
    let mut event = Event::of(action, "sync_issue", known.uuid());
    if let Some(ticket) = ticket {
        event = event.ticket(ticket);
    }
    let facts = json!({"table": issue.table_name, "row": issue.row_id, "code": issue.code});
    history::record(conn, actor, event.after(facts))
}

/// Sees to it that a row is told again as it is: what the phone has differs from what is kept.
///
/// # Errors
/// The database's.
pub fn touch(
    conn: &mut DbConnection,
    actor: &Actor,
    pushed: &Pushed,
    ticket: Option<TicketId>,
    since: i64,
) -> Result<(), Error> {
    let Some((_, door)) = doors::door(pushed.table.name) else { return Ok(()) };
    // A device on a ticket has the device's id there.
    let id = pushed.id.rsplit('.').next().unwrap_or_default();
    let Ok(id) = id.parse::<AnyId>() else { return Ok(()) };
    if happened_since(conn, id, since)? {
        return Ok(());
    }
    let mut event = Event::of("sync.touched", door.kind, uuid::Uuid::from(id));
    if let Some(ticket) = ticket {
        event = event.ticket(ticket);
    }
    history::record(conn, actor, event)
}

/// Whether a record has an event that the phone has not been told of.
fn happened_since(conn: &mut DbConnection, id: AnyId, since: i64) -> Result<bool, Error> {
    let sealed = sync_changes::table.filter(sync_changes::object_id.eq(id)).filter(sync_changes::seq.gt(since));
    if diesel::select(diesel::dsl::exists(sealed)).get_result(conn)? {
        return Ok(true);
    }
    let waiting: Option<AnyId> = unsealed_events::table
        .inner_join(events::table)
        .filter(events::object_id.eq(id))
        .select(unsealed_events::event_id)
        .first(conn)
        .optional()?;
    Ok(waiting.is_some())
}

/// The author has seen an issue.
///
/// # Errors
/// The database's.
pub fn acknowledge(conn: &mut DbConnection, caller: &Caller<'_>, pushed: &Pushed) -> Result<(), Error> {
    let Ok(id) = pushed.id.parse::<IssueId>() else { return Ok(()) };
    let own = sync_issues::table
        .filter(sync_issues::id.eq(id))
        .filter(sync_issues::user_id.eq(caller.actor.id()))
        .filter(sync_issues::acknowledged_at.is_null());
    let seen = diesel::update(own).set(sync_issues::acknowledged_at.eq(Some(caller.actor.now()))).execute(conn)?;
    if seen == 1 {
        history::record(conn, caller.actor, Event::of("sync.acknowledged", "sync_issue", id.uuid()))?;
    }
    Ok(())
}

/// The refusal that an error of a verb is to a phone. What is not there and what is somebody else's are one and the same.
pub fn refusal_of(error: &Error) -> Refusal {
    let refusal = error.refusal();
    match refusal.code {
        Code::NotFound | Code::Duplicate => Code::IdUnavailable.into(),
        _ => refusal,
    }
}
