//! A blank label is put on a device, on site and often without a network: two people may claim one label, and learn of it
//! when their phones are back. The first claim that arrives wins. The other is kept too, with the device that came with
//! it, and is told who has the label.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::code::{CodeState, LabelCode};
use super::{give, queries, resolve};
use crate::assets::brief::{self, AssetBrief};
use crate::assets::{AssetId, AssetView, NewAsset, create, queries as assets};
use crate::auth::Actor;
use crate::db::schema::{code_claims, codes};
use crate::db::types::{Timestamp, id, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::resource::Settled;
use crate::http::{Made, Resource};
use crate::tickets::scan::Place;
use crate::users::UserId;

id! {
    /// A claim of a label.
    ClaimId,
}

text_enum! {
    /// What came of a claim.
    ClaimOutcome {
        /// The label is on the device.
        Won = "won",
        /// Another device had the label already.
        Lost = "lost",
    }
}

/// A label that somebody has put on a device: one that is known, or one that comes along.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaim {
    /// The client's own id for the record. Make it when the label is scanned: the same claim twice is one.
    #[serde(default)]
    pub id: Option<ClaimId>,
    /// The device, if it is known here.
    #[serde(default)]
    pub asset_id: Option<AssetId>,
    /// The device, if it is new.
    #[serde(default)]
    pub asset: Option<NewAsset>,
    /// When, by the phone's clock.
    #[serde(default)]
    pub claimed_at: Option<Timestamp>,
    /// Where, if the phone knows.
    #[serde(default)]
    pub place: Option<Place>,
}

#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = code_claims, check_for_backend(MultiBackend))]
struct Claim {
    id: ClaimId,
    code: LabelCode,
    asset_id: AssetId,
    user_id: UserId,
    outcome: ClaimOutcome,
    holder_id: Option<AssetId>,
    replaced: Option<LabelCode>,
    sent: String,
    claimed_at: Timestamp,
    recorded_at: Timestamp,
    lat: Option<f64>,
    lon: Option<f64>,
    accuracy_m: Option<f64>,
}

/// A claim, and what came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ClaimView {
    /// Its id.
    pub id: ClaimId,
    /// The label.
    #[schema(value_type = String)]
    pub code: LabelCode,
    /// What came of it.
    pub outcome: ClaimOutcome,
    /// The device as it is now.
    pub asset: AssetView,
    /// The label that the device had, and that should be taken off.
    #[schema(value_type = Option<String>)]
    pub replaced: Option<LabelCode>,
    /// Who claimed it.
    pub user_id: UserId,
    /// When, by the phone's clock.
    pub claimed_at: Timestamp,
    /// When it arrived.
    pub recorded_at: Timestamp,
    #[serde(skip)]
    holder: Option<AssetBrief>,
}

impl Resource for ClaimView {
    fn path(&self) -> String {
        format!("/api/v1/codes/{}", self.code)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}

/// Claims a label for a device. A claim that comes too late is kept, and so is the device it brought.
///
/// # Errors
/// `code_not_found` for a label that is unknown or revoked; `validation_failed`; `duplicate`.
pub fn claim(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    text: &str,
    new: &NewClaim,
) -> Result<Settled<ClaimView>, Error> {
    let code = resolve::read(text).ok_or(Code::CodeNotFound)?;
    match (&new.asset_id, &new.asset) {
        (None, None) => return Err(Error::field("/asset_id", Flaw::Required)),
        (Some(_), Some(_)) => {
            return Err(Error::field_with("/asset", Flaw::NotTogether, [("other", "asset_id".to_owned())]));
        }
        _ => {}
    }
    let insert = |conn: &mut DbConnection, id| {
        let row = settle(conn, actor, public_url, code, id, new)?;
        diesel::insert_into(code_claims::table).values(&row).execute(conn)?;
        let action = if row.outcome == ClaimOutcome::Won { "code.claimed" } else { "code.claim_lost" };
        let view = view(conn, actor, public_url, row)?;
        let facts = serde_json::json!({"code": code, "asset_id": view.asset.id, "replaces": view.replaced,
            "holder_id": view.holder.as_ref().map(|holder| holder.id), "claimed_at": view.claimed_at, "place": new.place});
        let event = Event::of(action, "claim", view.id.uuid()).company(view.asset.company_id);
        history::record(conn, actor, event.after(facts))?;
        Ok(view)
    };
    let made = made_once(conn, actor, "code_claim", new.id, &(code, new), insert, |conn, id| {
        let row: Option<Claim> = code_claims::table.find(id).select(Claim::as_select()).get_result(conn).optional()?;
        view(conn, actor, public_url, row.ok_or(Code::NotFound)?)
    })?;
    Ok(match &made {
        Made::New(view) | Made::Already(view) if view.outcome == ClaimOutcome::Lost => Settled::Lost(lost(view)),
        _ => Settled::Done(made),
    })
}

/// Decides a claim. The label's row is held: of two that come at once, one waits here.
fn settle(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    code: LabelCode,
    id: ClaimId,
    new: &NewClaim,
) -> Result<Claim, Error> {
    let now = actor.now();
    let live = codes::table.filter(codes::code.eq(code)).filter(codes::state.ne(CodeState::Revoked));
    let held: Option<(Option<AssetId>, CodeState)> = diesel::update(live)
        .set(codes::changed_at.eq(now))
        .returning((codes::asset_id, codes::state))
        .get_result(conn)
        .optional()?;
    let (mut holder, state) = held.ok_or(Code::CodeNotFound)?;
    let mut replaced = None;
    let asset = match (&new.asset, new.asset_id) {
        (Some(asset), _) => {
            let blank = holder.is_none();
            let made = create::labelled(conn, actor, public_url, asset, |conn, id| {
                if blank { give::bind(conn, code, id, now).map(|()| code) } else { give::give(conn, id, now) }
            });
            match made.map_err(|error| error.within("/asset"))? {
                Made::New(asset) => {
                    holder = holder.or(Some(asset.id));
                    asset.id
                }
                // It came before by itself, with a label of its own.
                Made::Already(asset) => asset.id,
            }
        }
        (None, Some(asset)) => {
            let found = assets::load(conn, asset)?.filter(|found| assets::sees(actor, found));
            let found = found.ok_or_else(|| Error::field("/asset_id", Flaw::UnknownReference))?;
            if found.archived_at.is_some() {
                return Err(Error::field("/asset_id", Flaw::Archived));
            }
            found.id
        }
        (None, None) => return Err(Error::field("/asset_id", Flaw::Required)),
    };
    // A label that another had taken the place of is put back on its device.
    let again = holder == Some(asset) && state == CodeState::Replaced;
    if holder.is_none() || again {
        assets::hold(conn, actor, asset)?;
        replaced = queries::of(conn, asset)?;
        give::bind(conn, code, asset, now)?;
        holder = Some(asset);
    }
    let holder_id = holder.filter(|holder| *holder != asset);
    Ok(Claim {
        id,
        code,
        asset_id: asset,
        user_id: actor.id(),
        outcome: if holder_id.is_some() { ClaimOutcome::Lost } else { ClaimOutcome::Won },
        holder_id,
        replaced,
        sent: serde_json::to_string(new)?,
        claimed_at: new.claimed_at.unwrap_or(now),
        recorded_at: now,
        lat: new.place.map(|place| place.lat),
        lon: new.place.map(|place| place.lon),
        accuracy_m: new.place.and_then(|place| place.accuracy_m),
    })
}

fn view(conn: &mut DbConnection, actor: &Actor, public_url: &str, row: Claim) -> Result<ClaimView, Error> {
    let holder = match row.holder_id {
        Some(holder) => brief::load(conn, &[holder])?.pop(),
        None => None,
    };
    Ok(ClaimView {
        id: row.id,
        code: row.code,
        outcome: row.outcome,
        asset: assets::find(conn, actor, public_url, row.asset_id)?,
        replaced: row.replaced,
        user_id: row.user_id,
        claimed_at: row.claimed_at,
        recorded_at: row.recorded_at,
        holder,
    })
}

/// The refusal of a claim that came too late: who has the label, and what became of the device that was sent.
fn lost(view: &ClaimView) -> Refusal {
    let holder = view.holder.as_ref().map(|holder| holder.name.clone()).unwrap_or_default();
    let json = |value: Result<serde_json::Value, _>| value.unwrap_or_default();
    Code::CodeClaimed
        .with([("holder", holder)])
        .and("holder", json(serde_json::to_value(&view.holder)))
        .and("asset", json(serde_json::to_value(&view.asset)))
        .and("claim_id", view.id.to_string())
}
