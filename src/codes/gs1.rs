//! GS1 identifiers of single things, however they are written: element strings as scanners give them (GS1 General
//! Specifications, 5.9 and 7.8) or as people print them under the bars, and Digital Link URIs (GS1 Digital Link Standard:
//! URI Syntax). What names one thing folds to one identifier.

use std::borrow::Cow;

/// What scanners put between elements of variable length in place of the symbol's FNC1.
const SEPARATOR: char = '\u{1d}';

/// An identifier of one thing. Those of kinds of things (a GTIN without a serial number) lead to no device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// Global Individual Asset Identifier, AI (8004).
    Giai(String),
    /// Global Returnable Asset Identifier with its serial number, AI (8003).
    Grai(String),
    /// A GTIN of fourteen digits with a serial number, AIs (01) and (21).
    Sgtin(String, String),
}

impl Identifier {
    /// The one text that all ways to write the identifier fold to.
    pub fn key(&self) -> String {
        match self {
            Self::Giai(value) => format!("giai:{value}"),
            Self::Grai(value) => format!("grai:{value}"),
            Self::Sgtin(gtin, serial) => format!("sgtin:{gtin}:{serial}"),
        }
    }

    /// A GIAI: the digits of a company prefix, and whatever the company put behind them; thirty characters at the most.
    pub fn giai(value: &str) -> Option<Self> {
        let prefix = value.bytes().take_while(u8::is_ascii_digit).count();
        (prefix >= 4 && is_encodable(value, 30)).then(|| Self::Giai(value.to_owned()))
    }

    /// A GRAI: a nought, thirteen digits of which the last checks the others, and a serial number.
    fn grai(value: &str) -> Option<Self> {
        let (number, serial) = value.split_at_checked(14)?;
        let fits = number.starts_with('0') && is_checked(number) && is_encodable(serial, 16);
        fits.then(|| Self::Grai(value.to_owned()))
    }

    fn sgtin(gtin: &str, serial: &str) -> Option<Self> {
        let fits = matches!(gtin.len(), 8 | 12 | 13 | 14) && is_checked(gtin) && is_encodable(serial, 20);
        fits.then(|| Self::Sgtin(format!("{gtin:0>14}"), serial.to_owned()))
    }

    /// The identifier among elements, the most telling first.
    fn among(elements: &[(&str, &str)]) -> Option<Self> {
        let value = |ai: &str| elements.iter().find(|(of, _)| *of == ai).map(|(_, value)| *value);
        let own = value("8004").and_then(Self::giai).or_else(|| value("8003").and_then(Self::grai));
        own.or_else(|| Self::sgtin(value("01")?, value("21")?))
    }
}

/// Only characters of the set that GS1 encodes (General Specifications, 7.11, table 1), and not too many.
fn is_encodable(value: &str, most: usize) -> bool {
    let encodable = |byte: u8| byte.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_".contains(&byte);
    (1..=most).contains(&value.len()) && value.bytes().all(encodable)
}

/// Only digits, of which the last checks the others (General Specifications, 7.9).
pub fn is_checked(number: &str) -> bool {
    let digits = number.bytes().rev().zip([1_u32, 3].into_iter().cycle());
    number.bytes().all(|byte| byte.is_ascii_digit())
        && digits.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum::<u32>() % 10 == 0
}

/// What a scanner read without the prefix that says which symbology it read (ISO/IEC 15424): `]`, a letter, a modifier.
pub fn without_symbology(text: &str) -> &str {
    let text = text.trim();
    match text.as_bytes() {
        [b']', letter, modifier, ..] if letter.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() => {
            text.get(3..).unwrap_or_default()
        }
        _ => text,
    }
}

/// The prefixes of symbologies that hold element strings: GS1-128, GS1 DataBar, GS1 DataMatrix, GS1 QR Code, GS1 DotCode.
const GS1_SYMBOLOGIES: [&str; 5] = ["]C1", "]e0", "]d2", "]Q3", "]J1"];

/// Reads an element string that says it is one: by its symbology, by a leading FNC1, or by parentheses around its AIs.
pub fn element_string(text: &str) -> Option<Identifier> {
    let text = text.trim();
    let announced = GS1_SYMBOLOGIES.iter().any(|prefix| text.starts_with(prefix));
    let bare = without_symbology(text);
    if bare.starts_with('(') {
        return Identifier::among(&in_parentheses(bare)?);
    }
    (announced || bare.starts_with(SEPARATOR)).then(|| bare_elements(bare)).flatten()
}

/// Reads an element string that nothing announces, as scanners give it that were told to leave the prefix out. Any digits
/// may look like one: it is a second way to read a text, never the first.
pub fn bare_elements(text: &str) -> Option<Identifier> {
    let mut elements = Vec::new();
    let mut rest = text.trim_matches(SEPARATOR);
    while !rest.is_empty() {
        let (ai, behind) = rest.split_at_checked(digits_of_ai(rest)?)?;
        let (value, next) = match fixed_length(ai) {
            Some(length) => behind.split_at_checked(length)?,
            None => behind.split_at(behind.find(SEPARATOR).unwrap_or(behind.len())),
        };
        elements.push((ai, value));
        rest = next.trim_start_matches(SEPARATOR);
    }
    Identifier::among(&elements)
}

/// How many digits the AI at the beginning of a text has (General Specifications, 3.2).
fn digits_of_ai(text: &str) -> Option<usize> {
    let first = text.get(..2).filter(|first| first.bytes().all(|byte| byte.is_ascii_digit()))?;
    let digits = match first {
        "00" | "01" | "02" | "03" | "10" | "11" | "12" | "13" | "15" | "16" | "17" | "20" | "21" | "22" | "30"
        | "37" => 2,
        "23" | "24" | "25" | "40" | "41" | "42" | "71" => 3,
        "31" | "32" | "33" | "34" | "35" | "36" | "39" | "43" | "70" | "72" | "80" | "81" | "82" => 4,
        first if first.starts_with('9') => 2,
        _ => return None,
    };
    text.get(..digits).filter(|ai| ai.bytes().all(|byte| byte.is_ascii_digit())).map(|_| digits)
}

/// How long the value of an AI is that no separator follows (General Specifications, 7.8.5).
fn fixed_length(ai: &str) -> Option<usize> {
    match ai.get(..2)? {
        "00" => Some(18),
        "01" | "02" | "03" => Some(14),
        "11" | "12" | "13" | "15" | "16" | "17" => Some(6),
        "20" => Some(2),
        "31" | "32" | "33" | "34" | "35" | "36" => Some(6),
        "41" => Some(13),
        _ => None,
    }
}

/// The elements of `(01)04012345678901(21)7`. A value may hold parentheses of its own, but not around two to four digits.
fn in_parentheses(text: &str) -> Option<Vec<(&str, &str)>> {
    let ai = |text: &str| {
        let (ai, _) = text.strip_prefix('(')?.split_once(')')?;
        ((2..=4).contains(&ai.len()) && ai.bytes().all(|byte| byte.is_ascii_digit())).then_some(ai.len() + 2)
    };
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (head, behind) = rest.split_at_checked(ai(rest)?)?;
        let ends = behind.match_indices('(').map(|(at, _)| at).find(|at| behind.get(*at..).and_then(ai).is_some());
        let (value, next) = behind.split_at_checked(ends.unwrap_or(behind.len()))?;
        elements.push((head.trim_matches(['(', ')']), value.trim_matches([SEPARATOR, ' '])));
        rest = next;
    }
    Some(elements)
}

/// Reads a Digital Link URI with any host: a path that ends in an identification key, its value, and what qualifies it.
pub fn digital_link(text: &str) -> Option<Identifier> {
    let text = without_symbology(text);
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let path = rest.split(['?', '#']).next()?.trim_end_matches('/');
    let segments: Vec<Cow<'_, str>> = path.split('/').skip(1).map(decoded).collect::<Option<_>>()?;
    let starts = segments.iter().position(|segment| matches!(named(segment), "01" | "8003" | "8004"))?;
    let pairs = segments.get(starts..)?.chunks(2);
    let elements = pairs.map(|pair| match pair {
        [ai, value] if named(ai).bytes().all(|byte| byte.is_ascii_digit()) => Some((named(ai), &**value)),
        _ => None,
    });
    Identifier::among(&elements.collect::<Option<Vec<_>>>()?)
}

/// The AI that a segment of a path names. Early links said it in letters, and what is printed stays.
fn named(segment: &str) -> &str {
    match segment {
        "gtin" => "01",
        "ser" => "21",
        "grai" => "8003",
        "giai" => "8004",
        other => other,
    }
}

/// A segment of a path with its percent signs resolved (RFC 3986, 2.1).
fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
        return Some(Cow::Borrowed(segment));
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(if byte == b'%' { value(rest.next()?)? * 16 + value(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::{Identifier, bare_elements, digital_link, element_string, is_checked, without_symbology};

    fn giai() -> Option<Identifier> {
        Some(Identifier::Giai("4012345678ABC/17".to_owned()))
    }

    fn sgtin() -> Option<Identifier> {
        Some(Identifier::Sgtin("09506000134352".to_owned(), "S(1)7".to_owned()))
    }

    #[test]
    fn one_identifier_is_one_however_it_is_written() {
        for text in [
            "]C180044012345678ABC/17",
            "]d2\u{1d}80044012345678ABC/17\u{1d}",
            "]Q380044012345678ABC/17",
            "\u{1d}80044012345678ABC/17",
            "(8004)4012345678ABC/17",
            "(8004) 4012345678ABC/17 ",
            "\u{1d}10LOT\u{1d}80044012345678ABC/17",
        ] {
            assert_eq!(element_string(text), giai(), "{text}");
        }
        for text in [
            "https://id.gs1.org/8004/4012345678ABC%2F17",
            "HTTP://EXAMPLE.COM:8080/some/8004/4012345678ABC%2f17/?a=1#b",
            "]Q1https://example.com/giai/4012345678ABC%2F17",
        ] {
            assert_eq!(digital_link(text), giai(), "{text}");
        }
        for text in [
            "(01)09506000134352(21)S(1)7",
            "]d20109506000134352172701011021\u{1d}21S(1)7",
            "\u{1d}010950600013435221S(1)7\u{1d}10LOT",
        ] {
            assert_eq!(element_string(text), sgtin(), "{text}");
        }
        for text in [
            "https://brand.example/01/09506000134352/10/LOT/21/S(1)7?17=270101",
            "https://brand.example/p/01/9506000134352/21/S%281%297",
        ] {
            assert_eq!(digital_link(text), sgtin(), "{text}");
        }
        assert_eq!(bare_elements("80044012345678ABC/17"), giai());
        let grai = Some("grai:04012345678901X1".to_owned());
        assert_eq!(element_string("(8003)04012345678901X1").map(|it| it.key()), grai);
        assert_eq!(digital_link("https://id.gs1.org/8003/04012345678901X1").map(|it| it.key()), grai);
    }

    #[test]
    fn what_names_no_single_thing_is_no_identifier() {
        for text in [
            "",
            "()",
            "(8004)",
            "(8004)ABC",
            "(99)1",
            "80044012345678ABC",
            "(01)09506000134353(21)7",
            "(01)09506000134352",
            "(8003)04012345678901",
            "(8004)4012345678901234567890123456789",
            "(8004)4012 345",
            "]C1",
            "\u{1d}",
            "]d201",
            "]d2010950600013435217270101",
            "]C1Ω",
        ] {
            assert_eq!(element_string(text), None, "{text}");
        }
        for text in [
            "https://example.com/8004",
            "https://example.com/8004/",
            "https://example.com/8004/4012%",
            "https://example.com/8004/4012%zz",
            "https://example.com/8004/4012345/x",
            "https://example.com/8004/4012345/x/y",
            "ftp://example.com/8004/4012345",
            "https://example.com/01/09506000134352",
            "https://8004/4012345",
        ] {
            assert_eq!(digital_link(text), None, "{text}");
        }
        assert!(is_checked("4006381333931") && !is_checked("4006381333932") && !is_checked("40063813a"));
        assert_eq!(without_symbology(" ]C0ABC "), "ABC");
        assert_eq!(without_symbology("]"), "]");
    }
}
