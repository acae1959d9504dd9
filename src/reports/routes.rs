//! `/reports`: what dispatchers do with reports. What strangers do is in [`super::door`].

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, get, post, web};

use super::accept::{self, AcceptReport};
use super::dismiss::{self, Dismissal};
use super::{ReportFilter, ReportId, ReportView, queries};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::tickets::TicketView;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_reports).service(get_report).service(get_report_photo);
    routes.service(accept_report).service(dismiss_report);
}

/// Faults that people without a login reported, newest first.
#[utoipa::path(tag = "reports", params(ReportFilter), responses((status = 200, description = "A page", body = Page<ReportView>), Problems))]
#[get("/reports")]
async fn list_reports(call: Call, filter: Query<ReportFilter>) -> Answer {
    call.read(move |conn, _| queries::list(conn, &filter.0)).await
}

/// One report.
#[utoipa::path(tag = "reports", params(("id" = ReportId, Path, description = "The report")), responses((status = 200, description = "The report", body = ReportView), Problems))]
#[get("/reports/{id}")]
async fn get_report(call: Call, id: web::Path<ReportId>) -> Answer {
    call.show(move |conn, _| queries::find(conn, *id)).await
}

/// A picture of a report, never as a page of ours.
#[utoipa::path(tag = "reports", params(("id" = ReportId, Path, description = "The report"), ("position" = i32, Path, description = "Which picture, from 1", minimum = 1, maximum = 3)), responses((status = 200, description = "The picture", content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))), Problems))]
#[get("/reports/{id}/photos/{position}")]
async fn get_report_photo(call: Call, path: web::Path<(ReportId, i32)>) -> Answer {
    let (id, position) = *path;
    let photo = call.app.db.read(move |conn| queries::photo(conn, id, position)).await?;
    let bytes = call.app.files.read(photo.file_sha256).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, photo.media_type))
        .insert_header((CONTENT_DISPOSITION, "inline"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes))
}

/// Make a ticket of a report. A report that is one already gives that ticket.
#[utoipa::path(tag = "reports", params(("id" = ReportId, Path, description = "The report")), request_body = AcceptReport, responses((status = 201, description = "The ticket", body = TicketView), (status = 200, description = "It was a ticket already", body = TicketView), Problems))]
#[post("/reports/{id}/ticket")]
async fn accept_report(call: Call, id: web::Path<ReportId>, body: Body<AcceptReport>) -> Answer {
    call.create(move |conn, actor| accept::accept(conn, actor, *id, &body.0)).await
}

/// Put a report aside, with a reason.
#[utoipa::path(tag = "reports", params(("id" = ReportId, Path, description = "The report")), request_body = Dismissal, responses((status = 200, description = "The report as it is now", body = ReportView), Problems))]
#[post("/reports/{id}/dismissal")]
async fn dismiss_report(call: Call, id: web::Path<ReportId>, body: Body<Dismissal>) -> Answer {
    call.edit(move |conn, actor| dismiss::dismiss(conn, actor, *id, &body.0)).await
}
