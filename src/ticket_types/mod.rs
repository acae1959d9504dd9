//! Kinds of tickets. A kind carries what a ticket must have, its checklists, its gates, its team, and who must sign.

pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth::Actor;
use crate::checklists::{ChecklistTemplateId, template};
use crate::companies::SigningAuthority;
use crate::companies::company::{self, archived};
use crate::db::among::Among;
use crate::db::dialect::insert_all;
use crate::db::page::Page;
use crate::db::records::{newest_first, save};
use crate::db::schema::{ticket_type_checklists, ticket_types};
use crate::db::types::{Timestamp, WordList, id, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Change, Made, Resource};
use crate::provider;
use crate::teams::{self, TeamId};
use crate::tickets::gates::Gate;
use crate::words::text::Line;

id! {
    /// A kind of tickets.
    TicketTypeId,
}

text_enum! {
    /// A field that a kind of ticket may demand.
    TicketField {
        /// The site.
        SiteId = "site_id",
        /// The contact.
        ContactId = "contact_id",
        /// The description.
        Description = "description",
        /// At least one asset.
        LabelCodes = "asset_codes",
        /// The moment it is due.
        DueAt = "due_at",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = ticket_types, check_for_backend(MultiBackend), treat_none_as_null = true)]
struct Row {
    id: TicketTypeId,
    name: String,
    required_fields: WordList,
    gates: WordList,
    team_id: Option<TeamId>,
    signing_authority: SigningAuthority,
    archived_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A kind of tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TicketType {
    /// Its id.
    pub id: TicketTypeId,
    /// What it is called.
    pub name: String,
    /// What a ticket of this kind must have from the start.
    pub required_fields: Vec<TicketField>,
    /// The checklists a ticket gets.
    pub checklist_template_ids: Vec<ChecklistTemplateId>,
    /// The team it goes to.
    pub team_id: Option<TeamId>,
    /// What must be so before it is done or closed.
    pub gates: Vec<Gate>,
    /// What the client's signer must be allowed to sign.
    pub signing_authority: SigningAuthority,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Resource for TicketType {
    fn path(&self) -> String {
        format!("/api/v1/ticket-types/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A kind of tickets to make.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicketType {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<TicketTypeId>,
    /// What it is called.
    pub name: Line<200>,
    /// What a ticket of this kind must have from the start.
    #[serde(default)]
    pub required_fields: Vec<TicketField>,
    /// The checklists a ticket gets.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub checklist_template_ids: Vec<ChecklistTemplateId>,
    /// The team it goes to.
    #[serde(default)]
    pub team_id: Option<TeamId>,
    /// What must be so before it is done or closed; all but `asset_scanned` when left out.
    #[serde(default = "usual_gates")]
    pub gates: Vec<Gate>,
    /// What the client's signer must be allowed to sign; everyday work when left out.
    #[serde(default)]
    pub signing_authority: Option<SigningAuthority>,
}

fn usual_gates() -> Vec<Gate> {
    vec![Gate::TimeLogged, Gate::ChecklistComplete, Gate::ActSigned]
}

/// What may be changed about a kind of tickets. Absent stays, null empties.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditTicketType {
    /// What it is called.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<200>, required = false)]
    pub name: Option<Line<200>>,
    /// What a ticket of this kind must have from the start.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Vec<TicketField>, required = false)]
    pub required_fields: Option<Vec<TicketField>>,
    /// The checklists a new ticket gets.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub checklist_template_ids: Option<Vec<ChecklistTemplateId>>,
    /// The team a new ticket goes to.
    #[serde(default)]
    #[schema(value_type = Option<TeamId>)]
    pub team_id: Change<TeamId>,
    /// What must be so before it is done or closed.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Vec<Gate>, required = false)]
    pub gates: Option<Vec<Gate>>,
    /// What the client's signer must be allowed to sign.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = SigningAuthority, required = false)]
    pub signing_authority: Option<SigningAuthority>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which kinds of tickets.
    pub struct TicketTypeFilter {
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One kind of tickets.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, _: &Actor, id: TicketTypeId) -> Result<TicketType, Error> {
    load(conn, id)?.ok_or_else(|| Code::NotFound.into())
}

/// One kind of tickets, whoever asks.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: TicketTypeId) -> Result<Option<TicketType>, Error> {
    let row: Option<Row> = ticket_types::table.find(id).select(Row::as_select()).get_result(conn).optional()?;
    Ok(match row {
        Some(row) => view(conn, vec![row])?.pop(),
        None => None,
    })
}

/// Refuses a reference to a kind that is not there, or is put away.
///
/// # Errors
/// `validation_failed`
pub fn must_be_usable(conn: &mut DbConnection, id: TicketTypeId, pointer: &str) -> Result<TicketType, Error> {
    let kind = load(conn, id)?.ok_or_else(|| Error::field(pointer, Flaw::UnknownReference))?;
    if kind.archived_at.is_some() { Err(Error::field(pointer, Flaw::Archived)) } else { Ok(kind) }
}

fn view(conn: &mut DbConnection, rows: Vec<Row>) -> Result<Vec<TicketType>, Error> {
    let ids: Vec<TicketTypeId> = rows.iter().map(|row| row.id).collect();
    let templates: Vec<(TicketTypeId, ChecklistTemplateId)> = ticket_type_checklists::table
        .filter(ticket_type_checklists::ticket_type_id.among(&ids))
        .order((ticket_type_checklists::ticket_type_id, ticket_type_checklists::position))
        .select((ticket_type_checklists::ticket_type_id, ticket_type_checklists::template_id))
        .load(conn)?;
    let view = |row: Row| TicketType {
        id: row.id,
        name: row.name,
        required_fields: row.required_fields.read(),
        checklist_template_ids: templates.iter().filter(|(of, _)| *of == row.id).map(|(_, id)| *id).collect(),
        team_id: row.team_id,
        gates: row.gates.read(),
        signing_authority: row.signing_authority,
        archived_at: row.archived_at,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A page of kinds of tickets, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, _: &Actor, filter: &TicketTypeFilter) -> Result<Page<TicketType>, Error> {
    let page = filter.page();
    let mut query = ticket_types::table.select(Row::as_select()).into_boxed::<MultiBackend>();
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(ticket_types::archived_at.is_null());
    }
    let rows = newest_first!(query, ticket_types, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |row: &Row| (row.created_at, row.id));
    Ok(Page { data: view(conn, data)?, next_cursor })
}

/// Makes a kind of tickets.
///
/// # Errors
/// `validation_failed` when it names a team or template that is not there.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewTicketType) -> Result<Made<TicketType>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        if let Some(team) = new.team_id {
            teams::must_exist(conn, team, "/team_id")?;
        }
        let row = Row {
            id,
            name: new.name.to_string(),
            required_fields: words(&new.required_fields, TicketField::as_str),
            gates: words(&new.gates, Gate::as_str),
            team_id: new.team_id,
            signing_authority: new.signing_authority.unwrap_or(SigningAuthority::Routine),
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        diesel::insert_into(ticket_types::table).values(&row).execute(conn)?;
        set_checklists(conn, id, &new.checklist_template_ids)?;
        let kind = find(conn, actor, id)?;
        history::record(conn, actor, Event::of("ticket_type.made", "ticket_type", id.uuid()).after(&kind))?;
        Ok(kind)
    };
    made_once(conn, actor, "ticket_type", new.id, new, insert, |conn, id| find(conn, actor, id))
}

/// Changes a kind of tickets. Checklists that tickets were given stay with them.
///
/// # Errors
/// `not_found`, `etag_mismatch`, and those of [`create`]; `locked` when it is put away while reports become such tickets at
/// once.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketTypeId,
    change: &EditTicketType,
    expected: Option<&IfMatch>,
) -> Result<TicketType, Error> {
    let before_view = find(conn, actor, id)?;
    must_match(expected, before_view.version)?;
    let before: Row = ticket_types::table.find(id).select(Row::as_select()).get_result(conn)?;
    if let Some(team) = change.team_id.set() {
        teams::must_exist(conn, *team, "/team_id")?;
    }
    let after = Row {
        name: change.name.as_ref().map_or(before.name.clone(), ToString::to_string),
        required_fields: change
            .required_fields
            .as_ref()
            .map_or(before.required_fields.clone(), |fields| words(fields, TicketField::as_str)),
        gates: change.gates.as_ref().map_or(before.gates.clone(), |gates| words(gates, Gate::as_str)),
        team_id: change.team_id.clone().or(before.team_id),
        signing_authority: change.signing_authority.unwrap_or(before.signing_authority),
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        version: before.version + 1,
        updated_at: actor.now(),
        ..before.clone()
    };
    if before.archived_at.is_none() && after.archived_at.is_some() && reports_become(conn, id)? {
        return Err(Code::Locked.into());
    }
    save!(conn, ticket_types, before, &after)?;
    if let Some(templates) = &change.checklist_template_ids {
        diesel::delete(ticket_type_checklists::table.filter(ticket_type_checklists::ticket_type_id.eq(id)))
            .execute(conn)?;
        set_checklists(conn, id, templates)?;
    }
    let after = find(conn, actor, id)?;
    history::record(
        conn,
        actor,
        Event::of("ticket_type.changed", "ticket_type", id.uuid()).changed(&before_view, &after),
    )?;
    Ok(after)
}

/// Whether reports of some company become tickets of this kind at once.
fn reports_become(conn: &mut DbConnection, id: TicketTypeId) -> Result<bool, Error> {
    let by_provider = provider::report_type(conn)? == Some(id) && company::reports_at_once_as(conn, None)?;
    Ok(by_provider || company::reports_at_once_as(conn, Some(id))?)
}

/// The set of words, each once.
fn words<T: Copy + PartialEq>(all: &[T], word: impl Fn(T) -> &'static str) -> WordList {
    let mut once: Vec<T> = Vec::new();
    for one in all {
        if !once.contains(one) {
            once.push(*one);
        }
    }
    WordList::new(once.into_iter().map(word))
}

#[derive(Insertable)]
#[diesel(table_name = ticket_type_checklists, treat_none_as_default_value = false)]
struct Checklist {
    ticket_type_id: TicketTypeId,
    position: i32,
    template_id: ChecklistTemplateId,
}

fn set_checklists(conn: &mut DbConnection, id: TicketTypeId, templates: &[ChecklistTemplateId]) -> Result<(), Error> {
    if templates.len() > 20 {
        return Err(Error::field_with("/checklist_template_ids", Flaw::TooMany, [("max", "20".to_owned())]));
    }
    let mut rows: Vec<Checklist> = Vec::new();
    for (index, template_id) in templates.iter().enumerate() {
        let pointer = format!("/checklist_template_ids/{index}");
        if template::load(conn, *template_id)?.is_none() {
            return Err(Error::field(pointer, Flaw::UnknownReference));
        }
        if rows.iter().any(|row| row.template_id == *template_id) {
            return Err(Error::field(pointer, Flaw::Taken));
        }
        let position = i32::try_from(index + 1).unwrap_or(i32::MAX);
        rows.push(Checklist { ticket_type_id: id, position, template_id: *template_id });
    }
    insert_all!(conn, ticket_type_checklists::table, &rows)?;
    Ok(())
}
