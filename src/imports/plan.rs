//! What would become of every row of a table, looked up against what is known. The same is worked out when a table is
//! looked at and again when it is done, both times beside the writes: what it was looked up against is told by its versions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::file::Table;
use super::records::{Batch, Changed, Record};
use super::values::{Cells, Note, Places, name_key};
use super::{ImportKind, RowOutcome, assets, companies, contacts, queries, sites};
use crate::assets::Asset;
use crate::auth::{Actor, Permission};
use crate::companies::company::Company;
use crate::companies::contact::Contact;
use crate::companies::site::Site;
use crate::companies::{CompanyId, SiteId, company, site};
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::{Error, Flaw};
use crate::history::Event;
use crate::identifiers::details::Law;
use crate::provider;
use crate::users::UserId;
use crate::words::text::Line;
use crate::words::zone::Zone;

/// Letters of a value that a change shows.
const SHOWN: usize = 300;

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

/// What rows were looked up against.
#[derive(Debug, Default)]
pub struct Basis {
    /// The companies that the table names, in order; nothing when it may name any.
    pub companies: Option<Vec<CompanyId>>,
    /// The versions of all that was looked at, together: of what belongs to those companies, and of all companies, since one
    /// that is new or was renamed may be meant as well. They only grow, so it is the same as long as nothing changes.
    pub versions: i64,
}

/// What becomes of all rows, and what is to be written for that.
#[derive(Debug)]
pub struct Plan {
    /// Row by row.
    pub rows: Vec<RowPlan>,
    /// What is written.
    pub work: Work,
    /// What it rests on.
    pub basis: Basis,
    /// What the import was told, and what follows from it.
    pub setting: Setting,
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
    /// By which law identifiers are looked at.
    pub law: Option<Law>,
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
/// The database's; `forbidden` for those who may not add sites when missing ones should be added; `validation_failed` when
/// the company or site it was told cannot be used.
pub fn plan(
    conn: &mut DbConnection,
    actor: &Actor,
    asked: Setting,
    table: &Table,
    places: &Places,
) -> Result<Plan, Error> {
    if asked.create_missing {
        actor.must(Permission::DescribeClients)?;
    }
    let setting = sound(conn, actor, asked)?;
    let directory = companies::Directory::new(queries::companies(conn)?);
    let ours = provider::known(conn)?;
    let mut known = Known {
        by: actor.id(),
        now: actor.now(),
        zone: ours.as_ref().map(|ours| ours.time_zone),
        law: ours.as_ref().map(|ours| Law::of(ours.currency)),
        setting,
        companies: directory,
        sites: sites::Directory::default(),
    };
    if setting.kind == ImportKind::Companies {
        let basis = Basis { companies: None, versions: known.companies.versions() };
        let (rows, work) = companies::plan(&known, table, places);
        return Ok(Plan { rows, work, basis, setting });
    }
    let owners = owners(&known, table, places);
    let sites = queries::sites(conn, &owners)?;
    let mut versions = known.companies.versions() + sites.iter().map(|site| site.version).sum::<i64>();
    known.sites = sites::Directory::new(sites);
    let (rows, work) = match setting.kind {
        ImportKind::Contacts => {
            let contacts = queries::contacts(conn, &owners)?;
            versions += contacts.iter().map(|contact| contact.version).sum::<i64>();
            contacts::plan(&mut known, contacts, table, places)
        }
        ImportKind::Assets => {
            let numbers = queries::numbers(conn, &owners)?;
            versions += numbers.iter().map(|row| row.version).sum::<i64>();
            let (index, lengths) = assets::index(numbers);
            let said = assets::said(&known, table, places);
            let found = crate::assets::queries::load_all(conn, &assets::wanted(&index, &said))?;
            assets::plan(&mut known, &index, lengths, &found, said)?
        }
        ImportKind::Sites | ImportKind::Companies => sites::plan(&known, table, places),
    };
    Ok(Plan { rows, work, basis: Basis { companies: Some(owners), versions }, setting })
}

/// Company and site are there and fit together; a site alone says whose it is.
fn sound(conn: &mut DbConnection, actor: &Actor, asked: Setting) -> Result<Setting, Error> {
    let Some(id) = asked.site else {
        if let Some(company) = asked.company {
            company::must_be_usable(conn, company, "company_id")?;
        }
        return Ok(asked);
    };
    let owner = site::load(conn, id)?.ok_or_else(|| Error::field("site_id", Flaw::UnknownReference))?.company_id;
    let company = asked.company.unwrap_or(owner);
    company::must_be_usable(conn, company, "company_id")?;
    site::must_be_usable(conn, actor, id, company, "site_id")?;
    Ok(Setting { company: Some(company), ..asked })
}

/// The companies that a table names, in order. The company the import was told is one of them: it must still be there when
/// the import is done.
fn owners(known: &Known, table: &Table, places: &Places) -> Vec<CompanyId> {
    let named = table.rows.iter().filter_map(|row| known.owner(&mut Cells::new(row, places)));
    let mut owners: Vec<CompanyId> = named.chain(known.setting.company).collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

impl Known {
    /// Whose a row is.
    pub fn owner(&self, cells: &mut Cells<'_>) -> Option<CompanyId> {
        if cells.text("company_tax_id").is_empty() && cells.text("company").is_empty() {
            if self.setting.company.is_none() {
                cells.mistake("company", Flaw::Required, []);
            }
            return self.setting.company;
        }
        let (tax_id, name): (Option<Line<100>>, Option<Line<300>>) =
            (cells.number("company_tax_id"), cells.line("company"));
        // What cannot be read is noted, and nobody is looked for by the rest.
        if cells.is_mistaken() {
            return None;
        }
        self.companies.owner(cells, tax_id.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default())
    }

    /// Where a row is, of this company. A site that is not there is added when that was asked for.
    pub fn site(&mut self, cells: &mut Cells<'_>, company: CompanyId) -> Option<SiteId> {
        if cells.text("site").is_empty() {
            return self.setting.site.filter(|_| self.setting.company == Some(company));
        }
        let name: Line<300> = cells.line("site")?;
        match self.sites.find(company, &name_key(&name)) {
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
    let (was, will) = difference(before, &after);
    let changes = changes(&was, &will);
    let event = Event::of(R::CHANGED, R::OBJECT, after.uuid()).company(after.company()).changed(&was, &will);
    batch.change.push(Changed { before: before.version(), after, event });
    RowPlan { number, outcome: RowOutcome::Change, record_id, notes, changes }
}

/// A row that nothing can be done about.
pub const fn mistaken(number: i64, notes: Vec<Note>) -> RowPlan {
    RowPlan { number, outcome: RowOutcome::Mistake, record_id: None, notes, changes: Vec::new() }
}

/// The members of a record that differ: as they are, and as they will be.
fn difference(before: &impl Serialize, after: &impl Serialize) -> (Map<String, Value>, Map<String, Value>) {
    let members = |record: Value| match record {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let mut was = members(serde_json::to_value(before).unwrap_or_default());
    let mut will = members(serde_json::to_value(after).unwrap_or_default());
    let differs = |name: &str, one: Option<&Value>, other: Option<&Value>| {
        one != other && !matches!(name, "version" | "updated_at")
    };
    let names: Vec<String> =
        will.keys().filter(|name| !differs(name, was.get(*name), will.get(*name))).cloned().collect();
    for name in &names {
        was.remove(name);
        will.remove(name);
    }
    (was, will)
}

/// A difference as a report shows it: of a long text the beginning.
fn changes(was: &Map<String, Value>, will: &Map<String, Value>) -> Vec<FieldChange> {
    let text = |value: Option<&Value>| {
        let text = match value {
            None | Some(Value::Null) => return None,
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let shown: String = text.chars().take(SHOWN).collect();
        Some(if shown.len() < text.len() { shown + "…" } else { shown })
    };
    will.iter()
        .map(|(name, value)| FieldChange { field: name.clone(), before: text(was.get(name)), after: text(Some(value)) })
        .collect()
}
