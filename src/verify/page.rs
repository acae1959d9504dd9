//! The page of verification as browsers get it.

use serde::Serialize;

use super::words::{Words, deemed, outcome, paper, verdict};
use super::{Finding, Verdict};
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;
use crate::reports::frame::{Frame, render};
use crate::words::dates;

/// Characters of a hash that are shown together.
const GROUP: usize = 8;

#[derive(Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    title: &'a str,
    say: Words,
    finding: Option<Shown>,
    wrong_code: Option<&'a str>,
    wrong_file: Option<&'a str>,
    typed: &'a str,
}

/// A finding in words.
#[derive(Serialize)]
struct Shown {
    verdict: Verdict,
    heading: &'static str,
    meaning: String,
    /// What to do with it, when only a code was given.
    compare: bool,
    paper: Option<&'static str>,
    act: Option<Act>,
    seal: Option<Seal>,
    file_sha256: Option<String>,
}

#[derive(Serialize)]
struct Act {
    number: String,
    version: i64,
    issued: String,
    decided: Option<String>,
    provider: String,
    customer: String,
    document_sha256: String,
    signed_sha256: Option<String>,
}

#[derive(Serialize)]
struct Seal {
    holder: String,
    at: Option<String>,
    certificate_sha256: String,
}

/// What is wrong with what somebody sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    /// The code is none.
    Code,
    /// There is no file.
    File,
}

/// The page on which something can be checked, and nothing was yet.
///
/// # Errors
/// When the template is broken: our fault.
pub fn empty(frame: &Frame, complaint: Option<Complaint>, typed: &str) -> Result<String, Error> {
    let say = Words::of(frame.language());
    let wrong_code = (complaint == Some(Complaint::Code)).then_some(say.not_a_code);
    let wrong_file = (complaint == Some(Complaint::File)).then_some(say.no_file);
    render("verify.html", &Page { frame, title: say.title, say, finding: None, wrong_code, wrong_file, typed })
}

/// The page about a document.
///
/// # Errors
/// As [`empty`].
pub fn found(frame: &Frame, finding: &Finding) -> Result<String, Error> {
    let language = frame.language();
    let say = Words::of(language);
    let of_a_file = finding.file_sha256.is_some();
    let (heading, meaning) = verdict(finding.verdict, of_a_file, language);
    let newest = finding.act.as_ref().map(|act| act.newest_version.to_string()).unwrap_or_default();
    let zone = finding.act.as_ref().map_or(chrono_tz::UTC, |act| act.time_zone.0);
    let at = |moment: Timestamp| dates::second_with_zone(language, moment, zone);
    let act = finding.act.as_ref().map(|act| Act {
        number: act.number.clone(),
        version: act.version,
        issued: at(act.issued_at),
        decided: act
            .outcome
            .zip(act.decided_at)
            .map(|(what, when)| format!("{}, {}", outcome(what, language), at(when)))
            .or_else(|| act.deemed_accepted_at.map(|since| format!("{}, {}", deemed(language), at(since)))),
        provider: act.provider.clone(),
        customer: act.customer.clone(),
        document_sha256: grouped(act.document_sha256),
        signed_sha256: act.signed_document_sha256.map(grouped),
    });
    let seal = finding.seal.as_ref().map(|seal| Seal {
        holder: seal.holder.clone(),
        at: seal.sealed_at.map(at),
        certificate_sha256: grouped(seal.certificate_sha256),
    });
    let shown = Shown {
        verdict: finding.verdict,
        heading,
        meaning: meaning.replace("{version}", &newest),
        compare: !of_a_file && finding.act.is_some(),
        paper: finding.paper.map(|which| paper(which, language)),
        act,
        seal,
        file_sha256: finding.file_sha256.map(grouped),
    };
    let page = Page { frame, title: heading, say, finding: Some(shown), wrong_code: None, wrong_file: None, typed: "" };
    render("verify.html", &page)
}

/// A hash that people can compare.
fn grouped(hash: Sha256) -> String {
    let letters: Vec<char> = hash.to_string().chars().collect();
    letters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join(" ")
}
