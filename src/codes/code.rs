//! The short text on a label: nine random characters and one that checks them, in Crockford's base 32.
//!
//! It names no host, no number and no secret, so it survives moves, guesses nothing and can be read aloud.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::Serialize;

use super::crockford;
use crate::db::types::text_enum;
use crate::error::Error;

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
        Ok(Self(crockford::checked(crockford::random()?)))
    }

    /// What the label's QR holds. Upper case, because QR packs it tighter; hosts do not mind, and paths here do not.
    pub fn label_url(self, public_url: &str) -> String {
        format!("{public_url}/Q/{self}").to_uppercase()
    }
}

impl fmt::Display for LabelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crockford::write(f, &self.0)
    }
}

impl FromStr for LabelCode {
    type Err = &'static str;

    /// In any case, with blanks and hyphens wherever somebody put them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crockford::read(text).map(Self).ok_or("!not_a_code")
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
    use super::LabelCode;
    use crate::codes::crockford::ALPHABET;

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
