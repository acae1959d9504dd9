//! A link is made for an act that waits for the client, and told once.

use diesel::prelude::*;
use serde_json::{Map, Value, json};

use super::token::LinkToken;
use super::{ActLink, DAYS, LinkId, MadeActLink, NewActLink, queries};
use crate::acts::signature::Party;
use crate::acts::{self, Act, ActId, authority, signing};
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
    let token = LinkToken::new()?;
    let url = token.url(&call.app.config.public_url);
    let symbol = Symbol::new(url.as_bytes(), Level::M).ok_or_else(|| Error::internal("an address without a code"))?;
    let told = Map::from_iter([
        ("qr_svg".to_owned(), Value::from(svg::code(&symbol, &url))),
        ("url".to_owned(), Value::from(url)),
    ]);
    let hash = token.hash();
    call.create_and_tell(told, move |conn, actor| keep(conn, actor, act, &new, hash)).await
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
    let insert = |conn: &mut DbConnection, link_id| {
        tickets::queries::hold(conn, actor, act.ticket_id)?;
        let act = acts::queries::find(conn, actor, id)?;
        signing::must_await(conn, &act, Party::Client)?;
        somebody_may_sign(conn, actor, &act, new)?;
        if queries::alive(conn, &act, actor.now())? >= MOST {
            return Err(Code::TooManyLinks.with([("max", MOST.to_string())]).into());
        }
        let days = i64::from(new.valid_days.unwrap_or(DAYS));
        let link = ActLink {
            id: link_id,
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
        history::record(conn, actor, event.after(facts))?;
        view(conn, &act, link.id)
    };
    let load = |conn: &mut DbConnection, link_id| view(conn, &act, link_id);
    made_once(conn, actor, "act_link", new.id, &(id, new), insert, load)
}

/// A link that nobody could sign by is refused now, and not to somebody who has read the whole act.
fn somebody_may_sign(conn: &mut DbConnection, actor: &Actor, act: &Act, new: &NewActLink) -> Result<(), Error> {
    let (name, may) = match new.contact_id {
        Some(id) => {
            let contact = contact::must_be_usable(conn, actor, id, act.company_id, "/contact_id")?;
            let may = authority::of(&contact);
            (contact.name, may)
        }
        None => ("—".to_owned(), authority::WALK_IN),
    };
    authority::must_suffice(act, &name, may, actor.language())
}
