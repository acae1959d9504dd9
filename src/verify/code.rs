//! The code of a document: what its QR leads to, and what people type who have only the paper. It begins with V and has
//! sixteen characters, so nobody takes it for the code of a label; fourteen are random (70 bits), the last one checks.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::codes::crockford;
use crate::error::Error;

const LENGTH: usize = 16;
/// The value of the letter V.
const V: u8 = 27;
/// Characters that are printed together.
const GROUP: usize = 4;

/// The code of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[schema(value_type = String, pattern = "^V[0-9A-HJKMNP-TV-Z]{15}$")]
pub struct VerificationCode([u8; LENGTH]);

impl VerificationCode {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn new() -> Result<Self, Error> {
        let mut digits = crockford::random::<LENGTH>()?;
        if let Some(first) = digits.first_mut() {
            *first = V;
        }
        Ok(Self(crockford::checked(digits)))
    }

    /// Where the document is checked. A QR code holds it in capitals, which take less room.
    pub fn url(self, public_url: &str) -> String {
        format!("{public_url}/verify/{self}")
    }

    /// As people read it off paper.
    pub fn grouped(self) -> String {
        let letters: Vec<char> = self.to_string().chars().collect();
        letters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-")
    }
}

impl fmt::Display for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crockford::write(f, &self.0)
    }
}

impl FromStr for VerificationCode {
    type Err = &'static str;

    /// In any case, with blanks and hyphens wherever somebody put them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crockford::read(text).filter(|digits| digits.first() == Some(&V)).map(Self).ok_or("!not_a_code")
    }
}

impl Serialize for VerificationCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerificationCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

crate::db::types::written_text!(VerificationCode);

#[cfg(test)]
mod tests {
    use super::VerificationCode;
    use crate::codes::LabelCode;

    #[test]
    fn a_code_is_read_back_and_is_no_labels() {
        for _ in 0..100 {
            let code = VerificationCode::new().unwrap();
            let text = code.to_string();
            assert!(text.starts_with('V') && text.len() == 16 && text.parse::<LabelCode>().is_err());
            assert_eq!(code.grouped().len(), 19);
            for typed in [text.to_lowercase(), code.grouped(), text.replace('1', "l").replace('0', "О")] {
                assert_eq!(typed.parse(), Ok(code), "{typed}");
            }
            let mut slip = text.clone().into_bytes();
            slip[5] = if slip[5] == b'7' { b'8' } else { b'7' };
            assert!(String::from_utf8(slip).unwrap().parse::<VerificationCode>().is_err());
            assert!(text.replacen('V', "W", 1).parse::<VerificationCode>().is_err());
            assert!(LabelCode::new().unwrap().to_string().parse::<VerificationCode>().is_err());
        }
    }
}
