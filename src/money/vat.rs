//! Value added tax: three different nothings, two ways to hold it, one way to round it.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use super::{Money, divide};
use crate::db::types::text_enum;
use crate::words::Language;

text_enum! {
    /// How prices hold the tax.
    VatMode {
        /// A price already contains it.
        Included = "included",
        /// It is added to the price.
        OnTop = "on_top",
        /// The provider pays none.
        NotPayer = "not_payer",
    }
}

/// What share of tax, or why there is none. `0`, `exempt` and `not_payer` are three different things on a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum VatRate {
    /// Hundredths of a per cent: 22 % is 2200.
    Percent(i64),
    /// The work is exempt.
    Exempt,
    /// The provider is not a payer.
    NotPayer,
}

/// A line's amount taken apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taxed {
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub vat: Money,
    /// What is paid.
    pub gross: Money,
}

impl VatRate {
    /// Takes `amount` (quantity × price) apart. Rounded half away from zero, line by line.
    pub fn apply(self, mode: VatMode, amount: Money) -> Taxed {
        let rate = match (self, mode) {
            (Self::Percent(rate), VatMode::Included | VatMode::OnTop) => i128::from(rate),
            _ => 0,
        };
        let exact = i128::from(amount.0) * rate;
        let whole = 10_000;
        let share = |denominator| Money(i64::try_from(divide(exact, denominator)).unwrap_or_default());
        match mode {
            VatMode::Included | VatMode::NotPayer => {
                let vat = share(whole + rate);
                Taxed { net: amount - vat, vat, gross: amount }
            }
            VatMode::OnTop => {
                let vat = share(whole);
                Taxed { net: amount, vat, gross: amount + vat }
            }
        }
    }

    /// "22%", "Без НДС": as the column of a document says it.
    pub fn printed(self, language: Language) -> String {
        match self {
            Self::Percent(_) => format!("{}%", self.to_string().replace('.', language.choose(",", ",", "."))),
            Self::Exempt | Self::NotPayer => language.choose("Без НДС", "Без ПДВ", "No VAT").to_owned(),
        }
    }
}

impl Taxed {
    /// The sum of lines: a document's totals are never computed in another way.
    pub fn sum(lines: impl IntoIterator<Item = Self>) -> Self {
        lines.into_iter().fold(Self::default(), |sum, line| Self {
            net: sum.net + line.net,
            vat: sum.vat + line.vat,
            gross: sum.gross + line.gross,
        })
    }
}

impl utoipa::PartialSchema for VatRate {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).examples(["22", "exempt"]);
        text.pattern(Some(r"^([0-9]{1,2}(\.[0-9]{1,2})?|exempt|not_payer)$"))
            .description(Some("Per cent, or why there is none"))
            .into()
    }
}

impl utoipa::ToSchema for VatRate {
    fn name() -> std::borrow::Cow<'static, str> {
        "VatRate".into()
    }
}

impl fmt::Display for VatRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(rate) => match (rate / 100, rate % 100) {
                (whole, 0) => write!(f, "{whole}"),
                (whole, part) if part % 10 == 0 => write!(f, "{whole}.{}", part / 10),
                (whole, part) => write!(f, "{whole}.{part:02}"),
            },
            Self::Exempt => f.write_str("exempt"),
            Self::NotPayer => f.write_str("not_payer"),
        }
    }
}

impl FromStr for VatRate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "exempt" => Ok(Self::Exempt),
            "not_payer" => Ok(Self::NotPayer),
            _ => match text.parse::<Money>() {
                Ok(Money(rate)) if rate < 10_000 => Ok(Self::Percent(rate)),
                Ok(_) => Err("!out_of_range min=0 max=99.99".to_owned()),
                Err(_) => Err("!not_a_decimal places=2".to_owned()),
            },
        }
    }
}

impl Serialize for VatRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VatRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

crate::db::types::written_text!(VatRate);

#[cfg(test)]
mod tests {
    use super::{Taxed, VatMode, VatRate};
    use crate::money::{Money, Price, Quantity};

    #[derive(serde::Deserialize)]
    struct Vectors {
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        lines: Vec<Line>,
        rate: String,
        vat_included: bool,
        per_line: Vec<Amounts>,
        sum_of_lines: Amounts,
    }

    #[derive(serde::Deserialize)]
    struct Line {
        qty: String,
        price: String,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Amounts {
        net: String,
        vat: String,
        gross: String,
    }

    impl From<Taxed> for Amounts {
        fn from(taxed: Taxed) -> Self {
            Self { net: taxed.net.to_string(), vat: taxed.vat.to_string(), gross: taxed.gross.to_string() }
        }
    }

    #[test]
    fn every_vector_of_the_accountants_holds() {
        let vectors: Vectors = serde_json::from_str(include_str!("../../tests/vectors/vat.json")).unwrap();
        assert!(vectors.cases.len() > 100);
        for case in vectors.cases {
            let mode = if case.vat_included { VatMode::Included } else { VatMode::OnTop };
            let rate: VatRate = case.rate.parse().unwrap();
            let lines: Vec<Taxed> = case
                .lines
                .iter()
                .map(|line| {
                    let (price, quantity): (Price, Quantity) = (line.price.parse().unwrap(), line.qty.parse().unwrap());
                    rate.apply(mode, Money::of(price, quantity).unwrap())
                })
                .collect();
            assert_eq!(lines.iter().copied().map(Amounts::from).collect::<Vec<_>>(), case.per_line);
            assert_eq!(Amounts::from(Taxed::sum(lines)), case.sum_of_lines);
        }
    }

    #[test]
    fn three_nothings_differ() {
        for text in ["0", "exempt", "not_payer", "22", "9.09", "5.5"] {
            assert_eq!(text.parse::<VatRate>().unwrap().to_string(), text);
        }
        assert!("100".parse::<VatRate>().is_err());
        assert!("-1".parse::<VatRate>().is_err());
        let untaxed = VatRate::NotPayer.apply(VatMode::NotPayer, Money(100));
        assert_eq!((untaxed.net, untaxed.vat, untaxed.gross), (Money(100), Money(0), Money(100)));
    }
}
