//! What was begun and never finished is thrown away in the end.

use std::collections::HashMap;

use super::{GenerationId, UploadState, queries};
use crate::app::App;
use crate::db::types::Timestamp;
use crate::error::Error;

/// Uploads that are ended in one go.
const SOME: i64 = 500;
/// Pieces that belong to nothing are left alone for so long: they may belong to something that is just being written down.
const STRAY_SECONDS: i64 = 24 * 3_600;

/// Ends uploads whose time is over, and throws pieces away that belong to nothing: of requests that were killed.
///
/// # Errors
/// The database's; when the bucket is away.
pub async fn tidy(app: &App) -> Result<(), Error> {
    let now = app.clock.now();
    for upload in app.db.read(move |conn| queries::overdue(conn, now, SOME)).await? {
        let over = upload.generation;
        // Unless something came after all.
        if app.db.write(move |conn| queries::empty(conn, &upload, UploadState::Expired, now)).await? {
            app.files.drop_pieces(over.uuid()).await?;
        }
    }
    let mut newest: HashMap<_, Timestamp> = HashMap::new();
    for stray in app.files.strays().await? {
        let at = newest.entry(stray.whole).or_insert(stray.written_at);
        *at = stray.written_at.max(*at);
    }
    for (whole, written_at) in newest {
        let generation = GenerationId::from(whole);
        let old = written_at < now.plus_seconds(-STRAY_SECONDS);
        if old && !app.db.read(move |conn| queries::is_wanted(conn, generation)).await? {
            app.files.drop_pieces(whole).await?;
        }
    }
    Ok(())
}
