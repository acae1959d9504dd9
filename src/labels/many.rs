//! Many labels in one answer.

use super::one::{self, Format};
use super::prints::{self, Occasion};
use super::text;
use crate::assets::AssetId;
use crate::db::DbConnection;
use crate::error::{Error, Flaw};
use crate::http::Call;
use crate::print::form::Kind;
use crate::print::press::{self, Setup};
use crate::words::Language;

/// Labels in one answer. More are a job.
const MOST_LABELS: usize = 2_000;

/// Prints the labels of some devices, in their order, and writes down that it did.
///
/// # Errors
/// `validation_failed` for devices that are not there, for none or too many, and what `setup` refuses; `label_too_small`;
/// `form_invalid`.
pub async fn print<S>(
    call: Call,
    ids: Vec<AssetId>,
    language: Option<Language>,
    format: Format,
    setup: S,
) -> Result<Vec<u8>, Error>
where
    S: Fn(&mut DbConnection) -> Result<Setup, Error> + Send + 'static,
{
    some(ids.len(), MOST_LABELS)?;
    let (app, actor, now) = (call.app.clone(), call.actor, call.app.clock.now());
    let (public_url, user_id) = (app.config.public_url.clone(), actor.id());
    let asked = ids.clone();
    let read = move |conn: &mut DbConnection| -> Result<_, Error> {
        let setup = setup(conn)?;
        if let Format::Commands(_) = format {
            some(asked.len(), press::most_commands(setup.medium()))?;
        }
        Ok((setup, text::of(conn, &actor, &public_url, &asked, language)?))
    };
    let (setup, worded) = app.db.report(read).await?;
    let form = app.printer.form(Kind::Label, worded.language)?;
    let occasion = Occasion { user_id, job_id: None, medium: format.medium(&setup), at: now };
    let made: Vec<_> = worded.codes.iter().zip(ids).map(|(code, id)| occasion.print(*code, Some(id))).collect();
    let printer = app.printer.clone();
    let printed = tokio::task::spawn_blocking(move || one::drawn(&printer, &form, &setup, &worded, format, now));
    let bytes = printed.await.map_err(Error::internal)??;
    app.db.write(move |conn| prints::record(conn, &made)).await?;
    Ok(bytes)
}

/// Refuses none and too many.
fn some(labels: usize, most: usize) -> Result<(), Error> {
    match labels {
        0 => Err(Error::field("/asset_ids", Flaw::Required)),
        labels if labels > most => Err(Error::field_with("/asset_ids", Flaw::TooMany, [("max", most.to_string())])),
        _ => Ok(()),
    }
}
