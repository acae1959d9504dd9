//! One label, in any form a printer or a screen takes.

use super::media::RollChoice;
use super::prints::Occasion;
use super::setup::{Wanted, on_a_roll};
use super::{LabelQuery, text};
use crate::assets::AssetId;
use crate::error::Error;
use crate::files::picture;
use crate::http::Call;
use crate::print::form::Kind;
use crate::print::label::{self, LabelText};
use crate::print::press::{self, Setup, Tongue};
use crate::print::{Printer, form, raster, svg};
use crate::words::Language;

/// In which form a label is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Vectors for screens.
    Svg,
    /// Vectors for printers.
    Pdf,
    /// A language of label printers.
    Commands(Tongue),
}

impl Format {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Svg => "SVG",
            Self::Pdf => "PDF",
            Self::Commands(Tongue::Zpl) => "ZPL",
            Self::Commands(Tongue::Tspl) => "TSPL",
        }
    }

    /// Its media type. TSPL carries pictures as bytes, so it is no text.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Pdf => "application/pdf",
            Self::Commands(Tongue::Zpl) => "text/plain; charset=utf-8",
            Self::Commands(Tongue::Tspl) => "application/octet-stream",
        }
    }
}

/// Prints one label.
///
/// # Errors
/// `not_found`; `label_too_small` when no phone could read the code; `form_invalid`.
pub async fn print(call: Call, id: AssetId, wanted: LabelQuery, format: Format) -> Result<Vec<u8>, Error> {
    let (app, actor, now) = (call.app.clone(), call.actor, call.app.clock.now());
    let (public_url, user_id) = (app.config.public_url.clone(), actor.id());
    let read = move |conn: &mut _| {
        let LabelQuery { width_mm, height_mm, dpi, level, printer_id } = wanted;
        let roll = RollChoice { preset: None, width_mm: Some(width_mm), height_mm: Some(height_mm) };
        let setup = on_a_roll(conn, &roll, "", dpi, Wanted { printer_id, offset_mm: None, level })?;
        Ok((setup, text::of(conn, &actor, &public_url, &[id], None)?))
    };
    let (setup, (mut texts, language)) = app.db.read(read).await?;
    let text = texts.pop().ok_or_else(|| Error::internal("a label without text"))?;
    let form = app.printer.form(Kind::Label, language)?;
    let medium = format!("{}, {}", setup.title(), format.name());
    let print = Occasion { user_id, job_id: None, medium, at: now }.print(text.code.clone(), Some(id));
    let printer = app.printer.clone();
    let printed = tokio::task::spawn_blocking(move || {
        let _turn = picture::turn();
        drawn(&printer, &form, &setup, text, language, format, now)
    });
    let bytes = printed.await.map_err(Error::internal)??;
    app.prints.note(print);
    app.wrote();
    Ok(bytes)
}

fn drawn(
    printer: &Printer,
    form: &form::Form,
    setup: &Setup,
    text: LabelText,
    language: Language,
    format: Format,
    now: crate::db::types::Timestamp,
) -> Result<Vec<u8>, Error> {
    let fonts = printer.fonts();
    match format {
        Format::Pdf => press::pdf(printer, form, setup, &[text], language.as_str(), now),
        Format::Commands(tongue) => press::commands(printer, form, setup, &[text], tongue),
        Format::Png | Format::Svg => {
            let (document, _) = label::set(fonts, &form.ready()?, setup.medium(), &text)?;
            let page = document.pages.first().ok_or_else(|| Error::internal("a label without a page"))?;
            if format == Format::Svg {
                return Ok(svg::write(page, &document.title, fonts).into_bytes());
            }
            let dpi = setup.medium().dpi;
            raster::png(&raster::draw(page, dpi, fonts, true)?.0, dpi)
        }
    }
}
