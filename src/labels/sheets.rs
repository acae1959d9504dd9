//! Labels on sheets of paper, from any place of the first one on.

use serde::{Deserialize, Serialize};

use super::media::SheetChoice;
use super::one::Format;
use super::printers::PrinterId;
use super::setup::{Wanted, on_sheets};
use super::{Offset, many};
use crate::assets::AssetId;
use crate::db::DbConnection;
use crate::error::Error;
use crate::http::Call;
use crate::print::qr::Level;
use crate::words::Language;

/// Labels to print on sheets.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabelSheet {
    /// For these devices, in this order.
    #[schema(min_items = 1, max_items = 2000)]
    pub asset_ids: Vec<AssetId>,
    /// On this sheet.
    pub sheet: SheetChoice,
    /// From this label of the first sheet on; 1 is the first.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000)]
    pub start_at: Option<u16>,
    /// The printer whose offset counts.
    #[serde(default)]
    pub printer_id: Option<PrinterId>,
    /// How far the printer is off, whatever is known of it.
    #[serde(default)]
    pub offset_mm: Option<Offset>,
    /// How much of a code may be lost: a sixth (M), a quarter (Q), a third (H); left out, Q where there is room for it.
    #[serde(default)]
    pub level: Option<Level>,
    /// In this language; left out, that of the first device's company, else the provider's.
    #[serde(default)]
    pub language: Option<Language>,
}

/// Prints labels on sheets.
///
/// # Errors
/// `validation_failed` for devices that are not there or a sheet that cannot be; `label_too_small`; `form_invalid`.
pub async fn print(call: Call, new: NewLabelSheet) -> Result<Vec<u8>, Error> {
    let NewLabelSheet { asset_ids, sheet, start_at, printer_id, offset_mm, level, language } = new;
    let wanted = Wanted { printer_id, offset_mm, level };
    let setup = move |conn: &mut DbConnection| on_sheets(conn, &sheet, "/sheet", start_at, wanted);
    many::print(call, asset_ids, language, Format::Pdf, setup).await
}
