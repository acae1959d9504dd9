//! What a camera wrote into a picture (Exif 2.32, JEITA CP-3451E): when and where it was taken, by the camera's own clock
//! and satellites. Evidence, not truth: anybody can write it. What is served holds none of it.

use std::io::Cursor;
use std::panic::catch_unwind;

use exif::{DateTime, Exif, In, Rational, Tag, Value};

/// When and where, as far as the camera knew.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Camera {
    /// Local time as ISO 8601, `2026-11-22T10:15:00`, with an offset (`+10:00`) where the camera wrote one.
    pub taken_at: Option<String>,
    /// Degrees north and east.
    pub place: Option<(f64, f64)>,
}

/// Reads what there is. A picture without it, or with nonsense, tells nothing.
pub fn read(bytes: &[u8]) -> Camera {
    // A reader of foreign bytes: should it stumble over some, the picture is still a picture.
    let found = catch_unwind(|| exif::Reader::new().read_from_container(&mut Cursor::new(bytes)).ok());
    let Ok(Some(exif)) = found else { return Camera::default() };
    Camera { taken_at: taken_at(&exif), place: place(&exif) }
}

fn ascii(exif: &Exif, tag: Tag) -> Option<&[u8]> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(texts) => texts.first().map(Vec::as_slice),
        _ => None,
    }
}

fn taken_at(exif: &Exif) -> Option<String> {
    let mut moment = DateTime::from_ascii(ascii(exif, Tag::DateTimeOriginal)?).ok()?;
    if let Some(offset) = ascii(exif, Tag::OffsetTimeOriginal) {
        // An offset that cannot be read is none.
        let _ = moment.parse_offset(offset);
    }
    let day = chrono::NaiveDate::from_ymd_opt(moment.year.into(), moment.month.into(), moment.day.into())?;
    let time = chrono::NaiveTime::from_hms_opt(moment.hour.into(), moment.minute.into(), moment.second.into())?;
    let local = day.and_time(time).format("%Y-%m-%dT%H:%M:%S");
    let offset = moment.offset.filter(|minutes| minutes.unsigned_abs() <= 14 * 60).map(|minutes| {
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
    });
    Some(format!("{local}{}", offset.unwrap_or_default()))
}

fn place(exif: &Exif) -> Option<(f64, f64)> {
    let lat = degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S')?;
    let lon = degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W')?;
    // Phones without a fix write zeros.
    let real = lat.abs() <= 90.0 && lon.abs() <= 180.0 && (lat, lon) != (0.0, 0.0);
    real.then_some((lat, lon))
}

fn degrees(exif: &Exif, tag: Tag, side: Tag, negative: u8) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let part = |index: usize| parts.get(index).filter(|part| part.denom != 0).map(Rational::to_f64);
    let value = part(0)? + part(1).unwrap_or(0.0) / 60.0 + part(2).unwrap_or(0.0) / 3_600.0;
    let value = if ascii(exif, side)?.first() == Some(&negative) { -value } else { value };
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::{Camera, read};

    #[test]
    fn what_is_no_picture_tells_nothing() {
        for bytes in [b"".as_slice(), b"%PDF-1.4", b"\xff\xd8\xff\xe1\x00\x08Exif\0\0", b"\xff\xd8\xff\xd9"] {
            assert_eq!(read(bytes), Camera::default());
        }
    }
}
