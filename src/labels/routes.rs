//! `/assets/{id}/label.*`, `/label-sheets`, `/label-rolls`, `/label-media`

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, get, post, web};

use super::media::{self, LabelMedium, MediaQuery};
use super::one::{self, Format};
use super::rolls::{self, NewLabelRoll};
use super::sheets::{self, NewLabelSheet};
use super::{LabelQuery, jobs, printers};
use crate::assets::AssetId;
use crate::codes::LabelCode;
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::print::press::Tongue;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(label_png).service(label_svg).service(label_pdf).service(label_zpl).service(label_tspl);
    routes.service(print_label_sheet).service(print_label_roll).service(list_label_media);
    routes.configure(jobs::routes::configure).configure(printers::routes::configure);
}

/// A device's label as pixels.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = Vec<u8>, content_type = "image/png"), Problems))]
#[get("/assets/{id}/label.png")]
async fn label_png(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    label(call, *id, query.0, Format::Png).await
}

/// A device's label as vectors for screens.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = String, content_type = "image/svg+xml"), Problems))]
#[get("/assets/{id}/label.svg")]
async fn label_svg(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    label(call, *id, query.0, Format::Svg).await
}

/// A device's label as vectors for printers.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[get("/assets/{id}/label.pdf")]
async fn label_pdf(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    label(call, *id, query.0, Format::Pdf).await
}

/// A device's label for thermal printers that speak ZPL II.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = String, content_type = "text/plain"), Problems))]
#[get("/assets/{id}/label.zpl")]
async fn label_zpl(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    label(call, *id, query.0, Format::Commands(Tongue::Zpl)).await
}

/// A device's label for thermal printers that speak TSPL. It is bytes, not text: pass it on as it is.
#[utoipa::path(tag = "labels", params(("id" = AssetId, Path, description = "The device"), LabelQuery), responses((status = 200, description = "The label", body = Vec<u8>, content_type = "application/octet-stream"), Problems))]
#[get("/assets/{id}/label.tspl")]
async fn label_tspl(call: Call, id: web::Path<AssetId>, query: Query<LabelQuery>) -> Answer {
    label(call, *id, query.0, Format::Commands(Tongue::Tspl)).await
}

async fn label(call: Call, id: AssetId, query: LabelQuery, format: Format) -> Answer {
    let bytes = one::print(call, id, query, format).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, format.media_type())).body(bytes))
}

/// Print labels on sheets.
#[utoipa::path(tag = "labels", request_body = NewLabelSheet, responses((status = 200, description = "The sheets", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[post("/label-sheets")]
async fn print_label_sheet(call: Call, body: Body<NewLabelSheet>) -> Answer {
    let bytes = sheets::print(call, body.0).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, Format::Pdf.media_type())).body(bytes))
}

/// Print labels on a roll: a PDF with a page for each, or commands for a label printer.
#[utoipa::path(tag = "labels", request_body = NewLabelRoll, responses((status = 200, description = "The labels", content((Vec<u8> = "application/pdf"), (String = "text/plain"), (Vec<u8> = "application/octet-stream"))), Problems))]
#[post("/label-rolls")]
async fn print_label_roll(call: Call, body: Body<NewLabelRoll>) -> Answer {
    let format = body.0.format.format();
    let bytes = rolls::print(call, body.0).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, format.media_type())).body(bytes))
}

/// The sheets and rolls of labels that are known, by brand, part or size.
#[utoipa::path(tag = "labels", params(MediaQuery), responses((status = 200, description = "All that fit", body = Page<LabelMedium>), Problems))]
#[get("/label-media")]
async fn list_label_media(call: Call, query: Query<MediaQuery>) -> Answer {
    let sample = LabelCode::new()?.label_url(&call.app.config.public_url);
    Ok(HttpResponse::Ok().json(Page::all(media::list(&query.0, &sample)?)))
}
