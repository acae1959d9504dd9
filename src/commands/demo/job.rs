//! The main job, once: from the call to the invoice.

use std::path::Path;

use serde_json::{Value, json};

use super::caller::{Caller, text};
use super::company::Scene;
use super::{keep, say};

/// Plays the job and writes its documents into the folder.
///
/// # Errors
/// What the server answered, or why a file cannot be written.
pub fn play(base: &str, admin: &Caller, scene: &Scene, folder: &Path) -> Result<(), String> {
    let signed_in = |login: &str| Caller::signed_in(base, login);
    let keep = |name: &str, bytes: Vec<u8>| keep(folder, name, &bytes);
    let (dispatcher, technician, manager) = (signed_in("dispatcher")?, signed_in("technician")?, signed_in("manager")?);
    say("admin", "described the company: 2 clients, 2 sites, 40 devices, an agreement, a price list, a checklist");

    let ids: Vec<&Value> = scene.assets.iter().filter_map(|asset| asset.get("id")).collect();
    keep(
        "labels.pdf",
        admin.print("/label-sheets", &json!({"asset_ids": ids, "sheet": {"brand": "Avery", "part": "L7160"}}))?,
    )?;
    say("admin", "printed the labels of the office on Avery L7160 sheets: labels.pdf");

    let asset = scene.assets.first().ok_or("no device was made")?;
    let code = text(asset, "code")?;
    let ticket = dispatcher.post(
        "/tickets",
        &json!({"type_id": scene.kind, "company_id": scene.company, "site_id": scene.site, "contact_id": scene.contact,
            "priority": "high", "subject": "Принтер жуёт бумагу", "asset_codes": [code]}),
    )?;
    let ticket_id = text(&ticket, "id")?;
    let at = |rest: &str| format!("/tickets/{ticket_id}{rest}");
    dispatcher.post(&at("/assignee"), &json!({"user_id": scene.technician}))?;
    say("dispatcher", "opened ticket 1 about the printer and gave it to the technician");

    let card = technician.get(&format!("/scan/{code}"))?;
    let covered = card.pointer("/coverage/reason").and_then(Value::as_str).unwrap_or_default();
    say("technician", &format!("scanned {code}: {covered}"));
    technician.post(&at("/status"), &json!({"to": "en_route"}))?;
    technician.post(&at("/status"), &json!({"to": "in_progress"}))?;

    let refused = technician.refused(&at("/status"), &json!({"to": "done"}), "gates_closed")?;
    say("technician", "tried to complete it, and was refused:");
    for unmet in refused.get("unmet").and_then(Value::as_array).into_iter().flatten() {
        println!("               - {}", text(unmet, "message")?);
    }

    technician
        .post(&at("/scans"), &json!({"code": code, "place": {"lat": 55.7807, "lon": 37.6335, "accuracy_m": 12}}))?;
    let checklist = technician.get(&at("/checklist"))?;
    for item in checklist.get("data").and_then(Value::as_array).into_iter().flatten() {
        let answer = match text(item, "kind")?.as_str() {
            "check" => json!(true),
            "number" => json!("48211"),
            "choice" => json!("хорошее"),
            _ => json!("Заменить ролик отделения через 10 000 страниц"),
        };
        technician.put(&at(&format!("/checklist/{}", text(item, "id")?)), &json!({"answer": answer}))?;
    }
    technician.post(
        &at("/time-entries"),
        &json!({"kind": "on_site", "duration": "1 ч 20 м", "note": "Чистка и замена ролика", "visible_to_client": true}),
    )?;
    let covered = technician.post(&at("/work-lines"), &json!({"price_item_id": scene.covered, "quantity": "1"}))?;
    let extra = technician.post(&at("/work-lines"), &json!({"price_item_id": scene.extra, "quantity": "1"}))?;
    for line in [covered, extra] {
        say("technician", &format!("added «{}»: {}", text(&line, "name")?, text(&line, "coverage_reason")?));
    }
    technician.post(&at("/status"), &json!({"to": "done"}))?;
    say("technician", "did what was missing, and completed the ticket");

    let act = technician.post(&at("/acts"), &json!({"show_prices": true}))?;
    let act_id = text(&act, "id")?;
    keep("act.pdf", technician.document(&format!("/acts/{act_id}/document.pdf"))?)?;
    say(
        "technician",
        &format!("issued act {}: act.pdf, SHA-256 {}", text(&act, "number")?, text(&act, "document_sha256")?),
    );
    let sign = |party: &str, signer: Value| json!({"party": party, "document_sha256": act.get("document_sha256"), "signer": signer, "outcome": "accepted", "ink": ink(party)});
    technician.post(&format!("/acts/{act_id}/signatures"), &sign("client", json!({"contact_id": scene.contact})))?;
    let engineer = json!({"name": "Ёлкин Иван Петрович", "position": "Инженер"});
    technician.post(&format!("/acts/{act_id}/signatures"), &sign("provider", engineer))?;
    keep("act-signed.pdf", technician.document(&format!("/acts/{act_id}/signed.pdf"))?)?;
    say("client", "signed the act with a finger: act-signed.pdf");

    manager.post(&at("/status"), &json!({"to": "closed"}))?;
    let queue = manager.get("/billing-queue")?;
    let billable = queue.pointer("/data/0").ok_or("nothing is to be billed")?;
    let invoice = manager.post("/invoices", &json!({"act_ids": [billable.get("act_id")]}))?;
    keep("invoice.pdf", manager.document(&format!("/invoices/{}/document.pdf", text(&invoice, "id")?))?)?;
    let (number, gross) = (text(&invoice, "number")?, text(&invoice, "gross")?);
    say(
        "manager",
        &format!("closed the ticket and billed the extra work: invoice {number} for {gross} RUB, invoice.pdf"),
    );
    Ok(())
}

/// What a finger draws.
fn ink(party: &str) -> Value {
    let tall = if party == "client" { 34.0 } else { 24.0 };
    let point = |step: u32| {
        let t = f64::from(step) / 8.0;
        let (x, y) = (18.0 + 27.0 * t + 14.0 * (2.6 * t).sin(), 60.0 - tall * (1.9 * t).sin() * (-t / 9.0).exp());
        json!({"x": x, "y": y, "time": step * 16, "pressure": 0.5})
    };
    let stroke: Vec<Value> = (0..72).map(point).collect();
    json!({"width": 300, "height": 120, "groups": [{"points": stroke}]})
}
