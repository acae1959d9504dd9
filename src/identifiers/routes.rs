//! `/identifiers`

use actix_web::post;

use super::{CheckIdentifier, CheckedIdentifier};
use crate::http::call::{Answer, found};
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(check_identifier);
}

/// Whether an identifier can be right, and which rule it breaks if not. Nothing is kept.
#[utoipa::path(tag = "clients", request_body = CheckIdentifier, responses((status = 200, description = "What came of it", body = CheckedIdentifier), Problems))]
#[post("/identifiers/check")]
async fn check_identifier(call: Call, body: Body<CheckIdentifier>) -> Answer {
    super::look(&call.actor, &body.0).map(|checked| found(&checked))
}
