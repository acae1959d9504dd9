//! Rows that are devices: found by inventory number within the company, else by the number in another program, else by
//! serial number.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::companies::set;
use super::file::{Row, Table};
use super::numbers::{Found, Index, LONGEST, Widths};
use super::parents::{self, Part};
use super::plan::{Known, RowPlan, Work, mistaken, settle};
use super::records::Batch;
use super::values::{Cells, Places, named};
use crate::assets::{Asset, AssetId, Attribute, EditAsset, NewAsset};
use crate::companies::{CompanyId, SiteId};
use crate::error::{Error, Flaw};
use crate::http::Change;
use crate::words::text::Line;

/// The numbers a device is found by, the strongest first.
const NUMBERS: [&str; 3] = ["inventory_number", "external_number", "serial_number"];

/// The numbers of a device that is known.
#[derive(Debug)]
pub struct NumberRow {
    /// The device.
    pub id: AssetId,
    /// Whose it is.
    pub company_id: CompanyId,
    /// What it is a part of.
    pub parent_id: Option<AssetId>,
    /// Its numbers, in the order of `NUMBERS`.
    pub numbers: [Option<String>; 3],
    /// Whether it is out of service.
    pub archived: bool,
    /// Its version.
    pub version: i64,
}

/// Devices by their numbers, those in service and those out of it apart.
#[derive(Default)]
pub struct Numbered {
    /// All of them.
    pub rows: Vec<NumberRow>,
    used: [Index<CompanyId, usize>; 3],
    /// The places of those out of service by their numbers.
    pub gone: [Index<CompanyId, usize>; 3],
}

/// How long the numbers of each company are.
pub type Lengths = HashMap<CompanyId, [Widths; 3]>;

/// Puts devices in order, and notes how long their numbers are.
pub fn index(rows: Vec<NumberRow>) -> (Numbered, Lengths) {
    let mut numbered = Numbered::default();
    let mut lengths = Lengths::new();
    for (place, row) in rows.iter().enumerate() {
        let to = if row.archived { &mut numbered.gone } else { &mut numbered.used };
        let widths = lengths.entry(row.company_id).or_default();
        for ((index, width), number) in to.iter_mut().zip(widths).zip(&row.numbers) {
            if let Some(number) = number {
                index.insert(row.company_id, number, place);
                width.note(number);
            }
        }
    }
    numbered.rows = rows;
    (numbered, lengths)
}

/// A row as far as it says which device it is. Numbers are looked up as they would be kept, or one lookup would find what
/// another does not.
pub struct Said<'a> {
    row: &'a Row,
    cells: Cells<'a>,
    company: Option<CompanyId>,
    numbers: [Option<Line<LONGEST>>; 3],
}

/// Which devices the rows of a table say they are.
pub fn said<'a>(known: &Known, table: &'a Table, places: &'a Places) -> Vec<Said<'a>> {
    let said = |row: &'a Row| {
        let mut cells = Cells::new(row, places);
        let company = known.owner(&mut cells);
        let numbers = NUMBERS.map(|field| cells.number(field));
        Said { row, cells, company, numbers }
    };
    table.rows.iter().map(said).collect()
}

/// The devices that rows may mean.
pub fn wanted(numbered: &Numbered, said: &[Said<'_>]) -> Vec<AssetId> {
    let mut wanted = BTreeSet::new();
    for Said { company, numbers, .. } in said {
        let Some(company) = company else { continue };
        for (number, index) in numbers.iter().zip(&numbered.used) {
            let Some(number) = number else { continue };
            if let Found::This(place) | Found::ButForZeros(place) = index.find(*company, number) {
                wanted.extend(numbered.rows.get(place).map(|row| row.id));
            }
        }
    }
    wanted.into_iter().collect()
}

/// What becomes of rows that are devices.
///
/// # Errors
/// `internal` when a device that is meant was not loaded: taken for a new one it would be there twice.
pub fn plan<'a>(
    known: &mut Known,
    numbered: &Numbered,
    lengths: Lengths,
    found: &'a BTreeMap<AssetId, Asset>,
    said: Vec<Said<'a>>,
) -> Result<(Vec<RowPlan>, Work), Error> {
    let lengths = with_those_of(lengths, &said);
    let mut seen = Seen::default();
    let mut parts = Vec::with_capacity(said.len());
    for Said { row, mut cells, company, numbers } in said {
        let before = |place: usize| {
            let asset = numbered.rows.get(place).and_then(|row| found.get(&row.id));
            asset.ok_or_else(|| Error::internal("an import means a device that was not loaded"))
        };
        let parent = cells.number("parent");
        let mut planned = None;
        if let Some(mut draft) = draft(company, numbers.clone(), &mut cells)
            && let Some(place) = draft.identify(&mut cells, numbered, &lengths, &mut seen, row.number)
        {
            let settled = draft.settled(known, &mut cells, place.map(before).transpose()?);
            planned = settled.filter(|_| !cells.is_mistaken()).map(|(before, after)| (place, before, after));
        }
        let (known, before, after) =
            planned.map_or((None, None, None), |(place, before, after)| (place, before, Some(after)));
        parts.push(Part { number: row.number, cells, company, numbers, parent, known, before, after });
    }
    parents::settle(&mut parts, numbered);
    let mut batch = Batch::default();
    let settled = |Part { number, cells, before, after, .. }: Part<'_>| match after {
        Some(after) => settle(number, cells.notes, before, after, &mut batch),
        None => mistaken(number, cells.notes),
    };
    let rows = parts.into_iter().map(settled).collect();
    parents::parents_first(&mut batch.add);
    let used: BTreeSet<SiteId> = batch.after().filter_map(|asset: &Asset| asset.site_id).collect();
    let sites = known.sites.needed(&used);
    Ok((rows, Work { sites, assets: batch, ..Work::default() }))
}

/// The numbers in the table are fellows as well.
fn with_those_of(mut lengths: Lengths, said: &[Said<'_>]) -> Lengths {
    for Said { company, numbers, .. } in said {
        let Some(company) = company else { continue };
        for (width, number) in lengths.entry(*company).or_default().iter_mut().zip(numbers) {
            width.note(number.as_deref().unwrap_or_default());
        }
    }
    lengths
}

/// What rows above have said.
#[derive(Default)]
struct Seen {
    numbers: [Index<CompanyId, i64>; 3],
    by_place: HashMap<usize, i64>,
}

/// A row as it was read.
struct Draft {
    company_id: CompanyId,
    name: Option<Line<300>>,
    kind: Option<Line<100>>,
    manufacturer: Option<Line<100>>,
    model: Option<Line<200>>,
    /// In the order of [`NUMBERS`].
    numbers: [Option<Line<LONGEST>>; 3],
    warranty_until: Option<crate::db::types::Day>,
    attributes: Vec<(String, String)>,
}

/// Reads the rest of a row; nothing when something is wrong with it.
fn draft(company: Option<CompanyId>, numbers: [Option<Line<LONGEST>>; 3], cells: &mut Cells<'_>) -> Option<Draft> {
    let draft = Draft {
        company_id: company.unwrap_or_else(CompanyId::new),
        name: cells.line("name"),
        kind: cells.line("kind"),
        manufacturer: cells.line("manufacturer"),
        model: cells.line("model"),
        numbers,
        warranty_until: cells.day("warranty_until"),
        attributes: cells.attributes(),
    };
    (!cells.is_mistaken()).then_some(draft)
}

impl Draft {
    /// The device that is meant, if it is known: nothing at all when the row cannot be told from others.
    fn identify(
        &mut self,
        cells: &mut Cells<'_>,
        numbered: &Numbered,
        lengths: &Lengths,
        seen: &mut Seen,
        number: i64,
    ) -> Option<Option<usize>> {
        if self.numbers.iter().all(|number| named(number.as_ref()).is_none()) {
            cells.mistake("inventory_number", Flaw::NoNumber, []);
            return None;
        }
        self.must_be_first(cells, seen)?;
        let meant = self.known(cells, numbered)?;
        if let Some(above) = meant.and_then(|place| seen.by_place.get(&place)) {
            cells.mistake("inventory_number", Flaw::Repeated, [("row", above.to_string())]);
            return None;
        }
        if meant.is_none() {
            self.look_at_lengths(cells, lengths);
        }
        for (seen, given) in seen.numbers.iter_mut().zip(&self.numbers) {
            if let Some(given) = given {
                seen.insert(self.company_id, given, number);
            }
        }
        seen.by_place.extend(meant.map(|place| (place, number)));
        Some(meant)
    }

    /// No row above has the number this one is known by. A serial number beside a stronger one is only told.
    fn must_be_first(&self, cells: &mut Cells<'_>, seen: &Seen) -> Option<()> {
        let mut stronger = false;
        for ((field, given), seen) in NUMBERS.into_iter().zip(&self.numbers).zip(&seen.numbers) {
            let Some(given) = named(given.as_ref()) else { continue };
            let above = match seen.find(self.company_id, given) {
                Found::This(row) | Found::ButForZeros(row) => Some(row.to_string()),
                Found::Several => Some("…".to_owned()),
                Found::Nothing => None,
            };
            if let Some(above) = above {
                if field != "serial_number" || !stronger {
                    cells.mistake(field, Flaw::Repeated, [("row", above)]);
                    return None;
                }
                cells.warn(field, Flaw::Repeated, [("row", above)]);
            }
            stronger = true;
        }
        Some(())
    }

    /// The device that has one of the numbers, the strongest first.
    fn known(&mut self, cells: &mut Cells<'_>, numbered: &Numbered) -> Option<Option<usize>> {
        for (rank, field) in NUMBERS.into_iter().enumerate() {
            let Some(given) = self.numbers.get(rank).and_then(|given| named(given.as_ref())) else { continue };
            let (used, gone) = (numbered.used.get(rank)?, numbered.gone.get(rank)?);
            let (place, but_for_zeros) = match used.find(self.company_id, given) {
                Found::This(place) => (place, false),
                Found::ButForZeros(place) => (place, true),
                Found::Several => {
                    cells.mistake(field, Flaw::Ambiguous, []);
                    return None;
                }
                Found::Nothing => {
                    if self.is_gone(gone.find(self.company_id, given), numbered, rank) {
                        cells.mistake(field, Flaw::Archived, []);
                        return None;
                    }
                    continue;
                }
            };
            let device = numbered.rows.get(place)?;
            if let Some(other) = self.contradicted(device, rank) {
                cells.warn(field, Flaw::Lookalike, [("other", other)]);
                continue;
            }
            let kept = device.numbers.get(rank).cloned().flatten().unwrap_or_default();
            // Neither zeros that a spreadsheet took nor the case somebody typed in are taken from us.
            if kept.len() >= given.len()
                && let Some(given) = self.numbers.get_mut(rank)
            {
                *given = Line::parse(&kept).ok();
            }
            if but_for_zeros {
                cells.warn(field, Flaw::LeadingZeros, [("other", kept)]);
            }
            return Some(Some(place));
        }
        Some(None)
    }

    /// Whether what was found is the device that is meant, out of service. By a stronger number it may be another one.
    fn is_gone(&self, found: Found<usize>, numbered: &Numbered, rank: usize) -> bool {
        match found {
            Found::Nothing => false,
            Found::Several => true,
            Found::This(place) | Found::ButForZeros(place) => {
                numbered.rows.get(place).is_some_and(|device| self.contradicted(device, rank).is_none())
            }
        }
    }

    /// The stronger number by which a device is another one, though a weaker number is the same.
    fn contradicted(&self, device: &NumberRow, rank: usize) -> Option<String> {
        self.numbers.iter().zip(&device.numbers).take(rank).find_map(|(given, known)| {
            let given = named(given.as_ref())?;
            known.as_ref().filter(|known| known.as_str() != given && super::numbers::identifies(known)).cloned()
        })
    }

    fn look_at_lengths(&self, cells: &mut Cells<'_>, lengths: &Lengths) {
        let Some(widths) = lengths.get(&self.company_id) else { return };
        for ((field, given), width) in NUMBERS.into_iter().zip(&self.numbers).zip(widths) {
            if let Some(likely) = given.as_ref().and_then(|given| width.likely(given)) {
                cells.warn(field, Flaw::ZerosLost, [("other", likely)]);
            }
        }
    }

    /// The device before and after.
    fn settled<'a>(
        self,
        known: &mut Known,
        cells: &mut Cells<'_>,
        before: Option<&'a Asset>,
    ) -> Option<(Option<&'a Asset>, Asset)> {
        let site_id = known.site(cells, self.company_id);
        let [inventory_number, external_number, serial_number] = self.numbers;
        let mut attributes = before.map(Asset::attributes).unwrap_or_default();
        let named = !self.attributes.is_empty();
        for (name, value) in self.attributes {
            // A number or a flag that is so already stays one.
            if !attributes.get(&name).is_some_and(|kept| reads(kept, &value)) {
                attributes.insert(name, Attribute::Text(value));
            }
        }
        let after = match before {
            Some(before) => before.edited(
                &EditAsset {
                    // Where a device stands is not changed by what the import was told for rows that do not say.
                    site_id: if cells.text("site").is_empty() { Change::Keep } else { set(site_id) },
                    name: self.name,
                    kind: set(self.kind),
                    manufacturer: set(self.manufacturer),
                    model: set(self.model),
                    serial_number: set(serial_number),
                    inventory_number: set(inventory_number),
                    external_number: set(external_number),
                    warranty_until: set(self.warranty_until),
                    attributes: named.then_some(attributes),
                    ..EditAsset::default()
                },
                known.now,
            ),
            None => {
                let Some(name) = self.name else {
                    cells.mistake("name", Flaw::Required, []);
                    return None;
                };
                let new = NewAsset {
                    id: None,
                    company_id: self.company_id,
                    site_id,
                    name,
                    kind: self.kind,
                    manufacturer: self.manufacturer,
                    model: self.model,
                    serial_number,
                    inventory_number,
                    external_number,
                    warranty_until: self.warranty_until,
                    parent_id: None,
                    attributes,
                };
                Asset::new(AssetId::new(), &new, known.now)
            }
        };
        match after {
            Ok(after) => Some((before, after)),
            Err(error) => {
                attributes_flawed(cells, &error);
                None
            }
        }
    }
}

/// Whether the value of an attribute reads like this.
fn reads(kept: &Attribute, text: &str) -> bool {
    match kept {
        Attribute::Flag(flag) => text.to_lowercase().parse::<bool>() == Ok(*flag),
        Attribute::Whole(number) => text.parse::<i64>() == Ok(*number),
        Attribute::Number(number) => text.replace(',', ".").parse::<f64>() == Ok(*number),
        Attribute::Text(kept) => kept == text,
    }
}

/// Together the attributes are too many or too long.
fn attributes_flawed(cells: &mut Cells<'_>, error: &Error) {
    let refusal = error.refusal();
    for field in refusal.fields {
        let max = field.params.into_iter().find(|(name, _)| *name == "max").map(|(_, max)| max).unwrap_or_default();
        cells.mistake("attributes", field.flaw, [("max", max)]);
    }
}
