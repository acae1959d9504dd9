//! Text that has been looked at: what passes here needs no second check before a table, a page or a log.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, de};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// One line of 1 to `MAX` characters: names, numbers, units. White space at the ends is dropped, inside it is one space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

/// What a scanner gave, or somebody typed in its place: 1 to `MAX` characters of one line. Unlike in a [`Line`], the group
/// separator U+001D stays: it parts the elements of a GS1 code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Scanned<const MAX: usize>(String);

/// Several lines of 1 to `MAX` characters altogether: descriptions, comments, remarks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(String);

/// An e-mail address, as far as one can tell without writing to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// A telephone number as people write it: at least five digits, and whatever they put around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

/// What somebody signs in with. Lower case; spaces and control characters make two logins look like one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Login(String);

fn nothing_unkeepable(text: &str) -> Result<(), String> {
    if text.contains('\0') { Err("!forbidden_character".to_owned()) } else { Ok(()) }
}

/// Code points that Unicode keeps for itself: no XML, and so no paper, can hold them.
const fn is_no_letter(letter: char) -> bool {
    matches!(letter, '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

/// As it was sent, before anything is tidied up: the limit is the one that the description tells.
fn not_longer(text: &str, max: usize) -> Result<(), String> {
    if text.chars().count() > max { Err(format!("!too_long max={max}")) } else { Ok(()) }
}

fn measured(text: String, max: usize) -> Result<String, String> {
    if text.is_empty() {
        Err("!too_short min=1".to_owned())
    } else if text.chars().count() > max {
        Err(format!("!too_long max={max}"))
    } else {
        Ok(text)
    }
}

impl<const MAX: usize> Line<MAX> {
    /// Reads a line.
    ///
    /// # Errors
    /// A flaw in the notation of [`crate::http::body`].
    pub fn parse(text: &str) -> Result<Self, String> {
        nothing_unkeepable(text)?;
        not_longer(text, MAX)?;
        let text: String = text.nfc().filter(|letter| !is_no_letter(*letter)).collect();
        let words =
            text.split(|letter: char| letter.is_whitespace() || letter.is_control()).filter(|word| !word.is_empty());
        measured(words.collect::<Vec<_>>().join(" "), MAX).map(Self)
    }
}

impl<const MAX: usize> Scanned<MAX> {
    /// Reads what was scanned.
    ///
    /// # Errors
    /// As [`Line::parse`].
    pub fn parse(text: &str) -> Result<Self, String> {
        const GROUP: char = '\u{1d}';
        nothing_unkeepable(text)?;
        not_longer(text, MAX)?;
        let text: String = text.nfc().filter(|letter| !is_no_letter(*letter)).collect();
        let parts = |letter: char| letter.is_whitespace() || letter.is_control() && letter != GROUP;
        let words = text.split(parts).filter(|word| !word.is_empty());
        let kept = measured(words.collect::<Vec<_>>().join(" "), MAX)?;
        if kept.trim_matches(GROUP).is_empty() { Err("!too_short min=1".to_owned()) } else { Ok(Self(kept)) }
    }
}

impl<const MAX: usize> Prose<MAX> {
    /// Reads several lines.
    ///
    /// # Errors
    /// As [`Line::parse`].
    pub fn parse(text: &str) -> Result<Self, String> {
        nothing_unkeepable(text)?;
        not_longer(text, MAX)?;
        let kept = text.replace("\r\n", "\n").replace('\r', "\n");
        let kept: String = kept
            .nfc()
            .filter(|letter| !is_no_letter(*letter) && (!letter.is_control() || matches!(letter, '\n' | '\t')))
            .collect();
        measured(kept.trim().to_owned(), MAX).map(Self)
    }
}

impl Email {
    /// Reads an address: something, one @, a domain.
    ///
    /// # Errors
    /// As [`Line::parse`].
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (name, domain) = text.rsplit_once('@').ok_or("!not_an_email")?;
        let plain = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c))
        };
        let host = domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
        if text.len() <= 254 && plain(name) && host {
            Ok(Self(text.to_owned()))
        } else {
            Err("!not_an_email".to_owned())
        }
    }
}

impl Phone {
    /// Reads a number.
    ///
    /// # Errors
    /// As [`Line::parse`].
    pub fn parse(text: &str) -> Result<Self, String> {
        let number = Self(Line::<50>::parse(text)?.0);
        if number.digits().len() >= 5 { Ok(number) } else { Err("!not_a_phone".to_owned()) }
    }

    /// Its digits.
    pub fn digits(&self) -> String {
        self.0.chars().filter(char::is_ascii_digit).collect()
    }
}

impl Login {
    /// Reads a login.
    ///
    /// # Errors
    /// As [`Line::parse`].
    pub fn parse(text: &str) -> Result<Self, String> {
        let login = measured(text.trim().to_lowercase(), 100)?;
        if login.chars().all(|letter| letter.is_alphanumeric() || "._-@+".contains(letter)) {
            Ok(Self(login))
        } else {
            Err("!not_a_login".to_owned())
        }
    }
}

macro_rules! text_value {
    ([$($generics:tt)*] $type:ty, $name:expr, $schema:expr) => {
        impl<$($generics)*> Deref for $type {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<$($generics)*> fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<$($generics)*> From<$type> for String {
            fn from(text: $type) -> Self {
                text.0
            }
        }

        impl<'de, $($generics)*> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }

        impl<$($generics)*> PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                let schema: ObjectBuilder = $schema(ObjectBuilder::new().schema_type(Type::String));
                schema.into()
            }
        }

        impl<$($generics)*> ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Owned($name)
            }
        }
    };
}

/// Something other than white space, and no U+0000.
const VISIBLE: &str = r"^[^\u0000]*[^\s\u0000-\u001f\u007f-\u00a0][^\u0000]*$";

text_value!([const MAX: usize] Line<MAX>, format!("Line{MAX}"), |schema: ObjectBuilder| {
    schema.min_length(Some(1)).max_length(Some(MAX)).pattern(Some(VISIBLE))
});
text_value!([const MAX: usize] Scanned<MAX>, format!("Scanned{MAX}"), |schema: ObjectBuilder| {
    schema.min_length(Some(1)).max_length(Some(MAX)).pattern(Some(VISIBLE))
});
text_value!([const MAX: usize] Prose<MAX>, format!("Prose{MAX}"), |schema: ObjectBuilder| {
    schema.min_length(Some(1)).max_length(Some(MAX)).pattern(Some(VISIBLE))
});
text_value!([] Email, "Email".to_owned(), |schema: ObjectBuilder| {
    schema.max_length(Some(254)).pattern(Some(r"^[A-Za-z0-9._+-]{1,60}@[A-Za-z0-9]{1,60}(\.[A-Za-z0-9]{1,60}){1,2}$"))
});
text_value!([] Phone, "Phone".to_owned(), |schema: ObjectBuilder| {
    schema.min_length(Some(5)).max_length(Some(50)).pattern(Some(r"^\+?[0-9]{5,20}$"))
});
text_value!([] Login, "Login".to_owned(), |schema: ObjectBuilder| {
    schema.min_length(Some(1)).max_length(Some(100)).pattern(Some(r"^[\p{L}\p{N}._@+-]{1,100}$"))
});

/// The text of an optional value.
pub fn optional(text: Option<&impl Deref<Target = str>>) -> Option<String> {
    text.map(|text| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Email, Line, Login, Phone, Prose, Scanned};

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(Line::<20>::parse("  Ґалаґан\t\nЇжак ").as_deref(), Ok("Ґалаґан Їжак"));
        assert_eq!(Line::<20>::parse(" \u{a0}\n"), Err("!too_short min=1".to_owned()));
        assert_eq!(Line::<3>::parse("абвг"), Err("!too_long max=3".to_owned()));
        // й and ї in two pieces each, as some keyboards write them.
        assert_eq!(Line::<5>::parse("и\u{306}і\u{308}\u{ffff}").as_deref(), Ok("йї"));
        assert_eq!(Line::<3>::parse("a\0"), Err("!forbidden_character".to_owned()));
    }

    #[test]
    fn a_scan_keeps_its_separators() {
        let read = Scanned::<30>::parse(" \u{1d}80044012\u{1d}21 7\r\n");
        assert_eq!(read.as_deref(), Ok("\u{1d}80044012\u{1d}21 7"));
        assert_eq!(Scanned::<30>::parse("\u{1d}\n"), Err("!too_short min=1".to_owned()));
    }

    #[test]
    fn prose_keeps_its_lines() {
        assert_eq!(Prose::<50>::parse("one\r\ntwo\u{7}\n").as_deref(), Ok("one\ntwo"));
    }

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        for good in ["a@b.de", "иван@почта.рф", "o'neil+x@sub.example.com"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "a@", "@b", "a b@c.de", "a@b..c", "a@-b.c", "a\r\nBcc: x@y.z"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_telephone_number_has_digits() {
        assert_eq!(Phone::parse(" +7 (921) 555-01-02 доб. 3").unwrap().digits(), "792155501023");
        assert_eq!(Phone::parse("нет"), Err("!not_a_phone".to_owned()));
        assert_eq!(Phone::parse(""), Err("!too_short min=1".to_owned()));
    }

    #[test]
    fn two_logins_never_look_alike_by_case() {
        assert_eq!(Login::parse(" Иванов.И ").as_deref(), Ok("иванов.и"));
        assert!(Login::parse("two words").is_err());
    }
}
