//! What people were shown when there was no network and so no document yet: a text that the phone composed.
//!
//! It is kept as it came. Whether it says what was frozen is found out here, and told wherever the signature is.

use serde::{Deserialize, Serialize};

use super::snapshot::Snapshot;
use super::{Act, wording};
use crate::db::types::{Sha256, Timestamp, text_enum};
use crate::error::{Code, Error, Flaw};
use crate::words::text::Line;

/// Bytes that a text may have.
const LONGEST: usize = 200_000;

text_enum! {
    /// What a signer was shown.
    ShownAs {
        /// The frozen document itself.
        Document = "document",
        /// A text on a phone, the same as the frozen content.
        SameText = "same_text",
        /// A text on a phone that differs from the frozen content: it is kept beside it.
        OtherText = "other_text",
    }
}

/// A text that a phone showed.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShown {
    /// The very text, to the letter. How to compose it is told in `offline.md`.
    #[schema(min_length = 1, max_length = 200_000)]
    pub text: String,
    /// The SHA-256 of its UTF-8 bytes.
    pub sha256: Sha256,
    /// When it was shown, by the phone's clock.
    #[serde(default)]
    pub shown_at: Option<Timestamp>,
    /// The number that was told along with it: one of the phone's block (`POST /reserved-act-numbers`). The act gets it if it
    /// is still kept for the phone, and otherwise another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Line<40>>,
}

impl NewShown {
    /// Refuses a text that nobody can have read, or that is not the one whose hash came along.
    ///
    /// # Errors
    /// `validation_failed`
    pub fn must_be_whole(&self) -> Result<(), Error> {
        if self.text.trim().is_empty() {
            return Err(Error::field("/shown/text", Flaw::Required));
        }
        if self.text.len() > LONGEST {
            return Err(Error::field_with("/shown/text", Flaw::TooLong, [("max", LONGEST.to_string())]));
        }
        if Sha256::of(&self.text) != self.sha256 {
            return Err(Error::field("/shown/sha256", Flaw::AnotherText));
        }
        Ok(())
    }

    /// Whether it says what is frozen.
    pub fn compared_with(&self, frozen: &Snapshot) -> ShownAs {
        if wording::of(frozen) == self.text { ShownAs::SameText } else { ShownAs::OtherText }
    }
}

/// What a signer was shown whose phone tells the hash of a text: the one that the act came with, or what is frozen.
///
/// # Errors
/// `document_changed` when the act knows no such text.
pub fn known_by(act: &Act, sha256: Sha256) -> Result<ShownAs, Error> {
    if act.shown_sha256 == Some(sha256) {
        return Ok(act.shown_as.unwrap_or(ShownAs::OtherText));
    }
    if Sha256::of(wording::of(&Snapshot::read(&act.snapshot)?)) == sha256 {
        return Ok(ShownAs::SameText);
    }
    Err(Code::DocumentChanged.with([]).and("document_sha256", act.document_sha256.to_string()).into())
}
