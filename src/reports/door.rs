//! `/Q/{code}` and `/t/{token}`: pages for people who are no users of ours. They stand outside `/api/v1`, need no login and
//! no script, and tell the same of a code that nobody knows as of one that was revoked.

use std::net::IpAddr;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER, VARY,
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::json;

use super::form::{self, Draft};
use super::limits::{self, Subjects};
use super::page::{self, Form, Frame, Situation};
use super::report::{NewReport, Sender};
use super::stamp::{self, Age};
use super::words::{Complaint, Words};
use super::{Report, ReportId, echo, number, report, track};
use crate::app::App;
use crate::auth::guard;
use crate::codes::LabelCode;
use crate::error::codes::fill;
use crate::error::{Code, Error, Refusal};
use crate::files::picture::Checked;
use crate::http::call::Answer;
use crate::http::problem::language_asked;
use crate::http::{Made, body};
use crate::provider::{self, Provider};
use crate::tickets::attachments::KeptPicture;
use crate::words::Language;

/// The pages. Codes are printed in upper case; people type them as they like.
pub fn configure(config: &mut web::ServiceConfig) {
    let only = |methods: &'static str| {
        web::to(move || async move {
            Err::<HttpResponse, Error>(Refusal::from(Code::MethodNotAllowed).and("allow", methods).into())
        })
    };
    let device = web::resource("/{q:[Qq]}/{code}").get(show_device).head(show_device);
    let reports = web::resource("/{q:[Qq]}/{code}/reports").get(back_to_device).post(send);
    let report = web::resource("/t/{token}").get(show_report).head(show_report);
    config
        .service(device.default_service(only("GET, HEAD")))
        .service(reports.default_service(only("GET, POST")))
        .service(report.default_service(only("GET, HEAD")));
}

type Data = web::Data<App>;
type CodePath = web::Path<(String, String)>;

/// Somebody who has scanned a label, or typed what stands on it.
struct Visitor {
    app: Data,
    request: HttpRequest,
    address: Option<IpAddr>,
    code: Option<LabelCode>,
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
        let query = form_urlencoded::parse(self.request.query_string().as_bytes());
        let chosen = query.filter(|(name, _)| name == "lang").find_map(|(_, value)| value.parse().ok());
        chosen.or_else(|| language_asked(&self.request))
    }

    /// The language asked for, else the company's, else that of the house.
    fn language(&self, situation: Option<&Situation>) -> Language {
        let company = || situation.and_then(|situation| situation.device.company.language);
        self.language_asked().or_else(company).unwrap_or_else(|| self.app.house_language.get())
    }

    /// What is known of the label. Who asks for too many that lead nowhere is told nothing for a while, whatever they ask.
    async fn look(&self) -> Result<(Option<Provider>, Option<Situation>), Error> {
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
                let page = page::message(&frame, no_report, vec![no_report_more.to_owned()])?;
                Ok(html(StatusCode::NOT_FOUND, &frame, page))
            }
        }
    }

    fn sender(&self, language: Language, subjects: Subjects) -> Sender {
        let origin = guard::origin(&self.app, &self.request);
        Sender { language, now: self.app.clock.now(), origin, subjects }
    }

    fn subjects(&self, code: LabelCode, new: &NewReport) -> Subjects {
        let keys = &self.app.keys;
        Subjects::new(keys, self.address, code).calling_from(keys, new.phone.as_ref())
    }

    async fn keep(
        &self,
        language: Language,
        code: LabelCode,
        new: NewReport,
        pictures: Vec<KeptPicture>,
    ) -> Result<Made<Report>, Error> {
        let sender = self.sender(language, self.subjects(code, &new));
        let made = self.app.db.write(move |conn| report::report(conn, &sender, code, &new, &pictures)).await?;
        self.app.wrote();
        Ok(made)
    }

    async fn take_json(&self, payload: web::Payload) -> Answer {
        let bytes = body::read(&self.request, payload.into_inner(), body::LIMIT).await?;
        let new: NewReport = body::parse(&bytes)?;
        let (_, situation) = self.look().await?;
        let (Some(code), Some(situation)) = (self.code, situation) else { return Err(Code::CodeNotFound.into()) };
        let (status, report) = match self.keep(self.language(Some(&situation)), code, new, Vec::new()).await? {
            Made::New(report) => (StatusCode::CREATED, report),
            Made::Already(report) => (StatusCode::OK, report),
        };
        let answer = json!({"number": number(report.number), "track_url": track::path(&self.app.keys, report.id)});
        Ok(HttpResponse::build(status).json(answer))
    }

    async fn take_form(&self, form: Multipart) -> Answer {
        let mut draft = form::read(form).await?;
        let (ours, situation) = self.look().await?;
        let language = self.language(situation.as_ref());
        let frame = Frame::new(language, ours.as_ref(), false);
        let (Some(code), Some(situation)) = (self.code, situation) else { return nothing(&frame) };
        let reply = Reply { frame, ours, situation, code };
        let age = stamp::read(&self.app.keys, code, &draft.stamp, self.app.clock.now());
        if age == Age::Unknown {
            draft.stamp = stamp::looked_at(&self.app.keys, code, self.app.clock.now());
        }
        let by_hand = draft.trap.is_empty() && (age == Age::Fine || draft.same && age == Age::TooQuick);
        if !by_hand {
            return reply
                .again(StatusCode::UNPROCESSABLE_ENTITY, reply.form(&draft, &[]).saying(reply.words().check_and_send));
        }
        if draft.same {
            return self.take_echo(&reply, &draft).await;
        }
        let new = match draft.looked_at() {
            Ok(new) => new,
            Err(complaints) => return reply.refused(&draft, &complaints),
        };
        let subjects = self.subjects(code, &new);
        let now = self.app.clock.now();
        let asked = subjects.clone();
        if let Err(error) = self.app.db.read(move |conn| limits::must_wait(conn, &asked, now)).await {
            return self.not_kept(error, reply, &draft).await;
        }
        let photos = std::mem::take(&mut draft.photos);
        let pictures = match web::block(move || form::unpacked(photos)).await.map_err(Error::internal)? {
            Ok(checked) => self.kept(checked).await?,
            Err(complaint) => {
                // Looking at pictures is what costs us most: doing it in vain counts like a report.
                self.app.db.write(move |conn| limits::count(conn, &subjects, now)).await?;
                return reply.refused(&draft, &[complaint]);
            }
        };
        match self.keep(language, code, new, pictures).await {
            Ok(Made::New(report) | Made::Already(report)) => Ok(self.to_report(&report, language)),
            Err(error) => self.not_kept(error, reply, &draft).await,
        }
    }

    async fn kept(&self, checked: Vec<Checked>) -> Result<Vec<KeptPicture>, Error> {
        let side = |side: Option<u32>| side.and_then(|side| i32::try_from(side).ok());
        let mut pictures = Vec::with_capacity(checked.len());
        for Checked { bytes, media_type, size } in checked {
            let weight = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            pictures.push(KeptPicture {
                file_sha256: self.app.files.keep(bytes).await?,
                media_type: media_type.to_owned(),
                size: weight,
                width: side(size.map(|(width, _)| width)),
                height: side(size.map(|(_, height)| height)),
            });
        }
        Ok(pictures)
    }

    /// Shows somebody whose report was not taken why, with all they typed.
    async fn not_kept(&self, error: Error, reply: Reply, draft: &Draft) -> Answer {
        let words = reply.words();
        match error.code() {
            Code::AlreadyReported => {
                // The page must show the report that came between.
                let (ours, situation) = self.look().await?;
                let reply = Reply { ours, situation: situation.ok_or(Code::CodeNotFound)?, ..reply };
                reply.again(StatusCode::CONFLICT, reply.form(draft, &[]).saying(words.reported_meanwhile))
            }
            Code::Duplicate => {
                reply.again(StatusCode::CONFLICT, reply.form(draft, &[]).anew().saying(words.sent_before))
            }
            Code::RateLimited => {
                let seconds = seconds(&error);
                let wait = words.wait.replace("{minutes}", &seconds.div_ceil(60).to_string());
                let form = reply.form(draft, &[]).saying(words.or_call).saying(wait);
                let mut response = reply.again(StatusCode::TOO_MANY_REQUESTS, form)?;
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                Ok(response)
            }
            _ => Err(error),
        }
    }

    async fn take_echo(&self, reply: &Reply, draft: &Draft) -> Answer {
        let (language, code) = (reply.frame.language(), reply.code);
        let sender = self.sender(language, Subjects::new(&self.app.keys, self.address, code));
        let form = draft.report_id.unwrap_or_else(ReportId::new);
        let echoed = self.app.db.write(move |conn| echo::echo(conn, &sender, code, form)).await?;
        self.app.wrote();
        Ok(match echoed {
            Some(report) => self.to_report(&report, language),
            // Somebody has decided meanwhile: the page says what is so now.
            None => see_other(&format!("/Q/{code}?lang={language}")),
        })
    }

    fn to_report(&self, report: &Report, language: Language) -> HttpResponse {
        let path = track::path(&self.app.keys, report.id);
        let said = language_asked(&self.request) == Some(language);
        see_other(&if said { path } else { format!("{path}?lang={language}") })
    }

    /// The answer, or a page about why there is none: people read no JSON.
    async fn told(&self, answer: Answer) -> Answer {
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if error.code() == Code::Internal {
            tracing::error!(cause = %error, "a page failed");
        }
        let ours = self.app.db.read(provider::known).await.ok().flatten();
        let language = self.language(None);
        let (frame, words) = (Frame::new(language, ours.as_ref(), false), Words::of(language));
        if error.code() == Code::CodeNotFound {
            return nothing(&frame);
        }
        let seconds = seconds(&error);
        let refusal = error.refusal();
        let (title, sentence) = match refusal.code {
            Code::RateLimited => {
                (words.too_many, words.too_many_more.replace("{minutes}", &seconds.div_ceil(60).to_string()))
            }
            Code::Internal | Code::Busy => (words.broken, words.broken_more.to_owned()),
            code => (code.title(language), fill(code.advice(language), &refusal.params)),
        };
        let mut response = html(refusal.code.status(), &frame, page::message(&frame, title, vec![sentence])?);
        if matches!(refusal.code, Code::RateLimited | Code::Busy) {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        Ok(response)
    }
}

/// A form that comes back.
struct Reply {
    frame: Frame,
    ours: Option<Provider>,
    situation: Situation,
    code: LabelCode,
}

impl Reply {
    fn words(&self) -> Words {
        Words::of(self.frame.language())
    }

    fn form(&self, draft: &Draft, complaints: &[Complaint]) -> Form {
        Form::again(draft, self.frame.language(), complaints)
    }

    fn again(&self, status: StatusCode, form: Form) -> Answer {
        let page = page::device(&self.frame, self.ours.as_ref(), self.code, &self.situation, &form)?;
        Ok(html(status, &self.frame, page))
    }

    fn refused(&self, draft: &Draft, complaints: &[Complaint]) -> Answer {
        self.again(StatusCode::UNPROCESSABLE_ENTITY, self.form(draft, complaints))
    }
}

/// The same for whatever leads nowhere, to the byte.
fn nothing(frame: &Frame) -> Answer {
    let Words { nothing, nothing_more, nothing_to_do, .. } = Words::of(frame.language());
    let page = page::message(frame, nothing, vec![nothing_more.to_owned(), nothing_to_do.to_owned()])?;
    Ok(html(StatusCode::NOT_FOUND, frame, page))
}

fn seconds(error: &Error) -> u64 {
    let refusal = error.refusal();
    let seconds = refusal.params.iter().find(|(name, _)| *name == "seconds");
    seconds.and_then(|(_, seconds)| seconds.parse().ok()).unwrap_or(1)
}

fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

fn html(status: StatusCode, frame: &Frame, page: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_LANGUAGE, frame.language().as_str()))
        .insert_header((CONTENT_SECURITY_POLICY, page::POLICY.as_str()))
        .insert_header((VARY, "Accept-Language"))
        .insert_header(("X-Robots-Tag", "noindex, nofollow"))
        .body(page)
}
