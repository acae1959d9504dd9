//! Which labels a job prints, in which order: of devices, or blank ones of a batch.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{AssetChoice, BatchChoice, LabelOrder};
use crate::assets::AssetId;
use crate::auth::Actor;
use crate::codes::batch::{self, BatchId};
use crate::codes::{LabelCode, queries as codes};
use crate::companies::{CompanyId, SiteId, company, site};
use crate::db::among::Among;
use crate::db::schema::{assets, sites};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Error, Flaw};
use crate::imports::{self, ImportId};
use crate::labels::text;

/// Labels of one job: a box of paper.
pub const MOST_LABELS: usize = 20_000;

/// Whose labels, as a job remembers it. A site's and a company's devices, and which labels of a batch are still blank, are
/// looked up when the job is taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Whose.
    pub of: Of,
    /// In which order.
    pub order: LabelOrder,
}

/// Whose labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// Of these devices.
    Assets(Vec<AssetId>),
    /// Of what stands at a site.
    Site(SiteId),
    /// Of a company.
    Company(CompanyId),
    /// Of what an import added.
    Import(ImportId),
    /// Blank ones of a batch, from one number to another.
    Batch(BatchId, i64, i64),
}

/// What a label is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A device, whatever its code is when the label is printed.
    Device(AssetId),
    /// A device that nobody knows yet; the label has this number.
    Blank(LabelCode, i64),
}

/// What devices are sorted by.
type Sortable = (AssetId, Option<SiteId>, Option<String>, String, Timestamp);

impl Source {
    /// The source that is asked for, and the company whose language counts.
    ///
    /// # Errors
    /// `validation_failed` when none or two are named, or one that is not there.
    pub fn chosen(
        conn: &mut DbConnection,
        actor: &Actor,
        choice: &AssetChoice,
        order: Option<LabelOrder>,
    ) -> Result<(Self, Option<CompanyId>), Error> {
        let twice = |field: &str, other: &str| {
            Error::field_with(format!("/assets/{field}"), Flaw::NotTogether, [("other", other.to_owned())])
        };
        let order = order.unwrap_or(LabelOrder::Given);
        let named = [
            ("ids", choice.ids.is_some()),
            ("site_id", choice.site_id.is_some()),
            ("company_id", choice.company_id.is_some()),
            ("import_id", choice.import_id.is_some()),
        ];
        let mut named = named.into_iter().filter_map(|(field, named)| named.then_some(field));
        if let (Some(first), Some(second)) = (named.next(), named.next()) {
            return Err(twice(second, first));
        }
        let (of, company) = match choice {
            AssetChoice { ids: Some(ids), .. } => {
                few(ids.len(), "/assets/ids")?;
                let found = text::all_of(conn, actor, ids, "/assets/ids")?;
                (Of::Assets(ids.clone()), found.first().map(|(asset, _)| asset.company_id))
            }
            AssetChoice { site_id: Some(id), .. } => {
                let site = site::find(conn, actor, *id);
                let site = site.map_err(|_| Error::field("/assets/site_id", Flaw::UnknownReference))?;
                (Of::Site(*id), Some(site.company_id))
            }
            AssetChoice { company_id: Some(id), .. } => {
                let company = company::find(conn, actor, *id);
                company.map_err(|_| Error::field("/assets/company_id", Flaw::UnknownReference))?;
                (Of::Company(*id), Some(*id))
            }
            AssetChoice { import_id: Some(id), .. } => {
                let import = imports::queries::find_row(conn, *id);
                import.map_err(|_| Error::field("/assets/import_id", Flaw::UnknownReference))?;
                (Of::Import(*id), None)
            }
            AssetChoice { .. } => return Err(Error::field("/assets", Flaw::Required)),
        };
        let source = Self { of, order };
        match source.of {
            Of::Assets(_) | Of::Batch(..) => {}
            Of::Site(_) => few(source.assets(conn)?.len(), "/assets/site_id")?,
            Of::Company(_) => few(source.assets(conn)?.len(), "/assets/company_id")?,
            Of::Import(_) => few(source.assets(conn)?.len(), "/assets/import_id")?,
        }
        Ok((source, company))
    }

    /// The blank labels of a batch, in the order of their numbers.
    ///
    /// # Errors
    /// `validation_failed` for a batch that is not there, numbers that are not its own, or when none of them is blank.
    pub fn of_batch(conn: &mut DbConnection, choice: &BatchChoice) -> Result<Self, Error> {
        let batch = batch::find(conn, choice.id).map_err(|_| Error::field("/batch/id", Flaw::UnknownReference))?;
        let (from, to) = batch::part(&batch, choice.from, choice.to, "/batch")?;
        let source = Self { of: Of::Batch(choice.id, from, to), order: LabelOrder::Given };
        few(codes::blank_between(conn, choice.id, from, to)?.len(), "/batch")?;
        Ok(source)
    }

    /// What is printed, in order.
    ///
    /// # Errors
    /// The database's.
    pub fn subjects(&self, conn: &mut DbConnection) -> Result<Vec<Subject>, Error> {
        match self.of {
            Of::Batch(id, from, to) => {
                let blank = |(code, number)| Subject::Blank(code, number);
                Ok(codes::blank_between(conn, id, from, to)?.into_iter().map(blank).collect())
            }
            _ => Ok(self.assets(conn)?.into_iter().map(Subject::Device).collect()),
        }
    }

    /// The devices, in order. Ids only: whatever else is known of them is read as it is printed.
    ///
    /// # Errors
    /// The database's.
    fn assets(&self, conn: &mut DbConnection) -> Result<Vec<AssetId>, Error> {
        let all = (assets::id, assets::site_id, assets::inventory_number, assets::name, assets::created_at);
        let query = || assets::table.select(all).into_boxed::<MultiBackend>();
        let mut found: Vec<Sortable> = Vec::new();
        match &self.of {
            Of::Assets(ids) if self.order == LabelOrder::Given => return Ok(ids.clone()),
            Of::Assets(ids) => {
                for some in ids.chunks(500) {
                    found.extend(query().filter(assets::id.among(some)).load::<Sortable>(conn)?);
                }
            }
            Of::Site(id) => {
                let query = query().filter(assets::site_id.eq(*id)).filter(assets::archived_at.is_null());
                found.extend(query.limit(MOST_ROWS).load::<Sortable>(conn)?);
            }
            Of::Company(id) => {
                let query = query().filter(assets::company_id.eq(*id)).filter(assets::archived_at.is_null());
                found.extend(query.limit(MOST_ROWS).load::<Sortable>(conn)?);
            }
            Of::Import(id) => {
                let query = query().filter(assets::id.eq_any(imports::queries::added(*id)));
                found.extend(query.filter(assets::archived_at.is_null()).limit(MOST_ROWS).load::<Sortable>(conn)?);
            }
            Of::Batch(..) => return Ok(Vec::new()),
        }
        let places = if matches!(self.order, LabelOrder::Place | LabelOrder::Given) {
            names(conn, found.iter().filter_map(|(_, site, ..)| *site).collect())?
        } else {
            BTreeMap::new()
        };
        found.sort_by_cached_key(|(id, site, number, name, added)| {
            let by_number = (natural(number.as_deref().unwrap_or_default()), natural(name));
            let place = site.and_then(|site| places.get(&site)).cloned();
            match self.order {
                LabelOrder::Given | LabelOrder::Place => (place, None, Some(by_number), *id),
                LabelOrder::Number => (None, None, Some(by_number), *id),
                LabelOrder::Added => (None, Some(*added), None, *id),
            }
        });
        Ok(found.into_iter().map(|(id, ..)| id).collect())
    }
}

/// One more than a job may have: enough to know that there are too many.
const MOST_ROWS: i64 = 20_001;

fn few(labels: usize, pointer: &str) -> Result<(), Error> {
    match labels {
        0 => Err(Error::field(pointer, Flaw::Required)),
        labels if labels > MOST_LABELS => {
            Err(Error::field_with(pointer, Flaw::TooMany, [("max", MOST_LABELS.to_string())]))
        }
        _ => Ok(()),
    }
}

/// What sites are called, in small letters.
fn names(conn: &mut DbConnection, mut ids: Vec<SiteId>) -> Result<BTreeMap<SiteId, String>, Error> {
    ids.sort_unstable();
    ids.dedup();
    let mut names = BTreeMap::new();
    for some in ids.chunks(500) {
        let found: Vec<(SiteId, String)> =
            sites::table.filter(sites::id.among(some)).select((sites::id, sites::name)).load(conn)?;
        names.extend(found.into_iter().map(|(id, name)| (id, name.to_lowercase())));
    }
    Ok(names)
}

/// A part of a text: letters, or digits that are compared as a number. Digits come before letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// How many digits, and which: no number is too long to compare.
    Digits(usize, String),
    /// Letters in any case.
    Letters(String),
}

/// A text as people sort it: Т-9 before Т-10.
fn natural(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|letter: char| letter.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if digits {
            let number = run.trim_start_matches('0');
            parts.push(Part::Digits(number.len(), number.to_owned()));
        } else {
            parts.push(Part::Letters(run.to_lowercase()));
        }
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn numbers_in_names_are_numbers() {
        let mut names = ["Т-10", "т-9", "000123", "99", "А", "Т-9а", "10000000000000000000000000", "Т"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["99", "000123", "10000000000000000000000000", "А", "Т", "т-9", "Т-9а", "Т-10"]);
    }
}
