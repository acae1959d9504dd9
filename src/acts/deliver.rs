//! The signed act goes by mail to those who are to have it: both parties get the same file. It is made when it is sent; here it
//! is only written down that it has to be, in the transaction of the decision that completed it.

use diesel::prelude::*;

use super::signature::{Outcome, Party, Signature};
use super::{Act, ActId, queries};
use crate::companies::contact::Contact;
use crate::companies::{ContactId, contact};
use crate::db::DbConnection;
use crate::db::schema::{act_links, companies, tickets};
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::messages::letter;
use crate::messages::outbox::{self, Recipient};
use crate::messages::smtp::Copies;
use crate::provider;

/// Writes down that an act goes to those who are to have it, if it is signed by all who must have signed. Said again it adds
/// nobody who was written to before. Without mail nobody is.
///
/// # Errors
/// The database's.
pub fn queue(conn: &mut DbConnection, copies: Option<Copies>, id: ActId, now: Timestamp) -> Result<(), Error> {
    let Some(copies) = copies else { return Ok(()) };
    let decisions = queries::decisions(conn, id)?;
    let signed = |party: Party| decisions.iter().find(|one| one.party == party && one.outcome != Outcome::Refused);
    let Some(client) = signed(Party::Client) else { return Ok(()) };
    if copies.after_both && signed(Party::Provider).is_none() {
        return Ok(());
    }
    let act = queries::load(conn, id)?.ok_or(Code::NotFound)?;
    let mut to = Vec::new();
    if copies.signer {
        to.extend(signer(conn, client)?);
    }
    if copies.company {
        to.extend(company(conn, &act)?);
    }
    if copies.provider {
        let ours = provider::known(conn)?;
        to.extend(ours.and_then(|ours| Some(Recipient { address: ours.email?, name: Some(ours.legal_name) })));
    }
    for recipient in to.into_iter().filter(|to| letter::address(&to.address).is_some()) {
        outbox::signed_act(conn, &act, recipient, now)?;
    }
    Ok(())
}

/// Whoever signed for the client: where the link was sent, else the contact's own address, and where they asked for it.
fn signer(conn: &mut DbConnection, signature: &Signature) -> Result<Vec<Recipient>, Error> {
    let (email, copy_to): (Option<String>, Option<String>) = match signature.link_id {
        Some(link) => act_links::table.find(link).select((act_links::email, act_links::copy_to)).get_result(conn)?,
        None => (None, None),
    };
    let own = person(conn, signature.contact_id)?.and_then(|contact| contact.email);
    let name = Some(signature.signer_name.clone());
    let known = email.or(own).into_iter().chain(copy_to);
    Ok(known.map(|address| Recipient { address, name: name.clone() }).collect())
}

/// The contact that the ticket names, else the company.
fn company(conn: &mut DbConnection, act: &Act) -> Result<Option<Recipient>, Error> {
    let named: Option<ContactId> = tickets::table.find(act.ticket_id).select(tickets::contact_id).get_result(conn)?;
    let named = person(conn, named)?.filter(|contact| contact.archived_at.is_none());
    if let Some(Contact { email: Some(address), name, .. }) = named {
        return Ok(Some(Recipient { address, name: Some(name) }));
    }
    let (email, name): (Option<String>, String) =
        companies::table.find(act.company_id).select((companies::email, companies::name)).get_result(conn)?;
    Ok(email.map(|address| Recipient { address, name: Some(name) }))
}

fn person(conn: &mut DbConnection, id: Option<ContactId>) -> Result<Option<Contact>, Error> {
    id.map_or(Ok(None), |id| contact::load(conn, id))
}
