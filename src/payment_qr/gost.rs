//! Russia's code of ГОСТ Р 56042-2014: `ST0001`, the digit of the encoding, a separator, and pairs of key and value.

use encoding_rs::{KOI8_R, WINDOWS_1251};

use super::unfit::{Unfit, Why};

/// The alphabet of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// One byte a letter.
    Windows1251,
    /// What phones show to people.
    Utf8,
    /// One byte a letter, without typographic quotes.
    Koi8R,
}

impl Charset {
    const fn digit(self) -> char {
        match self {
            Self::Windows1251 => '1',
            Self::Utf8 => '2',
            Self::Koi8R => '3',
        }
    }

    /// The bytes of a text; nothing when the alphabet lacks a letter.
    fn bytes(self, text: &str) -> Option<Vec<u8>> {
        let table = match self {
            Self::Utf8 => return Some(text.as_bytes().to_vec()),
            Self::Windows1251 => WINDOWS_1251,
            Self::Koi8R => KOI8_R,
        };
        let (bytes, _, lacking) = table.encode(text);
        if lacking { None } else { Some(bytes.into_owned()) }
    }
}

/// What a key holds.
#[derive(Clone, Copy)]
enum Shape {
    /// So many characters at the most.
    Text(usize),
    /// So many digits at the most.
    Digits(usize),
    /// Just so many digits.
    Exactly(usize),
    /// Anything.
    Free,
}

/// The keys that come first, in this order.
const REQUIRED: [(&str, Shape); 5] = [
    ("Name", Shape::Text(160)),
    ("PersonalAcc", Shape::Exactly(20)),
    ("BankName", Shape::Text(45)),
    ("BIC", Shape::Exactly(9)),
    // "0" where the bank has none.
    ("CorrespAcc", Shape::Digits(20)),
];

/// The keys with a limit that may follow.
#[rustfmt::skip]
const FURTHER: [(&str, Shape); 15] = [
    ("Sum", Shape::Digits(18)), ("Purpose", Shape::Text(210)), ("PayeeINN", Shape::Digits(12)), ("PayerINN", Shape::Digits(12)),
    ("DrawerStatus", Shape::Text(2)), ("KPP", Shape::Text(9)), ("CBC", Shape::Text(20)), ("OKTMO", Shape::Text(11)),
    ("PaytReason", Shape::Text(2)), ("TaxPeriod", Shape::Text(10)), ("DocNo", Shape::Text(15)), ("DocDate", Shape::Text(10)),
    ("TaxPaytKind", Shape::Text(2)), ("TaxPayKind", Shape::Text(2)), ("AddAmount", Shape::Digits(18)),
];

/// The bytes of a code. The sum is in kopecks.
///
/// # Errors
/// The first value that the standard does not take.
pub fn payload(fields: &[(&'static str, &str)], charset: Charset) -> Result<Vec<u8>, Unfit> {
    for (index, (key, shape)) in REQUIRED.iter().enumerate() {
        match fields.get(index) {
            Some((found, value)) if found == key && !value.is_empty() => fits(key, value, *shape)?,
            _ => return Err(Unfit::new(key, Why::Missing)),
        }
    }
    for (key, value) in fields.iter().skip(REQUIRED.len()) {
        let shape = FURTHER.iter().find(|(known, _)| known == key).map_or(Shape::Free, |(_, shape)| *shape);
        fits(key, value, shape)?;
    }
    let separator = separator(fields)?;
    let pairs: Vec<String> = fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let text = format!("ST0001{}{separator}{}", charset.digit(), pairs.join(&separator.to_string()));
    charset.bytes(&text).ok_or_else(|| {
        let lacking = fields.iter().find(|(_, value)| charset.bytes(value).is_none());
        Unfit::new(lacking.map_or("Name", |(key, _)| key), Why::Characters)
    })
}

fn fits(key: &'static str, value: &str, shape: Shape) -> Result<(), Unfit> {
    let count = value.chars().count();
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    match shape {
        Shape::Text(most) | Shape::Digits(most) if count > most => Err(Unfit::new(key, Why::TooLong(most))),
        Shape::Digits(_) if !digits => Err(Unfit::new(key, Why::Shape)),
        Shape::Exactly(length) if !digits || count != length => Err(Unfit::new(key, Why::Shape)),
        // A line that is broken would end in the middle of a value on paper, too.
        _ if value.chars().any(char::is_control) => Err(Unfit::new(key, Why::Characters)),
        _ => Ok(()),
    }
}

/// A character of ASCII that stands in no value: `|` unless one has it.
fn separator(fields: &[(&'static str, &str)]) -> Result<char, Unfit> {
    let free = |separator: &char| !fields.iter().any(|(_, value)| value.contains(*separator));
    let first = fields.first().map_or("Name", |(key, _)| key);
    "|~^#$;!*&%@_`\\".chars().find(free).ok_or_else(|| Unfit::new(first, Why::Characters))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Charset, payload};

    fn fields(of: &Value) -> Vec<(&'static str, String)> {
        let known = super::REQUIRED.iter().chain(&super::FURTHER).map(|(key, _)| *key);
        let known: Vec<&'static str> = known.chain(["LastName", "FirstName", "MiddleName", "PayerAddress"]).collect();
        let pair = |pair: &Value| {
            let key = known.iter().find(|known| **known == pair[0].as_str().unwrap()).unwrap();
            (*key, pair[1].as_str().unwrap().to_owned())
        };
        of.as_array().unwrap().iter().map(pair).collect()
    }

    fn made(fields: &[(&'static str, String)], charset: Charset) -> Result<Vec<u8>, super::Unfit> {
        let lent: Vec<(&'static str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        payload(&lent, charset)
    }

    #[test]
    fn every_vector_of_the_standard_holds() {
        let vectors: Value = serde_json::from_str(include_str!("../../tests/vectors/payment_qr.json")).unwrap();
        for case in vectors["gost"].as_array().unwrap() {
            let charset = match case["encoding"].as_str().unwrap() {
                "1" => Charset::Windows1251,
                "2" => Charset::Utf8,
                _ => Charset::Koi8R,
            };
            let bytes = made(&fields(&case["fields"]), charset).unwrap();
            assert_eq!(hex::encode(bytes), case["payload_hex"].as_str().unwrap(), "{}", case["case"]);
        }
        for case in vectors["gost_invalid"].as_array().unwrap() {
            let text = case["text"].as_str().unwrap();
            let pairs: Vec<Value> =
                text.split('|').skip(1).map(|pair| pair.split('=').collect::<Vec<_>>().into()).collect();
            assert!(made(&fields(&Value::from(pairs)), Charset::Utf8).is_err(), "{}", case["case"]);
        }
    }

    #[test]
    fn a_bar_in_a_value_moves_the_separator() {
        let mut some = vec![
            ("Name", "ООО «А|Б»".to_owned()),
            ("PersonalAcc", "40702810138250123017".to_owned()),
            ("BankName", "Банк".to_owned()),
            ("BIC", "044525225".to_owned()),
            ("CorrespAcc", "0".to_owned()),
        ];
        let text = String::from_utf8(made(&some, Charset::Utf8).unwrap()).unwrap();
        assert!(text.starts_with("ST00012~Name=ООО «А|Б»~PersonalAcc=") && text.ends_with("~CorrespAcc=0"), "{text}");
        assert!(made(&some, Charset::Windows1251).is_ok());
        assert_eq!(made(&some, Charset::Koi8R).unwrap_err().field, "Name", "no «» there");
        some[0].1 = "ООО ₽".to_owned();
        assert!(made(&some, Charset::Windows1251).is_err());
    }
}
