//! Ukraine's code of the National Bank (board decision № 97 of 19.08.2025): lines of fields as Base64URL behind a link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use encoding_rs::WINDOWS_1251;

use super::unfit::{Unfit, Why};

/// The link in front of version 003, and of 002 as well.
pub const START: &str = "https://qr.bank.gov.ua/";
/// The older link in front of version 002.
pub const OLD_START: &str = "https://bank.gov.ua/qr/";
/// The most bytes before they are packed.
const MOST_BYTES: usize = 507;
/// The most characters after that, without the link.
const MOST_PACKED: usize = 475;

/// How the fields become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Field 3 is 1.
    Utf8,
    /// Field 3 is 2: a letter is one byte, and twice as much goes in.
    Windows1251,
}

/// What is to be paid to whom.
#[derive(Debug, Clone)]
pub struct Transfer<'a> {
    /// Who gets it.
    pub recipient: &'a str,
    /// Where: an IBAN of Ukraine.
    pub account: &'a str,
    /// How many kopiykas.
    pub amount: i64,
    /// ЄДРПОУ or РНОКПП of who gets it.
    pub code: &'a str,
    /// The invoice's number.
    pub reference: &'a str,
    /// What for.
    pub purpose: &'a str,
}

/// The link of version 003 for an invoice: a plain transfer in which nothing can be changed. In UTF-8 if that goes in, else in
/// windows-1251.
///
/// # Errors
/// The first value that the standard does not take.
pub fn link(transfer: &Transfer<'_>) -> Result<String, Unfit> {
    let amount = amount(transfer.amount)?;
    let encoded = |encoding: Encoding| {
        let mark = if encoding == Encoding::Utf8 { "1" } else { "2" };
        let fields = [
            "BCD",
            "003",
            mark,
            "UCT",
            "",
            transfer.recipient,
            transfer.account,
            &amount,
            transfer.code,
            "OTHR/OTHR",
            transfer.reference,
            transfer.purpose,
            "",
            "FFFF",
            "",
            "",
            "",
        ];
        packed(START, &fields, encoding, "\n")
    };
    match encoded(Encoding::Utf8) {
        Err(Unfit { why: Why::TooFull, .. }) => encoded(Encoding::Windows1251),
        done => done,
    }
}

/// "UAH3" or "UAH3.50", never "UAH3.00" nor "UAH3.5".
fn amount(kopiykas: i64) -> Result<String, Unfit> {
    if !(1..=99_999_999_999).contains(&kopiykas) {
        return Err(Unfit::new("amount", Why::Shape));
    }
    let (whole, part) = (kopiykas / 100, kopiykas % 100);
    Ok(if part == 0 { format!("UAH{whole}") } else { format!("UAH{whole}.{part:02}") })
}

/// Fields as a link: thirteen of version 002, seventeen of 003. All separators are there, whatever follows them.
///
/// # Errors
/// The first field that the standard does not take.
pub fn packed(start: &str, fields: &[&str], encoding: Encoding, line_end: &str) -> Result<String, Unfit> {
    let field = |number: usize| fields.get(number - 1).copied().unwrap_or_default();
    let newest = field(2) == "003";
    if fields.len() != if newest { 17 } else { 13 } {
        return Err(Unfit::new("version", Why::Shape));
    }
    let limits: [(usize, &'static str, usize, bool); 6] = [
        (6, "recipient", 140, true),
        (7, "account", 29, true),
        (9, "code", 10, true),
        (11, "reference", 35, false),
        (12, "purpose", 420, true),
        (13, "display", 140, false),
    ];
    for (number, name, most, needed) in limits {
        let value = field(number);
        if needed && value.is_empty() {
            return Err(Unfit::new(name, Why::Missing));
        }
        if value.chars().count() > most || number == 11 && value.len() > most {
            return Err(Unfit::new(name, Why::TooLong(most)));
        }
        // The standard's own alphabet, whichever way its letters become bytes.
        if win1251(value).is_none() {
            return Err(Unfit::new(name, Why::Characters));
        }
    }
    let account = field(7);
    if account.len() != 29 || !account.starts_with("UA") {
        return Err(Unfit::new("account", Why::Shape));
    }
    if !matches!(field(9).len(), 8..=10) || !field(9).bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unfit::new("code", Why::Shape));
    }
    if newest && field(10).is_empty() {
        return Err(Unfit::new("category", Why::Missing));
    }
    let text = fields.join(line_end);
    let bytes = match encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Windows1251 => WINDOWS_1251.encode(&text).0.into_owned(),
    };
    let link = URL_SAFE_NO_PAD.encode(&bytes);
    if bytes.len() > MOST_BYTES || link.len() > MOST_PACKED {
        return Err(Unfit::new("purpose", Why::TooFull));
    }
    Ok(format!("{start}{link}"))
}

/// The bytes of windows-1251 from 32 on, but for 127, 152 and 160; nothing when a letter is not among them.
fn win1251(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, lacking) = WINDOWS_1251.encode(text);
    let allowed = |byte: &u8| *byte >= 32 && !matches!(*byte, 127 | 152 | 160);
    if lacking || !bytes.iter().all(allowed) { None } else { Some(bytes.into_owned()) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Encoding, OLD_START, START, Transfer, amount, link, packed};
    use crate::payment_qr::unfit::Why;

    #[test]
    fn every_vector_of_the_bank_holds() {
        let vectors: Value = serde_json::from_str(include_str!("../../tests/vectors/payment_qr.json")).unwrap();
        for case in vectors["nbu"].as_array().unwrap() {
            let fields: Vec<&str> =
                case["fields"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
            let url = case["url"].as_str().unwrap();
            let start = if url.starts_with(START) { START } else { OLD_START };
            let windows = fields[2] == "2";
            let (encoding, line_end) = if windows { (Encoding::Windows1251, "\r\n") } else { (Encoding::Utf8, "\n") };
            assert_eq!(packed(start, &fields, encoding, line_end).unwrap(), url, "{}", case["case"]);
        }
    }

    #[test]
    fn an_amount_has_no_kopiykas_or_two_digits_of_them() {
        assert_eq!(amount(300).unwrap(), "UAH3");
        assert_eq!(amount(350).unwrap(), "UAH3.50");
        assert_eq!(amount(99_999_999_999).unwrap(), "UAH999999999.99");
        assert!(amount(0).is_err() && amount(100_000_000_000).is_err());
    }

    #[test]
    fn a_long_purpose_goes_into_one_byte_a_letter() {
        let purpose = "ї".repeat(150);
        let mut transfer = Transfer {
            recipient: "ТОВ «СЕРВІС-ІТ»",
            account: "UA213223130000026007233566001",
            amount: 1,
            code: "32855961",
            reference: "2026-00001",
            purpose: "Оплата",
        };
        let read = |link: String| {
            use base64::Engine;
            base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(link.strip_prefix(START).unwrap()).unwrap()
        };
        assert!(read(link(&transfer).unwrap()).starts_with(b"BCD\n003\n1\nUCT\n\n"));
        transfer.purpose = &purpose;
        assert!(read(link(&transfer).unwrap()).starts_with(b"BCD\n003\n2\nUCT\n\n"));
        let too_long = "ї".repeat(300);
        transfer.purpose = &too_long;
        assert_eq!(link(&transfer).unwrap_err().why, Why::TooFull);
        transfer.purpose = "дякуємо 🙂";
        assert_eq!(link(&transfer).unwrap_err().why, Why::Characters);
    }
}
