//! Labels: how large the code may be on a label, and where labels stand on a sheet.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::form::Form;
use super::page::{Document, MM, Page};
use super::qr::{Level, Symbol};
use super::{Printer, pdf};
use crate::db::types::Timestamp;
use crate::error::{Code, Error};

/// The smallest module a phone reads, in millimetres.
const SMALLEST_MODULE: f32 = 0.4;
/// What the text needs beside the code, in millimetres.
const TEXT_WIDTH: f32 = 9.0;
/// White around a code that stands alone: it brings its own quiet zone, so that this is for the cutter only.
const ALONE_MARGIN: f32 = 0.5;

/// The size of a label, and what prints it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Medium {
    /// Millimetres.
    pub width_mm: f32,
    /// Millimetres.
    pub height_mm: f32,
    /// Dots an inch; 203 and 300 are usual.
    pub dpi: u16,
}

/// What stands on a label.
#[derive(Debug, Clone, Serialize)]
pub struct LabelText {
    /// What the code holds, in upper case.
    pub url: String,
    /// The ten characters.
    pub code: String,
    /// The device.
    pub asset: LabelAsset,
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
struct Fit {
    level: Level,
    /// A side with the quiet zone, in millimetres: a whole number of dots for each module.
    side_mm: f32,
    /// Whether it stands alone with its letters below: there is no room for words.
    alone: bool,
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
    fn fit(self, url: &str) -> Result<Fit, Error> {
        let dot = 25.4 / f32::from(self.dpi);
        let margin = self.margin();
        let high = self.height_mm - 2.0 * margin - self.code_height();
        let wanted = (self.width_mm * 0.46 - margin).min(high);
        let at_most = (self.width_mm - 2.0 * margin - TEXT_WIDTH).min(high);
        let alone = (self.width_mm - 2.0 * ALONE_MARGIN).min(self.height_mm - 2.0 * ALONE_MARGIN - self.code_height());
        let mut smallest: Option<f32> = None;
        // Words are worth more than a better correction, but less than a code that can be read.
        for (rooms, alone) in [([wanted, at_most], false), ([alone, alone], true)] {
            for level in [Level::Q, Level::M] {
                let symbol = Symbol::new(url.as_bytes(), level)
                    .ok_or_else(|| Error::internal("a label's address is too long"))?;
                let modules = f32::from(u16::try_from(symbol.full_side()).unwrap_or(u16::MAX));
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
    ///
    /// # Errors
    /// `label_too_small` when no phone could read a code of that size.
    fn data(self, text: &LabelText) -> Result<Value, Error> {
        let Fit { level, side_mm, alone } = self.fit(&text.url)?;
        let size = |share: f32, least: f32, most: f32| (self.height_mm * share).clamp(least, most).max(self.least_pt());
        let (first, second) = text.code.split_at(text.code.len().min(5));
        Ok(json!({
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
            "level": match level { Level::M => "M", Level::Q => "Q", Level::H => "H" },
            "url": text.url,
            "code": text.code,
            "code_printed": format!("{first}\u{a0}{second}"),
            "asset": text.asset,
            "owner": text.owner,
            "phone": text.phone,
        }))
    }
}

/// A label, set, and the level of its code.
///
/// # Errors
/// `label_too_small`, or `form_invalid`.
pub fn set(printer: &Printer, form: &Form, medium: Medium, text: &LabelText) -> Result<(Document, char), Error> {
    let data = medium.data(text)?;
    let level = data.get("level").and_then(Value::as_str).and_then(|level| level.chars().next()).unwrap_or('Q');
    Ok((printer.set(form, &data)?, level))
}

/// A sheet of labels that can be bought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sheet {
    /// Who sells it.
    pub brand: String,
    /// Under which number.
    pub part: String,
    /// A label's width in millimetres.
    pub w: f32,
    /// A label's height in millimetres.
    pub h: f32,
    /// Labels in a row.
    pub nx: u16,
    /// Rows.
    pub ny: u16,
    /// From the left edge to the first label, in millimetres.
    pub x0: f32,
    /// From the top edge to the first label, in millimetres.
    pub y0: f32,
    /// From one label's left edge to the next one's.
    pub dx: f32,
    /// From one label's top edge to the next one's.
    pub dy: f32,
}

/// The sheets that are known, by brand and part.
pub static SHEETS: LazyLock<Vec<Sheet>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../print-forms/label-sheets.json")).unwrap_or_default());

/// A sheet by its brand and part, in any case of letters. Shops put a letter before the number for the kind of paper (L7160,
/// J8160): where the letter names nothing, the number does.
pub fn sheet(brand: &str, part: &str) -> Option<&'static Sheet> {
    let same = |known: &str, asked: &str| known.to_lowercase() == asked.trim().to_lowercase();
    let number = |part: &str| part.trim().trim_start_matches(|letter: char| letter.is_alphabetic()).to_owned();
    let of_brand = || SHEETS.iter().filter(|sheet| same(&sheet.brand, brand));
    of_brand().find(|sheet| same(&sheet.part, part)).or_else(|| {
        let asked = number(part);
        of_brand().find(|sheet| !asked.is_empty() && number(&sheet.part) == asked)
    })
}

/// The size of an A4 sheet in millimetres.
const A4: (f32, f32) = (210.0, 297.0);

impl Sheet {
    /// Labels on one sheet.
    pub const fn count(&self) -> usize {
        // A product of two numbers of 16 bits.
        #[expect(clippy::as_conversions, reason = "usize holds every u16")]
        let (nx, ny) = (self.nx as usize, self.ny as usize);
        nx * ny
    }

    /// Left top corner of a label, in millimetres, row by row.
    fn corner(&self, index: usize) -> (f32, f32) {
        let columns = usize::from(self.nx.max(1));
        let step = |number: usize| f32::from(u16::try_from(number).unwrap_or(u16::MAX));
        (self.x0 + step(index % columns) * self.dx, self.y0 + step(index / columns) * self.dy)
    }
}

/// Puts labels on sheets, from the label `start_at` (1 is the first) of the first one, moved by what a printer is off.
///
/// # Errors
/// Those of writing a PDF.
pub fn sheets(
    printer: &Printer,
    sheet: &Sheet,
    labels: Vec<Page>,
    start_at: usize,
    offset_mm: (f32, f32),
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    let mut pages: Vec<Page> = Vec::new();
    for (index, label) in labels.into_iter().enumerate() {
        let place = index + start_at.saturating_sub(1);
        let (page, cell) = (place / sheet.count().max(1), place % sheet.count().max(1));
        while pages.len() <= page {
            pages.push(Page { width: A4.0 * MM, height: A4.1 * MM, marks: Vec::new() });
        }
        let (x, y) = sheet.corner(cell);
        let (x, y) = ((x + offset_mm.0) * MM, (y + offset_mm.1) * MM);
        if let Some(page) = pages.get_mut(page) {
            page.marks.extend(label.marks.into_iter().map(|mark| mark.moved(x, y)));
        }
    }
    let title = format!("{} {}", sheet.brand, sheet.part);
    pdf::write(&Document { title, language: String::new(), pages }, printer.fonts(), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "HTTPS://DESK.EXAMPLE.COM/Q/7QK2M9XA01";

    #[test]
    fn every_known_sheet_lies_on_its_paper() {
        assert_eq!(SHEETS.len(), 573);
        for sheet in SHEETS.iter() {
            let (x, y) = sheet.corner(sheet.count() - 1);
            assert!(x + sheet.w <= A4.0 + 0.01 && y + sheet.h <= A4.1 + 0.01, "{sheet:?}");
        }
        assert_eq!(sheet("avery", " l7651 ").map(|sheet| sheet.count()), Some(65));
        assert_eq!(sheet("Avery", "L7160").map(|sheet| sheet.part.as_str()), Some("7160"));
        assert_eq!(sheet("Avery", "none"), None);
    }

    #[test]
    fn a_module_is_a_whole_number_of_dots_and_never_too_small() {
        for (width_mm, height_mm) in [(58.0, 40.0), (58.0, 30.0), (43.0, 25.0), (38.1, 21.2), (70.0, 37.0)] {
            for dpi in [203, 300, 600] {
                let medium = Medium { width_mm, height_mm, dpi };
                let Fit { level, side_mm, alone } = medium.fit(URL).unwrap();
                assert!(!alone);
                let modules = Symbol::new(URL.as_bytes(), level).unwrap().full_side();
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
            let medium = Medium { width_mm, height_mm, dpi };
            let fit = medium.fit(URL).unwrap();
            assert!(fit.alone && fit.side_mm + 2.0 * ALONE_MARGIN <= width_mm, "{medium:?} {fit:?}");
            assert!(fit.side_mm + medium.code_height() + 2.0 * ALONE_MARGIN <= height_mm, "{medium:?} {fit:?}");
        }
    }

    #[test]
    fn a_label_that_no_phone_could_read_is_refused_with_the_smallest_size() {
        let error = Medium { width_mm: 20.0, height_mm: 10.0, dpi: 203 }.fit(URL).unwrap_err();
        let refusal = error.refusal();
        assert_eq!(refusal.code, Code::LabelTooSmall);
        let size = |name: &str| refusal.params.iter().find(|(of, _)| *of == name).unwrap().1.parse::<f32>().unwrap();
        let advised = Medium { width_mm: size("width"), height_mm: size("height"), dpi: 203 };
        assert!(advised.fit(URL).is_ok(), "{advised:?}");
    }
}
