//! What was written into one table.
//!
//! Each write says what it took for granted. Where somebody has changed that meanwhile, the write is left out; what else is not
//! taken as it came, is refused by the rules of the API and told in `sync_issues`. The answer is the rows that are not as they
//! were written, as they are: RxDB gives them to the app's conflict handler.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{pull, table};
use crate::acts::press::Press;
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::error::Error;
use crate::http::Call;
use crate::http::call::{Answer, found};
use crate::sync::column::RawRow;
use crate::sync::plan;
use crate::sync::push::batch::{self, Batch};
use crate::sync::push::body::{self, malformed};
use crate::sync::push::doors::{self, Caller, door};
use crate::sync::push::row::{Pushed, differences};
use crate::sync::push::standing::{Standing, standing};
use crate::sync::push::{RowResult, RowStatus, rehearse, sign_copies, take};
use crate::sync::scope::{self, Scope};
use crate::sync::tables::{Table, Viewer};

/// Later than any place in the chain of events: nothing counts as untold here, since the answer tells it.
const LATEST: i64 = i64::MAX;

/// A document that was written.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RxWrite<'a> {
    /// The document as the app has it now; `_deleted` when it was taken off.
    #[serde(borrow)]
    #[schema(value_type = Object)]
    new_document_state: &'a RawValue,
    /// The document as the app believes it to be on the server; left out when it is new.
    #[serde(borrow, default)]
    #[schema(value_type = Option<Object>)]
    assumed_master_state: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Mark {
    #[serde(default, rename = "_deleted")]
    is_deleted: bool,
}

/// What was written, and what it was written over.
#[derive(Debug, Default)]
struct Writes {
    rows: Vec<Pushed>,
    /// The row that was taken for granted, by the write's place; none for a row that is new.
    assumed: BTreeMap<usize, Pushed>,
}

/// Takes in what was written, and answers with the rows that are otherwise.
///
/// # Errors
/// `not_found` for a table that phones do not hold; `sync_malformed`
pub async fn push(call: Call, name: &str, sent: Vec<u8>) -> Answer {
    let (_, table) = table(name)?;
    let writes = tokio::task::spawn_blocking(move || read(table, &sent)).await.map_err(Error::internal)??;
    let writes = Arc::new(writes);
    let (actor, taken, public_url) = (call.actor.clone(), writes.clone(), call.app.config.public_url.clone());
    let copies = call.app.config.copies();
    let take = move |conn: &mut DbConnection, press: &Press| {
        take_in(conn, &Caller { actor: &actor, standing: None, public_url: &public_url, press, copies }, table, &taken)
    };
    let (otherwise, results) = rehearse::take(&call, &writes.rows, take).await?;
    call.app.wrote();
    sign_copies(&call, &writes.rows, &results).await;
    Ok(found(&otherwise))
}

/// `[{"newDocumentState": {…}, "assumedMasterState": {…}}, …]`
fn read(table: &'static Table, bytes: &[u8]) -> Result<Writes, Error> {
    let items: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(|_| malformed("", "a sequence"))?;
    let mut writes = Writes::default();
    for (index, item) in items.into_iter().enumerate() {
        let at = format!("/{index}");
        let write: RxWrite<'_> = serde_json::from_str(item.get()).map_err(|_| malformed(&at, "a map"))?;
        let at_new = format!("{at}/newDocumentState");
        let mut row = body::written(table, write.new_document_state, &at_new)?;
        if let Some(assumed) = write.assumed_master_state {
            let assumed = body::row(table, assumed, &format!("{at}/assumedMasterState"))?;
            writes.assumed.insert(index, Pushed { table, id: row.id.clone(), row: Some(assumed) });
        }
        let mark: Mark =
            serde_json::from_str(write.new_document_state.get()).map_err(|_| malformed(&at_new, "a map"))?;
        row.row = row.row.filter(|_| !mark.is_deleted);
        writes.rows.push(row);
        body::must_be_few(writes.rows.len())?;
    }
    Ok(writes)
}

fn take_in(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    table: &'static Table,
    writes: &Writes,
) -> Result<(Vec<RawRow>, Vec<RowResult>), Error> {
    let actor = caller.actor;
    let batch = batch::look(conn, actor, &writes.rows, LATEST)?;
    let mut overtaken = BTreeSet::new();
    for (index, row) in writes.rows.iter().enumerate() {
        if is_overtaken(&batch, row, writes.assumed.get(&index)) && is_known(conn, actor, &batch, row)? {
            overtaken.insert(index);
        }
    }
    let results = take::each(conn, caller, LATEST, &batch, &overtaken)?;
    let otherwise = writes.rows.iter().enumerate().filter(|(index, row)| match results.get(index) {
        Some(result) if result.status == RowStatus::Noop => differs(&batch, row),
        Some(result) => result.status == RowStatus::Refused,
        None => true,
    });
    let otherwise: BTreeSet<String> = otherwise.map(|(_, row)| row.id.clone()).collect();
    Ok((as_they_are(conn, actor, table, &otherwise)?, results.into_values().collect()))
}

/// Whether somebody has changed what a write was written over, where that matters to what it asks for.
fn is_overtaken<'a>(batch: &Batch<'a>, row: &'a Pushed, assumed: Option<&Pushed>) -> bool {
    let Some((_, door)) = door(row.table.name) else { return false };
    let moved_on = |kept: &RawRow| {
        assumed.is_none_or(|assumed| differences(assumed, kept).any(|column| door.edited.contains(&column)))
    };
    match (&row.row, batch.kept_of(row)) {
        (Some(_), Some(kept)) => doors::asks(door, row, kept) && moved_on(kept),
        // It was taken off, and the phone does not know.
        (Some(_), None) => assumed.is_some() && !door.edited.is_empty(),
        (None, Some(kept)) => door.delete.is_some() && assumed.is_some() && moved_on(kept),
        (None, None) => false,
    }
}

/// A stranger is told nothing by being overtaken: their write is refused like any other.
fn is_known<'a>(conn: &mut DbConnection, actor: &Actor, batch: &Batch<'a>, row: &'a Pushed) -> Result<bool, Error> {
    let Some(ticket) = batch.ticket_of(row) else { return Ok(false) };
    Ok(standing(conn, actor, ticket)? != Standing::Stranger)
}

fn differs<'a>(batch: &Batch<'a>, row: &'a Pushed) -> bool {
    match batch.kept_of(row) {
        Some(kept) => row.row.is_some() && differences(row, kept).next().is_some(),
        None => row.row.is_some(),
    }
}

/// Rows as they are to somebody: what is out of sight is gone.
fn as_they_are(
    conn: &mut DbConnection,
    actor: &Actor,
    table: &'static Table,
    ids: &BTreeSet<String>,
) -> Result<Vec<RawRow>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // What was just opened is held from now on, and in sight.
    let place = scope::settle(conn, actor)?;
    let scope = Scope::at(conn, actor, 0, place)?;
    let viewer =
        Viewer { user: actor.id(), language: actor.language(), now: actor.now(), access: scope.access.clone() };
    let (_, in_sight) = plan::seen(conn, table.name, &scope.all)?;
    let (there, away): (Vec<&String>, Vec<&String>) = ids.iter().partition(|id| in_sight.contains(*id));
    pull::documents(conn, &viewer, table, there, away)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::sync::tables::TABLES;

    #[test]
    fn what_is_not_the_protocol_is_told() {
        let table = TABLES.iter().find(|table| table.name == "comments").unwrap();
        for body in [
            "",
            "{}",
            "[1]",
            "[{}]",
            r#"[{"newDocumentState":null}]"#,
            r#"[{"newDocumentState":{"text":"no id"}}]"#,
            r#"[{"newDocumentState":{"id":"a b"}}]"#,
            r#"[{"newDocumentState":{"id":"a"},"assumedMasterState":1}]"#,
        ] {
            assert!(read(table, body.as_bytes()).is_err(), "{body}");
        }
        let body = r#"[{"newDocumentState":{"id":"a","text":"x","_deleted":false},"assumedMasterState":{"id":"a"}},
                       {"newDocumentState":{"id":"b","_deleted":true}}]"#;
        let writes = read(table, body.as_bytes()).unwrap();
        assert_eq!(writes.rows.len(), 2);
        assert!(writes.rows.first().is_some_and(|row| row.value("_deleted").is_none() && row.row.is_some()));
        assert!(writes.rows.last().is_some_and(|row| row.row.is_none()));
        assert_eq!(writes.assumed.keys().copied().collect::<Vec<_>>(), [0]);
    }
}
