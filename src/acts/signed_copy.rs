//! The signed copy: the frozen document with the signatures in their places, the sheet that tells about them, the evidence
//! for programs, and the organisation's seal over all of it.
//!
//! It is made once for each number of decisions and kept: whoever comes second, on whichever instance, is given what the
//! first one kept. Nothing of it is made within a transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::evidence::{self, Facts, clock_difference, device_time};
use super::signature::{Ink, Outcome, Party, Signature};
use super::{Act, ActId, queries};
use crate::app::App;
use crate::db::dialect::Both;
use crate::db::schema::{acts, sealed_copies};
use crate::db::types::{Sha256, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::history::chain;
use crate::money::Currency;
use crate::print::attach::Attachment;
use crate::print::countersign::{Drawing, Hand, countersign, pages};
use crate::print::form::Kind;
use crate::print::page::{Picture, SignatureBox};
use crate::seal::key::{Described, Sealer};
use crate::seal::pdf::{Told, seal};
use crate::seal::{self, SealId};
use crate::words::Language;

/// What the evidence is called within the signed copy.
pub const EVIDENCE: &str = "evidence.json";

/// How often decisions may come under the making of a copy before we give up.
const TRIES: usize = 4;

/// A sealed copy as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sealed_copies, check_for_backend(MultiBackend))]
pub struct SealedCopy {
    /// The hash of its bytes.
    pub sha256: Sha256,
    /// Of which act.
    pub act_id: ActId,
    /// How many decisions it shows.
    pub decisions: i64,
    /// Which key sealed it.
    pub seal_id: SealId,
    /// The hash of the evidence in it.
    pub evidence_sha256: Sha256,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

/// The bytes of the signed copy, made if need be.
///
/// # Errors
/// `act_not_signed` while the client has not decided.
pub async fn bytes(app: &App, act: &Act) -> Result<bytes::Bytes, Error> {
    let hash = match act.signed_document_sha256 {
        Some(hash) => hash,
        None => make(app, act.id).await?.sha256,
    };
    app.files.read(hash).await
}

/// The bytes of the evidence in the signed copy, which is made if need be.
///
/// # Errors
/// `act_not_signed` while the client has not decided; `not_found` for a copy that an earlier version of the program made
/// without evidence.
pub async fn evidence(app: &App, act: &Act) -> Result<(Sha256, bytes::Bytes), Error> {
    let hash = match act.signed_document_sha256 {
        Some(copy) => {
            app.db.read(move |conn| queries::sealed_copy(conn, copy)).await?.ok_or(Code::NotFound)?.evidence_sha256
        }
        None => make(app, act.id).await?.evidence_sha256,
    };
    Ok((hash, app.files.read(hash).await?))
}

/// Makes the signed copy of what has been decided so far, and keeps it.
///
/// # Errors
/// `act_not_signed` while the client has not decided; `form_invalid`.
pub async fn make(app: &App, id: ActId) -> Result<SealedCopy, Error> {
    for _ in 0..TRIES {
        // Whoever looks at events chains them first.
        chain::catch_up(&app.db).await?;
        let facts = app.db.read(move |conn| evidence::facts(conn, id)).await?;
        if !facts.has_word_of_client() {
            return Err(Code::ActNotSigned.with([("act", id.to_string())]).into());
        }
        let copy = sealed(app, facts).await?;
        if let Some(kept) = app.db.write(move |conn| remember(conn, &copy)).await? {
            return Ok(kept);
        }
    }
    Err(Error::Busy)
}

/// Notes a copy and gives the one that counts: this one, or the one that somebody else made of the same decisions. Nothing
/// when another decision came while it was being made.
fn remember(conn: &mut DbConnection, copy: &SealedCopy) -> Result<Option<SealedCopy>, Error> {
    if evidence::told(conn, copy.act_id)? != copy.decisions {
        return Ok(None);
    }
    Both(diesel::insert_into(sealed_copies::table).values(copy).on_conflict_do_nothing()).execute(conn)?;
    let kept: SealedCopy = sealed_copies::table
        .filter(sealed_copies::act_id.eq(copy.act_id))
        .filter(sealed_copies::decisions.eq(copy.decisions))
        .select(SealedCopy::as_select())
        .get_result(conn)?;
    diesel::update(acts::table.find(copy.act_id)).set(acts::signed_document_sha256.eq(kept.sha256)).execute(conn)?;
    Ok(Some(kept))
}

/// Everything a copy is made of.
struct Materials {
    frozen: bytes::Bytes,
    places: Vec<SignatureBox>,
    hands: BTreeMap<String, Hand>,
    facts: Facts,
    sealer: Sealer,
    holder: Described,
    told: Told,
    /// When the last decision came: the moment the copy shows.
    decided_at: Timestamp,
}

async fn sealed(app: &App, facts: Facts) -> Result<SealedCopy, Error> {
    let (seal_id, sealer) = seal::current(app).await?;
    let holder = sealer.certificates.first().and_then(|one| Described::of(one));
    let holder = holder.ok_or_else(|| Error::internal("a seal without a certificate"))?;
    let act = &facts.act;
    let (act_id, sealed_at) = (act.id, app.clock.now());
    let decisions = facts.told();
    let mut hands = BTreeMap::new();
    for signature in &facts.signatures {
        hands.insert(signature.party.to_string(), hand(app, signature, act.language).await?);
    }
    // Where the client has not signed, nothing must look as if they had.
    hands.entry(Party::Client.to_string()).or_insert_with(|| unsigned(&facts));
    let public_url = &app.config.public_url;
    let told = Told {
        at: sealed_at,
        name: holder.holder.clone(),
        reason: reason(act),
        contact: act.verification_code.map_or_else(|| format!("{public_url}/verify"), |code| code.url(public_url)),
    };
    let materials = Materials {
        frozen: app.files.read(act.document_sha256).await?,
        places: serde_json::from_str(&act.signature_boxes)?,
        decided_at: facts.last_word().unwrap_or(sealed_at),
        hands,
        facts,
        sealer,
        holder,
        told,
    };
    let printer = app.printer.clone();
    let (copy, evidence) =
        tokio::task::spawn_blocking(move || materials.made(&printer)).await.map_err(Error::internal)??;
    let evidence_sha256 = app.files.keep(evidence).await?;
    let sha256 = app.files.keep(copy).await?;
    Ok(SealedCopy { sha256, act_id, decisions, seal_id, evidence_sha256, sealed_at })
}

impl Materials {
    /// The copy, and the evidence in it. Work for a thread of its own.
    fn made(self, printer: &crate::print::Printer) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let Self { frozen, places, hands, facts, sealer, holder, told, decided_at } = self;
        let pages = pages(&frozen)?;
        let evidence = facts.evidence(pages, &holder)?;
        let form = printer.form(Kind::Signatures, facts.act.language)?;
        let sheet = printer.set(&form, &data(&facts, pages, &holder)?)?;
        let attachment = Attachment {
            name: EVIDENCE.to_owned(),
            media_type: "application/json".to_owned(),
            description: facts
                .act
                .language
                .choose("Свидетельство о подписании", "Свідоцтво про підписання", "Evidence of signing")
                .to_owned(),
            bytes: evidence.clone(),
        };
        let copy = countersign(&frozen, &places, sheet, &hands, Some(&attachment), printer.fonts(), decided_at)?;
        Ok((seal(&copy, &sealer, &told)?, evidence))
    }
}

/// What the seal means.
fn reason(act: &Act) -> String {
    let Act { number, version, .. } = act;
    match act.language {
        Language::Ru => {
            format!("Акт № {number}, версия {version}: документ выпущен этой организацией и с тех пор не изменён")
        }
        Language::Uk => {
            format!("Акт № {number}, версія {version}: документ випущено цією організацією і відтоді не змінено")
        }
        Language::En => {
            format!("Certificate {number}, version {version}: issued by this organisation and unchanged since")
        }
    }
}

/// What a party left in its place. A refusal must never look like a signature.
async fn hand(app: &App, signature: &Signature, language: Language) -> Result<Hand, Error> {
    if signature.outcome == Outcome::Refused {
        let caption = language.choose(
            "ОТКАЗ ОТ ПОДПИСИ, причина — на листе подписей",
            "ВІДМОВА ВІД ПІДПИСУ, причина — на аркуші підписів",
            "REFUSED TO SIGN, the reason is on the sheet of signatures",
        );
        return Ok(Hand { drawing: None, caption: caption.to_owned() });
    }
    let position = signature.signer_position.as_ref().map(|position| format!(", {position}")).unwrap_or_default();
    let caption = format!("{}{position}", signature.signer_name);
    Ok(Hand { drawing: drawing(app, signature).await?, caption })
}

/// What stands in the client's place when they have not signed.
fn unsigned(facts: &Facts) -> Hand {
    let language = facts.act.language;
    let caption = if facts.deemed().is_some() {
        language.choose(
            "НЕ ПОДПИСАН: считается принятым, см. лист подписей",
            "НЕ ПІДПИСАНО: вважається прийнятим, див. аркуш підписів",
            "NOT SIGNED: deemed accepted, see the sheet of signatures",
        )
    } else {
        language.choose(
            "НЕ ПОДПИСАН: никого не было, см. лист подписей",
            "НЕ ПІДПИСАНО: нікого не було, див. аркуш підписів",
            "NOT SIGNED: nobody was present, see the sheet of signatures",
        )
    };
    Hand { drawing: None, caption: caption.to_owned() }
}

async fn drawing(app: &App, signature: &Signature) -> Result<Option<Drawing>, Error> {
    if let Some(ink) = &signature.ink {
        let ink: Ink = serde_json::from_str(ink)?;
        // Coordinates were checked to be within a few ten thousand: points of paper need no more than 32 bits.
        #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "checked when it was signed")]
        let near = |number: f64| number as f32;
        let stroke = |stroke: &super::signature::Stroke| {
            stroke.points.iter().map(|point| (near(point.x), near(point.y))).collect()
        };
        let strokes = ink.groups.iter().map(stroke).collect();
        return Ok(Some(Drawing::Ink { pad: (near(ink.width), near(ink.height)), strokes }));
    }
    let Some(hash) = signature.image_sha256 else { return Ok(None) };
    let bytes = app.files.read(hash).await?;
    let pixels = crate::files::picture::unpack(&bytes, image::ImageFormat::Png)?.to_rgba8();
    Ok(Some(Drawing::Image(Arc::new(Picture { name: hash.to_string(), pixels }))))
}

/// Whose law the words under a signature name. The country is known by the money the act is about.
fn law(currency: Currency) -> &'static str {
    match currency.to_string().as_str() {
        "RUB" => "ru",
        "UAH" => "uk",
        _ => "other",
    }
}

fn data(facts: &Facts, pages: usize, holder: &Described) -> Result<Value, Error> {
    let Facts { act, content, signatures, people, events, .. } = facts;
    let signed: Vec<Value> = signatures
        .iter()
        .map(|signature| {
            let place = signature.lat.zip(signature.lon).map(|(lat, lon)| format!("{lat:.5}, {lon:.5}"));
            let request = facts.request(signature).map(|link| {
                json!({"made_at": link.created_at, "made_by": people.get(&link.created_by), "viewed_at": link.viewed_at})
            });
            let code = facts.code(signature).map(|(code, sent_at)| {
                json!({"to": code.masked(), "sent_at": sent_at, "confirmed_at": code.used_at, "tries": code.tries})
            });
            json!({
                "code": code,
                "id": signature.id, "party": signature.party, "name": signature.signer_name, "position": signature.signer_position,
                "organisation": facts.organisation(signature.party), "authority": signature.authority,
                "power_of_attorney": signature.power_of_attorney,
                "outcome": signature.outcome, "remarks": signature.remarks, "method": signature.method,
                "signed_at": signature.signed_at, "recorded_at": signature.recorded_at,
                "device_time": device_time(signature), "clock_difference_s": clock_difference(signature).map(|ms| ms / 1_000),
                "recorded_by": facts.recorded_by(signature), "request": request, "consent": signature.consent, "ip": signature.ip, "device_id": signature.device_id,
                "user_agent": signature.user_agent, "place": place, "sha256": signature.signature_sha256,
                "shown_as": signature.shown_as, "shown_sha256": signature.shown_sha256,
            })
        })
        .collect();
    let happened: Vec<Value> = events
        .iter()
        .map(|event| {
            json!({
                "action": event.action, "at": event.at, "who": event.actor_id.and_then(|id| people.get(&id)), "ip": event.ip(),
                "seq": event.link.seq, "hash": event.link.hash,
            })
        })
        .collect();
    let absence = facts.absence.as_ref().map(|absence| {
        let place = absence.lat.zip(absence.lon).map(|(lat, lon)| format!("{lat:.5}, {lon:.5}"));
        json!({
            "reason": absence.reason, "occurred_at": absence.occurred_at, "recorded_at": absence.recorded_at,
            "recorded_by": people.get(&absence.recorded_by), "place": place, "photo_sha256": absence.photo_sha256,
            "sha256": absence.absence_sha256,
        })
    });
    let deemed = facts.deemed().map(|terms| {
        json!({
            "after_days": terms.after_days, "clause": terms.clause, "due_on": terms.due_on,
            "noted_at": terms.deemed_accepted_at,
        })
    });
    Ok(json!({
        "absence": absence, "deemed": deemed,
        "act": {
            "id": act.id, "number": act.number, "version": act.version, "document_sha256": act.document_sha256, "pages": pages,
            "bytes": act.document_size, "issued_at": act.issued_at, "issued_by": people.get(&act.issued_by),
        },
        "verification": content.verification, "law": law(content.currency),
        "provider": content.provider, "customer": content.customer, "agreement": content.agreement, "zone": content.zone,
        "signatures": signed, "events": happened,
        "seal": {"holder": holder.holder, "sha256": holder.sha256}, "attachment": EVIDENCE,
    }))
}
