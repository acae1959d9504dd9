//! Making a code lead nowhere: a label was lost, or went to the wrong place.

use diesel::prelude::*;

use super::code::{CodeState, LabelCode};
use crate::assets::{AssetId, queries};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::schema::codes;
use crate::error::{Code, Error};
use crate::history::{self, Event};

/// Makes a code lead nowhere from now on.
///
/// # Errors
/// `code_not_found`
pub fn revoke(conn: &mut DbConnection, actor: &Actor, text: &str) -> Result<(), Error> {
    let code: LabelCode = text.parse().map_err(|_| Code::CodeNotFound)?;
    let live = codes::table.filter(codes::code.eq(code)).filter(codes::state.ne(CodeState::Revoked));
    let asset: Option<Option<AssetId>> = live.select(codes::asset_id).get_result(conn).optional()?;
    let asset = asset.ok_or(Code::CodeNotFound)?;
    diesel::update(codes::table.find(code))
        .set((codes::state.eq(CodeState::Revoked), codes::changed_at.eq(actor.now())))
        .execute(conn)?;
    if let Some(asset) = asset {
        queries::hold(conn, actor, asset)?;
    }
    let object = asset.map_or_else(uuid::Uuid::nil, AssetId::uuid);
    history::record(conn, actor, Event::of("code.revoked", "asset", object).after(serde_json::json!({"code": code})))
}
