//! An act as plain text: what people read on a phone that has no document to show.
//!
//! The same content gives the same text, to the letter, here and on any phone that follows the rules in `offline.md`. What
//! only the server gives (numbers, moments of issue) is not in it. The words are those of [`super::phrases`].

use serde_json::Value;

use super::phrases::Words;
use super::snapshot::{AssetLine, CheckLine, Line, Snapshot, TimeLine};
use crate::agreements::coverage::Coverage;
use crate::checklists::AnswerKind;
use crate::time_entries::TimeKind;

/// The text.
pub fn of(act: &Snapshot) -> String {
    let words = Words::of(act.language);
    let mut text = vec![words.title.to_owned()];
    let mut say = |head: &str, value: &str| text.push(format!("{head}: {value}"));
    say(words.provider, &tidy(&act.provider.legal_name));
    say(words.customer, &tidy(&act.customer.legal_name));
    if let Some(site) = &act.site {
        say(words.site, &joined([Some(site.name.as_str()), site.address.as_deref()]));
    }
    say(words.job, &joined([Some(act.ticket.r#type.as_str()), Some(act.ticket.subject.as_str())]));
    say(words.engineer, &tidy(&act.engineer.name));
    let mut list = |head: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push(format!("{head}:"));
            text.extend(lines.into_iter().map(|line| format!("- {line}")));
        }
    };
    list(words.devices, act.assets.iter().map(device).collect());
    list(words.works, act.lines.iter().map(|line| work(act, line)).collect());
    list(words.checked, act.checklist.iter().map(|item| check(&words, item)).collect());
    list(words.time, act.time_entries.iter().map(|entry| time(&words, entry)).collect());
    text.push(format!("{}: {}", words.all, minutes(&words, act.total_minutes)));
    if act.show_prices {
        text.push(format!("{}: {} {}", words.pay, act.totals.gross, act.currency));
    }
    text.join("\n")
}

fn device(asset: &AssetLine) -> String {
    let AssetLine { name, model, serial_number, inventory_number, .. } = asset;
    joined([Some(name.as_str()), model.as_deref(), serial_number.as_deref(), inventory_number.as_deref()])
}

fn work(act: &Snapshot, line: &Line) -> String {
    let told = format!("{}: {} {}", tidy(&line.name), line.quantity, tidy(&line.unit));
    if act.show_prices && line.coverage == Coverage::Extra {
        format!("{told}: {} {}", line.gross, act.currency)
    } else {
        told
    }
}

fn check(words: &Words, item: &CheckLine) -> String {
    let answer = match (&item.answer, item.kind) {
        (None, _) => "—".to_owned(),
        (Some(_), AnswerKind::Check) => words.yes.to_owned(),
        (Some(_), AnswerKind::Photo) => words.photo.to_owned(),
        (Some(Value::String(words)), _) => tidy(words),
        (Some(other), _) => other.to_string(),
    };
    match &item.asset {
        Some(asset) => format!("{}: {}: {answer}", tidy(asset), tidy(&item.text)),
        None => format!("{}: {answer}", tidy(&item.text)),
    }
}

fn time(words: &Words, entry: &TimeLine) -> String {
    let kind = match entry.kind {
        TimeKind::OnSite => words.on_site,
        TimeKind::Travel => words.travel,
        TimeKind::Remote => words.remote,
    };
    let told = format!("{kind}: {}", minutes(words, entry.minutes));
    joined([Some(told.as_str()), entry.note.as_deref()])
}

fn minutes(words: &Words, minutes: i64) -> String {
    format!("{minutes} {}", words.minutes)
}

/// What there is, with commas between.
fn joined<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let told: Vec<String> = parts.into_iter().flatten().map(tidy).filter(|part| !part.is_empty()).collect();
    told.join(", ")
}

/// In one line: a space wherever there is white space.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
