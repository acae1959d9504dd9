//! The life of a label, once: printed before anybody knows for what, claimed on site, scanned by others, and signed behind.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use form_urlencoded::byte_serialize;
use serde_json::{Value, json};

use super::caller::{Caller, text};
use super::company::Scene;
use super::{keep, say};

/// What the maker of the device has printed on it: a GS1 Digital Link.
const MAKERS: &str = "https://id.gs1.org/8004/4012345678ABC00017";
/// How often a job is asked for, and the pause in between: twenty seconds in all.
const ASKED: u32 = 400;
const PAUSE: Duration = Duration::from_millis(50);

/// Plays it, and writes the blank labels into the folder.
///
/// # Errors
/// What the server answered, or why a file cannot be written.
pub fn play(base: &str, scene: &Scene, folder: &Path) -> Result<(), String> {
    let (dispatcher, technician) = (Caller::signed_in(base, "dispatcher")?, Caller::signed_in(base, "technician")?);
    let batch = text(&dispatcher.post("/label-batches", &json!({"name": "Выезд в «Ромашку»", "count": 21}))?, "id")?;
    keep(folder, "blank-labels.pdf", &blanks(&dispatcher, &batch)?)?;
    say("dispatcher", "printed 21 blank labels before the crew leaves: blank-labels.pdf");

    let codes = technician.get(&format!("/label-batches/{batch}/codes?limit=1"))?;
    let code = text(codes.pointer("/data/0").ok_or("the batch has no codes")?, "code")?;
    let asset = json!({"company_id": scene.company, "site_id": scene.site, "name": "ИБП APC", "kind": "ups",
        "manufacturer": "APC", "model": "Smart-UPS 1500", "inventory_number": "000041"});
    let claim = technician.post(&format!("/codes/{code}/claims"), &json!({"asset": asset}))?;
    let id = text(claim.get("asset").ok_or("the claim tells no device")?, "id")?;
    say("technician", &format!("stuck one on a UPS nobody had known, and claimed it: {base}/Q/{code}"));

    technician.post(&format!("/assets/{id}/foreign-codes"), &json!({"value": MAKERS}))?;
    let scanned = technician.get(&format!("/scan/{}", byte_serialize(MAKERS.as_bytes()).collect::<String>()))?;
    let found = text(scanned.get("asset").ok_or("the scan tells no device")?, "name")?;
    say("technician", &format!("scanned the maker's own code, {MAKERS}: {found}"));

    let (number, ticket) = reported(base, &dispatcher, scene, &code)?;
    let of_ticket = ticket.get("number").and_then(Value::as_i64).ok_or("the ticket has no number")?;
    say("dispatcher", &format!("made ticket {of_ticket} of {number} with one request"));

    let at = |rest: &str| Ok::<_, String>(format!("/tickets/{}{rest}", text(&ticket, "id")?));
    for status in ["en_route", "in_progress"] {
        technician.post(&at("/status")?, &json!({"to": status}))?;
    }
    technician
        .post(&at("/time-entries")?, &json!({"kind": "on_site", "duration": "25 мин", "note": "Замена батареи"}))?;
    let battery = json!({"name": "Батарея RBC7", "unit": "шт", "price": "9800.00", "quantity": "1"});
    technician.post(&at("/work-lines")?, &battery)?;
    technician.post(&at("/status")?, &json!({"to": "done"}))?;
    let act = technician.post(&at("/acts")?, &json!({"show_prices": true}))?;
    let link = technician.post(&format!("/acts/{}/links", text(&act, "id")?), &json!({"contact_id": scene.contact}))?;
    say("technician", &format!("sent a link by which act {} is signed on any phone:", text(&act, "number")?));
    println!("               {}", text(&link, "url")?);
    Ok(())
}

/// The labels of a batch, printed in the background.
fn blanks(dispatcher: &Caller, batch: &str) -> Result<Vec<u8>, String> {
    let media = json!({"sheet": {"brand": "Avery", "part": "L7160"}});
    let job = text(&dispatcher.post("/label-jobs", &json!({"batch": {"id": batch}, "media": media}))?, "id")?;
    for _ in 0..ASKED {
        let asked = dispatcher.get(&format!("/label-jobs/{job}"))?;
        match text(&asked, "status")?.as_str() {
            "done" => return dispatcher.document(&format!("/label-jobs/{job}/labels.pdf")),
            "queued" | "running" => sleep(PAUSE),
            _ => return Err(format!("the labels were not printed: {asked}")),
        }
    }
    Err("the labels are still being printed".to_owned())
}

/// Somebody without a login says what is wrong, and a dispatcher makes a ticket of it: the report's number, the ticket.
fn reported(base: &str, dispatcher: &Caller, scene: &Scene, code: &str) -> Result<(String, Value), String> {
    let visitor = Caller::passing(base);
    let words = json!({"text": "Пищит и не держит заряд", "name": "Марина, приёмная", "phone": "+7 916 555-01-02"});
    let report = visitor.post(&format!("/Q/{code}/reports"), &words)?;
    let number = text(&report, "number")?;
    say(
        "visitor",
        &format!("scanned the label and reported a fault as {number}: {base}{}", text(&report, "track_url")?),
    );
    let reports = dispatcher.get("/reports?state=new")?;
    let report = text(reports.pointer("/data/0").ok_or("the report did not arrive")?, "id")?;
    let taken = json!({"type_id": scene.simple, "assignee_id": scene.technician});
    let ticket = dispatcher.post(&format!("/reports/{report}/ticket"), &taken)?;
    Ok((number, ticket))
}
