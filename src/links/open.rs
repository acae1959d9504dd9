//! What a link opens.

use super::{ActLink, LinkState, code, queries, token};
use crate::acts::Act;
use crate::acts::signature::Signature;
use crate::acts::snapshot::Snapshot;
use crate::companies::contact::{self, Contact};
use crate::db::DbConnection;
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;

/// What a link that still opens something shows.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The link.
    pub link: ActLink,
    /// Where it stands: open, viewed or signed.
    pub state: LinkState,
    /// The act.
    pub act: Act,
    /// What the act froze.
    pub content: Snapshot,
    /// Who is to sign, when that was said.
    pub contact: Option<Contact>,
    /// What was decided by it.
    pub signature: Option<Signature>,
    /// Whether whoever signs must type a code that was sent to them.
    pub asks_for_code: bool,
}

/// What a token opens. Nothing for one that leads nowhere, or no longer does.
///
/// # Errors
/// The database's.
pub fn open(conn: &mut DbConnection, token: Sha256, now: Timestamp) -> Result<Option<Opened>, Error> {
    let Some((link, act, signature)) = queries::by_token(conn, token)? else { return Ok(None) };
    let (state, _) = link.stands(act.status, signature.is_some(), now);
    // Whoever has signed keeps the copy within reach, though not for ever.
    if matches!(state, LinkState::Void | LinkState::Expired) || link.has_expired(now) {
        return Ok(None);
    }
    let contact = match link.contact_id {
        Some(id) => contact::load(conn, id)?,
        None => None,
    };
    let content = Snapshot::read(&act.snapshot)?;
    let asks_for_code = code::is_asked_for(conn, &act, &content)?;
    Ok(Some(Opened { link, state, act, content, contact, signature, asks_for_code }))
}

/// What is looked for, given what somebody came with.
pub fn key(given: &str) -> Sha256 {
    token::hash(given)
}
