//! What it costs to find a device by each form of a code, among twenty thousand devices and among a million.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a measurement that meets what it did not expect is worth nothing"
)]

#[path = "../scene/mod.rs"]
#[expect(dead_code, reason = "the other measurements ask for more")]
mod scene;

use std::time::{Duration, Instant};

use diesel::{RunQueryDsl, sql_query};
use naryad::app::App;
use serde_json::json;

use self::scene::company::text;
use self::scene::{Caller, Company, Served};

/// How long each form is measured.
const ROUND: Duration = Duration::from_secs(2);

/// So many devices a statement.
const PORTION: u32 = 50_000;

/// What is written in the way: as much as the database has, and nothing that is looked for. `{id}` is the id of device
/// `n.i`, which grows as the ids of real devices do; `{from}` and `{to}` are running numbers.
const DEVICES: &str = "
    WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
    INSERT INTO assets (id, company_id, site_id, name, model, serial_number, inventory_number, attributes, search_text,
                        version, created_at, updated_at)
    SELECT {id}, a.company_id, a.site_id, a.name, a.model, 'F-' || n.i, 'F' || n.i, a.attributes, a.search_text,
           a.version, a.created_at, a.updated_at
    FROM n, (SELECT * FROM assets WHERE inventory_number = '000001') a";
const LABELS: &str = "
    WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
    INSERT INTO codes (code, state, asset_id, created_at, changed_at)
    SELECT 'FF-' || n.i, 'active', a.id, a.created_at, a.created_at
    FROM n JOIN assets a ON a.id = {id}";
const FOREIGN: &str = "
    WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
    INSERT INTO foreign_codes (id, asset_id, kind, value, key, created_by, created_at)
    SELECT {id}, {id}, f.kind, f.value, 'text:F-' || n.i, f.created_by, f.created_at
    FROM n, (SELECT * FROM foreign_codes LIMIT 1) f";
/// The id of device `n.i`, as each database writes it.
const ID_SQLITE: &str = "unhex(printf('0190000000007000%016x', n.i))";
const ID_POSTGRES: &str = "CAST('0190000000007000' || lpad(to_hex(n.i), 16, '0') AS uuid)";

fn main() {
    let served = Served::begin("lookups");
    let company = Company::found(&served, 2_000, 0);
    let forms = forms(&company);
    let mut before = None;
    for devices in [20_000_u32, 1_000_000] {
        fill(&served.app, before.unwrap_or(2_000), devices);
        println!("{devices} devices");
        for (name, path) in &forms {
            let mut caller = Caller::new(&served.base, &company.token);
            (0..50).for_each(|_| caller.get(path));
            let statements = served.app.db.statements();
            let (began, mut count) = (Instant::now(), 0_u32);
            while began.elapsed() < ROUND {
                caller.get(path);
                count += 1;
            }
            let each = began.elapsed().as_secs_f64() * 1e6 / f64::from(count);
            let asked = (served.app.db.statements() - statements) as f64 / f64::from(count);
            println!("  {name:<34} {each:>7.0} µs, {asked:.1} statements");
        }
        before = Some(devices);
    }
    served.end();
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
fn fill(app: &App, have: u32, want: u32) {
    let began = Instant::now();
    let id = if std::env::var_os("NARYAD_BENCH_DATABASE_URL").is_some() { ID_POSTGRES } else { ID_SQLITE };
    let mut from = have + 1;
    while from <= want {
        let to = want.min(from + PORTION - 1);
        let portion = [DEVICES, LABELS, FOREIGN].map(|statement| {
            statement.replace("{id}", id).replace("{from}", &from.to_string()).replace("{to}", &to.to_string())
        });
        app.db
            .write_now(move |conn| {
                portion.iter().try_for_each(|statement| sql_query(statement.as_str()).execute(conn).map(drop))?;
                Ok(())
            })
            .unwrap();
        from = to + 1;
    }
    println!("filled in {:.0} s", began.elapsed().as_secs_f64());
}
