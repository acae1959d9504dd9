//! `naryad user add`

use std::io::BufRead;

use super::serve::DATA;
use crate::app::make_private;
use crate::auth::password::{NewPassword, hash};
use crate::config::AddUser;
use crate::db::types::Timestamp;
use crate::db::{Db, migrate};
use crate::error::{Code, Error};
use crate::users::{NewUser, create};
use crate::words::text::{Line, Login};

/// Adds a user; the password is the first line of standard input.
///
/// # Errors
/// A sentence for the operator.
pub fn add_user(asked: &AddUser) -> Result<(), String> {
    let config = asked.options.check(DATA)?;
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut password)
        .map_err(|error| format!("the password cannot be read: {error}"))?;
    let password = password.trim_end_matches(['\r', '\n']);
    let company_id = match &asked.company {
        Some(id) => Some(id.parse().map_err(|_| "--company must be the id of a company".to_owned())?),
        None => None,
    };
    let new = NewUser {
        id: None,
        login: Login::parse(&asked.login)
            .map_err(|_| "--login may have letters, digits and . _ - @ +, without spaces".to_owned())?,
        password: NewPassword::parse(password)
            .map_err(|_| "the password on standard input must have 8 to 200 characters".to_owned())?,
        role: asked.role,
        name: Line::parse(&asked.name).map_err(|_| "--name must have 1 to 200 characters".to_owned())?,
        company_id,
        phone: None,
        email: None,
        language: None,
    };
    make_private(&config.data).map_err(|error| format!("{}: {error}", config.data.display()))?;
    migrate::run(&config.database).map_err(|error| error.to_string())?;
    let db = Db::open(&config.database).map_err(|error| error.to_string())?;
    let hashed = hash(new.password.text()).map_err(|error| error.to_string())?;
    let now = Timestamp::now();
    let user =
        db.write_now(move |conn| create::from_command_line(conn, &new, &hashed, now)).map_err(|error| said(&error))?;
    println!("{} ({}) was added with the id {}.", user.login, user.role, user.id);
    Ok(())
}

fn said(error: &Error) -> String {
    match error.code() {
        Code::Duplicate => "there is already a user with that login".to_owned(),
        Code::ValidationFailed => "a client's user needs --company, and nobody else may have one".to_owned(),
        _ => error.to_string(),
    }
}
