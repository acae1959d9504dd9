//! The rates that laws know, from which day on: data that comes with the program. Where a law has changed since, a regime may
//! name any rate itself.
//!
//! Russia: НК 164, 303-ФЗ of 2018, 176-ФЗ of 2024, 425-ФЗ of 2025. Ukraine: ПКУ 193. Kazakhstan: the tax codes of 2017 and of 2025.
//! The European Union: directive 2006/112 and each country's own act. Rates are hundredths of a per cent.

use crate::db::types::Day;
use crate::money::vat::VatRate;

/// The rates of a country from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// ISO 3166-1; Greece is GR here.
    pub country: &'static str,
    /// The first day, year and month and day.
    from: (i32, u32, u32),
    /// The rate of everything that has no other.
    pub standard: i64,
    /// The other ones.
    pub reduced: &'static [i64],
}

const fn law(country: &'static str, from: (i32, u32, u32), standard: i64, reduced: &'static [i64]) -> Rates {
    Rates { country, from, standard, reduced }
}

/// By country, and then by day.
const LAWS: &[Rates] = &[
    law("AT", (2016, 1, 1), 2_000, &[1_300, 1_000]),
    law("BE", (1996, 1, 1), 2_100, &[1_200, 600]),
    law("BG", (2011, 4, 1), 2_000, &[900]),
    law("BY", (2010, 1, 1), 2_000, &[1_000]),
    law("CY", (2014, 1, 13), 1_900, &[900, 500, 300]),
    law("CZ", (2015, 1, 1), 2_100, &[1_500, 1_000]),
    law("CZ", (2024, 1, 1), 2_100, &[1_200]),
    law("DE", (2007, 1, 1), 1_900, &[700]),
    law("DE", (2020, 7, 1), 1_600, &[500]),
    law("DE", (2021, 1, 1), 1_900, &[700]),
    law("DK", (1992, 1, 1), 2_500, &[]),
    law("EE", (2009, 7, 1), 2_000, &[900]),
    law("EE", (2024, 1, 1), 2_200, &[900, 500]),
    law("EE", (2025, 7, 1), 2_400, &[1_300, 900]),
    law("ES", (2012, 9, 1), 2_100, &[1_000, 400]),
    law("FI", (2013, 1, 1), 2_400, &[1_400, 1_000]),
    law("FI", (2024, 9, 1), 2_550, &[1_400, 1_000]),
    law("FI", (2026, 1, 1), 2_550, &[1_350, 1_000]),
    law("FR", (2014, 1, 1), 2_000, &[1_000, 550, 210]),
    law("GB", (2011, 1, 4), 2_000, &[500]),
    law("GR", (2016, 6, 1), 2_400, &[1_300, 600]),
    law("HR", (2013, 1, 1), 2_500, &[1_300, 500]),
    law("HU", (2012, 1, 1), 2_700, &[1_800, 500]),
    law("IE", (2012, 1, 1), 2_300, &[1_350, 900, 480]),
    law("IT", (2016, 1, 1), 2_200, &[1_000, 500, 400]),
    law("KZ", (2009, 1, 1), 1_200, &[]),
    law("KZ", (2026, 1, 1), 1_600, &[500]),
    law("LT", (2009, 9, 1), 2_100, &[900, 500]),
    law("LT", (2026, 1, 1), 2_100, &[1_200, 500]),
    law("LU", (2015, 1, 1), 1_700, &[1_400, 800, 300]),
    law("LU", (2023, 1, 1), 1_600, &[1_300, 700, 300]),
    law("LU", (2024, 1, 1), 1_700, &[1_400, 800, 300]),
    law("LV", (2018, 1, 1), 2_100, &[1_200, 500]),
    law("MT", (2004, 1, 1), 1_800, &[700, 500]),
    law("MT", (2024, 1, 1), 1_800, &[1_200, 700, 500]),
    law("NL", (2019, 1, 1), 2_100, &[900]),
    law("PL", (2011, 1, 1), 2_300, &[800, 500]),
    law("PT", (2011, 1, 1), 2_300, &[1_300, 600]),
    law("RO", (2017, 1, 1), 1_900, &[900, 500]),
    law("RO", (2025, 8, 1), 2_100, &[1_100]),
    law("RU", (2004, 1, 1), 1_800, &[1_000]),
    law("RU", (2019, 1, 1), 2_000, &[1_000]),
    // Simplified regimes pay 5 or 7 since 2025.
    law("RU", (2025, 1, 1), 2_000, &[1_000, 700, 500]),
    law("RU", (2026, 1, 1), 2_200, &[1_000, 700, 500]),
    law("SE", (1996, 1, 1), 2_500, &[1_200, 600]),
    law("SI", (2013, 7, 1), 2_200, &[950, 500]),
    law("SK", (2011, 1, 1), 2_000, &[1_000]),
    law("SK", (2025, 1, 1), 2_300, &[1_900, 500]),
    law("UA", (2014, 4, 1), 2_000, &[700]),
    law("UA", (2021, 3, 1), 2_000, &[1_400, 700]),
];

/// The rates of a country on a day of supply. Nothing where none are known.
pub fn on(country: &str, day: Day) -> Option<&'static Rates> {
    LAWS.iter().rev().find(|law| law.country == country && law.first_day().is_some_and(|from| from <= day))
}

/// Whether rates of a country are known.
pub fn knows(country: &str) -> bool {
    LAWS.iter().any(|law| law.country == country)
}

impl Rates {
    /// From which day on they hold.
    pub fn first_day(&self) -> Option<Day> {
        let (year, month, day) = self.from;
        chrono::NaiveDate::from_ymd_opt(year, month, day).map(Day)
    }

    /// All of them, the standard one first; 0 % is known everywhere, for exports at the least.
    pub fn all(&self) -> Vec<VatRate> {
        let rates = std::iter::once(self.standard).chain(self.reduced.iter().copied()).chain([0]);
        rates.map(VatRate::Percent).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{LAWS, on};

    fn standard(country: &str, day: &str) -> Option<i64> {
        on(country, day.parse().unwrap()).map(|rates| rates.standard)
    }

    #[test]
    fn the_rate_goes_by_the_day_of_supply() {
        for (country, day, rate) in [
            ("RU", "2018-12-31", Some(1_800)),
            ("RU", "2025-12-31", Some(2_000)),
            ("RU", "2026-01-01", Some(2_200)),
            ("KZ", "2025-12-31", Some(1_200)),
            ("KZ", "2026-01-01", Some(1_600)),
            ("UA", "2026-11-21", Some(2_000)),
            ("DE", "2020-12-31", Some(1_600)),
            ("EE", "2025-07-01", Some(2_400)),
            ("US", "2026-01-01", None),
            ("RU", "1999-01-01", None),
        ] {
            assert_eq!(standard(country, day), rate, "{country} {day}");
        }
    }

    #[test]
    fn each_law_follows_the_one_before_it() {
        for pair in LAWS.windows(2) {
            assert!((pair[0].country, pair[0].from) < (pair[1].country, pair[1].from), "{pair:?}");
        }
    }
}
