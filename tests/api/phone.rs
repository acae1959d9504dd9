//! A phone that holds what it was told, as an app with WatermelonDB does.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::person::{Answer, Person};

/// Rows by their ids, by table.
pub type Rows = BTreeMap<String, BTreeMap<String, Value>>;

/// A phone.
#[derive(Clone)]
pub struct Phone {
    /// Who is signed in on it.
    pub person: Person,
    /// What it was told of last.
    pub since: i64,
    /// What it holds.
    pub rows: Rows,
}

impl Phone {
    /// One that holds nothing.
    pub fn new(person: Person) -> Self {
        Self { person, since: 0, rows: Rows::new() }
    }

    /// Asks what it has to learn, and does not take it in.
    pub fn ask(&self) -> Value {
        self.person.get(&format!("/sync/pull?last_pulled_at={}", self.since)).is(200)
    }

    /// Learns what it has to.
    pub fn pull(&mut self) -> Value {
        let told = self.ask();
        self.take(&told);
        told
    }

    /// Takes an answer in.
    pub fn take(&mut self, told: &Value) {
        if told["experimentalStrategy"] == "replacement" {
            self.rows.clear();
        }
        for (table, changes) in told["changes"].as_object().unwrap() {
            assert_eq!(changes["created"], json!([]));
            let rows = self.rows.entry(table.clone()).or_default();
            for row in changes["updated"].as_array().unwrap() {
                rows.insert(row["id"].as_str().unwrap().to_owned(), row.clone());
            }
            for id in changes["deleted"].as_array().unwrap() {
                rows.remove(id.as_str().unwrap());
            }
        }
        self.since = told["timestamp"].as_i64().unwrap();
        assert!(self.since > 0);
    }

    /// The rows of a table.
    pub fn table(&self, name: &str) -> Vec<&Value> {
        self.rows.get(name).map(|rows| rows.values().collect()).unwrap_or_default()
    }

    /// A row it must hold.
    #[track_caller]
    pub fn row(&self, table: &str, id: &str) -> &Value {
        self.rows.get(table).and_then(|rows| rows.get(id)).unwrap_or_else(|| panic!("{table} {id} is not on the phone"))
    }

    /// Whether it holds a row.
    pub fn holds(&self, table: &str, id: &str) -> bool {
        self.rows.get(table).is_some_and(|rows| rows.contains_key(id))
    }

    /// It holds exactly what a new phone of the same person would be told.
    #[track_caller]
    pub fn is_right(&mut self) {
        self.pull();
        let mut fresh = Self::new(self.person.clone());
        fresh.pull();
        for (table, rows) in &fresh.rows {
            assert_eq!(self.rows.get(table), Some(rows), "{table}");
        }
    }

    /// Sends rows: `[("comments", "created", [row, …])]`.
    pub fn push(&self, changes: &[(&str, &str, Vec<Value>)]) -> Answer {
        self.person.post(&format!("/sync/push?last_pulled_at={}", self.since), &body(changes))
    }
}

/// What a phone sends: all lists of the tables it names.
pub fn body(changes: &[(&str, &str, Vec<Value>)]) -> Value {
    let mut tables = Map::new();
    for (table, list, rows) in changes {
        let empty = json!({"created": [], "updated": [], "deleted": []});
        tables.entry((*table).to_owned()).or_insert(empty)[*list] = Value::Array(rows.clone());
    }
    Value::Object(tables)
}

/// What became of a pushed row.
#[track_caller]
pub fn result<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let results = answer["results"].as_array().unwrap();
    results.iter().find(|result| result["id"] == id).unwrap_or_else(|| panic!("nothing about {id} in {answer}"))
}
