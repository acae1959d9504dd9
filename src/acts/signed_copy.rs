//! The signed copy: the frozen document with the signatures in their places and the sheet that tells about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::signature::{Ink, Outcome, Party, Signature};
use super::snapshot::Snapshot;
use super::{Act, ActId, queries};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{acts, users};
use crate::db::types::Sha256;
use crate::error::{Code, Error};
use crate::print::countersign::{Drawing, Hand, countersign};
use crate::print::form::Kind;
use crate::print::page::{Picture, SignatureBox};
use crate::users::UserId;
use crate::words::Language;

/// The bytes of the signed copy, made if need be.
///
/// # Errors
/// `act_not_signed` while the client has not decided.
pub async fn bytes(app: &App, act: &Act) -> Result<bytes::Bytes, Error> {
    let hash = match act.signed_document_sha256 {
        Some(hash) => hash,
        None => make(app, act.id).await?,
    };
    app.files.read(hash).await
}

/// Makes the signed copy of what has been decided so far, and keeps it.
///
/// # Errors
/// `act_not_signed` while the client has not decided; `form_invalid`.
pub async fn make(app: &App, id: ActId) -> Result<Sha256, Error> {
    let (act, signatures, people) = app.db.read(move |conn| decided(conn, id)).await?;
    let unsigned = || Error::from(Code::ActNotSigned.with([("act", id.to_string())]));
    // What our own side alone has signed is signed by nobody who matters.
    let at = signatures.iter().any(|one| one.party == Party::Client).then(|| signatures.last()).flatten();
    let at = at.ok_or_else(unsigned)?.recorded_at;
    let frozen = app.files.read(act.document_sha256).await?;
    let mut hands = BTreeMap::new();
    for signature in &signatures {
        hands.insert(signature.party.to_string(), hand(app, signature, act.language).await?);
    }
    let printer = app.printer.clone();
    let form = printer.form(Kind::Signatures, act.language)?;
    let places: Vec<SignatureBox> = serde_json::from_str(&act.signature_boxes)?;
    let data = data(&act, &signatures, &people)?;
    let copy = tokio::task::spawn_blocking(move || {
        let sheet = printer.set(&form, &data)?;
        countersign(&frozen, &places, sheet, &hands, printer.fonts(), at)
    });
    let hash = app.files.keep(copy.await.map_err(Error::internal)??).await?;
    let decisions = signatures.len();
    app.db.write(move |conn| remember(conn, id, decisions, hash)).await?;
    Ok(hash)
}

type Decided = (Act, Vec<Signature>, BTreeMap<UserId, String>);

fn decided(conn: &mut DbConnection, id: ActId) -> Result<Decided, Error> {
    let act = queries::load(conn, id)?.ok_or(Code::NotFound)?;
    let signatures = queries::decisions(conn, id)?;
    let ids: Vec<UserId> = signatures.iter().map(|signature| signature.recorded_by).collect();
    let people: Vec<(UserId, String)> =
        users::table.filter(users::id.among(ids)).select((users::id, users::name)).load(conn)?;
    Ok((act, signatures, people.into_iter().collect()))
}

/// Notes the copy, unless another decision came while it was being made.
fn remember(conn: &mut DbConnection, id: ActId, decisions: usize, hash: Sha256) -> Result<(), Error> {
    if queries::decisions(conn, id)?.len() == decisions {
        diesel::update(acts::table.find(id)).set(acts::signed_document_sha256.eq(hash)).execute(conn)?;
    }
    Ok(())
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

fn data(act: &Act, signatures: &[Signature], people: &BTreeMap<UserId, String>) -> Result<Value, Error> {
    let content = Snapshot::read(&act.snapshot)?;
    let signed: Vec<Value> = signatures
        .iter()
        .map(|signature| {
            let organisation = match signature.party {
                Party::Client => &content.customer.legal_name,
                Party::Provider => &content.provider.legal_name,
            };
            let place = signature.lat.zip(signature.lon).map(|(lat, lon)| format!("{lat:.5}, {lon:.5}"));
            json!({
                "party": signature.party, "name": signature.signer_name, "position": signature.signer_position,
                "organisation": organisation, "authority": signature.authority, "outcome": signature.outcome,
                "remarks": signature.remarks, "method": signature.method, "signed_at": signature.signed_at,
                "recorded_at": signature.recorded_at, "recorded_by": people.get(&signature.recorded_by), "ip": signature.ip,
                "user_agent": signature.user_agent, "place": place, "sha256": signature.signature_sha256,
            })
        })
        .collect();
    Ok(json!({
        "act": {"number": act.number, "version": act.version, "document_sha256": act.document_sha256, "pages": null},
        "provider": content.provider, "customer": content.customer, "agreement": content.agreement, "zone": content.zone,
        "signatures": signed,
    }))
}
