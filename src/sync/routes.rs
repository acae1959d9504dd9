//! `/sync`

use actix_web::{get, post, web};

use super::late_work::{self, LateWork, LateWorkFilter};
use super::pull::{self, PullQuery, Pulled};
use super::push::{self, PushAnswer, PushQuery};
use super::refused_signatures::{self, RefusedSignature, RefusedSignatureFilter};
use super::schema::{SyncSchema, schema};
use crate::db::page::Page;
use crate::http::body::Whole;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Call, Query};
use crate::tickets::TicketId;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(pull_changes).service(push_changes).service(sync_schema).service(list_late_work);
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
