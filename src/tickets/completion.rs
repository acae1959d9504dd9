//! What is still missing? The same questions as on the move itself, asked beforehand.

use serde::{Deserialize, Serialize};

use super::gates::{self, Move, Unmet};
use super::{StatusKind, TicketId, graph, queries, workflow};
use crate::auth::Actor;
use crate::checklists::{self, ChecklistItemId};
use crate::db::DbConnection;
use crate::error::{Error, Flaw};
use crate::http::query;
use crate::words::text::Line;

/// For which status.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompletionQuery {
    /// The code of the status to enter; the first one of the kind `done` when left out.
    pub to: Option<Line<40>>,
}

/// Whether a ticket may enter a status, and what is missing.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Completion {
    /// The status asked about.
    pub to: String,
    /// Whether nothing is missing.
    pub ready: bool,
    /// What is missing.
    pub unmet: Vec<Unmet>,
    /// Items whose photo was told of and is still on its way. They keep the ticket from being closed, and from nothing before.
    pub photos_awaited: Vec<ChecklistItemId>,
}

/// What keeps a ticket from entering a status.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a status that does not exist.
pub fn completion(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketId,
    asked: &CompletionQuery,
) -> Result<Completion, Error> {
    let ticket = queries::find_row(conn, actor, id)?;
    let graph = graph::load(conn)?;
    let to = match &asked.to {
        Some(code) => graph.status(code),
        None => graph.statuses.iter().find(|status| status.kind == StatusKind::Done && !status.archived),
    };
    let to = to.ok_or_else(|| query::refused("to", Flaw::NotOneOf, vec![("allowed", graph.codes())]))?;
    let kind = workflow::kind_of(conn, &ticket)?;
    let way = graph.transition(&ticket.status_code, &to.code);
    let asks = Move { ticket: &ticket, kind: &kind, from: ticket.status_kind, to, way };
    let unmet = gates::unmet(conn, &asks, actor.language())?;
    let items = checklists::on_ticket::of(conn, ticket.id)?.into_iter();
    let photos_awaited = items.filter(|item| item.photo_confirmed == Some(false)).map(|item| item.id).collect();
    Ok(Completion { to: to.code.clone(), ready: unmet.is_empty(), unmet, photos_awaited })
}
