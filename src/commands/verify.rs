//! `naryad verify`

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::config::Verify;
use crate::seal::key::from_pem;
use crate::verify::offline::{Sound, examine};

/// Largest file that is looked at, in bytes.
const LARGEST: u64 = 256 << 20;

/// What a seal that holds is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It is of a certificate that was given.
    Vouched,
    /// Anybody may have put it: no certificate was given to compare it with.
    Unvouched,
}

/// Checks a signed copy without a database and without a network.
///
/// # Errors
/// What is wrong with it.
pub fn verify(asked: &Verify) -> Result<Worth, String> {
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
    let worth = if trusted.is_some() { Worth::Vouched } else { Worth::Unvouched };
    tell(&sound, worth);
    Ok(worth)
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn tell(sound: &Sound, worth: Worth) {
    println!("The seal holds, and covers the whole file: not a byte has changed.");
    println!("Seal: {}\n  certificate SHA-256 {}", plain(&sound.seal.holder), sound.seal.sha256);
    if worth == Worth::Unvouched {
        println!(
            "  Whose it really is, only a comparison tells: give the organisation's certificate with --certificate."
        );
    }
    let Some(evidence) = &sound.evidence else { return };
    let said = |pointer: &str| match evidence.pointer(pointer) {
        Some(Value::String(text)) => plain(text),
        Some(Value::Null) | None => "—".to_owned(),
        Some(other) => plain(&other.to_string()),
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

/// One line without what a terminal would obey or nobody would see: whoever made the file wrote it.
fn plain(text: &str) -> String {
    let is_seen = |letter: &char| {
        !letter.is_control()
            && !matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).filter(is_seen).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_file_gives_the_terminal_no_orders() {
        assert_eq!(plain("ООО\u{1b}[2J\r\n «Ґ»\u{202e}\u{9b}1A\u{7}"), "ООО[2J   «Ґ»1A");
    }
}
