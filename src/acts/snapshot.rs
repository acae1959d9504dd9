//! What an act freezes: everything it says, as it was at that moment. This is the data of its print form and the content
//! that can be compared years later.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::NewAct;
use crate::agreements::AgreementId;
use crate::agreements::coverage::Coverage;
use crate::assets::{self, AssetId};
use crate::auth::Actor;
use crate::checklists::{self, AnswerKind};
use crate::codes::queries as codes;
use crate::companies::company::Company;
use crate::companies::{company, contact, site};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{agreements, users};
use crate::db::types::{Day, Timestamp};
use crate::error::Error;
use crate::money::vat::{RateGroup, Taxed, VatMode, VatRate, groups};
use crate::money::{Currency, Money, Price, Quantity};
use crate::pricing::ItemKind;
use crate::provider::{self, Bank, Director, Provider};
use crate::taxes::supply;
use crate::ticket_types::TicketType;
use crate::tickets::{Ticket, queries};
use crate::time_entries::{self, TimeKind};
use crate::users::UserId;
use crate::verify::code::VerificationCode;
use crate::words::zone::Zone;
use crate::words::{Language, working_days};
use crate::work_lines::{self, WorkLine, WorkLineId};

/// The content of an act.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// The shape of this content.
    pub schema: String,
    /// Its number.
    pub number: String,
    /// Which version.
    pub version: i64,
    /// The day it was issued, at the site.
    pub issued_on: Day,
    /// The moment it was issued.
    pub issued_at: Timestamp,
    /// The time zone of the site.
    pub zone: Zone,
    /// Its language.
    pub language: Language,
    /// Whether it shows prices.
    pub show_prices: bool,
    /// The currency of its amounts.
    pub currency: Currency,
    /// How tax is held in them.
    pub vat_mode: VatMode,
    /// The rate, when all extra lines have one.
    pub vat_rate: Option<VatRate>,
    /// Our side.
    pub provider: Party,
    /// The client.
    pub customer: Party,
    /// The agreement it rests on.
    pub agreement: Option<AgreementLine>,
    /// Where the work was done.
    pub site: Option<SiteLine>,
    /// Whom we spoke to.
    pub contact: Option<ContactLine>,
    /// Who did the work.
    pub engineer: Person,
    /// The job.
    pub ticket: TicketLine,
    /// The devices.
    pub assets: Vec<AssetLine>,
    /// Works and materials.
    pub lines: Vec<Line>,
    /// The sums of the extra lines.
    pub totals: Totals,
    /// The same by the rates of tax. Acts of earlier versions of the program have none.
    #[serde(default)]
    pub taxes: Vec<RateGroup>,
    /// Working time that the client may see.
    pub time_entries: Vec<TimeLine>,
    /// All working time, in minutes.
    pub total_minutes: i64,
    /// What was checked.
    pub checklist: Vec<CheckLine>,
    /// Where the document can be checked. Acts of earlier versions of the program have none.
    #[serde(default)]
    pub verification: Option<Verification>,
}

/// Where a document can be checked, as it is printed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verification {
    /// The code.
    pub code: VerificationCode,
    /// As people read it off paper.
    pub code_printed: String,
    /// The address of its page.
    pub url: String,
}

impl Verification {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn new(public_url: &str) -> Result<Self, Error> {
        let code = VerificationCode::new()?;
        Ok(Self { code, code_printed: code.grouped(), url: code.url(public_url) })
    }
}

/// A party as documents name it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Party {
    /// As registered.
    pub legal_name: String,
    /// ИНН, ЄДРПОУ, VAT number.
    pub tax_id: Option<String>,
    /// КПП, ІПН.
    pub tax_code: Option<String>,
    /// Where letters go.
    pub address: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Where money goes: ours only.
    pub bank: Option<Bank>,
    /// Who signs: ours only.
    pub director: Option<Director>,
}

impl From<&Provider> for Party {
    fn from(ours: &Provider) -> Self {
        Self {
            legal_name: ours.legal_name.clone(),
            tax_id: ours.tax_id.clone(),
            tax_code: ours.tax_code.clone(),
            address: ours.address.clone(),
            phone: ours.phone.clone(),
            email: ours.email.clone(),
            bank: ours.bank.clone(),
            director: ours.director.clone(),
        }
    }
}

impl From<&Company> for Party {
    fn from(company: &Company) -> Self {
        Self {
            legal_name: company.legal_name().to_owned(),
            tax_id: company.tax_id.clone(),
            tax_code: company.tax_code.clone(),
            address: company.address.clone(),
            phone: company.phone.clone(),
            email: company.email.clone(),
            bank: None,
            director: None,
        }
    }
}

/// An agreement on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreementLine {
    /// Its number.
    pub number: String,
    /// Its first day.
    pub starts_on: Day,
    /// By which clause silence is acceptance, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deemed_acceptance: Option<DeemedLine>,
}

/// A clause of an agreement by which silence is acceptance, on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeemedLine {
    /// After how many working days.
    pub after_days: u16,
    /// The clause.
    pub clause: String,
    /// The last of those days.
    pub due_on: Day,
}

/// A site on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteLine {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub address: Option<String>,
}

/// A contact on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ContactLine {
    /// What they are called.
    pub name: String,
    /// Their position.
    pub position: Option<String>,
    /// Their telephone.
    pub phone: Option<String>,
}

/// Somebody on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Person {
    /// What they are called.
    pub name: String,
}

/// The job on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TicketLine {
    /// Its number.
    pub number: i64,
    /// In a line.
    pub subject: String,
    /// In full.
    pub description: Option<String>,
    /// Its kind.
    pub r#type: String,
    /// The day it was opened, at the site.
    pub opened_on: Day,
    /// The moment it was opened.
    pub opened_at: Timestamp,
    /// When work began.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

/// A device on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AssetLine {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial_number: Option<String>,
    /// Its inventory number.
    pub inventory_number: Option<String>,
    /// Its label.
    pub code: Option<String>,
}

/// A work or material on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// The ticket's line.
    pub work_line_id: WorkLineId,
    /// What it is.
    pub name: String,
    /// The item's code.
    pub code: Option<String>,
    /// Work or material.
    pub kind: ItemKind,
    /// "шт", "ч"
    pub unit: String,
    /// How much.
    pub quantity: Quantity,
    /// What the list said.
    pub list_price: Option<Price>,
    /// What is asked.
    pub price: Option<Price>,
    /// Quantity × price.
    pub amount: Money,
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub vat: Money,
    /// What is paid.
    pub gross: Money,
    /// How tax is held in it.
    pub vat_mode: VatMode,
    /// How much tax.
    pub vat_rate: VatRate,
    /// Who pays.
    pub coverage: Coverage,
    /// Why, in the document's language.
    pub coverage_reason: String,
    /// On which device.
    pub asset: Option<String>,
}

/// The sums of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Quantities × prices.
    pub amount: Money,
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub vat: Money,
    /// What is paid.
    pub gross: Money,
}

/// Working time on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TimeLine {
    /// Whose.
    pub person: String,
    /// Where it went.
    pub kind: TimeKind,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long.
    pub minutes: i64,
    /// What was done.
    pub note: Option<String>,
}

/// A checklist's item on a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckLine {
    /// What was to be done.
    pub text: String,
    /// On which device.
    pub asset: Option<String>,
    /// What it asked for.
    pub kind: AnswerKind,
    /// What was answered.
    pub answer: Option<Value>,
    /// By whom.
    pub answered_by: Option<String>,
    /// When.
    pub answered_at: Option<Timestamp>,
}

impl Snapshot {
    /// The content as JSON that is the same for the same content.
    ///
    /// # Errors
    /// When it cannot be written: our fault.
    pub fn canonical(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(self)?)
    }

    /// The content as it was frozen.
    ///
    /// # Errors
    /// When it is no such content.
    pub fn read(text: &str) -> Result<Self, Error> {
        Ok(serde_json::from_str(text)?)
    }

    /// The lines the client pays for.
    pub fn extra_lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.coverage == Coverage::Extra)
    }
}

/// The sums of some lines, and the rate they all have, if they do.
pub fn totals<'a>(lines: impl Iterator<Item = &'a Line> + Clone) -> (Totals, Option<VatRate>) {
    let sum = Taxed::sum(lines.clone().map(|line| Taxed { net: line.net, vat: line.vat, gross: line.gross }));
    let amount = lines.clone().map(|line| line.amount).sum();
    let mut rates: Vec<VatRate> = lines.map(|line| line.vat_rate).collect();
    rates.dedup();
    let rate = if rates.len() == 1 { rates.pop() } else { None };
    (Totals { amount, net: sum.net, vat: sum.vat, gross: sum.gross }, rate)
}

/// The sums of some lines, by their rates of tax.
pub fn by_rate<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<RateGroup> {
    groups(lines.map(|line| (line.vat_rate, Taxed { net: line.net, vat: line.vat, gross: line.gross })))
}

/// Takes down everything an act of this ticket says at this moment.
///
/// # Errors
/// `provider_missing`
pub fn take(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    kind: &TicketType,
    new: &NewAct,
    number: String,
    version: i64,
) -> Result<Snapshot, Error> {
    let ours = provider::find(conn)?;
    let company =
        company::load(conn, ticket.company_id)?.ok_or_else(|| Error::internal("a ticket without its company"))?;
    let language = new.language.or(company.language).unwrap_or(ours.language);
    let site = match ticket.site_id {
        Some(id) => site::load(conn, id)?,
        None => None,
    };
    let zone = site.as_ref().map_or(ours.time_zone, |site| site.time_zone);
    let contact = match ticket.contact_id {
        Some(id) => contact::load(conn, id)?,
        None => None,
    };
    let work = work_lines::queries::of(conn, ticket.id)?;
    let work = supply::taken_down(conn, &ours, zone, supply::day(ticket, zone, actor.now()), work)?;
    let time = time_entries::queries::of(conn, ticket.id)?;
    let checks = checklists::on_ticket::of(conn, ticket.id)?;
    let linked: Vec<AssetId> = queries::assets_of(conn, &[ticket.id])?.into_iter().map(|(_, asset)| asset.id).collect();
    let mut devices = Vec::with_capacity(linked.len());
    let mut named: BTreeMap<AssetId, String> = BTreeMap::new();
    let labels = codes::active(conn, &linked)?;
    let mut assets = assets::queries::load_all(conn, &linked)?;
    for id in &linked {
        let Some(asset) = assets.remove(id) else { continue };
        named.insert(*id, asset.name.clone());
        devices.push(AssetLine {
            code: labels.iter().find(|(of, _)| of == id).map(|(_, code)| code.to_string()),
            name: asset.name,
            kind: asset.kind,
            manufacturer: asset.manufacturer,
            model: asset.model,
            serial_number: asset.serial_number,
            inventory_number: asset.inventory_number,
        });
    }
    let mut people: Vec<UserId> = time.iter().map(|entry| entry.user_id).collect();
    people.extend(checks.iter().filter_map(|item| item.answered_by));
    people.push(ticket.assignee_id.unwrap_or_else(|| actor.id()));
    let people = names(conn, &people)?;
    let person = |id: UserId| people.get(&id).cloned().unwrap_or_default();
    let lines: Vec<Line> = work.iter().map(|line| frozen(line, language, &named)).collect();
    let (totals, vat_rate) = totals(lines.iter().filter(|line| line.coverage == Coverage::Extra));
    let agreement = agreement(conn, &work, actor.now().day_in(zone.0))?;
    Ok(Snapshot {
        schema: "act.v1".to_owned(),
        number,
        version,
        issued_on: actor.now().day_in(zone.0),
        issued_at: actor.now(),
        zone,
        language,
        show_prices: new.show_prices,
        currency: work.first().map_or(ours.currency, |line| line.currency),
        vat_mode: work.first().map_or(ours.vat.mode, |line| line.vat_mode),
        vat_rate,
        provider: Party::from(&ours),
        customer: Party::from(&company),
        agreement,
        site: site.map(|site| SiteLine { name: site.name, address: site.address }),
        contact: contact.map(|contact| ContactLine {
            name: contact.name,
            position: contact.position,
            phone: contact.phone,
        }),
        engineer: Person { name: person(ticket.assignee_id.unwrap_or_else(|| actor.id())) },
        ticket: TicketLine {
            number: ticket.number,
            subject: ticket.subject.clone(),
            description: ticket.description.clone(),
            r#type: kind.name.clone(),
            opened_on: ticket.created_at.day_in(zone.0),
            opened_at: ticket.created_at,
            started_at: ticket.started_at,
            done_at: ticket.done_at,
        },
        assets: devices,
        taxes: by_rate(lines.iter().filter(|line| line.coverage == Coverage::Extra)),
        lines,
        totals,
        total_minutes: time.iter().map(|entry| entry.minutes).sum(),
        // What is not meant for the client's eyes counts in the sum, and stands nowhere.
        time_entries: time
            .into_iter()
            .filter(|entry| entry.visible_to_client)
            .map(|entry| TimeLine {
                person: person(entry.user_id),
                kind: entry.kind,
                started_at: entry.started_at,
                ended_at: entry.ended_at,
                minutes: entry.minutes,
                note: entry.note,
            })
            .collect(),
        checklist: checks
            .into_iter()
            .map(|item| CheckLine {
                text: item.text,
                asset: item.asset_id.and_then(|id| named.get(&id).cloned()),
                kind: item.kind,
                answer: item.answer,
                answered_by: item.answered_by.map(person),
                answered_at: item.answered_at,
            })
            .collect(),
        verification: None,
    })
}

fn frozen(line: &WorkLine, language: Language, assets: &BTreeMap<AssetId, String>) -> Line {
    Line {
        work_line_id: line.id,
        name: line.name.clone(),
        code: line.code.clone(),
        kind: line.kind,
        unit: line.unit.clone(),
        quantity: line.quantity,
        list_price: line.list_price,
        price: line.price,
        amount: line.amount,
        net: line.net,
        vat: line.vat,
        gross: line.gross,
        vat_mode: line.vat_mode,
        vat_rate: line.vat_rate,
        coverage: line.coverage,
        coverage_reason: line.decision().sentence(language),
        asset: line.asset_id.and_then(|id| assets.get(&id).cloned()),
    }
}

/// The agreement that covers a line of the ticket, or decided about one. Its days of silence begin after the day of issue.
fn agreement(conn: &mut DbConnection, work: &[WorkLine], issued_on: Day) -> Result<Option<AgreementLine>, Error> {
    type Found = (String, Day, Option<i64>, Option<String>);
    let covering = work.iter().find(|line| line.coverage == Coverage::Covered).or_else(|| work.first());
    let Some(id): Option<AgreementId> = covering.and_then(|line| line.agreement_id) else { return Ok(None) };
    let found: Option<Found> = agreements::table
        .find(id)
        .select((
            agreements::number,
            agreements::starts_on,
            agreements::deemed_accepted_after_days,
            agreements::deemed_acceptance_clause,
        ))
        .get_result(conn)
        .optional()?;
    Ok(found.map(|(number, starts_on, days, clause)| {
        let days = days.and_then(|days| u16::try_from(days).ok());
        let deemed_acceptance = days.zip(clause).map(|(after_days, clause)| DeemedLine {
            after_days,
            clause,
            due_on: working_days::after(issued_on, after_days),
        });
        AgreementLine { number, starts_on, deemed_acceptance }
    }))
}

fn names(conn: &mut DbConnection, people: &[UserId]) -> Result<BTreeMap<UserId, String>, Error> {
    let rows: Vec<(UserId, String)> =
        users::table.filter(users::id.among(people)).select((users::id, users::name)).load(conn)?;
    Ok(rows.into_iter().collect())
}
