//! What remains of a code that others printed when it does not matter how it was scanned, typed or linked: its key.

use std::fmt::Write;

use super::gs1::{self, Identifier};
use crate::db::types::text_enum;

text_enum! {
    /// What a code that others printed is.
    ForeignKind {
        /// A GS1 asset identifier, AI (8004).
        Giai = "giai",
        /// A GS1 Digital Link URI.
        DigitalLink = "digital_link",
        /// The text of a barcode: a manufacturer's, another system's.
        Barcode = "barcode",
        /// Another system's address.
        Url = "url",
    }
}

/// What a text is by itself, and its key.
pub fn folded(text: &str) -> (ForeignKind, String) {
    if let Some(identifier) = gs1::digital_link(text) {
        return (ForeignKind::DigitalLink, identifier.key());
    }
    if let Some(identifier) = gs1::element_string(text) {
        let giai = matches!(identifier, Identifier::Giai(_));
        return (if giai { ForeignKind::Giai } else { ForeignKind::Barcode }, identifier.key());
    }
    match address(gs1::without_symbology(text)) {
        Some(key) => (ForeignKind::Url, key),
        None => (ForeignKind::Barcode, plain(text)),
    }
}

/// The key of a text that somebody says is of a kind; nothing when it cannot be.
pub fn key_as(kind: ForeignKind, text: &str) -> Option<String> {
    let (found, key) = folded(text);
    match kind {
        ForeignKind::Barcode => Some(key),
        ForeignKind::Url => matches!(found, ForeignKind::Url | ForeignKind::DigitalLink).then_some(key),
        ForeignKind::DigitalLink => (found == ForeignKind::DigitalLink).then_some(key),
        ForeignKind::Giai if key.starts_with("giai:") => Some(key),
        // The number alone, as registers hold it.
        ForeignKind::Giai => Identifier::giai(gs1::without_symbology(text)).map(|identifier| identifier.key()),
    }
}

/// The keys under which a scanned or typed text may have been recorded, the likeliest first: three at the most.
pub fn keys(text: &str) -> Vec<String> {
    let (kind, key) = folded(text);
    let mut keys = vec![key];
    if kind == ForeignKind::Barcode {
        let bare = gs1::without_symbology(text);
        keys.extend([gs1::bare_elements(bare), Identifier::giai(bare)].into_iter().flatten().map(|other| other.key()));
    }
    keys
}

/// A barcode's text. Phones read a UPC-A as such or as the EAN-13 with a nought before it: both are one.
fn plain(text: &str) -> String {
    let text = gs1::without_symbology(text);
    let nought = if text.len() == 12 && gs1::is_checked(text) { "0" } else { "" };
    format!("text:{nought}{text}")
}

/// An address of the web in its normal form (RFC 3986, 6.2.2 and 6.2.3), without the fragment.
fn address(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = host.to_lowercase();
    let host = host.strip_suffix(usual).unwrap_or(&host).trim_end_matches(':');
    if host.is_empty() {
        return None;
    }
    let nought = if path.starts_with('/') { "" } else { "/" };
    Some(format!("{scheme}://{host}{nought}{}", evenly_escaped(path)))
}

/// Percent signs before what needs none are resolved, the others have capital digits.
fn evenly_escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('%') {
        out.push_str(before);
        let digits = behind.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(char::from(byte)),
            Some(byte) => {
                // Writing to a text cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
            None => out.push('%'),
        }
        rest = if byte.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{ForeignKind, folded, key_as, keys};

    #[test]
    fn an_address_is_one_however_it_is_written() {
        let same = [
            "https://Inv.Example.com/a/%7ex?id=1",
            "HTTPS://INV.EXAMPLE.COM:443/a/~x?id=1#top",
            "]Q1https://inv.example.com/a/%7Ex?id=1",
        ];
        for text in same {
            assert_eq!(folded(text), (ForeignKind::Url, "https://inv.example.com/a/~x?id=1".to_owned()), "{text}");
        }
        assert_eq!(folded("http://a.b").1, "http://a.b/");
        assert_eq!(folded("http://a.b?x").1, "http://a.b/?x");
        assert_ne!(folded("http://a.b/X").1, folded("http://a.b/x").1);
        assert_eq!(folded("http://a.b/%zz%2f%").1, "http://a.b/%zz%2F%");
        assert_eq!(folded("https://").0, ForeignKind::Barcode);
    }

    #[test]
    fn a_link_and_an_element_string_have_one_key() {
        let link = folded("https://id.gs1.org/8004/4012345678ABC00017");
        let element = folded("]C180044012345678ABC00017");
        assert_eq!((link.0, element.0), (ForeignKind::DigitalLink, ForeignKind::Giai));
        assert_eq!(link.1, element.1);
        assert_eq!(key_as(ForeignKind::Giai, "4012345678ABC00017"), Some(link.1.clone()));
        for typed in ["80044012345678ABC00017", "4012345678ABC00017"] {
            assert!(keys(typed).contains(&link.1), "{typed}");
        }
        assert_eq!(key_as(ForeignKind::Giai, "ABC"), None);
        assert_eq!(key_as(ForeignKind::DigitalLink, "https://example.com/x"), None);
        assert_eq!(key_as(ForeignKind::Url, "ABC"), None);
    }

    #[test]
    fn a_barcode_is_its_text() {
        assert_eq!(keys(" ]C0SN 480037 "), ["text:SN 480037"]);
        assert_eq!(folded("036000291452").1, folded("0036000291452").1);
        assert_ne!(folded("036000291453").1, folded("0036000291453").1);
        assert!(keys("8004401234567800").len() <= 3);
    }
}
