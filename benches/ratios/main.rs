//! What requests cost, beside a bare answer and a bare query in the same run.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a measurement that meets what it did not expect is worth nothing"
)]

#[path = "../scene/mod.rs"]
#[expect(dead_code, reason = "the other measurements ask for more")]
mod scene;

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App as Service, HttpResponse, HttpServer, web};
use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query};
use serde_json::json;

use self::scene::company::text;
use self::scene::{Caller, Company, Served};

/// How long each thing is measured.
const ROUND: Duration = Duration::from_secs(6);

fn main() {
    let hello = serve_hello();
    let served = Served::begin("ratios");
    let (app, base, folder) = (served.app.clone(), served.base.clone(), served.folder.clone());
    let small = std::env::var_os("NARYAD_BENCH_SMALL").is_some();
    let (assets, tickets) = if small { (2_000, 5_000) } else { (20_000, 50_000) };
    let began = Instant::now();
    let company = Company::found(&served, assets, tickets);
    println!("{assets} devices and {tickets} tickets took {:.0} s", began.elapsed().as_secs_f64());
    warm(&hello, &company);

    let ceiling = rate(16, |caller, _| caller.get("/"), &hello, "");
    println!("bare answer                 {ceiling:>9.0} /s at 16 callers");
    let query = bare_query(&folder);
    println!("bare prepared query         {query:>9.0} /s at 1");
    let statements = app.db.statements();
    let scanned = AtomicUsize::new(0);
    let scans = rate(16, |caller, turn| caller.get(&company.scan(turn, &scanned)), &base, &company.token);
    let each = (app.db.statements() - statements) as f64 / scanned.load(Ordering::Relaxed) as f64;
    println!(
        "scan card                   {scans:>9.0} /s at 16, {:.2} of a bare answer, {each:.1} statements",
        scans / ceiling
    );
    let list = rate(16, |caller, _| caller.get("/api/v1/tickets?limit=50&open=true"), &base, &company.token);
    println!("a page of open tickets      {list:>9.0} /s at 16, {:.2} of a bare answer", list / ceiling);
    let opened = rate(16, |caller, _| caller.post("/api/v1/tickets", &company.ticket()), &base, &company.token);
    println!("open a ticket               {opened:>9.0} /s at 16");
    let comment = json!({"text": "приедем завтра"});
    let path = format!("/api/v1/tickets/{}/comments", company.tickets[0]);
    let written = rate(64, |caller, _| caller.post(&path, &comment), &base, &company.token);
    let flushed = one_flush_a_write(&folder);
    println!(
        "small write                 {written:>9.0} /s at 64, {:.1} times one flush a write ({flushed:.0} /s)",
        written / flushed
    );
    let next = AtomicUsize::new(0);
    let acts = std::sync::Mutex::new(Vec::new());
    let issued = rate(
        2,
        |caller, _| {
            let ticket = &company.tickets[next.fetch_add(1, Ordering::Relaxed)];
            let answer = caller.post(&format!("/api/v1/tickets/{ticket}/acts"), &json!({}));
            acts.lock().unwrap().push(answer);
        },
        &base,
        &company.token,
    );
    println!("issue an act (frozen PDF)   {:>9.1} ms each at 2 callers", 2_000.0 / issued);
    let acts = acts.into_inner().unwrap();
    let next = AtomicUsize::new(0);
    let signed = rate_of(
        2,
        acts.len().min(400),
        |caller, _| {
            let act = &acts[next.fetch_add(1, Ordering::Relaxed)];
            caller.post(&format!("/api/v1/acts/{}/signatures", text(act, "id")), &company.signature(act));
        },
        &base,
        &company.token,
    );
    println!("sign it (sealed copy)       {:>9.1} ms each at 2 callers", 2_000.0 / signed);
    let sealed = company.long_act(40, 20);
    println!("sign an act of 40 lines     {sealed:>9.1} ms each at 1 caller, of a budget of 25");
    let began = Instant::now();
    Caller::new(&base, &company.token).post_for_bytes("/api/v1/label-sheets", &company.sheet(1_000));
    println!("1,000 labels on sheets      {:>9.2} s", began.elapsed().as_secs_f64());
    println!("memory at the most          {:>9} MiB, this measuring included", peak_mib());
    ten_thousand_labels(&base, &company);
    served.end();
}

/// A job of ten thousand labels: how long it takes with its rests, and how far memory grows above what it was before.
fn ten_thousand_labels(base: &str, company: &Company) {
    // From now on the peak is this job's own.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (before, began) = (peak_mib(), Instant::now());
    // A connection for each question: one that rests is hung up on.
    let caller = || Caller::new(base, &company.token);
    let job = caller().post("/api/v1/label-jobs", &company.labels(10_000));
    let path = format!("/api/v1/label-jobs/{}", text(&job, "id"));
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let job = caller().send("GET", &path, &json!(null));
        let status = text(&job, "status");
        assert!(["queued", "running", "done"].contains(&status.as_str()), "{job}");
        if status == "done" {
            let seconds = began.elapsed().as_secs_f64();
            let (mib, grown) = (job["size"].as_f64().unwrap() / 1_048_576.0, peak_mib() - before);
            println!(
                "10,000 labels by a job      {seconds:>9.2} s, {mib:.1} MiB of PDF, {grown} MiB above the {before} before"
            );
            return;
        }
    }
}

fn serve_hello() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let service = || Service::new().route("/", web::get().to(|| async { HttpResponse::Ok().body("hello") }));
        actix_web::rt::System::new().block_on(HttpServer::new(service).workers(2).listen(listener).unwrap().run())
    });
    base
}

fn warm(hello: &str, company: &Company) {
    let hello = &mut Caller::new(hello, "");
    (0..2_000).for_each(|_| hello.get("/"));
    let naryad = &mut Caller::new(&company.base, &company.token);
    let scanned = AtomicUsize::new(0);
    (0..2_000).for_each(|turn| naryad.get(&company.scan(turn, &scanned)));
}

/// Calls a second, for [`ROUND`].
fn rate<T>(callers: usize, call: impl Fn(&mut Caller, usize) -> T + Sync, base: &str, token: &str) -> f64 {
    let (began, count) = (Instant::now(), AtomicUsize::new(0));
    let call = &call;
    std::thread::scope(|scope| {
        for _ in 0..callers {
            scope.spawn(|| {
                let mut caller = Caller::new(base, token);
                while began.elapsed() < ROUND {
                    call(&mut caller, count.fetch_add(1, Ordering::Relaxed));
                }
            });
        }
    });
    count.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}

/// Calls a second, for so many calls.
fn rate_of<T>(
    callers: usize,
    calls: usize,
    call: impl Fn(&mut Caller, usize) -> T + Sync,
    base: &str,
    token: &str,
) -> f64 {
    let (began, count) = (Instant::now(), AtomicUsize::new(0));
    let call = &call;
    std::thread::scope(|scope| {
        for _ in 0..callers {
            scope.spawn(|| {
                let mut caller = Caller::new(base, token);
                loop {
                    let turn = count.fetch_add(1, Ordering::Relaxed);
                    if turn >= calls {
                        return;
                    }
                    call(&mut caller, turn);
                }
            });
        }
    });
    calls as f64 / began.elapsed().as_secs_f64()
}

fn bare_query(folder: &std::path::Path) -> f64 {
    use diesel::prelude::*;
    use naryad::db::schema::statuses;
    let path = folder.join("naryad.db");
    if !path.exists() {
        return f64::NAN;
    }
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < ROUND / 3 {
        let name: String = statuses::table.find("done").select(statuses::name_en).first(&mut conn).unwrap();
        assert!(!name.is_empty());
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

fn one_flush_a_write(folder: &std::path::Path) -> f64 {
    let path = folder.join("bare.db");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE notes (text TEXT)").unwrap();
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < ROUND / 3 {
        sql_query("INSERT INTO notes VALUES ('приедем завтра')").execute(&mut conn).unwrap();
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1_024
}
