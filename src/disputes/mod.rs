//! Dispute packs: everything that proves how a job went, in one archive that somebody outside can read and check.
//!
//! A pack is made in this order, nothing of it within a write transaction: what is to be proved gets its root, everything is
//! read at one moment, the cover is printed, and the archive is written to the disk file by file, so that hundreds of photos
//! need no more memory than one piece of one of them.

pub mod archive;
pub mod chronicle;
pub mod company;
pub mod cover;
pub mod names;
pub mod proof;
pub mod routes;
pub mod sections;
pub mod ticket;

use serde::Deserialize;

use self::archive::Archive;
use crate::acts::{Act, ActId, queries, signed_copy};
use crate::app::App;
use crate::auth::Audience;
use crate::db::DbConnection;
use crate::db::types::{Day, Sha256};
use crate::error::{Code, Error};
use crate::http::places::{Place, Places};
use crate::seal;
use crate::users::UserId;
use crate::words::Language;

/// Files of a ticket that one pack may have, and their bytes in all.
pub const MOST_FILES: usize = 2_000;
/// Bytes of all files of a pack.
pub const MOST_BYTES: i64 = 4 << 30;
/// Events that one pack may prove.
pub const MOST_EVENTS: usize = 5_000;
/// Acts that the pack of a company may have.
pub const MOST_ACTS: usize = 1_000;

/// Packs that are made or fetched at the same time, and those of one person: each lies on the disk meanwhile.
pub fn places() -> Places<UserId> {
    Places::new(8, 2)
}

/// Which pack of a ticket.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PackQuery {
    /// For whose eyes; what one may see when left out. A client's user gets the client's.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// The language of the cover; the company's, else the provider's, when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// Which pack of a company.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodPackQuery {
    /// The first day, in the company's time zone.
    pub from: Day,
    /// The last day; at most 366 days in all.
    pub to: Day,
    /// For whose eyes; what one may see when left out. A client's user gets the client's.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// The language of the report; the company's, else the provider's, when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// A pack that was made, and the place it takes until it is fetched.
pub struct Pack {
    /// The archive.
    pub made: archive::Made,
    /// What it is called.
    pub name: String,
    /// Given up when it was fetched.
    pub place: Place<UserId>,
}

/// The papers of an act that go into a pack.
#[derive(Debug, Clone)]
pub struct Papers {
    /// The act.
    pub act: Act,
    /// The hash of the signed copy, where the client has decided.
    pub signed: Option<Sha256>,
    /// The hash of its evidence; copies of earlier versions of the program have none.
    pub evidence: Option<Sha256>,
    /// What its files begin with.
    pub stem: String,
}

impl Papers {
    fn read(conn: &mut DbConnection, act: Act) -> Result<Self, Error> {
        let signed = act.signed_document_sha256;
        let evidence = match signed {
            Some(copy) => queries::sealed_copy(conn, copy)?.map(|copy| copy.evidence_sha256),
            None => None,
        };
        let stem = format!("acts/{}-v{}", names::safe(&act.number), act.version);
        Ok(Self { act, signed, evidence, stem })
    }

    /// Puts them into an archive: the frozen document, the signed copy, what is known of the signatures.
    async fn put(&self, app: &App, archive: &mut Archive) -> Result<(), Error> {
        let Self { act, signed, evidence, stem } = self;
        archive.copy(&app.files, act.document_sha256, &format!("{stem}.pdf")).await?;
        if let Some(signed) = signed {
            archive.copy(&app.files, *signed, &format!("{stem}-signed.pdf")).await?;
        }
        if let Some(evidence) = evidence {
            archive.copy(&app.files, *evidence, &format!("{stem}-evidence.json")).await?;
        }
        Ok(())
    }
}

/// Has the signed copies made that nobody has asked for yet. An act that the client has not decided on has none.
async fn have_signed(app: &App, acts: &[ActId]) -> Result<(), Error> {
    for act in acts {
        match signed_copy::make(app, *act).await {
            Ok(_) => {}
            Err(error) if error.code() == Code::ActNotSigned => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The certificates that signed copies are checked with.
async fn certificates(app: &App) -> Result<String, Error> {
    let trusted = app.db.read(seal::queries::trusted).await?;
    Ok(trusted.iter().filter_map(|one| seal::key::pem(one)).collect())
}
