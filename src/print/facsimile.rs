//! The pages of a finished PDF as pictures: what somebody sees who cannot open a PDF is drawn from the very bytes.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use crate::db::types::Sha256;
use crate::error::{Code, Error};
use crate::files::picture;

/// Pixels to a point: an A4 page is 1190 wide, which a phone shows sharply at more than its full width.
const SCALE: f32 = 2.0;
/// Pixels of the longer side of a page at the most.
const LONGEST: f32 = 4_000.0;
/// Pages that are remembered.
const REMEMBERED: usize = 64;

/// How large each page is, in points: width, height.
///
/// # Errors
/// When it is no PDF.
pub fn sizes(pdf: &[u8]) -> Result<Vec<(f32, f32)>, Error> {
    Ok(read(pdf)?.pages().iter().map(hayro::hayro_syntax::page::Page::render_dimensions).collect())
}

/// A page as PNG, in grey. `index` is from 0. Work for a thread of its own.
///
/// # Errors
/// `not_found` when there is no such page.
pub fn page(pdf: &[u8], index: usize) -> Result<Vec<u8>, Error> {
    let pdf = read(pdf)?;
    let page = pdf.pages().get(index).ok_or(Code::NotFound)?;
    let (width, height) = page.render_dimensions();
    let scale = SCALE.min(LONGEST / width.max(height).max(1.0));
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let _turn = picture::turn();
    let cache = RenderCache::new();
    let drawn = render(page, &cache, &InterpreterSettings::default(), &RenderSettings::default(), &settings);
    // On white everything is opaque: the green of a pixel is its brightness, as on any printer.
    let grey: Vec<u8> =
        drawn.data_as_u8_slice().chunks_exact(4).map(|pixel| pixel.get(1).copied().unwrap_or(u8::MAX)).collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, drawn.width().into(), drawn.height().into());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(Error::internal)?;
    writer.write_image_data(&grey).map_err(Error::internal)?;
    writer.finish().map_err(Error::internal)?;
    Ok(out)
}

fn read(pdf: &[u8]) -> Result<Pdf, Error> {
    Pdf::new(pdf.to_vec()).map_err(|error| Error::internal(format!("a PDF that cannot be read: {error:?}")))
}

/// Pages that were drawn lately, by their document: the same bytes are the same pictures.
#[derive(Default)]
pub struct Facsimiles(Mutex<VecDeque<((Sha256, usize), Bytes)>>);

impl Facsimiles {
    /// A page that was drawn lately.
    pub fn find(&self, document: Sha256, index: usize) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(of, _)| *of == (document, index)).map(|(_, bytes)| bytes.clone())
    }

    /// Keeps a page in mind.
    pub fn keep(&self, document: Sha256, index: usize, bytes: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(REMEMBERED - 1);
        kept.push_front(((document, index), bytes));
    }
}
