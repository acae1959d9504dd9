//! The one list of what phones hold, parents before children. What is pulled, what is pushed and what
//! `GET /api/v1/sync/schema` tells all follow it.

mod clients;
mod devices;
mod own;
mod paper;
mod rules;
mod tickets;
mod work;

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::column::{Column, RawRow, Shape};
use super::scope::Access;
use crate::companies::{CompanyId, SiteId};
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::tickets::TicketId;
use crate::users::UserId;
use crate::words::Language;

/// Ids that one statement asks for.
const CHUNK: usize = 1_000;

/// For whom rows are read.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Whose phone it is.
    pub user: UserId,
    /// The language of its sentences.
    pub language: Language,
    /// The moment of the request.
    pub now: Timestamp,
    /// What may be done with each ticket that the phone holds.
    pub access: BTreeMap<TicketId, Access>,
}

/// What rows hang on.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    /// The rows of this user's own: issues, claims.
    pub own: Option<UserId>,
    /// What everybody holds: kinds of tickets, statuses, prices, colleagues.
    pub rules: bool,
    /// These tickets.
    pub tickets: Vec<TicketId>,
    /// These sites.
    pub sites: Vec<SiteId>,
    /// These companies.
    pub companies: Vec<CompanyId>,
}

impl Roots {
    /// Whether nothing hangs on them.
    pub fn is_empty(&self) -> bool {
        self.own.is_none()
            && !self.rules
            && self.tickets.is_empty()
            && self.sites.is_empty()
            && self.companies.is_empty()
    }
}

/// A kind of rows that phones hold.
pub trait Synced: Shape + Sized {
    /// The ids of the rows below some roots. Rows that are gone may be among them.
    ///
    /// # Errors
    /// The database's.
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error>;

    /// The rows with these ids that are there.
    ///
    /// # Errors
    /// The database's.
    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error>;
}

/// [`Synced::under`]
pub type Under = fn(&mut DbConnection, &Roots) -> Result<Vec<String>, Error>;
/// [`Synced::load`], raw.
pub type Load = fn(&mut DbConnection, &Viewer, &[String]) -> Result<Vec<RawRow>, Error>;

/// A synced table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub about: &'static str,
    /// Its columns; `id` is understood.
    pub columns: &'static [Column],
    /// [`Synced::under`]
    pub under: Under,
    /// [`Synced::load`], raw.
    pub load: Load,
}

const fn table<S: Synced>() -> Table {
    Table { name: S::TABLE, about: S::ABOUT, columns: S::COLUMNS, under: S::under, load: raw::<S> }
}

fn raw<S: Synced>(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<RawRow>, Error> {
    let mut rows = Vec::with_capacity(keys.len());
    for keys in keys.chunks(CHUNK) {
        for row in S::load(conn, viewer, keys)? {
            match serde_json::to_value(row)? {
                Value::Object(row) => rows.push(row),
                _ => return Err(Error::internal("a row that is no object")),
            }
        }
    }
    Ok(rows)
}

/// Every synced table, parents before children.
pub const TABLES: &[Table] = &[
    table::<rules::OrganisationRow>(),
    table::<rules::PhraseRow>(),
    table::<rules::StatusRow>(),
    table::<rules::TransitionRow>(),
    table::<rules::TeamRow>(),
    table::<rules::ChecklistTemplateRow>(),
    table::<rules::TicketTypeRow>(),
    table::<rules::PriceListRow>(),
    table::<rules::PriceItemRow>(),
    table::<rules::SigningRuleRow>(),
    table::<clients::CompanyRow>(),
    table::<clients::SiteRow>(),
    table::<clients::PersonRow>(),
    table::<clients::ContactRow>(),
    table::<clients::AgreementRow>(),
    table::<devices::AssetRow>(),
    table::<devices::CodeRow>(),
    table::<devices::ForeignCodeRow>(),
    table::<tickets::TicketRow>(),
    table::<tickets::TicketAssetRow>(),
    table::<tickets::StatusChangeRow>(),
    table::<tickets::ScanRow>(),
    table::<work::ChecklistItemRow>(),
    table::<work::TimeEntryRow>(),
    table::<work::WorkLineRow>(),
    table::<work::CommentRow>(),
    table::<work::AttachmentRow>(),
    table::<paper::ActRow>(),
    table::<paper::SignatureRow>(),
    table::<own::ActNumberRow>(),
    table::<own::CodeClaimRow>(),
    table::<own::SyncIssueRow>(),
];

/// The place of a table in [`TABLES`].
pub fn place(name: &str) -> Option<usize> {
    TABLES.iter().position(|table| table.name == name)
}

/// Ids out of the keys that rows travel with. What is no id names nothing.
fn ids<Id: FromStr>(keys: &[String]) -> Vec<Id> {
    keys.iter().filter_map(|key| key.parse().ok()).collect()
}

/// Ids as the keys that rows travel with.
fn keys<Id: ToString>(ids: impl IntoIterator<Item = Id>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

/// Asks for the rows that belong to many records, some at a time.
fn each<Id: Copy, T>(ids: &[Id], mut ask: impl FnMut(Vec<Id>) -> Result<Vec<T>, Error>) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        found.extend(ask(ids.to_vec())?);
    }
    Ok(found)
}

pub use rules::ORGANISATION;

/// The key of a device on a ticket.
pub fn ticket_asset_key(ticket: TicketId, asset: crate::assets::AssetId) -> String {
    tickets::asset_key(ticket, asset)
}

#[cfg(test)]
mod tests {
    use super::TABLES;

    #[test]
    fn names_are_those_that_phones_take() {
        for table in TABLES {
            for name in [table.name].into_iter().chain(table.columns.iter().map(|column| column.name)) {
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()));
                assert!(!["id", "_status", "_changed", "last_modified"].contains(&name), "{name}");
            }
            assert!(!table.about.trim().is_empty());
        }
    }
}
