//! From what was scanned or typed to the device.

use diesel::prelude::*;

use super::code::{CodeState, LabelCode};
use crate::assets::{Asset, queries};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{assets, codes};
use crate::error::Error;

/// The code in what was scanned: our own URL with any host and case, or the ten characters.
pub fn read(text: &str) -> Option<LabelCode> {
    let text = text.trim();
    let path = text.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit_once('/') {
        None => path.parse().ok(),
        Some((before, code)) => {
            let ours =
                before.len() >= 2 && before.get(before.len() - 2..).is_some_and(|end| end.eq_ignore_ascii_case("/q"));
            if ours { code.parse().ok() } else { None }
        }
    }
}

/// The asset somebody means who scanned or typed `text`: a code or label URL, else an inventory or serial number that
/// only one asset within sight has.
///
/// # Errors
/// The database's.
pub fn resolve(conn: &mut DbConnection, actor: &Actor, text: &str) -> Result<Option<Asset>, Error> {
    if let Some(code) = read(text) {
        let found: Option<Asset> = codes::table
            .inner_join(assets::table)
            .filter(codes::code.eq(code))
            .filter(codes::state.one_of([CodeState::Active, CodeState::Replaced]))
            .select(Asset::as_select())
            .get_result(conn)
            .optional()?;
        if found.is_some() {
            return Ok(found.filter(|asset| queries::sees(actor, asset)));
        }
    }
    queries::by_number(conn, actor, text.trim())
}

#[cfg(test)]
mod tests {
    use super::{LabelCode, read};

    #[test]
    fn a_label_is_known_by_its_path() {
        let code = LabelCode::new().unwrap();
        for text in [
            code.label_url("https://desk.example.com"),
            format!("http://old.host:8080/q/{code}?utm=1"),
            format!("  {code}\n"),
        ] {
            assert_eq!(read(&text), Some(code), "{text}");
        }
        for text in [format!("https://elsewhere.example/x/{code}"), String::new(), "/q/".into(), "ÜÜÜ/q/ÜÜ".into()]
        {
            assert_eq!(read(&text), None, "{text}");
        }
    }
}
