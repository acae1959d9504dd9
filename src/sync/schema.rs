//! The tables that phones hold, told as apps declare them.

use serde::Serialize;

use super::column::{Column, ColumnKind};
use super::tables::{TABLES, Table};

/// Grows with every change of the tables.
pub const VERSION: u32 = 4;

/// The tables that phones hold: what WatermelonDB's `appSchema` takes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SyncSchema {
    /// Grows with every change of the tables.
    pub version: u32,
    /// The tables, parents before children.
    pub tables: Vec<SyncTable>,
}

/// A table that phones hold.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SyncTable {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub about: &'static str,
    /// Its columns; `id` is understood.
    pub columns: Vec<SyncColumn>,
}

/// A column of such a table.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SyncColumn {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What it holds; moments are milliseconds since 1970, JSON and decimals are text.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
    /// Whether it may be null.
    #[serde(rename = "isOptional")]
    pub is_optional: bool,
    /// Whether phones look rows up by it.
    #[serde(rename = "isIndexed")]
    pub is_indexed: bool,
    /// Whether phones write it; otherwise the server alone does.
    pub written_by_phones: bool,
}

impl From<&Column> for SyncColumn {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name,
            about: column.about.trim(),
            kind: column.kind,
            is_optional: column.optional,
            is_indexed: column.is_indexed(),
            written_by_phones: column.is_written_by_phones(),
        }
    }
}

/// The tables that phones hold.
pub fn schema() -> SyncSchema {
    let table = |table: &Table| SyncTable {
        name: table.name,
        about: table.about.trim(),
        columns: table.columns.iter().map(SyncColumn::from).collect(),
    };
    SyncSchema { version: VERSION, tables: TABLES.iter().map(table).collect() }
}
