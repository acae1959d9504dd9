//! `/Q/{code}` and `/t/{token}`: pages for people who are no users of ours. They stand outside `/api/v1`, need no login and
//! no script, and tell the same of a code that nobody knows as of one that was revoked.

use std::net::IpAddr;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER, VARY,
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};

use super::frame::{self, Frame};
use super::page::{self, Form, Situation};
use super::words::Words;
use super::{stamp, track};
use crate::app::App;
use crate::auth::guard;
use crate::codes::LabelCode;
use crate::error::codes::fill;
use crate::error::{Code, Error, Refusal};
use crate::http::call::Answer;
use crate::http::problem::language_asked;
use crate::provider::{self, Provider};
use crate::words::Language;

/// The pages. Codes are printed in upper case; people type them as they like.
pub fn configure(config: &mut web::ServiceConfig) {
    let device = web::resource("/{q:[Qq]}/{code}").get(show_device).head(show_device);
    let reports = web::resource("/{q:[Qq]}/{code}/reports").get(back_to_device).post(send);
    let report = web::resource("/t/{token}").get(show_report).head(show_report);
    config
        .service(device.default_service(only("GET, HEAD")))
        .service(reports.default_service(only("GET, POST")))
        .service(report.default_service(only("GET, HEAD")));
}

/// Refuses all other methods of an address.
pub fn only(methods: &'static str) -> actix_web::Route {
    web::to(move || async move {
        Err::<HttpResponse, Error>(Refusal::from(Code::MethodNotAllowed).and("allow", methods).into())
    })
}

type Data = web::Data<App>;
type CodePath = web::Path<(String, String)>;

/// Somebody who has scanned a label, or typed what stands on it.
pub(super) struct Visitor {
    pub(super) app: Data,
    pub(super) request: HttpRequest,
    pub(super) address: Option<IpAddr>,
    pub(super) code: Option<LabelCode>,
}

/// The page of the device behind a label. An app that asks for JSON with somebody's token is sent to the full card.
async fn show_device(app: Data, request: HttpRequest, path: CodePath) -> Answer {
    let visitor = Visitor::new(app, request, &path.1);
    if visitor.is_an_app() { visitor.to_card().await } else { visitor.told(visitor.device().await).await }
}

/// Somebody loads the answer to a form anew.
async fn back_to_device(app: Data, request: HttpRequest, path: CodePath) -> Answer {
    let visitor = Visitor::new(app, request, &path.1);
    let query = visitor.request.query_string();
    let code = visitor.code.map(|code| code.to_string()).unwrap_or_else(|| "-".to_owned());
    Ok(see_other(&if query.is_empty() { format!("/Q/{code}") } else { format!("/Q/{code}?{query}") }))
}

/// A report: as a form from the page, or as JSON.
async fn send(app: Data, request: HttpRequest, path: CodePath, payload: web::Payload) -> Answer {
    let visitor = Visitor::new(app, request, &path.1);
    match visitor.request.content_type() {
        "application/json" => visitor.take_json(payload).await,
        "multipart/form-data" => {
            let form = Multipart::new(visitor.request.headers(), payload);
            visitor.told(visitor.take_form(form).await).await
        }
        _ => Err(Code::UnsupportedMediaType
            .with([("expected", "application/json, multipart/form-data".to_owned())])
            .into()),
    }
}

/// What became of a report.
async fn show_report(app: Data, request: HttpRequest, token: web::Path<String>) -> Answer {
    let visitor = Visitor::new(app, request, "");
    visitor.told(visitor.report(&token).await).await
}

impl Visitor {
    fn new(app: Data, request: HttpRequest, code: &str) -> Self {
        let address = guard::address(&app, &request);
        Self { code: code.parse().ok(), app, request, address }
    }

    fn is_an_app(&self) -> bool {
        let headers = self.request.headers();
        let accepts = headers.get(ACCEPT).and_then(|header| header.to_str().ok()).unwrap_or_default();
        headers.contains_key(AUTHORIZATION) && accepts.contains("application/json")
    }

    async fn to_card(&self) -> Answer {
        guard::authenticate(&self.request).await?;
        let code = self.code.ok_or(Code::CodeNotFound)?;
        Ok(see_other(&format!("/api/v1/scan/{code}")))
    }

    /// The language chosen on a page, else the browser's.
    fn language_asked(&self) -> Option<Language> {
        language_chosen(&self.request)
    }

    /// The language asked for, else the company's, else that of the house.
    pub(super) fn language(&self, situation: Option<&Situation>) -> Language {
        let company = || situation.and_then(|situation| situation.device.company.language);
        self.language_asked().or_else(company).unwrap_or_else(|| self.app.house_language.get())
    }

    /// What is known of the label. Who asks for too many that lead nowhere is told nothing for a while, whatever they ask.
    pub(super) async fn look(&self) -> Result<(Option<Provider>, Option<Situation>), Error> {
        self.app.misses.must_wait(self.address)?;
        let (code, now) = (self.code, self.app.clock.now());
        let (ours, situation) = self.app.db.read(move |conn| page::look(conn, code, now)).await?;
        if situation.is_none() {
            self.app.misses.count(self.address);
        }
        Ok((ours, situation))
    }

    async fn device(&self) -> Answer {
        let (ours, situation) = self.look().await?;
        let frame = Frame::new(self.language(situation.as_ref()), ours.as_ref(), true);
        let (Some(code), Some(situation)) = (self.code, situation) else { return nothing(&frame) };
        let form = Form::empty(stamp::new(&self.app.keys, code, self.app.clock.now()));
        Ok(html(StatusCode::OK, &frame, page::device(&frame, ours.as_ref(), code, &situation, &form)?))
    }

    async fn report(&self, token: &str) -> Answer {
        let found = match track::read(&self.app.keys, token) {
            None => None,
            Some(id) => Some(self.app.db.read(move |conn| track::progress(conn, id)).await?),
        };
        let ours = self.app.db.read(provider::known).await?;
        let house = || self.app.house_language.get();
        let own = found.as_ref().map(|progress| progress.report.language);
        let frame = Frame::new(self.language_asked().or(own).unwrap_or_else(house), ours.as_ref(), true);
        match found {
            Some(progress) => Ok(html(StatusCode::OK, &frame, page::track(&frame, ours.as_ref(), &progress)?)),
            None => {
                let Words { no_report, no_report_more, .. } = Words::of(frame.language());
                let page = frame::message(&frame, no_report, vec![no_report_more.to_owned()])?;
                Ok(html(StatusCode::NOT_FOUND, &frame, page))
            }
        }
    }

    /// The answer, or a page about why there is none: people read no JSON.
    async fn told(&self, answer: Answer) -> Answer {
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let ours = self.app.db.read(provider::known).await.ok().flatten();
        let frame = Frame::new(self.language(None), ours.as_ref(), false);
        if error.code() == Code::CodeNotFound { nothing(&frame) } else { refused(&frame, &error) }
    }
}

/// The language chosen on a page, else the browser's.
pub fn language_chosen(request: &HttpRequest) -> Option<Language> {
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let chosen = query.filter(|(name, _)| name == "lang").find_map(|(_, value)| value.parse().ok());
    chosen.or_else(|| language_asked(request))
}

/// A page about why there is no answer.
///
/// # Errors
/// When a template is broken: our fault.
pub fn refused(frame: &Frame, error: &Error) -> Answer {
    if error.code() == Code::Internal {
        tracing::error!(cause = %error, "a page failed");
    }
    let (language, words) = (frame.language(), Words::of(frame.language()));
    let seconds = seconds(error);
    let refusal = error.refusal();
    let (title, sentence) = match refusal.code {
        Code::RateLimited => {
            (words.too_many, words.too_many_more.replace("{minutes}", &seconds.div_ceil(60).to_string()))
        }
        Code::Internal | Code::Busy => (words.broken, words.broken_more.to_owned()),
        code => (code.title(language), fill(code.advice(language), &refusal.params)),
    };
    let mut response = html(refusal.code.status(), frame, frame::message(frame, title, vec![sentence])?);
    if matches!(refusal.code, Code::RateLimited | Code::Busy) {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// The same for whatever leads nowhere, to the byte.
pub(super) fn nothing(frame: &Frame) -> Answer {
    let Words { nothing, nothing_more, nothing_to_do, .. } = Words::of(frame.language());
    let page = frame::message(frame, nothing, vec![nothing_more.to_owned(), nothing_to_do.to_owned()])?;
    Ok(html(StatusCode::NOT_FOUND, frame, page))
}

pub(super) fn seconds(error: &Error) -> u64 {
    let refusal = error.refusal();
    let seconds = refusal.params.iter().find(|(name, _)| *name == "seconds");
    seconds.and_then(|(_, seconds)| seconds.parse().ok()).unwrap_or(1)
}

/// Sends a browser elsewhere.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// A page as browsers get it.
pub fn html(status: StatusCode, frame: &Frame, page: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_LANGUAGE, frame.language().as_str()))
        .insert_header((CONTENT_SECURITY_POLICY, frame::POLICY.as_str()))
        .insert_header((VARY, "Accept-Language"))
        .insert_header(("X-Robots-Tag", "noindex, nofollow"))
        .body(page)
}
