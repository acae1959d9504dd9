//! The page that tells what became of a report: who has its address may look, and it names nobody.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::Queryable;
use subtle::ConstantTimeEq;

use super::{Report, ReportId, queries};
use crate::auth::token::Keys;
use crate::companies::site;
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::tickets::StatusKind;
use crate::words::zone::Zone;

/// What is kept of a seal in an address: 128 bits nobody guesses.
const SEAL: usize = 16;

/// Where a report is followed. Made from its id and the installation's secret, so that nothing that opens it lies in the
/// database, and a repeated request is told the same address.
pub fn path(keys: &Keys, id: ReportId) -> String {
    let seal = keys.seal("track", id.uuid().as_bytes());
    let bytes: Vec<u8> = id.uuid().as_bytes().iter().chain(seal.iter().take(SEAL)).copied().collect();
    format!("/t/{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The report that an address leads to.
pub fn read(keys: &Keys, token: &str) -> Option<ReportId> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, _) = bytes.split_first_chunk::<16>()?;
    let id = ReportId::from(uuid::Uuid::from_bytes(*id));
    bool::from(path(keys, id).as_bytes().ct_eq(format!("/t/{token}").as_bytes())).then_some(id)
}

/// What the page tells.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The report.
    pub report: Report,
    /// Its ticket.
    pub ticket: Option<TicketProgress>,
    /// The time at the place.
    pub zone: Option<Zone>,
}

/// Where a ticket stands, without anything else about it.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct TicketProgress {
    /// What its status means.
    pub kind: StatusKind,
    /// When work began.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// When it was closed or cancelled.
    pub closed_at: Option<Timestamp>,
}

/// What became of a report.
///
/// # Errors
/// `not_found`
pub fn progress(conn: &mut DbConnection, id: ReportId) -> Result<Progress, Error> {
    let report = queries::load(conn, id)?;
    let ticket = match report.ticket_id {
        None => None,
        Some(ticket) => queries::progress(conn, ticket)?,
    };
    let zone = match report.site_id {
        None => None,
        Some(site) => site::load(conn, site)?.map(|site| site.time_zone),
    };
    Ok(Progress { report, ticket, zone })
}

#[cfg(test)]
mod tests {
    use super::{path, read};
    use crate::auth::token::Keys;
    use crate::reports::ReportId;

    #[test]
    fn an_address_cannot_be_made_up() {
        let (keys, id) = (Keys::new(b"a secret"), ReportId::new());
        let address = path(&keys, id);
        let token = address.strip_prefix("/t/").unwrap();
        assert_eq!(read(&keys, token), Some(id));
        assert_eq!(read(&Keys::new(b"another"), token), None);
        let other = path(&Keys::new(b"another"), id);
        for forged in ["", "x", "ÿ", &format!("A{token}"), &format!("{token}A"), other.strip_prefix("/t/").unwrap()] {
            assert_eq!(read(&keys, forged), None, "{forged}");
        }
    }
}
