//! Identifiers of banks and accounts the world over: IBAN (ISO 13616) and BIC (ISO 9362).

use super::fault::{Fault, strange};

/// How accounts of a country look within their IBAN, by the registry of ISO 13616: `18n` are eighteen digits, `4a` four
/// letters, `13c` thirteen of either.
#[rustfmt::skip]
const COUNTRIES: &[(&str, &str)] = &[
    ("AD", "8n12c"), ("AE", "19n"), ("AL", "8n16c"), ("AT", "16n"), ("AZ", "4a20c"), ("BA", "16n"),
    ("BE", "12n"), ("BG", "4a6n8c"), ("BH", "4a14c"), ("BI", "23n"), ("BR", "23n1a1c"), ("BY", "4c4n16c"),
    ("CH", "5n12c"), ("CR", "18n"), ("CY", "8n16c"), ("CZ", "20n"), ("DE", "18n"), ("DJ", "23n"),
    ("DK", "14n"), ("DO", "4c20n"), ("EE", "16n"), ("EG", "25n"), ("ES", "20n"), ("FI", "14n"),
    ("FK", "2a12n"), ("FO", "14n"), ("FR", "10n11c2n"), ("GB", "4a14n"), ("GE", "2a16n"), ("GI", "4a15c"),
    ("GL", "14n"), ("GR", "7n16c"), ("GT", "24c"), ("HN", "4a20n"), ("HR", "17n"), ("HU", "24n"),
    ("IE", "4a14n"), ("IL", "19n"), ("IQ", "4a15n"), ("IS", "22n"), ("IT", "1a10n12c"), ("JO", "4a4n18c"),
    ("KW", "4a22c"), ("KZ", "3n13c"), ("LB", "4n20c"), ("LC", "4a24c"), ("LI", "5n12c"), ("LT", "16n"),
    ("LU", "3n13c"), ("LV", "4a13c"), ("LY", "21n"), ("MC", "10n11c2n"), ("MD", "20c"), ("ME", "18n"),
    ("MK", "3n10c2n"), ("MN", "16n"), ("MR", "23n"), ("MT", "4a5n18c"), ("MU", "4a19n3a"), ("NI", "4a20n"),
    ("NL", "4a10n"), ("NO", "11n"), ("OM", "3n16c"), ("PK", "4a16c"), ("PL", "24n"), ("PS", "4a21c"),
    ("PT", "21n"), ("QA", "4a21c"), ("RO", "4a16c"), ("RS", "18n"), ("RU", "14n15c"), ("SA", "2n18c"),
    ("SC", "4a20n3a"), ("SD", "14n"), ("SE", "20n"), ("SI", "15n"), ("SK", "20n"), ("SM", "1a10n12c"),
    ("SO", "19n"), ("ST", "21n"), ("SV", "4a20n"), ("TL", "19n"), ("TN", "20n"), ("TR", "6n16c"),
    ("UA", "6n19c"), ("VA", "18n"), ("VG", "4a16n"), ("XK", "16n"), ("YE", "4a4n18c"),
];

const ANY: &str = "A–Z, 0–9";

/// An international account number, without spaces and in capitals: as [`tidy_iban`] leaves it.
///
/// # Errors
/// The rule that is broken.
pub fn iban(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    let fits = |index: usize, letter: char| match index {
        0 | 1 => (letter.is_ascii_uppercase(), "A–Z"),
        2 | 3 => (letter.is_ascii_digit(), "0–9"),
        _ => (letter.is_ascii_uppercase() || letter.is_ascii_digit(), ANY),
    };
    must_fit(text, fits)?;
    let country: String = text.chars().take(2).collect();
    let Some((_, shape)) = COUNTRIES.iter().find(|(known, _)| *known == country) else {
        return Err(Fault::Country { found: country });
    };
    let kinds = kinds(shape);
    if text.len() != kinds.len() + 4 {
        return Err(Fault::Length { expected: (kinds.len() + 4).to_string(), found: text.len() });
    }
    must_fit(text, |index, letter| match index.checked_sub(4).and_then(|index| kinds.get(index)) {
        Some('n') => (letter.is_ascii_digit(), "0–9"),
        Some('a') => (letter.is_ascii_uppercase(), "A–Z"),
        _ => (true, ANY),
    })?;
    let check: String = text.chars().skip(2).take(2).collect();
    let expected =
        format!("{:02}", 98 - remainder(&format!("{}{country}00", text.chars().skip(4).collect::<String>())));
    if check == expected {
        return Ok(());
    }
    Err(Fault::CheckDigit { position: 3, expected: Some(expected), found: check, rule: "ISO 7064 mod 97,10" })
}

/// An IBAN as people write it, in groups and in small letters, as it is meant.
pub fn tidy_iban(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// A bank's code in SWIFT: eight characters, or eleven.
///
/// # Errors
/// The rule that is broken.
pub fn swift(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    must_fit(text, |index, letter| match index {
        4 | 5 => (letter.is_ascii_uppercase(), "A–Z"),
        _ => (letter.is_ascii_uppercase() || letter.is_ascii_digit(), ANY),
    })?;
    match text.len() {
        8 | 11 => Ok(()),
        found => Err(Fault::Length { expected: "8 / 11".to_owned(), found }),
    }
}

/// Refuses the first character that does not belong where it stands.
fn must_fit(text: &str, fits: impl Fn(usize, char) -> (bool, &'static str)) -> Result<(), Fault> {
    for (index, letter) in text.chars().enumerate() {
        let (fits, allowed) = fits(index, letter);
        if !fits {
            return Err(strange(index + 1, letter, allowed));
        }
    }
    Ok(())
}

/// "4a14n" as what may stand at each place.
fn kinds(shape: &str) -> Vec<char> {
    let (mut kinds, mut count) = (Vec::new(), 0);
    for letter in shape.chars() {
        match letter.to_digit(10) {
            Some(digit) => count = count * 10 + digit,
            None => {
                kinds.extend((0..count).map(|_| letter));
                count = 0;
            }
        }
    }
    kinds
}

/// The remainder by 97 of the number that letters and digits make, A being 10 and Z 35.
pub fn remainder(text: &str) -> u32 {
    text.chars()
        .filter_map(|letter| letter.to_digit(36))
        .fold(0, |rest, value| if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 })
}
