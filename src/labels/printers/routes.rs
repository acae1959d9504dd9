//! `/printers`

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, get, patch, post, web};

use super::calibrate::{CalibrationQuery, Readings, calibrate, page};
use super::{EditPrinter, NewPrinter, Printer, PrinterFilter, PrinterId, create, edit, find, list};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    // The page before the printers: its address looks like one of theirs.
    routes.service(get_calibration_page).service(calibrate_printer);
    routes.service(list_printers).service(add_printer).service(get_printer).service(edit_printer);
}

/// Printers of labels, newest first.
#[utoipa::path(tag = "labels", params(PrinterFilter), responses((status = 200, description = "A page", body = Page<Printer>), Problems))]
#[get("/printers")]
async fn list_printers(call: Call, filter: Query<PrinterFilter>) -> Answer {
    call.read(move |conn, _| list(conn, &filter.0)).await
}

/// Add a printer.
#[utoipa::path(tag = "labels", request_body = NewPrinter, responses((status = 201, description = "Added", body = Printer), (status = 200, description = "Was made before with this id", body = Printer), Problems))]
#[post("/printers")]
async fn add_printer(call: Call, body: Body<NewPrinter>) -> Answer {
    call.create(move |conn, actor| create(conn, actor, &body.0)).await
}

/// One printer.
#[utoipa::path(tag = "labels", params(("id" = PrinterId, Path, description = "The printer")), responses((status = 200, description = "The printer", body = Printer), Problems))]
#[get("/printers/{id}")]
async fn get_printer(call: Call, id: web::Path<PrinterId>) -> Answer {
    call.show(move |conn, _| find(conn, *id)).await
}

/// Change a printer, or put it away.
#[utoipa::path(tag = "labels", params(("id" = PrinterId, Path, description = "The printer")), request_body = EditPrinter, responses((status = 200, description = "Changed", body = Printer), Problems))]
#[patch("/printers/{id}")]
async fn edit_printer(call: Call, id: web::Path<PrinterId>, body: Body<EditPrinter>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// The page by which one sees how far a printer is off. As a PDF for paper it says itself how it is read; on a label there
/// is room for its two rulers only, in PDF as in the languages of label printers, whose marks are whole dots.
#[utoipa::path(tag = "labels", params(CalibrationQuery), responses((status = 200, description = "The page", content((Vec<u8> = "application/pdf"), (String = "text/plain"), (Vec<u8> = "application/octet-stream"))), Problems))]
#[get("/printers/calibration.pdf")]
async fn get_calibration_page(call: Call, query: Query<CalibrationQuery>) -> Answer {
    let (format, bytes) = page(call, query.0).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, format.media_type())).body(bytes))
}

/// Set a printer's offset by the two numbers that were read off its calibration page.
#[utoipa::path(tag = "labels", params(("id" = PrinterId, Path, description = "The printer")), request_body = Readings, responses((status = 200, description = "Its offset is known now", body = Printer), Problems))]
#[post("/printers/{id}/calibration")]
async fn calibrate_printer(call: Call, id: web::Path<PrinterId>, body: Body<Readings>) -> Answer {
    call.edit(move |conn, actor| calibrate(conn, actor, *id, &body.0)).await
}
