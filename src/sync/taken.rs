//! When a ticket was taken away from somebody: the log of events knows.

use diesel::prelude::*;
use serde_json::Value;

use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::events;
use crate::db::types::{AnyId, Timestamp};
use crate::error::Error;
use crate::teams::TeamId;
use crate::tickets::TicketId;

/// Events that are looked through, newest first.
const MOST: i64 = 200;

/// When a ticket that is an actor's no more stopped being theirs: it was given to somebody else or to another team, or they left
/// its team, whichever came last. Nothing when no event tells.
///
/// # Errors
/// The database's.
pub fn at(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    team: Option<TeamId>,
) -> Result<Option<Timestamp>, Error> {
    let me = actor.id().to_string();
    let teams: Vec<String> = actor.team_ids().iter().map(ToString::to_string).collect();
    let given: Vec<(Timestamp, Option<String>)> = events::table
        .filter(events::ticket_id.eq(ticket))
        .filter(events::action.among(["ticket.assigned", "ticket.changed"]))
        .order((events::at.desc(), events::id.desc()))
        .limit(MOST)
        .select((events::at, events::facts))
        .load(conn)?;
    let was_mine = |facts: &Value| {
        let before = |name: &str| facts.pointer(&format!("/before/{name}")).and_then(Value::as_str);
        before("assignee_id") == Some(&me) || before("team_id").is_some_and(|team| teams.iter().any(|own| own == team))
    };
    let given_away = newest(given, was_mine);
    let Some(team) = team else { return Ok(given_away) };
    let drawn: Vec<(Timestamp, Option<String>)> = events::table
        .filter(events::object_id.eq(AnyId::from(team.uuid())))
        .filter(events::action.eq("team.changed"))
        .order((events::at.desc(), events::id.desc()))
        .limit(MOST)
        .select((events::at, events::facts))
        .load(conn)?;
    let i_left = |facts: &Value| {
        let holds = |side: &str| {
            let members = facts.pointer(&format!("/{side}/member_ids")).and_then(Value::as_array);
            members.is_some_and(|members| members.iter().any(|member| member.as_str() == Some(&me)))
        };
        holds("before") && !holds("after")
    };
    Ok(given_away.max(newest(drawn, i_left)))
}

/// The moment of the newest event whose facts tell so.
fn newest(found: Vec<(Timestamp, Option<String>)>, tells: impl Fn(&Value) -> bool) -> Option<Timestamp> {
    found.into_iter().find_map(|(at, facts)| {
        let facts: Value = serde_json::from_str(&facts?).ok()?;
        tells(&facts).then_some(at)
    })
}
