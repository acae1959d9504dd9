//! What is done on tickets: answers, time, works, words and files.

use diesel::prelude::*;

use super::super::column::{maybe_millis, maybe_text, millis, raw_table};
use super::{Roots, Synced, Viewer, each, ids, keys};
use crate::assets::AssetId;
use crate::checklists::{AnswerKind, ChecklistItemId, ChecklistTemplateId};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{attachments, checklist_items, comments, time_entries, work_lines};
use crate::db::types::{AnyId, Timestamp};
use crate::error::Error;
use crate::tickets::attachment::{AttachmentId, AttachmentRow as Kept};
use crate::tickets::comments::{CommentId, Visibility};
use crate::tickets::{StatusKind, TicketId};
use crate::time_entries::{TimeEntry, TimeEntryId};
use crate::users::UserId;
use crate::work_lines::{WorkLine, WorkLineId, WorkLineView};

/// The ids of a table's rows that belong to some tickets.
macro_rules! of_tickets {
    ($conn:expr, $roots:expr, $table:ident) => {{
        let found: Vec<AnyId> = each(&$roots.tickets, |some| {
            Ok($table::table.filter($table::ticket_id.among(some)).select($table::id).load($conn)?)
        })?;
        Ok(keys(found))
    }};
}
pub(super) use of_tickets;

raw_table! {
    /// The items of tickets' checklists. To answer one, write its answer.
    ChecklistItemRow in "checklist_items" {
        /// The ticket.
        ticket_id: String [Indexed],
        /// The device it is about, when each has its own copy.
        asset_id: Option<String>,
        /// The template it was copied from.
        template_id: String,
        /// Its place in the list.
        position: i64,
        /// What is to be done.
        text: String,
        /// check, number, text, choice, photo.
        kind: String,
        /// Whether the ticket waits for it.
        required: bool,
        /// For which kind of status.
        required_on: String,
        /// What may be chosen: a list, JSON.
        choices_json: String,
        /// The answer, JSON: true, "12.5", "words", "a choice", {"attachment_id": …}.
        answer_json: Option<String> [Phone],
        /// Who answered.
        answered_by: Option<String>,
        /// When, by the phone's clock.
        answered_at: Option<i64> [Phone],
        /// When the answer arrived.
        recorded_at: Option<i64>,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = checklist_items, check_for_backend(crate::db::MultiBackend))]
struct Item {
    id: ChecklistItemId,
    ticket_id: TicketId,
    asset_id: Option<AssetId>,
    template_id: ChecklistTemplateId,
    position: i32,
    text: String,
    kind: AnswerKind,
    required: bool,
    required_on: StatusKind,
    choices: String,
    answer: Option<String>,
    answered_by: Option<UserId>,
    answered_at: Option<Timestamp>,
    recorded_at: Option<Timestamp>,
}

impl Synced for ChecklistItemRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        of_tickets!(conn, roots, checklist_items)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Item> = checklist_items::table
            .filter(checklist_items::id.among(ids::<ChecklistItemId>(keys)))
            .select(Item::as_select())
            .load(conn)?;
        let row = |item: Item| Self {
            id: item.id.to_string(),
            ticket_id: item.ticket_id.to_string(),
            asset_id: maybe_text(item.asset_id),
            template_id: item.template_id.to_string(),
            position: item.position.into(),
            text: item.text,
            kind: item.kind.to_string(),
            required: item.required,
            required_on: item.required_on.to_string(),
            choices_json: item.choices,
            answer_json: item.answer,
            answered_by: maybe_text(item.answered_by),
            answered_at: maybe_millis(item.answered_at),
            recorded_at: maybe_millis(item.recorded_at),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Working time. From and to, or minutes.
    TimeEntryRow in "time_entries" {
        /// The ticket.
        ticket_id: String [Indexed Phone],
        /// Whose time.
        user_id: Option<String> [Indexed],
        /// on_site, travel, remote.
        kind: String [Phone],
        /// When it began.
        started_at: Option<i64> [Phone],
        /// When it ended; then minutes are reckoned from both.
        ended_at: Option<i64> [Phone],
        /// How long, in whole minutes.
        minutes: Option<i64> [Phone],
        /// What was done.
        note: Option<String> [Phone],
        /// Whether the client sees it.
        visible_to_client: bool [Phone],
        /// Who wrote it down.
        recorded_by: Option<String>,
        /// When it arrived.
        recorded_at: Option<i64>,
    }
}

impl Synced for TimeEntryRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        of_tickets!(conn, roots, time_entries)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<TimeEntry> = time_entries::table
            .filter(time_entries::id.among(ids::<TimeEntryId>(keys)))
            .filter(time_entries::archived_at.is_null())
            .select(TimeEntry::as_select())
            .load(conn)?;
        let row = |entry: TimeEntry| Self {
            id: entry.id.to_string(),
            ticket_id: entry.ticket_id.to_string(),
            user_id: Some(entry.user_id.to_string()),
            kind: entry.kind.to_string(),
            started_at: maybe_millis(entry.started_at),
            ended_at: maybe_millis(entry.ended_at),
            minutes: Some(entry.minutes),
            note: entry.note,
            visible_to_client: entry.visible_to_client,
            recorded_by: Some(entry.recorded_by.to_string()),
            recorded_at: Some(millis(entry.recorded_at)),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Works and materials. From a price list by `price_item_id`, or by name and unit; who pays is decided here.
    WorkLineRow in "work_lines" {
        /// The ticket.
        ticket_id: String [Indexed Phone],
        /// On which device of the ticket.
        asset_id: Option<String> [Phone],
        /// The item of a price list: name, unit, kind and price come from it.
        price_item_id: Option<String> [Phone],
        /// work, material.
        kind: Option<String> [Phone],
        /// The item's code.
        code: Option<String>,
        /// What it is.
        name: Option<String> [Phone],
        /// "шт", "ч"
        unit: Option<String> [Phone],
        /// How much, a decimal: "1.5".
        quantity: String [Phone],
        /// The currency of its prices.
        currency: Option<String>,
        /// What the list said, a decimal.
        list_price: Option<String>,
        /// What one unit costs, a decimal.
        price: Option<String> [Phone],
        /// Quantity × price, a decimal.
        amount: Option<String>,
        /// What is paid, with tax, a decimal.
        gross: Option<String>,
        /// covered, extra.
        coverage: Option<String>,
        /// Why, in the user's language.
        coverage_reason: Option<String>,
        /// Who wrote it down.
        added_by: Option<String>,
        /// When it arrived.
        added_at: Option<i64>,
    }
}

impl Synced for WorkLineRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        of_tickets!(conn, roots, work_lines)
    }

    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<WorkLine> = work_lines::table
            .filter(work_lines::id.among(ids::<WorkLineId>(keys)))
            .filter(work_lines::archived_at.is_null())
            .select(WorkLine::as_select())
            .load(conn)?;
        let row = |line: WorkLine| {
            let line = WorkLineView::new(line, viewer.language);
            Self {
                id: line.id.to_string(),
                ticket_id: line.ticket_id.to_string(),
                asset_id: maybe_text(line.asset_id),
                price_item_id: maybe_text(line.price_item_id),
                kind: Some(line.kind.to_string()),
                code: line.code,
                name: Some(line.name),
                unit: Some(line.unit),
                quantity: line.quantity.to_string(),
                currency: Some(line.currency.to_string()),
                list_price: maybe_text(line.list_price),
                price: maybe_text(line.price),
                amount: Some(line.amount.to_string()),
                gross: Some(line.gross.to_string()),
                coverage: Some(line.coverage.to_string()),
                coverage_reason: Some(line.coverage_reason),
                added_by: Some(line.added_by.to_string()),
                added_at: Some(millis(line.added_at)),
            }
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// What people write to each other on a ticket.
    CommentRow in "comments" {
        /// The ticket.
        ticket_id: String [Indexed Phone],
        /// Who wrote it.
        author_id: Option<String>,
        /// public: the client too; internal: our own side only.
        visibility: String [Phone],
        /// What it says.
        text: String [Phone],
        /// When it was written, by the phone's clock.
        written_at: Option<i64> [Phone],
        /// When it arrived.
        recorded_at: Option<i64>,
    }
}

impl Synced for CommentRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        of_tickets!(conn, roots, comments)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        type Row = (CommentId, TicketId, UserId, Visibility, String, Timestamp, Timestamp);
        let rows: Vec<Row> = comments::table.filter(comments::id.among(ids::<CommentId>(keys))).load(conn)?;
        let row = |(id, ticket, author, visibility, text, written_at, recorded_at): Row| Self {
            id: id.to_string(),
            ticket_id: ticket.to_string(),
            author_id: Some(author.to_string()),
            visibility: visibility.to_string(),
            text,
            written_at: Some(millis(written_at)),
            recorded_at: Some(millis(recorded_at)),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Photos and papers on tickets. To tell of one, write a row; its bytes go to `/api/v1/uploads`, and are then at
    /// `/api/v1/attachments/{id}/content`.
    AttachmentRow in "attachments" {
        /// The ticket.
        ticket_id: String [Indexed Phone],
        /// Who attached it.
        author_id: Option<String>,
        /// public: the client too; internal: our own side only.
        visibility: String [Phone],
        /// expected: announced, its bytes are still to come; ready; rejected.
        status: Option<String>,
        /// The item of the checklist it was made for; it answers that item.
        checklist_item_id: Option<String> [Phone],
        /// The hash of the bytes as they are announced, in hexadecimal.
        original_sha256: Option<String> [Phone],
        /// The hash of the bytes that are served.
        sha256: Option<String>,
        /// What it is called.
        name: String [Phone],
        /// What it is: image/jpeg, image/png, image/webp, image/heic, application/pdf. The bytes have the last word.
        media_type: String [Phone],
        /// How many bytes are announced; once they came, how many are kept.
        size: i64 [Phone],
        /// A picture's width in pixels.
        width: Option<i64>,
        /// A picture's height in pixels.
        height: Option<i64>,
        /// When it was made, by the phone's clock.
        occurred_at: Option<i64> [Phone],
        /// When the server learnt of it.
        recorded_at: Option<i64>,
        /// Degrees north.
        lat: Option<f64> [Phone],
        /// Degrees east.
        lon: Option<f64> [Phone],
        /// How exact, in metres.
        accuracy_m: Option<f64> [Phone],
    }
}

impl Synced for AttachmentRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        of_tickets!(conn, roots, attachments)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Kept> = attachments::table
            .filter(attachments::id.among(ids::<AttachmentId>(keys)))
            .filter(attachments::archived_at.is_null())
            .select(Kept::as_select())
            .load(conn)?;
        let row = |file: Kept| Self {
            id: file.id.to_string(),
            ticket_id: file.ticket_id.to_string(),
            author_id: Some(file.author_id.to_string()),
            visibility: file.visibility.to_string(),
            status: Some(file.status.to_string()),
            checklist_item_id: maybe_text(file.checklist_item_id),
            original_sha256: maybe_text(file.original_sha256),
            sha256: maybe_text(file.file_sha256),
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            width: file.width.map(i64::from),
            height: file.height.map(i64::from),
            occurred_at: maybe_millis(file.occurred_at),
            recorded_at: Some(millis(file.recorded_at)),
            lat: file.lat,
            lon: file.lon,
            accuracy_m: file.accuracy_m,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
