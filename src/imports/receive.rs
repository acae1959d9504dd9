//! The form that a table comes in, read part by part.

use actix_multipart::{Multipart, MultipartError};
use futures_util::StreamExt;
use sha2::Digest;

use super::file::MOST_BYTES;
use super::{ImportId, ImportKind};
use crate::companies::{CompanyId, SiteId};
use crate::db::types::Sha256;
use crate::error::{Error, Flaw};
use crate::http::{body, problem};
use crate::words::text::Line;

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
pub async fn read(mut form: Multipart) -> Result<Arrived, Error> {
    let broken = |error: MultipartError| Error::from(problem::of_form(&error));
    let (mut id, mut kind, mut company_id, mut site_id, mut create_missing) = (None, None, None, None, false);
    let mut file = None;
    let mut sent = sha2::Sha256::new();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let part = field.name().unwrap_or_default().to_owned();
        let given = field.content_disposition().and_then(|header| header.get_filename().map(str::to_owned));
        let limit = match part.as_str() {
            "file" => MOST_BYTES,
            "id" | "kind" | "company_id" | "site_id" | "create_missing" => 1 << 10,
            _ => return Err(Error::field(part, Flaw::UnknownField)),
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(broken)?;
            if bytes.len() + chunk.len() > limit {
                return Err(body::too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        // Each part by a hash of its own: what ends one part can never begin the next.
        for piece in [part.as_bytes(), given.as_deref().unwrap_or_default().as_bytes(), bytes.as_slice()] {
            sent.update(Sha256::of(piece).0);
        }
        let text = || String::from_utf8_lossy(&bytes).trim().to_owned();
        let not_an_id = |_| Error::field(part.clone(), Flaw::NotAnId);
        let not_one_of = |allowed: String| Error::field_with(part.clone(), Flaw::NotOneOf, [("allowed", allowed)]);
        match part.as_str() {
            "file" if file.is_some() => {
                return Err(Error::field_with("file", Flaw::TooMany, [("max", "1".to_owned())]));
            }
            "file" => file = Some((called(given.as_deref()), bytes)),
            "id" => id = Some(text().parse().map_err(not_an_id)?),
            "company_id" => company_id = Some(text().parse().map_err(not_an_id)?),
            "site_id" => site_id = Some(text().parse().map_err(not_an_id)?),
            "kind" => kind = Some(text().parse().map_err(|_| not_one_of(kinds()))?),
            _ => create_missing = text().parse().map_err(|_| not_one_of("true, false".to_owned()))?,
        }
    }
    let (name, bytes) = file.ok_or_else(|| Error::field("file", Flaw::Required))?;
    let kind = kind.ok_or_else(|| Error::field("kind", Flaw::Required))?;
    let sent = Sha256(sent.finalize().into());
    Ok(Arrived { id, kind, company_id, site_id, create_missing, name, bytes, sent })
}

fn kinds() -> String {
    ImportKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// The file's name without the folders some browsers send along.
fn called(given: Option<&str>) -> String {
    let name = given.and_then(|name| name.rsplit(['/', '\\']).next()).unwrap_or_default();
    let name = Line::<200>::parse(&name.chars().take(200).collect::<String>());
    name.map_or_else(|_| "table".to_owned(), String::from)
}
