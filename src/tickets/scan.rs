//! A label was scanned: on a ticket, or just to look.
//!
//! A scan on a ticket is evidence (a gate may ask for it), so it is written before it is answered. A look at the card is
//! written down a moment later, many in one transaction, and one person looking at one device again within a minute is
//! one scan: reading must not cost a disk flush.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{TicketId, TicketView, linked_assets, queries};
use crate::assets::AssetId;
use crate::auth::Actor;
use crate::codes::resolve;
use crate::db::DbConnection;
use crate::db::dialect::insert_all;
use crate::db::schema::scans;
use crate::db::types::{Timestamp, id};
use crate::error::Error;
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::made_once;
use crate::users::UserId;
use crate::words::text::Scanned;

id! {
    /// A scan.
    ScanId,
}

/// Seconds within which a repeated look is the same look.
const SAME_LOOK: i64 = 60;

/// A place on the globe, as a phone tells it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    #[serde(deserialize_with = "latitude")]
    pub lat: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    #[serde(deserialize_with = "longitude")]
    pub lon: f64,
    /// How exact, in metres.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, deserialize_with = "metres", skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
}

fn within<'de, D: serde::Deserializer<'de>>(deserializer: D, min: f64, max: f64) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(serde::de::Error::custom(format!("!out_of_range min={min} max={max}")))
    }
}

fn latitude<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, -90.0, 90.0)
}

fn longitude<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, -180.0, 180.0)
}

fn metres<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let number = Option::<f64>::deserialize(deserializer)?;
    match number {
        Some(number) if !(0.0..=1e6).contains(&number) => {
            Err(serde::de::Error::custom("!out_of_range min=0 max=1000000"))
        }
        number => Ok(number),
    }
}

/// A scan on a ticket.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanRequest {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<ScanId>,
    /// What the phone read or somebody typed: the label's URL, the ten characters, a code that others printed, an inventory
    /// or serial number.
    pub code: Scanned<500>,
    /// Which device is meant, when the code is on several.
    #[serde(default)]
    pub asset_id: Option<AssetId>,
    /// When, by the phone's clock.
    #[serde(default)]
    pub scanned_at: Option<Timestamp>,
    /// Where, if the phone knows.
    #[serde(default)]
    pub place: Option<Place>,
}

#[derive(Insertable)]
#[diesel(table_name = scans, treat_none_as_default_value = false)]
struct NewScan {
    id: ScanId,
    asset_id: AssetId,
    user_id: UserId,
    ticket_id: Option<TicketId>,
    code: String,
    scanned_at: Timestamp,
    recorded_at: Timestamp,
    lat: Option<f64>,
    lon: Option<f64>,
    accuracy_m: Option<f64>,
}

/// Ties a device to a ticket by its label.
///
/// # Errors
/// `not_found`; `code_not_found`; `code_blank`; `code_ambiguous`; `asset_of_another_company`; `ticket_closed`; `duplicate`.
pub fn scan(conn: &mut DbConnection, actor: &Actor, id: TicketId, scan: &ScanRequest) -> Result<TicketView, Error> {
    let insert = |conn: &mut DbConnection, own: ScanId| {
        let ticket = queries::hold(conn, actor, id)?;
        linked_assets::must_be_open(&ticket)?;
        let asset = resolve::for_company(conn, actor, &scan.code, ticket.company_id, scan.asset_id)?;
        let scanned_at = scan.scanned_at.unwrap_or_else(|| actor.now());
        linked_assets::link(conn, actor, &ticket, asset.id, Some(scanned_at))?;
        let row = NewScan {
            id: own,
            asset_id: asset.id,
            user_id: actor.id(),
            ticket_id: Some(id),
            code: scan.code.to_string(),
            scanned_at,
            recorded_at: actor.now(),
            lat: scan.place.map(|place| place.lat),
            lon: scan.place.map(|place| place.lon),
            accuracy_m: scan.place.and_then(|place| place.accuracy_m),
        };
        diesel::insert_into(scans::table).values(&row).execute(conn)?;
        let event = Event::of("asset.scanned", "asset", asset.id.uuid()).ticket(id).company(ticket.company_id);
        let facts = json!({"code": scan.code, "scanned_at": scanned_at, "place": scan.place});
        history::record(conn, actor, event.after(facts))?;
        queries::find(conn, actor, id)
    };
    let load = |conn: &mut DbConnection, _| queries::find(conn, actor, id);
    made_once(conn, actor, "scan", scan.id, &(id, scan), insert, load).map(Made::record)
}

/// Looks at cards that are yet to be written down.
#[derive(Default)]
pub struct ScanLog(Mutex<Looks>);

#[derive(Default)]
struct Looks {
    waiting: Vec<(AssetId, UserId, String, Timestamp)>,
    recent: HashMap<(AssetId, UserId), Timestamp>,
}

impl ScanLog {
    /// Notes that somebody looked at a device.
    pub fn note(&self, asset: AssetId, user: UserId, code: String, at: Timestamp) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |last: &Timestamp| at.seconds() - last.seconds() < SAME_LOOK;
        if looks.recent.get(&(asset, user)).is_some_and(fresh) {
            return;
        }
        if looks.recent.len() > 100_000 {
            looks.recent.retain(|_, last| fresh(last));
        }
        looks.recent.insert((asset, user), at);
        looks.waiting.push((asset, user, code, at));
    }

    /// Takes what is to be written.
    pub fn take(&self) -> Vec<(AssetId, UserId, String, Timestamp)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).waiting)
    }
}

/// Writes down who looked at what.
///
/// # Errors
/// The database's.
pub fn write_looks(conn: &mut DbConnection, looks: &[(AssetId, UserId, String, Timestamp)]) -> Result<(), Error> {
    let row = |(asset_id, user_id, code, at): &(AssetId, UserId, String, Timestamp)| NewScan {
        id: ScanId::new(),
        asset_id: *asset_id,
        user_id: *user_id,
        ticket_id: None,
        code: code.clone(),
        scanned_at: *at,
        recorded_at: *at,
        lat: None,
        lon: None,
        accuracy_m: None,
    };
    let rows: Vec<NewScan> = looks.iter().map(row).collect();
    insert_all!(conn, scans::table, rows)?;
    Ok(())
}
