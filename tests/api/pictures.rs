//! Pictures that phones send, and some that nobody should.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

/// A PNG of this size.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ImageFormat::Png)
}

/// A JPEG of this size.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, ImageFormat::Jpeg)
}

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let shade = |x: u32| u8::try_from(x % 256).unwrap();
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([shade(x * 7), shade(y * 5), 90]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A PNG whose header promises far more pixels than a phone has, in a few bytes.
pub fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    for (kind, data) in [(b"IHDR", header), (b"IDAT", vec![0x78, 0x9c, 3, 0, 0, 0, 0, 1]), (b"IEND", Vec::new())] {
        bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(kind);
        bytes.extend(&data);
        let mut checked = kind.to_vec();
        checked.extend(&data);
        bytes.extend(crc(&checked).to_be_bytes());
    }
    bytes
}

/// CRC-32 as PNG uses it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// A JPEG as a phone's camera leaves it: when and where it was taken stand in it, in Vladivostok.
pub fn jpeg_of_a_phone(width: u32, height: u32) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    let at = |offset: u32| offset.to_le_bytes();
    let directory = |entries: &[Vec<u8>]| {
        [&u16::try_from(entries.len()).unwrap().to_le_bytes()[..], &entries.concat(), &[0; 4]].concat()
    };
    // Directories at 8, 38 and 68, what does not fit into them from 122 on.
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(directory(&[entry(0x8769, 4, 1, at(38)), entry(0x8825, 4, 1, at(68))]));
    tiff.extend(directory(&[entry(0x9003, 2, 20, at(122)), entry(0x9011, 2, 7, at(142))]));
    tiff.extend(directory(&[
        entry(1, 2, 2, *b"N\0\0\0"),
        entry(2, 5, 3, at(150)),
        entry(3, 2, 2, *b"E\0\0\0"),
        entry(4, 5, 3, at(174)),
    ]));
    tiff.extend(b"2026:11-22 10:15:00\0".iter().map(|byte| if *byte == b'-' { b':' } else { *byte }));
    tiff.extend(b"+10:00\0\0");
    for rational in [(43_u32, 1_u32), (7, 1), (1_200, 100), (131, 1), (54, 1), (0, 1)] {
        tiff.extend(rational.0.to_le_bytes());
        tiff.extend(rational.1.to_le_bytes());
    }
    let plain = jpeg(width, height);
    let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
    [&plain[..2], b"\xff\xe1", &length, b"Exif\0\0", &tiff, &plain[2..]].concat()
}
