//! Acts of completed works: made from a ticket, frozen, signed.
//!
//! Issuing freezes a snapshot and prints it once; what people sign is the hash of those bytes. Nothing is printed again
//! from live data: a change after issue is the next version, and the one before stays with its signatures.

pub mod absence;
pub mod authority;
pub mod block;
pub mod deemed;
pub mod deliver;
pub mod evidence;
pub mod issue;
pub mod phrases;
pub mod press;
pub mod queries;
pub mod reserve;
pub mod routes;
pub mod settle;
pub mod shown;
pub mod signature;
pub mod signed_copy;
pub mod signers;
pub mod signing;
pub mod snapshot;
pub mod terms;
pub mod unused;
pub mod wording;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use self::shown::{NewShown, ShownAs};
use crate::companies::{CompanyId, SigningAuthority};
use crate::db::MultiBackend;
use crate::db::schema::acts;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::http::Resource;
use crate::http::query::list_query;
use crate::money::{Currency, Money};
use crate::tickets::TicketId;
use crate::users::UserId;
use crate::verify::code::VerificationCode;
use crate::words::Language;

id! {
    /// A version of an act.
    ActId,
    /// A party's decision on an act.
    SignatureId,
    /// A note that nobody was there to sign an act.
    AbsenceId,
}

text_enum! {
    /// The life of an act.
    ActStatus {
        /// Frozen, waiting for signatures.
        Issued = "issued",
        /// The client has accepted it.
        Signed = "signed",
        /// The client has accepted it, with remarks that are on it.
        SignedWithRemarks = "signed_with_remarks",
        /// The client has refused it, with a reason.
        Refused = "refused",
        /// Nobody was there to sign.
        Unattended = "unattended",
        /// The client has said nothing for as long as the agreement waits. Nobody has signed it.
        DeemedAccepted = "deemed_accepted",
        /// The next version has taken its place.
        Superseded = "superseded",
        /// Taken back.
        Voided = "voided",
    }
}

impl ActStatus {
    /// The states an act may come from. The whole life of an act is this match.
    pub const fn predecessors(self) -> &'static [Self] {
        match self {
            Self::Issued => &[],
            Self::Signed | Self::SignedWithRemarks | Self::Refused => &Self::OPEN,
            Self::Unattended => &[Self::Issued],
            Self::DeemedAccepted => &[Self::Issued, Self::Unattended],
            Self::Superseded => &[
                Self::Issued,
                Self::Unattended,
                Self::DeemedAccepted,
                Self::Signed,
                Self::SignedWithRemarks,
                Self::Refused,
            ],
            Self::Voided => &[Self::Issued, Self::Unattended, Self::DeemedAccepted, Self::Refused],
        }
    }

    /// The states in which the client may still decide: silence is no decision, whatever an agreement takes it for.
    pub const OPEN: [Self; 3] = [Self::Issued, Self::Unattended, Self::DeemedAccepted];

    /// The states in which a manager may settle an act without the client's signature.
    pub const UNSETTLED: [Self; 4] = [Self::Issued, Self::Unattended, Self::DeemedAccepted, Self::Refused];

    /// The states in which an act waits for a manager rather than for the client.
    pub const FOR_MANAGERS: [Self; 3] = [Self::Unattended, Self::DeemedAccepted, Self::Refused];

    /// The states in which the client has accepted the work.
    pub const ACCEPTED: [Self; 2] = [Self::Signed, Self::SignedWithRemarks];

    /// Whether the client has accepted the work.
    pub fn is_accepted(self) -> bool {
        Self::ACCEPTED.contains(&self)
    }
}

/// A version of an act as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = acts, check_for_backend(MultiBackend))]
pub struct Act {
    /// Its id.
    pub id: ActId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// For whom.
    pub company_id: CompanyId,
    /// Its number; all versions share it.
    pub number: String,
    /// Which version.
    pub version: i64,
    /// Where it stands.
    pub status: ActStatus,
    /// Its language.
    pub language: Language,
    /// Whether it shows prices.
    pub show_prices: bool,
    /// The currency of its amounts.
    pub currency: Currency,
    /// The extra lines without tax.
    pub net: Money,
    /// Their tax.
    pub vat: Money,
    /// What the client pays for them.
    pub gross: Money,
    /// What the client's signer must be allowed to sign.
    pub required_authority: SigningAuthority,
    /// The frozen content, JSON.
    pub snapshot: String,
    /// Its hash.
    pub snapshot_sha256: Sha256,
    /// The form that printed it.
    pub form_sha256: Sha256,
    /// The hash of the frozen PDF: what is signed.
    pub document_sha256: Sha256,
    /// Its bytes.
    pub document_size: i64,
    /// Where people sign on it, JSON.
    pub signature_boxes: String,
    /// The hash of the signed copy.
    pub signed_document_sha256: Option<Sha256>,
    /// Who issued it.
    pub issued_by: UserId,
    /// When it was frozen.
    pub issued_at: Timestamp,
    /// When the client decided.
    pub signed_at: Option<Timestamp>,
    /// When a manager settled it without a signature.
    pub resolved_at: Option<Timestamp>,
    /// Which manager.
    pub resolved_by: Option<UserId>,
    /// Why.
    pub resolution: Option<String>,
    /// What its QR code leads to; acts of earlier versions of the program have none.
    pub verification_code: Option<VerificationCode>,
    /// The text that a phone without a network showed before it was issued.
    pub shown_text: Option<String>,
    /// Its hash.
    pub shown_sha256: Option<Sha256>,
    /// Whether that text says what was frozen.
    pub shown_as: Option<ShownAs>,
    /// When it was shown, by the phone's clock.
    pub shown_at: Option<Timestamp>,
    /// The number that the phone told then.
    pub told_number: Option<String>,
}

/// An act as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ActView {
    /// Its id.
    pub id: ActId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// For whom.
    pub company_id: CompanyId,
    /// Its number; all versions share it.
    pub number: String,
    /// Which version.
    #[schema(minimum = 1)]
    pub version: i64,
    /// Where it stands.
    pub status: ActStatus,
    /// Its language.
    pub language: Language,
    /// Whether it shows prices.
    pub show_prices: bool,
    /// What the client pays for the extra works.
    pub total: Money,
    /// The currency of the total.
    pub currency: Currency,
    /// What the client's signer must be allowed to sign.
    pub required_authority: SigningAuthority,
    /// The hash of the frozen PDF: what is signed.
    pub document_sha256: Sha256,
    /// The hash of the frozen content.
    pub content_sha256: Sha256,
    /// The hash of the form that printed it.
    pub form_sha256: Sha256,
    /// The hash of the signed copy.
    pub signed_document_sha256: Option<Sha256>,
    /// Who issued it.
    pub issued_by: UserId,
    /// When it was frozen.
    pub issued_at: Timestamp,
    /// When the client decided.
    pub signed_at: Option<Timestamp>,
    /// When a manager settled it without a signature.
    pub resolved_at: Option<Timestamp>,
    /// Why.
    pub resolution: Option<String>,
    /// Anybody who has it can check the act at `/verify/{code}`. Acts of earlier versions of the program have none.
    pub verification_code: Option<VerificationCode>,
    /// What a phone without a network showed before the act was issued: `same_text` when it says what was frozen,
    /// `other_text` when it does not; null for an act that was issued with a network. The text itself is at
    /// `/api/v1/acts/{id}/shown.txt`.
    pub shown_as: Option<ShownAs>,
    /// The hash of that text.
    pub shown_sha256: Option<Sha256>,
    /// When it was shown, by the phone's clock.
    pub shown_at: Option<Timestamp>,
    /// The number that the phone told then, out of its block. It is another than `number` when the act came too late for it.
    pub told_number: Option<String>,
}

impl From<Act> for ActView {
    fn from(act: Act) -> Self {
        Self {
            id: act.id,
            ticket_id: act.ticket_id,
            company_id: act.company_id,
            number: act.number,
            version: act.version,
            status: act.status,
            language: act.language,
            show_prices: act.show_prices,
            total: act.gross,
            currency: act.currency,
            required_authority: act.required_authority,
            document_sha256: act.document_sha256,
            content_sha256: act.snapshot_sha256,
            form_sha256: act.form_sha256,
            signed_document_sha256: act.signed_document_sha256,
            issued_by: act.issued_by,
            issued_at: act.issued_at,
            signed_at: act.signed_at,
            resolved_at: act.resolved_at,
            resolution: act.resolution,
            verification_code: act.verification_code,
            shown_as: act.shown_as,
            shown_sha256: act.shown_sha256,
            shown_at: act.shown_at,
            told_number: act.told_number,
        }
    }
}

impl Resource for ActView {
    fn path(&self) -> String {
        format!("/api/v1/acts/{}", self.id)
    }

    /// An act does not change; where it stands is told by its status.
    fn version(&self) -> Option<i64> {
        None
    }
}

/// An act to issue.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAct {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<ActId>,
    /// Its language; the company's, else the provider's, when left out.
    #[serde(default)]
    pub language: Option<Language>,
    /// Whether it shows prices.
    #[serde(default)]
    pub show_prices: bool,
    /// What a phone without a network has shown in its place.
    #[serde(default)]
    pub shown: Option<NewShown>,
}

impl NewAct {
    /// The number that a phone told the people who read.
    pub fn told_number(&self) -> Option<&str> {
        self.shown.as_ref()?.number.as_deref()
    }
}

list_query! {
    /// Which acts.
    pub struct ActFilter {
        /// Standing so.
        status: ActStatus,
        /// For this company.
        company_id: CompanyId,
        /// On this ticket.
        ticket_id: TicketId,
        /// Those that wait for a manager: refused, unattended or deemed accepted, and not settled yet.
        for_managers: crate::http::query::Flag,
    }
}

#[cfg(test)]
mod tests {
    use super::ActStatus;

    #[test]
    fn the_life_of_an_act() {
        let life: Vec<String> = ActStatus::ALL
            .iter()
            .map(|status| {
                format!(
                    "{status} <- {}",
                    status.predecessors().iter().map(|from| from.as_str()).collect::<Vec<_>>().join(" ")
                )
            })
            .collect();
        assert_eq!(
            life,
            [
                "issued <- ",
                "signed <- issued unattended deemed_accepted",
                "signed_with_remarks <- issued unattended deemed_accepted",
                "refused <- issued unattended deemed_accepted",
                "unattended <- issued",
                "deemed_accepted <- issued unattended",
                "superseded <- issued unattended deemed_accepted signed signed_with_remarks refused",
                "voided <- issued unattended deemed_accepted refused",
            ]
        );
    }
}
