//! Sheets of labels: where each label stands on its paper.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A sheet of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Paper {
    /// 210 × 297 mm (ISO 216).
    #[default]
    A4,
    /// 8½ × 11 inches.
    Letter,
}

impl Paper {
    /// Width and height in millimetres.
    pub const fn size_mm(self) -> (f32, f32) {
        match self {
            Self::A4 => (210.0, 297.0),
            Self::Letter => (215.9, 279.4),
        }
    }
}

/// A sheet of labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sheet {
    /// Who sells it; empty for a sheet of one's own measures.
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
    /// What it is cut of.
    #[serde(default)]
    pub paper: Paper,
}

/// The sheets that are known, by brand and part. All are A4.
pub static SHEETS: LazyLock<Vec<Sheet>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../print-forms/label-sheets.json")).unwrap_or_default());

/// A part's number without the letters that shops put before it for the kind of paper (L7160, J8160).
pub fn number(part: &str) -> &str {
    part.trim().trim_start_matches(|letter: char| letter.is_alphabetic())
}

/// A sheet by its brand and part, in any case of letters. Where the letter before the number names nothing, the number
/// does.
pub fn sheet(brand: &str, part: &str) -> Option<&'static Sheet> {
    let same = |known: &str, asked: &str| known.to_lowercase() == asked.trim().to_lowercase();
    let of_brand = || SHEETS.iter().filter(|sheet| same(&sheet.brand, brand));
    of_brand().find(|sheet| same(&sheet.part, part)).or_else(|| {
        let asked = number(part);
        of_brand().find(|sheet| !asked.is_empty() && number(&sheet.part) == asked)
    })
}

impl Sheet {
    /// Labels on one sheet.
    pub const fn count(&self) -> usize {
        // A product of two numbers of 16 bits.
        #[expect(clippy::as_conversions, reason = "usize holds every u16")]
        let (nx, ny) = (self.nx as usize, self.ny as usize);
        nx * ny
    }

    /// Left top corner of a label, in millimetres, row by row.
    pub fn corner(&self, index: usize) -> (f32, f32) {
        let columns = usize::from(self.nx.max(1));
        let step = |number: usize| f32::from(u16::try_from(number).unwrap_or(u16::MAX));
        (self.x0 + step(index % columns) * self.dx, self.y0 + step(index / columns) * self.dy)
    }

    /// What it is called on paper and in lists.
    pub fn title(&self) -> String {
        if self.brand.is_empty() {
            format!("{} × {} mm, {} × {}", self.w, self.h, self.nx, self.ny)
        } else {
            format!("{} {}", self.brand, self.part)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Paper, SHEETS, sheet};

    #[test]
    fn every_known_sheet_lies_on_its_paper() {
        assert_eq!(SHEETS.len(), 573);
        let (width, height) = Paper::A4.size_mm();
        for sheet in SHEETS.iter() {
            let (x, y) = sheet.corner(sheet.count() - 1);
            assert!(x + sheet.w <= width + 0.01 && y + sheet.h <= height + 0.01, "{sheet:?}");
        }
        assert_eq!(sheet("avery", " l7651 ").map(|sheet| sheet.count()), Some(65));
        assert_eq!(sheet("Avery", "L7160").map(|sheet| sheet.part.as_str()), Some("7160"));
        assert_eq!(sheet("Avery", "none"), None);
    }
}
