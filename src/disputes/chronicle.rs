//! What happened on a ticket, in order, as a director reads it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::sections::Shown;
use crate::auth::Audience;
use crate::history::told::Told;
use crate::users::UserId;

/// What the chronicle tells; the rest stands in sections of its own.
const TOLD: [&str; 14] = [
    "ticket.opened",
    "ticket.assigned",
    "ticket.status_changed",
    "ticket.gates_overridden",
    "asset.scanned",
    "act.issued",
    "act.link_made",
    "act.link_viewed",
    "act.link_revoked",
    "act.decided",
    "act.unattended",
    "act.deemed_accepted",
    "act.resolved",
    "act.voided",
];

/// What a client learns of a ticket's history at all, besides acts and what belongs to records that the client sees.
const PUBLIC: [&str; 5] =
    ["ticket.opened", "ticket.assigned", "ticket.status_changed", "ticket.asset_linked", "checklist.answered"];

/// Whether an event is for somebody's eyes.
pub fn is_for(event: &Told, shown: &Shown, audience: Audience) -> bool {
    if audience.is_internal() {
        return true;
    }
    let action = event.action.as_str();
    match action {
        "time.logged" | "attachment.added" | "attachment.expected" | "comment.written" => {
            shown.records.contains(&Uuid::from(event.object_id))
        }
        _ => PUBLIC.contains(&action) || action.starts_with("act."),
    }
}

/// The chronicle: of each event when, what, who, and what the sentence about it needs.
pub fn tell(events: &[Told], people: &BTreeMap<UserId, String>, statuses: &[(String, String)]) -> Vec<Value> {
    let told = events.iter().filter(|event| TOLD.contains(&event.action.as_str()));
    told.map(|event| one(event, people, statuses)).collect()
}

fn one(event: &Told, people: &BTreeMap<UserId, String>, statuses: &[(String, String)]) -> Value {
    let status = |pointer: &str| {
        let code = event.fact(pointer)?;
        let code = code.as_str()?;
        Some(statuses.iter().find(|(own, _)| own == code).map_or_else(|| code.to_owned(), |(_, name)| name.clone()))
    };
    let person = |pointer: &str| {
        let id: UserId = event.fact(pointer)?.as_str()?.parse().ok()?;
        people.get(&id).cloned()
    };
    // Other events name such members as well, of which their sentences do not tell.
    let (moved, given, paper) =
        (event.action == "ticket.status_changed", event.action == "ticket.assigned", event.action.starts_with("act."));
    json!({
        "at": event.at, "action": event.action, "role": event.actor_role,
        "who": event.actor_id.and_then(|id| people.get(&id)),
        "from": status("/before/status_code").filter(|_| moved), "to": status("/after/status_code").filter(|_| moved),
        "assignee": person("/after/assignee_id").filter(|_| given),
        "reason": event.fact("/after/reason"),
        "number": event.fact("/after/number").filter(|_| paper), "version": event.fact("/after/version").filter(|_| paper),
        "party": event.fact("/after/party"), "signer": event.fact("/after/signer"), "outcome": event.fact("/after/outcome"),
    })
}

/// Everybody who did something, or to whom something was given.
pub fn people(events: &[Told]) -> Vec<UserId> {
    let given = |event: &Told| event.fact("/after/assignee_id")?.as_str()?.parse().ok();
    events.iter().flat_map(|event| [event.actor_id, given(event)]).flatten().collect()
}
