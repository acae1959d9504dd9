//! A link is taken back.

use diesel::prelude::*;
use serde_json::json;

use super::{ActLinkView, LinkId, LinkState, queries};
use crate::acts::{self, ActId};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::schema::act_links;
use crate::error::Error;
use crate::history::{self, Event};
use crate::tickets;

/// Takes a link back. One that has ended already stays as it ended.
///
/// # Errors
/// `not_found`
pub fn revoke(conn: &mut DbConnection, actor: &Actor, act: ActId, id: LinkId) -> Result<ActLinkView, Error> {
    let act = acts::queries::find(conn, actor, act)?;
    tickets::queries::hold(conn, actor, act.ticket_id)?;
    let act = acts::queries::find(conn, actor, act.id)?;
    let link = queries::find(conn, &act, id, actor.now())?;
    if !matches!(link.state, LinkState::Open | LinkState::Viewed) {
        return Ok(link);
    }
    diesel::update(act_links::table.find(id))
        .set((act_links::revoked_at.eq(actor.now()), act_links::revoked_by.eq(actor.id())))
        .execute(conn)?;
    let event = Event::of("act.link_revoked", "act", act.id.uuid()).ticket(act.ticket_id).company(act.company_id);
    history::record(conn, actor, event.after(json!({"link_id": id})))?;
    queries::find(conn, &act, id, actor.now())
}
