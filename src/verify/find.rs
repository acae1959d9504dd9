//! What is known of a code or of a file.

use diesel::prelude::*;

use super::code::VerificationCode;
use super::file::Looked;
use super::{Finding, Paper, SealTold, Told, Verdict};
use crate::acts::signature::{Outcome, Party};
use crate::acts::signed_copy::SealedCopy;
use crate::acts::snapshot::Snapshot;
use crate::acts::{Act, ActStatus, queries, terms};
use crate::db::DbConnection;
use crate::db::schema::acts;
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;
use crate::seal;
use crate::seal::key::Described;
use crate::words::Language;

/// What is known, and the language of the document.
pub type Found = (Finding, Option<Language>);

/// What is known of a code.
///
/// # Errors
/// The database's.
pub fn by_code(conn: &mut DbConnection, code: VerificationCode) -> Result<Found, Error> {
    let Some(act) = with_code(conn, code)? else { return Ok((Finding::unknown(None), None)) };
    let seal = match act.signed_document_sha256 {
        Some(copy) => match queries::sealed_copy(conn, copy)? {
            Some(copy) => put_on(conn, &copy)?,
            None => None,
        },
        None => None,
    };
    let finding = Finding { act: Some(told(conn, &act)?), seal, verdict: of_status(&act), ..Finding::unknown(None) };
    Ok((finding, Some(act.language)))
}

/// What is known of a file. Its hash decides. A file that is not among ours and has a seal of ours is told as such: its record
/// was lost with a database, or somebody else got hold of a key, and nobody here can say which. A file that only says that it
/// is of ours is an altered one.
///
/// # Errors
/// The database's.
pub fn by_file(conn: &mut DbConnection, looked: &Looked) -> Result<Found, Error> {
    let unknown = Finding::unknown(Some(looked.sha256));
    if let Some((act, paper, copy)) = with_hash(conn, looked.sha256)? {
        let seal = match &copy {
            Some(copy) => put_on(conn, copy)?,
            None => None,
        };
        let finding =
            Finding { verdict: of_status(&act), paper: Some(paper), act: Some(told(conn, &act)?), seal, ..unknown };
        return Ok((finding, Some(act.language)));
    }
    let seal = ours(conn, looked)?;
    let act = match looked.code {
        Some(code) => with_code(conn, code)?,
        None => None,
    };
    let language = act.as_ref().map(|act| act.language);
    let told = act.as_ref().map(|act| told(conn, act)).transpose()?;
    let finding = match (&seal, &act) {
        (Some(_), _) => Finding { verdict: Verdict::Unrecorded, act: told, seal, ..unknown },
        (None, Some(_)) => Finding { verdict: Verdict::Altered, act: told, ..unknown },
        (None, None) => unknown,
    };
    Ok((finding, language))
}

fn of_status(act: &Act) -> Verdict {
    match act.status {
        ActStatus::Superseded => Verdict::Superseded,
        ActStatus::Voided => Verdict::Annulled,
        _ => Verdict::Authentic,
    }
}

fn with_code(conn: &mut DbConnection, code: VerificationCode) -> Result<Option<Act>, Error> {
    let of = acts::table.filter(acts::verification_code.eq(code));
    Ok(of.select(Act::as_select()).get_result(conn).optional()?)
}

fn with_hash(conn: &mut DbConnection, sha256: Sha256) -> Result<Option<(Act, Paper, Option<SealedCopy>)>, Error> {
    if let Some(copy) = queries::sealed_copy(conn, sha256)? {
        return Ok(queries::load(conn, copy.act_id)?.map(|act| (act, Paper::Signed, Some(copy))));
    }
    let issued = acts::table.filter(acts::document_sha256.eq(sha256));
    if let Some(act) = issued.select(Act::as_select()).first(conn).optional()? {
        return Ok(Some((act, Paper::Issued, None)));
    }
    // Copies that an earlier version of the program made have no seal.
    let signed = acts::table.filter(acts::signed_document_sha256.eq(sha256));
    let act: Option<Act> = signed.select(Act::as_select()).first(conn).optional()?;
    Ok(act.map(|act| (act, Paper::Signed, None)))
}

fn told(conn: &mut DbConnection, act: &Act) -> Result<Told, Error> {
    let newest = queries::newest(conn, act.ticket_id)?.map_or(act.version, |newest| newest.version);
    let decisions = queries::decisions(conn, act.id)?;
    let outcome: Option<Outcome> = decisions.iter().find(|one| one.party == Party::Client).map(|one| one.outcome);
    let deemed = terms::find(conn, act.id)?.filter(|terms| terms.deemed_accepted_at.is_some());
    let deemed_accepted_at = deemed.and_then(|terms| terms.acceptance_due_at);
    Ok(Told::of(act, &Snapshot::read(&act.snapshot)?, newest, outcome, deemed_accepted_at))
}

fn put_on(conn: &mut DbConnection, copy: &SealedCopy) -> Result<Option<SealTold>, Error> {
    let seal = seal::queries::find(conn, copy.seal_id)?;
    Ok(seal.and_then(|seal| seal.described()).map(|described| seal_told(described, Some(copy.sealed_at))))
}

/// The seal of a file, if it holds and is one of ours that was not revoked.
fn ours(conn: &mut DbConnection, looked: &Looked) -> Result<Option<SealTold>, Error> {
    let Some(certificate) = looked.certificates.as_ref().and_then(|all| all.first()) else { return Ok(None) };
    let known = seal::queries::of_certificate(conn, Sha256::of(certificate))?;
    Ok(known
        .filter(|seal| seal.revoked_at.is_none())
        .and_then(|seal| seal.described())
        .map(|described| seal_told(described, None)))
}

fn seal_told(described: Described, sealed_at: Option<Timestamp>) -> SealTold {
    SealTold { holder: super::short(&described.holder), certificate_sha256: described.sha256, sealed_at }
}
