//! JSON bodies, with errors that name the field.
//!
//! Our own value types refuse a text with a flaw in a small notation, `!too_long max=200`, which survives serde's error
//! strings; serde's own messages are recognised by their beginnings. Both become a [`Flaw`] and a JSON pointer.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use actix_web::dev::{Decompress, Payload};
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::strict::Strict;
use crate::app::App;
use crate::auth::Actor;
use crate::db::types::Sha256;
use crate::error::{Code, Error, FieldError, Flaw, Refusal};

/// What a body may weigh when the handler does not say otherwise, in bytes.
pub const LIMIT: usize = 1 << 20;
/// Above this a body needs one of the places for large ones, in bytes.
const LARGE: usize = 8 << 20;
/// How long a request waits for such a place.
const PATIENCE: Duration = Duration::from_secs(20);
/// For bodies that carry a drawn signature.
pub const SIGNATURE_LIMIT: usize = 6 << 20;

/// A JSON body of at most `MAX` bytes, unpacked.
#[derive(Debug)]
pub struct Body<T, const MAX: usize = LIMIT>(pub T);

/// The hash of the bytes that came, kept with the request for `Idempotency-Key`.
#[derive(Debug, Clone, Copy)]
pub struct BodyHash(pub Sha256);

impl<T: DeserializeOwned + 'static, const MAX: usize> FromRequest for Body<T, MAX> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let whole = Whole::<MAX>::from_request(request, payload);
        Box::pin(async move { parse(&whole.await?.0).map(Self) })
    }
}

/// A JSON body of at most `MAX` bytes, unpacked and not read yet: for what has a shape of its own.
#[derive(Debug)]
pub struct Whole<const MAX: usize>(pub Vec<u8>);

impl<const MAX: usize> FromRequest for Whole<MAX> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            must_be_json(&request)?;
            if MAX > LARGE {
                take_place(&request).await?;
            }
            let bytes = read(&request, payload, MAX).await?;
            request.extensions_mut().insert(BodyHash(Sha256::of(&bytes)));
            Ok(Self(bytes))
        })
    }
}

/// Takes a place for a large body, until the request is answered. Whoever has none yet waits: what phones send is not turned
/// away for coming all at once.
async fn take_place(request: &HttpRequest) -> Result<(), Error> {
    let asker = request.extensions().get::<Actor>().map(Actor::id);
    let (Some(app), Some(asker)) = (request.app_data::<web::Data<App>>(), asker) else { return Ok(()) };
    let began = Instant::now();
    loop {
        if let Some(place) = app.large_bodies.take(asker) {
            request.extensions_mut().insert(place);
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(Error::Busy);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

fn must_be_json(request: &HttpRequest) -> Result<(), Error> {
    let Some(kind) = request.headers().get(CONTENT_TYPE) else { return Ok(()) };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        Ok(())
    } else {
        Err(Code::UnsupportedMediaType.with([("expected", "application/json".to_owned())]).into())
    }
}

/// Reads a payload of at most `limit` bytes, counted after unpacking.
///
/// # Errors
/// `too_large`, or `bad_json` when the connection broke off.
pub async fn read(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Vec<u8>, Error> {
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut stream = Decompress::from_headers(payload, request.headers());
    let mut bytes = Vec::with_capacity(announced.unwrap_or_default().min(limit));
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| bad_json(error.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The refusal of a body that is too large.
pub fn too_large(limit: usize) -> Error {
    let limit = if limit >= 1 << 20 { format!("{} MiB", limit >> 20) } else { format!("{} KiB", limit >> 10) };
    Code::TooLarge.with([("limit", limit)]).into()
}

fn bad_json(reason: impl Into<String>) -> Error {
    Code::BadJson.with([("reason", reason.into())]).into()
}

/// Reads a value out of JSON.
///
/// # Errors
/// `bad_json` when it is none, `validation_failed` with a pointer when it does not fit.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| bad_json(format!("byte {} is not UTF-8", error.valid_up_to())))?;
    if text.contains("\\u0000") {
        refuse_nul(text)?;
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value: T = serde_path_to_error::deserialize(Strict(&mut json)).map_err(|error| {
        let message = error.inner().to_string();
        if error.inner().is_data() {
            flawed(error.path(), &message).into()
        } else if serde_json::from_str::<IgnoredAny>(text).is_ok() {
            // Sound JSON after all: the parser says so of anything but a string where one of several words belongs.
            flawed(error.path(), "expected a string").into()
        } else {
            bad_json(message)
        }
    })?;
    json.end().map_err(|error| bad_json(error.to_string()))?;
    Ok(value)
}

/// U+0000 can be kept by one database and not by the other: no text of ours may hold it.
fn refuse_nul(text: &str) -> Result<(), Error> {
    fn find(value: &Value, pointer: &str) -> Option<String> {
        match value {
            Value::String(text) => text.contains('\0').then(|| pointer.to_owned()),
            Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| find(item, &format!("{pointer}/{i}"))),
            Value::Object(members) => members.iter().find_map(|(name, member)| {
                let pointer = format!("{pointer}/{}", escaped(name));
                if name.contains('\0') { Some(pointer) } else { find(member, &pointer) }
            }),
            _ => None,
        }
    }
    // What is not JSON at all is told by the real parser.
    match serde_json::from_str(text).ok().and_then(|value| find(&value, "")) {
        Some(pointer) => Err(Error::field(pointer, Flaw::ForbiddenCharacter)),
        None => Ok(()),
    }
}

/// The refusal for what serde says about the value at `path`.
fn flawed(path: &Path, message: &str) -> Refusal {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let mut pointer = pointer(path);
    let (flaw, field, params) = diagnose(message);
    if let Some(field) = field {
        let last = format!("/{}", escaped(&field));
        if !pointer.ends_with(&last) {
            pointer.push_str(&last);
        }
    }
    Refusal { fields: vec![FieldError { pointer, flaw, params }], ..Code::ValidationFailed.into() }
}

/// What a message of serde's or ours means: the flaw, the field it names, and the sentence's values.
pub fn diagnose(message: &str) -> (Flaw, Option<String>, Vec<(&'static str, String)>) {
    if let Some(ours) = message.strip_prefix('!') {
        let mut words = ours.split(' ');
        let flaw = words.next().and_then(Flaw::parse).unwrap_or(Flaw::WrongType);
        return (flaw, None, words.filter_map(parameter).collect());
    }
    let quoted = || message.split('`').nth(1).map(str::to_owned);
    if message.starts_with("missing field") {
        (Flaw::Required, quoted(), Vec::new())
    } else if message.starts_with("unknown field") || message.starts_with("duplicate field") {
        (Flaw::UnknownField, quoted(), Vec::new())
    } else if message.starts_with("unknown variant") {
        let allowed: Vec<_> = message.split('`').skip(3).step_by(2).collect();
        (Flaw::NotOneOf, None, vec![("allowed", allowed.join(", "))])
    } else {
        let expected = message.rsplit_once("expected ").map_or(message, |(_, expected)| expected);
        (Flaw::WrongType, None, vec![("expected", expected.to_owned())])
    }
}

fn parameter(word: &str) -> Option<(&'static str, String)> {
    const NAMES: [&str; 8] = ["min", "max", "places", "allowed", "expected", "other", "currency", "reason"];
    let (name, value) = word.split_once('=')?;
    let name = NAMES.into_iter().find(|known| *known == name)?;
    Some((name, value.replace('~', " ")))
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escaped(key)),
            Segment::Enum { variant } => format!("/{}", escaped(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// A member's name inside a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::error::{Code, Error};
    use crate::words::text::Line;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only how it fails is looked at")]
    struct Order {
        name: Line<5>,
        lines: Vec<OrderLine>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct OrderLine {
        quantity: u32,
    }

    fn refused(json: &[u8]) -> (Code, String, String) {
        match parse::<Order>(json) {
            Err(Error::Refused(refusal)) => {
                let field = refusal.fields.first();
                (
                    refusal.code,
                    field.map(|field| field.pointer.clone()).unwrap_or_default(),
                    field.map(|field| field.flaw.as_str().to_owned()).unwrap_or_default(),
                )
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_flaw_is_told_with_its_place() {
        for (json, pointer, flaw) in [
            (r#"{"name":"abcdef","lines":[]}"#, "/name", "too_long"),
            (r#"{"name":"a"}"#, "/lines", "required"),
            (r#"{"name":"a","lines":[{"quantity":1},{"quantity":-1}]}"#, "/lines/1/quantity", "wrong_type"),
            (r#"{"name":"a","lines":[{"quantity":1,"x/y":2}]}"#, "/lines/0/x~1y", "unknown_field"),
            (r#"{"name":"a\u0000","lines":[]}"#, "/name", "forbidden_character"),
            (r#"[]"#, "", "wrong_type"),
            (r#"["a",[]]"#, "", "wrong_type"),
            (r#"{"name":"a","lines":[[1]]}"#, "/lines/0", "wrong_type"),
            (r#"{"name":"a","lines":[{"quantity":1.5}]}"#, "/lines/0/quantity", "wrong_type"),
        ] {
            assert_eq!(
                refused(json.as_bytes()),
                (Code::ValidationFailed, pointer.to_owned(), flaw.to_owned()),
                "{json}"
            );
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let order = parse::<Order>(br#"{"name":"a","lines":[{"quantity":80.0}]}"#).unwrap();
        assert_eq!(order.lines.first().map(|line| line.quantity), Some(80));
    }

    #[test]
    fn what_is_no_json_is_told_so() {
        for json in [b"".as_slice(), b"{", b"{\"name\": nope}", b"\xff\xfe", b"{} {}", &[b'['; 100_000]] {
            assert!(matches!(refused(json).0, Code::BadJson | Code::ValidationFailed));
        }
    }
}
