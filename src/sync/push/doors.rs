//! Which verb of the API takes a row of which table. Here is only how a row is worded as a request: every rule stands behind
//! the door.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::paper;
use super::row::{Pushed, Request, changed, differences, whole};
use super::standing::Standing;
use crate::acts::press::Press;
use crate::assets::AssetId;
use crate::auth::Actor;
use crate::checklists::ChecklistItemId;
use crate::checklists::answer::{self, PutAnswer};
use crate::codes::claim::{self, NewClaim};
use crate::db::DbConnection;
use crate::db::schema::status_changes;
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::resource::Settled;
use crate::messages::smtp::Copies;
use crate::sync::column::RawRow;
use crate::sync::status_change::{StatusChange, StatusChangeId};
use crate::tickets::linked_assets::{self, LinkAsset};
use crate::tickets::scan::{self, ScanRequest};
use crate::tickets::workflow::{self, ChangeStatus};
use crate::tickets::{EditTicket, NewTicket, TicketId, attachments, comments, edit, open, queries};
use crate::time_entries::{self, EditTimeEntry, NewTimeEntry, TimeEntryId};
use crate::uploads::expect::{self, ExpectedAttachment};
use crate::work_lines::{self, EditWorkLine, NewWorkLine, WorkLineId};

/// What came of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is so now.
    Applied,
    /// It was so before.
    Noop,
    /// It is kept, and lost: its own columns tell.
    TooLate,
}

impl<T> From<Made<T>> for Taken {
    fn from(made: Made<T>) -> Self {
        match made {
            Made::New(_) => Self::Applied,
            Made::Already(_) => Self::Noop,
        }
    }
}

/// Who knocks.
pub struct Caller<'a> {
    /// Whose phone it is.
    pub actor: &'a Actor,
    /// How they stand to the ticket; nothing for what belongs to none.
    pub standing: Option<Standing>,
    /// How the world reaches us: labels tell it.
    pub public_url: &'a str,
    /// What prints acts.
    pub press: &'a Press,
    /// Who gets signed acts by mail; nothing when there is no mail.
    pub copies: Option<Copies>,
}

/// A row that is written: as it came, and as it is kept, if it is.
pub type Put = fn(&mut DbConnection, &Caller<'_>, &Pushed, Option<&RawRow>) -> Result<Taken, Error>;
/// A row that is taken away.
pub type Delete = fn(&mut DbConnection, &Caller<'_>, &Pushed) -> Result<(), Error>;

/// How the rows of a table come in.
pub struct Door {
    /// The table.
    pub table: &'static str,
    /// What its records are called in events.
    pub kind: &'static str,
    /// Columns that are changed after the row was made; a row of which none is, is written once.
    pub edited: &'static [&'static str],
    /// Takes a row in.
    pub put: Put,
    /// Takes a row away, where that can be done.
    pub delete: Option<Delete>,
}

/// The doors in the order in which the rows of a ticket are taken: what is done on it first, then where it moves.
pub const DOORS: &[Door] = &[
    Door {
        table: "sync_issues",
        kind: "sync_issue",
        edited: &[],
        put: never,
        delete: Some(super::refuse::acknowledge),
    },
    Door { table: "code_claims", kind: "claim", edited: &[], put: claim_code, delete: None },
    Door {
        table: "tickets",
        kind: "ticket",
        edited: &["site_id", "contact_id", "priority", "subject", "description"],
        put: put_ticket,
        delete: None,
    },
    Door { table: "ticket_assets", kind: "ticket_asset", edited: &[], put: link_asset, delete: Some(unlink_asset) },
    Door { table: "scans", kind: "scan", edited: &[], put: scan_label, delete: None },
    // Before the answers: one of them may be a photo that comes with them.
    Door { table: "attachments", kind: "attachment", edited: &[], put: tell_of_file, delete: Some(remove_file) },
    Door { table: "checklist_items", kind: "checklist_item", edited: &["answer_json"], put: answer_item, delete: None },
    Door {
        table: "work_lines",
        kind: "work_line",
        edited: &["quantity", "price", "name"],
        put: put_work_line,
        delete: Some(remove_work_line),
    },
    Door {
        table: "time_entries",
        kind: "time_entry",
        edited: &["kind", "started_at", "ended_at", "minutes", "note", "visible_to_client"],
        put: put_time,
        delete: Some(remove_time),
    },
    Door { table: "comments", kind: "comment", edited: &[], put: write_comment, delete: None },
    Door { table: "acts", kind: "act", edited: &[], put: paper::issue_act, delete: None },
    Door { table: "signatures", kind: "signature", edited: &[], put: paper::sign_act, delete: None },
    Door { table: "status_changes", kind: "status_change", edited: &[], put: move_ticket, delete: None },
];

/// The door of a table that phones write, and its place in the order.
pub fn door(table: &str) -> Option<(usize, &'static Door)> {
    DOORS.iter().enumerate().find(|(_, door)| door.table == table)
}

/// Whether a row asks for something else than what is kept.
pub fn asks(door: &Door, pushed: &Pushed, kept: &RawRow) -> bool {
    let reckoned = door.table == "time_entries" && is_from_and_to(pushed);
    // What comes from a price list has its words and price from there.
    let listed = kept.get("price_item_id").is_some_and(|item| !item.is_null());
    differences(pushed, kept)
        .filter(|column| door.edited.contains(column))
        .filter(|column| *column != "minutes" || !reckoned)
        .filter(|column| *column == "quantity" || !listed)
        .any(|column| pushed.gives(column) || clears(door, column))
}

/// Whether working time is told by its beginning and its end: then its length is reckoned from them.
fn is_from_and_to(pushed: &Pushed) -> bool {
    pushed.gives("started_at") && pushed.gives("ended_at")
}

/// Whether an empty column means that it is to be emptied. Elsewhere the server fills in what a phone leaves out.
fn clears(door: &Door, column: &str) -> bool {
    matches!(
        (door.table, column),
        ("time_entries", "note")
            | ("checklist_items", "answer_json")
            | ("tickets", "site_id" | "contact_id" | "description")
    )
}

pub(super) fn ticket_of(pushed: &Pushed) -> Result<TicketId, Error> {
    pushed.id_in("ticket_id").ok_or_else(|| Error::field("/ticket_id", Flaw::UnknownReference))
}

/// JSON in a column of text, as phones keep it.
pub(super) fn json_in(text: &str, pointer: &str) -> Result<Value, Error> {
    let not_json = |_| Error::field_with(pointer, Flaw::WrongType, [("expected", "JSON".to_owned())]);
    serde_json::from_str(text).map_err(not_json)
}

pub(super) fn own<Id: std::str::FromStr>(pushed: &Pushed) -> Result<Id, Error> {
    pushed.id.parse().map_err(|_| Code::IdUnavailable.into())
}

/// A row that is written once and came once more with other content.
fn written_once(kept: Option<&RawRow>) -> Result<(), Error> {
    if kept.is_some() { Err(Code::ReadOnlyAccess.into()) } else { Ok(()) }
}

fn never(_: &mut DbConnection, _: &Caller<'_>, _: &Pushed, _: Option<&RawRow>) -> Result<Taken, Error> {
    Err(Code::ReadOnlyAccess.into())
}

fn claim_code(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    if kept.is_some() {
        return Ok(Taken::Noop);
    }
    let asset = match pushed.text("asset_json") {
        Some(text) => Some(json_in(text, "/asset_json")?),
        None => None,
    };
    let known = pushed.value("asset_id").filter(|_| asset.is_none()).cloned();
    let request = Request::of(pushed).with("asset_id", known).with("asset", asset);
    let new: NewClaim = pushed.request(request.moments(pushed, &["claimed_at"]).place(pushed))?;
    let code = pushed.text("code").ok_or_else(|| Error::field("/code", Flaw::Required))?;
    Ok(match claim::claim(conn, caller.actor, caller.public_url, code, &new)? {
        Settled::Done(made) => made.into(),
        Settled::Lost(_) => Taken::TooLate,
    })
}

fn put_ticket(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    if kept.is_none() {
        let request = Request::of(pushed)
            .columns(pushed, &["type_id", "company_id", "site_id", "contact_id", "priority", "subject", "description"]);
        let new: NewTicket = pushed.request(request)?;
        return Ok(open::open(conn, caller.actor, &new)?.into());
    }
    let request = Request::default()
        .columns(pushed, &["priority", "subject"])
        .columns_or_null(pushed, &["site_id", "contact_id", "description"]);
    let change: EditTicket = pushed.request(request)?;
    edit::edit(conn, caller.actor, own(pushed)?, &change, None)?;
    Ok(Taken::Applied)
}

fn link_asset(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    if kept.is_some() {
        return Ok(Taken::Noop);
    }
    let ticket = ticket_of(pushed)?;
    let asset: AssetId = pushed.id_in("asset_id").ok_or_else(|| Error::field("/asset_id", Flaw::UnknownReference))?;
    if pushed.id != crate::sync::tables::ticket_asset_key(ticket, asset) {
        return Err(Code::IdUnavailable.into());
    }
    linked_assets::add(conn, caller.actor, ticket, &LinkAsset { asset_id: asset })?;
    Ok(Taken::Applied)
}

fn unlink_asset(conn: &mut DbConnection, caller: &Caller<'_>, pushed: &Pushed) -> Result<(), Error> {
    let (ticket, asset) = pushed.id.split_once('.').ok_or(Code::IdUnavailable)?;
    let (ticket, asset) =
        (ticket.parse().map_err(|_| Code::IdUnavailable)?, asset.parse().map_err(|_| Code::IdUnavailable)?);
    linked_assets::remove(conn, caller.actor, ticket, asset)
}

fn scan_label(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    written_once(kept)?;
    let request = Request::of(pushed).columns(pushed, &["code", "asset_id"]);
    let asked: ScanRequest = pushed.request(request.moments(pushed, &["scanned_at"]).place(pushed))?;
    scan::scan(conn, caller.actor, ticket_of(pushed)?, &asked)?;
    Ok(Taken::Applied)
}

/// What bytes that came decide, or the server at the time.
const NOT_THE_PHONES: [&str; 3] = ["size", "media_type", "checklist_item_id"];

fn tell_of_file(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    if let Some(kept) = kept {
        let other = changed(pushed, kept).any(|column| !NOT_THE_PHONES.contains(&column));
        return if other { Err(Code::ReadOnlyAccess.into()) } else { Ok(Taken::Noop) };
    }
    let ticket = ticket_of(pushed)?;
    let mut request = Request::of(pushed)
        .columns(pushed, &["name", "media_type", "visibility"])
        .with("size", pushed.value("size").and_then(whole).map(|size| json!(size)))
        .with("sha256", pushed.text("original_sha256").map(|hash| json!(hash)))
        .moments(pushed, &["occurred_at"])
        .place(pushed);
    // The photo is kept in any case; the answer of whoever has the ticket now is not written over.
    let taken = match pushed.id_in("checklist_item_id") {
        Some(item) if caller.standing == Some(Standing::Former) => answer::is_answered(conn, item)?,
        _ => false,
    };
    if !taken {
        request = request.columns(pushed, &["checklist_item_id"]);
    }
    let new: ExpectedAttachment =
        pushed.request(request).map_err(|error| renamed(error, "/sha256", "/original_sha256"))?;
    Ok(expect::expect(conn, caller.actor, ticket, &new)?.into())
}

fn remove_file(conn: &mut DbConnection, caller: &Caller<'_>, pushed: &Pushed) -> Result<(), Error> {
    attachments::remove(conn, caller.actor, own(pushed)?)
}

fn answer_item(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    let kept = kept.ok_or(Code::IdUnavailable)?;
    let ticket: Option<TicketId> = kept.get("ticket_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let given = match pushed.text("answer_json") {
        Some(text) => json_in(text, "/answer_json")?,
        None => Value::Null,
    };
    let request = Request::default().with("answer", Some(given)).moments(pushed, &["answered_at"]);
    let put: PutAnswer = pushed.request(request)?;
    let item: ChecklistItemId = own(pushed)?;
    answer::answer(conn, caller.actor, ticket.ok_or(Code::IdUnavailable)?, item, &put)?;
    Ok(Taken::Applied)
}

fn put_work_line(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    // What comes from a price list has its words and price from there, whatever the phone shows meanwhile.
    let own_words = pushed.text("price_item_id").is_none();
    let Some(kept) = kept else {
        let mut request = Request::of(pushed).columns(pushed, &["price_item_id", "asset_id", "quantity"]);
        if own_words {
            request = request.columns(pushed, &["kind", "name", "unit", "price"]);
        }
        let new: NewWorkLine = pushed.request(request)?;
        return Ok(work_lines::add::add(conn, caller.actor, ticket_of(pushed)?, &new)?.into());
    };
    let changed = |column: &&str| differences(pushed, kept).any(|differs| differs == *column);
    let words: &[&str] = if own_words { &["quantity", "price", "name"] } else { &["quantity"] };
    let words: Vec<&str> = words.iter().copied().filter(changed).collect();
    if words.is_empty() {
        return Ok(Taken::Noop);
    }
    let change: EditWorkLine = pushed.request(Request::default().columns(pushed, &words))?;
    work_lines::edit::edit(conn, caller.actor, own(pushed)?, &change, None)?;
    Ok(Taken::Applied)
}

fn remove_work_line(conn: &mut DbConnection, caller: &Caller<'_>, pushed: &Pushed) -> Result<(), Error> {
    let id: WorkLineId = own(pushed)?;
    work_lines::edit::remove(conn, caller.actor, id)
}

fn put_time(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    let minutes = pushed.value("minutes").and_then(whole).filter(|number| *number != 0);
    let both = is_from_and_to(pushed);
    let Some(kept) = kept else {
        let mut request = Request::of(pushed)
            .columns(pushed, &["kind", "note", "visible_to_client"])
            .moments(pushed, &["started_at", "ended_at"]);
        if !both {
            request = request.with("minutes", minutes.map(|minutes| json!(minutes)));
        }
        let new: NewTimeEntry = pushed.request(request)?;
        return Ok(time_entries::log::log(conn, caller.actor, ticket_of(pushed)?, &new)?.into());
    };
    let changed = |column: &str| differences(pushed, kept).any(|differs| differs == column);
    let mut request =
        Request::default().columns(pushed, &["kind", "visible_to_client"]).columns_or_null(pushed, &["note"]);
    if changed("started_at") || changed("ended_at") {
        request = request.moments(pushed, &["started_at", "ended_at"]);
        if !both {
            request = request.with("duration", minutes.map(written));
        }
    } else if !both && changed("minutes") {
        request = request.moments(pushed, &["started_at"]).with("duration", minutes.map(written));
    }
    let change: EditTimeEntry = pushed.request(request)?;
    let id: TimeEntryId = own(pushed)?;
    time_entries::edit::edit(conn, caller.actor, id, &change, None)?;
    Ok(Taken::Applied)
}

/// Minutes as people write them.
fn written(minutes: i64) -> Value {
    json!(format!("{}:{:02}", minutes / 60, minutes % 60))
}

fn remove_time(conn: &mut DbConnection, caller: &Caller<'_>, pushed: &Pushed) -> Result<(), Error> {
    let id: TimeEntryId = own(pushed)?;
    time_entries::edit::remove(conn, caller.actor, id)
}

fn write_comment(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    written_once(kept)?;
    let request = Request::of(pushed).columns(pushed, &["text", "visibility"]).moments(pushed, &["written_at"]);
    let new: comments::NewComment = pushed.request(request)?;
    Ok(comments::add(conn, caller.actor, ticket_of(pushed)?, &new)?.into())
}

fn move_ticket(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    kept: Option<&RawRow>,
) -> Result<Taken, Error> {
    written_once(kept)?;
    let (actor, id) = (caller.actor, ticket_of(pushed)?);
    let own: StatusChangeId = own(pushed)?;
    let to = pushed.text("to_status").map(|to| json!(to));
    let request = Request::default().with("to", to).columns(pushed, &["comment", "waiting_for"]);
    let asked: ChangeStatus = pushed.request(request).map_err(|error| renamed(error, "/to", "/to_status"))?;
    let occurred_at = match pushed.value("occurred_at").and_then(whole).filter(|millis| *millis != 0) {
        Some(millis) => Timestamp::from_millis(millis).ok_or_else(|| Error::field("/occurred_at", Flaw::NotAMoment))?,
        None => actor.now(),
    };
    // Even a move to where the ticket stands is a change of it: it is in its history.
    let before = queries::hold(conn, actor, id)?;
    let actor = &actor.clone().holding(Some(id));
    workflow::change_status(conn, actor, id, &asked).map_err(|error| renamed(error, "/to", "/to_status"))?;
    let row = StatusChange {
        id: own,
        ticket_id: id,
        user_id: actor.id(),
        from_status: before.status_code,
        to_status: asked.to.to_string(),
        comment: asked.comment.as_ref().map(ToString::to_string),
        waiting_for: asked.waiting_for,
        occurred_at,
        recorded_at: actor.now(),
    };
    diesel::insert_into(status_changes::table).values(&row).execute(conn)?;
    let event = Event::of("ticket.moved_by_phone", "status_change", own.uuid()).ticket(id).company(before.company_id);
    history::record(conn, actor, event.after(&row))?;
    Ok(Taken::Applied)
}

/// The field has another name on phones.
pub(super) fn renamed(mut error: Error, from: &str, to: &str) -> Error {
    if let Error::Refused(refusal) = &mut error {
        for field in refusal.fields.iter_mut().filter(|field| field.pointer == from) {
            to.clone_into(&mut field.pointer);
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use super::DOORS;
    use crate::sync::tables::TABLES;

    /// What is described as written by phones is what is taken from them.
    #[test]
    fn phones_write_where_there_is_a_door() {
        for table in TABLES {
            let written = table.columns.iter().any(|column| column.is_written_by_phones());
            let put = DOORS.iter().any(|door| door.table == table.name && door.table != "sync_issues");
            assert_eq!(written, put, "{}", table.name);
        }
        for door in DOORS {
            let table = TABLES.iter().find(|table| table.name == door.table).unwrap();
            for name in door.edited {
                let column = table.columns.iter().find(|column| column.name == *name).unwrap();
                assert!(column.is_written_by_phones(), "{} {name}", door.table);
            }
        }
    }
}
