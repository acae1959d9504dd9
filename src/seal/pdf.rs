//! A sealed PDF: the file as it was, byte for byte, and behind it a revision with a signature over all of it (PAdES B-B).

use lopdf::{Dictionary, Document as File, IncrementalDocument, Object, ObjectId, StringFormat};

use super::cms;
use super::key::Sealer;
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;

/// What a seal says for people.
#[derive(Debug, Clone)]
pub struct Told {
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who seals.
    pub name: String,
    /// What it means.
    pub reason: String,
    /// Where it can be checked; ASCII.
    pub contact: String,
}

/// Bytes of a seal beside its certificates: names, hashes and the signature.
const BESIDE_CERTIFICATES: usize = 1_024;
/// Letters that a seal may have as it is written: with the longest chains of certificates it has a fifth of it. Strangers
/// send files to be checked, and what is taken apart costs more than what is read.
const MOST_LETTERS: usize = 128 << 10;
/// Stands where numbers will be, and has room for them.
const UNKNOWN: i64 = 9_999_999_999;

/// Seals a PDF.
///
/// # Errors
/// When the bytes are no PDF that can be continued: our fault.
pub fn seal(bytes: &[u8], sealer: &Sealer, told: &Told) -> Result<Vec<u8>, Error> {
    let original = File::load_mem(bytes).map_err(Error::internal)?;
    if original.is_encrypted() {
        return Err(Error::internal("an encrypted file cannot be sealed"));
    }
    let named = sealer.certificates.iter().map(|one| one.len() + 64).sum::<usize>();
    // Sized by the key: an elliptic signature has some 70 bytes, one of RSA up to a thousand.
    let room = named + BESIDE_CERTIFICATES + sealer.key.size();
    let mut revision = IncrementalDocument::create_from(bytes.to_vec(), original);
    add_seal(&mut revision, room, told).map_err(Error::internal)?;
    let mut out = Vec::new();
    revision.save_to(&mut out).map_err(Error::internal)?;
    if !out.starts_with(bytes) {
        return Err(Error::internal("the bytes to seal did not stay"));
    }
    fill(&mut out, bytes.len(), sealer)
        .and_then(|()| check(&out).map(|_| out).ok_or_else(|| Error::internal("a seal that does not hold")))
}

/// Seals a page with nothing on it, to see whether a key can.
///
/// # Errors
/// Why it cannot.
pub fn try_out(sealer: &Sealer, at: Timestamp) -> Result<(), Error> {
    let mut file = File::with_version("1.7");
    let pages = file.new_object_id();
    let page = file.add_object(Dictionary::from_iter([
        ("Type", name("Page")),
        ("Parent", Object::Reference(pages)),
        ("MediaBox", [0, 0, 595, 842].map(Object::Integer).to_vec().into()),
    ]));
    let tree = Dictionary::from_iter([
        ("Type", name("Pages")),
        ("Kids", vec![Object::Reference(page)].into()),
        ("Count", Object::Integer(1)),
    ]);
    file.set_object(pages, tree);
    let catalog =
        file.add_object(Dictionary::from_iter([("Type", name("Catalog")), ("Pages", Object::Reference(pages))]));
    file.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).map_err(Error::internal)?;
    let told = Told { at, name: String::new(), reason: String::new(), contact: String::new() };
    seal(&bytes, sealer, &told).map(|_| ())
}

fn add_seal(revision: &mut IncrementalDocument, room: usize, told: &Told) -> Result<(), lopdf::Error> {
    let previous = revision.get_prev_documents();
    let page = previous.get_pages().into_values().next().ok_or(lopdf::Error::PageNumberNotFound(1))?;
    let catalog = previous.trailer.get(b"Root").and_then(Object::as_reference)?;
    let mut form = found(previous, previous.catalog()?, b"AcroForm")
        .and_then(|form| form.as_dict().cloned().ok())
        .unwrap_or_default();
    let mut fields =
        found(previous, &form, b"Fields").and_then(|fields| fields.as_array().cloned().ok()).unwrap_or_default();
    let mut annotations = found(previous, previous.get_dictionary(page)?, b"Annots")
        .and_then(|all| all.as_array().cloned().ok())
        .unwrap_or_default();
    let signature = revision.new_document.add_object(signature(room, told));
    let field = revision.new_document.add_object(Dictionary::from_iter([
        ("Type", name("Annot")),
        ("Subtype", name("Widget")),
        ("FT", name("Sig")),
        ("T", Object::string_literal(format!("Seal{}", fields.len() + 1))),
        ("V", Object::Reference(signature)),
        ("P", Object::Reference(page)),
        // Printed and locked; it has no looks of its own.
        ("F", Object::Integer(132)),
        ("Rect", vec![Object::Integer(0); 4].into()),
    ]));
    fields.push(Object::Reference(field));
    annotations.push(Object::Reference(field));
    form.set("Fields", fields);
    // Signatures exist, and the file may only be appended to.
    form.set("SigFlags", 3);
    set(revision, catalog, "AcroForm", form.into())?;
    set(revision, page, "Annots", annotations.into())
}

fn signature(room: usize, told: &Told) -> Dictionary {
    let mut signature = Dictionary::from_iter([
        ("Type", name("Sig")),
        ("Filter", name("Adobe.PPKLite")),
        ("SubFilter", name("ETSI.CAdES.detached")),
        ("M", Object::string_literal(told.at.utc().format("D:%Y%m%d%H%M%SZ").to_string())),
        ("Name", text(&told.name)),
        ("Reason", text(&told.reason)),
        ("ContactInfo", Object::string_literal(told.contact.as_str())),
    ]);
    // These two stay together: whoever checks looks for them so.
    signature.set("ByteRange", [0, UNKNOWN, UNKNOWN, UNKNOWN].map(Object::Integer).to_vec());
    signature.set("Contents", Object::String(vec![0; room], StringFormat::Hexadecimal));
    signature
}

fn found<'a>(file: &'a File, holder: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    file.dereference(holder.get(key).ok()?).ok().map(|(_, object)| object)
}

fn set(revision: &mut IncrementalDocument, id: ObjectId, key: &str, value: Object) -> Result<(), lopdf::Error> {
    revision.opt_clone_object_to_new_document(id)?;
    revision.new_document.get_object_mut(id)?.as_dict_mut()?.set(key, value);
    Ok(())
}

fn name(name: &str) -> Object {
    Object::Name(name.as_bytes().to_vec())
}

/// Text of any language.
fn text(text: &str) -> Object {
    let utf16 = text.encode_utf16().flat_map(u16::to_be_bytes);
    Object::String([0xfe, 0xff].into_iter().chain(utf16).collect(), StringFormat::Hexadecimal)
}

/// Writes the seal into the room that was left for it.
fn fill(out: &mut [u8], from: usize, sealer: &Sealer) -> Result<(), Error> {
    let lost = || Error::internal("the room for the seal is not where it was left");
    let range = from + find(out.get(from..).unwrap_or_default(), RANGE).ok_or_else(lost)?;
    let begin = range + find(out.get(range..).unwrap_or_default(), b"<").ok_or_else(lost)?;
    let end = begin + find(out.get(begin..).unwrap_or_default(), b">").ok_or_else(lost)? + 1;
    let numbers = range + RANGE.len();
    let place = numbers..begin.checked_sub(CONTENTS.len()).ok_or_else(lost)?;
    let told = format!("0 {begin} {end} {}", out.len() - end);
    // What is left of the room is blank, before the bracket closes.
    let told = format!("{told:width$}]", width = place.len().checked_sub(1).ok_or_else(lost)?);
    out.get_mut(place).filter(|place| place.len() == told.len()).ok_or_else(lost)?.copy_from_slice(told.as_bytes());
    let seal = hex::encode(cms::sign(&sealer.certificates, &sealer.key, digest(out, begin, end).ok_or_else(lost)?)?);
    out.get_mut(begin + 1..begin + 1 + seal.len())
        .filter(|_| begin + 1 + seal.len() < end)
        .ok_or_else(lost)?
        .copy_from_slice(seal.as_bytes());
    Ok(())
}

const RANGE: &[u8] = b"/ByteRange[";
const CONTENTS: &[u8] = b"/Contents";

/// The hash of all but the seal itself.
fn digest(bytes: &[u8], begin: usize, end: usize) -> Option<Sha256> {
    use sha2::Digest;
    let hash = sha2::Sha256::new().chain_update(bytes.get(..begin)?).chain_update(bytes.get(end..)?);
    Some(Sha256(hash.finalize().into()))
}

/// Checks the last seal of a file: that it is one of ours in form, that it covers all of the file, and that nothing was
/// changed, not even in what no signature reaches. Gives its certificates, that of the key first; whether they are to be
/// believed is for the caller to say. Nothing when it does not hold.
pub fn check(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let range = find_last(bytes, RANGE)?;
    let numbers = range + RANGE.len();
    let close = numbers + find(bytes.get(numbers..numbers + 64)?, b"]")?;
    let told = std::str::from_utf8(bytes.get(numbers..close)?).ok()?;
    let mut parts = told.trim_end_matches(' ').split(' ').map(|part| part.parse::<usize>().ok());
    let (Some(Some(0)), Some(Some(begin)), Some(Some(end)), Some(Some(rest)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    if begin != close + 1 + CONTENTS.len()
        || bytes.get(close + 1..begin)? != CONTENTS
        || end.checked_add(rest)? != bytes.len()
    {
        return None;
    }
    let hex = bytes.get(begin..end)?.strip_prefix(b"<")?.strip_suffix(b">")?;
    if hex.len() > MOST_LETTERS {
        return None;
    }
    let seal = exactly(hex)?;
    cms::check(&seal, digest(bytes, begin, end)?)
}

/// The bytes of a seal written as we write it: small letters, and nothing but zeros after it.
fn exactly(written: &[u8]) -> Option<Vec<u8>> {
    let bytes = hex::decode(written).ok()?;
    let seal = super::der::Reader(&bytes).any()?.whole.to_vec();
    let mut again = hex::encode(&seal).into_bytes();
    again.resize(written.len(), b'0');
    (again == written).then_some(seal)
}

/// Where some bytes first stand in others.
pub fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn find_last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{CONTENTS, RANGE, check, try_out};
    use crate::db::types::Timestamp;
    use crate::seal::der::{CONTEXT_0, INTEGER, OCTETS, OID, SEQUENCE, SET, element, sequence};
    use crate::seal::key::Sealer;

    #[test]
    fn a_key_that_seals_is_found_to() {
        let now = Timestamp::now();
        let mut sealer = Sealer::new("Service", now).unwrap();
        try_out(&sealer, now).unwrap();
        let other = Sealer::new("Other", now).unwrap();
        sealer.certificates = other.certificates;
        assert!(try_out(&sealer, now).is_err(), "a certificate of another key");
    }

    /// What a stranger may send: a seal with so many certificates, each named in it.
    fn crafted(certificates: usize) -> Vec<u8> {
        let one = |number: usize| sequence(&[&element(OCTETS, &number.to_be_bytes())]);
        let all: Vec<u8> = (0..certificates).flat_map(one).collect();
        let named: Vec<u8> = (0..certificates).flat_map(|_| sequence(&[&element(OCTETS, &[7; 32])])).collect();
        let which = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
        let attribute = sequence(&[&element(OID, &which), &element(SET, &sequence(&[&element(SEQUENCE, &named)]))]);
        let (version, empty) = (element(INTEGER, &[1]), sequence(&[]));
        let signer =
            sequence(&[&version, &empty, &empty, &element(CONTEXT_0, &attribute), &empty, &element(OCTETS, b"")]);
        let signed =
            sequence(&[&version, &element(SET, b""), &empty, &element(CONTEXT_0, &all), &element(SET, &signer)]);
        let seal = hex::encode(sequence(&[&element(OID, &which), &element(CONTEXT_0, &signed)]));
        // The numbers have as many digits as they need: they are told first and moved in afterwards.
        let head = |numbers: &str| [RANGE, numbers.as_bytes(), b"]", CONTENTS].concat();
        let width = format!("0 {0} {0} 0", 10_000_000 + seal.len()).len();
        let begin = head(&" ".repeat(width)).len();
        let end = begin + seal.len() + 2;
        let numbers = format!("{:width$}", format!("0 {begin} {end} 0"));
        [head(&numbers), format!("<{seal}>").into_bytes()].concat()
    }

    #[test]
    fn what_a_stranger_crafts_costs_no_more_than_its_reading() {
        for certificates in [1, 16, 17, 400, 20_000] {
            let (file, began) = (crafted(certificates), Instant::now());
            assert_eq!(check(&file), None);
            assert!(began.elapsed() < Duration::from_secs(5), "{certificates}: {:?}", began.elapsed());
        }
    }
}
