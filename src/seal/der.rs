//! DER (X.690), as much of it as a seal is made of: elements of one tag byte, with lengths in their shortest form.

/// `SEQUENCE`
pub const SEQUENCE: u8 = 0x30;
/// `SET`
pub const SET: u8 = 0x31;
/// `INTEGER`
pub const INTEGER: u8 = 0x02;
/// `OCTET STRING`
pub const OCTETS: u8 = 0x04;
/// `OBJECT IDENTIFIER`
pub const OID: u8 = 0x06;
/// `[0]`, constructed
pub const CONTEXT_0: u8 = 0xa0;

/// An element.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits = length.get(length.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
    let mut bytes = vec![tag];
    match digits {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        long => {
            // A length of a usize has eight digits at the most.
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            bytes.extend(long);
        }
    }
    bytes.extend(content);
    bytes
}

/// A `SEQUENCE` of elements.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// The content of a `SET OF`: in DER the elements are sorted.
pub fn sorted(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    parts.concat()
}

/// An element that was read.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// Its tag.
    pub tag: u8,
    /// What is in it.
    pub content: &'a [u8],
    /// All of it.
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// The elements in it.
    pub const fn inside(&self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// Reads elements one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next element; nothing at the end, and nothing when there is no sound element.
    pub fn any(&mut self) -> Option<Element<'a>> {
        let (tag, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if *first >= 0x80 {
            let digits = usize::from(first & 0x7f);
            if digits == 0 || digits > 4 || rest.len() < digits {
                return None;
            }
            let (long, after) = rest.split_at(digits);
            length = long.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            rest = after;
        }
        let content = rest.get(..length)?;
        let whole = self.0.get(..self.0.len() - rest.len() + length)?;
        // The shortest form is the only one.
        if element(*tag, content) != whole {
            return None;
        }
        self.0 = rest.get(length..)?;
        Some(Element { tag: *tag, content, whole })
    }

    /// The next element, if it has this tag.
    pub fn next(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let found = ahead.any().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(found)
    }

    /// Whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{OCTETS, Reader, SEQUENCE, element, sequence};

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let bytes = sequence(&[&element(OCTETS, &content), &element(OCTETS, b"x")]);
            let mut outer = Reader(&bytes);
            let mut inner = outer.next(SEQUENCE).unwrap().inside();
            assert_eq!(inner.next(OCTETS).unwrap().content, content);
            assert!(inner.next(SEQUENCE).is_none());
            assert_eq!(inner.any().unwrap().content, b"x");
            assert!(inner.is_empty() && outer.is_empty() && inner.any().is_none());
        }
    }

    #[test]
    fn what_is_no_der_is_not_read() {
        for bytes in
            [&[][..], &[4], &[4, 2, 0], &[4, 0x80], &[4, 0x81, 1, 9], &[4, 0x82, 0, 0x80], &[4, 0x85, 0, 0, 0, 0, 0]]
        {
            assert!(Reader(bytes).any().is_none(), "{bytes:?}");
        }
    }
}
