//! Powers of attorney: paper by which somebody at a client's signs as its officials do.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::{Deserialize, Serialize};

use crate::db::types::{Day, written_text};
use crate::error::{Error, Flaw};
use crate::money::{Currency, Money};
use crate::words::text::Line;

/// A power of attorney. From its first day to its last and up to its amount it makes who has it an official; outside of these they
/// are an ordinary employee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(deny_unknown_fields)]
pub struct PowerOfAttorney {
    /// Its number, as on paper.
    pub number: Line<100>,
    /// The day it was issued, which is its first.
    pub issued_on: Day,
    /// Its last day, if it has one.
    #[serde(default)]
    pub valid_until: Option<Day>,
    /// Who issued it: an official, or the organisation.
    pub issued_by: Line<300>,
    /// The largest amount that may be signed by it, if there is one.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = r"^[0-9]{1,16}(\.[0-9]{1,2})?$")]
    pub limit: Option<Money>,
    /// The currency of that amount.
    #[serde(default)]
    pub currency: Option<Currency>,
}

impl PowerOfAttorney {
    /// Refuses one that cannot be.
    ///
    /// # Errors
    /// `validation_failed`
    pub fn must_make_sense(&self) -> Result<(), Error> {
        if self.valid_until.is_some_and(|last| last < self.issued_on) {
            return Err(Error::field("/power_of_attorney/valid_until", Flaw::EndsBeforeStart));
        }
        match (self.limit, self.currency) {
            (Some(_), None) => Err(Error::field("/power_of_attorney/currency", Flaw::Required)),
            (None, Some(_)) => Err(Error::field("/power_of_attorney/limit", Flaw::Required)),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for PowerOfAttorney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for PowerOfAttorney {
    type Err = serde_json::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

written_text!(PowerOfAttorney);
