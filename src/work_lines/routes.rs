//! `/tickets/{id}/work-lines`, `/work-lines/{id}`

use actix_web::{delete, get, patch, post, web};

use super::{EditWorkLine, NewWorkLine, WorkLineId, WorkLineView, add, edit, queries};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call};
use crate::tickets::{self, TicketId};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_work_lines).service(add_work_line).service(edit_work_line).service(remove_work_line);
}

/// A ticket's works and materials, in order.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), responses((status = 200, description = "All of them", body = Page<WorkLineView>), Problems))]
#[get("/tickets/{id}/work-lines")]
async fn list_work_lines(call: Call, id: web::Path<TicketId>) -> Answer {
    call.read(move |conn, actor| {
        tickets::queries::find_row(conn, actor, *id)?;
        let lines = queries::of(conn, *id)?;
        Ok(Page::all(lines.into_iter().map(|line| WorkLineView::new(line, actor.language())).collect()))
    })
    .await
}

/// Write down a work or material.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body = NewWorkLine, responses((status = 201, description = "Written down", body = WorkLineView), (status = 200, description = "Was made before with this id", body = WorkLineView), Problems))]
#[post("/tickets/{id}/work-lines")]
async fn add_work_line(call: Call, id: web::Path<TicketId>, body: Body<NewWorkLine>) -> Answer {
    call.create(move |conn, actor| add::add(conn, actor, *id, &body.0)).await
}

/// Correct a work or material.
#[utoipa::path(tag = "tickets", params(("id" = WorkLineId, Path, description = "The line")), request_body = EditWorkLine, responses((status = 200, description = "Changed", body = WorkLineView), Problems))]
#[patch("/work-lines/{id}")]
async fn edit_work_line(call: Call, id: web::Path<WorkLineId>, body: Body<EditWorkLine>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| edit::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// Take a work or material off a ticket.
#[utoipa::path(tag = "tickets", params(("id" = WorkLineId, Path, description = "The line")), responses((status = 204, description = "Taken off"), Problems))]
#[delete("/work-lines/{id}")]
async fn remove_work_line(call: Call, id: web::Path<WorkLineId>) -> Answer {
    call.done(move |conn, actor| edit::remove(conn, actor, *id)).await
}
