//! Templates of checklists.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{AnswerKind, ChecklistTemplateId};
use crate::auth::Actor;
use crate::companies::company::archived;
use crate::db::dialect::insert_all;
use crate::db::page::Page;
use crate::db::records::{newest_first, save};
use crate::db::schema::{checklist_template_items, checklist_templates};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Made, Resource};
use crate::tickets::StatusKind;
use crate::words::text::Line;

/// Items a template may have.
const MOST_ITEMS: usize = 200;
/// Choices an item may have.
const MOST_CHOICES: usize = 50;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = checklist_templates, check_for_backend(MultiBackend), treat_none_as_null = true)]
struct Row {
    id: ChecklistTemplateId,
    name: String,
    per_asset: bool,
    archived_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = checklist_template_items, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct ItemRow {
    template_id: ChecklistTemplateId,
    template_version: i64,
    position: i32,
    text: String,
    kind: AnswerKind,
    required: bool,
    required_on: StatusKind,
    choices: String,
}

/// An item of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateItem {
    /// What is to be done.
    pub text: Line<500>,
    /// What it asks for.
    pub kind: AnswerKind,
    /// Whether the ticket waits for it.
    #[serde(default)]
    pub required: bool,
    /// For which status: an answer must be there on entering the kind, or on leaving it.
    #[serde(default = "when_done")]
    pub required_on: StatusKind,
    /// What may be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub choices: Vec<Line<200>>,
}

const fn when_done() -> StatusKind {
    StatusKind::Done
}

/// A template of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChecklistTemplate {
    /// Its id.
    pub id: ChecklistTemplateId,
    /// What it is called.
    pub name: String,
    /// Whether each asset of a ticket gets its own copy.
    pub per_asset: bool,
    /// The items, in order.
    pub items: Vec<TemplateItem>,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change; tickets remember which they were given.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Resource for ChecklistTemplate {
    fn path(&self) -> String {
        format!("/api/v1/checklist-templates/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A template to make.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChecklistTemplate {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<ChecklistTemplateId>,
    /// What it is called.
    pub name: Line<200>,
    /// Whether each asset of a ticket gets its own copy.
    #[serde(default)]
    pub per_asset: bool,
    /// The items, in order.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<TemplateItem>,
}

/// What may be changed about a template. Tickets keep the items they were given.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditChecklistTemplate {
    /// What it is called.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<200>, required = false)]
    pub name: Option<Line<200>>,
    /// Whether each asset of a ticket gets its own copy.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub per_asset: Option<bool>,
    /// All its items from now on.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Vec<TemplateItem>, required = false, min_items = 1, max_items = 200)]
    pub items: Option<Vec<TemplateItem>>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which templates.
    pub struct ChecklistTemplateFilter {
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One template.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, _: &Actor, id: ChecklistTemplateId) -> Result<ChecklistTemplate, Error> {
    load(conn, id)?.ok_or_else(|| Code::NotFound.into())
}

/// One template in its newest version.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: ChecklistTemplateId) -> Result<Option<ChecklistTemplate>, Error> {
    let row: Option<Row> = checklist_templates::table.find(id).select(Row::as_select()).get_result(conn).optional()?;
    row.map(|row| view(conn, row)).transpose()
}

fn view(conn: &mut DbConnection, row: Row) -> Result<ChecklistTemplate, Error> {
    let items: Vec<ItemRow> = checklist_template_items::table
        .filter(checklist_template_items::template_id.eq(row.id))
        .filter(checklist_template_items::template_version.eq(row.version))
        .order(checklist_template_items::position)
        .select(ItemRow::as_select())
        .load(conn)?;
    let item = |row: ItemRow| -> Result<TemplateItem, Error> {
        Ok(TemplateItem {
            text: Line::parse(&row.text).map_err(Error::internal)?,
            kind: row.kind,
            required: row.required,
            required_on: row.required_on,
            choices: serde_json::from_str(&row.choices)?,
        })
    };
    let items: Result<Vec<TemplateItem>, Error> = items.into_iter().map(item).collect();
    let Row { id, name, per_asset, archived_at, version, created_at, updated_at } = row;
    Ok(ChecklistTemplate { id, name, per_asset, items: items?, archived_at, version, created_at, updated_at })
}

/// A page of templates, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(
    conn: &mut DbConnection,
    _: &Actor,
    filter: &ChecklistTemplateFilter,
) -> Result<Page<ChecklistTemplate>, Error> {
    let page = filter.page();
    let mut query = checklist_templates::table.select(Row::as_select()).into_boxed::<MultiBackend>();
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(checklist_templates::archived_at.is_null());
    }
    let rows = newest_first!(query, checklist_templates, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |row: &Row| (row.created_at, row.id));
    let data: Result<Vec<_>, Error> = data.into_iter().map(|row| view(conn, row)).collect();
    Ok(Page { data: data?, next_cursor })
}

/// Makes a template.
///
/// # Errors
/// `validation_failed` when an item makes no sense.
pub fn create(
    conn: &mut DbConnection,
    actor: &Actor,
    new: &NewChecklistTemplate,
) -> Result<Made<ChecklistTemplate>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        let row = Row {
            id,
            name: new.name.to_string(),
            per_asset: new.per_asset,
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        diesel::insert_into(checklist_templates::table).values(&row).execute(conn)?;
        keep_items(conn, &row, &new.items)?;
        let template = view(conn, row)?;
        history::record(
            conn,
            actor,
            Event::of("checklist_template.made", "checklist_template", id.uuid()).after(&template),
        )?;
        Ok(template)
    };
    made_once(conn, actor, "checklist_template", new.id, new, insert, |conn, id| find(conn, actor, id))
}

/// Changes a template: makes its next version.
///
/// # Errors
/// `not_found`, `etag_mismatch`, and those of [`create`].
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ChecklistTemplateId,
    change: &EditChecklistTemplate,
    expected: Option<&IfMatch>,
) -> Result<ChecklistTemplate, Error> {
    let before_view = find(conn, actor, id)?;
    must_match(expected, before_view.version)?;
    let before: Row = checklist_templates::table.find(id).select(Row::as_select()).get_result(conn)?;
    let after = Row {
        name: change.name.as_ref().map_or(before.name.clone(), ToString::to_string),
        per_asset: change.per_asset.unwrap_or(before.per_asset),
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        version: before.version + 1,
        updated_at: actor.now(),
        ..before.clone()
    };
    save!(conn, checklist_templates, before, &after)?;
    keep_items(conn, &after, change.items.as_ref().unwrap_or(&before_view.items))?;
    let after = view(conn, after)?;
    let event = Event::of("checklist_template.changed", "checklist_template", id.uuid()).changed(&before_view, &after);
    history::record(conn, actor, event)?;
    Ok(after)
}

fn keep_items(conn: &mut DbConnection, row: &Row, items: &[TemplateItem]) -> Result<(), Error> {
    if items.is_empty() {
        return Err(Error::field("/items", Flaw::Required));
    }
    if items.len() > MOST_ITEMS {
        return Err(Error::field_with("/items", Flaw::TooMany, [("max", MOST_ITEMS.to_string())]));
    }
    let mut rows = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        makes_sense(index, item)?;
        rows.push(ItemRow {
            template_id: row.id,
            template_version: row.version,
            position: i32::try_from(index + 1).unwrap_or(i32::MAX),
            text: item.text.to_string(),
            kind: item.kind,
            required: item.required,
            required_on: item.required_on,
            choices: serde_json::to_string(&item.choices)?,
        });
    }
    insert_all!(conn, checklist_template_items::table, &rows)?;
    Ok(())
}

fn makes_sense(index: usize, item: &TemplateItem) -> Result<(), Error> {
    let pointer = format!("/items/{index}/choices");
    match (item.kind, item.choices.len()) {
        (AnswerKind::Choice, 0) => Err(Error::field(pointer, Flaw::Required)),
        (AnswerKind::Choice, count) if count > MOST_CHOICES => {
            Err(Error::field_with(pointer, Flaw::TooMany, [("max", MOST_CHOICES.to_string())]))
        }
        (AnswerKind::Choice, _) | (_, 0) => Ok(()),
        (kind, _) => Err(Error::field_with(pointer, Flaw::NotTogether, [("other", format!("kind {kind}"))])),
    }
}
