//! A message that was given up is tried once more.

use super::{MessageId, MessageKind, MessageState, MessageView, outbox, queries};
use crate::acts;
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::error::{Code, Error};
use crate::history;

/// Has a message tried at once that was given up, or waits for another try. One that is on its way is left alone.
///
/// # Errors
/// `not_found`; `message_over` when it was sent, or is of no use any more; `mail_not_configured`.
pub fn retry(conn: &mut DbConnection, actor: &Actor, id: MessageId, configured: bool) -> Result<MessageView, Error> {
    let message = queries::find(conn, id)?;
    if !configured {
        return Err(Code::MailNotConfigured.into());
    }
    let lost = message.kind != MessageKind::SignedAct && message.secret.is_none();
    if message.state == MessageState::Sent || message.expires_at <= actor.now() || lost {
        return Err(Code::MessageOver.with([("state", message.state.to_string())]).into());
    }
    if queries::try_again(conn, id, actor.now())? {
        let act = acts::queries::load(conn, message.act_id)?.ok_or(Code::NotFound)?;
        history::record(conn, actor, outbox::event("act.message_retried", &act, &message))?;
    }
    queries::find(conn, id).map(MessageView::from)
}
