//! An invoice is made out for the signed works of some acts. Like an act it is printed first and kept afterwards, under a
//! number that was still free.

use std::collections::BTreeMap;

use chrono::Datelike;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Invoice, InvoiceId, InvoiceLine, InvoiceStatus, InvoiceView, NewInvoice, queries};
use crate::acts::snapshot::{Party, Snapshot, Totals};
use crate::acts::{self, Act, ActId};
use crate::agreements::coverage::Coverage;
use crate::auth::Actor;
use crate::companies::company;
use crate::db::among::Among;
use crate::db::dialect::insert_all;
use crate::db::schema::{acts as acts_table, invoice_lines, invoices, work_lines};
use crate::db::types::{Day, Sha256, Timestamp};
use crate::db::{DbConnection, counters};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::idempotency::{already_made, made_once};
use crate::http::{Call, Made};
use crate::money::Currency;
use crate::money::vat::{RateGroup, Taxed, VatMode, VatRate};
use crate::payment_qr::{self, PaymentQr};
use crate::print::form::Kind;
use crate::provider;
use crate::taxes;
use crate::tickets::{self, TicketId};
use crate::words::Language;
use crate::work_lines::WorkLineId;

/// How often the works may change under the printer before we give up.
const TRIES: usize = 8;
/// Acts on one invoice.
const MOST_ACTS: usize = 200;

/// The content of an invoice.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Content {
    schema: String,
    number: String,
    issued_on: Day,
    issued_at: Timestamp,
    language: Language,
    currency: Currency,
    vat_mode: VatMode,
    vat_rate: Option<VatRate>,
    provider: Party,
    customer: Party,
    acts: Vec<ActLine>,
    lines: Vec<acts::snapshot::Line>,
    totals: Totals,
    /// The same by the rates of tax.
    taxes: Vec<RateGroup>,
    /// What the regime of tax wants said.
    tax_note: Option<String>,
    /// What a bank's app reads, if there can be one.
    payment_qr: Option<PaymentQr>,
}

/// An act on an invoice.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ActLine {
    number: String,
    issued_on: Day,
    ticket_number: i64,
}

/// An invoice that could be made out at this moment.
struct Proposal {
    content: Content,
    company: crate::companies::CompanyId,
    /// Which act each line comes from.
    lines: Vec<(ActId, acts::snapshot::Line)>,
}

struct Printed {
    proposal: Proposal,
    form_sha256: Sha256,
    document_sha256: Sha256,
    document_size: i64,
}

/// Makes out an invoice.
///
/// # Errors
/// `validation_failed` for acts that are not there or of several companies; `already_billed`; `nothing_to_bill`, also for
/// an act that is not signed; `form_invalid`.
pub async fn issue(call: Call, new: NewInvoice) -> Answer {
    let app = call.app.clone();
    let _turn = app.numbering.lock().await;
    // Asked only now that it is our turn: a twin of this request that was before us has left its answer.
    if let Some(answer) = call.answered_before().await? {
        return Ok(answer);
    }
    for _ in 0..TRIES {
        let (actor, asked) = (call.actor.clone(), new.clone());
        let proposal = match app.db.read(move |conn| propose(conn, &actor, &asked)).await {
            Ok(proposal) => proposal,
            Err(refusal) => return call.refused_or_answered(refusal).await,
        };
        let printed = match proposal {
            Some(proposal) => Some(print(&call, proposal).await?),
            None => None,
        };
        let asked = new.clone();
        let issued = call.clone().create(move |conn, actor| keep(conn, actor, &asked, printed.as_ref())).await;
        match issued {
            Err(Error::Busy) => {}
            answer => return answer,
        }
    }
    Err(Error::Busy)
}

/// Nothing when this very invoice was made before.
fn propose(conn: &mut DbConnection, actor: &Actor, new: &NewInvoice) -> Result<Option<Proposal>, Error> {
    if already_made(conn, new.id)? {
        return Ok(None);
    }
    let signed = signed_acts(conn, new)?;
    let Some(first) = signed.first() else { return Err(Error::field("/act_ids", Flaw::Required)) };
    let mut lines = Vec::new();
    let mut named = Vec::new();
    for act in &signed {
        let snapshot = Snapshot::read(&act.snapshot)?;
        let billed = billed(conn, &snapshot)?;
        let before = lines.len();
        let owed = snapshot.extra_lines().filter(|line| line.gross.0 > 0 && !billed.contains_key(&line.work_line_id));
        lines.extend(owed.map(|line| (act.id, line.clone())));
        if lines.len() > before {
            named.push(ActLine {
                number: act.number.clone(),
                issued_on: snapshot.issued_on,
                ticket_number: snapshot.ticket.number,
            });
        } else if let Some(invoice) = billed.values().next() {
            let invoice = queries::find_row(conn, *invoice)?.number;
            return Err(Code::AlreadyBilled.with([("act", act.number.clone()), ("invoice", invoice)]).into());
        }
    }
    if lines.is_empty() {
        return Err(Code::NothingToBill.into());
    }
    let ours = provider::find(conn)?;
    let company =
        company::load(conn, first.company_id)?.ok_or_else(|| Error::internal("an act without its company"))?;
    let today = actor.now().day_in(ours.time_zone.0);
    let year = today.0.year();
    let only: Vec<acts::snapshot::Line> = lines.iter().map(|(_, line)| line.clone()).collect();
    let (totals, vat_rate) = acts::snapshot::totals(only.iter());
    let provider = Party::from(&ours);
    let number = numbered(year, counters::peek(conn, &series(year))?);
    let tickets: Vec<i64> = named.iter().map(|act| act.ticket_number).collect();
    let payment_qr = payment_qr::of(&payment_qr::Asked {
        payee: &provider,
        currency: first.currency,
        gross: totals.gross,
        vat: totals.vat,
        vat_rate,
        number: &number,
        issued_on: today,
        tickets: &tickets,
    });
    let supplied = named.first().map_or(today, |act| act.issued_on);
    let content = Content {
        schema: "invoice.v1".to_owned(),
        number,
        issued_on: today,
        issued_at: actor.now(),
        language: new.language.or(company.language).unwrap_or(ours.language),
        currency: first.currency,
        vat_mode: only.first().map_or(ours.vat.mode, |line| line.vat_mode),
        vat_rate,
        tax_note: taxes::on(conn, &ours, supplied)?.note,
        provider,
        customer: Party::from(&company),
        acts: named,
        taxes: acts::snapshot::by_rate(only.iter()),
        lines: only,
        totals,
        // Why there is none, the invoice's own details tell whoever asks.
        payment_qr: payment_qr.ok(),
    };
    Ok(Some(Proposal { content, company: company.id, lines }))
}

/// The acts that are asked for: signed, of one company, in one currency.
fn signed_acts(conn: &mut DbConnection, new: &NewInvoice) -> Result<Vec<Act>, Error> {
    if new.act_ids.len() > MOST_ACTS {
        return Err(Error::field_with("/act_ids", Flaw::TooMany, [("max", MOST_ACTS.to_string())]));
    }
    let mut signed: Vec<Act> = Vec::new();
    for (index, id) in new.act_ids.iter().enumerate() {
        let pointer = format!("/act_ids/{index}");
        let act = acts::queries::load(conn, *id)?.ok_or_else(|| Error::field(&pointer, Flaw::UnknownReference))?;
        if signed.iter().any(|known| known.id == act.id) {
            continue;
        }
        if !act.status.is_accepted() {
            return Err(Refusal::from(Code::NothingToBill).at(pointer, Flaw::NotSigned).into());
        }
        if let Some(first) = signed.first() {
            if first.company_id != act.company_id {
                return Err(Error::field(pointer, Flaw::AnotherCompany));
            }
            if Snapshot::read(&first.snapshot)?.vat_mode != Snapshot::read(&act.snapshot)?.vat_mode {
                return Err(Error::field(pointer, Flaw::AnotherVatMode));
            }
            if first.currency != act.currency {
                return Err(Error::field_with(
                    pointer,
                    Flaw::AnotherCurrency,
                    [("currency", act.currency.to_string())],
                ));
            }
        }
        signed.push(act);
    }
    Ok(signed)
}

/// The extra works of an act that are on an invoice, each with its invoice.
fn billed(conn: &mut DbConnection, snapshot: &Snapshot) -> Result<BTreeMap<WorkLineId, InvoiceId>, Error> {
    let rows: Vec<(WorkLineId, Option<InvoiceId>)> = work_lines::table
        .filter(work_lines::id.among(snapshot.extra_lines().map(|line| line.work_line_id)))
        .select((work_lines::id, work_lines::invoice_id))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(line, invoice)| Some((line, invoice?))).collect())
}

fn series(year: i32) -> String {
    format!("invoice {year}")
}

fn numbered(year: i32, number: i64) -> String {
    format!("{year}-{number:05}")
}

async fn print(call: &Call, proposal: Proposal) -> Result<Printed, Error> {
    let form = call.app.printer.form(Kind::Invoice, proposal.content.language)?;
    let (printer, packed) = (call.app.printer.clone(), form.pack());
    let (data, at) = (serde_json::to_value(&proposal.content)?, proposal.content.issued_at);
    let printed =
        tokio::task::spawn_blocking(move || printer.print(&form, &data, at)).await.map_err(Error::internal)??;
    let document_size = i64::try_from(printed.bytes.len()).unwrap_or(i64::MAX);
    let form_sha256 = call.app.files.keep(packed).await?;
    let document_sha256 = call.app.files.keep(printed.bytes).await?;
    Ok(Printed { proposal, form_sha256, document_sha256, document_size })
}

fn keep(
    conn: &mut DbConnection,
    actor: &Actor,
    new: &NewInvoice,
    printed: Option<&Printed>,
) -> Result<Made<InvoiceView>, Error> {
    let insert = |conn: &mut DbConnection, id: InvoiceId| {
        let Printed { proposal, form_sha256, document_sha256, document_size } = printed.ok_or(Error::Busy)?;
        let content = &proposal.content;
        let year = content.issued_on.0.year();
        // The acts must still be what they were: signed, and not yet replaced. Nobody replaces them while we look.
        hold_tickets(conn, actor, new)?;
        signed_acts(conn, new)?;
        let text = serde_json::to_string(content)?;
        let totals = Taxed { net: content.totals.net, vat: content.totals.vat, gross: content.totals.gross };
        let invoice = Invoice {
            id,
            number: content.number.clone(),
            company_id: proposal.company,
            status: InvoiceStatus::Issued,
            language: content.language,
            currency: content.currency,
            net: totals.net,
            vat: totals.vat,
            gross: totals.gross,
            snapshot_sha256: Sha256::of(&text),
            snapshot: text,
            form_sha256: *form_sha256,
            document_sha256: *document_sha256,
            document_size: *document_size,
            issued_by: actor.id(),
            issued_at: content.issued_at,
        };
        let lines = claim(conn, id, &proposal.lines)?;
        if numbered(year, counters::next(conn, &series(year))?) != content.number {
            return Err(Error::Busy);
        }
        diesel::insert_into(invoices::table).values(&invoice).execute(conn)?;
        insert_all!(conn, invoice_lines::table, &lines)?;
        let facts = json!({
            "number": invoice.number, "gross": invoice.gross, "currency": invoice.currency, "act_ids": new.act_ids,
            "document_sha256": invoice.document_sha256,
        });
        let event = Event::of("invoice.issued", "invoice", id.uuid()).company(invoice.company_id);
        history::record(conn, actor, event.after(facts))?;
        InvoiceView::new(invoice, lines, actor.language())
    };
    made_once(conn, actor, "invoice", new.id, new, insert, |conn, id| queries::find(conn, actor, id))
}

/// Holds the tickets of the acts, always in the same order, so that two invoices never wait for each other.
fn hold_tickets(conn: &mut DbConnection, actor: &Actor, new: &NewInvoice) -> Result<(), Error> {
    let mut held: Vec<TicketId> =
        acts_table::table.filter(acts_table::id.among(&new.act_ids)).select(acts_table::ticket_id).load(conn)?;
    held.sort_unstable();
    held.dedup();
    held.into_iter().try_for_each(|ticket| tickets::queries::hold(conn, actor, ticket).map(drop))
}

/// Takes the lines for this invoice. One that another invoice took meanwhile sends us back to look again.
fn claim(
    conn: &mut DbConnection,
    id: InvoiceId,
    lines: &[(ActId, acts::snapshot::Line)],
) -> Result<Vec<InvoiceLine>, Error> {
    let ids: Vec<WorkLineId> = lines.iter().map(|(_, line)| line.work_line_id).collect();
    let mut taken = 0;
    for some in ids.chunks(5_000) {
        let free = work_lines::table.filter(work_lines::id.among(some)).filter(work_lines::invoice_id.is_null());
        let free = free.filter(work_lines::coverage.eq(Coverage::Extra));
        taken += diesel::update(free).set(work_lines::invoice_id.eq(id)).execute(conn)?;
    }
    if taken < ids.len() {
        return Err(Error::Busy);
    }
    let invoiced = |(position, (act_id, line)): (i32, &(ActId, acts::snapshot::Line))| {
        Ok(InvoiceLine {
            invoice_id: id,
            position,
            act_id: *act_id,
            work_line_id: line.work_line_id,
            name: line.name.clone(),
            unit: line.unit.clone(),
            quantity: line.quantity,
            price: line.price.ok_or_else(|| Error::internal("a signed line without a price"))?,
            vat_mode: line.vat_mode,
            vat_rate: line.vat_rate,
            amount: line.amount,
            net: line.net,
            vat: line.vat,
            gross: line.gross,
        })
    };
    (1..).zip(lines).map(invoiced).collect()
}
