//! Made-up dispute packs and reports of works, with everything there and with everything missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::page::Picture;
use crate::words::Language;

/// What the made-up picture is called.
const PICTURE: &str = "file-1";

/// The pictures that a made-up cover shows.
pub fn pictures() -> BTreeMap<String, Arc<Picture>> {
    let pixels = image::RgbaImage::from_pixel(160, 120, image::Rgba([140, 160, 180, 255]));
    BTreeMap::from([(PICTURE.to_owned(), Arc::new(Picture { name: PICTURE.to_owned(), pixels }))])
}

/// The data of a cover.
pub fn dispute_pack(language: Language, provider: Value, customer: Value) -> Value {
    let engineer = language.choose("Сидоров Пётр Ильич", "Сидоренко Петро", "Peter Stone");
    let signer = language.choose("Петрова Анна Сергеевна", "Петренко Ганна", "Ann Peters");
    let moment = "2026-11-21T11:05:12.000Z";
    let hash = "9f3c".repeat(16);
    let event = |action: &str| {
        json!({
            "at": moment, "action": action, "role": "technician", "who": engineer, "from": null, "to": null,
            "assignee": null, "reason": null, "number": null, "version": null, "party": null, "signer": null,
            "outcome": null,
        })
    };
    let with = |mut value: Value, changes: Value| {
        if let (Some(members), Value::Object(changes)) = (value.as_object_mut(), changes) {
            members.extend(changes);
        }
        value
    };
    let signature = json!({
        "id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "party": "client", "name": signer,
        "position": language.choose("Главный бухгалтер", "Головний бухгалтер", "Chief accountant"),
        "authority": "official", "outcome": "accepted_with_remarks", "remarks": "—", "method": "drawn", "channel": "device",
        "signed_at": moment, "recorded_at": moment, "recorded_by": engineer, "ip": "192.0.2.1", "device_id": "pixel-7a",
        "user_agent": "—", "place": "55.75580, 37.61730", "shown_as": null, "sha256": hash,
    });
    let file = json!({
        "number": 1, "id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d", "name": "IMG_0001.jpg", "file": "files/0001-IMG_0001.jpg",
        "size": 123_456, "sha256": hash, "picture": PICTURE, "is_picture": true, "at": moment, "recorded_at": moment,
        "author": engineer, "camera_at": "2026-11-21T14:05:12", "place": "55.75580, 37.61730", "accuracy_m": 8.4,
        "camera_place": null, "item": "—", "internal": true,
    });
    let bare_file = json!({
        "picture": null, "is_picture": false, "at": null, "author": null, "camera_at": null, "place": null,
        "accuracy_m": null, "camera_place": "55.75580, 37.61730", "item": null, "internal": false,
    });
    let act = json!({
        "id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c", "number": "2026-00042", "version": 2, "status": "signed_with_remarks",
        "issued_at": moment, "issued_by": engineer, "document_sha256": hash, "signed_sha256": hash,
        "verification": {"code": "V7QK2M9XA01B3CD4", "code_printed": "V7QK-2M9X-A01B-3CD4", "url": "https://desk.example.com/verify/V7QK2M9XA01B3CD4"},
        "total": "12199.99", "currency": "RUB", "resolution": "—", "resolved_at": moment, "resolved_by": engineer,
        "document": "acts/2026-00042-v2.pdf", "signed": "acts/2026-00042-v2-signed.pdf", "evidence": "acts/2026-00042-v2-evidence.json",
        "signatures": [signature],
    });
    json!({
        "made_at": moment, "made_by": engineer, "audience": "internal", "zone": "Europe/Moscow", "provider": provider,
        "customer": customer, "site": {"name": "—", "address": "—"},
        "ticket": {
            "id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e", "number": 4521,
            "subject": language.choose("Не печатает", "Не друкує", "Does not print"), "description": "—", "type": "—",
            "status": "—", "priority": "high", "opened_at": moment, "opened_by": engineer, "started_at": moment,
            "done_at": moment, "closed_at": moment, "assignee": engineer,
            "assets": [{"name": "—", "model": "M404", "serial_number": "VN-1", "inventory_number": "000123"}],
        },
        "chronicle": [
            event("ticket.opened"),
            with(event("ticket.assigned"), json!({"assignee": engineer})),
            with(event("ticket.status_changed"), json!({"from": "—", "to": "—"})),
            with(event("act.issued"), json!({"number": "2026-00042", "version": 2})),
            with(event("act.decided"), json!({"party": "client", "signer": signer, "outcome": "accepted", "who": null, "role": null})),
            with(event("act.resolved"), json!({"reason": "—"})),
        ],
        "acts": [act],
        "checklist": [
            {"text": "—", "kind": "check", "required": true, "answer": true, "file": null, "answered_by": engineer, "answered_at": moment, "recorded_at": moment, "asset": null},
            {"text": "—", "kind": "number", "required": true, "answer": "10452", "file": null, "answered_by": engineer, "answered_at": moment, "recorded_at": moment, "asset": "HP"},
            {"text": "—", "kind": "photo", "required": true, "answer": {"attachment_id": "—"}, "file": 1, "answered_by": engineer, "answered_at": moment, "recorded_at": moment, "asset": null},
            {"text": "—", "kind": "text", "required": false, "answer": null, "file": null, "answered_by": null, "answered_at": null, "recorded_at": null, "asset": null},
        ],
        "scans": [
            {"asset": "HP", "code": "7QK2M9XA01", "who": engineer, "at": moment, "recorded_at": moment, "place": "55.75580, 37.61730", "accuracy_m": 8.4},
            {"asset": null, "code": "7QK2M9XA01", "who": null, "at": moment, "recorded_at": moment, "place": null, "accuracy_m": null},
        ],
        "time_entries": [
            {"person": engineer, "kind": "on_site", "started_at": moment, "ended_at": moment, "minutes": 80, "note": "—", "recorded_at": moment, "hidden": false},
            {"person": null, "kind": "travel", "started_at": null, "ended_at": null, "minutes": 40, "note": null, "recorded_at": moment, "hidden": true},
        ],
        "total_minutes": 120,
        "lines": [
            {"name": "—", "unit": "шт", "quantity": "1.5", "coverage": "extra", "coverage_reason": "—", "amount": "12199.99", "currency": "RUB"},
            {"name": "—", "unit": "шт", "quantity": "1", "coverage": "covered", "coverage_reason": "—", "amount": null, "currency": "RUB"},
        ],
        "files": [file.clone(), with(file, bare_file)],
        "comments": [
            {"who": engineer, "internal": true, "text": "—", "at": moment, "recorded_at": moment},
            {"who": null, "internal": false, "text": "—", "at": moment, "recorded_at": moment},
        ],
        "proof": {"root": hash, "tree_size": 9123, "head": hash, "made_at": moment, "events": 41, "withheld": 3},
    })
}

/// A cover with nothing in it that may be missing.
pub fn bare_dispute_pack(language: Language, provider: Value, customer: Value) -> Value {
    let mut cover = dispute_pack(language, provider, customer);
    let changes = json!({
        "made_by": "", "audience": "client", "site": null, "chronicle": [], "acts": [], "checklist": [], "scans": [],
        "time_entries": [], "total_minutes": 0, "lines": [], "files": [], "comments": [],
    });
    let ticket = json!({
        "description": null, "status": null, "opened_by": null, "started_at": null, "done_at": null, "closed_at": null,
        "assignee": null, "assets": [],
    });
    if let (Some(cover), Value::Object(changes)) = (cover.as_object_mut(), changes) {
        cover.extend(changes);
    }
    if let (Some(Value::Object(of)), Value::Object(changes)) = (cover.get_mut("ticket"), ticket) {
        of.extend(changes);
    }
    cover
}

/// The data of a report of works.
pub fn work_report(language: Language, provider: Value, customer: Value) -> Value {
    let engineer = language.choose("Сидоров Пётр Ильич", "Сидоренко Петро", "Peter Stone");
    let moment = "2026-11-21T11:05:12.000Z";
    let status = json!({"code": "done", "kind": "done", "name": "—"});
    json!({
        "company_id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "company_name": "—", "from": "2026-11-01", "to": "2026-11-30",
        "zone": "Europe/Moscow", "audience": "internal", "made_at": moment, "provider": provider, "customer": customer,
        "tickets": [
            {"id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c", "number": 4521, "subject": "—", "type_name": "—", "status": status,
             "site_name": "—", "opened_at": moment, "done_at": moment, "assignee_name": engineer,
             "time": [{"user_id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d", "name": engineer, "kind": "on_site", "minutes": 80},
                      {"user_id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d", "name": engineer, "kind": "travel", "minutes": 40}],
             "minutes": 120,
             "lines": [{"kind": "work", "name": "—", "unit": "шт", "quantity": "1.5", "coverage": "extra", "amount": "12199.99"},
                       {"kind": "material", "name": "—", "unit": "шт", "quantity": "1", "coverage": "covered", "amount": null}],
             "act": {"id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e", "number": "2026-00042", "version": 2, "status": "signed"},
             "outcome": "accepted", "signed_by": "—", "signed_position": "—", "signed_at": moment, "total": "12199.99", "currency": "RUB"},
            {"id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5f", "number": 4522, "subject": "—", "type_name": "—", "status": status,
             "site_name": null, "opened_at": moment, "done_at": null, "assignee_name": null, "time": [], "minutes": 0, "lines": [],
             "act": null, "outcome": null, "signed_by": null, "signed_position": null, "signed_at": null, "total": null, "currency": null},
        ],
        "people": [{"user_id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d", "name": engineer, "tickets": 1, "on_site": 80, "travel": 40, "remote": 0, "minutes": 120}],
        "total_minutes": 120, "totals": [{"currency": "RUB", "total": "12199.99"}],
    })
}

/// A report of a period in which nothing happened.
pub fn bare_work_report(language: Language, provider: Value, customer: Value) -> Value {
    let mut report = work_report(language, provider, customer);
    let changes = json!({"audience": "client", "tickets": [], "people": [], "total_minutes": 0, "totals": []});
    if let (Some(report), Value::Object(changes)) = (report.as_object_mut(), changes) {
        report.extend(changes);
    }
    report
}
