//! What is known about a device changes.

use diesel::prelude::*;

use super::create::{kept, references_fit};
use super::{Asset, AssetId, AssetView, EditAsset, queries};
use crate::auth::Actor;
use crate::companies::company::archived;
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
    let mut after = Asset {
        site_id: change.site_id.clone().or(before.site_id),
        parent_id: change.parent_id.clone().or(before.parent_id),
        name: change.name.as_ref().map_or(before.name.clone(), ToString::to_string),
        kind: change.kind.clone().or(before.kind.clone()),
        manufacturer: change.manufacturer.clone().or(before.manufacturer.clone()),
        model: change.model.clone().or(before.model.clone()),
        serial_number: change.serial_number.clone().or(before.serial_number.clone()),
        inventory_number: change.inventory_number.clone().or(before.inventory_number.clone()),
        warranty_until: change.warranty_until.clone().or(before.warranty_until),
        attributes: change.attributes.as_ref().map_or(Ok(before.attributes.clone()), kept)?,
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        version: before.version + 1,
        updated_at: actor.now(),
        ..before.clone()
    };
    after.search_text = after.searchable();
    references_fit(conn, actor, Some(&before), &after)?;
    save!(conn, assets, before, &after)?;
    let event = Event::of("asset.changed", "asset", id.uuid()).company(after.company_id).changed(&before, &after);
    history::record(conn, actor, event)?;
    queries::find(conn, actor, public_url, id)
}
