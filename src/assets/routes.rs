//! `/assets`, `/codes`, `/label-sheets`, `/scan`

use actix_web::{HttpResponse, get, patch, post, web};

use super::card::{self, ScanCard};
use super::labels::{self, Format, LabelQuery, NewLabelSheet};
use super::timeline::{self, LifeEvent, LifeFilter};
use super::{AssetFilter, AssetId, AssetView, EditAsset, NewAsset, code, create, edit, queries};
use crate::db::DbConnection;
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::print::label::{SHEETS, Sheet};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(scan);
    routes.service(list_assets).service(add_asset).service(get_asset).service(edit_asset);
    routes.service(list_children).service(get_life).service(relabel).service(revoke_code);
    routes.service(label_png).service(label_svg).service(label_pdf).service(label_zpl);
    routes.service(print_label_sheet).service(list_label_media);
}

/// Devices one sees, newest first.
#[utoipa::path(tag = "assets", params(AssetFilter), responses((status = 200, description = "A page", body = Page<AssetView>), Problems))]
#[get("/assets")]
async fn list_assets(call: Call, filter: Query<AssetFilter>) -> Answer {
    let app = call.app.clone();
    call.read(move |conn, actor| queries::list(conn, actor, &app.config.public_url, &filter.0)).await
}

/// Add a device. Its label comes with it.
#[utoipa::path(tag = "assets", request_body = NewAsset, responses((status = 201, description = "Added", body = AssetView), (status = 200, description = "Was made before with this id", body = AssetView), Problems))]
#[post("/assets")]
async fn add_asset(call: Call, body: Body<NewAsset>) -> Answer {
    let app = call.app.clone();
    call.create(move |conn, actor| create::create(conn, actor, &app.config.public_url, &body.0)).await
}

/// One device.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device")), responses((status = 200, description = "The device", body = AssetView), Problems))]
#[get("/assets/{id}")]
async fn get_asset(call: Call, id: web::Path<AssetId>) -> Answer {
    let app = call.app.clone();
    call.show(move |conn, actor| queries::find(conn, actor, &app.config.public_url, *id)).await
}

/// Change what is known about a device.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device")), request_body = EditAsset, responses((status = 200, description = "Changed", body = AssetView), Problems))]
#[patch("/assets/{id}")]
async fn edit_asset(call: Call, id: web::Path<AssetId>, body: Body<EditAsset>) -> Answer {
    let (app, expected) = (call.app.clone(), call.if_match());
    call.edit(move |conn, actor| edit::edit(conn, actor, &app.config.public_url, *id, &body.0, expected.as_ref())).await
}

/// The parts of a device.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device")), responses((status = 200, description = "Its parts", body = Page<AssetView>), Problems))]
#[get("/assets/{id}/children")]
async fn list_children(call: Call, id: web::Path<AssetId>) -> Answer {
    let app = call.app.clone();
    call.read(move |conn, actor| queries::children(conn, actor, &app.config.public_url, *id).map(Page::all)).await
}

/// The life of a device, newest first: scans, tickets, acts, changes.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device"), LifeFilter), responses((status = 200, description = "A page", body = Page<LifeEvent>), Problems))]
#[get("/assets/{id}/history")]
async fn get_life(call: Call, id: web::Path<AssetId>, filter: Query<LifeFilter>) -> Answer {
    call.read(move |conn, actor| timeline::timeline(conn, actor, *id, &filter.0)).await
}

/// Give a device a new label. The one it had still leads to it and says that it was replaced.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device")), responses((status = 200, description = "The device with its new label", body = AssetView), Problems))]
#[post("/assets/{id}/codes")]
async fn relabel(call: Call, id: web::Path<AssetId>) -> Answer {
    let app = call.app.clone();
    call.write(move |conn, actor| create::relabel(conn, actor, &app.config.public_url, *id)).await
}

/// Make a code lead nowhere.
#[utoipa::path(tag = "assets", params(("code" = String, Path, description = "The ten characters", max_length = 20)), responses((status = 204, description = "Revoked"), Problems))]
#[post("/codes/{code}/revocation")]
async fn revoke_code(call: Call, text: web::Path<String>) -> Answer {
    call.done(move |conn, actor| code::revoke(conn, actor, &text)).await
}

/// A device's label as pixels.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = Vec<u8>, content_type = "image/png"), Problems))]
#[get("/assets/{id}/label.png")]
async fn label_png(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    labels::print(call, *id, query.0, Format::Png).await
}

/// A device's label as vectors for screens.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = String, content_type = "image/svg+xml"), Problems))]
#[get("/assets/{id}/label.svg")]
async fn label_svg(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    labels::print(call, *id, query.0, Format::Svg).await
}

/// A device's label as vectors for printers.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[get("/assets/{id}/label.pdf")]
async fn label_pdf(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    labels::print(call, *id, query.0, Format::Pdf).await
}

/// A device's label for thermal printers that speak ZPL II.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = String, content_type = "text/plain"), Problems))]
#[get("/assets/{id}/label.zpl")]
async fn label_zpl(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    labels::print(call, *id, query.0, Format::Zpl).await
}

/// Print labels on sheets.
#[utoipa::path(tag = "labels", request_body = NewLabelSheet, responses((status = 200, description = "The sheets", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[post("/label-sheets")]
async fn print_label_sheet(call: Call, body: Body<NewLabelSheet>) -> Answer {
    labels::print_sheets(call, body.0).await
}

/// The sheets of labels that are known.
#[utoipa::path(tag = "labels", responses((status = 200, description = "All of them", body = Page<Sheet>), Problems))]
#[get("/label-media")]
async fn list_label_media(call: Call) -> Answer {
    let _ = call;
    Ok(HttpResponse::Ok().json(Page::all(SHEETS.clone())))
}

/// Everything about a device at one scan: whose it is, whether it is covered, what is open, what was done last.
///
/// Takes the ten characters, the label's whole URL (percent-encoded), an inventory number or a serial number.
#[utoipa::path(tag = "assets", params(("code" = String, Path, description = "What was scanned or typed", max_length = 500)), responses((status = 200, description = "The card", body = ScanCard), Problems))]
#[get("/scan/{code}")]
async fn scan(call: Call, text: web::Path<String>) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let (shared, code) = (app.clone(), text.into_inner());
    let user = actor.id();
    let now = actor.now();
    let read =
        move |conn: &mut DbConnection| card::scan(conn, &actor, &shared.surroundings, &shared.config.public_url, &code);
    let card = app.db.read(read).await?;
    let scanned =
        card.scanned.code.map_or_else(|| card.asset.code.clone().unwrap_or_default(), |code| code.to_string());
    app.scans.note(card.asset.id, user, scanned, now);
    Ok(HttpResponse::Ok().json(card))
}
