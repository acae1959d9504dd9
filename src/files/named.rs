//! Which files the database names: what a backup must hold, and nothing else.
//!
//! A test holds this list to the schema: a column whose name ends in `sha256` is here, or is known to hold something else.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::DbConnection;
use crate::db::schema::{
    act_absences, acts, attachments, imports, invoices, label_jobs, report_photos, sealed_copies, signatures,
};
use crate::db::types::Sha256;
use crate::error::Error;
use crate::tickets::attachment::AttachmentStatus;

macro_rules! named {
    ($($table:ident . $column:ident $(if $kept:expr)?),+ $(,)?) => {
        /// The columns, as `table.column`.
        pub const COLUMNS: &[&str] = &[$(concat!(stringify!($table), ".", stringify!($column))),+];

        /// Every file that the database names, with the first column that does.
        ///
        /// # Errors
        /// The database's.
        pub fn all(conn: &mut DbConnection) -> Result<BTreeMap<Sha256, &'static str>, Error> {
            let mut files = BTreeMap::new();
            $(
                let column = concat!(stringify!($table), ".", stringify!($column));
                let hashes: Vec<Option<Sha256>> =
                    $table::table$(.filter($kept))?.select($table::$column.nullable()).distinct().load(conn)?;
                for hash in hashes.into_iter().flatten() {
                    files.entry(hash).or_insert(column);
                }
            )+
            Ok(files)
        }
    };
}

named![
    attachments.file_sha256,
    // What is only announced is nowhere yet.
    attachments.original_sha256 if attachments::status.eq(AttachmentStatus::Ready),
    attachments.small_sha256,
    attachments.large_sha256,
    acts.form_sha256,
    acts.document_sha256,
    acts.signed_document_sha256,
    act_absences.photo_sha256,
    sealed_copies.sha256,
    sealed_copies.evidence_sha256,
    signatures.image_sha256,
    invoices.form_sha256,
    invoices.document_sha256,
    report_photos.file_sha256,
    label_jobs.file_sha256,
    imports.file_sha256,
];

#[cfg(test)]
mod tests {
    use super::COLUMNS;

    /// Hashes of what is in the database itself, or of a file that another column names.
    const NO_FILES: [&str; 10] = [
        "acts.snapshot_sha256",
        "acts.shown_sha256",
        "act_absences.document_sha256",
        "act_absences.absence_sha256",
        "signatures.document_sha256",
        "signatures.shown_sha256",
        "signatures.signature_sha256",
        "invoices.snapshot_sha256",
        "seals.certificate_sha256",
        "sync_issues.pushed_sha256",
    ];

    #[test]
    fn every_column_that_names_a_file_is_in_backups() {
        let (mut table, mut found) = ("", Vec::new());
        for line in include_str!("../db/schema.rs").lines().map(str::trim) {
            if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
                table = name;
            }
            if let Some((column, _)) = line.split_once(" -> ")
                && column.ends_with("sha256")
            {
                found.push(format!("{table}.{column}"));
            }
        }
        let mut known: Vec<_> = COLUMNS.iter().chain(&NO_FILES).map(ToString::to_string).collect();
        found.sort();
        known.sort();
        assert_eq!(found, known);
    }
}
