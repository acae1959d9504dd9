//! Labels: how large the code may be on a label, and what stands beside it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::font::Fonts;
use super::form::Ready;
use super::page::{Document, MM};
use super::qr::Level;
use crate::error::{Code, Error};

/// The smallest module a phone reads, in millimetres.
const SMALLEST_MODULE: f32 = 0.4;
/// What the text needs beside the code, in millimetres.
const TEXT_WIDTH: f32 = 9.0;
/// White around a code that stands alone: it brings its own quiet zone, so that this is for the cutter only.
const ALONE_MARGIN: f32 = 0.5;

/// The size of a label, and what prints it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Medium {
    /// Millimetres.
    pub width_mm: f32,
    /// Millimetres.
    pub height_mm: f32,
    /// Dots an inch; 203 and 300 are usual.
    pub dpi: u16,
    /// How much of the code may be lost; left out, a quarter where there is room for that.
    pub level: Option<Level>,
}

/// What stands on a label.
#[derive(Debug, Clone, Serialize)]
pub struct LabelText {
    /// What the code holds, in upper case.
    pub url: String,
    /// The ten characters.
    pub code: String,
    /// The device; a label that is bound to none yet is blank but for its code.
    pub asset: Option<LabelAsset>,
    /// Whose it is, or who looks after it.
    pub owner: Option<String>,
    /// Whom to call.
    pub phone: Option<String>,
}

/// The device on a label.
#[derive(Debug, Clone, Serialize)]
pub struct LabelAsset {
    /// What it is called.
    pub name: String,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial_number: Option<String>,
    /// Its inventory number.
    pub inventory_number: Option<String>,
}

/// How a code fits a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// How much of it may be lost.
    pub level: Level,
    /// A side with the quiet zone, in millimetres: a whole number of dots for each module.
    pub side_mm: f32,
    /// Whether it stands alone with its letters below: there is no room for words.
    pub alone: bool,
}

impl Medium {
    fn margin(self) -> f32 {
        if self.height_mm.min(self.width_mm) < 30.0 { 1.0 } else { 1.5 }
    }

    /// The height of the code in letters below the QR, in millimetres.
    fn code_height(self) -> f32 {
        self.code_pt() * 1.22 / MM
    }

    fn code_pt(self) -> f32 {
        (self.height_mm * 0.17).clamp(4.2, 8.0)
    }

    /// The largest code with the best correction that leaves room for the text.
    ///
    /// # Errors
    /// `label_too_small` with the smallest size that can be read.
    pub fn fit(self, url: &str) -> Result<Fit, Error> {
        let dot = 25.4 / f32::from(self.dpi);
        let margin = self.margin();
        let high = self.height_mm - 2.0 * margin - self.code_height();
        let wanted = (self.width_mm * 0.46 - margin).min(high);
        let at_most = (self.width_mm - 2.0 * margin - TEXT_WIDTH).min(high);
        let alone = (self.width_mm - 2.0 * ALONE_MARGIN).min(self.height_mm - 2.0 * ALONE_MARGIN - self.code_height());
        let mut smallest: Option<f32> = None;
        let levels = self.level.map_or_else(|| vec![Level::Q, Level::M], |level| vec![level]);
        // Words are worth more than a better correction, but less than a code that can be read.
        for (rooms, alone) in [([wanted, at_most], false), ([alone, alone], true)] {
            for &level in &levels {
                let side = level.full_side(url.as_bytes());
                let side = side.ok_or_else(|| Error::internal("a label's address is too long"))?;
                let modules = f32::from(u16::try_from(side).unwrap_or(u16::MAX));
                let dots = |room: f32| (room / (modules * dot) + 0.001).floor();
                let least = (SMALLEST_MODULE / dot - 0.001).ceil();
                for room in rooms {
                    let module = dots(room);
                    if module >= least {
                        return Ok(Fit { level, side_mm: module * dot * modules, alone });
                    }
                }
                let need = least * dot * modules;
                smallest = Some(smallest.map_or(need, |known: f32| known.min(need)));
            }
        }
        let side = smallest.unwrap_or_default();
        let width = (side + 2.0 * ALONE_MARGIN).ceil();
        let height = (side + 2.0 * ALONE_MARGIN + self.code_height()).ceil();
        Err(Code::LabelTooSmall.with([("width", width.to_string()), ("height", height.to_string())]).into())
    }

    /// The smallest letters that can be read, in points: those of a coarse printer fall apart earlier.
    fn least_pt(self) -> f32 {
        match self.dpi {
            ..250 => 4.6,
            250..450 => 3.8,
            _ => 3.4,
        }
    }

    /// What a label's form is filled in with.
    fn data(self, text: &LabelText, fit: Fit) -> Value {
        let Fit { level, side_mm, alone } = fit;
        let size = |share: f32, least: f32, most: f32| (self.height_mm * share).clamp(least, most).max(self.least_pt());
        let (first, second) = text.code.split_at(text.code.len().min(5));
        json!({
            "width_mm": self.width_mm,
            "height_mm": self.height_mm,
            "margin_mm": if alone { ALONE_MARGIN } else { self.margin() },
            "alone": alone,
            "least_pt": self.least_pt(),
            "font_pt": size(0.2, 4.6, 9.0),
            "big_pt": size(0.36, 6.5, 18.0),
            "small_pt": size(0.165, 4.0, 7.5),
            "code_pt": self.code_pt(),
            "tall": self.height_mm >= 24.0,
            "qr_mm": side_mm,
            "level": level,
            "url": text.url,
            "code": text.code,
            "code_printed": format!("{first}\u{a0}{second}"),
            "asset": text.asset,
            "owner": text.owner,
            "phone": text.phone,
        })
    }
}

/// A label, set, and the level of its code.
///
/// # Errors
/// `label_too_small`, or `form_invalid`.
pub fn set(fonts: &Fonts, form: &Ready<'_>, medium: Medium, text: &LabelText) -> Result<(Document, Level), Error> {
    let fit = medium.fit(&text.url)?;
    Ok((form.set(fonts, &medium.data(text, fit))?, fit.level))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "HTTPS://DESK.EXAMPLE.COM/Q/7QK2M9XA01";

    #[test]
    fn a_module_is_a_whole_number_of_dots_and_never_too_small() {
        for (width_mm, height_mm) in [(58.0, 40.0), (58.0, 30.0), (43.0, 25.0), (38.1, 21.2), (70.0, 37.0)] {
            for dpi in [203, 300, 600] {
                let medium = Medium { width_mm, height_mm, dpi, level: None };
                let Fit { level, side_mm, alone } = medium.fit(URL).unwrap();
                assert!(!alone);
                let modules = level.full_side(URL.as_bytes()).unwrap();
                let modules = f32::from(u16::try_from(modules).unwrap());
                let dots = side_mm / modules / (25.4 / f32::from(dpi));
                assert!((dots - dots.round()).abs() < 0.01 && side_mm / modules >= 0.39, "{medium:?} {dots}");
                assert!(
                    side_mm + 2.0 * medium.margin() <= height_mm
                        && side_mm + 2.0 * medium.margin() + TEXT_WIDTH <= width_mm + 0.01
                );
            }
        }
    }

    #[test]
    fn a_code_stands_alone_where_words_have_no_room() {
        for (width_mm, height_mm, dpi) in [(20.0, 20.0, 203), (25.0, 25.0, 203), (30.0, 20.0, 203), (20.0, 20.0, 300)] {
            let medium = Medium { width_mm, height_mm, dpi, level: None };
            let fit = medium.fit(URL).unwrap();
            assert!(fit.alone && fit.side_mm + 2.0 * ALONE_MARGIN <= width_mm, "{medium:?} {fit:?}");
            assert!(fit.side_mm + medium.code_height() + 2.0 * ALONE_MARGIN <= height_mm, "{medium:?} {fit:?}");
        }
    }

    #[test]
    fn a_label_that_no_phone_could_read_is_refused_with_the_smallest_size() {
        let error = Medium { width_mm: 20.0, height_mm: 10.0, dpi: 203, level: None }.fit(URL).unwrap_err();
        let refusal = error.refusal();
        assert_eq!(refusal.code, Code::LabelTooSmall);
        let size = |name: &str| refusal.params.iter().find(|(of, _)| *of == name).unwrap().1.parse::<f32>().unwrap();
        let advised = Medium { width_mm: size("width"), height_mm: size("height"), dpi: 203, level: None };
        assert!(advised.fit(URL).is_ok(), "{advised:?}");
    }

    #[test]
    fn the_level_that_is_asked_for_is_taken_or_refused() {
        let medium = |level| Medium { width_mm: 58.0, height_mm: 40.0, dpi: 203, level: Some(level) };
        for level in [Level::M, Level::Q, Level::H] {
            assert_eq!(medium(level).fit(URL).unwrap().level, level);
        }
        let small = Medium { width_mm: 30.0, height_mm: 20.0, dpi: 203, level: Some(Level::H) };
        assert_eq!(small.fit(URL).unwrap_err().code(), Code::LabelTooSmall);
    }
}
