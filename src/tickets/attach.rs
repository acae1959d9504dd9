//! A file comes as a form: its record and its bytes at once.

use actix_multipart::Multipart;
use actix_web::web;
use bytes::Bytes;
use serde::Deserialize;

use super::attachments::{self, AttachmentId, AttachmentRow, MOST_BYTES};
use super::comments::Visibility;
use super::{TicketId, queries};
use crate::auth::Permission;
use crate::db::DbConnection;
use crate::db::types::Sha256;
use crate::error::{Error, Flaw};
use crate::files::photo::{self, Looked};
use crate::http::call::Answer;
use crate::http::form::{MOST_TEXT, Parts, only_one};
use crate::http::idempotency::made_once;
use crate::http::{Call, Made};
use crate::uploads::keep::Kept;
use crate::words::text::Line;

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
    name: Line<200>,
    bytes: Bytes,
    looked: Looked,
    /// The hash of all that was sent, whatever becomes of it.
    sent: Sha256,
}

/// Attaches a file. It is read, checked and kept before the transaction: only its record is written there.
///
/// # Errors
/// `not_found`, `too_large`, `file_rejected`, `validation_failed`.
pub async fn attach(call: Call, id: TicketId, form: Multipart) -> Answer {
    let actor = call.actor.clone();
    call.app.db.read(move |conn| queries::find_row(conn, &actor, id)).await?;
    let Form { id: own, visibility, name, bytes, looked, sent } = read(form).await?;
    call.came_with(sent);
    if visibility == Visibility::Internal {
        call.actor.must(Permission::SeeInternal)?;
    }
    let kept = Kept::keep(&call.app.files, bytes, looked).await?;
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
    let (mut id, mut visibility, mut found) = (None, Visibility::Public, None);
    let mut parts = Parts::of(form);
    while let Some(part) = parts.next(most).await? {
        match part.name.as_str() {
            "file" => {
                only_one(found.as_ref())?;
                let bytes = Bytes::from(part.bytes);
                let seen = bytes.clone();
                let looked = web::block(move || photo::look(&seen)).await.map_err(Error::internal)??;
                found = Some((part.file_name, bytes, looked));
            }
            "id" => id = Some(part.id()?),
            _ => visibility = part.one_of("public, internal")?,
        }
    }
    let (name, bytes, looked) = found.ok_or_else(|| Error::field("file", Flaw::Required))?;
    let is_pdf = looked.checked.media_type == "application/pdf";
    let fallback = || Line::parse(if is_pdf { "document.pdf" } else { "photo" });
    let name = name.map_or_else(fallback, Ok).map_err(Error::internal)?;
    Ok(Form { id, visibility, name, bytes, looked, sent: parts.sent() })
}
