//! `/checklist-templates`, `/tickets/{id}/checklist`

use actix_web::{get, patch, post, put, web};

use super::answer::{self, PutAnswer};
use super::on_ticket::{self, ChecklistItem};
use super::template::{self, ChecklistTemplate, ChecklistTemplateFilter, EditChecklistTemplate, NewChecklistTemplate};
use super::{ChecklistItemId, ChecklistTemplateId};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::tickets::TicketId;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_checklist_templates).service(add_checklist_template);
    routes.service(get_checklist_template).service(edit_checklist_template);
    routes.service(get_checklist).service(answer_item);
}

/// A ticket's checklist, in order.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), responses((status = 200, description = "The items", body = Page<ChecklistItem>), Problems))]
#[get("/tickets/{id}/checklist")]
async fn get_checklist(call: Call, id: web::Path<TicketId>) -> Answer {
    call.read(move |conn, actor| on_ticket::list(conn, actor, *id).map(Page::all)).await
}

/// Answer an item of a ticket's checklist.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket"), ("item_id" = ChecklistItemId, Path, description = "The item")), request_body = PutAnswer, responses((status = 200, description = "The item as it is now", body = ChecklistItem), Problems))]
#[put("/tickets/{id}/checklist/{item_id}")]
async fn answer_item(call: Call, ids: web::Path<(TicketId, ChecklistItemId)>, body: Body<PutAnswer>) -> Answer {
    let (ticket, item) = *ids;
    call.write(move |conn, actor| answer::answer(conn, actor, ticket, item, &body.0)).await
}

/// Checklist templates, newest first.
#[utoipa::path(tag = "rules of work", params(ChecklistTemplateFilter), responses((status = 200, description = "A page", body = Page<ChecklistTemplate>), Problems))]
#[get("/checklist-templates")]
async fn list_checklist_templates(call: Call, filter: Query<ChecklistTemplateFilter>) -> Answer {
    call.read(move |conn, actor| template::list(conn, actor, &filter.0)).await
}

/// Make a checklist template.
#[utoipa::path(tag = "rules of work", request_body = NewChecklistTemplate, responses((status = 201, description = "Made", body = ChecklistTemplate), (status = 200, description = "Was made before with this id", body = ChecklistTemplate), Problems))]
#[post("/checklist-templates")]
async fn add_checklist_template(call: Call, body: Body<NewChecklistTemplate>) -> Answer {
    call.create(move |conn, actor| template::create(conn, actor, &body.0)).await
}

/// One checklist template.
#[utoipa::path(tag = "rules of work", params(("id" = ChecklistTemplateId, Path, description = "The checklist template")), responses((status = 200, description = "The checklist template", body = ChecklistTemplate), Problems))]
#[get("/checklist-templates/{id}")]
async fn get_checklist_template(call: Call, id: web::Path<ChecklistTemplateId>) -> Answer {
    call.show(move |conn, actor| template::find(conn, actor, *id)).await
}

/// Change a checklist template.
#[utoipa::path(tag = "rules of work", params(("id" = ChecklistTemplateId, Path, description = "The checklist template")), request_body = EditChecklistTemplate, responses((status = 200, description = "Changed", body = ChecklistTemplate), Problems))]
#[patch("/checklist-templates/{id}")]
async fn edit_checklist_template(
    call: Call,
    id: web::Path<ChecklistTemplateId>,
    body: Body<EditChecklistTemplate>,
) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| template::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}
