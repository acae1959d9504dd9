//! What a seal is made of: `SignedData` (RFC 5652) about bytes that lie elsewhere, with the attributes that PAdES asks for
//! (ETSI EN 319 142-1, level B-B): what kind of content, its hash, and which certificates count (RFC 5035).
//!
//! It has one form only: [`check`] takes it apart, puts the parts together anew, and wants the same bytes. So nothing of it
//! can be changed without being noticed, not even what its signature does not reach.

use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private};
use openssl::sign::{Signer, Verifier};
use openssl::x509::X509;

use super::der::{CONTEXT_0, INTEGER, OCTETS, OID, Reader, SEQUENCE, SET, element, sequence, sorted};
use crate::db::types::Sha256;
use crate::error::Error;

/// 1.2.840.113549.1.7.2, signed data
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.7.1, data
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// 1.2.840.113549.1.9.3, content type
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// 1.2.840.113549.1.9.4, message digest
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// 1.2.840.113549.1.9.16.2.47, signing certificate
const SIGNING_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
/// 2.16.840.1.101.3.4.2.1, SHA-256
const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 1.2.840.10045.4.3.2, ECDSA with SHA-256
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// 1.2.840.113549.1.1.11, RSA (PKCS #1) with SHA-256
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];

/// Certificates that a seal may hold: paths to an authority have three or four.
const MOST_CERTIFICATES: usize = 16;

/// Signs a hash. The first certificate is the key's own; those after it lead to whoever vouches for it.
///
/// # Errors
/// When the key cannot sign, the certificate is none, or too many come with it: our fault.
pub fn sign(certificates: &[Vec<u8>], key: &PKey<Private>, digest: Sha256) -> Result<Vec<u8>, Error> {
    if certificates.len() > MOST_CERTIFICATES {
        return Err(Error::internal(format!("more than {MOST_CERTIFICATES} certificates")));
    }
    let attributes = attributes(certificates, digest);
    let mut signer = Signer::new(MessageDigest::sha256(), key).map_err(Error::internal)?;
    let signature = signer.sign_oneshot_to_vec(&element(SET, &attributes)).map_err(Error::internal)?;
    assemble(certificates, key, &attributes, &signature).ok_or_else(|| Error::internal("a seal with no certificate"))
}

/// Checks that these bytes are a seal over this hash. Gives the certificates in it, that of the key first; whether any of
/// them is to be believed is for the caller to say. Nothing when it is no such seal.
pub fn check(seal: &[u8], digest: Sha256) -> Option<Vec<Vec<u8>>> {
    let Parts { certificates, signature } = parts(seal)?;
    let key = X509::from_der(certificates.first()?).ok()?.public_key().ok()?;
    let attributes = attributes(&certificates, digest);
    if assemble(&certificates, &key, &attributes, signature)? != seal {
        return None;
    }
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).ok()?;
    let holds = verifier.verify_oneshot(signature, &element(SET, &attributes)).ok()?;
    // What did not verify leaves an error in a list that the next caller would find.
    drop(openssl::error::ErrorStack::get());
    holds.then_some(certificates)
}

fn attributes(certificates: &[Vec<u8>], digest: Sha256) -> Vec<u8> {
    let attribute = |kind: &[u8], value: &[u8]| sequence(&[&element(OID, kind), &element(SET, value)]);
    let named: Vec<u8> =
        certificates.iter().flat_map(|one| sequence(&[&element(OCTETS, &Sha256::of(one).0)])).collect();
    sorted(vec![
        attribute(CONTENT_TYPE, &element(OID, DATA)),
        attribute(MESSAGE_DIGEST, &element(OCTETS, &digest.0)),
        attribute(SIGNING_CERTIFICATE, &sequence(&[&element(SEQUENCE, &named)])),
    ])
}

fn assemble<T: HasPublic>(
    certificates: &[Vec<u8>],
    key: &PKeyRef<T>,
    attributes: &[u8],
    signature: &[u8],
) -> Option<Vec<u8>> {
    let version = element(INTEGER, &[1]);
    let hash = sequence(&[&element(OID, SHA_256)]);
    let algorithm = match key.id() {
        Id::EC => sequence(&[&element(OID, ECDSA)]),
        Id::RSA => sequence(&[&element(OID, RSA), &[5, 0]]),
        _ => return None,
    };
    let signer = sequence(&[
        &version,
        &name_of(certificates.first()?)?,
        &hash,
        &element(CONTEXT_0, attributes),
        &algorithm,
        &element(OCTETS, signature),
    ]);
    let signed = sequence(&[
        &version,
        &element(SET, &hash),
        &sequence(&[&element(OID, DATA)]),
        &element(CONTEXT_0, &sorted(certificates.to_vec())),
        &element(SET, &signer),
    ]);
    Some(sequence(&[&element(OID, SIGNED_DATA), &element(CONTEXT_0, &signed)]))
}

/// `IssuerAndSerialNumber`: what a certificate is called by.
fn name_of(certificate: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Reader(certificate).next(SEQUENCE)?.inside().next(SEQUENCE)?.inside();
    fields.next(CONTEXT_0)?;
    let serial = fields.next(INTEGER)?;
    fields.next(SEQUENCE)?;
    let issuer = fields.next(SEQUENCE)?;
    Some(sequence(&[issuer.whole, serial.whole]))
}

struct Parts<'a> {
    certificates: Vec<Vec<u8>>,
    signature: &'a [u8],
}

fn parts(seal: &[u8]) -> Option<Parts<'_>> {
    let mut content = Reader(seal).next(SEQUENCE)?.inside();
    content.next(OID)?;
    let mut signed = content.next(CONTEXT_0)?.inside().next(SEQUENCE)?.inside();
    signed.next(INTEGER)?;
    signed.next(SET)?;
    signed.next(SEQUENCE)?;
    let mut kept = signed.next(CONTEXT_0)?.inside();
    let mut certificates = Vec::new();
    while let Some(certificate) = kept.next(SEQUENCE) {
        if certificates.len() == MOST_CERTIFICATES {
            return None;
        }
        certificates.push(certificate.whole.to_vec());
    }
    let mut signer = signed.next(SET)?.inside().next(SEQUENCE)?.inside();
    signer.next(INTEGER)?;
    signer.next(SEQUENCE)?;
    signer.next(SEQUENCE)?;
    let order = order_in(signer.next(CONTEXT_0)?.inside())?;
    if order.len() != certificates.len() {
        return None;
    }
    signer.next(SEQUENCE)?;
    let signature = signer.next(OCTETS)?.content;
    certificates.sort_by_cached_key(|one| {
        let own = Sha256::of(one);
        order.iter().position(|hash| *hash == own)
    });
    Some(Parts { certificates, signature })
}

/// The hashes of the certificates in the order that counts.
fn order_in(mut attributes: Reader<'_>) -> Option<Vec<Sha256>> {
    loop {
        let mut attribute = attributes.next(SEQUENCE)?.inside();
        if attribute.next(OID)?.content != SIGNING_CERTIFICATE {
            continue;
        }
        let mut value = attribute.next(SET)?.inside();
        let mut named = value.next(SEQUENCE)?.inside().next(SEQUENCE)?.inside();
        let mut order = Vec::new();
        while let Some(one) = named.next(SEQUENCE) {
            if order.len() == MOST_CERTIFICATES {
                return None;
            }
            order.push(Sha256(one.inside().next(OCTETS)?.content.try_into().ok()?));
        }
        return Some(order);
    }
}

#[cfg(test)]
mod tests {
    use super::{check, sign};
    use crate::db::types::{Sha256, Timestamp};
    use crate::seal::key::Sealer;

    #[test]
    fn not_a_bit_of_a_seal_can_be_changed() {
        let sealer = Sealer::new("ООО «Сервис-ИТ»", Timestamp::now()).unwrap();
        let digest = Sha256::of("act");
        let seal = sign(&sealer.certificates, &sealer.key, digest).unwrap();
        assert_eq!(check(&seal, digest), Some(sealer.certificates.clone()));
        assert_eq!(check(&seal, Sha256::of("another")), None);
        for place in 0..seal.len() {
            for bit in 0..8 {
                let mut changed = seal.clone();
                changed[place] ^= 1 << bit;
                assert_eq!(check(&changed, digest), None, "byte {place} bit {bit}");
            }
        }
        for cut in 0..seal.len() {
            assert_eq!(check(&seal[..cut], digest), None);
        }
        assert_eq!(check(&[&seal[..], &[0]].concat(), digest), None);
    }

    #[test]
    fn a_seal_holds_a_few_certificates() {
        let now = Timestamp::now();
        let sealer = Sealer::new("ООО «Сервис-ИТ»", now).unwrap();
        let others = |number: usize| (0..number).map(|_| Sealer::new("ЦА", now).unwrap().certificates.remove(0));
        let chain = |more| sealer.certificates.iter().cloned().chain(others(more)).collect::<Vec<_>>();
        let digest = Sha256::of("act");
        let longest = chain(15);
        assert_eq!(check(&sign(&longest, &sealer.key, digest).unwrap(), digest), Some(longest));
        assert!(sign(&chain(16), &sealer.key, digest).is_err());
    }
}
