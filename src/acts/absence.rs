//! Nobody was there to sign: the reason and a photo of the place are kept, and links stay open, for the client may still sign.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{AbsenceId, Act, ActId, ActStatus, queries, signed_copy};
use crate::auth::Actor;
use crate::db::schema::{act_absences, acts};
use crate::db::types::{Sha256, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::idempotency::made_once;
use crate::http::{Call, Made, Resource};
use crate::links::handed::{Fresh, Handed};
use crate::links::make::leave;
use crate::links::{self, ActLinkView, LeftLink, NewActLink};
use crate::tickets::attachment::{AttachmentId, AttachmentStatus};
use crate::tickets::scan::Place;
use crate::tickets::{self, attachments};
use crate::users::UserId;
use crate::words::text::Prose;

/// A note that nobody was there, as it is kept. It is added, and never changed.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = act_absences, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Absence {
    /// Its id.
    pub id: AbsenceId,
    /// On which version of an act.
    pub act_id: ActId,
    /// Why nobody signed.
    pub reason: String,
    /// The photo.
    pub attachment_id: AttachmentId,
    /// The hash of its bytes.
    pub photo_sha256: Sha256,
    /// The hash of the document that nobody signed.
    pub document_sha256: Sha256,
    /// When, by the device's clock.
    pub occurred_at: Timestamp,
    /// When it arrived.
    pub recorded_at: Timestamp,
    /// Who was there.
    pub recorded_by: UserId,
    /// From which address.
    pub ip: Option<String>,
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// The app's own id for the device.
    pub device_id: Option<String>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lon: Option<f64>,
    /// How exact, in metres.
    pub accuracy_m: Option<f64>,
    /// The hash over all of the above.
    pub absence_sha256: Sha256,
}

impl Absence {
    /// The hash over the note and everything that proves it.
    fn hash(&self) -> Result<Sha256, Error> {
        let mut value = serde_json::to_value(self)?;
        if let Some(members) = value.as_object_mut() {
            members.remove("absence_sha256");
        }
        Ok(Sha256::of(serde_json::to_vec(&value)?))
    }
}

/// A note to make that nobody was there.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAbsence {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<AbsenceId>,
    /// The hash of the document that nobody was there to sign.
    pub document_sha256: Sha256,
    /// Why nobody signed; it is printed.
    pub reason: Prose<2000>,
    /// A photo of the place: a file on the ticket whose bytes have arrived.
    pub attachment_id: AttachmentId,
    /// When, by the device's clock.
    #[serde(default)]
    pub occurred_at: Option<Timestamp>,
    /// Where, if the device knows.
    #[serde(default)]
    pub place: Option<Place>,
    /// A link to leave, by which the client may sign later. Links that were made before stay open anyway.
    #[serde(default)]
    pub link: Option<LeftLink>,
}

/// A note that nobody was there, as people see it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AbsenceView {
    /// Its id.
    pub id: AbsenceId,
    /// On which version of an act.
    pub act_id: ActId,
    /// Why nobody signed.
    pub reason: String,
    /// The photo.
    pub attachment_id: AttachmentId,
    /// The hash of its bytes.
    pub photo_sha256: Sha256,
    /// When, by the device's clock.
    pub occurred_at: Timestamp,
    /// When it arrived.
    pub recorded_at: Timestamp,
    /// Who was there.
    pub recorded_by: UserId,
    /// Where, if the device knew.
    pub place: Option<Place>,
    /// The hash over the note and everything that proves it.
    pub absence_sha256: Sha256,
    /// The link that was left with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<ActLinkView>,
    /// The link's address. Told once and kept nowhere: a request that is repeated is answered without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The address as a QR code, SVG, to be left on paper. Told with the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qr_svg: Option<String>,
}

impl From<Absence> for AbsenceView {
    fn from(absence: Absence) -> Self {
        let accuracy_m = absence.accuracy_m;
        Self {
            place: absence.lat.zip(absence.lon).map(|(lat, lon)| Place { lat, lon, accuracy_m }),
            id: absence.id,
            act_id: absence.act_id,
            reason: absence.reason,
            attachment_id: absence.attachment_id,
            photo_sha256: absence.photo_sha256,
            occurred_at: absence.occurred_at,
            recorded_at: absence.recorded_at,
            recorded_by: absence.recorded_by,
            absence_sha256: absence.absence_sha256,
            link: None,
            url: None,
            qr_svg: None,
        }
    }
}

impl Resource for AbsenceView {
    fn path(&self) -> String {
        format!("/api/v1/acts/{}/absence", self.act_id)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}

/// Notes that nobody was there, and leaves a link if one is wanted.
///
/// # Errors
/// `not_found`; `act_not_issued` when somebody has decided, or it was noted already; `document_changed`;
/// `authority_insufficient` when nobody could sign by the link; `too_many_links`; `validation_failed` without a photo.
pub async fn note(call: Call, act: ActId, new: NewAbsence) -> Answer {
    let app = call.app.clone();
    let wanted = new.link.as_ref().map(NewActLink::from);
    let (mut told, mut fresh) = (Map::new(), None);
    if let Some(wanted) = &wanted {
        let handed = Handed::new(&app)?;
        told = handed.told(&call, act, wanted).await.map_err(|error| error.within("/link"))?;
        fresh = Some(handed.kept());
    }
    let left = wanted.zip(fresh);
    let answer = call.create_and_tell(told, move |conn, actor| keep(conn, actor, act, &new, left.as_ref())).await?;
    app.outbox.notify_one();
    // The note is kept; the copy that shows it can be made whenever somebody asks for it.
    if let Err(error) = signed_copy::make(&app, act).await {
        tracing::warn!(%error, "the copy will be made when it is asked for");
    }
    Ok(answer)
}

/// The note on an act that the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, act: ActId) -> Result<AbsenceView, Error> {
    let act = queries::find(conn, actor, act)?;
    Ok(of(conn, act.id)?.ok_or(Code::NotFound)?.into())
}

/// The note on an act, whoever asks.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut DbConnection, act: ActId) -> Result<Option<Absence>, Error> {
    let of = act_absences::table.filter(act_absences::act_id.eq(act));
    Ok(of.select(Absence::as_select()).get_result(conn).optional()?)
}

fn keep(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ActId,
    new: &NewAbsence,
    link: Option<&(NewActLink, Fresh)>,
) -> Result<Made<AbsenceView>, Error> {
    let act = queries::find(conn, actor, id)?;
    let insert = |conn: &mut DbConnection, absence_id| {
        tickets::queries::hold(conn, actor, act.ticket_id)?;
        let act = queries::find(conn, actor, id)?;
        if act.status != ActStatus::Issued {
            return Err(queries::not_issued(&act, act.status));
        }
        if new.document_sha256 != act.document_sha256 {
            return Err(Code::DocumentChanged.with([]).and("document_sha256", act.document_sha256.to_string()).into());
        }
        let absence = record(conn, actor, &act, absence_id, new)?;
        let left = link.map(|(wanted, fresh)| leave(conn, actor, &act, wanted, fresh)).transpose();
        let left = left.map_err(|error| error.within("/link"))?;
        let link = left.map(|link| links::queries::find(conn, &act, link, actor.now())).transpose()?;
        Ok(AbsenceView { link, ..absence.into() })
    };
    let load = |conn: &mut DbConnection, _: AbsenceId| find(conn, actor, id);
    made_once(conn, actor, "absence", new.id, &(id, new), insert, load)
}

fn record(
    conn: &mut DbConnection,
    actor: &Actor,
    act: &Act,
    id: AbsenceId,
    new: &NewAbsence,
) -> Result<Absence, Error> {
    let photo = attachments::load(conn, new.attachment_id)?.filter(|file| {
        file.ticket_id == act.ticket_id
            && file.archived_at.is_none()
            && file.status == AttachmentStatus::Ready
            && file.media_type.starts_with("image/")
    });
    let photo_sha256 = photo.and_then(|file| file.file_sha256);
    let photo_sha256 = photo_sha256.ok_or_else(|| Error::field("/attachment_id", Flaw::NoPictureHere))?;
    let origin = actor.origin();
    let mut absence = Absence {
        id,
        act_id: act.id,
        reason: new.reason.to_string(),
        attachment_id: new.attachment_id,
        photo_sha256,
        document_sha256: act.document_sha256,
        occurred_at: new.occurred_at.unwrap_or_else(|| actor.now()),
        recorded_at: actor.now(),
        recorded_by: actor.id(),
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        device_id: origin.device_id.clone(),
        lat: new.place.map(|place| place.lat),
        lon: new.place.map(|place| place.lon),
        accuracy_m: new.place.and_then(|place| place.accuracy_m),
        absence_sha256: Sha256::of([]),
    };
    absence.absence_sha256 = absence.hash()?;
    queries::advance(conn, act, ActStatus::Unattended)?;
    diesel::insert_into(act_absences::table).values(&absence).execute(conn)?;
    // The copy so far lacks this.
    let none: Option<Sha256> = None;
    diesel::update(acts::table.find(act.id)).set(acts::signed_document_sha256.eq(none)).execute(conn)?;
    let facts: Value = json!({
        "reason": absence.reason, "attachment_id": absence.attachment_id, "photo_sha256": absence.photo_sha256,
        "document_sha256": absence.document_sha256, "absence_sha256": absence.absence_sha256,
    });
    let event = Event::of("act.unattended", "act", act.id.uuid()).ticket(act.ticket_id).company(act.company_id);
    history::record(conn, actor, event.after(facts))?;
    Ok(absence)
}
