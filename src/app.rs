//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use diesel::prelude::*;
use tokio::sync::{Mutex, Notify};

use crate::acts::phrases::Seen;
use crate::assets::surroundings::Surroundings;
use crate::auth::logins::Attempts;
use crate::auth::password::Passwords;
use crate::auth::session::Present;
use crate::auth::token::{Keys, random};
use crate::codes::photo::PhotoPlaces;
use crate::config::Config;
use crate::db::dialect::Both;
use crate::db::schema::secrets;
use crate::db::types::Timestamp;
use crate::db::{Db, DbConnection, migrate};
use crate::error::Error;
use crate::files::Files;
use crate::history::pulse::Pulse;
use crate::http::places::Places;
use crate::http::stream;
use crate::installation;
use crate::labels::jobs::Bell;
use crate::labels::prints::PrintLog;
use crate::print::Printer;
use crate::print::facsimile::Facsimiles;
use crate::provider::house_language::{self, HouseLanguage};
use crate::reports::limits::{self, Misses};
use crate::tickets::attach;
use crate::tickets::scan::ScanLog;
use crate::uploads::pace::{self, Pace};
use crate::users::UserId;
use crate::{disputes, links, seal, verify};

/// The application: built once, shared by all workers.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// The keys tokens are signed with.
    pub keys: Keys,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Wrong passwords of the last minutes.
    pub attempts: Attempts,
    /// Who asked for codes that lead nowhere.
    pub misses: Misses,
    /// Pictures that people without a login are sending.
    pub report_places: Places<String>,
    /// Large bodies that people are sending.
    pub large_bodies: Places<UserId>,
    /// Photos with codes that people are sending.
    pub photo_places: PhotoPlaces,
    /// Who sent files to be checked.
    pub checks: Misses,
    /// Files that are being checked.
    pub check_places: Places<String>,
    /// Forms that people send to sign by a link.
    pub signing_places: Places<String>,
    /// People who listen for news.
    pub listeners: Places<UserId>,
    /// Who tried to sign by a link.
    pub signings: Misses,
    /// Pages of acts that were drawn for those who sign by a link.
    pub facsimiles: Facsimiles,
    /// Archives that are made and fetched for people.
    pub pack_places: Places<UserId>,
    /// Who looks at photos by a link.
    pub photo_looks: Misses,
    /// People who are told at once what becomes of an act.
    pub watchers: Places<UserId>,
    /// People who asked something in the last second.
    pub present: Present,
    /// Pictures and documents.
    pub files: Files,
    /// Print forms and fonts.
    pub printer: Printer,
    /// Sites and agreements around devices that were scanned.
    pub surroundings: Surroundings,
    /// Lookups of labels that are yet to be written down.
    pub scans: ScanLog,
    /// Labels that were asked for one by one and are yet to be written down.
    pub prints: PrintLog,
    /// Rings when there are labels to print in the background.
    pub label_bell: Bell,
    /// Rings when all bytes of a file have come.
    pub upload_bell: Bell,
    /// Who sends how often.
    pub upload_pace: Pace,
    /// Whose forms with files are in memory.
    pub attach_places: Places<UserId>,
    /// Who sends bytes just now.
    pub upload_places: Places<UserId>,
    /// Whose turn it is to take a number for a document that is printed before it is kept.
    pub numbering: Mutex<()>,
    /// Whose turn it is to walk along the whole chain of events.
    pub walking: Mutex<()>,
    /// What people are told in when they ask for no language.
    pub house_language: HouseLanguage,
    /// Tells those who listen that something happened.
    pub pulse: Pulse,
    /// What signers read, as it was last looked up.
    pub phrases: Seen,
    /// Rings when there are messages to send.
    pub outbox: Notify,
    written: Notify,
    stopping: AtomicBool,
}

impl App {
    /// Brings the database up to date and puts everything in its place.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn start(config: Config) -> Result<Arc<Self>, String> {
        let said = |what: &str, why: &dyn std::fmt::Display| format!("{what}: {why}");
        make_private(&config.data)
            .map_err(|error| said(&format!("the data folder {} cannot be made", config.data.display()), &error))?;
        let steps = migrate::run(&config.database)
            .map_err(|error| said("the database could not be brought up to date", &error))?;
        if steps > 0 {
            tracing::info!(steps, "the database was brought up to date");
        }
        let db = Db::open(&config.database).map_err(|error| said("the database cannot be opened", &error))?;
        let clock = Clock::default();
        let now = clock.now();
        let keys = keys(&config, &db, now)?;
        must_open_seal(&db, &keys, now)?;
        db.write_now(move |conn| crate::tickets::graph::install_default(conn, now))
            .map_err(|error| said("the graph of statuses cannot be installed", &error))?;
        db.write_now(move |conn| installation::found(conn, now))
            .map_err(|error| said("the installation cannot be founded", &error))?;
        let house_language = HouseLanguage::default();
        house_language
            .set(db.read_now(house_language::read).map_err(|error| said("the provider cannot be read", &error))?);
        let files = Files::open(&config).map_err(|error| said("the files cannot be opened", &error))?;
        let printer =
            Printer::open(&config.print_forms).map_err(|error| said("the print forms cannot be opened", &error))?;
        let phrases = Seen::default();
        phrases
            .write_now(&db, now, &printer)
            .map_err(|error| said("the phrases of the print forms cannot be kept", &error))?;
        Ok(Arc::new(Self {
            keys,
            passwords: Passwords::default(),
            attempts: Attempts::default(),
            misses: Misses::default(),
            report_places: limits::places(),
            large_bodies: Places::new(24, 4),
            photo_places: PhotoPlaces::default(),
            checks: Misses::allowing(verify::door::MOST_CHECKS),
            check_places: verify::door::places(),
            signings: Misses::allowing(links::door::MOST_SIGNINGS),
            facsimiles: Facsimiles::default(),
            pack_places: disputes::places(),
            photo_looks: Misses::allowing(links::photos::MOST_LOOKS),
            watchers: links::watch::places(),
            signing_places: links::door::places(),
            listeners: stream::places(),
            present: Present::default(),
            surroundings: Surroundings::default(),
            scans: ScanLog::default(),
            prints: PrintLog::default(),
            label_bell: Bell::default(),
            upload_bell: Bell::default(),
            upload_pace: Pace::default(),
            attach_places: attach::places(),
            upload_places: pace::places(),
            numbering: Mutex::new(()),
            walking: Mutex::new(()),
            house_language,
            pulse: Pulse::default(),
            phrases,
            outbox: Notify::new(),
            written: Notify::new(),
            stopping: AtomicBool::new(false),
            config,
            db,
            clock,
            files,
            printer,
        }))
    }

    /// Something was written: there are events to chain.
    pub fn wrote(&self) {
        self.written.notify_one();
    }

    /// The program is going: no more work should be sent here.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.pulse.wake();
        self.outbox.notify_one();
    }

    /// Whether the program is going.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Waits until something was written.
    pub async fn written(&self) {
        self.written.notified().await;
    }
}

/// Makes a folder that only its owner may look into: the database in it holds secrets. One that is there keeps its rights.
///
/// # Errors
/// When it cannot be made.
pub fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The keys of this installation: from the operator's secret, else from the one in the database.
///
/// # Errors
/// A sentence for the operator.
pub fn keys(config: &Config, db: &Db, now: Timestamp) -> Result<Keys, String> {
    let secret = match &config.secret {
        Some(secret) => secret.clone().into_bytes(),
        None => db
            .write_now(move |conn| secret(conn, now))
            .map_err(|error| format!("the secret cannot be read: {error}"))?,
    };
    Ok(Keys::new(&secret))
}

/// Found out at the start, not by the first client who signs: a secret was changed, and the seal's key does not open. The one
/// that was made before a secret was given is in the database still: then the key gets a new lock.
fn must_open_seal(db: &Db, keys: &Keys, now: Timestamp) -> Result<(), String> {
    let said = |error: Error| format!("the seal cannot be read: {error}");
    let lock = *keys.lock();
    let opens = db.read_now(move |conn| seal::lock::opens(conn, &lock)).map_err(said)?;
    let opens = opens
        || db
            .write_now(move |conn| {
                let kept = kept_secret(conn)?.map(|secret| Keys::new(&secret));
                kept.map_or(Ok(false), |kept| seal::lock::change(conn, kept.lock(), &lock, now))
            })
            .map_err(said)?;
    if opens { Ok(()) } else { Err(seal::LOCKED.to_owned()) }
}

/// What the secret that the program made is called.
const SECRET: &str = "tokens";

/// The secret all instances share, made by the first of them.
fn secret(conn: &mut DbConnection, now: Timestamp) -> Result<Vec<u8>, Error> {
    let new = random::<32>()?.to_vec();
    let row = (secrets::name.eq(SECRET), secrets::value.eq(new), secrets::created_at.eq(now));
    Both(diesel::insert_into(secrets::table).values(row).on_conflict_do_nothing()).execute(conn)?;
    Ok(secrets::table.find(SECRET).select(secrets::value).first(conn)?)
}

/// The secret that the program made, if it ever had to.
///
/// # Errors
/// The database's.
pub fn kept_secret(conn: &mut DbConnection) -> Result<Option<Vec<u8>>, Error> {
    Ok(secrets::table.find(SECRET).select(secrets::value).first(conn).optional()?)
}

/// The time. Tests may set it ahead.
#[derive(Default)]
pub struct Clock {
    ahead: AtomicI64,
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Timestamp {
        Timestamp::now().plus_seconds(self.ahead.load(Ordering::Relaxed))
    }

    /// Sets the clock ahead of the computer's by so many seconds.
    pub fn set_ahead(&self, seconds: i64) {
        self.ahead.store(seconds, Ordering::Relaxed);
    }
}
