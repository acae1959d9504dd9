//! An item of a ticket's checklist is answered. The answer must be of the kind the item asks for.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, Type};

use super::on_ticket::{self, ChecklistItem, Item};
use super::{AnswerKind, ChecklistItemId};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::schema::checklist_items;
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::tickets::attachments::{self, AttachmentId};
use crate::tickets::{TicketId, linked_assets, queries};

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "true, \"12.5\", a string or {\"attachment_id\": …}")]
pub enum Answer {
    /// Done; false takes the tick off again.
    Check(bool),
    /// A number as a string ("12.5"), words, or one of the choices.
    Words(String),
    /// A number as people's programs like to send it.
    Number(serde_json::Number),
    /// A picture that was attached to the ticket, or told of.
    Photo(PhotoAnswer),
}

impl utoipa::PartialSchema for Answer {
    fn schema() -> RefOr<Schema> {
        let plain = |kind, description: &str| ObjectBuilder::new().schema_type(kind).description(Some(description));
        OneOfBuilder::new()
            .item(plain(Type::Boolean, "Done; false takes the tick off again"))
            .item(
                plain(Type::String, "A number as a string, words, or one of the choices")
                    .min_length(Some(1))
                    .max_length(Some(4_000)),
            )
            .item(plain(Type::Number, "A number"))
            .item(PhotoAnswer::schema())
            .into()
    }
}

impl utoipa::ToSchema for Answer {
    fn name() -> std::borrow::Cow<'static, str> {
        "Answer".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        <PhotoAnswer as utoipa::ToSchema>::schemas(schemas);
    }
}

/// A picture as an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhotoAnswer {
    /// The picture, attached to the same ticket.
    pub attachment_id: AttachmentId,
}

/// An answer to give, or to take back.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutAnswer {
    /// The answer; null takes it back.
    #[serde(deserialize_with = "crate::http::resource::null_or")]
    #[schema(required = true)]
    pub answer: Option<Answer>,
    /// When it was given, by the phone's clock.
    #[serde(default)]
    pub answered_at: Option<Timestamp>,
}

/// Answers an item.
///
/// # Errors
/// `not_found`; `ticket_closed`; `validation_failed` when the answer is not of the item's kind.
pub fn answer(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    item: ChecklistItemId,
    put: &PutAnswer,
) -> Result<ChecklistItem, Error> {
    let held = queries::hold(conn, actor, ticket)?;
    linked_assets::must_be_open(&held)?;
    let before = load(conn, ticket, item)?;
    let kept = match &put.answer {
        None => None,
        // A tick that is taken off is no answer.
        Some(Answer::Check(false)) if before.kind == AnswerKind::Check => None,
        Some(answer) => Some(fitting(conn, &before, answer)?),
    };
    let now = actor.now();
    let by = kept.as_ref().map(|_| actor.id());
    let at = kept.as_ref().map(|_| put.answered_at.unwrap_or(now));
    let recorded = kept.as_ref().map(|_| now);
    diesel::update(checklist_items::table.find(item))
        .set((
            checklist_items::answer.eq(&kept),
            checklist_items::answered_by.eq(by),
            checklist_items::answered_at.eq(at),
            checklist_items::recorded_at.eq(recorded),
        ))
        .execute(conn)?;
    let event = Event::of("checklist.answered", "checklist_item", item.uuid()).ticket(ticket).company(held.company_id);
    history::record(conn, actor, event.changed(&json!({"answer": before.answer}), &json!({"answer": kept})))?;
    let after = load(conn, ticket, item)?;
    on_ticket::confirmed(conn, vec![after])?.pop().ok_or_else(|| Error::internal("an item that was answered is gone"))
}

/// Whether an answer on the ticket is this picture.
///
/// # Errors
/// The database's.
pub fn names_picture(conn: &mut DbConnection, ticket: TicketId, picture: AttachmentId) -> Result<bool, Error> {
    let answer = serde_json::to_string(&PhotoAnswer { attachment_id: picture })?;
    let named =
        checklist_items::table.filter(checklist_items::ticket_id.eq(ticket)).filter(checklist_items::answer.eq(answer));
    Ok(diesel::select(diesel::dsl::exists(named)).get_result(conn)?)
}

/// Whether an item has an answer.
///
/// # Errors
/// The database's.
pub fn is_answered(conn: &mut DbConnection, item: ChecklistItemId) -> Result<bool, Error> {
    let answered = checklist_items::table.find(item).filter(checklist_items::answer.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(answered)).get_result(conn)?)
}

fn load(conn: &mut DbConnection, ticket: TicketId, item: ChecklistItemId) -> Result<Item, Error> {
    let own = checklist_items::table.filter(checklist_items::id.eq(item)).filter(checklist_items::ticket_id.eq(ticket));
    own.select(Item::as_select()).get_result(conn).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// The answer as it is kept: a decimal for a number whatever it was written as, one of the choices, a picture of this ticket.
fn fitting(conn: &mut DbConnection, item: &Item, answer: &Answer) -> Result<String, Error> {
    let mismatch =
        |expected: &str| Err(Error::field_with("/answer", Flaw::AnswerMismatch, [("expected", expected.to_owned())]));
    let kept = match (item.kind, answer) {
        (AnswerKind::Check, Answer::Check(_)) => json!(true),
        (AnswerKind::Number, Answer::Words(text)) => match decimal(text) {
            Some(number) => json!(number),
            None => return mismatch("\"12.5\""),
        },
        (AnswerKind::Number, Answer::Number(number)) => match decimal(&number.to_string()) {
            Some(number) => json!(number),
            None => return mismatch("\"12.5\""),
        },
        (AnswerKind::Text, Answer::Words(text)) => {
            let text = crate::words::text::Prose::<4000>::parse(text);
            match text {
                Ok(text) => json!(text),
                Err(_) => return mismatch("text (1–4000)"),
            }
        }
        (AnswerKind::Choice, Answer::Words(text)) => {
            let choices: Vec<String> = serde_json::from_str(&item.choices).unwrap_or_default();
            if !choices.contains(text) {
                return Err(Error::field_with("/answer", Flaw::NotOneOf, [("allowed", choices.join(", "))]));
            }
            json!(text)
        }
        (AnswerKind::Photo, Answer::Photo(photo)) => {
            if !attachments::is_picture_of(conn, photo.attachment_id, item.ticket_id)? {
                return Err(Error::field("/answer/attachment_id", Flaw::NoPictureHere));
            }
            json!(photo)
        }
        (AnswerKind::Check, _) => return mismatch("true"),
        (AnswerKind::Number, _) => return mismatch("\"12.5\""),
        (AnswerKind::Text, _) => return mismatch("a string"),
        (AnswerKind::Choice, _) => return mismatch("a string"),
        (AnswerKind::Photo, _) => return mismatch("{\"attachment_id\": …}"),
    };
    Ok(kept.to_string())
}

/// A decimal with a point or a comma, perhaps negative, within what an instrument shows.
fn decimal(text: &str) -> Option<String> {
    let text = text.trim().replace(',', ".");
    let digits = text.strip_prefix(['-', '\u{2212}']).unwrap_or(&text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let fit =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (fit(whole, 15) && fit(part, 9)).then(|| text.replace('\u{2212}', "-"))
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn a_reading_is_a_decimal() {
        for (text, kept) in [("12.5", "12.5"), ("12,5", "12.5"), (" -40 ", "-40"), ("\u{2212}1", "-1"), ("0", "0")] {
            assert_eq!(decimal(text).as_deref(), Some(kept), "{text}");
        }
        for text in ["", "-", ".5", "5.", "1e9", "NaN", "0x10", "1.2.3", "1 000"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
