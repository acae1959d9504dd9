//! The short text on a label: nine random characters and one that checks them, in Crockford's base 32.
//!
//! It names no host, no number and no secret, so it survives moves, guesses nothing and can be read aloud. `I` and `L` are
//! read as 1, `O` as 0, and letters of a Cyrillic keyboard as the Latin ones they look like. The check is a sum in the field of 32 elements with a different weight for each place, so that
//! every single slip and every swap of two characters is noticed.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::Serialize;

use crate::auth::token::random;
use crate::db::types::text_enum;
use crate::error::Error;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 10;

text_enum! {
    /// The life of a code.
    CodeState {
        /// Printed, on nothing yet.
        Blank = "blank",
        /// On an asset.
        Active = "active",
        /// Another label has taken its place; it still leads to the asset and says so.
        Replaced = "replaced",
        /// Leads nowhere.
        Revoked = "revoked",
    }
}

/// A code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct LabelCode([u8; LENGTH]);

impl LabelCode {
    /// A new one, from 45 random bits.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn new() -> Result<Self, Error> {
        let mut bits = u64::from_le_bytes(random()?);
        let mut digits = [0; LENGTH];
        for digit in digits.iter_mut().take(LENGTH - 1) {
            *digit = u8::try_from(bits % 32).unwrap_or_default();
            bits /= 32;
        }
        Ok(Self::checked(digits))
    }

    /// Sets the last digit so that the sum over all is zero.
    fn checked(mut digits: [u8; LENGTH]) -> Self {
        if let Some(last) = digits.last_mut() {
            *last = 0;
            let rest = sum(&digits);
            // The weights are powers of a generator of 31 elements: dividing by the ninth is multiplying by the 22nd.
            let check = multiply(rest, power(31 - (LENGTH - 1)));
            if let Some(last) = digits.last_mut() {
                *last = check;
            }
        }
        Self(digits)
    }

    /// What the label's QR holds. Upper case, because QR packs it tighter; hosts do not mind, and paths here do not.
    pub fn label_url(self, public_url: &str) -> String {
        format!("{public_url}/Q/{self}").to_uppercase()
    }
}

fn sum(digits: &[u8; LENGTH]) -> u8 {
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

impl fmt::Display for LabelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.0
            .iter()
            .try_for_each(|digit| f.write_char(char::from(ALPHABET.get(usize::from(*digit)).copied().unwrap_or(b'0'))))
    }
}

impl FromStr for LabelCode {
    type Err = &'static str;

    /// In any case, with blanks and hyphens wherever somebody put them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits = [0; LENGTH];
        let mut place = 0;
        for letter in text.chars().filter(|letter| !parts(*letter)) {
            let letter = taken_for(letter);
            let digit = ALPHABET.iter().position(|known| char::from(*known) == letter).ok_or("!not_a_code")?;
            *digits.get_mut(place).ok_or("!not_a_code")? = u8::try_from(digit).unwrap_or_default();
            place += 1;
        }
        if place == LENGTH && sum(&digits) == 0 { Ok(Self(digits)) } else { Err("!not_a_code") }
    }
}

impl Serialize for LabelCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

crate::db::types::written_text!(LabelCode);

#[cfg(test)]
mod tests {
    use super::{ALPHABET, LabelCode};

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        for _ in 0..200 {
            let code = LabelCode::new().unwrap();
            let text = code.to_string();
            assert_eq!(text.parse(), Ok(code));
            assert_eq!(text.to_lowercase().parse(), Ok(code));
            assert_eq!(text.replace('1', "l").replace('0', "o").parse(), Ok(code));
            let (first, second) = text.split_at(5);
            assert_eq!(format!("{first}-{second} ").parse(), Ok(code));
        }
    }

    #[test]
    fn a_cyrillic_keyboard_types_the_same_code() {
        let (latin, cyrillic) = ("ABEKMHPCTXYSJ", "АВЕКМНРСТХУЅЈ");
        for _ in 0..200 {
            let code = LabelCode::new().unwrap();
            let typed: String = code
                .to_string()
                .chars()
                .map(|letter| {
                    latin
                        .chars()
                        .zip(cyrillic.chars())
                        .find(|(plain, _)| *plain == letter)
                        .map_or(letter, |(_, like)| like)
                })
                .collect();
            let typed = typed.replace('1', "І").replace('0', "О");
            assert_eq!(typed.parse(), Ok(code), "{typed}");
            assert_eq!(typed.to_lowercase().parse(), Ok(code), "{typed}");
            let (first, second) = typed.split_at(typed.char_indices().nth(5).unwrap().0);
            assert_eq!(format!("{first}\u{2011}{second}\t").parse(), Ok(code));
        }
        assert!("Ж123456789".parse::<LabelCode>().is_err());
    }

    #[test]
    fn every_slip_and_every_swap_is_noticed() {
        for _ in 0..20 {
            let text = LabelCode::new().unwrap().to_string().into_bytes();
            for place in 0..text.len() {
                for letter in ALPHABET {
                    let mut slip = text.clone();
                    slip[place] = *letter;
                    let read = String::from_utf8(slip.clone()).unwrap().parse::<LabelCode>();
                    assert_eq!(read.is_ok(), slip == text);
                }
                for other in 0..place {
                    let mut swapped = text.clone();
                    swapped.swap(place, other);
                    let read = String::from_utf8(swapped.clone()).unwrap().parse::<LabelCode>();
                    assert_eq!(read.is_ok(), swapped == text, "{place} {other}");
                }
            }
        }
    }
}
