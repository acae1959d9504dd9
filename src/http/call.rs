//! One authorised request on its way to a use case.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

use super::body::BodyHash;
use super::idempotency::{Kept, Key, answered, once};
use super::problem::{Problem, TraceId};
use super::resource::{IfMatch, Made, Resource, Settled, etag};
use crate::app::App;
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::types::Sha256;
use crate::error::{Code, Error};

/// What a handler answers.
pub type Answer = Result<HttpResponse, Error>;

/// Who asks, for what, and the means to do it. A handler that takes a `Call` is reached only by those whose role the
/// policy lets through.
#[derive(Clone)]
pub struct Call {
    /// The application.
    pub app: web::Data<App>,
    /// Who asks.
    pub actor: Actor,
    request: HttpRequest,
    about_people: bool,
}

impl FromRequest for Call {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    /// [`guard`](crate::auth::guard::guard) has let the request through, or there is nobody to call for.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let actor = request.extensions().get::<Actor>().cloned();
        ready(match (app, actor) {
            (Some(app), Some(actor)) => Ok(Self { app, actor, request: request.clone(), about_people: false }),
            _ => Err(Code::Unauthenticated.into()),
        })
    }
}

impl Call {
    /// The versions an edit is meant for, when the client says so.
    pub fn if_match(&self) -> Option<IfMatch> {
        Some(IfMatch::parse(self.request.headers().get(IF_MATCH)?.to_str().unwrap_or_default()))
    }

    /// A header of the request.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// What is done changes who may do what: sessions are looked up anew afterwards.
    #[must_use]
    pub fn about_people(mut self) -> Self {
        self.about_people = true;
        self
    }

    /// Says what came with the request when it was no JSON, so that `Idempotency-Key` tells two files apart.
    pub fn came_with(&self, sent: Sha256) {
        self.request.extensions_mut().insert(BodyHash(sent));
    }

    /// Answers with what a use case found.
    ///
    /// # Errors
    /// The use case's.
    pub async fn read<T, F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<T, Error> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        let actor = self.actor;
        let found = self.app.db.read(move |conn| work(conn, &actor)).await?;
        Ok(HttpResponse::Ok().json(found))
    }

    /// [`Call::read`] for what may take long.
    ///
    /// # Errors
    /// The use case's.
    pub async fn report<T, F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<T, Error> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        let actor = self.actor;
        let found = self.app.db.report(move |conn| work(conn, &actor)).await?;
        Ok(HttpResponse::Ok().json(found))
    }

    /// Answers with one record and its ETag; 304 when the client has that version.
    ///
    /// # Errors
    /// The use case's.
    pub async fn show<T, F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<T, Error> + Send + 'static,
        T: Resource + Send + 'static,
    {
        let actor = self.actor;
        let record = self.app.db.read(move |conn| work(conn, &actor)).await?;
        let Some(tag) = record.version().map(etag) else { return Ok(HttpResponse::Ok().json(record)) };
        let known = self.request.headers().get(IF_NONE_MATCH).and_then(|header| header.to_str().ok());
        let known = known.is_some_and(|header| {
            header.trim() == "*" || header.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
        });
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((ETAG, tag));
        Ok(if known { response.finish() } else { response.json(record) })
    }

    /// Does a use case that changes something, once for each `Idempotency-Key`, and answers 200 with what it gives.
    ///
    /// # Errors
    /// The use case's.
    pub async fn write<T, F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<T, Error> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        self.perform(move |conn, actor| Kept::new(StatusCode::OK, &work(conn, actor)?)).await
    }

    /// [`Call::write`] for one record: with its ETag.
    ///
    /// # Errors
    /// The use case's.
    pub async fn edit<T, F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<T, Error> + Send + 'static,
        T: Resource + Send + 'static,
    {
        self.perform(move |conn, actor| Kept::of(StatusCode::OK, &work(conn, actor)?)).await
    }

    /// [`Call::write`] that makes a record: 201 with its address, or 200 when the client had made it before.
    ///
    /// # Errors
    /// The use case's.
    pub async fn create<T, F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<Made<T>, Error> + Send + 'static,
        T: Resource + Send + 'static,
    {
        self.perform(move |conn, actor| match work(conn, actor)? {
            Made::New(record) => Kept::of(StatusCode::CREATED, &record),
            Made::Already(record) => Kept::of(StatusCode::OK, &record),
        })
        .await
    }

    /// [`Call::create`] of a record with members that are told once and kept nowhere: a request that is repeated is answered
    /// without them.
    ///
    /// # Errors
    /// The use case's.
    pub async fn create_and_tell<T, F>(self, once: Map<String, Value>, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<Made<T>, Error> + Send + 'static,
        T: Resource + Send + 'static,
    {
        let mut kept = self
            .keep(move |conn, actor| match work(conn, actor)? {
                Made::New(record) => Kept::of(StatusCode::CREATED, &record),
                Made::Already(record) => Kept::of(StatusCode::OK, &record),
            })
            .await?;
        if kept.status == StatusCode::CREATED && !kept.replayed {
            let mut body: Map<String, Value> = serde_json::from_str(&kept.body)?;
            body.extend(once);
            kept.body = serde_json::to_string(&body)?;
        }
        Ok(told(kept))
    }

    /// [`Call::create`] of something that is only begun with the answer: 202.
    ///
    /// # Errors
    /// The use case's.
    pub async fn accept<T, F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<Made<T>, Error> + Send + 'static,
        T: Resource + Send + 'static,
    {
        self.perform(move |conn, actor| match work(conn, actor)? {
            Made::New(record) => Kept::of(StatusCode::ACCEPTED, &record),
            Made::Already(record) => Kept::of(StatusCode::OK, &record),
        })
        .await
    }

    /// [`Call::create`] of something that may come too late: the refusal is an answer, and what was written stays.
    ///
    /// # Errors
    /// The use case's.
    pub async fn settle<T, F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<Settled<T>, Error> + Send + 'static,
        T: Resource + Send + 'static,
    {
        let (path, trace_id) = (self.request.path().to_owned(), self.trace_id());
        self.perform(move |conn, actor| match work(conn, actor)? {
            Settled::Done(Made::New(record)) => Kept::of(StatusCode::CREATED, &record),
            Settled::Done(Made::Already(record)) => Kept::of(StatusCode::OK, &record),
            Settled::Lost(refusal) => {
                Kept::new(refusal.code.status(), &Problem::new(&refusal, actor.language(), &path, &trace_id))
            }
        })
        .await
    }

    /// [`Call::write`] that has nothing to tell: 204.
    ///
    /// # Errors
    /// The use case's.
    pub async fn done<F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<(), Error> + Send + 'static,
    {
        self.perform(move |conn, actor| {
            work(conn, actor)?;
            Ok(Kept::nothing())
        })
        .await
    }

    /// The answer this request had before under its `Idempotency-Key`, for use cases that look at things before they write.
    ///
    /// # Errors
    /// `idempotency_key_reused`, `idempotency_key_invalid`
    pub async fn answered_before(&self) -> Result<Option<HttpResponse>, Error> {
        let Some(key) = self.key()? else { return Ok(None) };
        let actor = self.actor.clone();
        let kept = self.app.db.read(move |conn| answered(conn, &actor, &key)).await?;
        Ok(kept.map(told))
    }

    /// Refuses, unless this request was answered meanwhile: a twin of it, sent to another instance, may have done between
    /// the two looks what it is refused for now.
    ///
    /// # Errors
    /// `refusal`, and those of [`Call::answered_before`].
    pub async fn refused_or_answered(&self, refusal: Error) -> Answer {
        self.answered_before().await?.ok_or(refusal)
    }

    async fn perform<F>(self, work: F) -> Answer
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<Kept, Error> + Send + 'static,
    {
        self.keep(work).await.map(told)
    }

    async fn keep<F>(self, work: F) -> Result<Kept, Error>
    where
        F: Fn(&mut DbConnection, &Actor) -> Result<Kept, Error> + Send + 'static,
    {
        let key = self.key()?;
        let Self { app, actor, about_people, .. } = self;
        let kept = app
            .db
            .write(move |conn| match &key {
                Some(key) => once(conn, &actor, key, |conn| work(conn, &actor)),
                None => work(conn, &actor),
            })
            .await?;
        app.wrote();
        if about_people {
            app.present.forget();
        }
        Ok(kept)
    }

    /// The `Idempotency-Key` and what came with it. The body was read before: extractors run in order.
    fn key(&self) -> Result<Option<Key>, Error> {
        let request = &self.request;
        let Some(header) = request.headers().get("idempotency-key") else { return Ok(None) };
        let extensions = request.extensions();
        let body = extensions.get::<BodyHash>().map_or_else(|| Sha256::of([]), |hash| hash.0);
        let asked = format!("{} {}\n{body}", request.method(), request.uri());
        let path = request.path().to_owned();
        Key::parse(header.as_bytes(), Sha256::of(asked), self.actor.language(), path, self.trace_id()).map(Some)
    }

    fn trace_id(&self) -> String {
        self.request.extensions().get::<TraceId>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

/// An answer with what was found.
pub fn found(value: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(value)
}

fn told(kept: Kept) -> HttpResponse {
    let mut response = HttpResponse::build(kept.status);
    if let Some(location) = kept.location {
        response.insert_header((LOCATION, location));
    }
    if let Some(tag) = kept.etag {
        response.insert_header((ETAG, tag));
    }
    if kept.replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    if kept.status == StatusCode::NO_CONTENT {
        return response.finish();
    }
    let problem = kept.status.is_client_error();
    response.insert_header((CONTENT_TYPE, if problem { "application/problem+json" } else { "application/json" }));
    response.body(kept.body)
}
