//! The only writer of a ticket's status. Every path that moves a ticket ends in [`change_status`] or
//! [`advance_on_assignment`], and both ask the same questions in the same transaction.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::gates::{self, Move};
use super::graph::{self, Graph, Status};
use super::{StatusKind, Ticket, TicketId, TicketView, WaitingFor, comments, queries};
use crate::auth::{Actor, Permission};
use crate::db::DbConnection;
use crate::db::schema::tickets;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::ticket_types::{self, TicketType};
use crate::time_entries::{self, NewTimeEntry};
use crate::words::text::{Line, Prose};

/// A move that is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeStatus {
    /// The code of the status to enter.
    pub to: Line<40>,
    /// Why; kept as an internal comment.
    #[serde(default)]
    pub comment: Option<Prose<10000>>,
    /// Working time to log in the same breath.
    #[serde(default)]
    pub time_entry: Option<NewTimeEntry>,
    /// Whom or what the ticket waits for, on entering a waiting status.
    #[serde(default)]
    pub waiting_for: Option<WaitingFor>,
    /// Move although a gate is closed. For those who may; the reason is kept.
    #[serde(default)]
    pub r#override: Option<Override>,
}

/// Why a closed gate is passed.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The reason.
    pub reason: Prose<1000>,
}

/// Moves a ticket. Moving it to where it stands already changes no status; the time and the comment that come along are kept,
/// once: a repeated request does no harm.
///
/// # Errors
/// `not_found`; `transition_refused` when there is no such way for the actor; `validation_failed` without a comment that
/// is compulsory; `gates_closed` with everything that is missing; `forbidden` for an override by somebody who may not.
pub fn change_status(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketId,
    asked: &ChangeStatus,
) -> Result<TicketView, Error> {
    let brings_nothing = asked.comment.is_none() && asked.time_entry.is_none();
    if brings_nothing && *asked.to == queries::find_row(conn, actor, id)?.status_code {
        return queries::find(conn, actor, id);
    }
    let ticket = queries::hold(conn, actor, id)?;
    if *asked.to == ticket.status_code {
        // Somebody was quicker, or this is the same request again: what it brings must not be lost, nor kept twice.
        return bring(conn, actor, &ticket, asked);
    }
    let graph = graph::load(conn)?;
    let to = graph
        .status(&asked.to)
        .ok_or_else(|| Error::field_with("/to", Flaw::NotOneOf, [("allowed", graph.codes())]))?;
    let way =
        graph.transition(&ticket.status_code, &to.code).filter(|way| way.roles.contains(&actor.role()) && !to.archived);
    let way = way.ok_or_else(|| refused(&graph, &ticket, to, actor))?;
    if way.comment_required && asked.comment.is_none() {
        return Err(Error::field("/comment", Flaw::Required));
    }
    if let Some(entry) = &asked.time_entry {
        time_entries::log::log_on(conn, actor, &ticket, entry)?;
    }
    let kind = kind_of(conn, &ticket)?;
    let asks = Move { ticket: &ticket, kind: &kind, from: ticket.status_kind, to, way: Some(way) };
    let unmet = gates::unmet(conn, &asks, actor.language())?;
    if !unmet.is_empty() {
        let Some(reason) = asked.r#override.as_ref().map(|given| &*given.reason) else {
            return Err(gates::closed(&unmet));
        };
        actor.must(Permission::OverrideGates)?;
        let passed: Vec<_> = unmet.iter().map(|gate| json!({"gate": gate.gate, "message": gate.message})).collect();
        let event = Event::of("ticket.gates_overridden", "ticket", id.uuid()).ticket(id).company(ticket.company_id);
        history::record(conn, actor, event.after(json!({"to": to.code, "reason": reason, "unmet": passed})))?;
    }
    if let Some(text) = &asked.comment {
        comments::add_internal(conn, actor, &ticket, text)?;
    }
    write(conn, actor, &ticket, to, asked.waiting_for)?;
    queries::find(conn, actor, id)
}

/// Keeps the time and the comment of a move to where the ticket stands already, unless they were kept before.
fn bring(conn: &mut DbConnection, actor: &Actor, ticket: &Ticket, asked: &ChangeStatus) -> Result<TicketView, Error> {
    if let Some(entry) = &asked.time_entry {
        time_entries::log::log_once_on(conn, actor, ticket, entry)?;
    }
    if let Some(text) = &asked.comment
        && !comments::is_written(conn, actor, ticket.id, text)?
    {
        comments::add_internal(conn, actor, ticket, text)?;
    }
    queries::find(conn, actor, ticket.id)
}

/// Moves a ticket that was just given to somebody out of `new`, where the graph has such a way and nothing is in it.
///
/// # Errors
/// The database's.
pub fn advance_on_assignment(conn: &mut DbConnection, actor: &Actor, ticket: &Ticket) -> Result<(), Error> {
    if ticket.status_kind != StatusKind::New || ticket.assignee_id.is_none() {
        return Ok(());
    }
    let graph = graph::load(conn)?;
    let Some(to) = graph.ways(&ticket.status_code, actor.role()).find(|status| status.kind == StatusKind::Assigned)
    else {
        return Ok(());
    };
    let way = graph.transition(&ticket.status_code, &to.code);
    let kind = kind_of(conn, ticket)?;
    let asks = Move { ticket, kind: &kind, from: ticket.status_kind, to, way };
    if way.is_some_and(|way| way.comment_required) || !gates::unmet(conn, &asks, actor.language())?.is_empty() {
        return Ok(());
    }
    write(conn, actor, ticket, to, None)
}

/// The kind of a ticket.
///
/// # Errors
/// The database's.
pub fn kind_of(conn: &mut DbConnection, ticket: &Ticket) -> Result<TicketType, Error> {
    ticket_types::load(conn, ticket.type_id)?.ok_or_else(|| Error::internal("a ticket without its kind"))
}

fn refused(graph: &Graph, ticket: &Ticket, to: &Status, actor: &Actor) -> Error {
    let language = actor.language();
    let ways: Vec<&Status> = graph.ways(&ticket.status_code, actor.role()).collect();
    let allowed: Vec<String> =
        ways.iter().map(|status| format!("{} ({})", status.named(language), status.code)).collect();
    let codes: Vec<&str> = ways.iter().map(|status| status.code.as_str()).collect();
    let from = graph.status(&ticket.status_code).map_or(ticket.status_code.as_str(), |status| status.named(language));
    Code::TransitionRefused
        .with([
            ("from", from.to_owned()),
            ("to", to.named(language).to_owned()),
            ("allowed", if allowed.is_empty() { "—".to_owned() } else { allowed.join(", ") }),
        ])
        .and("allowed", codes)
        .into()
}

/// Writes the status. `ticket` is held by this transaction, so what was asked about it still holds.
fn write(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    to: &Status,
    waiting_for: Option<WaitingFor>,
) -> Result<(), Error> {
    let now = actor.now();
    let mut after = ticket.clone();
    after.status_code.clone_from(&to.code);
    after.status_kind = to.kind;
    after.waiting_for = waiting_for.filter(|_| to.kind == StatusKind::Waiting);
    after.started_at = match to.kind {
        StatusKind::InProgress => ticket.started_at.or(Some(now)),
        _ => ticket.started_at,
    };
    after.done_at = match to.kind {
        StatusKind::Done => Some(now),
        StatusKind::Closed | StatusKind::Cancelled => ticket.done_at,
        _ => None,
    };
    after.closed_at = matches!(to.kind, StatusKind::Closed | StatusKind::Cancelled).then_some(now);
    let still = tickets::table.filter(tickets::id.eq(ticket.id)).filter(tickets::status_code.eq(&ticket.status_code));
    let written = diesel::update(still)
        .set((
            tickets::status_code.eq(&after.status_code),
            tickets::status_kind.eq(after.status_kind),
            tickets::waiting_for.eq(after.waiting_for),
            tickets::started_at.eq(after.started_at),
            tickets::done_at.eq(after.done_at),
            tickets::closed_at.eq(after.closed_at),
        ))
        .execute(conn)?;
    if written == 0 {
        return Err(Error::internal("a held ticket moved"));
    }
    let event =
        Event::of("ticket.status_changed", "ticket", ticket.id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.changed(ticket, &after))
}
