//! `/users`

use actix_web::{get, patch, post, put, web};

use super::{EditUser, NewUser, SetPassword, UserFilter, UserId, UserView, create, edit, password, queries};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_users).service(add_user).service(get_user).service(edit_user).service(set_password);
}

/// Users, newest first.
#[utoipa::path(tag = "users", params(UserFilter), responses((status = 200, description = "A page", body = Page<UserView>), Problems))]
#[get("/users")]
async fn list_users(call: Call, filter: Query<UserFilter>) -> Answer {
    call.read(move |conn, _| queries::list(conn, &filter.0)).await
}

/// Add a user.
#[utoipa::path(tag = "users", request_body = NewUser, responses((status = 201, description = "Added", body = UserView), (status = 200, description = "Was added before with this id", body = UserView), Problems))]
#[post("/users")]
async fn add_user(call: Call, body: Body<NewUser>) -> Answer {
    let hash = call.app.passwords.hash(body.0.password.clone()).await?;
    call.create(move |conn, actor| create::create(conn, actor, &body.0, &hash)).await
}

/// One user.
#[utoipa::path(tag = "users", params(("id" = UserId, Path, description = "The user")), responses((status = 200, description = "The user", body = UserView), Problems))]
#[get("/users/{id}")]
async fn get_user(call: Call, id: web::Path<UserId>) -> Answer {
    call.show(move |conn, _| queries::find(conn, *id)).await
}

/// Change a user.
#[utoipa::path(tag = "users", params(("id" = UserId, Path, description = "The user")), request_body = EditUser, responses((status = 200, description = "Changed", body = UserView), Problems))]
#[patch("/users/{id}")]
async fn edit_user(call: Call, id: web::Path<UserId>, body: Body<EditUser>) -> Answer {
    let expected = call.if_match();
    call.about_people().edit(move |conn, actor| edit::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// Give somebody a new password. All their sessions end.
#[utoipa::path(tag = "users", params(("id" = UserId, Path, description = "The user")), request_body = SetPassword, responses((status = 204, description = "Changed"), Problems))]
#[put("/users/{id}/password")]
async fn set_password(call: Call, id: web::Path<UserId>, body: Body<SetPassword>) -> Answer {
    password::set(call, *id, body.0).await
}
