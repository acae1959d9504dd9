//! A report on paper, by a form that anybody in charge may edit.

use serde_json::{Value, json};

use super::{Period, ReportFormat, WorkReport, WorkReportQuery, gather, xlsx};
use crate::acts::snapshot::Party;
use crate::app::App;
use crate::auth::{Actor, Audience};
use crate::companies::{CompanyId, company};
use crate::db::DbConnection;
use crate::error::Error;
use crate::print::Printer;
use crate::print::form::Kind;
use crate::provider;
use crate::words::Language;

/// A report and what stands around it on paper.
pub struct Sheet {
    /// The report.
    pub report: WorkReport,
    /// In which language.
    pub language: Language,
    provider: Party,
    customer: Party,
}

impl Sheet {
    /// Reads a report and what stands around it.
    ///
    /// # Errors
    /// `not_found`; `forbidden`; `provider_missing`; `too_much_at_once`
    pub fn read(
        conn: &mut DbConnection,
        actor: &Actor,
        id: CompanyId,
        period: Period,
        audience: Audience,
        language: Option<Language>,
    ) -> Result<Self, Error> {
        let company = company::find(conn, actor, id)?;
        let ours = provider::find(conn)?;
        let language = language.or(company.language).unwrap_or(ours.language);
        let report = gather::gather(conn, actor, id, period, audience, language)?;
        Ok(Self { report, language, provider: Party::from(&ours), customer: Party::from(&company) })
    }

    /// On paper. Work for a thread of its own.
    ///
    /// # Errors
    /// `form_invalid`
    pub fn pdf(&self, printer: &Printer) -> Result<Vec<u8>, Error> {
        let form = printer.form(Kind::WorkReport, self.language)?;
        Ok(printer.print(&form, &self.data()?, self.report.made_at)?.bytes)
    }

    /// As a workbook. Work for a thread of its own.
    ///
    /// # Errors
    /// When it cannot be written: our fault.
    pub fn xlsx(&self) -> Result<Vec<u8>, Error> {
        xlsx::write(&self.report, self.language)
    }

    fn data(&self) -> Result<Value, Error> {
        let mut data = serde_json::to_value(&self.report)?;
        if let Some(members) = data.as_object_mut() {
            members.insert("provider".to_owned(), json!(self.provider));
            members.insert("customer".to_owned(), json!(self.customer));
        }
        Ok(data)
    }
}

/// What a report is called as a file.
pub fn file_name(period: Period, end: &str) -> String {
    format!("work-report-{}-{}.{end}", period.from, period.to)
}

/// A report as somebody wants to have it: paper or a workbook.
///
/// # Errors
/// As [`Sheet::read`]; `form_invalid`.
pub async fn made(app: &App, actor: &Actor, id: CompanyId, asked: &WorkReportQuery) -> Result<Vec<u8>, Error> {
    let (actor, period, language) = (actor.clone(), Period::new(asked.from, asked.to)?, asked.language);
    let audience = Audience::asked(&actor, asked.audience)?;
    let read = move |conn: &mut DbConnection| Sheet::read(conn, &actor, id, period, audience, language);
    let sheet = app.db.snapshot(true, read).await?;
    let (printer, format) = (app.printer.clone(), asked.format);
    let made = tokio::task::spawn_blocking(move || match format {
        Some(ReportFormat::Xlsx) => sheet.xlsx(),
        _ => sheet.pdf(&printer),
    });
    made.await.map_err(Error::internal)?
}
