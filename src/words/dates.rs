//! Days and moments as documents print them.

use chrono::{Datelike, Offset, Timelike};
use chrono_tz::Tz;

use super::Language;
use crate::db::types::{Day, Timestamp};

const RU: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];
const UK: [&str; 12] = [
    "січня",
    "лютого",
    "березня",
    "квітня",
    "травня",
    "червня",
    "липня",
    "серпня",
    "вересня",
    "жовтня",
    "листопада",
    "грудня",
];
const EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "21 ноября 2026 г.", "21 листопада 2026 р.", "21 November 2026"
pub fn long(language: Language, Day(day): Day) -> String {
    let months = language.choose(&RU, &UK, &EN);
    let month = months.get(usize::try_from(day.month0()).unwrap_or_default()).copied().unwrap_or_default();
    let (number, year) = (day.day(), day.year());
    let tail = language.choose("\u{a0}г.", "\u{a0}р.", "");
    format!("{number}\u{a0}{month} {year}{tail}")
}

/// "21.11.2026", "21 Nov 2026"
pub fn short(language: Language, Day(day): Day) -> String {
    match language {
        Language::Ru | Language::Uk => day.format("%d.%m.%Y").to_string(),
        Language::En => day.format("%-d %b %Y").to_string(),
    }
}

/// "21.11.2026 14:05", in the time zone of the place where it happened.
pub fn minute(language: Language, moment: Timestamp, zone: Tz) -> String {
    let local = moment.utc().with_timezone(&zone);
    format!("{} {:02}:{:02}", short(language, Day(local.date_naive())), local.hour(), local.minute())
}

/// "21.11.2026 14:05:12 (UTC+3)": for signatures, where the zone is part of the evidence.
pub fn second_with_zone(language: Language, moment: Timestamp, zone: Tz) -> String {
    let local = moment.utc().with_timezone(&zone);
    let offset = local.offset().fix().local_minus_utc();
    let sign = if offset < 0 { '\u{2212}' } else { '+' };
    let (hours, minutes) = (offset.abs() / 3600, offset.abs() % 3600 / 60);
    let offset = if minutes == 0 { format!("{hours}") } else { format!("{hours}:{minutes:02}") };
    format!(
        "{} {:02}:{:02}:{:02} (UTC{sign}{offset})",
        short(language, Day(local.date_naive())),
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// A decimal written with a point, as people of the language write it: "1234567.5" becomes "1 234 567,5".
pub fn decimal(language: Language, number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("\u{2212}", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let (group, point) = language.choose(("\u{a0}", ","), ("\u{a0}", ","), (",", "."));
    let mut shown = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        // Numbers of four digits and fewer are read without help.
        if index > 0 && whole.len() > 4 && (whole.len() - index) % 3 == 0 {
            shown.push_str(group);
        }
        shown.push(digit);
    }
    if !part.is_empty() {
        shown.push_str(point);
        shown.push_str(part);
    }
    shown
}

/// "1 ч 20 мин"
pub fn minutes(language: Language, minutes: i64) -> String {
    let (hour, minute) = language.choose(("ч", "мин"), ("год", "хв"), ("h", "min"));
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest}\u{a0}{minute}"),
        (hours, 0) => format!("{hours}\u{a0}{hour}"),
        (hours, rest) => format!("{hours}\u{a0}{hour} {rest}\u{a0}{minute}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_as_people_write_them() {
        let day: Day = "2026-11-21".parse().unwrap();
        assert_eq!(long(Language::Ru, day), "21\u{a0}ноября 2026\u{a0}г.");
        assert_eq!(long(Language::Uk, day), "21\u{a0}листопада 2026\u{a0}р.");
        assert_eq!(long(Language::En, day), "21\u{a0}November 2026");
        assert_eq!(short(Language::Uk, day), "21.11.2026");
        assert_eq!(short(Language::En, day), "21 Nov 2026");
    }

    #[test]
    fn a_moment_is_told_where_it_happened() {
        let moment = Timestamp::parse("2026-11-21T21:05:12Z").unwrap();
        assert_eq!(second_with_zone(Language::Ru, moment, Tz::Europe__Moscow), "22.11.2026 00:05:12 (UTC+3)");
        assert_eq!(second_with_zone(Language::En, moment, Tz::Asia__Kolkata), "22 Nov 2026 02:35:12 (UTC+5:30)");
        assert_eq!(minute(Language::Ru, moment, Tz::America__New_York), "21.11.2026 16:05");
    }

    #[test]
    fn working_time_is_short() {
        assert_eq!(minutes(Language::Ru, 80), "1\u{a0}ч 20\u{a0}мин");
        assert_eq!(minutes(Language::Uk, 60), "1\u{a0}год");
        assert_eq!(minutes(Language::En, 5), "5\u{a0}min");
    }
}
