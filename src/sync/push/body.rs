//! What a phone sends: by table, rows that are new, rows that changed, and ids that were deleted.

use serde_json::Value;

use super::row::Pushed;
use crate::error::{Code, Error, Flaw, Refusal};
use crate::sync::column::RawRow;
use crate::sync::tables::TABLES;

/// Letters an id may have.
const LONGEST_ID: usize = 200;

fn malformed(pointer: &str, expected: &str) -> Error {
    let expected = ("expected", expected.to_owned());
    Refusal::from(Code::SyncMalformed).at_with(pointer, Flaw::WrongType, [expected]).into()
}

/// Reads what was sent. Tables nobody knows are left out: the app may be newer.
///
/// # Errors
/// `sync_malformed` for what is not the protocol's shape.
pub fn read(bytes: &[u8]) -> Result<Vec<Pushed>, Error> {
    let body: Value = serde_json::from_slice(bytes).map_err(|_| malformed("", "a map"))?;
    let body = match body {
        Value::Object(body) => body,
        _ => return Err(malformed("", "a map")),
    };
    let mut found = Vec::new();
    for (name, lists) in body {
        let Some(table) = TABLES.iter().find(|table| table.name == name) else { continue };
        let Value::Object(mut lists) = lists else { return Err(malformed(&format!("/{name}"), "a map")) };
        for list in ["created", "updated", "deleted"] {
            let items = match lists.remove(list) {
                None | Some(Value::Null) => continue,
                Some(Value::Array(items)) => items,
                Some(_) => return Err(malformed(&format!("/{name}/{list}"), "a sequence")),
            };
            for (index, item) in items.into_iter().enumerate() {
                let rest = if list == "deleted" { "" } else { "/id" };
                let no_id = || malformed(&format!("/{name}/{list}/{index}{rest}"), "a string");
                let pushed = match item {
                    Value::Object(row) if list != "deleted" => {
                        let id = row.get("id").and_then(Value::as_str).ok_or_else(no_id)?.to_owned();
                        Pushed { table, id, row: Some(clean(row)) }
                    }
                    Value::String(id) if list == "deleted" => Pushed { table, id, row: None },
                    _ => return Err(no_id()),
                };
                if !is_id(&pushed.id) {
                    return Err(no_id());
                }
                found.push(pushed);
            }
        }
    }
    Ok(found)
}

fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(fits)
}

/// Without what the library keeps for itself, and without U+0000, which one of the databases cannot keep.
fn clean(mut row: RawRow) -> RawRow {
    row.remove("_status");
    row.remove("_changed");
    for value in row.values_mut() {
        if let Value::String(text) = value
            && text.contains('\0')
        {
            *text = text.replace('\0', "");
        }
    }
    row
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
        ] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        let body =
            r#"{"comments":{"created":[{"id":"a","text":"x\u0000y","_status":"created"}],"deleted":["b"]},"news":{}}"#;
        let found = read(body.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found.first().and_then(|pushed| pushed.text("text")), Some("xy"));
        assert!(found.first().and_then(|pushed| pushed.value("_status")).is_none());
    }
}
