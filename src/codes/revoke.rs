//! Making a code lead nowhere: a label was lost, or went to the wrong place.

use diesel::prelude::*;

use super::batch::BatchId;
use super::code::CodeState;
use super::resolve;
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
    let code = resolve::read(text).ok_or(Code::CodeNotFound)?;
    let live = codes::table.filter(codes::code.eq(code)).filter(codes::state.ne(CodeState::Revoked));
    // Of a claim and a revocation at the same moment, the later one sees what the earlier did.
    let held: Option<(Option<AssetId>, Option<BatchId>)> = diesel::update(live)
        .set((codes::state.eq(CodeState::Revoked), codes::changed_at.eq(actor.now())))
        .returning((codes::asset_id, codes::batch_id))
        .get_result(conn)
        .optional()?;
    let event = match held.ok_or(Code::CodeNotFound)? {
        (Some(asset), _) => {
            queries::hold(conn, actor, asset)?;
            let device = queries::load(conn, asset)?.ok_or(Code::CodeNotFound)?;
            Event::of("code.revoked", "asset", asset.uuid()).company(device.company_id)
        }
        (None, batch) => Event::of("code.revoked", "label_batch", batch.map_or_else(uuid::Uuid::nil, BatchId::uuid)),
    };
    history::record(conn, actor, event.after(serde_json::json!({"code": code})))
}
