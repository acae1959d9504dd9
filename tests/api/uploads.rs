//! Photos over a bad network: told of first, then sent by tus in as many pieces as it takes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use naryad::db::types::Sha256;
use naryad::uploads::{Upload, UploadState, queries};
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::{Job, gates};
use crate::person::{Answer, Person, id, text};
use crate::pictures;
use crate::program::Installation;

on_each_database![
    a_photo_comes_in_pieces,
    the_protocol_is_spoken,
    what_is_asked_wrongly_is_refused,
    the_same_id_is_the_same_upload,
    what_came_before_the_line_was_cut_is_kept,
    a_torn_chunk_counts_for_nothing,
    of_two_at_once_one_goes_on,
    what_was_not_announced_is_rejected,
    an_upload_is_given_up_or_expires,
    begun_anew_it_is_another_upload,
    it_is_sent_and_ended_at_once,
    a_photo_answers_before_its_bytes_come,
    a_ticket_is_closed_when_its_photos_are_there,
    paper_and_heic_are_kept_as_they_came,
    what_ends_the_program_is_rejected_in_the_end,
    pieces_that_are_not_here_may_be_elsewhere,
    only_so_many_are_on_their_way,
    nobody_takes_all_places,
];

const BYTES: &str = "application/offset+octet-stream";

/// Somebody who speaks tus.
fn tus(person: &Person) -> Person {
    person.with("tus-resumable", "1.0.0")
}

/// Begins the upload of a file that was told of.
pub fn begin(person: &Person, attachment: &str, size: usize) -> Answer {
    let metadata = format!("filename 0YTQvtGC0L4=,attachment_id {}", STANDARD.encode(attachment));
    person.with("upload-length", size.to_string()).with("upload-metadata", metadata).send(
        "POST",
        "/uploads",
        "",
        Vec::new(),
    )
}

fn told_as(kind: &str, bytes: &[u8]) -> Value {
    json!({"name": "фото.jpg", "media_type": kind, "size": bytes.len(), "sha256": Sha256::of(bytes).to_string()})
}

fn tell(person: &Person, job: &Job, kind: &str, bytes: &[u8]) -> String {
    id(&person.post(&job.at("/attachments/expected"), &told_as(kind, bytes)).is(201))
}

/// A photo that was told of and whose upload was begun.
fn begun(person: &Person, job: &Job, bytes: &[u8]) -> String {
    let photo = tell(person, job, "image/jpeg", bytes);
    begin(&tus(person), &photo, bytes.len()).is(201);
    photo
}

fn patch(person: &Person, photo: &str, offset: usize, bytes: &[u8]) -> Answer {
    let at = format!("/uploads/{photo}");
    tus(person).with("upload-offset", offset.to_string()).send("PATCH", &at, BYTES, bytes.to_vec())
}

fn head(person: &Person, photo: &str) -> Answer {
    tus(person).send("HEAD", &format!("/uploads/{photo}"), "", Vec::new())
}

fn offset(person: &Person, photo: &str) -> usize {
    let answer = head(person, photo);
    assert_eq!(answer.status, 200);
    answer.header("upload-offset").parse().unwrap()
}

/// The upload as it is kept.
fn kept(house: &House, photo: &str) -> Upload {
    let id = photo.parse().unwrap();
    house.app.db.read_now(move |conn| queries::load(conn, id)).unwrap().unwrap()
}

/// How many bytes of unfinished files lie about in a data folder.
fn lying_about(folder: &Path) -> u64 {
    let Ok(wholes) = std::fs::read_dir(folder.join("files/unfinished")) else { return 0 };
    let pieces = wholes.flatten().flat_map(|whole| std::fs::read_dir(whole.path()).into_iter().flatten().flatten());
    pieces.map(|piece| piece.metadata().map_or(0, |found| found.len())).sum()
}

/// The record, once somebody has looked at the bytes.
fn settled(person: &Person, photo: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let file = person.get(&format!("/attachments/{photo}")).is(200);
        if file["status"] != "expected" {
            return file;
        }
        assert!(Instant::now() < deadline, "{file}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn a_photo_comes_in_pieces(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg_of_a_phone(1_400, 900);
    let mut told = told_as("image/jpeg", &bytes);
    told["place"] = json!({"lat": 43.1, "lon": 131.9, "accuracy_m": 8.0});
    told["occurred_at"] = json!("2026-01-20T09:05:00Z");
    let told = tech.post(&job.at("/attachments/expected"), &told).is(201);
    let photo = id(&told);
    assert_eq!((&told["status"], &told["sha256"]), (&json!("expected"), &Value::Null));
    assert_eq!(told["upload_url"], format!("/api/v1/uploads/{photo}"));
    tech.get(&format!("/attachments/{photo}/content")).refused(409, "attachment_not_ready");
    let begun = begin(&tus(&tech), &photo, bytes.len());
    assert_eq!((begun.status, begun.header("location")), (201, text(&told, "upload_url").as_str()));
    assert!(begun.header("upload-expires").ends_with(" GMT"));
    // Where there are two servers, either takes the next piece.
    let other = house.is_postgres().then(|| house.another());
    let elsewhere = other.as_ref().map_or_else(|| tech.clone(), House::technician);
    let third = bytes.len() / 3;
    assert_eq!(patch(&tech, &photo, 0, &bytes[..third]).header("upload-offset"), third.to_string());
    assert_eq!(offset(&elsewhere, &photo), third);
    assert_eq!(patch(&elsewhere, &photo, third, &bytes[third..2 * third]).status, 204);
    assert_eq!(head(&tech, &photo).header("upload-metadata").split(',').count(), 2);
    assert_eq!(patch(&tech, &photo, 2 * third, &bytes[2 * third..]).header("upload-offset"), bytes.len().to_string());
    let file = settled(&tech, &photo);
    assert_eq!((&file["status"], &file["media_type"]), (&json!("ready"), &json!("image/jpeg")), "{file}");
    assert_eq!((&file["width"], &file["height"]), (&json!(1_400), &json!(900)));
    assert_eq!(file["original_sha256"], Sha256::of(&bytes).to_string());
    assert_eq!(file["camera"]["taken_at"], "2026-11-22T10:15:00+10:00");
    assert_eq!(file["camera"]["place"], json!({"lat": 43.12, "lon": 131.9}));
    assert_eq!((&file["place"]["accuracy_m"], &file["occurred_at"]), (&json!(8.0), &json!("2026-01-20T09:05:00.000Z")));
    // The answer to the last piece may have been lost.
    assert_eq!(offset(&tech, &photo), bytes.len());
    what_is_served_of_it(house, &photo, &bytes);
    let history = house.manager().get(&format!("{}?limit=100", job.at("/history"))).is(200);
    let actions: Vec<_> = history["data"].as_array().unwrap().iter().map(|event| text(event, "action")).collect();
    for action in ["attachment.expected", "attachment.ready"] {
        assert_eq!(actions.iter().filter(|known| *known == action).count(), 1, "{actions:?}");
    }
}

/// Clients see the picture and not where the phone was; managers have the bytes as they came.
fn what_is_served_of_it(house: &House, photo: &str, bytes: &[u8]) {
    let served = house.client().get(&format!("/attachments/{photo}/content")).bytes();
    assert!(!served.windows(4).any(|window| window == b"Exif"));
    assert_eq!(image::load_from_memory(&served).unwrap().width(), 1_400);
    let seen = house.client().get(&format!("/attachments/{photo}")).is(200);
    assert_eq!((&seen["camera"], &seen["place"]), (&Value::Null, &Value::Null));
    for (query, longest) in [("", 256), ("?size=small", 256), ("?size=large", 1_024)] {
        let answer = house.client().get(&format!("/attachments/{photo}/thumbnail{query}"));
        assert_eq!(answer.header("content-type"), "image/jpeg");
        let small = answer.bytes();
        assert_eq!(image::load_from_memory(&small).unwrap().width(), longest);
        assert!(!small.windows(4).any(|window| window == b"Exif"));
    }
    house.client().get(&format!("/attachments/{photo}/thumbnail?size=huge")).blames("size", "not_one_of");
    let original = house.manager().get(&format!("/attachments/{photo}/original"));
    assert!(original.header("content-disposition").starts_with("attachment;"));
    assert_eq!(original.bytes(), bytes);
    house.technician().get(&format!("/attachments/{photo}/original")).refused(403, "forbidden");
    house.rival().get(&format!("/attachments/{photo}/thumbnail")).refused(404, "not_found");
}

fn the_protocol_is_spoken(house: &House) {
    let options = house.stranger().send("OPTIONS", "/uploads", "", Vec::new());
    assert_eq!((options.status, options.header("tus-resumable")), (204, ""));
    assert_eq!((options.header("tus-version"), options.header("tus-max-size")), ("1.0.0", "52428800"));
    assert_eq!(options.header("tus-extension"), "creation,creation-with-upload,termination,checksum,expiration");
    assert_eq!(options.header("tus-checksum-algorithm"), "sha1,sha256");
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(60, 40);
    let photo = begun(&tech, &job, &bytes);
    // Every answer says which version is spoken, refusals as well.
    let stranger = tus(&house.stranger()).send("POST", "/uploads", "", Vec::new());
    assert_eq!((stranger.status, stranger.header("tus-resumable")), (401, "1.0.0"));
    let outdated = tech.with("tus-resumable", "0.2.2").send("HEAD", &format!("/uploads/{photo}"), "", Vec::new());
    assert_eq!((outdated.status, outdated.header("tus-version")), (412, "1.0.0"));
    tech.send("DELETE", &format!("/uploads/{photo}"), "", Vec::new()).refused(412, "tus_version_unsupported");
    // For clients that can send nothing but POST.
    let posting = tus(&tech).with("x-http-method-override", "PATCH").with("upload-offset", "0");
    let posted = posting.send("POST", &format!("/uploads/{photo}"), BYTES, bytes[..10].to_vec());
    assert_eq!((posted.status, posted.header("upload-offset")), (204, "10"));
    // The first bytes may come with the creation.
    let second = tell(&tech, &job, "image/jpeg", &bytes);
    let metadata = format!("attachment_id {}", STANDARD.encode(&second));
    let person = tus(&tech).with("upload-length", bytes.len().to_string()).with("upload-metadata", metadata);
    let made = person.send("POST", "/uploads", BYTES, bytes[..500].to_vec());
    assert_eq!((made.status, made.header("upload-offset")), (201, "500"));
    // Sent once more because the answer was lost: the bytes are kept once.
    let made = person.send("POST", "/uploads", BYTES, bytes[..500].to_vec());
    assert_eq!((made.status, made.header("upload-offset")), (201, "500"));
    assert_eq!(patch(&tech, &second, 500, &bytes[500..]).status, 204);
    assert_eq!(settled(&tech, &second)["status"], "ready");
}

fn what_is_asked_wrongly_is_refused(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(60, 40);
    let told = tell(&tech, &job, "image/jpeg", &bytes);
    let metadata = format!("attachment_id {}", STANDARD.encode(&told));
    let create = |length: &str, metadata: &str| {
        let person = tus(&tech).with("upload-length", length).with("upload-metadata", metadata);
        person.send("POST", "/uploads", "", Vec::new())
    };
    create("x", &metadata).blames("Upload-Length", "out_of_range");
    create("0", &metadata).blames("Upload-Length", "out_of_range");
    create("52428801", &metadata).refused(413, "too_large");
    create("7", &metadata).blames("Upload-Length", "not_as_announced");
    create("7", "").blames("Upload-Metadata/attachment_id", "required");
    create("7", "attachment_id ****").blames("Upload-Metadata", "not_base64");
    create("7", &format!("{metadata},sha256 YWJj")).blames("Upload-Metadata/sha256", "not_a_sha256");
    tus(&tech).with("upload-length", "7").send("POST", "/uploads", "text/plain", b"a".to_vec()).is(415);
    // What was not told of, or by somebody else, is not there.
    begin(&tus(&tech), "019aa1b2-c3d4-7000-8000-00000000c0ff", 7).refused(404, "not_found");
    begin(&tus(&house.admin()), &told, bytes.len()).refused(404, "not_found");
    head(&tech, &told).refused_head(404);
    begin(&tus(&tech), &told, bytes.len()).is(201);
    head(&house.admin(), &told).refused_head(404);
    patch(&house.admin(), &told, 0, &bytes).refused(404, "not_found");
    patch(&tech, &told, 1, &bytes[1..]).refused(409, "offset_mismatch");
    patch(&tech, &told, 0, &[&bytes[..], b"more"].concat()).refused(413, "too_large");
    let at = format!("/uploads/{told}");
    tus(&tech).with("upload-offset", "0").send("PATCH", &at, "image/jpeg", bytes.clone()).is(415);
    tus(&tech).send("PATCH", &at, BYTES, bytes.clone()).blames("Upload-Offset", "required");
    let odd = tus(&tech).with("upload-offset", "0").with("upload-checksum", "md5 AAAA");
    odd.send("PATCH", &at, BYTES, bytes.clone()).blames("Upload-Checksum", "not_one_of");
    assert_eq!(offset(&tech, &told), 0);
    let expected = |field: &str, value: Value| {
        let mut told = told_as("image/jpeg", &bytes);
        told[field] = value;
        tech.post(&job.at("/attachments/expected"), &told)
    };
    expected("size", json!(0)).blames("/size", "out_of_range");
    expected("size", json!(52_428_801)).blames("/size", "out_of_range");
    expected("media_type", json!("image/svg+xml")).blames("/media_type", "not_one_of");
    expected("sha256", json!("ff")).blames("/sha256", "not_a_sha256");
    expected("checklist_item_id", json!("019aa1b2-c3d4-7000-8000-00000000c0ff"))
        .blames("/checklist_item_id", "unknown_reference");
    house.rival().post(&job.at("/attachments/expected"), &told_as("image/jpeg", &bytes)).refused(404, "not_found");
}

fn the_same_id_is_the_same_upload(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(300, 200);
    let mut told = told_as("image/jpeg", &bytes);
    told["id"] = json!("019aa1b2-c3d4-7000-8000-00000000c001");
    let photo = id(&tech.post(&job.at("/attachments/expected"), &told).is(201));
    tech.post(&job.at("/attachments/expected"), &told).is(200);
    told["size"] = json!(9);
    tech.post(&job.at("/attachments/expected"), &told).refused(409, "duplicate");
    let first = begin(&tus(&tech), &photo, bytes.len());
    patch(&tech, &photo, 0, &bytes[..700]).is(204);
    let again = begin(&tus(&tech), &photo, bytes.len());
    assert_eq!((again.status, again.header("location")), (201, first.header("location")));
    assert_eq!(offset(&tech, &photo), 700);
    // A ticket that went to somebody else takes nothing away from what was told of in time.
    house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    patch(&tech, &photo, 700, &bytes[700..]).is(204);
    assert_eq!(settled(&house.manager(), &photo)["status"], "ready");
    // It is there: to begin once more does no harm.
    assert_eq!(begin(&tus(&tech), &photo, bytes.len()).status, 201);
    assert_eq!(offset(&tech, &photo), bytes.len());
    assert_eq!(patch(&tech, &photo, bytes.len(), b"").status, 204);
    patch(&tech, &photo, 700, &bytes[700..]).refused(409, "offset_mismatch");
    assert_eq!(house.manager().get(&format!("/attachments/{photo}/original")).bytes(), bytes);
}

/// The beginning of a PATCH over a line that is still open.
fn half_a_patch(person: &Person, base: &str, photo: &str, at: usize, announced: usize, bytes: &[u8]) -> TcpStream {
    let mut line = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    let request = format!(
        "PATCH /api/v1/uploads/{photo} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
         Content-Type: {BYTES}\r\nUpload-Offset: {at}\r\nContent-Length: {announced}\r\n\r\n",
        person.token()
    );
    line.write_all(request.as_bytes()).unwrap();
    line.write_all(bytes).unwrap();
    line.flush().unwrap();
    line
}

/// Waits until so many bytes are kept.
fn wait_for_offset(person: &Person, photo: &str, wanted: usize) {
    let deadline = Instant::now() + Duration::from_secs(40);
    while offset(person, photo) != wanted {
        assert!(Instant::now() < deadline, "{} of {wanted} bytes are kept", offset(person, photo));
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn what_came_before_the_line_was_cut_is_kept(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg_of_a_phone(1_000, 700);
    let photo = begun(&tech, &job, &bytes);
    let mut kept = 0;
    for some in [1, 3_000, 20_011] {
        let line = half_a_patch(&tech, &house.base, &photo, kept, bytes.len() - kept, &bytes[kept..kept + some]);
        drop(line);
        kept += some;
        wait_for_offset(&tech, &photo, kept);
    }
    patch(&tech, &photo, kept, &bytes[kept..]).is(204);
    assert_eq!(settled(&tech, &photo)["original_sha256"], Sha256::of(&bytes).to_string());
    assert_eq!(house.manager().get(&format!("/attachments/{photo}/original")).bytes(), bytes);
    // Nothing unfinished is left of it.
    let deadline = Instant::now() + Duration::from_secs(20);
    while lying_about(house.folder()) > 0 {
        assert!(Instant::now() < deadline, "{} bytes are still there", lying_about(house.folder()));
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn a_torn_chunk_counts_for_nothing(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(300, 200);
    let photo = begun(&tech, &job, &bytes);
    let at = format!("/uploads/{photo}");
    let sum = format!("sha256 {}", STANDARD.encode(Sha256::of(&bytes).0));
    let checked = tus(&tech).with("upload-offset", "0").with("upload-checksum", sum);
    let mut torn = bytes.clone();
    torn[100] ^= 1;
    checked.send("PATCH", &at, BYTES, torn).refused(460, "checksum_mismatch");
    assert_eq!(offset(&tech, &photo), 0);
    assert_eq!(checked.send("PATCH", &at, BYTES, bytes.clone()).header("upload-offset"), bytes.len().to_string());
    assert_eq!(settled(&tech, &photo)["status"], "ready");
}

fn of_two_at_once_one_goes_on(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg_of_a_phone(800, 600);
    for _ in 0..3 {
        let photo = begun(&tech, &job, &bytes);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let send = || patch(&tech, &photo, 0, &bytes).status;
            let both = [scope.spawn(send), scope.spawn(send)];
            both.map(|one| one.join().unwrap()).into()
        });
        assert!(statuses.contains(&204) && statuses.contains(&409), "{statuses:?}");
        assert_eq!(settled(&tech, &photo)["original_sha256"], Sha256::of(&bytes).to_string());
    }
    // A line that is silent holds nobody up: whoever goes on wins, and the old bytes come too late.
    let photo = begun(&tech, &job, &bytes);
    let mut silent = half_a_patch(&tech, &house.base, &photo, 0, bytes.len(), &bytes[..2_000]);
    patch(&tech, &photo, 0, &bytes).is(204);
    silent.write_all(&bytes[2_000..]).unwrap();
    let mut answer = [0; 12];
    silent.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 409");
    assert_eq!(settled(&tech, &photo)["status"], "ready");
}

fn what_was_not_announced_is_rejected(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let sent = |told: &[u8], kind: &str, bytes: &[u8]| {
        let photo = tell(&tech, &job, kind, told);
        begin(&tus(&tech), &photo, bytes.len()).is(201);
        patch(&tech, &photo, 0, bytes).is(204);
        (settled(&tech, &photo), photo)
    };
    let good = pictures::jpeg(60, 40);
    let mut other = good.clone();
    let last = other.len() - 3;
    other[last] ^= 1;
    let bomb = pictures::bomb(50_000, 50_000);
    let script = b"<script>alert(1)</script>".as_slice();
    let paper = b"%PDF-1.4\n".as_slice();
    for (told, kind, bytes, flaw) in [
        (good.as_slice(), "image/jpeg", other.as_slice(), "not_as_announced"),
        (script, "image/jpeg", script, "unknown_format"),
        (&good[..200], "image/jpeg", &good[..200], "broken_picture"),
        (&bomb, "image/png", &bomb, "too_many_pixels"),
        (paper, "image/jpeg", paper, "another_format"),
    ] {
        let (file, photo) = sent(told, kind, bytes);
        assert_eq!((&file["status"], &file["rejection"]["code"]), (&json!("rejected"), &json!(flaw)), "{file}");
        assert!(!text(&file["rejection"], "message").contains(['{', '}']));
        tech.get(&format!("/attachments/{photo}/content")).refused(409, "attachment_not_ready");
        assert_eq!(offset(&tech, &photo), bytes.len());
    }
    // The right bytes may come after all.
    let (_, photo) = sent(&good, "image/jpeg", &other);
    begin(&tus(&tech), &photo, good.len()).is(201);
    assert_eq!(offset(&tech, &photo), 0);
    patch(&tech, &photo, 0, &good).is(204);
    assert_eq!(settled(&tech, &photo)["status"], "ready");
    // A picture of another kind than was said is still a picture.
    let png = pictures::png(30, 20);
    let (file, _) = sent(&png, "image/jpeg", &png);
    assert_eq!((&file["status"], &file["media_type"]), (&json!("ready"), &json!("image/png")));
}

fn an_upload_is_given_up_or_expires(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(300, 200);
    let photo = begun(&tech, &job, &bytes);
    patch(&tech, &photo, 0, &bytes[..900]).is(204);
    let at = format!("/uploads/{photo}");
    tus(&house.manager()).send("DELETE", &at, "", Vec::new()).refused(404, "not_found");
    tus(&tech).send("DELETE", &at, "", Vec::new()).is(204);
    head(&tech, &photo).refused_head(404);
    begin(&tus(&tech), &photo, bytes.len()).is(201);
    patch(&tech, &photo, 0, &bytes[..900]).is(204);
    assert_eq!(lying_about(house.folder()), 900);
    house.app.clock.set_ahead(8 * 24 * 3_600);
    let tech = house.stranger().signed_in("technician", crate::scene::PASSWORD);
    assert_eq!(head(&tech, &photo).status, 410);
    patch(&tech, &photo, 900, &bytes[900..]).refused(410, "upload_expired");
    let app = house.app.clone();
    actix_web::rt::System::new().block_on(async move { naryad::uploads::tidy::tidy(&app).await }).unwrap();
    assert_eq!(lying_about(house.folder()), 0);
    assert_eq!(head(&tech, &photo).status, 410);
    // The photo is still wanted.
    begin(&tus(&tech), &photo, bytes.len()).is(201);
    assert_eq!(offset(&tech, &photo), 0);
    patch(&tech, &photo, 0, &bytes).is(204);
    assert_eq!(settled(&tech, &photo)["status"], "ready");
    tus(&tech).send("DELETE", &at, "", Vec::new()).refused(409, "upload_finished");
    house.app.clock.set_ahead(0);
}

fn begun_anew_it_is_another_upload(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(300, 200);
    let photo = begun(&tech, &job, &bytes);
    patch(&tech, &photo, 0, &bytes[..900]).is(204);
    let before = kept(house, &photo);
    tus(&tech).send("DELETE", &format!("/uploads/{photo}"), "", Vec::new()).is(204);
    begin(&tus(&tech), &photo, bytes.len()).is(201);
    patch(&tech, &photo, 0, &bytes[..900]).is(204);
    assert_ne!(kept(house, &photo).generation, before.generation);
    // Whoever still ends the one before, and throws its pieces away, is late: nothing of the new one goes with them.
    let (seen, now) = (before.clone(), house.app.clock.now());
    let ended = house.app.db.write_now(move |conn| {
        Ok([queries::delete(conn, &seen)?, queries::empty(conn, &seen, UploadState::Expired, now)?])
    });
    assert_eq!(ended.unwrap(), [false, false]);
    let app = house.app.clone();
    let dropped = async move { app.files.drop_pieces(before.generation.uuid()).await };
    actix_web::rt::System::new().block_on(dropped).unwrap();
    assert_eq!(offset(&tech, &photo), 900);
    patch(&tech, &photo, 900, &bytes[900..]).is(204);
    assert_eq!(settled(&tech, &photo)["status"], "ready");
    assert_eq!(house.manager().get(&format!("/attachments/{photo}/original")).bytes(), bytes);
}

fn it_is_sent_and_ended_at_once(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(300, 200);
    for _ in 0..6 {
        let photo = begun(&tech, &job, &bytes);
        let at = format!("/uploads/{photo}");
        let (sent, ended) = std::thread::scope(|scope| {
            let sent = scope.spawn(|| patch(&tech, &photo, 0, &bytes[..900]).status);
            let ended = scope.spawn(|| tus(&tech).send("DELETE", &at, "", Vec::new()).status);
            (sent.join().unwrap(), ended.join().unwrap())
        });
        assert!([204, 404].contains(&sent) && ended == 204, "{sent} {ended}");
        head(&tech, &photo).refused_head(404);
        begin(&tus(&tech), &photo, bytes.len()).is(201);
        // Of a piece and of the end of its time, whichever came first counts.
        let (seen, now) = (kept(house, &photo), house.app.clock.now());
        let (sent, ended) = std::thread::scope(|scope| {
            let sent = scope.spawn(|| patch(&tech, &photo, 0, &bytes[..900]).status);
            let ended = house.app.db.write_now(move |conn| queries::empty(conn, &seen, UploadState::Expired, now));
            (sent.join().unwrap(), ended.unwrap())
        });
        assert_eq!(sent, if ended { 410 } else { 204 });
        begin(&tus(&tech), &photo, bytes.len()).is(201);
        let from = offset(&tech, &photo);
        patch(&tech, &photo, from, &bytes[from..]).is(204);
        assert_eq!(settled(&tech, &photo)["status"], "ready");
        assert_eq!(house.manager().get(&format!("/attachments/{photo}/original")).bytes(), bytes);
    }
}

fn a_photo_answers_before_its_bytes_come(house: &House) {
    let items = json!([{"text": "Фото до", "kind": "photo", "required": true}, {"text": "Чисто", "kind": "check"}]);
    let template = house.manager().post("/checklist-templates", &json!({"name": "Фото", "items": items})).is(201);
    let kind = json!({"name": "С фото", "checklist_template_ids": [template["id"]], "gates": ["checklist_complete"]});
    let kind = house.manager().post("/ticket-types", &kind).is(201);
    let mut ticket = house.scene.plain_ticket();
    ticket["type_id"] = kind["id"].clone();
    let ticket = id(&house.dispatcher().post("/tickets", &ticket).is(201));
    let tech = house.technician();
    house.dispatcher().post(&format!("/tickets/{ticket}/assignee"), &json!({"user_id": tech.id})).is(200);
    let items = tech.get(&format!("/tickets/{ticket}/checklist")).is(200);
    let (item, check) = (id(&items["data"][0]), id(&items["data"][1]));
    assert_eq!(items["data"][0]["photo_confirmed"], Value::Null);
    let completion = || tech.get(&format!("/tickets/{ticket}/completion?to=done")).is(200);
    let confirmed = || tech.get(&format!("/tickets/{ticket}/checklist")).is(200)["data"][0]["photo_confirmed"].clone();
    let bytes = pictures::jpeg(60, 40);
    let expect = |bytes: &[u8], item: &str| {
        let mut told = told_as("image/jpeg", bytes);
        told["checklist_item_id"] = json!(item);
        tech.post(&format!("/tickets/{ticket}/attachments/expected"), &told)
    };
    // An item that asks for something else is answered by no photo, and then the photo is not there either.
    expect(&bytes, &check).blames("/checklist_item_id", "answer_mismatch");
    assert_eq!(tech.get(&format!("/tickets/{ticket}/attachments")).is(200)["data"], json!([]));
    assert_eq!(gates(&completion()), ["checklist_complete"]);
    let send = |photo: &str, bytes: &[u8]| {
        begin(&tus(&tech), photo, bytes.len()).is(201);
        patch(&tech, photo, 0, bytes).is(204);
        settled(&tech, photo)
    };
    // Bytes that are none shut the gate again.
    let none = id(&expect(b"<svg/>", &item).is(201));
    assert_eq!((&completion()["ready"], &completion()["photos_awaited"]), (&json!(true), &json!([item])));
    assert_eq!(confirmed(), json!(false));
    assert_eq!(send(&none, b"<svg/>")["status"], "rejected");
    assert_eq!(gates(&completion()), ["checklist_complete"]);
    let photo = id(&expect(&bytes, &item).is(201));
    assert_eq!((&completion()["ready"], confirmed()), (&json!(true), json!(false)));
    assert_eq!(send(&photo, &bytes)["status"], "ready");
    assert_eq!((&completion()["photos_awaited"], confirmed()), (&json!([]), json!(true)));
}

fn a_ticket_is_closed_when_its_photos_are_there(house: &House) {
    let items = json!([{"text": "Фото до", "kind": "photo", "required": true, "required_on": "in_progress"},
                       {"text": "Фото после", "kind": "photo", "required": true}]);
    let template = house.manager().post("/checklist-templates", &json!({"name": "Фото", "items": items})).is(201);
    let kind = json!({"name": "С фото", "checklist_template_ids": [template["id"]], "gates": ["checklist_complete"]});
    let kind = house.manager().post("/ticket-types", &kind).is(201);
    let mut ticket = house.scene.plain_ticket();
    ticket["type_id"] = kind["id"].clone();
    let (dispatcher, tech) = (house.dispatcher(), house.technician());
    let ticket = id(&dispatcher.post("/tickets", &ticket).is(201));
    dispatcher.post(&format!("/tickets/{ticket}/assignee"), &json!({"user_id": tech.id})).is(200);
    let items = tech.get(&format!("/tickets/{ticket}/checklist")).is(200);
    let expect = |bytes: &[u8], item: usize| {
        let mut told = told_as("image/jpeg", bytes);
        told["checklist_item_id"] = items["data"][item]["id"].clone();
        id(&tech.post(&format!("/tickets/{ticket}/attachments/expected"), &told).is(201))
    };
    let send = |photo: &str, bytes: &[u8]| {
        begin(&tus(&tech), photo, bytes.len()).is(201);
        patch(&tech, photo, 0, bytes).is(204);
        settled(&tech, photo)["status"].clone()
    };
    let to = |person: &Person, status: &str| person.post(&format!("/tickets/{ticket}/status"), &json!({"to": status}));
    let bytes = pictures::jpeg(60, 40);
    let (first, second) = (expect(&bytes, 0), expect(b"<svg/>", 1));
    for status in ["en_route", "in_progress", "done"] {
        to(&tech, status).is(200);
    }
    let missing = || {
        let asked = dispatcher.get(&format!("/tickets/{ticket}/completion?to=closed")).is(200);
        let told = asked["unmet"].as_array().unwrap().iter().map(|unmet| {
            assert_eq!(unmet["gate"], "checklist_complete");
            format!("{} {}", text(&unmet["remedy"], "method"), text(&unmet["remedy"], "path"))
        });
        told.collect::<Vec<_>>()
    };
    let sent_to = |photo: &str| format!("PATCH /api/v1/uploads/{photo}");
    let answered_at = |item: usize| format!("PUT /api/v1/tickets/{ticket}/checklist/{}", id(&items["data"][item]));
    assert_eq!(missing(), [sent_to(&first), sent_to(&second)]);
    assert_eq!(gates(&to(&dispatcher, "closed").refused(422, "gates_closed")).len(), 2);
    assert_eq!(send(&first, &bytes), "ready");
    assert_eq!(missing(), [sent_to(&second)]);
    // Rejected when the work is long done: the item wants another answer.
    assert_eq!(send(&second, b"<svg/>"), "rejected");
    assert_eq!(missing(), [answered_at(1)]);
    to(&dispatcher, "closed").refused(422, "gates_closed");
    assert_eq!(send(&expect(&bytes, 1), &bytes), "ready");
    assert_eq!(missing(), Vec::<String>::new());
    to(&dispatcher, "closed").is(200);
}

fn paper_and_heic_are_kept_as_they_came(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let heic = [
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(),
        b"\0\0\0\x14ispe\0\0\0\0\0\0\x0f\xc0\0\0\x0b\xd0",
        b"Exif and all the rest",
    ]
    .concat();
    let paper = b"%PDF-1.4\n1 0 obj<<>>endobj\n".to_vec();
    for (kind, bytes, size) in [("image/heic", &heic, json!(4_032)), ("application/pdf", &paper, Value::Null)] {
        let photo = tell(&tech, &job, kind, bytes);
        begin(&tus(&tech), &photo, bytes.len()).is(201);
        patch(&tech, &photo, 0, bytes).is(204);
        let file = settled(&tech, &photo);
        assert_eq!((&file["status"], &file["media_type"], &file["width"]), (&json!("ready"), &json!(kind), &size));
        assert_eq!((&file["thumbnail_url"], &file["sha256"]), (&Value::Null, &file["original_sha256"]));
        assert_eq!(&tech.get(&format!("/attachments/{photo}/content")).bytes(), bytes);
        tech.get(&format!("/attachments/{photo}/thumbnail")).refused(404, "not_found");
        // What the camera wrote is still in a HEIC.
        let seen = house.client().get(&format!("/attachments/{photo}/content")).status;
        assert_eq!(seen, if kind == "image/heic" { 403 } else { 200 });
    }
}

fn what_ends_the_program_is_rejected_in_the_end(house: &House) {
    use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
    use naryad::db::schema::uploads::dsl;
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(300, 200);
    let photo = begun(&tech, &job, &bytes);
    patch(&tech, &photo, 0, &bytes[..900]).is(204);
    let file = kept(house, &photo).attachment_id;
    let died = |tries: i64| {
        let written = house.app.db.write_now(move |conn| {
            Ok(diesel::update(dsl::uploads.find(file)).set(dsl::tries.eq(tries)).execute(conn)?)
        });
        assert_eq!(written.unwrap(), 1);
    };
    // As if the program had died over it.
    died(3);
    patch(&tech, &photo, 900, &bytes[900..]).is(204);
    let file = settled(&tech, &photo);
    assert_eq!((&file["status"], &file["rejection"]["code"]), (&json!("rejected"), &json!("look_failed")), "{file}");
    assert!(text(&file["rejection"], "message").contains('3'));
    // Sent anew it begins anew; and twice may have been an accident.
    begin(&tus(&tech), &photo, bytes.len()).is(201);
    assert_eq!((offset(&tech, &photo), kept(house, &photo).tries), (0, 0));
    died(2);
    patch(&tech, &photo, 0, &bytes).is(204);
    assert_eq!(settled(&tech, &photo)["status"], "ready");
}

fn pieces_that_are_not_here_may_be_elsewhere(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let bytes = pictures::jpeg(300, 200);
    let photo = begun(&tech, &job, &bytes);
    patch(&tech, &photo, 0, &bytes[..900]).is(204);
    let folder = house.folder().join("files/unfinished").join(kept(house, &photo).generation.to_string());
    let aside = house.folder().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    patch(&tech, &photo, 900, &bytes[900..]).is(204);
    if !house.is_postgres() {
        // Nobody else can have them: the phone is told to begin anew.
        wait_for_offset(&tech, &photo, 0);
        patch(&tech, &photo, 0, &bytes).is(204);
        assert_eq!(settled(&tech, &photo)["status"], "ready");
        return;
    }
    // Given back again and again, more often than it would be tried, and nothing of it is lost.
    for turn in 1..=4 {
        house.app.clock.set_ahead(turn * 20);
        house.app.upload_bell.ring();
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(offset(&tech, &photo), bytes.len());
    }
    for piece in std::fs::read_dir(&aside).unwrap().flatten() {
        std::fs::rename(piece.path(), folder.join(piece.file_name())).unwrap();
    }
    house.app.clock.set_ahead(100);
    house.app.upload_bell.ring();
    assert_eq!(settled(&tech, &photo)["status"], "ready");
    house.app.clock.set_ahead(0);
}

fn only_so_many_are_on_their_way(house: &House) {
    let job = Job::plain(house);
    let client = house.client();
    let photos: Vec<String> =
        (0..201_u32).map(|number| tell(&client, &job, "image/jpeg", &number.to_be_bytes())).collect();
    for photo in &photos[..200] {
        begin(&tus(&client), photo, 4).is(201);
    }
    begin(&tus(&client), &photos[200], 4).refused(429, "too_many_uploads");
    // To find one again is not to begin one; and another person is another person.
    begin(&tus(&client), &photos[0], 4).is(201);
    tus(&client).send("DELETE", &format!("/uploads/{}", photos[0]), "", Vec::new()).is(204);
    begin(&tus(&client), &photos[200], 4).is(201);
    begun(&house.technician(), &job, &pictures::jpeg(30, 20));
}

fn nobody_takes_all_places(house: &House) {
    let job = Job::plain(house);
    let (tech, client) = (house.technician(), house.client());
    let bytes = pictures::jpeg(300, 200);
    let line = || {
        let photo = begun(&tech, &job, &bytes);
        half_a_patch(&tech, &house.base, &photo, 0, bytes.len(), &bytes[..10])
    };
    let mut lines: Vec<TcpStream> = (0..16).map(|_| line()).collect();
    let another = begun(&tech, &job, &bytes);
    let wait_for = |status: u16, between: &mut dyn FnMut()| {
        let deadline = Instant::now() + Duration::from_secs(30);
        // Nothing is sent: it is only asked whether there is a place.
        while patch(&tech, &another, 0, b"").status != status {
            assert!(Instant::now() < deadline, "never {status}");
            between();
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    // One that came while it was asked was turned away.
    wait_for(503, &mut || lines.push(line()));
    patch(&tech, &another, 0, &bytes).refused(503, "busy");
    let others = begun(&client, &job, &bytes);
    patch(&client, &others, 0, &bytes).is(204);
    drop(lines);
    wait_for(204, &mut || {});
    patch(&tech, &another, 0, &bytes).is(204);
}

#[test]
fn a_picture_from_before_there_were_thumbnails_gets_its_own() {
    use diesel::{ExpressionMethods, RunQueryDsl};
    use naryad::db::schema::attachments::dsl;
    let house = House::on_sqlite();
    let job = Job::plain(&house);
    let tech = house.technician();
    let photo = id(&tech.upload(&job.at("/attachments"), "a.png", &pictures::png(640, 480), &[]).is(201));
    let forget = |conn: &mut naryad::db::DbConnection| {
        let none = None::<Sha256>;
        let columns = (dsl::small_sha256.eq(none), dsl::large_sha256.eq(none), dsl::original_sha256.eq(none));
        Ok(diesel::update(dsl::attachments).set(columns).execute(conn)?)
    };
    assert_eq!(house.app.db.write_now(forget).unwrap(), 1);
    let small = tech.get(&format!("/attachments/{photo}/thumbnail")).bytes();
    assert_eq!(image::load_from_memory(&small).unwrap().width(), 256);
    house.manager().get(&format!("/attachments/{photo}/original")).refused(404, "not_found");
}

#[test]
fn sqlite_keeps_what_it_promised_through_a_kill() {
    survives_kills(false);
}

#[test]
fn postgres_keeps_what_it_promised_through_a_kill() {
    survives_kills(true);
}

/// An installation with a ticket, and its administrator.
fn installed(postgres: bool) -> Option<(Installation, Person, String)> {
    let mut installed = Installation::new(postgres)?;
    assert!(installed.add_user("admin", "admin").status.success());
    installed.serve();
    let admin = installed.person("admin");
    let made = |path: &str, body: Value| id(&admin.post(path, &body).is(201));
    let provider = json!({"legal_name": "ООО", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                          "vat": {"mode": "not_payer"}});
    admin.put("/provider", &provider).is(200);
    let company = made("/companies", json!({"name": "Ромашка"}));
    let kind = made("/ticket-types", json!({"name": "Ремонт"}));
    let ticket = json!({"type_id": kind, "company_id": company, "priority": "low", "subject": "Насос"});
    let ticket = made("/tickets", ticket);
    Some((installed, admin, ticket))
}

fn survives_kills(postgres: bool) {
    let Some((mut installed, admin, ticket)) = installed(postgres) else { return };
    let mut bytes = pictures::jpeg_of_a_phone(600, 400);
    // More than one piece: what stands behind a JPEG's end is not looked at.
    bytes.resize(3 << 20, 7);
    let told = told_as("image/jpeg", &bytes);
    let photo = id(&admin.post(&format!("/tickets/{ticket}/attachments/expected"), &told).is(201));
    begin(&tus(&admin), &photo, bytes.len()).is(201);
    // Killed in the middle of a PATCH: what an offset promised is there, and at most the last piece is not.
    let sent = (2 << 20) + 300_000;
    let line = half_a_patch(&admin, &installed.base(), &photo, 0, bytes.len(), &bytes[..sent]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while offset(&admin, &photo) < 1 << 20 {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(10));
    }
    let promised = offset(&admin, &photo);
    installed.kill();
    drop(line);
    installed.serve();
    let kept = offset(&admin, &photo);
    assert!((promised..=sent).contains(&kept), "{promised} were promised, {kept} are kept");
    assert!(lying_about(installed.folder()) >= u64::try_from(kept).unwrap());
    // Killed right after the last byte was taken: somebody looks at it all the same.
    assert_eq!(patch(&admin, &photo, kept, &bytes[kept..]).status, 204);
    installed.kill();
    installed.serve();
    assert_eq!(offset(&admin, &photo), bytes.len());
    assert_eq!(settled(&admin, &photo)["status"], "ready");
    assert_eq!(admin.get(&format!("/attachments/{photo}/original")).bytes(), bytes);
    let files = admin.get(&format!("/tickets/{ticket}/attachments")).is(200);
    assert_eq!(files["data"].as_array().unwrap().len(), 1);
    assert_eq!(admin.get("/events/verification").is(200)["intact"], true);
}

/// A disk that takes no large files any more; the database is elsewhere.
#[cfg(unix)]
#[test]
fn what_finds_no_room_is_told_and_nothing_moves() {
    let Some((mut installed, admin, ticket)) = installed(true) else { return };
    let bytes = [pictures::jpeg_of_a_phone(600, 400), vec![7; 2 << 20]].concat();
    let told = told_as("image/jpeg", &bytes);
    let photo = id(&admin.post(&format!("/tickets/{ticket}/attachments/expected"), &told).is(201));
    begin(&tus(&admin), &photo, bytes.len()).is(201);
    patch(&admin, &photo, 0, &bytes[..1_000]).is(204);
    installed.kill();
    installed.serve_with_files_up_to(256);
    patch(&admin, &photo, 1_000, &bytes[1_000..]).refused(507, "storage_full");
    assert_eq!(offset(&admin, &photo), 1_000);
    installed.kill();
    installed.serve();
    assert_eq!(offset(&admin, &photo), 1_000);
    patch(&admin, &photo, 1_000, &bytes[1_000..]).is(204);
    assert_eq!(settled(&admin, &photo)["status"], "ready");
}

#[test]
fn pages_of_origins_that_the_operator_named_may_ask() {
    let mut installed = Installation::new(false).unwrap();
    assert!(installed.add_user("admin", "admin").status.success());
    installed.serve_with(&["--allowed-origins", "https://app.example.com,http://localhost:5173"]);
    let admin = installed.person("admin");
    let from = |origin: &str| admin.with("origin", origin);
    let preflight = |origin: &str| {
        let asking = Person::stranger(&installed.base()).with("origin", origin);
        asking.with("access-control-request-method", "PATCH").send("OPTIONS", "/uploads/x", "", Vec::new())
    };
    let allowed = preflight("https://app.example.com");
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (204, "https://app.example.com"));
    assert!(allowed.header("access-control-allow-methods").contains("PATCH"));
    assert!(allowed.header("access-control-allow-headers").contains("Upload-Offset"));
    assert_eq!(preflight("https://evil.example.com").header("access-control-allow-origin"), "");
    let told = from("http://localhost:5173").get("/me");
    assert_eq!((told.header("access-control-allow-origin"), told.header("vary")), ("http://localhost:5173", "Origin"));
    assert!(told.header("access-control-expose-headers").contains("Upload-Offset"));
    assert_eq!(told.header("access-control-allow-credentials"), "");
    assert_eq!(from("https://evil.example.com").get("/me").header("access-control-allow-origin"), "");
}

impl Answer {
    /// Refused where there is no body to say why.
    #[track_caller]
    fn refused_head(self, status: u16) {
        assert_eq!((self.status, self.bytes.as_slice()), (status, b"".as_slice()));
    }
}
