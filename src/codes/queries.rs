//! Which codes are on which devices.

use diesel::prelude::*;

use super::code::{CodeState, LabelCode};
use crate::assets::AssetId;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::codes;
use crate::error::Error;

/// The labels that are on assets now.
///
/// # Errors
/// The database's.
pub fn active(conn: &mut DbConnection, assets: &[AssetId]) -> Result<Vec<(AssetId, LabelCode)>, Error> {
    Ok(codes::table
        .filter(codes::asset_id.assume_not_null().among(assets))
        .filter(codes::state.eq(CodeState::Active))
        .select((codes::asset_id.assume_not_null(), codes::code))
        .load(conn)?)
}

/// The asset's label.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut DbConnection, asset: AssetId) -> Result<Option<LabelCode>, Error> {
    Ok(active(conn, &[asset])?.pop().map(|(_, code)| code))
}
