//! The evidence of a signed act: what is known of each decision and of what led to it, for programs. It travels within the
//! signed copy, and holds nothing that was not recorded when it happened.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::absence::{self, Absence};
use super::shown::ShownAs;
use super::signature::{Ink, Party, Signature};
use super::snapshot::Snapshot;
use super::terms::{self, ActTerms};
use super::{Act, ActId, queries};
use crate::db::among::Among;
use crate::db::schema::{act_links, event_chain, events, users};
use crate::db::types::{AnyId, Sha256, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::history::EventId;
use crate::links::code::{self, SigningCode, SigningCodeId};
use crate::links::{ActLink, LinkId};
use crate::messages;
use crate::messages::mask::masked;
use crate::seal::key::Described;
use crate::users::UserId;

/// The shape of the evidence.
const VERSION: u8 = 1;

/// Everything the evidence is made of.
pub struct Facts {
    /// The act.
    pub act: Act,
    /// What it froze.
    pub content: Snapshot,
    /// The decisions on it, in the order they came.
    pub signatures: Vec<Signature>,
    /// The note that nobody was there to sign, if there is one.
    pub absence: Option<Absence>,
    /// By which terms it is signed.
    pub terms: Option<ActTerms>,
    /// What the people in all this are called.
    pub people: BTreeMap<UserId, String>,
    /// What happened to it, in the order it happened.
    pub events: Vec<Happened>,
    /// The links by which decisions came.
    pub links: BTreeMap<LinkId, ActLink>,
    /// The one-time codes that confirmed decisions, each with the moment when it was sent.
    pub codes: BTreeMap<SigningCodeId, (SigningCode, Option<Timestamp>)>,
}

/// Something that happened to an act, with its place in the chain of events.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(MultiBackend))]
pub struct Happened {
    /// Its id.
    pub id: EventId,
    /// What.
    pub action: String,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor_id: Option<UserId>,
    /// From where, JSON; nothing when it was erased.
    facts: Option<String>,
    /// The salted hash of its facts.
    pub facts_hash: Sha256,
    /// Its place in the chain, the hash of the one before, and its own; nothing while it waits for one.
    #[diesel(embed)]
    pub link: Link,
}

/// A place in the chain of events.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = event_chain, check_for_backend(MultiBackend))]
pub struct Link {
    /// Its number.
    pub seq: i64,
    /// The hash of the one before.
    pub prev_hash: Sha256,
    /// Its own.
    pub hash: Sha256,
}

impl Happened {
    /// From which address.
    pub fn ip(&self) -> Option<String> {
        self.from("ip")
    }

    /// By what program.
    pub fn user_agent(&self) -> Option<String> {
        self.from("user_agent")
    }

    fn from(&self, member: &str) -> Option<String> {
        let facts: Value = serde_json::from_str(self.facts.as_deref()?).ok()?;
        Some(facts.get("from")?.get(member)?.as_str()?.to_owned())
    }
}

/// Reads the facts of an act that is decided, as far as they are chained.
///
/// # Errors
/// `not_found`
pub fn facts(conn: &mut DbConnection, id: ActId) -> Result<Facts, Error> {
    let act = queries::load(conn, id)?.ok_or(Code::NotFound)?;
    let signatures = queries::decisions(conn, id)?;
    let (absence, terms) = (absence::of(conn, id)?, terms::find(conn, id)?);
    let last = last_word(&signatures, absence.as_ref(), terms.as_ref()).unwrap_or(act.issued_at);
    let events: Vec<Happened> = events::table
        .inner_join(event_chain::table)
        .filter(events::object_kind.eq("act"))
        .filter(events::object_id.eq(AnyId::from(id.uuid())))
        .filter(events::at.le(last))
        .order(event_chain::seq)
        .select(Happened::as_select())
        .load(conn)?;
    let by_link: Vec<LinkId> = signatures.iter().filter_map(|signature| signature.link_id).collect();
    let links: Vec<ActLink> =
        act_links::table.filter(act_links::id.among(by_link)).select(ActLink::as_select()).load(conn)?;
    let mut ids: Vec<UserId> = signatures.iter().map(|signature| signature.recorded_by).collect();
    ids.extend(events.iter().filter_map(|event| event.actor_id));
    ids.push(act.issued_by);
    ids.extend(absence.as_ref().map(|absence| absence.recorded_by));
    let people: Vec<(UserId, String)> =
        users::table.filter(users::id.among(ids)).select((users::id, users::name)).load(conn)?;
    let content = Snapshot::read(&act.snapshot)?;
    let links = links.into_iter().map(|link| (link.id, link)).collect();
    let mut codes = BTreeMap::new();
    for one in code::some(conn, signatures.iter().filter_map(|signature| signature.code_id).collect())? {
        let sent_at = messages::queries::find(conn, one.message())?.sent_at;
        codes.insert(one.id, (one, sent_at));
    }
    Ok(Facts { act, content, signatures, absence, terms, people: people.into_iter().collect(), events, links, codes })
}

/// How many things a signed copy of an act would tell now: see [`Facts::told`].
///
/// # Errors
/// The database's.
pub fn told(conn: &mut DbConnection, id: ActId) -> Result<i64, Error> {
    let decided = i64::try_from(queries::decisions(conn, id)?.len()).unwrap_or(i64::MAX);
    let absent = i64::from(absence::of(conn, id)?.is_some());
    let deemed = terms::find(conn, id)?.is_some_and(|terms| terms.deemed_accepted_at.is_some());
    Ok(decided + absent + i64::from(deemed))
}

/// When the last thing happened that a signed copy tells.
fn last_word(signatures: &[Signature], absence: Option<&Absence>, terms: Option<&ActTerms>) -> Option<Timestamp> {
    let signed = signatures.last().map(|signature| signature.recorded_at);
    let noted = absence.map(|absence| absence.recorded_at);
    [signed, noted, terms.and_then(|terms| terms.deemed_accepted_at)].into_iter().flatten().max()
}

impl Facts {
    /// The organisation a party decides for; a witness answers for nobody.
    pub fn organisation(&self, party: Party) -> Option<&str> {
        match party {
            Party::Client => Some(&self.content.customer.legal_name),
            Party::Provider => Some(&self.content.provider.legal_name),
            Party::Witness => None,
        }
    }

    /// The terms by which the act was taken for accepted, if it was.
    pub fn deemed(&self) -> Option<&ActTerms> {
        self.terms.as_ref().filter(|terms| terms.deemed_accepted_at.is_some())
    }

    /// How many things a signed copy tells: decisions, that nobody was there, that silence was taken for acceptance. It only
    /// grows, so that copies are told apart by it.
    pub fn told(&self) -> i64 {
        let told = self.signatures.len() + usize::from(self.absence.is_some()) + usize::from(self.deemed().is_some());
        i64::try_from(told).unwrap_or(i64::MAX)
    }

    /// Whether there is anything to tell by a signed copy: what our own side alone has signed is signed by nobody who
    /// matters.
    pub fn has_word_of_client(&self) -> bool {
        let signed = self.signatures.iter().any(|one| one.party == Party::Client);
        signed || self.absence.is_some() || self.deemed().is_some()
    }

    /// When the last thing happened that a signed copy tells.
    pub fn last_word(&self) -> Option<Timestamp> {
        last_word(&self.signatures, self.absence.as_ref(), self.terms.as_ref())
    }

    /// The evidence, JSON.
    ///
    /// # Errors
    /// When what was drawn cannot be read: our fault.
    pub fn evidence(&self, pages: usize, seal: &Described) -> Result<Vec<u8>, Error> {
        let Self { act, content, signatures, people, events, .. } = self;
        let signatures: Result<Vec<Value>, Error> = signatures.iter().map(|one| self.signature(one)).collect();
        let events: Vec<Value> = events
            .iter()
            .map(|event| {
                json!({
                    "seq": event.link.seq, "id": event.id, "action": event.action, "at": event.at,
                    "actor": event.actor_id.and_then(|id| people.get(&id)), "ip": event.ip(), "user_agent": event.user_agent(),
                    "facts_hash": event.facts_hash, "prev_hash": event.link.prev_hash, "hash": event.link.hash,
                })
            })
            .collect();
        let organisation =
            |party: &super::snapshot::Party| json!({"legal_name": party.legal_name, "tax_id": party.tax_id});
        let evidence = json!({
            "evidence_version": VERSION,
            "act": {
                "id": act.id, "number": act.number, "version": act.version, "language": act.language,
                "issued_at": act.issued_at, "issued_by": people.get(&act.issued_by), "zone": content.zone,
                "verification_code": act.verification_code, "required_authority": act.required_authority,
                "content_sha256": act.snapshot_sha256, "form_sha256": act.form_sha256,
                "shown": act.shown_as.map(|shown| json!({
                    "as": shown, "sha256": act.shown_sha256, "device_time": act.shown_at, "text": act.shown_text,
                    "told_number": act.told_number,
                })),
            },
            "document": {"sha256": act.document_sha256, "bytes": act.document_size, "pages": pages},
            "provider": organisation(&content.provider),
            "customer": organisation(&content.customer),
            "agreement": content.agreement,
            "signatures": signatures?,
            "absence": self.absence.as_ref().map(|absence| json!({
                "id": absence.id, "reason": absence.reason, "photo_sha256": absence.photo_sha256,
                "device_time": absence.occurred_at, "recorded_at": absence.recorded_at,
                "recorded_by": people.get(&absence.recorded_by), "ip": absence.ip, "user_agent": absence.user_agent,
                "device_id": absence.device_id,
                "place": absence.lat.zip(absence.lon).map(|(lat, lon)| json!({"lat": lat, "lon": lon, "accuracy_m": absence.accuracy_m})),
                "document_sha256": absence.document_sha256, "absence_sha256": absence.absence_sha256,
            })),
            "signing_rule": self.terms.as_ref().and_then(|terms| terms.rule_id).map(|rule| json!({
                "id": rule, "employee_limit": self.terms.as_ref().and_then(|terms| terms.employee_limit),
                "walk_ins": self.terms.as_ref().map(|terms| terms.walk_ins),
            })),
            "deemed_acceptance": self.deemed().map(|terms| json!({
                "after_working_days": terms.after_days, "clause": terms.clause, "due_on": terms.due_on,
                "due_at": terms.acceptance_due_at, "noted_at": terms.deemed_accepted_at, "signed": false,
            })),
            "events": events,
            "seal": {"form": "PAdES B-B", "holder": seal.holder, "certificate_sha256": seal.sha256},
        });
        Ok(serde_json::to_vec_pretty(&evidence)?)
    }

    /// Who was signed in when a decision came: nobody, when it came by a link.
    pub fn recorded_by(&self, one: &Signature) -> Option<&String> {
        self.people.get(&one.recorded_by).filter(|_| one.link_id.is_none())
    }

    /// The link by which a decision was asked for.
    pub fn request(&self, one: &Signature) -> Option<&ActLink> {
        self.links.get(&one.link_id?)
    }

    /// The one-time code that confirmed a decision, and when it was sent.
    pub fn code(&self, one: &Signature) -> Option<&(SigningCode, Option<Timestamp>)> {
        self.codes.get(&one.code_id?)
    }

    fn signature(&self, one: &Signature) -> Result<Value, Error> {
        let ink: Option<Ink> = one.ink.as_deref().map(serde_json::from_str).transpose()?;
        let ink = ink.zip(one.ink.as_ref()).map(|(ink, text)| {
            let points: usize = ink.groups.iter().map(|stroke| stroke.points.len()).sum();
            json!({"sha256": Sha256::of(text), "strokes": ink.groups.len(), "points": points})
        });
        let place =
            one.lat.zip(one.lon).map(|(lat, lon)| json!({"lat": lat, "lon": lon, "accuracy_m": one.accuracy_m}));
        let request = self.request(one).map(|link| {
            json!({
                "link_id": link.id, "made_at": link.created_at, "made_by": self.people.get(&link.created_by),
                "for_contact_id": link.contact_id, "first_viewed_at": link.viewed_at, "expires_at": link.expires_at,
                "send_by": link.send_by, "email": link.email.as_deref().map(masked),
                "email_sha256": link.email.as_deref().map(Sha256::of),
            })
        });
        let otp = self.code(one).map(|(code, sent_at)| {
            json!({
                "request_id": code.id, "channel": "email", "contact_masked": code.masked(),
                "contact_sha256": Sha256::of(&code.address), "sent_at": sent_at, "verified_at": code.used_at,
                "attempts": code.tries,
            })
        });
        let consent = one.consent.as_ref().map(|text| json!({"text": text, "sha256": Sha256::of(text)}));
        Ok(json!({
            "channel": one.channel(), "request": request, "consent": consent, "otp": otp,
            "id": one.id, "party": one.party, "outcome": one.outcome, "remarks": one.remarks, "method": one.method,
            "signer": {
                "name": one.signer_name, "position": one.signer_position, "organisation": self.organisation(one.party),
                "contact_id": one.contact_id, "authority": one.authority, "power_of_attorney": one.power_of_attorney,
            },
            "device_time": device_time(one), "clock_difference_ms": clock_difference(one),
            "recorded_at": one.recorded_at, "recorded_by": self.recorded_by(one),
            "ip": one.ip, "user_agent": one.user_agent, "device_id": one.device_id, "place": place,
            "ink": ink, "image_sha256": one.image_sha256,
            "shown": {"as": one.shown_as.unwrap_or(ShownAs::Document), "sha256": one.shown_sha256},
            "document_sha256": one.document_sha256, "signature_sha256": one.signature_sha256,
        }))
    }
}

/// When it was signed by the device's clock, if the device said so: otherwise the moment it arrived is kept in its place.
pub fn device_time(signature: &Signature) -> Option<Timestamp> {
    (signature.signed_at != signature.recorded_at).then_some(signature.signed_at)
}

/// How much later the server had it than the device says, in milliseconds: time on the way, and the clocks' difference.
pub fn clock_difference(signature: &Signature) -> Option<i64> {
    device_time(signature).map(|told| (signature.recorded_at.utc() - told.utc()).num_milliseconds())
}
