//! Crockford's base 32 with a check in the last place: what labels and documents carry for people to read and type.
//!
//! `I` and `L` are read as 1, `O` as 0, and letters of a Cyrillic keyboard as the Latin ones they look like. The check is a
//! sum in the field of 32 elements with a different weight for each place, so that every single slip and every swap of two
//! characters is noticed. Codes have up to 31 characters.

use std::fmt;

use crate::auth::token;
use crate::error::Error;

/// The digits, by their value.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Random digits.
///
/// # Errors
/// When the system has no random numbers to give.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    Ok(token::random::<N>()?.map(|byte| byte % 32))
}

/// Sets the last digit so that the sum over all is zero.
pub fn checked<const N: usize>(mut digits: [u8; N]) -> [u8; N] {
    if let Some(last) = digits.last_mut() {
        *last = 0;
    }
    // The weights are powers of a generator of 31 elements: dividing by the n-th is multiplying by the one that makes 31 with it.
    let check = multiply(sum(&digits), power(31 - (N - 1) % 31));
    if let Some(last) = digits.last_mut() {
        *last = check;
    }
    digits
}

/// Writes a code as it is printed.
///
/// # Errors
/// When the writer has one.
pub fn write(f: &mut fmt::Formatter<'_>, digits: &[u8]) -> fmt::Result {
    use fmt::Write;
    digits
        .iter()
        .try_for_each(|digit| f.write_char(char::from(ALPHABET.get(usize::from(*digit)).copied().unwrap_or(b'0'))))
}

/// Reads a code in any case, with blanks and hyphens wherever somebody put them. Nothing when it is none.
pub fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut digits = [0; N];
    let mut place = 0;
    for letter in text.chars().filter(|letter| !parts(*letter)) {
        let letter = taken_for(letter);
        let digit = ALPHABET.iter().position(|known| char::from(*known) == letter)?;
        *digits.get_mut(place)? = u8::try_from(digit).unwrap_or_default();
        place += 1;
    }
    (place == N && sum(&digits) == 0).then_some(digits)
}

fn sum(digits: &[u8]) -> u8 {
    digits.iter().enumerate().fold(0, |sum, (place, digit)| sum ^ multiply(*digit, power(place)))
}

/// The generator's powers.
fn power(exponent: usize) -> u8 {
    (0..exponent % 31).fold(1, |power, _| multiply(power, 2))
}

/// Multiplication modulo x⁵ + x² + 1.
fn multiply(a: u8, b: u8) -> u8 {
    let mut product: u16 =
        (0..5).filter(|bit| b >> bit & 1 == 1).fold(0, |product, bit| product ^ (u16::from(a) << bit));
    for bit in (5..9).rev() {
        if product >> bit & 1 == 1 {
            product ^= 0b10_0101 << (bit - 5);
        }
    }
    u8::try_from(product).unwrap_or_default()
}

/// What people put between groups of characters: blanks, hyphens and dashes.
fn parts(letter: char) -> bool {
    letter == '-'
        || !letter.is_ascii_alphanumeric() && (letter.is_whitespace() || ('\u{2010}'..='\u{2015}').contains(&letter))
}

/// The character of a code that somebody means who reads or types this one.
const fn taken_for(letter: char) -> char {
    match letter.to_ascii_uppercase() {
        'I' | 'L' | 'І' | 'і' => '1',
        'O' | 'О' | 'о' => '0',
        'А' | 'а' => 'A',
        'В' | 'в' => 'B',
        'Е' | 'е' => 'E',
        'К' | 'к' => 'K',
        'М' | 'м' => 'M',
        'Н' | 'н' => 'H',
        'Р' | 'р' => 'P',
        'С' | 'с' => 'C',
        'Т' | 'т' => 'T',
        'Х' | 'х' => 'X',
        'У' | 'у' => 'Y',
        'Ѕ' | 'ѕ' => 'S',
        'Ј' | 'ј' => 'J',
        other => other,
    }
}
