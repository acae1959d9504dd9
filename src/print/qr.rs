//! QR codes as squares: encoded by the `qrcode` crate, drawn by whoever draws the page.

use qrcode::{EcLevel, QrCode, Version, bits};
use serde::{Deserialize, Serialize};

/// Modules of white around a code that readers need.
pub const QUIET: usize = 4;

/// How much of a code may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Level {
    /// 15 %: where there is little room.
    M,
    /// 25 %: the usual.
    Q,
    /// 30 %: for workshops.
    H,
}

impl Level {
    /// Reads "M", "Q", "H".
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "M" => Some(Self::M),
            "Q" => Some(Self::Q),
            "H" => Some(Self::H),
            _ => None,
        }
    }

    /// The letter.
    pub const fn letter(self) -> char {
        match self {
            Self::M => 'M',
            Self::Q => 'Q',
            Self::H => 'H',
        }
    }

    /// Modules a side, with the quiet zone, of the code that holds this text: known long before its modules are.
    /// Nothing when no code can hold it.
    pub fn full_side(self, data: &[u8]) -> Option<usize> {
        let version = bits::encode_auto(data, self.ec()).ok()?.version();
        Some(usize::try_from(version.width()).ok()? + 2 * QUIET)
    }

    const fn ec(self) -> EcLevel {
        match self {
            Self::M => EcLevel::M,
            Self::Q => EcLevel::Q,
            Self::H => EcLevel::H,
        }
    }
}

/// A code: its modules, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Modules a side, without the quiet zone.
    pub side: usize,
    dark: Vec<bool>,
}

impl Symbol {
    /// Encodes text. Nothing when no code can hold it.
    pub fn new(data: &[u8], level: Level) -> Option<Self> {
        let code = QrCode::with_error_correction_level(data, level.ec()).ok()?;
        Some(Self::of(&code))
    }

    /// Encodes text in a code of at least this version: some readers demand a minimum.
    pub fn at_least(data: &[u8], level: Level, version: i16) -> Option<Self> {
        let code = QrCode::with_error_correction_level(data, level.ec()).ok()?;
        match code.version() {
            Version::Normal(found) if found < version => {
                QrCode::with_version(data, Version::Normal(version), level.ec()).ok().map(|code| Self::of(&code))
            }
            _ => Some(Self::of(&code)),
        }
    }

    fn of(code: &QrCode) -> Self {
        Self {
            side: code.width(),
            dark: code.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect(),
        }
    }

    /// Whether a module is dark.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && self.dark.get(y * self.side + x).copied().unwrap_or(false)
    }

    /// Modules a side with the quiet zone.
    pub const fn full_side(&self) -> usize {
        self.side + 2 * QUIET
    }

    /// Runs of dark modules: x, y, length. As few rectangles as rows allow, and no seams within a row.
    pub fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs = Vec::new();
        for y in 0..self.side {
            let mut x = 0;
            while x < self.side {
                let length = (x..self.side).take_while(|x| self.is_dark(*x, y)).count();
                if length > 0 {
                    runs.push((x, y, length));
                }
                x += length.max(1);
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, Symbol};

    #[test]
    fn an_upper_case_address_needs_a_small_code() {
        let url = b"HTTPS://DESK.EXAMPLE.COM/Q/7QK2M9XA01";
        assert_eq!(Symbol::new(url, Level::M).unwrap().side, 25);
        assert_eq!(Symbol::new(url, Level::Q).unwrap().side, 29);
        assert_eq!(Symbol::at_least(url, Level::M, 10).unwrap().side, 57);
        for level in [Level::M, Level::Q, Level::H] {
            assert_eq!(level.full_side(url), Symbol::new(url, level).map(|symbol| symbol.full_side()));
        }
    }

    #[test]
    fn runs_are_exactly_the_dark_modules() {
        let symbol = Symbol::new(b"NARYAD", Level::Q).unwrap();
        let dark = (0..symbol.side)
            .flat_map(|y| (0..symbol.side).map(move |x| (x, y)))
            .filter(|(x, y)| symbol.is_dark(*x, *y))
            .count();
        assert_eq!(symbol.runs().iter().map(|(_, _, length)| length).sum::<usize>(), dark);
    }
}
