//! A device is described, and gets its label.

use diesel::prelude::*;

use super::{Asset, AssetId, AssetView, Attribute, Attributes, LONGEST_NAME, MOST_ATTRIBUTES, NewAsset, queries};
use crate::auth::Actor;
use crate::codes::{LabelCode, give};
use crate::companies::{company, site};
use crate::db::DbConnection;
use crate::db::schema::assets;
use crate::error::{Error, Flaw};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::made_once;

const LONGEST_TEXT: usize = 2_000;
/// Letters in all attributes of a device together: every card brings them.
const MOST_TEXT: usize = 20_000;

/// Adds an asset with its label.
///
/// # Errors
/// `validation_failed` when company, site and parent do not fit together.
pub fn create(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    new: &NewAsset,
) -> Result<Made<AssetView>, Error> {
    labelled(conn, actor, public_url, new, |conn, id| give::give(conn, id, actor.now()))
}

/// [`create`] with a label from elsewhere: `label` puts one on the asset and tells which.
///
/// # Errors
/// As [`create`], and those of `label`.
pub fn labelled(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    new: &NewAsset,
    label: impl FnOnce(&mut DbConnection, AssetId) -> Result<LabelCode, Error>,
) -> Result<Made<AssetView>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        company::must_be_usable(conn, new.company_id, "/company_id")?;
        let asset = Asset::new(id, new, actor.now())?;
        references_fit(conn, actor, None, &asset)?;
        diesel::insert_into(assets::table).values(&asset).execute(conn)?;
        let code = label(conn, id)?;
        let view = AssetView { foreign_codes: Some(Vec::new()), ..AssetView::new(asset, Some(code), public_url) };
        history::record(
            conn,
            actor,
            Event::of("asset.added", "asset", id.uuid()).company(view.company_id).after(&view),
        )?;
        Ok(view)
    };
    made_once(conn, actor, "asset", new.id, new, insert, |conn, id| queries::find(conn, actor, public_url, id))
}

/// The attributes as text, when they are within bounds.
///
/// # Errors
/// `validation_failed`
pub fn kept(attributes: &Attributes) -> Result<String, Error> {
    if attributes.len() > MOST_ATTRIBUTES {
        return Err(Error::field_with("/attributes", Flaw::TooMany, [("max", MOST_ATTRIBUTES.to_string())]));
    }
    for (name, value) in attributes {
        let pointer = || format!("/attributes/{}", name.replace('~', "~0").replace('/', "~1"));
        if name.is_empty() {
            return Err(Error::field_with(pointer(), Flaw::TooShort, [("min", "1".to_owned())]));
        }
        if name.chars().count() > LONGEST_NAME {
            return Err(Error::field_with(pointer(), Flaw::TooLong, [("max", LONGEST_NAME.to_string())]));
        }
        match value {
            Attribute::Text(text) if text.chars().count() > LONGEST_TEXT => {
                return Err(Error::field_with(pointer(), Flaw::TooLong, [("max", LONGEST_TEXT.to_string())]));
            }
            _ => {}
        }
    }
    let text = serde_json::to_string(attributes)?;
    if text.chars().count() > MOST_TEXT {
        return Err(Error::field_with("/attributes", Flaw::TooLong, [("max", MOST_TEXT.to_string())]));
    }
    Ok(text)
}

/// Site and parent belong to the asset's company, and the asset is no part of itself.
///
/// # Errors
/// `validation_failed`
pub fn references_fit(
    conn: &mut DbConnection,
    actor: &Actor,
    before: Option<&Asset>,
    asset: &Asset,
) -> Result<(), Error> {
    if let Some(site) = asset.site_id.filter(|_| before.is_none_or(|before| before.site_id != asset.site_id)) {
        site::must_be_usable(conn, actor, site, asset.company_id, "/site_id")?;
    }
    let mut above = asset.parent_id.filter(|_| before.is_none_or(|before| before.parent_id != asset.parent_id));
    let mut steps = 0;
    while let Some(id) = above {
        if id == asset.id || steps > 50 {
            return Err(Error::field("/parent_id", Flaw::Loop));
        }
        let parent = queries::load(conn, id)?.ok_or_else(|| Error::field("/parent_id", Flaw::UnknownReference))?;
        if parent.company_id != asset.company_id {
            return Err(Error::field("/parent_id", Flaw::AnotherCompany));
        }
        above = parent.parent_id;
        steps += 1;
    }
    Ok(())
}
