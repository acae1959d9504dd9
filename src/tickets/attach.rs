//! A file comes as a form: its record and its bytes at once.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::web;
use bytes::Bytes;
use serde::Deserialize;

use super::attachments::{self, AttachmentId, AttachmentRow, MOST_BYTES};
use super::comments::Visibility;
use super::kept::Kept;
use super::{TicketId, queries};
use crate::auth::Permission;
use crate::db::DbConnection;
use crate::db::types::Sha256;
use crate::error::{Code, Error, Flaw};
use crate::files::photo::{self, Looked};
use crate::http::call::Answer;
use crate::http::form::{MOST_TEXT, Parts};
use crate::http::idempotency::made_once;
use crate::http::places::Places;
use crate::http::{Call, Made};
use crate::users::UserId;
use crate::words::text::Line;

/// How long a form may take. Whoever has a line that is slower sends the file as an upload, in pieces.
const LONGEST: Duration = Duration::from_secs(900);

/// Places for forms with files, of which each may hold forty megabytes in memory.
pub fn places() -> Places<UserId> {
    Places::new(16, 8)
}

/// A file to attach, as `multipart/form-data`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form; its parts are read one by one")]
pub struct NewAttachment {
    /// JPEG, PNG, WebP, HEIC or PDF of at most 20 MiB and 50 megapixels.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The client's own id for the record.
    #[schema(value_type = AttachmentId, required = false)]
    id: Option<AttachmentId>,
    /// Who may see it; everybody on the ticket when left out.
    #[schema(value_type = Visibility, required = false)]
    visibility: Option<Visibility>,
}

/// The parts of the form, once read.
struct Form {
    id: Option<AttachmentId>,
    visibility: Visibility,
    name: Option<Line<200>>,
    bytes: Bytes,
    /// The hash of all that was sent, whatever becomes of it.
    sent: Sha256,
}

/// Attaches a file. It is read, checked and kept before the transaction: only its record is written there.
///
/// # Errors
/// `not_found`, `too_large`, `file_rejected`, `validation_failed`; `busy` while the actor sends too many at the same time;
/// `request_timeout`
pub async fn attach(call: Call, id: TicketId, form: Multipart) -> Answer {
    let actor = call.actor.clone();
    call.app.db.read(move |conn| queries::find_row(conn, &actor, id)).await?;
    let place = call.app.attach_places.take(call.actor.id()).ok_or(Error::Busy)?;
    let read = tokio::time::timeout(LONGEST, read(form)).await;
    let Form { id: own, visibility, name, bytes, sent } = read.map_err(|_| Code::RequestTimeout)??;
    call.came_with(sent);
    if visibility == Visibility::Internal {
        call.actor.must(Permission::SeeInternal)?;
    }
    let seen = bytes.clone();
    // The place goes along: the work goes on when the sender has hung up.
    let looking = web::block(move || photo::look(&seen).map(|looked| (looked, place)));
    let (looked, place) = looking.await.map_err(Error::internal)??;
    let name = called(name, &looked)?;
    let kept = Kept::keep(&call.app.files, bytes, looked).await?;
    drop(place);
    call.create(move |conn, actor| {
        let insert = |conn: &mut DbConnection, own: AttachmentId| {
            let ticket = queries::hold(conn, actor, id)?;
            let expected = AttachmentRow::expected(own, id, actor, name.to_string(), "", 0);
            attachments::add(conn, actor, ticket.company_id, AttachmentRow { visibility, ..kept.becoming(expected) })
        };
        let request = (id, visibility, kept.served_sha256());
        let made: Result<Made<_>, Error> = made_once(conn, actor, "attachment", own, &request, insert, |conn, own| {
            attachments::find(conn, actor, own)
        });
        made
    })
    .await
}

async fn read(form: Multipart) -> Result<Form, Error> {
    let most = |name: &str| match name {
        "file" => Some(MOST_BYTES),
        "id" | "visibility" => Some(MOST_TEXT),
        _ => None,
    };
    let (mut id, mut visibility, mut file) = (None, Visibility::Public, None);
    let mut parts = Parts::of(form);
    while let Some(part) = parts.next(most).await? {
        match part.name.as_str() {
            "file" => file = Some((part.file_name, Bytes::from(part.bytes))),
            "id" => id = Some(part.id()?),
            _ => visibility = part.one_of("public, internal")?,
        }
    }
    let (name, bytes) = file.ok_or_else(|| Error::field("file", Flaw::Required))?;
    Ok(Form { id, visibility, name, bytes, sent: parts.sent() })
}

/// What a file is called that may have come without a name.
fn called(name: Option<Line<200>>, looked: &Looked) -> Result<Line<200>, Error> {
    let is_pdf = looked.checked.media_type == "application/pdf";
    let fallback = || Line::parse(if is_pdf { "document.pdf" } else { "photo" });
    name.map_or_else(fallback, Ok).map_err(Error::internal)
}
