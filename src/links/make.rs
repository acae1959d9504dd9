//! A link is made for an act that waits for the client, and told once.

use diesel::prelude::*;
use serde_json::{Map, Value, json};

use super::token::LinkToken;
use super::{ActLink, DAYS, LinkId, MadeActLink, NewActLink, queries};
use crate::acts::authority::{Asked, Candidate, must_suffice};
use crate::acts::signature::Party;
use crate::acts::snapshot::Snapshot;
use crate::acts::{self, Act, ActId, signing, terms};
use crate::auth::Actor;
use crate::companies::contact;
use crate::db::DbConnection;
use crate::db::schema::act_links;
use crate::db::types::Sha256;
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::idempotency::made_once;
use crate::http::{Call, Made};
use crate::print::qr::{Level, Symbol};
use crate::print::svg;
use crate::tickets;

/// Links of one act by which somebody could sign at the same time.
const MOST: usize = 10;

/// Makes a link and tells its address.
///
/// # Errors
/// `not_found`; `act_not_issued`; `already_signed`; `authority_insufficient` when nobody could sign by it;
/// `too_many_links`; `validation_failed`.
pub async fn make(call: Call, act: ActId, new: NewActLink) -> Answer {
    let handed = Handed::new(&call.app.config.public_url)?;
    let (told, hash) = (handed.told()?, handed.hash());
    call.create_and_tell(told, move |conn, actor| keep(conn, actor, act, &new, hash)).await
}

/// What opens a link, on its way to the one answer that tells it.
pub struct Handed {
    token: LinkToken,
    url: String,
}

impl Handed {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn new(public_url: &str) -> Result<Self, Error> {
        let token = LinkToken::new()?;
        let url = token.url(public_url);
        Ok(Self { token, url })
    }

    /// The members of the answer: the address, and the same as a QR code.
    ///
    /// # Errors
    /// When the address fits no QR code: our fault.
    pub fn told(&self) -> Result<Map<String, Value>, Error> {
        let symbol = Symbol::new(self.url.as_bytes(), Level::M);
        let symbol = symbol.ok_or_else(|| Error::internal("an address without a code"))?;
        Ok(Map::from_iter([
            ("qr_svg".to_owned(), Value::from(svg::code(&symbol, &self.url))),
            ("url".to_owned(), Value::from(self.url.clone())),
        ]))
    }

    /// What is kept of it.
    pub fn hash(&self) -> Sha256 {
        self.token.hash()
    }
}

fn keep(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ActId,
    new: &NewActLink,
    token_hash: Sha256,
) -> Result<Made<MadeActLink>, Error> {
    let view = |conn: &mut DbConnection, act: &Act, link: LinkId| {
        let link = queries::find(conn, act, link, actor.now())?;
        Ok(MadeActLink { link, url: None, qr_svg: None })
    };
    let act = acts::queries::find(conn, actor, id)?;
    let make = |conn: &mut DbConnection, link_id| {
        tickets::queries::hold(conn, actor, act.ticket_id)?;
        let act = acts::queries::find(conn, actor, id)?;
        insert(conn, actor, &act, link_id, new, token_hash)?;
        view(conn, &act, link_id)
    };
    let load = |conn: &mut DbConnection, link_id| view(conn, &act, link_id);
    made_once(conn, actor, "act_link", new.id, &(id, new), make, load)
}

/// Leaves a link to an act whose ticket is held already.
///
/// # Errors
/// As [`make`].
pub fn leave(
    conn: &mut DbConnection,
    actor: &Actor,
    act: &Act,
    new: &NewActLink,
    token_hash: Sha256,
) -> Result<LinkId, Error> {
    let id = LinkId::new();
    insert(conn, actor, act, id, new, token_hash)?;
    Ok(id)
}

fn insert(
    conn: &mut DbConnection,
    actor: &Actor,
    act: &Act,
    id: LinkId,
    new: &NewActLink,
    token_hash: Sha256,
) -> Result<(), Error> {
    signing::must_await(conn, act, Party::Client)?;
    somebody_may_sign(conn, actor, act, new)?;
    if queries::alive(conn, act, actor.now())? >= MOST {
        return Err(Code::TooManyLinks.with([("max", MOST.to_string())]).into());
    }
    let days = i64::from(new.valid_days.unwrap_or(DAYS));
    let link = ActLink {
        id,
        act_id: act.id,
        contact_id: new.contact_id,
        token_hash,
        expires_at: actor.now().plus_seconds(days * 24 * 3_600),
        viewed_at: None,
        revoked_at: None,
        revoked_by: None,
        created_by: actor.id(),
        created_at: actor.now(),
    };
    diesel::insert_into(act_links::table).values(&link).execute(conn)?;
    let facts = json!({"link_id": link.id, "contact_id": link.contact_id, "expires_at": link.expires_at});
    let event = Event::of("act.link_made", "act", act.id.uuid()).ticket(act.ticket_id).company(act.company_id);
    history::record(conn, actor, event.after(facts))
}

/// A link that nobody could sign by is refused now, and not to somebody who has read the whole act.
fn somebody_may_sign(conn: &mut DbConnection, actor: &Actor, act: &Act, new: &NewActLink) -> Result<(), Error> {
    let (name, candidate) = match new.contact_id {
        Some(id) => {
            let contact = contact::must_be_usable(conn, actor, id, act.company_id, "/contact_id")?;
            (contact.name.clone(), Candidate::from(&contact))
        }
        None => ("—".to_owned(), Candidate::WalkIn),
    };
    let asked = Asked::by(act, terms::rule_of(conn, act)?);
    let today = actor.now().day_in(Snapshot::read(&act.snapshot)?.zone.0);
    must_suffice(&asked, &name, &candidate, today, actor.language()).map(drop)
}
