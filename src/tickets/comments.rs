//! What people write to each other on a ticket: for everybody, or for our own side only.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Ticket, TicketId, queries};
use crate::auth::{Actor, Permission};
use crate::db::page::Page;
use crate::db::schema::{comments, users};
use crate::db::types::{Timestamp, id, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::{Made, Resource};
use crate::users::UserId;
use crate::words::text::Prose;

id! {
    /// A comment.
    CommentId,
}

text_enum! {
    /// Who may read something.
    Visibility {
        /// Our own side and the client.
        Public = "public",
        /// Our own side only.
        Internal = "internal",
    }
}

/// A comment.
#[derive(Debug, Clone, Serialize, Queryable, utoipa::ToSchema)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// Who wrote it.
    pub author_id: UserId,
    /// What they are called.
    pub author_name: String,
    /// Who may read it.
    pub visibility: Visibility,
    /// What it says.
    pub text: String,
    /// When it was written, by the phone's clock.
    pub written_at: Timestamp,
    /// When it arrived.
    pub recorded_at: Timestamp,
}

impl Resource for Comment {
    fn path(&self) -> String {
        format!("/api/v1/tickets/{}/comments", self.ticket_id)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}

/// A comment to write.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<CommentId>,
    /// What it says.
    pub text: Prose<10000>,
    /// Who may read it; everybody on the ticket when left out. A client's user writes for everybody.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// When it was written, by the phone's clock.
    #[serde(default)]
    pub written_at: Option<Timestamp>,
}

list_query! {
    /// Which page of comments.
    pub struct CommentFilter {}
}

/// A page of a ticket's comments the actor may read, oldest first.
///
/// # Errors
/// `not_found`, `invalid_cursor`
pub fn list(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketId,
    filter: &CommentFilter,
) -> Result<Page<Comment>, Error> {
    queries::find_row(conn, actor, id)?;
    let page = filter.page().within(id);
    let mut query = joined().filter(comments::ticket_id.eq(id)).into_boxed::<MultiBackend>();
    if !actor.may(Permission::SeeInternal) {
        query = query.filter(comments::visibility.eq(Visibility::Public));
    }
    if let Some((at, last)) = page.after::<(Timestamp, CommentId)>()? {
        query =
            query.filter(comments::recorded_at.ge(at)).filter(comments::recorded_at.gt(at).or(comments::id.gt(last)));
    }
    let rows = query.order((comments::recorded_at, comments::id)).limit(page.rows()).load(conn)?;
    Ok(page.cut(rows, |comment: &Comment| (comment.recorded_at, comment.id)))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn joined() -> _ {
    comments::table.inner_join(users::table.on(users::id.eq(comments::author_id))).select((
        comments::id,
        comments::ticket_id,
        comments::author_id,
        users::name,
        comments::visibility,
        comments::text,
        comments::written_at,
        comments::recorded_at,
    ))
}

/// Writes a comment.
///
/// # Errors
/// `not_found`; `forbidden` when a client's user writes internally.
pub fn add(conn: &mut DbConnection, actor: &Actor, id: TicketId, new: &NewComment) -> Result<Made<Comment>, Error> {
    let visibility = new.visibility.unwrap_or(Visibility::Public);
    if visibility == Visibility::Internal {
        actor.must(Permission::SeeInternal)?;
    }
    let insert = |conn: &mut DbConnection, comment: CommentId| {
        let ticket = queries::hold(conn, actor, id)?;
        write(conn, actor, &ticket, comment, visibility, &new.text, new.written_at.unwrap_or_else(|| actor.now()))?;
        find(conn, actor, comment)
    };
    made_once(conn, actor, "comment", new.id, &(id, new), insert, |conn, comment| find(conn, actor, comment))
}

/// Writes the comment that goes with a change of status.
///
/// # Errors
/// The database's.
pub fn add_internal(conn: &mut DbConnection, actor: &Actor, ticket: &Ticket, text: &str) -> Result<(), Error> {
    write(conn, actor, ticket, CommentId::new(), Visibility::Internal, text, actor.now())
}

/// Whether the actor has written this very text inside the ticket.
///
/// # Errors
/// The database's.
pub fn is_written(conn: &mut DbConnection, actor: &Actor, ticket: TicketId, text: &str) -> Result<bool, Error> {
    let same = comments::table
        .filter(comments::ticket_id.eq(ticket))
        .filter(comments::author_id.eq(actor.id()))
        .filter(comments::visibility.eq(Visibility::Internal))
        .filter(comments::text.eq(text));
    Ok(diesel::select(diesel::dsl::exists(same)).get_result(conn)?)
}

fn find(conn: &mut DbConnection, actor: &Actor, id: CommentId) -> Result<Comment, Error> {
    let comment: Comment = joined().filter(comments::id.eq(id)).get_result(conn).optional()?.ok_or(Code::NotFound)?;
    queries::find_row(conn, actor, comment.ticket_id)?;
    Ok(comment)
}

fn write(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    id: CommentId,
    visibility: Visibility,
    text: &str,
    written_at: Timestamp,
) -> Result<(), Error> {
    diesel::insert_into(comments::table)
        .values((
            comments::id.eq(id),
            comments::ticket_id.eq(ticket.id),
            comments::author_id.eq(actor.id()),
            comments::visibility.eq(visibility),
            comments::text.eq(text),
            comments::written_at.eq(written_at),
            comments::recorded_at.eq(actor.now()),
        ))
        .execute(conn)?;
    let event = Event::of("comment.written", "comment", id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.after(serde_json::json!({"visibility": visibility, "text": text})))
}
