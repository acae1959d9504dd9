//! The identifiers in the details of an organisation, by the country whose money it counts in: what can be looked at is, and
//! what is somebody else's way of counting is left alone.

use super::bank::{iban, swift, tidy_iban};
use super::fault::{Fault, digits};
use super::{eu_vat, neighbours, russia};
use crate::error::FieldError;
use crate::http::problem::ProblemField;
use crate::money::Currency;
use crate::words::Language;

/// Whose identifiers are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// ИНН, КПП, БИК.
    Russia,
    /// ЄДРПОУ, РНОКПП, IBAN.
    Ukraine,
    /// БИН, ИИН, IBAN.
    Kazakhstan,
    /// VAT numbers, IBAN.
    Elsewhere,
}

impl Law {
    /// The law of those who count in this money.
    pub const fn of(currency: Currency) -> Self {
        match currency {
            Currency::Rub => Self::Russia,
            Currency::Uah => Self::Ukraine,
            Currency::Kzt => Self::Kazakhstan,
            _ => Self::Elsewhere,
        }
    }
}

/// Where money goes, as it was typed.
#[derive(Debug, Clone, Copy)]
pub struct BankDetails<'a> {
    /// БИК, МФО, SWIFT.
    pub bic: Option<&'a str>,
    /// The account, or IBAN.
    pub account: &'a str,
    /// к/с
    pub correspondent_account: Option<&'a str>,
}

/// What is wrong with the numbers of an organisation.
pub fn of_party(law: Law, tax_id: Option<&str>, tax_code: Option<&str>) -> Vec<FieldError> {
    let id = tax_id.and_then(|text| Some(taxpayer(law, text).err()?.at("/tax_id")));
    let code = match law {
        Law::Russia => tax_code.and_then(|text| Some(russia::kpp(text).err()?.at("/tax_code"))),
        _ => None,
    };
    id.into_iter().chain(code).collect()
}

/// What is wrong with the details of a bank.
pub fn of_bank(law: Law, bank: BankDetails<'_>) -> Vec<FieldError> {
    let russian = law == Law::Russia && !begins_with_letters(bank.account);
    let mut flaws = Vec::new();
    let mut look = |pointer: &str, found: Result<(), Fault>| flaws.extend(found.err().map(|fault| fault.at(pointer)));
    if let Some(bic) = bank.bic {
        if russian {
            look("/bank/bic", russia::bik(bic));
        } else if begins_with_letters(bic) {
            look("/bank/bic", swift(bic));
        }
    }
    if !russian {
        // Britain, America and others have accounts of their own that nobody can check here.
        if begins_with_letters(bank.account) || law == Law::Ukraine || law == Law::Kazakhstan {
            look("/bank/account", iban(&tidy_iban(bank.account)));
        }
        return flaws;
    }
    match bank.bic.filter(|bic| russia::bik(bic).is_ok()) {
        Some(bic) => {
            look("/bank/account", russia::account(bic, bank.account));
            let theirs = bank.correspondent_account.filter(|account| *account != "0");
            look("/bank/correspondent_account", theirs.map_or(Ok(()), |text| russia::correspondent_account(bic, text)));
        }
        None => look("/bank/account", super::fault::exactly(bank.account, 20).map(drop)),
    }
    flaws
}

/// The same in a language, as answers tell it.
pub fn told(flaws: &[FieldError], language: Language) -> Vec<ProblemField> {
    flaws.iter().map(|flaw| ProblemField::new(flaw, language)).collect()
}

fn taxpayer(law: Law, text: &str) -> Result<(), Fault> {
    if begins_with_letters(text) {
        return if eu_vat::is_of_union(text) { eu_vat::eu_vat(text) } else { Ok(()) };
    }
    match law {
        Law::Russia => russia::inn(text),
        Law::Ukraine => match digits(text)?.len() {
            10 => neighbours::rnokpp(text),
            8 => neighbours::edrpou(text),
            found => Err(Fault::Length { expected: "8 / 10".to_owned(), found }),
        },
        Law::Kazakhstan => neighbours::kz_bin(text),
        Law::Elsewhere => Ok(()),
    }
}

fn begins_with_letters(text: &str) -> bool {
    text.chars().take(2).filter(char::is_ascii_alphabetic).count() == 2
}

#[cfg(test)]
mod tests {
    use super::{BankDetails, Law, of_bank, of_party};

    #[test]
    fn each_country_looks_at_its_own() {
        let wrong = |law, id: &str, code: Option<&str>| -> Vec<String> {
            of_party(law, Some(id), code)
                .into_iter()
                .map(|flaw| format!("{} {}", flaw.pointer, flaw.flaw.as_str()))
                .collect()
        };
        assert!(wrong(Law::Russia, "7707083893", Some("773601001")).is_empty());
        assert_eq!(
            wrong(Law::Russia, "7707083890", Some("77")),
            ["/tax_id wrong_check_digit", "/tax_code wrong_length"]
        );
        assert_eq!(wrong(Law::Ukraine, "3285596", None), ["/tax_id wrong_length"]);
        assert!(wrong(Law::Ukraine, "32855961", Some("328559626543")).is_empty());
        assert_eq!(wrong(Law::Elsewhere, "DE136699576", None), ["/tax_id wrong_checksum"]);
        assert!(wrong(Law::Elsewhere, "12-3456789", None).is_empty());
    }

    #[test]
    fn an_account_is_looked_at_with_its_bank() {
        let wrong = |law, bic, account: &str, correspondent_account| -> Vec<String> {
            let found = of_bank(law, BankDetails { bic, account, correspondent_account });
            found.into_iter().map(|flaw| format!("{} {}", flaw.pointer, flaw.flaw.as_str())).collect()
        };
        let (bic, own) = (Some("044525225"), Some("30101810400000000225"));
        assert!(wrong(Law::Russia, bic, "40702810138250123017", own).is_empty());
        assert!(wrong(Law::Russia, bic, "40702810138250123017", Some("0")).is_empty());
        let both = ["/bank/account wrong_account_key", "/bank/correspondent_account wrong_account_key"];
        assert_eq!(wrong(Law::Russia, bic, "40702810138250123018", Some("30101810500000000225")), both);
        assert_eq!(
            wrong(Law::Russia, Some("4452522"), "1", None),
            ["/bank/bic wrong_length", "/bank/account wrong_length"]
        );
        assert!(wrong(Law::Ukraine, Some("322313"), "UA21 3223 1300 0002 6007 2335 6600 1", None).is_empty());
        assert_eq!(wrong(Law::Ukraine, None, "26007233566001", None), ["/bank/account strange_character"]);
        assert!(wrong(Law::Elsewhere, Some("20-00-00"), "55779911", None).is_empty());
    }
}
