//! A signed copy checked from the file alone: its seal, and that the act within it is the one that the evidence names.

use lopdf::{Document as File, Object};
use serde_json::Value;

use crate::acts::signed_copy::EVIDENCE;
use crate::db::types::Sha256;
use crate::seal::key::Described;
use crate::seal::pdf;

/// Bytes that evidence may have, unpacked.
const MOST_EVIDENCE: usize = 16 << 20;

/// What a sound file shows.
#[derive(Debug, Clone)]
pub struct Sound {
    /// Whose seal it is.
    pub seal: Described,
    /// The evidence within it, when it is a signed copy of an act.
    pub evidence: Option<Value>,
}

/// Why a file is not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There is no seal that holds over all of the file.
    Seal,
    /// The seal holds, and is not of a certificate that was asked for.
    Certificate,
    /// The act within it is not the one that the evidence names.
    Act,
}

impl Fault {
    /// A sentence for the operator.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Seal => {
                "no seal holds over the whole file: it was changed, or it is no signed copy that was sealed here"
            }
            Self::Certificate => {
                "the seal holds, but it is not of the certificate that was given: somebody else sealed it"
            }
            Self::Act => "the seal holds, but the act within it is not the one that its evidence names",
        }
    }
}

/// Checks a file. With certificates (DER), only their seals count.
///
/// # Errors
/// The first thing that is wrong.
pub fn examine(bytes: &[u8], trusted: Option<&[Vec<u8>]>) -> Result<Sound, Fault> {
    let certificates = pdf::check(bytes).ok_or(Fault::Seal)?;
    let own = certificates.first().ok_or(Fault::Seal)?;
    if trusted.is_some_and(|trusted| !trusted.contains(own)) {
        return Err(Fault::Certificate);
    }
    let seal = Described::of(own).ok_or(Fault::Seal)?;
    let evidence = evidence(bytes);
    if let Some(evidence) = &evidence {
        let told = |member| evidence.pointer(member);
        let length = told("/document/bytes").and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
        let act = length.and_then(|length| bytes.get(..length)).ok_or(Fault::Act)?;
        if told("/document/sha256").and_then(Value::as_str) != Some(Sha256::of(act).to_string().as_str()) {
            return Err(Fault::Act);
        }
    }
    Ok(Sound { seal, evidence })
}

/// The evidence within a signed copy.
fn evidence(bytes: &[u8]) -> Option<Value> {
    let file = File::load_mem(bytes).ok()?;
    let within = |holder: &lopdf::Dictionary, key: &[u8]| {
        file.dereference(holder.get(key).ok()?).ok().and_then(|(_, object)| object.as_dict().ok().cloned())
    };
    let tree = within(&within(file.catalog().ok()?, b"Names")?, b"EmbeddedFiles")?;
    let names = tree.get(b"Names").and_then(Object::as_array).ok()?;
    let entry = names.chunks(2).find_map(|pair| match pair {
        [name, entry] if name.as_str().ok() == Some(EVIDENCE.as_bytes()) => Some(entry),
        _ => None,
    })?;
    let (_, entry) = file.dereference(entry).ok()?;
    let files = within(entry.as_dict().ok()?, b"EF")?;
    let (_, stream) = file.dereference(files.get(b"F").ok()?).ok()?;
    serde_json::from_slice(&stream.as_stream().ok()?.get_plain_content_with_limit(MOST_EVIDENCE).ok()?).ok()
}
