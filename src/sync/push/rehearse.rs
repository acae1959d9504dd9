//! A push that brings acts is taken twice: once to learn what they say, and once in earnest with what was printed meanwhile.

use std::sync::Arc;

use diesel::Connection;
use diesel::result::Error as Failure;

use super::row::Pushed;
use crate::acts::issue::TRIES;
use crate::acts::press::{self, Press};
use crate::db::DbConnection;
use crate::error::Error;
use crate::http::Call;

/// Whether a push brings acts.
fn is_needed(rows: &[Pushed]) -> bool {
    rows.iter().any(|row| row.table.name == "acts" && row.row.is_some())
}

/// Takes rows in, after a rehearsal when they bring acts.
///
/// # Errors
/// Those of `take`; `busy` when tickets keep changing under the printer.
pub async fn take<T, F>(call: &Call, rows: &[Pushed], take: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: Fn(&mut DbConnection, &Press) -> Result<T, Error> + Send + Sync + 'static,
{
    let app = &call.app;
    let take = Arc::new(take);
    if !is_needed(rows) {
        return app.db.write(move |conn| take(conn, &Press::default())).await;
    }
    let _turn = app.numbering.lock().await;
    for _ in 0..TRIES {
        let rehearsed = take.clone();
        let noted = app
            .db
            .write(move |conn| {
                let press = Press::rehearsing();
                let undone = conn.transaction(|conn| {
                    rehearsed(conn, &press)?;
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
        let in_earnest = take.clone();
        let taken = app.db.write(move |conn| in_earnest(conn, &Press::with(printed.clone()))).await;
        match taken {
            Err(Error::Busy) => {}
            taken => return taken,
        }
    }
    Err(Error::Busy)
}
