//! What it costs to find a device by each form of a code, among twenty thousand devices and among a million.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a measurement that meets what it did not expect is worth nothing"
)]

#[path = "../ratios/caller.rs"]
#[expect(dead_code, reason = "the other measurement asks for more")]
mod caller;
#[path = "../ratios/company.rs"]
#[expect(dead_code, reason = "the other measurement asks for more")]
mod company;
#[path = "../ratios/serving.rs"]
mod serving;

use std::time::{Duration, Instant};

use diesel::{RunQueryDsl, sql_query};
use naryad::app::App;
use serde_json::json;

use self::caller::Caller;
use self::company::{Company, text};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long each form is measured.
const ROUND: Duration = Duration::from_secs(2);

/// What is written in the way: as much as the database has, and nothing that is looked for. `{id}` is a new id, `{from}` and
/// `{to}` are running numbers.
const DEVICES: &str = "
    WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
    INSERT INTO assets (id, company_id, site_id, name, model, serial_number, inventory_number, attributes, search_text,
                        version, created_at, updated_at)
    SELECT {id}, a.company_id, a.site_id, a.name, a.model, 'F-' || n.i, 'F' || n.i, a.attributes, a.search_text,
           a.version, a.created_at, a.updated_at
    FROM n, (SELECT * FROM assets WHERE inventory_number = '000001') a";
const LABELS: &str = "
    INSERT INTO codes (code, state, asset_id, created_at, changed_at)
    SELECT 'F' || serial_number, 'active', id, created_at, created_at FROM assets
    WHERE serial_number LIKE 'F-%' AND NOT EXISTS (SELECT 1 FROM codes WHERE codes.asset_id = assets.id)";
const FOREIGN: &str = "
    INSERT INTO foreign_codes (id, asset_id, kind, value, key, created_by, created_at)
    SELECT {id}, assets.id, f.kind, f.value, 'text:' || assets.serial_number, f.created_by, f.created_at
    FROM assets, (SELECT * FROM foreign_codes LIMIT 1) f
    WHERE assets.serial_number LIKE 'F-%'
      AND NOT EXISTS (SELECT 1 FROM foreign_codes WHERE foreign_codes.asset_id = assets.id)";

fn main() {
    let folder = std::env::temp_dir().join(format!("naryad_lookups_{}", std::process::id()));
    let (app, base) = serving::naryad(folder.clone());
    let company = Company::found(&app, &base, 2_000, 0);
    let forms = forms(&company);
    let mut before = None;
    for devices in [20_000_u32, 1_000_000] {
        fill(&app, before.unwrap_or(2_000), devices);
        println!("{devices} devices");
        for (name, path) in &forms {
            let mut caller = Caller::new(&base, &company.token);
            (0..50).for_each(|_| caller.get(path));
            let statements = app.db.statements();
            let (began, mut count) = (Instant::now(), 0_u32);
            while began.elapsed() < ROUND {
                caller.get(path);
                count += 1;
            }
            let each = began.elapsed().as_secs_f64() * 1e6 / f64::from(count);
            let asked = (app.db.statements() - statements) as f64 / f64::from(count);
            println!("  {name:<34} {each:>7.0} µs, {asked:.1} statements");
        }
        before = Some(devices);
    }
    let _ = std::fs::remove_dir_all(folder);
    std::process::exit(0);
}

/// Each way to name one device, as the path of a scan.
fn forms(company: &Company) -> Vec<(&'static str, String)> {
    let mut caller = Caller::new(&company.base, &company.token);
    let (asset, code) = company.device(7);
    for value in ["]C18004950110153AB12", "https://inv.example.org/a/77?x=1", "4006381333931"] {
        caller.post(&format!("/api/v1/assets/{asset}/foreign-codes"), &json!({"value": value}));
    }
    let card = caller.send("GET", &format!("/api/v1/assets/{asset}"), &json!(null));
    let confused: String = code
        .chars()
        .map(|sign| {
            if sign == '1' {
                'I'
            } else if sign == '0' {
                'O'
            } else {
                sign
            }
        })
        .collect();
    let scan = |text: &str| {
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("/api/v1/scan/{escaped}")
    };
    vec![
        ("the ten characters", scan(&code)),
        ("typed, with I for 1 and O for 0", scan(&confused.to_lowercase())),
        ("our address at another host", scan(&format!("http://old.example.com/q/{}", code.to_lowercase()))),
        ("GS1 GIAI", scan("]C18004950110153AB12")),
        ("GS1 Digital Link", scan("https://id.gs1.org/8004/950110153AB12")),
        ("another system's address", scan("HTTPS://INV.EXAMPLE.ORG/a/77?x=1")),
        ("a manufacturer's EAN-13", scan("4006381333931")),
        ("inventory number", scan(&text(&card, "inventory_number"))),
        ("serial number", scan(&text(&card, "serial_number"))),
    ]
}

/// As many devices, labels and codes of others as are missing.
fn fill(app: &App, from: u32, to: u32) {
    let began = Instant::now();
    let id =
        if std::env::var_os("NARYAD_BENCH_DATABASE_URL").is_some() { "gen_random_uuid()" } else { "randomblob(16)" };
    for statement in [DEVICES, LABELS, FOREIGN] {
        let statement = statement.replace("{id}", id);
        let statement = statement.replace("{from}", &(from + 1).to_string()).replace("{to}", &to.to_string());
        app.db.write_now(move |conn| sql_query(statement.as_str()).execute(conn).map_err(Into::into)).unwrap();
    }
    println!("filled in {:.0} s", began.elapsed().as_secs_f64());
}
