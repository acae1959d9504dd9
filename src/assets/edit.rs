//! What is known about a device changes.

use diesel::prelude::*;

use super::create::references_fit;
use super::{AssetId, AssetView, EditAsset, queries};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::records::save;
use crate::db::schema::assets;
use crate::error::Error;
use crate::history::{self, Event};
use crate::http::resource::{IfMatch, must_match};

/// Changes an asset. What documents say about it stays as it was.
///
/// # Errors
/// `not_found`, `etag_mismatch`; `validation_failed` when site or parent do not fit.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    id: AssetId,
    change: &EditAsset,
    expected: Option<&IfMatch>,
) -> Result<AssetView, Error> {
    let before = queries::find_row(conn, actor, id)?;
    must_match(expected, before.version)?;
    let after = before.edited(change, actor.now())?;
    references_fit(conn, actor, Some(&before), &after)?;
    save!(conn, assets, before, &after)?;
    let event = Event::of("asset.changed", "asset", id.uuid()).company(after.company_id).changed(&before, &after);
    history::record(conn, actor, event)?;
    queries::find(conn, actor, public_url, id)
}
