//! `/agreements`

use actix_web::{get, patch, post, web};

use super::{Agreement, AgreementFilter, AgreementId, EditAgreement, NewAgreement};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_agreements).service(add_agreement).service(get_agreement).service(edit_agreement);
}

/// Agreements, newest first.
#[utoipa::path(tag = "clients", params(AgreementFilter), responses((status = 200, description = "A page", body = Page<Agreement>), Problems))]
#[get("/agreements")]
async fn list_agreements(call: Call, filter: Query<AgreementFilter>) -> Answer {
    call.read(move |conn, actor| super::list(conn, actor, &filter.0)).await
}

/// Add an agreement.
#[utoipa::path(tag = "clients", request_body = NewAgreement, responses((status = 201, description = "Added", body = Agreement), (status = 200, description = "Was made before with this id", body = Agreement), Problems))]
#[post("/agreements")]
async fn add_agreement(call: Call, body: Body<NewAgreement>) -> Answer {
    call.create(move |conn, actor| super::create(conn, actor, &body.0)).await
}

/// One agreement.
#[utoipa::path(tag = "clients", params(("id" = AgreementId, Path, description = "The agreement")), responses((status = 200, description = "The agreement", body = Agreement), Problems))]
#[get("/agreements/{id}")]
async fn get_agreement(call: Call, id: web::Path<AgreementId>) -> Answer {
    call.show(move |conn, actor| super::find(conn, actor, *id)).await
}

/// Change an agreement.
#[utoipa::path(tag = "clients", params(("id" = AgreementId, Path, description = "The agreement")), request_body = EditAgreement, responses((status = 200, description = "Changed", body = Agreement), Problems))]
#[patch("/agreements/{id}")]
async fn edit_agreement(call: Call, id: web::Path<AgreementId>, body: Body<EditAgreement>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| super::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}
