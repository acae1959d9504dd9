//! The company's own graph of statuses, and the ways a ticket takes through it.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::{Job, gates};
use crate::person::{id, text};

on_each_database![
    the_graph_is_the_administrators,
    a_graph_must_lead_somewhere,
    a_new_way_has_its_own_gate,
    a_gate_is_passed_for_a_reason_only,
    a_ticket_waits_and_comes_back,
    any_open_ticket_can_be_cancelled,
    tickets_are_found_by_what_they_are,
    a_team_shares_its_tickets,
];

fn graph(house: &House) -> Value {
    let mut graph = house.admin().get("/workflow").is(200);
    graph.as_object_mut().unwrap().remove("version");
    graph
}

/// The graph without a status and its ways.
fn without(graph: &Value, code: &str) -> Value {
    let kept = |list: &str, ends: &[&str]| {
        let rows = graph[list].as_array().unwrap().iter();
        rows.filter(|row| ends.iter().all(|end| row[*end] != code)).cloned().collect::<Vec<_>>()
    };
    json!({"statuses": kept("statuses", &["code"]), "transitions": kept("transitions", &["from", "to"])})
}

fn add_way(graph: &mut Value, from: &str, to: &str, gates: &[&str]) {
    let way = json!({"from": from, "to": to, "roles": ["technician", "manager"], "gates": gates});
    graph["transitions"].as_array_mut().unwrap().push(way);
}

fn the_graph_is_the_administrators(house: &House) {
    let (same, tag) = (graph(house), house.admin().get("/workflow").header("etag").to_owned());
    house.manager().put("/workflow", &same).refused(403, "forbidden");
    let admin = house.admin().with("if-match", tag);
    admin.put("/workflow", &same).is(200);
    assert_eq!(graph(house), same);
    admin.put("/workflow", &same).refused(412, "etag_mismatch");
    let drawn = |format: &str| house.client().get(&format!("/workflow?format={format}")).bytes();
    let mermaid = String::from_utf8(drawn("mermaid")).unwrap();
    for part in ["stateDiagram-v2", "waiting: Ожидание", "[*] --> new", "in_progress --> waiting"] {
        assert!(mermaid.contains(part), "{part}: {mermaid}");
    }
    let svg = String::from_utf8(drawn("svg")).unwrap();
    assert!(roxmltree::Document::parse(&svg).unwrap().descendants().any(|node| node.text() == Some("Ожидание")));
}

fn a_graph_must_lead_somewhere(house: &House) {
    let (whole, job) = (graph(house), Job::plain(house));
    for code in ["new", "closed"] {
        house.admin().put("/workflow", &without(&whole, code)).refused(422, "workflow_invalid");
    }
    let mut fewer = without(&whole, "assigned");
    house.admin().put("/workflow", &fewer).refused(422, "workflow_invalid");
    add_way(&mut fewer, "new", "en_route", &[]);
    house.admin().put("/workflow", &fewer).refused(409, "status_in_use");
    assert_eq!(graph(house), whole, "nothing was kept of what was refused");
    job.begin();
    house.admin().put("/workflow", &fewer).is(200);
}

fn a_new_way_has_its_own_gate(house: &House) {
    let (mut wider, job) = (graph(house), Job::plain(house));
    let name = json!({"ru": "Проверка", "uk": "Перевірка", "en": "Check"});
    wider["statuses"].as_array_mut().unwrap().push(json!({"code": "check", "kind": "in_progress", "name": name}));
    add_way(&mut wider, "in_progress", "check", &["time_logged"]);
    add_way(&mut wider, "check", "done", &[]);
    house.admin().put("/workflow", &wider).is(200);
    job.begin();
    assert_eq!(gates(&job.to("check").refused(422, "gates_closed")), ["time_logged"]);
    assert_eq!(gates(&house.technician().get(&job.at("/completion?to=check")).is(200)), ["time_logged"]);
    job.log("15 м");
    assert_eq!(job.to("check").is(200)["status"]["name"], "Проверка");
    job.to("waiting").refused(409, "transition_refused");
    job.to("done").is(200);
}

fn a_gate_is_passed_for_a_reason_only(house: &House) {
    let (job, manager) = (Job::strict(house), house.manager());
    job.begin();
    let pass = json!({"to": "done", "override": {"reason": "клиент уехал"}});
    house.technician().post(&job.at("/status"), &pass).refused(403, "forbidden");
    manager.post(&job.at("/status"), &json!({"to": "done", "override": {}})).blames("/override/reason", "required");
    manager.post(&job.at("/status"), &pass).is(200);
    let history = manager.get(&job.at("/history")).is(200);
    let mut events = history["data"].as_array().unwrap().iter();
    let event = events.find(|event| event["action"] == "ticket.gates_overridden").unwrap();
    assert_eq!((&event["actor_id"], &event["facts"]["after"]["reason"]), (&json!(manager.id), &json!("клиент уехал")));
    assert_eq!(gates(&event["facts"]["after"]).len(), 4);
}

fn a_ticket_waits_and_comes_back(house: &House) {
    let job = Job::plain(house);
    let ask = |body: Value| house.manager().post(&job.at("/status"), &body);
    job.begin();
    for whom in ["client", "parts", "partner"] {
        assert_eq!(ask(json!({"to": "waiting", "waiting_for": whom})).is(200)["waiting_for"], whom);
        assert_eq!(job.to("in_progress").is(200)["waiting_for"], Value::Null);
    }
    job.to("done").is(200);
    for over in ["done", "closed"] {
        ask(json!({"to": over})).is(200);
        job.to("in_progress").refused(409, "transition_refused");
        ask(json!({"to": "in_progress"})).blames("/comment", "required");
        let back = ask(json!({"to": "in_progress", "comment": "не до конца"})).is(200);
        assert_eq!((&back["done_at"], &back["closed_at"]), (&Value::Null, &Value::Null));
        job.to("done").is(200);
    }
    assert_eq!(house.technician().get(&job.at("/comments")).is(200)["data"][0]["text"], "не до конца");
}

fn any_open_ticket_can_be_cancelled(house: &House) {
    for steps in [&[][..], &["en_route"], &["en_route", "in_progress"], &["en_route", "in_progress", "waiting"]] {
        let job = Job::plain(house);
        steps.iter().for_each(|step| drop(job.to(step).is(200)));
        job.to("cancelled").refused(409, "transition_refused");
        house.dispatcher().post(&job.at("/status"), &json!({"to": "cancelled"})).is(200);
        assert!(job.read()["closed_at"].is_string());
    }
}

fn tickets_are_found_by_what_they_are(house: &House) {
    let (scene, dispatcher) = (&house.scene, house.dispatcher());
    let plain = id(&dispatcher.post("/tickets", &scene.plain_ticket()).is(201));
    house.app.clock.set_ahead(1);
    let strict = Job::strict(house);
    let moment = text(&strict.read(), "created_at");
    dispatcher.patch(&strict.at(""), &json!({"team_id": scene.team})).is(200);
    let found = |query: &str| -> Vec<_> {
        let found = dispatcher.get(&format!("/tickets?{query}")).is(200);
        found["data"].as_array().unwrap().iter().map(id).collect()
    };
    let (tech, asset, number) = (house.technician().id, id(&scene.asset), strict.read()["number"].clone());
    let of_strict = format!(
        "status=assigned status_kind=assigned priority=high assignee_id={tech} team_id={} type_id={} site_id={} \
         asset_id={asset} created_from={moment} q={number} q=%D0%BD%D0%B0%D1%81%D0%BE%D1%81",
        scene.team, scene.strict, scene.site
    );
    for query in of_strict.split(' ') {
        assert_eq!(found(query), [strict.ticket.as_str()], "{query}");
    }
    for query in ["status_kind=new", "priority=normal", &format!("created_to={moment}")] {
        assert_eq!(found(query), [plain.as_str()], "{query}");
    }
    assert_eq!(found(&format!("company_id={}", scene.company)), [strict.ticket.as_str(), plain.as_str()]);
}

fn a_team_shares_its_tickets(house: &House) {
    let (scene, tech, outsider) = (&house.scene, house.technician(), house.outsider());
    let kind = format!("/ticket-types/{}", scene.plain);
    house.manager().patch(&kind, &json!({"team_id": scene.team})).is(200);
    let mut ticket = house.dispatcher().post("/tickets", &scene.plain_ticket()).is(201);
    // Whether late work waits is told to those who direct the work.
    assert_eq!(ticket["late_work"].take(), json!(0));
    let (at, give) = (format!("/tickets/{}", id(&ticket)), format!("/tickets/{}/assignee", id(&ticket)));
    assert_eq!(tech.get("/tickets").is(200)["data"], json!([ticket]));
    outsider.get(&at).refused(404, "not_found");
    tech.post(&give, &json!({"user_id": outsider.id})).refused(403, "forbidden");
    let taken = tech.post(&give, &json!({"user_id": tech.id})).is(200);
    assert_eq!((&taken["assignee_id"], &taken["status"]["kind"]), (&json!(tech.id), &json!("assigned")));
    house.dispatcher().post(&give, &json!({"user_id": outsider.id})).is(200);
    outsider.get(&at).is(200);
    tech.post(&give, &json!({"user_id": tech.id})).refused(403, "forbidden");
}
