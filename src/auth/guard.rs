//! The door of the API: nobody gets past it without a session that lives and a role the policy names.

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};

use super::policy::{self, Who};
use super::session::{self, Bearer};
use super::{Actor, Origin};
use crate::app::App;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::http::problem::{Pattern, Speaks, TraceId, language_asked};

/// Lets a request through with its [`Actor`], or refuses it before anything of it is read.
///
/// # Errors
/// None of its own: 401, 403, 405 and 503 are answers.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match admitted(request.request()).await {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
        // An answer, not an error: the edge words it, counts it and logs it like all others.
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

/// Whether a request may go on; its [`Actor`] goes with it.
async fn admitted(request: &HttpRequest) -> Result<(), Error> {
    let Some(pattern) = request.match_pattern() else { return Ok(()) };
    request.extensions_mut().insert(Pattern(pattern.clone()));
    if request.path().contains("%00") {
        // U+0000 is in nothing that we keep, and one of the databases would not even look for it.
        return Err(Code::NotFound.into());
    }
    match policy::who(request.method().as_str(), &pattern) {
        Some(Who::Public) => Ok(()),
        Some(Who::Roles(roles)) => {
            let actor = authenticate(request).await?;
            request.extensions_mut().insert(Speaks(actor.language()));
            if !roles.contains(&actor.role()) {
                return Err(Code::Forbidden.into());
            }
            request.extensions_mut().insert(actor);
            Ok(())
        }
        None => Err(not_there(&pattern)),
    }
}

/// A path that exists answers 405 to a method it does not take; a path without a row does not exist.
pub fn not_there(pattern: &str) -> Error {
    let methods = policy::methods(pattern);
    if methods.is_empty() {
        Code::NotFound.into()
    } else {
        crate::error::Refusal::from(Code::MethodNotAllowed).and("allow", methods.join(", ")).into()
    }
}

/// Whoever stands behind the request's token.
///
/// # Errors
/// `unauthenticated`, `token_expired`, `session_revoked`
pub async fn authenticate(request: &HttpRequest) -> Result<Actor, Error> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no application"))?;
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let token = header.and_then(|header| {
        let (scheme, token) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let now = app.clock.now();
    let Bearer { person, session, .. } = session::bearer(app, token.ok_or(Code::Unauthenticated)?, now).await?;
    let spoken = language_asked(request).or(person.language).unwrap_or_else(|| app.house_language.get());
    Ok(Actor::new(person, session, spoken, now, origin(app, request)))
}

/// Where the request came from. Behind a proxy that the operator trusts, the address it names.
pub fn origin(app: &App, request: &HttpRequest) -> Origin {
    let text = |name: &str, max: usize| {
        let value = request.headers().get(name)?.to_str().ok()?;
        Some(value.chars().filter(|letter| !letter.is_control()).take(max).collect::<String>())
    };
    Origin {
        ip: address(app, request).map(|address| address.to_string()),
        user_agent: text("user-agent", 300),
        device_id: text("x-device-id", 100),
        clock_ahead_ms: text("x-device-time", 40)
            .and_then(|time| Timestamp::parse(&time))
            .map(|device| (device.micros() - app.clock.now().micros()) / 1_000),
        trace_id: request.extensions().get::<TraceId>().map(|id| id.0.clone()).unwrap_or_default(),
    }
}

/// The address a request came from. Behind proxies that the operator trusts, the last one they do not vouch for.
pub fn address(app: &App, request: &HttpRequest) -> Option<IpAddr> {
    // A server that listens on IPv6 sees IPv4 as a part of it: one address is written in one way.
    let peer = request.peer_addr()?.ip().to_canonical();
    let trusts = |address: &IpAddr| app.config.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == *address);
    if !trusts(&peer) {
        return Some(peer);
    }
    // Several headers are one list; each proxy adds to its end. What cannot be read, nobody vouches for.
    let lines = request.headers().get_all("x-forwarded-for").filter_map(|line| line.to_str().ok());
    let lines: Vec<&str> = lines.collect();
    let named = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let named = named.map_while(|address| address.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical()));
    let mut last = peer;
    for address in named {
        last = address;
        if !trusts(&address) {
            break;
        }
    }
    Some(last)
}
