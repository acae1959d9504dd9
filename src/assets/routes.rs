//! `/assets`, `/scan`

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};

use super::card::{self, CardQuery, ScanCard};
use super::timeline::{self, LifeEvent, LifeFilter};
use super::{AssetFilter, AssetId, AssetView, EditAsset, NewAsset, create, edit, queries};
use crate::auth::Actor;
use crate::codes::photo::{self, NewPhoto, PhotoScan};
use crate::db::DbConnection;
use crate::db::page::Page;
use crate::error::Code;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::words::text::Scanned;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    // The first that fits a path decides, whatever the method: the fixed path before the one that takes any text.
    routes.service(scan_photo).service(scan);
    routes.service(list_assets).service(add_asset).service(get_asset).service(edit_asset);
    routes.service(list_children).service(get_life).service(get_card);
}

/// Devices one sees, newest first.
#[utoipa::path(tag = "assets", params(AssetFilter), responses((status = 200, description = "A page", body = Page<AssetView>), Problems))]
#[get("/assets")]
async fn list_assets(call: Call, filter: Query<AssetFilter>) -> Answer {
    let app = call.app.clone();
    // Who was not scanned is found by looking at everybody.
    let slow = filter.0.not_scanned_since.is_some();
    let list =
        move |conn: &mut DbConnection, actor: &Actor| queries::list(conn, actor, &app.config.public_url, &filter.0);
    if slow { call.report(list).await } else { call.read(list).await }
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

/// The life of a device, newest first: scans, tickets, acts, printed labels, changes.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device"), LifeFilter), responses((status = 200, description = "A page", body = Page<LifeEvent>), Problems))]
#[get("/assets/{id}/history")]
async fn get_life(call: Call, id: web::Path<AssetId>, filter: Query<LifeFilter>) -> Answer {
    call.read(move |conn, actor| timeline::timeline(conn, actor, *id, &filter.0)).await
}

/// Read the codes on a photo, for phones whose browser cannot.
///
/// QR, Data Matrix and the common linear codes, in any direction. Nothing is logged: send the `text` that is meant to
/// `POST /tickets/{id}/scans` or `GET /scan/{code}`.
#[utoipa::path(tag = "assets", request_body(content((NewPhoto = "multipart/form-data"), (Vec<u8> = "application/octet-stream"))), responses((status = 200, description = "What could be read", body = PhotoScan), Problems))]
#[post("/scan/photo")]
async fn scan_photo(call: Call, request: HttpRequest, payload: web::Payload) -> Answer {
    photo::scan(call, request, payload).await
}

/// Everything about a device at one scan: whose it is, whether it is covered, what is open, what was done last.
///
/// Takes the ten characters, the label's whole URL (percent-encoded), a code that others printed, an inventory number or a
/// serial number. A blank label is told to our own side as `code_blank`; several devices as `code_ambiguous`, with the list.
#[utoipa::path(tag = "assets", params(("code" = String, Path, description = "What was scanned or typed", max_length = 500)), responses((status = 200, description = "The card", body = ScanCard), Problems))]
#[get("/scan/{code}")]
async fn scan(call: Call, text: web::Path<String>) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let shared = app.clone();
    // What no record could hold leads nowhere; what can is looked for as records hold it.
    let code = Scanned::<500>::parse(&text).map_err(|_| Code::CodeNotFound)?;
    let (user, now, typed) = (actor.id(), actor.now(), code.clone());
    let read =
        move |conn: &mut DbConnection| card::scan(conn, &actor, &shared.surroundings, &shared.config.public_url, &code);
    let card = app.db.glance(read).await?;
    let scanned = card.scanned.code.map_or_else(|| typed.to_string(), |code| code.to_string());
    app.scans.note(card.asset.id, user, scanned, now);
    Ok(HttpResponse::Ok().json(card))
}

/// The same card for a device that was chosen.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device"), CardQuery), responses((status = 200, description = "The card", body = ScanCard), Problems))]
#[get("/assets/{id}/card")]
async fn get_card(call: Call, id: web::Path<AssetId>, query: Query<CardQuery>) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let (shared, scanned) = (app.clone(), query.0.scanned);
    let (user, now, typed) = (actor.id(), actor.now(), scanned.clone());
    let read = move |conn: &mut DbConnection| {
        card::of(conn, &actor, &shared.surroundings, &shared.config.public_url, *id, scanned.as_deref())
    };
    let card = app.db.read(read).await?;
    if let Some(typed) = typed {
        app.scans.note(card.asset.id, user, typed.to_string(), now);
    }
    Ok(HttpResponse::Ok().json(card))
}
