//! Money, prices and quantities: integers all the way. A float never touches an amount.

pub mod vat;

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::db::types::{bigint, text_enum};

text_enum! {
    /// A currency, ISO 4217. All of these have a hundred minor units in a major one.
    Currency {
        /// Russian rouble.
        Rub = "RUB",
        /// Ukrainian hryvnia.
        Uah = "UAH",
        /// Kazakhstani tenge.
        Kzt = "KZT",
        /// Belarusian rouble.
        Byn = "BYN",
        /// Euro.
        Eur = "EUR",
        /// US dollar.
        Usd = "USD",
        /// Pound sterling.
        Gbp = "GBP",
        /// Polish złoty.
        Pln = "PLN",
        /// Czech koruna.
        Czk = "CZK",
        /// Georgian lari.
        Gel = "GEL",
        /// Armenian dram.
        Amd = "AMD",
        /// Azerbaijani manat.
        Azn = "AZN",
        /// Kyrgyz som.
        Kgs = "KGS",
        /// Uzbek sum.
        Uzs = "UZS",
        /// Moldovan leu.
        Mdl = "MDL",
        /// Turkish lira.
        Try = "TRY",
        /// Swiss franc.
        Chf = "CHF",
    }
}

impl Currency {
    /// The sign on documents; the code where there is none everybody knows.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Rub => "₽",
            Self::Uah => "₴",
            Self::Kzt => "₸",
            Self::Eur => "€",
            Self::Usd => "$",
            Self::Gbp => "£",
            _ => self.as_str(),
        }
    }
}

/// An amount in minor units (kopecks, cents).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, utoipa::ToSchema,
)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
#[schema(value_type = String, pattern = r"^-?[0-9]{1,16}\.[0-9]{2}$", examples("12199.99"))]
pub struct Money(pub i64);

/// A price for one unit, in ten-thousandths of the major unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
#[schema(value_type = String, pattern = r"^[0-9]{1,9}(\.[0-9]{1,4})?$", examples("1500.00"))]
pub struct Price(pub i64);

/// How much of something, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
#[schema(value_type = String, pattern = r"^(1000000(\.0{1,3})?|[1-9][0-9]{0,5}(\.[0-9]{1,3})?|0\.([1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$", examples("1.5"))]
pub struct Quantity(pub i64);

bigint!(Money);
bigint!(Price);
bigint!(Quantity);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The amount `quantity` units cost at `price`, rounded half away from zero. Nothing when no book could hold it.
    pub fn of(price: Price, quantity: Quantity) -> Option<Self> {
        let exact = i128::from(price.0) * i128::from(quantity.0);
        Some(Self(i64::try_from(divide(exact, 10_000 * 1_000 / 100)).ok()?))
    }

    /// "12 199,99": thousands apart by a no-break space, a decimal comma, or "12,199.99" in English.
    pub fn printed(self, language: crate::words::Language) -> String {
        let digits = self.0.unsigned_abs();
        grouped(self.0 < 0, digits / 100, &format!("{:02}", digits % 100), language)
    }
}

/// `numerator / denominator`, half away from zero: how documents round.
pub fn divide(numerator: i128, denominator: i128) -> i128 {
    let half = denominator / 2;
    if numerator < 0 { (numerator - half) / denominator } else { (numerator + half) / denominator }
}

fn grouped(negative: bool, whole: u64, part: &str, language: crate::words::Language) -> String {
    let (space, point) = language.choose(('\u{a0}', ','), ('\u{a0}', ','), (',', '.'));
    let digits = whole.to_string();
    let mut text = String::from(if negative { "\u{2212}" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(space);
        }
        text.push(digit);
    }
    if !part.is_empty() {
        text.push(point);
        text.push_str(part);
    }
    text
}

impl Price {
    /// The most one unit may cost: 999,999,999.9999.
    pub const MAX: i64 = 9_999_999_999_999;

    /// As [`Money::printed`], with more than two places only where they say something.
    pub fn printed(self, language: crate::words::Language) -> String {
        let digits = self.0.unsigned_abs();
        grouped(self.0 < 0, digits / 10_000, &places(digits % 10_000, 4, 2), language)
    }
}

impl Quantity {
    /// One unit.
    pub const ONE: Self = Self(1_000);
    /// The most of one line: a million.
    pub const MAX: i64 = 1_000_000_000;

    /// "1,5"
    pub fn printed(self, language: crate::words::Language) -> String {
        let digits = self.0.unsigned_abs();
        grouped(self.0 < 0, digits / 1_000, &places(digits % 1_000, 3, 0), language)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// The digits after the point: `width` of them at the most, trailing zeros beyond `least` left out.
fn places(part: u64, width: usize, least: usize) -> String {
    let mut digits = format!("{part:0width$}");
    while digits.len() > least && digits.ends_with('0') {
        digits.pop();
    }
    digits
}

fn with_point(negative: bool, whole: u64, part: &str) -> String {
    let sign = if negative { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs();
        f.write_str(&with_point(self.0 < 0, digits / 100, &format!("{:02}", digits % 100)))
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs();
        f.write_str(&with_point(self.0 < 0, digits / 10_000, &places(digits % 10_000, 4, 2)))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs();
        f.write_str(&with_point(self.0 < 0, digits / 1_000, &places(digits % 1_000, 3, 0)))
    }
}

/// Reads an unsigned decimal with at most `width` places as an integer of the smallest one.
fn decimal(text: &str, width: usize) -> Result<i64, String> {
    let flaw = || format!("!not_a_decimal places={width}");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > width || whole.len() > 16 {
        return Err(flaw());
    }
    format!("{whole}{part:0<width$}").parse().map_err(|_| flaw())
}

impl FromStr for Price {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let price = decimal(text, 4)?;
        if price > Self::MAX { Err("!out_of_range min=0 max=999999999.9999".to_owned()) } else { Ok(Self(price)) }
    }
}

impl FromStr for Quantity {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let quantity = decimal(text, 3)?;
        if (1..=Self::MAX).contains(&quantity) {
            Ok(Self(quantity))
        } else {
            Err("!out_of_range min=0.001 max=1000000".to_owned())
        }
    }
}

impl FromStr for Money {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        decimal(text, 2).map(Self)
    }
}

macro_rules! decimal_json {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}
decimal_json!(Money);
decimal_json!(Price);
decimal_json!(Quantity);

#[cfg(test)]
mod tests {
    use super::{Money, Price, Quantity};
    use crate::words::Language;

    #[test]
    fn decimals_are_read_and_written_exactly() {
        for text in ["0.00", "0.01", "1500.00", "12.3456", "999999999.9999"] {
            assert_eq!(text.parse::<Price>().unwrap().to_string(), text);
        }
        assert_eq!("12.5".parse::<Price>().unwrap().to_string(), "12.50");
        for text in ["0.001", "1", "1.5", "1000000"] {
            assert_eq!(text.parse::<Quantity>().unwrap().to_string(), text);
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", " 1", "0x1", "1.00001", "10000000000", "٣"] {
            assert!(text.parse::<Price>().is_err(), "{text}");
        }
        for text in ["0", "0.000", "1000000.001", "0.0001"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_amount_is_rounded_half_away_from_zero() {
        let amount =
            |price: &str, quantity: &str| Money::of(price.parse().unwrap(), quantity.parse().unwrap()).unwrap();
        assert_eq!(amount("0.01", "0.5"), Money(1));
        assert_eq!(amount("0.01", "0.499"), Money(0));
        assert_eq!(amount("33.3333", "3"), Money(10_000));
        assert_eq!(amount("999999999.9999", "1000000"), Money(99_999_999_999_990_000));
    }

    #[test]
    fn people_read_groups_of_three() {
        assert_eq!(Money(1_219_999).printed(Language::Ru), "12\u{a0}199,99");
        assert_eq!(Money(-100).printed(Language::En), "\u{2212}1.00");
        assert_eq!(Money(12_345_678_900).printed(Language::En), "123,456,789.00");
        assert_eq!(Quantity(1_500).printed(Language::Uk), "1,5");
        assert_eq!(Price(15_000_075).printed(Language::Ru), "1\u{a0}500,0075");
    }
}
