//! What browsers and machines find beside the API.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use naryad::error::Code;

use crate::house::{House, on_each_database};

on_each_database![
    the_program_tells_that_it_lives,
    a_problem_leads_to_its_page,
    the_description_can_be_tried_in_a_browser,
    figures_are_for_this_machine_only,
];

fn the_program_tells_that_it_lives(house: &House) {
    let stranger = house.stranger();
    assert_eq!(stranger.get("/openapi.json").is(200)["info"]["title"], "Naryad");
    assert_eq!(stranger.get_root("/healthz").is(200)["status"], "ok");
    assert_eq!(stranger.get_root("/readyz").is(200)["status"], "ready");
    stranger.get("/nothing").refused(404, "not_found");
    stranger.get_root("/nothing").refused(404, "not_found");
    let refused = house.admin().send("PUT", "/me", "application/json", b"{}".to_vec());
    assert_eq!(refused.header("allow"), "GET, PATCH");
    refused.refused(405, "method_not_allowed");
}

fn a_problem_leads_to_its_page(house: &House) {
    let problem = house.stranger().with("accept-language", "uk").get("/me").refused(401, "unauthenticated");
    assert_eq!(problem["title"], "Ви не увійшли в систему");
    assert_ne!(problem["trace_id"], "");
    let kind = problem["type"].as_str().unwrap();
    let page = house.stranger().with("accept-language", "uk").get_root(kind);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(String::from_utf8(page.bytes()).unwrap().contains("<h1>Ви не увійшли в систему</h1>"));
    house.stranger().get_root("/problems/no-such-thing").refused(404, "not_found");
    let list = String::from_utf8(house.stranger().get_root("/problems").bytes()).unwrap();
    assert_eq!(list.matches("<li>").count(), Code::ALL.len());
}

fn the_description_can_be_tried_in_a_browser(house: &House) {
    let stranger = house.stranger();
    let page = String::from_utf8(stranger.get_root("/docs/").bytes()).unwrap();
    assert!(page.contains("swagger-ui"));
    let start = String::from_utf8(stranger.get_root("/docs/swagger-initializer.js").bytes()).unwrap();
    assert!(start.contains("/api/v1/openapi.json"), "{start}");
    assert!(stranger.get_root("/docs/swagger-ui-bundle.js").bytes().len() > 100_000);
}

fn figures_are_for_this_machine_only(house: &House) {
    // A method that no client library sends.
    let mut wire = TcpStream::connect(house.base.strip_prefix("http://").unwrap()).unwrap();
    wire.write_all(b"BREW /api/v1/me HTTP/1.1\r\nHost: pot\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    wire.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    let figures = String::from_utf8(house.stranger().get_root("/metrics").bytes()).unwrap();
    assert!(figures.contains("naryad_http_requests_total") && figures.contains("naryad_db_statements_total"));
    assert!(figures.contains("method=\"OTHER\"") && !figures.contains("BREW"));
}

#[test]
fn every_problem_is_explained() {
    let told = include_str!("../../mobile-api-docs/problems.md");
    let told: BTreeSet<&str> = told.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(told, known);
}
