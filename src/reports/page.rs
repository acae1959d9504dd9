//! The pages as browsers get them. What strangers may see of a device is decided here and nowhere else: its name, maker,
//! model and inventory number, which stands on the label anyway, and the short name of its place. No person, no serial number,
//! no contract, no address, no history, and not whose it is.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use super::form::Draft;
use super::queries::{self, Device};
use super::track::{Progress, TicketProgress};
use super::words::{Complaint, Words, of_ticket};
use super::{Report, ReportId, ReportState};
use crate::codes::LabelCode;
use crate::db::DbConnection;
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;
use crate::provider::{self, Provider};
use crate::tickets::StatusKind;
use crate::words::{Language, dates};

/// The templates, by the names they call each other.
const TEMPLATES: [(&str, &str); 5] = [
    ("frame.html", include_str!("pages/frame.html.j2")),
    ("device.html", include_str!("pages/device.html.j2")),
    ("track.html", include_str!("pages/track.html.j2")),
    ("message.html", include_str!("pages/message.html.j2")),
    ("style.css", include_str!("pages/style.css")),
];

static PAGES: LazyLock<Result<Environment<'static>, String>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    let lines = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    pages.set_syntax(lines.map_err(|error| error.to_string())?);
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.set_auto_escape_callback(|name| if name.ends_with(".css") { AutoEscape::None } else { AutoEscape::Html });
    for (name, text) in TEMPLATES {
        pages.add_template(name, text).map_err(|error| error.to_string())?;
    }
    Ok(pages)
});

/// What a browser may do with a page of ours: nothing from elsewhere, no script, and no style but our own.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = render("style.css", &()).unwrap_or_default();
    let hash = STANDARD.encode(Sha256::of(style).0);
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

fn render(name: &str, context: &impl Serialize) -> Result<String, Error> {
    let pages = PAGES.as_ref().map_err(Error::internal)?;
    let page = pages.get_template(name).map_err(Error::internal)?;
    page.render(Serde(context)).map_err(Error::internal)
}

/// What all pages have around them.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    language: Language,
    words: Words,
    /// To choose from; empty where the page came of a form, which a link would lose.
    languages: Vec<Tongue>,
    provider: Option<String>,
    phone: Option<String>,
    /// The telephone as `tel:` takes it.
    dial: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Tongue {
    code: &'static str,
    name: &'static str,
    short: &'static str,
}

const TONGUES: [Tongue; 3] = [
    Tongue { code: "ru", name: "Русский", short: "Рус" },
    Tongue { code: "uk", name: "Українська", short: "Укр" },
    Tongue { code: "en", name: "English", short: "Eng" },
];

impl Frame {
    /// The frame of a page in a language. `choice` is whether another may be chosen.
    pub fn new(language: Language, ours: Option<&Provider>, choice: bool) -> Self {
        let phone = ours.and_then(|ours| ours.phone.clone());
        let dial = |phone: &String| {
            let plus = if phone.trim_start().starts_with('+') { "+" } else { "" };
            format!("{plus}{}", phone.chars().filter(char::is_ascii_digit).collect::<String>())
        };
        Self {
            language,
            words: Words::of(language),
            languages: if choice { TONGUES.to_vec() } else { Vec::new() },
            provider: ours.map(|ours| ours.legal_name.clone()),
            dial: phone.as_ref().map(dial),
            phone,
        }
    }

    /// The language of the page.
    pub const fn language(&self) -> Language {
        self.language
    }
}

/// What is known when a device's page is shown.
#[derive(Debug, Clone)]
pub struct Situation {
    /// The device.
    pub device: Device,
    /// Whether somebody works on it already.
    pub in_work: bool,
    /// The report that waits for a dispatcher.
    pub undecided: Option<Report>,
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
    let undecided = queries::undecided(conn, device.asset.id, now)?;
    Ok((ours, Some(Situation { device, in_work, undecided })))
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
            notices: draft.had_photos.then(|| words.photos_again.to_owned()).into_iter().collect(),
            text: draft.text.replace('\0', ""),
            name: draft.name.replace('\0', ""),
            phone: draft.phone.replace('\0', ""),
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
    let known_since = situation.undecided.as_ref().map(|report| {
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
struct MessagePage<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    title: &'a str,
    sentences: Vec<String>,
}

/// A page that says one thing, and whom to call.
///
/// # Errors
/// As [`device`].
pub fn message(frame: &Frame, title: &str, sentences: Vec<String>) -> Result<String, Error> {
    render("message.html", &MessagePage { frame, title, sentences })
}

#[derive(Serialize)]
struct TrackPage<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    title: String,
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
    let title = words.number.replace("{number}", &super::number(report.number));
    let thanks = report.state == ReportState::New;
    let more = (report.state == ReportState::Dismissed).then_some(words.dismissed_more);
    render("track.html", &TrackPage { frame, title, thanks, more, steps })
}

#[cfg(test)]
mod tests {
    use super::{Frame, POLICY, message};
    use crate::words::Language;

    #[test]
    fn a_page_holds_no_style_but_the_one_its_policy_names() {
        let frame = Frame::new(Language::Uk, None, true);
        let page = message(&frame, "<b>", vec!["a & b".to_owned()]).unwrap();
        assert!(page.contains("&lt;b&gt;") && page.contains("a &amp; b"), "{page}");
        let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let hash =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, crate::db::types::Sha256::of(style).0);
        assert!(POLICY.contains(&hash));
        assert!(!page.contains("<script") && !page.contains(" style="));
    }
}
