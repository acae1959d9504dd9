//! The committed description of the API is that of the code.

use std::process::Command;

#[test]
fn the_committed_document_is_the_codes_own() {
    let printed = Command::new(env!("CARGO_BIN_EXE_naryad")).arg("openapi").output().unwrap().stdout;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/mobile-api-docs/openapi.json");
    let committed = std::fs::read(path).unwrap();
    assert!(
        printed == committed,
        "the API has changed: naryad openapi > mobile-api-docs/openapi.json, and look at the difference"
    );
}
