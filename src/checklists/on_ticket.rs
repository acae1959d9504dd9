//! A ticket's own checklist: copied once, then left alone by its template.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::answer::PhotoAnswer;
use super::template::{self, ChecklistTemplate};
use super::{AnswerKind, ChecklistItemId, ChecklistTemplateId};
use crate::assets::AssetId;
use crate::auth::Actor;
use crate::db::dialect::insert_all;
use crate::db::schema::checklist_items;
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::ticket_types::{self, TicketType};
use crate::tickets::attachments::{self, AttachmentId, AttachmentStatus};
use crate::tickets::{StatusKind, Ticket, TicketId, queries};
use crate::users::UserId;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = checklist_items, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub(super) struct Item {
    pub(super) id: ChecklistItemId,
    pub(super) ticket_id: TicketId,
    template_id: ChecklistTemplateId,
    template_version: i64,
    asset_id: Option<AssetId>,
    position: i32,
    text: String,
    pub(super) kind: AnswerKind,
    required: bool,
    required_on: StatusKind,
    pub(super) choices: String,
    pub(super) answer: Option<String>,
    answered_by: Option<UserId>,
    answered_at: Option<Timestamp>,
    recorded_at: Option<Timestamp>,
}

/// An item of a ticket's checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChecklistItem {
    /// Its id.
    pub id: ChecklistItemId,
    /// What is to be done.
    pub text: String,
    /// What it asks for.
    pub kind: AnswerKind,
    /// Whether the ticket waits for it.
    pub required: bool,
    /// For which status.
    pub required_on: StatusKind,
    /// What may be chosen.
    pub choices: Vec<String>,
    /// `true`, `"12.5"`, words, a choice, or `{"attachment_id": …}`.
    #[schema(value_type = Option<super::answer::Answer>)]
    pub answer: Option<Value>,
    /// Whether the bytes of the photo that answers it are there; null for whatever no photo answers.
    pub photo_confirmed: Option<bool>,
    /// Who answered.
    pub answered_by: Option<UserId>,
    /// When, by the phone's clock.
    pub answered_at: Option<Timestamp>,
    /// When the answer arrived.
    pub recorded_at: Option<Timestamp>,
    /// The device it is about, when each has its own copy.
    pub asset_id: Option<AssetId>,
}

impl From<Item> for ChecklistItem {
    fn from(item: Item) -> Self {
        Self {
            id: item.id,
            text: item.text,
            kind: item.kind,
            required: item.required,
            required_on: item.required_on,
            choices: serde_json::from_str(&item.choices).unwrap_or_default(),
            answer: item.answer.and_then(|answer| serde_json::from_str(&answer).ok()),
            photo_confirmed: None,
            answered_by: item.answered_by,
            answered_at: item.answered_at,
            recorded_at: item.recorded_at,
            asset_id: item.asset_id,
        }
    }
}

/// Copies the checklists of its kind into a new ticket.
///
/// # Errors
/// The database's.
pub fn begin(conn: &mut DbConnection, ticket: &Ticket, kind: &TicketType) -> Result<(), Error> {
    for id in &kind.checklist_template_ids {
        if let Some(template) =
            template::load(conn, *id)?.filter(|template| !template.per_asset && template.archived_at.is_none())
        {
            copy(conn, ticket.id, &template, None)?;
        }
    }
    Ok(())
}

/// Copies the checklists that are for each device, for one that was linked to the ticket.
///
/// # Errors
/// The database's.
pub fn begin_for_asset(conn: &mut DbConnection, ticket: &Ticket, asset: AssetId) -> Result<(), Error> {
    let kind = ticket_types::load(conn, ticket.type_id)?.ok_or_else(|| Error::internal("a ticket without its kind"))?;
    for id in &kind.checklist_template_ids {
        let Some(template) =
            template::load(conn, *id)?.filter(|template| template.per_asset && template.archived_at.is_none())
        else {
            continue;
        };
        let own = checklist_items::table
            .filter(checklist_items::ticket_id.eq(ticket.id))
            .filter(checklist_items::asset_id.eq(asset))
            .filter(checklist_items::template_id.eq(*id));
        // A device that was taken off and comes back keeps its answers.
        if own.count().get_result::<i64>(conn)? == 0 {
            copy(conn, ticket.id, &template, Some(asset))?;
        }
    }
    Ok(())
}

fn copy(
    conn: &mut DbConnection,
    ticket: TicketId,
    template: &ChecklistTemplate,
    asset_id: Option<AssetId>,
) -> Result<(), Error> {
    let last: Option<i32> = checklist_items::table
        .filter(checklist_items::ticket_id.eq(ticket))
        .order(checklist_items::position.desc())
        .select(checklist_items::position)
        .first(conn)
        .optional()?;
    let mut items = Vec::with_capacity(template.items.len());
    for (position, item) in (last.unwrap_or(0) + 1..).zip(&template.items) {
        items.push(Item {
            id: ChecklistItemId::new(),
            ticket_id: ticket,
            template_id: template.id,
            template_version: template.version,
            asset_id,
            position,
            text: item.text.to_string(),
            kind: item.kind,
            required: item.required,
            required_on: item.required_on,
            choices: serde_json::to_string(&item.choices)?,
            answer: None,
            answered_by: None,
            answered_at: None,
            recorded_at: None,
        });
    }
    insert_all!(conn, checklist_items::table, &items)?;
    Ok(())
}

/// A ticket's checklist, in order.
///
/// # Errors
/// `not_found`
pub fn list(conn: &mut DbConnection, actor: &Actor, id: TicketId) -> Result<Vec<ChecklistItem>, Error> {
    queries::find_row(conn, actor, id)?;
    of(conn, id)
}

/// A ticket's checklist, whoever asks.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut DbConnection, id: TicketId) -> Result<Vec<ChecklistItem>, Error> {
    let items: Vec<Item> = checklist_items::table
        .filter(checklist_items::ticket_id.eq(id))
        .order((checklist_items::position, checklist_items::id))
        .select(Item::as_select())
        .load(conn)?;
    confirmed(conn, items)
}

/// Items as people see them, each photo with whether it is there.
pub(super) fn confirmed(conn: &mut DbConnection, items: Vec<Item>) -> Result<Vec<ChecklistItem>, Error> {
    let photos: Vec<AttachmentId> = items.iter().filter_map(photo).collect();
    let statuses = if photos.is_empty() { Vec::new() } else { attachments::statuses(conn, &photos)? };
    let seen = |item: Item| {
        let photo = photo(&item);
        let status = photo.and_then(|photo| statuses.iter().find(|(id, _)| *id == photo)).map(|(_, status)| *status);
        let photo_confirmed = photo.map(|_| status == Some(AttachmentStatus::Ready));
        ChecklistItem { photo_confirmed, ..item.into() }
    };
    Ok(items.into_iter().map(seen).collect())
}

/// The picture that answers an item.
fn photo(item: &Item) -> Option<AttachmentId> {
    let answer = item.answer.as_deref().filter(|_| item.kind == AnswerKind::Photo)?;
    serde_json::from_str::<PhotoAnswer>(answer).ok().map(|answer| answer.attachment_id)
}

/// A picture that answers an item and whose bytes are not there.
#[derive(Debug, Clone, Copy)]
pub struct AwaitedPhoto {
    /// The item.
    pub item_id: ChecklistItemId,
    /// The picture.
    pub attachment_id: AttachmentId,
    /// Whether its bytes turned out to be none: the item is as good as unanswered.
    pub is_rejected: bool,
}

/// Items that a picture answers whose bytes are still to come, or turned out to be none.
///
/// # Errors
/// The database's.
pub fn awaited_photos(conn: &mut DbConnection, id: TicketId) -> Result<Vec<AwaitedPhoto>, Error> {
    let items: Vec<Item> = checklist_items::table
        .filter(checklist_items::ticket_id.eq(id))
        .filter(checklist_items::kind.eq(AnswerKind::Photo))
        .filter(checklist_items::answer.is_not_null())
        .select(Item::as_select())
        .load(conn)?;
    let photos: Vec<AttachmentId> = items.iter().filter_map(photo).collect();
    if photos.is_empty() {
        return Ok(Vec::new());
    }
    let statuses = attachments::statuses(conn, &photos)?;
    let awaited = |item: &Item| {
        let attachment_id = photo(item)?;
        let (_, status) = statuses.iter().find(|(id, _)| *id == attachment_id)?;
        let is_rejected = *status == AttachmentStatus::Rejected;
        let is_there = *status == AttachmentStatus::Ready;
        (!is_there).then_some(AwaitedPhoto { item_id: item.id, attachment_id, is_rejected })
    };
    Ok(items.iter().filter_map(awaited).collect())
}
