//! Fonts: one family with every letter of the three languages, measured without shaping.

use ttf_parser::{GlyphId, OutlineBuilder};

use crate::error::Error;

const REGULAR: &[u8] = include_bytes!("../../print-forms/fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../print-forms/fonts/NotoSans-Bold.ttf");

/// A face of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// For text.
    Regular,
    /// For what must be seen.
    Bold,
}

/// The family.
pub struct Fonts {
    regular: Face,
    bold: Face,
}

/// One face, ready to measure.
pub struct Face {
    bytes: &'static [u8],
    /// Glyphs and advances of 256 letters each: a label asks for a width some ten thousand times.
    pages: Vec<Vec<Option<(u16, u16)>>>,
    /// Units of its own in one em.
    pub units: u16,
    /// From the baseline up.
    pub ascender: i16,
    /// From the baseline down: negative.
    pub descender: i16,
    /// The box that holds every glyph: left, bottom, right, top.
    pub bounds: (i16, i16, i16, i16),
}

impl Fonts {
    /// The family that is part of the program.
    ///
    /// # Errors
    /// When it cannot be read: our fault.
    pub fn built_in() -> Result<Self, Error> {
        Ok(Self { regular: Face::read(REGULAR)?, bold: Face::read(BOLD)? })
    }

    /// A face.
    pub const fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// The page of a letter and its place there.
fn place(letter: char) -> (usize, usize) {
    let code = usize::try_from(u32::from(letter)).unwrap_or(usize::MAX);
    (code >> 8, code & 255)
}

impl Face {
    fn read(bytes: &'static [u8]) -> Result<Self, Error> {
        let face = ttf_parser::Face::parse(bytes, 0).map_err(Error::internal)?;
        let mut pages: Vec<Vec<Option<(u16, u16)>>> = Vec::new();
        for table in face
            .tables()
            .cmap
            .into_iter()
            .flat_map(|cmap| cmap.subtables)
            .filter(ttf_parser::cmap::Subtable::is_unicode)
        {
            table.codepoints(|codepoint| {
                let found =
                    char::from_u32(codepoint).and_then(|letter| Some((place(letter), face.glyph_index(letter)?)));
                if let Some(((page, index), glyph)) = found {
                    pages.resize(pages.len().max(page + 1), Vec::new());
                    if let Some(page) = pages.get_mut(page) {
                        page.resize(256, None);
                        if let Some(letter) = page.get_mut(index) {
                            *letter = Some((glyph.0, face.glyph_hor_advance(glyph).unwrap_or_default()));
                        }
                    }
                }
            });
        }
        let bounds = face.global_bounding_box();
        Ok(Self {
            bytes,
            pages,
            units: face.units_per_em(),
            ascender: face.ascender(),
            descender: face.descender(),
            bounds: (bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max),
        })
    }

    /// The whole face, for subsetting.
    pub const fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The glyph of a letter and its advance in units of the face.
    pub fn glyph(&self, letter: char) -> Option<(u16, u16)> {
        let (page, index) = place(letter);
        *self.pages.get(page)?.get(index)?
    }

    /// How wide a letter is at a size in points.
    pub fn width(&self, letter: char, size: f32) -> f32 {
        let (_, advance) = self.glyph(letter).unwrap_or_default();
        f32::from(advance) * size / f32::from(self.units)
    }

    /// How wide a text is at a size in points.
    pub fn text_width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.width(letter, size)).sum()
    }

    /// Draws the outline of a glyph.
    pub fn outline(&self, glyph: u16, pen: &mut dyn OutlineBuilder) {
        if let Ok(face) = ttf_parser::Face::parse(self.bytes, 0) {
            // A glyph without an outline, such as the space, draws nothing.
            let _ = face.outline_glyph(GlyphId(glyph), pen);
        }
    }

    /// The text as this face can show it: what it has no glyph for is written in a way that it has, or as "?", and what
    /// has no shape at all is left out.
    pub fn showable(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for letter in text.chars() {
            if self.glyph(letter).is_some() {
                shown.push(letter);
                continue;
            }
            match letter {
                '≤' => shown.push_str("<="),
                '≥' => shown.push_str(">="),
                '✓' | '✔' | '☑' => shown.push('+'),
                '→' => shown.push_str("->"),
                '\t' | '\u{2028}' | '\u{2029}' | '\u{3000}' => shown.push(' '),
                '\u{00ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' => {}
                other if other.is_control() => {}
                _ => shown.push('?'),
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::{Fonts, Weight};

    #[test]
    fn every_letter_of_the_three_languages_has_a_glyph() {
        let fonts = Fonts::built_in().unwrap();
        let text = "АБВГҐДЕЄЁЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя0123456789№₽₴€₸$£%«»„“”’ʼ—–−×…§°²³\u{a0}";
        for weight in [Weight::Regular, Weight::Bold] {
            assert_eq!(fonts.face(weight).showable(text), text);
        }
    }

    #[test]
    fn what_has_no_glyph_is_shown_in_another_way() {
        let fonts = Fonts::built_in().unwrap();
        assert_eq!(fonts.face(Weight::Regular).showable("a≤b\u{200b}漢\u{202e}"), "a<=b?");
    }

    #[test]
    fn digits_are_as_wide_as_each_other() {
        let fonts = Fonts::built_in().unwrap();
        let face = fonts.face(Weight::Regular);
        assert!("0123456789".chars().all(|digit| face.width(digit, 9.0) == face.width('0', 9.0)));
    }
}
