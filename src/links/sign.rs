//! Somebody decides by a link: the one verb of [`signing`] does it, for whoever made the link lends their sight of the ticket.

use diesel::prelude::*;

use super::LinkState;
use super::code::{self, SigningCodeId};
use super::form::Decision;
use super::open::{Opened, open};
use crate::acts::authority::{Asked, Candidate, must_suffice};
use crate::acts::signature::{Channel, Drawn, Ink, NewSignature, Party, Signer, look};
use crate::acts::signing::{self, Through};
use crate::acts::{ActId, SignatureId, deliver, queries, signed_copy, terms};
use crate::app::App;
use crate::auth::{Actor, Origin, Person, Role};
use crate::db::DbConnection;
use crate::db::schema::act_links;
use crate::db::types::{Sha256, Timestamp};
use crate::error::{Code, Error};
use crate::messages::smtp::Copies;
use crate::tickets;
use crate::words::Language;

/// Somebody at a page of ours.
#[derive(Debug, Clone)]
pub struct Stranger {
    /// What they came with, as it is looked for.
    pub token: Sha256,
    /// The language of the page.
    pub language: Language,
    /// When.
    pub now: Timestamp,
    /// From where.
    pub origin: Origin,
}

/// Records what somebody decided by a link, and makes the signed copy.
///
/// # Errors
/// `not_found` when the link leads nowhere any more; `document_changed`; `already_signed`; `act_not_issued`;
/// `authority_insufficient`; `signature_empty`; `validation_failed`.
pub async fn sign(
    app: &App,
    stranger: Stranger,
    decision: Decision,
    code: Option<SigningCodeId>,
) -> Result<SignatureId, Error> {
    let looked = tokio::task::spawn_blocking(move || {
        let asked = asked(&decision);
        look(&asked, Channel::Link).map(|drawn| (decision, drawn))
    });
    let (decision, drawn) = looked.await.map_err(Error::internal)??;
    let copies = app.config.copies();
    let work = move |conn: &mut DbConnection| record(conn, &stranger, &decision, &drawn, code, copies);
    let (act, signature) = app.db.write(work).await?;
    app.wrote();
    app.outbox.notify_one();
    // The decision is kept; its copy can be made whenever somebody asks for it.
    if let Err(error) = signed_copy::make(app, act).await {
        tracing::warn!(%error, "the signed copy will be made when it is asked for");
    }
    Ok(signature)
}

fn record(
    conn: &mut DbConnection,
    stranger: &Stranger,
    decision: &Decision,
    drawn: &Drawn,
    code: Option<SigningCodeId>,
    copies: Option<Copies>,
) -> Result<(ActId, SignatureId), Error> {
    let before = open(conn, stranger.token, stranger.now)?.ok_or(Code::NotFound)?;
    let actor = lender(&before, stranger);
    tickets::queries::hold(conn, &actor, before.act.ticket_id)?;
    let actor = actor.holding(Some(before.act.ticket_id));
    // Whoever held the ticket before us may have decided, or taken the link back.
    let Some(opened) = open(conn, stranger.token, stranger.now)? else {
        let act = queries::load(conn, before.act.id)?.ok_or(Code::NotFound)?;
        signing::must_await(conn, &act, Party::Client)?;
        return Err(Code::NotFound.into());
    };
    if opened.state == LinkState::Signed {
        return Err(Code::AlreadySigned.with([("ticket", opened.act.ticket_id.to_string())]).into());
    }
    // Refused here with the words of the page, whatever has become of the contact.
    if let Some(contact) = &opened.contact {
        let asked = Asked::by(&opened.act, terms::rule_of(conn, &opened.act)?);
        let today = stranger.now.day_in(opened.content.zone.0);
        must_suffice(&asked, &contact.name, &Candidate::from(contact), today, stranger.language)?;
    }
    let mut new = asked(decision);
    new.signer.contact_id = opened.link.contact_id;
    if opened.link.contact_id.is_some() {
        (new.signer.name, new.signer.position) = (None, None);
    }
    let code_id = match opened.asks_for_code {
        true => Some(code::confirm(conn, &opened.link, code, stranger.now)?),
        false => None,
    };
    let through = Through { link_id: opened.link.id, consent: decision.consent.clone(), code_id };
    let made = signing::decide(conn, &actor, opened.act.id, &new, drawn, None, Some(&through))?;
    if let Some(copy_to) = &decision.copy_to {
        let link = act_links::table.find(opened.link.id);
        diesel::update(link).set(act_links::copy_to.eq(copy_to.to_string())).execute(conn)?;
    }
    deliver::queue(conn, copies, opened.act.id, stranger.now)?;
    Ok((opened.act.id, made.record().id))
}

/// What a decision by a link is to the verb that records it.
fn asked(decision: &Decision) -> NewSignature {
    let ink: Option<Ink> = decision.ink.clone();
    NewSignature {
        id: None,
        party: Party::Client,
        document_sha256: decision.document_sha256,
        shown_sha256: None,
        signer: Signer { contact_id: None, name: decision.name.clone(), position: decision.position.clone() },
        outcome: decision.outcome,
        remarks: decision.remarks.clone(),
        ink,
        image_png: None,
        signed_at: None,
        place: None,
    }
}

/// The sight of the ticket that the link's maker lends to whoever signs, wherever the maker is by now. It signs nothing and
/// stands in no event: see [`Through`].
fn lender(opened: &Opened, stranger: &Stranger) -> Actor {
    let person = Person {
        id: opened.link.created_by,
        role: Role::Technician,
        name: String::new(),
        company_id: None,
        team_ids: Vec::new(),
        language: None,
    };
    let actor = Actor::in_the_name_of(person, stranger.language, stranger.now, stranger.origin.clone());
    actor.lent(Some(opened.act.ticket_id))
}
