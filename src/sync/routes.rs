//! `/sync`

use actix_web::{HttpRequest, get, post, web};

use super::issue::IssueId;
use super::late_work::{self, LateWork, LateWorkFilter};
use super::pull::{self, PullQuery, Pulled};
use super::push::{self, PushAnswer, PushQuery};
use super::refused_signatures::{self, RefusedSignature, RefusedSignatureFilter};
use super::rxdb;
use super::rxdb::pull::{RxPullQuery, RxPulled};
use super::rxdb::push::RxWrite;
use super::schema::{SyncSchema, schema};
use crate::db::page::Page;
use crate::http::body::Whole;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Call, Query, stream};
use crate::tickets::TicketId;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .service(pull_changes)
        .service(push_changes)
        .service(sync_schema)
        .service(list_late_work)
        .service(look_at_late_work);
    routes.service(pull_documents).service(push_documents).service(stream_changes);
    routes.service(list_refused_signatures);
}

/// What a phone has to learn, in WatermelonDB's protocol.
#[utoipa::path(tag = "sync", params(PullQuery), responses((status = 200, description = "What changed", body = Pulled), Problems))]
#[get("/sync/pull")]
async fn pull_changes(call: Call, asked: Query<PullQuery>) -> Answer {
    pull::pull(call, asked.0).await
}

/// What a phone's owner did, in WatermelonDB's protocol. At most 32 MiB, unpacked.
#[utoipa::path(tag = "sync", params(PushQuery), request_body(content = serde_json::Value, description = "By table: rows that are `created` and `updated`, ids that were `deleted`", content_type = "application/json"), responses((status = 200, description = "What became of each row", body = PushAnswer), Problems))]
#[post("/sync/push")]
async fn push_changes(call: Call, asked: Query<PushQuery>, sent: Whole<{ push::LIMIT }>) -> Answer {
    push::push(call, asked.0, sent.0).await
}

/// Work that came from phones after its ticket had gone to somebody else, newest first.
#[utoipa::path(tag = "sync", params(LateWorkFilter), responses((status = 200, description = "A page", body = Page<LateWork>), Problems))]
#[get("/sync/late-work")]
async fn list_late_work(call: Call, filter: Query<LateWorkFilter>) -> Answer {
    call.read(move |conn, _| late_work::list(conn, &filter.0)).await
}

/// Mark late work as looked at. The first look stays.
#[utoipa::path(tag = "sync", params(("id" = IssueId, Path, description = "The row of late work")), responses((status = 200, description = "As it is now", body = LateWork), Problems))]
#[post("/sync/late-work/{id}/look")]
async fn look_at_late_work(call: Call, id: web::Path<IssueId>) -> Answer {
    call.write(move |conn, actor| late_work::look(conn, actor, *id)).await
}

/// Signatures on a ticket that came from phones and were not taken, newest first. What was drawn is kept.
#[utoipa::path(tag = "sync", params(("id" = TicketId, Path, description = "The ticket"), RefusedSignatureFilter), responses((status = 200, description = "A page", body = Page<RefusedSignature>), Problems))]
#[get("/tickets/{id}/refused-signatures")]
async fn list_refused_signatures(call: Call, id: web::Path<TicketId>, filter: Query<RefusedSignatureFilter>) -> Answer {
    call.read(move |conn, actor| refused_signatures::list(conn, actor, *id, &filter.0)).await
}

/// The tables that phones hold.
#[utoipa::path(tag = "sync", responses((status = 200, description = "All of them", body = SyncSchema), Problems))]
#[get("/sync/schema")]
async fn sync_schema(call: Call) -> Answer {
    call.read(|_, _| Ok(schema())).await
}

/// What one table has to learn, in the words of RxDB's replication.
#[utoipa::path(tag = "sync", params(("table" = String, Path, description = "A table of `/sync/schema`", max_length = 40), RxPullQuery), responses((status = 200, description = "A page; the last one is not full", body = RxPulled), Problems))]
#[get("/sync/rx/{table}/pull")]
async fn pull_documents(call: Call, table: web::Path<String>, asked: Query<RxPullQuery>) -> Answer {
    rxdb::pull::pull(call, &table, &asked.0).await
}

/// What was written into one table, in the words of RxDB's replication. At most 32 MiB, unpacked.
#[utoipa::path(tag = "sync", params(("table" = String, Path, description = "A table of `/sync/schema`", max_length = 40)), request_body = Vec<RxWrite<'static>>, responses((status = 200, description = "The documents that are otherwise than they were written", body = Vec<Object>), Problems))]
#[post("/sync/rx/{table}/push")]
async fn push_documents(call: Call, table: web::Path<String>, sent: Whole<{ push::LIMIT }>) -> Answer {
    rxdb::push::push(call, &table, sent.0).await
}

/// Server-sent events: `data: {}` each time something happened, whatever it was. Whoever hears it pulls.
#[utoipa::path(tag = "sync", responses((status = 200, description = "Stays open until the access token expires", content_type = "text/event-stream", body = String), Problems))]
#[get("/sync/rx/stream")]
async fn stream_changes(call: Call, request: HttpRequest) -> Answer {
    stream::beats(&call, request)
}
