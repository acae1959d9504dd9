//! Photos and papers on a ticket.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Person, form, id};
use crate::pictures;

on_each_database![
    a_photo_comes_back_as_a_photo,
    what_is_no_photo_is_refused,
    each_part_comes_once,
    nobody_takes_all_places,
    a_photo_answers_a_checklist,
];

fn a_photo_comes_back_as_a_photo(house: &House) {
    let job = Job::strict(house);
    let tech = house.technician();
    let photo = tech.upload(&job.at("/attachments"), "../../Насос №1.jpg", &pictures::jpeg(640, 480), &[]).is(201);
    assert_eq!(
        (&photo["media_type"], &photo["width"], &photo["height"]),
        (&json!("image/jpeg"), &json!(640), &json!(480))
    );
    assert_eq!(photo["name"], "Насос №1.jpg");
    let content = house.client().get(&format!("/attachments/{}/content", id(&photo)));
    assert_eq!(content.header("content-type"), "image/jpeg");
    assert!(content.header("content-disposition").contains("filename*=UTF-8''%D0%9D"));
    assert_eq!(content.header("content-security-policy"), "default-src 'none'; sandbox");
    let bytes = content.bytes();
    assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 640);
    house.rival().get(&format!("/attachments/{}/content", id(&photo))).refused(404, "not_found");
    house.client().delete(&format!("/attachments/{}", id(&photo))).refused(403, "forbidden");
    tech.delete(&format!("/attachments/{}", id(&photo))).is(204);
    assert_eq!(tech.get(&job.at("/attachments")).is(200)["data"], json!([]));
}

fn what_is_no_photo_is_refused(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let send = |bytes: &[u8]| tech.upload(&job.at("/attachments"), "photo.png", bytes, &[]);
    send(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>").refused(422, "file_rejected");
    send(b"").refused(422, "file_rejected");
    send(&pictures::png(20, 20)[..40]).refused(422, "file_rejected");
    send(&pictures::bomb(50_000, 50_000)).refused(422, "file_rejected");
    send(&vec![0; 21 << 20]).refused(413, "too_large");
    tech.upload(&job.at("/attachments"), "a.png", &pictures::png(2, 2), &[("visibility", "nobody")]).is(422);
    tech.upload(&job.at("/attachments"), "a.png", &pictures::png(2, 2), &[("colour", "red")]).is(422);
    tech.send("POST", &job.at("/attachments"), "application/json", b"{}".to_vec()).is(415);
    assert_eq!(tech.get(&job.at("/attachments")).is(200)["data"], json!([]));
}

fn each_part_comes_once(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let png = pictures::png(8, 8);
    let picture = png.as_slice();
    let send = |files: &[(&str, &[u8])], fields: &[(&str, &str)]| {
        let (kind, body) = form("file", files, fields);
        tech.send("POST", &job.at("/attachments"), &kind, body)
    };
    send(&[("a.png", picture), ("b.png", picture)], &[]).blames("file", "too_many");
    let both = [("visibility", "internal"), ("visibility", "public")];
    send(&[("a.png", picture)], &both).blames("visibility", "too_many");
    send(&[("a.png", picture)], &[("visibility", "public"); 200]).blames("visibility", "too_many");
    assert_eq!(tech.get(&job.at("/attachments")).is(200)["data"], json!([]));
    send(&[("a.png", picture)], &both[..1]).is(201);
}

/// The beginning of a form over a line that is still open.
fn half_a_form(person: &Person, base: &str, path: &str) -> TcpStream {
    let mut line = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    let request = format!(
        "POST /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nbegins",
        person.token()
    );
    line.write_all(request.as_bytes()).unwrap();
    line.flush().unwrap();
    line
}

fn nobody_takes_all_places(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let at = job.at("/attachments");
    let send = |person: &Person| person.upload(&at, "a.png", &pictures::png(8, 8), &[]);
    let wait_for = |status: u16, between: &mut dyn FnMut()| {
        let deadline = Instant::now() + Duration::from_secs(30);
        while send(&tech).status != status {
            assert!(Instant::now() < deadline, "never {status}");
            between();
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let mut lines: Vec<TcpStream> = (0..8).map(|_| half_a_form(&tech, &house.base, &at)).collect();
    // One that came while a whole form had its place was turned away.
    wait_for(503, &mut || lines.push(half_a_form(&tech, &house.base, &at)));
    send(&tech).refused(503, "busy");
    send(&house.client()).is(201);
    drop(lines);
    wait_for(201, &mut || {});
}

fn a_photo_answers_a_checklist(house: &House) {
    let items = json!([{"text": "Фото до", "kind": "photo", "required": true},
                       {"text": "Качество", "kind": "choice", "required": true, "choices": ["хорошее", "плохое"]}]);
    let template = house.manager().post("/checklist-templates", &json!({"name": "Фото", "items": items})).is(201);
    let kind = json!({"name": "С фото", "checklist_template_ids": [template["id"]], "gates": ["checklist_complete"]});
    let kind = house.manager().post("/ticket-types", &kind).is(201);
    let ticket =
        json!({"type_id": kind["id"], "company_id": house.scene.company, "priority": "low", "subject": "Фото"});
    let ticket = id(&house.dispatcher().post("/tickets", &ticket).is(201));
    let tech = house.technician();
    house.dispatcher().post(&format!("/tickets/{ticket}/assignee"), &json!({"user_id": tech.id})).is(200);
    let items = tech.get(&format!("/tickets/{ticket}/checklist")).is(200);
    let at = |item: usize| format!("/tickets/{ticket}/checklist/{}", id(&items["data"][item]));
    let own = tech.upload(&format!("/tickets/{ticket}/attachments"), "p.jpg", &pictures::jpeg(32, 32), &[]).is(201);
    let elsewhere = tech.upload(&Job::plain(house).at("/attachments"), "p.jpg", &pictures::jpeg(32, 32), &[]).is(201);
    tech.put(&at(0), &json!({"answer": {"attachment_id": elsewhere["id"]}})).is(422);
    tech.put(&at(0), &json!({"answer": "да"})).is(422);
    tech.put(&at(1), &json!({"answer": "среднее"})).is(422);
    let answered = tech.put(&at(0), &json!({"answer": {"attachment_id": own["id"]}})).is(200);
    assert_eq!(answered["answer"], json!({"attachment_id": own["id"]}));
    assert_eq!(answered["answered_by"], tech.id);
    tech.put(&at(1), &json!({"answer": "хорошее"})).is(200);
    assert_eq!(tech.get(&format!("/tickets/{ticket}/completion?to=done")).is(200)["ready"], true);
    // An answer may be taken back, and then it is missing again.
    tech.put(&at(1), &json!({"answer": null})).is(200);
    assert_eq!(tech.get(&format!("/tickets/{ticket}/completion?to=done")).is(200)["ready"], false);
}
