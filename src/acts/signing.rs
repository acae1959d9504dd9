//! A party decides on exactly the document that was frozen.

use diesel::prelude::*;
use serde_json::json;

use super::authority::{Asked, Candidate, WALK_IN, must_suffice};
use super::shown::known_by;
use super::signature::{Channel, Drawn, Method, NewSignature, Outcome, Party, Signature, SignatureView, look};
use super::snapshot::Snapshot;
use super::{Act, ActId, ActStatus, deliver, queries, signed_copy, terms};
use crate::auth::{Actor, Role};
use crate::companies::contact::Contact;
use crate::companies::power::PowerOfAttorney;
use crate::companies::{ContactId, SigningAuthority, contact};
use crate::db::schema::{acts, signatures};
use crate::db::types::{Day, Sha256};
use crate::db::{DbConnection, constraint};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::idempotency::made_once;
use crate::http::{Call, Made};
use crate::links::LinkId;
use crate::links::code::SigningCodeId;
use crate::tickets;
use crate::words::text::Line;

/// Records a party's decision, and makes the signed copy.
///
/// # Errors
/// `not_found`; `act_not_issued`; `document_changed`; `already_signed`; `authority_insufficient`; `signature_empty`;
/// `validation_failed`; `forbidden` when a client's user decides for us.
pub async fn sign(call: Call, act: ActId, new: NewSignature) -> Answer {
    let app = call.app.clone();
    let (new, drawn) = tokio::task::spawn_blocking(move || {
        let drawn = look(&new, Channel::Device);
        drawn.map(|drawn| (new, drawn))
    })
    .await
    .map_err(Error::internal)??;
    let image_sha256 = match drawn.image.clone() {
        Some(bytes) => Some(app.files.keep(bytes).await?),
        None => None,
    };
    let copies = app.config.copies();
    let work = move |conn: &mut DbConnection, actor: &Actor| {
        let made = decide(conn, actor, act, &new, &drawn, image_sha256, None)?;
        deliver::queue(conn, copies, act, actor.now())?;
        Ok(made)
    };
    let answer = call.create(work).await?;
    app.outbox.notify_one();
    // The decision is kept; its copy can be made whenever somebody asks for it.
    if let Err(error) = signed_copy::make(&app, act).await {
        tracing::warn!(%error, "the signed copy will be made when it is asked for");
    }
    Ok(answer)
}

/// Who signs, as it will be kept.
struct Who {
    contact_id: Option<ContactId>,
    name: String,
    position: Option<String>,
    candidate: Candidate,
    /// What they may sign, once that has been judged.
    authority: SigningAuthority,
    power: Option<PowerOfAttorney>,
}

/// A link that a decision comes by: nobody is signed in, and the actor is no more than whoever lends their sight of the
/// ticket.
#[derive(Debug, Clone)]
pub struct Through {
    /// The link.
    pub link_id: LinkId,
    /// What the signer agreed to, word for word.
    pub consent: String,
    /// The one-time code that confirmed it.
    pub code_id: Option<SigningCodeId>,
}

/// Records a party's decision.
///
/// # Errors
/// As [`sign`].
pub fn decide(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ActId,
    new: &NewSignature,
    drawn: &Drawn,
    image_sha256: Option<Sha256>,
    through: Option<&Through>,
) -> Result<Made<SignatureView>, Error> {
    let act = queries::find(conn, actor, id)?;
    let insert = |conn: &mut DbConnection, signature_id| {
        // Whoever changes the ticket's acts waits for each other here.
        tickets::queries::hold(conn, actor, act.ticket_id)?;
        let act = queries::find(conn, actor, id)?;
        if new.party != Party::Client && actor.role() == Role::Client {
            return Err(Code::Forbidden.into());
        }
        if new.party == Party::Witness && new.outcome != Outcome::Accepted {
            let allowed = [("allowed", Outcome::Accepted.to_string())];
            return Err(Error::field_with("/outcome", Flaw::NotOneOf, allowed));
        }
        must_await(conn, &act, new.party)?;
        if new.document_sha256 != act.document_sha256 {
            return Err(Code::DocumentChanged.with([]).and("document_sha256", act.document_sha256.to_string()).into());
        }
        if new.outcome != Outcome::Accepted && new.remarks.is_none() {
            return Err(Error::field("/remarks", Flaw::Required));
        }
        let mut who = who(conn, actor, &act, new)?;
        if new.party == Party::Client {
            let asked = Asked::by(&act, terms::rule_of(conn, &act)?);
            let day = day_of(actor, &act, new)?;
            let judgement = must_suffice(&asked, &who.name, &who.candidate, day, actor.language())?;
            (who.authority, who.power) = (judgement.authority, judgement.power);
        }
        let signature = keep(conn, actor, &act, signature_id, new, drawn, image_sha256, who, through)?;
        if new.party == Party::Client {
            settle(conn, actor, &act, new.outcome)?;
        }
        Ok(SignatureView::from(signature))
    };
    let load = |conn: &mut DbConnection, signature_id| {
        let kept: Signature = signatures::table.find(signature_id).select(Signature::as_select()).get_result(conn)?;
        Ok(SignatureView::from(kept))
    };
    made_once(conn, actor, "signature", new.id, &(id, new), insert, load)
}

/// The day on which it is signed, at the site: by the device's clock, since phones come back late from where there is no
/// network, though never later than now.
fn day_of(actor: &Actor, act: &Act, new: &NewSignature) -> Result<Day, Error> {
    let zone = Snapshot::read(&act.snapshot)?.zone;
    Ok(new.signed_at.map_or(actor.now(), |told| told.min(actor.now())).day_in(zone.0))
}

/// The party has not decided yet, and the act waits for decisions. After the client, our side may still add its own, and
/// somebody may witness what the client did.
///
/// # Errors
/// `act_not_issued`; `already_signed`
pub fn must_await(conn: &mut DbConnection, act: &Act, party: Party) -> Result<(), Error> {
    if matches!(act.status, ActStatus::Superseded | ActStatus::Voided) {
        return Err(queries::not_issued(act, act.status));
    }
    let decided: Option<Outcome> = signatures::table
        .filter(signatures::act_id.eq(act.id))
        .filter(signatures::party.eq(party))
        .select(signatures::outcome)
        .get_result(conn)
        .optional()?;
    if decided.is_some() {
        return Err(already_signed(act));
    }
    let awaits = ActStatus::OPEN.contains(&act.status)
        || (party != Party::Client && act.status.is_accepted())
        || (party == Party::Witness && act.status == ActStatus::Refused);
    if awaits { Ok(()) } else { Err(queries::not_issued(act, act.status)) }
}

fn already_signed(act: &Act) -> Error {
    Code::AlreadySigned.with([("ticket", act.ticket_id.to_string())]).into()
}

fn who(conn: &mut DbConnection, actor: &Actor, act: &Act, new: &NewSignature) -> Result<Who, Error> {
    // Whoever signs with a login of the client's own is the contact whose login this is, if there is one there.
    let own = if actor.role() == Role::Client { contact::of_user(conn, actor.id())? } else { None };
    let own = own.filter(|contact| contact.company_id == act.company_id);
    let signer = &new.signer;
    let Some(id) = signer.contact_id else {
        let name = signer.name.as_ref().ok_or_else(|| Error::field("/signer/name", Flaw::Required))?;
        if signer.position.is_none() && own.is_none() {
            return Err(Error::field("/signer/position", Flaw::Required));
        }
        return Ok(own.map_or_else(|| walk_in(name, signer.position.as_ref(), new.party), Who::from));
    };
    if new.party == Party::Provider {
        return Err(Error::field_with(
            "/signer/contact_id",
            Flaw::NotTogether,
            [("other", "party provider".to_owned())],
        ));
    }
    for (pointer, given) in [("/signer/name", signer.name.is_some()), ("/signer/position", signer.position.is_some())] {
        if given {
            return Err(Error::field_with(pointer, Flaw::NotTogether, [("other", "contact_id".to_owned())]));
        }
    }
    let named = contact::must_be_usable(conn, actor, id, act.company_id, "/signer/contact_id")?;
    if actor.role() != Role::Client {
        return Ok(Who::from(named));
    }
    Ok(match own {
        Some(own) if own.id == named.id => Who::from(own),
        // Nobody signs as a colleague.
        Some(own) => Who { candidate: Candidate::NotThemselves, ..Who::from(own) },
        // A login that is no contact's may do what anybody who is there may.
        None => {
            let authority = named.signing_authority.min(WALK_IN);
            let candidate = Candidate::Contact { authority, left: false, power: None };
            Who { candidate, ..Who::from(named) }
        }
    })
}

impl From<Contact> for Who {
    fn from(contact: Contact) -> Self {
        Self {
            contact_id: Some(contact.id),
            candidate: Candidate::from(&contact),
            authority: SigningAuthority::None,
            power: None,
            name: contact.name,
            position: contact.position,
        }
    }
}

fn walk_in(name: &str, position: Option<&Line<200>>, party: Party) -> Who {
    Who {
        contact_id: None,
        candidate: Candidate::WalkIn,
        // Whoever witnesses answers for nobody.
        authority: if party == Party::Witness { SigningAuthority::None } else { WALK_IN },
        power: None,
        name: name.to_owned(),
        position: position.map(ToString::to_string),
    }
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the evidence")]
fn keep(
    conn: &mut DbConnection,
    actor: &Actor,
    act: &Act,
    id: super::SignatureId,
    new: &NewSignature,
    drawn: &Drawn,
    image_sha256: Option<Sha256>,
    who: Who,
    through: Option<&Through>,
) -> Result<Signature, Error> {
    let origin = actor.origin();
    let mut signature = Signature {
        id,
        act_id: act.id,
        party: new.party,
        contact_id: who.contact_id,
        signer_name: who.name,
        signer_position: who.position,
        authority: who.authority,
        outcome: new.outcome,
        remarks: new.remarks.as_ref().map(ToString::to_string),
        method: drawn.method,
        document_sha256: new.document_sha256,
        shown_sha256: new.shown_sha256,
        shown_as: new.shown_sha256.map(|shown| known_by(act, shown)).transpose()?,
        ink: drawn.ink.clone(),
        image_sha256: image_sha256.filter(|_| drawn.method == Method::Image),
        signed_at: new.signed_at.unwrap_or_else(|| actor.now()),
        recorded_at: actor.now(),
        recorded_by: actor.id(),
        ip: origin.ip.clone(),
        user_agent: origin.user_agent.clone(),
        device_id: origin.device_id.clone(),
        lat: new.place.map(|place| place.lat),
        lon: new.place.map(|place| place.lon),
        accuracy_m: new.place.and_then(|place| place.accuracy_m),
        signature_sha256: Sha256::of([]),
        link_id: through.map(|through| through.link_id),
        consent: through.map(|through| through.consent.clone()),
        code_id: through.and_then(|through| through.code_id),
        power_of_attorney: who.power,
    };
    signature.signature_sha256 = signature.hash()?;
    diesel::insert_into(signatures::table).values(&signature).execute(conn).map_err(|error| {
        if constraint::is_unique(&error, "signatures_act_id_party_key") { already_signed(act) } else { error.into() }
    })?;
    // The copy so far lacks this decision.
    let none: Option<Sha256> = None;
    diesel::update(acts::table.find(act.id)).set(acts::signed_document_sha256.eq(none)).execute(conn)?;
    let mut facts = json!({
        "party": new.party, "signer": signature.signer_name, "position": signature.signer_position, "outcome": new.outcome,
        "remarks": signature.remarks, "document_sha256": new.document_sha256, "signature_sha256": signature.signature_sha256,
        "shown_as": signature.shown_as, "shown_sha256": signature.shown_sha256, "authority": signature.authority,
        "power_of_attorney": signature.power_of_attorney,
    });
    let event = Event::of("act.decided", "act", act.id.uuid()).ticket(act.ticket_id).company(act.company_id);
    match through {
        None => history::record(conn, actor, event.after(facts))?,
        // Whoever made the link did not sign: nobody whom we know did.
        Some(through) => {
            if let Some(facts) = facts.as_object_mut() {
                facts.insert("link_id".to_owned(), json!(through.link_id));
                facts.insert("consent".to_owned(), json!(through.consent));
                facts.insert("code_id".to_owned(), json!(through.code_id));
            }
            history::record_by(conn, None, actor.now(), actor.origin(), event.after(facts))?;
        }
    }
    Ok(signature)
}

/// The client's decision is the act's.
fn settle(conn: &mut DbConnection, actor: &Actor, act: &Act, outcome: Outcome) -> Result<(), Error> {
    let to = match outcome {
        Outcome::Accepted => ActStatus::Signed,
        Outcome::AcceptedWithRemarks => ActStatus::SignedWithRemarks,
        Outcome::Refused => ActStatus::Refused,
    };
    queries::advance(conn, act, to)?;
    diesel::update(acts::table.find(act.id)).set(acts::signed_at.eq(actor.now())).execute(conn)?;
    Ok(())
}
