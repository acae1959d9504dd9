//! An act is issued: its content frozen, its document printed once and kept.
//!
//! Printing takes milliseconds and no write transaction may wait for it, but the number is on the paper. So the number is
//! looked up, the document printed with it, and then, in one transaction, the number is taken and the act kept, provided
//! that the number was still free and the ticket still the same. Otherwise it is printed once more. No number is lost, and
//! there is never a half-made act.

use chrono::Datelike;
use diesel::prelude::*;
use serde_json::json;

use super::press::Press;
use super::snapshot::{Snapshot, Verification, take};
use super::terms::{ActTerms, RuleTerms};
use super::{Act, ActId, ActStatus, ActView, NewAct, queries, reserve};
use crate::agreements::coverage::Coverage;
use crate::app::App;
use crate::auth::Actor;
use crate::companies::SigningAuthority;
use crate::db::dialect::insert_all;
use crate::db::schema::{act_lines, act_terms, acts};
use crate::db::types::{Day, Sha256, Timestamp};
use crate::db::{DbConnection, counters};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::idempotency::{already_made, made_once};
use crate::http::{Call, Made};
use crate::money::vat::{VatMode, VatRate};
use crate::money::{Money, Price, Quantity};
use crate::print::form::Kind;
use crate::print::page::SignatureBox;
use crate::provider;
use crate::signing_rules;
use crate::taxes::supply;
use crate::tickets::{self, StatusKind, Ticket, TicketId, gates};
use crate::work_lines::{self, WorkLineId};

/// How often a ticket may change under the printer before we give up.
pub const TRIES: usize = 8;

/// An act that could be issued at this moment.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What it would say.
    pub(super) snapshot: Snapshot,
    /// The ticket's version it was made from.
    ticket_version: i64,
    /// Who would have to sign it.
    pub(super) authority: SigningAuthority,
    /// By which signing rule.
    pub(super) rule: RuleTerms,
}

/// A proposal with its document.
#[derive(Debug, Clone)]
pub struct Printed {
    /// What it says.
    pub(super) proposal: Proposal,
    /// The form that printed it.
    pub(super) form_sha256: Sha256,
    /// The hash of the document.
    pub(super) document_sha256: Sha256,
    /// Its bytes.
    pub(super) document_size: i64,
    /// Where people sign on it.
    pub(super) places: Vec<SignatureBox>,
}

/// Issues an act of a ticket.
///
/// # Errors
/// `not_found`; `ticket_closed`; `already_signed` when the client has accepted what there is; `gates_closed` while an extra
/// line has no price;
/// `provider_missing`; `form_invalid`; `busy` when the ticket keeps changing.
pub async fn issue(call: Call, ticket: TicketId, new: NewAct) -> Answer {
    let app = call.app.clone();
    let _turn = app.numbering.lock().await;
    // Asked only now that it is our turn: a twin of this request that was before us has left its answer.
    if let Some(answer) = call.answered_before().await? {
        return Ok(answer);
    }
    for _ in 0..TRIES {
        let (actor, asked) = (call.actor.clone(), new.clone());
        let mut proposal = match app.db.read(move |conn| propose(conn, &actor, ticket, &asked)).await {
            Ok(proposal) => proposal,
            Err(refusal) => return call.refused_or_answered(refusal).await,
        };
        if let Some(proposal) = &mut proposal {
            proposal.snapshot.verification = Some(Verification::new(&app.config.public_url)?);
        }
        let printed = match proposal {
            Some(proposal) => Some(print(&app, proposal).await?),
            None => None,
        };
        let asked = new.clone();
        let issued = call.clone().create(move |conn, actor| keep(conn, actor, ticket, &asked, printed.as_ref())).await;
        match issued {
            Err(Error::Busy) => {}
            answer => return answer,
        }
    }
    Err(Error::Busy)
}

/// What the act would say, printed and not kept.
///
/// # Errors
/// As [`issue`].
pub async fn draft(call: Call, ticket: TicketId, new: NewAct) -> Result<Vec<u8>, Error> {
    // A draft is no record, whatever id came with it.
    let new = NewAct { id: None, shown: None, ..new };
    let actor = call.actor.clone();
    let proposal = call.app.db.read(move |conn| propose(conn, &actor, ticket, &new)).await?;
    let Proposal { mut snapshot, .. } = proposal.ok_or_else(|| Error::internal("a draft that was kept"))?;
    snapshot.number = "—".to_owned();
    let form = call.app.printer.form(Kind::Act, snapshot.language)?;
    let printer = call.app.printer.clone();
    let at = snapshot.issued_at;
    let printed = tokio::task::spawn_blocking(move || printer.print(&form, &serde_json::to_value(&snapshot)?, at));
    Ok(printed.await.map_err(Error::internal)??.bytes)
}

/// Nothing when this very act was made before.
fn propose(conn: &mut DbConnection, actor: &Actor, ticket: TicketId, new: &NewAct) -> Result<Option<Proposal>, Error> {
    let ticket = tickets::queries::find_row(conn, actor, ticket)?;
    if already_made(conn, new.id)? {
        return Ok(None);
    }
    propose_on(conn, actor, &ticket, new).map(Some)
}

/// What an act of a ticket would say at this moment.
///
/// # Errors
/// As [`issue`].
pub(super) fn propose_on(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    new: &NewAct,
) -> Result<Proposal, Error> {
    if let Some(shown) = &new.shown {
        shown.must_be_whole()?;
    }
    may_be_issued(conn, ticket)?;
    let unpriced = work_lines::unpriced(conn, ticket.id, actor.language())?;
    if !unpriced.is_empty() {
        return Err(gates::closed(&unpriced));
    }
    let (number, version) = match queries::newest(conn, ticket.id)? {
        Some(newest) => (newest.number, newest.version + 1),
        None => match reserve::for_act(conn, actor, ticket.id, new.told_number())? {
            Some(number) => (number, 1),
            None => {
                let year = year(conn, actor)?;
                (numbered(year, counters::peek(conn, &series(year))?), 1)
            }
        },
    };
    let kind = tickets::workflow::kind_of(conn, ticket)?;
    let snapshot = take(conn, actor, ticket, &kind, new, number, version)?;
    let rule = signing_rules::in_force(conn, kind.id, ticket.company_id, ticket.site_id, snapshot.currency)?;
    let rule = RuleTerms::from(rule);
    let authority = rule.required(kind.signing_authority, snapshot.totals.gross);
    Ok(Proposal { snapshot, ticket_version: ticket.version, authority, rule })
}

/// A closed ticket gets no act. What the client has accepted is replaced only after something has changed.
fn may_be_issued(conn: &mut DbConnection, ticket: &Ticket) -> Result<(), Error> {
    tickets::linked_assets::must_be_open(ticket)?;
    match queries::newest(conn, ticket.id)? {
        Some(act)
            if act.status.is_accepted()
                && ticket.status_kind == StatusKind::Done
                && !queries::works_have_changed(conn, &act)? =>
        {
            Err(Code::AlreadySigned.with([("ticket", ticket.id.to_string())]).into())
        }
        _ => Ok(()),
    }
}

/// Numbers begin anew each year of the provider's calendar.
fn year(conn: &mut DbConnection, actor: &Actor) -> Result<i32, Error> {
    let zone = provider::find(conn)?.time_zone;
    Ok(actor.now().day_in(zone.0).0.year())
}

fn series(year: i32) -> String {
    format!("act {year}")
}

fn numbered(year: i32, number: i64) -> String {
    format!("{year}-{number:05}")
}

/// Prints an act and keeps its bytes.
///
/// # Errors
/// `form_invalid`
pub(super) async fn print(app: &App, proposal: Proposal) -> Result<Printed, Error> {
    let form = app.printer.form(Kind::Act, proposal.snapshot.language)?;
    let (printer, packed) = (app.printer.clone(), form.pack());
    let (data, at) = (serde_json::to_value(&proposal.snapshot)?, proposal.snapshot.issued_at);
    let code = proposal.snapshot.verification.as_ref().map(|verification| verification.code.to_string());
    let printed = tokio::task::spawn_blocking(move || printer.print_known_by(code, &form, &data, at))
        .await
        .map_err(Error::internal)??;
    let document_size = i64::try_from(printed.bytes.len()).unwrap_or(i64::MAX);
    let form_sha256 = app.files.keep(packed).await?;
    let document_sha256 = app.files.keep(printed.bytes).await?;
    Ok(Printed { proposal, form_sha256, document_sha256, document_size, places: printed.signatures })
}

/// Keeps an act that was printed from a proposal, unless the ticket has changed since.
fn keep(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    new: &NewAct,
    printed: Option<&Printed>,
) -> Result<Made<ActView>, Error> {
    let insert = |conn: &mut DbConnection, id: ActId| {
        let printed = printed.ok_or(Error::Busy)?;
        let ticket = tickets::queries::hold(conn, actor, ticket)?;
        may_be_issued(conn, &ticket)?;
        if ticket.version != printed.proposal.ticket_version + 1 {
            return Err(Error::Busy);
        }
        freeze(conn, actor, &ticket, frozen(actor, &ticket, id, new, printed)?, printed)
    };
    let load = |conn: &mut DbConnection, id| queries::find(conn, actor, id).map(ActView::from);
    made_once(conn, actor, "act", new.id, &(ticket, new), insert, load)
}

/// Issues an act that came with a push, by the work that came before it; `press` has its document.
///
/// # Errors
/// As [`issue`]; `busy` when the push is to be rehearsed anew.
pub fn issue_pushed(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    new: &NewAct,
    press: &Press,
) -> Result<Made<ActView>, Error> {
    let insert = |conn: &mut DbConnection, id: ActId| {
        let ticket = tickets::queries::hold(conn, actor, ticket)?;
        let printed = press.document(id, propose_on(conn, actor, &ticket, new)?)?;
        freeze(conn, actor, &ticket, frozen(actor, &ticket, id, new, &printed)?, &printed)
    };
    let load = |conn: &mut DbConnection, id| queries::find(conn, actor, id).map(ActView::from);
    made_once(conn, actor, "act", new.id, &(ticket, new), insert, load)
}

/// Takes the number and puts the act in the place of the version before.
fn freeze(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    act: Act,
    printed: &Printed,
) -> Result<ActView, Error> {
    if !number_is_free(conn, actor, &act)? {
        return Err(Error::Busy);
    }
    let before = queries::newest(conn, ticket.id)?.filter(|act| act.status != ActStatus::Voided);
    if let Some(before) = &before {
        queries::advance(conn, before, ActStatus::Superseded)?;
    }
    diesel::insert_into(acts::table).values(&act).execute(conn)?;
    let terms = ActTerms::of(act.id, &printed.proposal.rule, &printed.proposal.snapshot);
    diesel::insert_into(act_terms::table).values(&terms).execute(conn)?;
    reserve::use_up(conn, actor, &act)?;
    supply::write_back(conn, actor, ticket, &printed.proposal.snapshot.lines)?;
    let lines = lines_of(&printed.proposal.snapshot, act.id);
    insert_all!(conn, act_lines::table, &lines)?;
    let shown = act.shown_sha256.zip(act.shown_as);
    let shown = shown
        .map(|(hash, shown)| json!({"sha256": hash, "as": shown, "at": act.shown_at, "told_number": act.told_number}));
    let facts = json!({
        "number": act.number, "version": act.version, "document_sha256": act.document_sha256,
        "content_sha256": act.snapshot_sha256, "form_sha256": act.form_sha256, "supersedes": before.map(|act| act.id),
        "shown": shown, "required_authority": act.required_authority, "signing_rule_id": terms.rule_id,
        "acceptance_due_on": terms.due_on,
    });
    let event = Event::of("act.issued", "act", act.id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.after(facts))?;
    Ok(ActView::from(act))
}

/// Takes the number of a first version; a later one has its act's.
fn number_is_free(conn: &mut DbConnection, actor: &Actor, act: &Act) -> Result<bool, Error> {
    if act.version > 1 {
        let newest = queries::newest(conn, act.ticket_id)?;
        return Ok(newest.is_some_and(|newest| newest.version + 1 == act.version));
    }
    if queries::newest(conn, act.ticket_id)?.is_some() {
        return Ok(false);
    }
    Ok(match reserve::for_act(conn, actor, act.ticket_id, act.told_number.as_deref())? {
        Some(number) => number == act.number,
        None => next_number(conn, actor)? == act.number,
    })
}

/// Takes the next number.
///
/// # Errors
/// The database's.
pub(super) fn next_number(conn: &mut DbConnection, actor: &Actor) -> Result<String, Error> {
    let year = year(conn, actor)?;
    Ok(numbered(year, counters::next(conn, &series(year))?))
}

/// Takes the next `count` numbers.
///
/// # Errors
/// The database's.
pub(super) fn next_numbers(conn: &mut DbConnection, actor: &Actor, count: i64) -> Result<Vec<String>, Error> {
    let year = year(conn, actor)?;
    let last = counters::take(conn, &series(year), count)?;
    Ok((last - count + 1..=last).map(|number| numbered(year, number)).collect())
}

/// When the numbers of this year are over.
///
/// # Errors
/// `provider_missing`
pub(super) fn year_ends(conn: &mut DbConnection, actor: &Actor) -> Result<Timestamp, Error> {
    let zone = provider::find(conn)?.time_zone.0;
    let next = chrono::NaiveDate::from_ymd_opt(year(conn, actor)? + 1, 1, 1);
    Ok(Timestamp::start_of(Day(next.ok_or_else(|| Error::internal("a year without an end"))?), zone))
}

fn frozen(actor: &Actor, ticket: &Ticket, id: ActId, new: &NewAct, printed: &Printed) -> Result<Act, Error> {
    let snapshot = &printed.proposal.snapshot;
    let shown = new.shown.as_ref();
    let content = snapshot.canonical()?;
    Ok(Act {
        id,
        ticket_id: ticket.id,
        company_id: ticket.company_id,
        number: snapshot.number.clone(),
        version: snapshot.version,
        status: ActStatus::Issued,
        language: snapshot.language,
        show_prices: snapshot.show_prices,
        currency: snapshot.currency,
        net: snapshot.totals.net,
        vat: snapshot.totals.vat,
        gross: snapshot.totals.gross,
        required_authority: printed.proposal.authority,
        snapshot_sha256: Sha256::of(&content),
        snapshot: content,
        form_sha256: printed.form_sha256,
        document_sha256: printed.document_sha256,
        document_size: printed.document_size,
        signature_boxes: serde_json::to_string(&printed.places)?,
        signed_document_sha256: None,
        issued_by: actor.id(),
        issued_at: snapshot.issued_at,
        signed_at: None,
        resolved_at: None,
        resolved_by: None,
        resolution: None,
        verification_code: snapshot.verification.as_ref().map(|verification| verification.code),
        shown_text: shown.map(|shown| shown.text.clone()),
        shown_sha256: shown.map(|shown| shown.sha256),
        shown_as: shown.map(|shown| shown.compared_with(snapshot)),
        shown_at: shown.and_then(|shown| shown.shown_at),
        told_number: new.told_number().map(str::to_owned),
    })
}

/// A line of an act, for the billing queue.
#[derive(Debug, Insertable)]
#[diesel(table_name = act_lines, treat_none_as_default_value = false)]
struct ActLine {
    act_id: ActId,
    position: i32,
    work_line_id: WorkLineId,
    coverage: Coverage,
    name: String,
    unit: String,
    quantity: Quantity,
    price: Option<Price>,
    vat_mode: VatMode,
    vat_rate: VatRate,
    amount: Money,
    net: Money,
    vat: Money,
    gross: Money,
}

fn lines_of(snapshot: &Snapshot, act_id: ActId) -> Vec<ActLine> {
    let lines = snapshot.lines.iter().enumerate().map(|(index, line)| ActLine {
        act_id,
        position: i32::try_from(index + 1).unwrap_or(i32::MAX),
        work_line_id: line.work_line_id,
        coverage: line.coverage,
        name: line.name.clone(),
        unit: line.unit.clone(),
        quantity: line.quantity,
        price: line.price,
        vat_mode: line.vat_mode,
        vat_rate: line.vat_rate,
        amount: line.amount,
        net: line.net,
        vat: line.vat,
        gross: line.gross,
    });
    lines.collect()
}
