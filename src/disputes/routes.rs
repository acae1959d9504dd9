//! `/tickets/{id}/dispute-pack`, `/companies/{id}/dispute-pack`

use actix_web::{HttpResponse, get, web};

use super::{Pack, PackQuery, PeriodPackQuery, company, ticket};
use crate::companies::CompanyId;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::download::{Download, send};
use crate::http::routes::Routes;
use crate::http::{Call, Query};
use crate::tickets::TicketId;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(get_dispute_pack).service(get_period_pack);
}

/// Everything that proves how a job went, as a ZIP: a cover to read, the act in all versions, signatures, photos, history.
#[utoipa::path(tag = "acts", params(("id" = TicketId, Path, description = "The ticket"), PackQuery), responses((status = 200, description = "The archive", body = Vec<u8>, content_type = "application/zip"), Problems))]
#[get("/tickets/{id}/dispute-pack")]
async fn get_dispute_pack(call: Call, id: web::Path<TicketId>, query: Query<PackQuery>) -> Answer {
    ticket::pack(&call.app, &call.actor, *id, query.0).await.map(sent)
}

/// What was done for a company in a period, as a ZIP: the report of works as paper and workbook, and the acts decided on.
#[utoipa::path(tag = "acts", params(("id" = CompanyId, Path, description = "The company"), PeriodPackQuery), responses((status = 200, description = "The archive", body = Vec<u8>, content_type = "application/zip"), Problems))]
#[get("/companies/{id}/dispute-pack")]
async fn get_period_pack(call: Call, id: web::Path<CompanyId>, query: Query<PeriodPackQuery>) -> Answer {
    company::pack(&call.app, &call.actor, *id, query.0).await.map(sent)
}

fn sent(pack: Pack) -> HttpResponse {
    let Pack { made, name, place } = pack;
    send(Download { file: made.file, size: made.size, media_type: "application/zip", name }, place)
}
