//! A new label in place of the one a device had.

use super::{give, queries};
use crate::assets::{AssetId, AssetView, queries as assets};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::error::Error;
use crate::history::{self, Event};

/// Gives an asset a new label in place of the one it had.
///
/// # Errors
/// `not_found`
pub fn replace(conn: &mut DbConnection, actor: &Actor, public_url: &str, id: AssetId) -> Result<AssetView, Error> {
    assets::find_row(conn, actor, id)?;
    assets::hold(conn, actor, id)?;
    let asset = assets::find_row(conn, actor, id)?;
    let before = queries::of(conn, id)?;
    let code = give::give(conn, id, actor.now())?;
    let facts = serde_json::json!({"code": code, "replaces": before});
    history::record(
        conn,
        actor,
        Event::of("asset.relabelled", "asset", id.uuid()).company(asset.company_id).after(facts),
    )?;
    assets::find(conn, actor, public_url, id)
}
