//! The photos of the job on the page of a link: the client's own, in small, and for nobody else.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Person, id, text};
use crate::pictures;

on_each_database![
    a_page_shows_what_the_client_may_see,
    photos_open_by_their_link_alone,
    there_are_never_too_many_photos
];

/// A job with an act that waits, and where a link to it leads.
fn asked(house: &House) -> (Job<'_>, Value, String) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let made = house.technician().post(&format!("/acts/{}/links", id(&act)), &json!({})).is(201);
    let url = text(&made, "url");
    let path = url.get(url.find("/sign/").unwrap()..).unwrap().to_owned();
    (job, act, path)
}

fn visitor(house: &House, address: &str) -> Person {
    house.stranger().with("x-forwarded-for", address).with("accept-language", "en")
}

fn attach(house: &House, job: &Job<'_>, name: &str, visibility: &str) -> String {
    let photo = pictures::jpeg_of_a_phone(1_600, 1_200);
    id(&house.technician().upload(&job.at("/attachments"), name, &photo, &[("visibility", visibility)]).is(201))
}

fn page(person: &Person, path: &str) -> String {
    let answer = person.get_root(path);
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-security-policy").contains("img-src 'self' data:;"));
    String::from_utf8(answer.bytes).unwrap()
}

fn a_page_shows_what_the_client_may_see(house: &House) {
    let (job, _, path) = asked(house);
    let person = visitor(house, "203.0.113.40");
    assert!(!page(&person, &path).contains("class=\"photos\""), "no photos, no place for them");
    let seen = attach(house, &job, "seen.jpg", "public");
    let inside = attach(house, &job, "inside.jpg", "internal");
    let removed = attach(house, &job, "removed.jpg", "public");
    house.technician().delete(&format!("/attachments/{removed}")).is(204);
    let shown = page(&person, &path);
    assert!(shown.contains(&format!("/photos/{seen}/small.jpg")), "{shown}");
    assert!(shown.contains("alt=\"Photo 1, ") && shown.contains("not part of the document"), "{shown}");
    for hidden in [&inside, &removed] {
        assert!(!shown.contains(hidden.as_str()));
        assert_eq!(person.get_root(&format!("{path}/photos/{hidden}.jpg")).status, 404);
        assert_eq!(person.get_root(&format!("{path}/photos/{hidden}/small.jpg")).status, 404);
    }
    for (rest, most) in [("/small.jpg", 256), (".jpg", 1_024)] {
        let answer = person.get_root(&format!("{path}/photos/{seen}{rest}"));
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/jpeg"));
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
        let bytes = answer.bytes();
        let picture = image::load_from_memory(&bytes).unwrap();
        assert_eq!(picture.width().max(picture.height()), most);
        // What the phone wrote into it is gone: neither a place nor a maker.
        assert!(!bytes.windows(4).any(|four| four == b"Exif" || four == b"http"));
    }
}

fn photos_open_by_their_link_alone(house: &House) {
    let (job, act, path) = asked(house);
    let own = attach(house, &job, "own.jpg", "public");
    let (other, _, other_path) = asked(house);
    let another = attach(house, &other, "another.jpg", "public");
    let person = visitor(house, "203.0.113.41");
    assert_eq!(person.get_root(&format!("{path}/photos/{own}.jpg")).status, 200);
    assert_eq!(person.get_root(&format!("{path}/photos/{another}.jpg")).status, 404, "another ticket's");
    assert_eq!(person.get_root(&format!("{other_path}/photos/{own}.jpg")).status, 404);
    assert_eq!(person.get_root(&format!("/sign/{}/photos/{own}.jpg", "A".repeat(32))).status, 404);
    for wrong in ["1", "..%2F..%2Fetc", "nothing"] {
        assert_eq!(person.get_root(&format!("{path}/photos/{wrong}.jpg")).status, 404, "{wrong}");
    }
    assert_eq!(person.send_root("POST", &format!("{path}/photos/{own}.jpg"), "", Vec::new()).status, 405);
    // The link ends with its act, and so do the photos.
    house.manager().post(&format!("/acts/{}/void", id(&act)), &json!({"reason": "так решили"})).is(200);
    assert_eq!(person.get_root(&format!("{path}/photos/{own}.jpg")).status, 404);
}

fn there_are_never_too_many_photos(house: &House) {
    let (job, _, path) = asked(house);
    for number in 0..32 {
        let name = format!("{number}.png");
        house.technician().upload(&job.at("/attachments"), &name, &pictures::png(16, 16), &[]).is(201);
    }
    let person = visitor(house, "203.0.113.42");
    let shown = page(&person, &path);
    assert_eq!(shown.matches("/small.jpg\"").count(), 30);
    assert!(shown.contains("The first 30 of 32 are shown."), "{shown}");
    let files = house.technician().get(&job.at("/attachments?limit=50")).is(200);
    let (first, last) = (id(&files["data"][0]), id(&files["data"][31]));
    assert_eq!(person.get_root(&format!("{path}/photos/{last}.jpg")).status, 404, "it is not on the page");
    let address = "203.0.113.42".parse().unwrap();
    for _ in 0..600 {
        house.app.photo_looks.count(Some(address));
    }
    assert_eq!(person.get_root(&format!("{path}/photos/{first}.jpg")).status, 429);
    assert_eq!(visitor(house, "198.51.100.9").get_root(&format!("{path}/photos/{first}.jpg")).status, 200);
}
