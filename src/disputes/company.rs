//! The pack of a company and a period: the report of works, and the acts that the client decided on in it.

use diesel::prelude::*;
use serde_json::Value;

use super::archive::Archive;
use super::{MOST_ACTS, MOST_EVENTS, Pack, Papers, PeriodPackQuery, certificates, have_signed, proof};
use crate::acts::signature::Party;
use crate::acts::{Act, ActId};
use crate::app::App;
use crate::auth::{Actor, Audience};
use crate::companies::{CompanyId, company};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{acts, signatures};
use crate::error::Error;
use crate::history::roots::{self, AuditRoot};
use crate::history::told;
use crate::work_reports::paper::Sheet;
use crate::work_reports::{Period, must_fit, one_more, period};

/// Makes the pack of a company and a period.
///
/// # Errors
/// `invalid_parameter` when the period is no year at the most; otherwise as the pack of a ticket.
pub async fn pack(app: &App, actor: &Actor, id: CompanyId, asked: PeriodPackQuery) -> Result<Pack, Error> {
    let audience = Audience::asked(actor, asked.audience)?;
    let days = Period::new(asked.from, asked.to)?;
    let place = app.pack_places.take(actor.id()).ok_or(Error::Busy)?;
    let own = actor.clone();
    let decided = app.db.report(move |conn| decided(conn, &own, id, days)).await?;
    let unsigned: Vec<ActId> =
        decided.iter().filter(|act| act.signed_document_sha256.is_none()).map(|act| act.id).collect();
    have_signed(app, &unsigned).await?;
    let root = roots::write_fresh(&app.db, actor.now()).await?;
    let root = root.ok_or_else(|| Error::internal("a company of which nothing is chained"))?;
    let (own, language) = (actor.clone(), asked.language);
    let read = move |conn: &mut DbConnection| {
        let sheet = Sheet::read(conn, &own, id, days, audience, language)?;
        let (papers, history) = papers(conn, &own, id, days, &root, audience)?;
        Ok((sheet, papers, history))
    };
    let (sheet, papers, history) = app.db.snapshot(true, read).await?;
    let printer = app.printer.clone();
    let drawn = tokio::task::spawn_blocking(move || Ok::<_, Error>((sheet.pdf(&printer)?, sheet.xlsx()?)));
    let (pdf, xlsx) = drawn.await.map_err(Error::internal)??;
    let mut archive = Archive::begin(&app.config.data.join("unfinished"), actor.now())?;
    archive.store("work-report.pdf", &pdf)?;
    archive.store("work-report.xlsx", &xlsx)?;
    for papers in &papers {
        papers.put(app, &mut archive).await?;
    }
    archive.put("history.json", &serde_json::to_vec_pretty(&history)?)?;
    archive.put("certificates.pem", certificates(app).await?.as_bytes())?;
    let name = format!("dispute-pack-{}-{}.zip", days.from, days.to);
    Ok(Pack { made: archive.finish()?, name, place })
}

/// The acts that the client decided on within a period, by their numbers.
fn decided(conn: &mut DbConnection, actor: &Actor, id: CompanyId, days: Period) -> Result<Vec<Act>, Error> {
    company::find(conn, actor, id)?;
    let (begins, ends) = days.moments(period::zone_of(conn, id)?);
    let ids: Vec<ActId> = signatures::table
        .inner_join(acts::table.on(acts::id.eq(signatures::act_id)))
        .filter(acts::company_id.eq(id))
        .filter(signatures::party.eq(Party::Client))
        .filter(signatures::recorded_at.ge(begins))
        .filter(signatures::recorded_at.lt(ends))
        .limit(one_more(MOST_ACTS))
        .select(acts::id)
        .load(conn)?;
    must_fit(ids.len(), MOST_ACTS)?;
    let acts = acts::table.filter(acts::id.among(ids)).order((acts::number, acts::version));
    Ok(acts.select(Act::as_select()).load(conn)?)
}

fn papers(
    conn: &mut DbConnection,
    actor: &Actor,
    id: CompanyId,
    days: Period,
    root: &AuditRoot,
    audience: Audience,
) -> Result<(Vec<Papers>, Value), Error> {
    let acts = decided(conn, actor, id, days)?;
    let ids: Vec<ActId> = acts.iter().map(|act| act.id).collect();
    let events = told::of_acts(conn, &ids, one_more(MOST_EVENTS))?;
    must_fit(events.len(), MOST_EVENTS)?;
    let (history, _) = proof::history(conn, root, &events, audience)?;
    let papers: Result<Vec<Papers>, Error> = acts.into_iter().map(|act| Papers::read(conn, act)).collect();
    Ok((papers?, history))
}
