//! How much one network, one label and one telephone may report. Reports are counted in the database, so that all
//! instances count together; what is kept of an address or a number is a keyed hash, for a day.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use diesel::prelude::*;

use super::queries;
use crate::auth::logins::{self, Counted};
use crate::auth::token::Keys;
use crate::codes::LabelCode;
use crate::db::DbConnection;
use crate::db::schema::report_marks;
use crate::db::types::{AnyId, Sha256, Timestamp};
use crate::error::{Code, Error};
use crate::http::places::Places;
use crate::words::text::Phone;

/// So many within so many seconds.
type Limit = (usize, i64);

/// One network: a phone that changes its address in it stays the same to us.
const BY_NETWORK: [Limit; 2] = [(5, 10 * 60), (20, DAY)];
/// Attempts with pictures from one network, whatever becomes of them.
const BY_NETWORK_WITH_PHOTOS: [Limit; 1] = [(20, 10 * 60)];
/// One label.
const BY_CODE: [Limit; 1] = [(10, 3_600)];
/// One telephone number, which anybody may type.
const BY_PHONE: [Limit; 1] = [(5, DAY)];
const DAY: i64 = 24 * 3_600;

/// Places for forms with pictures, of which each may hold thirty megabytes in memory: a slow connection must not close the
/// form for everybody.
pub fn places() -> Places<String> {
    Places::new(8, 2)
}

/// Who reports about what.
#[derive(Debug, Clone)]
pub struct Subjects {
    network: Option<Sha256>,
    /// The network once more, when it sends pictures.
    photos: Option<Sha256>,
    code: Sha256,
    phone: Option<Sha256>,
}

impl Subjects {
    /// Somebody at an address, with a label.
    pub fn new(keys: &Keys, address: Option<IpAddr>, code: LabelCode) -> Self {
        let network = |what: &str| address.map(|address| Sha256(keys.seal(what, network(address))));
        Self {
            network: network("network"),
            photos: network("photos"),
            code: Sha256(keys.seal("code", code.to_string())),
            phone: None,
        }
    }

    /// Who leaves a telephone number.
    #[must_use]
    pub fn calling_from(self, keys: &Keys, phone: Option<&Phone>) -> Self {
        // However the country's code is written: +7 or 8.
        let last_ten = |digits: String| digits.chars().skip(digits.len().saturating_sub(10)).collect::<String>();
        let phone = phone.map(|phone| Sha256(keys.seal("phone", last_ten(phone.digits()))));
        Self { phone, ..self }
    }

    fn with_limits(&self) -> Vec<(Sha256, &'static [Limit])> {
        let mut all: Vec<(Sha256, &'static [Limit])> = vec![(self.code, &BY_CODE)];
        all.extend(self.network.map(|network| (network, BY_NETWORK.as_slice())));
        all.extend(self.phone.map(|phone| (phone, BY_PHONE.as_slice())));
        all
    }
}

/// The network an address is of: what one customer of a carrier is given, /24 or /56.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Ipv4Addr::new(a, b, c, 0).to_string()
        }
        IpAddr::V6(address) => {
            let prefix = u128::from(address) >> (128 - 56) << (128 - 56);
            Ipv6Addr::from(prefix).to_string()
        }
    }
}

/// Refuses somebody who has reported enough for the moment.
///
/// # Errors
/// `rate_limited` with the seconds to wait.
pub fn must_wait(conn: &mut DbConnection, subjects: &Subjects, now: Timestamp) -> Result<(), Error> {
    subjects.with_limits().into_iter().try_for_each(|(subject, limits)| not_more(conn, subject, limits, now))
}

/// Counts a report.
///
/// # Errors
/// The database's.
pub fn count(conn: &mut DbConnection, subjects: &Subjects, now: Timestamp) -> Result<(), Error> {
    subjects.with_limits().into_iter().try_for_each(|(subject, _)| mark(conn, subject, now))
}

/// Counts an attempt with pictures before they are unpacked: that is what costs us most, even if nothing comes of it.
///
/// # Errors
/// `rate_limited`
pub fn count_photos(conn: &mut DbConnection, subjects: &Subjects, now: Timestamp) -> Result<(), Error> {
    let Some(subject) = subjects.photos else { return Ok(()) };
    queries::one_at_a_time(conn)?;
    not_more(conn, subject, &BY_NETWORK_WITH_PHOTOS, now)?;
    mark(conn, subject, now)
}

fn not_more(conn: &mut DbConnection, subject: Sha256, limits: &[Limit], now: Timestamp) -> Result<(), Error> {
    for (most, within) in limits {
        let oldest_that_counts: Option<Timestamp> = report_marks::table
            .filter(report_marks::subject.eq(subject))
            .filter(report_marks::at.gt(now.plus_seconds(-within)))
            .order(report_marks::at.desc())
            .offset(i64::try_from(*most).unwrap_or(i64::MAX) - 1)
            .limit(1)
            .select(report_marks::at)
            .get_result(conn)
            .optional()?;
        if let Some(at) = oldest_that_counts {
            let seconds = at.seconds() + within - now.seconds() + 1;
            return Err(Code::RateLimited.with([("seconds", seconds.max(1).to_string())]).into());
        }
    }
    Ok(())
}

fn mark(conn: &mut DbConnection, subject: Sha256, now: Timestamp) -> Result<(), Error> {
    let id = AnyId::from(uuid::Uuid::now_v7());
    diesel::insert_into(report_marks::table)
        .values((report_marks::id.eq(id), report_marks::subject.eq(subject), report_marks::at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Forgets what no limit looks at any more.
///
/// # Errors
/// The database's.
pub fn forget_old(conn: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(report_marks::table.filter(report_marks::at.lt(now.plus_seconds(-DAY)))).execute(conn)?)
}

/// Codes that lead nowhere, asked for from one network: after so many within so long, it is told nothing more for a while.
const MISSES: logins::Limit = logins::Limit { most: 60, within: Duration::from_secs(600) };

/// Who asks for codes that lead nowhere, or for something that costs us work. Each instance counts its own: codes are too
/// many to be guessed at any speed, so this only keeps a guesser from filling the log.
pub struct Misses {
    limit: logins::Limit,
    counted: Counted,
}

impl Default for Misses {
    fn default() -> Self {
        Self { limit: MISSES, counted: Counted::default() }
    }
}

impl Misses {
    /// So many from one network in ten minutes.
    pub fn allowing(most: usize) -> Self {
        Self { limit: logins::Limit { most, ..MISSES }, counted: Counted::default() }
    }

    /// Refuses a network that has asked for too many.
    ///
    /// # Errors
    /// `rate_limited`
    pub fn must_wait(&self, address: Option<IpAddr>) -> Result<(), Error> {
        address.map_or(Ok(()), |address| self.counted.must_wait(&[self.asking(address)]))
    }

    /// Counts one.
    pub fn count(&self, address: Option<IpAddr>) {
        if let Some(address) = address {
            self.counted.count(&[self.asking(address)]);
        }
    }

    fn asking(&self, address: IpAddr) -> (Sha256, logins::Limit) {
        (Sha256::of(network(address)), self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::{Misses, network};

    #[test]
    fn neighbours_are_one_network() {
        for (address, wanted) in [
            ("203.0.113.77", "203.0.113.0"),
            ("::ffff:203.0.113.77", "203.0.113.0"),
            ("2001:db8:1:2ff:3::4", "2001:db8:1:200::"),
        ] {
            assert_eq!(network(address.parse().unwrap()), wanted, "{address}");
        }
    }

    #[test]
    fn who_asks_for_nothing_too_often_waits() {
        let misses = Misses::default();
        let guesser = Some("203.0.113.77".parse().unwrap());
        for _ in 0..60 {
            assert!(misses.must_wait(guesser).is_ok());
            misses.count(guesser);
        }
        assert!(misses.must_wait(guesser).is_err());
        assert!(misses.must_wait(Some("198.51.100.1".parse().unwrap())).is_ok());
    }
}
