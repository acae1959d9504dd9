//! Every row is taken or refused by itself, ticket by ticket.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::batch::{self, Batch};
use super::doors::{self, Caller, Taken, door};
use super::refuse;
use super::row::{self, Pushed};
use super::standing::{Standing, is_in_time, standing};
use super::{RowResult, RowStatus};
use crate::acts;
use crate::acts::press::Press;
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::error::{Code, Error};
use crate::messages::smtp::Copies;
use crate::sync::issue::IssueStatus;
use crate::tickets::{StatusKind, TicketId, graph};

/// Takes a push in.
///
/// # Errors
/// `sync_conflict`; the database's.
pub fn take(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    since: i64,
    rows: &[Pushed],
) -> Result<Vec<RowResult>, Error> {
    let batch = batch::look(conn, caller.actor, rows, since)?;
    batch::must_not_conflict(conn, caller.actor, &batch)?;
    Ok(each(conn, caller, since, &batch, &BTreeSet::new())?.into_values().collect())
}

/// Takes or refuses each row but those that are left out, and tells what became of each.
///
/// # Errors
/// The database's.
pub fn each(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    since: i64,
    batch: &Batch<'_>,
    left_out: &BTreeSet<usize>,
) -> Result<BTreeMap<usize, RowResult>, Error> {
    let rows = batch.rows;
    let mut groups: BTreeMap<Option<TicketId>, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(index, _)| !left_out.contains(index)) {
        groups.entry(batch.ticket_of(row)).or_default().push(index);
    }
    let mut results: BTreeMap<usize, RowResult> = BTreeMap::new();
    // What belongs to no ticket comes first: a label that was claimed is scanned afterwards.
    for (ticket, mut indices) in groups {
        // Phones send rows in no order of their own; ids of one moment grow.
        indices.sort_by_key(|index| rows.get(*index).map(|row| (in_turn(row), row.id.as_str())));
        let mut group = Group {
            actor: caller.actor.clone(),
            public_url: caller.public_url,
            press: caller.press,
            copies: caller.copies,
            since,
            batch,
            ticket,
            standing: None,
            work_refused: false,
        };
        for index in indices {
            if let Some(row) = rows.get(index) {
                results.insert(index, group.one(conn, row)?);
            }
        }
    }
    Ok(results)
}

/// The turn of a row among those of its ticket: by its door, and moves in the order in which they were made.
fn in_turn(row: &Pushed) -> (usize, i64) {
    let place = door(row.table.name).map_or(usize::MAX, |(place, _)| place);
    (place, row.value("occurred_at").and_then(row::whole).unwrap_or(i64::MAX))
}

/// The rows of one ticket, or those of none.
struct Group<'a> {
    actor: Actor,
    public_url: &'a str,
    press: &'a Press,
    copies: Option<Copies>,
    since: i64,
    batch: &'a Batch<'a>,
    ticket: Option<TicketId>,
    standing: Option<Standing>,
    work_refused: bool,
}

impl<'a> Group<'a> {
    /// Takes or refuses a row. What comes after a refused one knows of it.
    fn one(&mut self, conn: &mut DbConnection, row: &'a Pushed) -> Result<RowResult, Error> {
        self.stand(conn)?;
        let kept = self.batch.kept_of(row);
        let outcome = conn.transaction(|conn| self.attempt(conn, row));
        let ticket = self.ticket.filter(|_| self.standing != Some(Standing::Stranger));
        let (actor, since) = (&self.actor, self.since);
        let (status, code) = match outcome {
            Ok(Taken::Applied) if self.standing == Some(Standing::Former) => {
                let late = Code::LateWork.into();
                refuse::tell(conn, actor, row, IssueStatus::Quarantined, &late, ticket, since)?;
                (RowStatus::Quarantined, Some(Code::LateWork))
            }
            Ok(Taken::Applied) => (RowStatus::Applied, None),
            Ok(Taken::TooLate) => (RowStatus::Applied, Some(Code::CodeClaimed)),
            Ok(Taken::Noop) => {
                let differs = kept.is_some_and(|kept| row::differences(row, kept).next().is_some());
                if differs && self.batch.changed_since(row).is_none() {
                    refuse::touch(conn, actor, row, ticket, since)?;
                }
                (RowStatus::Noop, None)
            }
            // Nothing is wrong with the row. The push fails as a whole, and the phone sends all of it again.
            Err(error) if error.code() == Code::Busy => return Err(error),
            Err(error) => {
                if error.code() == Code::Internal {
                    tracing::error!(cause = %error, table = row.table.name, "a row of a push failed");
                }
                let refusal = refuse::refusal_of(&error);
                refuse::tell(conn, actor, row, IssueStatus::Refused, &refusal, ticket, since)?;
                (RowStatus::Refused, Some(refusal.code))
            }
        };
        match status {
            // Its version has grown: what else comes with this push is the same change.
            RowStatus::Applied | RowStatus::Quarantined => self.actor = self.actor.clone().holding(self.ticket),
            RowStatus::Refused if door(row.table.name).is_some() => self.work_refused = true,
            _ => {}
        }
        Ok(RowResult { table: row.table.name, id: row.id.clone(), status, code: code.map(Code::as_str) })
    }

    /// Finds out whose the ticket is, again as long as it may yet be opened by this very push.
    fn stand(&mut self, conn: &mut DbConnection) -> Result<(), Error> {
        if let Some(ticket) = self.ticket
            && matches!(self.standing, None | Some(Standing::Stranger))
        {
            let standing = standing(conn, &self.actor, ticket)?;
            self.standing = Some(standing);
            // What was done before the ticket went is let in by the name of the ticket alone.
            self.actor = self.actor.clone().lent(self.ticket.filter(|_| standing == Standing::Former));
        }
        Ok(())
    }

    fn attempt(&self, conn: &mut DbConnection, row: &'a Pushed) -> Result<Taken, Error> {
        let (kept, standing) = (self.batch.kept_of(row), self.standing);
        let (public_url, press, copies) = (self.public_url, self.press, self.copies);
        let caller = Caller { actor: &self.actor, standing, public_url, press, copies };
        let opens_ticket = row.table.name == "tickets" && kept.is_none();
        let stranger = standing == Some(Standing::Stranger);
        if stranger && row.row.is_some() && !opens_ticket {
            return Err(Code::IdUnavailable.into());
        }
        // A table that only the server writes answers the same whether the row is there or not.
        let (_, door) = door(row.table.name).ok_or(Code::ReadOnlyAccess)?;
        let Some(_) = &row.row else {
            // A stranger must not learn which ids there are.
            if (kept.is_none() || stranger) && door.table != "sync_issues" {
                return Ok(Taken::Noop);
            }
            let delete = door.delete.filter(|_| standing != Some(Standing::Former)).ok_or(Code::ReadOnlyAccess)?;
            delete(conn, &caller, row)?;
            return Ok(Taken::Applied);
        };
        if standing == Some(Standing::Former)
            && let Some(ticket) = self.ticket
            && !is_in_time(conn, &self.actor, ticket, row)?
        {
            return Err(Code::ReadOnlyAccess.into());
        }
        if let Some(kept) = kept {
            let differs = row::changed(row, kept).next().is_some();
            let asks = if door.edited.is_empty() { differs } else { doors::asks(door, row, kept) };
            if !asks {
                return Ok(Taken::Noop);
            }
            let answered = kept.get("answer_json").is_some_and(|answer| !answer.is_null());
            if standing == Some(Standing::Former) && (door.table != "checklist_items" || answered) {
                return Err(Code::ReadOnlyAccess.into());
            }
        }
        if kept.is_none() && self.work_refused && is_paper_of_it(conn, row)? {
            return Err(Code::WorkRefused.into());
        }
        if door.table == "status_changes" && kept.is_none() {
            if standing == Some(Standing::Former) {
                return Err(Code::ReadOnlyAccess.into());
            }
            if self.work_refused && finishes(conn, row)? {
                return Err(Code::WorkRefused.into());
            }
        }
        (door.put)(conn, &caller, row, kept)
    }
}

/// Whether a row is an act of the work it came with, or a decision on one.
fn is_paper_of_it(conn: &mut DbConnection, row: &Pushed) -> Result<bool, Error> {
    match row.table.name {
        "acts" => Ok(true),
        "signatures" => match row.id_in("act_id") {
            Some(act) => Ok(acts::queries::load(conn, act)?.is_none()),
            None => Ok(false),
        },
        _ => Ok(false),
    }
}

/// Whether a move says that the work is done.
fn finishes(conn: &mut DbConnection, row: &Pushed) -> Result<bool, Error> {
    let graph = graph::load(conn)?;
    let kind = row.text("to_status").and_then(|to| graph.status(to)).map(|status| status.kind);
    Ok(kind.is_some_and(|kind| matches!(kind, StatusKind::Done | StatusKind::Closed)))
}
