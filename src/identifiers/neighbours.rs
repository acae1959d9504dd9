//! Identifiers of Ukraine and Kazakhstan.

use super::fault::{Fault, exactly, must_be, not_zero, weigh};

/// The code of an organisation in Ukraine's register, ЄДРПОУ: eight digits, zeros in front included.
///
/// # Errors
/// The rule that is broken.
pub fn edrpou(text: &str) -> Result<(), Fault> {
    let digits = exactly(text, 8)?;
    not_zero(&digits)?;
    // Codes from 30000000 to 59999999 begin with another weight.
    let (first, second): ([i64; 7], [i64; 7]) = if matches!(digits.first(), Some(3..=5)) {
        ([7, 1, 2, 3, 4, 5, 6], [9, 3, 4, 5, 6, 7, 8])
    } else {
        ([1, 2, 3, 4, 5, 6, 7], [3, 4, 5, 6, 7, 8, 9])
    };
    let expected = match weigh(&digits, &first) % 11 {
        10 => weigh(&digits, &second) % 11 % 10,
        rest => rest,
    };
    must_be(&digits, 8, expected, "1·2·3·4·5·6·7 (3…, 4…, 5…: 7·1·2·3·4·5·6) mod 11; 10: +2")
}

/// The number of a person's account card in Ukraine, РНОКПП. The first weight is negative, and so may the sum be.
///
/// # Errors
/// The rule that is broken.
pub fn rnokpp(text: &str) -> Result<(), Fault> {
    let digits = exactly(text, 10)?;
    not_zero(&digits)?;
    let sum = weigh(&digits, &[-1, 5, 7, 9, 4, 6, 10, 5, 7]);
    must_be(&digits, 10, sum.rem_euclid(11) % 10, "−1·5·7·9·4·6·10·5·7 mod 11 mod 10")
}

/// Kazakhstan's number of an organisation or a person, БИН or ИИН.
///
/// # Errors
/// The rule that is broken.
pub fn kz_bin(text: &str) -> Result<(), Fault> {
    let digits = exactly(text, 12)?;
    not_zero(&digits)?;
    let expected = match weigh(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11 {
        10 => weigh(&digits, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11,
        rest => rest,
    };
    must_be(&digits, 12, expected, "1·2·…·11 mod 11; 10: 3·4·…·11·1·2 mod 11")
}
