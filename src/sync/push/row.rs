//! A pushed row, and what of it the rest of the API would be sent.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::db::types::Timestamp;
use crate::error::Error;
use crate::http::body;
use crate::sync::column::{ColumnKind, RawRow};
use crate::sync::tables::Table;
use crate::words::text::{Line, Prose};

/// A row that a phone sent, or the id of one that it deleted.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// Its table.
    pub table: &'static Table,
    /// Its id.
    pub id: String,
    /// Its columns; nothing when it was deleted.
    pub row: Option<RawRow>,
}

impl Pushed {
    /// A column, when it holds something.
    pub fn value(&self, column: &str) -> Option<&Value> {
        self.row.as_ref()?.get(column).filter(|value| !value.is_null())
    }

    /// Whether a column holds something: where a phone's column cannot be null, nothing is an empty text or 0.
    pub fn gives(&self, column: &str) -> bool {
        self.value(column).is_some_and(|value| value.as_str() != Some("") && value.as_f64() != Some(0.0))
    }

    /// A column of text, when it holds some.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.value(column)?.as_str().filter(|text| !text.is_empty())
    }

    /// A column that holds an id.
    pub fn id_in<Id: std::str::FromStr>(&self, column: &str) -> Option<Id> {
        self.text(column)?.parse().ok()
    }

    /// The row as it came, for people who look at what became of it.
    pub fn json(&self) -> String {
        match &self.row {
            Some(row) => Value::Object(row.clone()).to_string(),
            None => json!({"id": self.id, "deleted": true}).to_string(),
        }
    }

    /// What the rest of the API would be sent: the columns under the names they have there.
    pub fn request<T: DeserializeOwned>(&self, request: Request) -> Result<T, Error> {
        body::parse(&serde_json::to_vec(&request.members)?)
    }
}

/// A request of the API, made of a row. What a row leaves empty is left out.
#[derive(Debug, Default)]
pub struct Request {
    members: Map<String, Value>,
}

impl Request {
    /// The request to make the row's record, with its id.
    pub fn of(pushed: &Pushed) -> Self {
        Self::default().with("id", Some(json!(pushed.id)))
    }

    /// A member.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<Value>) -> Self {
        if let Some(value) = value {
            self.members.insert(name.to_owned(), value);
        }
        self
    }

    /// Columns as they are. Empty text stands for nothing, as phones have it in columns that cannot be null.
    #[must_use]
    pub fn columns(mut self, pushed: &Pushed, names: &[&str]) -> Self {
        for name in names {
            let value = pushed.value(name).filter(|value| value.as_str() != Some(""));
            self = self.with(name, value.cloned());
        }
        self
    }

    /// Columns as they are, null when they are empty: what an edit is to empty.
    #[must_use]
    pub fn columns_or_null(mut self, pushed: &Pushed, names: &[&str]) -> Self {
        for name in names {
            let value = pushed.value(name).filter(|value| value.as_str() != Some(""));
            self = self.with(name, Some(value.cloned().unwrap_or(Value::Null)));
        }
        self
    }

    /// Columns that hold milliseconds since 1970.
    #[must_use]
    pub fn moments(mut self, pushed: &Pushed, names: &[&str]) -> Self {
        for name in names {
            self = self.with(name, moment(pushed, name));
        }
        self
    }

    /// The place where it happened.
    #[must_use]
    pub fn place(self, pushed: &Pushed) -> Self {
        let (Some(lat), Some(lon)) = (pushed.value("lat"), pushed.value("lon")) else { return self };
        let mut place = Map::from_iter([("lat".to_owned(), lat.clone()), ("lon".to_owned(), lon.clone())]);
        place.extend(pushed.value("accuracy_m").map(|metres| ("accuracy_m".to_owned(), metres.clone())));
        self.with("place", Some(place.into()))
    }
}

impl From<Request> for Value {
    fn from(request: Request) -> Self {
        Self::Object(request.members)
    }
}

/// Milliseconds since 1970 as the API writes moments. 0 stands for nothing; what is no number is left for the API to refuse.
pub fn moment(pushed: &Pushed, column: &str) -> Option<Value> {
    let value = pushed.value(column)?;
    let Some(millis) = whole(value) else { return Some(value.clone()) };
    // What is no moment is left for the API to refuse, too.
    (millis != 0)
        .then(|| Timestamp::from_millis(millis).map_or_else(|| value.clone(), |moment| json!(moment.to_string())))
}

/// A whole number however it is written; phones know no others than those with a point.
pub fn whole(value: &Value) -> Option<i64> {
    if let Some(whole) = value.as_i64() {
        return Some(whole);
    }
    let number = value.as_f64().filter(|number| number.is_finite())?;
    format!("{:.0}", number.trunc()).parse().ok()
}

/// Whether a phone's value is the one that is kept. Nothing is the same as an empty text, 0 or no, where a column of a
/// phone cannot be null.
pub fn same(kind: ColumnKind, pushed: &Value, kept: &Value) -> bool {
    let empty = |value: &Value| match kind {
        ColumnKind::String => value.as_str() == Some(""),
        ColumnKind::Number => value.as_f64() == Some(0.0),
        ColumnKind::Boolean => value.as_bool() == Some(false),
    };
    match (pushed, kept) {
        (Value::Number(pushed), Value::Number(kept)) => pushed.as_f64() == kept.as_f64(),
        (Value::Null, kept) => kept.is_null() || empty(kept),
        (pushed, Value::Null) => empty(pushed),
        (Value::String(pushed), Value::String(kept)) => pushed == kept || tidied(pushed, kept),
        (pushed, kept) => pushed == kept,
    }
}

/// Whether a text is kept as `kept` once white space and the like were tidied up, or is the same JSON.
fn tidied(pushed: &str, kept: &str) -> bool {
    let json = |text: &str| serde_json::from_str::<Value>(text).ok().filter(|value| !value.is_number());
    Prose::<20_000>::parse(pushed).is_ok_and(|text| *text == *kept)
        || Line::<1_000>::parse(pushed).is_ok_and(|text| *text == *kept)
        || json(pushed).zip(json(kept)).is_some_and(|(pushed, kept)| same_json(&pushed, &kept))
}

/// Whether two values are the same, with or without a point in their numbers.
fn same_json(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_json(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same_json(value, other)))
        }
        (one, other) => one == other,
    }
}

/// The columns in which a pushed row differs from what is kept.
pub fn differences<'a>(pushed: &'a Pushed, kept: &'a RawRow) -> impl Iterator<Item = &'static str> + 'a {
    let columns = pushed.table.columns.iter();
    columns
        .filter(|column| {
            let value = pushed.row.as_ref().and_then(|row| row.get(column.name));
            value.is_some_and(|value| !same(column.kind, value, kept.get(column.name).unwrap_or(&Value::Null)))
        })
        .map(|column| column.name)
}

/// The columns of phones in which a pushed row says something else than what is kept.
pub fn changed<'a>(pushed: &'a Pushed, kept: &'a RawRow) -> impl Iterator<Item = &'static str> + 'a {
    let theirs = pushed.table.columns.iter().filter(|column| column.is_written_by_phones());
    let theirs: Vec<&str> = theirs.map(|column| column.name).collect();
    differences(pushed, kept).filter(move |column| pushed.gives(column) && theirs.contains(column))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{same, whole};
    use crate::sync::column::ColumnKind::{Boolean, Number, String};

    #[test]
    fn a_phone_has_no_null_where_its_column_has_none() {
        assert!(same(String, &json!(""), &json!(null)) && same(Number, &json!(0), &json!(null)));
        assert!(same(Boolean, &json!(null), &json!(false)) && same(Number, &json!(5.0), &json!(5)));
        assert!(!same(String, &json!("a"), &json!(null)) && !same(Number, &json!(1), &json!(null)));
        assert!(!same(String, &json!(null), &json!("a")));
        assert!(same(String, &json!("{\"x\": [10]}"), &json!("{\"x\":[10.0]}")));
        assert!(!same(String, &json!("{\"x\": [10]}"), &json!("{\"x\":[10.5]}")));
        assert!(
            same(String, &json!(" a  b\n"), &json!("a b")) && same(String, &json!("{\"a\": 1}"), &json!("{\"a\":1}"))
        );
    }

    #[test]
    fn numbers_with_a_point_are_whole() {
        assert_eq!(whole(&json!(1_795_290_620_727.0)), Some(1_795_290_620_727));
        assert_eq!(whole(&json!("1")), None);
        assert_eq!(whole(&json!(1e300)), None);
    }
}
