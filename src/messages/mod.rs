//! Mail that goes out: the outbox, and the step in the background that empties it.
//!
//! A message is a row that is written with what it tells of, in the same transaction: it exists exactly when that does.
//! Sending it is another matter, and may fail: [`send`] tries again with growing pauses, and gives up with a reason that
//! stays. Whoever sends holds a lease, so that several instances do not send twice; one that is killed in the moment
//! between the mail server's "yes" and ours does, and the receiver can tell by the `Message-ID`, which is the same.
//!
//! A letter is worded when it is sent, out of what is frozen anyway. What no record may hold, the token of a link and a
//! one-time code, stays here locked under the installation's secret until it was sent or is of no use: a token that was
//! made at the sending could not be told again when the connection broke after it, and its hash could not be in the
//! transaction that makes the link.

pub mod compose;
pub mod letter;
pub mod mask;
pub mod outbox;
pub mod queries;
pub mod retry;
pub mod routes;
pub mod secret;
pub mod send;
pub mod smtp;
pub mod words;

use diesel::prelude::*;
use serde::Serialize;

use crate::acts::ActId;
use crate::companies::CompanyId;
use crate::db::MultiBackend;
use crate::db::schema::messages;
use crate::db::types::{Timestamp, id, text_enum};
use crate::http::Resource;
use crate::http::query::list_query;
use crate::links::LinkId;
use crate::words::Language;

id! {
    /// A message.
    MessageId,
}

id! {
    /// Whoever sends messages, from the start of the program to its end.
    SenderId,
}

text_enum! {
    /// What a message is.
    MessageKind {
        /// The link by which an act can be signed.
        SignatureLink = "signature_link",
        /// A one-time code for whoever signs by a link.
        SigningCode = "signing_code",
        /// The signed act.
        SignedAct = "signed_act",
    }
}

text_enum! {
    /// Where a message stands.
    MessageState {
        /// It waits for its turn, or for another try.
        Queued = "queued",
        /// Somebody is sending it.
        Sending = "sending",
        /// The mail server has taken it.
        Sent = "sent",
        /// It was given up; its failure says why.
        Failed = "failed",
    }
}

text_enum! {
    /// Why a message was given up.
    MessageFailure {
        /// The mail server refused it for good.
        Refused = "refused",
        /// It was tried as often as anything is.
        GaveUp = "gave_up",
        /// Its time was up: nobody could use it any more.
        Expired = "expired",
        /// What it told of was over before it was sent.
        NotNeeded = "not_needed",
        /// It could not be put together: our fault.
        Broken = "broken",
    }
}

/// A message as it is kept.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = messages, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// What it is.
    pub kind: MessageKind,
    /// Where it stands.
    pub state: MessageState,
    /// What it is about: nobody is written to twice about the same.
    pub occasion: String,
    /// About which act.
    pub act_id: ActId,
    /// About which link.
    pub link_id: Option<LinkId>,
    /// Whose act it is.
    pub company_id: CompanyId,
    /// To which address.
    pub recipient: String,
    /// What they are called.
    pub recipient_name: Option<String>,
    /// In which language.
    pub language: Language,
    /// What only the recipient may know, locked; see [`secret`].
    pub secret: Option<Vec<u8>>,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next.
    pub next_try_at: Timestamp,
    /// Who sends it.
    pub sender: Option<SenderId>,
    /// Until when nobody else does.
    pub leased_until: Option<Timestamp>,
    /// Until when it is of any use.
    pub expires_at: Timestamp,
    /// Why it was given up.
    pub failure: Option<MessageFailure>,
    /// What the mail server said last.
    pub failure_detail: Option<String>,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When that last changed.
    pub updated_at: Timestamp,
}

/// A message as the office sees it: never what opens a link, nor a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// What it is.
    pub kind: MessageKind,
    /// Where it stands.
    pub state: MessageState,
    /// About which act.
    pub act_id: ActId,
    /// About which link.
    pub link_id: Option<LinkId>,
    /// Whose act it is.
    pub company_id: CompanyId,
    /// To which address.
    pub recipient: String,
    /// What they are called, when we know.
    pub recipient_name: Option<String>,
    /// In which language.
    pub language: Language,
    /// How often it was tried.
    #[schema(minimum = 0)]
    pub tries: i64,
    /// When it is tried next, while it waits.
    pub next_try_at: Option<Timestamp>,
    /// Until when it is of any use.
    pub expires_at: Timestamp,
    /// Why it was given up.
    pub failure: Option<MessageFailure>,
    /// What the mail server said last, if it did not take it.
    pub failure_detail: Option<String>,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When that last changed.
    pub updated_at: Timestamp,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            kind: message.kind,
            state: message.state,
            act_id: message.act_id,
            link_id: message.link_id,
            company_id: message.company_id,
            recipient: message.recipient,
            recipient_name: message.recipient_name,
            language: message.language,
            tries: message.tries,
            next_try_at: (message.state == MessageState::Queued).then_some(message.next_try_at),
            expires_at: message.expires_at,
            failure: message.failure,
            failure_detail: message.failure_detail,
            sent_at: message.sent_at,
            created_at: message.created_at,
            updated_at: message.updated_at,
        }
    }
}

impl Resource for MessageView {
    fn path(&self) -> String {
        format!("/api/v1/messages/{}", self.id)
    }

    /// Nobody edits a message.
    fn version(&self) -> Option<i64> {
        None
    }
}

list_query! {
    /// Which messages.
    pub struct MessageFilter {
        /// About this act.
        act_id: ActId,
        /// About this company's acts.
        company_id: CompanyId,
        /// Standing so.
        state: MessageState,
        /// Of this kind.
        kind: MessageKind,
    }
}
