//! `/print-forms`

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::Serialize;

use super::form::{self, Form, FormError, MOST_BYTES, file_name, is_form_file, kind_of, shipped};
use super::{Printer, pdf, samples};
use crate::acts::phrases;
use crate::db::page::Page;
use crate::db::types::Sha256;
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Call, body};
use crate::words::Language;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_forms).service(get_form).service(put_form).service(reset_form).service(preview_form);
}

/// A file of the print forms.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FormFile {
    /// Its name.
    pub file: String,
    /// Its hash.
    pub sha256: Sha256,
    /// Whether it differs from the one that came with the program.
    pub edited: bool,
    /// The first mistake in it, if it has one.
    pub mistake: Option<Mistake>,
}

/// A mistake in a form.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1.
    #[schema(minimum = 1)]
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// The files of the print forms, each tried with sample data.
#[utoipa::path(tag = "print forms", responses((status = 200, description = "The files", body = Page<FormFile>), Problems))]
#[get("/print-forms")]
async fn list_forms(call: Call) -> Answer {
    let printer = call.app.printer.clone();
    let files = tokio::task::spawn_blocking(move || list(&printer)).await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok().json(Page::all(files)))
}

/// A file of the print forms, as it is.
#[utoipa::path(tag = "print forms", params(("file" = String, Path, description = "Its name, such as act.ru.xml.j2 or logo.png", max_length = 100)), responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"), Problems))]
#[get("/print-forms/{file}")]
async fn get_form(call: Call, file: web::Path<String>) -> Answer {
    let bytes = read(&call.app.printer, &file)?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/octet-stream")).body(bytes))
}

/// Replace a file of the print forms. One with a mistake is refused with the file, the line and the reason.
#[utoipa::path(tag = "print forms", params(("file" = String, Path, description = "Its name, such as act.ru.xml.j2 or logo.png", max_length = 100)), request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file, at most 2 MiB"), responses((status = 204, description = "Replaced"), Problems))]
#[put("/print-forms/{file}")]
async fn put_form(
    call: Call,
    file: web::Path<String>,
    request: actix_web::HttpRequest,
    payload: web::Payload,
) -> Answer {
    let file = file.into_inner();
    must_be_form_file(&file)?;
    let bytes = body::read(&request, payload.into_inner(), MOST_BYTES).await?;
    let printer = call.app.printer.clone();
    let before = std::fs::read(printer.folder().join(&file)).ok().map(Sha256::of);
    let after = Sha256::of(&bytes);
    let name = file.clone();
    tokio::task::spawn_blocking(move || keep(&printer, &name, &bytes)).await.map_err(Error::internal)??;
    phrases::look(&call.app).await?;
    call.done(move |conn, actor| {
        let event = Event::of("print_form.changed", "print_form", uuid::Uuid::nil());
        history::record(conn, actor, event.after(serde_json::json!({"file": file, "before": before, "after": after})))
    })
    .await
}

/// Put a file back as it came with the program; take off one that did not come with it.
#[utoipa::path(tag = "print forms", params(("file" = String, Path, description = "Its name", max_length = 100)), responses((status = 204, description = "Put back"), Problems))]
#[delete("/print-forms/{file}")]
async fn reset_form(call: Call, file: web::Path<String>) -> Answer {
    let file = file.into_inner();
    let bytes = read(&call.app.printer, &file)?;
    let path = call.app.printer.folder().join(&file);
    match shipped(&file) {
        Some(original) => std::fs::write(path, original),
        None => std::fs::remove_file(path),
    }
    .map_err(Error::internal)?;
    phrases::look(&call.app).await?;
    call.done(move |conn, actor| {
        let event = Event::of("print_form.reset", "print_form", uuid::Uuid::nil());
        history::record(conn, actor, event.after(serde_json::json!({"file": file, "before": Sha256::of(&bytes)})))
    })
    .await
}

/// Print a form with sample data: the one in the body, or, with an empty body, the one that is kept.
#[utoipa::path(tag = "print forms", params(("file" = String, Path, description = "A form, such as act.ru.xml.j2", max_length = 100)), request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The form to try, or nothing"), responses((status = 200, description = "The sample", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[post("/print-forms/{file}/preview")]
async fn preview_form(
    call: Call,
    file: web::Path<String>,
    request: actix_web::HttpRequest,
    payload: web::Payload,
) -> Answer {
    let file = file.into_inner();
    must_be_form_file(&file)?;
    let bytes = body::read(&request, payload.into_inner(), MOST_BYTES).await?;
    let (printer, now) = (call.app.printer.clone(), call.actor.now());
    let printed = tokio::task::spawn_blocking(move || {
        let form = loaded(&printer, &file, (!bytes.is_empty()).then_some(&bytes))?;
        pdf::write(&samples::try_form(&printer, &form)?, printer.fonts(), now)
    });
    let bytes = printed.await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/pdf")).body(bytes))
}

fn must_be_form_file(file: &str) -> Result<(), Error> {
    if is_form_file(file) { Ok(()) } else { Err(Code::NotFound.into()) }
}

fn read(printer: &Printer, file: &str) -> Result<Vec<u8>, Error> {
    must_be_form_file(file)?;
    std::fs::read(printer.folder().join(file)).map_err(|_| Code::NotFound.into())
}

fn list(printer: &Printer) -> Result<Vec<FormFile>, Error> {
    let mut names: Vec<String> = std::fs::read_dir(printer.folder())
        .map_err(Error::internal)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_form_file(name))
        .collect();
    names.sort();
    let file = |name: String| {
        let bytes = read(printer, &name)?;
        let edited = shipped(&name).is_none_or(|original| original != bytes);
        let tried =
            kind_of(&name).map(|_| loaded(printer, &name, None).and_then(|form| samples::try_form(printer, &form)));
        let mistake = tried.and_then(Result::err).map(|error| mistake(&error, &name));
        Ok(FormFile { sha256: Sha256::of(&bytes), file: name, edited, mistake })
    };
    names.into_iter().map(file).collect()
}

fn mistake(error: &Error, name: &str) -> Mistake {
    let refusal = error.refusal();
    let text = |member: &str| refusal.extra.get(member).and_then(serde_json::Value::as_str).map(str::to_owned);
    let line =
        refusal.extra.get("line").and_then(serde_json::Value::as_u64).and_then(|line| usize::try_from(line).ok());
    Mistake {
        file: text("file").unwrap_or_else(|| name.to_owned()),
        line: line.unwrap_or(1),
        reason: text("reason").unwrap_or_else(|| refusal.code.to_string()),
    }
}

/// A form with a file of it perhaps replaced. A file that several forms share is tried through the act's.
fn loaded(printer: &Printer, file: &str, bytes: Option<&Vec<u8>>) -> Result<Form, Error> {
    let (kind, language) = kind_of(file).unwrap_or((form::Kind::Act, Language::Ru));
    let form = printer.form(kind, language);
    match bytes {
        None => form,
        Some(bytes) => {
            // The form so far may be the broken one that is being mended.
            let form = form.or_else(|_| Ok::<_, Error>(Form::empty(file_name(kind, language))))?;
            Ok(form.with_template(printer.folder(), file, bytes)?)
        }
    }
}

/// Tries a file, and puts it in its place when it works.
fn keep(printer: &Printer, file: &str, bytes: &[u8]) -> Result<(), Error> {
    let wrong = |reason: &str| Error::from(FormError { file: file.to_owned(), line: 1, reason: reason.to_owned() });
    if file.ends_with(".xml.j2") {
        if kind_of(file).is_some() {
            samples::try_form(printer, &loaded(printer, file, Some(&bytes.to_vec()))?)?;
        } else {
            // Shared by all: each must still print.
            for kind in form::Kind::ALL {
                for language in Language::ALL {
                    let form = printer.form(*kind, *language)?;
                    if form.uses(file) {
                        samples::try_form(printer, &form.with_template(printer.folder(), file, bytes)?)?;
                    }
                }
            }
        }
    } else {
        let format = image::guess_format(bytes).map_err(|_| wrong("it is neither PNG nor JPEG"))?;
        crate::files::picture::unpack(bytes, format).map_err(|_| wrong("it is too large or broken"))?;
    }
    let folder = printer.folder();
    let beside = folder.join(format!(".{file}.new"));
    std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, folder.join(file))).map_err(Error::internal)
}
