//! `/tickets/{id}/acts`, `/acts`

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use actix_web::{HttpResponse, get, post, web};

use super::absence::{self, AbsenceView, NewAbsence};
use super::block::{self, ReleaseBlock, TakeBlock};
use super::reserve::{self, NewSigningPack, ReservedNumber, ReservedNumberFilter, ReservedNumberId, SigningPack};
use super::settle::{self, Reason};
use super::signature::{NewSignature, SignatureView};
use super::signers::{self, Signers};
use super::snapshot::Snapshot;
use super::{ActFilter, ActId, ActView, NewAct, issue, queries, signed_copy, signing, unused, wording};
use crate::db::page::Page;
use crate::db::types::Sha256;
use crate::error::Code;
use crate::http::body::SIGNATURE_LIMIT;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::tickets::TicketId;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_acts_of_ticket).service(issue_act).service(draft_act).service(list_acts).service(get_act);
    routes.service(get_act_document).service(get_signed_copy).service(get_act_evidence);
    routes.service(get_act_text).service(get_shown_text);
    routes.service(take_signing_pack).service(list_reserved_numbers).service(void_reserved_number);
    routes.service(take_block).service(release_block);
    routes.service(list_signatures).service(sign_act).service(resolve_act).service(void_act);
    routes.service(list_signers).service(get_absence).service(note_absence);
}

/// A ticket's act in all its versions, newest first.
#[utoipa::path(tag = "acts", params(("id" = TicketId, Path, description = "The ticket")), responses((status = 200, description = "The versions", body = Page<ActView>), Problems))]
#[get("/tickets/{id}/acts")]
async fn list_acts_of_ticket(call: Call, id: web::Path<TicketId>) -> Answer {
    call.read(move |conn, actor| {
        Ok(Page::all(queries::of_ticket(conn, actor, *id)?.into_iter().map(ActView::from).collect()))
    })
    .await
}

/// Issue an act: its content is frozen and printed once. Again, it is the next version of the same act.
#[utoipa::path(tag = "acts", params(("id" = TicketId, Path, description = "The ticket")), request_body = NewAct, responses((status = 201, description = "Issued", body = ActView), (status = 200, description = "Was made before with this id", body = ActView), Problems))]
#[post("/tickets/{id}/acts")]
async fn issue_act(call: Call, id: web::Path<TicketId>, body: Body<NewAct>) -> Answer {
    issue::issue(call, *id, body.0).await
}

/// What the act would look like now: a PDF that is not kept and has no number.
#[utoipa::path(tag = "acts", params(("id" = TicketId, Path, description = "The ticket")), request_body = NewAct, responses((status = 200, description = "The draft", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[post("/tickets/{id}/acts/draft")]
async fn draft_act(call: Call, id: web::Path<TicketId>, body: Body<NewAct>) -> Answer {
    let bytes = issue::draft(call, *id, body.0).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/pdf")).body(bytes))
}

/// Take along what is needed to have the ticket's act signed without a network: what it says now, and the number it will have.
#[utoipa::path(tag = "acts", params(("id" = TicketId, Path, description = "The ticket")), request_body = NewSigningPack, responses((status = 200, description = "The text and the number; asked again, the same number", body = SigningPack), Problems))]
#[post("/tickets/{id}/signing-pack")]
async fn take_signing_pack(call: Call, id: web::Path<TicketId>, body: Body<NewSigningPack>) -> Answer {
    call.write(move |conn, actor| reserve::pack(conn, actor, *id, &body.0)).await
}

/// Numbers of acts that were promised to tickets and phones, and what became of them: used by an act, still waiting, or void
/// and why.
#[utoipa::path(tag = "acts", params(ReservedNumberFilter), responses((status = 200, description = "A page", body = Page<ReservedNumber>), Problems))]
#[get("/reserved-act-numbers")]
async fn list_reserved_numbers(call: Call, filter: Query<ReservedNumberFilter>) -> Answer {
    call.read(move |conn, _| reserve::list(conn, &filter.0)).await
}

/// Keep numbers for the phone that asks, for acts that are issued without a network. Asked again it is the same block, filled up
/// and good for longer.
#[utoipa::path(tag = "acts", request_body = TakeBlock, responses((status = 200, description = "All that the phone keeps; fewer than asked for when other phones of the same person keep many", body = Page<ReservedNumber>), Problems))]
#[post("/reserved-act-numbers")]
async fn take_block(call: Call, body: Body<TakeBlock>) -> Answer {
    call.write(move |conn, actor| block::take(conn, actor, &body.0)).await
}

/// Give back what a phone keeps, before it is put away: those numbers are void.
#[utoipa::path(tag = "acts", request_body = ReleaseBlock, responses((status = 200, description = "The numbers that are void now", body = Page<ReservedNumber>), Problems))]
#[post("/reserved-act-numbers/release")]
async fn release_block(call: Call, body: Body<ReleaseBlock>) -> Answer {
    call.write(move |conn, actor| block::release(conn, actor, &body.0)).await
}

/// Take a promised number back, with a reason: no act will have it.
#[utoipa::path(tag = "acts", params(("id" = ReservedNumberId, Path, description = "The promised number")), request_body = Reason, responses((status = 200, description = "The number as it is now", body = ReservedNumber), Problems))]
#[post("/reserved-act-numbers/{id}/void")]
async fn void_reserved_number(call: Call, id: web::Path<ReservedNumberId>, body: Body<Reason>) -> Answer {
    call.write(move |conn, actor| unused::void(conn, actor, *id, &body.0)).await
}

/// Acts one sees, newest first. A technician sees those he issued; others are found on their tickets.
#[utoipa::path(tag = "acts", params(ActFilter), responses((status = 200, description = "A page", body = Page<ActView>), Problems))]
#[get("/acts")]
async fn list_acts(call: Call, filter: Query<ActFilter>) -> Answer {
    call.read(move |conn, actor| Ok(queries::list(conn, actor, &filter.0)?.map(ActView::from))).await
}

/// One version of an act.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The act", body = ActView), Problems))]
#[get("/acts/{id}")]
async fn get_act(call: Call, id: web::Path<ActId>) -> Answer {
    call.read(move |conn, actor| queries::find(conn, actor, *id).map(ActView::from)).await
}

/// The frozen document: its SHA-256 is `document_sha256`.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The PDF", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[get("/acts/{id}/document.pdf")]
async fn get_act_document(call: Call, id: web::Path<ActId>) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let act = app.db.read(move |conn| queries::find(conn, &actor, *id)).await?;
    let bytes = app.files.read(act.document_sha256).await?;
    Ok(pdf(bytes, act.document_sha256, &format!("act-{}-v{}.pdf", act.number, act.version)))
}

/// The signed copy: the frozen document, byte for byte, behind it the signatures and their evidence, and a seal over all.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The PDF", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[get("/acts/{id}/signed.pdf")]
async fn get_signed_copy(call: Call, id: web::Path<ActId>) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let act = app.db.read(move |conn| queries::find(conn, &actor, *id)).await?;
    let bytes = signed_copy::bytes(&app, &act).await?;
    let hash = Sha256::of(&bytes);
    Ok(pdf(bytes, hash, &format!("act-{}-v{}-signed.pdf", act.number, act.version)))
}

/// What is known of the signatures, for programs: the same bytes travel within the signed copy.
///
/// Copies that an earlier version of the program made have none.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The evidence", body = Object, content_type = "application/json"), Problems))]
#[get("/acts/{id}/evidence.json")]
async fn get_act_evidence(call: Call, id: web::Path<ActId>) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let act = app.db.read(move |conn| queries::find(conn, &actor, *id)).await?;
    let (hash, bytes) = signed_copy::evidence(&app, &act).await?;
    let tag = (ETAG, format!("\"{hash}\""));
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).insert_header(tag).body(bytes))
}

/// What the act says, as plain text: the same as a phone without a network would compose of the same facts.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The text", body = String, content_type = "text/plain"), Problems))]
#[get("/acts/{id}/text.txt")]
async fn get_act_text(call: Call, id: web::Path<ActId>) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let act = app.db.read(move |conn| queries::find(conn, &actor, *id)).await?;
    Ok(plain(wording::of(&Snapshot::read(&act.snapshot)?)))
}

/// The text that a phone without a network showed before the act was issued, to the letter.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The text", body = String, content_type = "text/plain"), Problems))]
#[get("/acts/{id}/shown.txt")]
async fn get_shown_text(call: Call, id: web::Path<ActId>) -> Answer {
    let (app, actor) = (call.app.clone(), call.actor);
    let act = app.db.read(move |conn| queries::find(conn, &actor, *id)).await?;
    Ok(plain(act.shown_text.ok_or(Code::NotFound)?))
}

/// A text under its hash.
fn plain(text: String) -> HttpResponse {
    let tag = (ETAG, format!("\"{}\"", Sha256::of(&text)));
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).insert_header(tag).body(text)
}

/// A PDF under its hash.
pub fn pdf(bytes: bytes::Bytes, hash: Sha256, name: &str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .insert_header((ETAG, format!("\"{hash}\"")))
        .body(bytes)
}

/// The decisions on an act, in the order they came.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The decisions", body = Page<SignatureView>), Problems))]
#[get("/acts/{id}/signatures")]
async fn list_signatures(call: Call, id: web::Path<ActId>) -> Answer {
    call.read(move |conn, actor| {
        queries::find(conn, actor, *id)?;
        Ok(Page::all(queries::decisions(conn, *id)?.into_iter().map(SignatureView::from).collect()))
    })
    .await
}

/// Sign an act, sign it with remarks, or refuse. Each party decides once on each version.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), request_body = NewSignature, responses((status = 201, description = "Recorded", body = SignatureView), (status = 200, description = "Was made before with this id", body = SignatureView), Problems))]
#[post("/acts/{id}/signatures")]
async fn sign_act(call: Call, id: web::Path<ActId>, body: Body<NewSignature, SIGNATURE_LIMIT>) -> Answer {
    signing::sign(call, *id, body.0).await
}

/// Who may sign an act today, and why others may not: the client's people, those of the site first, and whoever is none of them.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "Who may sign", body = Signers), Problems))]
#[get("/acts/{id}/signers")]
async fn list_signers(call: Call, id: web::Path<ActId>) -> Answer {
    call.read(move |conn, actor| signers::of(conn, actor, *id)).await
}

/// The note that nobody was there to sign an act.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), responses((status = 200, description = "The note", body = AbsenceView), Problems))]
#[get("/acts/{id}/absence")]
async fn get_absence(call: Call, id: web::Path<ActId>) -> Answer {
    call.read(move |conn, actor| absence::find(conn, actor, *id)).await
}

/// Note that nobody was there to sign an act, with the reason and a photo: it becomes `unattended`, and the client may still sign.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), request_body = NewAbsence, responses((status = 201, description = "Noted; with a link, its address is told this once", body = AbsenceView), (status = 200, description = "Was made before with this id", body = AbsenceView), Problems))]
#[post("/acts/{id}/absence")]
async fn note_absence(call: Call, id: web::Path<ActId>, body: Body<NewAbsence>) -> Answer {
    absence::note(call, *id, body.0).await
}

/// Settle an act that the client will not sign, with a reason.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), request_body = Reason, responses((status = 200, description = "The act as it is now", body = ActView), Problems))]
#[post("/acts/{id}/resolution")]
async fn resolve_act(call: Call, id: web::Path<ActId>, body: Body<Reason>) -> Answer {
    call.write(move |conn, actor| settle::resolve(conn, actor, *id, &body.0)).await
}

/// Take an act back, with a reason.
#[utoipa::path(tag = "acts", params(("id" = ActId, Path, description = "The act")), request_body = Reason, responses((status = 200, description = "The act as it is now", body = ActView), Problems))]
#[post("/acts/{id}/void")]
async fn void_act(call: Call, id: web::Path<ActId>, body: Body<Reason>) -> Answer {
    call.write(move |conn, actor| settle::void(conn, actor, *id, &body.0)).await
}
