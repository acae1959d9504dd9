//! The pack of a ticket.

use serde_json::{Value, json};

use super::archive::Archive;
use super::sections::{Filed, Shown};
use super::{MOST_EVENTS, Pack, PackQuery, Papers, certificates, chronicle, cover, have_signed, proof, sections};
use crate::acts::snapshot::Party;
use crate::acts::{self, ActId};
use crate::app::App;
use crate::auth::{Actor, Audience};
use crate::companies::{company, site};
use crate::db::DbConnection;
use crate::error::Error;
use crate::history::roots::{self, AuditRoot};
use crate::history::told;
use crate::provider;
use crate::tickets::{TicketId, TicketView, graph, queries, workflow};
use crate::users::queries::names;
use crate::words::Language;
use crate::work_reports::{must_fit, one_more};

/// Everything that goes into a pack, read at one moment.
pub struct Read {
    /// The ticket's number.
    pub number: i64,
    /// The language of the cover.
    pub language: Language,
    /// What the cover says.
    pub cover: Value,
    /// The versions of the act, oldest first.
    pub papers: Vec<Papers>,
    /// The files.
    pub files: Vec<Filed>,
    /// What happened, with proofs.
    pub history: Value,
}

/// Makes the pack of a ticket.
///
/// # Errors
/// `not_found`; `forbidden` when a client asks for what is not for clients; `busy` while too many are made; `too_much_at_once`;
/// `provider_missing`; `form_invalid`; `storage_full`.
pub async fn pack(app: &App, actor: &Actor, id: TicketId, asked: PackQuery) -> Result<Pack, Error> {
    let audience = Audience::asked(actor, asked.audience)?;
    let place = app.pack_places.take(actor.id()).ok_or(Error::Busy)?;
    let own = actor.clone();
    let unsigned = app.db.read(move |conn| unsigned(conn, &own, id)).await?;
    have_signed(app, &unsigned).await?;
    let root = roots::write_fresh(&app.db, actor.now()).await?;
    let root = root.ok_or_else(|| Error::internal("a ticket of which nothing is chained"))?;
    let (own, language) = (actor.clone(), asked.language);
    let read = app.db.snapshot(true, move |conn| read(conn, &own, id, &root, audience, language)).await?;
    let mut archive = Archive::begin(&app.config.data.join("unfinished"), actor.now())?;
    archive.store("cover.pdf", &cover::print(app, &read, actor.now()).await?)?;
    for papers in &read.papers {
        papers.put(app, &mut archive).await?;
    }
    for file in &read.files {
        if let Some(hash) = file.row.file_sha256 {
            archive.copy(&app.files, hash, &file.name).await?;
        }
    }
    archive.put("ticket.json", &serde_json::to_vec_pretty(&read.cover)?)?;
    archive.put("history.json", &serde_json::to_vec_pretty(&read.history)?)?;
    archive.put("certificates.pem", certificates(app).await?.as_bytes())?;
    Ok(Pack { made: archive.finish()?, name: format!("dispute-pack-{}.zip", read.number), place })
}

/// The versions of a ticket's act whose signed copies nobody has asked for yet.
fn unsigned(conn: &mut DbConnection, actor: &Actor, id: TicketId) -> Result<Vec<ActId>, Error> {
    let all = acts::queries::of_ticket(conn, actor, id)?;
    Ok(all.into_iter().filter(|act| act.signed_document_sha256.is_none()).map(|act| act.id).collect())
}

fn read(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketId,
    root: &AuditRoot,
    audience: Audience,
    language: Option<Language>,
) -> Result<Read, Error> {
    let ticket = queries::find(conn, actor, id)?;
    let row = queries::find_row(conn, actor, id)?;
    let (ours, company) = (provider::find(conn)?, company::find(conn, actor, ticket.company_id)?);
    let language = language.or(company.language).unwrap_or(ours.language);
    let site = match ticket.site_id {
        Some(id) => site::load(conn, id)?,
        None => None,
    };
    let zone = site.as_ref().map_or(ours.time_zone, |site| site.time_zone);
    let mut papers = Vec::new();
    for act in acts::queries::of_ticket(conn, actor, id)?.into_iter().rev() {
        papers.push(Papers::read(conn, act)?);
    }
    let mut shown = Shown::default();
    let files = sections::files(conn, id, audience)?;
    shown.records.extend(files.iter().map(|file| file.row.id.uuid()));
    let (checklist, items) = sections::checklist(conn, id, &files)?;
    let (time, minutes) = sections::time(conn, id, audience, &mut shown)?;
    let comments = sections::comments(conn, id, audience, &mut shown)?;
    let mut events = told::of_ticket(conn, id, one_more(MOST_EVENTS))?;
    must_fit(events.len(), MOST_EVENTS)?;
    let all = events.len();
    events.retain(|event| chronicle::is_for(event, &shown, audience));
    let (history, proved) = proof::history(conn, root, &events, audience)?;
    let mut people = chronicle::people(&events);
    people.push(ticket.created_by);
    let people = names(conn, &people)?;
    let statuses = graph::names(conn, language)?;
    let status = statuses.iter().find(|(code, _)| *code == ticket.status.code).map(|(_, name)| name);
    let cover = json!({
        "made_at": actor.now(), "made_by": actor.name(), "audience": audience, "zone": zone,
        "provider": Party::from(&ours), "customer": Party::from(&company),
        "site": site.map(|site| json!({"name": site.name, "address": site.address})),
        "ticket": subject(&ticket, &workflow::kind_of(conn, &row)?.name, status, people.get(&ticket.created_by)),
        "chronicle": chronicle::tell(&events, &people, &statuses),
        "acts": sections::acts(conn, &papers, audience)?,
        "checklist": checklist,
        "scans": sections::scans(conn, id, audience)?,
        "time_entries": time, "total_minutes": minutes,
        "lines": sections::works(conn, id, papers.last(), audience, language)?,
        "files": sections::told_of_files(conn, &files, &items, audience)?,
        "comments": comments,
        "proof": {
            "root": root.root, "tree_size": root.tree_size, "head": root.head, "made_at": root.made_at, "events": proved,
            "withheld": all - events.len(),
        },
    });
    Ok(Read { number: ticket.number, language, cover, papers, files, history })
}

fn subject(ticket: &TicketView, kind: &str, status: Option<&String>, opened_by: Option<&String>) -> Value {
    let device = |asset: &crate::tickets::TicketAsset| {
        json!({
            "name": asset.name, "model": asset.model, "serial_number": asset.serial_number,
            "inventory_number": asset.inventory_number,
        })
    };
    json!({
        "id": ticket.id, "number": ticket.number, "subject": ticket.subject, "description": ticket.description,
        "type": kind, "status": status, "priority": ticket.priority, "opened_at": ticket.created_at,
        "opened_by": opened_by, "started_at": ticket.started_at, "done_at": ticket.done_at,
        "closed_at": ticket.closed_at, "assignee": ticket.assignee_name,
        "assets": ticket.assets.iter().map(device).collect::<Vec<_>>(),
    })
}
