//! VAT numbers of the European Union, of Northern Ireland (XI) and of Great Britain. Whether a number is given to anybody only
//! VIES knows; what its digits must be, each country has laid down.

use super::bank::remainder;
use super::eu_arithmetic::{
    birth, body, descending, first, hold, hybrid, is_birth_number, is_day, last, letter, luhn, one_of, place, some,
};
use super::fault::{Fault, digit, digits, number, weigh};

/// What checks the numbers of a country.
type Check = fn(&str) -> Result<(), Fault>;

/// The countries and what is asked of the part behind their letters.
#[rustfmt::skip]
const COUNTRIES: &[(&str, Check)] = &[
    ("AT", austria), ("BE", belgium), ("BG", bulgaria), ("CY", cyprus), ("CZ", czechia), ("DE", germany), ("DK", denmark),
    ("EE", estonia), ("EL", greece), ("ES", spain), ("FI", finland), ("FR", france), ("HR", croatia), ("HU", hungary),
    ("IE", ireland), ("IT", italy), ("LT", lithuania), ("LU", luxembourg), ("LV", latvia), ("MT", malta), ("NL", netherlands),
    ("PL", poland), ("PT", portugal), ("RO", romania), ("SE", sweden), ("SI", slovenia), ("SK", slovakia), ("XI", britain),
];

/// A number with the two letters of its country in front.
///
/// # Errors
/// The rule that is broken.
pub fn eu_vat(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    let country: String = text.chars().take(2).collect();
    match COUNTRIES.iter().find(|(known, _)| *known == country) {
        Some((_, check)) => behind(text, *check),
        None => Err(Fault::Country { found: country }),
    }
}

/// A number of Great Britain, with or without GB in front.
///
/// # Errors
/// The rule that is broken.
pub fn gb_vat(text: &str) -> Result<(), Fault> {
    if text.starts_with("GB") { behind(text, britain) } else { britain(text) }
}

/// Whether a text begins as a VAT number of the Union does.
pub fn is_of_union(text: &str) -> bool {
    let country: String = text.chars().take(2).collect();
    COUNTRIES.iter().any(|(known, _)| *known == country)
}

/// Checks what stands behind the two letters; places are told as they are in the whole.
fn behind(text: &str, check: Check) -> Result<(), Fault> {
    let rest: String = text.chars().skip(2).collect();
    check(&rest).map_err(|fault| match fault {
        Fault::Character { position, found, allowed } => Fault::Character { position: position + 2, found, allowed },
        Fault::Space { position } => Fault::Space { position: position + 2 },
        Fault::CheckDigit { position, expected, found, rule } => {
            Fault::CheckDigit { position: position + 2, expected, found, rule }
        }
        other => other,
    })
}

fn austria(text: &str) -> Result<(), Fault> {
    let rest = text.strip_prefix('U').ok_or(Fault::Start { expected: "ATU" })?;
    let digits = some(rest, &[8])?;
    hold((6 - luhn(body(&digits))).rem_euclid(10) == last(&digits), "AT: Luhn + 4")
}

fn belgium(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[9, 10])?;
    super::fault::not_zero(&digits)?;
    if digits.len() == 10 && !matches!(first(&digits), 0 | 1) {
        return Err(Fault::Start { expected: "BE0, BE1" });
    }
    let whole = number(&digits);
    hold((whole / 100 + whole % 100) % 97 == 0, "BE: mod 97")
}

fn bulgaria(text: &str) -> Result<(), Fault> {
    const RULE: &str = "BG: mod 11";
    let digits = some(text, &[9, 10])?;
    let front = body(&digits);
    if digits.len() == 9 {
        let check = match weigh(front, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
            10 => weigh(front, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
            check => check,
        };
        return hold(check == last(&digits), RULE);
    }
    let (year, month, day) = birth(&digits);
    let person = is_day(year, month % 20, day) && month <= 52;
    // Of persons, of foreigners, of others.
    let checks = [
        if person { weigh(front, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 } else { -1 },
        weigh(front, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10,
        (11 - weigh(front, &[4, 3, 2, 7, 6, 5, 4, 3, 2])).rem_euclid(11),
    ];
    hold(checks.contains(&last(&digits)), RULE)
}

fn cyprus(text: &str) -> Result<(), Fault> {
    const ODD: [i64; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    one_of(text, "9", text.chars().count() == 9)?;
    let digits = digits(&text.chars().take(8).collect::<String>())?;
    if text.starts_with("12") {
        return Err(Fault::Start { expected: "≠ CY12" });
    }
    let odd = |digit: &i64| usize::try_from(*digit).ok().and_then(|digit| ODD.get(digit)).copied().unwrap_or_default();
    let sum: i64 = digits.iter().step_by(2).map(odd).sum::<i64>() + digits.iter().skip(1).step_by(2).sum::<i64>();
    hold(text.chars().last() == letter("ABCDEFGHIJKLMNOPQRSTUVWXYZ", sum % 26), "CY: mod 26")
}

fn czechia(text: &str) -> Result<(), Fault> {
    const RULE: &str = "CZ: mod 11";
    let digits = some(text, &[8, 9, 10])?;
    match (digits.len(), first(&digits)) {
        (8, 9) => Err(Fault::Start { expected: "≠ CZ9" }),
        (8, _) => {
            let check = match (11 - descending(body(&digits), 8)).rem_euclid(11) {
                0 => 1,
                check => check % 10,
            };
            hold(check == last(&digits), RULE)
        }
        (9, 6) => {
            let front: Vec<i64> = body(&digits).iter().skip(1).copied().collect();
            let check = descending(&front, 8) % 11;
            hold((8 - (10 - check).rem_euclid(11)).rem_euclid(10) == last(&digits), RULE)
        }
        // Births up to 1953 have nine digits and no check digit.
        (9, _) => hold(is_birth_number(&digits) && !matches!(birth(&digits).0, 54..=79), RULE),
        _ => hold(is_birth_number(&digits) && number(body(&digits)) % 11 % 10 == last(&digits), RULE),
    }
}

fn germany(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[9])?;
    if first(&digits) == 0 {
        return Err(Fault::Start { expected: "DE1…9" });
    }
    hold(hybrid(&digits), "DE: ISO 7064 mod 11,10")
}

fn denmark(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[8])?;
    if first(&digits) == 0 {
        return Err(Fault::Start { expected: "DK1…9" });
    }
    hold(weigh(&digits, &[2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0, "DK: 2·7·6·5·4·3·2·1 mod 11")
}

fn estonia(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[9])?;
    hold(weigh(&digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0, "EE: 3·7·1·3·7·1·3·7·1 mod 10")
}

fn greece(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[8, 9])?;
    super::fault::not_zero(&digits)?;
    let sum = body(&digits).iter().fold(0, |sum, digit| sum * 2 + digit);
    hold(sum * 2 % 11 % 10 == last(&digits), "EL: 2ⁿ mod 11 mod 10")
}

fn spain(text: &str) -> Result<(), Fault> {
    const LETTERS: &str = "TRWAGMYFPDXBNJZSQVHLCKE";
    const RULE: &str = "ES: mod 23, Luhn";
    one_of(text, "9", text.chars().count() == 9)?;
    let (mut chars, end) = (text.chars(), text.chars().last().unwrap_or_default());
    let kind = chars.next().unwrap_or_default();
    let middle: String = chars.take(7).collect();
    let inner = digits(&middle).map_err(|fault| match fault {
        Fault::Character { position, found, allowed } => Fault::Character { position: position + 1, found, allowed },
        other => other,
    })?;
    let by_23 = |number: i64| Some(end) == letter(LETTERS, number % 23);
    let in_front = match kind {
        'K' | 'L' | 'M' | 'X' => Some(0),
        'Y' => Some(1),
        'Z' => Some(2),
        _ => digit(kind),
    };
    if let Some(in_front) = in_front {
        return hold(by_23(in_front * 10_000_000 + number(&inner)), RULE);
    }
    if !"ABCDEFGHJNPQRSUVW".contains(kind) {
        return Err(Fault::Character { position: 1, found: kind, allowed: "0–9, A–H, J–N, P–S, U–Z" });
    }
    let mut with_check = inner;
    with_check.push(0);
    let check = (10 - luhn(&with_check)) % 10;
    hold(digit(end) == Some(check) || Some(end) == letter("JABCDEFGHI", check), RULE)
}

fn finland(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[8])?;
    hold(weigh(&digits, &[7, 9, 10, 5, 8, 4, 2, 1]) % 11 == 0, "FI: 7·9·10·5·8·4·2·1 mod 11")
}

fn france(text: &str) -> Result<(), Fault> {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    const RULE: &str = "FR: SIREN (Luhn), mod 97 / mod 11";
    one_of(text, "11", text.chars().count() == 11)?;
    let siren = digits(&text.chars().skip(2).collect::<String>()).map_err(|fault| match fault {
        Fault::Character { position, found, allowed } => Fault::Character { position: position + 2, found, allowed },
        other => other,
    })?;
    // Those of Monaco begin with zeros and are in no register of France.
    let monaco = siren.iter().take(3).all(|digit| *digit == 0);
    hold(monaco || luhn(&siren) == 0, RULE)?;
    let mut keys = Vec::new();
    for (index, found) in text.chars().take(2).enumerate() {
        let key = place(ALPHABET, found);
        keys.push(key.ok_or(Fault::Character { position: index + 1, found, allowed: "0–9, A–H, J–N, P–Z" })?);
    }
    let [one, two] = keys.as_slice() else { return Err(Fault::Checksum { rule: RULE }) };
    let siren = number(&siren);
    if *one < 10 && *two < 10 {
        return hold(one * 10 + two == (siren * 100 + 12) % 97, RULE);
    }
    let check = if *one < 10 { one * 24 + two - 10 } else { one * 34 + two - 100 };
    hold((siren + 1 + check / 11) % 11 == check % 11, RULE)
}

fn croatia(text: &str) -> Result<(), Fault> {
    hold(hybrid(&some(text, &[11])?), "HR: ISO 7064 mod 11,10")
}

fn hungary(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[8])?;
    hold(weigh(&digits, &[9, 7, 3, 1, 9, 7, 3, 1]) % 10 == 0, "HU: 9·7·3·1·9·7·3·1 mod 10")
}

fn ireland(text: &str) -> Result<(), Fault> {
    const ALPHABET: &str = "WABCDEFGHIJKLMNOPQRSTUV";
    let letters: Vec<char> = text.chars().collect();
    one_of(text, "8 / 9", matches!(letters.len(), 8 | 9))?;
    let mut parts = letters.iter().copied();
    let (one, two) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let middle: String = parts.by_ref().take(5).collect();
    let inner = digits(&middle).map_err(|fault| match fault {
        Fault::Character { position, found, allowed } => Fault::Character { position: position + 2, found, allowed },
        other => other,
    })?;
    let (check, extra) = (parts.next().unwrap_or_default(), parts.next());
    let one_digit = digit(one).ok_or(Fault::Character { position: 1, found: one, allowed: "0–9" })?;
    let extra = match extra {
        Some(letter) => {
            place(ALPHABET, letter).ok_or(Fault::Character { position: 9, found: letter, allowed: "A–W" })?
        }
        None => 0,
    };
    let mut all = vec![];
    match digit(two) {
        Some(two) => all.extend([one_digit, two].into_iter().chain(inner)),
        // The old way: the first digit belongs behind the others.
        None if two.is_ascii_uppercase() || matches!(two, '+' | '*') => {
            all.push(0);
            all.extend(inner.into_iter().chain([one_digit]));
        }
        None => return Err(Fault::Character { position: 2, found: two, allowed: "0–9, A–Z, +, *" }),
    }
    let sum = descending(&all, 8) + 9 * extra;
    hold(Some(check) == letter(ALPHABET, sum % 23), "IE: 8·7·6·5·4·3·2 (+9) mod 23")
}

fn italy(text: &str) -> Result<(), Fault> {
    const RULE: &str = "IT: Luhn";
    let digits = some(text, &[11])?;
    let province: Vec<i64> = digits.iter().skip(7).take(3).copied().collect();
    let known = matches!(number(&province), 1..=100 | 120 | 121 | 888 | 999);
    hold(known && digits.iter().take(7).any(|digit| *digit != 0) && luhn(&digits) == 0, RULE)
}

fn lithuania(text: &str) -> Result<(), Fault> {
    const RULE: &str = "LT: mod 11";
    let digits = some(text, &[9, 12])?;
    let front = body(&digits);
    let by = |from: usize| -> i64 {
        let weights = (1..=9).cycle().skip(from);
        front.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<i64>() % 11
    };
    let check = match by(0) {
        10 => by(2) % 10,
        check => check,
    };
    hold(last(front) == 1 && check == last(&digits), RULE)
}

fn luxembourg(text: &str) -> Result<(), Fault> {
    let whole = number(&some(text, &[8])?);
    hold(whole / 100 % 89 == whole % 100, "LU: mod 89")
}

fn latvia(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[11])?;
    if first(&digits) > 3 {
        return hold(
            weigh(&digits, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3,
            "LV: 9·1·4·8·3·10·2·5·7·6·1 mod 11",
        );
    }
    // Persons' numbers begin with a birthday, or since July 2017 with 32.
    let (day, month, year) = birth(&digits);
    let person = text.starts_with("32") || is_day(year, month, day);
    let check = (1 + weigh(&digits, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10;
    hold(person && check == last(&digits), "LV: 10·5·8·4·2·1·6·3·7·9 mod 11 mod 10")
}

fn malta(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[8])?;
    hold(first(&digits) != 0 && weigh(&digits, &[3, 4, 6, 7, 8, 9, 10, 1]) % 37 == 0, "MT: 3·4·6·7·8·9·10·1 mod 37")
}

fn netherlands(text: &str) -> Result<(), Fault> {
    const RULE: &str = "NL: 9·8·7·6·5·4·3·2·−1 mod 11 / mod 97";
    one_of(text, "12", text.chars().count() == 12)?;
    for (index, found) in text.chars().enumerate() {
        let (fits, allowed) = if index == 9 { (found == 'B', "B") } else { (found.is_ascii_digit(), "0–9") };
        if !fits {
            return Err(super::fault::strange(index + 1, found, allowed));
        }
    }
    let digits = digits(&text.chars().take(9).collect::<String>())?;
    super::fault::not_zero(&digits)?;
    let person = weigh(&digits, &[9, 8, 7, 6, 5, 4, 3, 2, -1]).rem_euclid(11) == 0;
    hold((person || remainder(&format!("NL{text}")) == 1) && !text.ends_with("00"), RULE)
}

fn poland(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[10])?;
    hold(weigh(&digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == last(&digits), "PL: 6·5·7·2·3·4·5·6·7 mod 11")
}

fn portugal(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[9])?;
    let check = (11 - descending(body(&digits), 9)).rem_euclid(11) % 10;
    hold(first(&digits) != 0 && check == last(&digits), "PT: 9·8·7·6·5·4·3·2 mod 11")
}

fn romania(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[2, 3, 4, 5, 6, 7, 8, 9, 10, 13])?;
    if first(&digits) == 0 {
        return Err(Fault::Start { expected: "RO1…9" });
    }
    if digits.len() == 13 {
        let check = match weigh(&digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 {
            10 => 1,
            check => check,
        };
        return hold(check == last(&digits), "RO: 2·7·9·1·4·6·3·5·8·2·7·9 mod 11");
    }
    let front = body(&digits);
    let sum: i64 = front.iter().rev().zip([2, 3, 5, 7, 1, 2, 3, 5, 7]).map(|(digit, weight)| digit * weight).sum();
    hold(sum * 10 % 11 % 10 == last(&digits), "RO: 7·5·3·2·1·7·5·3·2 mod 11")
}

fn sweden(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[12])?;
    let number: Vec<i64> = digits.iter().take(10).copied().collect();
    hold(luhn(&number) == 0 && text.ends_with("01"), "SE: Luhn, …01")
}

fn slovenia(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[8])?;
    let check = match 11 - descending(body(&digits), 8) % 11 {
        10 => 0,
        check => check,
    };
    hold(first(&digits) != 0 && check == last(&digits), "SI: 8·7·6·5·4·3·2 mod 11")
}

fn slovakia(text: &str) -> Result<(), Fault> {
    let digits = some(text, &[10])?;
    let kind = matches!(digits.get(2), Some(2 | 3 | 4 | 7 | 8 | 9));
    let company = first(&digits) != 0 && kind && number(&digits) % 11 == 0;
    let person = is_birth_number(&digits) && number(body(&digits)) % 11 % 10 == last(&digits);
    hold(company || person, "SK: mod 11")
}

fn britain(text: &str) -> Result<(), Fault> {
    const RULE: &str = "GB, XI: 8·7·6·5·4·3·2·10·1 mod 97";
    let of_state = text.chars().take(2).collect::<String>();
    if matches!(of_state.as_str(), "GD" | "HA") {
        let three = some(&text.chars().skip(2).collect::<String>(), &[3])?;
        return hold((number(&three) < 500) == (of_state == "GD"), "GD000–499, HA500–999");
    }
    let digits = some(text, &[9, 12])?;
    let sum = weigh(&digits, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
    // Old numbers come to nought; newer ones, which begin with a hundred or more, may come to 42 or 55 as well.
    let newer = digits.first() != Some(&0);
    hold(sum == 0 || newer && matches!(sum, 42 | 55), RULE)
}
