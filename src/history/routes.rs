//! `/events`, `/audit`

use actix_web::get;

use super::list::{EventFilter, EventView, list};
use super::roots::proof::{self, AuditGrowth, AuditProof, GrowthQuery, ProofQuery};
use super::roots::{self, AuditRoot, RootFilter};
use super::verify::{Verification, walk};
use crate::db::page::Page;
use crate::http::call::{Answer, found};
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_events).service(verify_events);
    routes.service(list_audit_roots).service(prove_events).service(prove_growth);
}

/// What happened, newest first.
#[utoipa::path(tag = "history", params(EventFilter), responses((status = 200, description = "A page", body = Page<EventView>), Problems))]
#[get("/events")]
async fn list_events(call: Call, filter: Query<EventFilter>) -> Answer {
    call.report(move |conn, _| list(conn, &filter.0)).await
}

/// Walk along the whole chain of events and recompute it, and compare it with every root that was kept.
#[utoipa::path(tag = "history", responses((status = 200, description = "What was found", body = Verification), Problems))]
#[get("/events/verification")]
async fn verify_events(call: Call) -> Answer {
    walk(&call.app).await.map(|walked| found(&walked))
}

/// What the hash of all events was, day by day, newest first. A root that is kept elsewhere shows later that nothing
/// before it was changed.
#[utoipa::path(tag = "history", params(RootFilter), responses((status = 200, description = "A page", body = Page<AuditRoot>), Problems))]
#[get("/audit/roots")]
async fn list_audit_roots(call: Call, filter: Query<RootFilter>) -> Answer {
    call.read(move |conn, _| roots::list(conn, &filter.0)).await
}

/// Prove that an event, or all events of an act, were there when a root was made (RFC 6962).
#[utoipa::path(tag = "history", params(ProofQuery), responses((status = 200, description = "The proof", body = AuditProof), Problems))]
#[get("/audit/proof")]
async fn prove_events(call: Call, asked: Query<ProofQuery>) -> Answer {
    call.report(move |conn, _| proof::inclusion(conn, &asked.0)).await
}

/// Prove that the events of one root are the first of another's, unchanged (RFC 6962).
#[utoipa::path(tag = "history", params(GrowthQuery), responses((status = 200, description = "The proof", body = AuditGrowth), Problems))]
#[get("/audit/consistency")]
async fn prove_growth(call: Call, asked: Query<GrowthQuery>) -> Answer {
    call.report(move |conn, _| proof::growth(conn, &asked.0)).await
}
