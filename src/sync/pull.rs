//! What a phone has to learn, in WatermelonDB's protocol.
//!
//! First what the phone holds is brought up to date and committed events get their places; then everything is read in one
//! snapshot that is later than that. All pages of one pull tell of the same place.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::column::RawRow;
use super::plan::{self, Plan, Span};
use super::scope::{self, Scope};
use super::tables::{self, TABLES, Viewer};
use super::{bookmark, changes};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::chain;
use crate::http::Call;
use crate::http::call::Answer;
use crate::installation::{self, Epoch};

/// Rows on a page, when pages are asked for.
const MOST_ROWS: u32 = 10_000;

/// What is to be pulled.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PullQuery {
    /// `timestamp` of the pull before; 0 or `null` the first time.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    pub last_pulled_at: Option<String>,
    /// The version of the app's schema. Not looked at: what a phone does not know it leaves out.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    pub schema_version: Option<String>,
    /// `null`, or what the app's schema has learnt: `{"from":1,"tables":["scans"],"columns":[{"table":"assets","columns":["code"]}]}`.
    #[param(max_length = 10000)]
    #[serde(default)]
    pub migration: Option<String>,
    /// `next_page` of the answer before.
    #[param(max_length = 1000)]
    #[serde(default)]
    pub page: Option<String>,
    /// Rows on a page; 0, or left out: everything in one answer.
    #[param(value_type = Option<u32>, maximum = 10000)]
    #[serde(default)]
    pub limit: Option<String>,
}

/// What an app's schema has learnt.
#[derive(Debug, Deserialize)]
struct Migration {
    #[serde(default)]
    tables: Vec<String>,
    #[serde(default)]
    columns: Vec<MigratedColumns>,
}

#[derive(Debug, Deserialize)]
struct MigratedColumns {
    table: String,
}

impl Migration {
    /// The places of the tables whose rows are to be told again. Tables nobody knows are left out: the app may be newer.
    fn places(&self) -> BTreeSet<usize> {
        let columns = self.columns.iter().map(|columns| &columns.table);
        self.tables.iter().chain(columns).filter_map(|name| tables::place(name)).collect()
    }
}

/// The changes of one table.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct TableChanges {
    /// Always empty: rows that are new are told as changed, and the app says `sendCreatedAsUpdated`.
    #[schema(value_type = Vec<Object>)]
    pub created: Vec<RawRow>,
    /// Rows as they are now.
    #[schema(value_type = Vec<Object>)]
    pub updated: Vec<RawRow>,
    /// The ids of rows that are to be forgotten.
    pub deleted: Vec<String>,
}

/// What a phone has to learn.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Pulled {
    /// By table.
    pub changes: BTreeMap<&'static str, TableChanges>,
    /// What to send as `last_pulled_at` next time.
    #[schema(minimum = 1)]
    pub timestamp: i64,
    /// Where this pull goes on, with the same `timestamp`; null on the last page.
    pub next_page: Option<String>,
    /// `incremental`, or `replacement` when the phone slept too long: what is not told is to be forgotten.
    #[serde(rename = "experimentalStrategy")]
    pub strategy: &'static str,
    /// The server's clock.
    pub server_time: Timestamp,
    /// Which life of the database this is: another one means that it was restored, and that own rows are to be pushed again.
    pub epoch: Epoch,
}

/// Where a page begins.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Bookmark {
    since: i64,
    place: i64,
    replace: bool,
    limit: usize,
    /// The table, and the last row that was told.
    table: usize,
    key: String,
    /// The places of the tables that the app has newly learnt to hold, or more of them.
    learnt: BTreeSet<usize>,
}

/// Tells a phone what it has to learn.
///
/// # Errors
/// `sync_malformed` for parameters that are none of the protocol's.
pub async fn pull(call: Call, asked: PullQuery) -> Answer {
    must_be_new_enough(&call)?;
    let at = match &asked.page {
        // One that is too old is no page any more: the pull begins anew.
        Some(page) => bookmark::read(&call.app.keys, &call.actor, page)?.ok_or(Code::InvalidCursor)?,
        None => {
            let first = begin(&asked)?;
            Bookmark { place: settle(&call).await?, ..first }
        }
    };
    let (app, actor) = (call.app.clone(), call.actor.clone());
    let (mut told, next) = app.db.snapshot(at.since == 0, move |conn| tell(conn, &actor, at.clone())).await?;
    told.next_page = next.map(|next| bookmark::write(&app.keys, &call.actor, &next)).transpose()?;
    Ok(crate::http::call::found(&told))
}

/// Brings what the caller's phones hold up to date: the place up to which they may be told.
///
/// # Errors
/// The database's.
pub async fn settle(call: &Call) -> Result<i64, Error> {
    let (db, actor) = (&call.app.db, call.actor.clone());
    if let Some(place) = db.read(move |conn| scope::settled(conn, &actor)).await? {
        return Ok(place);
    }
    // After a large import, say: not in one transaction, for which everybody's writes would wait.
    if db.read(chain::many_wait).await? {
        chain::catch_up(db).await?;
    }
    let actor = call.actor.clone();
    db.write(move |conn| scope::settle(conn, &actor)).await
}

/// An app that is too old for what it would be told says its version in `X-App-Version`. What it holds it may still push.
///
/// # Errors
/// `client_too_old`
pub fn must_be_new_enough(call: &Call) -> Result<(), Error> {
    let (Some(least), Some(given)) = (&call.app.config.min_app_version, call.header("x-app-version")) else {
        return Ok(());
    };
    let parts =
        |version: &str| -> Vec<u64> { version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect() };
    if parts(given) < parts(least) {
        return Err(Code::ClientTooOld.with([("min_version", least.clone())]).and("min_version", least.clone()).into());
    }
    Ok(())
}

fn out_of_range(parameter: &str, most: i64) -> Error {
    let params = [("min", "0".to_owned()), ("max", most.to_string())];
    Refusal::from(Code::SyncMalformed).at_with(parameter, Flaw::OutOfRange, params).into()
}

/// The place that a phone was told of last; 0 when it was told nothing yet.
///
/// # Errors
/// `sync_malformed`
pub fn place_given(parameter: &str, text: Option<&str>) -> Result<i64, Error> {
    match text {
        None | Some("" | "null" | "undefined") => Ok(0),
        Some(text) => {
            let place = text.parse::<i64>().ok().filter(|place| *place >= 0);
            place.ok_or_else(|| out_of_range(parameter, i64::MAX))
        }
    }
}

fn begin(asked: &PullQuery) -> Result<Bookmark, Error> {
    let limit = match asked.limit.as_deref().map(str::parse::<u32>) {
        None => 0,
        Some(Ok(limit)) if limit <= MOST_ROWS => i64::from(limit),
        Some(_) => return Err(out_of_range("limit", i64::from(MOST_ROWS))),
    };
    let learnt = match asked.migration.as_deref() {
        None | Some("" | "null" | "undefined") => BTreeSet::new(),
        Some(text) => serde_json::from_str::<Migration>(text)
            .map_err(|_| {
                let expected = ("expected", "a map".to_owned());
                Refusal::from(Code::SyncMalformed).at_with("migration", Flaw::WrongType, [expected])
            })?
            .places(),
    };
    Ok(Bookmark {
        since: place_given("last_pulled_at", asked.last_pulled_at.as_deref())?,
        place: 0,
        replace: false,
        limit: usize::try_from(limit).unwrap_or_default(),
        table: 0,
        key: String::new(),
        learnt,
    })
}

/// From where a phone is told that was told of `since` before, and whether that replaces all it holds.
///
/// # Errors
/// The database's.
pub fn since(conn: &mut DbConnection, since: i64, place: i64) -> Result<(i64, bool), Error> {
    if since > place {
        // The database was restored from before: everything is told, and nothing the phone has is taken for wrong.
        return Ok((0, false));
    }
    let slept_too_long = since > 0 && since < changes::forgotten(conn)?;
    Ok(if slept_too_long { (0, true) } else { (since, false) })
}

fn tell(conn: &mut DbConnection, actor: &Actor, mut at: Bookmark) -> Result<(Pulled, Option<Bookmark>), Error> {
    let epoch = installation::epoch(conn)?;
    if !at.replace {
        (at.since, at.replace) = since(conn, at.since, at.place)?;
    }
    let scope = Scope::at(conn, actor, at.since, at.place)?;
    let viewer =
        Viewer { user: actor.id(), language: actor.language(), now: actor.now(), access: scope.access.clone() };
    let span = Span { since: at.since, place: at.place, learnt: at.learnt.clone(), only: None };
    let plan = plan::make(conn, &viewer, &scope, &span)?;
    let (changes, next) = page(conn, &viewer, plan, &at)?;
    let told = Pulled {
        changes,
        timestamp: at.place,
        next_page: None,
        strategy: if at.replace { "replacement" } else { "incremental" },
        server_time: actor.now(),
        epoch,
    };
    Ok((told, next))
}

/// The rows of a page, parents before children.
fn page(
    conn: &mut DbConnection,
    viewer: &Viewer,
    mut plan: Plan,
    at: &Bookmark,
) -> Result<(BTreeMap<&'static str, TableChanges>, Option<Bookmark>), Error> {
    let first = at.table == 0 && at.key.is_empty();
    let mut room = if at.limit == 0 { usize::MAX } else { at.limit };
    let mut changes = BTreeMap::new();
    let mut next = None;
    for (place, table) in TABLES.iter().enumerate() {
        let mut told = TableChanges::default();
        if first && let Some(gone) = plan.gone.remove(&place) {
            told.deleted
                .extend(gone.into_iter().filter(|key| !plan.told.get(&place).is_some_and(|keys| keys.contains(key))));
        }
        let keys = plan.told.remove(&place).unwrap_or_default();
        let keys = keys.into_iter().filter(|key| place > at.table || (place == at.table && *key > at.key));
        let mut keys: Vec<String> = if next.is_none() { keys.collect() } else { Vec::new() };
        if keys.len() > room {
            keys.truncate(room);
            let last = keys.last().cloned().unwrap_or_default();
            // Nothing, when the page was full with the table before: nothing of this one was told.
            next = Some(Bookmark { table: place, key: last, ..at.clone() });
        }
        room = room.saturating_sub(keys.len());
        told.updated = (table.load)(conn, viewer, &keys)?;
        if at.since > 0 {
            let there: BTreeSet<&str> =
                told.updated.iter().filter_map(|row| row.get("id").and_then(Value::as_str)).collect();
            let missing = keys.iter().filter(|key| !there.contains(key.as_str())).cloned();
            told.deleted.extend(missing.collect::<Vec<_>>());
        }
        changes.insert(table.name, told);
    }
    Ok((changes, next))
}
