//! A photo is sent in place of a scan, by phones whose browser has no detector of its own. Nothing is written down: which
//! code is meant, the person says with the next request.

use actix_multipart::Multipart;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use serde::Serialize;

use super::resolve::{self, Meant};
use crate::assets::brief::{self, AssetBrief};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::error::{Code, Error, Flaw};
use crate::files::barcode::{self, Barcode, BarcodeKind};
use crate::http::call::Answer;
use crate::http::places::Places;
use crate::http::{Call, body, problem};
use crate::tickets::attachments::MOST_BYTES;
use crate::users::UserId;
use crate::words::text::Scanned;

/// Photos that may wait for their turn.
const MOST_WAITING: usize = 8;
/// Codes of one photo that are told.
const MOST_CODES: usize = 20;

/// Whose photos are in memory: one at a time of each.
#[derive(Debug)]
pub struct PhotoPlaces {
    coming: Places<UserId>,
    waiting: Places<UserId>,
}

impl Default for PhotoPlaces {
    fn default() -> Self {
        Self { coming: Places::new(usize::MAX, 1), waiting: Places::new(MOST_WAITING, 1) }
    }
}

/// A photo, as `multipart/form-data`. The body may be the picture alone as well.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form; its part is read by itself")]
pub struct NewPhoto {
    /// JPEG, PNG or WebP of at most 20 MiB and 50 megapixels. The part may have any name, if it has a file name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What is on a photo.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhotoScan {
    /// The codes that could be read; often one, perhaps none.
    #[schema(max_items = 20)]
    pub data: Vec<PhotoCode>,
    /// How to take a better photo, in the language asked for, when nothing could be read.
    pub hint: Option<String>,
}

/// A code on a photo.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhotoCode {
    /// What it says: send it as `code`, as it is.
    pub text: String,
    /// What kind of barcode it is.
    pub format: BarcodeKind,
    /// Where it is: corners or ends, as that kind of barcode has them.
    pub points: Vec<PhotoPoint>,
    /// The device it leads to.
    pub asset: Option<AssetBrief>,
    /// The devices it may lead to, when that is not clear.
    #[schema(max_items = 20)]
    pub choices: Vec<AssetBrief>,
    /// Whether it is a label of ours that is on nothing yet. A client's user is never told so.
    pub blank: bool,
}

/// A place on a photo, in pixels from the upper left corner of the upright picture.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct PhotoPoint {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// Reads the codes on a photo.
///
/// # Errors
/// `too_large`, `file_rejected`, `validation_failed`, `unsupported_media_type`; `busy` while too many wait.
pub async fn scan(call: Call, request: HttpRequest, payload: web::Payload) -> Answer {
    let (places, user) = (&call.app.photo_places, call.actor.id());
    let bytes = {
        let _place = places.coming.take(user).ok_or(Error::Busy)?;
        received(&request, payload).await?
    };
    let place = places.waiting.take(user).ok_or(Error::Busy)?;
    let looked = tokio::task::spawn_blocking(move || {
        let found = barcode::find(&bytes);
        drop(place);
        found
    });
    let found = looked.await.map_err(Error::internal)??;
    let (db, actor) = (call.app.db.clone(), call.actor);
    let told = db.read(move |conn| told(conn, &actor, &found)).await?;
    Ok(HttpResponse::Ok().json(told))
}

async fn received(request: &HttpRequest, payload: web::Payload) -> Result<Vec<u8>, Error> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "multipart/form-data" {
        return part(Multipart::new(request.headers(), payload)).await;
    }
    if kind.is_empty() || kind.starts_with("image/") || kind == "application/octet-stream" {
        return body::read(request, payload.into_inner(), MOST_BYTES).await;
    }
    Err(Code::UnsupportedMediaType.with([("expected", "image/jpeg, multipart/form-data".to_owned())]).into())
}

async fn part(mut form: Multipart) -> Result<Vec<u8>, Error> {
    let broken = |error: actix_multipart::MultipartError| Error::from(problem::of_form(&error));
    let mut found: Option<Vec<u8>> = None;
    let mut passed = 0;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let named = field.content_disposition();
        let is_file = named.is_some_and(|named| named.get_filename().is_some() || named.get_name() == Some("file"));
        if is_file && found.is_some() {
            return Err(Error::field_with("file", Flaw::TooMany, [("max", "1".to_owned())]));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(broken)?;
            passed += chunk.len();
            if passed > MOST_BYTES {
                return Err(body::too_large(MOST_BYTES));
            }
            // Other parts pass by.
            if is_file {
                bytes.extend_from_slice(&chunk);
            }
        }
        if is_file {
            found = Some(bytes);
        }
    }
    found.ok_or_else(|| Error::field("file", Flaw::Required))
}

fn told(conn: &mut DbConnection, actor: &Actor, found: &[Barcode]) -> Result<PhotoScan, Error> {
    let mut data = Vec::new();
    for code in found.iter().take(MOST_CODES) {
        // What no request could name leads nowhere.
        let meant = match Scanned::<500>::parse(&code.text) {
            Ok(text) => resolve::meant(conn, actor, &text, None)?,
            Err(_) => Meant::Nothing,
        };
        let blank = matches!(meant, Meant::Blank(_));
        let (asset, choices) = match meant {
            Meant::One(asset) => (brief::load(conn, &[asset.id])?.pop(), Vec::new()),
            Meant::Several(assets) => (None, resolve::choices(conn, &assets)?),
            Meant::Blank(_) | Meant::Nothing => (None, Vec::new()),
        };
        let points = code.points.iter().map(|(x, y)| PhotoPoint { x: *x, y: *y }).collect();
        data.push(PhotoCode { text: code.text.clone(), format: code.kind, points, asset, choices, blank });
    }
    let hint = data.is_empty().then(|| {
        let hint = actor.language().choose(
            "Подойдите ближе, чтобы код занимал хотя бы треть кадра, держите телефон ровно и уберите блики; либо введите символы под кодом.",
            "Підійдіть ближче, щоб код займав хоча б третину кадру, тримайте телефон рівно й приберіть відблиски; або введіть символи під кодом.",
            "Step closer so that the code fills a third of the picture, hold the phone still and avoid glare; or type the characters under the code.",
        );
        hint.to_owned()
    });
    Ok(PhotoScan { data, hint })
}
