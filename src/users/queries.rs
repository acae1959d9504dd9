//! Every query on users.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{UserFilter, UserId, UserView};
use crate::auth::Role;
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::schema::{team_members, users};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};

/// One user.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, id: UserId) -> Result<UserView, Error> {
    users::table
        .find(id)
        .select(UserView::as_select())
        .get_result(conn)
        .optional()?
        .ok_or_else(|| Code::NotFound.into())
}

/// A page of users, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &UserFilter) -> Result<Page<UserView>, Error> {
    let page = filter.page();
    let mut query = users::table.select(UserView::as_select()).into_boxed::<MultiBackend>();
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(users::archived_at.is_null());
    }
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(role));
    }
    if let Some(company) = filter.company_id {
        query = query.filter(users::company_id.eq(company));
    }
    if let Some(team) = filter.team_id {
        let members = team_members::table.filter(team_members::team_id.eq(team)).select(team_members::user_id);
        query = query.filter(users::id.eq_any(members));
    }
    if let Some((at, id)) = page.after::<(Timestamp, UserId)>()? {
        query = query.filter(users::created_at.le(at)).filter(users::created_at.lt(at).or(users::id.lt(id)));
    }
    let rows = query.order((users::created_at.desc(), users::id.desc())).limit(page.rows()).load(conn)?;
    Ok(page.cut(rows, |user| (user.created_at, user.id)))
}

/// Saves a user's new state unless somebody else was quicker.
///
/// # Errors
/// `etag_mismatch`
pub fn save(conn: &mut DbConnection, before: &UserView, after: &UserView) -> Result<(), Error> {
    let target = users::table.filter(users::id.eq(before.id)).filter(users::version.eq(before.version));
    match diesel::update(target).set(after).execute(conn)? {
        0 => Err(Code::EtagMismatch.with([("etag", String::new())]).into()),
        _ => Ok(()),
    }
}

/// Makes whoever else touches administrators wait.
///
/// # Errors
/// The database's.
pub fn hold_admins(conn: &mut DbConnection) -> Result<(), Error> {
    diesel::update(users::table.filter(users::role.eq(Role::Admin)))
        .set(users::version.eq(users::version))
        .execute(conn)?;
    Ok(())
}

/// How many administrators there are besides `id`.
///
/// # Errors
/// The database's.
pub fn other_admins(conn: &mut DbConnection, id: UserId) -> QueryResult<i64> {
    users::table
        .filter(users::role.eq(Role::Admin))
        .filter(users::archived_at.is_null())
        .filter(users::id.ne(id))
        .count()
        .get_result(conn)
}

/// What some people are called.
///
/// # Errors
/// The database's.
pub fn names(conn: &mut DbConnection, ids: &[UserId]) -> Result<BTreeMap<UserId, String>, Error> {
    let ids: BTreeSet<UserId> = ids.iter().copied().collect();
    let rows: Vec<(UserId, String)> =
        users::table.filter(users::id.among(ids)).select((users::id, users::name)).load(conn)?;
    Ok(rows.into_iter().collect())
}
