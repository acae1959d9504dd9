//! What a message says when it is sent: out of what is frozen, and of what was locked for it.

use super::letter::{Button, Letter};
use super::words::Words;
use super::{Message, MessageFailure, MessageKind};
use crate::acts::snapshot::Snapshot;
use crate::acts::{self, Act};
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::{Code, Error, codes::fill};
use crate::links::{self, LinkState};
use crate::provider;
use crate::words::dates;

/// A letter to be sent.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it says.
    pub letter: Letter,
    /// About which act.
    pub act: Act,
    /// Who answers.
    pub reply_to: Option<String>,
}

/// Words a letter, unless nobody needs it any more. `secret` is what was locked for it.
///
/// # Errors
/// The database's.
pub fn compose(
    conn: &mut DbConnection,
    message: &Message,
    secret: Option<&str>,
    public_url: &str,
    now: Timestamp,
) -> Result<Result<Draft, MessageFailure>, Error> {
    if message.expires_at <= now {
        return Ok(Err(MessageFailure::Expired));
    }
    let act = acts::queries::load(conn, message.act_id)?.ok_or(Code::NotFound)?;
    if let Some(link) = message.link_id {
        let state = links::queries::find(conn, &act, link, now)?.state;
        if !matches!(state, LinkState::Open | LinkState::Viewed) {
            return Ok(Err(MessageFailure::NotNeeded));
        }
    }
    if message.kind != MessageKind::SignedAct && secret.is_none() {
        return Ok(Err(MessageFailure::Broken));
    }
    let content = Snapshot::read(&act.snapshot)?;
    let secret = secret.unwrap_or_default();
    let letter = match message.kind {
        MessageKind::SignatureLink => link(message, &content, &links::token::url(public_url, secret)),
        MessageKind::SigningCode => code(message, &content, secret),
        MessageKind::SignedAct => copy(message, &content),
    };
    let reply_to = provider::known(conn)?.and_then(|ours| ours.email);
    Ok(Ok(Draft { letter, act, reply_to }))
}

fn link(message: &Message, content: &Snapshot, url: &str) -> Letter {
    let (language, say) = (message.language, Words::of(message.language));
    let facts = facts(message, content);
    let until = [("until", dates::minute(language, message.expires_at, content.zone.0))];
    Letter {
        language,
        subject: fill(say.link_subject, &facts),
        paragraphs: vec![fill(say.link_ask, &facts), fill(say.link_job, &facts)],
        code: None,
        button: Some(Button { text: say.link_button.to_owned(), url: url.to_owned() }),
        notes: vec![fill(say.link_until, &until), say.link_stranger.to_owned()],
        signed: content.provider.legal_name.clone(),
    }
}

fn code(message: &Message, content: &Snapshot, code: &str) -> Letter {
    let (language, say) = (message.language, Words::of(message.language));
    let paid = content.show_prices && content.extra_lines().next().is_some();
    let amount = format!("{}\u{a0}{}", content.totals.gross.printed(language), content.currency);
    let amount = if paid { fill(say.code_amount, &[("amount", amount)]) } else { String::new() };
    let mut facts = facts(message, content);
    facts.push(("amount", amount));
    Letter {
        language,
        subject: fill(say.code_subject, &facts),
        paragraphs: vec![fill(say.code_ask, &facts)],
        code: Some(code.to_owned()),
        button: None,
        notes: vec![say.code_until.to_owned(), say.code_stranger.to_owned()],
        signed: content.provider.legal_name.clone(),
    }
}

fn copy(message: &Message, content: &Snapshot) -> Letter {
    let (language, say) = (message.language, Words::of(message.language));
    let facts = facts(message, content);
    let check = content.verification.as_ref();
    Letter {
        language,
        subject: fill(say.copy_subject, &facts),
        paragraphs: vec![fill(say.copy_ask, &facts), say.copy_seal.to_owned()],
        code: None,
        button: check.map(|check| Button { text: say.copy_check.to_owned(), url: check.url.clone() }),
        notes: Vec::new(),
        signed: content.provider.legal_name.clone(),
    }
}

/// What letters tell of an act. What people wrote comes last: it is filled in and not looked through again.
fn facts(message: &Message, content: &Snapshot) -> Vec<(&'static str, String)> {
    vec![
        ("number", content.number.clone()),
        ("day", dates::long(message.language, content.issued_on)),
        ("ticket", content.ticket.number.to_string()),
        ("provider", content.provider.legal_name.clone()),
        ("customer", content.customer.legal_name.clone()),
        ("subject", content.ticket.subject.clone()),
    ]
}
