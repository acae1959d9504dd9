//! `/label-batches`, `/codes`, `/assets/{id}/codes`, `/assets/{id}/foreign-codes`

use actix_web::{delete, get, post, web};

use super::batch::{self, BatchFilter, BatchId, BatchView, NewBatch, VoidLabels};
use super::claim::{self, ClaimView, NewClaim};
use super::foreign::{self, ForeignCodeId, ForeignCodeView, NewForeignCode};
use super::queries::{self, CodeFilter, CodeRow, CodeView};
use super::{replace, revoke};
use crate::assets::{AssetId, AssetView};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(relabel).service(revoke_code);
    routes.service(list_foreign_codes).service(add_foreign_code).service(remove_foreign_code);
    routes.service(list_label_batches).service(make_label_batch).service(get_label_batch);
    routes.service(list_batch_codes).service(void_labels);
    routes.service(list_codes).service(get_code).service(claim_code);
}

/// Give a device a new label. The one it had still leads to it and says that it was replaced.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device")), responses((status = 200, description = "The device with its new label", body = AssetView), Problems))]
#[post("/assets/{id}/codes")]
async fn relabel(call: Call, id: web::Path<AssetId>) -> Answer {
    let app = call.app.clone();
    call.write(move |conn, actor| replace::replace(conn, actor, &app.config.public_url, *id)).await
}

/// Make a code lead nowhere.
#[utoipa::path(tag = "assets", params(("code" = String, Path, description = "The ten characters, or the label's URL", max_length = 500)), responses((status = 204, description = "Revoked"), Problems))]
#[post("/codes/{code}/revocation")]
async fn revoke_code(call: Call, text: web::Path<String>) -> Answer {
    call.done(move |conn, actor| revoke::revoke(conn, actor, &text)).await
}

/// The codes that others printed on a device.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device")), responses((status = 200, description = "All of them", body = Page<ForeignCodeView>), Problems))]
#[get("/assets/{id}/foreign-codes")]
async fn list_foreign_codes(call: Call, id: web::Path<AssetId>) -> Answer {
    call.read(move |conn, actor| foreign::list(conn, actor, *id)).await
}

/// Record a code that others printed on a device, so that a scan of it leads there.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device")), request_body = NewForeignCode, responses((status = 201, description = "Recorded", body = ForeignCodeView), (status = 200, description = "Was recorded before", body = ForeignCodeView), Problems))]
#[post("/assets/{id}/foreign-codes")]
async fn add_foreign_code(call: Call, id: web::Path<AssetId>, body: Body<NewForeignCode>) -> Answer {
    call.create(move |conn, actor| foreign::add(conn, actor, *id, &body.0)).await
}

/// Take a code of others off a device.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device"), ("code_id" = ForeignCodeId, Path, description = "The code")), responses((status = 204, description = "Taken off"), Problems))]
#[delete("/assets/{id}/foreign-codes/{code_id}")]
async fn remove_foreign_code(call: Call, path: web::Path<(AssetId, ForeignCodeId)>) -> Answer {
    let (asset, code) = path.into_inner();
    call.done(move |conn, actor| foreign::remove(conn, actor, asset, code)).await
}

/// Batches of blank labels, newest first.
#[utoipa::path(tag = "labels", params(BatchFilter), responses((status = 200, description = "A page", body = Page<BatchView>), Problems))]
#[get("/label-batches")]
async fn list_label_batches(call: Call, filter: Query<BatchFilter>) -> Answer {
    call.report(move |conn, _| batch::list(conn, &filter.0)).await
}

/// Make a batch of blank labels, to be printed now and claimed on site.
#[utoipa::path(tag = "labels", request_body = NewBatch, responses((status = 201, description = "Made", body = BatchView), (status = 200, description = "Was made before with this id", body = BatchView), Problems))]
#[post("/label-batches")]
async fn make_label_batch(call: Call, body: Body<NewBatch>) -> Answer {
    call.create(move |conn, actor| batch::make(conn, actor, &body.0)).await
}

/// One batch, with counts of what has become of its labels.
#[utoipa::path(tag = "labels", params(("id" = BatchId, Path, description = "The batch")), responses((status = 200, description = "The batch", body = BatchView), Problems))]
#[get("/label-batches/{id}")]
async fn get_label_batch(call: Call, id: web::Path<BatchId>) -> Answer {
    call.show(move |conn, _| batch::find(conn, *id)).await
}

/// The codes of a batch, by number.
#[utoipa::path(tag = "labels", params(("id" = BatchId, Path, description = "The batch"), CodeFilter), responses((status = 200, description = "A page", body = Page<CodeRow>), Problems))]
#[get("/label-batches/{id}/codes")]
async fn list_batch_codes(call: Call, id: web::Path<BatchId>, filter: Query<CodeFilter>) -> Answer {
    let app = call.app.clone();
    call.read(move |conn, _| queries::list(conn, &app.config.public_url, Some(*id), &filter.0)).await
}

/// Give up labels of a batch that are on nothing: a roll was lost, or misprinted. Claimed ones stay as they are.
#[utoipa::path(tag = "labels", params(("id" = BatchId, Path, description = "The batch")), request_body = VoidLabels, responses((status = 200, description = "The batch as it is now", body = BatchView), Problems))]
#[post("/label-batches/{id}/void")]
async fn void_labels(call: Call, id: web::Path<BatchId>, body: Body<VoidLabels>) -> Answer {
    call.write(move |conn, actor| batch::void(conn, actor, *id, &body.0)).await
}

/// The codes that were made in batches, by number. `state=blank&printed=true`: on paper, and nobody has claimed them.
#[utoipa::path(tag = "labels", params(CodeFilter), responses((status = 200, description = "A page", body = Page<CodeRow>), Problems))]
#[get("/codes")]
async fn list_codes(call: Call, filter: Query<CodeFilter>) -> Answer {
    let app = call.app.clone();
    // Those that are not on paper may stand behind many that are.
    call.report(move |conn, _| queries::list(conn, &app.config.public_url, None, &filter.0)).await
}

/// All that is known of a code, a blank or revoked one too: its batch and number, its device, its claims.
#[utoipa::path(tag = "labels", params(("code" = String, Path, description = "The ten characters, or the label's URL", max_length = 500)), responses((status = 200, description = "The code", body = CodeView), Problems))]
#[get("/codes/{code}")]
async fn get_code(call: Call, text: web::Path<String>) -> Answer {
    let app = call.app.clone();
    call.read(move |conn, _| queries::find(conn, &app.config.public_url, &text)).await
}

/// Put a blank label on a device, known or new.
///
/// The first claim of a label wins. One that comes later for another device is kept too and answered with 409
/// `code_claimed`: `holder` has the label, `asset` is the device of the claim as it is now (a new one was made all the same,
/// with a label of its own). The same claim again is answered alike.
#[utoipa::path(tag = "labels", params(("code" = String, Path, description = "The ten characters, or the label's URL", max_length = 500)), request_body = NewClaim, responses((status = 201, description = "The label is on the device", body = ClaimView), (status = 200, description = "Was claimed before with this id", body = ClaimView), Problems))]
#[post("/codes/{code}/claims")]
async fn claim_code(call: Call, text: web::Path<String>, body: Body<NewClaim>) -> Answer {
    let app = call.app.clone();
    call.settle(move |conn, actor| claim::claim(conn, actor, &app.config.public_url, &text, &body.0)).await
}
