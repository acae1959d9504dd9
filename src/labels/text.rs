//! What labels say.

use std::collections::BTreeMap;

use crate::assets::{Asset, AssetId, queries};
use crate::auth::Actor;
use crate::codes::{LabelCode, queries as codes};
use crate::companies::company;
use crate::db::DbConnection;
use crate::error::{Error, Flaw};
use crate::print::label::{LabelAsset, LabelText};
use crate::provider;
use crate::words::Language;

/// What labels say about their owner, and in which language.
struct Owner {
    name: Option<String>,
    phone: Option<String>,
    language: Language,
}

/// What the labels of some devices say, in the order asked for, and in which language.
///
/// # Errors
/// `not_found` when the only one is not there, else `validation_failed`.
pub fn of(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    ids: &[AssetId],
    language: Option<Language>,
) -> Result<(Vec<LabelText>, Language), Error> {
    let labels: BTreeMap<AssetId, LabelCode> = codes::active(conn, ids)?.into_iter().collect();
    let assets = queries::load_all(conn, ids)?;
    let ours = provider::known(conn)?;
    let mut found = Vec::with_capacity(ids.len());
    let mut owner: Option<Owner> = None;
    for (index, id) in ids.iter().enumerate() {
        let asset = assets.get(id).filter(|asset| queries::sees(actor, asset)).cloned();
        let asset = asset.ok_or_else(|| missing(ids, index))?;
        let code = labels.get(id).copied().ok_or_else(|| missing(ids, index))?;
        if owner.is_none() {
            let spoken = company::load(conn, asset.company_id)?.and_then(|company| company.language);
            owner = Some(Owner {
                name: ours.as_ref().map(|ours| ours.legal_name.clone()),
                phone: ours.as_ref().and_then(|ours| ours.phone.clone()),
                language: language
                    .or(spoken)
                    .or_else(|| ours.as_ref().map(|ours| ours.language))
                    .unwrap_or(actor.language()),
            });
        }
        found.push((asset, code));
    }
    let owner = owner.unwrap_or(Owner { name: None, phone: None, language: actor.language() });
    let texts = found.into_iter().map(|(asset, code)| filled(asset, code, &owner, public_url)).collect();
    Ok((texts, owner.language))
}

/// One label is an address of its own; of many, the one to blame is named.
fn missing(ids: &[AssetId], index: usize) -> Error {
    if ids.len() == 1 {
        crate::error::Code::NotFound.into()
    } else {
        Error::field(format!("/asset_ids/{index}"), Flaw::UnknownReference)
    }
}

fn filled(asset: Asset, code: LabelCode, owner: &Owner, public_url: &str) -> LabelText {
    LabelText {
        url: code.label_url(public_url),
        code: code.to_string(),
        asset: LabelAsset {
            name: asset.name,
            manufacturer: asset.manufacturer,
            model: asset.model,
            serial_number: asset.serial_number,
            inventory_number: asset.inventory_number,
        },
        owner: owner.name.clone(),
        phone: owner.phone.clone(),
    }
}
