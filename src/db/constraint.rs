//! Which rule of the schema was broken, under one name on both databases.
//!
//! PostgreSQL names a `UNIQUE (act_id, party)` on `signatures` itself: `signatures_act_id_party_key`. SQLite says
//! `UNIQUE constraint failed: signatures.act_id, signatures.party`; joined, it is the same word. Named `CHECK`s carry their
//! name on both. SQLite does not say which foreign key failed: code looks before it inserts.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

/// The name of the unique rule that refused the statement, such as `users_login_key`.
pub fn broken_unique(error: &Error) -> Option<String> {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, information) => Some(name(information.as_ref())),
        _ => None,
    }
}

/// Whether `error` says that the unique rule `name` was broken.
pub fn is_unique(error: &Error, name: &str) -> bool {
    broken_unique(error).as_deref() == Some(name)
}

fn name(information: &dyn DatabaseErrorInformation) -> String {
    if let Some(name) = information.constraint_name() {
        return name.to_owned();
    }
    let message = information.message();
    let columns = message.strip_prefix("UNIQUE constraint failed: ").unwrap_or(message);
    // A unique index is named by SQLite: `index 'invoice_lines_work_line_id_key'`.
    if let Some(index) = columns.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')) {
        return index.to_owned();
    }
    let mut table = "";
    let mut names = Vec::new();
    for column in columns.split(", ") {
        let (of, name) = column.split_once('.').unwrap_or(("", column));
        table = of;
        names.push(name);
    }
    format!("{table}_{}_key", names.join("_"))
}
