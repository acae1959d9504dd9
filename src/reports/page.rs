//! The pages as browsers get them. What strangers may see of a device is decided here and nowhere else: its name, maker,
//! model and inventory number, which stands on the label anyway, and the short name of its place. No person, no serial number,
//! no contract, no address, no history, and not whose it is.

use serde::Serialize;

use super::form::Draft;
use super::frame::{Frame, render};
use super::queries::{self, Device};
use super::track::{Progress, TicketProgress};
use super::words::{Complaint, Words, of_ticket};
use super::{Report, ReportId, ReportState};
use crate::codes::LabelCode;
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::provider::{self, Provider};
use crate::tickets::StatusKind;
use crate::words::{Language, dates};

/// What is known when a device's page is shown.
#[derive(Debug, Clone)]
pub struct Situation {
    /// The device.
    pub device: Device,
    /// Whether somebody works on it already.
    pub in_work: bool,
    /// The report that waits for a dispatcher, or for the end of its ticket.
    pub known: Option<Report>,
}

/// Our own side, and the device behind a label.
///
/// # Errors
/// The database's.
pub fn look(
    conn: &mut DbConnection,
    code: Option<LabelCode>,
    now: Timestamp,
) -> Result<(Option<Provider>, Option<Situation>), Error> {
    let ours = provider::known(conn)?;
    let device = match code {
        Some(code) => queries::device(conn, code)?,
        None => None,
    };
    let Some(device) = device else { return Ok((ours, None)) };
    let in_work = queries::in_work(conn, device.asset.id)?;
    let known = queries::known(conn, device.asset.id, now)?;
    Ok((ours, Some(Situation { device, in_work, known })))
}

/// What is wrong, next to its field.
#[derive(Debug, Clone, Default, Serialize)]
struct Complaints {
    text: Option<&'static str>,
    name: Option<&'static str>,
    phone: Option<&'static str>,
    photo: Option<&'static str>,
}

/// The form on a device's page.
#[derive(Debug, Clone, Serialize)]
pub struct Form {
    report_id: ReportId,
    stamp: String,
    open: bool,
    /// Above all fields.
    notices: Vec<String>,
    text: String,
    name: String,
    phone: String,
    wrong: Complaints,
}

impl Form {
    /// An empty one.
    pub fn empty(stamp: String) -> Self {
        Self {
            report_id: ReportId::new(),
            stamp,
            open: false,
            notices: Vec::new(),
            text: String::new(),
            name: String::new(),
            phone: String::new(),
            wrong: Complaints::default(),
        }
    }

    /// One that comes back to whoever sent it, with what they typed.
    pub fn again(draft: &Draft, language: Language, complaints: &[Complaint]) -> Self {
        let words = Words::of(language);
        let about = |field: &str| {
            complaints.iter().find(|one| one.field() == field).map(|complaint| complaint.sentence(language))
        };
        Self {
            report_id: draft.report_id.unwrap_or_else(ReportId::new),
            stamp: draft.stamp.clone(),
            open: true,
            notices: [(!complaints.is_empty(), words.mend), (draft.had_photos, words.photos_again)]
                .into_iter()
                .filter(|(said, _)| *said)
                .map(|(_, sentence)| sentence.to_owned())
                .collect(),
            text: draft.text.clone(),
            name: draft.name.clone(),
            phone: draft.phone.clone(),
            wrong: Complaints {
                text: about("text"),
                name: about("name"),
                phone: about("phone"),
                photo: about("photo"),
            },
        }
    }

    /// Says something above the fields.
    #[must_use]
    pub fn saying(mut self, sentence: impl Into<String>) -> Self {
        self.notices.insert(0, sentence.into());
        self
    }

    /// Counts as a form of its own from now on.
    #[must_use]
    pub fn anew(self) -> Self {
        Self { report_id: ReportId::new(), ..self }
    }
}

#[derive(Serialize)]
struct DevicePage<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    title: &'a str,
    code: String,
    maker: Option<String>,
    inventory_number: Option<&'a str>,
    site: Option<&'a str>,
    replaced: bool,
    in_work: bool,
    known_since: Option<String>,
    form: &'a Form,
}

/// The page of a device.
///
/// # Errors
/// When a template is broken: our fault.
pub fn device(
    frame: &Frame,
    ours: Option<&Provider>,
    code: LabelCode,
    situation: &Situation,
    form: &Form,
) -> Result<String, Error> {
    let Device { asset, site, replaced, .. } = &situation.device;
    let zone = site.as_ref().map(|site| site.time_zone).or_else(|| ours.map(|ours| ours.time_zone));
    let maker = [asset.manufacturer.as_deref(), asset.model.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    let known_since = situation.known.as_ref().map(|report| {
        let at = dates::minute(frame.language, report.created_at, zone.map_or(chrono_tz::UTC, |zone| zone.0));
        frame.words.known_since.replace("{at}", &at)
    });
    render(
        "device.html",
        &DevicePage {
            frame,
            title: &asset.name,
            code: code.to_string(),
            maker: (!maker.is_empty()).then(|| maker.join(" ")),
            inventory_number: asset.inventory_number.as_deref(),
            site: site.as_ref().map(|site| site.name.as_str()),
            replaced: *replaced,
            in_work: situation.in_work,
            known_since,
            form,
        },
    )
}

#[derive(Serialize)]
struct TrackPage<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    title: String,
    number: String,
    thanks: bool,
    more: Option<&'static str>,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    /// `done`, `now`, `next` or `stopped`.
    state: &'static str,
    title: &'static str,
    at: Option<String>,
}

/// The page of a report.
///
/// # Errors
/// As [`device`].
pub fn track(frame: &Frame, ours: Option<&Provider>, progress: &Progress) -> Result<String, Error> {
    let Progress { report, ticket, zone } = progress;
    let (words, language) = (&frame.words, frame.language);
    let zone = zone.or_else(|| ours.map(|ours| ours.time_zone)).map_or(chrono_tz::UTC, |zone| zone.0);
    let at = |moment: Option<Timestamp>| moment.map(|moment| dates::minute(language, moment, zone));
    let step = |state, title, moment| Step { state, title, at: at(moment) };
    let mut steps = vec![step("done", words.received, Some(report.created_at))];
    match (report.state, ticket) {
        (ReportState::Dismissed, _) => steps.push(step("stopped", words.dismissed, report.decided_at)),
        (ReportState::Accepted, Some(TicketProgress { kind, started_at, done_at, closed_at })) => {
            steps.push(step("done", words.accepted, report.decided_at));
            let (state, moment) = match kind {
                StatusKind::Done | StatusKind::Closed => ("done", done_at.or(*closed_at)),
                StatusKind::Cancelled => ("stopped", *closed_at),
                StatusKind::InProgress | StatusKind::Waiting => ("now", *started_at),
                StatusKind::New | StatusKind::Assigned | StatusKind::EnRoute => ("now", None),
            };
            steps.push(step(state, of_ticket(*kind, language), moment));
        }
        _ => {
            steps.push(step("now", words.considered, None));
            steps.push(step("next", words.repair, None));
        }
    }
    let number = super::number(report.number);
    let title = format!("{} {number}", words.called);
    let thanks = report.state == ReportState::New;
    let more = (report.state == ReportState::Dismissed).then_some(words.dismissed_more);
    render("track.html", &TrackPage { frame, title, number, thanks, more, steps })
}
