//! Who asks, and what they may.
//!
//! A request meets, in this order: [`guard`] (is there a valid session, may this role reach this route at all), the query
//! that finds the record (does this person see it: if not, it does not exist), and the use case (may it be done to this
//! record, now). The first and the last read one table, [`policy`].

pub mod audience;
pub mod guard;
pub mod logins;
pub mod password;
pub mod policy;
pub mod routes;
pub mod session;
pub mod sign_in;
pub mod token;

use std::sync::Arc;

pub use self::audience::Audience;
pub use self::policy::{Permission, Role};
use crate::companies::CompanyId;
use crate::db::types::{Timestamp, id};
use crate::error::{Code, Error};
use crate::teams::TeamId;
use crate::tickets::TicketId;
use crate::users::UserId;
use crate::words::Language;

id! {
    /// A login on one device.
    SessionId,
}

/// Somebody who has signed in, as the database knew them a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their record.
    pub id: UserId,
    /// What they are here.
    pub role: Role,
    /// What they are called.
    pub name: String,
    /// Whose employee a client's user is.
    pub company_id: Option<CompanyId>,
    /// The teams they work in.
    pub team_ids: Vec<TeamId>,
    /// The language they chose.
    pub language: Option<Language>,
}

/// Where a request came from: part of the evidence, not of any decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The peer's address.
    pub ip: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The app's own id for the phone.
    pub device_id: Option<String>,
    /// How far the device's clock runs ahead of ours, in milliseconds, when it says what time it has.
    pub clock_ahead_ms: Option<i64>,
    /// The request's id in the log.
    pub trace_id: String,
}

/// Somebody asking for something at a certain moment.
#[derive(Debug, Clone)]
pub struct Actor {
    person: Arc<Person>,
    session_id: Option<SessionId>,
    language: Language,
    now: Timestamp,
    origin: Arc<Origin>,
    lent: Option<TicketId>,
    holds: Option<TicketId>,
}

impl Actor {
    /// Somebody who asks through a session.
    pub fn new(person: Arc<Person>, session_id: SessionId, language: Language, now: Timestamp, origin: Origin) -> Self {
        Self { person, session_id: Some(session_id), language, now, origin: Arc::new(origin), lent: None, holds: None }
    }

    /// Somebody who made a rule that is carried out while they are away.
    pub fn in_the_name_of(person: Person, language: Language, now: Timestamp, origin: Origin) -> Self {
        Self {
            person: Arc::new(person),
            session_id: None,
            language,
            now,
            origin: Arc::new(origin),
            lent: None,
            holds: None,
        }
    }

    /// The same, who also sees one ticket that is theirs no more: what was done before it went is still taken.
    #[must_use]
    pub const fn lent(mut self, ticket: Option<TicketId>) -> Self {
        self.lent = ticket;
        self
    }

    /// Whether a ticket is in their sight for this once.
    pub fn is_lent(&self, ticket: TicketId) -> bool {
        self.lent == Some(ticket)
    }

    /// The same, whose change of one ticket is under way: what else they do to it in this transaction belongs to that change.
    #[must_use]
    pub const fn holding(mut self, ticket: Option<TicketId>) -> Self {
        self.holds = ticket;
        self
    }

    /// Whether a change of a ticket is under way already.
    pub fn holds(&self, ticket: TicketId) -> bool {
        self.holds == Some(ticket)
    }

    /// Their record.
    pub fn id(&self) -> UserId {
        self.person.id
    }

    /// What they are here.
    pub fn role(&self) -> Role {
        self.person.role
    }

    /// What they are called.
    pub fn name(&self) -> &str {
        &self.person.name
    }

    /// The only company a client's user sees. Nobody of our own side has one.
    pub fn company_id(&self) -> Option<CompanyId> {
        self.person.company_id
    }

    /// The teams they work in.
    pub fn team_ids(&self) -> &[TeamId] {
        &self.person.team_ids
    }

    /// The session they ask through.
    pub const fn session_id(&self) -> Option<SessionId> {
        self.session_id
    }

    /// The language to answer in.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The moment of the request: one request has one now.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether they may.
    pub fn may(&self, permission: Permission) -> bool {
        permission.roles().contains(&self.role())
    }

    /// Refuses those who may not.
    ///
    /// # Errors
    /// `forbidden`
    pub fn must(&self, permission: Permission) -> Result<(), Error> {
        if self.may(permission) { Ok(()) } else { Err(Code::Forbidden.into()) }
    }

    /// Whether they belong to the provider's own side.
    pub fn is_staff(&self) -> bool {
        self.role() != Role::Client
    }
}
