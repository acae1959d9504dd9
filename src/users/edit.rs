//! Changing what a user is. History stays: a technician who becomes a manager has still done what they did.

use super::{ChangeMe, EditUser, UserId, UserView, create, queries};
use crate::auth::{Actor, Permission, Role, session};
use crate::companies::{company, contact};
use crate::db::DbConnection;
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::resource::{IfMatch, must_match};

/// Changes a user.
///
/// # Errors
/// `not_found`, `forbidden` when a manager touches an administrator, `last_admin`, `etag_mismatch`.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: UserId,
    change: &EditUser,
    expected: Option<&IfMatch>,
) -> Result<UserView, Error> {
    let before = queries::find(conn, id)?;
    must_match(expected, before.version)?;
    let mut after = before.clone();
    after.name = change.name.as_ref().map_or(after.name, ToString::to_string);
    after.role = change.role.unwrap_or(after.role);
    after.company_id = change.company_id.clone().or(after.company_id);
    after.phone = change.phone.clone().or(after.phone);
    after.email = change.email.clone().or(after.email);
    after.language = change.language.clone().or(after.language);
    match change.archived {
        Some(true) => after.archived_at = after.archived_at.or(Some(actor.now())),
        Some(false) => after.archived_at = None,
        None => {}
    }
    if before.role == Role::Admin || after.role == Role::Admin {
        actor.must(Permission::ManageAdmins)?;
    }
    if before.role == Role::Admin {
        // Two administrators who unmake each other take turns, and the second finds nobody left.
        queries::hold_admins(conn)?;
    }
    if after.role != before.role || after.company_id != before.company_id {
        contact::unlink_user(conn, actor, id)?;
    }
    create::company_fits(after.role, after.company_id)?;
    if let Some(company) = after.company_id.filter(|_| after.company_id != before.company_id) {
        company::must_be_usable(conn, company, "/company_id")?;
    }
    let is_admin = |user: &UserView| user.role == Role::Admin && user.archived_at.is_none();
    if is_admin(&before) && !is_admin(&after) && queries::other_admins(conn, id)? == 0 {
        return Err(Code::LastAdmin.into());
    }
    if after.archived_at.is_some() && before.archived_at.is_none() {
        session::end_all(conn, actor, id, None, "archived")?;
    }
    save(conn, actor, &before, after)
}

/// Changes what anybody may change about themselves.
///
/// # Errors
/// `etag_mismatch`
pub fn change_me(
    conn: &mut DbConnection,
    actor: &Actor,
    change: &ChangeMe,
    expected: Option<&IfMatch>,
) -> Result<UserView, Error> {
    let before = queries::find(conn, actor.id())?;
    must_match(expected, before.version)?;
    let mut after = before.clone();
    after.name = change.name.as_ref().map_or(after.name, ToString::to_string);
    after.phone = change.phone.clone().or(after.phone);
    after.email = change.email.clone().or(after.email);
    after.language = change.language.clone().or(after.language);
    save(conn, actor, &before, after)
}

fn save(conn: &mut DbConnection, actor: &Actor, before: &UserView, mut after: UserView) -> Result<UserView, Error> {
    after.version += 1;
    after.updated_at = actor.now();
    queries::save(conn, before, &after)?;
    history::record(conn, actor, Event::of("user.changed", "user", after.id.uuid()).changed(before, &after))?;
    Ok(after)
}
