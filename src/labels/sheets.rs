//! Labels on sheets of paper, from any place of the first one on.

use serde::{Deserialize, Serialize};

use super::media::SheetChoice;
use super::printers::PrinterId;
use super::prints::{self, Occasion};
use super::setup::{Wanted, on_sheets};
use super::{Offset, text};
use crate::assets::AssetId;
use crate::error::{Error, Flaw};
use crate::http::Call;
use crate::print::form::Kind;
use crate::print::press;
use crate::print::qr::Level;
use crate::words::Language;

/// Labels in one request. More are a job.
pub const MOST_LABELS: usize = 2_000;

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
    /// In this language; the provider's when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// Prints labels on sheets.
///
/// # Errors
/// `validation_failed` for devices that are not there or a sheet that cannot be; `label_too_small`; `form_invalid`.
pub async fn print(call: Call, new: NewLabelSheet) -> Result<Vec<u8>, Error> {
    some_labels(&new.asset_ids)?;
    let (app, actor, now) = (call.app.clone(), call.actor, call.app.clock.now());
    let (public_url, user_id) = (app.config.public_url.clone(), actor.id());
    let ids = new.asset_ids.clone();
    let read = move |conn: &mut _| {
        let wanted = Wanted { printer_id: new.printer_id, offset_mm: new.offset_mm, level: new.level };
        let setup = on_sheets(conn, &new.sheet, "/sheet", new.start_at, wanted)?;
        Ok((setup, text::of(conn, &actor, &public_url, &new.asset_ids, new.language)?))
    };
    let (setup, (texts, language)) = app.db.report(read).await?;
    let form = app.printer.form(Kind::Label, language)?;
    let occasion = Occasion { user_id, job_id: None, medium: setup.title(), at: now };
    let made: Vec<_> = texts.iter().zip(ids).map(|(text, id)| occasion.print(text.code.clone(), Some(id))).collect();
    let printer = app.printer.clone();
    let printed =
        tokio::task::spawn_blocking(move || press::pdf(&printer, &form, &setup, &texts, language.as_str(), now));
    let bytes = printed.await.map_err(Error::internal)??;
    app.db.write(move |conn| prints::record(conn, &made)).await?;
    Ok(bytes)
}

/// Refuses none and too many.
///
/// # Errors
/// `validation_failed`
pub fn some_labels(ids: &[AssetId]) -> Result<(), Error> {
    if ids.is_empty() {
        return Err(Error::field("/asset_ids", Flaw::Required));
    }
    if ids.len() > MOST_LABELS {
        return Err(Error::field_with("/asset_ids", Flaw::TooMany, [("max", MOST_LABELS.to_string())]));
    }
    Ok(())
}
