//! `/teams`

use actix_web::{get, patch, post, web};

use super::{EditTeam, NewTeam, TeamFilter, TeamId, TeamView, create, edit, find, list};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_teams).service(make_team).service(get_team).service(edit_team);
}

/// Teams, newest first.
#[utoipa::path(tag = "teams", params(TeamFilter), responses((status = 200, description = "A page", body = Page<TeamView>), Problems))]
#[get("/teams")]
async fn list_teams(call: Call, filter: Query<TeamFilter>) -> Answer {
    call.read(move |conn, _| list(conn, &filter.0)).await
}

/// Make a team.
#[utoipa::path(tag = "teams", request_body = NewTeam, responses((status = 201, description = "Made", body = TeamView), (status = 200, description = "Was made before with this id", body = TeamView), Problems))]
#[post("/teams")]
async fn make_team(call: Call, body: Body<NewTeam>) -> Answer {
    call.about_people().create(move |conn, actor| create(conn, actor, &body.0)).await
}

/// One team.
#[utoipa::path(tag = "teams", params(("id" = TeamId, Path, description = "The team")), responses((status = 200, description = "The team", body = TeamView), Problems))]
#[get("/teams/{id}")]
async fn get_team(call: Call, id: web::Path<TeamId>) -> Answer {
    call.show(move |conn, _| find(conn, *id)).await
}

/// Change a team.
#[utoipa::path(tag = "teams", params(("id" = TeamId, Path, description = "The team")), request_body = EditTeam, responses((status = 200, description = "Changed", body = TeamView), Problems))]
#[patch("/teams/{id}")]
async fn edit_team(call: Call, id: web::Path<TeamId>, body: Body<EditTeam>) -> Answer {
    let expected = call.if_match();
    call.about_people().edit(move |conn, actor| edit(conn, actor, *id, &body.0, expected.as_ref())).await
}
