//! What a phone sends: by table, rows that are new, rows that changed, and ids that were deleted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::row::Pushed;
use crate::error::{Code, Error, Flaw, Refusal};
use crate::sync::column::RawRow;
use crate::sync::tables::{TABLES, Table};

/// Letters an id may have.
const LONGEST_ID: usize = 200;
/// Rows that one push may bring: some months of work.
const MOST_ROWS: usize = 20_000;

/// The refusal of what is not the protocol's shape.
pub fn malformed(pointer: &str, expected: &str) -> Error {
    let expected = ("expected", expected.to_owned());
    Refusal::from(Code::SyncMalformed).at_with(pointer, Flaw::WrongType, [expected]).into()
}

/// What is read of a body before it is known whose it is: its parts, as they stand there.
type Parts<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Reads what was sent. Tables and columns nobody knows are left out: the app may be newer. What a phone never sends, such as a
/// list within a row, is not even read: a small body must not become a large one in memory.
///
/// # Errors
/// `sync_malformed` for what is not the protocol's shape.
pub fn read(bytes: &[u8]) -> Result<Vec<Pushed>, Error> {
    let body: Parts<'_> = serde_json::from_slice(bytes).map_err(|_| malformed("", "a map"))?;
    let mut found: BTreeMap<(&'static str, String), Pushed> = BTreeMap::new();
    for (name, lists) in body {
        let Some(table) = TABLES.iter().find(|table| table.name == name) else { continue };
        let mut lists: Parts<'_> =
            serde_json::from_str(lists.get()).map_err(|_| malformed(&format!("/{name}"), "a map"))?;
        for list in ["created", "updated", "deleted"] {
            let Some(items) = lists.remove(list) else { continue };
            let at = format!("/{name}/{list}");
            let items: Option<Vec<&RawValue>> =
                serde_json::from_str(items.get()).map_err(|_| malformed(&at, "a sequence"))?;
            for (index, item) in items.unwrap_or_default().into_iter().enumerate() {
                let at = format!("{at}/{index}");
                let pushed = if list == "deleted" { deleted(table, item, &at)? } else { written(table, item, &at)? };
                // A row that is told twice is told last.
                found.insert((table.name, pushed.id.clone()), pushed);
                must_be_few(found.len())?;
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Some months of work come in one push; more comes in parts.
///
/// # Errors
/// `sync_malformed`
pub fn must_be_few(rows: usize) -> Result<(), Error> {
    if rows <= MOST_ROWS {
        return Ok(());
    }
    let most = ("max", MOST_ROWS.to_string());
    Err(Refusal::from(Code::SyncMalformed).at_with("", Flaw::TooMany, [most]).into())
}

fn deleted(table: &'static Table, item: &RawValue, at: &str) -> Result<Pushed, Error> {
    let id: String = serde_json::from_str(item.get()).map_err(|_| malformed(at, "a string"))?;
    must_be_id(&id, at)?;
    Ok(Pushed { table, id, row: None })
}

/// A row that was written.
///
/// # Errors
/// `sync_malformed`
pub fn written(table: &'static Table, item: &RawValue, at: &str) -> Result<Pushed, Error> {
    let row = row(table, item, at)?;
    let at = format!("{at}/id");
    let id = row.get("id").and_then(Value::as_str).ok_or_else(|| malformed(&at, "a string"))?.to_owned();
    must_be_id(&id, &at)?;
    Ok(Pushed { table, id, row: Some(row) })
}

/// The columns of a row that its table has, without U+0000, which one of the databases cannot keep.
///
/// # Errors
/// `sync_malformed`
pub fn row(table: &'static Table, item: &RawValue, at: &str) -> Result<RawRow, Error> {
    let parts: Parts<'_> = serde_json::from_str(item.get()).map_err(|_| malformed(at, "a map"))?;
    let mut row = RawRow::new();
    for (name, value) in parts {
        if name != "id" && table.columns.iter().all(|column| column.name != name) {
            continue;
        }
        let value = match value.get().as_bytes().first() {
            // No column holds such a thing: whoever reads the column refuses it.
            Some(b'{' | b'[') => Value::Object(RawRow::new()),
            _ => serde_json::from_str(value.get()).map_err(|_| malformed(at, "a map"))?,
        };
        let value = match value {
            Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "")),
            value => value,
        };
        row.insert(name.into_owned(), value);
    }
    Ok(row)
}

/// Ids are what the server would write: somebody's capitals would make a second row of one.
fn must_be_id(text: &str, at: &str) -> Result<(), Error> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if !(1..=LONGEST_ID).contains(&text.len()) || !text.bytes().all(fits) {
        return Err(malformed(at, "a string"));
    }
    let is_other = |part: &str| uuid::Uuid::try_parse(part).is_ok_and(|id| id.to_string() != part);
    if text.split('.').any(is_other) {
        return Err(Refusal::from(Code::SyncMalformed).at_with(at, Flaw::NotAnId, []).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_not_the_protocol_is_told() {
        for body in [
            "",
            "[]",
            r#"{"comments":[]}"#,
            r#"{"comments":{"created":{}}}"#,
            r#"{"comments":{"created":["a"]}}"#,
            r#"{"comments":{"created":[{"text":"no id"}]}}"#,
            r#"{"comments":{"deleted":[{"id":"a"}]}}"#,
            r#"{"comments":{"deleted":["a b"]}}"#,
            r#"{"comments":{"deleted":["0198F2C1-6D3A-7B7E-9A5C-1B2D3E4F5A6B"]}}"#,
            r#"{"ticket_assets":{"deleted":["0198f2c1-6d3a-7b7e-9a5c-1b2d3e4f5a6b.0198F2C1-6D3A-7B7E-9A5C-1B2D3E4F5A6B"]}}"#,
        ] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        let body =
            r#"{"comments":{"created":[{"id":"a","text":"x\u0000y","_status":"created"}],"deleted":["b"]},"news":{}}"#;
        let found = read(body.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found.first().and_then(|pushed| pushed.text("text")), Some("xy"));
        assert!(found.first().and_then(|pushed| pushed.value("_status")).is_none());
        let nested = br#"{"comments":{"created":[{"id":"a","text":[{"a":0},{"a":0}],"other":{"b":{}}}]}}"#;
        let found = read(nested).unwrap();
        let row = found.first().and_then(|pushed| pushed.row.clone()).unwrap();
        assert_eq!(serde_json::Value::Object(row), serde_json::json!({"id": "a", "text": {}}));
        let many: Vec<String> = (0..=super::MOST_ROWS).map(|id| format!("\"{id}\"")).collect();
        assert!(read(format!(r#"{{"comments":{{"deleted":[{}]}}}}"#, many.join(",")).as_bytes()).is_err());
    }
}
