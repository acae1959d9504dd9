//! Codes that others printed on a device: recorded, shown, taken off, and what a scan of one leads to.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::fold::{self, ForeignKind};
use super::resolve;
use crate::assets::{Asset, AssetId, queries as assets};
use crate::auth::Actor;
use crate::companies::CompanyId;
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::schema::{assets as devices, codes, foreign_codes};
use crate::db::types::{Timestamp, id};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::{Made, Resource};
use crate::users::UserId;
use crate::words::text::Scanned;

id! {
    /// A code that others printed on a device.
    ForeignCodeId,
}

/// Codes of others that one device may have.
const MOST_CODES: usize = 50;
/// Devices that are named beside a code they share.
const MOST_SHARED: i64 = 20;

/// A code that others printed on a device.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, utoipa::ToSchema)]
#[diesel(table_name = foreign_codes, check_for_backend(MultiBackend))]
pub struct ForeignCode {
    /// Its id.
    pub id: ForeignCodeId,
    /// On which device.
    pub asset_id: AssetId,
    /// What it is.
    pub kind: ForeignKind,
    /// As it was scanned.
    pub value: String,
    #[serde(skip)]
    key: String,
    /// Who recorded it.
    pub created_by: UserId,
    /// When it was recorded.
    pub created_at: Timestamp,
    #[serde(skip)]
    removed_at: Option<Timestamp>,
}

/// A code that was recorded, and where else it is.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ForeignCodeView {
    /// The code.
    #[serde(flatten)]
    pub code: ForeignCode,
    /// Other devices with the same code. Not refused, since others print what they please; but a scan of it will ask which
    /// device is meant.
    #[schema(max_items = 20)]
    pub also_on: Vec<AssetId>,
}

impl Resource for ForeignCodeView {
    fn path(&self) -> String {
        format!("/api/v1/assets/{}/foreign-codes/{}", self.code.asset_id, self.code.id)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}

/// A code to record.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewForeignCode {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<ForeignCodeId>,
    /// What it is; told by the code itself when left out.
    #[serde(default)]
    pub kind: Option<ForeignKind>,
    /// As it was scanned: with the symbology's prefix and the separators, if the scanner gives them.
    pub value: Scanned<500>,
}

/// Records a code that others printed on a device. One that the device has already is not recorded again.
///
/// # Errors
/// `not_found`; `validation_failed` when it is no code of that kind, one of our own labels, or one too many.
pub fn add(
    conn: &mut DbConnection,
    actor: &Actor,
    asset: AssetId,
    new: &NewForeignCode,
) -> Result<Made<ForeignCodeView>, Error> {
    let device = assets::find_row(conn, actor, asset)?;
    let (kind, key) = match new.kind {
        Some(kind) => {
            let key = fold::key_as(kind, &new.value);
            (kind, key.ok_or_else(|| Error::field_with("/value", Flaw::NotThatKind, [("kind", kind.to_string())]))?)
        }
        None => fold::folded(&new.value),
    };
    if let Some(own) = resolve::read(&new.value) {
        let known = codes::table.find(own).select(codes::code);
        if diesel::select(diesel::dsl::exists(known)).get_result(conn)? {
            return Err(Error::field("/value", Flaw::Taken));
        }
    }
    assets::hold(conn, actor, asset)?;
    let present = of_all(conn, &[asset])?;
    if let Some(known) = present.iter().find(|code| code.key == key) {
        return seen(conn, actor, known.clone()).map(Made::Already);
    }
    if present.len() >= MOST_CODES {
        return Err(Error::field_with("/value", Flaw::TooMany, [("max", MOST_CODES.to_string())]));
    }
    let insert = |conn: &mut DbConnection, id| {
        let code = ForeignCode {
            id,
            asset_id: asset,
            kind,
            value: new.value.to_string(),
            key,
            created_by: actor.id(),
            created_at: actor.now(),
            removed_at: None,
        };
        diesel::insert_into(foreign_codes::table).values(&code).execute(conn)?;
        let event = Event::of("asset.foreign_code_added", "asset", asset.uuid()).company(device.company_id);
        history::record(conn, actor, event.after(&code))?;
        seen(conn, actor, code)
    };
    made_once(conn, actor, "foreign_code", new.id, &(asset, new), insert, |conn, id| {
        let code: Option<ForeignCode> =
            foreign_codes::table.find(id).select(ForeignCode::as_select()).get_result(conn).optional()?;
        seen(conn, actor, code.ok_or(Code::NotFound)?)
    })
}

/// Takes a code off a device. What was scanned stays in its history.
///
/// # Errors
/// `not_found`
pub fn remove(conn: &mut DbConnection, actor: &Actor, asset: AssetId, id: ForeignCodeId) -> Result<(), Error> {
    let device = assets::find_row(conn, actor, asset)?;
    assets::hold(conn, actor, asset)?;
    let code = of_all(conn, &[asset])?.into_iter().find(|code| code.id == id).ok_or(Code::NotFound)?;
    diesel::update(foreign_codes::table.find(id)).set(foreign_codes::removed_at.eq(actor.now())).execute(conn)?;
    let event = Event::of("asset.foreign_code_removed", "asset", asset.uuid()).company(device.company_id);
    history::record(conn, actor, event.after(&code))
}

/// The codes of others on a device the actor sees, oldest first, each with the other devices in sight that have it.
///
/// # Errors
/// `not_found`
pub fn list(conn: &mut DbConnection, actor: &Actor, asset: AssetId) -> Result<Page<ForeignCodeView>, Error> {
    assets::find_row(conn, actor, asset)?;
    let codes = of_all(conn, &[asset])?;
    let views: Result<_, _> = codes.into_iter().map(|code| seen(conn, actor, code)).collect();
    Ok(Page::all(views?))
}

/// The codes of others on devices, oldest first.
///
/// # Errors
/// The database's.
pub fn of_all(conn: &mut DbConnection, assets: &[AssetId]) -> Result<Vec<ForeignCode>, Error> {
    Ok(foreign_codes::table
        .filter(foreign_codes::asset_id.among(assets))
        .filter(foreign_codes::removed_at.is_null())
        .order((foreign_codes::created_at, foreign_codes::id))
        .select(ForeignCode::as_select())
        .load(conn)?)
}

fn seen(conn: &mut DbConnection, actor: &Actor, code: ForeignCode) -> Result<ForeignCodeView, Error> {
    let also_on = others(conn, actor, code.asset_id, &code.key)?;
    Ok(ForeignCodeView { code, also_on })
}

/// The other devices in sight that have this key.
fn others(conn: &mut DbConnection, actor: &Actor, asset: AssetId, key: &str) -> Result<Vec<AssetId>, Error> {
    let mut query = foreign_codes::table
        .inner_join(devices::table)
        .filter(foreign_codes::key.eq(key))
        .filter(foreign_codes::removed_at.is_null())
        .filter(foreign_codes::asset_id.ne(asset))
        .filter(devices::archived_at.is_null())
        .into_boxed::<MultiBackend>();
    if let Some(own) = actor.company_id() {
        query = query.filter(devices::company_id.eq(own));
    }
    Ok(query.limit(MOST_SHARED).select(foreign_codes::asset_id).load(conn)?)
}

/// Devices in service that carry a code which folds as this text does, of one company or of all.
///
/// # Errors
/// The database's.
pub fn carrying(
    conn: &mut DbConnection,
    text: &str,
    company: Option<CompanyId>,
    most: i64,
) -> Result<Vec<Asset>, Error> {
    let mut found = Vec::new();
    // A statement for each key is sure to use the index of keys: given several, SQLite walks the company's devices.
    for key in fold::keys(text) {
        let mut query = foreign_codes::table
            .inner_join(devices::table)
            .filter(foreign_codes::key.eq(key))
            .filter(foreign_codes::removed_at.is_null())
            .filter(devices::archived_at.is_null())
            .into_boxed::<MultiBackend>();
        if let Some(company) = company {
            query = query.filter(devices::company_id.eq(company));
        }
        found.extend(query.limit(most).select(Asset::as_select()).load(conn)?);
    }
    Ok(found)
}

/// Whether a device carries a code which folds as this text does.
///
/// # Errors
/// The database's.
pub fn carries(conn: &mut DbConnection, asset: AssetId, text: &str) -> Result<bool, Error> {
    let keys = fold::keys(text);
    Ok(of_all(conn, &[asset])?.iter().any(|code| keys.contains(&code.key)))
}
