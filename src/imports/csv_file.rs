//! CSV as programs write it: in UTF-8, UTF-16, Windows-1251 or KOI8, apart by semicolons, commas, tabs or bars.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::file::{Cell, Form, Grid, MOST_COLUMNS, Row, known_names, push, rejected};
use super::{ImportKind, cyrillic};
use crate::error::{Error, Flaw};

/// In the order in which they are believed when nothing tells them apart.
const SEPARATORS: [u8; 4] = *b";\t,|";
/// Records that are looked at to find the separator.
const SAMPLE: usize = 30;

/// Reads CSV.
///
/// # Errors
/// `table_rejected` when it is none, or too large.
pub fn read(bytes: &[u8], kind: ImportKind) -> Result<Grid, Error> {
    let text = decoded(bytes, kind)?;
    // A spreadsheet's own remark for itself; what follows is told by looking.
    let (text, skipped) = match text.split_once('\n') {
        Some((first, rest)) if first.trim_end().len() == 5 && first.starts_with("sep=") => (Cow::from(rest), 1),
        _ => (text, 0),
    };
    let separator = separator(&text, kind)?;
    let rows = records(&text, separator, usize::MAX, skipped)?;
    Ok(Grid { rows, ..Grid::default() })
}

/// The bytes as text.
fn decoded(bytes: &[u8], kind: ImportKind) -> Result<Cow<'_, str>, Error> {
    let not_a_table = || rejected(Flaw::NotATable, []);
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        let (text, broken) = encoding.decode_without_bom_handling(rest);
        return if broken { Err(not_a_table()) } else { Ok(text) };
    }
    let encoding = if let Some(wide) = wide(bytes) {
        wide
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        cyrillic::encoding(bytes, kind)
    };
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    let strange = text.chars().filter(|letter| letter.is_control() && !matches!(letter, '\r' | '\n' | '\t')).count();
    // One stray sign is a mistake in its cell; many, or any in what is no UTF-8, are no text at all.
    let most = if encoding.is_single_byte() { 0 } else { text.len() / 50 + 1 };
    if broken || strange > most || bytes.starts_with(b"%PDF") { Err(not_a_table()) } else { Ok(text) }
}

/// UTF-16 without a mark: half of its bytes are nought or four, the pages of Latin and Cyrillic letters.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(4_000)).unwrap_or_default();
    let pages = |odd: usize| {
        sample.iter().skip(odd).step_by(2).filter(|byte| matches!(byte, 0 | 4)).count() * 10 > sample.len() / 2 * 8
    };
    match (sample.len() >= 4 && bytes.len().is_multiple_of(2), pages(1), pages(0)) {
        (true, true, false) => Some(UTF_16LE),
        (true, false, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// Which sign stands between cells: with which names of columns are known, and rows are of one length.
fn separator(text: &str, kind: ImportKind) -> Result<u8, Error> {
    let mut best = ((0, 0), b';');
    for separator in SEPARATORS {
        let rows = match records(text, separator, SAMPLE, 0) {
            Ok(rows) => rows,
            // Too wide with the right one is too wide; with another it is no news.
            Err(_) if separator != b';' => continue,
            Err(error) => return Err(error),
        };
        let names = rows.iter().map(|row| known_names(row, kind)).max().unwrap_or_default();
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
        let alike = rows.iter().filter(|row| row.cells.len() > 1 && row.cells.len() + 1 >= width).count();
        let score = (names, alike * width);
        if score > best.0 {
            best = (score, separator);
        }
    }
    Ok(best.1)
}

/// The first records that are not blank.
fn records(text: &str, separator: u8, most: usize, skipped: i64) -> Result<Vec<Row>, Error> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let bytes = text.as_bytes();
    // A spreadsheet counts a cell of three lines as one row.
    let (mut line, mut counted, mut folded) = (1 + skipped, 0, 0);
    while rows.len() < most {
        if !reader.read_record(&mut record).map_err(|_| rejected(Flaw::BrokenTable, []))? {
            break;
        }
        // Where the reader began: at blank lines, or within the end of the line before.
        let begun = record.position().map_or(0, |at| usize::try_from(at.byte()).unwrap_or(usize::MAX));
        let blank = bytes.get(begun..).unwrap_or_default().iter().take_while(|byte| b"\r\n".contains(byte)).count();
        let start = begun.saturating_add(blank);
        line += ends(bytes.get(counted..start).unwrap_or_default());
        counted = start;
        let number = line - folded;
        folded += record.iter().map(|cell| ends(cell.as_bytes())).sum::<i64>();
        // Too wide is seen before there are cells: a separator is one byte, a cell dozens.
        let width = record.len() - record.iter().rev().take_while(|text| text.trim().is_empty()).count();
        if width > MOST_COLUMNS {
            return Err(rejected(Flaw::TooManyColumns, [("max", MOST_COLUMNS.to_string())]));
        }
        let cell = |text: &str| Cell { text: text.trim().to_owned(), form: Form::Text };
        push(&mut rows, number, record.iter().take(width).map(cell).collect())?;
    }
    Ok(rows)
}

/// Ends of lines as the reader knows them: LF, CR and both together.
fn ends(bytes: &[u8]) -> i64 {
    let next = bytes.iter().skip(1).copied().map(Some).chain([None]);
    let ends = bytes.iter().zip(next).filter(|(byte, next)| **byte == b'\n' || **byte == b'\r' && *next != Some(b'\n'));
    i64::try_from(ends.count()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use encoding_rs::{KOI8_U, WINDOWS_1251};

    use super::*;

    const TEXT: &str =
        "Инв. №;Название;Заметка\r\n000123;Принтер, чёрный;\"две\nстроки; и знак\"\r\n\r\n000124;Касса;ї\r\n";

    fn cells(bytes: &[u8]) -> Vec<(i64, Vec<String>)> {
        let grid = read(bytes, ImportKind::Assets).unwrap();
        let texts = |row: Row| (row.number, row.cells.into_iter().map(|cell| cell.text).collect());
        grid.rows.into_iter().map(texts).collect()
    }

    #[test]
    fn every_usual_encoding_is_read_alike() {
        let expected = cells(TEXT.as_bytes());
        assert_eq!(expected[1], (2, vec!["000123".into(), "Принтер, чёрный".into(), "две\nстроки; и знак".into()]));
        assert_eq!(expected[2].0, 4, "a cell of two lines is in one row, and blank rows count");
        // KOI8 has no sign for a number.
        for (encoding, text) in [(WINDOWS_1251, TEXT.to_owned()), (KOI8_U, TEXT.replace('№', "номер"))] {
            let (bytes, _, broken) = encoding.encode(&text);
            assert!(!broken);
            assert_eq!(cells(&bytes), cells(text.as_bytes()), "{}", encoding.name());
        }
        assert_eq!(cells(format!("\u{feff}{TEXT}").as_bytes()), expected);
        let wide = |mark: bool, order: fn(u16) -> [u8; 2]| {
            let mark = mark.then_some('\u{feff}');
            let text: String = mark.into_iter().chain(TEXT.chars()).collect();
            text.encode_utf16().flat_map(order).collect::<Vec<u8>>()
        };
        for mark in [true, false] {
            assert_eq!(cells(&wide(mark, u16::to_le_bytes)), expected);
            assert_eq!(cells(&wide(mark, u16::to_be_bytes)), expected);
        }
    }

    #[test]
    fn the_separator_is_found() {
        let expected = vec!["000123".to_owned(), "Принтер".into(), "1,5".into()];
        for (separator, quote) in [(";", ""), ("\t", ""), ("|", ""), (",", "\"")] {
            let text = format!(
                "Инв. №{separator}Название{separator}Цена\n000123{separator}Принтер{separator}{quote}1,5{quote}\n"
            );
            assert_eq!(cells(text.as_bytes())[1].1, expected, "{separator}");
        }
        let marked = cells("sep=;\nИнв. №;Название\n1;2\n".as_bytes());
        assert_eq!(marked[1], (3, vec!["1".to_owned(), "2".to_owned()]));
    }

    #[test]
    fn every_end_of_a_line_counts() {
        for (text, rows) in [
            ("Инв. №;Название\n1;a\r2;b\n3;c\n", vec![1, 2, 3, 4]),
            ("Инв. №;Название\r1;a\r\r2;b\r", vec![1, 2, 4]),
            ("Инв. №;Название\r\n1;\"a\rb\"\r\n2;\"a\r\nb\"\r\n3;c", vec![1, 2, 3, 4]),
        ] {
            assert_eq!(cells(text.as_bytes()).iter().map(|(row, _)| *row).collect::<Vec<_>>(), rows, "{text:?}");
        }
    }

    #[test]
    fn separators_behind_the_last_cell_are_no_columns() {
        let blank = ";".repeat(50_000);
        let table = format!("Инв. №;Название{blank}\n1;Принтер{blank}\n");
        assert_eq!(cells(table.as_bytes())[1].1, ["1", "Принтер"]);
    }

    #[test]
    fn a_stray_nul_is_left_to_its_cell() {
        assert_eq!(cells("Инв. №;Название\n1;Прин\0тер\n".as_bytes())[1].1[1], "Прин\0тер");
    }
}
