//! `/provider`

use actix_web::{get, put};

use super::{ProviderView, PutProvider, find};
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(get_provider).service(put_provider);
}

/// Our own organisation.
#[utoipa::path(tag = "provider", responses((status = 200, description = "The organisation", body = ProviderView), Problems))]
#[get("/provider")]
async fn get_provider(call: Call) -> Answer {
    call.show(|conn, actor| find(conn).map(|ours| ProviderView::new(ours, actor.language()))).await
}

/// Describe our own organisation.
#[utoipa::path(tag = "provider", request_body = PutProvider, responses((status = 200, description = "As it is now", body = ProviderView), Problems))]
#[put("/provider")]
async fn put_provider(call: Call, body: Body<PutProvider>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| {
        super::put(conn, actor, &body.0, expected.as_ref()).map(|ours| ProviderView::new(ours, actor.language()))
    })
    .await
}
