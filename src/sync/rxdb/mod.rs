//! The same tables for apps in a browser: RxDB's replication, one table at a time, over the same chain of events.
//!
//! What is told and what is taken is decided where WatermelonDB's pull and push decide it. Here is only RxDB's shape: pages of
//! documents with a checkpoint, writes that say what they took for granted, and the rows that are otherwise as an answer.

pub mod pull;
pub mod push;

use serde_json::{Value, json};

use super::column::RawRow;
use super::tables::{TABLES, Table};
use crate::error::{Code, Error};

/// The table a path names.
///
/// # Errors
/// `not_found`
fn table(name: &str) -> Result<(usize, &'static Table), Error> {
    TABLES.iter().enumerate().find(|(_, table)| table.name == name).ok_or_else(|| Code::NotFound.into())
}

/// A row as a document.
fn document(mut row: RawRow) -> RawRow {
    row.insert("_deleted".to_owned(), Value::Bool(false));
    row
}

/// The document of a row that is not there, or is out of sight.
fn gone(id: &str) -> RawRow {
    RawRow::from_iter([("id".to_owned(), json!(id)), ("_deleted".to_owned(), Value::Bool(true))])
}
