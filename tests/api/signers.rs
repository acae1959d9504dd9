//! Who may sign, as data; witnesses; nobody present; silence that an agreement takes for acceptance.

use serde_json::{Value, json};

use crate::documents::words;
use crate::house::{House, on_each_database};
use crate::job::{Job, gates, ink};
use crate::links::{client, path, sign};
use crate::person::{Answer, id, text};
use crate::pictures;

on_each_database![
    rules_are_made_changed_and_put_away,
    the_narrowest_rule_counts_and_stays_with_the_act,
    above_the_limit_an_official_signs,
    a_power_of_attorney_makes_an_official,
    a_power_of_attorney_must_make_sense,
    only_contacts_sign_where_the_rule_says_so,
    a_witness_bills_and_closes_nothing,
    nobody_present_needs_a_photo_and_leaves_a_link,
    silence_is_acceptance_only_where_the_agreement_says_so,
    whoever_spoke_in_time_was_not_silent,
    claims_follow_the_decision_in_three_languages,
];

fn of_act(act: &Value, rest: &str) -> String {
    format!("/acts/{}{rest}", id(act))
}

/// An act about 1349.85 roubles of extra work.
fn issued(house: &House) -> Value {
    let job = Job::strict(house);
    job.finish();
    job.act()
}

fn rule(house: &House, body: &Value) -> Value {
    house.manager().post("/signing-rules", body).is(201)
}

fn signature(act: &Value, signer: &Value) -> Value {
    json!({"party": "client", "document_sha256": act["document_sha256"], "signer": signer, "outcome": "accepted", "ink": ink()})
}

fn signed_by(house: &House, act: &Value, signer: &Value) -> Answer {
    house.technician().post(&of_act(act, "/signatures"), &signature(act, signer))
}

/// Each person with whether they may sign, or why not.
fn signers(house: &House, act: &Value) -> Vec<String> {
    let told = house.technician().get(&of_act(act, "/signers")).is(200);
    let mut people: Vec<String> = told["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let verdict = if one["may_sign"] == true { &one["authority"] } else { &one["because"]["code"] };
            format!("{} {}", text(one, "name"), verdict.as_str().unwrap())
        })
        .collect();
    let walk_in = &told["walk_in"];
    let verdict = if walk_in["may_sign"] == true { &walk_in["authority"] } else { &walk_in["because"]["code"] };
    people.push(format!("— {}", verdict.as_str().unwrap()));
    people
}

/// A photo on the ticket of an act.
pub fn photo(house: &House, act: &Value) -> String {
    let at = format!("/tickets/{}/attachments", text(act, "ticket_id"));
    id(&house.technician().upload(&at, "door.png", &pictures::png(8, 8), &[("visibility", "public")]).is(201))
}

/// What says that nobody was there.
pub fn absence(house: &House, act: &Value) -> Value {
    json!({"document_sha256": act["document_sha256"], "reason": "Офис закрыт, охрана не отвечает", "attachment_id": photo(house, act)})
}

/// The agreement takes five working days of silence for acceptance.
pub fn silence_is_acceptance(house: &House) {
    let terms = json!({"deemed_accepted_after_days": 5, "deemed_acceptance_clause": "п. 7.4"});
    house.manager().patch(&format!("/agreements/{}", house.scene.agreement), &terms).is(200);
}

/// Two weeks go by.
pub fn days_go_by(house: &House) -> usize {
    let later = house.app.clock.now().plus_seconds(14 * 24 * 3_600);
    house.app.db.write_now(move |conn| naryad::acts::deemed::accept_overdue(conn, later)).unwrap()
}

fn rules_are_made_changed_and_put_away(house: &House) {
    let manager = house.manager();
    let about =
        json!({"currency": "RUB", "company_id": house.scene.company, "employee_limit": "1000.00", "note": "По письму"});
    let made = rule(house, &about);
    assert_eq!((&made["employee_limit"], &made["walk_ins"]), (&json!("1000.00"), &json!(true)));
    manager.post("/signing-rules", &about).refused(409, "duplicate");
    let at = format!("/signing-rules/{}", id(&made));
    let changed = manager.patch(&at, &json!({"employee_limit": null, "walk_ins": false})).is(200);
    assert_eq!((&changed["employee_limit"], &changed["version"]), (&Value::Null, &json!(2)));
    manager.with("if-match", "\"1\"").patch(&at, &json!({"walk_ins": true})).refused(412, "etag_mismatch");
    manager.patch(&at, &json!({"archived": true})).is(200);
    assert_eq!(manager.get("/signing-rules").is(200)["data"], json!([]));
    assert_eq!(manager.get("/signing-rules?archived=true").is(200)["data"].as_array().unwrap().len(), 1);
    // Its place is free for another, and then it cannot come back.
    rule(house, &about);
    manager.patch(&at, &json!({"archived": false})).refused(409, "duplicate");
    manager
        .post("/signing-rules", &json!({"currency": "RUB", "site_id": house.scene.site}))
        .blames("/company_id", "required");
    let stray = json!({"currency": "RUB", "company_id": house.scene.company, "site_id": house.scene.rival_site});
    manager.post("/signing-rules", &stray).blames("/site_id", "another_company");
    manager
        .post("/signing-rules", &json!({"currency": "RUB", "employee_limit": "-1"}))
        .blames("/employee_limit", "not_a_decimal");
    manager.post("/signing-rules", &json!({"currency": "RUB", "limit": "1"})).blames("/limit", "unknown_field");
    for person in [house.technician(), house.dispatcher(), house.client()] {
        person.post("/signing-rules", &json!({"currency": "EUR"})).refused(403, "forbidden");
        person.get(&at).refused(403, "forbidden");
    }
    let events = house.admin().get("/events?limit=200").is(200);
    let told: Vec<String> = events["data"].as_array().unwrap().iter().map(|event| text(event, "action")).collect();
    assert_eq!(told.iter().filter(|action| *action == "signing_rule.made").count(), 2);
    assert_eq!(told.iter().filter(|action| *action == "signing_rule.changed").count(), 2);
}

fn the_narrowest_rule_counts_and_stays_with_the_act(house: &House) {
    let everywhere = rule(house, &json!({"currency": "RUB", "employee_limit": "0"}));
    rule(house, &json!({"currency": "EUR", "employee_limit": "0"}));
    assert_eq!(issued(house)["required_authority"], "official");
    rule(house, &json!({"currency": "RUB", "ticket_type_id": house.scene.strict, "employee_limit": "1349.85"}));
    assert_eq!(issued(house)["required_authority"], "routine", "the limit itself is within it");
    let company =
        rule(house, &json!({"currency": "RUB", "company_id": house.scene.company, "employee_limit": "1349.84"}));
    let act = issued(house);
    assert_eq!(act["required_authority"], "official", "a company is narrower than a kind of ticket");
    let told = house.technician().get(&of_act(&act, "/signers")).is(200);
    assert_eq!((&told["signing_rule_id"], &told["employee_limit"]), (&company["id"], &json!("1349.84")));
    let site = json!({"currency": "RUB", "company_id": house.scene.company, "site_id": house.scene.site});
    rule(house, &site);
    assert_eq!(issued(house)["required_authority"], "routine", "a site is narrower still");
    // An act keeps the rule by which it was issued.
    let wide = json!({"employee_limit": null});
    house.manager().patch(&format!("/signing-rules/{}", id(&company)), &wide).is(200);
    house.manager().patch(&format!("/signing-rules/{}", id(&everywhere)), &json!({"archived": true})).is(200);
    let refused =
        signed_by(house, &act, &json!({"contact_id": house.scene.accountant})).refused(422, "authority_insufficient");
    assert_eq!(refused["barrier"], "over_employee_limit");
    // What an act would ask for is told before there is one.
    let job = Job::strict(house);
    job.finish();
    let pack = house.technician().post(&job.at("/signing-pack"), &json!({})).is(200);
    assert_eq!((&pack["required_authority"], &pack["total"]), (&json!("routine"), &json!("1349.85")));
}

fn above_the_limit_an_official_signs(house: &House) {
    rule(house, &json!({"currency": "RUB", "employee_limit": "1000"}));
    let act = issued(house);
    assert_eq!(
        signers(house, &act),
        [
            "Громов Олег Викторович official",
            "Цой Виктор Робертович signs_nothing",
            "Ґалаґан Їжак Ёлкин over_employee_limit",
            "— over_employee_limit"
        ]
    );
    let told = house.technician().with("accept-language", "en").get(&of_act(&act, "/signers")).is(200);
    let because = &told["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["contact_id"] == house.scene.accountant)
        .unwrap()["because"];
    assert_eq!(because["message"], "signs for up to 1,000.00 RUB, and the act is about 1,349.85 RUB.");
    assert_eq!(
        because["remedy"],
        "Have an official sign, or somebody whose power of attorney allows it; a link will do."
    );
    let refused =
        signed_by(house, &act, &json!({"contact_id": house.scene.accountant})).refused(422, "authority_insufficient");
    assert_eq!(
        text(&refused, "detail"),
        "Ґалаґан Їжак Ёлкин подписывает до 1\u{a0}000,00 RUB, а сумма акта — 1\u{a0}349,85 RUB. Дайте подписать должностному лицу \
         или тому, чья доверенность это позволяет, можно по ссылке."
    );
    let links = of_act(&act, "/links");
    house.technician().post(&links, &json!({})).refused(422, "authority_insufficient");
    house
        .technician()
        .post(&links, &json!({"contact_id": house.scene.accountant}))
        .refused(422, "authority_insufficient");
    // By a link for an official it can be signed.
    let page = path(house, &act, &json!({"contact_id": house.scene.director}));
    sign(&client(house), &page, &act, &[]);
    assert_eq!(house.technician().get(&of_act(&act, "")).is(200)["status"], "signed");
    house.rival().get(&of_act(&act, "/signers")).refused(404, "not_found");
    assert_eq!(house.client().get(&of_act(&act, "/signers")).is(200)["total"], "1349.85");
}

fn a_power_of_attorney_makes_an_official(house: &House) {
    rule(house, &json!({"currency": "RUB", "employee_limit": "0"}));
    let accountant = format!("/contacts/{}", house.scene.accountant);
    let give = |limit: &str, until: &str| {
        let power = json!({"number": "5", "issued_on": "2026-02-01", "valid_until": until, "issued_by": "Громов О. В., директор",
                           "limit": limit, "currency": "RUB"});
        house.manager().patch(&accountant, &json!({"power_of_attorney": power})).is(200)
    };
    let signer = json!({"contact_id": house.scene.accountant});
    let act = issued(house);
    for (limit, until, barrier) in
        [("1349.84", "2099-12-31", "over_power_limit"), ("5000", "2026-02-02", "power_expired")]
    {
        give(limit, until);
        assert_eq!(signed_by(house, &act, &signer).refused(422, "authority_insufficient")["barrier"], barrier);
    }
    let given = give("1349.85", "2099-12-31");
    assert_eq!(given["power_of_attorney"]["limit"], "1349.85");
    assert!(signers(house, &act).contains(&"Ґалаґан Їжак Ёлкин official".to_owned()));
    let kept = signed_by(house, &act, &signer).is(201);
    assert_eq!((&kept["authority"], &kept["power_of_attorney"]["number"]), (&json!("official"), &json!("5")));
    // It stays with the signature, whatever becomes of it.
    house.manager().patch(&accountant, &json!({"power_of_attorney": null})).is(200);
    let evidence: Value =
        serde_json::from_slice(&house.technician().get(&of_act(&act, "/evidence.json")).bytes()).unwrap();
    assert_eq!(evidence["signatures"][0]["signer"]["power_of_attorney"]["issued_by"], "Громов О. В., директор");
    assert_eq!(evidence["signing_rule"]["employee_limit"], "0.00");
    let printed = words(&house.technician().get(&of_act(&act, "/signed.pdf")).bytes());
    assert!(printed.contains("доверенность № 5 от 01.02.2026"), "{printed}");
    assert!(printed.contains("на сумму до 1 349,85 RUB"), "{printed}");
    // A phone that was without a network is judged by the day on which it was signed.
    give("5000", "2026-02-02");
    let act = issued(house);
    let mut late = signature(&act, &signer);
    late["signed_at"] = json!("2026-02-02T03:00:00Z");
    house.technician().post(&of_act(&act, "/signatures"), &late).is(201);
}

fn a_power_of_attorney_must_make_sense(house: &House) {
    let contact = |power: Value| {
        let body = json!({"company_id": house.scene.company, "name": "Новый", "signing_authority": "routine", "power_of_attorney": power});
        house.manager().post("/contacts", &body)
    };
    let power = json!({"number": "5", "issued_on": "2026-02-01", "issued_by": "Директор"});
    let with = |changes: Value| {
        let mut power = power.clone();
        power.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        contact(power)
    };
    with(json!({"valid_until": "2026-01-31"})).blames("/power_of_attorney/valid_until", "ends_before_start");
    with(json!({"limit": "5"})).blames("/power_of_attorney/currency", "required");
    with(json!({"currency": "RUB"})).blames("/power_of_attorney/limit", "required");
    with(json!({"number": ""})).blames("/power_of_attorney/number", "too_short");
    with(json!({"amount": "5"})).blames("/power_of_attorney/amount", "unknown_field");
    let made = with(json!({})).is(201);
    assert_eq!(made["power_of_attorney"]["valid_until"], Value::Null);
    // Phones hold it.
    Job::strict(house);
    let mut phone = crate::phone::Phone::new(house.technician());
    phone.pull();
    let held = phone.row("contacts", &id(&made));
    assert!(text(held, "power_of_attorney_json").contains("\"number\":\"5\""), "{held}");
}

fn only_contacts_sign_where_the_rule_says_so(house: &House) {
    rule(house, &json!({"currency": "RUB", "company_id": house.scene.company, "walk_ins": false}));
    let act = issued(house);
    let walk_in = json!({"name": "Сменщик", "position": "кассир"});
    let refused = signed_by(house, &act, &walk_in).refused(422, "authority_insufficient");
    assert_eq!(refused["barrier"], "walk_ins_not_allowed");
    house.technician().post(&of_act(&act, "/links"), &json!({})).refused(422, "authority_insufficient");
    assert_eq!(signers(house, &act)[3], "— walk_ins_not_allowed");
    signed_by(house, &act, &json!({"contact_id": house.scene.accountant})).is(201);
}

fn a_witness_bills_and_closes_nothing(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let tech = house.technician();
    let at = of_act(&act, "/signatures");
    let mut witness = signature(&act, &json!({"name": "Сторож П. П.", "position": "охранник"}));
    witness["party"] = json!("witness");
    witness["remarks"] = json!("Видел, что принтер печатает");
    for outcome in ["refused", "accepted_with_remarks"] {
        witness["outcome"] = json!(outcome);
        tech.post(&at, &witness).blames("/outcome", "not_one_of");
    }
    witness["outcome"] = json!("accepted");
    house.client().post(&at, &witness).refused(403, "forbidden");
    let kept = tech.post(&at, &witness).is(201);
    assert_eq!((&kept["party"], &kept["authority"]), (&json!("witness"), &json!("none")));
    tech.post(&at, &witness).refused(409, "already_signed");
    assert_eq!(tech.get(&of_act(&act, "")).is(200)["status"], "issued");
    tech.get(&of_act(&act, "/signed.pdf")).refused(409, "act_not_signed");
    let manager = house.manager();
    assert_eq!(manager.get("/billing-queue").is(200)["data"], json!([]));
    assert_eq!(
        gates(&manager.post(&job.at("/status"), &json!({"to": "closed"})).refused(422, "gates_closed")),
        ["act_signed"]
    );
    // A contact may be a witness, though they may sign nothing.
    let other = issued(house);
    let mut guard = signature(&other, &json!({"contact_id": house.scene.guard}));
    guard["party"] = json!("witness");
    tech.post(&of_act(&other, "/signatures"), &guard).is(201);
    job.sign(&act).is(201);
    let printed = words(&tech.get(&of_act(&act, "/signed.pdf")).bytes());
    for said in [
        "Свидетель",
        "Сторож П. П., охранник",
        "Слова свидетеля:",
        "Видел, что принтер печатает",
        "работ этим не принимает",
    ] {
        assert!(printed.contains(said), "{said}: {printed}");
    }
    let evidence: Value = serde_json::from_slice(&tech.get(&of_act(&act, "/evidence.json")).bytes()).unwrap();
    assert_eq!(evidence["signatures"][0]["signer"]["organisation"], Value::Null);
}

fn nobody_present_needs_a_photo_and_leaves_a_link(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let (tech, manager) = (house.technician(), house.manager());
    let at = of_act(&act, "/absence");
    let mut note = absence(house, &act);
    tech.get(&at).refused(404, "not_found");
    let without = |member: &str| {
        let mut note = note.clone();
        note.as_object_mut().unwrap().remove(member);
        tech.post(&at, &note)
    };
    without("reason").blames("/reason", "required");
    without("attachment_id").blames("/attachment_id", "required");
    let elsewhere = photo(house, &issued(house));
    let mut stray = note.clone();
    stray["attachment_id"] = json!(elsewhere);
    tech.post(&at, &stray).blames("/attachment_id", "no_picture_here");
    let mut other = note.clone();
    other["document_sha256"] = json!("0".repeat(64));
    tech.post(&at, &other).refused(409, "document_changed");
    house.client().post(&at, &note).refused(403, "forbidden");
    note["id"] = json!("0190c1de-0000-7000-8000-00000000ab01");
    note["link"] = json!({"valid_days": 30});
    note["place"] = json!({"lat": 43.1, "lon": 131.9, "accuracy_m": 8});
    let noted = tech.post(&at, &note).is(201);
    assert_eq!(tech.get(&of_act(&act, "")).is(200)["status"], "unattended");
    assert_eq!((&noted["link"]["state"], &noted["reason"]), (&json!("open"), &note["reason"]));
    // The same again is one note, and its address is not told twice.
    let again = tech.post(&at, &note).is(200);
    assert_eq!((&again["id"], &again["url"]), (&noted["id"], &Value::Null));
    tech.post(&at, &absence(house, &act)).refused(409, "act_not_issued");
    assert_eq!(house.client().get(&at).is(200)["photo_sha256"], noted["photo_sha256"]);
    // It waits for a manager, and closes and bills nothing.
    let waiting = manager.get("/acts?for_managers=true").is(200);
    assert_eq!(waiting["data"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&act)]);
    assert_eq!(
        gates(&manager.post(&job.at("/status"), &json!({"to": "closed"})).refused(422, "gates_closed")),
        ["act_signed"]
    );
    manager.post("/invoices", &json!({"act_ids": [act["id"]]})).refused(422, "nothing_to_bill");
    let copy = tech.get(&of_act(&act, "/signed.pdf")).bytes();
    let printed = words(&copy);
    for said in
        ["Некому подписать акт", "Подписать было некому", "Офис закрыт, охрана не отвечает", "Это не подпись заказчика"]
    {
        assert!(printed.contains(said), "{said}: {printed}");
    }
    // The client signs later, by the link that was left; the note stays.
    let url = text(&noted, "url");
    let page = url.get(url.find("/sign/").unwrap()..).unwrap();
    sign(&client(house), page, &act, &[]);
    assert_eq!(tech.get(&of_act(&act, "")).is(200)["status"], "signed");
    assert_eq!(manager.get("/acts?for_managers=true").is(200)["data"], json!([]));
    let evidence: Value = serde_json::from_slice(&tech.get(&of_act(&act, "/evidence.json")).bytes()).unwrap();
    assert_eq!(evidence["absence"]["absence_sha256"], noted["absence_sha256"]);
    assert_eq!(evidence["signatures"][0]["party"], "client");
    let printed = words(&tech.get(&of_act(&act, "/signed.pdf")).bytes());
    assert!(printed.contains("Подписать было некому"), "{printed}");
    manager.post(&job.at("/status"), &json!({"to": "closed"})).is(200);
}

fn silence_is_acceptance_only_where_the_agreement_says_so(house: &House) {
    let manager = house.manager();
    let agreement = format!("/agreements/{}", house.scene.agreement);
    let before = issued(house);
    manager
        .patch(&agreement, &json!({"deemed_accepted_after_days": 5}))
        .blames("/deemed_acceptance_clause", "required");
    manager
        .patch(&agreement, &json!({"deemed_accepted_after_days": 0, "deemed_acceptance_clause": "7"}))
        .blames("/deemed_accepted_after_days", "out_of_range");
    silence_is_acceptance(house);
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let page = path(house, &act, &json!({}));
    let due = house.technician().get(&of_act(&act, "/signers")).is(200)["acceptance_due_on"].clone();
    let printed = words(&house.technician().get(&of_act(&act, "/document.pdf")).bytes());
    assert!(printed.contains("работы считаются принятыми: условие «п. 7.4» договора"), "{printed}");
    let now = house.app.clock.now();
    let accept = |at| house.app.db.write_now(move |conn| naryad::acts::deemed::accept_overdue(conn, at)).unwrap();
    assert_eq!(accept(now), 0);
    // Two instances at once note it once.
    let later = now.plus_seconds(14 * 24 * 3_600);
    let noted: usize = std::thread::scope(|scope| {
        let both: Vec<_> = (0..2).map(|_| scope.spawn(|| accept(later))).collect();
        both.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!((noted, accept(later)), (1, 0));
    assert_eq!(manager.get(&of_act(&before, "")).is(200)["status"], "issued", "an act keeps its terms");
    let deemed = manager.get(&of_act(&act, "")).is(200);
    assert_eq!((&deemed["status"], &deemed["signed_at"]), (&json!("deemed_accepted"), &Value::Null));
    assert_eq!(manager.get(&of_act(&act, "/signatures")).is(200)["data"], json!([]));
    // It is no signature: nothing is billed by it, and the ticket waits for a manager.
    manager.post("/invoices", &json!({"act_ids": [act["id"]]})).refused(422, "nothing_to_bill");
    assert_eq!(manager.get("/billing-queue").is(200)["data"], json!([]));
    assert_eq!(
        gates(&manager.post(&job.at("/status"), &json!({"to": "closed"})).refused(422, "gates_closed")),
        ["act_signed"]
    );
    let told: Vec<String> = house.admin().get("/events?limit=200").is(200)["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["action"] == "act.deemed_accepted")
        .map(|event| event["actor_id"].to_string())
        .collect();
    assert_eq!(told, ["null"]);
    let copy = house.technician().get(&of_act(&act, "/signed.pdf")).bytes();
    let printed = words(&copy);
    for said in ["Акт считается принятым", "Считается принятым: подписи нет", "условию «п. 7.4» договора № 17"]
    {
        assert!(printed.contains(said), "{said}: {printed}");
    }
    let evidence: Value =
        serde_json::from_slice(&house.technician().get(&of_act(&act, "/evidence.json")).bytes()).unwrap();
    assert_eq!(
        (&evidence["deemed_acceptance"]["due_on"], &evidence["deemed_acceptance"]["signed"]),
        (&due, &json!(false))
    );
    let verified = house
        .stranger()
        .with("accept-language", "en")
        .get_root(&format!("/verify/{}", text(&act, "verification_code")));
    let verified = String::from_utf8(verified.bytes()).unwrap();
    assert!(verified.contains("not signed; deemed accepted by the agreement"), "{verified}");
    // The client may still sign, by a link of before; then it is signed, and billed.
    sign(&client(house), &page, &act, &[("outcome", "accepted_with_remarks"), ("remarks", "Шумит")]);
    assert_eq!(manager.get(&of_act(&act, "")).is(200)["status"], "signed_with_remarks");
    let printed = words(&house.technician().get(&of_act(&act, "/signed.pdf")).bytes());
    assert!(printed.contains("Считается принятым: подписи нет") && printed.contains("Шумит"), "{printed}");
    manager.post("/invoices", &json!({"act_ids": [act["id"]]})).is(201);
}

fn whoever_spoke_in_time_was_not_silent(house: &House) {
    silence_is_acceptance(house);
    let (refused, signed, settled) = (issued(house), issued(house), issued(house));
    let superseded = Job::strict(house);
    superseded.finish();
    let first = superseded.act();
    let second = superseded.act();
    let mut no = signature(&refused, &json!({"contact_id": house.scene.accountant}));
    (no["outcome"], no["remarks"]) = (json!("refused"), json!("Не работает"));
    house.technician().post(&of_act(&refused, "/signatures"), &no).is(201);
    signed_by(house, &signed, &json!({"contact_id": house.scene.accountant})).is(201);
    house.manager().post(&of_act(&settled, "/resolution"), &json!({"reason": "Договорились"})).is(200);
    assert_eq!(days_go_by(house), 1);
    let status = |act: &Value| house.manager().get(&of_act(act, "")).is(200)["status"].as_str().unwrap().to_owned();
    let told = [&refused, &signed, &settled, &first, &second].map(status);
    assert_eq!(told, ["refused", "signed", "issued", "superseded", "deemed_accepted"]);
    // A refusal that comes late is not lost, and neither is what was before it.
    let mut late = signature(&second, &json!({"contact_id": house.scene.accountant}));
    (late["outcome"], late["remarks"]) = (json!("refused"), json!("Были в отпуске"));
    house.technician().post(&of_act(&second, "/signatures"), &late).is(201);
    assert_eq!(status(&second), "refused");
    let printed = words(&house.technician().get(&of_act(&second, "/signed.pdf")).bytes());
    assert!(printed.contains("Считается принятым: подписи нет") && printed.contains("Были в отпуске"), "{printed}");
    // A new version names what it supersedes; the old one keeps its signatures.
    let third = superseded.act();
    assert_eq!((&third["version"], status(&second).as_str()), (&json!(3), "superseded"));
    let kept = house.manager().get(&of_act(&second, "/signatures")).is(200);
    assert_eq!(kept["data"][0]["remarks"], "Были в отпуске");
}

fn claims_follow_the_decision_in_three_languages(house: &House) {
    let said = [
        (
            "ru",
            "Претензий по объёму",
            "Есть замечания: слова акта об отсутствии претензий",
            "Работы не приняты: слова акта",
        ),
        (
            "uk",
            "Претензій щодо обсягу",
            "Є зауваження: слова акта про відсутність претензій",
            "Роботи не прийнято: слова акта",
        ),
        (
            "en",
            "The customer has no claims as to",
            "There are remarks: the words",
            "The work is not accepted: the words",
        ),
    ];
    for (language, none, remarks, refused) in said {
        for (outcome, expected) in [("accepted", none), ("accepted_with_remarks", remarks), ("refused", refused)] {
            let job = Job::plain(house);
            job.begin();
            let act = job.act_in(language);
            let mut decision = signature(&act, &json!({"contact_id": house.scene.accountant}));
            decision["outcome"] = json!(outcome);
            if outcome != "accepted" {
                decision["remarks"] = json!("Шумит");
            }
            house.technician().post(&of_act(&act, "/signatures"), &decision).is(201);
            let copy = house.technician().get(&of_act(&act, "/signed.pdf")).bytes();
            let frozen = house.technician().get(&of_act(&act, "/document.pdf")).bytes();
            let sheet = words(&copy).replace(&words(&frozen), "");
            for phrase in [none, remarks, refused] {
                let told = sheet.contains(phrase);
                assert_eq!(told, phrase == expected, "{language} {outcome} {phrase}: {sheet}");
            }
        }
    }
}
