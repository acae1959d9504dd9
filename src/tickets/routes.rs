//! `/tickets` and what belongs to them, `/attachments`, `/workflow`, `/scan`

use actix_multipart::Multipart;
use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use serde::Deserialize;

use super::assign::{self, Assign};
use super::attach::{self, NewAttachment};
use super::attachments::{self, Attachment, AttachmentFilter, AttachmentId};
use super::comments::{self, Comment, CommentFilter, NewComment};
use super::completion::{self, Completion, CompletionQuery};
use super::content::{self, ThumbnailQuery, ThumbnailSize};
use super::graph::{self, Graph, PutGraph};
use super::linked_assets::{self, LinkAsset};
use super::picture::GraphFormat;
use super::scan::{self, ScanRequest};
use super::workflow::{self, ChangeStatus};
use super::{EditTicket, NewTicket, TicketFilter, TicketId, TicketView, edit, open, picture, queries};
use crate::assets::AssetId;
use crate::db::page::Page;
use crate::error::Error;
use crate::history::list::{EventFilter, EventView};
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_tickets).service(open_ticket).service(get_ticket).service(edit_ticket);
    routes.service(assign_ticket).service(scan_on_ticket).service(link_asset).service(unlink_asset);
    routes.service(change_status).service(get_completion).service(get_history);
    routes.service(list_comments).service(write_comment);
    routes.service(list_attachments).service(attach_file);
    routes.service(get_attachment).service(get_attachment_content).service(remove_attachment);
    routes.service(get_attachment_thumbnail).service(get_attachment_original);
    routes.service(get_workflow).service(put_workflow);
}

/// Tickets one sees, newest first.
#[utoipa::path(tag = "tickets", params(TicketFilter), responses((status = 200, description = "A page", body = Page<TicketView>), Problems))]
#[get("/tickets")]
async fn list_tickets(call: Call, filter: Query<TicketFilter>) -> Answer {
    // Words are looked for row by row: nobody else should wait for it.
    if filter.0.q.is_some() {
        call.report(move |conn, actor| queries::list(conn, actor, &filter.0)).await
    } else {
        call.read(move |conn, actor| queries::list(conn, actor, &filter.0)).await
    }
}

/// Open a ticket.
#[utoipa::path(tag = "tickets", request_body = NewTicket, responses((status = 201, description = "Opened", body = TicketView), (status = 200, description = "Was made before with this id", body = TicketView), Problems))]
#[post("/tickets")]
async fn open_ticket(call: Call, body: Body<NewTicket>) -> Answer {
    call.create(move |conn, actor| open::open(conn, actor, &body.0)).await
}

/// One ticket.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), responses((status = 200, description = "The ticket", body = TicketView), Problems))]
#[get("/tickets/{id}")]
async fn get_ticket(call: Call, id: web::Path<TicketId>) -> Answer {
    call.show(move |conn, actor| queries::find(conn, actor, *id)).await
}

/// Change what is known about a ticket.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body = EditTicket, responses((status = 200, description = "Changed", body = TicketView), Problems))]
#[patch("/tickets/{id}")]
async fn edit_ticket(call: Call, id: web::Path<TicketId>, body: Body<EditTicket>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| edit::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// Give a ticket to somebody, or take it.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body = Assign, responses((status = 200, description = "The ticket as it is now", body = TicketView), Problems))]
#[post("/tickets/{id}/assignee")]
async fn assign_ticket(call: Call, id: web::Path<TicketId>, body: Body<Assign>) -> Answer {
    call.edit(move |conn, actor| assign::assign(conn, actor, *id, &body.0)).await
}

/// Scan a label on a ticket: ties the device to it.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body = ScanRequest, responses((status = 200, description = "The ticket as it is now", body = TicketView), Problems))]
#[post("/tickets/{id}/scans")]
async fn scan_on_ticket(call: Call, id: web::Path<TicketId>, body: Body<ScanRequest>) -> Answer {
    call.edit(move |conn, actor| scan::scan(conn, actor, *id, &body.0)).await
}

/// Link a device to a ticket without scanning it.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body = LinkAsset, responses((status = 200, description = "The ticket as it is now", body = TicketView), Problems))]
#[post("/tickets/{id}/assets")]
async fn link_asset(call: Call, id: web::Path<TicketId>, body: Body<LinkAsset>) -> Answer {
    call.edit(move |conn, actor| linked_assets::add(conn, actor, *id, &body.0)).await
}

/// Take a device off a ticket.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket"), ("asset_id" = AssetId, Path, description = "The device")), responses((status = 204, description = "Taken off"), Problems))]
#[delete("/tickets/{id}/assets/{asset_id}")]
async fn unlink_asset(call: Call, ids: web::Path<(TicketId, AssetId)>) -> Answer {
    let (ticket, asset) = *ids;
    call.done(move |conn, actor| linked_assets::remove(conn, actor, ticket, asset)).await
}

/// Move a ticket. The gates are asked here, whatever the app thinks.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body = ChangeStatus, responses((status = 200, description = "The ticket as it is now", body = TicketView), Problems))]
#[post("/tickets/{id}/status")]
async fn change_status(call: Call, id: web::Path<TicketId>, body: Body<ChangeStatus>) -> Answer {
    call.edit(move |conn, actor| workflow::change_status(conn, actor, *id, &body.0)).await
}

/// What is still missing before a ticket may be done?
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket"), CompletionQuery), responses((status = 200, description = "What is missing", body = Completion), Problems))]
#[get("/tickets/{id}/completion")]
async fn get_completion(call: Call, id: web::Path<TicketId>, query: Query<CompletionQuery>) -> Answer {
    call.read(move |conn, actor| completion::completion(conn, actor, *id, &query.0)).await
}

/// What happened on a ticket, newest first.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket"), EventFilter), responses((status = 200, description = "A page", body = Page<EventView>), Problems))]
#[get("/tickets/{id}/history")]
async fn get_history(call: Call, id: web::Path<TicketId>, filter: Query<EventFilter>) -> Answer {
    call.read(move |conn, actor| {
        queries::find_row(conn, actor, *id)?;
        crate::history::list::list(conn, &EventFilter { ticket_id: Some(*id), ..filter.0.clone() })
    })
    .await
}

/// What people wrote on a ticket, oldest first.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket"), CommentFilter), responses((status = 200, description = "A page", body = Page<Comment>), Problems))]
#[get("/tickets/{id}/comments")]
async fn list_comments(call: Call, id: web::Path<TicketId>, filter: Query<CommentFilter>) -> Answer {
    call.read(move |conn, actor| comments::list(conn, actor, *id, &filter.0)).await
}

/// Write a comment.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body = NewComment, responses((status = 201, description = "Written", body = Comment), (status = 200, description = "Was made before with this id", body = Comment), Problems))]
#[post("/tickets/{id}/comments")]
async fn write_comment(call: Call, id: web::Path<TicketId>, body: Body<NewComment>) -> Answer {
    call.create(move |conn, actor| comments::add(conn, actor, *id, &body.0)).await
}

/// The files on a ticket, oldest first.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket"), AttachmentFilter), responses((status = 200, description = "A page", body = Page<Attachment>), Problems))]
#[get("/tickets/{id}/attachments")]
async fn list_attachments(call: Call, id: web::Path<TicketId>, filter: Query<AttachmentFilter>) -> Answer {
    call.read(move |conn, actor| attachments::list(conn, actor, *id, &filter.0)).await
}

/// Attach a file. Pictures are written anew, upright and without what their makers hid in them.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body(content = NewAttachment, content_type = "multipart/form-data"), responses((status = 201, description = "Attached", body = Attachment), (status = 200, description = "Was made before with this id", body = Attachment), Problems))]
#[post("/tickets/{id}/attachments")]
async fn attach_file(call: Call, id: web::Path<TicketId>, form: Multipart) -> Answer {
    attach::attach(call, *id, form).await
}

/// One file.
#[utoipa::path(tag = "tickets", params(("id" = AttachmentId, Path, description = "The file")), responses((status = 200, description = "The file", body = Attachment), Problems))]
#[get("/attachments/{id}")]
async fn get_attachment(call: Call, id: web::Path<AttachmentId>) -> Answer {
    call.read(move |conn, actor| attachments::find(conn, actor, *id)).await
}

/// The bytes of a file.
#[utoipa::path(tag = "tickets", params(("id" = AttachmentId, Path, description = "The file")), responses((status = 200, description = "The bytes", content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/heic"))), Problems))]
#[get("/attachments/{id}/content")]
async fn get_attachment_content(call: Call, id: web::Path<AttachmentId>) -> Answer {
    content::content(call, *id).await
}

/// A picture in small: JPEG. HEIC and PDF have none.
#[utoipa::path(tag = "tickets", params(("id" = AttachmentId, Path, description = "The file"), ThumbnailQuery), responses((status = 200, description = "The bytes", content((Vec<u8> = "image/jpeg"))), Problems))]
#[get("/attachments/{id}/thumbnail")]
async fn get_attachment_thumbnail(call: Call, id: web::Path<AttachmentId>, query: Query<ThumbnailQuery>) -> Answer {
    content::thumbnail(call, *id, query.0.size.unwrap_or(ThumbnailSize::Small)).await
}

/// The bytes of a file as they were sent, with all that the camera wrote into them: evidence.
#[utoipa::path(tag = "tickets", params(("id" = AttachmentId, Path, description = "The file")), responses((status = 200, description = "The bytes", content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "application/pdf"))), Problems))]
#[get("/attachments/{id}/original")]
async fn get_attachment_original(call: Call, id: web::Path<AttachmentId>) -> Answer {
    content::original(call, *id).await
}

/// Take a file off a ticket.
#[utoipa::path(tag = "tickets", params(("id" = AttachmentId, Path, description = "The file")), responses((status = 204, description = "Taken off"), Problems))]
#[delete("/attachments/{id}")]
async fn remove_attachment(call: Call, id: web::Path<AttachmentId>) -> Answer {
    call.done(move |conn, actor| attachments::remove(conn, actor, *id)).await
}

/// How to show the graph.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GraphQuery {
    /// As data when left out.
    pub format: Option<GraphFormat>,
}

/// The graph of statuses: as data, as Mermaid text, or drawn.
#[utoipa::path(tag = "rules of work", params(GraphQuery), responses((status = 200, description = "The graph", content((Graph = "application/json"), (String = "text/plain"), (String = "image/svg+xml"))), Problems))]
#[get("/workflow")]
async fn get_workflow(call: Call, query: Query<GraphQuery>) -> Answer {
    let format = query.0.format.unwrap_or(GraphFormat::Json);
    if format == GraphFormat::Json {
        return call.show(|conn, _| graph::load(conn)).await;
    }
    let language = call.actor.language();
    let graph = call.app.db.read(graph::load).await?;
    let (kind, text) = match format {
        GraphFormat::Svg => ("image/svg+xml", picture::svg(&graph, language)),
        GraphFormat::Json | GraphFormat::Mermaid => ("text/plain; charset=utf-8", picture::mermaid(&graph, language)),
    };
    Ok::<_, Error>(HttpResponse::Ok().content_type(kind).body(text))
}

/// Replace the graph of statuses.
#[utoipa::path(tag = "rules of work", request_body = PutGraph, responses((status = 200, description = "The graph as it is now", body = Graph), Problems))]
#[put("/workflow")]
async fn put_workflow(call: Call, body: Body<PutGraph>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| graph::replace(conn, actor, &body.0, expected.as_ref())).await
}
