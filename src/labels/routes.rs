//! `/assets/{id}/label.*`, `/label-sheets`, `/label-media`

use actix_web::{HttpResponse, get, post, web};

use super::LabelQuery;
use super::one::{self, Format};
use super::sheets::{self, NewLabelSheet};
use crate::assets::AssetId;
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::print::label::{SHEETS, Sheet};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(label_png).service(label_svg).service(label_pdf).service(label_zpl);
    routes.service(print_label_sheet).service(list_label_media);
}

/// A device's label as pixels.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = Vec<u8>, content_type = "image/png"), Problems))]
#[get("/assets/{id}/label.png")]
async fn label_png(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    one::print(call, *id, query.0, Format::Png).await
}

/// A device's label as vectors for screens.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = String, content_type = "image/svg+xml"), Problems))]
#[get("/assets/{id}/label.svg")]
async fn label_svg(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    one::print(call, *id, query.0, Format::Svg).await
}

/// A device's label as vectors for printers.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[get("/assets/{id}/label.pdf")]
async fn label_pdf(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    one::print(call, *id, query.0, Format::Pdf).await
}

/// A device's label for thermal printers that speak ZPL II.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = String, content_type = "text/plain"), Problems))]
#[get("/assets/{id}/label.zpl")]
async fn label_zpl(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    one::print(call, *id, query.0, Format::Zpl).await
}

/// Print labels on sheets.
#[utoipa::path(tag = "labels", request_body = NewLabelSheet, responses((status = 200, description = "The sheets", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[post("/label-sheets")]
async fn print_label_sheet(call: Call, body: Body<NewLabelSheet>) -> Answer {
    sheets::print(call, body.0).await
}

/// The sheets of labels that are known.
#[utoipa::path(tag = "labels", responses((status = 200, description = "All of them", body = Page<Sheet>), Problems))]
#[get("/label-media")]
async fn list_label_media(call: Call) -> Answer {
    let _ = call;
    Ok(HttpResponse::Ok().json(Page::all(SHEETS.clone())))
}
