//! Devices, and the codes by which a phone finds them without a network.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::Serialize;

use super::super::column::{json, maybe_text, raw_table};
use super::{Roots, Synced, Viewer, each, ids, keys};
use crate::assets::{Asset, AssetId};
use crate::codes::code::CodeState;
use crate::codes::foreign::{ForeignCode, ForeignCodeId};
use crate::codes::{LabelCode, queries as codes_of};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{assets, codes, foreign_codes, ticket_assets, tickets};
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::tickets::TicketId;

/// Works on a device that are told with it, and how old they may be, in seconds.
const LAST_WORKS: usize = 5;
const WORKS_SINCE: i64 = 2 * 366 * 24 * 3600;

/// The devices below some roots: those that stand at the sites, and those the tickets are about.
pub(super) fn under(conn: &mut DbConnection, roots: &Roots) -> Result<BTreeSet<AssetId>, Error> {
    let mut found: BTreeSet<AssetId> = each(&roots.sites, |some| {
        Ok(assets::table.filter(assets::site_id.assume_not_null().among(some)).select(assets::id).load(conn)?)
    })?
    .into_iter()
    .collect();
    found.extend(each(&roots.tickets, |some| {
        let of = ticket_assets::table.filter(ticket_assets::ticket_id.among(some));
        Ok(of.select(ticket_assets::asset_id).load::<AssetId>(conn)?)
    })?);
    Ok(found)
}

raw_table! {
    /// Devices: those at the sites of one's tickets, and those the tickets are about.
    AssetRow in "assets" {
        /// Whose it is.
        company_id: String [Indexed],
        /// Where it stands.
        site_id: Option<String> [Indexed],
        /// What it is a part of.
        parent_id: Option<String> [Indexed],
        /// What it is called.
        name: String,
        /// What it is: printer, till, camera.
        kind: Option<String>,
        /// Who made it.
        manufacturer: Option<String>,
        /// Its model.
        model: Option<String>,
        /// Its serial number.
        serial_number: Option<String> [Indexed],
        /// Its inventory number.
        inventory_number: Option<String> [Indexed],
        /// Its number in another program.
        external_number: Option<String>,
        /// The last day of its warranty: 2027-12-31.
        warranty_until: Option<String>,
        /// What else is known about it: an object, JSON.
        attributes_json: String,
        /// The label that is on it.
        code: Option<String> [Indexed],
        /// The last tickets that were done on it, newest first, JSON.
        last_works_json: String,
        /// Whether it was taken out of service.
        archived: bool,
    }
}

/// A ticket that was done on a device.
#[derive(Serialize)]
struct Work {
    ticket_id: TicketId,
    number: i64,
    subject: String,
    done_at: Timestamp,
}

impl Synced for AssetRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        Ok(keys(under(conn, roots)?))
    }

    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let found: Vec<Asset> =
            assets::table.filter(assets::id.among(ids::<AssetId>(keys))).select(Asset::as_select()).load(conn)?;
        let all: Vec<AssetId> = found.iter().map(|asset| asset.id).collect();
        let labels: BTreeMap<AssetId, LabelCode> = codes_of::active(conn, &all)?.into_iter().collect();
        let mut works = last_works(conn, viewer.now, &all)?;
        let mut rows = Vec::with_capacity(found.len());
        for asset in found {
            rows.push(Self {
                attributes_json: json(&asset.attributes())?,
                last_works_json: json(&works.remove(&asset.id).unwrap_or_default())?,
                code: maybe_text(labels.get(&asset.id)),
                id: asset.id.to_string(),
                company_id: asset.company_id.to_string(),
                site_id: maybe_text(asset.site_id),
                parent_id: maybe_text(asset.parent_id),
                name: asset.name,
                kind: asset.kind,
                manufacturer: asset.manufacturer,
                model: asset.model,
                serial_number: asset.serial_number,
                inventory_number: asset.inventory_number,
                external_number: asset.external_number,
                warranty_until: maybe_text(asset.warranty_until),
                archived: asset.archived_at.is_some(),
            });
        }
        Ok(rows)
    }
}

fn last_works(
    conn: &mut DbConnection,
    now: Timestamp,
    devices: &[AssetId],
) -> Result<BTreeMap<AssetId, Vec<Work>>, Error> {
    let rows: Vec<(AssetId, TicketId, i64, String, Timestamp)> = ticket_assets::table
        .inner_join(tickets::table)
        .filter(ticket_assets::asset_id.among(devices.to_vec()))
        .filter(tickets::done_at.is_not_null())
        .filter(tickets::done_at.assume_not_null().gt(now.plus_seconds(-WORKS_SINCE)))
        .order(tickets::done_at.desc())
        .select((
            ticket_assets::asset_id,
            tickets::id,
            tickets::number,
            tickets::subject,
            tickets::done_at.assume_not_null(),
        ))
        .load(conn)?;
    let mut works: BTreeMap<AssetId, Vec<Work>> = BTreeMap::new();
    for (asset, ticket_id, number, subject, done_at) in rows {
        let of = works.entry(asset).or_default();
        if of.len() < LAST_WORKS {
            of.push(Work { ticket_id, number, subject, done_at });
        }
    }
    Ok(works)
}

raw_table! {
    /// The labels of those devices, replaced ones too: what a scan without a network looks in.
    CodeRow in "codes" {
        /// The device.
        asset_id: String [Indexed],
        /// active, or replaced by another label.
        state: String,
    }
}

impl Synced for CodeRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let devices: Vec<AssetId> = under(conn, roots)?.into_iter().collect();
        let found: Vec<LabelCode> = each(&devices, |some| {
            Ok(codes::table.filter(codes::asset_id.assume_not_null().among(some)).select(codes::code).load(conn)?)
        })?;
        Ok(keys(found))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<(LabelCode, CodeState, AssetId)> = codes::table
            .filter(codes::code.among(ids::<LabelCode>(keys)))
            .filter(codes::asset_id.is_not_null())
            .filter(codes::state.ne(CodeState::Revoked))
            .select((codes::code, codes::state, codes::asset_id.assume_not_null()))
            .load(conn)?;
        let row = |(code, state, asset): (LabelCode, CodeState, AssetId)| Self {
            id: code.to_string(),
            asset_id: asset.to_string(),
            state: state.to_string(),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Codes that others printed on those devices.
    ForeignCodeRow in "foreign_codes" {
        /// The device.
        asset_id: String [Indexed],
        /// What it is.
        kind: String,
        /// As it was scanned.
        value: String [Indexed],
    }
}

impl Synced for ForeignCodeRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let devices: Vec<AssetId> = under(conn, roots)?.into_iter().collect();
        let found: Vec<ForeignCodeId> = each(&devices, |some| {
            Ok(foreign_codes::table.filter(foreign_codes::asset_id.among(some)).select(foreign_codes::id).load(conn)?)
        })?;
        Ok(keys(found))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<ForeignCode> = foreign_codes::table
            .filter(foreign_codes::id.among(ids::<ForeignCodeId>(keys)))
            .filter(foreign_codes::removed_at.is_null())
            .select(ForeignCode::as_select())
            .load(conn)?;
        let row = |code: ForeignCode| Self {
            id: code.id.to_string(),
            asset_id: code.asset_id.to_string(),
            kind: code.kind.to_string(),
            value: code.value,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
