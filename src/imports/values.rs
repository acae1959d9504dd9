//! From the cells of a row to values that have been looked at. What does not fit becomes a note that names the cell.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::ImportKind;
use super::columns::{ATTRIBUTE, fields};
use super::file::{Cell, Form, Row};
use super::numbers::{identifies, is_scientific};
use crate::companies::SigningAuthority;
use crate::db::types::Day;
use crate::error::{FieldError, Flaw};
use crate::http::body::diagnose;
use crate::words::Language;
use crate::words::search::fold;
use crate::words::text::{Email, Line};
use crate::words::zone::Zone;

/// Letters of a value that a note shows.
const SHOWN: usize = 100;

/// Which column fills which field.
#[derive(Debug, Default)]
pub struct Places {
    fields: HashMap<&'static str, usize>,
    /// Names of attributes and their columns.
    pub attributes: Vec<(String, usize)>,
}

impl Places {
    /// The places of the fields that columns were mapped to.
    pub fn new<'a>(kind: ImportKind, mapped: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut places = Self::default();
        for (place, field) in mapped.into_iter().enumerate() {
            let Some(field) = field else { continue };
            if let Some(name) = field.strip_prefix(ATTRIBUTE) {
                places.attributes.push((name.trim().to_owned(), place));
            } else if let Some(known) = fields(kind).iter().find(|known| known.name == field) {
                places.fields.insert(known.name, place);
            }
        }
        places
    }

    /// Whether a column fills the field.
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// The cell of a field, if there is something in it.
    pub fn cell<'r>(&self, row: &'r Row, field: &str) -> Option<&'r Cell> {
        let cell = row.cells.get(*self.fields.get(field)?)?;
        (!cell.text.is_empty()).then_some(cell)
    }

    /// The text of a field; empty when there is none.
    pub fn text<'r>(&self, row: &'r Row, field: &str) -> &'r str {
        self.cell(row, field).map_or("", |cell| cell.text.as_str())
    }
}

/// Something to know about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whether nothing can be done because of it.
    pub mistake: bool,
    /// The field it is about.
    pub field: String,
    /// The column of that field, from 0, if any fills it.
    pub column: Option<usize>,
    /// What stands there.
    pub value: String,
    /// What it is.
    pub flaw: Flaw,
    /// What the sentence needs.
    pub params: Vec<(&'static str, String)>,
}

/// Reads one row.
#[derive(Debug)]
pub struct Cells<'a> {
    row: &'a Row,
    places: &'a Places,
    /// What was noticed.
    pub notes: Vec<Note>,
}

impl<'a> Cells<'a> {
    /// A row with its fields.
    pub const fn new(row: &'a Row, places: &'a Places) -> Self {
        Self { row, places, notes: Vec::new() }
    }

    /// Whether something is wrong so far.
    pub fn is_mistaken(&self) -> bool {
        self.notes.iter().any(|note| note.mistake)
    }

    /// Notes that nothing can be done because of a field.
    pub fn mistake<const N: usize>(&mut self, field: &str, flaw: Flaw, params: [(&'static str, String); N]) {
        self.note(true, field, flaw, params.to_vec());
    }

    /// Notes something about a field that somebody should look at.
    pub fn warn<const N: usize>(&mut self, field: &str, flaw: Flaw, params: [(&'static str, String); N]) {
        self.note(false, field, flaw, params.to_vec());
    }

    /// Notes what is wrong with a field of a record, as something to look at.
    pub fn warn_of(&mut self, flaw: FieldError) {
        self.note(false, flaw.pointer.trim_start_matches('/'), flaw.flaw, flaw.params);
    }

    fn note(&mut self, mistake: bool, field: &str, flaw: Flaw, params: Vec<(&'static str, String)>) {
        let column = match field.strip_prefix(ATTRIBUTE) {
            Some(name) => self.places.attributes.iter().find(|(known, _)| known == name).map(|(_, place)| *place),
            None => self.places.fields.get(field).copied(),
        };
        let value = column.and_then(|column| self.row.cells.get(column)).map_or("", |cell| cell.text.as_str());
        let value = value.replace('\0', "\u{fffd}").chars().take(SHOWN).collect();
        self.notes.push(Note { mistake, field: field.to_owned(), column, value, flaw, params });
    }

    /// The text of a field; empty when there is none.
    pub fn text(&self, field: &str) -> &'a str {
        self.places.text(self.row, field)
    }

    fn parsed<T, E: AsRef<str>>(&mut self, field: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(flaw) => {
                let (flaw, _, params) = diagnose(flaw.as_ref());
                self.note(true, field, flaw, params);
                None
            }
        }
    }

    /// A line of text.
    pub fn line<const MAX: usize>(&mut self, field: &str) -> Option<Line<MAX>> {
        self.parsed(field, Line::parse)
    }

    /// A number that names something, as long as no spreadsheet has spoilt it.
    pub fn number<const MAX: usize>(&mut self, field: &str) -> Option<Line<MAX>> {
        let cell = self.places.cell(self.row, field)?;
        let long = cell.text.len() > 15 && cell.text.bytes().all(|byte| byte.is_ascii_digit());
        let spoilt = match cell.form {
            Form::Text => is_scientific(&cell.text),
            // Of a number, spreadsheets keep fifteen digits and make the others nought.
            Form::Number => long || is_scientific(&cell.text),
            Form::Date => true,
        };
        if spoilt {
            self.mistake(field, Flaw::SpoiltNumber, []);
            return None;
        }
        self.line(field)
    }

    /// An e-mail address.
    pub fn email(&mut self, field: &str) -> Option<Email> {
        self.parsed(field, Email::parse)
    }

    /// A time zone.
    pub fn zone(&mut self, field: &str) -> Option<Zone> {
        self.parsed(field, str::parse)
    }

    /// A day, as spreadsheets or people write it.
    pub fn day(&mut self, field: &str) -> Option<Day> {
        self.parsed(field, |text| day(text).ok_or("!not_a_day"))
    }

    /// A language.
    pub fn language(&mut self, field: &str) -> Option<Language> {
        self.parsed(field, |text| language(text).ok_or("!not_one_of allowed=ru,~uk,~en"))
    }

    /// What somebody may sign.
    pub fn authority(&mut self, field: &str) -> Option<SigningAuthority> {
        self.parsed(field, |text| authority(text).ok_or("!not_one_of allowed=none,~routine,~official"))
    }

    /// The values of attributes, by their names.
    pub fn attributes(&mut self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (name, place) in &self.places.attributes {
            let Some(cell) = self.row.cells.get(*place).filter(|cell| !cell.text.is_empty()) else { continue };
            match Line::<2_000>::parse(&cell.text) {
                Ok(value) => found.push((name.clone(), value.to_string())),
                Err(flaw) => {
                    let (flaw, _, params) = diagnose(&flaw);
                    self.note(true, &format!("{ATTRIBUTE}{name}"), flaw, params);
                }
            }
        }
        found
    }
}

/// Whether a text is a number that names something.
pub fn named<const MAX: usize>(number: Option<&Line<MAX>>) -> Option<&str> {
    number.map(|number| &**number).filter(|number| identifies(number))
}

/// A name for comparing: without case, quotation marks and doubled blanks.
pub fn name_key(name: &str) -> String {
    let quotes = ['"', '\'', '«', '»', '“', '”', '„', '‘', '’', '`', 'ʼ'];
    fold([name.replace(quotes, "").as_str()])
}

/// 2027-03-31, 31.03.2027, 31/03/2027, with a time behind it or not.
fn day(text: &str) -> Option<Day> {
    let date = text.split([' ', 'T']).next().unwrap_or_default().trim_end_matches("г.").trim_end_matches('.');
    let year = |date: &NaiveDate| (1970..=2200).contains(&chrono::Datelike::year(date));
    ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"]
        .into_iter()
        .filter_map(|format| NaiveDate::parse_from_str(date, format).ok())
        .find(year)
        .map(Day)
}

fn language(text: &str) -> Option<Language> {
    match fold([text]).as_str() {
        "ru" | "rus" | "русский" | "рус" | "російська" | "russian" => Some(Language::Ru),
        "uk" | "ua" | "ukr" | "украинский" | "укр" | "українська" | "ukrainian" => {
            Some(Language::Uk)
        }
        "en" | "eng" | "английский" | "англ" | "англійська" | "english" => Some(Language::En),
        _ => None,
    }
}

fn authority(text: &str) -> Option<SigningAuthority> {
    match fold([text]).as_str() {
        "none" | "no" | "нет" | "ні" | "немає" | "без права подписи" | "без права підпису" | "-" => {
            Some(SigningAuthority::None)
        }
        "routine" | "текущие работы" | "обычные работы" | "поточні роботи" | "звичайні роботи" => {
            Some(SigningAuthority::Routine)
        }
        "official" | "все документы" | "должностное лицо" | "директор" | "усі документи" | "посадова особа" => {
            Some(SigningAuthority::Official)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let wanted = "2027-03-31".parse().ok();
        for text in
            ["2027-03-31", "31.03.2027", "31/03/2027", "31.03.2027 г.", "31.03.2027 0:00", "2027-03-31T00:00:00"]
        {
            assert_eq!(day(text), wanted, "{text}");
        }
        for text in ["31.03", "31.02.2027", "март 2027", "31.03.27", "46477", ""] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_compared_without_their_dress() {
        assert_eq!(name_key("ООО  «РОМАШКА»"), name_key("ооо \"Ромашка\""));
        assert_eq!(name_key("Мар’яна"), name_key("Мар'яна"));
        assert_ne!(name_key("Офис 1"), name_key("Офис 11"));
    }
}
