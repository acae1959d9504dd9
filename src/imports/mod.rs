//! Imports: tables that people have already, taken over as companies, sites, contacts and assets. A table is first looked
//! at row by row, and done afterwards, all of it or nothing.
//!
//! Read it in this order: [`mod@file`] makes a table of bytes, [`columns`] knows what columns are called, [`plan`] says what
//! would become of each row, and [`run`] does it.

pub mod assets;
pub mod check;
pub mod columns;
pub mod companies;
pub mod contacts;
pub mod csv_file;
pub mod cyrillic;
pub mod file;
pub mod numbers;
pub mod parents;
pub mod parts;
pub mod plan;
pub mod queries;
pub mod receive;
pub mod records;
pub mod report;
pub mod routes;
pub mod run;
pub mod sites;
pub mod template;
pub mod values;
pub mod view;
pub mod workbook;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth::Permission;
use crate::companies::{CompanyId, SiteId};
use crate::db::MultiBackend;
use crate::db::schema::imports;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::http::query::list_query;
use crate::users::UserId;

id! {
    /// An import.
    ImportId,
}

text_enum! {
    /// What an import brings.
    ImportKind {
        /// Client organisations.
        Companies = "companies",
        /// Their places.
        Sites = "sites",
        /// Their people.
        Contacts = "contacts",
        /// Devices.
        Assets = "assets",
    }
}

text_enum! {
    /// How far an import has come.
    ImportState {
        /// Looked at: nothing is written yet.
        Checked = "checked",
        /// Done.
        Done = "done",
    }
}

text_enum! {
    /// What becomes of a row, or became of it.
    RowOutcome {
        /// A new record.
        Add = "add",
        /// A record that was there changes.
        Change = "change",
        /// Everything is so already.
        Same = "same",
        /// Something is wrong with it: nothing is done.
        Mistake = "mistake",
    }
}

impl ImportKind {
    /// What one must be allowed to do besides directing the work.
    pub const fn permission(self) -> Option<Permission> {
        match self {
            Self::Companies | Self::Sites => Some(Permission::DescribeClients),
            Self::Contacts | Self::Assets => None,
        }
    }
}

/// An import as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = imports, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// What it brings.
    pub kind: ImportKind,
    /// How far it has come.
    pub state: ImportState,
    /// Whose the rows are that do not say so.
    pub company_id: Option<CompanyId>,
    /// Where the rows are that do not say so.
    pub site_id: Option<SiteId>,
    /// Whether sites are added that are not there.
    pub create_missing: bool,
    /// The hash of the file.
    pub file_sha256: Sha256,
    /// What the file is called.
    pub file_name: String,
    /// Its bytes.
    pub file_size: i64,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The row with the names of the columns, from 1.
    pub header_row: i64,
    mapping: String,
    warnings: String,
    /// Rows that are new records.
    pub to_add: i64,
    /// Rows that change records.
    pub to_change: i64,
    /// Rows that say what is known.
    pub same: i64,
    /// Rows with mistakes.
    pub mistakes: i64,
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

impl Import {
    /// Its columns, in the order of the file.
    pub fn columns(&self) -> Vec<Column> {
        serde_json::from_str(&self.mapping).unwrap_or_default()
    }
}

/// A column of a table, and the field it fills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Column {
    /// What it is called in the file.
    pub column: String,
    /// The field it fills; null when it is left out.
    pub field: Option<String>,
    /// The first values in it.
    pub samples: Vec<String>,
}

/// A table to look at, as `multipart/form-data`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form; its parts are read one by one")]
pub struct NewImport {
    /// CSV or XLSX of at most 20 MiB, 20,000 rows and 100 columns; the names of the columns stand in its first rows.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What its rows are.
    kind: ImportKind,
    /// The client's own id for the record.
    #[schema(value_type = ImportId, required = false)]
    id: Option<ImportId>,
    /// Whose the rows are that name no company.
    #[schema(value_type = CompanyId, required = false)]
    company_id: Option<CompanyId>,
    /// Where the rows are that name no site.
    #[schema(value_type = SiteId, required = false)]
    site_id: Option<SiteId>,
    /// Whether sites are added that rows of assets or contacts name and that are not there. Only for those who may add sites.
    #[schema(value_type = bool, required = false)]
    create_missing: Option<bool>,
}

/// Which field a column fills.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappedColumn {
    /// What the column is called in the file.
    #[schema(max_length = 200)]
    pub column: String,
    /// A field of the kind, or `attribute:` and a name for assets; null leaves the column out.
    #[serde(deserialize_with = "crate::http::resource::null_or")]
    #[schema(max_length = 120)]
    pub field: Option<String>,
}

/// Which columns fill which fields from now on. A column that is not named is left out.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The columns.
    #[schema(max_items = 100)]
    pub columns: Vec<MappedColumn>,
    /// Whether sites are added that are not there; stays as it was when left out.
    #[serde(default)]
    pub create_missing: Option<bool>,
}

/// How an import is done.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunOptions {
    /// Whether rows with mistakes are left out. Without it a single mistake refuses all.
    #[serde(default)]
    pub skip_mistakes: bool,
}

list_query! {
    /// Which imports.
    pub struct ImportFilter {
        /// Of this kind.
        kind: ImportKind,
        /// That have come so far.
        state: ImportState,
    }
}

list_query! {
    /// Which rows.
    pub struct RowFilter {
        /// Of which this becomes.
        outcome: RowOutcome,
    }
}
