//! Every query on tickets, and who sees which.
//!
//! The office sees all tickets. A technician sees those assigned to him, those of his teams, those he opened and those he
//! has worked on. A client's user sees the company's. What somebody does not see does not exist for them.

use diesel::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{StatusKind, StatusView, Ticket, TicketAsset, TicketFilter, TicketId, TicketView, graph};
use crate::assets::AssetId;
use crate::auth::{Actor, Role};
use crate::companies::{CompanyId, SiteId};
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::records::{newest_first, search};
use crate::db::schema::{assets, companies, sites, sync_issues, ticket_assets, tickets, time_entries, users};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::sync::issue::IssueStatus;
use crate::sync::late_work;
use crate::time_entries::TimeEntryId;
use crate::users::UserId;

/// A condition on tickets.
type Condition = Box<dyn BoxableExpression<tickets::table, MultiBackend, SqlType = Bool>>;

/// Whether an actor sees a ticket.
fn sees(conn: &mut DbConnection, actor: &Actor, ticket: &Ticket) -> Result<bool, Error> {
    Ok(match actor.role() {
        Role::Dispatcher | Role::Manager | Role::Admin => true,
        Role::Client => actor.company_id() == Some(ticket.company_id),
        Role::Technician => {
            ticket.assignee_id == Some(actor.id())
                || ticket.created_by == actor.id()
                || ticket.team_id.is_some_and(|team| actor.team_ids().contains(&team))
                || actor.is_lent(ticket.id)
                || has_worked_on(conn, actor, ticket.id)?
        }
    })
}

/// Whether an actor's working time is on a ticket: own work stays in sight when the ticket goes to somebody else.
fn has_worked_on(conn: &mut DbConnection, actor: &Actor, ticket: TicketId) -> Result<bool, Error> {
    let own = time_entries::table
        .filter(time_entries::ticket_id.eq(ticket))
        .filter(time_entries::user_id.eq(actor.id()))
        .filter(time_entries::archived_at.is_null())
        .select(time_entries::id);
    let own: Vec<TimeEntryId> = own.load(conn)?;
    if own.is_empty() {
        return Ok(false);
    }
    let late = came_late(conn, actor)?;
    Ok(own.iter().any(|entry| !late.contains(entry)))
}

/// Working time that an actor's phone sent after its ticket had gone: nobody gets a ticket back by that.
fn came_late(conn: &mut DbConnection, actor: &Actor) -> Result<Vec<TimeEntryId>, Error> {
    let rows: Vec<String> = sync_issues::table
        .filter(sync_issues::user_id.eq(actor.id()))
        .filter(sync_issues::table_name.eq("time_entries"))
        .filter(sync_issues::status.eq(IssueStatus::Quarantined))
        .select(sync_issues::row_id)
        .load(conn)?;
    Ok(rows.iter().filter_map(|id| id.parse().ok()).collect())
}

/// Whether somebody directs the work: late work waits for their look.
fn directs(actor: &Actor) -> bool {
    matches!(actor.role(), Role::Dispatcher | Role::Manager | Role::Admin)
}

/// One ticket as it is kept, if the actor sees it.
///
/// # Errors
/// `not_found`
pub fn find_row(conn: &mut DbConnection, actor: &Actor, id: TicketId) -> Result<Ticket, Error> {
    let ticket: Option<Ticket> = tickets::table.find(id).select(Ticket::as_select()).get_result(conn).optional()?;
    match ticket {
        Some(ticket) if sees(conn, actor, &ticket)? => Ok(ticket),
        _ => Err(Code::NotFound.into()),
    }
}

/// One ticket the actor sees, held for a change: its version grows, and until the transaction ends nobody else changes it
/// or what belongs to it.
///
/// # Errors
/// `not_found`
pub fn hold(conn: &mut DbConnection, actor: &Actor, id: TicketId) -> Result<Ticket, Error> {
    if actor.holds(id) {
        return find_row(conn, actor, id);
    }
    let held = diesel::update(tickets::table.find(id))
        .set((tickets::version.eq(tickets::version + 1), tickets::updated_at.eq(actor.now())))
        .execute(conn)?;
    if held == 0 {
        return Err(Code::NotFound.into());
    }
    find_row(conn, actor, id)
}

/// Holds a ticket as it is, for what the program does by itself: until the transaction ends nobody else changes it.
///
/// # Errors
/// The database's.
pub fn hold_as_it_is(conn: &mut DbConnection, id: TicketId) -> Result<(), Error> {
    diesel::update(tickets::table.find(id)).set(tickets::version.eq(tickets::version)).execute(conn)?;
    Ok(())
}

/// One ticket the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: TicketId) -> Result<TicketView, Error> {
    let row: Option<Row> = tickets::table
        .inner_join(companies::table)
        .left_join(sites::table.on(sites::id.nullable().eq(tickets::site_id)))
        .left_join(users::table.on(users::id.nullable().eq(tickets::assignee_id)))
        .filter(tickets::id.eq(id))
        .select((Ticket::as_select(), companies::name, sites::name.nullable(), users::name.nullable()))
        .get_result(conn)
        .optional()?;
    let row = row.ok_or(Code::NotFound)?;
    if !sees(conn, actor, &row.0)? {
        return Err(Code::NotFound.into());
    }
    Ok(view(conn, vec![row], actor)?.remove(0))
}

type Row = (Ticket, String, Option<String>, Option<String>);

/// A page of tickets the actor sees, newest first.
///
/// A technician's tickets come by four roads (assigned, of a team, opened, worked on), each with an index that gives the
/// order; asking for all of them at once would make the database sort everything.
///
/// # Errors
/// `invalid_cursor`; `forbidden` for whoever asks for late work and does not direct the work.
pub fn list(conn: &mut DbConnection, actor: &Actor, filter: &TicketFilter) -> Result<Page<TicketView>, Error> {
    if filter.late_work.is_some() && !directs(actor) {
        return Err(Code::Forbidden.into());
    }
    let page = filter.page();
    let mut rows: Vec<Ticket> = Vec::new();
    for road in roads(conn, actor)? {
        let mut query = tickets::table.select(Ticket::as_select()).filter(road).into_boxed::<MultiBackend>();
        if let Some(status) = &filter.status {
            query = query.filter(tickets::status_code.eq(status.to_string()));
        }
        if let Some(kind) = filter.status_kind {
            query = query.filter(tickets::status_kind.eq(kind));
        }
        if let Some(open) = filter.open {
            query = if open.0 {
                query.filter(tickets::status_kind.one_of(StatusKind::OPEN))
            } else {
                query.filter(tickets::status_kind.none_of(StatusKind::OPEN))
            };
        }
        if let Some(kind) = filter.type_id {
            query = query.filter(tickets::type_id.eq(kind));
        }
        if let Some(company) = filter.company_id {
            query = query.filter(tickets::company_id.eq(company));
        }
        if let Some(site) = filter.site_id {
            query = query.filter(tickets::site_id.eq(site));
        }
        if let Some(asset) = filter.asset_id {
            let linked =
                ticket_assets::table.filter(ticket_assets::asset_id.eq(asset)).select(ticket_assets::ticket_id);
            query = query.filter(tickets::id.eq_any(linked));
        }
        if let Some(assignee) = filter.assignee_id {
            query = query.filter(tickets::assignee_id.eq(assignee));
        }
        if let Some(team) = filter.team_id {
            query = query.filter(tickets::team_id.eq(team));
        }
        if let Some(priority) = filter.priority {
            query = query.filter(tickets::priority.eq(priority));
        }
        if let Some(late) = filter.late_work {
            let waiting = sync_issues::table
                .filter(sync_issues::status.eq(IssueStatus::Quarantined))
                .filter(sync_issues::looked_at.is_null())
                .filter(sync_issues::ticket_id.is_not_null())
                .select(sync_issues::ticket_id.assume_not_null());
            query = if late.0 {
                query.filter(tickets::id.eq_any(waiting))
            } else {
                query.filter(tickets::id.ne_all(waiting))
            };
        }
        if let Some(from) = filter.created_from {
            query = query.filter(tickets::created_at.ge(from));
        }
        if let Some(to) = filter.created_to {
            query = query.filter(tickets::created_at.lt(to));
        }
        query = search!(query, tickets, filter.q.as_deref());
        rows.extend(newest_first!(query, tickets, page).load(conn)?);
    }
    rows.sort_by_key(|ticket| std::cmp::Reverse((ticket.created_at, ticket.id)));
    rows.dedup_by_key(|ticket| ticket.id);
    rows.truncate(usize::try_from(page.rows()).unwrap_or(usize::MAX));
    let Page { data, next_cursor } = page.cut(rows, |ticket: &Ticket| (ticket.created_at, ticket.id));
    Ok(Page { data: with_names(conn, data, actor)?, next_cursor })
}

/// The ways by which tickets come into an actor's sight: together what [`sees`] says.
fn roads(conn: &mut DbConnection, actor: &Actor) -> Result<Vec<Condition>, Error> {
    Ok(match actor.role() {
        Role::Dispatcher | Role::Manager | Role::Admin => vec![Box::new(tickets::id.eq(tickets::id))],
        Role::Client => {
            let of_company = |own| -> Condition { Box::new(tickets::company_id.eq(own)) };
            actor.company_id().map(of_company).into_iter().collect()
        }
        Role::Technician => {
            let worked_on = time_entries::table
                .filter(time_entries::user_id.eq(actor.id()))
                .filter(time_entries::archived_at.is_null())
                .filter(diesel::dsl::not(time_entries::id.among(came_late(conn, actor)?)))
                .select(time_entries::ticket_id);
            let mut roads: Vec<Condition> = vec![
                Box::new(tickets::assignee_id.eq(actor.id()).assume_not_null()),
                Box::new(tickets::created_by.eq(actor.id())),
                Box::new(tickets::id.eq_any(worked_on)),
            ];
            for team in actor.team_ids() {
                roads.push(Box::new(tickets::team_id.eq(*team).assume_not_null()));
            }
            roads
        }
    })
}

fn with_names(conn: &mut DbConnection, rows: Vec<Ticket>, actor: &Actor) -> Result<Vec<TicketView>, Error> {
    let ids: Vec<CompanyId> = rows.iter().map(|ticket| ticket.company_id).collect();
    let companies: Vec<(CompanyId, String)> =
        companies::table.filter(companies::id.among(ids)).select((companies::id, companies::name)).load(conn)?;
    let ids: Vec<SiteId> = rows.iter().filter_map(|ticket| ticket.site_id).collect();
    let sites: Vec<(SiteId, String)> =
        sites::table.filter(sites::id.among(ids)).select((sites::id, sites::name)).load(conn)?;
    let ids: Vec<UserId> = rows.iter().filter_map(|ticket| ticket.assignee_id).collect();
    let people: Vec<(UserId, String)> =
        users::table.filter(users::id.among(ids)).select((users::id, users::name)).load(conn)?;
    let named = rows.into_iter().map(|ticket| {
        let company = companies.iter().find(|(id, _)| *id == ticket.company_id).map(|(_, name)| name.clone());
        let site = sites.iter().find(|(id, _)| Some(*id) == ticket.site_id).map(|(_, name)| name.clone());
        let person = people.iter().find(|(id, _)| Some(*id) == ticket.assignee_id).map(|(_, name)| name.clone());
        (ticket, company.unwrap_or_default(), site, person)
    });
    let named = named.collect();
    view(conn, named, actor)
}

fn view(conn: &mut DbConnection, rows: Vec<Row>, actor: &Actor) -> Result<Vec<TicketView>, Error> {
    let ids: Vec<TicketId> = rows.iter().map(|(ticket, ..)| ticket.id).collect();
    let linked = assets_of(conn, &ids)?;
    let names = graph::names(conn, actor.language())?;
    let late = if directs(actor) { Some(late_work::waiting_on(conn, &ids)?) } else { None };
    let view = |(ticket, company_name, site_name, assignee_name): Row| {
        let name = names.iter().find(|(code, _)| *code == ticket.status_code).map(|(_, name)| name.clone());
        TicketView {
            id: ticket.id,
            number: ticket.number,
            type_id: ticket.type_id,
            company_id: ticket.company_id,
            company_name,
            site_id: ticket.site_id,
            site_name,
            contact_id: ticket.contact_id,
            assignee_id: ticket.assignee_id,
            assignee_name,
            team_id: ticket.team_id,
            status: StatusView {
                name: name.unwrap_or_else(|| ticket.status_code.clone()),
                code: ticket.status_code,
                kind: ticket.status_kind,
            },
            waiting_for: ticket.waiting_for,
            priority: ticket.priority,
            subject: ticket.subject,
            description: ticket.description,
            assets: linked.iter().filter(|(of, _)| *of == ticket.id).map(|(_, asset)| asset.clone()).collect(),
            due_at: ticket.due_at,
            late_work: late.as_ref().map(|late| late.get(&ticket.id).copied().unwrap_or(0)),
            created_by: ticket.created_by,
            started_at: ticket.started_at,
            done_at: ticket.done_at,
            closed_at: ticket.closed_at,
            version: ticket.version,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The assets of some tickets, in the order they were linked.
///
/// # Errors
/// The database's.
pub fn assets_of(conn: &mut DbConnection, ids: &[TicketId]) -> Result<Vec<(TicketId, TicketAsset)>, Error> {
    type Row = (TicketId, AssetId, String, Option<String>, Option<String>, Option<String>, Option<Timestamp>);
    let rows: Vec<Row> = ticket_assets::table
        .inner_join(assets::table)
        .filter(ticket_assets::ticket_id.among(ids))
        .order((ticket_assets::linked_at, ticket_assets::asset_id))
        .select((
            ticket_assets::ticket_id,
            assets::id,
            assets::name,
            assets::model,
            assets::serial_number,
            assets::inventory_number,
            ticket_assets::scanned_at,
        ))
        .load(conn)?;
    let asset = |(ticket, id, name, model, serial_number, inventory_number, scanned_at): Row| {
        (ticket, TicketAsset { id, name, model, serial_number, inventory_number, scanned_at })
    };
    Ok(rows.into_iter().map(asset).collect())
}

/// Whose a ticket is, whoever asks.
///
/// # Errors
/// The database's.
pub fn company_of(conn: &mut DbConnection, id: TicketId) -> Result<CompanyId, Error> {
    Ok(tickets::table.find(id).select(tickets::company_id).get_result(conn)?)
}

/// Keeps a new ticket.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut DbConnection, ticket: &Ticket) -> Result<(), Error> {
    diesel::insert_into(tickets::table).values(ticket).execute(conn)?;
    Ok(())
}

/// Saves what [`hold`] gave, changed. The status is not written here: that is [`super::workflow`]'s alone.
///
/// # Errors
/// The database's.
pub fn save(conn: &mut DbConnection, ticket: &Ticket) -> Result<(), Error> {
    diesel::update(tickets::table.find(ticket.id))
        .set((
            tickets::site_id.eq(ticket.site_id),
            tickets::contact_id.eq(ticket.contact_id),
            tickets::assignee_id.eq(ticket.assignee_id),
            tickets::team_id.eq(ticket.team_id),
            tickets::priority.eq(ticket.priority),
            tickets::subject.eq(&ticket.subject),
            tickets::description.eq(&ticket.description),
            tickets::due_at.eq(ticket.due_at),
            tickets::search_text.eq(&ticket.search_text),
        ))
        .execute(conn)?;
    Ok(())
}
