//! Giving a device a label: a new one of its own, or one that was printed before.

use diesel::prelude::*;

use super::code::{CodeState, LabelCode};
use crate::assets::AssetId;
use crate::db::DbConnection;
use crate::db::dialect::insert_all;
use crate::db::schema::codes;
use crate::db::types::Timestamp;
use crate::error::Error;

#[derive(Insertable)]
#[diesel(table_name = codes, treat_none_as_default_value = false)]
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
    retire(conn, asset, now)?;
    let code = LabelCode::new()?;
    let row = NewCode { code, state: CodeState::Active, asset_id: Some(asset), created_at: now, changed_at: now };
    diesel::insert_into(codes::table).values(&row).execute(conn)?;
    Ok(code)
}

/// Gives a label of their own to many assets that have none yet.
///
/// # Errors
/// The database's.
pub fn give_all(conn: &mut DbConnection, assets: &[AssetId], now: Timestamp) -> Result<Vec<LabelCode>, Error> {
    let mut rows = Vec::with_capacity(assets.len());
    for asset in assets {
        let code = LabelCode::new()?;
        let asset_id = Some(*asset);
        rows.push(NewCode { code, state: CodeState::Active, asset_id, created_at: now, changed_at: now });
    }
    insert_all!(conn, codes::table, &rows)?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// Puts a blank label on an asset, in place of the one it had.
///
/// # Errors
/// The database's.
pub fn bind(conn: &mut DbConnection, code: LabelCode, asset: AssetId, now: Timestamp) -> Result<(), Error> {
    retire(conn, asset, now)?;
    diesel::update(codes::table.find(code))
        .set((
            codes::state.eq(CodeState::Active),
            codes::asset_id.eq(Some(asset)),
            codes::claimed_at.eq(Some(now)),
            codes::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// The label that an asset has says from now on that another has taken its place.
fn retire(conn: &mut DbConnection, asset: AssetId, now: Timestamp) -> Result<(), Error> {
    let current = codes::table.filter(codes::asset_id.eq(asset)).filter(codes::state.eq(CodeState::Active));
    diesel::update(current).set((codes::state.eq(CodeState::Replaced), codes::changed_at.eq(now))).execute(conn)?;
    Ok(())
}
