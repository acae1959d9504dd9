//! `/sign/{token}`: the page on which somebody without a login reads an act and signs it. Whatever a token does not open
//! answers alike, and merely fetching an address changes nothing: see [`super::seen`].

use std::net::IpAddr;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;

use super::code::{self, SigningCodeId};
use super::form::{self, Draft};
use super::open::{self, Opened, open};
use super::page::Post;
use super::sign::{self, Stranger};
use super::words::{Complaint, Words};
use super::{LinkState, page, photos, seen};
use crate::acts::{routes, signed_copy};
use crate::app::App;
use crate::auth::guard;
use crate::db::DbConnection;
use crate::db::types::{Sha256, Timestamp};
use crate::error::{Code, Error};
use crate::http::call::Answer;
use crate::http::form::Parts;
use crate::http::places::Places;
use crate::print::facsimile;
use crate::provider;
use crate::reports::door::{html, language_chosen, only, refused, see_other};
use crate::reports::frame::{self, Frame, SIGNING_POLICY};
use crate::reports::limits::network;
use crate::tickets::attachments::AttachmentId;
use crate::tickets::content::{self, ThumbnailSize};
use crate::words::Language;

/// Decisions that one network may send in ten minutes, taken or not.
pub const MOST_SIGNINGS: usize = 30;
/// How long a form may take.
const LONGEST_UPLOAD: Duration = Duration::from_secs(120);

/// Places for forms that are held in memory at the same time, each of five megabytes at the most: strangers send them, and a
/// slow one must not keep everybody from signing.
pub fn places() -> Places<String> {
    Places::new(16, 4)
}

/// The page and what it shows.
pub fn configure(config: &mut web::ServiceConfig) {
    let page = web::resource("/sign/{token}").get(show).head(show).post(decide);
    let code = web::resource("/sign/{token}/code").get(back_to_page).post(send_code);
    let seen = web::resource("/sign/{token}/seen").post(note_look);
    let document = web::resource("/sign/{token}/document.pdf").get(document).head(document);
    let picture = web::resource("/sign/{token}/pages/{number}.png").get(picture).head(picture);
    let small = web::resource("/sign/{token}/photos/{id}/small.jpg").get(small_photo).head(small_photo);
    let photo = web::resource("/sign/{token}/photos/{id}.jpg").get(photo).head(photo);
    let copy = web::resource("/sign/{token}/signed.pdf").get(copy).head(copy);
    config
        .service(page.default_service(only("GET, HEAD, POST")))
        .service(code.default_service(only("GET, POST")))
        .service(seen.default_service(only("POST")))
        .service(document.default_service(only("GET, HEAD")))
        .service(picture.default_service(only("GET, HEAD")))
        .service(small.default_service(only("GET, HEAD")))
        .service(photo.default_service(only("GET, HEAD")))
        .service(copy.default_service(only("GET, HEAD")));
}

/// The page.
async fn show(app: web::Data<App>, request: HttpRequest, token: web::Path<String>) -> Answer {
    let visitor = Visitor::new(app, request, &token);
    visitor.told(visitor.page().await).await
}

/// The decision.
async fn decide(app: web::Data<App>, request: HttpRequest, token: web::Path<String>, payload: web::Payload) -> Answer {
    let form = Multipart::new(request.headers(), payload);
    let visitor = Visitor::new(app, request, &token);
    visitor.told(visitor.decision(&token, Parts::of(form)).await).await
}

/// A one-time code is wanted. What was filled in so far comes along, and back.
async fn send_code(
    app: web::Data<App>,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Answer {
    let form = Multipart::new(request.headers(), payload);
    let visitor = Visitor::new(app, request, &token);
    visitor.told(visitor.code(Parts::of(form)).await).await
}

/// Somebody loads the answer to that anew.
async fn back_to_page(app: web::Data<App>, request: HttpRequest, token: web::Path<String>) -> Answer {
    let visitor = Visitor::new(app, request, &token);
    let path = visitor.path();
    let back = visitor.opened().await.map(|_| see_other(&path));
    visitor.told(back).await
}

/// The page says that somebody is looking at it.
async fn note_look(app: web::Data<App>, request: HttpRequest, token: web::Path<String>) -> Answer {
    let visitor = Visitor::new(app, request, &token);
    visitor.told(visitor.look().await).await
}

/// The frozen document.
async fn document(app: web::Data<App>, request: HttpRequest, token: web::Path<String>) -> Answer {
    let visitor = Visitor::new(app, request, &token);
    visitor.told(visitor.document().await).await
}

/// One of its pages.
async fn picture(app: web::Data<App>, request: HttpRequest, path: web::Path<(String, usize)>) -> Answer {
    let visitor = Visitor::new(app, request, &path.0);
    visitor.told(visitor.picture(path.1).await).await
}

/// A photo of the job in small.
async fn small_photo(app: web::Data<App>, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let visitor = Visitor::new(app, request, &path.0);
    visitor.told(visitor.photo(&path.1, ThumbnailSize::Small).await).await
}

/// A photo of the job as large as a screen.
async fn photo(app: web::Data<App>, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let visitor = Visitor::new(app, request, &path.0);
    visitor.told(visitor.photo(&path.1, ThumbnailSize::Large).await).await
}

/// The signed copy.
async fn copy(app: web::Data<App>, request: HttpRequest, token: web::Path<String>) -> Answer {
    let visitor = Visitor::new(app, request, &token);
    visitor.told(visitor.copy().await).await
}

/// Somebody who came with a token.
struct Visitor {
    app: web::Data<App>,
    request: HttpRequest,
    address: Option<IpAddr>,
    token: Sha256,
    now: Timestamp,
}

impl Visitor {
    fn new(app: web::Data<App>, request: HttpRequest, token: &str) -> Self {
        let (address, now) = (guard::address(&app, &request), app.clock.now());
        Self { app, request, address, token: open::key(token), now }
    }

    /// What the token opens. Who comes with too many that open nothing is told nothing for a while.
    async fn opened(&self) -> Result<Opened, Error> {
        self.app.misses.must_wait(self.address)?;
        let (token, now) = (self.token, self.now);
        let opened = self.app.db.read(move |conn| open(conn, token, now)).await?;
        if opened.is_none() {
            self.app.misses.count(self.address);
        }
        opened.ok_or_else(|| Code::NotFound.into())
    }

    fn language(&self, document: Option<Language>) -> Language {
        language_chosen(&self.request).or(document).unwrap_or_else(|| self.app.house_language.get())
    }

    async fn frame(&self, document: Option<Language>, choice: bool) -> Result<Frame, Error> {
        let ours = self.app.db.read(provider::known).await?;
        Ok(Frame::new(self.language(document), ours.as_ref(), choice))
    }

    async fn page(&self) -> Answer {
        let opened = self.opened().await?;
        let frame = self.frame(Some(opened.act.language), true).await?;
        self.write(&frame, StatusCode::OK, &opened, &Draft::default(), &[]).await
    }

    async fn write(
        &self,
        frame: &Frame,
        status: StatusCode,
        opened: &Opened,
        draft: &Draft,
        complaints: &[Complaint],
    ) -> Answer {
        let frozen = self.app.files.read(opened.act.document_sha256).await?;
        let sizes = web::block(move || facsimile::sizes(&frozen)).await.map_err(Error::internal)??;
        let (link, now) = (opened.link.id, self.now);
        let code_sent = opened.asks_for_code && self.app.db.read(move |conn| code::is_sent(conn, link, now)).await?;
        let copies = self.app.config.copies().is_some_and(|copies| copies.signer);
        let own = opened.clone();
        let photos = self.app.db.read(move |conn| photos::of(conn, &own)).await?;
        let looks = page::Looks { sizes: &sizes, photos: &photos, post: Post { code_sent, copies } };
        let page = page::write(frame, &self.path(), opened, &looks, draft, complaints)?;
        let mut response = html(status, frame, page);
        if let Ok(policy) = HeaderValue::from_str(&SIGNING_POLICY) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        Ok(response)
    }

    /// Where the page is: what it links to lies below. Tokens have no letter that an address would write otherwise, and
    /// whatever else came does not get as far as a page.
    fn path(&self) -> String {
        format!("/sign/{}", self.request.match_info().get("token").unwrap_or_default())
    }

    async fn decision(&self, token: &str, parts: Parts) -> Answer {
        self.app.signings.must_wait(self.address)?;
        self.app.signings.count(self.address);
        let opened = self.opened().await?;
        let (document, named) = (opened.act.language, opened.contact.is_some());
        let language = self.language(Some(document));
        let back = || Ok(see_other(&format!("/sign/{token}?lang={language}")));
        if opened.state == LinkState::Signed {
            return back();
        }
        let place = self.app.signing_places.take(self.address.map(network).unwrap_or_default()).ok_or(Error::Busy)?;
        let draft = within_time(parts).await?;
        let complained = async |complaints: &[Complaint]| {
            let frame = self.frame(Some(document), false).await?;
            self.write(&frame, StatusCode::UNPROCESSABLE_ENTITY, &opened, &draft, complaints).await
        };
        let decision = match draft.looked_at(named, opened.asks_for_code, language) {
            Ok(decision) => decision,
            Err(complaints) => return complained(&complaints).await,
        };
        let code = match decision.code.clone() {
            None => None,
            Some(given) => match self.tried(given).await? {
                Ok(code) => Some(code),
                Err(complaint) => return complained(&[complaint]).await,
            },
        };
        drop(draft);
        let origin = guard::origin(&self.app, &self.request);
        let stranger = Stranger { token: self.token, language, now: self.now, origin };
        let signed = sign::sign(&self.app, stranger, decision, code).await;
        drop(place);
        match signed {
            Ok(_) => back(),
            // The same person twice: a thumb that trembles, a network that swallows answers.
            Err(error) if error.code() == Code::AlreadySigned && self.is_signed().await? => back(),
            Err(error) => Err(error),
        }
    }

    /// Tries a code: that counts, whatever becomes of the decision.
    async fn tried(&self, given: String) -> Result<Result<SigningCodeId, Complaint>, Error> {
        let (app, token, now) = (self.app.clone(), self.token, self.now);
        let origin = guard::origin(&self.app, &self.request);
        let work = move |conn: &mut DbConnection| code::try_one(conn, &app.keys, token, &given, now, &origin);
        let tried = self.app.db.write(work).await;
        self.app.wrote();
        tried
    }

    async fn code(&self, parts: Parts) -> Answer {
        self.app.signings.must_wait(self.address)?;
        self.app.signings.count(self.address);
        let opened = self.opened().await?;
        let place = self.app.signing_places.take(self.address.map(network).unwrap_or_default()).ok_or(Error::Busy)?;
        let draft = Draft { code: String::new(), ..within_time(parts).await? };
        let sent = if self.app.config.mail.is_some() {
            let (app, token, now) = (self.app.clone(), self.token, self.now);
            let origin = guard::origin(&self.app, &self.request);
            let work = move |conn: &mut DbConnection| code::send(conn, &app.keys, token, now, &origin);
            self.app.db.write(work).await?
        } else {
            Err(Complaint::CodeNowhere)
        };
        self.app.wrote();
        self.app.outbox.notify_one();
        let (status, complaints) = match sent {
            Ok(()) => (StatusCode::OK, Vec::new()),
            Err(complaint @ Complaint::CodeNowhere) => (StatusCode::UNPROCESSABLE_ENTITY, vec![complaint]),
            Err(complaint) => (StatusCode::TOO_MANY_REQUESTS, vec![complaint]),
        };
        let frame = self.frame(Some(opened.act.language), false).await?;
        let answer = self.write(&frame, status, &opened, &draft, &complaints).await;
        drop(place);
        answer
    }

    async fn is_signed(&self) -> Result<bool, Error> {
        let (token, now) = (self.token, self.now);
        let opened = self.app.db.read(move |conn| open(conn, token, now)).await?;
        Ok(opened.is_some_and(|opened| opened.state == LinkState::Signed))
    }

    async fn look(&self) -> Answer {
        self.opened().await?;
        let (token, now) = (self.token, self.now);
        if self.app.db.read(move |conn| seen::is_new(conn, token, now)).await? {
            let origin = guard::origin(&self.app, &self.request);
            self.app.db.write(move |conn| seen::seen(conn, token, now, &origin)).await?;
            self.app.wrote();
        }
        Ok(HttpResponse::NoContent().finish())
    }

    async fn document(&self) -> Answer {
        let act = self.opened().await?.act;
        let bytes = self.app.files.read(act.document_sha256).await?;
        let name = format!("act-{}-v{}.pdf", act.number, act.version);
        Ok(unlisted(routes::pdf(bytes, act.document_sha256, &name)))
    }

    async fn copy(&self) -> Answer {
        let opened = self.opened().await?;
        if opened.state != LinkState::Signed {
            return Err(Code::NotFound.into());
        }
        let bytes = signed_copy::bytes(&self.app, &opened.act).await?;
        let (hash, act) = (Sha256::of(&bytes), opened.act);
        let name = format!("act-{}-v{}-signed.pdf", act.number, act.version);
        Ok(unlisted(routes::pdf(bytes, hash, &name)))
    }

    async fn picture(&self, number: usize) -> Answer {
        let document = self.opened().await?.act.document_sha256;
        let index = number.checked_sub(1).ok_or(Code::NotFound)?;
        let bytes = match self.app.facsimiles.find(document, index) {
            Some(bytes) => bytes,
            None => {
                let frozen = self.app.files.read(document).await?;
                let drawn = web::block(move || facsimile::page(&frozen, index)).await.map_err(Error::internal)??;
                let bytes = Bytes::from(drawn);
                self.app.facsimiles.keep(document, index, bytes.clone());
                bytes
            }
        };
        let tag = (ETAG, format!("\"{document}-{number}\""));
        let answer = HttpResponse::Ok().insert_header((CONTENT_TYPE, "image/png")).insert_header(tag).body(bytes);
        Ok(unlisted(answer))
    }

    /// A photo that the page shows, in the size that a browser asks for: written anew, without what a camera put into it.
    async fn photo(&self, id: &str, size: ThumbnailSize) -> Answer {
        self.app.photo_looks.must_wait(self.address)?;
        let opened = self.opened().await?;
        self.app.photo_looks.count(self.address);
        let id: AttachmentId = id.parse().map_err(|_| Code::NotFound)?;
        let found = self.app.db.read(move |conn| photos::find(conn, &opened, id)).await?;
        let [small, large] = content::thumbnails(&self.app, &found.ok_or(Code::NotFound)?).await?;
        let hash = if size == ThumbnailSize::Small { small } else { large };
        let bytes = self.app.files.read(hash).await?;
        let tag = (ETAG, format!("\"{hash}\""));
        let mut answer = HttpResponse::Ok();
        answer.insert_header((CONTENT_TYPE, "image/jpeg")).insert_header(tag);
        // Nothing in it may do anything, should it be opened by itself.
        answer.insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
        Ok(unlisted(answer.body(bytes)))
    }

    /// The answer, or a page about why there is none: people read no JSON.
    async fn told(&self, answer: Answer) -> Answer {
        let Err(error) = answer else { return answer };
        let frame = self.frame(None, false).await?;
        let say = Words::of(frame.language());
        let (title, sentences) = match error.code() {
            Code::NotFound => (say.nothing, vec![say.nothing_more, say.nothing_to_do]),
            Code::AlreadySigned | Code::ActNotIssued => (say.too_late, vec![say.too_late_more]),
            Code::DocumentChanged => (say.other_document, vec![say.other_document_more]),
            Code::AuthorityInsufficient => (say.not_allowed, vec![say.not_allowed_more]),
            _ => return refused(&frame, &error),
        };
        let sentences = sentences.into_iter().map(ToOwned::to_owned).collect();
        Ok(html(error.code().status(), &frame, frame::message(&frame, title, sentences)?))
    }
}

/// Reads the form, for as long as one may take.
async fn within_time(parts: Parts) -> Result<Draft, Error> {
    let read = tokio::time::timeout(LONGEST_UPLOAD, read(parts)).await;
    read.map_err(|_| Code::RequestTimeout)?
}

/// Reads the form to its end.
async fn read(mut parts: Parts) -> Result<Draft, Error> {
    let mut draft = Draft::default();
    while let Some(part) = parts.next(form::most).await? {
        draft.take(&part)?;
    }
    Ok(draft)
}

/// What no search engine should keep.
fn unlisted(mut response: HttpResponse) -> HttpResponse {
    let (name, value) = (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response.headers_mut().insert(name, value);
    response
}
