//! `/companies/{id}/work-report`

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};

use super::{Period, ReportFormat, WorkReport, WorkReportQuery, gather, paper};
use crate::auth::Audience;
use crate::companies::CompanyId;
use crate::error::Error;
use crate::http::call::{Answer, found};
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Call, Query};

/// What a workbook is.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(get_work_report);
}

/// What was done for a company in a period: all tickets, who spent how much time on them, works, and who signed.
#[utoipa::path(tag = "clients", params(("id" = CompanyId, Path, description = "The company"), WorkReportQuery), responses((status = 200, description = "The report", content((WorkReport = "application/json"), (Vec<u8> = "application/pdf"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Problems))]
#[get("/companies/{id}/work-report")]
async fn get_work_report(call: Call, id: web::Path<CompanyId>, query: Query<WorkReportQuery>) -> Answer {
    let (app, actor, asked) = (call.app, call.actor, query.0);
    let (media_type, end) = match asked.format.unwrap_or(ReportFormat::Json) {
        ReportFormat::Json => return as_data(&app, actor, *id, asked).await,
        ReportFormat::Pdf => ("application/pdf", "pdf"),
        ReportFormat::Xlsx => (XLSX, "xlsx"),
    };
    let name = paper::file_name(Period::new(asked.from, asked.to)?, end);
    let bytes = paper::made(&app, &actor, *id, &asked).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes))
}

async fn as_data(
    app: &crate::app::App,
    actor: crate::auth::Actor,
    id: CompanyId,
    asked: WorkReportQuery,
) -> Result<HttpResponse, Error> {
    let period = Period::new(asked.from, asked.to)?;
    let audience = Audience::asked(&actor, asked.audience)?;
    let language = asked.language.unwrap_or_else(|| actor.language());
    let report =
        app.db.snapshot(true, move |conn| gather::gather(conn, &actor, id, period, audience, language)).await?;
    Ok(found(&report))
}
