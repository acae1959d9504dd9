//! A page as SVG: letters as outlines, so that it looks the same where the font is not installed; codes as one path.

use std::fmt::Write;

use ttf_parser::OutlineBuilder;

use super::font::{Face, Fonts};
use super::page::{Color, MM, Mark, Page};
use super::qr::{QUIET, Symbol};

/// Draws a page.
pub fn write(page: &Page, title: &str, fonts: &Fonts) -> String {
    let (w, h) = (page.width, page.height);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{:.3}mm" height="{:.3}mm" viewBox="0 0 {w:.3} {h:.3}"><title>{}</title><rect width="{w:.3}" height="{h:.3}" fill="white"/>"#,
        w / MM,
        h / MM,
        escaped(title)
    );
    for mark in &page.marks {
        draw(&mut svg, mark, fonts);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Draws a code alone, to be shown on a screen at any size.
pub fn code(symbol: &Symbol, title: &str) -> String {
    let side = symbol.full_side();
    let mut path = String::new();
    for (x, y, length) in symbol.runs() {
        // Writing into a String does not fail.
        let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
    }
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><title>{}</title><rect width="{side}" height="{side}" fill="white"/><path d="{path}"/></svg>"#,
        escaped(title)
    )
}

fn draw(svg: &mut String, mark: &Mark, fonts: &Fonts) {
    // Writing into a String does not fail.
    let _ = match mark {
        Mark::Text { x, y, weight, size, color, text } => {
            let face = fonts.face(*weight);
            write!(
                svg,
                r#"<path aria-label="{}" fill="{}" d="{}"/>"#,
                escaped(text),
                hex(*color),
                outlines(face, text, *x, *y, *size)
            )
        }
        Mark::Line { from, to, width, color } => write!(
            svg,
            r#"<path d="M{:.3} {:.3}L{:.3} {:.3}" stroke="{}" stroke-width="{width:.3}"/>"#,
            from.0,
            from.1,
            to.0,
            to.1,
            hex(*color)
        ),
        Mark::Fill { rect, color } => write!(
            svg,
            r#"<rect x="{:.3}" y="{:.3}" width="{:.3}" height="{:.3}" fill="{}"/>"#,
            rect.x,
            rect.y,
            rect.w,
            rect.h,
            hex(*color)
        ),
        Mark::Qr { rect, symbol } => {
            let side = u16::try_from(symbol.full_side()).unwrap_or(u16::MAX);
            let module = rect.w / f32::from(side);
            let mut path = String::new();
            for (x, y, length) in symbol.runs() {
                let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
            write!(
                svg,
                r#"<path transform="translate({:.3} {:.3}) scale({module:.5})" shape-rendering="crispEdges" d="{path}"/>"#,
                rect.x, rect.y
            )
        }
        Mark::Strokes { strokes, width, color } => {
            let mut path = String::new();
            for stroke in strokes {
                for (index, (x, y)) in stroke.iter().enumerate() {
                    let _ = write!(path, "{}{x:.2} {y:.2}", if index == 0 { 'M' } else { 'L' });
                }
            }
            write!(
                svg,
                r#"<path d="{path}" fill="none" stroke="{}" stroke-width="{width:.2}" stroke-linecap="round" stroke-linejoin="round"/>"#,
                hex(*color)
            )
        }
        Mark::Picture { rect, picture } => {
            use base64::Engine;
            let mut png = std::io::Cursor::new(Vec::new());
            let packed = picture.pixels.write_to(&mut png, image::ImageFormat::Png).is_ok();
            let data =
                if packed { base64::engine::general_purpose::STANDARD.encode(png.into_inner()) } else { String::new() };
            write!(
                svg,
                r#"<image x="{:.3}" y="{:.3}" width="{:.3}" height="{:.3}" href="data:image/png;base64,{data}"/>"#,
                rect.x, rect.y, rect.w, rect.h
            )
        }
        Mark::Signature(_) => Ok(()),
    };
}

fn hex(Color(r, g, b): Color) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn outlines(face: &Face, text: &str, x: f32, y: f32, size: f32) -> String {
    let scale = size / f32::from(face.units);
    let mut pen = Pen { path: String::new(), x, y, scale };
    for letter in text.chars() {
        if let Some((glyph, advance)) = face.glyph(letter) {
            face.outline(glyph, &mut pen);
            pen.x += f32::from(advance) * scale;
        }
    }
    pen.path
}

struct Pen {
    path: String,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen {
    fn put(&mut self, command: char, points: &[(f32, f32)]) {
        self.path.push(command);
        for (index, (x, y)) in points.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            let _ = write!(self.path, "{separator}{:.2} {:.2}", self.x + x * self.scale, self.y - y * self.scale);
        }
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.put('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.put('L', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.put('Q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.put('C', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.path.push('Z');
    }
}
