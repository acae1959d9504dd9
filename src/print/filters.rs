//! What templates can do with values: print them as the document's language does.

use chrono_tz::Tz;
use minijinja::{Environment, Error, ErrorKind};

use crate::db::types::{Day, Timestamp};
use crate::money::vat::{VatMode, VatRate};
use crate::money::{Currency, Money, Price, Quantity};
use crate::words::amount::{customary_english, in_words};
use crate::words::{Language, dates};

/// Adds the filters of a language.
pub fn add(environment: &mut Environment<'_>, language: Language) {
    environment.add_filter("money", move |text: String| Ok::<_, Error>(signed(&text)?.printed(language)));
    environment
        .add_filter("price", move |text: String| Ok::<_, Error>(read::<Price>("price", &text)?.printed(language)));
    environment.add_filter("quantity", move |text: String| {
        Ok::<_, Error>(read::<Quantity>("quantity", &text)?.printed(language))
    });
    environment.add_filter("vat", move |text: String| Ok::<_, Error>(read::<VatRate>("vat", &text)?.printed(language)));
    environment.add_filter("tax_words", move |text: String, mode: String| {
        Ok::<_, Error>(read::<VatRate>("vat", &text)?.below_table(read::<VatMode>("vat mode", &mode)?, language))
    });
    environment.add_filter("words", move |text: String, currency: String| {
        let currency: Currency = read("currency", &currency)?;
        Ok::<_, Error>(in_words(language, customary_english(currency), currency, signed(&text)?))
    });
    environment.add_filter("sign", |currency: String| Ok::<_, Error>(read::<Currency>("currency", &currency)?.sign()));
    environment
        .add_filter("day", move |text: String| Ok::<_, Error>(dates::short(language, read::<Day>("day", &text)?)));
    environment
        .add_filter("long_day", move |text: String| Ok::<_, Error>(dates::long(language, read::<Day>("day", &text)?)));
    environment.add_filter("minute", move |text: String, zone: String| {
        Ok::<_, Error>(dates::minute(language, read::<Timestamp>("moment", &text)?, read::<Tz>("time zone", &zone)?))
    });
    environment.add_filter("second", move |text: String, zone: String| {
        Ok::<_, Error>(dates::second_with_zone(
            language,
            read::<Timestamp>("moment", &text)?,
            read::<Tz>("time zone", &zone)?,
        ))
    });
    environment.add_filter("duration", move |minutes: i64| dates::minutes(language, minutes));
    // English names stand in another order, and are written out.
    environment.add_filter(
        "initials",
        move |name: String| {
            if language == Language::En { name } else { initials(&name) }
        },
    );
    environment.add_filter("decimal", move |number: String| dates::decimal(language, &number));
}

fn read<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, format!("\"{text}\" is no {what}")))
}

fn signed(text: &str) -> Result<Money, Error> {
    match text.strip_prefix('-') {
        Some(text) => read::<Money>("amount", text).map(|amount| Money(-amount.0)),
        None => read("amount", text),
    }
}

/// "Петров Иван Сергеевич" as "Петров И.С."; a name that is no such triple stays.
fn initials(name: &str) -> String {
    let parts: Vec<&str> = name.split_whitespace().collect();
    let full = |part: &&str| {
        part.chars().count() > 1
            && part.chars().all(|letter| letter.is_alphabetic() || letter == '-' || letter == '\'' || letter == '’')
    };
    match parts.as_slice() {
        [surname, given @ ..] if (1..=2).contains(&given.len()) && parts.iter().all(full) => {
            let letters: String =
                given.iter().filter_map(|part| part.chars().next()).map(|letter| format!("{letter}.")).collect();
            format!("{surname}\u{a0}{letters}")
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn a_name_becomes_initials_only_when_it_is_whole() {
        for (name, short) in [
            ("Петров Иван Сергеевич", "Петров\u{a0}И.С."),
            ("Їжак Ґалаґан", "Їжак\u{a0}Ґ."),
            ("Петров И.С.", "Петров И.С."),
            ("Мадонна", "Мадонна"),
            ("отдел снабжения № 5", "отдел снабжения № 5"),
        ] {
            assert_eq!(initials(name), short, "{name}");
        }
    }
}
