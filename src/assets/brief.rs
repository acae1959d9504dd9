//! A device in a line: what tells it from others that a scan may have meant.

use diesel::prelude::*;
use serde::Serialize;

use super::AssetId;
use super::card::CardCompany;
use crate::companies::{CompanyId, SiteId};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{assets, companies, sites};
use crate::error::Error;

/// A device in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AssetBrief {
    /// Its id.
    pub id: AssetId,
    /// What it is called.
    pub name: String,
    /// Its model.
    pub model: Option<String>,
    /// Its inventory number.
    pub inventory_number: Option<String>,
    /// Its serial number.
    pub serial_number: Option<String>,
    /// Whose it is.
    pub company: CardCompany,
    /// Where it stands.
    pub site: Option<BriefSite>,
}

/// Where a device stands, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BriefSite {
    /// The site.
    pub id: SiteId,
    /// What it is called.
    pub name: String,
}

type Texts = (String, Option<String>, Option<String>, Option<String>);
type Row = (AssetId, Texts, (CompanyId, String), Option<(SiteId, String)>);

/// Devices in a line each, in the order they are asked for. Those that are not there are left out.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, ids: &[AssetId]) -> Result<Vec<AssetBrief>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = assets::table
        .inner_join(companies::table)
        .left_join(sites::table.on(sites::id.nullable().eq(assets::site_id)))
        .filter(assets::id.among(ids))
        .select((
            assets::id,
            (assets::name, assets::model, assets::inventory_number, assets::serial_number),
            (companies::id, companies::name),
            (sites::id, sites::name).nullable(),
        ))
        .load(conn)?;
    let mut briefs: Vec<AssetBrief> = rows
        .into_iter()
        .map(|(id, (name, model, inventory_number, serial_number), (company, company_name), site)| AssetBrief {
            id,
            name,
            model,
            inventory_number,
            serial_number,
            company: CardCompany { id: company, name: company_name },
            site: site.map(|(id, name)| BriefSite { id, name }),
        })
        .collect();
    briefs.sort_by_key(|brief| ids.iter().position(|id| *id == brief.id));
    Ok(briefs)
}
