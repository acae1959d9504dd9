//! What happened, with the means to check it: each event as it was hashed, and the way from it to a root.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::auth::Audience;
use crate::db::DbConnection;
use crate::error::Error;
use crate::history::EventId;
use crate::history::roots::AuditRoot;
use crate::history::roots::proof::{ProvedEntry, of_events};
use crate::history::told::Told;

/// The shape of the file.
const FORMAT: &str = "naryad.history.1";

/// Of which events a client is told what was said in them: they are about documents the client has.
const DISCLOSED: [&str; 6] =
    ["act.issued", "act.decided", "act.unattended", "act.deemed_accepted", "act.resolved", "act.voided"];

/// Events with their proofs, for programs; and how many of them are proved.
///
/// # Errors
/// The database's.
pub fn history(
    conn: &mut DbConnection,
    root: &AuditRoot,
    events: &[Told],
    audience: Audience,
) -> Result<(Value, usize), Error> {
    let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
    let proved = of_events(conn, root, &ids)?;
    let count = proved.len();
    let told: BTreeMap<EventId, &Told> = events.iter().map(|event| (event.id, event)).collect();
    let entries = proved.iter().map(|entry| disclosed(entry, told.get(&entry.event_id).copied(), audience));
    let entries: Result<Vec<Value>, Error> = entries.collect();
    Ok((json!({"format": FORMAT, "audience": audience, "root": root, "entries": entries?}), count))
}

/// An entry with what was said in it, where that may be told: whoever has the salt computes `facts_hash` anew.
fn disclosed(entry: &ProvedEntry, told: Option<&Told>, audience: Audience) -> Result<Value, Error> {
    let mut value = serde_json::to_value(entry)?;
    let told = told.filter(|told| audience.is_internal() || DISCLOSED.contains(&told.action.as_str()));
    let facts = told.and_then(|told| told.facts.as_ref().map(|facts| (facts, &told.facts_salt)));
    if let Some(members) = value.as_object_mut() {
        members.insert("facts".to_owned(), json!(facts.map(|(facts, _)| facts)));
        members.insert("facts_salt".to_owned(), json!(facts.map(|(_, salt)| hex::encode(salt))));
    }
    Ok(value)
}
