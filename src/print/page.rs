//! Pages: what is drawn where, whoever draws it. Points, from the top left corner.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::font::Weight;
use super::qr::Symbol;

/// Points in a millimetre.
pub const MM: f32 = 72.0 / 25.4;

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);

    /// Reads `#1a2b3c`.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii())?;
        let part = |range| u8::from_str_radix(hex.get(range)?, 16).ok();
        Some(Self(part(0..2)?, part(2..4)?, part(4..6)?))
    }
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// From the left edge.
    pub x: f32,
    /// From the top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

/// Something drawn.
#[derive(Debug, Clone)]
pub enum Mark {
    /// A run of text; `y` is its baseline.
    Text {
        /// Where it begins.
        x: f32,
        /// The baseline.
        y: f32,
        /// Which face.
        weight: Weight,
        /// Points.
        size: f32,
        /// Colour.
        color: Color,
        /// What it says; only letters the face has.
        text: String,
    },
    /// A straight line.
    Line {
        /// From here.
        from: (f32, f32),
        /// To here.
        to: (f32, f32),
        /// Thickness.
        width: f32,
        /// Colour.
        color: Color,
    },
    /// A filled rectangle.
    Fill {
        /// Where.
        rect: Rect,
        /// Colour.
        color: Color,
    },
    /// A picture.
    Picture {
        /// Where.
        rect: Rect,
        /// What.
        picture: Arc<Picture>,
    },
    /// A QR code with its quiet zone.
    Qr {
        /// Where, quiet zone included.
        rect: Rect,
        /// What.
        symbol: Arc<Symbol>,
    },
    /// Lines drawn by hand.
    Strokes {
        /// Each stroke's points.
        strokes: Vec<Vec<(f32, f32)>>,
        /// Thickness.
        width: f32,
        /// Colour.
        color: Color,
    },
    /// Where a party signs. Nothing is drawn; the place is remembered.
    Signature(SignatureBox),
}

/// Where a party signs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignatureBox {
    /// Who: `provider` or `client`.
    pub party: String,
    /// On which page, from 0.
    pub page: usize,
    /// Where.
    pub rect: Rect,
}

/// A picture, unpacked.
#[derive(Debug)]
pub struct Picture {
    /// Its name among the forms.
    pub name: String,
    /// Its pixels.
    pub pixels: image::RgbaImage,
}

impl Picture {
    /// Its pixels as three bytes each. Paper is white: what is transparent is mixed with it, and no viewer has to.
    pub fn on_paper(&self) -> Vec<u8> {
        let mixed = |pixel: &image::Rgba<u8>| {
            let [red, green, blue, alpha] = pixel.0;
            [red, green, blue].map(|part| {
                let (part, alpha) = (u32::from(part), u32::from(alpha));
                u8::try_from((part * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255)
            })
        };
        self.pixels.pixels().flat_map(mixed).collect()
    }
}

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// What is drawn, in order.
    pub marks: Vec<Mark>,
}

/// A document.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is called.
    pub title: String,
    /// Its language, for readers of screens.
    pub language: String,
    /// The code it is known by, if it has one: programs find it in the file without drawing a page.
    pub code: Option<String>,
    /// Its pages.
    pub pages: Vec<Page>,
}

impl Document {
    /// Where people sign.
    pub fn signatures(&self) -> Vec<SignatureBox> {
        let on = |(index, page): (usize, &Page)| {
            let boxes = page.marks.iter().filter_map(move |mark| match mark {
                Mark::Signature(place) => Some(SignatureBox { page: index, ..place.clone() }),
                _ => None,
            });
            boxes.collect::<Vec<_>>()
        };
        self.pages.iter().enumerate().flat_map(on).collect()
    }
}

impl Mark {
    /// The same, moved.
    #[must_use]
    pub fn moved(mut self, dx: f32, dy: f32) -> Self {
        match &mut self {
            Self::Text { x, y, .. } => {
                *x += dx;
                *y += dy;
            }
            Self::Line { from, to, .. } => {
                for point in [from, to] {
                    point.0 += dx;
                    point.1 += dy;
                }
            }
            Self::Strokes { strokes, .. } => {
                for (x, y) in strokes.iter_mut().flatten() {
                    *x += dx;
                    *y += dy;
                }
            }
            Self::Fill { rect, .. }
            | Self::Picture { rect, .. }
            | Self::Qr { rect, .. }
            | Self::Signature(SignatureBox { rect, .. }) => {
                rect.x += dx;
                rect.y += dy;
            }
        }
        self
    }
}
