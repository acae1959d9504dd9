//! Numbers of acts that are promised before there is an act: a phone that goes where there is no network takes one along,
//! with the text that is to be read there.
//!
//! A number is promised to a ticket, and the ticket's first act gets it, whichever way that act comes; or to a phone
//! ([`super::block`]), and the act gets it that the phone tells it for. One that no act took in time, or that somebody takes
//! back, is void: it is told with the reason, so that the series has no gap that nobody can explain. A number belongs to the
//! acts of its year: none is promised beyond that.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::unused::{Voids, void_expired_one, void_one};
use super::{Act, ActId, NewAct, block, issue, wording};
use crate::auth::Actor;
use crate::companies::{CompanyId, SigningAuthority};
use crate::db::dialect::insert_all;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::reserved_numbers;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::history::{self, Event};
use crate::http::query::list_query;
use crate::money::{Currency, Money};
use crate::tickets::{self, TicketId};
use crate::users::UserId;
use crate::words::Language;

/// How long a number is promised, in seconds.
const PROMISED_SECONDS: i64 = 14 * 24 * 3600;
/// Why a ticket's number is void whose act was told another.
const ANOTHER_NUMBER: &str = "another_number";

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
pub(super) struct Row {
    pub(super) id: ReservedNumberId,
    pub(super) number: String,
    pub(super) ticket_id: Option<TicketId>,
    company_id: Option<CompanyId>,
    pub(super) device_id: Option<String>,
    reserved_by: UserId,
    created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) act_id: Option<ActId>,
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
    /// To which ticket it was promised, or whose act has it; null while a phone keeps it for whichever comes.
    pub ticket_id: Option<TicketId>,
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
    /// Why: `expired`; `another_number` when the ticket's act was told one of a phone's block; `released` when the phone gave
    /// it back; `device_revoked` when the phone was signed out; or a manager's reason.
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
        /// Promised to this ticket, or on its act.
        ticket_id: TicketId,
        /// Asked for by this user.
        reserved_by: UserId,
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
    let expires_at = lasts_until(conn, actor)?;
    if let Some(known) = open(conn, ticket.id)? {
        if known.expires_at > actor.now() {
            diesel::update(reserved_numbers::table.find(known.id))
                .set(reserved_numbers::expires_at.eq(expires_at))
                .execute(conn)?;
            return Ok(Row { expires_at, ..known });
        }
        void_expired_one(conn, known, actor.now())?;
    }
    let number = issue::next_number(conn, actor)?;
    let device = actor.origin().device_id.clone();
    keep(conn, actor, vec![number], Some(ticket), device)?.pop().ok_or_else(|| Error::internal("a number that is none"))
}

/// Until when a number that is promised now stays so: never beyond its year.
///
/// # Errors
/// `provider_missing`
pub(super) fn lasts_until(conn: &mut DbConnection, actor: &Actor) -> Result<Timestamp, Error> {
    Ok(actor.now().plus_seconds(PROMISED_SECONDS).min(issue::year_ends(conn, actor)?))
}

/// Writes down that numbers are promised: to a ticket, or to a phone for whichever comes.
///
/// # Errors
/// The database's.
pub(super) fn keep(
    conn: &mut DbConnection,
    actor: &Actor,
    numbers: Vec<String>,
    ticket: Option<&tickets::Ticket>,
    device_id: Option<String>,
) -> Result<Vec<Row>, Error> {
    let expires_at = lasts_until(conn, actor)?;
    let row = |number: String| Row {
        id: ReservedNumberId::new(),
        number,
        ticket_id: ticket.map(|ticket| ticket.id),
        company_id: ticket.map(|ticket| ticket.company_id),
        device_id: device_id.clone(),
        reserved_by: actor.id(),
        created_at: actor.now(),
        expires_at,
        act_id: None,
        voided_at: None,
        voided_by: None,
        void_reason: None,
    };
    let rows: Vec<Row> = numbers.into_iter().map(row).collect();
    insert_all!(conn, reserved_numbers::table, &rows)?;
    let told = |row: &Row| event("act_number.reserved", row).after(json!({"number": row.number}));
    history::record_all(conn, actor, rows.iter().map(told).collect())?;
    Ok(rows)
}

pub(super) fn event(action: &'static str, row: &Row) -> Event {
    let mut event = Event::of(action, "act_number", row.id.uuid());
    if let Some(ticket) = row.ticket_id {
        event = event.ticket(ticket);
    }
    match row.company_id {
        Some(company) => event.company(company),
        None => event,
    }
}

fn open(conn: &mut DbConnection, ticket: TicketId) -> Result<Option<Row>, Error> {
    let open = reserved_numbers::table
        .filter(reserved_numbers::ticket_id.eq(ticket))
        .filter(reserved_numbers::act_id.is_null())
        .filter(reserved_numbers::voided_at.is_null());
    Ok(open.select(Row::as_select()).get_result(conn).optional()?)
}

/// The number that a ticket's first act would get of those that were promised: the one that its phone told, else the ticket's.
///
/// # Errors
/// The database's.
pub fn for_act(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    told: Option<&str>,
) -> Result<Option<String>, Error> {
    if let Some(told) = told
        && block::keeps(conn, actor, told)?
    {
        return Ok(Some(told.to_owned()));
    }
    Ok(open(conn, ticket)?.filter(|row| row.expires_at > actor.now()).map(|row| row.number))
}

/// The first version of an act has its number. If that was promised, it is used; another one of its ticket is void.
///
/// # Errors
/// `busy` when somebody has just taken the number back.
pub fn use_up(conn: &mut DbConnection, actor: &Actor, act: &Act) -> Result<(), Error> {
    if act.version > 1 {
        return Ok(());
    }
    let promised: Option<Row> = reserved_numbers::table
        .filter(reserved_numbers::number.eq(&act.number))
        .select(Row::as_select())
        .get_result(conn)
        .optional()?;
    if let Some(row) = promised {
        let used = (
            reserved_numbers::act_id.eq(act.id),
            reserved_numbers::ticket_id.eq(act.ticket_id),
            reserved_numbers::company_id.eq(act.company_id),
        );
        let still = reserved_numbers::table
            .filter(reserved_numbers::id.eq(row.id))
            .filter(reserved_numbers::act_id.is_null())
            .filter(reserved_numbers::voided_at.is_null());
        if diesel::update(still).set(used).execute(conn)? == 0 {
            return Err(Error::Busy);
        }
        let row = Row { ticket_id: Some(act.ticket_id), company_id: Some(act.company_id), ..row };
        history::record(conn, actor, event("act_number.used", &row).after(json!({"act": act.id})))?;
    }
    match open(conn, act.ticket_id)? {
        Some(other) => void_one(conn, other, Voids::by(actor), ANOTHER_NUMBER).map(drop),
        None => Ok(()),
    }
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
    if let Some(user) = filter.reserved_by {
        query = query.filter(reserved_numbers::reserved_by.eq(user));
    }
    let rows = newest_first!(query, reserved_numbers, page).load(conn)?;
    Ok(page.cut(rows, |row: &Row| (row.created_at, row.id)).map(ReservedNumber::from))
}

/// One of them, as it is kept.
///
/// # Errors
/// The database's.
pub(super) fn find(conn: &mut DbConnection, id: ReservedNumberId) -> Result<Option<Row>, Error> {
    Ok(reserved_numbers::table.find(id).select(Row::as_select()).get_result(conn).optional()?)
}
