//! Who may come in, and for how long.

use actix_web::test::TestRequest;
use naryad::auth::guard;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::person::{Answer, Person, id, text};
use crate::scene::PASSWORD;

on_each_database![
    a_refresh_token_works_once,
    a_lost_answer_is_forgiven_once,
    a_session_ends_when_it_is_told_to,
    a_new_password_ends_other_sessions,
    somebody_who_left_is_out_at_once,
    a_guesser_has_to_wait,
    an_old_token_is_told_from_a_forged_one,
    people_are_answered_in_their_language,
];

fn login(house: &House, login: &str, password: &str) -> Answer {
    house.stranger().post("/auth/login", &json!({"login": login, "password": password, "device": {"name": "Pixel"}}))
}

fn holder(house: &House, session: &Value) -> Person {
    house.stranger().with_session(&text(session, "access_token"), &id(&session["user"]))
}

fn a_refresh_token_works_once(house: &House) {
    let stranger = house.stranger();
    stranger.get("/me").refused(401, "unauthenticated");
    let first = login(house, "admin", PASSWORD).is(200);
    assert_eq!((&first["token_type"], &first["user"]["role"]), (&json!("Bearer"), &json!("admin")));
    let refresh = |token: &Value| stranger.post("/auth/refresh", &json!({"refresh_token": token}));
    let second = refresh(&first["refresh_token"]).is(200);
    let third = refresh(&second["refresh_token"]).is(200);
    assert_eq!(third["session_id"], first["session_id"]);
    holder(house, &third).get("/me").is(200);
    // An old token in another hand ends the session for both.
    refresh(&first["refresh_token"]).refused(401, "refresh_reused");
    refresh(&third["refresh_token"]).refused(401, "session_revoked");
    holder(house, &third).get("/me").refused(401, "session_revoked");
}

fn a_lost_answer_is_forgiven_once(house: &House) {
    let refresh = |token: &Value| house.stranger().post("/auth/refresh", &json!({"refresh_token": token}));
    let first = login(house, "technician", PASSWORD).is(200);
    // The answer to this one never arrives: the phone sends the same token again.
    let lost = refresh(&first["refresh_token"]).is(200);
    let found = refresh(&first["refresh_token"]).is(200);
    holder(house, &found).get("/me").is(200);
    // Once the newest pair was seen in use, nothing older is forgiven.
    refresh(&first["refresh_token"]).refused(401, "refresh_reused");
    refresh(&lost["refresh_token"]).refused(401, "session_revoked");
}

fn a_session_ends_when_it_is_told_to(house: &House) {
    let (one, two) = (login(house, "client", PASSWORD).is(200), login(house, "client", PASSWORD).is(200));
    let (phone, tablet) = (holder(house, &one), holder(house, &two));
    let sessions = phone.get("/sessions").is(200);
    let current: Vec<_> = sessions["data"].as_array().unwrap().iter().filter(|one| one["current"] == true).collect();
    assert_eq!((current.len(), &current[0]["device_name"]), (1, &json!("Pixel")));
    phone.delete(&format!("/sessions/{}", text(&two, "session_id"))).is(204);
    tablet.get("/me").refused(401, "session_revoked");
    house.rival().delete(&format!("/sessions/{}", text(&one, "session_id"))).refused(404, "not_found");
    phone.post("/auth/logout", &json!({})).is(204);
    phone.get("/me").refused(401, "session_revoked");
}

fn a_new_password_ends_other_sessions(house: &House) {
    let tech = house.technician();
    let other = holder(house, &login(house, "technician", PASSWORD).is(200));
    tech.put("/me/password", &json!({"current": "wrong one", "new": "quite another"}))
        .blames("/current", "wrong_password");
    tech.put("/me/password", &json!({"current": PASSWORD, "new": "quite another"})).is(204);
    other.get("/me").refused(401, "session_revoked");
    tech.get("/me").is(200);
    login(house, "technician", PASSWORD).refused(401, "login_failed");
    login(house, "technician", "quite another").is(200);
    // An administrator helps somebody who forgot.
    house.admin().put(&format!("/users/{}/password", tech.id), &json!({"new": "given by admin"})).is(204);
    tech.get("/me").refused(401, "session_revoked");
    login(house, "technician", "given by admin").is(200);
}

fn somebody_who_left_is_out_at_once(house: &House) {
    let tech = house.technician();
    tech.get("/me").is(200);
    house.admin().patch(&format!("/users/{}", tech.id), &json!({"archived": true})).is(200);
    tech.get("/me").refused(401, "session_revoked");
    login(house, "technician", PASSWORD).refused(401, "login_failed");
    house.admin().patch(&format!("/users/{}", house.admin().id), &json!({"archived": true})).refused(409, "last_admin");
}

fn a_guesser_has_to_wait(house: &House) {
    for _ in 0..10 {
        login(house, "manager", "a guess").refused(401, "login_failed");
    }
    let waits = login(house, "manager", PASSWORD);
    assert!(waits.header("retry-after").parse::<u32>().unwrap() > 60);
    waits.refused(429, "rate_limited");
    login(house, "dispatcher", PASSWORD).is(200);
}

fn an_old_token_is_told_from_a_forged_one(house: &House) {
    let tech = house.technician();
    let forged = |token: &str| house.stranger().with_session(token, "").get("/me");
    let own = tech.token();
    let (head, rest) = own.split_once('.').unwrap();
    let (claims, seal) = rest.split_once('.').unwrap();
    forged(&format!("{head}.{claims}.{}", seal.chars().rev().collect::<String>())).refused(401, "unauthenticated");
    // {"alg":"none"}
    forged(&format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")).refused(401, "unauthenticated");
    forged("").refused(401, "unauthenticated");
    house.app.clock.set_ahead(3_600);
    tech.get("/me").refused(401, "token_expired");
}

fn people_are_answered_in_their_language(house: &House) {
    let title = |person: &Person| text(&person.get("/tickets/nothing").is(404), "title");
    let tech = house.technician();
    // The house speaks Russian; a person may prefer another language; a request may ask for a third.
    assert_eq!(title(&tech), "Здесь для вас ничего нет");
    tech.patch("/me", &json!({"language": "uk"})).is(200);
    assert_eq!(title(&tech), "Тут для вас нічого немає");
    assert_eq!(title(&tech.with("accept-language", "de, en;q=0.8, ru;q=0.5")), "There is nothing here for you");
    assert_eq!(title(&tech.with("accept-language", "ru-RU")), "Здесь для вас ничего нет");
}

#[test]
fn a_proxy_is_known_however_its_address_is_written() {
    let house = House::on_sqlite();
    let address = |peer: &str, named: &str| {
        let request = TestRequest::default().peer_addr(peer.parse().unwrap()).insert_header(("x-forwarded-for", named));
        guard::address(&house.app, &request.to_http_request()).unwrap().to_string()
    };
    // A server that listens on [::] sees IPv4 as a part of IPv6.
    for peer in ["127.0.0.1:4000", "[::ffff:127.0.0.1]:4000"] {
        assert_eq!(address(peer, "203.0.113.7"), "203.0.113.7");
        assert_eq!(address(peer, "::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(address(peer, "198.51.100.1, 203.0.113.7, ::ffff:127.0.0.1"), "203.0.113.7");
    }
    assert_eq!(address("[::ffff:198.51.100.1]:4000", "203.0.113.7"), "198.51.100.1");
}
