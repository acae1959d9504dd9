//! The report of an import as it is kept: each row's outcome, with notes that are told in whichever language is asked for.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::file::{Table, Warning};
use super::plan::{FieldChange, Plan, RowPlan};
use super::values::Note;
use super::{ImportId, RowOutcome};
use crate::db::MultiBackend;
use crate::db::schema::import_rows;
use crate::db::types::AnyId;
use crate::error::Error;

/// A row of an import as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_rows, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct ImportRow {
    /// Of which import.
    pub import_id: ImportId,
    /// Its number in the file.
    pub number: i64,
    /// What becomes of it.
    pub outcome: RowOutcome,
    /// The record, once it is there.
    pub record_id: Option<AnyId>,
    notes: Option<String>,
}

/// What a row is kept with, as JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Notes {
    /// Mistakes and warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<KeptNote>,
    /// What changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
}

/// Something to know about a row or a table, before it is told in a language.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptNote {
    /// Whether nothing can be done because of it.
    #[serde(default)]
    pub mistake: bool,
    /// The field.
    #[serde(default)]
    pub field: Option<String>,
    /// The column of that field.
    #[serde(default)]
    pub column: Option<String>,
    /// What stands there.
    #[serde(default)]
    pub value: Option<String>,
    /// What it is: a flaw's word.
    pub flaw: String,
    /// What the sentence needs.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

impl ImportRow {
    /// Notes and changes.
    pub fn notes(&self) -> Notes {
        self.notes.as_deref().and_then(|notes| serde_json::from_str(notes).ok()).unwrap_or_default()
    }
}

/// The rows of a plan, to be kept. Records that are not there yet are not named.
///
/// # Errors
/// When JSON cannot be written.
pub fn rows(import: ImportId, table: &Table, plan: &Plan, done: bool) -> Result<Vec<ImportRow>, Error> {
    let row = |row: &RowPlan| {
        let notes: Vec<_> = row.notes.iter().map(|note| kept(table, note)).collect();
        let changes = row.changes.clone();
        let bare = notes.is_empty() && changes.is_empty();
        let notes = if bare { None } else { Some(serde_json::to_string(&Notes { notes, changes })?) };
        let there = done || row.outcome != RowOutcome::Add;
        let record_id = row.record_id.filter(|_| there).map(AnyId::from);
        Ok(ImportRow { import_id: import, number: row.number, outcome: row.outcome, record_id, notes })
    };
    plan.rows.iter().map(row).collect()
}

/// The warnings about a table, as JSON.
///
/// # Errors
/// When JSON cannot be written.
pub fn warnings(warnings: &[Warning]) -> Result<String, Error> {
    let kept = |warning: &Warning| KeptNote {
        mistake: false,
        field: None,
        column: warning.column.clone(),
        value: None,
        flaw: warning.flaw.as_str().to_owned(),
        params: params(&warning.params),
    };
    Ok(serde_json::to_string(&warnings.iter().map(kept).collect::<Vec<_>>())?)
}

fn kept(table: &Table, note: &Note) -> KeptNote {
    KeptNote {
        mistake: note.mistake,
        field: Some(note.field.clone()).filter(|field| !field.is_empty()),
        column: note.column.and_then(|column| table.columns.get(column)).cloned(),
        value: Some(note.value.clone()).filter(|value| !value.is_empty()),
        flaw: note.flaw.as_str().to_owned(),
        params: params(&note.params),
    }
}

fn params(params: &[(&'static str, String)]) -> BTreeMap<String, String> {
    params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}
