//! Lists in pages: a cursor says where the last page ended, whatever was added since.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::types::Sha256;
use crate::error::{Code, Error};

/// Records on a page when the client does not say.
pub const DEFAULT_LIMIT: u32 = 50;
/// And at the most.
pub const MAX_LIMIT: u32 = 200;

/// What a list answers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The records of this page.
    pub data: Vec<T>,
    /// Pass it as `cursor` to get the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// Which page is wanted.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// Records on the page.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Which list, with which filters: a cursor is good for no other.
    pub list: String,
}

impl PageRequest {
    /// The same page of the list that belongs to one record.
    #[must_use]
    pub fn within(mut self, record: impl std::fmt::Display) -> Self {
        self.list = format!("{} {record}", self.list);
        self
    }

    /// How many rows to ask the database for: one more than wanted tells whether there is a next page.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit()) + 1
    }

    fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// Where the page before ended: the values its last record was sorted by.
    ///
    /// # Errors
    /// `invalid_cursor` when it is not one of ours, or of another list.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Error> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Code::InvalidCursor)?;
        let (list, key): (Sha256, K) = serde_json::from_slice(&bytes).map_err(|_| Code::InvalidCursor)?;
        if list == Sha256::of(&self.list) { Ok(Some(key)) } else { Err(Code::InvalidCursor.into()) }
    }

    /// Cuts `rows` to a page; `key` gives the values a record is sorted by.
    pub fn cut<T, K: Serialize>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        let next_cursor = (rows.len() > limit)
            .then(|| {
                rows.truncate(limit);
                let cursor = serde_json::to_vec(&(Sha256::of(&self.list), key(rows.last()?))).ok()?;
                Some(URL_SAFE_NO_PAD.encode(cursor))
            })
            .flatten();
        Page { data: rows, next_cursor }
    }
}

impl<T> Page<T> {
    /// A list that has one page.
    pub const fn all(data: Vec<T>) -> Self {
        Self { data, next_cursor: None }
    }

    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}
