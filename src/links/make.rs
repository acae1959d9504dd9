//! A link is made for an act that waits for the client, and told once.

use diesel::prelude::*;
use serde_json::json;

use super::handed::{Fresh, Handed};
use super::{ActLink, DAYS, LinkId, MadeActLink, NewActLink, SendBy, code, queries};
use crate::acts::authority::{Asked, Candidate, must_suffice};
use crate::acts::signature::Party;
use crate::acts::snapshot::Snapshot;
use crate::acts::{self, Act, ActId, signing, terms};
use crate::auth::Actor;
use crate::companies::contact::{self, Contact};
use crate::db::DbConnection;
use crate::db::schema::act_links;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::idempotency::made_once;
use crate::http::{Call, Made};
use crate::messages::mask::masked;
use crate::messages::outbox::{self, Recipient};
use crate::tickets;

/// Links of one act by which somebody could sign at the same time.
const MOST: usize = 10;

/// Makes a link, and tells its address or has it sent.
///
/// # Errors
/// `not_found`; `act_not_issued`; `already_signed`; `authority_insufficient` when nobody could sign by it;
/// `mail_not_configured`; `too_many_links`; `validation_failed`.
pub async fn make(call: Call, act: ActId, new: NewActLink) -> Answer {
    let handed = Handed::new(&call.app)?;
    let told = handed.told(&call, act, &new).await?;
    let (app, fresh) = (call.app.clone(), handed.kept());
    let answer = call.create_and_tell(told, move |conn, actor| keep(conn, actor, act, &new, &fresh)).await;
    app.outbox.notify_one();
    answer
}

/// Where whoever is to sign has their mail, and what they are called.
fn recipient(
    conn: &mut DbConnection,
    act: &Act,
    new: &NewActLink,
    signer: Option<&Contact>,
    mail: bool,
) -> Result<Option<Recipient>, Error> {
    let own = signer.and_then(|contact| contact.email.clone());
    if own.is_some() && new.email.is_some() {
        // Else whoever makes the link could have a contact's codes sent to themselves.
        return Err(Error::field_with("/email", Flaw::NotTogether, [("other", "contact_id".to_owned())]));
    }
    if new.phone.is_some() && new.send_by != Some(SendBy::Sms) {
        return Err(Error::field_with("/phone", Flaw::NotTogether, [("other", "send_by".to_owned())]));
    }
    let address = new.email.as_ref().map(ToString::to_string).or(own);
    let needed = new.send_by == Some(SendBy::Email) || code::is_asked_for(conn, act, &Snapshot::read(&act.snapshot)?)?;
    if needed && !mail {
        return Err(Code::MailNotConfigured.into());
    }
    let Some(address) = address else {
        return if needed { Err(Error::field("/email", Flaw::Required)) } else { Ok(None) };
    };
    outbox::must_be_deliverable(&address, "/email")?;
    Ok(Some(Recipient { address, name: signer.map(|contact| contact.name.clone()) }))
}

fn keep(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ActId,
    new: &NewActLink,
    fresh: &Fresh,
) -> Result<Made<MadeActLink>, Error> {
    let view = |conn: &mut DbConnection, act: &Act, link: LinkId| {
        let link = queries::find(conn, act, link, actor.now())?;
        Ok(MadeActLink { link, url: None, qr_svg: None, sms: None })
    };
    let act = acts::queries::find(conn, actor, id)?;
    let make = |conn: &mut DbConnection, link_id| {
        tickets::queries::hold(conn, actor, act.ticket_id)?;
        let act = acts::queries::find(conn, actor, id)?;
        insert(conn, actor, &act, link_id, new, fresh)?;
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
    fresh: &Fresh,
) -> Result<LinkId, Error> {
    let id = LinkId::new();
    insert(conn, actor, act, id, new, fresh)?;
    Ok(id)
}

fn insert(
    conn: &mut DbConnection,
    actor: &Actor,
    act: &Act,
    id: LinkId,
    new: &NewActLink,
    fresh: &Fresh,
) -> Result<(), Error> {
    signing::must_await(conn, act, Party::Client)?;
    let signer = somebody_may_sign(conn, actor, act, new)?;
    let to = recipient(conn, act, new, signer.as_ref(), fresh.mail)?;
    if queries::alive(conn, act, actor.now())? >= MOST {
        return Err(Code::TooManyLinks.with([("max", MOST.to_string())]).into());
    }
    let days = i64::from(new.valid_days.unwrap_or(DAYS));
    let link = ActLink {
        id,
        act_id: act.id,
        contact_id: new.contact_id,
        token_hash: fresh.token_hash,
        expires_at: actor.now().plus_seconds(days * 24 * 3_600),
        viewed_at: None,
        revoked_at: None,
        revoked_by: None,
        created_by: actor.id(),
        created_at: actor.now(),
        send_by: new.send_by.unwrap_or(SendBy::Device),
        email: to.as_ref().map(|to| to.address.clone()),
        copy_to: None,
    };
    diesel::insert_into(act_links::table).values(&link).execute(conn)?;
    let facts = json!({
        "link_id": link.id, "contact_id": link.contact_id, "expires_at": link.expires_at, "send_by": link.send_by,
        "email": link.email.as_deref().map(masked),
    });
    let event = Event::of("act.link_made", "act", act.id.uuid()).ticket(act.ticket_id).company(act.company_id);
    history::record(conn, actor, event.after(facts))?;
    match (link.send_by, to) {
        (SendBy::Email, Some(to)) => outbox::link(conn, actor, act, link.id, to, fresh.sealed.clone(), link.expires_at),
        _ => Ok(()),
    }
}

/// A link that nobody could sign by is refused now, and not to somebody who has read the whole act. Who is to sign, when that
/// was said.
fn somebody_may_sign(
    conn: &mut DbConnection,
    actor: &Actor,
    act: &Act,
    new: &NewActLink,
) -> Result<Option<Contact>, Error> {
    let contact = match new.contact_id {
        Some(id) => Some(contact::must_be_usable(conn, actor, id, act.company_id, "/contact_id")?),
        None => None,
    };
    let (name, candidate) = match &contact {
        Some(contact) => (contact.name.as_str(), Candidate::from(contact)),
        None => ("—", Candidate::WalkIn),
    };
    let asked = Asked::by(act, terms::rule_of(conn, act)?);
    let today = actor.now().day_in(Snapshot::read(&act.snapshot)?.zone.0);
    must_suffice(&asked, name, &candidate, today, actor.language())?;
    Ok(contact)
}
