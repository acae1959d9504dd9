//! How a synced table is described: once, and then read by the pull, by the push and by the schema that apps are built with.
//!
//! Values are raw, as WatermelonDB keeps them: text, numbers, yes or no, or nothing. Moments are milliseconds since 1970,
//! JSON and decimals are text.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::db::types::{Timestamp, text_enum};
use crate::error::Error;

text_enum! {
    /// What a column holds, in the words of WatermelonDB's `appSchema`.
    ColumnKind {
        /// Text.
        String = "string",
        /// A number; moments are milliseconds since 1970.
        Number = "number",
        /// Yes or no.
        Boolean = "boolean",
    }
}

/// What else is to be said about a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Phones look rows up by it.
    Indexed,
    /// Phones write it.
    Phone,
}

/// A column of a synced table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether it may be null.
    pub optional: bool,
    /// What else is to be said.
    pub marks: &'static [Mark],
}

impl Column {
    /// Whether phones look rows up by it.
    pub fn is_indexed(&self) -> bool {
        self.marks.contains(&Mark::Indexed)
    }

    /// Whether phones write it.
    pub fn is_written_by_phones(&self) -> bool {
        self.marks.contains(&Mark::Phone)
    }
}

/// A value as it travels.
pub trait Raw {
    /// What column it needs.
    const KIND: ColumnKind;
    /// Whether it may be null.
    const OPTIONAL: bool = false;
}

impl Raw for String {
    const KIND: ColumnKind = ColumnKind::String;
}

impl Raw for i64 {
    const KIND: ColumnKind = ColumnKind::Number;
}

impl Raw for f64 {
    const KIND: ColumnKind = ColumnKind::Number;
}

impl Raw for bool {
    const KIND: ColumnKind = ColumnKind::Boolean;
}

impl<T: Raw> Raw for Option<T> {
    const KIND: ColumnKind = T::KIND;
    const OPTIONAL: bool = true;
}

/// A row as it travels: its id and the columns of its table.
pub type RawRow = Map<String, Value>;

/// A row's shape, and with it the description of its table.
pub trait Shape: Serialize {
    /// The table's name.
    const TABLE: &'static str;
    /// What it holds.
    const ABOUT: &'static str;
    /// Its columns; `id` is understood.
    const COLUMNS: &'static [Column];
}

/// Describes a synced table: the struct of its rows is the description.
macro_rules! raw_table {
    (
        $(#[doc = $doc:literal])*
        $row:ident in $table:literal {
            $($(#[doc = $about:literal])* $field:ident: $kind:ty $([$($mark:ident)+])?,)+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct $row {
            /// Its id.
            pub id: String,
            $($(#[doc = $about])* pub $field: $kind,)+
        }

        impl $crate::sync::column::Shape for $row {
            const TABLE: &'static str = $table;
            const ABOUT: &'static str = concat!($($doc),*);
            const COLUMNS: &'static [$crate::sync::column::Column] = &[$($crate::sync::column::Column {
                name: stringify!($field),
                about: concat!($($about),*),
                kind: <$kind as $crate::sync::column::Raw>::KIND,
                optional: <$kind as $crate::sync::column::Raw>::OPTIONAL,
                marks: &[$($($crate::sync::column::Mark::$mark),+)?],
            }),+];
        }
    };
}
pub(crate) use raw_table;

/// Milliseconds since 1970.
pub fn millis(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000)
}

/// [`millis`] of a moment that may not have come.
pub fn maybe_millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(millis)
}

/// A value as text.
pub fn maybe_text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// A value as JSON in text.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn json(value: &impl Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string(value)?)
}
