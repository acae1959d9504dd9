//! The organisation's key and its certificates.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{Id, PKey, Private};
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder, X509NameRef, X509Ref};

use crate::auth::token::random;
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;

/// How long a certificate of our own making lasts: documents are looked at for years.
const YEARS: i64 = 10;
const YEAR: i64 = 31_556_952;
/// Clocks differ: nothing that was sealed in the first second may look sealed too early.
const EARLIER: i64 = 3_600;
/// Characters a common name may have (X.520).
const LONGEST_NAME: usize = 64;
/// The weakest RSA key that is taken, in bits.
const LEAST_RSA: u32 = 2_048;
/// 1.3.6.1.5.5.7.3.36, the signing of documents (RFC 9336)
const DOCUMENT_SIGNING: &str = "1.3.6.1.5.5.7.3.36";

/// A key that seals, with its certificate first and those that vouch for it after.
pub struct Sealer {
    /// DER.
    pub certificates: Vec<Vec<u8>>,
    /// The private key.
    pub key: PKey<Private>,
}

impl Sealer {
    /// A new P-256 key with a certificate that it signed itself, for ten years.
    ///
    /// # Errors
    /// When the system has no random numbers to give: our fault.
    pub fn new(holder: &str, now: Timestamp) -> Result<Self, Error> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).map_err(Error::internal)?;
        let key = EcKey::generate(&group).and_then(PKey::from_ec_key).map_err(Error::internal)?;
        let certificate = self_signed(holder, &key, now)?.to_der().map_err(Error::internal)?;
        Ok(Self { certificates: vec![certificate], key })
    }

    /// A key and its certificates from a PKCS #12 file.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn from_pkcs12(bytes: &[u8], password: &str) -> Result<Self, String> {
        let file = Pkcs12::from_der(bytes).map_err(|_| "it is no PKCS #12 file (.p12, .pfx)".to_owned())?;
        let opened = file.parse2(password).map_err(|_| {
            "it does not open: the password is wrong, or it is packed by a method of old; \
             `openssl pkcs12 -legacy -in OLD -nodes | openssl pkcs12 -export -out NEW` packs it anew"
                .to_owned()
        })?;
        let (Some(key), Some(certificate)) = (opened.pkey, opened.cert) else {
            return Err("it must hold a private key and its certificate".to_owned());
        };
        match key.id() {
            Id::EC => {}
            Id::RSA if key.bits() >= LEAST_RSA => {}
            _ => return Err(format!("its key must be an elliptic one, or RSA of {LEAST_RSA} bits at least")),
        }
        let public = certificate.public_key().map_err(|error| error.to_string())?;
        if !key.public_eq(&public) {
            return Err("its certificate is of another key".to_owned());
        }
        let others = opened.ca.into_iter().flatten();
        let certificates: Result<Vec<_>, _> =
            std::iter::once(certificate).chain(others).map(|one| one.to_der()).collect();
        Ok(Self { certificates: certificates.map_err(|error| error.to_string())?, key })
    }

    /// The private key, locked with a key of the installation's.
    ///
    /// # Errors
    /// When the system has no random numbers to give: our fault.
    pub fn locked(&self, lock: &[u8; 32]) -> Result<Vec<u8>, Error> {
        let nonce = random::<NONCE>()?;
        let plain = self.key.private_key_to_pkcs8().map_err(Error::internal)?;
        let mut tag = [0; TAG];
        let about = self.certificates.concat();
        let packed = encrypt_aead(Cipher::aes_256_gcm(), lock, Some(&nonce), &about, &plain, &mut tag);
        Ok([&nonce[..], &tag, &packed.map_err(Error::internal)?].concat())
    }

    /// A key that was locked. Nothing when it was locked with another key, or with other certificates.
    pub fn unlocked(certificates: Vec<Vec<u8>>, locked: &[u8], lock: &[u8; 32]) -> Option<Self> {
        let (nonce, rest) = locked.split_first_chunk::<NONCE>()?;
        let (tag, packed) = rest.split_first_chunk::<TAG>()?;
        let about = certificates.concat();
        let plain = decrypt_aead(Cipher::aes_256_gcm(), lock, Some(nonce), &about, packed, tag).ok()?;
        Some(Self { certificates, key: PKey::private_key_from_pkcs8(&plain).ok()? })
    }
}

/// Bytes of a nonce and of a tag of AES-256-GCM.
const NONCE: usize = 12;
const TAG: usize = 16;

fn self_signed(holder: &str, key: &PKey<Private>, now: Timestamp) -> Result<X509, Error> {
    let made = || -> Result<X509, openssl::error::ErrorStack> {
        let name = name(holder)?;
        let mut builder = X509Builder::new()?;
        builder.set_version(2)?;
        // 127 random bits: a serial number is positive.
        let mut serial = [0; 16];
        openssl::rand::rand_bytes(&mut serial)?;
        if let Some(first) = serial.first_mut() {
            *first = *first & 0x7f | 0x40;
        }
        let serial = BigNum::from_slice(&serial)?.to_asn1_integer()?;
        builder.set_serial_number(&serial)?;
        builder.set_subject_name(&name)?;
        builder.set_issuer_name(&name)?;
        builder.set_pubkey(key)?;
        let begins = Asn1Time::from_unix(now.seconds() - EARLIER)?;
        let ends = Asn1Time::from_unix(now.seconds() + YEARS * YEAR)?;
        builder.set_not_before(&begins)?;
        builder.set_not_after(&ends)?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        builder.append_extension(KeyUsage::new().critical().digital_signature().non_repudiation().build()?)?;
        builder.append_extension(ExtendedKeyUsage::new().other(DOCUMENT_SIGNING).build()?)?;
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
        builder.append_extension(identifier)?;
        builder.sign(key, MessageDigest::sha256())?;
        Ok(builder.build())
    };
    made().map_err(Error::internal)
}

fn name(holder: &str) -> Result<X509Name, openssl::error::ErrorStack> {
    let short: String = holder.chars().take(LONGEST_NAME).collect();
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::COMMONNAME, &short)?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, &short)?;
    Ok(name.build())
}

/// A certificate, as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Whose it is.
    pub holder: String,
    /// Who vouches for it.
    pub issuer: String,
    /// The first second it is good in, in seconds since 1970.
    pub begins: i64,
    /// The last one.
    pub ends: i64,
    /// Its SHA-256.
    pub sha256: Sha256,
}

impl Described {
    /// Reads a certificate. Nothing when it is none.
    pub fn of(certificate: &[u8]) -> Option<Self> {
        let read = X509::from_der(certificate).ok()?;
        let epoch = Asn1Time::from_unix(0).ok()?;
        let since = |time: &openssl::asn1::Asn1TimeRef| {
            let passed = epoch.diff(time).ok()?;
            Some(i64::from(passed.days) * 86_400 + i64::from(passed.secs))
        };
        Some(Self {
            holder: said(read.subject_name()),
            issuer: said(read.issuer_name()),
            begins: since(read.not_before())?,
            ends: since(read.not_after())?,
            sha256: Sha256::of(certificate),
        })
    }
}

fn said(name: &X509NameRef) -> String {
    let entry = |kind| name.entries_by_nid(kind).next().and_then(|entry| entry.data().to_string().ok());
    entry(Nid::COMMONNAME).or_else(|| entry(Nid::ORGANIZATIONNAME)).unwrap_or_else(|| "—".to_owned())
}

/// A certificate as PEM.
pub fn pem(certificate: &[u8]) -> Option<String> {
    String::from_utf8(X509::from_der(certificate).ok()?.to_pem().ok()?).ok()
}

/// The certificates of a PEM file, as DER.
///
/// # Errors
/// A sentence for the operator.
pub fn from_pem(text: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let read = X509::stack_from_pem(text).map_err(|error| error.to_string())?;
    if read.is_empty() {
        return Err("it holds no certificate".to_owned());
    }
    read.iter().map(|one: &X509| X509Ref::to_der(one).map_err(|error| error.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use openssl::pkcs12::Pkcs12;
    use openssl::x509::X509;

    use super::{Described, Sealer, YEAR, YEARS, from_pem, pem};
    use crate::db::types::{Sha256, Timestamp};

    #[test]
    fn a_key_opens_with_its_own_lock_and_certificate_only() {
        let now = Timestamp::now();
        let (sealer, other) = (Sealer::new("ТОВ «Ґанок»", now).unwrap(), Sealer::new("Other", now).unwrap());
        let locked = sealer.locked(&[7; 32]).unwrap();
        let open = |certificates: &Sealer, locked: &[u8], lock| {
            Sealer::unlocked(certificates.certificates.clone(), locked, lock)
        };
        assert!(open(&sealer, &locked, &[7; 32]).unwrap().key.public_eq(&sealer.key));
        assert!(open(&sealer, &locked, &[8; 32]).is_none());
        assert!(open(&other, &locked, &[7; 32]).is_none());
        assert!(open(&sealer, &locked[..20], &[7; 32]).is_none());
        assert_ne!(sealer.locked(&[7; 32]).unwrap(), locked, "a nonce is used once");
    }

    #[test]
    fn a_certificate_of_our_own_says_whose_it_is() {
        let now = Timestamp::now();
        let long = "Ж".repeat(90);
        let certificate = Sealer::new(&long, now).unwrap().certificates.remove(0);
        let described = Described::of(&certificate).unwrap();
        assert_eq!(described.holder, "Ж".repeat(64));
        assert_eq!((described.holder.clone(), Sha256::of(&certificate)), (described.issuer, described.sha256));
        assert_eq!((described.begins, described.ends), (now.seconds() - 3_600, now.seconds() + YEARS * YEAR));
        assert_eq!(from_pem(pem(&certificate).unwrap().as_bytes()).unwrap(), [certificate]);
        assert!(from_pem(b"nothing").is_err() && Described::of(b"nothing").is_none());
    }

    #[test]
    fn a_packed_key_is_read_and_a_bad_one_is_told_why() {
        let sealer = Sealer::new("Service", Timestamp::now()).unwrap();
        let certificate = X509::from_der(&sealer.certificates[0]).unwrap();
        let packed = |key| {
            let mut builder = Pkcs12::builder();
            builder.pkey(key).cert(&certificate);
            builder.build2("geheim").unwrap().to_der().unwrap()
        };
        let read = Sealer::from_pkcs12(&packed(&sealer.key), "geheim").unwrap();
        assert_eq!(read.certificates, sealer.certificates);
        let why = |bytes: &[u8], password| Sealer::from_pkcs12(bytes, password).err().unwrap();
        assert!(why(&packed(&sealer.key), "falsch").contains("password"));
        assert!(why(b"no", "geheim").contains("no PKCS #12"));
    }
}
