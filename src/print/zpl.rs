//! A label in ZPL II, the language of Zebra and most thermal printers.
//!
//! The code is the printer's own `^BQ`, so that its modules are whole dots whatever happens on the way; the text is a
//! picture, because fonts with Cyrillic are a matter of luck in printers. Below `^FO` a `^BQ` sinks by the height that
//! the last `^BY` set, ten dots or whatever the label before has left: it is pinned to one, and the code lifted by
//! that.

use std::fmt::Write;

use super::bitmap::Ink;
use super::qr::Level;
use super::raster::CodePlace;

/// Dots a side of a module of the printer's own code may have at the most, in printers of all ages. TSPL has the same
/// limit.
pub const LARGEST_MODULE: u32 = 10;

/// The height of a bar code, pinned.
const SINKS: u32 = 1;

/// A code and where it stands.
pub struct Code<'a> {
    /// What it holds: upper-case letters, digits and `:/.-` only.
    pub data: &'a str,
    /// How much of it may be lost.
    pub level: Level,
    /// Where it stands, in dots.
    pub place: CodePlace,
}

/// Writes a label of so many dots: its text, and its code.
pub fn write((width, height): (u32, u32), text: Option<&Ink>, code: Option<&Code<'_>>, copies: u16) -> String {
    let mut zpl = format!("^XA\n^CI28\n^PW{width}\n^LL{height}\n^LH0,0\n");
    if let Some(Ink { left, top, bytes, rows }) = text {
        // Writing into a String does not fail.
        let _ = writeln!(
            zpl,
            "^FO{left},{top}^GFA,{total},{total},{bytes},{}^FS",
            packed(rows),
            total = bytes * rows.len()
        );
    }
    if let Some(Code { data, level, place }) = code {
        let CodePlace { x, y, module } = place;
        let (letter, y) = (level.letter(), y.saturating_sub(SINKS));
        let _ = writeln!(
            zpl,
            "^BY2,3,{SINKS}^FO{x},{y}^BQN,2,{module}^FD{letter}A,{}^FS",
            data.replace(['^', '~', '\\'], "")
        );
    }
    let _ = writeln!(zpl, "^PQ{copies}\n^XZ");
    zpl
}

/// ZPL's own packing of hexadecimal: `,` ends a row with zeros, `:` repeats the row above, a letter before a digit
/// counts.
fn packed(rows: &[Vec<u8>]) -> String {
    let mut out = String::new();
    let mut above: Option<&Vec<u8>> = None;
    for row in rows {
        if above == Some(row) {
            out.push(':');
            continue;
        }
        above = Some(row);
        let hex: String = row.iter().map(|byte| format!("{byte:02X}")).collect();
        let inked = hex.trim_end_matches('0');
        let mut rest = inked;
        while let Some(digit) = rest.chars().next() {
            let length = rest.chars().take_while(|other| *other == digit).count();
            out.push_str(&counted(length));
            out.push(digit);
            rest = rest.get(length..).unwrap_or_default();
        }
        if inked.len() < hex.len() {
            out.push(',');
        }
    }
    out
}

/// `G`–`Y` are 1–19 times, `g`–`z` are 20–400 times; they add up.
fn counted(mut length: usize) -> String {
    let mut letters = String::new();
    if length < 2 {
        return letters;
    }
    while length >= 400 {
        letters.push('z');
        length -= 400;
    }
    let letter = |first: u8, step: usize| char::from(first + u8::try_from(step - 1).unwrap_or_default());
    if length >= 20 {
        letters.push(letter(b'g', length / 20));
        length %= 20;
    }
    if length > 0 {
        letters.push(letter(b'G', length));
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::{counted, packed};

    #[test]
    fn runs_are_counted_as_the_printer_counts() {
        assert_eq!(counted(1), "");
        assert_eq!(counted(2), "H");
        assert_eq!(counted(19), "Y");
        assert_eq!(counted(20), "g");
        assert_eq!(counted(27), "gM");
        assert_eq!(counted(419), "zY");
    }

    #[test]
    fn a_row_is_packed() {
        assert_eq!(
            packed(&[vec![0xff, 0xff, 0x00], vec![0xff, 0xff, 0x00], vec![0x00; 3], vec![0x12, 0x34, 0x56]]),
            "JF,:,123456"
        );
    }
}
