//! Acts and the decisions on them.

use diesel::prelude::*;

use super::super::column::{maybe_millis, maybe_text, millis, raw_table};
use super::work::of_tickets;
use super::{Roots, Synced, Viewer, each, ids, keys};
use crate::acts::signature::Signature;
use crate::acts::{Act, ActId, ActView, SignatureId};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{acts, signatures};
use crate::db::types::AnyId;
use crate::error::Error;
use crate::tickets::TicketId;

raw_table! {
    /// Acts of completed works, every version. The paper is at `/api/v1/acts/{id}/document.pdf`.
    ActRow in "acts" {
        /// The ticket.
        ticket_id: String [Indexed],
        /// Its number; all versions share it.
        number: String,
        /// Which version.
        version: i64,
        /// issued, signed, signed_with_remarks, refused, unattended, superseded, voided.
        status: String,
        /// Its language.
        language: String,
        /// Whether it shows prices.
        show_prices: bool,
        /// What the client pays for the extra works, a decimal.
        total: String,
        /// The currency of the total.
        currency: String,
        /// What the client's signer must be allowed to sign: none, routine, official.
        required_authority: String,
        /// The hash of the frozen PDF: what is signed.
        document_sha256: String,
        /// Who issued it.
        issued_by: String,
        /// When it was frozen.
        issued_at: i64,
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

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Act> =
            acts::table.filter(acts::id.among(ids::<ActId>(keys))).select(Act::as_select()).load(conn)?;
        let row = |act: ActView| Self {
            id: act.id.to_string(),
            ticket_id: act.ticket_id.to_string(),
            number: act.number,
            version: act.version,
            status: act.status.to_string(),
            language: act.language.to_string(),
            show_prices: act.show_prices,
            total: act.total.to_string(),
            currency: act.currency.to_string(),
            required_authority: act.required_authority.to_string(),
            document_sha256: act.document_sha256.to_string(),
            issued_by: act.issued_by.to_string(),
            issued_at: millis(act.issued_at),
            signed_at: maybe_millis(act.signed_at),
            resolved_at: maybe_millis(act.resolved_at),
            resolution: act.resolution,
        };
        Ok(rows.into_iter().map(|act| row(act.into())).collect())
    }
}

raw_table! {
    /// The parties' decisions on acts.
    SignatureRow in "signatures" {
        /// The version of an act.
        act_id: String [Indexed],
        /// Its ticket.
        ticket_id: String [Indexed],
        /// client, provider.
        party: String,
        /// The contact, if known.
        contact_id: Option<String>,
        /// What they are called.
        signer_name: String,
        /// Their position.
        signer_position: Option<String>,
        /// What they might sign then.
        authority: String,
        /// accepted, accepted_with_remarks, refused.
        outcome: String,
        /// What they said about it.
        remarks: Option<String>,
        /// How they gave their name to it.
        method: String,
        /// The hash of the document they were shown.
        document_sha256: String,
        /// When, by the device's clock.
        signed_at: i64,
        /// When it arrived.
        recorded_at: i64,
        /// Who was signed in on the device.
        recorded_by: String,
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

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
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
            signer_name: signature.signer_name,
            signer_position: signature.signer_position,
            authority: signature.authority.to_string(),
            outcome: signature.outcome.to_string(),
            remarks: signature.remarks,
            method: signature.method.to_string(),
            document_sha256: signature.document_sha256.to_string(),
            signed_at: millis(signature.signed_at),
            recorded_at: millis(signature.recorded_at),
            recorded_by: signature.recorded_by.to_string(),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
