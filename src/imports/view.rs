//! Imports and their rows as people see them, in their language.

use std::collections::BTreeMap;

use serde::Serialize;

use super::columns::fields;
use super::plan::FieldChange;
use super::report::{ImportRow, KeptNote};
use super::{Column, Import, ImportId, ImportKind, ImportState, RowOutcome};
use crate::companies::{CompanyId, SiteId};
use crate::db::types::{AnyId, Sha256, Timestamp};
use crate::error::Flaw;
use crate::http::Resource;
use crate::users::UserId;
use crate::words::Language;

/// The file an import came as.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ImportFile {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub size: i64,
    /// Their hash.
    pub sha256: Sha256,
    /// The sheet that was read, of a workbook.
    pub sheet: Option<String>,
    /// The row with the names of the columns, from 1.
    pub header_row: i64,
}

/// What becomes of how many rows.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ImportCounts {
    /// All rows.
    pub rows: i64,
    /// New records.
    pub add: i64,
    /// Records that change.
    pub change: i64,
    /// Rows that say what is known.
    pub same: i64,
    /// Rows with mistakes.
    pub mistake: i64,
}

/// A field that a column may fill.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ImportField {
    /// Its name.
    pub field: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Whether no new record is without it.
    pub required: bool,
}

/// Something to know about a table or one of its rows.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ImportNote {
    /// The field it is about.
    pub field: Option<String>,
    /// The column of the file that fills it.
    pub column: Option<String>,
    /// What stands there.
    pub value: Option<String>,
    /// Stable: switch on this.
    #[schema(example = "unknown_site")]
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// The values in that sentence.
    pub params: BTreeMap<String, String>,
}

/// How labels are printed for the devices that an import added.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ImportLabels {
    /// Where the devices are, newest first; their ids in the order of the file are in `rows`.
    pub assets: String,
    /// Where the rows that added them are, in the order of the file.
    pub rows: String,
    /// Where sheets of labels are printed: send the ids as `asset_ids`.
    pub print: String,
}

/// An import.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ImportView {
    /// Its id.
    pub id: ImportId,
    /// What it brings.
    pub kind: ImportKind,
    /// How far it has come: of one that is `checked` the counts say what would be done.
    pub state: ImportState,
    /// Whose the rows are that name no company.
    pub company_id: Option<CompanyId>,
    /// Where the rows are that name no site.
    pub site_id: Option<SiteId>,
    /// Whether sites are added that are not there.
    pub create_missing: bool,
    /// The file.
    pub file: ImportFile,
    /// Its columns, and the fields they fill.
    pub columns: Vec<Column>,
    /// The fields that columns may fill; for assets also `attribute:` and a name.
    pub fields: Vec<ImportField>,
    /// What becomes of how many rows.
    pub counts: ImportCounts,
    /// What should be known about the table as a whole.
    pub warnings: Vec<ImportNote>,
    /// How labels are printed, once devices were added.
    pub labels: Option<ImportLabels>,
    /// Who sent it.
    pub author_id: UserId,
    /// Who had it done.
    pub done_by: Option<UserId>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ImportView {
    /// An import in a language.
    pub fn new(import: Import, language: Language) -> Self {
        let (add, change, same, mistake) = (import.to_add, import.to_change, import.same, import.mistakes);
        let printable = import.kind == ImportKind::Assets && import.state == ImportState::Done && add > 0;
        let labels = printable.then(|| ImportLabels {
            assets: format!("/api/v1/assets?import_id={}", import.id),
            rows: format!("/api/v1/imports/{}/rows?outcome=add", import.id),
            print: "/api/v1/label-sheets".to_owned(),
        });
        let warnings: Vec<KeptNote> = serde_json::from_str(&import.warnings).unwrap_or_default();
        let title = |field: &super::columns::Field| ImportField {
            field: field.name,
            title: field.title(language),
            required: field.required,
        };
        Self {
            id: import.id,
            kind: import.kind,
            state: import.state,
            company_id: import.company_id,
            site_id: import.site_id,
            create_missing: import.create_missing,
            columns: import.columns(),
            file: ImportFile {
                name: import.file_name,
                size: import.file_size,
                sha256: import.file_sha256,
                sheet: import.sheet,
                header_row: import.header_row,
            },
            fields: fields(import.kind).iter().map(title).collect(),
            counts: ImportCounts { rows: add + change + same + mistake, add, change, same, mistake },
            warnings: warnings.into_iter().map(|note| told(note, language)).collect(),
            labels,
            author_id: import.author_id,
            done_by: import.done_by,
            done_at: import.done_at,
            version: import.version,
            created_at: import.created_at,
            updated_at: import.updated_at,
        }
    }
}

impl Resource for ImportView {
    fn path(&self) -> String {
        format!("/api/v1/imports/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A row of an import.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ImportRowView {
    /// Its number in the file, from 1.
    pub number: i64,
    /// What becomes of it, or became.
    pub outcome: RowOutcome,
    /// The record; null while it is not there.
    pub record_id: Option<AnyId>,
    /// What is wrong with it.
    pub mistakes: Vec<ImportNote>,
    /// What somebody should look at.
    pub warnings: Vec<ImportNote>,
    /// What changes about the record.
    pub changes: Vec<FieldChange>,
}

impl ImportRowView {
    /// A row in a language.
    pub fn new(row: &ImportRow, language: Language) -> Self {
        let notes = row.notes();
        let (mistakes, warnings): (Vec<_>, Vec<_>) = notes.notes.into_iter().partition(|note| note.mistake);
        let told = |notes: Vec<KeptNote>| notes.into_iter().map(|note| told(note, language)).collect();
        Self {
            number: row.number,
            outcome: row.outcome,
            record_id: row.record_id,
            mistakes: told(mistakes),
            warnings: told(warnings),
            changes: notes.changes,
        }
    }
}

fn told(note: KeptNote, language: Language) -> ImportNote {
    let sentence = Flaw::parse(&note.flaw).map_or("", |flaw| flaw.sentence(language));
    let fill = |text: String, (name, value): (&String, &String)| text.replace(&format!("{{{name}}}"), value);
    ImportNote {
        message: note.params.iter().fold(sentence.to_owned(), fill),
        field: note.field,
        column: note.column,
        value: note.value,
        code: note.flaw,
        params: note.params,
    }
}
