//! Labels on sheets of paper, from any place of the first one on.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};

use super::text;
use crate::assets::AssetId;
use crate::error::{Error, Flaw};
use crate::http::Call;
use crate::http::call::Answer;
use crate::print::form::Kind;
use crate::print::label::{self, Medium};
use crate::print::page::Document;
use crate::words::Language;
use crate::words::text::Line;

/// Labels in one request.
const MOST_LABELS: usize = 2_000;

/// The sheet labels are printed on.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetName {
    /// Who sells it.
    pub brand: Line<100>,
    /// Under which number.
    pub part: Line<100>,
}

/// How far a printer is off, in millimetres.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// To the right.
    #[schema(minimum = -20, maximum = 20)]
    #[serde(default, deserialize_with = "off")]
    pub x: f32,
    /// Down.
    #[schema(minimum = -20, maximum = 20)]
    #[serde(default, deserialize_with = "off")]
    pub y: f32,
}

fn off<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    let number = f32::deserialize(deserializer)?;
    if (-20.0..=20.0).contains(&number) {
        Ok(number)
    } else {
        Err(serde::de::Error::custom("!out_of_range min=-20 max=20"))
    }
}

/// Labels to print on sheets.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabelSheet {
    /// For these devices, in this order.
    #[schema(min_items = 1, max_items = 2000)]
    pub asset_ids: Vec<AssetId>,
    /// On this sheet.
    pub sheet: SheetName,
    /// From this label of the first sheet on; 1 is the first.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub start_at: Option<u16>,
    /// How far the printer is off.
    #[serde(default)]
    pub offset_mm: Option<Offset>,
    /// In this language; the provider's when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// Prints labels on sheets.
///
/// # Errors
/// `validation_failed` for devices that are not there or a sheet nobody knows; `label_too_small`; `form_invalid`.
pub async fn print(call: Call, new: NewLabelSheet) -> Answer {
    if new.asset_ids.is_empty() {
        return Err(Error::field("/asset_ids", Flaw::Required));
    }
    if new.asset_ids.len() > MOST_LABELS {
        return Err(Error::field_with("/asset_ids", Flaw::TooMany, [("max", MOST_LABELS.to_string())]));
    }
    let sheet =
        label::sheet(&new.sheet.brand, &new.sheet.part).ok_or_else(|| Error::field("/sheet", Flaw::UnknownSheet))?;
    let start_at = usize::from(new.start_at.unwrap_or(1));
    if start_at < 1 || start_at > sheet.count() {
        let bounds = [("min", "1".to_owned()), ("max", sheet.count().to_string())];
        return Err(Error::field_with("/start_at", Flaw::OutOfRange, bounds));
    }
    let (app, actor) = (call.app.clone(), call.actor);
    let public_url = app.config.public_url.clone();
    let (ids, asked) = (new.asset_ids, new.language);
    let (texts, language) = app.db.report(move |conn| text::of(conn, &actor, &public_url, &ids, asked)).await?;
    let form = app.printer.form(Kind::Label, language)?;
    let offset = new.offset_mm.unwrap_or_default();
    let (printer, now) = (app.printer.clone(), app.clock.now());
    let printed = tokio::task::spawn_blocking(move || {
        // What an office printer resolves at least; a whole number of these dots is one of finer ones as well.
        let medium = Medium { width_mm: sheet.w, height_mm: sheet.h, dpi: 300 };
        let mut pages = Vec::with_capacity(texts.len());
        for text in &texts {
            let (Document { pages: labels, .. }, _) = label::set(&printer, &form, medium, text)?;
            pages.extend(labels);
        }
        label::sheets(&printer, sheet, pages, start_at, (offset.x, offset.y), now)
    });
    let bytes = printed.await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/pdf")).body(bytes))
}
