//! Tickets: a job from the first call to the closed door.
//!
//! A ticket's status is written by [`workflow`] and nowhere else, after every gate was asked in the same transaction.

pub mod assign;
pub mod attach;
pub mod attachment;
pub mod attachments;
pub mod comments;
pub mod completion;
pub mod content;
pub mod edit;
pub mod gates;
pub mod graph;
pub mod kept;
pub mod linked_assets;
pub mod open;
pub mod picture;
pub mod queries;
pub mod routes;
pub mod scan;
pub mod workflow;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::assets::AssetId;
use crate::companies::{CompanyId, ContactId, SiteId};
use crate::db::MultiBackend;
use crate::db::schema::tickets;
use crate::db::types::{Timestamp, id, text_enum};
use crate::http::query::list_query;
use crate::http::{Change, Resource};
use crate::teams::TeamId;
use crate::ticket_types::TicketTypeId;
use crate::users::UserId;
use crate::words::text::{Line, Prose, Scanned};

id! {
    /// A ticket.
    TicketId,
}

text_enum! {
    /// What a status means to the program, whatever the company calls it. In the order of a ticket's life.
    StatusKind {
        /// Nobody has taken it yet.
        New = "new",
        /// Somebody has.
        Assigned = "assigned",
        /// They are on their way.
        EnRoute = "en_route",
        /// They are working.
        InProgress = "in_progress",
        /// The work waits for somebody or something.
        Waiting = "waiting",
        /// The work is done; its paper may not be.
        Done = "done",
        /// Everything is settled.
        Closed = "closed",
        /// It will not be done.
        Cancelled = "cancelled",
    }
}

impl StatusKind {
    /// Whether there is still work to do.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Assigned | Self::EnRoute | Self::InProgress | Self::Waiting)
    }

    /// The kinds with work still to do.
    pub const OPEN: [Self; 5] = [Self::New, Self::Assigned, Self::EnRoute, Self::InProgress, Self::Waiting];
}

text_enum! {
    /// How much it hurts.
    Priority {
        /// Some day.
        Low = "low",
        /// In turn.
        Normal = "normal",
        /// Soon.
        High = "high",
        /// Now.
        Critical = "critical",
    }
}

text_enum! {
    /// Whom or what a ticket waits for.
    WaitingFor {
        /// The client's word or access.
        Client = "client",
        /// Parts.
        Parts = "parts",
        /// Another company.
        Partner = "partner",
    }
}

/// A ticket as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tickets, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// The number people say.
    pub number: i64,
    /// Its kind.
    pub type_id: TicketTypeId,
    /// For whom.
    pub company_id: CompanyId,
    /// Where.
    pub site_id: Option<SiteId>,
    /// Whom to ask there.
    pub contact_id: Option<ContactId>,
    /// Who does it.
    pub assignee_id: Option<UserId>,
    /// The team it belongs to.
    pub team_id: Option<TeamId>,
    /// Where it stands.
    pub status_code: String,
    /// What that means.
    pub status_kind: StatusKind,
    /// Whom it waits for, while it waits.
    pub waiting_for: Option<WaitingFor>,
    /// How much it hurts.
    pub priority: Priority,
    /// In a line.
    pub subject: String,
    /// In full.
    pub description: Option<String>,
    /// When it should be done.
    pub due_at: Option<Timestamp>,
    #[serde(skip)]
    search_text: String,
    /// Who opened it.
    pub created_by: UserId,
    /// When work began.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// When it was closed or cancelled.
    pub closed_at: Option<Timestamp>,
    /// Grows with every change of it or of what belongs to it.
    pub version: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it or what belongs to it was last changed.
    pub updated_at: Timestamp,
}

/// Where a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StatusView {
    /// The company's own word.
    pub code: String,
    /// What it means to the program.
    pub kind: StatusKind,
    /// The word for people, in the language asked for.
    pub name: String,
}

/// A device a ticket is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TicketAsset {
    /// Its id.
    pub id: AssetId,
    /// What it is called.
    pub name: String,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial_number: Option<String>,
    /// Its inventory number.
    pub inventory_number: Option<String>,
    /// When its label was scanned on this ticket.
    pub scanned_at: Option<Timestamp>,
}

/// A ticket as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TicketView {
    /// Its id.
    pub id: TicketId,
    /// The number people say.
    #[schema(minimum = 1)]
    pub number: i64,
    /// Its kind.
    pub type_id: TicketTypeId,
    /// For whom.
    pub company_id: CompanyId,
    /// What they are called.
    pub company_name: String,
    /// Where.
    pub site_id: Option<SiteId>,
    /// What that place is called.
    pub site_name: Option<String>,
    /// Whom to ask there.
    pub contact_id: Option<ContactId>,
    /// Who does it.
    pub assignee_id: Option<UserId>,
    /// What they are called.
    pub assignee_name: Option<String>,
    /// The team it belongs to.
    pub team_id: Option<TeamId>,
    /// Where it stands.
    pub status: StatusView,
    /// Whom it waits for, while it waits.
    pub waiting_for: Option<WaitingFor>,
    /// How much it hurts.
    pub priority: Priority,
    /// In a line.
    pub subject: String,
    /// In full.
    pub description: Option<String>,
    /// What it is about.
    pub assets: Vec<TicketAsset>,
    /// When it should be done.
    pub due_at: Option<Timestamp>,
    /// For those who direct the work: how many rows a phone sent after the ticket had gone that nobody has looked at yet
    /// (`GET /api/v1/sync/late-work`). Null for everybody else.
    #[schema(minimum = 0)]
    pub late_work: Option<i64>,
    /// Who opened it.
    pub created_by: UserId,
    /// When work began.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// When it was closed or cancelled.
    pub closed_at: Option<Timestamp>,
    /// Grows with every change of it or of what belongs to it.
    pub version: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it or what belongs to it was last changed.
    pub updated_at: Timestamp,
}

impl Resource for TicketView {
    fn path(&self) -> String {
        format!("/api/v1/tickets/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A ticket to open.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<TicketId>,
    /// Its kind.
    pub type_id: TicketTypeId,
    /// For whom.
    pub company_id: CompanyId,
    /// Where.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Whom to ask there.
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    /// How much it hurts.
    #[serde(default = "in_turn")]
    pub priority: Priority,
    /// In a line.
    pub subject: Line<300>,
    /// In full.
    #[serde(default)]
    pub description: Option<Prose<10000>>,
    /// When it should be done.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
    /// What it is about: codes of labels, or whatever else a scan takes.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub asset_codes: Vec<Scanned<200>>,
}

const fn in_turn() -> Priority {
    Priority::Normal
}

/// What may be changed about a ticket. Absent stays, null empties.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditTicket {
    /// Where.
    #[serde(default)]
    #[schema(value_type = Option<SiteId>)]
    pub site_id: Change<SiteId>,
    /// Whom to ask there.
    #[serde(default)]
    #[schema(value_type = Option<ContactId>)]
    pub contact_id: Change<ContactId>,
    /// The team it belongs to. For dispatchers and up.
    #[serde(default)]
    #[schema(value_type = Option<TeamId>)]
    pub team_id: Change<TeamId>,
    /// How much it hurts.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Priority, required = false)]
    pub priority: Option<Priority>,
    /// In a line.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<300>, required = false)]
    pub subject: Option<Line<300>>,
    /// In full.
    #[serde(default)]
    #[schema(value_type = Option<Prose<10000>>)]
    pub description: Change<Prose<10000>>,
    /// When it should be done. For dispatchers and up.
    #[serde(default)]
    #[schema(value_type = Option<Timestamp>)]
    pub due_at: Change<Timestamp>,
}

list_query! {
    /// Which tickets.
    pub struct TicketFilter {
        /// In this status.
        status: Line<40>,
        /// In a status of this kind.
        status_kind: StatusKind,
        /// With work still to do, or without.
        open: crate::http::query::Flag,
        /// Of this kind.
        type_id: TicketTypeId,
        /// For this company.
        company_id: CompanyId,
        /// At this site.
        site_id: SiteId,
        /// About this device.
        asset_id: AssetId,
        /// Done by this user.
        assignee_id: UserId,
        /// Of this team.
        team_id: TeamId,
        /// Hurting so much.
        priority: Priority,
        /// With late work that nobody has looked at yet, or without: for those who direct the work.
        late_work: crate::http::query::Flag,
        /// Opened at this moment or later.
        created_from: Timestamp,
        /// Opened before this moment.
        created_to: Timestamp,
        /// Words in its subject or description, or its number.
        q: Line<200>,
    }
}
