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
use crate::error::{Code, Error, Flaw};
use crate::imports::{self, ImportId};
use crate::labels::{text, twice};

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

impl Subject {
    /// The device, if there is one yet.
    pub const fn device(&self) -> Option<AssetId> {
        match self {
            Self::Device(id) => Some(*id),
            Self::Blank(..) => None,
        }
    }

    /// The code of a blank label.
    pub const fn blank(&self) -> Option<LabelCode> {
        match self {
            Self::Device(_) => None,
            Self::Blank(code, _) => Some(*code),
        }
    }
}

/// What devices are sorted by.
type Sortable = (AssetId, Option<SiteId>, Option<String>, String, Timestamp);

impl Source {
    /// The source that is asked for, the company whose language counts, and where the request names it.
    ///
    /// # Errors
    /// `validation_failed` when none or two are named, or one that is not there.
    pub fn chosen(
        conn: &mut DbConnection,
        actor: &Actor,
        choice: &AssetChoice,
        order: Option<LabelOrder>,
    ) -> Result<(Self, Option<CompanyId>, &'static str), Error> {
        let order = order.unwrap_or(LabelOrder::Given);
        let named = [
            ("ids", choice.ids.is_some()),
            ("site_id", choice.site_id.is_some()),
            ("company_id", choice.company_id.is_some()),
            ("import_id", choice.import_id.is_some()),
        ];
        let mut named = named.into_iter().filter_map(|(field, named)| named.then_some(field));
        if let (Some(first), Some(second)) = (named.next(), named.next()) {
            return Err(twice(format!("/assets/{second}"), first));
        }
        let (of, company, at) = match choice {
            AssetChoice { ids: Some(ids), .. } => {
                let at = "/assets/ids";
                few(ids.len(), at)?;
                let found = text::all_of(conn, actor, ids, at)?;
                (Of::Assets(ids.clone()), found.first().map(|(asset, _)| asset.company_id), at)
            }
            AssetChoice { site_id: Some(id), .. } => {
                let at = "/assets/site_id";
                let site = site::find(conn, actor, *id).map_err(|error| unknown(error, at))?;
                (Of::Site(*id), Some(site.company_id), at)
            }
            AssetChoice { company_id: Some(id), .. } => {
                let at = "/assets/company_id";
                company::find(conn, actor, *id).map_err(|error| unknown(error, at))?;
                (Of::Company(*id), Some(*id), at)
            }
            AssetChoice { import_id: Some(id), .. } => {
                let at = "/assets/import_id";
                imports::queries::find_row(conn, *id).map_err(|error| unknown(error, at))?;
                (Of::Import(*id), None, at)
            }
            AssetChoice { .. } => return Err(Error::field("/assets", Flaw::Required)),
        };
        Ok((Self { of, order }, company, at))
    }

    /// The blank labels of a batch, in the order of their numbers.
    ///
    /// # Errors
    /// `validation_failed` for a batch that is not there, or numbers that are not its own.
    pub fn of_batch(conn: &mut DbConnection, choice: &BatchChoice) -> Result<Self, Error> {
        let batch = batch::find(conn, choice.id).map_err(|error| unknown(error, "/batch/id"))?;
        let (from, to) = batch::part(&batch, choice.from, choice.to, "/batch")?;
        Ok(Self { of: Of::Batch(choice.id, from, to), order: LabelOrder::Given })
    }

    /// How many labels there are, be it that some of the devices have none; `at` points to the source in the request.
    ///
    /// # Errors
    /// `validation_failed` for nothing or too much; `nothing_to_print` when no device has a label.
    pub fn count(&self, conn: &mut DbConnection, at: &str) -> Result<usize, Error> {
        let subjects = self.subjects(conn)?;
        few(subjects.len(), at)?;
        for some in subjects.chunks(500) {
            let devices: Vec<AssetId> = some.iter().filter_map(Subject::device).collect();
            if devices.len() < some.len() || !codes::active(conn, &devices)?.is_empty() {
                return Ok(subjects.len());
            }
        }
        Err(Code::NothingToPrint.into())
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
#[expect(clippy::as_conversions, reason = "twenty thousand")]
const MOST_ROWS: i64 = MOST_LABELS as i64 + 1;

/// What a request names is not there: its own fault. Whatever else went wrong is not.
fn unknown(error: Error, at: &str) -> Error {
    if error.code() == Code::NotFound { Error::field(at, Flaw::UnknownReference) } else { error }
}

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
