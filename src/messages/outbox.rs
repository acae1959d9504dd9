//! Messages are written: in the transaction of what they tell of, or not at all.

use serde_json::json;

use super::mask::masked;
use super::{Message, MessageId, MessageKind, MessageState, queries};
use crate::acts::Act;
use crate::auth::{Actor, Origin};
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::{Error, Flaw};
use crate::history::{self, Event};
use crate::links::LinkId;

/// Days for which it is tried to deliver a signed act.
const DAYS: i64 = 30;

/// To whom.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// To which address.
    pub address: String,
    /// What they are called.
    pub name: Option<String>,
}

/// What only the recipient may know, locked for a message that is yet to be written.
#[derive(Clone)]
pub struct Sealed {
    /// The message.
    pub message: MessageId,
    /// The locked text.
    pub secret: Vec<u8>,
}

/// Who has it written.
pub enum By<'a> {
    /// Somebody who is signed in.
    Actor(&'a Actor),
    /// Somebody at a page of ours, or the program itself.
    Nobody(&'a Origin),
}

/// Refuses an address that no mail can be sent to.
///
/// # Errors
/// `validation_failed`
pub fn must_be_deliverable(address: &str, pointer: &str) -> Result<(), Error> {
    super::letter::address(address).map(drop).ok_or_else(|| Error::field(pointer, Flaw::NotAnEmail))
}

/// Writes the message that takes a link to whoever is to sign.
///
/// # Errors
/// The database's.
pub fn link(
    conn: &mut DbConnection,
    actor: &Actor,
    act: &Act,
    link: LinkId,
    to: Recipient,
    sealed: Sealed,
    until: Timestamp,
) -> Result<(), Error> {
    let message = message(act, MessageKind::SignatureLink, to, actor.now(), until);
    let occasion = format!("link {link}");
    let message = Message { id: sealed.message, occasion, link_id: Some(link), secret: Some(sealed.secret), ..message };
    write(conn, &By::Actor(actor), act, &message)
}

/// Writes the message that takes a one-time code to whoever is to sign by a link.
///
/// # Errors
/// The database's.
#[expect(clippy::too_many_arguments, reason = "each is a part of the message")]
pub fn code(
    conn: &mut DbConnection,
    origin: &Origin,
    act: &Act,
    link: LinkId,
    to: Recipient,
    sealed: Sealed,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), Error> {
    let message = message(act, MessageKind::SigningCode, to, now, until);
    let occasion = format!("code {}", sealed.message);
    let message = Message { id: sealed.message, occasion, link_id: Some(link), secret: Some(sealed.secret), ..message };
    write(conn, &By::Nobody(origin), act, &message)
}

/// Writes the message that takes the signed act to somebody, once for each address.
///
/// # Errors
/// The database's.
pub fn signed_act(conn: &mut DbConnection, act: &Act, to: Recipient, now: Timestamp) -> Result<(), Error> {
    let occasion = format!("act {} {}", act.id, to.address.to_lowercase());
    let until = now.plus_seconds(DAYS * 24 * 3_600);
    let message = Message { occasion, ..message(act, MessageKind::SignedAct, to, now, until) };
    write(conn, &By::Nobody(&Origin::default()), act, &message)
}

fn message(act: &Act, kind: MessageKind, to: Recipient, now: Timestamp, until: Timestamp) -> Message {
    Message {
        id: MessageId::new(),
        kind,
        state: MessageState::Queued,
        occasion: String::new(),
        act_id: act.id,
        link_id: None,
        company_id: act.company_id,
        recipient: to.address,
        recipient_name: to.name,
        language: act.language,
        secret: None,
        tries: 0,
        next_try_at: now,
        sender: None,
        leased_until: None,
        expires_at: until,
        failure: None,
        failure_detail: None,
        sent_at: None,
        created_at: now,
        updated_at: now,
    }
}

fn write(conn: &mut DbConnection, by: &By<'_>, act: &Act, message: &Message) -> Result<(), Error> {
    if !queries::insert(conn, message)? {
        return Ok(());
    }
    let event = event("act.message_queued", act, message);
    match by {
        By::Actor(actor) => history::record(conn, actor, event),
        By::Nobody(origin) => history::record_by(conn, None, message.created_at, origin, event),
    }
}

/// What happened to a message, in the history of its act. Whoever reads it sees no more of the address than is needed.
pub fn event(action: &'static str, act: &Act, message: &Message) -> Event {
    let facts = json!({
        "message_id": message.id, "kind": message.kind, "link_id": message.link_id, "recipient": masked(&message.recipient),
        "tries": message.tries, "failure": message.failure,
    });
    Event::of(action, "act", act.id.uuid()).ticket(act.ticket_id).company(act.company_id).after(facts)
}
