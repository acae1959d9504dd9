//! Numbers within bounds, in bodies and in addresses.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Dots an inch that printers of labels have.
const DPI: (u16, u16) = (100, 600);

/// Refuses a number that is too small or too large.
///
/// # Errors
/// `out_of_range`
pub fn within<T: PartialOrd + Display + Copy, E: Error>(number: T, bounds: (T, T)) -> Result<T, E> {
    let (min, max) = bounds;
    if (min..=max).contains(&number) { Ok(number) } else { Err(beyond(bounds)) }
}

/// [`within`] for a member of a body that may be left out.
///
/// # Errors
/// `out_of_range`
pub fn in_body<'de, T, D>(deserializer: D, bounds: (T, T)) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de> + PartialOrd + Display + Copy,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer)?.map(|number| within(number, bounds)).transpose()
}

/// [`within`] for a parameter of an address. What is no number is beyond the bounds as well.
///
/// # Errors
/// `out_of_range`
pub fn in_address<'de, T, D>(deserializer: D, bounds: (T, T)) -> Result<T, D::Error>
where
    T: FromStr + PartialOrd + Display + Copy,
    D: Deserializer<'de>,
{
    match String::deserialize(deserializer)?.parse::<T>() {
        Ok(number) => within(number, bounds),
        Err(_) => Err(beyond(bounds)),
    }
}

/// Dots an inch of a printer, in a body.
///
/// # Errors
/// `out_of_range`
pub fn dpi<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    in_body(deserializer, DPI)
}

/// Dots an inch of a printer, in an address.
///
/// # Errors
/// `out_of_range`
pub fn dpi_in_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    in_address(deserializer, DPI).map(Some)
}

fn beyond<T: Display, E: Error>((min, max): (T, T)) -> E {
    E::custom(format!("!out_of_range min={min} max={max}"))
}
