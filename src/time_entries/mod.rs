//! Working time: who, when, how long. One person is in one place at a time.

pub mod edit;
pub mod log;
pub mod queries;
pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::MultiBackend;
use crate::db::schema::time_entries;
use crate::db::types::{Timestamp, id, text_enum};
use crate::http::{Change, Resource};
use crate::tickets::TicketId;
use crate::users::UserId;
use crate::words::text::{Line, Prose};

id! {
    /// A piece of working time.
    TimeEntryId,
}

text_enum! {
    /// Where the time went.
    TimeKind {
        /// At the client's.
        OnSite = "on_site",
        /// On the way.
        Travel = "travel",
        /// From afar.
        Remote = "remote",
    }
}

/// A piece of working time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = time_entries, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct TimeEntry {
    /// Its id.
    pub id: TimeEntryId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// Whose time.
    pub user_id: UserId,
    /// Where it went.
    pub kind: TimeKind,
    /// When it began, if anybody noted it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long, in whole minutes.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: i64,
    /// What was done.
    pub note: Option<String>,
    /// Whether the client sees it.
    pub visible_to_client: bool,
    /// Who wrote it down.
    pub recorded_by: UserId,
    /// When it arrived.
    pub recorded_at: Timestamp,
    /// When it was taken off.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

impl Resource for TimeEntry {
    fn path(&self) -> String {
        format!("/api/v1/time-entries/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Time to log: from and to, or how long.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTimeEntry {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<TimeEntryId>,
    /// Where it went.
    pub kind: TimeKind,
    /// When it began.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it ended; 1 minute to 24 hours later.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// How long, in whole minutes, instead of an end.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: Option<i64>,
    /// How long, as people write it, instead of an end: "1 ч 20 м", "2:30", "2,5 часа", "1h30".
    #[serde(default)]
    pub duration: Option<Line<50>>,
    /// What was done.
    #[serde(default)]
    pub note: Option<Prose<2000>>,
    /// Whose time; one's own when left out. For dispatchers and up.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// Whether the client sees it.
    #[serde(default)]
    pub visible_to_client: bool,
}

/// What may be changed about a piece of working time. Absent stays, null empties.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditTimeEntry {
    /// Where it went.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = TimeKind, required = false)]
    pub kind: Option<TimeKind>,
    /// When it began.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Timestamp, required = false)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Timestamp, required = false)]
    pub ended_at: Option<Timestamp>,
    /// How long, as people write it, instead of an end.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<50>, required = false)]
    pub duration: Option<Line<50>>,
    /// What was done.
    #[serde(default)]
    #[schema(value_type = Option<Prose<2000>>)]
    pub note: Change<Prose<2000>>,
    /// Whether the client sees it.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub visible_to_client: Option<bool>,
}
