//! Giving a device a label of its own.

use diesel::prelude::*;

use super::code::{CodeState, LabelCode};
use crate::assets::AssetId;
use crate::db::DbConnection;
use crate::db::schema::codes;
use crate::db::types::Timestamp;
use crate::error::Error;

#[derive(Insertable)]
#[diesel(table_name = codes)]
struct NewCode {
    code: LabelCode,
    state: CodeState,
    asset_id: Option<AssetId>,
    created_at: Timestamp,
    changed_at: Timestamp,
}

/// Gives an asset a label of its own. The one it had still leads to it, and says that it was replaced.
///
/// # Errors
/// The database's.
pub fn give(conn: &mut DbConnection, asset: AssetId, now: Timestamp) -> Result<LabelCode, Error> {
    let current = codes::table.filter(codes::asset_id.eq(asset)).filter(codes::state.eq(CodeState::Active));
    diesel::update(current).set((codes::state.eq(CodeState::Replaced), codes::changed_at.eq(now))).execute(conn)?;
    let code = LabelCode::new()?;
    let row = NewCode { code, state: CodeState::Active, asset_id: Some(asset), created_at: now, changed_at: now };
    diesel::insert_into(codes::table).values(&row).execute(conn)?;
    Ok(code)
}
