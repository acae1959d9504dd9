//! The moment a form was handed out, sealed: a form that comes back sooner than anybody can write, or that we never handed
//! out, was not filled in by a person.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::auth::token::Keys;
use crate::codes::LabelCode;
use crate::db::types::Timestamp;

/// Seconds nobody is quicker than.
const QUICKEST: i64 = 3;
/// Seconds a page may stay open.
const LONGEST: i64 = 24 * 3_600;

/// What a form's stamp says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// A person may have filled it in.
    Fine,
    /// Nobody writes so fast.
    TooQuick,
    /// Handed out too long ago, for another label, or not by us.
    Unknown,
}

/// The stamp of a form that is handed out now.
pub fn new(keys: &Keys, code: LabelCode, now: Timestamp) -> String {
    sealed(keys, code, now.seconds())
}

/// The stamp of a form that a person has looked at already.
pub fn looked_at(keys: &Keys, code: LabelCode, now: Timestamp) -> String {
    sealed(keys, code, now.seconds() - QUICKEST)
}

/// Reads a stamp that came back.
pub fn read(keys: &Keys, code: LabelCode, stamp: &str, now: Timestamp) -> Age {
    let seconds = stamp.split_once('.').and_then(|(seconds, _)| seconds.parse::<i64>().ok());
    match seconds {
        Some(seconds) if bool::from(sealed(keys, code, seconds).as_bytes().ct_eq(stamp.as_bytes())) => {
            match now.seconds() - seconds {
                ..QUICKEST => Age::TooQuick,
                QUICKEST..=LONGEST => Age::Fine,
                _ => Age::Unknown,
            }
        }
        _ => Age::Unknown,
    }
}

fn sealed(keys: &Keys, code: LabelCode, seconds: i64) -> String {
    let seal = keys.seal("form", format!("{code} {seconds}"));
    format!("{seconds}.{}", URL_SAFE_NO_PAD.encode(seal))
}

#[cfg(test)]
mod tests {
    use super::{Age, looked_at, new, read};
    use crate::auth::token::Keys;
    use crate::codes::LabelCode;
    use crate::db::types::Timestamp;

    #[test]
    fn only_our_own_stamps_of_that_label_count() {
        let (keys, code, now) = (Keys::new(b"a secret"), LabelCode::new().unwrap(), Timestamp::now());
        let stamp = new(&keys, code, now);
        assert_eq!(read(&keys, code, &stamp, now), Age::TooQuick);
        assert_eq!(read(&keys, code, &stamp, now.plus_seconds(3)), Age::Fine);
        assert_eq!(read(&keys, code, &stamp, now.plus_seconds(86_401)), Age::Unknown);
        assert_eq!(read(&keys, code, &looked_at(&keys, code, now), now), Age::Fine);
        assert_eq!(read(&keys, LabelCode::new().unwrap(), &stamp, now.plus_seconds(3)), Age::Unknown);
        assert_eq!(read(&Keys::new(b"another"), code, &stamp, now.plus_seconds(3)), Age::Unknown);
        let (seconds, seal) = stamp.split_once('.').unwrap();
        let earlier = format!("{}.{seal}", seconds.parse::<i64>().unwrap() - 60);
        for forged in ["", ".", "1.", "x.y", &earlier] {
            assert_eq!(read(&keys, code, forged, now), Age::Unknown, "{forged}");
        }
    }
}
