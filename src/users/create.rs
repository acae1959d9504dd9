//! Adding a user.

use diesel::prelude::*;

use super::{NewUser, UserId, UserView, queries};
use crate::auth::{Actor, Origin, Permission, Role};
use crate::companies::CompanyId;
use crate::companies::company;
use crate::db::DbConnection;
use crate::db::schema::users;
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::made_once;
use crate::words::Language;
use crate::words::text::optional;

#[derive(Insertable)]
#[diesel(table_name = users)]
struct NewRow<'a> {
    id: UserId,
    login: &'a str,
    password_hash: &'a str,
    role: Role,
    name: &'a str,
    company_id: Option<CompanyId>,
    phone: Option<String>,
    email: Option<String>,
    language: Option<Language>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Adds a user.
///
/// # Errors
/// `forbidden` when a manager adds an administrator; `duplicate` when the login is taken; `validation_failed` when the
/// company does not fit the role.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewUser, hash: &str) -> Result<Made<UserView>, Error> {
    if new.role == Role::Admin {
        actor.must(Permission::ManageAdmins)?;
    }
    made_once(
        conn,
        actor,
        "user",
        new.id,
        new,
        |conn, id| {
            if let Some(company) = new.company_id {
                company::must_be_usable(conn, company, "/company_id")?;
            }
            insert(conn, id, new, hash, actor.now())?;
            let user = queries::find(conn, id)?;
            history::record(conn, actor, Event::of("user.added", "user", id.uuid()).after(&user))?;
            Ok(user)
        },
        queries::find,
    )
}

/// Adds a user from the command line: the first administrator comes this way.
///
/// # Errors
/// As [`create`].
pub fn from_command_line(
    conn: &mut DbConnection,
    new: &NewUser,
    hash: &str,
    now: Timestamp,
) -> Result<UserView, Error> {
    let id = UserId::new();
    insert(conn, id, new, hash, now)?;
    let user = queries::find(conn, id)?;
    let event = Event::of("user.added", "user", id.uuid()).after(&user);
    history::record_by(conn, None, now, &Origin::default(), event)?;
    Ok(user)
}

fn insert(conn: &mut DbConnection, id: UserId, new: &NewUser, hash: &str, now: Timestamp) -> Result<(), Error> {
    company_fits(new.role, new.company_id)?;
    let row = NewRow {
        id,
        login: &new.login,
        password_hash: hash,
        role: new.role,
        name: &new.name,
        company_id: new.company_id,
        phone: optional(new.phone.as_ref()),
        email: optional(new.email.as_ref()),
        language: new.language,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(users::table).values(&row).execute(conn).map_err(|error| {
        Error::from(error)
            .on_taken("users_login_key", || Refusal::from(Code::Duplicate).at("/login", Flaw::Taken).into())
    })?;
    Ok(())
}

/// A client's user belongs to a company; nobody else does.
///
/// # Errors
/// `validation_failed`
pub fn company_fits(role: Role, company: Option<CompanyId>) -> Result<(), Error> {
    match (role, company) {
        (Role::Client, None) => Err(Error::field("/company_id", Flaw::Required)),
        (Role::Client, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(Error::field_with("/company_id", Flaw::NotTogether, [("other", format!("role {role}"))])),
    }
}
