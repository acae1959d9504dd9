//! Acts and signatures that were made without a network.

use serde_json::{Map, Value, json};

use super::doors::{Caller, Taken, json_in, own, renamed, ticket_of};
use super::row::{Pushed, Request};
use crate::acts::signature::{Channel, NewSignature, look};
use crate::acts::{ActId, NewAct, SignatureId, deliver, issue, queries, signing};
use crate::db::DbConnection;
use crate::error::{Code, Error, Flaw};
use crate::sync::column::RawRow;

/// Issues an act, and keeps the text that was shown in its place. Sent again it is the same act.
pub fn issue_act(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    _: Option<&RawRow>,
) -> Result<Taken, Error> {
    let ticket = ticket_of(pushed)?;
    let _: ActId = own(pushed)?;
    let text = pushed.text("shown_text").ok_or_else(|| Error::field("/shown_text", Flaw::Required))?;
    let hash = pushed.text("shown_sha256").ok_or_else(|| Error::field("/shown_sha256", Flaw::Required))?;
    let shown = Request::default()
        .with("text", Some(json!(text)))
        .with("sha256", Some(json!(hash)))
        .with("shown_at", super::row::moment(pushed, "occurred_at"))
        .with("number", pushed.text("told_number").map(|number| json!(number)));
    let request = Request::of(pushed).columns(pushed, &["language", "show_prices"]).with("shown", Some(shown.into()));
    let named = |mut error| {
        for (from, to) in [
            ("/shown/text", "/shown_text"),
            ("/shown/sha256", "/shown_sha256"),
            ("/shown/shown_at", "/occurred_at"),
            ("/shown/number", "/told_number"),
        ] {
            error = renamed(error, from, to);
        }
        error
    };
    let new: NewAct = pushed.request(request).map_err(named)?;
    Ok(issue::issue_pushed(conn, caller.actor, ticket, &new, caller.press).map_err(named)?.into())
}

/// Records a party's decision. Sent again it is the same decision.
pub fn sign_act(
    conn: &mut DbConnection,
    caller: &Caller<'_>,
    pushed: &Pushed,
    _: Option<&RawRow>,
) -> Result<Taken, Error> {
    let ticket = ticket_of(pushed)?;
    let _: SignatureId = own(pushed)?;
    let id: ActId = pushed.id_in("act_id").ok_or_else(|| Error::field("/act_id", Flaw::UnknownReference))?;
    let act = queries::find(conn, caller.actor, id)?;
    if act.ticket_id != ticket {
        return Err(Code::IdUnavailable.into());
    }
    // Whoever was shown a text decides on the document that was made of it.
    let shown = pushed.text("shown_sha256");
    let document = match shown {
        Some(_) => Some(act.document_sha256.to_string()),
        None => pushed.text("document_sha256").map(str::to_owned),
    };
    let ink = match pushed.text("ink_json") {
        Some(text) => Some(json_in(text, "/ink_json")?),
        None => None,
    };
    let request = Request::of(pushed)
        .columns(pushed, &["party", "outcome", "remarks"])
        .with("document_sha256", document.map(Value::from))
        .with("shown_sha256", shown.map(Value::from))
        .with("signer", Some(signer(pushed)))
        .with("ink", ink)
        .moments(pushed, &["signed_at"])
        .place(pushed);
    let named = |mut error| {
        for (from, to) in [
            ("/signer/contact_id", "/contact_id"),
            ("/signer/name", "/signer_name"),
            ("/signer/position", "/signer_position"),
        ] {
            error = renamed(error, from, to);
        }
        error
    };
    let new: NewSignature = pushed.request(request).map_err(named)?;
    let drawn = look(&new, Channel::Device)?;
    let made = signing::decide(conn, caller.actor, id, &new, &drawn, None, None).map_err(named)?;
    deliver::queue(conn, caller.copies, id, caller.actor.now())?;
    Ok(made.into())
}

/// Who signed. Phones fill in a contact's name and position for their own screens.
fn signer(pushed: &Pushed) -> Value {
    let mut signer = Map::new();
    if let Some(contact) = pushed.text("contact_id") {
        signer.insert("contact_id".to_owned(), json!(contact));
        return signer.into();
    }
    for (member, column) in [("name", "signer_name"), ("position", "signer_position")] {
        signer.extend(pushed.text(column).map(|text| (member.to_owned(), json!(text))));
    }
    signer.into()
}
