//! Labels of assets: one in any form a printer takes, or many on sheets.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};

use super::code::{self, AssetCode};
use super::{Asset, AssetId, queries};
use crate::auth::Actor;
use crate::companies::company;
use crate::db::DbConnection;
use crate::error::{Error, Flaw};
use crate::files::picture;
use crate::http::Call;
use crate::http::call::Answer;
use crate::print::form::Kind;
use crate::print::label::{self, LabelAsset, LabelText, Medium};
use crate::print::page::Document;
use crate::print::raster;
use crate::print::{pdf, svg, zpl};
use crate::provider;
use crate::words::Language;
use crate::words::text::Line;

/// Labels in one request.
const MOST_LABELS: usize = 2_000;

/// How large a label is, and what prints it. The largest at its finest is drawn in ninety megabytes.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LabelQuery {
    /// Its width in millimetres.
    #[param(minimum = 10, maximum = 200, default = 58)]
    #[serde(default = "usual_width", deserialize_with = "millimetres")]
    pub width_mm: f32,
    /// Its height in millimetres.
    #[param(minimum = 10, maximum = 200, default = 40)]
    #[serde(default = "usual_height", deserialize_with = "millimetres")]
    pub height_mm: f32,
    /// Dots an inch of the printer.
    #[param(minimum = 100, maximum = 600, default = 203)]
    #[serde(default = "usual_dpi", deserialize_with = "dots")]
    pub dpi: u16,
}

const fn usual_width() -> f32 {
    58.0
}

const fn usual_height() -> f32 {
    40.0
}

const fn usual_dpi() -> u16 {
    203
}

fn millimetres<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    let number = String::deserialize(deserializer)?.parse().ok().filter(|number: &f32| (10.0..=200.0).contains(number));
    number.ok_or_else(|| serde::de::Error::custom("!out_of_range min=10 max=200"))
}

fn dots<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let number = String::deserialize(deserializer)?.parse().ok().filter(|number: &u16| (100..=600).contains(number));
    number.ok_or_else(|| serde::de::Error::custom("!out_of_range min=100 max=600"))
}

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

/// In which form a label is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Vectors for screens.
    Svg,
    /// Vectors for printers.
    Pdf,
    /// A thermal printer's language.
    Zpl,
}

/// What labels say about their owner, and in which language.
struct Owner {
    name: Option<String>,
    phone: Option<String>,
    language: Language,
}

/// Prints one label.
///
/// # Errors
/// `not_found`; `label_too_small` when no phone could read the code; `form_invalid`.
pub async fn print(call: Call, id: AssetId, wanted: LabelQuery, format: Format) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let public_url = app.config.public_url.clone();
    let (mut texts, language) = app.db.read(move |conn| texts(conn, &actor, &public_url, &[id], None)).await?;
    let text = texts.pop().ok_or_else(|| Error::internal("a label without text"))?;
    let form = app.printer.form(Kind::Label, language)?;
    let medium = Medium { width_mm: wanted.width_mm, height_mm: wanted.height_mm, dpi: wanted.dpi };
    let (printer, now) = (app.printer.clone(), app.clock.now());
    let printed = tokio::task::spawn_blocking(move || {
        let _turn = picture::turn();
        let (document, level) = label::set(&printer, &form, medium, &text)?;
        let page = document.pages.first().ok_or_else(|| Error::internal("a label without a page"))?;
        let fonts = printer.fonts();
        Ok::<(&str, Vec<u8>), Error>(match format {
            Format::Pdf => ("application/pdf", pdf::write(&document, fonts, now)?),
            Format::Svg => ("image/svg+xml", svg::write(page, &document.title, fonts).into_bytes()),
            Format::Png => {
                let (pixels, _) = raster::draw(page, medium.dpi, fonts, true)?;
                ("image/png", raster::png(&pixels, medium.dpi)?)
            }
            Format::Zpl => {
                let (pixels, places) = raster::draw(page, medium.dpi, fonts, false)?;
                let own = places.first().filter(|place| place.module <= zpl::LARGEST_MODULE);
                let code = own.map(|place| zpl::Code { data: &text.url, level, place: *place });
                // A code that the printer cannot draw so large itself is part of the picture.
                let pixels = if code.is_some() { pixels } else { raster::draw(page, medium.dpi, fonts, true)?.0 };
                ("text/plain; charset=utf-8", zpl::write(&pixels, code.as_ref(), 1).into_bytes())
            }
        })
    });
    let (kind, bytes) = printed.await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, kind)).body(bytes))
}

/// Prints labels on sheets.
///
/// # Errors
/// `validation_failed` for devices that are not there or a sheet nobody knows; `label_too_small`; `form_invalid`.
pub async fn print_sheets(call: Call, new: NewLabelSheet) -> Answer {
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
    let (texts, language) = app.db.report(move |conn| texts(conn, &actor, &public_url, &ids, asked)).await?;
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

/// What the labels of some devices say, in the order asked for.
fn texts(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    ids: &[AssetId],
    language: Option<Language>,
) -> Result<(Vec<LabelText>, Language), Error> {
    let codes: BTreeMap<AssetId, AssetCode> = code::active(conn, ids)?.into_iter().collect();
    let assets = queries::load_all(conn, ids)?;
    let ours = provider::known(conn)?;
    let mut found = Vec::with_capacity(ids.len());
    let mut owner: Option<Owner> = None;
    for (index, id) in ids.iter().enumerate() {
        let asset = assets.get(id).filter(|asset| queries::sees(actor, asset)).cloned();
        let asset = asset.ok_or_else(|| missing(ids, index))?;
        let code = codes.get(id).copied().ok_or_else(|| missing(ids, index))?;
        if owner.is_none() {
            let spoken = company::load(conn, asset.company_id)?.and_then(|company| company.language);
            owner = Some(Owner {
                name: ours.as_ref().map(|ours| ours.legal_name.clone()),
                phone: ours.as_ref().and_then(|ours| ours.phone.clone()),
                language: language
                    .or(spoken)
                    .or_else(|| ours.as_ref().map(|ours| ours.language))
                    .unwrap_or(actor.language()),
            });
        }
        found.push((asset, code));
    }
    let owner = owner.unwrap_or(Owner { name: None, phone: None, language: actor.language() });
    let texts = found.into_iter().map(|(asset, code)| text(asset, code, &owner, public_url)).collect();
    Ok((texts, owner.language))
}

/// One label is an address of its own; of many, the one to blame is named.
fn missing(ids: &[AssetId], index: usize) -> Error {
    if ids.len() == 1 {
        crate::error::Code::NotFound.into()
    } else {
        Error::field(format!("/asset_ids/{index}"), Flaw::UnknownReference)
    }
}

fn text(asset: Asset, code: AssetCode, owner: &Owner, public_url: &str) -> LabelText {
    LabelText {
        url: code.label_url(public_url),
        code: code.to_string(),
        asset: LabelAsset {
            name: asset.name,
            manufacturer: asset.manufacturer,
            model: asset.model,
            serial_number: asset.serial_number,
            inventory_number: asset.inventory_number,
        },
        owner: owner.name.clone(),
        phone: owner.phone.clone(),
    }
}
