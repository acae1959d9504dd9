//! An act as plain text: what people read on a phone that has no document to show.
//!
//! The same content gives the same text, to the letter, here and on any phone that follows the rules in `offline.md`. What
//! only the server gives (numbers, moments of issue) is not in it.

use serde_json::Value;

use super::snapshot::{AssetLine, CheckLine, Line, Snapshot, TimeLine};
use crate::agreements::coverage::Coverage;
use crate::checklists::AnswerKind;
use crate::time_entries::TimeKind;
use crate::words::Language;

/// The text.
pub fn of(act: &Snapshot) -> String {
    let word = |ru: &'static str, uk: &'static str, en: &'static str| act.language.choose(ru, uk, en);
    let mut text = vec![word("Акт выполненных работ", "Акт виконаних робіт", "Certificate of completion").to_owned()];
    let mut say = |head: &str, value: &str| text.push(format!("{head}: {value}"));
    say(word("Исполнитель", "Виконавець", "Contractor"), &tidy(&act.provider.legal_name));
    say(word("Заказчик", "Замовник", "Customer"), &tidy(&act.customer.legal_name));
    if let Some(site) = &act.site {
        say(word("Объект", "Об’єкт", "Site"), &joined([Some(site.name.as_str()), site.address.as_deref()]));
    }
    say(
        word("Заявка", "Заявка", "Job"),
        &joined([Some(act.ticket.r#type.as_str()), Some(act.ticket.subject.as_str())]),
    );
    say(word("Работы выполнил", "Роботи виконав", "Done by"), &tidy(&act.engineer.name));
    let mut list = |head: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push(format!("{head}:"));
            text.extend(lines.into_iter().map(|line| format!("- {line}")));
        }
    };
    list(word("Оборудование", "Обладнання", "Devices"), act.assets.iter().map(device).collect());
    list(
        word("Работы и материалы", "Роботи та матеріали", "Works and materials"),
        act.lines.iter().map(|line| work(act, line)).collect(),
    );
    list(word("Проверено", "Перевірено", "Checked"), act.checklist.iter().map(|item| check(act, item)).collect());
    list(word("Время", "Час", "Time"), act.time_entries.iter().map(|entry| time(act, entry)).collect());
    text.push(format!("{}: {}", word("Всего времени", "Усього часу", "Time in all"), minutes(act, act.total_minutes)));
    if act.show_prices {
        text.push(format!("{}: {} {}", word("К оплате", "До сплати", "To pay"), act.totals.gross, act.currency));
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

fn check(act: &Snapshot, item: &CheckLine) -> String {
    let answer = match (&item.answer, item.kind) {
        (None, _) => "—".to_owned(),
        (Some(_), AnswerKind::Check) => act.language.choose("да", "так", "yes").to_owned(),
        (Some(_), AnswerKind::Photo) => act.language.choose("фото", "фото", "photo").to_owned(),
        (Some(Value::String(words)), _) => tidy(words),
        (Some(other), _) => other.to_string(),
    };
    match &item.asset {
        Some(asset) => format!("{}: {}: {answer}", tidy(asset), tidy(&item.text)),
        None => format!("{}: {answer}", tidy(&item.text)),
    }
}

fn time(act: &Snapshot, entry: &TimeLine) -> String {
    let kind = match (entry.kind, act.language) {
        (TimeKind::OnSite, Language::Ru) => "на объекте",
        (TimeKind::OnSite, Language::Uk) => "на об’єкті",
        (TimeKind::OnSite, Language::En) => "on site",
        (TimeKind::Travel, Language::Ru) => "в пути",
        (TimeKind::Travel, Language::Uk) => "у дорозі",
        (TimeKind::Travel, Language::En) => "travel",
        (TimeKind::Remote, Language::Ru) => "удалённо",
        (TimeKind::Remote, Language::Uk) => "віддалено",
        (TimeKind::Remote, Language::En) => "remote",
    };
    let told = format!("{kind}: {}", minutes(act, entry.minutes));
    joined([Some(told.as_str()), entry.note.as_deref()])
}

fn minutes(act: &Snapshot, minutes: i64) -> String {
    format!("{minutes} {}", act.language.choose("мин", "хв", "min"))
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
