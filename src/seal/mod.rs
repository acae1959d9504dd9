//! The organisation's seal: what proves that a document came from here and that not a byte of it has changed since.
//!
//! ```text
//! the signed copy ──pdf::seal──▶ the same bytes, and a signature over all of them (PAdES B-B)
//!                     ▲ cms ◀── key: P-256 with a certificate of our own, or one that the operator installed
//! ```
//! The key lies in the database, so that all instances on it seal alike, locked with a key that is derived from the
//! installation's secret: a copy of the database gives nobody the seal when `NARYAD_SECRET` is kept elsewhere. Every
//! certificate that ever sealed is kept, so that old seals can be checked after the key has changed, unless it was revoked. [`cms`], [`der`], [`key`] and
//! [`pdf`] know neither database nor HTTP.

pub mod cms;
pub mod der;
pub mod key;
pub mod lock;
pub mod pdf;
pub mod queries;
pub mod replace;
pub mod revoke;

use diesel::prelude::*;

use self::der::{Reader, SEQUENCE};
use self::key::{Described, Sealer};
use crate::app::App;
use crate::db::MultiBackend;
use crate::db::schema::seals;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::error::Error;
use crate::provider;

id! {
    /// A key that seals or has sealed.
    SealId,
}

text_enum! {
    /// Where a key came from.
    SealOrigin {
        /// Made here, with a certificate that it signed itself.
        Made = "made",
        /// Installed by the operator, with a certificate that somebody else vouches for.
        Installed = "installed",
    }
}

/// A key as it is kept.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = seals, check_for_backend(MultiBackend))]
pub struct Seal {
    /// Its id.
    pub id: SealId,
    /// Where it came from.
    pub origin: SealOrigin,
    /// Its certificate, and those that vouch for it: DER, one behind the other.
    pub certificates: Vec<u8>,
    /// The hash of its own certificate.
    pub certificate_sha256: Sha256,
    /// The private key, locked.
    pub locked_key: Vec<u8>,
    /// Whether it is the one that seals now.
    pub in_use: bool,
    /// When it was made or installed.
    pub created_at: Timestamp,
    /// When it was told to be in other hands.
    pub revoked_at: Option<Timestamp>,
}

impl Seal {
    /// A key to keep, locked.
    ///
    /// # Errors
    /// When the system has no random numbers to give: our fault.
    pub fn new(origin: SealOrigin, sealer: &Sealer, lock: &[u8; 32], now: Timestamp) -> Result<Self, Error> {
        let certificate = sealer.certificates.first().ok_or_else(|| Error::internal("a key with no certificate"))?;
        Ok(Self {
            id: SealId::new(),
            origin,
            certificates: sealer.certificates.concat(),
            certificate_sha256: Sha256::of(certificate),
            locked_key: sealer.locked(lock)?,
            in_use: true,
            created_at: now,
            revoked_at: None,
        })
    }

    /// Its certificates, its own first.
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        let (mut kept, mut all) = (Reader(&self.certificates), Vec::new());
        while let Some(one) = kept.next(SEQUENCE) {
            all.push(one.whole.to_vec());
        }
        all
    }

    /// Its own certificate, as people are told of it.
    pub fn described(&self) -> Option<Described> {
        Described::of(self.certificates().first()?)
    }

    /// The key, ready to seal.
    ///
    /// # Errors
    /// When it was locked under another secret.
    pub fn open(&self, lock: &[u8; 32]) -> Result<Sealer, Error> {
        Sealer::unlocked(self.certificates(), &self.locked_key, lock).ok_or_else(|| Error::internal(LOCKED))
    }

    fn has_ended(&self, now: Timestamp) -> bool {
        self.described().is_none_or(|described| described.ends <= now.seconds())
    }
}

/// What an operator is told whose secret does not open the key.
pub const LOCKED: &str = "the key of the seal was locked under another NARYAD_SECRET: give that one again, or leave it out if there was \
                          none, or have a new key made with `naryad seal rotate` (what the old one sealed can still be checked)";

/// The key that seals now. The first document that needs one has it made, and so has the first one after a certificate has
/// run out.
///
/// # Errors
/// `provider_missing`; when the key was locked under another secret.
pub async fn current(app: &App) -> Result<(SealId, Sealer), Error> {
    let (now, lock) = (app.clock.now(), app.keys.lock());
    let there = app.db.read(queries::in_use).await?;
    let seal = match there {
        Some(seal) if !seal.has_ended(now) => seal,
        ended => {
            let ours = app.db.read(provider::find).await?;
            let new = Seal::new(SealOrigin::Made, &Sealer::new(&ours.legal_name, now)?, lock, now)?;
            let ended = ended.map(|seal| seal.id);
            app.db.write(move |conn| replace::unless_replaced(conn, ended, &new, now)).await?
        }
    };
    Ok((seal.id, seal.open(lock)?))
}
