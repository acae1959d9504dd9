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

text_enum! {
    /// What is rounded to whole minor units.
    Rounding {
        /// The tax of each line; totals are the sums of lines.
        Line = "line",
        /// The tax of all lines with one rate together, as EN 16931 does; lines are given shares of it.
        RateGroup = "rate_group",
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
    /// The customer reckons and pays it.
    ReverseCharge,
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
            Self::ReverseCharge => {
                language.choose("НДС исчисляет покупатель", "ПДВ нараховує покупець", "Reverse charge").to_owned()
            }
        }
    }

    /// Whether there is an amount of tax to tell, be it nought.
    pub const fn is_taxed(self) -> bool {
        matches!(self, Self::Percent(_))
    }

    /// What stands before the amount of tax below a table: "В том числе НДС 22%:", "НДС 22%:", "Без налога (НДС)".
    pub fn below_table(self, mode: VatMode, language: Language) -> String {
        let rate = self.printed(language);
        match (self, mode) {
            (Self::Percent(_), VatMode::OnTop) => {
                language.choose("НДС {rate}:", "ПДВ {rate}:", "VAT {rate}:").replace("{rate}", &rate)
            }
            (Self::Percent(_), _) => language
                .choose("В том числе НДС {rate}:", "у тому числі ПДВ {rate}:", "of which VAT {rate}:")
                .replace("{rate}", &rate),
            (Self::Exempt, _) => language.choose("Без налога (НДС)", "Звільнено від ПДВ", "Exempt from VAT").to_owned(),
            (Self::NotPayer, _) => language.choose("Без налога (НДС)", "Без ПДВ", "No VAT").to_owned(),
            (Self::ReverseCharge, _) => language
                .choose(
                    "НДС исчисляется налоговым агентом",
                    "ПДВ нараховує отримувач послуг",
                    "Reverse charge: VAT is to be accounted for by the recipient",
                )
                .to_owned(),
        }
    }
}

/// Takes the amounts of lines apart. However it is rounded, lines add up to the totals: with one rounding for each rate, a
/// line's tax is what it adds to that of the lines before it.
pub fn reckon(mode: VatMode, rounding: Rounding, lines: &[(VatRate, Money)]) -> Vec<Taxed> {
    let mut before: Vec<(VatRate, Money)> = Vec::new();
    let one = |(rate, amount): &(VatRate, Money)| {
        let alone = rate.apply(mode, *amount);
        if rounding == Rounding::Line {
            return alone;
        }
        let known = before.iter().position(|(known, _)| known == rate);
        let so_far = known.and_then(|index| before.get(index)).map_or(Money::ZERO, |(_, sum)| *sum);
        let with = so_far + *amount;
        match known.and_then(|index| before.get_mut(index)) {
            Some((_, sum)) => *sum = with,
            None => before.push((*rate, with)),
        }
        let vat = rate.apply(mode, with).vat - rate.apply(mode, so_far).vat;
        match mode {
            VatMode::OnTop => Taxed { net: *amount, vat, gross: *amount + vat },
            VatMode::Included | VatMode::NotPayer => Taxed { net: *amount - vat, vat, gross: *amount },
        }
    };
    lines.iter().map(one).collect()
}

/// The lines of one rate together, as documents tell them below their tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateGroup {
    /// The rate.
    pub rate: VatRate,
    /// Whether there is an amount of tax to tell.
    pub taxed: bool,
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub vat: Money,
    /// What is paid.
    pub gross: Money,
}

/// Lines by their rates, in the order in which these come first. The tax of lines is added up, never reckoned anew.
pub fn groups(lines: impl IntoIterator<Item = (VatRate, Taxed)>) -> Vec<RateGroup> {
    let mut groups: Vec<RateGroup> = Vec::new();
    for (rate, Taxed { net, vat, gross }) in lines {
        match groups.iter_mut().find(|group| group.rate == rate) {
            Some(group) => {
                (group.net, group.vat, group.gross) = (group.net + net, group.vat + vat, group.gross + gross);
            }
            None => groups.push(RateGroup { rate, taxed: rate.is_taxed(), net, vat, gross }),
        }
    }
    groups
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
        text.pattern(Some(r"^([0-9]{1,2}(\.[0-9]{1,2})?|exempt|not_payer|reverse_charge)$"))
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
            Self::ReverseCharge => f.write_str("reverse_charge"),
        }
    }
}

impl FromStr for VatRate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "exempt" => Ok(Self::Exempt),
            "not_payer" => Ok(Self::NotPayer),
            "reverse_charge" => Ok(Self::ReverseCharge),
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
    use super::{Rounding, Taxed, VatMode, VatRate, groups, reckon};
    use crate::money::{Money, Price, Quantity};
    use crate::words::Language;

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
        by_total: Amounts,
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
            let amounts: Vec<(VatRate, Money)> = case
                .lines
                .iter()
                .map(|line| {
                    let (price, quantity): (Price, Quantity) = (line.price.parse().unwrap(), line.qty.parse().unwrap());
                    (rate, Money::of(price, quantity).unwrap())
                })
                .collect();
            let lines = reckon(mode, Rounding::Line, &amounts);
            assert_eq!(lines.iter().copied().map(Amounts::from).collect::<Vec<_>>(), case.per_line);
            assert_eq!(Amounts::from(Taxed::sum(lines)), case.sum_of_lines);
            let shares = reckon(mode, Rounding::RateGroup, &amounts);
            assert!(shares.iter().all(|line| line.net + line.vat == line.gross));
            assert_eq!(Amounts::from(Taxed::sum(shares)), case.by_total);
        }
    }

    #[test]
    fn lines_of_two_rates_add_up_to_both_groups() {
        let (full, reduced) = (VatRate::Percent(2_200), VatRate::Percent(1_000));
        let lines: Vec<(VatRate, Money)> =
            (0..10).map(|index| (if index % 3 == 0 { reduced } else { full }, Money(115))).collect();
        for (mode, full_vat, reduced_vat) in [(VatMode::Included, 124, 42), (VatMode::OnTop, 152, 46)] {
            let taxed = reckon(mode, Rounding::RateGroup, &lines);
            let found = groups(lines.iter().map(|(rate, _)| *rate).zip(taxed));
            assert_eq!(found.iter().map(|group| group.vat.0).collect::<Vec<_>>(), [reduced_vat, full_vat]);
            assert_eq!(found.iter().map(|group| group.net.0 + group.vat.0 - group.gross.0).sum::<i64>(), 0);
        }
    }

    #[test]
    fn lines_add_up_under_every_mode_and_rounding() {
        let mut state: u64 = 2_026;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % below).unwrap()
        };
        let rates = ["22", "20", "10", "9.09", "5", "0", "exempt", "reverse_charge"].map(|rate| rate.parse().unwrap());
        for _ in 0..2_000 {
            let lines: Vec<(VatRate, Money)> = (0..=next(12))
                .map(|_| {
                    let price = Price([next(100), next(10_000_000), Price::MAX][usize::try_from(next(3)).unwrap()]);
                    let quantity = Quantity([1, 1 + next(100_000), Quantity::MAX][usize::try_from(next(3)).unwrap()]);
                    let amount = Money::of(price, quantity).unwrap().0.min(10_000_000_000_000_000);
                    (rates[usize::try_from(next(8)).unwrap()], Money(amount))
                })
                .collect();
            for mode in VatMode::ALL {
                for rounding in Rounding::ALL {
                    let taxed = reckon(*mode, *rounding, &lines);
                    let total = Taxed::sum(taxed.iter().copied());
                    assert!(taxed.iter().all(|line| line.net + line.vat == line.gross && line.vat >= Money::ZERO));
                    let groups = groups(lines.iter().map(|(rate, _)| *rate).zip(taxed.iter().copied()));
                    let of = |member: fn(&super::RateGroup) -> Money| groups.iter().map(member).sum::<Money>();
                    assert_eq!((of(|group| group.net), of(|group| group.vat)), (total.net, total.vat));
                    assert_eq!(total.net + total.vat, total.gross);
                    if *rounding == Rounding::RateGroup {
                        for group in &groups {
                            let amounts =
                                lines.iter().filter(|(rate, _)| *rate == group.rate).map(|(_, amount)| *amount);
                            assert_eq!(group.vat, group.rate.apply(*mode, amounts.sum()).vat, "one rounding");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_words_below_a_table_say_which_nothing_it_is() {
        let said = |rate: &str, mode| rate.parse::<VatRate>().unwrap().below_table(mode, Language::Ru);
        assert_eq!(said("22", VatMode::Included), "В том числе НДС 22%:");
        assert_eq!(said("0", VatMode::OnTop), "НДС 0%:");
        assert_eq!(said("exempt", VatMode::Included), "Без налога (НДС)");
        assert_eq!(VatRate::ReverseCharge.apply(VatMode::OnTop, Money(100)).gross, Money(100));
    }

    #[test]
    fn three_nothings_differ() {
        for text in ["0", "exempt", "not_payer", "reverse_charge", "22", "9.09", "5.5"] {
            assert_eq!(text.parse::<VatRate>().unwrap().to_string(), text);
        }
        assert!("100".parse::<VatRate>().is_err());
        assert!("-1".parse::<VatRate>().is_err());
        let untaxed = VatRate::NotPayer.apply(VatMode::NotPayer, Money(100));
        assert_eq!((untaxed.net, untaxed.vat, untaxed.gross), (Money(100), Money(0), Money(100)));
    }
}
