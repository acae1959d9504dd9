//! The form that a table comes in, read part by part.

use actix_multipart::Multipart;

use super::file::MOST_BYTES;
use super::{ImportId, ImportKind};
use crate::companies::{CompanyId, SiteId};
use crate::db::types::Sha256;
use crate::error::{Error, Flaw};
use crate::http::form::{MOST_TEXT, Parts};

/// What came.
pub struct Arrived {
    /// The client's own id.
    pub id: Option<ImportId>,
    /// What the rows are.
    pub kind: ImportKind,
    /// Whose they are, unless they say so.
    pub company_id: Option<CompanyId>,
    /// Where they are, unless they say so.
    pub site_id: Option<SiteId>,
    /// Whether sites are added that are not there.
    pub create_missing: bool,
    /// What the file is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// The hash of all that was sent.
    pub sent: Sha256,
}

/// Reads the form.
///
/// # Errors
/// `bad_form`, `too_large`, `validation_failed`
pub async fn read(form: Multipart) -> Result<Arrived, Error> {
    let most = |name: &str| match name {
        "file" => Some(MOST_BYTES),
        "id" | "kind" | "company_id" | "site_id" | "create_missing" => Some(MOST_TEXT),
        _ => None,
    };
    let (mut id, mut kind, mut company_id, mut site_id, mut create_missing) = (None, None, None, None, false);
    let mut file = None;
    let mut parts = Parts::of(form);
    while let Some(part) = parts.next(most).await? {
        match part.name.as_str() {
            "file" => file = Some((part.file_name.map_or_else(|| "table".to_owned(), String::from), part.bytes)),
            "id" => id = Some(part.id()?),
            "company_id" => company_id = Some(part.id()?),
            "site_id" => site_id = Some(part.id()?),
            "kind" => kind = Some(part.one_of(&kinds())?),
            _ => create_missing = part.one_of("true, false")?,
        }
    }
    let (name, bytes) = file.ok_or_else(|| Error::field("file", Flaw::Required))?;
    let kind = kind.ok_or_else(|| Error::field("kind", Flaw::Required))?;
    Ok(Arrived { id, kind, company_id, site_id, create_missing, name, bytes, sent: parts.sent() })
}

fn kinds() -> String {
    ImportKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}
