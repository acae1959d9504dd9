//! `/signing-rules`

use actix_web::{get, patch, post, web};

use super::{EditSigningRule, NewSigningRule, SigningRule, SigningRuleFilter, SigningRuleId};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_signing_rules).service(add_signing_rule).service(get_signing_rule).service(edit_signing_rule);
}

/// Signing rules, newest first.
#[utoipa::path(tag = "rules of work", params(SigningRuleFilter), responses((status = 200, description = "A page", body = Page<SigningRule>), Problems))]
#[get("/signing-rules")]
async fn list_signing_rules(call: Call, filter: Query<SigningRuleFilter>) -> Answer {
    call.read(move |conn, actor| super::list(conn, actor, &filter.0)).await
}

/// Make a signing rule: who may sign what, by kind of ticket, company and site.
#[utoipa::path(tag = "rules of work", request_body = NewSigningRule, responses((status = 201, description = "Made", body = SigningRule), (status = 200, description = "Was made before with this id", body = SigningRule), Problems))]
#[post("/signing-rules")]
async fn add_signing_rule(call: Call, body: Body<NewSigningRule>) -> Answer {
    call.create(move |conn, actor| super::create(conn, actor, &body.0)).await
}

/// One signing rule.
#[utoipa::path(tag = "rules of work", params(("id" = SigningRuleId, Path, description = "The signing rule")), responses((status = 200, description = "The signing rule", body = SigningRule), Problems))]
#[get("/signing-rules/{id}")]
async fn get_signing_rule(call: Call, id: web::Path<SigningRuleId>) -> Answer {
    call.show(move |conn, actor| super::find(conn, actor, *id)).await
}

/// Change a signing rule. Acts that were issued keep it as it was.
#[utoipa::path(tag = "rules of work", params(("id" = SigningRuleId, Path, description = "The signing rule")), request_body = EditSigningRule, responses((status = 200, description = "Changed", body = SigningRule), Problems))]
#[patch("/signing-rules/{id}")]
async fn edit_signing_rule(call: Call, id: web::Path<SigningRuleId>, body: Body<EditSigningRule>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| super::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}
