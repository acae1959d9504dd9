//! Rows that are companies, and companies that other rows name: by tax number, else by name.

use std::collections::HashMap;

use super::file::{Row, Table};
use super::numbers::{Found, Index};
use super::plan::{Known, RowPlan, Work, mistaken, settle};
use super::records::Batch;
use super::values::{Cells, Places, name_key};
use crate::companies::CompanyId;
use crate::companies::company::{Company, EditCompany, NewCompany};
use crate::error::Flaw;
use crate::http::Change;
use crate::identifiers::details::{self, Law};
use crate::words::text::Line;

/// All companies, by their tax numbers and names: those we work with, and those put away, apart.
pub struct Directory {
    companies: Vec<Company>,
    used: Shelf,
    gone: Shelf,
}

/// Some companies by their tax numbers and names.
#[derive(Default)]
struct Shelf {
    by_tax_id: Index<(), usize>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Shelf {
    fn put(&mut self, place: usize, company: &Company) {
        if let Some(tax_id) = &company.tax_id {
            self.by_tax_id.insert((), tax_id, place);
        }
        let mut names = vec![name_key(&company.name)];
        names.extend(company.legal_name.as_deref().map(name_key));
        names.dedup();
        for name in names {
            self.by_name.entry(name).or_default().push(place);
        }
    }

    fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(&name_key(name)).map_or(&[], Vec::as_slice)
    }
}

/// What a company is found to be.
enum Match {
    /// This one.
    One(usize),
    /// None of ours.
    Nothing,
    /// Something is wrong, and noted.
    Flawed,
}

impl Directory {
    /// A directory of these.
    pub fn new(companies: Vec<Company>) -> Self {
        let (mut used, mut gone) = (Shelf::default(), Shelf::default());
        for (place, company) in companies.iter().enumerate() {
            let shelf = if company.archived_at.is_some() { &mut gone } else { &mut used };
            shelf.put(place, company);
        }
        Self { companies, used, gone }
    }

    fn get(&self, place: usize) -> Option<&Company> {
        self.companies.get(place)
    }

    /// The versions of all companies together.
    pub fn versions(&self) -> i64 {
        self.companies.iter().map(|company| company.version).sum()
    }

    /// The company that a row of something else names.
    pub fn owner(&self, cells: &mut Cells<'_>, tax_id: &str, name: &str) -> Option<CompanyId> {
        let field = if tax_id.is_empty() { "company" } else { "company_tax_id" };
        match self.find(cells, field, tax_id, name) {
            Match::One(place) => Some(self.get(place)?.id),
            Match::Nothing => {
                cells.mistake(field, Flaw::UnknownCompany, []);
                None
            }
            Match::Flawed => None,
        }
    }

    /// By tax number, else by name among those that have no other one. One that was put away is told, never meant.
    fn find(&self, cells: &mut Cells<'_>, field: &str, tax_id: &str, name: &str) -> Match {
        if !tax_id.is_empty() {
            match self.used.by_tax_id.find((), tax_id) {
                Found::This(place) => return Match::One(place),
                Found::ButForZeros(place) => {
                    let known = self.get(place).and_then(|company| company.tax_id.clone()).unwrap_or_default();
                    cells.warn(field, Flaw::LeadingZeros, [("other", known)]);
                    return Match::One(place);
                }
                Found::Several => {
                    // Branches share a number: their names tell them apart.
                    let same = |place: &&usize| self.tax_id_of(**place).eq_ignore_ascii_case(tax_id);
                    let mut named = self.used.named(name).iter().filter(same);
                    return match (named.next(), named.next()) {
                        (Some(one), None) => Match::One(*one),
                        _ => flawed(cells, field, Flaw::Ambiguous),
                    };
                }
                Found::Nothing => {}
            }
        }
        let free = |place: &&usize| tax_id.is_empty() || self.tax_id_of(**place).is_empty();
        let mut named = self.used.named(name).iter().filter(free);
        match (named.next(), named.next()) {
            (None, _) if self.gone.by_tax_id.find((), tax_id) != Found::Nothing => flawed(cells, field, Flaw::Archived),
            (None, _) if self.gone.named(name).iter().any(|place| free(&place)) => flawed(cells, field, Flaw::Archived),
            (None, _) => Match::Nothing,
            (Some(one), None) => Match::One(*one),
            _ => flawed(cells, if field.starts_with("company") { "company" } else { "name" }, Flaw::Ambiguous),
        }
    }

    fn tax_id_of(&self, place: usize) -> &str {
        self.get(place).and_then(|company| company.tax_id.as_deref()).unwrap_or_default()
    }
}

fn flawed(cells: &mut Cells<'_>, field: &str, flaw: Flaw) -> Match {
    cells.mistake(field, flaw, []);
    Match::Flawed
}

/// What becomes of rows that are companies.
pub fn plan(known: &Known, table: &Table, places: &Places) -> (Vec<RowPlan>, Work) {
    let mut seen = Seen::default();
    let mut batch = Batch::default();
    let rows = table.rows.iter().map(|row| one(known, row, places, &mut seen, &mut batch)).collect();
    (rows, Work { companies: batch, ..Work::default() })
}

/// What rows above have said.
#[derive(Default)]
struct Seen {
    by_tax_id: Index<(), i64>,
    /// By name and tax number.
    by_name: HashMap<(String, String), i64>,
    /// By the record that was there.
    by_place: HashMap<usize, i64>,
}

impl Seen {
    /// The row above that is the same company, if there is one; else this row is noted.
    fn before(&mut self, number: i64, place: Option<usize>, name: &str, tax_id: &str) -> Option<i64> {
        let key = (name_key(name), tax_id.to_owned());
        let same = match self.by_tax_id.find((), tax_id) {
            Found::This(row) | Found::ButForZeros(row) => Some(row),
            Found::Nothing | Found::Several => None,
        };
        // Branches share a number, but not a name.
        let same = same.filter(|_| place.is_none()).or_else(|| self.by_name.get(&key).copied());
        let same = same.or_else(|| place.and_then(|place| self.by_place.get(&place).copied()));
        if same.is_none() {
            self.by_tax_id.insert((), tax_id, number);
            self.by_name.insert(key, number);
            self.by_place.extend(place.map(|place| (place, number)));
        }
        same
    }
}

fn one(known: &Known, row: &Row, places: &Places, seen: &mut Seen, batch: &mut Batch<Company>) -> RowPlan {
    let mut cells = Cells::new(row, places);
    let (name, legal_name) = (cells.line::<300>("name"), cells.line::<300>("legal_name"));
    let mut tax_id: Option<Line<30>> = cells.number("tax_id");
    let (tax_code, address): (Option<Line<30>>, _) = (cells.number("tax_code"), cells.line("address"));
    let (phone, email) = (cells.line("phone"), cells.email("email"));
    let (category, language) = (cells.line("category"), cells.language("language"));
    let called = name.as_deref().or(legal_name.as_deref()).unwrap_or_default().to_owned();
    let number = tax_id.as_deref().unwrap_or_default().to_owned();
    if cells.is_mistaken() {
        return mistaken(row.number, cells.notes);
    }
    let field = if number.is_empty() { "name" } else { "tax_id" };
    let place = match known.companies.find(&mut cells, field, &number, &called) {
        Match::One(place) => Some(place),
        Match::Nothing => None,
        Match::Flawed => return mistaken(row.number, cells.notes),
    };
    if let Some(above) = seen.before(row.number, place, &called, &number) {
        cells.mistake(field, Flaw::Repeated, [("row", above.to_string())]);
        return mistaken(row.number, cells.notes);
    }
    let Some(before) = place.and_then(|place| known.companies.get(place)) else {
        // What has a registered name only is called by it.
        let Some(name) = name.or_else(|| legal_name.clone()) else {
            cells.mistake("name", Flaw::Required, []);
            return mistaken(row.number, cells.notes);
        };
        doubt(&mut cells, known.law, tax_id.as_ref(), tax_code.as_ref());
        let new =
            NewCompany { id: None, name, legal_name, tax_id, tax_code, address, phone, email, category, language };
        return settle(row.number, cells.notes, None, Company::new(CompanyId::new(), &new, known.now), batch);
    };
    // Zeros that a spreadsheet took are not taken from us.
    if before.tax_id.as_ref().is_some_and(|kept| kept.len() > number.len()) {
        tax_id = None;
    }
    doubt(&mut cells, known.law, tax_id.as_ref(), tax_code.as_ref());
    let change = EditCompany {
        name,
        legal_name: set(legal_name),
        tax_id: set(tax_id),
        tax_code: set(tax_code),
        address: set(address),
        phone: set(phone),
        email: set(email),
        category: set(category),
        language: set(language),
        ..EditCompany::default()
    };
    settle(row.number, cells.notes, Some(before), before.edited(&change, known.by, known.now), batch)
}

/// A wrong digit is told, not refused: the table may be all there is.
fn doubt(cells: &mut Cells<'_>, law: Option<Law>, tax_id: Option<&Line<30>>, tax_code: Option<&Line<30>>) {
    let Some(law) = law else { return };
    for flaw in details::of_party(law, tax_id.map(|id| &**id), tax_code.map(|code| &**code)) {
        cells.warn_of(flaw);
    }
}

/// What a cell says; an empty one says nothing.
pub fn set<T>(value: Option<T>) -> Change<T> {
    value.map_or(Change::Keep, Change::Set)
}
