//! The step in the background that sends what is to be sent.

use std::time::Duration;

use futures_util::future::join_all;
use lettre::AsyncTransport;

use super::compose::{Draft, compose};
use super::letter::{Enclosure, Envelope, file_name};
use super::queries::Ended;
use super::smtp::Mail;
use super::{Message, MessageFailure, MessageKind, SenderId, outbox, queries, secret};
use crate::acts::{queries as acts, signed_copy};
use crate::app::App;
use crate::auth::Origin;
use crate::auth::token::random;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::history;

/// How often it is looked for what others have written, and for what was to wait.
const LOOKS: Duration = Duration::from_secs(2);
/// Messages that are sent at the same time.
const AT_ONCE: i64 = 4;
/// How long all of the conversation with the mail server may take.
const LONGEST: Duration = Duration::from_secs(90);
/// Seconds for which nobody else sends what somebody has begun to send: longer than [`LONGEST`].
const LEASE: i64 = 180;
/// Seconds until a message is tried again, after each try. After the last it is given up: some twelve hours in all.
const PAUSES: [i64; 9] = [5, 30, 120, 600, 1_800, 3_600, 3_600 * 2, 3_600 * 3, 3_600 * 5];
/// Characters that are kept of what a mail server said.
const MOST_SAID: usize = 300;

/// Sends messages for as long as the program lives. Without a mail server there is nothing to do.
pub async fn work(app: &App) {
    let Some(mail) = &app.config.mail else { return };
    let me = SenderId::new();
    while !app.is_stopping() {
        match round(app, mail, me).await {
            Ok(0) => {
                let _ = tokio::time::timeout(LOOKS, app.outbox.notified()).await;
            }
            Ok(_) => app.wrote(),
            Err(error) => {
                tracing::warn!(%error, "messages were not sent yet");
                tokio::time::sleep(LOOKS).await;
            }
        }
    }
}

/// Sends some of what is due, and tells how many.
async fn round(app: &App, mail: &Mail, me: SenderId) -> Result<usize, Error> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| queries::due(conn, now, AT_ONCE)).await?;
    let attempts = due.into_iter().map(|message| attempt(app, mail, me, message));
    let ended: Result<Vec<bool>, Error> = join_all(attempts).await.into_iter().collect();
    Ok(ended?.into_iter().filter(|taken| *taken).count())
}

/// Takes a message, sends it, and lays it down; whether nobody else was quicker.
async fn attempt(app: &App, mail: &Mail, me: SenderId, found: Message) -> Result<bool, Error> {
    let now = app.clock.now();
    let wanted = found.clone();
    if !app.db.write(move |conn| queries::take(conn, &wanted, me, now, LEASE)).await? {
        return Ok(false);
    }
    let message = Message { tries: found.tries + 1, ..found };
    let ended = post(app, mail, &message).await;
    let at = app.clock.now();
    app.db
        .write(move |conn| {
            if !queries::lay_down(conn, message.id, me, &ended, at)? {
                return Ok(());
            }
            let (action, failure) = match &ended {
                Ended::Sent => ("act.message_sent", None),
                Ended::Failed { why, .. } => ("act.message_failed", Some(*why)),
                Ended::Later { .. } => return Ok(()),
            };
            let act = acts::load(conn, message.act_id)?.ok_or(Code::NotFound)?;
            let event = outbox::event(action, &act, &Message { failure, ..message.clone() });
            history::record_by(conn, None, at, &Origin::default(), event)
        })
        .await?;
    Ok(true)
}

/// Sends a message, and tells how that ended.
async fn post(app: &App, mail: &Mail, message: &Message) -> Ended {
    let secret = message.secret.as_ref().and_then(|locked| secret::opened(&app.keys, message.id, locked));
    let now = app.clock.now();
    let letter = match ready(app, mail, message, secret.clone(), now).await {
        Ok(Ok(letter)) => letter,
        Ok(Err(why)) => return Ended::Failed { why, said: None },
        // A database or a disk that is away comes back; what cannot be put together is given up like anything else.
        Err(error) => {
            tracing::warn!(%error, message = %message.id, "a message was not put together");
            return later(message, now, MessageFailure::Broken, error.code().to_string());
        }
    };
    let sent = tokio::time::timeout(LONGEST, mail.transport.send(letter)).await;
    let (said, refused) = match sent {
        Ok(Ok(_)) => return Ended::Sent,
        Ok(Err(error)) => (error.to_string(), is_final(&error)),
        Err(_) => (format!("no answer within {} s", LONGEST.as_secs()), false),
    };
    let said = quoted(&said, secret.as_deref());
    tracing::warn!(said, message = %message.id, tries = message.tries, "a message was not taken");
    if refused {
        Ended::Failed { why: MessageFailure::Refused, said: Some(said) }
    } else {
        later(message, now, MessageFailure::GaveUp, said)
    }
}

/// The letter of a message as the mail server takes it, unless nobody needs it any more.
async fn ready(
    app: &App,
    mail: &Mail,
    message: &Message,
    secret: Option<String>,
    now: Timestamp,
) -> Result<Result<lettre::Message, MessageFailure>, Error> {
    let (wanted, public_url) = (message.clone(), app.config.public_url.clone());
    let drafted = app.db.read(move |conn| compose(conn, &wanted, secret.as_deref(), &public_url, now)).await?;
    let Draft { letter, act, reply_to } = match drafted {
        Ok(draft) => draft,
        Err(why) => return Ok(Err(why)),
    };
    let enclosure = if message.kind == MessageKind::SignedAct {
        let bytes = signed_copy::bytes(app, &act).await?.to_vec();
        Some(Enclosure { name: file_name(&act.number, act.version), bytes })
    } else {
        None
    };
    let envelope = Envelope {
        message: message.id,
        from: &mail.from,
        reply_to: reply_to.as_deref(),
        to: &message.recipient,
        name: message.recipient_name.as_deref(),
        at: now,
    };
    letter.posted(&envelope, enclosure).map(Ok)
}

/// Another try after a pause, or none any more.
fn later(message: &Message, now: Timestamp, why: MessageFailure, said: String) -> Ended {
    let pause = usize::try_from(message.tries - 1).ok().and_then(|tries| PAUSES.get(tries).copied());
    match pause {
        Some(pause) => Ended::Later { at: now.plus_seconds(pause + jitter(pause)), said },
        None => Ended::Failed { why, said: Some(said) },
    }
}

/// Up to a quarter of a pause: a mail server that was away is not asked for everything in the same second.
fn jitter(pause: i64) -> i64 {
    let byte = random::<1>().map_or(0, |[byte]| i64::from(byte));
    pause * byte / (4 * 256)
}

/// Whether a mail server will say the same again. What it says to our user and password is a setting of ours, which
/// somebody may mend meanwhile (RFC 4954, 6).
fn is_final(error: &lettre::transport::smtp::Error) -> bool {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    error.is_client() || error.is_permanent() && !["530", "534", "535", "538"].contains(&code.as_str())
}

/// What a mail server said, as far as it may be kept: filters of spam like to quote what they object to.
fn quoted(said: &str, secret: Option<&str>) -> String {
    let said = match secret {
        Some(secret) => said.replace(secret, "…"),
        None => said.to_owned(),
    };
    let said: String = said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    said.chars().take(MOST_SAID).collect()
}

#[cfg(test)]
mod tests {
    use super::{PAUSES, jitter, quoted};

    #[test]
    fn what_is_kept_of_an_answer_tells_no_secret() {
        let said = quoted("550 blocked: https://naryad.example/sign/tOkEn\r\n in a list", Some("tOkEn"));
        assert_eq!(said, "550 blocked: https://naryad.example/sign/…   in a list");
        assert_eq!(quoted(&"x".repeat(900), None).len(), 300);
    }

    #[test]
    fn pauses_grow_and_differ() {
        assert!(PAUSES.is_sorted());
        for pause in PAUSES {
            assert!((0..=pause / 4).contains(&jitter(pause)), "{pause}");
        }
    }
}
