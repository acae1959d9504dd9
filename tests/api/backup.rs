//! Backups made while others write, tried, spoilt and restored: with the real program, on both databases.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use naryad::db::types::{Sha256, Timestamp};
use naryad::files::path_of;
use naryad::installation;
use serde_json::{Value, json};

use crate::person::{Person, id, text};
use crate::pictures;
use crate::program::Installation;

#[test]
fn a_backup_made_amid_writes_is_restored_on_sqlite() {
    is_restored(false);
}

#[test]
fn a_backup_made_amid_writes_is_restored_on_postgres() {
    is_restored(true);
}

#[test]
fn what_is_wrong_with_a_backup_is_named_on_sqlite() {
    is_named(false);
}

#[test]
fn what_is_wrong_with_a_backup_is_named_on_postgres() {
    is_named(true);
}

/// A company with one ticket, served, and a folder for its backups.
struct Shop {
    installed: Installation,
    admin: Person,
    ticket: String,
    backups: PathBuf,
}

impl Shop {
    fn open(postgres: bool) -> Option<Self> {
        let mut installed = Installation::new(postgres)?;
        assert!(installed.add_user("admin", "admin").status.success());
        installed.serve();
        let admin = installed.person("admin");
        let made = |path: &str, body: Value| id(&admin.post(path, &body).is(201));
        let company = made("/companies", json!({"name": "Ромашка"}));
        let kind = made("/ticket-types", json!({"name": "Ремонт"}));
        let ticket = json!({"type_id": kind, "company_id": company, "priority": "low", "subject": "Насос"});
        let ticket = made("/tickets", ticket);
        let backups = installed.folder().with_extension("backups");
        Some(Self { installed, admin, ticket, backups })
    }

    fn say(&self, text: &str) {
        self.admin.post(&format!("/tickets/{}/comments", self.ticket), &json!({"text": text})).is(201);
    }

    /// Attaches a picture of this width; its id and hash.
    fn attach(&self, width: u32) -> (String, String) {
        let at = format!("/tickets/{}/attachments", self.ticket);
        let file = self.admin.upload(&at, "a.png", &pictures::png(8, width), &[]).is(201);
        (id(&file), text(&file, "sha256"))
    }

    fn backup(&self) -> Output {
        run(&self.installed, &["backup", "--to", self.backups.to_str().unwrap()])
    }

    /// The folder of the only backup.
    fn only(&self) -> PathBuf {
        let whole = |path: &PathBuf| path.join("manifest.json").exists();
        let found: Vec<_> =
            fs::read_dir(&self.backups).unwrap().map(|entry| entry.unwrap().path()).filter(whole).collect();
        assert_eq!(found.len(), 1);
        found[0].clone()
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&fs::read(self.only().join("manifest.json")).unwrap()).unwrap()
    }

    /// Tries the backup; what is said about it, if something is wrong.
    fn verify(&self) -> Result<String, String> {
        let mut command = self.installed.command_without_data(&["verify-backup", self.backups.to_str().unwrap()]);
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(said(&output.stdout)) } else { Err(said(&output.stderr)) }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.backups);
    }
}

fn run(installed: &Installation, words: &[&str]) -> Output {
    installed.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
}

#[track_caller]
fn well(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn refused(output: &Output, named: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(named), "{named}: {said}");
}

/// The chain's last place and the epoch, as the program's own functions see them in a database that is served.
fn clock(installed: &Installation) -> (i64, String) {
    let db = naryad::db::Db::open(&installed.address()).unwrap();
    db.write_now(naryad::history::chain::seal_all).unwrap();
    let (seq, _) = db.read_now(naryad::history::chain::head).unwrap();
    (seq, db.read_now(installation::epoch).unwrap().to_string())
}

fn is_restored(postgres: bool) {
    let Some(mut shop) = Shop::open(postgres) else { return };
    let (going, number) = (AtomicBool::new(true), AtomicU64::new(0));
    let said: Mutex<Vec<String>> = Mutex::default();
    let mut files = BTreeMap::from([shop.attach(3), shop.attach(4)]);
    let mut before = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while going.load(Ordering::Relaxed) {
                    let turn = number.fetch_add(1, Ordering::Relaxed);
                    let text = format!("запись {turn}");
                    shop.say(&text);
                    said.lock().unwrap().push(text);
                    if turn.is_multiple_of(10) {
                        shop.attach(u32::try_from(turn % 100).unwrap() + 10);
                    }
                }
            });
        }
        let deadline = Instant::now() + Duration::from_secs(30);
        while said.lock().unwrap().len() < 25 {
            assert!(Instant::now() < deadline, "nobody writes");
            std::thread::sleep(Duration::from_millis(5));
        }
        // What was answered by now must be in it.
        before.clone_from(&said.lock().unwrap());
        let made = shop.backup();
        going.store(false, Ordering::Relaxed);
        well(&made);
    });
    let after = said.into_inner().unwrap();
    assert!(after.len() > before.len(), "nobody wrote while the backup was made");
    shop.say("после копии");
    let late = shop.attach(99);
    let manifest = shop.manifest();
    let said = shop.verify().unwrap();
    assert!(said.contains("is whole"), "{said}");
    assert_eq!(fs::read_dir(shop.only()).unwrap().count(), 4, "manifest, its hash, database, print forms");
    let (seq, epoch) = clock(&shop.installed);
    assert_eq!(manifest["epoch"], json!(epoch));
    assert!(manifest["seq"].as_i64().unwrap() < seq);
    // The manifest is a witness of what happened before it was made.
    assert!(manifest["root"]["tree_size"].as_u64().unwrap() > 25, "{manifest}");
    let witness = shop.only().join("manifest.json");
    let told = well(&run(&shop.installed, &["audit", "verify", "--root", witness.to_str().unwrap()]));
    assert!(told.starts_with("OK"), "{told}");

    // A second backup copies no file again, but for those that are new.
    std::thread::sleep(Duration::from_millis(1_100));
    let again = well(&shop.backup());
    let number = |before: &str| -> usize {
        again.split(before).next().unwrap().rsplit([' ', '(']).next().unwrap().parse().unwrap()
    };
    let (all, new) = (number(" files ("), number(" of them new"));
    assert!(new >= 1 && all - new == manifest["files"].as_array().unwrap().len(), "{again}");
    let first = {
        let mut all: Vec<_> = fs::read_dir(&shop.backups)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("manifest.json").exists())
            .collect();
        all.sort();
        assert_eq!(all.len(), 2);
        all[0].clone()
    };

    shop.installed.kill();
    let mut elsewhere = Installation::new(postgres).unwrap();
    let words = ["restore", first.to_str().unwrap(), "--into", elsewhere.folder().to_str().unwrap()];
    let restored =
        elsewhere.command_without_data(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let told = well(&restored);
    assert!(!told.contains("What was there before"), "nothing was there: {told}");
    let refusal = elsewhere.command_without_data(&words).stderr(Stdio::piped()).output().unwrap();
    refused(&refusal, "is not empty");
    elsewhere.serve();
    let admin = elsewhere.person("admin");
    let kept = comments(&admin, &shop.ticket);
    for text in &before {
        assert_eq!(kept.iter().filter(|kept| *kept == text).count(), 1, "{text}");
    }
    assert!(!kept.contains(&"после копии".to_owned()));
    let (new_seq, new_epoch) = clock(&elsewhere);
    assert!(new_seq > seq, "{new_seq} after {seq}");
    assert!(new_seq < 1 << 53, "a number that JavaScript keeps");
    assert_ne!(new_epoch, epoch);
    let found = admin.get("/events/verification").is(200);
    assert_eq!(found["intact"], true, "{found}");
    assert_eq!(found["head_seq"].as_i64().unwrap(), clock(&elsewhere).0);
    let told = admin.get("/events?action=installation.restored").is(200);
    let facts = &told["data"][0]["facts"];
    assert_eq!((&facts["before"]["epoch"], &facts["after"]["epoch"]), (&json!(epoch), &json!(new_epoch)));
    assert_eq!(told["data"].as_array().unwrap().len(), 1);
    files.remove(&late.0);
    for (file, hash) in &files {
        let bytes = admin.get(&format!("/attachments/{file}/content")).bytes();
        assert_eq!(&Sha256::of(bytes).to_string(), hash);
    }
    admin.get(&format!("/attachments/{}", late.0)).refused(404, "not_found");
    // Life goes on, and is backed up as well.
    admin.post(&format!("/tickets/{}/comments", shop.ticket), &json!({"text": "дальше"})).is(201);
    let words = ["backup", "--keep", "1", "--to", shop.backups.to_str().unwrap()];
    well(&run(&elsewhere, &words));
    let said = shop.verify().unwrap();
    assert!(said.contains(&format!("{} events", manifest_of(&shop.only())["entries"])), "{said}");
}

fn manifest_of(backup: &Path) -> Value {
    serde_json::from_slice(&fs::read(backup.join("manifest.json")).unwrap()).unwrap()
}

fn comments(admin: &Person, ticket: &str) -> Vec<String> {
    let (mut texts, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/tickets/{ticket}/comments?limit=200{cursor}")).is(200);
        texts.extend(page["data"].as_array().unwrap().iter().map(|comment| text(comment, "text")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return texts,
        }
    }
}

/// Another byte in the middle of a file.
fn spoil(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
}

fn is_named(postgres: bool) {
    let Some(mut shop) = Shop::open(postgres) else { return };
    let (_, hash) = shop.attach(5);
    shop.say("запись");
    well(&shop.backup());
    let folder = shop.only();
    let stored = shop.backups.join("files").join(path_of(hash.parse().unwrap()));
    let dump = folder.join(if postgres { "database.dump" } else { "database.sqlite" });
    shop.verify().unwrap();
    for (file, named) in [
        (&stored, hash.as_str()),
        (&dump, dump.file_name().unwrap().to_str().unwrap()),
        (&folder.join("manifest.json"), "manifest.json"),
        (&folder.join("manifest.json.sha256"), "manifest.json.sha256"),
        (&folder.join("print-forms/act.ru.xml.j2"), "act.ru.xml.j2"),
    ] {
        let sound = fs::read(file).unwrap();
        spoil(file);
        let why = shop.verify().unwrap_err();
        assert!(why.contains(named), "{named}: {why}");
        fs::write(file, &sound).unwrap();
        shop.verify().unwrap();
        fs::remove_file(file).unwrap();
        let why = shop.verify().unwrap_err();
        // Without its manifest a folder is no backup.
        assert!(
            why.contains(named) && why.contains("missing") || why.contains("no backup") || why.contains("sha256"),
            "{why}"
        );
        fs::write(file, &sound).unwrap();
    }
    shop.verify().unwrap();
    what_the_database_lost_is_told(&shop, &folder, &dump, postgres);
    // A broken file keeps a restore from beginning, until it is said to be left out.
    spoil(&stored);
    let elsewhere = Installation::new(postgres).unwrap();
    let to = elsewhere.folder().to_str().unwrap().to_owned();
    let restore = |more: &[&str]| {
        let mut words = vec!["restore", folder.to_str().unwrap(), "--into", &to];
        words.extend(more);
        elsewhere.command_without_data(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    };
    refused(&restore(&[]), &hash);
    assert!(!elsewhere.folder().exists(), "nothing was begun");
    refused(&restore(&["--leave-out-broken"]), "it may be served, but");
    // What is there is put aside, not overwritten; not while somebody uses it.
    spoil(&stored);
    well(&restore(&["--replace"]));
    shop.installed.kill();
    shop.installed.serve();
    let into = shop.installed.folder().to_str().unwrap().to_owned();
    let own = ["restore", folder.to_str().unwrap(), "--replace", "--into", &into];
    let used = shop.installed.command_without_data(&own).stderr(Stdio::piped()).output().unwrap();
    refused(&used, "in use");
    shop.say("ещё здесь");
    shop.installed.kill();
    let told =
        shop.installed.command_without_data(&own).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let told = well(&told);
    assert!(told.contains("What was there before is now"), "{told}");
    shop.installed.serve();
    let admin = shop.installed.person("admin");
    assert_eq!(comments(&admin, &shop.ticket), ["запись"]);
    // A file that is spoilt or gone is told, and the rest is kept all the same.
    let own = shop.installed.folder().join("files").join(path_of(hash.parse().unwrap()));
    let sound = fs::read(&own).unwrap();
    for how in ["spoilt", "gone"] {
        spoil(&own);
        if how == "gone" {
            fs::remove_file(&own).unwrap();
        }
        fs::remove_dir_all(&shop.backups).unwrap();
        refused(&shop.backup(), &format!("{hash} (named by attachments.file_sha256) is {how}"));
        let manifest = shop.manifest();
        assert_eq!(manifest["missing"][0]["spoilt"], json!(how == "spoilt"), "{manifest}");
        assert!(!manifest["files"].as_array().unwrap().is_empty(), "{manifest}");
        let why = shop.verify().unwrap_err();
        assert!(why.contains(&format!("{hash}, named by attachments.file_sha256, was {how}")), "{why}");
    }
    // As it is told: put back, the next backup takes it.
    fs::write(&own, sound).unwrap();
    fs::remove_dir_all(&shop.backups).unwrap();
    well(&shop.backup());
    shop.verify().unwrap();
}

/// What a restore does to what is there: an embedded database is more than one file, and may be damaged.
#[test]
fn what_is_in_the_way_spoils_no_restore() {
    let mut shop = Shop::open(false).unwrap();
    let (file, hash) = shop.attach(5);
    shop.say("запись");
    well(&shop.backup());
    let folder = shop.installed.folder().to_owned();
    let stored = folder.join("files").join(path_of(hash.parse().unwrap()));
    let database = folder.join("naryad.db");
    let words = ["restore", shop.backups.to_str().unwrap(), "--replace", "--into", folder.to_str().unwrap()];
    let restore = |shop: &Shop| {
        shop.installed.command_without_data(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    };
    for how in ["gone", "no database", "malformed"] {
        shop.say("после копии");
        // Killed, it leaves its log beside the database.
        shop.installed.kill();
        assert!(fs::metadata(folder.join("naryad.db-wal")).unwrap().len() > 0);
        // Nothing of an earlier restore is left lying, and a stored file may have its size and not its bytes.
        fs::write(folder.join("naryad.db.unfinished-1"), "x").unwrap();
        spoil(&stored);
        let mut bytes = fs::read(&database).unwrap();
        match how {
            "gone" => fs::remove_file(&database).unwrap(),
            "no database" => {
                fs::write(&database, vec![7; bytes.len()]).unwrap();
                fs::write(folder.join("naryad.db-wal"), vec![7; 100_000]).unwrap();
            }
            _ => {
                bytes[100..110].fill(0xff);
                fs::write(&database, bytes).unwrap();
            }
        }
        let told = well(&restore(&shop));
        let aside = told.lines().find_map(|line| line.strip_prefix("What was there before is now ")).unwrap();
        let aside = aside.trim_end_matches('.');
        // What could be read of the log was brought into the file before.
        let log = Path::new(&format!("{aside}-wal")).exists();
        assert!(how != "gone" || log && !Path::new(aside).exists(), "{told}");
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let lies = |part: &str| left.iter().any(|name| name.to_string_lossy().contains(part));
        assert!(!lies("unfinished") && !lies("under-way") && !lies("naryad.db-"), "{how}: {left:?}");
        shop.installed.serve();
        shop.admin = shop.installed.person("admin");
        assert_eq!(comments(&shop.admin, &shop.ticket), ["запись"], "{how}");
        let found = shop.admin.get("/events/verification").is(200);
        assert_eq!(found["intact"], true, "{how}: {found}");
        let bytes = shop.admin.get(&format!("/attachments/{file}/content")).bytes();
        assert_eq!(Sha256::of(bytes).to_string(), hash, "{how}");
    }
}

/// Wherever a restore is broken off, nobody serves an empty company in its place.
#[cfg(unix)]
#[test]
fn a_file_that_was_not_restored_whole_is_not_served() {
    let shop = Shop::open(false).unwrap();
    well(&shop.backup());
    let into = shop.backups.with_extension("into");
    let to = into.to_str().unwrap();
    let restore = ["restore", shop.backups.to_str().unwrap(), "--into", to];
    // As on a disk that is full: no file may grow beyond 64 KiB.
    let on_a_full_disk = |words: &[&str]| {
        let program = shop.installed.command_without_data(words);
        let mut limited = std::process::Command::new("bash");
        limited.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "-"]);
        limited.arg(program.get_program()).args(program.get_args()).output().unwrap()
    };
    assert!(!on_a_full_disk(&restore).status.success());
    for words in [&["migrate"][..], &["serve"], &["seal", "list"], &["backup", "--to", to]] {
        let mut command = shop.installed.command_without_data(words);
        let said = command.args(["--data", to]).stderr(Stdio::piped()).output().unwrap();
        refused(&said, "was not finished: run it again with --replace");
    }
    assert!(!into.join("naryad.db").exists());
    let run = |words: &[&str]| {
        let mut command = shop.installed.command_without_data(words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    };
    well(&run(&[&restore[..], &["--replace"]].concat()));
    well(&run(&["audit", "verify", "--data", to]));
    let left: Vec<_> = fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("un")), "{left:?}");
    // A trial that finds no room says so, and does not blame the backup.
    let said = on_a_full_disk(&["verify-backup", shop.backups.to_str().unwrap()]);
    refused(&said, "name another folder with TMPDIR");
    assert!(!String::from_utf8_lossy(&said.stderr).contains("is not whole"), "{said:?}");
    fs::remove_dir_all(into).unwrap();
}

/// A drill is made on the machine that serves, with its settings in the environment.
#[test]
fn a_drill_leaves_what_is_served_alone() {
    let shop = Shop::open(false).unwrap();
    well(&shop.backup());
    let (into, forms) = (shop.backups.with_extension("drill"), shop.backups.with_extension("forms"));
    fs::create_dir_all(&forms).unwrap();
    fs::write(forms.join("own.j2"), "x").unwrap();
    let restore = |more: &[&str]| {
        let words = ["restore", shop.backups.to_str().unwrap(), "--into", into.to_str().unwrap()];
        let mut command = shop.installed.command_without_data(&[&words, more].concat());
        command.env("NARYAD_DATABASE_URL", format!("sqlite://{}", shop.installed.folder().join("naryad.db").display()));
        command.env("NARYAD_PRINT_FORMS", &forms);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    };
    // What is typed is meant.
    refused(&restore(&["--print-forms", forms.to_str().unwrap()]), "is not empty");
    let told = well(&restore(&[]));
    assert!(told.contains("NARYAD_DATABASE_URL is not heeded") && told.contains("NARYAD_PRINT_FORMS is not"), "{told}");
    assert!(into.join("naryad.db").exists() && into.join("print-forms").exists());
    assert_eq!(fs::read_dir(&forms).unwrap().count(), 1);
    shop.say("всё здесь");
    for folder in [into, forms] {
        fs::remove_dir_all(folder).unwrap();
    }
}

/// The seal's key is of no use without the secret it is locked under, and that is in no backup.
#[test]
fn a_restore_tells_of_another_secret() {
    for postgres in [false, true] {
        let Some(shop) = Shop::open(postgres) else { continue };
        let provider = json!({"legal_name": "ООО", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                              "vat": {"mode": "not_payer"}});
        shop.admin.put("/provider", &provider).is(200);
        let secret = "z".repeat(40);
        well(&run(&shop.installed, &["seal", "rotate", "--secret", &secret]));
        well(&shop.backup());
        let restored = |more: &[&str]| {
            let elsewhere = Installation::new(postgres).unwrap();
            let words = ["restore", shop.backups.to_str().unwrap(), "--into", elsewhere.folder().to_str().unwrap()];
            let mut command = elsewhere.command_without_data(&[&words, more].concat());
            well(&command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap())
        };
        let told = restored(&[]);
        assert!(told.contains("Note: the key of the seal is locked under a NARYAD_SECRET"), "{told}");
        let told = restored(&["--secret", &secret]);
        assert!(!told.contains("Note:"), "{told}");
    }
}

/// A manifest says what files are called, and must not lead out of its folder.
#[test]
fn a_manifest_names_plain_files() {
    let shop = Shop::open(false).unwrap();
    well(&shop.backup());
    let folder = shop.only();
    let mut manifest = manifest_of(&folder);
    for name in ["../../evil", "/etc/evil", "..", ""] {
        manifest["print_forms"][0]["name"] = json!(name);
        let text = serde_json::to_vec(&manifest).unwrap();
        fs::write(folder.join("manifest.json.sha256"), format!("{}  manifest.json\n", Sha256::of(&text))).unwrap();
        fs::write(folder.join("manifest.json"), text).unwrap();
        let why = shop.verify().unwrap_err();
        assert!(why.contains("no plain file name"), "{why}");
    }
}

/// The hashes agree, but what is in the dump is not what the manifest says.
fn what_the_database_lost_is_told(shop: &Shop, folder: &Path, dump: &Path, postgres: bool) {
    if postgres {
        return;
    }
    use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
    let (sound, manifest) = (fs::read(dump).unwrap(), fs::read(folder.join("manifest.json")).unwrap());
    let seal = fs::read(folder.join("manifest.json.sha256")).unwrap();
    for (change, named) in [
        ("DELETE FROM comments", "comments: 0 rows"),
        ("DELETE FROM events WHERE action = 'comment.written'", "names a record of events that is not there"),
        ("UPDATE events SET action = 'x.y' WHERE action = 'ticket.opened'", "changed"),
        ("UPDATE installation SET epoch = randomblob(16)", "the epoch"),
        ("UPDATE attachments SET file_sha256 = randomblob(32)", "is not in the manifest"),
    ] {
        let mut conn = SqliteConnection::establish(dump.to_str().unwrap()).unwrap();
        sql_query("PRAGMA foreign_keys = OFF").execute(&mut conn).unwrap();
        assert!(sql_query(change).execute(&mut conn).unwrap() > 0, "{change}");
        drop(conn);
        let mut changed: Value = serde_json::from_slice(&manifest).unwrap();
        changed["database"]["sha256"] = json!(Sha256::of(fs::read(dump).unwrap()).to_string());
        let text = serde_json::to_vec(&changed).unwrap();
        fs::write(folder.join("manifest.json.sha256"), format!("{}  manifest.json\n", Sha256::of(&text))).unwrap();
        fs::write(folder.join("manifest.json"), text).unwrap();
        let why = shop.verify().unwrap_err();
        assert!(why.contains(named), "{change}: {why}");
        fs::write(dump, &sound).unwrap();
    }
    // A newer program's.
    let mut newer: Value = serde_json::from_slice(&manifest).unwrap();
    newer["database"]["schema"].as_array_mut().unwrap().push(json!("29991231000001"));
    let text = serde_json::to_vec(&newer).unwrap();
    fs::write(folder.join("manifest.json.sha256"), format!("{}  manifest.json\n", Sha256::of(&text))).unwrap();
    fs::write(folder.join("manifest.json"), text).unwrap();
    let why = shop.verify().unwrap_err();
    assert!(why.contains("newer than this program"), "{why}");
    fs::write(folder.join("manifest.json"), manifest).unwrap();
    fs::write(folder.join("manifest.json.sha256"), seal).unwrap();
    shop.verify().unwrap();
}

/// What was not finished is never taken for a backup, and nothing is made where there is nothing.
#[test]
fn half_a_backup_is_none() {
    let shop = Shop::open(false).unwrap();
    well(&shop.backup());
    let folder = shop.only();
    fs::rename(&folder, shop.backups.join(".unfinished-2026")).unwrap();
    assert!(shop.verify().unwrap_err().contains("no backup"));
    let nowhere = shop.backups.join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    let to = shop.backups.to_str().unwrap();
    let mut command = shop.installed.command_without_data(&["backup", "--data", nowhere, "--to", to]);
    refused(&command.stderr(Stdio::piped()).output().unwrap(), "there is no database");
    assert!(!Path::new(nowhere).exists());
    let left = fs::read_dir(&shop.backups).unwrap().count();
    assert_eq!(left, 2, "the files, and what was renamed");
}

/// A file gets its name at the end; a server's database says itself that it is not whole yet.
#[test]
fn a_restore_that_was_broken_off_is_not_served() {
    let Some(mut shop) = Shop::open(true) else { return };
    well(&shop.backup());
    shop.installed.kill();
    shop.installed.change("DROP TABLE invoice_lines; CREATE TABLE restore_under_way (id INTEGER)");
    refused(&run(&shop.installed, &["migrate"]), "was not finished");
    let into = shop.installed.folder().to_str().unwrap();
    let words = ["restore", shop.backups.to_str().unwrap(), "--replace", "--into", into];
    let again = shop.installed.command_without_data(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
    let told = well(&again.unwrap());
    assert!(told.contains("public_before_"), "{told}");
    shop.installed.serve();
    shop.installed.person("admin").get(&format!("/tickets/{}", shop.ticket)).is(200);
    // What was put aside is no part of the next backup.
    fs::remove_dir_all(&shop.backups).unwrap();
    well(&shop.backup());
    shop.verify().unwrap();
}

/// Every restore leaps; nothing but a restore may.
#[test]
fn a_clock_that_runs_behind_does_not_lead_back() {
    let shop = Shop::open(false).unwrap();
    let db = naryad::db::Db::open(&shop.installed.address()).unwrap();
    let mut last = clock(&shop.installed).0;
    for now in ["2026-11-22T10:00:00Z", "1999-01-01T00:00:00Z", "1999-01-01T00:00:01Z"] {
        let now = Timestamp::parse(now).unwrap();
        let (_, leap) = db.write_now(move |conn| installation::restored::begin_epoch(conn, now, now, 100)).unwrap();
        assert!(leap.jump_from == last && leap.jump_to > last, "{leap:?} after {last}");
        last = leap.jump_to;
        let found = db.read_now(naryad::history::verify::verify).unwrap();
        assert!(found.intact && found.head_seq == last, "{found:?}");
    }
    // The next ticket leaves out the numbers that paper may have.
    let tickets = shop.admin.get(&format!("/tickets/{}", shop.ticket)).is(200);
    let next = json!({"type_id": tickets["type_id"], "company_id": tickets["company_id"], "priority": "low", "subject": "Насос"});
    let next = shop.admin.post("/tickets", &next).is(201);
    assert_eq!(next["number"].as_i64().unwrap(), tickets["number"].as_i64().unwrap() + 301);
}
