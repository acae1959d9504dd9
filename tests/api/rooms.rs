//! Where code lives: what may know what.

use std::path::{Path, PathBuf};

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path: PathBuf = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The files that hold a text, but for those that may.
fn elsewhere(text: &str, may: impl Fn(&str) -> bool) -> Vec<String> {
    sources().into_iter().filter(|(name, source)| source.contains(text) && !may(name)).map(|(name, _)| name).collect()
}

#[test]
fn only_the_door_knows_http() {
    let may = |name: &str| {
        name.starts_with("http/")
            || name.ends_with("/routes.rs")
            || ["server.rs", "openapi.rs", "error/codes.rs", "auth/guard.rs", "auth/policy.rs"].contains(&name)
            // Read forms part by part, answer browsers, run the server.
            || ["tickets/attach.rs", "tickets/content.rs", "codes/photo.rs", "reports/door.rs", "reports/intake.rs", "verify/door.rs", "links/door.rs"].contains(&name)
            || ["uploads/door.rs", "uploads/tus.rs"].contains(&name)
            || name == "commands/serve.rs"
    };
    assert_eq!(elsewhere("actix_web", may), Vec::<String>::new());
}

#[test]
fn a_ticket_is_moved_in_one_place() {
    assert_eq!(elsewhere("status_code.eq(&after.", |name| name == "tickets/workflow.rs"), Vec::<String>::new());
    assert_eq!(elsewhere("after.status_code =", |name| name == "tickets/workflow.rs"), Vec::<String>::new());
}

#[test]
fn only_the_database_floor_tells_databases_apart() {
    for kind in ["DbConnection::Sqlite", "DbConnection::Postgres"] {
        assert_eq!(elsewhere(kind, |name| name.starts_with("db/")), Vec::<String>::new());
    }
}

#[test]
fn paper_and_words_know_no_database() {
    let may = |name: &str| !name.starts_with("print/");
    for door in ["diesel", "DbConnection", "db::schema"] {
        let may = |name: &str| may(name) || name == "print/routes.rs";
        assert_eq!(elsewhere(door, may), Vec::<String>::new(), "{door}");
    }
}
