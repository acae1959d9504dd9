//! `/problems/{kind}`: what a problem's `type` leads to (RFC 9457, 3.1.1). A page for people, in their language.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};

use super::problem;
use crate::error::{Code, Error};
use crate::words::Language;

/// The page of one kind of problem.
///
/// # Errors
/// `not_found`
pub async fn page(request: HttpRequest, kind: web::Path<String>) -> Result<HttpResponse, Error> {
    let code = Code::parse(&kind.replace('-', "_")).filter(|code| slug(*code) == *kind).ok_or(Code::NotFound)?;
    Ok(answer(problem::language(&request), code.title(problem::language(&request)), &about(&request, code)))
}

/// The list of all kinds.
pub async fn list(request: HttpRequest) -> HttpResponse {
    let language = problem::language(&request);
    let item = |code: &Code| {
        let (code, title) = (slug(*code), escaped(code.title(language)));
        format!("<li><a href=\"/problems/{code}\"><code>{code}</code></a> {title}</li>")
    };
    let items: String = Code::ALL.iter().map(item).collect();
    answer(language, language.choose("Ошибки", "Помилки", "Problems"), &format!("<ul>{items}</ul>"))
}

/// The last part of a problem's `type`.
pub fn slug(code: Code) -> String {
    code.as_str().replace('_', "-")
}

fn about(request: &HttpRequest, code: Code) -> String {
    let language = problem::language(request);
    let all = language.choose("Все ошибки", "Усі помилки", "All problems");
    format!(
        "<p>{}</p><p>HTTP {}, <code>{}</code></p><p><a href=\"/problems\">{all}</a></p>",
        escaped(code.advice(language)),
        code.status(),
        code.as_str()
    )
}

fn answer(language: Language, title: &str, body: &str) -> HttpResponse {
    let title = escaped(title);
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} · Naryad</title>\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;\
         color:#1b1f24;background:#fff}}li{{margin:.3rem 0}}code{{background:#f1f3f5;padding:.1em .3em;border-radius:.2em}}\
         a{{color:#0b5cad}}@media(prefers-color-scheme:dark){{body{{background:#16181b;color:#e4e6e8}}\
         code{{background:#2a2e33}}a{{color:#8fc1ff}}}}</style><h1>{title}</h1>{body}</html>"
    );
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ))
        .body(page)
}

/// Text within a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
