//! `naryad demo`: a service company in an empty folder, one job played through the API, and a server to look around in.

mod caller;
mod company;
mod job;
mod label;

use std::path::Path;
use std::sync::Arc;

use self::caller::Caller;
use super::serve::{run, start_log};
use crate::app::App;
use crate::auth::Role;
use crate::auth::password::{NewPassword, hash};
use crate::config::Options;
use crate::error::Code;
use crate::users::{NewUser, create};
use crate::words::text::{Line, Login};

/// The folder when nothing is said.
const DATA: &str = "./naryad-demo";
/// Everybody's password. The demonstration listens to this machine only, unless told otherwise.
const PASSWORD: &str = "naryad-demo";

/// Fills an empty folder, plays one job and the life of a label, and serves until told to stop. A folder that was filled before is served as it is.
///
/// # Errors
/// A sentence for the operator.
pub fn demo(options: &Options) -> Result<(), String> {
    let quiet = Options { log: options.log.clone().or_else(|| Some("warn".to_owned())), ..options.clone() };
    start_log(&quiet)?;
    run(quiet.check(DATA)?, |app| show(&app))
}

fn show(app: &Arc<App>) -> Result<(), String> {
    let port = app.config.listen.port();
    let base = if app.config.listen.ip().is_unspecified() {
        format!("http://127.0.0.1:{port}")
    } else {
        format!("http://{}", app.config.listen)
    };
    add_admin(app)?;
    let mut admin = Caller::new(&base);
    admin.sign_in("admin", PASSWORD)?;
    if admin.has("/provider")? {
        println!("{} was filled before: it is served as it is.", app.config.data.display());
    } else {
        let scene = company::found(&admin)?;
        job::play(&base, &admin, &scene, &app.config.data)?;
        label::play(&base, &scene, &app.config.data)?;
    }
    tell(&base, &app.config.data);
    Ok(())
}

/// The first user, whom no request can make.
fn add_admin(app: &Arc<App>) -> Result<(), String> {
    let new = NewUser {
        id: None,
        login: Login::parse("admin").map_err(|flaw| flaw.to_string())?,
        password: NewPassword::parse(PASSWORD).map_err(|flaw| flaw.to_string())?,
        role: Role::Admin,
        name: Line::parse("Администратор").map_err(|flaw| flaw.to_string())?,
        company_id: None,
        phone: None,
        email: None,
        language: None,
    };
    let hashed = hash(PASSWORD).map_err(|error| error.to_string())?;
    let now = app.clock.now();
    match app.db.write_now(move |conn| create::from_command_line(conn, &new, &hashed, now)) {
        Err(error) if error.code() != Code::Duplicate => Err(error.to_string()),
        _ => Ok(()),
    }
}

fn say(who: &str, what: &str) {
    println!("{who:>12}  {what}");
}

/// Writes a document into the folder.
fn keep(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(folder.join(name), bytes).map_err(|error| format!("{}: {error}", folder.join(name).display()))
}

fn tell(base: &str, folder: &Path) {
    println!();
    println!("Documents: labels.pdf, act.pdf, act-signed.pdf, invoice.pdf, blank-labels.pdf in {}", folder.display());
    println!("API:       {base}/api/v1, described at {base}/api/v1/openapi.json");
    println!("Logins:    admin, manager, dispatcher, technician, technician2, client; the password is {PASSWORD}");
    println!("Serving on {base} until Ctrl+C.");
}
