//! The report of works: all tickets of a company in a period, who spent how much time on them, what was done, and who
//! signed. As data, as a workbook, and on paper.

pub mod gather;
pub mod paper;
pub mod period;
pub mod routes;
pub mod xlsx;

use serde::{Deserialize, Serialize};

pub use self::period::Period;
use crate::acts::signature::Outcome;
use crate::acts::{ActId, ActStatus};
use crate::agreements::coverage::Coverage;
use crate::auth::Audience;
use crate::companies::CompanyId;
use crate::db::types::{Day, Timestamp, text_enum};
use crate::error::{Code, Error};
use crate::money::{Currency, Money, Quantity};
use crate::pricing::ItemKind;
use crate::tickets::{StatusView, TicketId};
use crate::time_entries::TimeKind;
use crate::users::UserId;
use crate::words::Language;
use crate::words::zone::Zone;

/// Tickets that one report may have.
pub const MOST_TICKETS: usize = 2_000;
/// Entries of working time, and works and materials, that stand behind one report.
pub const MOST_PARTS: usize = 20_000;

text_enum! {
    /// As what a report is wanted.
    ReportFormat {
        /// As data.
        Json = "json",
        /// On paper.
        Pdf = "pdf",
        /// As a workbook.
        Xlsx = "xlsx",
    }
}

/// Which report.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkReportQuery {
    /// The first day, in the company's time zone.
    pub from: Day,
    /// The last day; at most 366 days in all.
    pub to: Day,
    /// As data when left out.
    #[serde(default)]
    #[param(inline)]
    pub format: Option<ReportFormat>,
    /// For whose eyes; what one may see when left out. A client's user gets the client's.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// The language of paper and workbook; the company's, else the provider's, when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// What was done for a company in a period.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WorkReport {
    /// For which company.
    pub company_id: CompanyId,
    /// What it is called.
    pub company_name: String,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// In which time zone days begin: that of the company's sites where they share one, else the provider's.
    pub zone: Zone,
    /// For whose eyes it is.
    pub audience: Audience,
    /// When it was made.
    pub made_at: Timestamp,
    /// The tickets that were opened, worked on or done in the period, by their numbers.
    pub tickets: Vec<ReportedTicket>,
    /// Everybody's time in the period, by name.
    pub people: Vec<PersonTime>,
    /// All of it, in minutes.
    pub total_minutes: i64,
    /// What the client pays for works outside the contract on these tickets, by currency; nothing that may not be seen.
    pub totals: Vec<CurrencyTotal>,
}

/// A ticket in a report.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReportedTicket {
    /// Its id.
    pub id: TicketId,
    /// The number people say.
    pub number: i64,
    /// In a line.
    pub subject: String,
    /// Its kind.
    pub type_name: String,
    /// Where it stands now.
    pub status: StatusView,
    /// Where the work was.
    pub site_name: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// Whose it is.
    pub assignee_name: Option<String>,
    /// Who spent how much time on it in the period.
    pub time: Vec<ReportedTime>,
    /// All of that, in minutes.
    pub minutes: i64,
    /// Works and materials.
    pub lines: Vec<ReportedLine>,
    /// The newest version of its act that was not taken back.
    pub act: Option<ReportedAct>,
    /// What the client decided on it.
    pub outcome: Option<Outcome>,
    /// Who decided for the client.
    pub signed_by: Option<String>,
    /// Their position.
    pub signed_position: Option<String>,
    /// When that arrived.
    pub signed_at: Option<Timestamp>,
    /// What the client pays for works outside the contract; null where it may not be seen.
    pub total: Option<Money>,
    /// The currency of the total.
    pub currency: Option<Currency>,
}

/// Somebody's time of one kind on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReportedTime {
    /// Whose.
    pub user_id: UserId,
    /// What they are called.
    pub name: String,
    /// Where it went.
    pub kind: TimeKind,
    /// How long.
    pub minutes: i64,
}

/// A work or material in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReportedLine {
    /// Work or material.
    pub kind: ItemKind,
    /// What it is.
    pub name: String,
    /// "шт", "ч"
    pub unit: String,
    /// How much.
    pub quantity: Quantity,
    /// Covered by the contract or extra.
    pub coverage: Coverage,
    /// What is paid for it; null where it may not be seen.
    pub amount: Option<Money>,
}

/// An act in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReportedAct {
    /// Its id.
    pub id: ActId,
    /// Its number.
    pub number: String,
    /// Which version.
    pub version: i64,
    /// Where it stands.
    pub status: ActStatus,
}

/// Somebody's time on all tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PersonTime {
    /// Who.
    pub user_id: UserId,
    /// What they are called.
    pub name: String,
    /// On how many tickets.
    pub tickets: usize,
    /// At the client's, in minutes.
    pub on_site: i64,
    /// On the way, in minutes.
    pub travel: i64,
    /// From afar, in minutes.
    pub remote: i64,
    /// All of it, in minutes.
    pub minutes: i64,
}

/// What is paid in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CurrencyTotal {
    /// The currency.
    pub currency: Currency,
    /// How much.
    pub total: Money,
}

/// Refuses what one paper cannot hold.
///
/// # Errors
/// `too_much_at_once`
pub fn must_fit(count: usize, most: usize) -> Result<(), Error> {
    if count > most { Err(Code::TooMuchAtOnce.with([("max", most.to_string())]).into()) } else { Ok(()) }
}

/// How many rows to ask the database for: one more than fits tells that it does not.
pub fn one_more(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1)
}
