//! `/assets/{id}/codes`, `/codes`

use actix_web::{post, web};

use super::{replace, revoke};
use crate::assets::{AssetId, AssetView};
use crate::http::Call;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(relabel).service(revoke_code);
}

/// Give a device a new label. The one it had still leads to it and says that it was replaced.
#[utoipa::path(tag = "assets", params(("id" = AssetId, Path, description = "The device")), responses((status = 200, description = "The device with its new label", body = AssetView), Problems))]
#[post("/assets/{id}/codes")]
async fn relabel(call: Call, id: web::Path<AssetId>) -> Answer {
    let app = call.app.clone();
    call.write(move |conn, actor| replace::replace(conn, actor, &app.config.public_url, *id)).await
}

/// Make a code lead nowhere.
#[utoipa::path(tag = "assets", params(("code" = String, Path, description = "The ten characters", max_length = 20)), responses((status = 204, description = "Revoked"), Problems))]
#[post("/codes/{code}/revocation")]
async fn revoke_code(call: Call, text: web::Path<String>) -> Answer {
    call.done(move |conn, actor| revoke::revoke(conn, actor, &text)).await
}
