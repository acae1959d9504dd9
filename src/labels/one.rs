//! One label, in any form a printer or a screen takes.

use super::LabelQuery;
use super::media::RollChoice;
use super::prints::Occasion;
use super::setup::{Wanted, on_a_roll};
use super::text::{self, Worded};
use crate::assets::AssetId;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::files::picture;
use crate::http::Call;
use crate::print::form::Kind;
use crate::print::press::{self, Media, Setup, Tongue};
use crate::print::{Printer, form, label, raster, svg};

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

    /// On what it is printed, as a device's life names it. Sheets are PDF, whoever prints them.
    pub fn medium(self, setup: &Setup) -> String {
        match setup.media {
            Media::Sheet { .. } => setup.title(),
            Media::Roll { .. } => format!("{}, {}", setup.title(), self.name()),
        }
    }
}

/// Prints one label.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a printer that cannot be; `label_too_small` when no phone could read the code;
/// `form_invalid`.
pub async fn print(call: Call, id: AssetId, wanted: LabelQuery, format: Format) -> Result<Vec<u8>, Error> {
    let (app, actor, now) = (call.app.clone(), call.actor, call.app.clock.now());
    let (public_url, user_id) = (app.config.public_url.clone(), actor.id());
    let read = move |conn: &mut _| {
        let LabelQuery { width_mm, height_mm, dpi, level, printer_id } = wanted;
        let roll = RollChoice { preset: None, width_mm: Some(width_mm), height_mm: Some(height_mm) };
        let wanted = Wanted { printer_id, offset_mm: None, level };
        let setup = on_a_roll(conn, &roll, "", dpi, wanted).map_err(of_a_parameter)?;
        Ok((setup, text::of(conn, &actor, &public_url, &[id], None)?))
    };
    let (setup, worded) = app.db.read(read).await?;
    let code = *worded.codes.first().ok_or_else(|| Error::internal("a label without a code"))?;
    let form = app.printer.form(Kind::Label, worded.language)?;
    let medium = format.medium(&setup);
    let print = Occasion { user_id, job_id: None, medium, at: now }.print(code, Some(id));
    let printer = app.printer.clone();
    let printed = tokio::task::spawn_blocking(move || drawn(&printer, &form, &setup, &worded, format, now));
    let bytes = printed.await.map_err(Error::internal)??;
    app.prints.note(print);
    app.wrote();
    Ok(bytes)
}

/// What a body would be blamed for, when it stands in an address.
fn of_a_parameter(error: Error) -> Error {
    match error {
        Error::Refused(mut refusal) if refusal.code == Code::ValidationFailed => {
            refusal.code = Code::InvalidParameter;
            for field in &mut refusal.fields {
                field.pointer = field.pointer.trim_start_matches('/').to_owned();
            }
            Error::Refused(refusal)
        }
        other => other,
    }
}

/// Labels as bytes. A picture shows the first of them.
///
/// # Errors
/// `label_too_small`, `form_invalid`.
pub fn drawn(
    printer: &Printer,
    form: &form::Form,
    setup: &Setup,
    worded: &Worded,
    format: Format,
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let fonts = printer.fonts();
    let Worded { texts, language, .. } = worded;
    match format {
        Format::Pdf => press::pdf(printer, form, setup, texts, language.as_str(), now),
        Format::Commands(tongue) => press::commands(printer, form, setup, texts, tongue),
        Format::Png | Format::Svg => {
            let text = texts.first().ok_or_else(|| Error::internal("a label without text"))?;
            let (document, _) = label::set(fonts, &form.ready()?, setup.medium(), text)?;
            let page = document.pages.first().ok_or_else(|| Error::internal("a label without a page"))?;
            if format == Format::Svg {
                return Ok(svg::write(page, &document.title, fonts).into_bytes());
            }
            let dpi = setup.medium().dpi;
            let _turn = picture::turn();
            raster::png(&raster::draw(page, dpi, fonts, true)?.0, dpi)
        }
    }
}
