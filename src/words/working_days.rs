//! Working days: Monday to Friday. There is no calendar of holidays yet.

use chrono::{Datelike, Days, Weekday};

use crate::db::types::Day;

/// The last of some working days that begin with the first one after a day.
pub fn after(day: Day, working_days: u16) -> Day {
    let mut last = day.0;
    let mut left = working_days;
    while left > 0 {
        let Some(next) = last.checked_add_days(Days::new(1)) else { return Day(last) };
        last = next;
        if !matches!(last.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    Day(last)
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn weekends_do_not_count() {
        let told = |from: &str, days: u16| after(from.parse().unwrap(), days).to_string();
        // 2026-11-20 is a Friday.
        assert_eq!(told("2026-11-20", 1), "2026-11-23");
        assert_eq!(told("2026-11-21", 1), "2026-11-23");
        assert_eq!(told("2026-11-22", 5), "2026-11-27");
        assert_eq!(told("2026-11-18", 3), "2026-11-23");
        assert_eq!(told("2026-11-18", 10), "2026-12-02");
        assert_eq!(told("2026-11-18", 0), "2026-11-18");
        assert_eq!(told("2026-12-30", 3), "2027-01-04");
    }
}
