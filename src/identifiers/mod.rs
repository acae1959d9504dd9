//! Identifiers that people, companies, banks and accounts are known by in their countries, and whether they can be right. What
//! is wrong is told as a warning: records are kept with what somebody has typed off a paper, and a register knows better.

pub mod bank;
pub mod details;
pub mod eu_arithmetic;
pub mod eu_vat;
pub mod fault;
pub mod neighbours;
pub mod routes;
pub mod russia;

use serde::{Deserialize, Deserializer, Serialize, de};

use self::fault::Fault;
use crate::auth::Actor;
use crate::db::types::text_enum;
use crate::error::{Error, FieldError, Flaw};
use crate::http::problem::ProblemField;

text_enum! {
    /// What an identifier is.
    IdentifierKind {
        /// ИНН of an organisation (10 digits) or a person (12).
        Inn = "inn",
        /// ИНН of an organisation only.
        Inn10 = "inn10",
        /// ИНН of a person only.
        Inn12 = "inn12",
        /// КПП.
        Kpp = "kpp",
        /// ОГРН.
        Ogrn = "ogrn",
        /// ОГРНИП.
        Ogrnip = "ogrnip",
        /// БИК.
        Bik = "bik",
        /// An account in Russia; `bank_code` is its БИК.
        Account = "account",
        /// A bank's correspondent account in Russia; `bank_code` is its БИК.
        CorrespondentAccount = "correspondent_account",
        /// ЄДРПОУ.
        Edrpou = "edrpou",
        /// РНОКПП.
        Rnokpp = "rnokpp",
        /// БИН or ИИН of Kazakhstan.
        KzBin = "kz_bin",
        /// IBAN.
        Iban = "iban",
        /// A bank's code in SWIFT.
        Swift = "swift",
        /// VAT number of a country of the European Union, or of Northern Ireland (XI).
        EuVat = "eu_vat",
        /// VAT number of Great Britain.
        GbVat = "gb_vat",
    }
}

/// What somebody typed, as it is: a space at its end is what may be wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(value_type = String, max_length = 100)]
pub struct Typed(String);

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.chars().count() {
            0..=100 => Ok(Self(text)),
            _ => Err(de::Error::custom("!too_long max=100")),
        }
    }
}

/// An identifier to look at.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIdentifier {
    /// What it is.
    pub kind: IdentifierKind,
    /// What somebody typed.
    pub value: Typed,
    /// Of an account in Russia: the БИК of its bank.
    #[serde(default)]
    pub bank_code: Option<Typed>,
}

/// What came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CheckedIdentifier {
    /// What it is.
    pub kind: IdentifierKind,
    /// What was typed.
    pub value: Typed,
    /// Whether it can be right. That it was given to anybody only a register can say.
    pub valid: bool,
    /// What it would be without spaces and in capitals, when that can be right and this cannot.
    pub meant: Option<String>,
    /// Which rule it breaks.
    pub flaw: Option<ProblemField>,
}

/// Looks at one identifier.
///
/// # Errors
/// `validation_failed` for an account without its bank.
pub fn look(actor: &Actor, asked: &CheckIdentifier) -> Result<CheckedIdentifier, Error> {
    let bank = asked.bank_code.as_ref().map(|code| code.0.as_str());
    let with_bank = matches!(asked.kind, IdentifierKind::Account | IdentifierKind::CorrespondentAccount);
    if with_bank && bank.is_none() {
        return Err(Error::field("/bank_code", Flaw::Required));
    }
    let fault = check(asked.kind, &asked.value.0, bank).err();
    let tidy = bank::tidy_iban(&asked.value.0);
    let meant = fault.is_some() && check(asked.kind, &tidy, bank).is_ok();
    Ok(CheckedIdentifier {
        kind: asked.kind,
        value: asked.value.clone(),
        valid: fault.is_none(),
        meant: if meant { Some(tidy) } else { None },
        flaw: fault.map(|fault| ProblemField::new(&fault.at("/value"), actor.language())),
    })
}

/// Whether an identifier can be right. `bank` is the code of an account's bank.
///
/// # Errors
/// The rule it breaks.
pub fn check(kind: IdentifierKind, text: &str, bank: Option<&str>) -> Result<(), Fault> {
    match kind {
        IdentifierKind::Inn => russia::inn(text),
        IdentifierKind::Inn10 => russia::inn_of_organisation(text),
        IdentifierKind::Inn12 => russia::inn_of_person(text),
        IdentifierKind::Kpp => russia::kpp(text),
        IdentifierKind::Ogrn => russia::ogrn(text),
        IdentifierKind::Ogrnip => russia::ogrnip(text),
        IdentifierKind::Bik => russia::bik(text),
        IdentifierKind::Account => russia::account(bank.unwrap_or_default(), text),
        IdentifierKind::CorrespondentAccount => russia::correspondent_account(bank.unwrap_or_default(), text),
        IdentifierKind::Edrpou => neighbours::edrpou(text),
        IdentifierKind::Rnokpp => neighbours::rnokpp(text),
        IdentifierKind::KzBin => neighbours::kz_bin(text),
        // Groups of four are how it is written.
        IdentifierKind::Iban => bank::iban(&bank::tidy_iban(text)),
        IdentifierKind::Swift => bank::swift(text),
        IdentifierKind::EuVat => eu_vat::eu_vat(text),
        IdentifierKind::GbVat => eu_vat::gb_vat(text),
    }
}

impl Fault {
    /// What is wrong with the field at `pointer`.
    pub fn at(&self, pointer: &str) -> FieldError {
        let text = ToString::to_string;
        let (flaw, params) = match self {
            Self::Empty => (Flaw::Required, vec![]),
            Self::Space { position } => (Flaw::HasSpace, vec![("position", text(position))]),
            Self::Character { position, found, allowed } => (
                Flaw::StrangeCharacter,
                vec![("position", text(position)), ("found", found.to_string()), ("allowed", (*allowed).to_owned())],
            ),
            Self::Length { expected, found } => {
                (Flaw::WrongLength, vec![("expected", expected.clone()), ("found", text(found))])
            }
            Self::Start { expected } => (Flaw::WrongStart, vec![("expected", (*expected).to_owned())]),
            Self::Zeros => (Flaw::OnlyZeros, vec![]),
            Self::Country { found } => (Flaw::UnknownCountry, vec![("found", found.clone())]),
            Self::CheckDigit { position, expected: Some(expected), found, rule } => (
                Flaw::WrongCheckDigit,
                vec![
                    ("position", text(position)),
                    ("expected", expected.clone()),
                    ("found", found.clone()),
                    ("rule", (*rule).to_owned()),
                ],
            ),
            Self::CheckDigit { rule, .. } | Self::Checksum { rule } => {
                (Flaw::WrongChecksum, vec![("rule", (*rule).to_owned())])
            }
            Self::Key { position, expected, found, bic } => (
                Flaw::WrongAccountKey,
                vec![
                    ("position", text(position)),
                    ("expected", expected.clone()),
                    ("found", found.clone()),
                    ("bic", bic.clone()),
                ],
            ),
            Self::BankDigits { expected } => (Flaw::OtherBank, vec![("expected", expected.clone())]),
        };
        FieldError { pointer: pointer.to_owned(), flaw, params }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::{Fault, IdentifierKind, check};
    use crate::error::Flaw;

    #[test]
    fn every_vector_of_the_registers_holds() {
        let vectors: BTreeMap<String, Value> =
            serde_json::from_str(include_str!("../../tests/vectors/identifiers.json")).unwrap();
        let mut looked_at = 0;
        for (name, cases) in vectors {
            let kind = match name.as_str() {
                "ogrn13" => "ogrn",
                "ogrnip15" => "ogrnip",
                "account_rs" => "account",
                "account_ks" => "correspondent_account",
                "swift_bic" => "swift",
                other => other,
            };
            let kind: IdentifierKind = kind.parse().unwrap();
            for (list, right) in [("valid", true), ("invalid", false), ("stdnum_wrongly_rejects", true)] {
                for case in cases[list].as_array().into_iter().flatten() {
                    let text = case.as_str().or(case["account"].as_str()).or(case["value"].as_str()).unwrap();
                    let found = check(kind, text, case["bik"].as_str());
                    assert_eq!(found.is_ok(), right, "{name} {case}: {found:?}");
                    looked_at += 1;
                }
            }
        }
        assert!(looked_at > 390);
    }

    #[test]
    fn the_rule_that_fails_is_named_with_its_digit() {
        let fault = |kind, text| check(kind, text, Some("044525225")).unwrap_err();
        assert_eq!(
            fault(IdentifierKind::Inn, "7707083890"),
            Fault::CheckDigit {
                position: 10,
                expected: Some("3".to_owned()),
                found: "0".to_owned(),
                rule: "2·4·10·3·5·9·4·6·8 mod 11 mod 10"
            }
        );
        assert_eq!(fault(IdentifierKind::Inn, "0000000000"), Fault::Zeros);
        assert_eq!(
            fault(IdentifierKind::Account, "40702810438000060474"),
            Fault::Key { position: 9, expected: "7".to_owned(), found: "4".to_owned(), bic: "044525225".to_owned() }
        );
        assert_eq!(fault(IdentifierKind::Iban, "DE88 3704 0044 0532 0130 00").at("/value").flaw, Flaw::WrongCheckDigit);
        assert_eq!(fault(IdentifierKind::Kpp, "7707АВ001").at("/value").params[1].1, "А", "a Cyrillic one");
        assert!(check(IdentifierKind::KzBin, "940140000385", None).is_ok());
        assert!(check(IdentifierKind::KzBin, "940140000386", None).is_err());
    }
}
