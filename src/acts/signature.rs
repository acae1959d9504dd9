//! What a signer gives: who they are, what they decide, and what they drew.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use image::{DynamicImage, ImageFormat};
use serde::{Deserialize, Serialize};

use super::shown::ShownAs;
use super::{ActId, SignatureId};
use crate::companies::power::PowerOfAttorney;
use crate::companies::{ContactId, SigningAuthority};
use crate::db::MultiBackend;
use crate::db::schema::signatures;
use crate::db::types::{Sha256, Timestamp, text_enum};
use crate::error::{Code, Error, Flaw};
use crate::files::picture;
use crate::http::Resource;
use crate::links::LinkId;
use crate::links::code::SigningCodeId;
use crate::tickets::scan::Place;
use crate::users::UserId;
use crate::words::text::{Line, Prose};

/// Points a drawing may have, and the longest side of a picture.
const MOST_POINTS: usize = 50_000;
const MOST_STROKES: usize = 2_000;
const LONGEST_SIDE: u32 = 4_000;

text_enum! {
    /// Who decides.
    Party {
        /// Our side.
        Provider = "provider",
        /// The client.
        Client = "client",
        /// Somebody who saw it. They accept nothing and refuse nothing.
        Witness = "witness",
    }
}

text_enum! {
    /// What they decide.
    Outcome {
        /// The work is accepted.
        Accepted = "accepted",
        /// It is accepted, and something is to be said about it.
        AcceptedWithRemarks = "accepted_with_remarks",
        /// It is not.
        Refused = "refused",
    }
}

text_enum! {
    /// How they gave their name to it.
    Method {
        /// Drawn on a screen.
        Drawn = "drawn",
        /// A picture of a signature.
        Image = "image",
        /// Not drawn: a refusal may be told, and whoever signs by a link may type their name.
        Typed = "typed",
    }
}

text_enum! {
    /// Which way a decision came.
    Channel {
        /// On a device on which somebody was signed in.
        Device = "device",
        /// By a link, on the signer's own device.
        Link = "link",
    }
}

/// Who signs: a known contact, or somebody by name.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// A contact of the client's.
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    /// Without a contact: what they are called.
    #[serde(default)]
    pub name: Option<Line<200>>,
    /// Without a contact: their position.
    #[serde(default)]
    pub position: Option<Line<200>>,
}

/// A drawing as the browser library signature_pad gives it by `toData()`.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ink {
    /// The pad's width.
    #[schema(minimum = 1, maximum = 20_000)]
    #[serde(deserialize_with = "side")]
    pub width: f64,
    /// The pad's height.
    #[schema(minimum = 1, maximum = 20_000)]
    #[serde(deserialize_with = "side")]
    pub height: f64,
    /// The strokes.
    #[schema(max_items = 2_000)]
    pub groups: Vec<Stroke>,
}

/// A stroke. What else signature_pad says about it (pen, colour) is not kept.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stroke {
    /// Where the pen was.
    pub points: Vec<InkPoint>,
}

/// Where the pen was, and when.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InkPoint {
    /// From the left.
    #[schema(minimum = -20_000, maximum = 40_000)]
    #[serde(deserialize_with = "coordinate")]
    pub x: f64,
    /// From the top.
    #[schema(minimum = -20_000, maximum = 40_000)]
    #[serde(deserialize_with = "coordinate")]
    pub y: f64,
    /// Milliseconds since 1970, by the device's clock.
    #[serde(default, deserialize_with = "number", skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1e15, maximum = 1e15)]
    pub time: Option<f64>,
    /// How hard, from 0 to 1.
    #[serde(default, deserialize_with = "number", skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1e15, maximum = 1e15)]
    pub pressure: Option<f64>,
}

fn between<'de, D: serde::Deserializer<'de>>(deserializer: D, min: f64, max: f64) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(serde::de::Error::custom(format!("!out_of_range min={min} max={max}")))
    }
}

fn side<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    between(deserializer, 1.0, 20_000.0)
}

fn coordinate<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    between(deserializer, -20_000.0, 40_000.0)
}

fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let number = Option::<f64>::deserialize(deserializer)?;
    match number {
        Some(number) if !(-1e15..=1e15).contains(&number) => {
            Err(serde::de::Error::custom("!out_of_range min=-1e15 max=1e15"))
        }
        number => Ok(number),
    }
}

/// A decision to record.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignature {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<SignatureId>,
    /// Who decides.
    pub party: Party,
    /// The hash of the document the signer was shown.
    pub document_sha256: Sha256,
    /// On a phone without a network: the hash of the text that was shown in the document's place.
    #[serde(default)]
    pub shown_sha256: Option<Sha256>,
    /// Who signs.
    pub signer: Signer,
    /// What they decide; of a witness, `accepted` says that they saw it.
    pub outcome: Outcome,
    /// What is to be said about it; compulsory with `accepted_with_remarks` and `refused`.
    #[serde(default)]
    pub remarks: Option<Prose<4000>>,
    /// What they drew.
    #[serde(default)]
    pub ink: Option<Ink>,
    /// Or a picture of it: PNG in base64.
    #[serde(default)]
    #[schema(content_encoding = "base64", max_length = 5_000_000)]
    pub image_png: Option<String>,
    /// When, by the device's clock.
    #[serde(default)]
    pub signed_at: Option<Timestamp>,
    /// Where, if the device knows.
    #[serde(default)]
    pub place: Option<Place>,
}

/// A decision as it is kept. It is added, and never changed.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = signatures, check_for_backend(MultiBackend))]
pub struct Signature {
    /// Its id.
    pub id: SignatureId,
    /// On which version of an act.
    pub act_id: ActId,
    /// Who decided.
    pub party: Party,
    /// The contact, if known.
    pub contact_id: Option<ContactId>,
    /// What they are called.
    pub signer_name: String,
    /// Their position.
    pub signer_position: Option<String>,
    /// What they might sign then.
    pub authority: SigningAuthority,
    /// What they decided.
    pub outcome: Outcome,
    /// What they said about it.
    pub remarks: Option<String>,
    /// How they gave their name to it.
    pub method: Method,
    /// The hash of the document they decided on.
    pub document_sha256: Sha256,
    /// What they drew, JSON.
    pub ink: Option<String>,
    /// The picture they gave.
    pub image_sha256: Option<Sha256>,
    /// When, by the device's clock.
    pub signed_at: Timestamp,
    /// When it arrived.
    pub recorded_at: Timestamp,
    /// Who was signed in on the device; with a link, who made it.
    pub recorded_by: UserId,
    /// From which address.
    pub ip: Option<String>,
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// The app's own id for the device.
    pub device_id: Option<String>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lon: Option<f64>,
    /// How exact.
    pub accuracy_m: Option<f64>,
    /// The hash over all of the above and what is below.
    pub signature_sha256: Sha256,
    /// The hash of the text they were shown in the document's place, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_sha256: Option<Sha256>,
    /// Whether that text says what was frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_as: Option<ShownAs>,
    /// The link it came by. Left out of the hash where there is none: there were decisions before there were links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_id: Option<LinkId>,
    /// What the signer agreed to, word for word: whoever signs by a link says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// The one-time code that confirmed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_id: Option<SigningCodeId>,
    /// The power of attorney it rests on, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_of_attorney: Option<PowerOfAttorney>,
}

/// A decision as people see it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SignatureView {
    /// Its id.
    pub id: SignatureId,
    /// On which version of an act.
    pub act_id: ActId,
    /// Who decided.
    pub party: Party,
    /// The contact, if known.
    pub contact_id: Option<ContactId>,
    /// What they are called.
    pub signer_name: String,
    /// Their position.
    pub signer_position: Option<String>,
    /// What they might sign then; of a witness, nothing.
    pub authority: SigningAuthority,
    /// The power of attorney that this rests on, as it was then.
    pub power_of_attorney: Option<PowerOfAttorney>,
    /// What they decided; a witness accepts nothing by it.
    pub outcome: Outcome,
    /// What they said about it.
    pub remarks: Option<String>,
    /// How they gave their name to it.
    pub method: Method,
    /// The hash of the document they decided on.
    pub document_sha256: Sha256,
    /// When, by the device's clock.
    pub signed_at: Timestamp,
    /// When it arrived.
    pub recorded_at: Timestamp,
    /// Which way it came.
    pub channel: Channel,
    /// The link it came by.
    pub link_id: Option<LinkId>,
    /// Who was signed in on the device; with a link, who made it.
    pub recorded_by: UserId,
    /// Where, if the device knew.
    pub place: Option<Place>,
    /// The hash over the decision and everything that proves it.
    pub signature_sha256: Sha256,
    /// What the signer was shown: the document, or on a phone without a network a text, the same as the frozen content or not.
    pub shown_as: ShownAs,
    /// The hash of that text.
    pub shown_sha256: Option<Sha256>,
}

impl From<Signature> for SignatureView {
    fn from(signature: Signature) -> Self {
        let accuracy_m = signature.accuracy_m;
        Self {
            place: signature.lat.zip(signature.lon).map(|(lat, lon)| Place { lat, lon, accuracy_m }),
            channel: signature.channel(),
            link_id: signature.link_id,
            id: signature.id,
            act_id: signature.act_id,
            party: signature.party,
            contact_id: signature.contact_id,
            signer_name: signature.signer_name,
            signer_position: signature.signer_position,
            authority: signature.authority,
            power_of_attorney: signature.power_of_attorney,
            outcome: signature.outcome,
            remarks: signature.remarks,
            method: signature.method,
            document_sha256: signature.document_sha256,
            signed_at: signature.signed_at,
            recorded_at: signature.recorded_at,
            recorded_by: signature.recorded_by,
            signature_sha256: signature.signature_sha256,
            shown_as: signature.shown_as.unwrap_or(ShownAs::Document),
            shown_sha256: signature.shown_sha256,
        }
    }
}

impl Resource for SignatureView {
    fn path(&self) -> String {
        format!("/api/v1/acts/{}/signatures", self.act_id)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}

impl Signature {
    /// Which way it came.
    pub const fn channel(&self) -> Channel {
        if self.link_id.is_some() { Channel::Link } else { Channel::Device }
    }

    /// The hash over the decision and everything that proves it.
    pub fn hash(&self) -> Result<Sha256, Error> {
        let mut value = serde_json::to_value(self)?;
        if let Some(members) = value.as_object_mut() {
            members.remove("signature_sha256");
        }
        Ok(Sha256::of(serde_json::to_vec(&value)?))
    }
}

/// How much of the pad's longer side a signature spans at least: less is a finger that slipped.
const SMALLEST_INK: f64 = 0.02;

impl Ink {
    /// Whether anybody drew anything: a tap is no signature.
    pub fn is_empty(&self) -> bool {
        let mut points = self.groups.iter().flat_map(|stroke| &stroke.points);
        let Some(first) = points.next() else { return true };
        let least = self.width.max(self.height) * SMALLEST_INK;
        points.all(|point| (point.x - first.x).abs() < least && (point.y - first.y).abs() < least)
    }

    fn must_be_drawable(&self) -> Result<(), Error> {
        let points: usize = self.groups.iter().map(|stroke| stroke.points.len()).sum();
        if self.groups.len() > MOST_STROKES || points > MOST_POINTS {
            return Err(Error::field_with("/ink/groups", Flaw::TooMany, [("max", MOST_POINTS.to_string())]));
        }
        Ok(())
    }
}

/// What was drawn, looked at.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// How.
    pub method: Method,
    /// The strokes, JSON.
    pub ink: Option<String>,
    /// The picture, written anew.
    pub image: Option<Vec<u8>>,
}

/// Looks at what a signer drew. Work for a thread of its own: a picture is unpacked.
///
/// On their own device people may type their name, since not everybody can draw; on ours they draw.
///
/// # Errors
/// `signature_empty` when acceptance has nothing drawn under it; `validation_failed` for a picture that is none.
pub fn look(new: &NewSignature, channel: Channel) -> Result<Drawn, Error> {
    let ink = match &new.ink {
        Some(ink) => {
            ink.must_be_drawable()?;
            (!ink.is_empty()).then(|| serde_json::to_string(ink)).transpose()?
        }
        None => None,
    };
    let image = match &new.image_png {
        Some(text) => picture(text)?,
        None => None,
    };
    let method = match (&ink, &image) {
        (Some(_), _) => Method::Drawn,
        (None, Some(_)) => Method::Image,
        (None, None) => Method::Typed,
    };
    if method == Method::Typed && new.outcome != Outcome::Refused && channel == Channel::Device {
        return Err(Code::SignatureEmpty.into());
    }
    Ok(Drawn { method, ink, image })
}

/// A picture of a signature, written anew; nothing when it is blank.
fn picture(text: &str) -> Result<Option<Vec<u8>>, Error> {
    let text = text.strip_prefix("data:image/png;base64,").unwrap_or(text);
    let bytes = STANDARD.decode(text.trim()).map_err(|_| Error::field("/image_png", Flaw::NotBase64))?;
    let refused = || Error::field_with("/image_png", Flaw::NotAPicture, [("max", LONGEST_SIDE.to_string())]);
    let picture = {
        let _turn = picture::turn();
        let most = u64::from(LONGEST_SIDE) * u64::from(LONGEST_SIDE);
        picture::unpack_within(&bytes, ImageFormat::Png, most).map_err(|_| refused())?
    };
    if picture.width().max(picture.height()) > LONGEST_SIDE {
        return Err(refused());
    }
    let pixels = picture.to_rgba8();
    // Ink is what is neither transparent nor white.
    let inked =
        pixels.pixels().filter(|pixel| pixel.0[3] > 40 && pixel.0[..3].iter().any(|part| *part < 200)).take(10).count();
    if inked < 10 {
        return Ok(None);
    }
    let mut out = Cursor::new(Vec::new());
    DynamicImage::from(pixels).write_to(&mut out, ImageFormat::Png).map_err(Error::internal)?;
    Ok(Some(out.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(points: &[(f64, f64)]) -> Ink {
        let points = points.iter().map(|(x, y)| InkPoint { x: *x, y: *y, time: None, pressure: None }).collect();
        Ink { width: 300.0, height: 150.0, groups: vec![Stroke { points }] }
    }

    #[test]
    fn a_tap_is_no_signature() {
        assert!(ink(&[]).is_empty());
        assert!(ink(&[(10.0, 10.0)]).is_empty());
        assert!(ink(&[(10.0, 10.0), (10.4, 10.0)]).is_empty());
        assert!(!ink(&[(10.0, 10.0), (60.0, 20.0)]).is_empty());
    }

    #[test]
    fn a_blank_picture_is_no_signature() {
        let png = |picture: image::RgbaImage| {
            let mut out = Cursor::new(Vec::new());
            DynamicImage::from(picture).write_to(&mut out, ImageFormat::Png).unwrap();
            STANDARD.encode(out.into_inner())
        };
        assert!(picture(&png(image::RgbaImage::new(40, 20))).unwrap().is_none());
        let mut drawn = image::RgbaImage::new(40, 20);
        for x in 5..30 {
            drawn.put_pixel(x, 10, image::Rgba([0, 0, 0, 255]));
        }
        assert!(picture(&png(drawn)).unwrap().is_some());
        assert_eq!(picture("?").unwrap_err().code(), Code::ValidationFailed);
    }
}
