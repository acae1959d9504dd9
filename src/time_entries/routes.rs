//! `/tickets/{id}/time-entries`, `/time-entries/{id}`

use actix_web::{delete, get, patch, post, web};

use super::queries::{self, TimeEntryFilter};
use super::{EditTimeEntry, NewTimeEntry, TimeEntry, TimeEntryId, edit, log};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::tickets::TicketId;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_time_entries).service(log_time).service(edit_time_entry).service(remove_time_entry);
}

/// A ticket's working time, oldest first.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket"), TimeEntryFilter), responses((status = 200, description = "A page", body = Page<TimeEntry>), Problems))]
#[get("/tickets/{id}/time-entries")]
async fn list_time_entries(call: Call, id: web::Path<TicketId>, filter: Query<TimeEntryFilter>) -> Answer {
    call.read(move |conn, actor| queries::list(conn, actor, *id, &filter.0)).await
}

/// Log working time.
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), request_body = NewTimeEntry, responses((status = 201, description = "Logged", body = TimeEntry), (status = 200, description = "Was made before with this id", body = TimeEntry), Problems))]
#[post("/tickets/{id}/time-entries")]
async fn log_time(call: Call, id: web::Path<TicketId>, body: Body<NewTimeEntry>) -> Answer {
    call.create(move |conn, actor| log::log(conn, actor, *id, &body.0)).await
}

/// Correct working time.
#[utoipa::path(tag = "tickets", params(("id" = TimeEntryId, Path, description = "The entry")), request_body = EditTimeEntry, responses((status = 200, description = "Changed", body = TimeEntry), Problems))]
#[patch("/time-entries/{id}")]
async fn edit_time_entry(call: Call, id: web::Path<TimeEntryId>, body: Body<EditTimeEntry>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| edit::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// Take working time off a ticket.
#[utoipa::path(tag = "tickets", params(("id" = TimeEntryId, Path, description = "The entry")), responses((status = 204, description = "Taken off"), Problems))]
#[delete("/time-entries/{id}")]
async fn remove_time_entry(call: Call, id: web::Path<TimeEntryId>) -> Answer {
    call.done(move |conn, actor| edit::remove(conn, actor, *id)).await
}
