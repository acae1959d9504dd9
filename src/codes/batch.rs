//! Labels that are printed before anybody knows for what: batches of blank codes with running numbers.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::code::{CodeState, LabelCode};
use crate::auth::Actor;
use crate::db::among::Among;
use crate::db::dialect::insert_all;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::{codes, label_batches};
use crate::db::types::{Timestamp, id};
use crate::db::{DbConnection, MultiBackend, counters};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::{Made, Resource};
use crate::users::UserId;
use crate::words::text::Line;

id! {
    /// A batch of labels.
    BatchId,
}

/// Labels in one batch.
const MOST_CODES: i64 = 5_000;
/// Codes in one statement: fewer than either database may have parameters for.
const AT_ONCE: usize = 500;

#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = label_batches, check_for_backend(MultiBackend))]
struct Batch {
    id: BatchId,
    name: String,
    first_number: i64,
    last_number: i64,
    created_by: UserId,
    created_at: Timestamp,
    version: i64,
}

/// A batch of labels, and what has become of them.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BatchView {
    /// Its id.
    pub id: BatchId,
    /// What it is called.
    pub name: String,
    /// The number of its first label. Numbers run on over all batches.
    #[schema(minimum = 1)]
    pub first_number: i64,
    /// The number of its last label.
    #[schema(minimum = 1)]
    pub last_number: i64,
    /// What has become of them.
    pub counts: Counts,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What has become of the labels of a batch: `total` is `blank`, `claimed` and `void` together.
#[derive(Debug, Clone, Copy, Default, Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// All of them.
    #[schema(minimum = 0)]
    pub total: i64,
    /// Put on paper, whatever became of them then.
    #[schema(minimum = 0)]
    pub printed: i64,
    /// Put on a device, be it that they were replaced or revoked since.
    #[schema(minimum = 0)]
    pub claimed: i64,
    /// Given up before they were put on anything.
    #[schema(minimum = 0)]
    pub void: i64,
    /// Waiting for a device.
    #[schema(minimum = 0)]
    pub blank: i64,
}

impl Resource for BatchView {
    fn path(&self) -> String {
        format!("/api/v1/label-batches/{}", self.id)
    }

    /// Its counts change with every claim: there is no version of them to hold on to.
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A batch to make.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBatch {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<BatchId>,
    /// What it is called.
    pub name: Line<200>,
    /// How many labels.
    #[schema(minimum = 1, maximum = 5000)]
    pub count: i64,
}

/// Labels of a batch to give up.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidLabels {
    /// From this number on; the batch's first when left out.
    #[serde(default)]
    pub from: Option<i64>,
    /// Up to this number; the batch's last when left out.
    #[serde(default)]
    pub to: Option<i64>,
    /// Why.
    pub reason: Line<500>,
}

list_query! {
    /// Which page of batches.
    pub struct BatchFilter {}
}

#[derive(Insertable)]
#[diesel(table_name = codes)]
struct BlankCode {
    code: LabelCode,
    state: CodeState,
    created_at: Timestamp,
    changed_at: Timestamp,
    batch_id: BatchId,
    number: i64,
}

/// Makes a batch of blank labels.
///
/// # Errors
/// `validation_failed` for a count beyond bounds.
pub fn make(conn: &mut DbConnection, actor: &Actor, new: &NewBatch) -> Result<Made<BatchView>, Error> {
    if !(1..=MOST_CODES).contains(&new.count) {
        let bounds = [("min", "1".to_owned()), ("max", MOST_CODES.to_string())];
        return Err(Error::field_with("/count", Flaw::OutOfRange, bounds));
    }
    let insert = |conn: &mut DbConnection, id| {
        let last_number = counters::take(conn, "label", new.count)?;
        let batch = Batch {
            id,
            name: new.name.to_string(),
            first_number: last_number - new.count + 1,
            last_number,
            created_by: actor.id(),
            created_at: actor.now(),
            version: 1,
        };
        diesel::insert_into(label_batches::table).values(&batch).execute(conn)?;
        let fresh = fresh(conn, new.count)?;
        let numbered = fresh.into_iter().zip(batch.first_number..);
        let rows: Vec<BlankCode> = numbered
            .map(|(code, number)| BlankCode {
                code,
                state: CodeState::Blank,
                created_at: actor.now(),
                changed_at: actor.now(),
                batch_id: id,
                number,
            })
            .collect();
        insert_all!(conn, codes::table, rows)?;
        history::record(conn, actor, Event::of("label_batch.made", "label_batch", id.uuid()).after(&batch))?;
        find(conn, id)
    };
    made_once(conn, actor, "label_batch", new.id, new, insert, find)
}

/// So many codes that nobody has. Of a million labels in use, one batch in some thousands meets one.
fn fresh(conn: &mut DbConnection, count: i64) -> Result<Vec<LabelCode>, Error> {
    let count = usize::try_from(count).unwrap_or_default();
    let mut made = BTreeSet::new();
    let mut fresh = Vec::with_capacity(count);
    while fresh.len() < count {
        let mut some = Vec::new();
        while some.len() < AT_ONCE.min(count - fresh.len()) {
            let code = LabelCode::new()?;
            if made.insert(code.to_string()) {
                some.push(code);
            }
        }
        let taken: Vec<LabelCode> =
            codes::table.filter(codes::code.among(some.iter().copied())).select(codes::code).load(conn)?;
        fresh.extend(some.into_iter().filter(|code| !taken.contains(code)));
    }
    Ok(fresh)
}

/// Gives up labels of a batch that are on nothing: they lead nowhere from now on. Those that were claimed stay as they are.
///
/// # Errors
/// `not_found`; `validation_failed` for numbers that are not the batch's.
pub fn void(conn: &mut DbConnection, actor: &Actor, id: BatchId, asked: &VoidLabels) -> Result<BatchView, Error> {
    diesel::update(label_batches::table.find(id))
        .set(label_batches::version.eq(label_batches::version + 1))
        .execute(conn)?;
    let batch = find_row(conn, id)?;
    let (from, to) = (asked.from.unwrap_or(batch.first_number), asked.to.unwrap_or(batch.last_number));
    let bounds = [("min", batch.first_number.to_string()), ("max", batch.last_number.to_string())];
    if !(batch.first_number..=batch.last_number).contains(&from) {
        return Err(Error::field_with("/from", Flaw::OutOfRange, bounds));
    }
    if !(from..=batch.last_number).contains(&to) {
        let [_, max] = bounds;
        return Err(Error::field_with("/to", Flaw::OutOfRange, [("min", from.to_string()), max]));
    }
    let unused = codes::table
        .filter(codes::batch_id.eq(id))
        .filter(codes::number.between(from, to))
        .filter(codes::state.eq(CodeState::Blank));
    let voided = diesel::update(unused)
        .set((codes::state.eq(CodeState::Revoked), codes::changed_at.eq(actor.now())))
        .execute(conn)?;
    let facts = serde_json::json!({"from": from, "to": to, "reason": asked.reason, "voided": voided});
    history::record(conn, actor, Event::of("label_batch.voided", "label_batch", id.uuid()).after(facts))?;
    find(conn, id)
}

/// Notes that labels were put on paper. The first time counts.
///
/// # Errors
/// The database's.
pub fn printed(conn: &mut DbConnection, labels: &[LabelCode], now: Timestamp) -> Result<(), Error> {
    for some in labels.chunks(AT_ONCE) {
        let new = codes::table.filter(codes::code.among(some.iter().copied())).filter(codes::printed_at.is_null());
        diesel::update(new).set(codes::printed_at.eq(Some(now))).execute(conn)?;
    }
    Ok(())
}

fn find_row(conn: &mut DbConnection, id: BatchId) -> Result<Batch, Error> {
    let batch = label_batches::table.find(id).select(Batch::as_select()).get_result(conn).optional()?;
    batch.ok_or_else(|| Code::NotFound.into())
}

/// One batch.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, id: BatchId) -> Result<BatchView, Error> {
    let batch = find_row(conn, id)?;
    counted(conn, vec![batch])?.pop().ok_or_else(|| Code::NotFound.into())
}

/// A page of batches, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &BatchFilter) -> Result<Page<BatchView>, Error> {
    let page = filter.page();
    let query = label_batches::table.select(Batch::as_select()).into_boxed::<MultiBackend>();
    let rows = newest_first!(query, label_batches, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |batch: &Batch| (batch.created_at, batch.id));
    Ok(Page { data: counted(conn, data)?, next_cursor })
}

fn counted(conn: &mut DbConnection, batches: Vec<Batch>) -> Result<Vec<BatchView>, Error> {
    type Group = (Option<BatchId>, CodeState, i64, i64, i64);
    let ids: Vec<BatchId> = batches.iter().map(|batch| batch.id).collect();
    let groups: Vec<Group> = codes::table
        .filter(codes::batch_id.assume_not_null().among(ids))
        .group_by((codes::batch_id, codes::state))
        .select((
            codes::batch_id,
            codes::state,
            diesel::dsl::count_star(),
            diesel::dsl::count(codes::printed_at),
            diesel::dsl::count(codes::claimed_at),
        ))
        .load(conn)?;
    let view = |batch: Batch| {
        let mut counts = Counts::default();
        for (_, state, total, printed, claimed) in groups.iter().filter(|(of, ..)| *of == Some(batch.id)) {
            counts.total += total;
            counts.printed += printed;
            counts.claimed += claimed;
            match state {
                CodeState::Blank => counts.blank += total,
                CodeState::Revoked => counts.void += total - claimed,
                CodeState::Active | CodeState::Replaced => {}
            }
        }
        BatchView {
            id: batch.id,
            name: batch.name,
            first_number: batch.first_number,
            last_number: batch.last_number,
            counts,
            created_by: batch.created_by,
            created_at: batch.created_at,
        }
    };
    Ok(batches.into_iter().map(view).collect())
}
