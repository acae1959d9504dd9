//! Labels on a roll: a page each, or commands for a label printer.

use serde::{Deserialize, Serialize};

use super::media::RollChoice;
use super::one::Format;
use super::printers::PrinterId;
use super::setup::{Wanted, on_a_roll};
use super::{Offset, many};
use crate::assets::AssetId;
use crate::db::DbConnection;
use crate::error::Error;
use crate::http::Call;
use crate::print::press::Tongue;
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
    /// For these devices, in this order. Of commands fewer where labels are large and finely printed: one answer holds 700
    /// million dots.
    #[schema(min_items = 1, max_items = 2000)]
    pub asset_ids: Vec<AssetId>,
    /// On this roll.
    pub roll: RollChoice,
    /// In this form.
    pub format: RollFormat,
    /// Dots an inch; left out, those of the printer, or else 203.
    #[serde(default, deserialize_with = "super::bounds::dpi")]
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
    /// In this language; left out, that of the first device's company, else the provider's.
    #[serde(default)]
    pub language: Option<Language>,
}

/// Prints labels on a roll.
///
/// # Errors
/// `validation_failed` for devices that are not there, a roll that cannot be, or more commands than one answer holds;
/// `label_too_small`; `form_invalid`.
pub async fn print(call: Call, new: NewLabelRoll) -> Result<Vec<u8>, Error> {
    let NewLabelRoll { asset_ids, roll, format, dpi, printer_id, offset_mm, level, language } = new;
    let wanted = Wanted { printer_id, offset_mm, level };
    let setup = move |conn: &mut DbConnection| on_a_roll(conn, &roll, "/roll", dpi, wanted);
    many::print(call, asset_ids, language, format.format(), setup).await
}
