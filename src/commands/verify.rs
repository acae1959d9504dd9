//! `naryad verify`

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::config::Verify;
use crate::seal::key::from_pem;
use crate::verify::offline::{Sound, examine};

/// Largest file that is looked at, in bytes.
const LARGEST: u64 = 256 << 20;

/// Checks a signed copy without a database and without a network.
///
/// # Errors
/// What is wrong with it.
pub fn verify(asked: &Verify) -> Result<(), String> {
    let named = |why: &dyn std::fmt::Display| format!("{}: {why}", asked.file.display());
    let trusted = match &asked.certificate {
        None => None,
        Some(path) => {
            let named = |why: &dyn std::fmt::Display| format!("--certificate {}: {why}", path.display());
            let bytes = read(path).map_err(|error| named(&error))?;
            Some(from_pem(&bytes).map_err(|why| named(&why))?)
        }
    };
    let bytes = read(&asked.file).map_err(|error| named(&error))?;
    let sound = examine(&bytes, trusted.as_deref()).map_err(|fault| named(&fault.sentence()))?;
    tell(&sound, trusted.is_some());
    Ok(())
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn tell(sound: &Sound, known: bool) {
    println!("The seal holds, and covers the whole file: not a byte has changed.");
    println!("Seal: {}\n  certificate SHA-256 {}", sound.seal.holder, sound.seal.sha256);
    if !known {
        println!(
            "  Whose it really is, only a comparison tells: give the organisation's certificate with --certificate."
        );
    }
    let Some(evidence) = &sound.evidence else { return };
    let said = |pointer: &str| match evidence.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "—".to_owned(),
        Some(other) => other.to_string(),
    };
    println!("Act {}, version {}, issued {}", said("/act/number"), said("/act/version"), said("/act/issued_at"));
    println!("  {} for {}", said("/provider/legal_name"), said("/customer/legal_name"));
    println!("  as issued: SHA-256 {}, its first {} bytes", said("/document/sha256"), said("/document/bytes"));
    let signatures = evidence.get("signatures").and_then(Value::as_array).map_or(0, Vec::len);
    for index in 0..signatures {
        let of = |member: &str| said(&format!("/signatures/{index}/{member}"));
        println!(
            "{}: {} by {}, {}, recorded {}",
            of("party"),
            of("outcome"),
            of("signer/name"),
            of("signer/position"),
            of("recorded_at")
        );
    }
}
