//! Reports at the door: read, looked at, kept; or given back to whoever sent them, with every word they wrote.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::{Visitor, html, nothing, seconds, see_other};
use super::form::{self, Draft};
use super::frame::Frame;
use super::limits::{self, Subjects, network};
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
use crate::http::idempotency::already_made;
use crate::http::places::Place;
use crate::http::problem::language_asked;
use crate::http::{Made, body};
use crate::provider::Provider;
use crate::tickets::attachments::KeptPicture;
use crate::words::Language;

/// How long one may take: a phone with a poor connection needs its time, and nobody else's.
const LONGEST_UPLOAD: Duration = Duration::from_secs(180);
/// Seconds after which somebody may try again when there was no room.
const ROOM_AFTER: u64 = 60;

/// Why a form became no report.
enum Unfit {
    /// A rule said no, or something broke.
    Report(Error),
    /// A picture is none that can be taken.
    Photo(Complaint),
}

impl From<Error> for Unfit {
    fn from(error: Error) -> Self {
        Self::Report(error)
    }
}

/// What a program sends when somebody has noticed a fault that is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Same {
    #[serde(rename = "same")]
    _same: bool,
    #[serde(default)]
    report_id: Option<ReportId>,
}

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
        let (_, situation) = self.look().await?;
        let (Some(code), Some(situation)) = (self.code, situation) else { return Err(Code::CodeNotFound.into()) };
        let language = self.language(Some(&situation));
        let bytes = body::read(&self.request, payload.into_inner(), body::LIMIT).await?;
        let same = |body: Value| body.get("same").and_then(Value::as_bool) == Some(true);
        let (status, report) = if serde_json::from_slice(&bytes).is_ok_and(same) {
            let Same { report_id, .. } = body::parse(&bytes)?;
            let echoed = self.echo(language, code, report_id).await?;
            (StatusCode::OK, echoed.ok_or(Code::NotFound)?)
        } else {
            match self.keep(language, code, body::parse(&bytes)?, Vec::new()).await? {
                Made::New(report) => (StatusCode::CREATED, report),
                Made::Already(report) => (StatusCode::OK, report),
            }
        };
        let answer = json!({"number": number(report.number), "track_url": track::path(&self.app.keys, report.id)});
        Ok(HttpResponse::build(status).json(answer))
    }

    pub(super) async fn take_form(&self, form: Multipart) -> Answer {
        let (ours, situation) = self.look().await?;
        let frame = Frame::new(self.language(situation.as_ref()), ours.as_ref(), false);
        let (Some(code), Some(situation)) = (self.code, situation) else { return nothing(&frame) };
        let (subjects, now) = (Subjects::new(&self.app.keys, self.address, code), self.app.clock.now());
        let waits = self.app.db.read(move |conn| limits::must_wait(conn, &subjects, now)).await.is_err();
        // Of who has to wait only the words are kept, to be given back: unless it turns out that they came before.
        let place =
            || if waits { None } else { self.app.report_places.take(self.address.map(network).unwrap_or_default()) };
        let read = tokio::time::timeout(LONGEST_UPLOAD, form::read(form, place)).await;
        let draft = read.map_err(|_| Code::RequestTimeout)??;
        self.take_draft(Reply { frame, ours, situation, code }, draft).await
    }

    async fn take_draft(&self, reply: Reply, mut draft: Draft) -> Answer {
        let now = self.app.clock.now();
        let age = stamp::read(&self.app.keys, reply.code, &draft.stamp, now);
        if age == Age::Unknown {
            draft.stamp = stamp::looked_at(&self.app.keys, reply.code, now);
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
        match self.make(&reply, &mut draft, new).await {
            Ok(report) => Ok(self.to_report(&report, reply.frame.language())),
            Err(Unfit::Photo(complaint)) => reply.refused(&draft, &[complaint]),
            Err(Unfit::Report(error)) => self.not_kept(error, reply, &draft).await,
        }
    }

    async fn make(&self, reply: &Reply, draft: &mut Draft, new: NewReport) -> Result<Report, Unfit> {
        let mut pictures = Vec::new();
        if !self.came_before(reply, &new).await? && draft.had_photos {
            let (checked, _place) = self.unpacked(reply, draft, &new).await?;
            // Somebody may have been quicker meanwhile: files that no report needs would stay for ever.
            if !self.came_before(reply, &new).await? {
                pictures = self.kept(checked).await?;
            }
        }
        match self.keep(reply.frame.language(), reply.code, new, pictures).await? {
            Made::New(report) | Made::Already(report) => Ok(report),
        }
    }

    /// Whether a report came before under its own id; refuses a new one that would not be taken.
    async fn came_before(&self, reply: &Reply, new: &NewReport) -> Result<bool, Error> {
        let (subjects, now) = (self.subjects(reply.code, new), self.app.clock.now());
        let (asset, own, another) = (reply.situation.device.asset.id, new.report_id, new.another);
        let known = self.app.db.read(move |conn| {
            // In this order a twin that is made between the two questions is not taken for a stranger's report.
            let welcome = report::must_be_welcome(conn, asset, &subjects, now, another);
            if already_made(conn, own)? { Ok(true) } else { welcome.map(|()| false) }
        });
        known.await
    }

    /// The pictures of a form, looked at and written anew, with the place that they take.
    async fn unpacked(
        &self,
        reply: &Reply,
        draft: &mut Draft,
        new: &NewReport,
    ) -> Result<(Vec<Checked>, Place<String>), Unfit> {
        let photos = std::mem::take(&mut draft.photos);
        let place = draft.place.take().ok_or(Error::Busy)?;
        let (subjects, now) = (self.subjects(reply.code, new), self.app.clock.now());
        self.app.db.write(move |conn| limits::count_photos(conn, &subjects, now)).await?;
        // The place goes along: the work goes on when the sender has hung up.
        let work = move || form::unpacked(photos).map(|checked| (checked, place));
        web::block(work).await.map_err(Error::internal)?.map_err(Unfit::Photo)
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
            Code::Busy => {
                let form = reply.form(draft, &[]).saying(words.busy);
                let mut response = reply.again(StatusCode::SERVICE_UNAVAILABLE, form)?;
                response.headers_mut().insert(RETRY_AFTER, ROOM_AFTER.into());
                Ok(response)
            }
            _ => Err(error),
        }
    }

    async fn echo(&self, language: Language, code: LabelCode, form: Option<ReportId>) -> Result<Option<Report>, Error> {
        let sender = self.sender(language, Subjects::new(&self.app.keys, self.address, code));
        let form = form.unwrap_or_else(ReportId::new);
        let echoed = self.app.db.write(move |conn| echo::echo(conn, &sender, code, form)).await?;
        self.app.wrote();
        Ok(echoed)
    }

    async fn take_echo(&self, reply: &Reply, draft: &Draft) -> Answer {
        let (language, code) = (reply.frame.language(), reply.code);
        Ok(match self.echo(language, code, draft.report_id).await? {
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
