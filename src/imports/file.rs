//! From the bytes that somebody sent to a table of texts. Pure: no database, no HTTP.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{ImportKind, columns, csv_file, workbook};
use crate::error::{Code, Error, FieldError, Flaw, Refusal};

/// Bytes a file may have.
pub const MOST_BYTES: usize = 20 << 20;
/// Rows of a table, without the names of its columns.
pub const MOST_ROWS: usize = 20_000;
/// Columns of a table.
pub const MOST_COLUMNS: usize = 100;
/// Letters of a column's name that are kept.
const LONGEST_COLUMN: usize = 200;
/// Rows among which the names of the columns are looked for: above them people write titles and dates.
const HEAD: usize = 20;

/// What a spreadsheet took a cell for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text, as it was typed.
    Text,
    /// A number: leading zeros and digits after the fifteenth are gone.
    Number,
    /// A day.
    Date,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What it shows, without blanks at the ends.
    pub text: String,
    /// What the spreadsheet took it for.
    pub form: Form,
}

/// A row that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number in the file, from 1.
    pub number: i64,
    /// Its cells; those at the end may be missing.
    pub cells: Vec<Cell>,
}

/// Rows as they stand in a file.
#[derive(Debug, Default)]
pub struct Grid {
    /// All but blank ones.
    pub rows: Vec<Row>,
    /// The sheet they are on, in a workbook.
    pub sheet: Option<String>,
    /// Further sheets of the workbook, which are not read.
    pub other_sheets: Vec<String>,
}

/// A table with named columns.
#[derive(Debug)]
pub struct Table {
    /// What the columns are called, each differently.
    pub columns: Vec<String>,
    /// The row these names stand in.
    pub header_row: i64,
    /// The rows below.
    pub rows: Vec<Row>,
    /// The sheet they are on, in a workbook.
    pub sheet: Option<String>,
    /// What somebody should know about the table.
    pub warnings: Vec<Warning>,
}

/// Something to know about a table as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is.
    pub flaw: Flaw,
    /// The column it is about.
    pub column: Option<String>,
    /// What the sentence needs.
    pub params: Vec<(&'static str, String)>,
}

/// The refusal of a file.
pub fn rejected<const N: usize>(flaw: Flaw, params: [(&'static str, String); N]) -> Error {
    let field = FieldError { pointer: "file".to_owned(), flaw, params: params.to_vec() };
    Refusal { fields: vec![field], ..Code::TableRejected.into() }.into()
}

/// Reads a file: CSV in any usual encoding and with any usual separator, or XLSX. The names of its columns are looked for,
/// unless it is known already in which row they stand.
///
/// # Errors
/// `table_rejected` that says why.
pub fn read(bytes: &[u8], kind: ImportKind, header_row: Option<i64>) -> Result<Table, Error> {
    if bytes.is_empty() {
        return Err(rejected(Flaw::EmptyTable, []));
    }
    let zip = bytes.starts_with(b"PK");
    let grid = if zip {
        // A hostile workbook must not become a defect of ours, whatever its reader makes of it.
        catch_unwind(AssertUnwindSafe(|| workbook::read(bytes)))
            .unwrap_or_else(|_| Err(rejected(Flaw::BrokenTable, [])))?
    } else {
        csv_file::read(bytes, kind)?
    };
    table(grid, kind, header_row)
}

/// Adds a row if it is not blank. Rows are known by their numbers, so each must be below the one before.
///
/// # Errors
/// `table_rejected` when there are too many rows or columns, or when they are not in order.
pub fn push(rows: &mut Vec<Row>, number: i64, mut cells: Vec<Cell>) -> Result<(), Error> {
    while cells.last().is_some_and(|cell| cell.text.is_empty()) {
        cells.pop();
    }
    if cells.is_empty() {
        return Ok(());
    }
    if cells.len() > MOST_COLUMNS {
        return Err(rejected(Flaw::TooManyColumns, [("max", MOST_COLUMNS.to_string())]));
    }
    if rows.len() >= MOST_ROWS + HEAD {
        return Err(rejected(Flaw::TooManyRows, [("max", MOST_ROWS.to_string())]));
    }
    if rows.last().is_some_and(|above| above.number >= number) {
        return Err(rejected(Flaw::BrokenTable, []));
    }
    rows.push(Row { number, cells });
    Ok(())
}

/// How many columns of a row have names that are known.
pub fn known_names(row: &Row, kind: ImportKind) -> usize {
    row.cells.iter().filter(|cell| columns::recognise(kind, &cell.text).is_some()).count()
}

fn table(grid: Grid, kind: ImportKind, header_row: Option<i64>) -> Result<Table, Error> {
    let Grid { mut rows, sheet, other_sheets } = grid;
    let known = |row: &Row| known_names(row, kind);
    let place = match header_row {
        Some(number) => rows.iter().position(|row| row.number == number),
        // The first of those that know most: `max_by_key` would take the last.
        None => rows.iter().take(HEAD).enumerate().rev().max_by_key(|(_, row)| known(row)).map(|(place, _)| place),
    };
    let mut below = rows.split_off(place.map_or(0, |place| place + 1));
    let header = rows.pop().ok_or_else(|| rejected(Flaw::EmptyTable, []))?;
    if below.is_empty() {
        return Err(rejected(Flaw::EmptyTable, []));
    }
    if below.len() > MOST_ROWS {
        return Err(rejected(Flaw::TooManyRows, [("max", MOST_ROWS.to_string())]));
    }
    let mut warnings = Vec::new();
    if known(&header) == 0 {
        warnings.push(Warning { flaw: Flaw::NoKnownColumns, column: None, params: Vec::new() });
    }
    if !other_sheets.is_empty() {
        let params = vec![("other", other_sheets.join(", "))];
        warnings.push(Warning { flaw: Flaw::OtherSheets, column: None, params });
    }
    let width = below.iter().map(|row| row.cells.len()).max().unwrap_or_default().max(header.cells.len());
    let columns = names(&header, width, &mut warnings);
    below.shrink_to_fit();
    Ok(Table { columns, header_row: header.number, rows: below, sheet, warnings })
}

/// A name of its own for each column.
fn names(header: &Row, width: usize, warnings: &mut Vec<Warning>) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(width);
    for place in 0..width {
        let text = header.cells.get(place).map_or("", |cell| cell.text.as_str());
        let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let mut name: String = words.join(" ").chars().take(LONGEST_COLUMN).collect();
        if name.is_empty() {
            name = format!("({})", letters(place));
        } else if taken.contains(&name) {
            let column = Some(name.clone());
            warnings.push(Warning { flaw: Flaw::DuplicateColumn, column, params: Vec::new() });
        }
        let given = name.clone();
        let mut copy = 2;
        while !taken.insert(name.clone()) {
            name = format!("{given} ({copy})");
            copy += 1;
        }
        names.push(name);
    }
    names
}

/// What spreadsheets call a column: A, B, … Z, AA.
fn letters(place: usize) -> String {
    let letter = |digit: usize| char::from(b'A' + u8::try_from(digit % 26).unwrap_or_default());
    if place < 26 { letter(place).to_string() } else { format!("{}{}", letter(place / 26 - 1), letter(place)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(bytes: &[u8]) -> Flaw {
        match read(bytes, ImportKind::Assets, None) {
            Err(Error::Refused(refusal)) => refusal.fields.first().unwrap().flaw,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_names_of_columns_stand_below_a_title() {
        let csv = "Ведомость оборудования;;\n\nНа 01.11.2026\n№ п/п;Инв. №;Наименование;;Модель;Модель\n\n1;0001;Принтер;да\n";
        let table = read(csv.as_bytes(), ImportKind::Assets, None).unwrap();
        assert_eq!(table.header_row, 4);
        assert_eq!(table.columns, ["№ п/п", "Инв. №", "Наименование", "(D)", "Модель", "Модель (2)"]);
        assert_eq!((table.rows.len(), table.rows.first().unwrap().number), (1, 6));
        assert_eq!(table.warnings.first().unwrap().flaw, Flaw::DuplicateColumn);
        let told = read(csv.as_bytes(), ImportKind::Assets, Some(3)).unwrap();
        assert_eq!((told.header_row, told.rows.len()), (3, 2));
    }

    #[test]
    fn what_is_no_table_is_told_so() {
        assert_eq!(flaw(b""), Flaw::EmptyTable);
        assert_eq!(flaw(b"\n\r\n ; ;\n"), Flaw::EmptyTable);
        assert_eq!(flaw("Название;Модель\n".as_bytes()), Flaw::EmptyTable);
        assert_eq!(flaw(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Flaw::NotATable);
        assert_eq!(flaw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0"), Flaw::NotATable);
        assert_eq!(flaw(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"), Flaw::NotATable);
        assert_eq!(flaw(b"PK\x03\x04 and nothing that follows"), Flaw::BrokenTable);
        let wide = format!("{}\n{}", vec!["Модель"; 200].join(";"), vec!["x"; 200].join(";"));
        assert_eq!(flaw(wide.as_bytes()), Flaw::TooManyColumns);
        let long = format!("Название\n{}", "Принтер\n".repeat(MOST_ROWS + 1));
        assert_eq!(flaw(long.as_bytes()), Flaw::TooManyRows);
        let fits = format!("Название\n{}", "Принтер\n".repeat(MOST_ROWS));
        assert_eq!(read(fits.as_bytes(), ImportKind::Assets, None).unwrap().rows.len(), MOST_ROWS);
    }

    #[test]
    fn columns_are_lettered_as_in_spreadsheets() {
        assert_eq!([letters(0), letters(25), letters(26), letters(99)], ["A", "Z", "AA", "CV"]);
    }
}
