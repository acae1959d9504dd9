//! One label, in any form a printer or a screen takes.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;

use super::{LabelQuery, text};
use crate::assets::AssetId;
use crate::error::Error;
use crate::files::picture;
use crate::http::Call;
use crate::http::call::Answer;
use crate::print::form::Kind;
use crate::print::label::{self, Medium};
use crate::print::{pdf, raster, svg, zpl};

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

/// Prints one label.
///
/// # Errors
/// `not_found`; `label_too_small` when no phone could read the code; `form_invalid`.
pub async fn print(call: Call, id: AssetId, wanted: LabelQuery, format: Format) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let public_url = app.config.public_url.clone();
    let (mut texts, language) = app.db.read(move |conn| text::of(conn, &actor, &public_url, &[id], None)).await?;
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
