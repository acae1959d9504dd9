//! Forms with files, part by part: each within its bounds and there once, and all of them known by one hash.

use actix_multipart::{Multipart, MultipartError};
use futures_util::StreamExt;
use sha2::Digest;

use super::{body, problem};
use crate::db::types::Sha256;
use crate::error::{Error, Flaw};
use crate::words::text::Line;

/// Bytes of a part that is no file.
pub const MOST_TEXT: usize = 1 << 10;

/// The parts of a form, as they come.
pub struct Parts {
    form: Multipart,
    /// The names of those that came.
    names: Vec<String>,
    sent: sha2::Sha256,
}

/// A part of a form.
pub struct Part {
    /// What it is called.
    pub name: String,
    /// The name of the file, without the folders some browsers send along; none when there is none that can be kept.
    pub file_name: Option<Line<200>>,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Parts {
    /// Those of a form.
    pub fn of(form: Multipart) -> Self {
        Self { form, names: Vec::new(), sent: sha2::Sha256::new() }
    }

    /// The next part. `most` tells how many bytes a part of a name may have; nothing for a name that is not known. Each may
    /// come once, so a form has no more parts than there are names.
    ///
    /// # Errors
    /// `bad_form`, `too_large`; `validation_failed` for a part nobody knows, and for one that comes again.
    pub async fn next(&mut self, most: impl Fn(&str) -> Option<usize>) -> Result<Option<Part>, Error> {
        let broken = |error: MultipartError| Error::from(problem::of_form(&error));
        let Some(field) = self.form.next().await else { return Ok(None) };
        let mut field = field.map_err(broken)?;
        let name = field.name().unwrap_or_default().to_owned();
        let given = field.content_disposition().and_then(|header| header.get_filename().map(str::to_owned));
        let most = most(&name).ok_or_else(|| Error::field(name.clone(), Flaw::UnknownField))?;
        if self.names.contains(&name) {
            return Err(Error::field_with(name, Flaw::TooMany, [("max", "1".to_owned())]));
        }
        self.names.push(name.clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(broken)?;
            if bytes.len() + chunk.len() > most {
                return Err(body::too_large(most));
            }
            bytes.extend_from_slice(&chunk);
        }
        // Each piece by a hash of its own: what ends one can never begin the next.
        for piece in [name.as_bytes(), given.as_deref().unwrap_or_default().as_bytes(), bytes.as_slice()] {
            self.sent.update(Sha256::of(piece).0);
        }
        let last = given.as_deref().and_then(|given| given.rsplit(['/', '\\']).next());
        let file_name = last.and_then(|last| Line::parse(&last.chars().take(200).collect::<String>()).ok());
        Ok(Some(Part { name, file_name, bytes }))
    }

    /// The hash of all that came.
    pub fn sent(self) -> Sha256 {
        Sha256(self.sent.finalize().into())
    }
}

impl Part {
    /// An id.
    ///
    /// # Errors
    /// `validation_failed`
    pub fn id<T: std::str::FromStr>(&self) -> Result<T, Error> {
        self.text().parse().map_err(|_| Error::field(self.name.clone(), Flaw::NotAnId))
    }

    /// One of some words, `allowed` as people read them.
    ///
    /// # Errors
    /// `validation_failed`
    pub fn one_of<T: std::str::FromStr>(&self, allowed: &str) -> Result<T, Error> {
        let refused = || Error::field_with(self.name.clone(), Flaw::NotOneOf, [("allowed", allowed.to_owned())]);
        self.text().parse().map_err(|_| refused())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).trim().to_owned()
    }
}
