//! One-time codes: where the agreement asks for it, whoever signs by a link types six digits that were sent to the address
//! the link was made for, never to one typed on the page.
//!
//! A code is worth one decision by one link, for ten minutes. It is kept as a keyed hash over act, link and code. What keeps
//! it from being guessed is counted in the database, before it is compared and in a transaction of its own, so that neither
//! a refused decision nor fifty requests at once win a try: five for a code, fifteen for a link, thirty for an act, whichever
//! links and codes they are spread over. Each step counts only where there is something left to count.

use diesel::prelude::*;
use serde_json::json;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::open::{Opened, open};
use super::words::Complaint;
use super::{ActLink, LinkId, LinkState};
use crate::acts::snapshot::Snapshot;
use crate::acts::{Act, ActId};
use crate::agreements::signing;
use crate::auth::Origin;
use crate::auth::token::{Keys, random};
use crate::db::among::Among;
use crate::db::dialect::Both;
use crate::db::schema::{signing_code_tries, signing_codes};
use crate::db::types::{AnyId, Sha256, Timestamp, id};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::messages::outbox::{self, Recipient, Sealed};
use crate::messages::{MessageId, mask, secret};

id! {
    /// A one-time code.
    SigningCodeId,
}

/// Seconds a code is good for.
const LIFE: i64 = 10 * 60;
/// Tries: of one code, by one link, on one act.
const MOST_OF_CODE: i64 = 5;
const MOST_OF_LINK: i64 = 15;
const MOST_OF_ACT: i64 = 30;
/// Seconds between two codes for one link.
const PAUSE: i64 = 60;
/// Codes to one address: so many within so many seconds.
const TO_ADDRESS: [(i64, i64); 2] = [(3, 3_600), (10, 24 * 3_600)];

/// A code as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_codes, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct SigningCode {
    /// Its id, which is that of the message that took it there.
    pub id: SigningCodeId,
    /// For which act.
    pub act_id: ActId,
    /// For which link.
    pub link_id: LinkId,
    /// To which address.
    pub address: String,
    /// The keyed hash of act, link and code.
    code_hash: Sha256,
    /// How often it was tried.
    pub tries: i64,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When a decision was confirmed with it.
    pub used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether whoever signs an act by a link must type a code.
///
/// # Errors
/// The database's.
pub fn is_asked_for(conn: &mut DbConnection, act: &Act, content: &Snapshot) -> Result<bool, Error> {
    let number = content.agreement.as_ref().map(|agreement| agreement.number.as_str());
    signing::asks_for_code(conn, act.company_id, number, content.issued_on)
}

/// Makes a code and has it sent to the address the link was made for.
///
/// # Errors
/// `not_found` when the link leads nowhere any more. What a person at the page can do something about is a complaint.
pub fn send(
    conn: &mut DbConnection,
    keys: &Keys,
    token: Sha256,
    now: Timestamp,
    origin: &Origin,
) -> Result<Result<(), Complaint>, Error> {
    let Opened { link, act, contact, state, asks_for_code, .. } = open(conn, token, now)?.ok_or(Code::NotFound)?;
    if state == LinkState::Signed || !asks_for_code {
        return Ok(Ok(()));
    }
    let Some(address) = link.email.clone() else { return Ok(Err(Complaint::CodeNowhere)) };
    // Whoever has codes sent to this address at the same moment waits here.
    let known_as = address.to_lowercase();
    take_turn(conn, subject_of(&known_as))?;
    if let Some(complaint) = too_many(conn, link.id, &known_as, now)? {
        return Ok(Err(complaint));
    }
    let (id, code) = (SigningCodeId::new(), digits()?);
    let kept = SigningCode {
        id,
        act_id: act.id,
        link_id: link.id,
        address: known_as,
        code_hash: hash(keys, act.id, link.id, &code),
        tries: 0,
        expires_at: now.plus_seconds(LIFE),
        used_at: None,
        created_at: now,
    };
    diesel::insert_into(signing_codes::table).values(&kept).execute(conn)?;
    let message = MessageId::from(id.uuid());
    let sealed = Sealed { message, secret: secret::locked(keys, message, &code)? };
    let to = Recipient { address, name: contact.map(|contact| contact.name) };
    outbox::code(conn, origin, &act, link.id, to, sealed, now, kept.expires_at)?;
    Ok(Ok(()))
}

/// What keeps another code from being sent now.
fn too_many(conn: &mut DbConnection, link: LinkId, address: &str, now: Timestamp) -> Result<Option<Complaint>, Error> {
    let since = |seconds: i64| signing_codes::created_at.gt(now.plus_seconds(-seconds));
    let just_now: i64 =
        signing_codes::table.filter(signing_codes::link_id.eq(link)).filter(since(PAUSE)).count().get_result(conn)?;
    if just_now > 0 {
        return Ok(Some(Complaint::CodeJustSent));
    }
    for (most, within) in TO_ADDRESS {
        let sent: i64 = signing_codes::table
            .filter(signing_codes::address.eq(address))
            .filter(since(within))
            .count()
            .get_result(conn)?;
        if sent >= most {
            return Ok(Some(Complaint::TooManyCodes));
        }
    }
    Ok(None)
}

/// Tries a code: counts that, and compares then. It is only good for [`confirm`] after that.
///
/// # Errors
/// `not_found` when the link leads nowhere any more. What a person at the page can do something about is a complaint.
pub fn try_one(
    conn: &mut DbConnection,
    keys: &Keys,
    token: Sha256,
    given: &str,
    now: Timestamp,
    origin: &Origin,
) -> Result<Result<SigningCodeId, Complaint>, Error> {
    let Opened { link, act, .. } = open(conn, token, now)?.ok_or(Code::NotFound)?;
    let Some(code) = newest(conn, link.id, now)? else { return Ok(Err(Complaint::CodeOver)) };
    // A code that is over costs its link and its act nothing more. Everybody counts in the same order, so that nobody waits
    // for each other.
    let left = signing_codes::table.find(code.id).filter(signing_codes::tries.lt(MOST_OF_CODE));
    if diesel::update(left).set(signing_codes::tries.eq(signing_codes::tries + 1)).execute(conn)? == 0 {
        return Ok(Err(Complaint::CodeOver));
    }
    for (subject, most) in [(link.id.uuid(), MOST_OF_LINK), (act.id.uuid(), MOST_OF_ACT)] {
        if !count(conn, subject, most)? {
            return Ok(Err(Complaint::NoMoreTries));
        }
    }
    if bool::from(hash(keys, act.id, link.id, given).0.ct_eq(&code.code_hash.0)) {
        return Ok(Ok(code.id));
    }
    let event = Event::of("act.code_wrong", "act", act.id.uuid()).ticket(act.ticket_id).company(act.company_id);
    let facts = json!({"link_id": link.id, "code_id": code.id});
    history::record_by(conn, None, now, origin, event.after(facts))?;
    Ok(Err(Complaint::CodeWrong))
}

/// The code that counts: the newest, while it is good.
fn newest(conn: &mut DbConnection, link: LinkId, now: Timestamp) -> Result<Option<SigningCode>, Error> {
    let newest: Option<SigningCode> = signing_codes::table
        .filter(signing_codes::link_id.eq(link))
        .order((signing_codes::created_at.desc(), signing_codes::id.desc()))
        .select(SigningCode::as_select())
        .first(conn)
        .optional()?;
    Ok(newest.filter(|code| code.used_at.is_none() && code.expires_at > now))
}

/// Whether a code is on its way to whoever is to sign, or there already.
///
/// # Errors
/// The database's.
pub fn is_sent(conn: &mut DbConnection, link: LinkId, now: Timestamp) -> Result<bool, Error> {
    Ok(newest(conn, link, now)?.is_some_and(|code| code.tries < MOST_OF_CODE))
}

/// Uses up the code that a decision was confirmed with.
///
/// # Errors
/// `signing_code_required` when there is none, or it was used, or its time is up.
pub fn confirm(
    conn: &mut DbConnection,
    link: &ActLink,
    code: Option<SigningCodeId>,
    now: Timestamp,
) -> Result<SigningCodeId, Error> {
    let id = code.ok_or(Code::SigningCodeRequired)?;
    let good = signing_codes::table
        .find(id)
        .filter(signing_codes::link_id.eq(link.id))
        .filter(signing_codes::used_at.is_null())
        .filter(signing_codes::expires_at.gt(now));
    match diesel::update(good).set(signing_codes::used_at.eq(now)).execute(conn)? {
        0 => Err(Code::SigningCodeRequired.into()),
        _ => Ok(id),
    }
}

/// The codes that confirmed some decisions.
///
/// # Errors
/// The database's.
pub fn some(conn: &mut DbConnection, ids: Vec<SigningCodeId>) -> Result<Vec<SigningCode>, Error> {
    let those = signing_codes::table.filter(signing_codes::id.among(ids));
    Ok(those.select(SigningCode::as_select()).load(conn)?)
}

impl SigningCode {
    /// Where it went, as paper tells it.
    pub fn masked(&self) -> String {
        mask::masked(&self.address)
    }

    /// The message that took it there.
    pub fn message(&self) -> MessageId {
        MessageId::from(self.id.uuid())
    }
}

/// Six digits, each number as likely as any other.
fn digits() -> Result<String, Error> {
    const ALL: u32 = 1_000_000;
    loop {
        let number = u32::from_le_bytes(random::<4>()?);
        // What is left over at the top would make small numbers likelier.
        if number < u32::MAX - u32::MAX % ALL {
            return Ok(format!("{:06}", number % ALL));
        }
    }
}

fn hash(keys: &Keys, act: ActId, link: LinkId, code: &str) -> Sha256 {
    Sha256(keys.seal("signing-code", format!("{act} {link} {code}")))
}

/// The row at which those take turns who send to an address.
fn subject_of(address: &str) -> Uuid {
    let Sha256(hash) = Sha256::of(address);
    let mut half = [0; 16];
    half.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    Uuid::from_bytes(half)
}

/// Counts a try; `false` when there were as many as there may be. Others who count the same wait until this transaction ends.
fn count(conn: &mut DbConnection, subject: Uuid, most: i64) -> Result<bool, Error> {
    begin(conn, subject)?;
    let left = signing_code_tries::table.find(AnyId::from(subject)).filter(signing_code_tries::tries.lt(most));
    let counted =
        diesel::update(left).set(signing_code_tries::tries.eq(signing_code_tries::tries + 1)).execute(conn)?;
    Ok(counted == 1)
}

fn take_turn(conn: &mut DbConnection, subject: Uuid) -> Result<(), Error> {
    begin(conn, subject)?;
    let row = signing_code_tries::table.find(AnyId::from(subject));
    diesel::update(row).set(signing_code_tries::tries.eq(signing_code_tries::tries)).execute(conn)?;
    Ok(())
}

fn begin(conn: &mut DbConnection, subject: Uuid) -> Result<(), Error> {
    let row = (signing_code_tries::subject.eq(AnyId::from(subject)), signing_code_tries::tries.eq(0));
    Both(diesel::insert_into(signing_code_tries::table).values(row).on_conflict_do_nothing()).execute(conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{digits, hash};
    use crate::acts::ActId;
    use crate::auth::token::Keys;
    use crate::links::LinkId;

    #[test]
    fn a_code_is_six_digits() {
        for _ in 0..100 {
            let code = digits().unwrap();
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_act_and_link_alone() {
        let (keys, act, link) = (Keys::new(b"a secret"), ActId::new(), LinkId::new());
        let kept = hash(&keys, act, link, "123456");
        assert_eq!(hash(&keys, act, link, "123456"), kept);
        for other in [
            hash(&keys, act, link, "123457"),
            hash(&keys, ActId::new(), link, "123456"),
            hash(&keys, act, LinkId::new(), "123456"),
            hash(&Keys::new(b"another"), act, link, "123456"),
        ] {
            assert_ne!(other, kept);
        }
    }
}
