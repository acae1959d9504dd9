//! Identifiers of Russia: taxpayers, registers, banks and accounts. The arithmetic of ИНН is of the Federal Tax Service's rules,
//! that of ОГРН and ОГРНИП of the registers' own (Minfin order 165н), that of accounts of the Bank of Russia's order of
//! reckoning keys.

use super::fault::{Fault, digits, exactly, must_be, must_be_long, not_zero, number, strange, weigh};

const INN_10: &str = "2·4·10·3·5·9·4·6·8 mod 11 mod 10";
const INN_11: &str = "7·2·4·10·3·5·9·4·6·8 mod 11 mod 10";
const INN_12: &str = "3·7·2·4·10·3·5·9·4·6·8 mod 11 mod 10";

/// The taxpayer's number: ten digits of an organisation, twelve of a person.
///
/// # Errors
/// The rule that is broken.
pub fn inn(text: &str) -> Result<(), Fault> {
    let digits = digits(text)?;
    must_be_long(&digits, &[10, 12])?;
    not_zero(&digits)?;
    let reckoned = |weights: &[i64]| weigh(&digits, weights) % 11 % 10;
    if digits.len() == 10 {
        return must_be(&digits, 10, reckoned(&[2, 4, 10, 3, 5, 9, 4, 6, 8]), INN_10);
    }
    must_be(&digits, 11, reckoned(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]), INN_11)?;
    must_be(&digits, 12, reckoned(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]), INN_12)
}

/// The number of an organisation only.
///
/// # Errors
/// The rule that is broken.
pub fn inn_of_organisation(text: &str) -> Result<(), Fault> {
    exactly(text, 10).and_then(|_| inn(text))
}

/// The number of a person only.
///
/// # Errors
/// The rule that is broken.
pub fn inn_of_person(text: &str) -> Result<(), Fault> {
    exactly(text, 12).and_then(|_| inn(text))
}

/// The code of the reason of registration: nine characters, of which the fifth and sixth may be Latin capitals. It has no
/// check digit.
///
/// # Errors
/// The rule that is broken.
pub fn kpp(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    for (index, letter) in text.chars().enumerate() {
        let reason = index == 4 || index == 5;
        if !(letter.is_ascii_digit() || reason && letter.is_ascii_uppercase()) {
            return Err(strange(index + 1, letter, if reason { "0–9, A–Z" } else { "0–9" }));
        }
    }
    match text.len() {
        9 => Ok(()),
        found => Err(Fault::Length { expected: "9".to_owned(), found }),
    }
}

/// The number of an organisation in the state register.
///
/// # Errors
/// The rule that is broken.
pub fn ogrn(text: &str) -> Result<(), Fault> {
    let digits = exactly(text, 13)?;
    if !matches!(digits.first(), Some(1 | 5)) {
        return Err(Fault::Start { expected: "1, 5" });
    }
    must_be(&digits, 13, number(digits.split_last().map_or(&[], |(_, rest)| rest)) % 11 % 10, "(1…12) mod 11 mod 10")
}

/// The number of an entrepreneur in the state register.
///
/// # Errors
/// The rule that is broken.
pub fn ogrnip(text: &str) -> Result<(), Fault> {
    let digits = exactly(text, 15)?;
    if !matches!(digits.first(), Some(3 | 4)) {
        return Err(Fault::Start { expected: "3, 4" });
    }
    // Mod 10 again: remainders of 10 to 12 stand for 0 to 2.
    must_be(&digits, 15, number(digits.split_last().map_or(&[], |(_, rest)| rest)) % 13 % 10, "(1…14) mod 13 mod 10")
}

/// The bank's code. It has no check digit: the truth is the Bank of Russia's directory.
///
/// # Errors
/// The rule that is broken.
pub fn bik(text: &str) -> Result<(), Fault> {
    let digits = exactly(text, 9)?;
    not_zero(&digits)?;
    if digits.first() == Some(&0) { Ok(()) } else { Err(Fault::Start { expected: "0" }) }
}

/// An account and the bank it is at.
///
/// # Errors
/// The rule that either breaks, or the key digit that does not fit.
pub fn account(bank: &str, text: &str) -> Result<(), Fault> {
    let digits = exactly(text, 20)?;
    bik(bank)?;
    let at_bank: Vec<i64> = exactly(bank, 9)?;
    let ends: Vec<i64> = at_bank.iter().skip(6).copied().collect();
    // Units of the Bank of Russia and of the treasury reckon as correspondent accounts do.
    let unit = matches!(ends.as_slice(), [0, 0, 0..=2]) || matches!(at_bank.as_slice(), [0, 0..=2, ..]);
    if unit && key(&region(&at_bank), &digits).is_none() {
        return Ok(());
    }
    key(&ends, &digits).map_or(Ok(()), |expected| Err(wrong_key(&digits, expected, bank)))
}

/// A correspondent account and the bank whose it is.
///
/// # Errors
/// As [`account`]; an account that does not end with the last three digits of the bank's code.
pub fn correspondent_account(bank: &str, text: &str) -> Result<(), Fault> {
    let digits = exactly(text, 20)?;
    bik(bank)?;
    let at_bank = exactly(bank, 9)?;
    if let Some(expected) = key(&region(&at_bank), &digits) {
        return Err(wrong_key(&digits, expected, bank));
    }
    let ends: String = bank.chars().skip(6).collect();
    if text.ends_with(&ends) { Ok(()) } else { Err(Fault::BankDigits { expected: ends }) }
}

/// "0" and the fifth and sixth digit of the bank's code.
fn region(bank: &[i64]) -> Vec<i64> {
    let mut region = vec![0];
    region.extend(bank.iter().skip(4).take(2));
    region
}

/// The digit that the key, the ninth of an account, ought to be; nothing when it is.
fn key(of_bank: &[i64], account: &[i64]) -> Option<i64> {
    const KEY: usize = 8;
    let fits = |key: i64| {
        let account = account.iter().enumerate().map(|(index, digit)| if index == KEY { key } else { *digit });
        let digits = of_bank.iter().copied().chain(account);
        digits.zip([7, 1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight % 10).sum::<i64>() % 10 == 0
    };
    let found = account.get(KEY).copied().unwrap_or_default();
    if fits(found) { None } else { (0..=9).find(|key| fits(*key)) }
}

fn wrong_key(account: &[i64], expected: i64, bank: &str) -> Fault {
    let found = account.get(8).copied().unwrap_or_default().to_string();
    Fault::Key { position: 9, expected: expected.to_string(), found, bic: bank.to_owned() }
}
