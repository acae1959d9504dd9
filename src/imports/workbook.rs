//! XLSX: the first sheet that can be seen, cell by cell, so that neither a bomb nor a stray cell in the last column costs
//! more than a table of the size that is taken.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};

use super::file::{Cell, Form, Grid, MOST_COLUMNS, Row, push, rejected};
use super::parts::Parts;
use crate::error::{Error, Flaw};

/// Bytes a workbook may have when it is unpacked.
const MOST_UNPACKED: u64 = 192 << 20;
/// Files in it.
const MOST_PARTS: usize = 2_000;
/// Bytes of text in its cells: one long text may stand in many of them.
const MOST_TEXT: usize = 64 << 20;
/// Sheets that are told not to be read, and letters of a sheet's name that are kept: no spreadsheet takes more than 31.
const SHOWN_SHEETS: usize = 20;
const LONGEST_SHEET: usize = 100;

/// Reads a workbook.
///
/// # Errors
/// `table_rejected` when it is none, or too large.
pub fn read(bytes: &[u8]) -> Result<Grid, Error> {
    must_unpack_within_bounds(bytes)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let seen = workbook.sheets_metadata().iter();
    let seen = seen.filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let mut names: Vec<String> = seen.map(|sheet| sheet.name.clone()).collect();
    if names.is_empty() {
        return Err(rejected(Flaw::EmptyTable, []));
    }
    let name = names.remove(0);
    let rows = rows(&mut workbook, &name)?;
    let others = names.iter().take(SHOWN_SHEETS).map(|name| shown(name));
    Ok(Grid { rows, sheet: Some(shown(&name)), other_sheets: others.collect() })
}

fn shown(sheet: &str) -> String {
    sheet.chars().filter(|letter| !letter.is_control()).take(LONGEST_SHEET).collect()
}

fn broken(_: calamine::XlsxError) -> Error {
    rejected(Flaw::BrokenTable, [])
}

/// Unpacks everything into nothing: what a part says of its own size need not be so. What the reader would keep all of is
/// counted meanwhile.
fn must_unpack_within_bounds(bytes: &[u8]) -> Result<(), Error> {
    let broken = || rejected(Flaw::BrokenTable, []);
    let too_large = |max: String| rejected(Flaw::UnpacksTooLarge, [("max", max)]);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    let mebibytes = format!("{} MiB", MOST_UNPACKED >> 20);
    if archive.len() > MOST_PARTS {
        return Err(too_large(mebibytes));
    }
    let refused = |parts: &Parts| parts.excess().map_or_else(broken, too_large);
    let mut parts = Parts::default();
    let mut left = MOST_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| broken())?;
        let size = std::io::copy(&mut part.take(left + 1), &mut parts).map_err(|_| refused(&parts))?;
        parts.end_part();
        left = left.checked_sub(size).ok_or_else(|| too_large(mebibytes.clone()))?;
    }
    parts.must_fit().map_err(|_| refused(&parts))
}

fn rows(workbook: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Vec<Row>, Error> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(broken)?;
    // A number shown with leading zeros is meant with them.
    let padded: Vec<usize> = reader
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().map_or(0, |format| zeros(&format.format_code)))
        .collect();
    let mut rows = Vec::new();
    let mut cells: Vec<Cell> = Vec::new();
    let (mut current, mut text_left) = (0, MOST_TEXT);
    while let Some((found, style)) = reader.next_cell_with_style_id().map_err(broken)? {
        let (row, column) = found.get_position();
        if row != current {
            // Rows come in order; those of a file that says otherwise are refused.
            push(&mut rows, i64::from(current) + 1, std::mem::take(&mut cells))?;
            current = row;
        }
        let Some(cell) = cell(found.get_value(), padded.get(style).copied().unwrap_or_default()) else { continue };
        text_left = text_left
            .checked_sub(cell.text.len())
            .ok_or_else(|| rejected(Flaw::UnpacksTooLarge, [("max", format!("{} MiB", MOST_TEXT >> 20))]))?;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_COLUMNS {
            return Err(rejected(Flaw::TooManyColumns, [("max", MOST_COLUMNS.to_string())]));
        }
        let nothing = || Cell { text: String::new(), form: Form::Text };
        if cells.len() <= column {
            cells.resize_with(column + 1, nothing);
        }
        if let Some(place) = cells.get_mut(column) {
            *place = cell;
        }
    }
    push(&mut rows, i64::from(current) + 1, cells)?;
    Ok(rows)
}

/// How many digits a number format such as `000000` shows at least; nought for any other.
fn zeros(format: &str) -> usize {
    if format.len() > 1 && format.len() <= 30 && format.bytes().all(|byte| byte == b'0') { format.len() } else { 0 }
}

/// What a cell shows; nothing when it is empty.
fn cell(value: &DataRef<'_>, width: usize) -> Option<Cell> {
    let of = |text: String, form: Form| (!text.is_empty()).then_some(Cell { text, form });
    let text = |text: &str| of(text.trim().to_owned(), Form::Text);
    match value {
        DataRef::Empty => None,
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(flag) => text(if *flag { "true" } else { "false" }),
        DataRef::Error(error) => text(&error.to_string()),
        DataRef::Int(number) if width > 0 => text(&format!("{number:0>width$}")),
        DataRef::Float(number) if width > 0 && number.fract() == 0.0 && *number >= 0.0 => {
            text(&format!("{number:0>width$.0}"))
        }
        DataRef::Int(number) => of(number.to_string(), Form::Number),
        // Display writes no exponent and no ".0".
        DataRef::Float(number) => of(number.to_string(), Form::Number),
        DataRef::DateTime(moment) => match moment.as_datetime() {
            Some(moment) => of(moment.date().to_string(), Form::Date),
            None => of(moment.as_f64().to_string(), Form::Number),
        },
        DataRef::DateTimeIso(moment) => of(moment.split('T').next().unwrap_or_default().to_owned(), Form::Date),
        DataRef::DurationIso(duration) => text(duration),
    }
}
