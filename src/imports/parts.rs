//! What the parts of a workbook hold of the elements that its reader keeps all of, told while they are unpacked: the reader
//! makes room for as many strings as a part claims, and copies a format's text to every style that has it.
//!
//! Every `<` is taken for the beginning of a tag, wherever it stands, so nothing the reader may find is missed.

use std::io::{self, Write};

/// Texts that cells share: as many as a table of the size that is taken has cells.
const MOST_STRINGS: usize = 2_000_000;
/// Styles, and each of the things they are made of. Spreadsheets know 65,490 of them.
const MOST_STYLES: usize = 100_000;
/// Bytes that styles may take their formats' and fonts' names along with.
const MOST_STYLED: usize = 32 << 20;
/// Bytes of a tag that the reader copies from.
const LONGEST_TAG: usize = 16 << 10;
/// Bytes from one tag to the next: the reader holds several copies of them.
const LONGEST_TEXT: usize = 16 << 20;

/// An element whose numbers are bounded.
struct Bound {
    name: &'static str,
    most: usize,
    /// Whether what its tag says is copied, so that the tag must be short and sound.
    copied: bool,
}

const fn bound(name: &'static str, most: usize, copied: bool) -> Bound {
    Bound { name, most, copied }
}

const STYLE: &str = "xf";
const BOUNDS: &[Bound] = &[
    bound("sst", MOST_STRINGS, true),
    bound("si", MOST_STRINGS, false),
    bound(STYLE, MOST_STYLES, false),
    bound("font", MOST_STYLES, false),
    bound("fill", MOST_STYLES, false),
    bound("border", MOST_STYLES, false),
    bound("numFmt", MOST_STYLES, true),
    bound("name", usize::MAX, true),
    bound("sheet", 1_000, true),
    bound("definedName", MOST_STYLES, true),
    bound("Relationship", 200_000, true),
];
/// The names of formats and fonts stand in these.
const STYLED: [&str; 2] = ["numFmt", "name"];

/// Looks through parts as they are written to it.
#[derive(Debug, Default)]
pub struct Parts {
    counts: [usize; BOUNDS.len()],
    /// Bytes of the longest tag with the name of a format or font.
    longest: usize,
    /// The tag that is being read, as far as it is looked at, and the quotation mark that is open in it.
    tag: Option<(Vec<u8>, Option<u8>)>,
    /// Bytes since the last `<`.
    since: usize,
    excess: Option<String>,
}

impl Parts {
    /// What there is too much of; nothing when a part was only unsound.
    pub fn excess(&self) -> Option<String> {
        self.excess.clone()
    }

    /// A part has ended: what comes next does not go on with its tag.
    pub fn end_part(&mut self) {
        self.tag = None;
        self.since = 0;
    }

    /// Refuses styles that would take too much along.
    ///
    /// # Errors
    /// When there is too much.
    pub fn must_fit(&mut self) -> io::Result<()> {
        let mut counted = BOUNDS.iter().zip(self.counts);
        let styles = counted.find(|(bound, _)| bound.name == STYLE).map_or(0, |(_, count)| count);
        if styles.saturating_mul(self.longest) > MOST_STYLED { Err(self.too_much(MOST_STYLES, STYLE)) } else { Ok(()) }
    }

    fn too_much(&mut self, most: usize, name: &str) -> io::Error {
        self.excess = Some(format!("{most} <{name}>"));
        io::Error::other("too much")
    }

    /// Bytes outside tags, up to the next `<`; what is left of them.
    fn text<'b>(&mut self, bytes: &'b [u8]) -> io::Result<&'b [u8]> {
        let Some(at) = bytes.iter().position(|byte| *byte == b'<') else {
            self.passed(bytes.len())?;
            return Ok(&[]);
        };
        self.begin();
        Ok(bytes.get(at + 1..).unwrap_or_default())
    }

    fn begin(&mut self) {
        self.tag = Some((Vec::new(), None));
        self.since = 0;
    }

    fn passed(&mut self, bytes: usize) -> io::Result<()> {
        self.since += bytes;
        if self.since > LONGEST_TEXT {
            self.excess = Some(format!("{} MiB", LONGEST_TEXT >> 20));
            return Err(io::Error::other("too much"));
        }
        Ok(())
    }

    /// Bytes of a tag, up to its end; what is left of them.
    fn tag<'b>(&mut self, bytes: &'b [u8]) -> io::Result<&'b [u8]> {
        for (at, byte) in bytes.iter().enumerate() {
            self.passed(1)?;
            let Some((tag, quote)) = &mut self.tag else { break };
            match (byte, *quote) {
                (b'<', _) | (b'>', None) => {
                    let (tag, whole) = (std::mem::take(tag), *byte == b'>');
                    self.tag = None;
                    self.found(&tag, whole)?;
                    if !whole {
                        self.begin();
                    }
                    let rest = bytes.get(at + 1..).unwrap_or_default();
                    return Ok(rest);
                }
                (b'"' | b'\'', None) => *quote = Some(*byte),
                (end, Some(begun)) if *end == begun => *quote = None,
                _ => {}
            }
            if tag.len() <= LONGEST_TAG {
                tag.push(*byte);
            }
        }
        Ok(&[])
    }

    /// A tag without its brackets, and whether it is a whole one.
    fn found(&mut self, tag: &[u8], whole: bool) -> io::Result<()> {
        // No program writes such a part, and its tags are not where they seem to be.
        if tag.starts_with(b"?xml") && tag.windows(4).any(|four| four == b"2022") {
            return Err(io::Error::other("encoding"));
        }
        let name = tag.split(|byte| byte.is_ascii_whitespace() || *byte == b'/').next().unwrap_or_default();
        let name = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        let Some(place) = BOUNDS.iter().position(|bound| bound.name.as_bytes() == name) else { return Ok(()) };
        let (Some(bound), Some(count)) = (BOUNDS.get(place), self.counts.get_mut(place)) else { return Ok(()) };
        *count += 1;
        let too_many = *count > bound.most || bound.name == "sst" && claimed(tag) > bound.most;
        if too_many {
            return Err(self.too_much(bound.most, bound.name));
        }
        if bound.copied && (!whole || tag.len() > LONGEST_TAG) {
            return Err(io::Error::other("unsound"));
        }
        if STYLED.contains(&bound.name) {
            self.longest = self.longest.max(tag.len());
        }
        Ok(())
    }
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = if self.tag.is_some() { self.tag(rest)? } else { self.text(rest)? };
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The largest number of strings that a tag claims, in whatever place and quotation marks.
fn claimed(tag: &[u8]) -> usize {
    const CLAIM: &[u8] = b"uniqueCount";
    let places = tag.windows(CLAIM.len()).enumerate().filter(|(_, bytes)| *bytes == CLAIM);
    let number = |(place, _): (usize, &[u8])| {
        let after = tag.get(place + CLAIM.len()..).unwrap_or_default().iter();
        let digits = after.skip_while(|byte| byte.is_ascii_whitespace() || b"=\"'+".contains(byte));
        digits.take_while(|byte| byte.is_ascii_digit()).fold(0_usize, |number, digit| {
            number.saturating_mul(10).saturating_add(usize::from(digit.saturating_sub(b'0')))
        })
    };
    places.map(number).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a part that comes in pieces of this size.
    fn look(part: &str, size: usize) -> Result<(), Option<String>> {
        let mut parts = Parts::default();
        let written = part.as_bytes().chunks(size).try_for_each(|piece| parts.write_all(piece));
        parts.end_part();
        written.and_then(|()| parts.must_fit()).map_err(|_| parts.excess())
    }

    #[test]
    fn a_claim_of_many_strings_is_seen_however_it_is_written() {
        for claim in [
            "<sst uniqueCount=\"100000000000000\">",
            "<?xml version=\"1.0\"?>\n<x:sst\n\tcount='1' uniqueCount = '0002000001' />",
            "<!-- it's --><a b='>'><sst x=\">\" uniqueCount=\"99999999999999999999999\">",
            "<worksheet><si/><sst count=\"1\" uniqueCount=\"2000001\"",
        ] {
            for size in [1, 7, 4_096] {
                let claim = format!("{claim}>");
                assert_eq!(look(&claim, size), Err(Some("2000000 <sst>".to_owned())), "{claim}");
            }
        }
        assert_eq!(look("<sst x=\"<\" uniqueCount=\"9999999999\">", 3), Err(None));
        assert_eq!(look("<?xml version=\"1.0\" encoding=\"ISO-2022-JP\"?><s\u{1b}(Bst>", 3), Err(None));
        assert_eq!(look("<sst count=\"99999999\" uniqueCount=\"2000000\"><si><t>it's</t></si></sst>", 5), Ok(()));
    }

    #[test]
    fn styles_take_no_more_along_than_fits() {
        let styles = |format: usize, styles: usize| {
            let format = "0".repeat(format);
            let styles = "<xf numFmtId=\"200\"/>".repeat(styles);
            format!("<styleSheet><numFmt numFmtId='200' formatCode='{format}'/>{styles}</styleSheet>")
        };
        assert_eq!(look(&styles(255, 60_000), 4_096), Ok(()));
        assert_eq!(look(&styles(10_000, 6_000), 4_096), Err(Some("100000 <xf>".to_owned())));
        assert_eq!(look(&styles(500_000, 1), 4_096), Err(None));
        assert_eq!(look(&styles(1, MOST_STYLES + 1), 4_096), Err(Some("100000 <xf>".to_owned())));
        assert_eq!(look(&"<sheet name=\"x\"/>".repeat(1_001), 4_096), Err(Some("1000 <sheet>".to_owned())));
    }
}
