//! Rows that are sites, and sites that other rows name: by name within a company.

use std::collections::{BTreeSet, HashMap};

use super::companies::set;
use super::file::{Row, Table};
use super::plan::{Known, RowPlan, Work, mistaken, settle};
use super::records::Batch;
use super::values::{Cells, Places, name_key};
use crate::companies::site::{EditSite, NewSite, Site};
use crate::companies::{CompanyId, SiteId};
use crate::db::types::Timestamp;
use crate::error::{Error, Flaw};
use crate::words::text::Line;
use crate::words::zone::Zone;

/// Sites by name within their companies, and those that are to be added.
#[derive(Default)]
pub struct Directory {
    sites: Vec<Site>,
    by_name: HashMap<(CompanyId, String), Vec<usize>>,
    added: HashMap<(CompanyId, String), Site>,
}

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A site that is there.
    Site(SiteId),
    /// One that is to be added.
    New(SiteId),
    /// Only one that was put away.
    Archived,
    /// Several.
    Several,
    /// Nothing.
    Nothing,
}

impl Directory {
    /// A directory of these.
    pub fn new(sites: Vec<Site>) -> Self {
        let mut by_name = HashMap::<_, Vec<usize>>::new();
        for (place, site) in sites.iter().enumerate() {
            by_name.entry((site.company_id, name_key(&site.name))).or_default().push(place);
        }
        Self { sites, by_name, added: HashMap::new() }
    }

    fn named(&self, company: CompanyId, name: &str) -> impl Iterator<Item = &Site> {
        let places = self.by_name.get(&(company, name.to_owned())).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.sites.get(*place))
    }

    /// What the name (as [`name_key`] has it) leads to within a company.
    pub fn find(&self, company: CompanyId, name: &str) -> Found {
        if let Some(site) = self.added.get(&(company, name.to_owned())) {
            return Found::New(site.id);
        }
        let mut used = self.named(company, name).filter(|site| site.archived_at.is_none());
        match (used.next(), used.next()) {
            (Some(site), None) => Found::Site(site.id),
            (Some(_), Some(_)) => Found::Several,
            (None, _) if self.named(company, name).next().is_some() => Found::Archived,
            (None, _) => Found::Nothing,
        }
    }

    /// Notes one that is to be added.
    pub fn add(&mut self, site: Site) -> SiteId {
        let id = site.id;
        self.added.insert((site.company_id, name_key(&site.name)), site);
        id
    }

    /// Those that are to be added because something is there.
    pub fn needed(&mut self, used: &BTreeSet<SiteId>) -> Batch<Site> {
        let mut add: Vec<Site> =
            self.added.drain().map(|(_, site)| site).filter(|site| used.contains(&site.id)).collect();
        add.sort_unstable_by_key(|site| site.id);
        Batch { add, change: Vec::new() }
    }
}

/// A site of which only the name is known.
///
/// # Errors
/// `validation_failed` when nobody knows which time it is there.
pub fn missing(company_id: CompanyId, name: Line<300>, ours: Option<Zone>, now: Timestamp) -> Result<Site, Error> {
    Site::new(SiteId::new(), &NewSite { id: None, company_id, name, address: None, time_zone: None }, ours, now)
}

/// What becomes of rows that are sites.
pub fn plan(known: &Known, table: &Table, places: &Places) -> (Vec<RowPlan>, Work) {
    let mut seen = HashMap::new();
    let mut batch = Batch::default();
    let rows = table.rows.iter().map(|row| one(known, row, places, &mut seen, &mut batch)).collect();
    (rows, Work { sites: batch, ..Work::default() })
}

fn one(
    known: &Known,
    row: &Row,
    places: &Places,
    seen: &mut HashMap<(CompanyId, String), i64>,
    batch: &mut Batch<Site>,
) -> RowPlan {
    let mut cells = Cells::new(row, places);
    let company = known.owner(&mut cells);
    let name: Option<Line<300>> = cells.line("name");
    let (address, time_zone) = (cells.line("address"), cells.zone("time_zone"));
    if name.is_none() && cells.text("name").is_empty() {
        cells.mistake("name", Flaw::Required, []);
    }
    let (Some(company_id), Some(name), false) = (company, name, cells.is_mistaken()) else {
        return mistaken(row.number, cells.notes);
    };
    let key = name_key(&name);
    if let Some(above) = seen.get(&(company_id, key.clone())) {
        cells.mistake("name", Flaw::Repeated, [("row", above.to_string())]);
        return mistaken(row.number, cells.notes);
    }
    let flaw = match known.sites.find(company_id, &key) {
        Found::Archived => Some(Flaw::Archived),
        Found::Several => Some(Flaw::Ambiguous),
        Found::Site(_) | Found::New(_) | Found::Nothing => None,
    };
    if let Some(flaw) = flaw {
        cells.mistake("name", flaw, []);
        return mistaken(row.number, cells.notes);
    }
    let before = known.sites.named(company_id, &key).find(|site| site.archived_at.is_none());
    let after = match before {
        Some(before) => {
            let change = EditSite { name: Some(name), address: set(address), time_zone, archived: None };
            before.edited(&change, known.now)
        }
        None => {
            let new = NewSite { id: None, company_id, name, address, time_zone };
            match Site::new(SiteId::new(), &new, known.zone, known.now) {
                Ok(site) => site,
                Err(_) => {
                    cells.mistake("time_zone", Flaw::Required, []);
                    return mistaken(row.number, cells.notes);
                }
            }
        }
    };
    seen.insert((company_id, key), row.number);
    settle(row.number, cells.notes, before, after, batch)
}
