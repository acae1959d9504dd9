//! The page of a link as browsers get it.

use serde::Serialize;

use super::form::Draft;
use super::open::Opened;
use super::photos::Photos;
use super::words::{Complaint, Words, decided};
use crate::acts::signature::{Outcome, Signature};
use crate::acts::snapshot::{Line, Snapshot};
use crate::agreements::coverage::Coverage;
use crate::db::types::Sha256;
use crate::error::Error;
use crate::messages::mask::masked;
use crate::reports::frame::{Frame, render};
use crate::tickets::attachments::{AttachmentId, AttachmentRow};
use crate::words::{Language, dates};

/// Characters of a hash that are shown together.
const GROUP: usize = 8;

#[derive(Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    title: String,
    say: Words,
    /// Where the page is, without its language.
    path: &'a str,
    act: Act,
    /// Who is to sign, when the link says so.
    signer: Option<String>,
    signed: Option<Signed>,
    pages: Vec<Sheet>,
    photos: Vec<Photo>,
    /// How many photos there are that the page does not show.
    more_photos: Option<String>,
    draft: Filled<'a>,
    /// Where a code goes, where one is asked for, and whether one is under way.
    code: Option<Coded>,
    /// Where the signed act goes by mail; nothing when there is no mail.
    copy: Option<Copy>,
    wrong: Wrong,
    no_signature: &'static str,
}

#[derive(Serialize)]
struct Act {
    provider: String,
    customer: String,
    place: Option<String>,
    agreement: Option<String>,
    job: String,
    engineer: String,
    works: Vec<Work>,
    total: Option<String>,
    document_sha256: Sha256,
    fingerprint: String,
}

#[derive(Serialize)]
struct Work {
    name: String,
    quantity: String,
    cost: String,
}

#[derive(Serialize)]
struct Signed {
    heading: &'static str,
    refused: bool,
    by: String,
    at: String,
    remarks: Option<String>,
    verify: Option<String>,
    until: String,
}

/// How large a page is drawn, in points: the browser keeps room of its shape.
#[derive(Serialize)]
struct Sheet {
    width: u32,
    height: u32,
}

/// A photo of the job: where it is, below the page, and when it was made.
#[derive(Serialize)]
struct Photo {
    id: AttachmentId,
    at: String,
}

/// What the page shows besides words.
pub struct Looks<'a> {
    /// How large the document's pages are, in points.
    pub sizes: &'a [(f32, f32)],
    /// The photos of the job.
    pub photos: &'a Photos,
    /// What is to be known of mail.
    pub post: Post,
}

#[derive(Serialize)]
struct Filled<'a> {
    outcome: &'a str,
    remarks: &'a str,
    name: &'a str,
    position: &'a str,
    way: &'a str,
    ink: &'a str,
    consent: bool,
    code: &'a str,
    copy_to: &'a str,
}

#[derive(Serialize)]
struct Coded {
    /// What is said before one was sent, or that it was.
    told: String,
    sent: bool,
    button: &'static str,
}

#[derive(Serialize)]
struct Copy {
    /// That it goes to an address that is known; else people may type one.
    told: Option<String>,
}

#[derive(Default, Serialize)]
struct Wrong {
    any: bool,
    outcome: Option<&'static str>,
    remarks: Option<&'static str>,
    name: Option<&'static str>,
    position: Option<&'static str>,
    signature: Option<&'static str>,
    consent: Option<&'static str>,
    code: Option<&'static str>,
    copy_to: Option<&'static str>,
}

impl Wrong {
    fn of(complaints: &[Complaint], language: Language) -> Self {
        let find = |field: &str| {
            let about = complaints.iter().find(|complaint| complaint.field() == field);
            about.map(|complaint| complaint.sentence(language))
        };
        Self {
            any: !complaints.is_empty(),
            outcome: find("outcome"),
            remarks: find("remarks"),
            name: find("name"),
            position: find("position"),
            signature: find("signature"),
            consent: find("consent"),
            code: find("code"),
            copy_to: find("copy_to"),
        }
    }
}

/// What is to be known of mail on the page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Post {
    /// Whether a code that is good was sent.
    pub code_sent: bool,
    /// Whether whoever signs gets the signed act by mail.
    pub copies: bool,
}

/// The page on which an act is read and signed, or that tells that it was. `path` is where it is.
///
/// # Errors
/// When the template is broken: our fault.
pub fn write(
    frame: &Frame,
    path: &str,
    opened: &Opened,
    looks: &Looks<'_>,
    draft: &Draft,
    complaints: &[Complaint],
) -> Result<String, Error> {
    let language = frame.language();
    let say = Words::of(language);
    let contact = opened.contact.as_ref();
    let signer = contact.map(|contact| with_position(&contact.name, contact.position.as_deref()));
    let page = Page {
        frame,
        title: title(opened, say, language),
        say,
        path,
        act: act(opened, say, language),
        signer,
        signed: opened.signature.as_ref().map(|signature| signed(opened, signature, say, language)),
        pages: looks
            .sizes
            .iter()
            .map(|(width, height)| Sheet { width: whole(*width), height: whole(*height) })
            .collect(),
        photos: photos(opened, looks.photos, language),
        more_photos: more_photos(looks.photos, say),
        draft: Filled {
            outcome: &draft.outcome,
            remarks: &draft.remarks,
            name: &draft.name,
            position: &draft.position,
            way: &draft.way,
            ink: &draft.ink,
            consent: draft.consent,
            code: &draft.code,
            copy_to: &draft.copy_to,
        },
        code: opened.asks_for_code.then(|| coded(opened, say, looks.post)),
        copy: looks.post.copies.then(|| Copy {
            told: known_address(opened).map(|address| say.copy_known.replace("{address}", &masked(address))),
        }),
        wrong: Wrong::of(complaints, language),
        no_signature: Complaint::NoSignature.sentence(language),
    };
    render("sign.html", &page)
}

fn coded(opened: &Opened, say: Words, post: Post) -> Coded {
    let address = opened.link.email.as_deref().map(masked).unwrap_or_else(|| "—".to_owned());
    let told = if post.code_sent { say.code_sent } else { say.code_more };
    let button = if post.code_sent { say.code_again } else { say.code_send };
    Coded { told: told.replace("{address}", &address), sent: post.code_sent, button }
}

/// Where whoever signs has their mail, as far as we know.
fn known_address(opened: &Opened) -> Option<&str> {
    let own = opened.contact.as_ref().and_then(|contact| contact.email.as_deref());
    opened.link.email.as_deref().or(own)
}

fn title(opened: &Opened, say: Words, language: Language) -> String {
    let Snapshot { number, version, issued_on, .. } = &opened.content;
    let version = if *version > 1 { format!(", {} {version}", say.version) } else { String::new() };
    format!("{}\u{a0}{number}{version} {} {}", say.act, say.dated, dates::long(language, *issued_on))
}

fn act(opened: &Opened, say: Words, language: Language) -> Act {
    let content = &opened.content;
    let place = content.site.as_ref().map(|site| match &site.address {
        Some(address) => format!("{}, {address}", site.name),
        None => site.name.clone(),
    });
    let agreement = content.agreement.as_ref().map(|agreement| {
        format!("№\u{a0}{} {} {}", agreement.number, say.dated, dates::short(language, agreement.starts_on))
    });
    let paid = content.show_prices && content.extra_lines().next().is_some();
    Act {
        provider: content.provider.legal_name.clone(),
        customer: content.customer.legal_name.clone(),
        place,
        agreement,
        job: format!("№\u{a0}{} · {}", content.ticket.number, content.ticket.subject),
        engineer: content.engineer.name.clone(),
        works: content.lines.iter().map(|line| work(content, line, say, language)).collect(),
        total: paid.then(|| format!("{}\u{a0}{}", content.totals.gross.printed(language), content.currency)),
        document_sha256: opened.act.document_sha256,
        fingerprint: grouped(opened.act.document_sha256),
    }
}

fn work(content: &Snapshot, line: &Line, say: Words, language: Language) -> Work {
    let cost = match line.coverage {
        Coverage::Covered => say.covered.to_owned(),
        _ if content.show_prices => format!("{}\u{a0}{}", line.gross.printed(language), content.currency),
        _ => say.extra.to_owned(),
    };
    Work { name: line.name.clone(), quantity: format!("{}\u{a0}{}", line.quantity.printed(language), line.unit), cost }
}

fn signed(opened: &Opened, signature: &Signature, say: Words, language: Language) -> Signed {
    let zone = opened.content.zone.0;
    Signed {
        heading: decided(signature.outcome, language),
        refused: signature.outcome == Outcome::Refused,
        by: with_position(&signature.signer_name, signature.signer_position.as_deref()),
        at: dates::second_with_zone(language, signature.recorded_at, zone),
        remarks: signature.remarks.clone(),
        verify: opened.act.verification_code.map(|code| format!("/verify/{code}?lang={language}")),
        until: say.until.replace("{day}", &dates::minute(language, opened.link.expires_at, zone)),
    }
}

fn photos(opened: &Opened, photos: &Photos, language: Language) -> Vec<Photo> {
    let zone = opened.content.zone.0;
    let photo = |photo: &AttachmentRow| Photo {
        id: photo.id,
        at: dates::minute(language, photo.occurred_at.unwrap_or(photo.recorded_at), zone),
    };
    photos.shown.iter().map(photo).collect()
}

fn more_photos(photos: &Photos, say: Words) -> Option<String> {
    let shown = photos.shown.len();
    (photos.all > shown)
        .then(|| say.more_photos.replace("{shown}", &shown.to_string()).replace("{all}", &photos.all.to_string()))
}

fn with_position(name: &str, position: Option<&str>) -> String {
    match position {
        Some(position) => format!("{name}, {position}"),
        None => name.to_owned(),
    }
}

/// A hash that people can compare.
fn grouped(hash: Sha256) -> String {
    let letters: Vec<char> = hash.to_string().chars().collect();
    letters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// Whole points of a length.
fn whole(length: f32) -> u32 {
    crate::print::raster::pixels(length)
}
