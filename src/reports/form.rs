//! The form of the page, as browsers send it: read part by part, and looked at as a person expects, who must not lose a word
//! because a picture was too large.

use actix_multipart::{Multipart, MultipartError};
use futures_util::StreamExt;
use sha2::Digest;

use super::ReportId;
use super::report::{MOST_PHOTOS, NewReport};
use super::words::Complaint;
use crate::db::types::Sha256;
use crate::error::{Error, Flaw};
use crate::files::picture::{Checked, check_for_stranger};
use crate::http::places::Place;
use crate::http::{body, problem};
use crate::words::text::{Line, Phone, Prose};

/// Bytes a picture may have.
pub const MOST_BYTES: usize = 10 << 20;
/// Bytes of all parts together, also of those that are thrown away.
const MOST_ALTOGETHER: usize = 64 << 20;
/// Bytes of a field.
const MOST_TEXT: usize = 32 << 10;

/// What somebody typed and attached, before it is looked at.
#[derive(Debug, Default)]
pub struct Draft {
    /// The id the page gave the form.
    pub report_id: Option<ReportId>,
    /// When the page was handed out.
    pub stamp: String,
    /// A field that people do not see and programs fill in.
    pub trap: String,
    /// What is wrong.
    pub text: String,
    /// Who says so.
    pub name: String,
    /// How to reach them.
    pub phone: String,
    /// It is another fault than the one that waits.
    pub another: bool,
    /// It is the one that waits.
    pub same: bool,
    /// The pictures, as they came; empty where there was no place for them.
    pub photos: Vec<Vec<u8>>,
    /// Their hashes, by which a form that comes again is known.
    pub sent: Vec<Sha256>,
    /// Held as long as the pictures are.
    pub place: Option<Place<String>>,
    /// There were pictures, and no place for them.
    pub no_place: bool,
    /// Whether there were any, fit or not.
    pub had_photos: bool,
    /// A picture was larger than may be.
    pub photo_too_large: bool,
    /// There were more than may be.
    pub photos_too_many: bool,
}

/// Reads the form. Pictures are kept from the moment there is a place for them; of others their hashes are.
///
/// # Errors
/// `bad_form`, `too_large`; `validation_failed` for a part that no page of ours has.
pub async fn read(mut form: Multipart, place: impl Fn() -> Option<Place<String>>) -> Result<Draft, Error> {
    let broken = |error: MultipartError| Error::from(problem::of_form(&error));
    let mut draft = Draft::default();
    let mut altogether = 0;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let part = field.name().unwrap_or_default().to_owned();
        let is_photo = part == "photo";
        let (mut bytes, mut size, mut hash) = (Vec::new(), 0, sha2::Sha256::new());
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(broken)?;
            altogether += chunk.len();
            size += chunk.len();
            if altogether > MOST_ALTOGETHER {
                return Err(body::too_large(MOST_ALTOGETHER));
            }
            if !is_photo && size > MOST_TEXT {
                return Err(body::too_large(MOST_TEXT));
            }
            // Read on to the end: a browser that is cut off shows nothing of what we answer.
            if is_photo && (size > MOST_BYTES || draft.sent.len() == MOST_PHOTOS || !draft.has_place(&place)) {
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(&chunk);
            }
            if is_photo {
                hash.update(&chunk);
            }
        }
        if !is_photo {
            draft.take(&part, String::from_utf8_lossy(&bytes).into_owned())?;
        } else if size > 0 {
            // Browsers send an empty part for a field without files.
            draft.take_photo(bytes, size, Sha256(hash.finalize().into()));
        }
    }
    Ok(draft)
}

impl Draft {
    fn has_place(&mut self, take: &impl Fn() -> Option<Place<String>>) -> bool {
        if self.place.is_none() && !self.no_place {
            self.place = take();
            self.no_place = self.place.is_none();
        }
        self.place.is_some()
    }

    fn take_photo(&mut self, bytes: Vec<u8>, size: usize, sent: Sha256) {
        self.had_photos = true;
        if size > MOST_BYTES {
            self.photo_too_large = true;
        } else if self.sent.len() == MOST_PHOTOS {
            self.photos_too_many = true;
        } else {
            self.photos.push(bytes);
            self.sent.push(sent);
        }
    }

    fn take(&mut self, part: &str, mut text: String) -> Result<(), Error> {
        // Nobody types it, and nothing can keep it.
        text.retain(|letter| letter != '\0');
        match part {
            "report_id" => self.report_id = text.trim().parse().ok(),
            "stamp" => self.stamp = text,
            "website" => self.trap = text,
            "text" => self.text = text,
            "name" => self.name = text,
            "phone" => self.phone = text,
            "another" => self.another = !text.is_empty(),
            "same" => self.same = !text.is_empty(),
            _ => return Err(Error::field(part, Flaw::UnknownField)),
        }
        Ok(())
    }

    /// What was typed as a report, or everything that is wrong with it.
    ///
    /// # Errors
    /// One complaint a field.
    pub fn looked_at(&self) -> Result<NewReport, Vec<Complaint>> {
        let mut wrong = Vec::new();
        let text = Prose::parse(&self.text).map_err(|flaw| {
            wrong.push(if flaw.starts_with("!too_long") { Complaint::TextTooLong } else { Complaint::TextMissing });
        });
        let given = |typed: &str| (!typed.trim().is_empty()).then(|| typed.to_owned());
        let name = match Line::parse(self.name.trim()) {
            Ok(name) => Ok(Some(name)),
            Err(flaw) if flaw.starts_with("!too_long") => {
                wrong.push(Complaint::NameTooLong);
                Err(())
            }
            // Nothing of it can be seen: no name was left.
            Err(_) => Ok(None),
        };
        let phone = given(&self.phone).map(|phone| Phone::parse(&phone)).transpose().map_err(|_| {
            wrong.push(Complaint::PhoneOdd);
        });
        if self.photo_too_large {
            wrong.push(Complaint::PhotoTooLarge);
        } else if self.photos_too_many {
            wrong.push(Complaint::PhotosTooMany);
        }
        match (text, name, phone) {
            (Ok(text), Ok(name), Ok(phone)) if wrong.is_empty() => Ok(NewReport {
                report_id: self.report_id,
                text,
                name,
                phone,
                another: self.another,
                photos: self.sent.clone(),
            }),
            _ => Err(wrong),
        }
    }
}

/// Looks at pictures by their bytes and writes them anew. May take a second: for a thread that may wait.
///
/// # Errors
/// The complaint, when one is no picture or a dangerous one.
pub fn unpacked(photos: Vec<Vec<u8>>) -> Result<Vec<Checked>, Complaint> {
    photos.into_iter().map(|bytes| check_for_stranger(&bytes).map_err(|error| complaint(&error))).collect()
}

fn complaint(error: &Error) -> Complaint {
    if error.refusal().fields.iter().any(|field| field.flaw == Flaw::TooManyPixels) {
        Complaint::PhotoTooFine
    } else {
        Complaint::PhotoUnreadable
    }
}

#[cfg(test)]
mod tests {
    use super::Draft;
    use crate::reports::words::Complaint;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let draft = Draft { text: " \n".into(), name: "я".repeat(101), phone: "нет".into(), ..Draft::default() };
        assert_eq!(
            draft.looked_at().unwrap_err(),
            [Complaint::TextMissing, Complaint::NameTooLong, Complaint::PhoneOdd]
        );
        let long = Draft { text: "ж".repeat(2_001), photos_too_many: true, ..Draft::default() };
        assert_eq!(long.looked_at().unwrap_err(), [Complaint::TextTooLong, Complaint::PhotosTooMany]);
        let fine = Draft { text: "Не печатает".into(), phone: " ".into(), ..Draft::default() };
        assert!(fine.looked_at().is_ok_and(|report| report.phone.is_none()));
        let unseen = Draft { text: "x".into(), name: "\u{feff}".into(), ..Draft::default() };
        assert!(unseen.looked_at().is_ok_and(|report| report.name.is_none()));
    }
}
