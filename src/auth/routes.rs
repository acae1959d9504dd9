//! `/auth`, `/me`, `/sessions`.

use actix_web::{HttpRequest, delete, get, patch, post, put, web};

use super::sign_in::{self, LoginRequest, RefreshRequest, Tokens};
use super::{SessionId, guard, session};
use crate::app::App;
use crate::db::page::Page;
use crate::error::Error;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call};
use crate::users::{self, ChangeMe, ChangePassword, UserView};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .service(login)
        .service(refresh)
        .service(logout)
        .service(me)
        .service(change_me)
        .service(change_password)
        .service(list_sessions)
        .service(revoke_others)
        .service(revoke_session);
}

/// Sign in.
#[utoipa::path(tag = "session", security(()), request_body = LoginRequest, responses((status = 200, description = "Signed in", body = Tokens), Problems))]
#[post("/auth/login")]
async fn login(
    app: web::Data<App>,
    request: HttpRequest,
    body: Body<LoginRequest>,
) -> Result<web::Json<Tokens>, Error> {
    sign_in::login(&app, guard::origin(&app, &request), body.0).await.map(web::Json)
}

/// Get the next pair of tokens. The refresh token works once; after a lost answer the one before may be sent again.
#[utoipa::path(tag = "session", security(()), request_body = RefreshRequest, responses((status = 200, description = "The next pair", body = Tokens), Problems))]
#[post("/auth/refresh")]
async fn refresh(
    app: web::Data<App>,
    request: HttpRequest,
    body: Body<RefreshRequest>,
) -> Result<web::Json<Tokens>, Error> {
    sign_in::refresh(&app, guard::origin(&app, &request), body.0).await.map(web::Json)
}

/// End this session.
#[utoipa::path(tag = "session", responses((status = 204, description = "Ended"), Problems))]
#[post("/auth/logout")]
async fn logout(call: Call) -> Answer {
    call.about_people().done(session::end_this).await
}

/// Who am I?
#[utoipa::path(tag = "session", responses((status = 200, description = "The caller", body = UserView), Problems))]
#[get("/me")]
async fn me(call: Call) -> Answer {
    call.show(|conn, actor| users::queries::find(conn, actor.id())).await
}

/// Change one's own name, language or contact details.
#[utoipa::path(tag = "session", request_body = ChangeMe, responses((status = 200, description = "Changed", body = UserView), Problems))]
#[patch("/me")]
async fn change_me(call: Call, body: Body<ChangeMe>) -> Answer {
    let expected = call.if_match();
    call.about_people().edit(move |conn, actor| users::edit::change_me(conn, actor, &body.0, expected.as_ref())).await
}

/// Change one's own password; every other session ends.
#[utoipa::path(tag = "session", request_body = ChangePassword, responses((status = 204, description = "Changed"), Problems))]
#[put("/me/password")]
async fn change_password(call: Call, body: Body<ChangePassword>) -> Answer {
    users::password::change_own(call, body.0).await
}

/// One's own sessions.
#[utoipa::path(tag = "session", responses((status = 200, description = "The sessions", body = Page<session::SessionView>), Problems))]
#[get("/sessions")]
async fn list_sessions(call: Call) -> Answer {
    call.read(|conn, actor| session::list(conn, actor).map(Page::all)).await
}

/// End all other sessions.
#[utoipa::path(tag = "session", responses((status = 204, description = "Ended"), Problems))]
#[post("/sessions/revoke-others")]
async fn revoke_others(call: Call) -> Answer {
    call.about_people().done(session::revoke_others).await
}

/// End one of one's own sessions.
#[utoipa::path(tag = "session", params(("id" = SessionId, Path, description = "The session")), responses((status = 204, description = "Ended"), Problems))]
#[delete("/sessions/{id}")]
async fn revoke_session(call: Call, id: web::Path<SessionId>) -> Answer {
    call.about_people().done(move |conn, actor| session::revoke(conn, actor, *id)).await
}
