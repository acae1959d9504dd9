//! Some days of a company's: from when till when they last.

use diesel::prelude::*;

use crate::companies::CompanyId;
use crate::db::DbConnection;
use crate::db::schema::sites;
use crate::db::types::{Day, Timestamp};
use crate::error::{Error, Flaw};
use crate::http::query::refused;
use crate::provider;
use crate::words::zone::Zone;

/// Days that one report may have: any year.
const MOST_DAYS: u64 = 366;

/// Some days, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub from: Day,
    /// The last.
    pub to: Day,
}

impl Period {
    /// Days from one to another, both included.
    ///
    /// # Errors
    /// `invalid_parameter` that blames `to` when it is before `from`, or more than a year after.
    pub fn new(from: Day, to: Day) -> Result<Self, Error> {
        let last = from.0.checked_add_days(chrono::Days::new(MOST_DAYS - 1)).map_or(to, Day);
        if (from..=last).contains(&to) {
            return Ok(Self { from, to });
        }
        let params = vec![("min", from.to_string()), ("max", last.to_string())];
        Err(refused("to", Flaw::OutOfRange, params))
    }

    /// From which moment till before which these days last in a time zone.
    pub fn moments(self, zone: Zone) -> (Timestamp, Timestamp) {
        let after = self.to.0.succ_opt().map_or(self.to, Day);
        (Timestamp::start_of(self.from, zone.0), Timestamp::start_of(after, zone.0))
    }
}

/// In which time zone a company's days begin: that of its sites where they share one, else the provider's.
///
/// # Errors
/// `provider_missing`
pub fn zone_of(conn: &mut DbConnection, company: CompanyId) -> Result<Zone, Error> {
    let zones: Vec<Zone> = sites::table
        .filter(sites::company_id.eq(company))
        .filter(sites::archived_at.is_null())
        .select(sites::time_zone)
        .distinct()
        .limit(2)
        .load(conn)?;
    match zones.as_slice() {
        [only] => Ok(*only),
        _ => Ok(provider::find(conn)?.time_zone),
    }
}

#[cfg(test)]
mod tests {
    use super::Period;
    use crate::db::types::Day;
    use crate::words::zone::Zone;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_a_year_at_the_most() {
        assert!(Period::new(day("2026-11-21"), day("2026-11-21")).is_ok());
        assert!(Period::new(day("2027-01-01"), day("2028-01-01")).is_ok());
        assert!(Period::new(day("2026-11-21"), day("2026-11-20")).is_err());
        assert!(Period::new(day("2027-01-01"), day("2028-01-02")).is_err());
        assert!(Period::new(day("9999-12-31"), day("9999-12-31")).is_ok());
    }

    #[test]
    fn days_begin_where_the_company_is() {
        let zone: Zone = "Asia/Vladivostok".parse().unwrap();
        let (begins, ends) = Period::new(day("2026-11-01"), day("2026-11-30")).unwrap().moments(zone);
        assert_eq!(begins.to_string(), "2026-10-31T14:00:00.000Z");
        assert_eq!(ends.to_string(), "2026-11-30T14:00:00.000Z");
    }
}
