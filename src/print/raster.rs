//! A page as pixels, at a printer's resolution. The modules of codes are whole pixels.

use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, PremultipliedColorU8, Rect as SkiaRect, Stroke, Transform,
};
use ttf_parser::OutlineBuilder;

use super::font::Fonts;
use super::page::{Color, Mark, Page, Rect};
use super::qr::{QUIET, Symbol};
use crate::error::Error;

/// Where a code stands in the pixels: left, top, pixels a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePlace {
    /// From the left, of the first module.
    pub x: u32,
    /// From the top, of the first module.
    pub y: u32,
    /// Pixels a module.
    pub module: u32,
}

impl CodePlace {
    /// The place so many dots further to the right and down. Nothing when it would leave the label there.
    pub fn moved(self, (dx, dy): (i32, i32)) -> Option<Self> {
        Some(Self { x: self.x.checked_add_signed(dx)?, y: self.y.checked_add_signed(dy)?, module: self.module })
    }
}

/// Draws a page at so many dots an inch, with or without its codes; says where they stand.
///
/// # Errors
/// When the page has no pixels.
pub fn draw(page: &Page, dpi: u16, fonts: &Fonts, with_codes: bool) -> Result<(Pixmap, Vec<CodePlace>), Error> {
    let scale = f32::from(dpi) / 72.0;
    let mut pixels = Pixmap::new(pixels(page.width * scale), pixels(page.height * scale))
        .ok_or_else(|| Error::internal("a page without pixels"))?;
    pixels.fill(tiny_skia::Color::WHITE);
    let mut places = Vec::new();
    for mark in &page.marks {
        match mark {
            Mark::Qr { rect, symbol } => {
                let place = place(*rect, symbol, scale);
                if with_codes {
                    stamp(&mut pixels, symbol, place);
                }
                places.push(place);
            }
            other => ink(&mut pixels, other, scale, fonts),
        }
    }
    Ok((pixels, places))
}

/// Whole pixels of a length.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what a u32 holds"
)]
pub fn pixels(length: f32) -> u32 {
    length.round().clamp(0.0, 30_000.0) as u32
}

/// Whole pixels for a module, never more than there is room for; the code in the middle of its place.
fn place(rect: Rect, symbol: &Symbol, scale: f32) -> CodePlace {
    let full = u32::try_from(symbol.full_side()).unwrap_or(u32::MAX);
    let quiet = u32::try_from(QUIET).unwrap_or_default();
    let module = (pixels(rect.w * scale) / full).max(1);
    let spare = pixels(rect.w * scale).saturating_sub(module * full) / 2;
    CodePlace {
        x: pixels(rect.x * scale) + spare + quiet * module,
        y: pixels(rect.y * scale) + spare + quiet * module,
        module,
    }
}

fn stamp(pixels: &mut Pixmap, symbol: &Symbol, CodePlace { x, y, module }: CodePlace) {
    let width = pixels.width();
    let Some(black) = PremultipliedColorU8::from_rgba(0, 0, 0, 255) else { return };
    for (column, row, length) in symbol.runs() {
        let at = |index: usize| u32::try_from(index).unwrap_or(u32::MAX).saturating_mul(module);
        for dy in 0..module {
            for dx in 0..at(length) {
                let (px, py) = (x + at(column) + dx, y + at(row) + dy);
                let index = usize::try_from(py.saturating_mul(width).saturating_add(px)).unwrap_or(usize::MAX);
                if px < width
                    && let Some(pixel) = pixels.pixels_mut().get_mut(index)
                {
                    *pixel = black;
                }
            }
        }
    }
}

fn ink(pixels: &mut Pixmap, mark: &Mark, scale: f32, fonts: &Fonts) {
    let transform = Transform::from_scale(scale, scale);
    match mark {
        Mark::Text { x, y, weight, size, color, text } => {
            let face = fonts.face(*weight);
            let em = *size / f32::from(face.units);
            let mut pen = Pen { path: PathBuilder::new(), x: *x, y: *y, scale: em };
            for letter in text.chars() {
                if let Some((glyph, advance)) = face.glyph(letter) {
                    face.outline(glyph, &mut pen);
                    pen.x += f32::from(advance) * em;
                }
            }
            if let Some(path) = pen.path.finish() {
                pixels.fill_path(&path, &paint(*color), FillRule::Winding, transform, None);
            }
        }
        Mark::Line { from, to, width, color } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            stroke(pixels, path, *width, *color, transform);
        }
        Mark::Strokes { strokes, width, color } => {
            let mut path = PathBuilder::new();
            for line in strokes {
                for (index, (x, y)) in line.iter().enumerate() {
                    if index == 0 {
                        path.move_to(*x, *y);
                    } else {
                        path.line_to(*x, *y);
                    }
                }
            }
            stroke(pixels, path, *width, *color, transform);
        }
        Mark::Fill { rect, color } => {
            if let Some(rect) = SkiaRect::from_xywh(rect.x, rect.y, rect.w, rect.h) {
                pixels.fill_rect(rect, &paint(*color), transform, None);
            }
        }
        Mark::Picture { rect, picture } => {
            let (w, h) = (self::pixels(rect.w * scale).max(1), self::pixels(rect.h * scale).max(1));
            let shrunk = image::imageops::resize(&picture.pixels, w, h, image::imageops::FilterType::CatmullRom);
            let (x, y) = (self::pixels(rect.x * scale), self::pixels(rect.y * scale));
            for (px, py, pixel) in shrunk.enumerate_pixels() {
                let [r, g, b, a] = pixel.0;
                let color = tiny_skia::Color::from_rgba8(r, g, b, a);
                let spot = |at: u32| f32::from(u16::try_from(at).unwrap_or(u16::MAX));
                if let Some(dot) = SkiaRect::from_xywh(spot(x + px), spot(y + py), 1.0, 1.0) {
                    let mut paint = Paint::default();
                    paint.set_color(color);
                    pixels.fill_rect(dot, &paint, Transform::identity(), None);
                }
            }
        }
        Mark::Qr { .. } | Mark::Signature(_) => {}
    }
}

fn stroke(pixels: &mut Pixmap, path: PathBuilder, width: f32, color: Color, transform: Transform) {
    let style = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    if let Some(path) = path.finish() {
        pixels.stroke_path(&path, &paint(color), &style, transform, None);
    }
}

fn paint(Color(r, g, b): Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, 255);
    paint.anti_alias = true;
    paint
}

struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// The pixels as PNG that says its resolution.
///
/// # Errors
/// When they cannot be packed: our fault.
pub fn png(pixels: &Pixmap, dpi: u16) -> Result<Vec<u8>, Error> {
    let grey: Vec<u8> = pixels.pixels().iter().map(|pixel| pixel.green()).collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = u32::from(dpi) * 10_000 / 254;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header().map_err(Error::internal)?;
    writer.write_image_data(&grey).map_err(Error::internal)?;
    writer.finish().map_err(Error::internal)?;
    Ok(out)
}
