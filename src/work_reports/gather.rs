//! Everything a report says, read at one moment.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{
    CurrencyTotal, MOST_PARTS, MOST_TICKETS, Period, PersonTime, ReportedAct, ReportedLine, ReportedTicket,
    ReportedTime, WorkReport, must_fit, one_more, period,
};
use crate::acts::signature::{Outcome, Party};
use crate::acts::{ActId, ActStatus};
use crate::agreements::coverage::Coverage;
use crate::auth::{Actor, Audience};
use crate::companies::{CompanyId, SiteId, company};
use crate::db::among::Among;
use crate::db::schema::{act_lines, acts, signatures, sites, ticket_types, tickets, time_entries, work_lines};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::money::{Currency, Money, Quantity};
use crate::pricing::ItemKind;
use crate::ticket_types::TicketTypeId;
use crate::tickets::{StatusView, Ticket, TicketId, graph};
use crate::time_entries::{TimeEntry, TimeKind};
use crate::users::UserId;
use crate::users::queries::names;
use crate::words::Language;

/// A report for somebody's eyes.
///
/// # Errors
/// `not_found`; `provider_missing`; `too_much_at_once`
pub fn gather(
    conn: &mut DbConnection,
    actor: &Actor,
    id: CompanyId,
    period: Period,
    audience: Audience,
    language: Language,
) -> Result<WorkReport, Error> {
    let company = company::find(conn, actor, id)?;
    let zone = period::zone_of(conn, id)?;
    let (begins, ends) = period.moments(zone);
    let time = time(conn, id, begins, ends, audience)?;
    let rows = tickets_of(conn, id, begins, ends, &time)?;
    let ids: Vec<TicketId> = rows.iter().map(|ticket| ticket.id).collect();
    let mut people: Vec<UserId> = time.iter().map(|entry| entry.user_id).collect();
    people.extend(rows.iter().filter_map(|ticket| ticket.assignee_id));
    let names = names(conn, &people)?;
    let person = |id: UserId| names.get(&id).cloned().unwrap_or_default();
    let statuses = graph::names(conn, language)?;
    let (kinds, places) = surroundings(conn, &rows)?;
    let mut papers = papers(conn, &ids)?;
    let acts: Vec<ActId> = papers.values().map(|paper| paper.id).collect();
    let mut decisions = decisions(conn, &acts)?;
    let mut lines = lines(conn, &ids, &papers, audience)?;
    let mut spent = spent(&time, &person);
    let mut reported = Vec::with_capacity(rows.len());
    for ticket in rows {
        let name = statuses.iter().find(|(code, _)| *code == ticket.status_code).map(|(_, name)| name.clone());
        let time = spent.remove(&ticket.id).unwrap_or_default();
        let act = papers.remove(&ticket.id);
        let decision = act.as_ref().and_then(|act| decisions.remove(&act.id));
        let done = lines.remove(&ticket.id).unwrap_or_default();
        let (total, currency) = done.paid(act.as_ref(), audience);
        reported.push(ReportedTicket {
            id: ticket.id,
            number: ticket.number,
            type_name: kinds.get(&ticket.type_id).cloned().unwrap_or_default(),
            status: StatusView {
                name: name.unwrap_or_else(|| ticket.status_code.clone()),
                code: ticket.status_code,
                kind: ticket.status_kind,
            },
            subject: ticket.subject,
            site_name: ticket.site_id.and_then(|site| places.get(&site).cloned()),
            opened_at: ticket.created_at,
            done_at: ticket.done_at,
            assignee_name: ticket.assignee_id.map(person),
            minutes: time.iter().map(|one| one.minutes).sum(),
            time,
            lines: done.lines,
            act: act.map(|act| ReportedAct {
                id: act.id,
                number: act.number,
                version: act.version,
                status: act.status,
            }),
            outcome: decision.as_ref().map(|decision| decision.outcome),
            signed_at: decision.as_ref().map(|decision| decision.recorded_at),
            signed_position: decision.as_ref().and_then(|decision| decision.position.clone()),
            signed_by: decision.map(|decision| decision.name),
            total,
            currency,
        });
    }
    reported.sort_by_key(|ticket| ticket.number);
    Ok(WorkReport {
        company_id: id,
        company_name: company.legal_name().to_owned(),
        from: period.from,
        to: period.to,
        zone,
        audience,
        made_at: actor.now(),
        people: everybody(&reported),
        total_minutes: reported.iter().map(|ticket| ticket.minutes).sum(),
        totals: totals(&reported),
        tickets: reported,
    })
}

/// The working time that fell into a period: where nobody noted its beginning, that which was told in it.
fn time(
    conn: &mut DbConnection,
    company: CompanyId,
    begins: Timestamp,
    ends: Timestamp,
    audience: Audience,
) -> Result<Vec<TimeEntry>, Error> {
    let mut found: Vec<TimeEntry> = Vec::new();
    for noted in [true, false] {
        let mut query = time_entries::table
            .inner_join(tickets::table.on(tickets::id.eq(time_entries::ticket_id)))
            .filter(tickets::company_id.eq(company))
            .filter(time_entries::archived_at.is_null())
            .order((time_entries::recorded_at, time_entries::id))
            .limit(one_more(MOST_PARTS))
            .select(TimeEntry::as_select())
            .into_boxed::<MultiBackend>();
        query = if noted {
            query.filter(time_entries::started_at.ge(begins)).filter(time_entries::started_at.lt(ends))
        } else {
            query
                .filter(time_entries::started_at.is_null())
                .filter(time_entries::recorded_at.ge(begins))
                .filter(time_entries::recorded_at.lt(ends))
        };
        if !audience.is_internal() {
            query = query.filter(time_entries::visible_to_client.eq(true));
        }
        found.extend(query.load(conn)?);
    }
    must_fit(found.len(), MOST_PARTS)?;
    Ok(found)
}

/// The tickets that were opened or done in a period, and those that time was spent on.
fn tickets_of(
    conn: &mut DbConnection,
    company: CompanyId,
    begins: Timestamp,
    ends: Timestamp,
    time: &[TimeEntry],
) -> Result<Vec<Ticket>, Error> {
    let worked_on: BTreeSet<TicketId> = time.iter().map(|entry| entry.ticket_id).collect();
    must_fit(worked_on.len(), MOST_TICKETS)?;
    let all = || tickets::table.filter(tickets::company_id.eq(company)).limit(one_more(MOST_TICKETS));
    let opened = all().filter(tickets::created_at.ge(begins)).filter(tickets::created_at.lt(ends));
    let done = all().filter(tickets::done_at.ge(begins)).filter(tickets::done_at.lt(ends));
    let worked = all().filter(tickets::id.among(worked_on));
    let mut found: Vec<Ticket> = opened.select(Ticket::as_select()).load(conn)?;
    found.extend(done.select(Ticket::as_select()).load::<Ticket>(conn)?);
    found.extend(worked.select(Ticket::as_select()).load::<Ticket>(conn)?);
    found.sort_by_key(|ticket| ticket.id);
    found.dedup_by_key(|ticket| ticket.id);
    must_fit(found.len(), MOST_TICKETS)?;
    Ok(found)
}

type Kinds = BTreeMap<TicketTypeId, String>;
type Places = BTreeMap<SiteId, String>;

fn surroundings(conn: &mut DbConnection, rows: &[Ticket]) -> Result<(Kinds, Places), Error> {
    let kinds: BTreeSet<TicketTypeId> = rows.iter().map(|ticket| ticket.type_id).collect();
    let kinds: Vec<(TicketTypeId, String)> = ticket_types::table
        .filter(ticket_types::id.among(kinds))
        .select((ticket_types::id, ticket_types::name))
        .load(conn)?;
    let places: BTreeSet<SiteId> = rows.iter().filter_map(|ticket| ticket.site_id).collect();
    let places: Vec<(SiteId, String)> =
        sites::table.filter(sites::id.among(places)).select((sites::id, sites::name)).load(conn)?;
    Ok((kinds.into_iter().collect(), places.into_iter().collect()))
}

/// Who spent how much time of which kind on each ticket.
fn spent(time: &[TimeEntry], person: &impl Fn(UserId) -> String) -> BTreeMap<TicketId, Vec<ReportedTime>> {
    let mut sums: BTreeMap<(TicketId, String, UserId, TimeKind), i64> = BTreeMap::new();
    for entry in time {
        *sums.entry((entry.ticket_id, person(entry.user_id), entry.user_id, entry.kind)).or_default() += entry.minutes;
    }
    let mut spent: BTreeMap<TicketId, Vec<ReportedTime>> = BTreeMap::new();
    for ((ticket, name, user_id, kind), minutes) in sums {
        spent.entry(ticket).or_default().push(ReportedTime { user_id, name, kind, minutes });
    }
    spent
}

/// An act as far as a report tells of it.
struct Paper {
    id: ActId,
    number: String,
    version: i64,
    status: ActStatus,
    show_prices: bool,
    currency: Currency,
    gross: Money,
}

/// The newest act of each ticket that was not taken back.
fn papers(conn: &mut DbConnection, ids: &[TicketId]) -> Result<BTreeMap<TicketId, Paper>, Error> {
    type Row = (TicketId, ActId, String, i64, ActStatus, bool, Currency, Money);
    let rows: Vec<Row> = acts::table
        .filter(acts::ticket_id.among(ids))
        .filter(acts::status.none_of([ActStatus::Voided]))
        .order(acts::version)
        .select((
            acts::ticket_id,
            acts::id,
            acts::number,
            acts::version,
            acts::status,
            acts::show_prices,
            acts::currency,
            acts::gross,
        ))
        .load(conn)?;
    // Later versions take the places of earlier ones.
    let paper = |(ticket, id, number, version, status, show_prices, currency, gross): Row| {
        (ticket, Paper { id, number, version, status, show_prices, currency, gross })
    };
    Ok(rows.into_iter().map(paper).collect())
}

/// What a client decided.
struct Decision {
    name: String,
    position: Option<String>,
    outcome: Outcome,
    recorded_at: Timestamp,
}

fn decisions(conn: &mut DbConnection, acts: &[ActId]) -> Result<BTreeMap<ActId, Decision>, Error> {
    type Row = (ActId, String, Option<String>, Outcome, Timestamp);
    let rows: Vec<Row> = signatures::table
        .filter(signatures::act_id.among(acts))
        .filter(signatures::party.eq(Party::Client))
        .order((signatures::recorded_at, signatures::id))
        .select((
            signatures::act_id,
            signatures::signer_name,
            signatures::signer_position,
            signatures::outcome,
            signatures::recorded_at,
        ))
        .load(conn)?;
    let decision =
        |(act, name, position, outcome, recorded_at): Row| (act, Decision { name, position, outcome, recorded_at });
    Ok(rows.into_iter().map(decision).collect())
}

/// What was done and used on a ticket.
#[derive(Default)]
struct Done {
    lines: Vec<ReportedLine>,
    gross: Money,
    currency: Option<Currency>,
}

impl Done {
    /// What the client pays, where it may be seen: on paper of ours what stands on the ticket, on the client's what
    /// the act shows.
    fn paid(&self, act: Option<&Paper>, audience: Audience) -> (Option<Money>, Option<Currency>) {
        if audience.is_internal() {
            return (self.currency.map(|_| self.gross), self.currency);
        }
        let shown = act.filter(|act| act.show_prices);
        (shown.map(|act| act.gross), shown.map(|act| act.currency))
    }
}

type Worked = (TicketId, ItemKind, String, String, Quantity, Coverage, Money, Currency);

/// Works and materials: our own side sees the tickets', a client those of the act that was issued.
fn lines(
    conn: &mut DbConnection,
    ids: &[TicketId],
    papers: &BTreeMap<TicketId, Paper>,
    audience: Audience,
) -> Result<BTreeMap<TicketId, Done>, Error> {
    let shown = |ticket: &TicketId| papers.get(ticket).is_some_and(|paper| paper.show_prices);
    let rows: Vec<Worked> = if audience.is_internal() {
        work_lines::table
            .filter(work_lines::ticket_id.among(ids))
            .filter(work_lines::archived_at.is_null())
            .order((work_lines::added_at, work_lines::id))
            .limit(one_more(MOST_PARTS))
            .select((
                work_lines::ticket_id,
                work_lines::kind,
                work_lines::name,
                work_lines::unit,
                work_lines::quantity,
                work_lines::coverage,
                work_lines::gross,
                work_lines::currency,
            ))
            .load(conn)?
    } else {
        let frozen: Vec<ActId> = papers.values().map(|paper| paper.id).collect();
        act_lines::table
            .inner_join(work_lines::table.on(work_lines::id.eq(act_lines::work_line_id)))
            .filter(act_lines::act_id.among(frozen))
            .order((act_lines::act_id, act_lines::position))
            .limit(one_more(MOST_PARTS))
            .select((
                work_lines::ticket_id,
                work_lines::kind,
                act_lines::name,
                act_lines::unit,
                act_lines::quantity,
                act_lines::coverage,
                act_lines::gross,
                work_lines::currency,
            ))
            .load(conn)?
    };
    must_fit(rows.len(), MOST_PARTS)?;
    let mut done: BTreeMap<TicketId, Done> = BTreeMap::new();
    for (ticket, kind, name, unit, quantity, coverage, gross, currency) in rows {
        let visible = coverage == Coverage::Extra && (audience.is_internal() || shown(&ticket));
        let of = done.entry(ticket).or_default();
        if coverage == Coverage::Extra {
            of.gross = Money(of.gross.0.saturating_add(gross.0));
            of.currency = Some(currency);
        }
        of.lines.push(ReportedLine { kind, name, unit, quantity, coverage, amount: visible.then_some(gross) });
    }
    Ok(done)
}

fn everybody(tickets: &[ReportedTicket]) -> Vec<PersonTime> {
    let mut people: BTreeMap<(String, UserId), PersonTime> = BTreeMap::new();
    for ticket in tickets {
        let mut here = BTreeSet::new();
        for time in &ticket.time {
            let person = people.entry((time.name.clone(), time.user_id)).or_insert_with(|| PersonTime {
                user_id: time.user_id,
                name: time.name.clone(),
                tickets: 0,
                on_site: 0,
                travel: 0,
                remote: 0,
                minutes: 0,
            });
            *match time.kind {
                TimeKind::OnSite => &mut person.on_site,
                TimeKind::Travel => &mut person.travel,
                TimeKind::Remote => &mut person.remote,
            } += time.minutes;
            person.minutes += time.minutes;
            if here.insert(time.user_id) {
                person.tickets += 1;
            }
        }
    }
    people.into_values().collect()
}

fn totals(tickets: &[ReportedTicket]) -> Vec<CurrencyTotal> {
    let mut sums: BTreeMap<String, CurrencyTotal> = BTreeMap::new();
    for (total, currency) in tickets.iter().filter_map(|ticket| ticket.total.zip(ticket.currency)) {
        let sum = sums.entry(currency.to_string()).or_insert(CurrencyTotal { currency, total: Money::ZERO });
        sum.total = Money(sum.total.0.saturating_add(total.0));
    }
    sums.into_values().collect()
}
