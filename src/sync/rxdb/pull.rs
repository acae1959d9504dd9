//! What one table has to learn.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, gone, table};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw, Refusal};
use crate::http::Call;
use crate::http::call::{Answer, found};
use crate::installation::{self, Epoch};
use crate::sync::bookmark;
use crate::sync::column::RawRow;
use crate::sync::plan::{self, Span};
use crate::sync::pull::{self, place_given};
use crate::sync::scope::Scope;
use crate::sync::tables::{Table, Viewer};

/// Documents on a page when nothing is said.
const USUAL: usize = 100;
/// Documents on a page at the most.
const MOST: usize = 10_000;

/// What is to be pulled of a table.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RxPullQuery {
    /// `seq` of the checkpoint; 0, or left out, the first time.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    pub seq: Option<String>,
    /// `after` of the checkpoint, when it has one.
    #[param(max_length = 1000)]
    #[serde(default)]
    pub after: Option<String>,
    /// RxDB's batch size: documents on a page; 100 when left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10000)]
    #[serde(default)]
    pub limit: Option<String>,
}

/// A page of documents. A page that is not full is the last one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RxPulled {
    /// Rows as they are now, each with `_deleted`.
    #[schema(value_type = Vec<Object>)]
    pub documents: Vec<RawRow>,
    /// What to ask with next time.
    pub checkpoint: Checkpoint,
    /// `incremental`, or `replacement` when the app slept too long: what is not told is to be forgotten.
    pub strategy: &'static str,
    /// The server's clock.
    pub server_time: Timestamp,
    /// Which life of the database this is: another one means that it was restored, and that own rows are to be pushed again.
    pub epoch: Epoch,
}

/// How far a table has come.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RxCheckpoint)]
pub struct Checkpoint {
    /// The place in the chain of events up to which all is told.
    pub seq: i64,
    /// Where the pages that lead from there to a later place go on; null after the last one.
    pub after: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Bookmark {
    place: i64,
    key: String,
}

/// Tells what a table has to learn.
///
/// # Errors
/// `not_found` for a table that phones do not hold; `sync_malformed`, `invalid_cursor`
pub async fn pull(call: Call, name: &str, asked: &RxPullQuery) -> Answer {
    let table = table(name)?;
    let since = place_given("seq", asked.seq.as_deref())?;
    let limit = limit(asked.limit.as_deref())?;
    pull::must_be_new_enough(&call)?;
    let after = asked.after.as_deref().map(|after| bookmark::read(&call.app.keys, &call.actor, after)).transpose()?;
    let mark = match after.flatten() {
        Some(mark) => mark,
        // A tab that was closed in the middle, long ago, begins anew: it keeps its checkpoint, whatever it is answered.
        None => Bookmark { place: pull::settle(&call).await?, key: String::new() },
    };
    let (app, actor) = (call.app.clone(), call.actor.clone());
    let tell = move |conn: &mut DbConnection| tell(conn, &actor, table, since, &mark, limit);
    let (mut told, next) = app.db.snapshot(since == 0, tell).await?;
    told.checkpoint.after = next.map(|next| bookmark::write(&app.keys, &call.actor, &next)).transpose()?;
    Ok(found(&told))
}

fn limit(text: Option<&str>) -> Result<usize, Error> {
    let Some(text) = text else { return Ok(USUAL) };
    text.parse().ok().filter(|limit| (1..=MOST).contains(limit)).ok_or_else(|| {
        let bounds = [("min", "1".to_owned()), ("max", MOST.to_string())];
        Refusal::from(Code::SyncMalformed).at_with("limit", Flaw::OutOfRange, bounds).into()
    })
}

fn tell(
    conn: &mut DbConnection,
    actor: &Actor,
    (place, table): (usize, &'static Table),
    asked_since: i64,
    at: &Bookmark,
    limit: usize,
) -> Result<(RxPulled, Option<Bookmark>), Error> {
    let (since, replaces) = pull::since(conn, asked_since, at.place)?;
    let scope = Scope::at(conn, actor, since, at.place)?;
    let viewer =
        Viewer { user: actor.id(), language: actor.language(), now: actor.now(), access: scope.access.clone() };
    let span = Span { since, place: at.place, learnt: BTreeSet::new(), only: Some(place) };
    let mut plan = plan::make(conn, &viewer, &scope, &span)?;
    let told = plan.told.remove(&place).unwrap_or_default();
    let went = plan.gone.remove(&place).unwrap_or_default();
    // What went comes in the same order: a page holds as many documents as were asked for, whatever they tell.
    let mut keys: Vec<&String> = told.union(&went).filter(|key| **key > at.key).collect();
    let next = if keys.len() > limit {
        keys.truncate(limit);
        let key = keys.last().map(ToString::to_string).unwrap_or_default();
        Some(Bookmark { place: at.place, key })
    } else {
        None
    };
    let checkpoint = Checkpoint { seq: if next.is_some() { asked_since } else { at.place }, after: None };
    let (there, away): (Vec<&String>, Vec<&String>) = keys.iter().partition(|key| told.contains(**key));
    let told = RxPulled {
        documents: documents(conn, &viewer, table, there, away)?,
        checkpoint,
        strategy: if replaces { "replacement" } else { "incremental" },
        server_time: actor.now(),
        epoch: installation::epoch(conn)?,
    };
    Ok((told, next))
}

/// The documents of rows that are in sight, as far as they are there, and of those that went, in the order of their ids.
///
/// # Errors
/// The database's.
pub fn documents<'a>(
    conn: &mut DbConnection,
    viewer: &Viewer,
    table: &Table,
    there: impl IntoIterator<Item = &'a String>,
    away: impl IntoIterator<Item = &'a String>,
) -> Result<Vec<RawRow>, Error> {
    let there: Vec<String> = there.into_iter().cloned().collect();
    let keys = there.iter().cloned().chain(away.into_iter().cloned());
    let mut found: BTreeMap<String, RawRow> = keys.map(|key| (key.clone(), gone(&key))).collect();
    for row in (table.load)(conn, viewer, &there)? {
        if let Some(id) = row.get("id").and_then(Value::as_str).map(ToOwned::to_owned) {
            found.insert(id, document(row));
        }
    }
    Ok(found.into_values().collect())
}
