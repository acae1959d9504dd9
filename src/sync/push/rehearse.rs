//! A push that brings acts is taken twice: once to learn what they say, and once in earnest with what was printed meanwhile.

use std::sync::Arc;

use diesel::Connection;
use diesel::result::Error as Failure;

use super::row::Pushed;
use super::{RowResult, take};
use crate::acts::issue::TRIES;
use crate::acts::press::{self, Press};
use crate::error::Error;
use crate::http::Call;

/// Whether a push brings acts.
pub fn is_needed(rows: &[Pushed]) -> bool {
    rows.iter().any(|row| row.table.name == "acts" && row.row.is_some())
}

/// Takes in a push that brings acts.
///
/// # Errors
/// As [`take::take`]; `busy` when tickets keep changing under the printer.
pub async fn take(call: &Call, since: i64, rows: Arc<Vec<Pushed>>) -> Result<Vec<RowResult>, Error> {
    let app = &call.app;
    let _turn = app.numbering.lock().await;
    for _ in 0..TRIES {
        let (actor, asked, url) = (call.actor.clone(), rows.clone(), app.config.public_url.clone());
        let noted = app
            .db
            .write(move |conn| {
                let press = Press::rehearsing();
                let undone = conn.transaction(|conn| {
                    take::take(conn, &actor, &url, since, &asked, &press)?;
                    Err::<(), Error>(Failure::RollbackTransaction.into())
                });
                match undone {
                    Err(Error::Database(Failure::RollbackTransaction)) => Ok(press.noted()),
                    Err(error) => Err(error),
                    Ok(()) => Err(Error::internal("a rehearsal that was kept")),
                }
            })
            .await?;
        let printed = Arc::new(press::run(app, noted).await?);
        let (actor, asked, url) = (call.actor.clone(), rows.clone(), app.config.public_url.clone());
        let taken = app
            .db
            .write(move |conn| take::take(conn, &actor, &url, since, &asked, &Press::with(printed.clone())))
            .await;
        match taken {
            Err(Error::Busy) => {}
            taken => return taken,
        }
    }
    Err(Error::Busy)
}
