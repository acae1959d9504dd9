//! Links by which somebody without a login reads one act and signs it, on a phone of their own.
//!
//! A link opens one version of one act and nothing else. It ends when it expires, when it is revoked, when the client has
//! decided some other way, and when another version takes the act's place: none of that has to be written down, since
//! where a link stands follows from it and its act.

pub mod code;
pub mod door;
pub mod form;
pub mod handed;
pub mod make;
pub mod open;
pub mod page;
pub mod photos;
pub mod queries;
pub mod revoke;
pub mod routes;
pub mod seen;
pub mod sign;
pub mod sms;
pub mod token;
pub mod watch;
pub mod words;

use diesel::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};

use self::sms::Sms;
use crate::acts::{ActId, ActStatus, SignatureId};
use crate::companies::ContactId;
use crate::db::MultiBackend;
use crate::db::schema::act_links;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::http::Resource;
use crate::labels::bounds;
use crate::messages::{Message, MessageFailure, MessageId, MessageState};
use crate::users::UserId;
use crate::words::text::{Email, Phone};

id! {
    /// A link by which an act can be signed.
    LinkId,
}

text_enum! {
    /// Where a link stands.
    LinkState {
        /// Nobody has looked at it yet.
        Open = "open",
        /// Somebody has, and not decided.
        Viewed = "viewed",
        /// The client has decided by it.
        Signed = "signed",
        /// It ended before that.
        Void = "void",
        /// Its time is up.
        Expired = "expired",
    }
}

text_enum! {
    /// Why a link ended without a signature.
    VoidBecause {
        /// Somebody of ours took it back.
        Revoked = "revoked",
        /// Another version has taken the act's place.
        Superseded = "superseded",
        /// The act was taken back.
        Annulled = "annulled",
        /// The client has decided some other way.
        Decided = "decided",
    }
}

text_enum! {
    /// How whoever is to sign gets a link.
    SendBy {
        /// They are shown it, on the technician's screen.
        Device = "device",
        /// By e-mail, from the server.
        Email = "email",
        /// In a short message that the technician sends from his own telephone.
        Sms = "sms",
    }
}

/// Days a link lives when nothing is said.
const DAYS: u16 = 7;
/// Days a link may live.
const DAYS_BOUNDS: (u16, u16) = (1, 30);

/// A link as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = act_links, check_for_backend(MultiBackend))]
pub struct ActLink {
    /// Its id.
    pub id: LinkId,
    /// Which act it opens.
    pub act_id: ActId,
    /// Who is to sign; nothing for whoever is there.
    pub contact_id: Option<ContactId>,
    /// The hash of what opens it.
    pub token_hash: Sha256,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was first looked at.
    pub viewed_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<UserId>,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// How whoever is to sign got it.
    pub send_by: SendBy,
    /// Their address: codes go there, and the signed act.
    pub email: Option<String>,
    /// Where whoever signed asked for the signed act.
    pub copy_to: Option<String>,
}

impl ActLink {
    /// Where it stands, given how its act does and whether the client has decided by it.
    pub fn stands(&self, act: ActStatus, signed: bool, now: Timestamp) -> (LinkState, Option<VoidBecause>) {
        let void = |because| (LinkState::Void, Some(because));
        if signed {
            return (LinkState::Signed, None);
        }
        if self.revoked_at.is_some() {
            return void(VoidBecause::Revoked);
        }
        match act {
            ActStatus::Superseded => return void(VoidBecause::Superseded),
            ActStatus::Voided => return void(VoidBecause::Annulled),
            ActStatus::Signed | ActStatus::SignedWithRemarks | ActStatus::Refused => {
                return void(VoidBecause::Decided);
            }
            ActStatus::Issued | ActStatus::Unattended | ActStatus::DeemedAccepted => {}
        }
        if self.has_expired(now) {
            (LinkState::Expired, None)
        } else if self.viewed_at.is_some() {
            (LinkState::Viewed, None)
        } else {
            (LinkState::Open, None)
        }
    }

    /// Whether its time is up.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }
}

/// A link as people of ours see it. What opens it is told once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ActLinkView {
    /// Its id.
    pub id: LinkId,
    /// Which act it opens.
    pub act_id: ActId,
    /// Where it stands.
    pub state: LinkState,
    /// Why it ended without a signature, if it did.
    pub void_because: Option<VoidBecause>,
    /// Who is to sign; nothing for whoever is there.
    pub contact_id: Option<ContactId>,
    /// Until when it opens.
    pub expires_at: Timestamp,
    /// When it was first looked at.
    pub viewed_at: Option<Timestamp>,
    /// The decision that came by it.
    pub signature_id: Option<SignatureId>,
    /// When that came.
    pub signed_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// How whoever is to sign gets it.
    pub send_by: SendBy,
    /// Their address, when it is known: one-time codes go there, and the signed act.
    pub email: Option<String>,
    /// What became of the message with the link, when it went by e-mail.
    pub message: Option<LinkMessage>,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

/// What became of the message with a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LinkMessage {
    /// The message.
    pub id: MessageId,
    /// Where it stands.
    pub state: MessageState,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// Why it was given up.
    pub failure: Option<MessageFailure>,
}

impl From<&Message> for LinkMessage {
    fn from(message: &Message) -> Self {
        Self { id: message.id, state: message.state, sent_at: message.sent_at, failure: message.failure }
    }
}

/// A link that was made.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MadeActLink {
    /// The link.
    #[serde(flatten)]
    pub link: ActLinkView,
    /// Its address. Told once and kept nowhere: a request that is repeated is answered without it. Of a link that goes by
    /// e-mail it is told to nobody but the recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The address as a QR code, SVG, to be shown on the screen. Told with the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qr_svg: Option<String>,
    /// The short message to send from the technician's telephone. Told with the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<Sms>,
}

impl Resource for MadeActLink {
    fn path(&self) -> String {
        format!("/api/v1/acts/{}/links", self.link.act_id)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}

/// A link to make.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewActLink {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<LinkId>,
    /// A contact of the client's who is to sign. Without one, whoever opens the link says who they are, and may sign what
    /// anybody who is there may.
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    /// How they get it: `device` when left out. By `email` the server sends it; for `sms` the answer holds the text.
    #[serde(default)]
    pub send_by: Option<SendBy>,
    /// Where one-time codes and the signed act go, and with `email` the link itself. The contact's own address when left
    /// out, and only that when the contact has one.
    #[serde(default)]
    pub email: Option<Email>,
    /// With `sms`: to which number. The contact's own when left out.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// Days until it expires; 7 when left out.
    #[serde(default, deserialize_with = "days")]
    #[schema(minimum = 1, maximum = 30)]
    pub valid_days: Option<u16>,
}

/// A link to leave where nobody was there to sign.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftLink {
    /// A contact of the client's who is to sign. Without one, whoever opens the link says who they are.
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    /// How they get it, as for any link.
    #[serde(default)]
    pub send_by: Option<SendBy>,
    /// Where one-time codes and the signed act go, as for any link.
    #[serde(default)]
    pub email: Option<Email>,
    /// With `sms`: to which number.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// Days until it expires; 7 when left out.
    #[serde(default, deserialize_with = "days")]
    #[schema(minimum = 1, maximum = 30)]
    pub valid_days: Option<u16>,
}

impl From<&LeftLink> for NewActLink {
    fn from(left: &LeftLink) -> Self {
        let LeftLink { contact_id, send_by, email, phone, valid_days } = left.clone();
        Self { id: None, contact_id, send_by, email, phone, valid_days }
    }
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    bounds::in_body(deserializer, DAYS_BOUNDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_link_stands_follows_from_its_act() {
        let now = Timestamp::parse("2026-11-22T12:00:00Z").unwrap();
        let fresh = ActLink {
            id: LinkId::new(),
            act_id: ActId::new(),
            contact_id: None,
            token_hash: Sha256::of([]),
            expires_at: now.plus_seconds(1),
            viewed_at: None,
            revoked_at: None,
            revoked_by: None,
            created_by: UserId::new(),
            created_at: now,
            send_by: SendBy::Device,
            email: None,
            copy_to: None,
        };
        let viewed = ActLink { viewed_at: Some(now), ..fresh.clone() };
        let revoked = ActLink { revoked_at: Some(now), ..viewed.clone() };
        let told = |link: &ActLink, act: ActStatus, signed: bool, now: Timestamp| {
            let (state, because) = link.stands(act, signed, now);
            format!("{state}{}", because.map(|because| format!(" {because}")).unwrap_or_default())
        };
        let mut table = Vec::new();
        for act in ActStatus::ALL {
            let late = now.plus_seconds(1);
            table.push(format!(
                "{act}: {}, {}, {}, late {}, by it {}",
                told(&fresh, *act, false, now),
                told(&viewed, *act, false, now),
                told(&revoked, *act, false, now),
                told(&viewed, *act, false, late),
                told(&viewed, *act, true, late),
            ));
        }
        assert_eq!(
            table,
            [
                "issued: open, viewed, void revoked, late expired, by it signed",
                "signed: void decided, void decided, void revoked, late void decided, by it signed",
                "signed_with_remarks: void decided, void decided, void revoked, late void decided, by it signed",
                "refused: void decided, void decided, void revoked, late void decided, by it signed",
                "unattended: open, viewed, void revoked, late expired, by it signed",
                "deemed_accepted: open, viewed, void revoked, late expired, by it signed",
                "superseded: void superseded, void superseded, void revoked, late void superseded, by it signed",
                "voided: void annulled, void annulled, void revoked, late void annulled, by it signed",
            ]
        );
    }
}
