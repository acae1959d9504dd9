//! The door of the API: nobody gets past it without a session that lives and a role the policy names.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};

use super::policy::{self, Who};
use super::{Actor, Origin, session};
use crate::app::App;
use crate::error::{Code, Error};
use crate::http::problem::{Speaks, TraceId, language_asked};

/// Lets a request through with its [`Actor`], or refuses it before anything of it is read.
///
/// # Errors
/// 401, 403, 405 and 503 as the table of codes says.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let Some(pattern) = request.match_pattern() else { return next.call(request).await };
    match policy::who(request.method(), &pattern) {
        Some(Who::Public) => {}
        Some(Who::Roles(roles)) => {
            let actor = authenticate(request.request()).await?;
            request.extensions_mut().insert(Speaks(actor.language()));
            if !roles.contains(&actor.role()) {
                return Err(Error::from(Code::Forbidden).into());
            }
            request.extensions_mut().insert(actor);
        }
        None => return Err(not_there(&pattern).into()),
    }
    next.call(request).await
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

async fn authenticate(request: &HttpRequest) -> Result<Actor, Error> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no application"))?;
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let token = header.and_then(|header| {
        let (scheme, token) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let now = app.clock.now();
    let claims = app.keys.read(token.ok_or(Code::Unauthenticated)?, now)?;
    let person = session::person(app, &claims, now).await?;
    let spoken = language_asked(request).or(person.language).unwrap_or_else(|| app.house_language.get());
    Ok(Actor::new(person, claims.sid, spoken, now, origin(app, request)))
}

/// Where the request came from. Behind a proxy that the operator trusts, the address it names.
pub fn origin(app: &App, request: &HttpRequest) -> Origin {
    let text = |name: &str, max: usize| {
        let value = request.headers().get(name)?.to_str().ok()?;
        Some(value.chars().filter(|letter| !letter.is_control()).take(max).collect::<String>())
    };
    let peer = request.peer_addr().map(|address| address.ip());
    let trusts = |address: &std::net::IpAddr| app.config.trusted_proxies.contains(address);
    let forwarded = || {
        let header = request.headers().get("x-forwarded-for")?.to_str().ok()?;
        header.rsplit(',').filter_map(|address| address.trim().parse().ok()).find(|address| !trusts(address))
    };
    let ip = peer.map(|peer| if trusts(&peer) { forwarded().unwrap_or(peer) } else { peer });
    Origin {
        ip: ip.map(|ip| ip.to_string()),
        user_agent: text("user-agent", 300),
        device_id: text("x-device-id", 100),
        trace_id: request.extensions().get::<TraceId>().map(|id| id.0.clone()).unwrap_or_default(),
    }
}
