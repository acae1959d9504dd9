//! `/verify`: the page behind the QR code of a document, and the place to drop a file on. Browsers get pages, programs that
//! ask for JSON get JSON. A code that leads nowhere is answered in the same shape as one that does.

use std::net::IpAddr;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;

use super::code::VerificationCode;
use super::file::{Looked, look};
use super::find::{Found, by_code, by_file};
use super::page::{self, Complaint};
use super::{Finding, Verdict};
use crate::app::App;
use crate::auth::guard;
use crate::error::{Code, Error, Flaw};
use crate::http::call::Answer;
use crate::http::places::Places;
use crate::http::{body, problem};
use crate::provider;
use crate::reports::door::{html, language_chosen, only, refused, see_other};
use crate::reports::frame::Frame;
use crate::reports::limits::network;
use crate::seal::key::pem;
use crate::seal::queries;
use crate::words::Language;

/// Files that one network may have checked in ten minutes.
pub const MOST_CHECKS: usize = 60;
/// Bytes a file may have.
const MOST_BYTES: usize = 16 << 20;
/// Bytes of the rest of the form.
const MOST_BESIDE: usize = 64 << 10;
/// How long one may take.
const LONGEST_UPLOAD: Duration = Duration::from_secs(120);

/// Places for files that are read at the same time: strangers send them, and a slow one must not close the form for
/// everybody.
pub fn places() -> Places<String> {
    Places::new(8, 2)
}

/// The pages. A QR code holds their address in capitals.
pub fn configure(config: &mut web::ServiceConfig) {
    let verify = "{verify:[Vv][Ee][Rr][Ii][Ff][Yy]}";
    let form = web::resource(format!("/{verify}")).get(show_form).head(show_form).post(check_file);
    let certificates = web::resource(format!("/{verify}/certificates.pem")).get(certificates).head(certificates);
    let document = web::resource(format!("/{verify}/{{code}}")).get(show_document).head(show_document);
    config
        .service(form.default_service(only("GET, HEAD, POST")))
        .service(certificates.default_service(only("GET, HEAD")))
        .service(document.default_service(only("GET, HEAD")));
}

/// Somebody with a paper or a file.
struct Visitor {
    app: web::Data<App>,
    request: HttpRequest,
    address: Option<IpAddr>,
}

/// The form; with a code that was typed, the way to its page.
async fn show_form(app: web::Data<App>, request: HttpRequest) -> Answer {
    let visitor = Visitor::new(app, request);
    let answer = visitor.form().await;
    visitor.told(answer).await
}

/// The page of a document.
async fn show_document(app: web::Data<App>, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let visitor = Visitor::new(app, request);
    let answer = visitor.document(&path.1).await;
    visitor.told(answer).await
}

/// A file to check.
async fn check_file(app: web::Data<App>, request: HttpRequest, payload: web::Payload) -> Answer {
    let form = Multipart::new(request.headers(), payload);
    let visitor = Visitor::new(app, request);
    let answer = visitor.file(form).await;
    visitor.told(answer).await
}

/// The certificates of all seals that were not revoked, for whoever checks without us.
async fn certificates(app: web::Data<App>) -> Answer {
    let all = app.db.read(queries::trusted).await?;
    let text: String = all.iter().filter_map(|one| pem(one)).collect();
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/x-pem-file"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"certificates.pem\""))
        .body(text))
}

impl Visitor {
    fn new(app: web::Data<App>, request: HttpRequest) -> Self {
        let address = guard::address(&app, &request);
        Self { app, request, address }
    }

    /// Programs say that they want JSON; browsers say that they want pages.
    fn wants_json(&self) -> bool {
        let accepts = self.request.headers().get(ACCEPT).and_then(|header| header.to_str().ok()).unwrap_or_default();
        accepts.contains("application/json") && !accepts.contains("text/html")
    }

    async fn frame(&self, document: Option<Language>, choice: bool) -> Result<Frame, Error> {
        let ours = self.app.db.read(provider::known).await?;
        let language = language_chosen(&self.request).or(document).unwrap_or_else(|| self.app.house_language.get());
        Ok(Frame::new(language, ours.as_ref(), choice))
    }

    async fn form(&self) -> Answer {
        let mut query = form_urlencoded::parse(self.request.query_string().as_bytes());
        let typed = query.find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
        let frame = self.frame(None, typed.is_none()).await?;
        let Some(typed) = typed else { return Ok(html(StatusCode::OK, &frame, page::empty(&frame, None, "")?)) };
        match typed.parse::<VerificationCode>() {
            Ok(code) => Ok(see_other(&format!("/verify/{code}?lang={}", frame.language()))),
            Err(_) => {
                let page = page::empty(&frame, Some(Complaint::Code), &typed)?;
                Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &frame, page))
            }
        }
    }

    async fn document(&self, code: &str) -> Answer {
        self.app.misses.must_wait(self.address)?;
        let found = match code.parse::<VerificationCode>() {
            Ok(code) => self.app.db.read(move |conn| by_code(conn, code)).await?,
            Err(_) => (Finding::unknown(None), None),
        };
        if found.0.verdict == Verdict::Unknown {
            self.app.misses.count(self.address);
        }
        self.answer(found, true).await
    }

    async fn file(&self, form: Multipart) -> Answer {
        self.app.checks.must_wait(self.address)?;
        self.app.checks.count(self.address);
        let place = self.app.check_places.take(self.address.map(network).unwrap_or_default()).ok_or(Error::Busy)?;
        let read = tokio::time::timeout(LONGEST_UPLOAD, read(form)).await;
        let Some(bytes) = read.map_err(|_| Code::RequestTimeout)?? else {
            if self.wants_json() {
                return Err(Error::field("file", Flaw::Required));
            }
            let frame = self.frame(None, false).await?;
            let page = page::empty(&frame, Some(Complaint::File), "")?;
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &frame, page));
        };
        // Whoever hangs up does not stop what was begun: the place is held until it is done.
        let looking = move || {
            let _place = place;
            look(&bytes)
        };
        let looked: Looked = web::block(looking).await.map_err(Error::internal)?;
        let found = self.app.db.read(move |conn| by_file(conn, &looked)).await?;
        self.answer(found, false).await
    }

    /// `choice` is whether the page may be asked for in another language, which what came of a form may not.
    async fn answer(&self, (finding, language): Found, choice: bool) -> Answer {
        let lost = finding.verdict == Verdict::Unknown && finding.file_sha256.is_none();
        let status = if lost { StatusCode::NOT_FOUND } else { StatusCode::OK };
        if self.wants_json() {
            return Ok(HttpResponse::build(status).insert_header((VARY, "Accept")).json(finding));
        }
        let frame = self.frame(language, choice).await?;
        let mut response = html(status, &frame, page::found(&frame, &finding)?);
        response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Language"));
        Ok(response)
    }

    /// The answer, or a page about why there is none: people read no JSON.
    async fn told(&self, answer: Answer) -> Answer {
        match answer {
            Err(error) if !self.wants_json() => refused(&self.frame(None, false).await?, &error),
            answer => answer,
        }
    }
}

/// Reads the form to its end: a browser that is cut off shows nothing of what we answer. Nothing when there is no file in it.
async fn read(mut form: Multipart) -> Result<Option<Vec<u8>>, Error> {
    let broken = |error: actix_multipart::MultipartError| Error::from(problem::of_form(&error));
    let (mut file, mut too_large, mut beside) = (Vec::new(), false, 0);
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let is_file = field.name() == Some("file");
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(broken)?;
            if is_file && !too_large && file.len() + chunk.len() <= MOST_BYTES {
                file.extend_from_slice(&chunk);
                continue;
            }
            too_large |= is_file;
            beside += chunk.len();
            // What is far too large is not worth the wait.
            if beside > if too_large { 2 * MOST_BYTES } else { MOST_BESIDE } {
                return Err(body::too_large(MOST_BYTES));
            }
        }
    }
    if too_large {
        return Err(body::too_large(MOST_BYTES));
    }
    Ok((!file.is_empty()).then_some(file))
}
