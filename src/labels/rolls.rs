//! Labels on a roll: a page each, or commands for a label printer.

use serde::{Deserialize, Serialize};

use super::media::RollChoice;
use super::one::Format;
use super::printers::PrinterId;
use super::prints::{self, Occasion};
use super::setup::{Wanted, on_a_roll};
use super::sheets::some_labels;
use super::{Offset, text};
use crate::assets::AssetId;
use crate::error::Error;
use crate::http::Call;
use crate::print::form::Kind;
use crate::print::press::{self, Tongue};
use crate::print::qr::Level;
use crate::words::Language;

/// How a roll is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RollFormat {
    /// A page for each label, for printers with a driver.
    Pdf,
    /// ZPL II.
    Zpl,
    /// TSPL.
    Tspl,
}

impl RollFormat {
    /// As the form of one label.
    pub const fn format(self) -> Format {
        match self {
            Self::Pdf => Format::Pdf,
            Self::Zpl => Format::Commands(Tongue::Zpl),
            Self::Tspl => Format::Commands(Tongue::Tspl),
        }
    }
}

/// Labels to print on a roll.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabelRoll {
    /// For these devices, in this order.
    #[schema(min_items = 1, max_items = 2000)]
    pub asset_ids: Vec<AssetId>,
    /// On this roll.
    pub roll: RollChoice,
    /// In this form.
    pub format: RollFormat,
    /// Dots an inch; left out, those of the printer, or else 203.
    #[serde(default, deserialize_with = "super::media::dpi")]
    #[schema(minimum = 100, maximum = 600)]
    pub dpi: Option<u16>,
    /// The printer whose dots and offset count.
    #[serde(default)]
    pub printer_id: Option<PrinterId>,
    /// How far the printer is off, whatever is known of it: a millimetre on a roll.
    #[serde(default)]
    pub offset_mm: Option<Offset>,
    /// How much of a code may be lost: a sixth (M), a quarter (Q), a third (H); left out, Q where there is room for it.
    #[serde(default)]
    pub level: Option<Level>,
    /// In this language; the provider's when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// Prints labels on a roll.
///
/// # Errors
/// `validation_failed` for devices that are not there or a roll that cannot be; `label_too_small`; `form_invalid`.
pub async fn print(call: Call, new: NewLabelRoll) -> Result<Vec<u8>, Error> {
    some_labels(&new.asset_ids)?;
    let (app, actor, now) = (call.app.clone(), call.actor, call.app.clock.now());
    let (public_url, user_id) = (app.config.public_url.clone(), actor.id());
    let (ids, format) = (new.asset_ids.clone(), new.format);
    let read = move |conn: &mut _| {
        let wanted = Wanted { printer_id: new.printer_id, offset_mm: new.offset_mm, level: new.level };
        let setup = on_a_roll(conn, &new.roll, "/roll", new.dpi, wanted)?;
        Ok((setup, text::of(conn, &actor, &public_url, &new.asset_ids, new.language)?))
    };
    let (setup, (texts, language)) = app.db.report(read).await?;
    let form = app.printer.form(Kind::Label, language)?;
    let medium = format!("{}, {}", setup.title(), format.format().name());
    let occasion = Occasion { user_id, job_id: None, medium, at: now };
    let made: Vec<_> = texts.iter().zip(ids).map(|(text, id)| occasion.print(text.code.clone(), Some(id))).collect();
    let printer = app.printer.clone();
    let printed = tokio::task::spawn_blocking(move || match format {
        RollFormat::Pdf => press::pdf(&printer, &form, &setup, &texts, language.as_str(), now),
        RollFormat::Zpl => press::commands(&printer, &form, &setup, &texts, Tongue::Zpl),
        RollFormat::Tspl => press::commands(&printer, &form, &setup, &texts, Tongue::Tspl),
    });
    let bytes = printed.await.map_err(Error::internal)??;
    app.db.write(move |conn| prints::record(conn, &made)).await?;
    Ok(bytes)
}
