//! The code of the European Payments Council, EPC069-12 version 2.1: a SEPA transfer in euros, line by line.

use encoding_rs::{ISO_8859_2, ISO_8859_4, ISO_8859_5, ISO_8859_7, ISO_8859_10, ISO_8859_15};

use super::unfit::{Unfit, Why};

/// The most bytes.
const MOST_BYTES: usize = 331;

/// What is to be paid to whom.
#[derive(Debug, Clone, Default)]
pub struct Transfer<'a> {
    /// Who gets it.
    pub name: &'a str,
    /// Where.
    pub iban: &'a str,
    /// The bank's code, which version 002 does without.
    pub bic: Option<&'a str>,
    /// How many cents.
    pub amount: i64,
    /// Four letters of ISO 20022.
    pub purpose: Option<&'a str>,
    /// A creditor reference (ISO 11649). Either this or a text.
    pub reference: Option<&'a str>,
    /// What for.
    pub text: Option<&'a str>,
}

/// The bytes of a code, in the alphabet with this number of the standard (1 is UTF-8).
///
/// # Errors
/// The first value that the standard does not take.
pub fn payload(transfer: &Transfer<'_>, alphabet: u8) -> Result<Vec<u8>, Unfit> {
    let within = |field, text: &str, most: usize| match text.chars().count() {
        0 => Err(Unfit::new(field, Why::Missing)),
        count if count > most => Err(Unfit::new(field, Why::TooLong(most))),
        _ if text.chars().any(char::is_control) => Err(Unfit::new(field, Why::Characters)),
        _ => Ok(()),
    };
    within("name", transfer.name, 70)?;
    within("iban", transfer.iban, 34)?;
    if transfer.bic.is_some_and(|bic| !matches!(bic.len(), 8 | 11)) {
        return Err(Unfit::new("bic", Why::Shape));
    }
    if transfer.purpose.is_some_and(|purpose| purpose.is_empty() || purpose.len() > 4) {
        return Err(Unfit::new("purpose", Why::Shape));
    }
    match (transfer.reference, transfer.text) {
        (None, Some(text)) => within("text", text, 140)?,
        (Some(reference), None) => within("reference", reference, 35)?,
        (Some(_), Some(_)) => return Err(Unfit::new("reference", Why::Shape)),
        (None, None) => return Err(Unfit::new("text", Why::Missing)),
    }
    if !(1..=99_999_999_999).contains(&transfer.amount) {
        return Err(Unfit::new("amount", Why::Shape));
    }
    let (alphabet_text, amount) = (alphabet.to_string(), amount(transfer.amount));
    let mut lines = vec!["BCD", "002", &alphabet_text, "SCT", transfer.bic.unwrap_or_default(), transfer.name];
    lines.extend([
        transfer.iban,
        &amount,
        transfer.purpose.unwrap_or_default(),
        transfer.reference.unwrap_or_default(),
    ]);
    lines.extend(transfer.text);
    let bytes = bytes(&lines.join("\n"), alphabet).ok_or(Unfit::new("name", Why::Characters))?;
    if bytes.len() > MOST_BYTES { Err(Unfit::new("text", Why::TooFull)) } else { Ok(bytes) }
}

/// The number of the first alphabet of a letter a byte that has all letters of these texts; else that of UTF-8.
pub fn narrowest(transfer: &Transfer<'_>) -> u8 {
    let text = format!("{}{}", transfer.name, transfer.text.unwrap_or_default());
    (2..=8).find(|alphabet| bytes(&text, *alphabet).is_some()).unwrap_or(1)
}

/// "EUR20", "EUR12.3", "EUR12.34".
fn amount(cents: i64) -> String {
    let (whole, part) = (cents / 100, cents % 100);
    match part {
        0 => format!("EUR{whole}"),
        part if part % 10 == 0 => format!("EUR{whole}.{}", part / 10),
        part => format!("EUR{whole}.{part:02}"),
    }
}

/// The bytes of a text in an alphabet of the standard; nothing when a letter is not in it.
fn bytes(text: &str, alphabet: u8) -> Option<Vec<u8>> {
    let table = match alphabet {
        1 => return Some(text.as_bytes().to_vec()),
        // Latin-1: the first 256 code points as they are.
        2 => return text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect(),
        3 => ISO_8859_2,
        4 => ISO_8859_4,
        5 => ISO_8859_5,
        6 => ISO_8859_7,
        7 => ISO_8859_10,
        8 => ISO_8859_15,
        _ => return None,
    };
    let (bytes, _, lacking) = table.encode(text);
    if lacking { None } else { Some(bytes.into_owned()) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Transfer, narrowest, payload};

    /// The cents of "12.3".
    fn cents(amount: &str) -> i64 {
        let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
        format!("{whole}{part:0<2}").parse().unwrap()
    }

    fn transfer(input: &Value) -> Transfer<'_> {
        Transfer {
            name: input["name"].as_str().unwrap(),
            iban: input["iban"].as_str().unwrap(),
            bic: input["bic"].as_str(),
            amount: cents(input["amount"].as_str().unwrap()),
            purpose: input["purpose"].as_str(),
            reference: input["reference"].as_str(),
            text: input["text"].as_str(),
        }
    }

    #[test]
    fn every_vector_of_the_council_holds() {
        let vectors: Value = serde_json::from_str(include_str!("../../tests/vectors/payment_qr.json")).unwrap();
        for case in vectors["epc"].as_array().unwrap() {
            let transfer = transfer(&case["input"]);
            let alphabet = if case["input"]["encoding"] == "UTF-8" { 1 } else { narrowest(&transfer) };
            let bytes = payload(&transfer, alphabet).unwrap();
            assert_eq!(hex::encode(bytes), case["payload_segno_hex"].as_str().unwrap(), "{}", case["input"]);
        }
        for case in vectors["epc_invalid"].as_array().unwrap() {
            assert!(payload(&transfer(&case["input"]), 1).is_err(), "{}", case["why"]);
        }
    }
}
