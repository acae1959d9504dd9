//! A phone tells of a file whose bytes will come: the record is there at once, and answers the item of the checklist it was
//! made for.

use serde::{Deserialize, Serialize};

use super::MOST_BYTES;
use crate::auth::{Actor, Permission};
use crate::checklists::ChecklistItemId;
use crate::checklists::answer::{self, Answer, PhotoAnswer, PutAnswer};
use crate::db::DbConnection;
use crate::db::types::{Sha256, Timestamp, text_enum};
use crate::error::{Error, Flaw};
use crate::http::Made;
use crate::http::idempotency::made_once;
use crate::tickets::attachments::{self, Attachment, AttachmentId, AttachmentRow};
use crate::tickets::comments::Visibility;
use crate::tickets::scan::Place;
use crate::tickets::{TicketId, queries};
use crate::words::text::Line;

text_enum! {
    /// What a file is said to be. Its bytes decide; a picture may turn out to be another kind of picture.
    FileKind {
        /// A photo.
        Jpeg = "image/jpeg",
        /// A picture, such as a screenshot.
        Png = "image/png",
        /// A picture.
        Webp = "image/webp",
        /// A photo as some phones keep it; it gets no thumbnails.
        Heic = "image/heic",
        /// Paper.
        Pdf = "application/pdf",
    }
}

/// A file whose bytes will come.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedAttachment {
    /// The client's own id for the record: its bytes go to `/api/v1/uploads/{id}`.
    #[serde(default)]
    pub id: Option<AttachmentId>,
    /// What it is called.
    pub name: Line<200>,
    /// What it is.
    pub media_type: FileKind,
    /// How many bytes it has.
    #[schema(minimum = 1, maximum = 52_428_800)]
    pub size: i64,
    /// The hash of its bytes.
    pub sha256: Sha256,
    /// Who may see it; everybody on the ticket when left out.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// The item of the ticket's checklist that it answers.
    #[serde(default)]
    pub checklist_item_id: Option<ChecklistItemId>,
    /// When it was made, by the phone's clock.
    #[serde(default)]
    pub occurred_at: Option<Timestamp>,
    /// Where, if the phone knows.
    #[serde(default)]
    pub place: Option<Place>,
}

/// Writes down that a file will come. Every door that a phone may tell of one by ends here.
///
/// # Errors
/// `not_found`; `validation_failed` for a size that is not taken or an item that asks for something else; `forbidden` when a
/// client's user attaches internally or answers a checklist; `ticket_closed` for an answer on a ticket that is;
/// `duplicate` when the id belongs to another file.
pub fn expect(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    new: &ExpectedAttachment,
) -> Result<Made<Attachment>, Error> {
    if !(1..=MOST_BYTES).contains(&new.size) {
        let bounds = [("min", "1".to_owned()), ("max", MOST_BYTES.to_string())];
        return Err(Error::field_with("/size", Flaw::OutOfRange, bounds));
    }
    let visibility = new.visibility.unwrap_or(Visibility::Public);
    if visibility == Visibility::Internal || new.checklist_item_id.is_some() {
        actor.must(Permission::SeeInternal)?;
    }
    let insert = |conn: &mut DbConnection, id: AttachmentId| {
        let held = queries::hold(conn, actor, ticket)?;
        let kind = new.media_type.as_str();
        let row = AttachmentRow {
            visibility,
            checklist_item_id: new.checklist_item_id,
            occurred_at: new.occurred_at,
            lat: new.place.map(|place| place.lat),
            lon: new.place.map(|place| place.lon),
            accuracy_m: new.place.and_then(|place| place.accuracy_m),
            original_sha256: Some(new.sha256),
            original_size: Some(new.size),
            ..AttachmentRow::expected(id, ticket, actor, new.name.to_string(), kind, new.size)
        };
        let attachment = attachments::add(conn, actor, held.company_id, row)?;
        if let Some(item) = new.checklist_item_id {
            let photo = Answer::Photo(PhotoAnswer { attachment_id: id });
            let put = PutAnswer { answer: Some(photo), answered_at: new.occurred_at };
            answer::answer(conn, actor, ticket, item, &put).map_err(blame_item)?;
        }
        Ok(attachment)
    };
    let find = |conn: &mut DbConnection, id| attachments::find(conn, actor, id);
    made_once(conn, actor, "attachment", new.id, &(ticket, new), insert, find)
}

/// The field has another name here than where an item is answered.
fn blame_item(error: Error) -> Error {
    match error {
        Error::Refused(mut refusal) => {
            if refusal.code == crate::error::Code::NotFound {
                return Error::field("/checklist_item_id", Flaw::UnknownReference);
            }
            for field in &mut refusal.fields {
                "/checklist_item_id".clone_into(&mut field.pointer);
            }
            Error::Refused(refusal)
        }
        other => other,
    }
}
