//! New passwords. The hash is made outside the transaction: it is slow on purpose.

use diesel::prelude::*;

use super::{ChangePassword, SetPassword, UserId, queries};
use crate::auth::password::Attempt;
use crate::auth::{Actor, Permission, Role, SessionId, session};
use crate::db::DbConnection;
use crate::db::schema::users;
use crate::error::{Error, Flaw};
use crate::history::{self, Event};
use crate::http::Call;
use crate::http::call::Answer;

/// Changes the caller's own password; their other sessions end.
///
/// # Errors
/// `validation_failed` when the current one is wrong, `rate_limited`.
pub async fn change_own(call: Call, change: ChangePassword) -> Answer {
    if let Some(answer) = call.answered_before().await? {
        return Ok(answer);
    }
    let me = call.actor.id();
    let login_and_hash = call.app.db.read(move |conn| {
        Ok(users::table.find(me).select((users::login, users::password_hash)).get_result::<(String, String)>(conn)?)
    });
    let (login, hash) = login_and_hash.await?;
    let address = call.actor.origin().ip.clone().unwrap_or_default();
    let attempt = Attempt { attempts: &call.app.attempts, address: &address, login: &login };
    if !call.app.passwords.check(attempt, change.current, Some(hash)).await? {
        return Err(Error::field("/current", Flaw::WrongPassword));
    }
    let hash = call.app.passwords.hash(change.new).await?;
    call.about_people().done(move |conn, actor| replace(conn, actor, actor.id(), &hash, actor.session_id())).await
}

/// Gives somebody a new password; all their sessions end.
///
/// # Errors
/// `not_found`; `forbidden` when a manager touches an administrator.
pub async fn set(call: Call, id: UserId, change: SetPassword) -> Answer {
    let hash = call.app.passwords.hash(change.new).await?;
    call.about_people()
        .done(move |conn, actor| {
            if queries::find(conn, id)?.role == Role::Admin {
                actor.must(Permission::ManageAdmins)?;
            }
            replace(conn, actor, id, &hash, None)
        })
        .await
}

fn replace(
    conn: &mut DbConnection,
    actor: &Actor,
    id: UserId,
    hash: &str,
    except: Option<SessionId>,
) -> Result<(), Error> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(hash)).execute(conn)?;
    session::end_all(conn, actor, id, except, "password_changed")?;
    history::record(conn, actor, Event::of("user.password_changed", "user", id.uuid()))
}
