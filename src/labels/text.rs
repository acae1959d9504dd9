//! What labels say.

use std::collections::BTreeMap;

use crate::assets::{Asset, AssetId, queries};
use crate::auth::Actor;
use crate::codes::{LabelCode, queries as codes};
use crate::companies::{CompanyId, company};
use crate::db::DbConnection;
use crate::error::{Error, Flaw};
use crate::print::label::{LabelAsset, LabelText};
use crate::provider;
use crate::words::Language;

/// What labels say about their owner, and in which language.
#[derive(Debug, Clone)]
pub struct Owner {
    name: Option<String>,
    phone: Option<String>,
    /// In which language.
    pub language: Language,
}

impl Owner {
    /// Our own side as labels name it; in the language asked for, else the company's, else ours, else `otherwise`.
    ///
    /// # Errors
    /// The database's.
    pub fn load(
        conn: &mut DbConnection,
        asked: Option<Language>,
        company: Option<CompanyId>,
        otherwise: Language,
    ) -> Result<Self, Error> {
        let ours = provider::known(conn)?;
        let company = company.map(|id| company::load(conn, id)).transpose()?.flatten();
        let spoken = company.and_then(|company| company.language);
        let language = asked.or(spoken).or_else(|| ours.as_ref().map(|ours| ours.language)).unwrap_or(otherwise);
        let phone = ours.as_ref().and_then(|ours| ours.phone.clone());
        Ok(Self { name: ours.map(|ours| ours.legal_name), phone, language })
    }

    /// What a device's label says.
    pub fn label(&self, asset: Asset, code: LabelCode, public_url: &str) -> LabelText {
        let asset = LabelAsset {
            name: asset.name,
            manufacturer: asset.manufacturer,
            model: asset.model,
            serial_number: asset.serial_number,
            inventory_number: asset.inventory_number,
        };
        LabelText { asset: Some(asset), ..self.blank(code, None, public_url) }
    }

    /// What a label says that is bound to a device later.
    pub fn blank(&self, code: LabelCode, number: Option<i64>, public_url: &str) -> LabelText {
        LabelText {
            url: code.label_url(public_url),
            code: code.to_string(),
            asset: None,
            number,
            owner: self.name.clone(),
            phone: self.phone.clone(),
        }
    }
}

/// Some labels in words.
#[derive(Debug, Clone)]
pub struct Worded {
    /// The codes, in order.
    pub codes: Vec<LabelCode>,
    /// What stands on each.
    pub texts: Vec<LabelText>,
    /// In which language.
    pub language: Language,
}

/// What the labels of some devices say, in the order asked for.
///
/// # Errors
/// `not_found` when the only one is not there, else `validation_failed`.
pub fn of(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    ids: &[AssetId],
    language: Option<Language>,
) -> Result<Worded, Error> {
    let found = all_of(conn, actor, ids, "/asset_ids")?;
    let company = found.first().map(|(asset, _)| asset.company_id);
    let owner = Owner::load(conn, language, company, actor.language())?;
    let label = |(asset, code)| (code, owner.label(asset, code, public_url));
    let (codes, texts) = found.into_iter().map(label).unzip();
    Ok(Worded { codes, texts, language: owner.language })
}

/// Devices and their codes, in the order asked for; `at` points to the list in the request.
///
/// # Errors
/// `not_found` when the only one is not there, else `validation_failed` that names the first.
pub fn all_of(
    conn: &mut DbConnection,
    actor: &Actor,
    ids: &[AssetId],
    at: &str,
) -> Result<Vec<(Asset, LabelCode)>, Error> {
    let known = with_codes(conn, ids)?;
    let one = |(index, id): (usize, &AssetId)| {
        let found = known.get(id).filter(|(asset, _)| queries::sees(actor, asset));
        found.cloned().ok_or_else(|| missing(ids, index, at))
    };
    ids.iter().enumerate().map(one).collect()
}

/// Those of some devices that are there and have a code.
///
/// # Errors
/// The database's.
pub fn with_codes(conn: &mut DbConnection, ids: &[AssetId]) -> Result<BTreeMap<AssetId, (Asset, LabelCode)>, Error> {
    let mut found = BTreeMap::new();
    // Fewer than a statement of either database may have parameters.
    for some in ids.chunks(500) {
        let codes: BTreeMap<AssetId, LabelCode> = codes::active(conn, some)?.into_iter().collect();
        let assets = queries::load_all(conn, some)?;
        found.extend(assets.into_iter().filter_map(|(id, asset)| Some((id, (asset, *codes.get(&id)?)))));
    }
    Ok(found)
}

/// One label is an address of its own; of many, the one to blame is named.
fn missing(ids: &[AssetId], index: usize, at: &str) -> Error {
    if ids.len() == 1 && at == "/asset_ids" {
        crate::error::Code::NotFound.into()
    } else {
        Error::field(format!("{at}/{index}"), Flaw::UnknownReference)
    }
}
