//! Who may do what: every route, every role, on records of the person's own side and of another client's.

use std::collections::BTreeSet;
use std::fmt::Write;

use naryad::auth::policy::ROUTES;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::{Job, gates};
use crate::person::{Answer, Person, id, text};
use crate::pictures;
use crate::scene::PASSWORD;

on_each_database![every_role_on_every_route];

/// The people of the matrix. `outsider` is a technician of no team; `rival` is the client's user of another company.
const PEOPLE: [&str; 8] = ["nobody", "client", "rival", "technician", "outsider", "dispatcher", "manager", "admin"];

/// Records for every parameter of every path. All of them belong to the client or to its tickets.
struct Records {
    open: String,
    act: String,
    unsigned: String,
    link: String,
    billable: String,
    item: String,
    time: String,
    line: String,
    attachment: String,
    expected: String,
    invoice: String,
    regime: String,
    printer: String,
    labels: String,
    code: String,
    import: String,
    report: String,
    other_report: String,
    batch: String,
    foreign_code: String,
    reserved: String,
    rule: String,
    absent: String,
    photo: String,
    late: String,
}

fn records(house: &House) -> Records {
    let signed = Job::strict(house).signed();
    let billable = Job::strict(house).signed();
    let invoice = house.manager().post("/invoices", &json!({"act_ids": [signed["id"]]})).is(201);
    let unsigned = Job::strict(house);
    unsigned.finish();
    let unsigned = unsigned.act();
    let absent = Job::strict(house);
    absent.finish();
    let absent = absent.act();
    let note = crate::signers::absence(house, &absent);
    house.technician().post(&format!("/acts/{}/absence", id(&absent)), &note).is(201);
    let link = house.technician().post(&format!("/acts/{}/links", id(&unsigned)), &json!({})).is(201);
    let job = Job::strict(house);
    job.begin();
    job.scan();
    let items = house.technician().get(&job.at("/checklist")).is(200);
    let file = house.technician().upload(
        &job.at("/attachments"),
        "photo.png",
        &pictures::png(8, 8),
        &[("visibility", "public")],
    );
    let table = "Инв. номер;Название\n77;Весы\n".as_bytes();
    let fields = [("kind", "assets"), ("company_id", house.scene.company.as_str())];
    let import = house.dispatcher().upload("/imports", "table.csv", table, &fields).is(201);
    let foreign = format!("/assets/{}/foreign-codes", id(&house.scene.asset));
    let foreign = house.technician().post(&foreign, &json!({"value": "SN 480037"})).is(201);
    let batch = house.dispatcher().post("/label-batches", &json!({"name": "Рулон", "count": 2})).is(201);
    let rule = json!({"currency": "RUB", "company_id": house.scene.rival_company});
    Records {
        rule: id(&house.manager().post("/signing-rules", &rule).is(201)),
        photo: crate::signers::photo(house, &unsigned),
        absent: id(&absent),
        import: id(&import),
        report: crate::reports::reported(house, "203.0.113.1"),
        other_report: crate::reports::reported(house, "203.0.113.1"),
        batch: id(&batch),
        foreign_code: id(&foreign),
        reserved: crate::sync_paper::reserved(house),
        late: crate::late_work::left(house),
        act: id(&signed),
        unsigned: id(&unsigned),
        link: id(&link),
        billable: id(&billable),
        invoice: id(&invoice),
        regime: id(&house.manager().post("/tax-regimes", &regime("2098-01-01")).is(201)),
        item: id(&items["data"][0]),
        time: id(&job.log("40 м")),
        line: id(&job.work(&house.scene.extra, "1")),
        attachment: id(&file.is(201)),
        expected: expected(house, &job),
        printer: id(&house.technician().post("/printers", &json!({"name": "Зебра", "kind": "roll"})).is(201)),
        labels: crate::labels::printed(house, &json!([house.scene.asset["id"]])),
        code: house.scene.code().to_owned(),
        open: job.ticket,
    }
}

/// A regime of tax that begins when nobody here works any more.
fn regime(day: &str) -> Value {
    json!({"valid_from": day, "country": "RU", "vat_mode": "included", "vat_rate": "standard"})
}

/// A file that the technician told of, and whose upload was begun.
fn expected(house: &House, job: &Job) -> String {
    let told = json!({"name": "a.jpg", "media_type": "image/jpeg", "size": 9, "sha256": "0".repeat(64)});
    let told = house.technician().post(&job.at("/attachments/expected"), &told).is(201);
    crate::uploads::begin(&house.technician().with("tus-resumable", "1.0.0"), &id(&told), 9).is(201);
    id(&told)
}

impl Records {
    /// The path with records in it.
    fn fill(&self, house: &House, method: &str, path: &str) -> String {
        let scene = &house.scene;
        let technician = house.technician().id;
        let asset = id(&scene.asset);
        let record = match path.split('/').nth(1).unwrap() {
            "users" => technician.as_str(),
            "teams" => &scene.team,
            "companies" => &scene.company,
            "sites" => &scene.site,
            "contacts" => &scene.accountant,
            "agreements" => &scene.agreement,
            "price-lists" => &scene.price_list,
            "price-items" => &scene.extra,
            "checklist-templates" => &scene.checklist,
            "ticket-types" => &scene.strict,
            "signing-rules" => &self.rule,
            "assets" => &asset,
            "label-batches" => &self.batch,
            "time-entries" => &self.time,
            "work-lines" => &self.line,
            "attachments" => &self.attachment,
            "uploads" => &self.expected,
            "acts" if path.ends_with("/signatures") && method == "POST" => &self.unsigned,
            "acts" if path.contains("/links") => &self.unsigned,
            "acts" if path.ends_with("/absence") && method == "POST" => &self.unsigned,
            "acts" if path.ends_with("/absence") => &self.absent,
            "acts" if path.ends_with("/void") => &self.unsigned,
            "acts" => &self.act,
            "reserved-act-numbers" => &self.reserved,
            "sync" => &self.late,
            "invoices" => &self.invoice,
            "tax-regimes" => &self.regime,
            "imports" => &self.import,
            "reports" if path.ends_with("/dismissal") => &self.other_report,
            "reports" => &self.report,
            "printers" => &self.printer,
            "label-jobs" => &self.labels,
            _ => &self.open,
        };
        path.replace("{id}", record)
            .replace("{code}", &self.code)
            .replace("{code_id}", &self.foreign_code)
            .replace("{asset_id}", &asset)
            .replace("{item_id}", &self.item)
            .replace("{link_id}", &self.link)
            .replace("{position}", "1")
            .replace("{file}", "act.ru.xml.j2")
            .replace("{kind}", "assets")
            .replace("{table}", "comments")
    }

    /// A body that is in order, so that what is refused is refused for who asks.
    fn body(&self, house: &House, method: &str, path: &str) -> Value {
        let scene = &house.scene;
        match (method, path) {
            ("POST", "/auth/login") => json!({"login": "nobody", "password": "wrong password"}),
            ("POST", "/auth/refresh") => json!({"refresh_token": "wrong"}),
            ("PUT", "/me/password") => json!({"current": PASSWORD, "new": PASSWORD}),
            ("PUT", "/provider") => {
                json!({"legal_name": "ООО", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                                           "vat": {"mode": "included", "rate": "22"}})
            }
            ("POST", "/tax-regimes") => regime("2099-01-01"),
            ("POST", "/identifiers/check") => json!({"kind": "inn", "value": "7707083893"}),
            ("POST", "/users") => json!({"login": "new", "password": PASSWORD, "role": "technician", "name": "Новый"}),
            ("PUT", "/users/{id}/password") => json!({"new": PASSWORD}),
            ("POST", "/teams" | "/companies" | "/checklist-templates" | "/ticket-types") => {
                let mut body = json!({"name": "Новое"});
                if path == "/checklist-templates" {
                    body["items"] = json!([{"text": "Сделано", "kind": "check"}]);
                }
                body
            }
            ("POST", "/sites") => json!({"company_id": scene.company, "name": "Склад"}),
            ("POST", "/contacts") => json!({"company_id": scene.company, "name": "Новый", "signing_authority": "none"}),
            ("POST", "/agreements") => json!({"company_id": scene.company, "number": "18", "starts_on": "2030-01-01"}),
            ("POST", "/price-lists") => json!({"name": "Новый", "currency": "RUB"}),
            ("POST", "/price-lists/{id}/items") => {
                json!({"code": "9", "name": "Новая", "kind": "work", "unit": "шт", "price": "1.00"})
            }
            ("PUT", "/workflow") => {
                let graph = house.admin().get("/workflow").is(200);
                json!({"statuses": graph["statuses"], "transitions": graph["transitions"]})
            }
            ("POST", "/label-batches") => json!({"name": "Рулон", "count": 3}),
            ("POST", "/label-batches/{id}/void") => json!({"reason": "промок"}),
            ("POST", "/codes/{code}/claims") => json!({"asset_id": scene.asset["id"]}),
            ("POST", "/assets/{id}/foreign-codes") => json!({"value": "EQ 77"}),
            ("POST", "/assets") => json!({"company_id": scene.company, "name": "Новый"}),
            ("POST", "/label-sheets") => {
                json!({"asset_ids": [scene.asset["id"]], "sheet": {"brand": "Avery", "part": "L7651"}})
            }
            ("POST", "/label-rolls") => {
                json!({"asset_ids": [scene.asset["id"]], "roll": {"preset": "58x40"}, "format": "zpl"})
            }
            ("POST", "/label-jobs") => {
                json!({"assets": {"site_id": scene.site}, "media": {"roll": {"preset": "58x40"}}})
            }
            ("POST", "/printers") => json!({"name": "Новый", "kind": "sheet"}),
            ("POST", "/printers/{id}/calibration") => json!({"left_mark": 105, "top_mark": 148.5}),
            ("POST", "/tickets") => scene.plain_ticket(),
            ("POST", "/tickets/{id}/assignee") => json!({"user_id": house.technician().id}),
            ("POST", "/tickets/{id}/scans") => json!({"code": self.code}),
            ("POST", "/tickets/{id}/assets") => json!({"asset_id": scene.asset["id"]}),
            ("POST", "/tickets/{id}/status") => json!({"to": "in_progress"}),
            ("PUT", "/tickets/{id}/checklist/{item_id}") => json!({"answer": true}),
            ("POST", "/tickets/{id}/time-entries") => json!({"kind": "travel", "duration": "5 м"}),
            ("POST", "/tickets/{id}/work-lines") => json!({"price_item_id": scene.extra}),
            ("POST", "/tickets/{id}/comments") => json!({"text": "Здравствуйте"}),
            ("POST", "/acts/{id}/signatures") => {
                let act = house.admin().get(&format!("/acts/{}", self.unsigned)).is(200);
                json!({"party": "client", "document_sha256": act["document_sha256"], "signer": {"contact_id": scene.accountant},
                       "outcome": "accepted", "ink": crate::job::ink()})
            }
            ("POST", "/signing-rules") => json!({"currency": "EUR", "employee_limit": "100"}),
            ("POST", "/acts/{id}/absence") => {
                let act = house.admin().get(&format!("/acts/{}", self.unsigned)).is(200);
                json!({"document_sha256": act["document_sha256"], "reason": "Закрыто", "attachment_id": self.photo})
            }
            ("POST", "/tickets/{id}/attachments/expected") => {
                json!({"name": "a.jpg", "media_type": "image/jpeg", "size": 9, "sha256": "0".repeat(64)})
            }
            ("POST", "/reports/{id}/ticket") => json!({"type_id": scene.plain}),
            ("POST", "/acts/{id}/resolution" | "/acts/{id}/void" | "/reports/{id}/dismissal")
            | ("POST", "/reserved-act-numbers/{id}/void") => json!({"reason": "так решили"}),
            ("POST", "/invoices") => json!({"act_ids": [self.billable]}),
            ("PUT", "/imports/{id}/mapping") => {
                json!({"columns": [{"column": "Инв. номер", "field": "inventory_number"}, {"column": "Название", "field": "name"}]})
            }
            ("POST", "/sync/rx/{table}/push") => json!([]),
            _ => json!({}),
        }
    }

    /// Everybody asks for the file that the technician told of.
    fn ask_uploads(&self, person: &Person, method: &str, at: &str) -> Answer {
        let person = person.with("tus-resumable", "1.0.0");
        match method {
            "POST" => crate::uploads::begin(&person, &self.expected, 9),
            "PATCH" => {
                let kind = "application/offset+octet-stream";
                person.with("upload-offset", "0").send(method, at, kind, b"12345".to_vec())
            }
            _ => person.send(method, at, "", Vec::new()),
        }
    }

    fn ask(&self, house: &House, person: &Person, method: &str, path: &str) -> Answer {
        let at = self.fill(house, method, path);
        match (method, path) {
            // It would go on for a quarter of an hour.
            (_, "/companies/{id}/work-report" | "/companies/{id}/dispute-pack") => {
                person.send(method, &format!("{at}?from=2026-01-01&to=2026-12-31"), "", Vec::new())
            }
            (_, "/acts/{id}/events") => person.send(method, &format!("{at}?seconds=1"), "", Vec::new()),
            ("GET", "/tax-rates") => person.get("/tax-rates?country=RU"),
            (_, "/uploads" | "/uploads/{id}") => self.ask_uploads(person, method, &at),
            ("GET" | "DELETE", _) => person.send(method, &at, "", Vec::new()),
            ("POST", "/reserved-act-numbers" | "/reserved-act-numbers/release") => {
                person.with("x-device-id", "phone-1").call(method, &at, &json!({}))
            }
            ("POST", "/scan/photo") => person.send(method, &at, "image/png", pictures::png(9, 9)),
            ("POST", "/tickets/{id}/attachments") => person.upload(&at, "photo.png", &pictures::png(9, 9), &[]),
            ("POST", "/imports") => {
                let fields = [("kind", "assets"), ("company_id", house.scene.company.as_str())];
                person.upload(&at, "table.csv", "Инв. номер;Название\n78;Весы\n".as_bytes(), &fields)
            }
            ("PUT" | "POST", "/print-forms/{file}" | "/print-forms/{file}/preview") => {
                let form = house.admin().get("/print-forms/act.ru.xml.j2").bytes();
                person.send(method, &at, "application/octet-stream", form)
            }
            _ => person.call(method, &at, &self.body(house, method, path)),
        }
    }
}

/// First what only looks, then what changes, at last what takes away or ends sessions.
fn order((method, path): (&str, &str)) -> u8 {
    match (method, path) {
        (_, "/auth/logout" | "/sessions/revoke-others" | "/me/password" | "/users/{id}/password") => 4,
        // What was done cannot be mapped any more.
        (_, "/imports/{id}/run") => 2,
        (_, "/codes/{code}/revocation" | "/acts/{id}/void" | "/assets/{id}/codes") => 3,
        ("DELETE", _) => 2,
        ("GET" | "HEAD" | "OPTIONS", _) => 0,
        _ => 1,
    }
}

fn every_role_on_every_route(house: &House) {
    let mut routes: Vec<_> = ROUTES.iter().map(|(method, path, _)| (*method, *path)).collect();
    routes.sort_by_key(|route| order(*route));
    let mut columns = Vec::new();
    for login in PEOPLE {
        // Everybody finds the same records.
        let fresh = house.fresh();
        let records = records(&fresh);
        let person = if login == "nobody" { fresh.stranger() } else { fresh.person(login) };
        let column: Vec<_> = routes
            .iter()
            .map(|(method, path)| {
                let anew = || fresh.stranger().signed_in(login, PASSWORD);
                let person = if order((method, path)) == 4 && login != "nobody" { &anew() } else { &person };
                let status = match *path {
                    "/sync/rx/stream" => person.status_of(path),
                    _ => records.ask(&fresh, person, method, path).status,
                };
                assert!(status < 500, "{login}: {method} {path} answered {status}");
                status
            })
            .collect();
        columns.push(column);
    }
    let mut rows: Vec<_> = routes
        .iter()
        .enumerate()
        .map(|(row, (method, path))| {
            let mut line = format!("{method:<6} {path:<42}");
            for column in &columns {
                let _ = write!(line, " {:>10}", column[row]);
            }
            (ROUTES.iter().position(|(a, b, _)| (a, b) == (method, path)), line)
        })
        .collect();
    rows.sort();
    let mut table = format!("{:<49}", "");
    for login in PEOPLE {
        let _ = write!(table, " {login:>10}");
    }
    for (_, line) in rows {
        let _ = write!(table, "\n{line}");
    }
    insta::with_settings!({prepend_module_to_snapshot => false}, { insta::assert_snapshot!("role_by_route", table) });
}

#[test]
fn the_policy_names_every_route_that_is_described() {
    let document: Value = serde_json::from_str(&naryad::openapi::json()).unwrap();
    let methods = ["get", "post", "put", "patch", "delete", "head", "options"];
    let described: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, operations)| {
            let path = path.strip_prefix("/api/v1").unwrap().to_owned();
            let operations = operations.as_object().unwrap();
            methods
                .iter()
                .filter(|method| operations.contains_key(**method))
                .map(move |method| (method.to_uppercase(), path.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut ruled: BTreeSet<_> =
        ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    // The description does not describe itself.
    assert!(ruled.remove(&("GET".to_owned(), "/openapi.json".to_owned())));
    assert_eq!(described, ruled);
}

/// What is not one's own is not there, and what is inside is not for clients.
#[test]
fn a_client_learns_nothing_of_the_inside() {
    let house = House::on_sqlite();
    let job = Job::strict(&house);
    let tech = house.technician();
    tech.post(&job.at("/comments"), &json!({"text": "клиент ворчит", "visibility": "internal"})).is(201);
    tech.post(&job.at("/comments"), &json!({"text": "приедем завтра", "visibility": "public"})).is(201);
    tech.upload(&job.at("/attachments"), "inside.png", &pictures::png(8, 8), &[("visibility", "internal")]).is(201);
    let seen = house.client().get(&job.at("/comments")).is(200);
    let texts: Vec<_> = seen["data"].as_array().unwrap().iter().map(|comment| text(comment, "text")).collect();
    assert_eq!(texts, ["приедем завтра"]);
    assert_eq!(house.client().get(&job.at("/attachments")).is(200)["data"], json!([]));
    assert_eq!(gates(&tech.get(&job.at("/completion?to=done")).is(200)).len(), 4);
    assert_eq!(house.rival().get("/tickets").is(200)["data"], json!([]));
    house.rival().get(&job.at("")).refused(404, "not_found");
    house.outsider().get(&job.at("")).refused(404, "not_found");
}
