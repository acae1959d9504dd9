//! A QR code on a page, with the sign that some standards want in its middle.

use std::sync::Arc;

use super::font::{Fonts, Weight};
use super::page::{Color, MM, Mark, Page, Rect};
use super::qr::Symbol;

/// How wide the white circle is, as a share of the code's side: 17 modules of the smallest code that has one.
const CIRCLE: usize = 3;
/// How large the sign is within its circle.
const SIGN: f32 = 0.8;
/// How high capitals are, as a share of the letters' size.
const CAPITAL: f32 = 0.714;

/// A code in a square, white edge included.
pub fn marks(symbol: Arc<Symbol>, rect: Rect, sign: Option<&str>, fonts: &Fonts) -> Vec<Mark> {
    let modules = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
    let module = rect.w / modules(symbol.full_side());
    // An odd number of modules, as the code itself has.
    let across = module * modules((symbol.side * CIRCLE / 10) | 1);
    let mut marks = vec![Mark::Qr { rect, symbol }];
    let Some(sign) = sign else { return marks };
    let (x, y) = (rect.x + rect.w / 2.0, rect.y + rect.h / 2.0);
    // A stroke of no length with round ends is a circle.
    marks.push(Mark::Strokes {
        strokes: vec![vec![(x, y), (x + 0.01, y)]],
        width: across,
        color: Color(255, 255, 255),
    });
    let (size, face) = (across * SIGN, fonts.face(Weight::Bold));
    let text = face.showable(sign);
    let from = x - face.text_width(&text, size) / 2.0;
    marks.push(Mark::Text {
        x: from,
        y: y + size * CAPITAL / 2.0,
        weight: Weight::Bold,
        size,
        color: Color::BLACK,
        text,
    });
    marks
}

/// A code alone on a page of its own.
pub fn page(symbol: Arc<Symbol>, size_mm: usize, sign: Option<&str>, fonts: &Fonts) -> Page {
    let side = f32::from(u16::try_from(size_mm).unwrap_or(u16::MAX)) * MM;
    let rect = Rect { x: 0.0, y: 0.0, w: side, h: side };
    Page { width: side, height: side, marks: marks(symbol, rect, sign, fonts) }
}
