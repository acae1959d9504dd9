//! The arithmetic that VAT numbers of several countries share.

use super::fault::{Fault, digits, must_be_long, number};

/// Refuses a number that does not fit its own arithmetic.
///
/// # Errors
/// `Fault::Checksum`
pub fn hold(holds: bool, rule: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Checksum { rule }) }
}

/// Digits of one of some lengths.
///
/// # Errors
/// `Fault::Character`, `Fault::Length`
pub fn some(text: &str, lengths: &[usize]) -> Result<Vec<i64>, Fault> {
    let digits = digits(text)?;
    must_be_long(&digits, lengths)?;
    Ok(digits)
}

/// Refuses a text of another length.
///
/// # Errors
/// `Fault::Length`
pub fn one_of(text: &str, lengths: &str, found: bool) -> Result<(), Fault> {
    if found { Ok(()) } else { Err(Fault::Length { expected: lengths.to_owned(), found: text.chars().count() }) }
}

/// All digits but the last.
pub fn body(digits: &[i64]) -> &[i64] {
    digits.split_last().map_or(&[], |(_, rest)| rest)
}

/// The last digit.
pub fn last(digits: &[i64]) -> i64 {
    digits.last().copied().unwrap_or(-1)
}

/// The first digit.
pub fn first(digits: &[i64]) -> i64 {
    digits.first().copied().unwrap_or(-1)
}

/// The sum of Luhn: every other digit from the end doubled, the last one as it is.
pub fn luhn(digits: &[i64]) -> i64 {
    let doubled = |(index, digit): (usize, &i64)| if index % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 };
    digits.iter().rev().enumerate().map(doubled).sum::<i64>() % 10
}

/// ISO 7064 mod 11,10.
pub fn hybrid(digits: &[i64]) -> bool {
    let carry = body(digits).iter().fold(10, |carry, digit| match (carry + digit) % 10 {
        0 => 20 % 11,
        sum => sum * 2 % 11,
    });
    (carry + last(digits)) % 10 == 1
}

/// n, n − 1, …, 2 or whatever comes first.
pub fn descending(digits: &[i64], from: i64) -> i64 {
    digits.iter().zip((0..=from).rev()).map(|(digit, weight)| digit * weight).sum()
}

/// The letter a remainder stands for.
pub fn letter(alphabet: &str, index: i64) -> Option<char> {
    alphabet.chars().nth(usize::try_from(index).ok()?)
}

/// What a letter stands for.
pub fn place(alphabet: &str, letter: char) -> Option<i64> {
    alphabet.chars().position(|known| known == letter).and_then(|place| i64::try_from(place).ok())
}

/// Year, month and day in front of a number, two digits each.
pub fn birth(digits: &[i64]) -> (i64, i64, i64) {
    let whole = number(digits.get(..6).unwrap_or_default());
    (whole / 10_000, whole / 100 % 100, whole % 100)
}

/// Whether a calendar has that day. The century is not known: a leap day is taken on trust in every fourth year.
pub const fn is_day(year: i64, month: i64, day: i64) -> bool {
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    1 <= day && day <= days
}

/// Whether a Czech or Slovak number begins with a birthday: women's months have 50 more, and 20 more where numbers ran out.
pub fn is_birth_number(digits: &[i64]) -> bool {
    let (year, month, day) = birth(digits);
    is_day(year, month % 50 % 20, day)
}
