//! Somebody without a login reports a fault.

use serde::Deserialize;

use super::limits::{self, Subjects};
use super::queries::{self, Device};
use super::{Report, ReportId, ReportPhoto, ReportState, accept, number};
use crate::assets::AssetId;
use crate::auth::Origin;
use crate::codes::LabelCode;
use crate::db::DbConnection;
use crate::db::counters;
use crate::db::types::{Sha256, Timestamp};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::made_once_by;
use crate::tickets::attachments::KeptPicture;
use crate::words::Language;
use crate::words::text::{Line, Phone, Prose, optional};

/// Pictures a report may have.
pub const MOST_PHOTOS: usize = 3;

/// A fault to report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// The sender's own id: the same report sent again is one report.
    #[serde(default)]
    pub report_id: Option<ReportId>,
    /// What is wrong.
    pub text: Prose<2000>,
    /// Who says so.
    #[serde(default)]
    pub name: Option<Line<100>>,
    /// How to reach them.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// It is another fault than the one that is known already.
    #[serde(default)]
    pub another: bool,
    /// The hashes of its pictures as they were sent, by which a form that comes again is known. Only a form has any.
    #[serde(skip)]
    pub photos: Vec<Sha256>,
}

/// Whoever sends something from a public page.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The language of their page.
    pub language: Language,
    /// The moment of the request.
    pub now: Timestamp,
    /// Where it came from.
    pub origin: Origin,
    /// What they are counted by.
    pub subjects: Subjects,
}

/// Takes a report. Where the company wants no dispatcher asked, it is a ticket when this returns.
///
/// # Errors
/// `code_not_found` for a label that leads nowhere; `duplicate` for an id that came with other words before; those of
/// [`must_be_welcome`].
pub fn report(
    conn: &mut DbConnection,
    sender: &Sender,
    code: LabelCode,
    new: &NewReport,
    pictures: &[KeptPicture],
) -> Result<Made<Report>, Error> {
    let device = queries::device(conn, code)?.ok_or(Code::CodeNotFound)?;
    let insert = |conn: &mut DbConnection, id: ReportId| {
        // The number first: all others who report wait for it, so that they see and count this one. It is given back when
        // nothing comes of it.
        let number = counters::next(conn, "report")?;
        must_be_welcome(conn, device.asset.id, &sender.subjects, sender.now, new.another)?;
        limits::count(conn, &sender.subjects, sender.now)?;
        let report = Report { number, ..undecided(id, &device, sender, code, new) };
        queries::insert(conn, &report, &photos(id, pictures))?;
        let event = Event::of("report.made", "report", id.uuid()).company(report.company_id).after(&report);
        history::record_by(conn, None, sender.now, &sender.origin, event)?;
        accept::at_once(conn, sender, &device, &report)?;
        queries::load(conn, id)
    };
    let request = (code, &new.text, &new.name, &new.phone, &new.photos);
    let nobody = uuid::Uuid::nil();
    made_once_by(conn, nobody, sender.now, "report", new.report_id, &request, insert, queries::load)
}

/// Refuses a report of a device that would not be taken now.
///
/// # Errors
/// `already_reported` when the fault is probably known and this is not said to be another; `rate_limited`.
pub fn must_be_welcome(
    conn: &mut DbConnection,
    asset: AssetId,
    subjects: &Subjects,
    now: Timestamp,
    another: bool,
) -> Result<(), Error> {
    if let Some(before) = queries::known(conn, asset, now)?.filter(|_| !another) {
        let number = number(before.number);
        return Err(Code::AlreadyReported.with([("number", number.clone())]).and("number", number).into());
    }
    limits::must_wait(conn, subjects, now)
}

fn undecided(id: ReportId, device: &Device, sender: &Sender, code: LabelCode, new: &NewReport) -> Report {
    Report {
        id,
        number: 0,
        state: ReportState::New,
        asset_id: device.asset.id,
        company_id: device.company.id,
        site_id: device.site.as_ref().map(|site| site.id),
        code,
        text: new.text.to_string(),
        reporter_name: optional(new.name.as_ref()),
        reporter_phone: optional(new.phone.as_ref()),
        language: sender.language,
        same_count: 0,
        ticket_id: None,
        decided_by: None,
        decided_at: None,
        reason: None,
        version: 1,
        created_at: sender.now,
        updated_at: sender.now,
    }
}

fn photos(report_id: ReportId, pictures: &[KeptPicture]) -> Vec<ReportPhoto> {
    let photo = |(position, picture): (i32, &KeptPicture)| ReportPhoto {
        report_id,
        position,
        file_sha256: picture.file_sha256,
        media_type: picture.media_type.clone(),
        size: picture.size,
        width: picture.width,
        height: picture.height,
    };
    (1..).zip(pictures).map(photo).collect()
}
