//! The sections of a cover, each as the print form reads it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{MOST_BYTES, MOST_FILES, Papers, names};
use crate::acts;
use crate::acts::signature::Signature;
use crate::acts::snapshot::Snapshot;
use crate::assets::{self, AssetId};
use crate::auth::Audience;
use crate::checklists::{ChecklistItemId, on_ticket};
use crate::db::DbConnection;
use crate::db::schema::{attachments, comments, scans};
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::files::photo::HEIC;
use crate::tickets::TicketId;
use crate::tickets::attachments::{AttachmentId, AttachmentRow, AttachmentStatus};
use crate::tickets::comments::Visibility;
use crate::time_entries::queries as time;
use crate::users::UserId;
use crate::users::queries::names as names_of;
use crate::words::Language;
use crate::work_lines::queries as works;
use crate::work_reports::{must_fit, one_more};

/// Comments that one pack may have.
const MOST_COMMENTS: usize = 5_000;

/// Which records of a ticket somebody's eyes may see.
#[derive(Debug, Default)]
pub struct Shown {
    /// Time entries, files and comments.
    pub records: BTreeSet<Uuid>,
}

/// A file of a ticket and what it is called in the pack.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The file.
    pub row: AttachmentRow,
    /// Its name in the archive.
    pub name: String,
}

impl Filed {
    /// Whether there can be a small picture of it.
    pub fn is_picture(&self) -> bool {
        self.row.media_type.starts_with("image/") && self.row.media_type != HEIC
    }
}

/// The files of a ticket, in the order they came, under the names they get. HEIC is kept as it came, with what the camera
/// wrote into it: not for clients.
///
/// # Errors
/// `too_much_at_once`
pub fn files(conn: &mut DbConnection, id: TicketId, audience: Audience) -> Result<Vec<Filed>, Error> {
    let rows: Vec<AttachmentRow> = attachments::table
        .filter(attachments::ticket_id.eq(id))
        .filter(attachments::archived_at.is_null())
        .filter(attachments::status.eq(AttachmentStatus::Ready))
        .order((attachments::recorded_at, attachments::id))
        .limit(one_more(MOST_FILES))
        .select(AttachmentRow::as_select())
        .load(conn)?;
    must_fit(rows.len(), MOST_FILES)?;
    let may_see = |file: &AttachmentRow| {
        audience.is_internal() || (file.visibility == Visibility::Public && file.media_type != HEIC)
    };
    let rows: Vec<AttachmentRow> = rows.into_iter().filter(may_see).collect();
    let bytes: i64 = rows.iter().map(|file| file.size).fold(0, i64::saturating_add);
    if bytes > MOST_BYTES {
        return Err(Code::TooMuchAtOnce.with([("max", format!("{} GiB", MOST_BYTES >> 30))]).into());
    }
    let filed = |(number, row): (usize, AttachmentRow)| {
        let name = names::numbered(number, &row.name, &row.media_type);
        Filed { row, name }
    };
    Ok((1..).zip(rows).map(filed).collect())
}

/// A place as people copy it into a map.
fn place(audience: Audience, lat: Option<f64>, lon: Option<f64>) -> Option<String> {
    lat.zip(lon).filter(|_| audience.is_internal()).map(|(lat, lon)| format!("{lat:.5}, {lon:.5}"))
}

/// What the cover says of the files, each with the item of the checklist that it answers.
///
/// # Errors
/// The database's.
pub fn told_of_files(
    conn: &mut DbConnection,
    files: &[Filed],
    items: &BTreeMap<ChecklistItemId, String>,
    audience: Audience,
) -> Result<Vec<Value>, Error> {
    let authors: Vec<UserId> = files.iter().map(|file| file.row.author_id).collect();
    let people = names_of(conn, &authors)?;
    let told = (1..).zip(files).map(|(number, file): (usize, &Filed)| {
        let row = &file.row;
        json!({
            "number": number, "id": row.id, "name": row.name, "file": file.name, "size": row.size,
            "sha256": row.file_sha256, "picture": Value::Null, "is_picture": file.is_picture(),
            "at": row.occurred_at, "recorded_at": row.recorded_at, "author": people.get(&row.author_id),
            "camera_at": row.camera_taken_at.as_ref().filter(|_| audience.is_internal()),
            "place": place(audience, row.lat, row.lon), "accuracy_m": row.accuracy_m.filter(|_| audience.is_internal()),
            "camera_place": place(audience, row.camera_lat, row.camera_lon),
            "item": row.checklist_item_id.and_then(|item| items.get(&item)),
            "internal": row.visibility == Visibility::Internal,
        })
    });
    Ok(told.collect())
}

/// The versions of the act with the decisions on them.
///
/// # Errors
/// The database's.
pub fn acts(conn: &mut DbConnection, papers: &[Papers], audience: Audience) -> Result<Vec<Value>, Error> {
    let mut told = Vec::with_capacity(papers.len());
    for Papers { act, signed, evidence, stem } in papers {
        let signatures = acts::queries::decisions(conn, act.id)?;
        let mut ids: Vec<UserId> = signatures.iter().map(|one| one.recorded_by).collect();
        ids.extend([Some(act.issued_by), act.resolved_by].into_iter().flatten());
        let people = names_of(conn, &ids)?;
        let content = Snapshot::read(&act.snapshot)?;
        let signatures: Vec<Value> = signatures.iter().map(|one| signature(one, &people, audience)).collect();
        told.push(json!({
            "id": act.id, "number": act.number, "version": act.version, "status": act.status,
            "issued_at": act.issued_at, "issued_by": people.get(&act.issued_by), "document_sha256": act.document_sha256,
            "signed_sha256": signed, "verification": content.verification,
            "total": (audience.is_internal() || act.show_prices).then_some(act.gross), "currency": act.currency,
            "resolution": act.resolution, "resolved_at": act.resolved_at,
            "resolved_by": act.resolved_by.and_then(|id| people.get(&id)),
            "document": format!("{stem}.pdf"),
            "signed": signed.map(|_| format!("{stem}-signed.pdf")),
            "evidence": evidence.map(|_| format!("{stem}-evidence.json")),
            "signatures": signatures,
        }));
    }
    Ok(told)
}

fn signature(one: &Signature, people: &BTreeMap<UserId, String>, audience: Audience) -> Value {
    json!({
        "id": one.id, "party": one.party, "name": one.signer_name, "position": one.signer_position,
        "authority": one.authority, "outcome": one.outcome, "remarks": one.remarks, "method": one.method,
        "channel": one.channel(), "signed_at": one.signed_at, "recorded_at": one.recorded_at,
        "recorded_by": people.get(&one.recorded_by).filter(|_| one.link_id.is_none()),
        "ip": one.ip, "device_id": one.device_id, "user_agent": one.user_agent,
        "place": place(audience, one.lat, one.lon), "shown_as": one.shown_as, "sha256": one.signature_sha256,
    })
}

/// The checklist, and the words of its items by their ids.
///
/// # Errors
/// The database's.
pub fn checklist(
    conn: &mut DbConnection,
    id: TicketId,
    files: &[Filed],
) -> Result<(Vec<Value>, BTreeMap<ChecklistItemId, String>), Error> {
    let items = on_ticket::of(conn, id)?;
    let people: Vec<UserId> = items.iter().filter_map(|item| item.answered_by).collect();
    let people = names_of(conn, &people)?;
    let devices: Vec<AssetId> = items.iter().filter_map(|item| item.asset_id).collect();
    let devices = assets::queries::load_all(conn, &devices)?;
    let number_of = |answer: &Value| {
        let id: AttachmentId = answer.get("attachment_id")?.as_str()?.parse().ok()?;
        files.iter().position(|file| file.row.id == id).map(|index| index + 1)
    };
    let told = items.iter().map(|item| {
        json!({
            "text": item.text, "kind": item.kind, "required": item.required, "answer": item.answer,
            "file": item.answer.as_ref().and_then(number_of),
            "answered_by": item.answered_by.and_then(|id| people.get(&id)), "answered_at": item.answered_at,
            "recorded_at": item.recorded_at,
            "asset": item.asset_id.and_then(|id| devices.get(&id)).map(|asset| &asset.name),
        })
    });
    let told = told.collect();
    Ok((told, items.into_iter().map(|item| (item.id, item.text)).collect()))
}

/// The scans on a ticket.
///
/// # Errors
/// The database's.
pub fn scans(conn: &mut DbConnection, id: TicketId, audience: Audience) -> Result<Vec<Value>, Error> {
    type Row = (AssetId, UserId, String, Timestamp, Timestamp, Option<f64>, Option<f64>, Option<f64>);
    let rows: Vec<Row> = scans::table
        .filter(scans::ticket_id.eq(id))
        .order((scans::recorded_at, scans::id))
        .limit(one_more(MOST_FILES))
        .select((
            scans::asset_id,
            scans::user_id,
            scans::code,
            scans::scanned_at,
            scans::recorded_at,
            scans::lat,
            scans::lon,
            scans::accuracy_m,
        ))
        .load(conn)?;
    must_fit(rows.len(), MOST_FILES)?;
    let people = names_of(conn, &rows.iter().map(|row| row.1).collect::<Vec<_>>())?;
    let devices = assets::queries::load_all(conn, &rows.iter().map(|row| row.0).collect::<Vec<_>>())?;
    let told = rows.into_iter().map(|(asset, user, code, at, recorded_at, lat, lon, accuracy_m)| {
        json!({
            "asset": devices.get(&asset).map(|asset| &asset.name), "code": code, "who": people.get(&user), "at": at,
            "recorded_at": recorded_at, "place": place(audience, lat, lon),
            "accuracy_m": accuracy_m.filter(|_| audience.is_internal()),
        })
    });
    Ok(told.collect())
}

/// The working time that somebody may see, in minutes and entry by entry.
///
/// # Errors
/// The database's.
pub fn time(
    conn: &mut DbConnection,
    id: TicketId,
    audience: Audience,
    shown: &mut Shown,
) -> Result<(Vec<Value>, i64), Error> {
    let mut entries = time::of(conn, id)?;
    entries.retain(|entry| audience.is_internal() || entry.visible_to_client);
    shown.records.extend(entries.iter().map(|entry| entry.id.uuid()));
    let people = names_of(conn, &entries.iter().map(|entry| entry.user_id).collect::<Vec<_>>())?;
    let minutes = entries.iter().map(|entry| entry.minutes).sum();
    let told = entries.iter().map(|entry| {
        json!({
            "person": people.get(&entry.user_id), "kind": entry.kind, "started_at": entry.started_at,
            "ended_at": entry.ended_at, "minutes": entry.minutes, "note": entry.note, "recorded_at": entry.recorded_at,
            "hidden": !entry.visible_to_client,
        })
    });
    Ok((told.collect(), minutes))
}

/// Works and materials: our own side sees the ticket's, a client those of the act, with prices where the act shows them.
///
/// # Errors
/// The database's.
pub fn works(
    conn: &mut DbConnection,
    id: TicketId,
    newest: Option<&Papers>,
    audience: Audience,
    language: Language,
) -> Result<Vec<Value>, Error> {
    if audience.is_internal() {
        let lines = works::of(conn, id)?;
        let told = lines.iter().map(|line| {
            json!({
                "name": line.name, "unit": line.unit, "quantity": line.quantity, "coverage": line.coverage,
                "coverage_reason": line.decision().sentence(language), "amount": line.gross, "currency": line.currency,
            })
        });
        return Ok(told.collect());
    }
    let Some(act) = newest.map(|papers| &papers.act) else { return Ok(Vec::new()) };
    let content = Snapshot::read(&act.snapshot)?;
    let told = content.lines.iter().map(|line| {
        json!({
            "name": line.name, "unit": line.unit, "quantity": line.quantity, "coverage": line.coverage,
            "coverage_reason": line.coverage_reason, "amount": act.show_prices.then_some(line.gross),
            "currency": act.currency,
        })
    });
    Ok(told.collect())
}

/// What people wrote.
///
/// # Errors
/// The database's.
pub fn comments(
    conn: &mut DbConnection,
    id: TicketId,
    audience: Audience,
    shown: &mut Shown,
) -> Result<Vec<Value>, Error> {
    type Row = (crate::tickets::comments::CommentId, UserId, Visibility, String, Timestamp, Timestamp);
    let mut rows: Vec<Row> = comments::table
        .filter(comments::ticket_id.eq(id))
        .order((comments::recorded_at, comments::id))
        .limit(one_more(MOST_COMMENTS))
        .select((
            comments::id,
            comments::author_id,
            comments::visibility,
            comments::text,
            comments::written_at,
            comments::recorded_at,
        ))
        .load(conn)?;
    must_fit(rows.len(), MOST_COMMENTS)?;
    rows.retain(|row| audience.is_internal() || row.2 == Visibility::Public);
    shown.records.extend(rows.iter().map(|row| row.0.uuid()));
    let people = names_of(conn, &rows.iter().map(|row| row.1).collect::<Vec<_>>())?;
    let told = rows.into_iter().map(|(_, author, visibility, text, at, recorded_at)| {
        json!({
            "who": people.get(&author), "internal": visibility == Visibility::Internal, "text": text, "at": at,
            "recorded_at": recorded_at,
        })
    });
    Ok(told.collect())
}
