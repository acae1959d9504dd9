//! Every query on messages.

use diesel::prelude::*;

use super::{Message, MessageFailure, MessageFilter, MessageId, MessageKind, MessageState, SenderId};
use crate::db::among::Among;
use crate::db::dialect::Both;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::messages;
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::links::LinkId;

/// Writes a message, unless somebody was written to about the same; whether it did.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut DbConnection, message: &Message) -> Result<bool, Error> {
    let inserted = Both(diesel::insert_into(messages::table).values(message).on_conflict_do_nothing()).execute(conn)?;
    Ok(inserted == 1)
}

/// One message.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, id: MessageId) -> Result<Message, Error> {
    let found = messages::table.find(id).select(Message::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// A page of messages, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &MessageFilter) -> Result<Page<Message>, Error> {
    let page = filter.page();
    let mut query = messages::table.select(Message::as_select()).into_boxed::<MultiBackend>();
    if let Some(act) = filter.act_id {
        query = query.filter(messages::act_id.eq(act));
    }
    if let Some(company) = filter.company_id {
        query = query.filter(messages::company_id.eq(company));
    }
    if let Some(state) = filter.state {
        query = query.filter(messages::state.eq(state));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(messages::kind.eq(kind));
    }
    let rows = newest_first!(query, messages, page).load(conn)?;
    Ok(page.cut(rows, |message: &Message| (message.created_at, message.id)))
}

/// The messages that took some links to whoever is to sign.
///
/// # Errors
/// The database's.
pub fn of_links(conn: &mut DbConnection, links: Vec<LinkId>) -> Result<Vec<Message>, Error> {
    Ok(messages::table
        .filter(messages::link_id.assume_not_null().among(links))
        .filter(messages::kind.eq(MessageKind::SignatureLink))
        .select(Message::as_select())
        .load(conn)?)
}

/// What is to be sent now: what waits for its turn, and what somebody began to send who is gone. What is of use for the
/// shortest time comes first: codes before links, links before copies.
///
/// # Errors
/// The database's.
pub fn due(conn: &mut DbConnection, now: Timestamp, most: i64) -> Result<Vec<Message>, Error> {
    let waits = messages::state.eq(MessageState::Queued).and(messages::next_try_at.le(now));
    let left = messages::state.eq(MessageState::Sending).and(messages::leased_until.assume_not_null().le(now));
    Ok(messages::table
        .filter(waits.or(left))
        .order((messages::expires_at, messages::id))
        .limit(most)
        .select(Message::as_select())
        .load(conn)?)
}

/// Takes a message, as it was found, to send it; whether nobody was quicker.
///
/// # Errors
/// The database's.
pub fn take(
    conn: &mut DbConnection,
    message: &Message,
    sender: SenderId,
    now: Timestamp,
    lease: i64,
) -> Result<bool, Error> {
    let same = messages::table
        .filter(messages::id.eq(message.id))
        .filter(messages::state.eq(message.state))
        .filter(messages::tries.eq(message.tries))
        .filter(messages::updated_at.eq(message.updated_at));
    let taken = diesel::update(same)
        .set((
            messages::state.eq(MessageState::Sending),
            messages::tries.eq(message.tries + 1),
            messages::sender.eq(sender),
            messages::leased_until.eq(now.plus_seconds(lease)),
            messages::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(taken == 1)
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// The mail server took it.
    Sent,
    /// It did not, and another time it may.
    Later {
        /// When.
        at: Timestamp,
        /// What it said.
        said: String,
    },
    /// It is given up.
    Failed {
        /// Why.
        why: MessageFailure,
        /// What the mail server said, if it was asked.
        said: Option<String>,
    },
}

/// Lays a message down that `sender` took. `false` when it was somebody else's by then.
///
/// # Errors
/// The database's.
pub fn lay_down(
    conn: &mut DbConnection,
    id: MessageId,
    sender: SenderId,
    ended: &Ended,
    now: Timestamp,
) -> Result<bool, Error> {
    let mine = messages::table
        .filter(messages::id.eq(id))
        .filter(messages::state.eq(MessageState::Sending))
        .filter(messages::sender.eq(sender));
    let (state, sent_at) = match ended {
        Ended::Sent => (MessageState::Sent, Some(now)),
        Ended::Later { .. } => (MessageState::Queued, None),
        Ended::Failed { .. } => (MessageState::Failed, None),
    };
    let (failure, said) = match ended {
        Ended::Sent => (None, None),
        Ended::Later { said, .. } => (None, Some(said)),
        Ended::Failed { why, said } => (Some(*why), said.as_ref()),
    };
    let next = if let Ended::Later { at, .. } = ended { *at } else { now };
    let laid = diesel::update(mine)
        .set((
            messages::state.eq(state),
            messages::sent_at.eq(sent_at),
            messages::next_try_at.eq(next),
            messages::failure.eq(failure),
            messages::failure_detail.eq(said),
            messages::sender.eq(None::<SenderId>),
            messages::leased_until.eq(None::<Timestamp>),
            messages::updated_at.eq(now),
        ))
        .execute(conn)?;
    // What the mail server would not take may be tried again by hand: until then it keeps what it was to tell.
    let open = match ended {
        Ended::Later { .. } => true,
        Ended::Failed { why, .. } => matches!(why, MessageFailure::Refused | MessageFailure::GaveUp),
        Ended::Sent => false,
    };
    if laid == 1 && !open {
        diesel::update(messages::table.find(id)).set(messages::secret.eq(None::<Vec<u8>>)).execute(conn)?;
    }
    Ok(laid == 1)
}

/// Lets a message that was given up, or waits, be tried at once.
///
/// # Errors
/// The database's.
pub fn try_again(conn: &mut DbConnection, id: MessageId, now: Timestamp) -> Result<bool, Error> {
    let may = messages::table
        .filter(messages::id.eq(id))
        .filter(messages::state.among(vec![MessageState::Failed, MessageState::Queued]));
    let done = diesel::update(may)
        .set((
            messages::state.eq(MessageState::Queued),
            messages::tries.eq(0),
            messages::next_try_at.eq(now),
            messages::failure.eq(None::<MessageFailure>),
            messages::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(done == 1)
}

/// Forgets what only recipients may know once it is of no use.
///
/// # Errors
/// The database's.
pub fn forget_secrets(conn: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let over = messages::table.filter(messages::secret.is_not_null()).filter(messages::expires_at.le(now));
    Ok(diesel::update(over).set(messages::secret.eq(None::<Vec<u8>>)).execute(conn)?)
}
