//! Reports at the door: read, looked at, kept; or given back to whoever sent them, with every word they wrote.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, web};
use serde_json::json;
use tokio::sync::Semaphore;

use super::door::{Visitor, html, nothing, seconds, see_other};
use super::form::{self, Draft};
use super::frame::Frame;
use super::limits::{self, Subjects};
use super::page::{self, Form, Situation};
use super::report::{NewReport, Sender};
use super::stamp::{self, Age};
use super::words::{Complaint, Words};
use super::{Report, ReportId, echo, number, report, track};
use crate::auth::guard;
use crate::codes::LabelCode;
use crate::error::{Code, Error};
use crate::files::picture::Checked;
use crate::http::call::Answer;
use crate::http::problem::language_asked;
use crate::http::{Made, body};
use crate::provider::Provider;
use crate::tickets::attachments::KeptPicture;
use crate::words::Language;

/// Forms that are read at the same time: strangers send them, and each may hold thirty megabytes of pictures.
static PLACES: Semaphore = Semaphore::const_new(8);
/// How long one may take: a phone with a poor connection needs its time, and nobody else's.
const LONGEST_UPLOAD: Duration = Duration::from_secs(180);

impl Visitor {
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

    pub(super) async fn take_json(&self, payload: web::Payload) -> Answer {
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

    pub(super) async fn take_form(&self, form: Multipart) -> Answer {
        let _place = PLACES.try_acquire().map_err(|_| Error::Busy)?;
        let read = tokio::time::timeout(LONGEST_UPLOAD, form::read(form)).await;
        let mut draft = read.map_err(|_| Code::RequestTimeout)??;
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
