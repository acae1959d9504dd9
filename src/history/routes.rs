//! `/events`

use actix_web::get;

use super::chain::{self, Verification};
use super::list::{EventFilter, EventView, list};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_events).service(verify_events);
}

/// What happened, newest first.
#[utoipa::path(tag = "history", params(EventFilter), responses((status = 200, description = "A page", body = Page<EventView>), Problems))]
#[get("/events")]
async fn list_events(call: Call, filter: Query<EventFilter>) -> Answer {
    call.report(move |conn, _| list(conn, &filter.0)).await
}

/// Walk along the whole chain of events and recompute it.
#[utoipa::path(tag = "history", responses((status = 200, description = "What was found", body = Verification), Problems))]
#[get("/events/verification")]
async fn verify_events(call: Call) -> Answer {
    call.app.db.write(chain::seal_all).await?;
    call.report(|conn, _| chain::verify(conn)).await
}
