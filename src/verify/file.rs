//! A file that somebody sent, looked at by itself: its hash, its seal, and which document of ours it says it is.

use super::code::VerificationCode;
use crate::db::types::Sha256;
use crate::seal::pdf;

/// Where a document's code stands in its bytes: in what the act says about itself, and at the end of the address in its seal.
const MARKS: [&[u8]; 4] = [b"/Keywords(", b"/Keywords (", b"/ContactInfo(", b"/ContactInfo ("];
/// Bytes that what is marked may have.
const LONGEST: usize = 400;

/// What a file shows by itself.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Its hash.
    pub sha256: Sha256,
    /// The certificates of its seal, that of the key first, when a seal holds over all of it.
    pub certificates: Option<Vec<Vec<u8>>>,
    /// The code it says is its own. Nobody has vouched for it.
    pub code: Option<VerificationCode>,
}

/// Looks at a file. Some milliseconds for each megabyte.
pub fn look(bytes: &[u8]) -> Looked {
    Looked { sha256: Sha256::of(bytes), certificates: pdf::check(bytes), code: code(bytes) }
}

fn code(bytes: &[u8]) -> Option<VerificationCode> {
    MARKS.iter().find_map(|mark| {
        let mut rest = bytes;
        loop {
            let at = pdf::find(rest, mark)?;
            rest = rest.get(at + mark.len()..)?;
            let code = marked(rest);
            if code.is_some() {
                return code;
            }
        }
    })
}

fn marked(bytes: &[u8]) -> Option<VerificationCode> {
    let text = bytes.get(..bytes.len().min(LONGEST))?;
    let text = std::str::from_utf8(text.get(..text.iter().position(|byte| *byte == b')')?)?).ok()?;
    text.rsplit('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::look;
    use crate::verify::code::VerificationCode;

    #[test]
    fn a_code_is_found_behind_a_mark_only() {
        let code = VerificationCode::new().unwrap();
        let found = |text: String| look(text.as_bytes()).code;
        assert_eq!(found(format!("<</Keywords({code})>>")), Some(code));
        assert_eq!(found(format!("/Keywords (VVV) /ContactInfo(https://x.example/verify/{code})")), Some(code));
        assert_eq!(found(format!("{code}")), None);
        assert_eq!(
            found(format!("see https://x.example/verify/{code} there")),
            None,
            "a letter about an act is no act"
        );
        assert_eq!(found(format!("/Keywords({}", code)), None);
        assert_eq!(found(String::new()), None);
    }
}
