//! `naryad seal`

use std::io::{BufRead, Read};
use std::path::Path;

use super::serve::DATA;
use crate::app::{self, make_private};
use crate::auth::token::Keys;
use crate::config::{Options, SealCommand};
use crate::db::types::{Sha256, Timestamp};
use crate::db::{Db, existing, migrate};
use crate::error::{Code, Error};
use crate::provider;
use crate::seal::key::{Described, Sealer, pem};
use crate::seal::pdf::try_out;
use crate::seal::{Seal, SealOrigin, queries, replace, revoke};

/// Largest file that is taken for a key, in bytes.
const LARGEST: u64 = 1 << 20;

/// Installs, renews, revokes or shows the organisation's key.
///
/// # Errors
/// A sentence for the operator.
pub fn seal(asked: &SealCommand) -> Result<(), String> {
    match asked {
        SealCommand::Install { file, options } => install(file, options),
        SealCommand::Rotate(options) => rotate(options),
        SealCommand::Revoke { certificate, options } => revoke(certificate, options),
        SealCommand::List(options) => list(options),
        SealCommand::Certificates(options) => certificates(options),
    }
}

fn open(options: &Options) -> Result<(Db, Keys), String> {
    let config = options.check(DATA)?;
    make_private(&config.data).map_err(|error| format!("{}: {error}", config.data.display()))?;
    migrate::run(&config.database).map_err(|error| error.to_string())?;
    let db = Db::open(&config.database).map_err(|error| error.to_string())?;
    let keys = app::keys(&config, &db, Timestamp::now())?;
    Ok((db, keys))
}

fn install(file: &Path, options: &Options) -> Result<(), String> {
    let named = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(|error| named(&error))?;
    opened.take(LARGEST).read_to_end(&mut bytes).map_err(|error| named(&error))?;
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut password)
        .map_err(|error| format!("the password cannot be read: {error}"))?;
    let sealer = Sealer::from_pkcs12(&bytes, password.trim_end_matches(['\r', '\n'])).map_err(|why| named(&why))?;
    let now = Timestamp::now();
    let described = sealer.certificates.first().and_then(|one| Described::of(one));
    let described = described.ok_or_else(|| named(&"its certificate cannot be read"))?;
    if described.ends <= now.seconds() {
        return Err(named(&"its certificate has run out"));
    }
    if described.begins > now.seconds() {
        return Err(named(&format!("its certificate is good from {} on only", day(described.begins))));
    }
    // What cannot seal a page now would keep clients from their copies later.
    try_out(&sealer, now).map_err(|error| named(&format!("no document can be sealed with it: {error}")))?;
    put(options, SealOrigin::Installed, now, |_| Ok(sealer))
}

fn rotate(options: &Options) -> Result<(), String> {
    let now = Timestamp::now();
    put(options, SealOrigin::Made, now, |db| {
        let ours = db.read_now(provider::find).map_err(|error| match error.code() {
            Code::ProviderMissing => "the organisation is not described yet (PUT /api/v1/provider)".to_owned(),
            _ => error.to_string(),
        })?;
        Sealer::new(&ours.legal_name, now).map_err(|error| error.to_string())
    })
}

fn put(
    options: &Options,
    origin: SealOrigin,
    now: Timestamp,
    sealer: impl FnOnce(&Db) -> Result<Sealer, String>,
) -> Result<(), String> {
    let (db, keys) = open(options)?;
    let new = Seal::new(origin, &sealer(&db)?, keys.lock(), now).map_err(|error| error.to_string())?;
    let (kept, lock) = (new.clone(), *keys.lock());
    db.write_now(move |conn| replace::replace(conn, &kept, &lock, now)).map_err(|error: Error| match error.code() {
        Code::Duplicate => "this certificate is installed already, and seals".to_owned(),
        Code::Locked => "this certificate was revoked: install another one".to_owned(),
        _ => error.to_string(),
    })?;
    println!("Documents are sealed with this from now on; what was sealed before can still be checked.");
    tell(&new);
    Ok(())
}

fn revoke(certificate: &str, options: &Options) -> Result<(), String> {
    let sha256: Sha256 = certificate
        .parse()
        .map_err(|_| format!("{certificate} is no SHA-256: `naryad seal list` tells that of each certificate"))?;
    let db = existing::open(&options.check(DATA)?.database)?;
    let now = Timestamp::now();
    let revoked = db.write_now(move |conn| revoke::revoke(conn, sha256, now)).map_err(|error| match error.code() {
        Code::NotFound => "there is no such certificate here: `naryad seal list` tells all".to_owned(),
        Code::Locked => "it is the one that seals: put another in its place first (`naryad seal rotate`)".to_owned(),
        _ => error.to_string(),
    })?;
    println!("Its seal proves nothing from now on; copies that are recorded here stay genuine.");
    tell(&revoked);
    Ok(())
}

fn list(options: &Options) -> Result<(), String> {
    let db = existing::open(&options.check(DATA)?.database)?;
    let all = db.read_now(queries::all).map_err(|error| error.to_string())?;
    if all.is_empty() {
        println!("No key yet: the first signed act has one made.");
    }
    all.iter().for_each(tell);
    Ok(())
}

fn tell(seal: &Seal) {
    let Some(described) = seal.described() else { return };
    let state = match (seal.in_use, seal.revoked_at) {
        (true, _) => "seals now",
        (false, None) => "sealed before",
        (false, Some(_)) => "revoked",
    };
    println!(
        "{} ({}, {state})\n  from {}, until {}\n  SHA-256 {}",
        described.holder,
        seal.origin,
        day(described.begins),
        day(described.ends),
        described.sha256
    );
}

fn day(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).map(|at| at.date_naive().to_string()).unwrap_or_default()
}

fn certificates(options: &Options) -> Result<(), String> {
    let db = existing::open(&options.check(DATA)?.database)?;
    for certificate in db.read_now(queries::trusted).map_err(|error| error.to_string())? {
        print!("{}", pem(&certificate).unwrap_or_default());
    }
    Ok(())
}
