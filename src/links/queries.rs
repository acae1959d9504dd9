//! Every query on links.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{ActLink, ActLinkView, LinkId, LinkMessage, LinkState, SendBy};
use crate::acts::Act;
use crate::acts::signature::Signature;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{act_links, acts, signatures};
use crate::db::types::{Sha256, Timestamp};
use crate::error::{Code, Error};
use crate::messages::{self, Message};

/// The links of an act as they stand, newest first.
///
/// # Errors
/// The database's.
pub fn of_act(conn: &mut DbConnection, act: &Act, now: Timestamp) -> Result<Vec<ActLinkView>, Error> {
    let links: Vec<ActLink> = act_links::table
        .filter(act_links::act_id.eq(act.id))
        .order((act_links::created_at.desc(), act_links::id.desc()))
        .select(ActLink::as_select())
        .load(conn)?;
    let ids: Vec<LinkId> = links.iter().map(|link| link.id).collect();
    let came: Vec<Signature> =
        signatures::table.filter(signatures::link_id.among(ids)).select(Signature::as_select()).load(conn)?;
    let came: BTreeMap<LinkId, Signature> = came.into_iter().filter_map(|one| Some((one.link_id?, one))).collect();
    let went: Vec<LinkId> = links.iter().filter(|link| link.send_by == SendBy::Email).map(|link| link.id).collect();
    let went = if went.is_empty() { Vec::new() } else { messages::queries::of_links(conn, went)? };
    let view = |link: ActLink| {
        let message = went.iter().find(|message| message.link_id == Some(link.id));
        view(act, came.get(&link.id), message, link, now)
    };
    Ok(links.into_iter().map(view).collect())
}

fn view(act: &Act, came: Option<&Signature>, message: Option<&Message>, link: ActLink, now: Timestamp) -> ActLinkView {
    let (state, void_because) = link.stands(act.status, came.is_some(), now);
    ActLinkView {
        id: link.id,
        act_id: link.act_id,
        state,
        void_because,
        contact_id: link.contact_id,
        expires_at: link.expires_at,
        viewed_at: link.viewed_at,
        signature_id: came.map(|one| one.id),
        signed_at: came.map(|one| one.recorded_at),
        revoked_at: link.revoked_at,
        send_by: link.send_by,
        email: link.email,
        message: message.map(LinkMessage::from),
        created_by: link.created_by,
        created_at: link.created_at,
    }
}

/// One link of an act as it stands.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, act: &Act, id: LinkId, now: Timestamp) -> Result<ActLinkView, Error> {
    let found = of_act(conn, act, now)?.into_iter().find(|link| link.id == id);
    found.ok_or_else(|| Code::NotFound.into())
}

/// How many links of an act somebody could sign by.
///
/// # Errors
/// The database's.
pub fn alive(conn: &mut DbConnection, act: &Act, now: Timestamp) -> Result<usize, Error> {
    let all = of_act(conn, act, now)?;
    Ok(all.iter().filter(|link| matches!(link.state, LinkState::Open | LinkState::Viewed)).count())
}

/// What the hash of a token leads to: the link, its act, and the decision that came by it.
///
/// # Errors
/// The database's.
pub fn by_token(conn: &mut DbConnection, hash: Sha256) -> Result<Option<(ActLink, Act, Option<Signature>)>, Error> {
    let found: Option<(ActLink, Act)> = act_links::table
        .inner_join(acts::table)
        .filter(act_links::token_hash.eq(hash))
        .select((ActLink::as_select(), Act::as_select()))
        .get_result(conn)
        .optional()?;
    let Some((link, act)) = found else { return Ok(None) };
    let came: Option<Signature> = signatures::table
        .filter(signatures::link_id.eq(link.id))
        .select(Signature::as_select())
        .get_result(conn)
        .optional()?;
    Ok(Some((link, act, came)))
}
