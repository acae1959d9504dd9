//! From what was scanned or typed to the device: our own label, a code that others printed, an inventory or serial number.
//! Every way asks a fixed number of questions, each of an index, however many devices there are.

use diesel::prelude::*;

use super::code::{CodeState, LabelCode};
use super::{foreign, gs1};
use crate::assets::brief::{self, AssetBrief};
use crate::assets::{Asset, AssetId, queries};
use crate::auth::Actor;
use crate::companies::CompanyId;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{assets, codes};
use crate::error::{Code, Error, Flaw, Refusal};

/// Devices to choose from that one answer names.
pub const MOST_CHOICES: usize = 20;

/// What somebody means who scanned or typed something.
#[derive(Debug)]
pub enum Meant {
    /// This device.
    One(Box<Asset>),
    /// One of these; nobody can tell which.
    Several(Vec<Asset>),
    /// A label that is on nothing yet.
    Blank(LabelCode),
    /// Nothing that the actor may know of.
    Nothing,
}

/// The code in what was scanned: our own URL with any host and case, or the ten characters.
pub fn read(text: &str) -> Option<LabelCode> {
    let text = gs1::without_symbology(text);
    let path = text.split(['?', '#']).next().unwrap_or_default();
    match path.trim_end_matches('/').rsplit_once('/') {
        None => path.parse().ok(),
        Some((before, code)) => {
            let ours =
                before.len() >= 2 && before.get(before.len() - 2..).is_some_and(|end| end.eq_ignore_ascii_case("/q"));
            if ours { code.parse().ok() } else { None }
        }
    }
}

/// What `text` means within what the actor sees, or within one company of it.
///
/// # Errors
/// The database's.
pub fn meant(conn: &mut DbConnection, actor: &Actor, text: &str, company: Option<CompanyId>) -> Result<Meant, Error> {
    if let Some(found) = labelled(conn, text)? {
        let seen = queries::sees(actor, &found);
        return Ok(if seen { Meant::One(Box::new(found)) } else { Meant::Nothing });
    }
    otherwise(conn, actor, text, company)
}

/// The device that a label of ours is on.
fn labelled(conn: &mut DbConnection, text: &str) -> Result<Option<Asset>, Error> {
    let Some(code) = read(text) else { return Ok(None) };
    Ok(codes::table
        .inner_join(assets::table)
        .filter(codes::code.eq(code))
        .filter(codes::state.one_of([CodeState::Active, CodeState::Replaced]))
        .select(Asset::as_select())
        .get_result(conn)
        .optional()?)
}

/// [`meant`] for a text that is no label on a device.
///
/// # Errors
/// The database's.
pub fn otherwise(
    conn: &mut DbConnection,
    actor: &Actor,
    text: &str,
    company: Option<CompanyId>,
) -> Result<Meant, Error> {
    let (whole, text) = (text, gs1::without_symbology(text));
    if text.is_empty() {
        return Ok(Meant::Nothing);
    }
    let within = actor.company_id().or(company);
    let most = i64::try_from(MOST_CHOICES).unwrap_or(i64::MAX);
    let mut found: Vec<Asset> = Vec::new();
    let carrying = foreign::carrying(conn, whole, within, most)?;
    for asset in carrying.into_iter().chain(queries::by_number(conn, text, within, most)?) {
        if !found.iter().any(|known| known.id == asset.id) {
            found.push(asset);
        }
    }
    if found.len() > 1 {
        return Ok(Meant::Several(found));
    }
    if let Some(one) = found.pop() {
        return Ok(Meant::One(Box::new(one)));
    }
    // A client must not learn which codes there are.
    match read(text).filter(|_| actor.company_id().is_none()) {
        Some(code) if is_blank(conn, code)? => Ok(Meant::Blank(code)),
        _ => Ok(Meant::Nothing),
    }
}

fn is_blank(conn: &mut DbConnection, code: LabelCode) -> Result<bool, Error> {
    let state: Option<CodeState> = codes::table.find(code).select(codes::state).get_result(conn).optional()?;
    Ok(state == Some(CodeState::Blank))
}

impl Meant {
    /// The device, when it is clear which.
    ///
    /// # Errors
    /// `code_not_found`; `code_blank` with how to claim it; `code_ambiguous` with the devices to choose from.
    pub fn one(self, conn: &mut DbConnection) -> Result<Asset, Error> {
        match self {
            Self::One(asset) => Ok(*asset),
            Self::Several(assets) => Err(ambiguous(&choices(conn, &assets)?)),
            Self::Blank(code) => {
                let remedy = serde_json::json!({"method": "POST", "path": format!("/api/v1/codes/{code}/claims")});
                let refusal = Code::CodeBlank.with([("code", code.to_string())]);
                Err(refusal.and("label_code", code.to_string()).and("remedy", remedy).into())
            }
            Self::Nothing => Err(Code::CodeNotFound.into()),
        }
    }
}

fn ambiguous(choices: &[AssetBrief]) -> Error {
    let refusal = Refusal::from(Code::CodeAmbiguous);
    refusal.and("assets", serde_json::to_value(choices).unwrap_or_default()).into()
}

/// The devices to choose from, as a list shows them.
///
/// # Errors
/// The database's.
pub fn choices(conn: &mut DbConnection, assets: &[Asset]) -> Result<Vec<AssetBrief>, Error> {
    let ids: Vec<AssetId> = assets.iter().take(MOST_CHOICES).map(|asset| asset.id).collect();
    brief::load(conn, &ids)
}

/// The device of a company that is meant. What devices of other companies are called by does not make it less clear. When
/// several are, `chosen` says which of them.
///
/// # Errors
/// As [`Meant::one`]; `asset_of_another_company`; `validation_failed` for a choice that `text` does not lead to.
pub fn for_company(
    conn: &mut DbConnection,
    actor: &Actor,
    text: &str,
    company: CompanyId,
    chosen: Option<AssetId>,
) -> Result<Asset, Error> {
    if let Some(chosen) = chosen {
        let asset = queries::load(conn, chosen)?.filter(|asset| queries::sees(actor, asset));
        let asset = asset.ok_or_else(|| Error::field("/asset_id", Flaw::UnknownReference))?;
        if !leads_to(conn, text, &asset)? {
            return Err(Error::field("/asset_id", Flaw::UnknownReference));
        }
        return of_company(asset, company);
    }
    let mut meant = meant(conn, actor, text, Some(company))?;
    if matches!(meant, Meant::Nothing | Meant::Blank(_)) {
        let elsewhere = otherwise(conn, actor, text, None)?;
        if matches!(elsewhere, Meant::One(_) | Meant::Several(_)) {
            return Err(Code::AssetOfAnotherCompany.into());
        }
        meant = elsewhere;
    }
    of_company(meant.one(conn)?, company)
}

fn of_company(asset: Asset, company: CompanyId) -> Result<Asset, Error> {
    if asset.company_id == company { Ok(asset) } else { Err(Code::AssetOfAnotherCompany.into()) }
}

/// Whether `text` leads to a device, alone or among however many others.
///
/// # Errors
/// The database's.
pub fn leads_to(conn: &mut DbConnection, text: &str, asset: &Asset) -> Result<bool, Error> {
    if let Some(found) = labelled(conn, text)? {
        return Ok(found.id == asset.id);
    }
    let number = Some(gs1::without_symbology(text));
    let numbered = [asset.inventory_number.as_deref(), asset.serial_number.as_deref()].contains(&number);
    Ok(asset.archived_at.is_none() && (numbered || foreign::carries(conn, asset.id, text)?))
}

/// Blames the field of a request for what [`Meant::one`] refuses.
pub fn at(error: Error, pointer: &str) -> Error {
    match error {
        Error::Refused(refusal) if refusal.code == Code::CodeAmbiguous => {
            Refusal::at(*refusal, pointer, Flaw::UnknownReference).into()
        }
        Error::Refused(refusal) if matches!(refusal.code, Code::CodeNotFound | Code::CodeBlank) => {
            Error::field(pointer, Flaw::UnknownReference)
        }
        Error::Refused(refusal) if refusal.code == Code::AssetOfAnotherCompany => {
            Error::field(pointer, Flaw::AnotherCompany)
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::{LabelCode, read};

    #[test]
    fn a_label_is_known_by_its_path() {
        let code = LabelCode::new().unwrap();
        for text in [
            code.label_url("https://desk.example.com"),
            format!("http://old.host:8080/q/{code}?utm=1"),
            format!("https://old.host/q/{code}/"),
            format!("]Q1{}", code.label_url("https://desk.example.com")),
            format!("]C0{code}"),
            format!("  {code}\n"),
        ] {
            assert_eq!(read(&text), Some(code), "{text}");
        }
        for text in [format!("https://elsewhere.example/x/{code}"), String::new(), "/q/".into(), "ÜÜÜ/q/ÜÜ".into()]
        {
            assert_eq!(read(&text), None, "{text}");
        }
    }
}
