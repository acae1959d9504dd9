//! The press: labels are set one by one and stand on paper as pages fill up.

use std::io::Write;

use serde::{Deserialize, Serialize};

use super::bitmap::Ink;
use super::font::Fonts;
use super::form::{Form, Ready};
use super::label::{self, LabelText, Medium};
use super::page::{MM, Page};
use super::qr::Level;
use super::sheet::Sheet;
use super::stream::PageWriter;
use super::{Printer, raster, tspl, zpl};
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::files::picture;

/// What an office printer resolves at least; a whole number of these dots is one of finer ones as well.
const OFFICE_DPI: u16 = 300;

/// Everything that is decided before the first label is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// On what.
    pub media: Media,
    /// How far all of it is moved, in millimetres: right, down.
    pub offset_mm: (f32, f32),
    /// How much of a code may be lost.
    pub level: Option<Level>,
}

/// What labels are printed on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// Sheets of paper, from this label of the first one on; 1 is the first.
    Sheet {
        /// Which.
        sheet: Sheet,
        /// The first label.
        start_at: usize,
    },
    /// A roll of labels.
    Roll {
        /// Millimetres.
        width_mm: f32,
        /// Millimetres.
        height_mm: f32,
        /// Dots an inch of the printer.
        dpi: u16,
    },
}

impl Setup {
    /// The size of a label, and how finely it is printed.
    pub const fn medium(&self) -> Medium {
        let level = self.level;
        match &self.media {
            Media::Sheet { sheet, .. } => Medium { width_mm: sheet.w, height_mm: sheet.h, dpi: OFFICE_DPI, level },
            Media::Roll { width_mm, height_mm, dpi } => {
                Medium { width_mm: *width_mm, height_mm: *height_mm, dpi: *dpi, level }
            }
        }
    }

    /// What it is called on paper and in lists.
    pub fn title(&self) -> String {
        match &self.media {
            Media::Sheet { sheet, .. } => sheet.title(),
            Media::Roll { width_mm, height_mm, .. } => format!("{width_mm} × {height_mm} mm"),
        }
    }
}

/// Prints labels into a PDF.
pub struct Press<'a, W> {
    setup: &'a Setup,
    fonts: &'a Fonts,
    form: &'a Ready<'a>,
    pages: PageWriter<'a, W>,
    sheet: Option<Page>,
    next: usize,
}

impl<'a, W: Write> Press<'a, W> {
    /// Begins.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(out: W, printer: &'a Printer, form: &'a Ready<'a>, setup: &'a Setup) -> Result<Self, Error> {
        let next = match setup.media {
            Media::Sheet { start_at, .. } => start_at.saturating_sub(1),
            Media::Roll { .. } => 0,
        };
        let fonts = printer.fonts();
        Ok(Self { setup, fonts, form, pages: PageWriter::new(out, fonts)?, sheet: None, next })
    }

    /// Prints a label.
    ///
    /// # Errors
    /// `label_too_small`, `form_invalid`; when the file cannot be written.
    pub fn label(&mut self, text: &LabelText) -> Result<(), Error> {
        let label = set(self.fonts, self.form, self.setup.medium(), text)?;
        self.place(label)
    }

    /// Puts a label that is set where the next one goes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn place(&mut self, mut label: Page) -> Result<(), Error> {
        let (dx, dy) = self.setup.offset_mm;
        match &self.setup.media {
            Media::Roll { .. } => {
                label.marks = label.marks.into_iter().map(|mark| mark.moved(dx * MM, dy * MM)).collect();
                self.pages.page(&label)
            }
            Media::Sheet { sheet, .. } => {
                let cell = self.next % sheet.count().max(1);
                let (x, y) = sheet.corner(cell);
                let (x, y) = ((x + dx) * MM, (y + dy) * MM);
                let (width, height) = sheet.paper.size_mm();
                let page = self.sheet.get_or_insert_with(|| Page {
                    width: width * MM,
                    height: height * MM,
                    marks: Vec::new(),
                });
                page.marks.extend(label.marks.into_iter().map(|mark| mark.moved(x, y)));
                self.next += 1;
                if self.next.is_multiple_of(sheet.count().max(1)) { self.turn() } else { Ok(()) }
            }
        }
    }

    fn turn(&mut self) -> Result<(), Error> {
        match self.sheet.take() {
            Some(sheet) => self.pages.page(&sheet),
            None => Ok(()),
        }
    }

    /// Ends the file and gives back what it was written into.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, language: &str, made_at: Timestamp) -> Result<W, Error> {
        self.turn()?;
        self.pages.finish(&self.setup.title(), language, made_at)
    }
}

/// Some labels as one PDF.
///
/// # Errors
/// Those of [`Press`].
pub fn pdf(
    printer: &Printer,
    form: &Form,
    setup: &Setup,
    texts: &[LabelText],
    language: &str,
    made_at: Timestamp,
) -> Result<Vec<u8>, Error> {
    let form = form.ready()?;
    let mut press = Press::new(Vec::new(), printer, &form, setup)?;
    for text in texts {
        press.label(text)?;
    }
    press.finish(language, made_at)
}

fn set(fonts: &Fonts, form: &Ready<'_>, medium: Medium, text: &LabelText) -> Result<Page, Error> {
    let (document, _) = label::set(fonts, form, medium, text)?;
    document.pages.into_iter().next().ok_or_else(|| Error::internal("a label without a page"))
}

/// A language of label printers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// Zebra's.
    Zpl,
    /// TSC's.
    Tspl,
}

/// Some labels as commands for a label printer.
///
/// # Errors
/// `label_too_small`, `form_invalid`.
pub fn commands(
    printer: &Printer,
    form: &Form,
    setup: &Setup,
    texts: &[LabelText],
    tongue: Tongue,
) -> Result<Vec<u8>, Error> {
    let (form, medium) = (form.ready()?, setup.medium());
    let mut said = match tongue {
        Tongue::Zpl => Vec::new(),
        Tongue::Tspl => tspl::head(medium.width_mm, medium.height_mm),
    };
    let moved = (dots(setup.offset_mm.0, medium.dpi), dots(setup.offset_mm.1, medium.dpi));
    for text in texts {
        let (document, level) = label::set(printer.fonts(), &form, medium, text)?;
        let page = document.pages.first().ok_or_else(|| Error::internal("a label without a page"))?;
        let drawing = Drawing { page, url: &text.url, level, dpi: medium.dpi, moved };
        said.extend(drawing.commands(printer.fonts(), tongue)?);
    }
    Ok(said)
}

/// Dots of one answer at the most: two thousand labels of 58 × 40 mm at 300 dots an inch.
const MOST_DOTS: u64 = 700_000_000;

/// How many labels one answer may hold as commands.
pub fn most_commands(medium: Medium) -> usize {
    let side = |length_mm: f32| u64::from(raster::pixels(length_mm * f32::from(medium.dpi) / 25.4));
    let dots = side(medium.width_mm) * side(medium.height_mm);
    usize::try_from(MOST_DOTS / dots.max(1)).unwrap_or(usize::MAX)
}

/// A label that is set, and how it is drawn in dots.
struct Drawing<'a> {
    page: &'a Page,
    url: &'a str,
    level: Level,
    dpi: u16,
    moved: (i32, i32),
}

impl Drawing<'_> {
    /// Draws the label when it is its turn: it may take ninety megabytes until it is done.
    fn commands(&self, fonts: &Fonts, tongue: Tongue) -> Result<Vec<u8>, Error> {
        let _turn = picture::turn();
        let (mut pixels, places) = raster::draw(self.page, self.dpi, fonts, false)?;
        let place = places.first().filter(|place| place.module <= zpl::LARGEST_MODULE);
        let place = place.and_then(|place| place.moved(self.moved));
        let code = place.map(|place| zpl::Code { data: self.url, level: self.level, place });
        if code.is_none() {
            // A code that the printer cannot draw so large itself is part of the picture. The two are never in memory
            // together.
            drop(pixels);
            pixels = raster::draw(self.page, self.dpi, fonts, true)?.0;
        }
        let ink = Ink::of(&pixels, self.moved);
        Ok(match tongue {
            Tongue::Zpl => zpl::write((pixels.width(), pixels.height()), ink.as_ref(), code.as_ref(), 1).into_bytes(),
            Tongue::Tspl => tspl::label(ink.as_ref(), code.as_ref(), 1),
        })
    }
}

/// Whole dots of a length.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "an offset is some millimetres")]
fn dots(length_mm: f32, dpi: u16) -> i32 {
    (length_mm * f32::from(dpi) / 25.4).round() as i32
}
