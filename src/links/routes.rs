//! `/acts/{id}/links`, and what becomes of an act as it happens. What strangers do is in [`super::door`].

use actix_web::{get, post, web};

use super::watch::{self, Watch};
use super::{ActLinkView, LinkId, MadeActLink, NewActLink, make, queries, revoke};
use crate::acts::{self, ActId};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query, stream};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_act_links).service(make_act_link).service(revoke_act_link).service(watch_act);
}

/// The links by which an act can be signed, newest first. What opens them is not told again.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The links", body = Page<ActLinkView>), Problems))]
#[get("/acts/{id}/links")]
async fn list_act_links(call: Call, id: web::Path<ActId>) -> Answer {
    call.read(move |conn, actor| {
        let act = acts::queries::find(conn, actor, *id)?;
        Ok(Page::all(queries::of_act(conn, &act, actor.now())?))
    })
    .await
}

/// Make a link by which the client can sign an act on a phone of their own, without a login. Its address is told in this
/// answer and never again.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), request_body = NewActLink, responses((status = 201, description = "The link, with its address", body = MadeActLink), (status = 200, description = "Was made before with this id; without the address", body = MadeActLink), Problems))]
#[post("/acts/{id}/links")]
async fn make_act_link(call: Call, id: web::Path<ActId>, body: Body<NewActLink>) -> Answer {
    make::make(call, *id, body.0).await
}

/// Take a link back. One that has ended already stays as it ended.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act"), ("link_id" = LinkId, Path, description = "The link")), responses((status = 200, description = "The link as it is now", body = ActLinkView), Problems))]
#[post("/acts/{id}/links/{link_id}/revocation")]
async fn revoke_act_link(call: Call, path: web::Path<(ActId, LinkId)>) -> Answer {
    call.write(move |conn, actor| revoke::revoke(conn, actor, path.0, path.1)).await
}

/// What becomes of an act and its links, as it happens: server-sent events.
///
/// First `act` with the act and `link` with each of its links, then the same for whatever changes: a link was looked at, the
/// act was signed. The last event is `end`, with `because`: `time_is_up`, `session_revoked`, `stopping`. Ask again to go on.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act"), Watch), responses((status = 200, description = "Events until the end", body = String, content_type = "text/event-stream"), Problems))]
#[get("/acts/{id}/events")]
async fn watch_act(call: Call, id: web::Path<ActId>, how: Query<Watch>) -> Answer {
    let events = watch::watch(call.app.clone().into_inner(), call.actor.clone(), *id, how.0).await?;
    Ok(stream::events(events))
}
