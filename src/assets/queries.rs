//! Every query on assets. Our own side sees all of them, a client's user those of the company.

use std::collections::BTreeMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{Asset, AssetFilter, AssetId, AssetView};
use crate::auth::Actor;
use crate::codes::{foreign, queries as codes};
use crate::companies::CompanyId;
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::records::{newest_first, search};
use crate::db::schema::{assets, code_claims, scans};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::imports;
use crate::provider;

/// Whether an actor sees an asset.
pub fn sees(actor: &Actor, asset: &Asset) -> bool {
    actor.company_id().is_none_or(|own| own == asset.company_id)
}

/// Many devices at once, whoever asks. Those that are not there are left out.
///
/// # Errors
/// The database's.
pub fn load_all(conn: &mut DbConnection, ids: &[AssetId]) -> Result<BTreeMap<AssetId, Asset>, Error> {
    let mut found = BTreeMap::new();
    // Fewer than a statement of either database may have parameters.
    for some in ids.chunks(500) {
        let rows: Vec<Asset> = assets::table.filter(assets::id.among(some)).select(Asset::as_select()).load(conn)?;
        found.extend(rows.into_iter().map(|asset| (asset.id, asset)));
    }
    Ok(found)
}

/// One asset, whoever asks.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: AssetId) -> Result<Option<Asset>, Error> {
    Ok(assets::table.find(id).select(Asset::as_select()).get_result(conn).optional()?)
}

/// One asset as it is kept, if the actor sees it.
///
/// # Errors
/// `not_found`
pub fn find_row(conn: &mut DbConnection, actor: &Actor, id: AssetId) -> Result<Asset, Error> {
    load(conn, id)?.filter(|asset| sees(actor, asset)).ok_or_else(|| Code::NotFound.into())
}

/// One asset the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, public_url: &str, id: AssetId) -> Result<AssetView, Error> {
    let asset = find_row(conn, actor, id)?;
    let code = codes::of(conn, id)?;
    let foreign_codes = Some(foreign::of_all(conn, &[id])?);
    Ok(AssetView { foreign_codes, ..AssetView::new(asset, code, public_url) })
}

/// Assets in service that have this inventory or serial number, of one company or of all.
///
/// # Errors
/// The database's.
pub fn by_number(
    conn: &mut DbConnection,
    number: &str,
    company: Option<CompanyId>,
    most: i64,
) -> Result<Vec<Asset>, Error> {
    let mut found = Vec::new();
    if number.is_empty() || number.len() > 400 {
        return Ok(found);
    }
    // Each number has an index of its own, and a statement of its own that is sure to use it.
    for by_inventory in [true, false] {
        let mut query = assets::table.select(Asset::as_select()).into_boxed::<MultiBackend>();
        query = query.filter(assets::archived_at.is_null());
        query = if by_inventory {
            query.filter(assets::inventory_number.eq(number))
        } else {
            query.filter(assets::serial_number.eq(number))
        };
        if let Some(company) = company {
            query = query.filter(assets::company_id.eq(company));
        }
        found.extend(query.limit(most).load(conn)?);
    }
    Ok(found)
}

/// A page of assets the actor sees, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    filter: &AssetFilter,
) -> Result<Page<AssetView>, Error> {
    let page = filter.page();
    let mut query = assets::table.select(Asset::as_select()).into_boxed::<MultiBackend>();
    if let Some(own) = actor.company_id() {
        query = query.filter(assets::company_id.eq(own));
    }
    if let Some(company) = filter.company_id {
        query = query.filter(assets::company_id.eq(company));
    }
    if let Some(site) = filter.site_id {
        query = query.filter(assets::site_id.eq(site));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(assets::kind.eq(kind.to_string()));
    }
    if let Some(number) = &filter.inventory_number {
        query = query.filter(assets::inventory_number.eq(number.to_string()));
    }
    if let Some(number) = &filter.external_number {
        query = query.filter(assets::external_number.eq(number.to_string()));
    }
    if let Some(import) = filter.import_id {
        query = query.filter(assets::id.eq_any(imports::queries::added(import)));
    }
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(assets::archived_at.is_null());
    }
    if let Some(day) = filter.not_scanned_since {
        let zone = provider::known(conn)?.map_or(chrono_tz::UTC, |ours| ours.time_zone.0);
        let since = Timestamp::start_of(day, zone);
        let scanned = scans::table.filter(scans::asset_id.eq(assets::id)).filter(scans::recorded_at.ge(since));
        let claimed =
            code_claims::table.filter(code_claims::asset_id.eq(assets::id)).filter(code_claims::recorded_at.ge(since));
        query = query.filter(not(exists(scanned))).filter(not(exists(claimed)));
    }
    query = search!(query, assets, filter.q.as_deref());
    let rows = newest_first!(query, assets, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |asset: &Asset| (asset.created_at, asset.id));
    Ok(Page { data: with_codes(conn, data, public_url)?, next_cursor })
}

/// The parts of an asset.
///
/// # Errors
/// `not_found`
pub fn children(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    id: AssetId,
) -> Result<Vec<AssetView>, Error> {
    find_row(conn, actor, id)?;
    let rows = assets::table
        .filter(assets::parent_id.eq(id))
        .filter(assets::archived_at.is_null())
        .order((assets::created_at, assets::id))
        .limit(1_000)
        .select(Asset::as_select())
        .load(conn)?;
    with_codes(conn, rows, public_url)
}

fn with_codes(conn: &mut DbConnection, rows: Vec<Asset>, public_url: &str) -> Result<Vec<AssetView>, Error> {
    let ids: Vec<AssetId> = rows.iter().map(|asset| asset.id).collect();
    let labels = codes::active(conn, &ids)?;
    let others = foreign::of_all(conn, &ids)?;
    let code = |id: AssetId| labels.iter().find(|(of, _)| *of == id).map(|(_, code)| *code);
    let view = |asset: Asset| {
        let foreign_codes = Some(others.iter().filter(|code| code.asset_id == asset.id).cloned().collect());
        let code = code(asset.id);
        AssetView { foreign_codes, ..AssetView::new(asset, code, public_url) }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Notes that a device changes, and makes whoever else changes it wait.
///
/// # Errors
/// The database's.
pub fn hold(conn: &mut DbConnection, actor: &Actor, id: AssetId) -> Result<(), Error> {
    diesel::update(assets::table.find(id))
        .set((assets::version.eq(assets::version + 1), assets::updated_at.eq(actor.now())))
        .execute(conn)?;
    Ok(())
}
