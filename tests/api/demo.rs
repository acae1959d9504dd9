//! The demonstration plays the whole job in an empty folder.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

#[test]
fn the_demonstration_leaves_its_documents_and_stays() {
    let folder = std::env::temp_dir().join(format!("naryad_demo_{}", std::process::id()));
    // The second time the folder is served as it is.
    for told in ["invoice 2026-00001", "was filled before"] {
        let told = told.replace("2026", &chrono::Utc::now().format("%Y").to_string());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut program = Command::new(env!("CARGO_BIN_EXE_naryad"))
            .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = Vec::new();
        for line in lines {
            let serving = line.starts_with("Serving on");
            said.push(line);
            if serving {
                break;
            }
        }
        let answer = ureq::get(format!("http://127.0.0.1:{port}/healthz")).call();
        program.kill().unwrap();
        program.wait().unwrap();
        assert!(answer.is_ok());
        assert!(said.iter().any(|line| line.contains(&told)), "{said:?}");
    }
    for document in ["labels.pdf", "act.pdf", "act-signed.pdf", "invoice.pdf"] {
        assert!(std::fs::read(folder.join(document)).unwrap().starts_with(b"%PDF-"), "{document}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
