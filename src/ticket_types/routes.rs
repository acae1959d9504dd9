//! `/ticket-types`

use actix_web::{get, patch, post, web};

use super::{EditTicketType, NewTicketType, TicketType, TicketTypeFilter, TicketTypeId};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_ticket_types).service(add_ticket_type).service(get_ticket_type).service(edit_ticket_type);
}

/// Kinds of tickets, newest first.
#[utoipa::path(tag = "rules of work", params(TicketTypeFilter), responses((status = 200, description = "A page", body = Page<TicketType>), Problems))]
#[get("/ticket-types")]
async fn list_ticket_types(call: Call, filter: Query<TicketTypeFilter>) -> Answer {
    call.read(move |conn, actor| super::list(conn, actor, &filter.0)).await
}

/// Make a ticket type.
#[utoipa::path(tag = "rules of work", request_body = NewTicketType, responses((status = 201, description = "Made", body = TicketType), (status = 200, description = "Was made before with this id", body = TicketType), Problems))]
#[post("/ticket-types")]
async fn add_ticket_type(call: Call, body: Body<NewTicketType>) -> Answer {
    call.create(move |conn, actor| super::create(conn, actor, &body.0)).await
}

/// One ticket type.
#[utoipa::path(tag = "rules of work", params(("id" = TicketTypeId, Path, description = "The ticket type")), responses((status = 200, description = "The ticket type", body = TicketType), Problems))]
#[get("/ticket-types/{id}")]
async fn get_ticket_type(call: Call, id: web::Path<TicketTypeId>) -> Answer {
    call.show(move |conn, actor| super::find(conn, actor, *id)).await
}

/// Change a ticket type.
#[utoipa::path(tag = "rules of work", params(("id" = TicketTypeId, Path, description = "The ticket type")), request_body = EditTicketType, responses((status = 200, description = "Changed", body = TicketType), Problems))]
#[patch("/ticket-types/{id}")]
async fn edit_ticket_type(call: Call, id: web::Path<TicketTypeId>, body: Body<EditTicketType>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| super::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}
