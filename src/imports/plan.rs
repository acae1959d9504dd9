//! What would become of every row of a table, looked up against what is known. The same is worked out when a table is
//! looked at and again when it is done, inside the transaction.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::file::Table;
use super::records::{Batch, Record};
use super::values::{Cells, Note, Places, name_key};
use super::{ImportKind, RowOutcome, assets, companies, contacts, queries, sites};
use crate::assets::Asset;
use crate::auth::{Actor, Permission};
use crate::companies::company::Company;
use crate::companies::contact::Contact;
use crate::companies::site::Site;
use crate::companies::{CompanyId, SiteId};
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::{Error, Flaw};
use crate::provider;
use crate::users::UserId;
use crate::words::zone::Zone;

/// What an import is told besides its table.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// What its rows are.
    pub kind: ImportKind,
    /// Whose they are, unless they say so.
    pub company: Option<CompanyId>,
    /// Where they are, unless they say so.
    pub site: Option<SiteId>,
    /// Whether sites are added that are not there.
    pub create_missing: bool,
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// As it is known.
    pub before: Option<String>,
    /// As the row has it.
    pub after: Option<String>,
}

/// What becomes of a row.
#[derive(Debug)]
pub struct RowPlan {
    /// Its number in the file.
    pub number: i64,
    /// What becomes of it.
    pub outcome: RowOutcome,
    /// The record, once it is there.
    pub record_id: Option<Uuid>,
    /// What somebody should know.
    pub notes: Vec<Note>,
    /// What changes.
    pub changes: Vec<FieldChange>,
}

/// What an import writes.
#[derive(Debug, Default)]
pub struct Work {
    /// Companies.
    pub companies: Batch<Company>,
    /// Sites.
    pub sites: Batch<Site>,
    /// Contacts.
    pub contacts: Batch<Contact>,
    /// Assets.
    pub assets: Batch<Asset>,
}

/// What becomes of all rows, and what is to be written for that.
#[derive(Debug)]
pub struct Plan {
    /// Row by row.
    pub rows: Vec<RowPlan>,
    /// What is written.
    pub work: Work,
}

impl Plan {
    /// How many rows have this outcome.
    pub fn count(&self, outcome: RowOutcome) -> i64 {
        let rows = self.rows.iter().filter(|row| row.outcome == outcome).count();
        i64::try_from(rows).unwrap_or(i64::MAX)
    }
}

/// What rows are looked up against: companies by name and number, sites by name within a company.
pub struct Known {
    /// Who imports.
    pub by: UserId,
    /// When it is.
    pub now: Timestamp,
    /// The provider's time zone.
    pub zone: Option<Zone>,
    /// What the import was told.
    pub setting: Setting,
    /// All companies.
    pub companies: companies::Directory,
    /// The sites of those that the table names.
    pub sites: sites::Directory,
}

/// Works out what becomes of every row.
///
/// # Errors
/// The database's; `forbidden` for those who may not add sites when missing ones should be added.
pub fn plan(
    conn: &mut DbConnection,
    actor: &Actor,
    setting: Setting,
    table: &Table,
    places: &Places,
) -> Result<Plan, Error> {
    if setting.create_missing {
        actor.must(Permission::DescribeClients)?;
    }
    let directory = companies::Directory::new(queries::companies(conn)?);
    let zone = provider::known(conn)?.map(|provider| provider.time_zone);
    let mut known = Known {
        by: actor.id(),
        now: actor.now(),
        zone,
        setting,
        companies: directory,
        sites: sites::Directory::default(),
    };
    if setting.kind == ImportKind::Companies {
        return Ok(companies::plan(&known, table, places));
    }
    let owners = owners(&known, table, places);
    known.sites = sites::Directory::new(queries::sites(conn, &owners)?);
    Ok(match setting.kind {
        ImportKind::Contacts => contacts::plan(&mut known, queries::contacts(conn, &owners)?, table, places),
        ImportKind::Assets => {
            let (index, lengths) = assets::index(queries::numbers(conn, &owners)?);
            let wanted = assets::wanted(&known, &index, table, places);
            let found = crate::assets::queries::load_all(conn, &wanted)?;
            assets::plan(&mut known, &index, lengths, &found, table, places)
        }
        ImportKind::Sites | ImportKind::Companies => sites::plan(&known, table, places),
    })
}

/// The companies that a table names.
fn owners(known: &Known, table: &Table, places: &Places) -> Vec<CompanyId> {
    let mut seen: HashMap<(&str, &str), Option<CompanyId>> = HashMap::new();
    for row in &table.rows {
        let named = (places.text(row, "company_tax_id"), places.text(row, "company"));
        seen.entry(named).or_insert_with(|| {
            let mut cells = Cells::new(row, places);
            known.owner(&mut cells)
        });
    }
    let mut owners: Vec<CompanyId> = seen.into_values().flatten().collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

impl Known {
    /// Whose a row is.
    pub fn owner(&self, cells: &mut Cells<'_>) -> Option<CompanyId> {
        let (tax_id, name) = (cells.text("company_tax_id"), cells.text("company"));
        if tax_id.is_empty() && name.is_empty() {
            if self.setting.company.is_none() {
                cells.mistake("company", Flaw::Required, []);
            }
            return self.setting.company;
        }
        self.companies.owner(cells, tax_id, name)
    }

    /// Where a row is, of this company. A site that is not there is added when that was asked for.
    pub fn site(&mut self, cells: &mut Cells<'_>, company: CompanyId) -> Option<SiteId> {
        let name = cells.text("site");
        if name.is_empty() {
            return self.setting.site.filter(|_| self.setting.company == Some(company));
        }
        match self.sites.find(company, &name_key(name)) {
            sites::Found::Site(id) => Some(id),
            sites::Found::New(id) => {
                cells.warn("site", Flaw::SiteAdded, []);
                Some(id)
            }
            sites::Found::Archived => {
                cells.mistake("site", Flaw::Archived, []);
                None
            }
            sites::Found::Several => {
                cells.mistake("site", Flaw::Ambiguous, []);
                None
            }
            sites::Found::Nothing if self.setting.create_missing => {
                let name = cells.line("site")?;
                match sites::missing(company, name, self.zone, self.now) {
                    Ok(site) => {
                        cells.warn("site", Flaw::SiteAdded, []);
                        Some(self.sites.add(site))
                    }
                    Err(_) => {
                        cells.mistake("time_zone", Flaw::Required, []);
                        None
                    }
                }
            }
            sites::Found::Nothing => {
                cells.mistake("site", Flaw::UnknownSite, []);
                None
            }
        }
    }
}

/// What is to be done about a row that says what a record is: nothing, when the record is so.
pub fn settle<R: Record>(number: i64, notes: Vec<Note>, before: Option<&R>, after: R, batch: &mut Batch<R>) -> RowPlan {
    let record_id = Some(after.uuid());
    let Some(before) = before else {
        batch.add.push(after);
        return RowPlan { number, outcome: RowOutcome::Add, record_id, notes, changes: Vec::new() };
    };
    if !before.differs(&after) {
        return RowPlan { number, outcome: RowOutcome::Same, record_id, notes, changes: Vec::new() };
    }
    let changes = changes(before, &after);
    batch.change.push((before.clone(), after));
    RowPlan { number, outcome: RowOutcome::Change, record_id, notes, changes }
}

/// A row that nothing can be done about.
pub const fn mistaken(number: i64, notes: Vec<Note>) -> RowPlan {
    RowPlan { number, outcome: RowOutcome::Mistake, record_id: None, notes, changes: Vec::new() }
}

fn changes(before: &impl Serialize, after: &impl Serialize) -> Vec<FieldChange> {
    let members = |record: Value| match record {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let before = members(serde_json::to_value(before).unwrap_or_default());
    let after = members(serde_json::to_value(after).unwrap_or_default());
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    after
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value) && !matches!(name.as_str(), "version" | "updated_at"))
        .map(|(name, value)| FieldChange {
            field: name.clone(),
            before: text(before.get(name)),
            after: text(Some(value)),
        })
        .collect()
}
