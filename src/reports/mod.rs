//! Reports: faults that people without a login tell of, on the page behind a label. A report is nobody's order yet: a
//! dispatcher makes a ticket of it or puts it aside, unless the company has said that none needs to be asked.

pub mod accept;
pub mod dismiss;
pub mod door;
pub mod echo;
pub mod form;
pub mod frame;
mod intake;
pub mod limits;
pub mod page;
pub mod queries;
pub mod report;
pub mod routes;
pub mod stamp;
pub mod track;
pub mod words;

use diesel::prelude::*;
use serde::Serialize;

use crate::assets::AssetId;
use crate::codes::LabelCode;
use crate::companies::{CompanyId, SiteId};
use crate::db::MultiBackend;
use crate::db::schema::{report_photos, reports};
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::http::Resource;
use crate::http::query::list_query;
use crate::tickets::TicketId;
use crate::users::UserId;
use crate::words::Language;

id! {
    /// A report of a fault.
    ReportId,
}

text_enum! {
    /// What became of a report.
    ReportState {
        /// Nobody has decided yet.
        New = "new",
        /// It is a ticket.
        Accepted = "accepted",
        /// It was put aside.
        Dismissed = "dismissed",
    }
}

/// A report as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = reports, check_for_backend(MultiBackend))]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// The number people say, without its letter.
    pub number: i64,
    /// What became of it.
    pub state: ReportState,
    /// About which device.
    pub asset_id: AssetId,
    /// Whose that was.
    pub company_id: CompanyId,
    /// Where it stood.
    pub site_id: Option<SiteId>,
    /// The label that was scanned.
    pub code: LabelCode,
    /// What is wrong.
    pub text: String,
    /// Who says so.
    pub reporter_name: Option<String>,
    /// How to reach them.
    pub reporter_phone: Option<String>,
    /// The language of the page.
    pub language: Language,
    /// How many others have noticed it as well.
    pub same_count: i64,
    /// The ticket it became.
    pub ticket_id: Option<TicketId>,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was put aside.
    pub reason: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it came.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A picture of a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, utoipa::ToSchema)]
#[diesel(table_name = report_photos, check_for_backend(MultiBackend))]
pub struct ReportPhoto {
    #[serde(skip)]
    report_id: ReportId,
    /// Which of the report's, from 1: the last part of its address.
    pub position: i32,
    /// The hash of the kept bytes.
    #[serde(rename = "sha256")]
    pub file_sha256: Sha256,
    /// What it is.
    pub media_type: String,
    /// The kept bytes.
    pub size: i64,
    /// Its width in pixels.
    pub width: Option<i32>,
    /// Its height in pixels.
    pub height: Option<i32>,
}

/// A report as a dispatcher sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReportView {
    /// Its id.
    pub id: ReportId,
    /// The number people say.
    #[schema(example = "R-000123")]
    pub number: String,
    /// What became of it.
    pub state: ReportState,
    /// About which device.
    pub asset_id: AssetId,
    /// What that is called.
    pub asset_name: String,
    /// Whose that was.
    pub company_id: CompanyId,
    /// What they are called.
    pub company_name: String,
    /// Where it stood.
    pub site_id: Option<SiteId>,
    /// What that place is called.
    pub site_name: Option<String>,
    /// The label that was scanned.
    pub code: String,
    /// What is wrong.
    pub text: String,
    /// Who says so, in their own words: nobody has checked it.
    pub reporter_name: Option<String>,
    /// How to reach them, likewise.
    pub reporter_phone: Option<String>,
    /// The language of the page.
    pub language: Language,
    /// How many others have noticed it as well.
    #[schema(minimum = 0)]
    pub same_count: i64,
    /// Its pictures.
    pub photos: Vec<ReportPhoto>,
    /// The ticket it became.
    pub ticket_id: Option<TicketId>,
    /// Who decided; with reports that become tickets at once, whoever made that rule.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was put aside.
    pub reason: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it came.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Resource for ReportView {
    fn path(&self) -> String {
        format!("/api/v1/reports/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

list_query! {
    /// Which reports.
    pub struct ReportFilter {
        /// Of which this became.
        state: ReportState,
        /// About devices of this company.
        company_id: CompanyId,
        /// About this device.
        asset_id: AssetId,
        /// That came at this moment or later.
        created_from: Timestamp,
        /// That came before this moment.
        created_to: Timestamp,
    }
}

/// The number people say: a letter keeps it apart from a ticket's.
pub fn number(number: i64) -> String {
    format!("R-{number:06}")
}

/// The first line of what somebody wrote, and not too much of it.
pub fn in_a_line(text: &str) -> String {
    const MOST: usize = 120;
    let first = text.lines().next().unwrap_or_default();
    if first.chars().count() <= MOST {
        return first.to_owned();
    }
    let mut cut: String = first.chars().take(MOST - 1).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::{in_a_line, number};

    #[test]
    fn a_report_is_called_by_a_number_with_a_letter() {
        assert_eq!(number(7), "R-000007");
        assert_eq!(number(1_234_567), "R-1234567");
    }

    #[test]
    fn a_long_story_has_a_short_title() {
        assert_eq!(in_a_line("Не печатает\nсовсем"), "Не печатает");
        assert_eq!(in_a_line(&"ж".repeat(500)).chars().count(), 120);
    }
}
