//! Acts and the decisions on them.

use diesel::prelude::*;

use super::super::column::{maybe_millis, maybe_text, millis, raw_table};
use super::work::of_tickets;
use super::{Roots, Synced, Viewer, each, ids, keys};
use crate::acts::shown::ShownAs;
use crate::acts::signature::Signature;
use crate::acts::{Act, ActId, SignatureId};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{acts, signatures};
use crate::db::types::AnyId;
use crate::error::Error;
use crate::tickets::TicketId;

raw_table! {
    /// Acts of completed works, every version. The paper is at `/api/v1/acts/{id}/document.pdf`. To issue one without a
    /// network, write a row with the text that was shown.
    ActRow in "acts" {
        /// The ticket.
        ticket_id: String [Indexed Phone],
        /// Its number; all versions share it.
        number: Option<String>,
        /// Which version.
        version: Option<i64>,
        /// issued, signed, signed_with_remarks, refused, unattended, deemed_accepted, superseded, voided.
        status: Option<String>,
        /// Its language: ru, uk, en.
        language: String [Phone],
        /// Whether it shows prices.
        show_prices: bool [Phone],
        /// What the client pays for the extra works, a decimal.
        total: Option<String>,
        /// The currency of the total.
        currency: Option<String>,
        /// What the client's signer must be allowed to sign: none, routine, official.
        required_authority: Option<String>,
        /// The hash of the frozen PDF: what is signed.
        document_sha256: Option<String>,
        /// Without a network: the very text that was shown in the document's place. Told again to whoever sent it.
        shown_text: Option<String> [Phone],
        /// The SHA-256 of that text, in lower-case hexadecimal.
        shown_sha256: Option<String> [Phone],
        /// same_text: it says what was frozen; other_text: it does not, and both are kept.
        shown_as: Option<String>,
        /// When it was shown, by the phone's clock.
        occurred_at: Option<i64> [Phone],
        /// The number of `act_numbers` that was told with it. When `number` is another, the act came too late for this one.
        told_number: Option<String> [Phone],
        /// Who issued it.
        issued_by: Option<String>,
        /// When it was frozen.
        issued_at: Option<i64>,
        /// When the client decided.
        signed_at: Option<i64>,
        /// When a manager settled it without a signature.
        resolved_at: Option<i64>,
        /// Why.
        resolution: Option<String>,
    }
}

impl Synced for ActRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        of_tickets!(conn, roots, acts)
    }

    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Act> =
            acts::table.filter(acts::id.among(ids::<ActId>(keys))).select(Act::as_select()).load(conn)?;
        let row = |act: Act| Self {
            id: act.id.to_string(),
            ticket_id: act.ticket_id.to_string(),
            number: Some(act.number),
            version: Some(act.version),
            status: Some(act.status.to_string()),
            language: act.language.to_string(),
            show_prices: act.show_prices,
            total: Some(act.gross.to_string()),
            currency: Some(act.currency.to_string()),
            required_authority: Some(act.required_authority.to_string()),
            document_sha256: Some(act.document_sha256.to_string()),
            // After a restore its author's phone may be the only place where it is.
            shown_text: act.shown_text.filter(|_| act.issued_by == viewer.user),
            shown_sha256: maybe_text(act.shown_sha256),
            shown_as: maybe_text(act.shown_as),
            occurred_at: maybe_millis(act.shown_at),
            told_number: act.told_number,
            issued_by: Some(act.issued_by.to_string()),
            issued_at: Some(millis(act.issued_at)),
            signed_at: maybe_millis(act.signed_at),
            resolved_at: maybe_millis(act.resolved_at),
            resolution: act.resolution,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// The parties' decisions on acts. To have an act signed without a network, write a row; it is never changed.
    SignatureRow in "signatures" {
        /// The version of an act.
        act_id: String [Indexed Phone],
        /// Its ticket.
        ticket_id: String [Indexed Phone],
        /// client, provider, witness.
        party: String [Phone],
        /// The contact, if known; then their name and position are those of the contact.
        contact_id: Option<String> [Phone],
        /// What they are called.
        signer_name: Option<String> [Phone],
        /// Their position.
        signer_position: Option<String> [Phone],
        /// What they might sign then; of a witness, none.
        authority: Option<String>,
        /// accepted, accepted_with_remarks, refused; of a witness, accepted says that they saw it.
        outcome: String [Phone],
        /// What they said about it.
        remarks: Option<String> [Phone],
        /// How they gave their name to it.
        method: Option<String>,
        /// What they drew, as signature_pad gives it: `{"width":…,"height":…,"groups":[…]}`, JSON. Told again to whoever sent it.
        ink_json: Option<String> [Phone],
        /// The hash of the document they were shown; left empty when they were shown a text.
        document_sha256: Option<String> [Phone],
        /// The hash of the text they were shown in its place: `shown_sha256` of the act.
        shown_sha256: Option<String> [Phone],
        /// document, same_text, other_text: what they were shown, compared with what was frozen.
        shown_as: Option<String>,
        /// When, by the device's clock.
        signed_at: Option<i64> [Phone],
        /// When it arrived.
        recorded_at: Option<i64>,
        /// Who was signed in on the device.
        recorded_by: Option<String>,
        /// Degrees north.
        lat: Option<f64> [Phone],
        /// Degrees east.
        lon: Option<f64> [Phone],
        /// How exact, in metres.
        accuracy_m: Option<f64> [Phone],
    }
}

impl Synced for SignatureRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let found: Vec<SignatureId> = each(&roots.tickets, |some| {
            let of = signatures::table.inner_join(acts::table.on(acts::id.eq(signatures::act_id)));
            Ok(of.filter(acts::ticket_id.among(some)).select(signatures::id).load(conn)?)
        })?;
        Ok(keys(found))
    }

    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<(TicketId, Signature)> = signatures::table
            .inner_join(acts::table.on(acts::id.eq(signatures::act_id)))
            .filter(signatures::id.among(ids::<SignatureId>(keys)))
            .select((acts::ticket_id, Signature::as_select()))
            .load(conn)?;
        let row = |(ticket, signature): (TicketId, Signature)| Self {
            id: signature.id.to_string(),
            act_id: signature.act_id.to_string(),
            ticket_id: ticket.to_string(),
            party: signature.party.to_string(),
            contact_id: maybe_text(signature.contact_id),
            signer_name: Some(signature.signer_name),
            signer_position: signature.signer_position,
            authority: Some(signature.authority.to_string()),
            outcome: signature.outcome.to_string(),
            remarks: signature.remarks,
            method: Some(signature.method.to_string()),
            ink_json: signature.ink.filter(|_| signature.recorded_by == viewer.user),
            document_sha256: Some(signature.document_sha256.to_string()),
            shown_sha256: maybe_text(signature.shown_sha256),
            shown_as: Some(signature.shown_as.unwrap_or(ShownAs::Document).to_string()),
            signed_at: Some(millis(signature.signed_at)),
            recorded_at: Some(millis(signature.recorded_at)),
            recorded_by: Some(signature.recorded_by.to_string()),
            lat: signature.lat,
            lon: signature.lon,
            accuracy_m: signature.accuracy_m,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
