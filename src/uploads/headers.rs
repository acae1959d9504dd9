//! What tus says in headers. Values come from outside: what is told again is written anew, never passed on.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;

use crate::db::types::Sha256;
use crate::error::{Error, Flaw};
use crate::http::query::refused;
use crate::tickets::attachments::AttachmentId;

/// Characters that metadata may have altogether.
const LONGEST: usize = 4_096;

/// `Upload-Metadata`: names with values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(Vec<(String, Vec<u8>)>);

impl Metadata {
    /// Reads the header: `name base64,name base64`.
    ///
    /// # Errors
    /// `invalid_parameter`
    pub fn parse(header: &str) -> Result<Self, Error> {
        let wrong = |flaw| refused("Upload-Metadata", flaw, Vec::new());
        if header.len() > LONGEST {
            return Err(refused("Upload-Metadata", Flaw::TooLong, vec![("max", LONGEST.to_string())]));
        }
        let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
        for pair in header.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once(' ').unwrap_or((pair, ""));
            if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(wrong(Flaw::ForbiddenCharacter));
            }
            let value = STANDARD.decode(value.trim()).map_err(|_| wrong(Flaw::NotBase64))?;
            if pairs.iter().any(|(other, _)| other == name) {
                return Err(wrong(Flaw::Taken));
            }
            pairs.push((name.to_owned(), value));
        }
        Ok(Self(pairs))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// The file that was told of.
    ///
    /// # Errors
    /// `invalid_parameter`
    pub fn attachment_id(&self) -> Result<AttachmentId, Error> {
        let name = "Upload-Metadata/attachment_id";
        let text = self.text("attachment_id").ok_or_else(|| refused(name, Flaw::Required, Vec::new()))?;
        text.parse().map_err(|_| refused(name, Flaw::NotAnId, Vec::new()))
    }

    /// The hash of all bytes, if it is told.
    ///
    /// # Errors
    /// `invalid_parameter`
    pub fn sha256(&self) -> Result<Option<Sha256>, Error> {
        let parse = |text: &str| text.parse();
        let hash = self.text("sha256").map(parse).transpose();
        hash.map_err(|_| refused("Upload-Metadata/sha256", Flaw::NotASha256, Vec::new()))
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let space = if value.is_empty() { "" } else { " " };
            write!(f, "{comma}{name}{space}{}", STANDARD.encode(value))?;
        }
        Ok(())
    }
}

/// A number of bytes.
///
/// # Errors
/// `invalid_parameter` when it is missing or none.
pub fn bytes(name: &'static str, value: Option<&str>) -> Result<i64, Error> {
    let value = value.ok_or_else(|| refused(name, Flaw::Required, Vec::new()))?.trim();
    let digits = (1..=18).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    let bounds = || vec![("min", "0".to_owned()), ("max", super::MOST_BYTES.to_string())];
    digits.then(|| value.parse().ok()).flatten().ok_or_else(|| refused(name, Flaw::OutOfRange, bounds()))
}

/// `Upload-Checksum`: what the bytes of one request hash to.
pub enum Checksum {
    /// SHA-1, which every client knows. It guards against a torn chunk, not against an enemy.
    Sha1(sha1::Sha1, Vec<u8>),
    /// SHA-256.
    Sha256(sha2::Sha256, Vec<u8>),
}

impl Checksum {
    /// Reads the header: `sha1 base64`.
    ///
    /// # Errors
    /// `invalid_parameter`, also for other algorithms.
    pub fn parse(header: &str) -> Result<Self, Error> {
        let name = "Upload-Checksum";
        let (algorithm, hash) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        let hash = STANDARD.decode(hash.trim()).map_err(|_| refused(name, Flaw::NotBase64, Vec::new()))?;
        match algorithm {
            "sha1" => Ok(Self::Sha1(sha1::Sha1::default(), hash)),
            "sha256" => Ok(Self::Sha256(sha2::Sha256::default(), hash)),
            _ => Err(refused(name, Flaw::NotOneOf, vec![("allowed", "sha1, sha256".to_owned())])),
        }
    }

    /// Some more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher, _) => hasher.update(bytes),
            Self::Sha256(hasher, _) => hasher.update(bytes),
        }
    }

    /// Whether it fits all bytes.
    pub fn fits(self) -> bool {
        match self {
            Self::Sha1(hasher, hash) => hasher.finalize().as_slice() == hash,
            Self::Sha256(hasher, hash) => hasher.finalize().as_slice() == hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Checksum, Metadata, bytes};

    #[test]
    fn metadata_is_told_as_it_was_meant() {
        let metadata = Metadata::parse("filename  0YTQvtGC0L4=, is_private,sha256 eA==").unwrap();
        assert_eq!(metadata.to_string(), "filename 0YTQvtGC0L4=,is_private,sha256 eA==");
        assert_eq!(metadata.text("filename"), Some("фото"));
        assert!(metadata.sha256().is_err() && metadata.attachment_id().is_err());
        for odd in ["a a a", "a ===", "a YQ==,a YQ==", "имя YQ==", &"x".repeat(5_000)] {
            assert!(Metadata::parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_number_of_bytes_is_digits() {
        assert_eq!(bytes("Upload-Offset", Some("0")).ok(), Some(0));
        for odd in [None, Some(""), Some("-1"), Some("+1"), Some("1e3"), Some("99999999999999999999")] {
            assert!(bytes("Upload-Offset", odd).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn a_checksum_fits_its_bytes_only() {
        // FIPS 180-4: SHA-1 and SHA-256 of "abc".
        for header in ["sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="] {
            for (pieces, fits) in [(["a", "bc"], true), (["a", "bd"], false)] {
                let mut checksum = Checksum::parse(header).unwrap();
                pieces.iter().for_each(|piece| checksum.update(piece.as_bytes()));
                assert_eq!(checksum.fits(), fits, "{header}");
            }
        }
        assert!(Checksum::parse("md5 kAFQmDzST7DWlj99KOF/cg==").is_err());
    }
}
