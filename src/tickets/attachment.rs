//! A file on a ticket: as it is kept, and as somebody sees it.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TicketId;
use super::comments::Visibility;
use super::scan::Place;
use crate::auth::{Actor, Permission};
use crate::checklists::ChecklistItemId;
use crate::db::MultiBackend;
use crate::db::schema::attachments;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::error::codes::fill;
use crate::error::{Flaw, Refusal};
use crate::files::photo::HEIC;
use crate::http::Resource;
use crate::users::UserId;
use crate::words::Language;

id! {
    /// A file on a ticket.
    AttachmentId,
}

text_enum! {
    /// Whether a file's bytes are there.
    AttachmentStatus {
        /// They are still to come.
        Expected = "expected",
        /// They are there.
        Ready = "ready",
        /// Others came: the rejection says what is wrong with them. They may be sent anew.
        Rejected = "rejected",
    }
}

/// A file on a ticket as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct AttachmentRow {
    /// Its id.
    pub id: AttachmentId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// Who attached it.
    pub author_id: UserId,
    /// Who may see it.
    pub visibility: Visibility,
    /// The hash of the bytes that are served.
    pub file_sha256: Option<Sha256>,
    /// What it is called.
    pub name: String,
    /// What it is; while it is expected, what it is said to be.
    pub media_type: String,
    /// The bytes that are served; while they are expected, those that were announced.
    pub size: i64,
    /// A picture's width in pixels.
    pub width: Option<i32>,
    /// A picture's height in pixels.
    pub height: Option<i32>,
    /// When the server learnt of it.
    pub recorded_at: Timestamp,
    /// When it was taken off.
    pub archived_at: Option<Timestamp>,
    /// Whether its bytes are there.
    pub status: AttachmentStatus,
    /// A [`Rejected`] as JSON.
    pub rejection: Option<String>,
    /// The item of the checklist it was made for.
    pub checklist_item_id: Option<ChecklistItemId>,
    /// When it was made, by the phone's clock.
    pub occurred_at: Option<Timestamp>,
    /// Where, in degrees north.
    pub lat: Option<f64>,
    /// And east.
    pub lon: Option<f64>,
    /// How exactly, in metres.
    pub accuracy_m: Option<f64>,
    /// The hash of the bytes that were sent, or announced.
    pub original_sha256: Option<Sha256>,
    /// How many they are.
    pub original_size: Option<i64>,
    /// When, by the camera's clock, with an offset where it knew one.
    pub camera_taken_at: Option<String>,
    /// Where the camera was, in degrees north.
    pub camera_lat: Option<f64>,
    /// And east.
    pub camera_lon: Option<f64>,
    /// The hash of the small thumbnail.
    pub small_sha256: Option<Sha256>,
    /// The hash of the large one.
    pub large_sha256: Option<Sha256>,
}

impl AttachmentRow {
    /// A file that is expected.
    pub fn expected(
        id: AttachmentId,
        ticket_id: TicketId,
        actor: &Actor,
        name: String,
        media_type: &str,
        size: i64,
    ) -> Self {
        Self {
            id,
            ticket_id,
            author_id: actor.id(),
            visibility: Visibility::Public,
            file_sha256: None,
            name,
            media_type: media_type.to_owned(),
            size,
            width: None,
            height: None,
            recorded_at: actor.now(),
            archived_at: None,
            status: AttachmentStatus::Expected,
            rejection: None,
            checklist_item_id: None,
            occurred_at: None,
            lat: None,
            lon: None,
            accuracy_m: None,
            original_sha256: None,
            original_size: None,
            camera_taken_at: None,
            camera_lat: None,
            camera_lon: None,
            small_sha256: None,
            large_sha256: None,
        }
    }
}

/// What is wrong with bytes that came, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rejected {
    /// The flaw's word.
    pub code: String,
    /// What stands in its sentence.
    pub params: Map<String, Value>,
}

impl Rejected {
    /// What a refusal of a file says.
    pub fn of(refusal: &Refusal) -> Self {
        let Some(field) = refusal.fields.first() else {
            return Self { code: refusal.code.as_str().to_owned(), params: Map::new() };
        };
        let params = field.params.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
        Self { code: field.flaw.as_str().to_owned(), params: params.collect() }
    }

    fn told(self, language: Language) -> Rejection {
        let sentence = Flaw::parse(&self.code).map(|flaw| flaw.sentence(language)).unwrap_or_default();
        let filled = self.params.iter().fold(fill(sentence, &[]), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default())
        });
        Rejection { code: self.code, message: filled }
    }
}

/// Why a file was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rejection {
    /// Stable: `unknown_format`, `too_many_pixels`, `broken_picture`, `not_as_announced`, `another_format` or
    /// `look_failed`.
    pub code: String,
    /// A sentence for people, in the language asked for.
    pub message: String,
}

/// What the camera wrote into a picture. Its clock and its place may be wrong, or have been made up.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CameraSays {
    /// Its local time, with an offset where it knew one.
    #[schema(example = "2026-11-22T10:15:00+10:00")]
    pub taken_at: Option<String>,
    /// Where it was.
    pub place: Option<Place>,
}

/// A file on a ticket.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// Who attached it.
    pub author_id: UserId,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether its bytes are there.
    pub status: AttachmentStatus,
    /// Why not, for one that was rejected.
    pub rejection: Option<Rejection>,
    /// Where its bytes are sent to (tus 1.0.0), unless they are there.
    pub upload_url: Option<String>,
    /// The hash of the bytes that are served.
    pub sha256: Option<Sha256>,
    /// The hash of the bytes as they were sent, or announced.
    pub original_sha256: Option<Sha256>,
    /// What it is called.
    pub name: String,
    /// What it is; while it is expected, what it is said to be.
    pub media_type: String,
    /// The bytes that are served; while they are expected, those that were announced.
    pub size: i64,
    /// A picture's width in pixels.
    pub width: Option<i32>,
    /// A picture's height in pixels.
    pub height: Option<i32>,
    /// Where its thumbnails are, if it has any; `?size=small` or `large`.
    pub thumbnail_url: Option<String>,
    /// The item of the checklist it was made for.
    pub checklist_item_id: Option<ChecklistItemId>,
    /// When it was made, by the phone's clock.
    pub occurred_at: Option<Timestamp>,
    /// Where, if the phone knew. Not told to clients.
    pub place: Option<Place>,
    /// What the camera wrote into it. Not told to clients.
    pub camera: Option<CameraSays>,
    /// When the server learnt of it.
    pub recorded_at: Timestamp,
    /// When it was taken off.
    pub archived_at: Option<Timestamp>,
}

impl AttachmentRow {
    /// What somebody is told of it.
    pub fn seen_by(self, actor: &Actor) -> Attachment {
        let inside = actor.may(Permission::SeeInternal);
        let place = |lat: Option<f64>, lon: Option<f64>, accuracy_m: Option<f64>| {
            lat.zip(lon).filter(|_| inside).map(|(lat, lon)| Place { lat, lon, accuracy_m })
        };
        let camera = CameraSays {
            place: place(self.camera_lat, self.camera_lon, None),
            taken_at: self.camera_taken_at.filter(|_| inside),
        };
        let ready = self.status == AttachmentStatus::Ready;
        let has_thumbnails = ready && self.media_type.starts_with("image/") && self.media_type != HEIC;
        let rejection = self.rejection.and_then(|kept| serde_json::from_str::<Rejected>(&kept).ok());
        Attachment {
            id: self.id,
            ticket_id: self.ticket_id,
            author_id: self.author_id,
            visibility: self.visibility,
            status: self.status,
            rejection: rejection.map(|rejected| rejected.told(actor.language())),
            upload_url: (!ready).then(|| format!("/api/v1/uploads/{}", self.id)),
            sha256: self.file_sha256,
            original_sha256: self.original_sha256,
            name: self.name,
            media_type: self.media_type,
            size: self.size,
            width: self.width,
            height: self.height,
            thumbnail_url: has_thumbnails.then(|| format!("/api/v1/attachments/{}/thumbnail", self.id)),
            checklist_item_id: self.checklist_item_id,
            occurred_at: self.occurred_at,
            place: place(self.lat, self.lon, self.accuracy_m),
            camera: Some(camera).filter(|camera| camera.taken_at.is_some() || camera.place.is_some()),
            recorded_at: self.recorded_at,
            archived_at: self.archived_at,
        }
    }
}

impl Resource for Attachment {
    fn path(&self) -> String {
        format!("/api/v1/attachments/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}
