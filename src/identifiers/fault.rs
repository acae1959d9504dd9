//! What may be wrong with an identifier, and the arithmetic that most of them share.

/// The rule an identifier breaks, with what a sentence about it needs. Positions are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is nothing.
    Empty,
    /// A space stands in it.
    Space {
        /// Where.
        position: usize,
    },
    /// A character that does not belong there: a letter for a digit, a look-alike of another alphabet.
    Character {
        /// Where.
        position: usize,
        /// What stands there.
        found: char,
        /// What may: `0–9`, `A–Z`.
        allowed: &'static str,
    },
    /// It is too long or too short.
    Length {
        /// How many characters it has to have: `10`, `8 / 10`.
        expected: String,
        /// How many it has.
        found: usize,
    },
    /// It begins with what none of its kind begins with.
    Start {
        /// What it may begin with.
        expected: &'static str,
    },
    /// Zeros only: the arithmetic holds, and nobody has it.
    Zeros,
    /// A country that has no such identifiers.
    Country {
        /// Its two letters.
        found: String,
    },
    /// One digit is not what follows from the others.
    CheckDigit {
        /// Which.
        position: usize,
        /// What it would be if the others are right; nothing when the others cannot all be right.
        expected: Option<String>,
        /// What it is.
        found: String,
        /// How it is reckoned.
        rule: &'static str,
    },
    /// The number as a whole does not fit its own arithmetic.
    Checksum {
        /// How it is reckoned.
        rule: &'static str,
    },
    /// The account's key digit does not fit the bank's code.
    Key {
        /// Which digit is the key.
        position: usize,
        /// What it would be.
        expected: String,
        /// What it is.
        found: String,
        /// The bank's code.
        bic: String,
    },
    /// A correspondent account that ends otherwise than the bank's code.
    BankDigits {
        /// The last three digits of the bank's code.
        expected: String,
    },
}

/// The digits of a text that must be nothing but digits.
///
/// # Errors
/// The first character that is none; nothing at all.
pub fn digits(text: &str) -> Result<Vec<i64>, Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    text.chars()
        .enumerate()
        .map(|(index, letter)| digit(letter).ok_or_else(|| strange(index + 1, letter, "0–9")))
        .collect()
}

/// What is wrong with a character that does not belong where it stands.
pub fn strange(position: usize, found: char, allowed: &'static str) -> Fault {
    if found.is_whitespace() { Fault::Space { position } } else { Fault::Character { position, found, allowed } }
}

/// An ASCII digit's worth: those of other alphabets are none.
pub fn digit(letter: char) -> Option<i64> {
    if letter.is_ascii_digit() { letter.to_digit(10).map(i64::from) } else { None }
}

/// Exactly `length` digits.
///
/// # Errors
/// As [`digits`]; another length.
pub fn exactly(text: &str, length: usize) -> Result<Vec<i64>, Fault> {
    let digits = digits(text)?;
    must_be_long(&digits, &[length])?;
    Ok(digits)
}

/// Refuses other lengths than these.
///
/// # Errors
/// `Fault::Length`
pub fn must_be_long(digits: &[i64], lengths: &[usize]) -> Result<(), Fault> {
    if lengths.contains(&digits.len()) {
        return Ok(());
    }
    let expected: Vec<String> = lengths.iter().map(ToString::to_string).collect();
    Err(Fault::Length { expected: expected.join(" / "), found: digits.len() })
}

/// Refuses a number of zeros only.
///
/// # Errors
/// `Fault::Zeros`
pub fn not_zero(digits: &[i64]) -> Result<(), Fault> {
    if digits.iter().all(|digit| *digit == 0) { Err(Fault::Zeros) } else { Ok(()) }
}

/// The sum of digits times weights, as far as both go.
pub fn weigh(digits: &[i64], weights: &[i64]) -> i64 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// Digits read as one number. Those here have at most fifteen of them.
pub fn number(digits: &[i64]) -> i64 {
    digits.iter().fold(0, |number, digit| number * 10 + digit)
}

/// Refuses a digit that is not what follows from the others.
///
/// # Errors
/// `Fault::CheckDigit`
pub fn must_be(digits: &[i64], position: usize, expected: i64, rule: &'static str) -> Result<(), Fault> {
    let found = digits.get(position.saturating_sub(1)).copied().unwrap_or(-1);
    if found == expected {
        return Ok(());
    }
    // A sum that no digit stands for: the others cannot all be right.
    let possible = if (0..=9).contains(&expected) { Some(expected.to_string()) } else { None };
    Err(Fault::CheckDigit { position, expected: possible, found: found.to_string(), rule })
}
