//! Somebody has the act before their eyes: said by the page itself, not by whoever merely fetches its address.

use diesel::prelude::*;
use serde_json::json;

use super::LinkState;
use super::open::open;
use crate::auth::Origin;
use crate::db::DbConnection;
use crate::db::schema::act_links;
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;
use crate::history::{self, Event};

/// Whether nobody has looked at a link that can be signed by.
///
/// # Errors
/// The database's.
pub fn is_new(conn: &mut DbConnection, token: Sha256, now: Timestamp) -> Result<bool, Error> {
    Ok(open(conn, token, now)?.is_some_and(|opened| opened.state == LinkState::Open))
}

/// Notes the first look.
///
/// # Errors
/// The database's.
pub fn seen(conn: &mut DbConnection, token: Sha256, now: Timestamp, origin: &Origin) -> Result<(), Error> {
    let Some(opened) = open(conn, token, now)? else { return Ok(()) };
    let (link, act) = (opened.link, opened.act);
    let unseen = act_links::table.find(link.id).filter(act_links::viewed_at.is_null());
    if diesel::update(unseen).set(act_links::viewed_at.eq(now)).execute(conn)? == 0 {
        return Ok(());
    }
    let event = Event::of("act.link_viewed", "act", act.id.uuid()).ticket(act.ticket_id).company(act.company_id);
    history::record_by(conn, None, now, origin, event.after(json!({"link_id": link.id})))
}
