//! Numbers of acts that are promised before there is an act: a phone that goes where there is no network takes one along,
//! with the text that is to be read there.
//!
//! A number is promised to a ticket, and the ticket's first act gets it, whichever way that act comes. One that no act took
//! in time, or that a manager takes back, is void: it is told with the reason, so that the series has no gap that nobody
//! can explain.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::settle::Reason;
use super::{ActId, NewAct, issue, wording};
use crate::auth::{Actor, Origin};
use crate::companies::{CompanyId, SigningAuthority};
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::reserved_numbers;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::query::list_query;
use crate::money::{Currency, Money};
use crate::tickets::{self, TicketId};
use crate::users::UserId;
use crate::words::Language;

/// How long a number is promised, in seconds.
const PROMISED_SECONDS: i64 = 14 * 24 * 3600;
/// Numbers that are made void in one transaction.
const BATCH: i64 = 500;
/// Why a number is void that nobody took.
const EXPIRED: &str = "expired";

id! {
    /// A number that was promised.
    ReservedNumberId,
}

text_enum! {
    /// What became of a promised number.
    ReservedState {
        /// It waits for its act.
        Reserved = "reserved",
        /// An act has it.
        Used = "used",
        /// No act will ever have it.
        Void = "void",
    }
}

/// What a phone takes along.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSigningPack {
    /// The act's language; the company's, else the provider's, when left out.
    #[serde(default)]
    pub language: Option<Language>,
    /// Whether it shows prices.
    #[serde(default)]
    pub show_prices: bool,
}

/// What a phone takes along to have an act signed without a network.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SigningPack {
    /// The ticket.
    pub ticket_id: TicketId,
    /// The number that the act will have.
    pub number: String,
    /// The version that it would be.
    #[schema(minimum = 1)]
    pub version: i64,
    /// Until when the number is promised; null when an earlier version has it already.
    pub reserved_until: Option<Timestamp>,
    /// Its language.
    pub language: Language,
    /// Whether it shows prices.
    pub show_prices: bool,
    /// What the client's signer must be allowed to sign.
    pub required_authority: SigningAuthority,
    /// The largest amount under which an ordinary employee may sign; null for any.
    pub employee_limit: Option<Money>,
    /// Whether people who are no contacts may sign.
    pub walk_ins: bool,
    /// What the client would pay by it.
    pub total: Money,
    /// The currency of the total.
    pub currency: Currency,
    /// What the act says now: to be shown whole, and sent with the act.
    pub text: String,
    /// The hash of that text.
    pub text_sha256: Sha256,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reserved_numbers, check_for_backend(MultiBackend))]
struct Row {
    id: ReservedNumberId,
    number: String,
    ticket_id: TicketId,
    company_id: CompanyId,
    device_id: Option<String>,
    reserved_by: UserId,
    created_at: Timestamp,
    expires_at: Timestamp,
    act_id: Option<ActId>,
    voided_at: Option<Timestamp>,
    voided_by: Option<UserId>,
    void_reason: Option<String>,
}

/// A promised number and what became of it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReservedNumber {
    /// Its id.
    pub id: ReservedNumberId,
    /// The number.
    pub number: String,
    /// What became of it.
    pub state: ReservedState,
    /// To which ticket it was promised.
    pub ticket_id: TicketId,
    /// The app's own id for the phone.
    pub device_id: Option<String>,
    /// Who asked for it.
    pub reserved_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is promised.
    pub expires_at: Timestamp,
    /// The act that has it.
    pub act_id: Option<ActId>,
    /// When it was made void.
    pub voided_at: Option<Timestamp>,
    /// By whom; nobody when nobody took it in time.
    pub voided_by: Option<UserId>,
    /// Why: `expired`, or a manager's reason.
    pub void_reason: Option<String>,
}

impl From<Row> for ReservedNumber {
    fn from(row: Row) -> Self {
        let state = match (row.act_id, row.voided_at) {
            (Some(_), _) => ReservedState::Used,
            (None, Some(_)) => ReservedState::Void,
            (None, None) => ReservedState::Reserved,
        };
        let Row { id, number, ticket_id, device_id, reserved_by, created_at, expires_at, act_id, .. } = row;
        let (voided_at, voided_by, void_reason) = (row.voided_at, row.voided_by, row.void_reason);
        Self {
            id,
            number,
            state,
            ticket_id,
            device_id,
            reserved_by,
            created_at,
            expires_at,
            act_id,
            voided_at,
            voided_by,
            void_reason,
        }
    }
}

list_query! {
    /// Which promised numbers.
    pub struct ReservedNumberFilter {
        /// Of which this became.
        state: ReservedState,
        /// Promised to this ticket.
        ticket_id: TicketId,
    }
}

/// Promises the ticket's next act its number, and tells what the act would say. Asked again it is the same number, promised
/// for longer.
///
/// # Errors
/// As to issue the act: `not_found`, `ticket_closed`, `already_signed`, `gates_closed`, `provider_missing`.
pub fn pack(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    new: &NewSigningPack,
) -> Result<SigningPack, Error> {
    let held = tickets::queries::hold(conn, actor, ticket)?;
    let asked = NewAct { language: new.language, show_prices: new.show_prices, ..NewAct::default() };
    let proposal = issue::propose_on(conn, actor, &held, &asked)?;
    let snapshot = &proposal.snapshot;
    let reserved = if snapshot.version == 1 { Some(promise(conn, actor, &held)?) } else { None };
    let text = wording::of(snapshot);
    Ok(SigningPack {
        ticket_id: ticket,
        number: reserved.as_ref().map_or_else(|| snapshot.number.clone(), |reserved| reserved.number.clone()),
        version: snapshot.version,
        reserved_until: reserved.map(|reserved| reserved.expires_at),
        language: snapshot.language,
        show_prices: snapshot.show_prices,
        required_authority: proposal.authority,
        employee_limit: proposal.rule.employee_limit,
        walk_ins: proposal.rule.walk_ins,
        total: snapshot.totals.gross,
        currency: snapshot.currency,
        text_sha256: Sha256::of(&text),
        text,
    })
}

fn promise(conn: &mut DbConnection, actor: &Actor, ticket: &tickets::Ticket) -> Result<Row, Error> {
    let expires_at = actor.now().plus_seconds(PROMISED_SECONDS);
    if let Some(known) = open(conn, ticket.id)? {
        diesel::update(reserved_numbers::table.find(known.id))
            .set(reserved_numbers::expires_at.eq(expires_at))
            .execute(conn)?;
        return Ok(Row { expires_at, ..known });
    }
    let row = Row {
        id: ReservedNumberId::new(),
        number: issue::next_number(conn, actor)?,
        ticket_id: ticket.id,
        company_id: ticket.company_id,
        device_id: actor.origin().device_id.clone(),
        reserved_by: actor.id(),
        created_at: actor.now(),
        expires_at,
        act_id: None,
        voided_at: None,
        voided_by: None,
        void_reason: None,
    };
    diesel::insert_into(reserved_numbers::table).values(&row).execute(conn)?;
    history::record(conn, actor, event("act_number.reserved", &row).after(json!({"number": row.number})))?;
    Ok(row)
}

fn event(action: &'static str, row: &Row) -> Event {
    Event::of(action, "act_number", row.id.uuid()).ticket(row.ticket_id).company(row.company_id)
}

fn open(conn: &mut DbConnection, ticket: TicketId) -> Result<Option<Row>, Error> {
    let open = reserved_numbers::table
        .filter(reserved_numbers::ticket_id.eq(ticket))
        .filter(reserved_numbers::act_id.is_null())
        .filter(reserved_numbers::voided_at.is_null());
    Ok(open.select(Row::as_select()).get_result(conn).optional()?)
}

/// The number that is promised to a ticket's first act, if one is.
///
/// # Errors
/// The database's.
pub fn promised(conn: &mut DbConnection, ticket: TicketId) -> Result<Option<String>, Error> {
    Ok(open(conn, ticket)?.map(|row| row.number))
}

/// An act has the number that was promised to its ticket.
///
/// # Errors
/// The database's.
pub fn use_up(conn: &mut DbConnection, ticket: TicketId, number: &str, act: ActId) -> Result<(), Error> {
    let open = reserved_numbers::table
        .filter(reserved_numbers::ticket_id.eq(ticket))
        .filter(reserved_numbers::number.eq(number))
        .filter(reserved_numbers::act_id.is_null())
        .filter(reserved_numbers::voided_at.is_null());
    diesel::update(open).set(reserved_numbers::act_id.eq(act)).execute(conn)?;
    Ok(())
}

/// A page of promised numbers, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &ReservedNumberFilter) -> Result<Page<ReservedNumber>, Error> {
    let page = filter.page();
    let mut query = reserved_numbers::table.select(Row::as_select()).into_boxed::<MultiBackend>();
    query = match filter.state {
        None => query,
        Some(ReservedState::Used) => query.filter(reserved_numbers::act_id.is_not_null()),
        Some(ReservedState::Void) => query.filter(reserved_numbers::voided_at.is_not_null()),
        Some(ReservedState::Reserved) => {
            query.filter(reserved_numbers::act_id.is_null()).filter(reserved_numbers::voided_at.is_null())
        }
    };
    if let Some(ticket) = filter.ticket_id {
        query = query.filter(reserved_numbers::ticket_id.eq(ticket));
    }
    let rows = newest_first!(query, reserved_numbers, page).load(conn)?;
    Ok(page.cut(rows, |row: &Row| (row.created_at, row.id)).map(ReservedNumber::from))
}

/// Takes a promised number back, with a reason. No act will have it.
///
/// # Errors
/// `not_found`; `locked` when an act has it; nothing happens to one that is void.
pub fn void(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ReservedNumberId,
    why: &Reason,
) -> Result<ReservedNumber, Error> {
    let row: Option<Row> = reserved_numbers::table.find(id).select(Row::as_select()).get_result(conn).optional()?;
    let row = row.ok_or(Code::NotFound)?;
    // Whoever issues the ticket's act waits here.
    tickets::queries::hold(conn, actor, row.ticket_id)?;
    let row: Row = reserved_numbers::table.find(id).select(Row::as_select()).get_result(conn)?;
    if row.act_id.is_some() {
        return Err(Code::Locked.into());
    }
    if row.voided_at.is_some() {
        return Ok(row.into());
    }
    let after = Row {
        voided_at: Some(actor.now()),
        voided_by: Some(actor.id()),
        void_reason: Some(why.reason.to_string()),
        ..row
    };
    write_void(conn, &after)?;
    history::record(conn, actor, event("act_number.voided", &after).after(json!({"reason": why.reason})))?;
    Ok(after.into())
}

fn write_void(conn: &mut DbConnection, row: &Row) -> Result<(), Error> {
    diesel::update(reserved_numbers::table.find(row.id))
        .set((
            reserved_numbers::voided_at.eq(row.voided_at),
            reserved_numbers::voided_by.eq(row.voided_by),
            reserved_numbers::void_reason.eq(&row.void_reason),
        ))
        .execute(conn)?;
    Ok(())
}

/// Makes numbers void that no act took in time, and says how many.
///
/// # Errors
/// The database's.
pub fn void_expired(conn: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let late = reserved_numbers::table
        .filter(reserved_numbers::act_id.is_null())
        .filter(reserved_numbers::voided_at.is_null())
        .filter(reserved_numbers::expires_at.lt(now))
        .order(reserved_numbers::created_at)
        .limit(BATCH);
    let tickets: Vec<TicketId> = late.select(reserved_numbers::ticket_id).load(conn)?;
    let mut voided = 0;
    for ticket in tickets {
        tickets::queries::hold_as_it_is(conn, ticket)?;
        let Some(row) = open(conn, ticket)?.filter(|row| row.expires_at < now) else { continue };
        let after = Row { voided_at: Some(now), void_reason: Some(EXPIRED.to_owned()), ..row };
        write_void(conn, &after)?;
        let told = event("act_number.voided", &after).after(json!({"reason": EXPIRED}));
        history::record_by(conn, None, now, &Origin::default(), told)?;
        voided += 1;
    }
    Ok(voided)
}
