//! What records have in common when they travel: an address, a version, and partial edits.

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Code, Error, Refusal};

/// A record with an address of its own.
pub trait Resource: Serialize {
    /// Where it is: `/api/v1/tickets/0190…`.
    fn path(&self) -> String;
    /// Grows with every change; the ETag is made of it. Records that never change have none.
    fn version(&self) -> Option<i64>;
}

/// What came of a create.
#[derive(Debug)]
pub enum Made<T> {
    /// A new record.
    New(T),
    /// The client had made it before, with the same id and the same content.
    Already(T),
}

/// What came of a create that may come too late: a loss is kept like a success, and answered as a refusal.
#[derive(Debug)]
pub enum Settled<T> {
    /// It is so now.
    Done(Made<T>),
    /// Somebody was quicker. What the refusal tells is kept.
    Lost(Refusal),
}

impl<T> Made<T> {
    /// The record, whenever it was made.
    pub fn record(self) -> T {
        match self {
            Self::New(record) | Self::Already(record) => record,
        }
    }

    /// The same for another view of the record.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Made<U> {
        match self {
            Self::New(record) => Made::New(f(record)),
            Self::Already(record) => Made::Already(f(record)),
        }
    }
}

/// One field of a partial edit: absent, null, or a new value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Not in the request: stays as it is.
    #[default]
    Keep,
    /// `null`: emptied.
    Clear,
    /// The new value.
    Set(T),
}

impl<T> Change<T> {
    /// The value after the edit of a field that may be empty.
    pub fn or<U: From<T>>(self, current: Option<U>) -> Option<U> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value.into()),
        }
    }

    /// The new value, when there is one.
    pub const fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// Reads a field of a partial edit that may be left out but never be emptied.
///
/// # Errors
/// As the value's own; `null` is of the wrong type.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a field that may be null but not be left out: to forget a field must not mean to empty it.
///
/// # Errors
/// As the value's own.
pub fn null_or<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// The strong ETag of a version.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// Refuses an edit of a record that somebody else changed after the client had loaded it.
///
/// # Errors
/// `etag_mismatch` when `expected` names other versions than `current`.
pub fn must_match(expected: Option<&IfMatch>, current: i64) -> Result<(), Error> {
    match expected {
        Some(IfMatch::These(versions)) if !versions.contains(&current) => {
            Err(Code::EtagMismatch.with([("etag", etag(current))]).and("etag", etag(current)).into())
        }
        _ => Ok(()),
    }
}

/// The versions an edit is meant for (`If-Match`, RFC 9110, 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whichever there is.
    Any,
    /// These. A weak tag or a foreign one names none.
    These(Vec<i64>),
}

impl IfMatch {
    /// Reads the header's value.
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let versions =
            header.split(',').filter_map(|tag| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        Self::These(versions.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, IfMatch, must_match};

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        #[derive(serde::Deserialize)]
        struct Edit {
            #[serde(default)]
            name: Change<String>,
        }
        let edit = |json| serde_json::from_str::<Edit>(json).unwrap().name;
        assert_eq!(edit("{}"), Change::Keep);
        assert_eq!(edit(r#"{"name":null}"#), Change::Clear);
        assert_eq!(edit(r#"{"name":"x"}"#), Change::Set("x".to_owned()));
    }

    #[test]
    fn a_weak_tag_never_satisfies_if_match() {
        assert!(must_match(Some(&IfMatch::parse("\"3\"")), 3).is_ok());
        assert!(must_match(Some(&IfMatch::parse("\"2\", \"3\"")), 3).is_ok());
        assert!(must_match(Some(&IfMatch::parse("*")), 3).is_ok());
        assert!(must_match(Some(&IfMatch::parse("W/\"3\"")), 3).is_err());
        assert!(must_match(Some(&IfMatch::parse("\"2\"")), 3).is_err());
        assert!(must_match(Some(&IfMatch::parse("")), 3).is_err());
        assert!(must_match(None, 3).is_ok());
    }
}
