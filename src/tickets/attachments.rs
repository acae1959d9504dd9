//! Files on a ticket: photos and papers.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::Digest;

use super::comments::Visibility;
use super::{TicketId, TicketView, linked_assets, queries};
use crate::auth::{Actor, Permission};
use crate::db::page::Page;
use crate::db::schema::attachments;
use crate::db::types::{Sha256, Timestamp, id};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::files::picture::{Checked, check};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::{Call, Made, Resource, body, problem};
use crate::users::UserId;
use crate::words::text::Line;

id! {
    /// A file on a ticket.
    AttachmentId,
}

/// Bytes a file may have.
pub const MOST_BYTES: usize = 20 << 20;

/// A file on a ticket.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, utoipa::ToSchema)]
#[diesel(table_name = attachments, check_for_backend(MultiBackend))]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// Who attached it.
    pub author_id: UserId,
    /// Who may see it.
    pub visibility: Visibility,
    /// The hash of the kept bytes.
    #[serde(rename = "sha256")]
    pub file_sha256: Sha256,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// The kept bytes.
    pub size: i64,
    /// A picture's width in pixels.
    pub width: Option<i32>,
    /// A picture's height in pixels.
    pub height: Option<i32>,
    /// When it arrived.
    pub recorded_at: Timestamp,
    /// When it was taken off.
    pub archived_at: Option<Timestamp>,
}

impl Resource for Attachment {
    fn path(&self) -> String {
        format!("/api/v1/attachments/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}

/// A file to attach, as `multipart/form-data`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form; its parts are read one by one")]
pub struct NewAttachment {
    /// JPEG, PNG, WebP or PDF of at most 20 MiB and 50 megapixels.
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
    file: Checked,
    /// The hash of all that was sent, whatever becomes of it.
    sent: Sha256,
}

list_query! {
    /// Which page of files.
    pub struct AttachmentFilter {}
}

/// Attaches a file. It is read, checked and kept before the transaction: only its record is written there.
///
/// # Errors
/// `not_found`, `too_large`, `file_rejected`, `validation_failed`.
pub async fn attach(call: Call, id: TicketId, form: Multipart) -> Answer {
    let actor = call.actor.clone();
    call.app.db.read(move |conn| queries::find_row(conn, &actor, id)).await?;
    let Form { id: own, visibility, name, file, sent } = read(form).await?;
    call.came_with(sent);
    if visibility == Visibility::Internal {
        call.actor.must(Permission::SeeInternal)?;
    }
    let (media_type, pixels, size) = (file.media_type, file.size, file.bytes.len());
    let file_sha256 = call.app.files.keep(file.bytes).await?;
    call.create(move |conn, actor| {
        let insert = |conn: &mut DbConnection, own: AttachmentId| {
            let ticket = queries::hold(conn, actor, id)?;
            let side = |side: Option<u32>| side.and_then(|side| i32::try_from(side).ok());
            let row = Attachment {
                id: own,
                ticket_id: id,
                author_id: actor.id(),
                visibility,
                file_sha256,
                name: name.to_string(),
                media_type: media_type.to_owned(),
                size: i64::try_from(size).unwrap_or(i64::MAX),
                width: side(pixels.map(|(width, _)| width)),
                height: side(pixels.map(|(_, height)| height)),
                recorded_at: actor.now(),
                archived_at: None,
            };
            diesel::insert_into(attachments::table).values(&row).execute(conn)?;
            let event = Event::of("attachment.added", "attachment", own.uuid()).ticket(id).company(ticket.company_id);
            history::record(conn, actor, event.after(&row))?;
            Ok(row)
        };
        let request = (id, visibility, file_sha256);
        let made: Result<Made<_>, Error> =
            made_once(conn, actor, "attachment", own, &request, insert, |conn, own| find(conn, actor, own));
        made
    })
    .await
}

async fn read(mut form: Multipart) -> Result<Form, Error> {
    let broken = |error: actix_multipart::MultipartError| Error::from(problem::of_form(&error));
    let (mut id, mut visibility, mut found) = (None, Visibility::Public, None);
    let mut sent = sha2::Sha256::new();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let part = field.name().unwrap_or_default().to_owned();
        let file_name = field.content_disposition().and_then(|header| header.get_filename().map(str::to_owned));
        let limit = match part.as_str() {
            "file" => MOST_BYTES,
            "id" | "visibility" => 1 << 10,
            _ => return Err(Error::field(part, Flaw::UnknownField)),
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(broken)?;
            if bytes.len() + chunk.len() > limit {
                return Err(body::too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        // Each part by a hash of its own: what ends one part can never begin the next.
        for piece in [part.as_bytes(), file_name.as_deref().unwrap_or_default().as_bytes(), bytes.as_slice()] {
            sent.update(Sha256::of(piece).0);
        }
        let text = || String::from_utf8_lossy(&bytes).trim().to_owned();
        match part.as_str() {
            "file" if found.is_some() => {
                return Err(Error::field_with("file", Flaw::TooMany, [("max", "1".to_owned())]));
            }
            "file" => {
                let given = file_name.as_deref().and_then(|name| name.rsplit(['/', '\\']).next());
                let name = given.and_then(|name| Line::parse(&name.chars().take(200).collect::<String>()).ok());
                let checked = web::block(move || check(&bytes)).await.map_err(Error::internal)??;
                found = Some((name, checked));
            }
            "id" => id = Some(text().parse().map_err(|_| Error::field("id", Flaw::NotAnId))?),
            _ => {
                let allowed = ("allowed", "public, internal".to_owned());
                visibility = text().parse().map_err(|_| Error::field_with("visibility", Flaw::NotOneOf, [allowed]))?;
            }
        }
    }
    let (name, file) = found.ok_or_else(|| Error::field("file", Flaw::Required))?;
    let fallback = || Line::parse(if file.media_type == "application/pdf" { "document.pdf" } else { "photo" });
    let name = name.map_or_else(fallback, Ok).map_err(Error::internal)?;
    Ok(Form { id, visibility, name, file, sent: Sha256(sent.finalize().into()) })
}

/// A picture that was checked and kept before there was a ticket for it.
#[derive(Debug, Clone)]
pub struct KeptPicture {
    /// The hash of the kept bytes.
    pub file_sha256: Sha256,
    /// What it is.
    pub media_type: String,
    /// The kept bytes.
    pub size: i64,
    /// Its width in pixels.
    pub width: Option<i32>,
    /// Its height in pixels.
    pub height: Option<i32>,
}

/// Attaches a picture that came before the ticket did.
///
/// # Errors
/// The database's.
pub fn attach_kept(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &TicketView,
    name: String,
    picture: KeptPicture,
) -> Result<(), Error> {
    let KeptPicture { file_sha256, media_type, size, width, height } = picture;
    let row = Attachment {
        id: AttachmentId::new(),
        ticket_id: ticket.id,
        author_id: actor.id(),
        visibility: Visibility::Public,
        file_sha256,
        name,
        media_type,
        size,
        width,
        height,
        recorded_at: actor.now(),
        archived_at: None,
    };
    diesel::insert_into(attachments::table).values(&row).execute(conn)?;
    let event = Event::of("attachment.added", "attachment", row.id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.after(&row))
}

/// A page of a ticket's files the actor may see, oldest first.
///
/// # Errors
/// `not_found`, `invalid_cursor`
pub fn list(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketId,
    filter: &AttachmentFilter,
) -> Result<Page<Attachment>, Error> {
    queries::find_row(conn, actor, id)?;
    let page = filter.page().within(id);
    let mut query = attachments::table.select(Attachment::as_select()).into_boxed::<MultiBackend>();
    query = query.filter(attachments::ticket_id.eq(id)).filter(attachments::archived_at.is_null());
    if !actor.may(Permission::SeeInternal) {
        query = query.filter(attachments::visibility.eq(Visibility::Public));
    }
    if let Some((at, last)) = page.after::<(Timestamp, AttachmentId)>()? {
        query = query
            .filter(attachments::recorded_at.ge(at))
            .filter(attachments::recorded_at.gt(at).or(attachments::id.gt(last)));
    }
    let rows = query.order((attachments::recorded_at, attachments::id)).limit(page.rows()).load(conn)?;
    Ok(page.cut(rows, |file: &Attachment| (file.recorded_at, file.id)))
}

/// One file the actor may see.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: AttachmentId) -> Result<Attachment, Error> {
    let file: Option<Attachment> =
        attachments::table.find(id).select(Attachment::as_select()).get_result(conn).optional()?;
    let file = file.filter(|file| file.archived_at.is_none());
    let file = file.filter(|file| file.visibility == Visibility::Public || actor.may(Permission::SeeInternal));
    let file = file.ok_or(Code::NotFound)?;
    queries::find_row(conn, actor, file.ticket_id)?;
    Ok(file)
}

/// The bytes of a file, never as a page of ours.
///
/// # Errors
/// `not_found`
pub async fn content(call: Call, id: AttachmentId) -> Answer {
    let (db, actor) = (call.app.db.clone(), call.actor);
    let file = db.read(move |conn| find(conn, &actor, id)).await?;
    let bytes = call.app.files.read(file.file_sha256).await?;
    let kind = file.media_type.clone();
    let inline = if kind.starts_with("image/") { "inline" } else { "attachment" };
    let name = file
        .name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' });
    let ascii: String = name.collect();
    let exact: String = file
        .name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    Ok(HttpResponse::build(StatusCode::OK)
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("{inline}; filename=\"{ascii}\"; filename*=UTF-8''{exact}")))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes))
}

/// Takes a file off a ticket. Its bytes stay: documents may show it.
///
/// # Errors
/// `not_found`; `forbidden` when somebody else attached it and the actor does not direct the work; `ticket_closed`;
/// `locked` while an answer of the checklist is this picture.
pub fn remove(conn: &mut DbConnection, actor: &Actor, id: AttachmentId) -> Result<(), Error> {
    let file = find(conn, actor, id)?;
    if file.author_id != actor.id() {
        actor.must(Permission::EditOthersWork)?;
    }
    let ticket = queries::hold(conn, actor, file.ticket_id)?;
    linked_assets::must_be_open(&ticket)?;
    if crate::checklists::answer::names_picture(conn, ticket.id, id)? {
        return Err(Refusal::from(Code::Locked).at("id", Flaw::InUse).into());
    }
    diesel::update(attachments::table.find(id)).set(attachments::archived_at.eq(actor.now())).execute(conn)?;
    let event = Event::of("attachment.removed", "attachment", id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event)
}

/// Whether a file is a picture on this ticket.
///
/// # Errors
/// The database's.
pub fn is_picture_of(conn: &mut DbConnection, id: AttachmentId, ticket: TicketId) -> Result<bool, Error> {
    let kind: Option<String> = attachments::table
        .filter(attachments::id.eq(id))
        .filter(attachments::ticket_id.eq(ticket))
        .filter(attachments::archived_at.is_null())
        .select(attachments::media_type)
        .get_result(conn)
        .optional()?;
    Ok(kind.is_some_and(|kind| kind.starts_with("image/")))
}
