//! The demonstration plays the whole job in an empty folder.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::program::Installation;

#[test]
fn the_demonstration_leaves_its_documents_and_stays() {
    let installed = Installation::new(false).unwrap();
    let listen = installed.base().strip_prefix("http://").unwrap().to_owned();
    let mut played = Vec::new();
    // The second time the folder is served as it is.
    for told in ["invoice ", "was filled before"] {
        let mut program = installed.command(&["demo", "--listen", &listen]).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = Vec::new();
        for line in lines {
            let serving = line.starts_with("Serving on");
            said.push(line);
            if serving {
                break;
            }
        }
        let answer = ureq::get(format!("{}/healthz", installed.base())).call();
        program.kill().unwrap();
        program.wait().unwrap();
        assert!(answer.is_ok());
        assert!(said.iter().any(|line| line.contains(told)), "{said:?}");
        played.extend(said);
    }
    for told in ["/Q/", "reported a fault as R-000001: ", "made ticket 2 of R-000001", "/sign/"] {
        assert_eq!(played.iter().filter(|line| line.contains(told)).count(), 1, "{told}: {played:?}");
    }
    for document in ["labels.pdf", "act.pdf", "act-signed.pdf", "invoice.pdf", "blank-labels.pdf"] {
        assert!(std::fs::read(installed.folder().join(document)).unwrap().starts_with(b"%PDF-"), "{document}");
    }
}
