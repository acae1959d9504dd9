//! Pictures from outside: measured before they are unpacked, then written anew, so that nothing rides along in them.

use std::io::Cursor;
use std::sync::{Condvar, Mutex, PoisonError};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::error::{Code, Error, FieldError, Flaw, Refusal};

/// Pixels a picture may have: a phone's 50 megapixels.
pub const MOST_PIXELS: u64 = 50_000_000;
/// Pixels a picture of somebody without a login may have: phones that make 24 megapixels make a few more.
const STRANGERS_PIXELS: u64 = 25_000_000;
/// Bytes that unpacking may take.
const MOST_MEMORY: u64 = 256 << 20;
/// The longest side that is kept.
const LONGEST_SIDE: u32 = 4_096;

/// A file that may be kept.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The bytes to keep: a picture written anew, or a PDF as it came.
    pub bytes: Vec<u8>,
    /// What it is.
    pub media_type: &'static str,
    /// A picture's size in pixels.
    pub size: Option<(u32, u32)>,
}

/// Looks at a file from outside: what it is by its bytes, never by its name.
///
/// # Errors
/// `file_rejected` with the reason.
pub fn check(bytes: &[u8]) -> Result<Checked, Error> {
    if bytes.starts_with(b"%PDF-") {
        return Ok(Checked { bytes: bytes.to_vec(), media_type: "application/pdf", size: None });
    }
    written_anew(bytes, MOST_PIXELS, &TURNS)
}

/// [`check`] for somebody without a login: pictures only, with fewer pixels, and one at a time.
///
/// # Errors
/// `file_rejected` with the reason.
pub fn check_for_stranger(bytes: &[u8]) -> Result<Checked, Error> {
    written_anew(bytes, STRANGERS_PIXELS, &STRANGERS)
}

fn written_anew(bytes: &[u8], most_pixels: u64, turns: &'static Turns) -> Result<Checked, Error> {
    let format = format_of(bytes)?;
    let _turn = turns.wait();
    let picture = shrunk(unpack_within(bytes, format, most_pixels)?);
    written(&picture, format)
}

/// A picture written anew: as PNG when it came as one, else as JPEG.
///
/// # Errors
/// When it cannot be written.
pub fn written(picture: &DynamicImage, format: ImageFormat) -> Result<Checked, Error> {
    let size = Some((picture.width(), picture.height()));
    if format == ImageFormat::Png {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Png).map_err(Error::internal)?;
        return Ok(Checked { bytes: out.into_inner(), media_type: "image/png", size });
    }
    Ok(Checked { bytes: jpeg(picture, 88)?, media_type: "image/jpeg", size })
}

/// A picture as JPEG of this quality, 1 to 100.
///
/// # Errors
/// When it cannot be written.
pub fn jpeg(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>, Error> {
    let mut out = Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, quality);
    DynamicImage::from(picture.to_rgb8()).write_with_encoder(encoder).map_err(Error::internal)?;
    Ok(out.into_inner())
}

/// A picture no larger than is kept. Whole pixels are added up: filters that weigh them hold sixteen bytes for each beside
/// the picture.
pub fn shrunk(picture: DynamicImage) -> DynamicImage {
    if picture.width().max(picture.height()) > LONGEST_SIDE {
        picture.thumbnail(LONGEST_SIDE, LONGEST_SIDE)
    } else {
        picture
    }
}

/// Which kind of picture these bytes are, of those that are taken.
///
/// # Errors
/// `file_rejected`
pub fn format_of(bytes: &[u8]) -> Result<ImageFormat, Error> {
    let format = image::guess_format(bytes).ok();
    let taken = format.filter(|format| matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP));
    taken.ok_or_else(|| rejected(Flaw::UnknownFormat))
}

/// Pictures that are unpacked at the same time: each may take hundreds of megabytes.
static TURNS: Turns = Turns::of(2);
/// Those of people without a login, who must not make colleagues wait.
static STRANGERS: Turns = Turns::of(1);

/// Turns at something heavy.
pub struct Turns {
    at_once: usize,
    taken: Mutex<usize>,
    freed: Condvar,
}

/// Held while it is one's turn.
pub struct Turn(&'static Turns);

impl Turns {
    /// So many at the same time.
    pub const fn of(at_once: usize) -> Self {
        Self { at_once, taken: Mutex::new(0), freed: Condvar::new() }
    }

    /// Waits for a turn. Only for threads that may wait.
    pub fn wait(&'static self) -> Turn {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken =
            self.freed.wait_while(taken, |taken| *taken >= self.at_once).unwrap_or_else(PoisonError::into_inner);
        *taken += 1;
        Turn(self)
    }
}

/// Waits for a turn at pixels. Only for threads that may wait.
pub fn turn() -> Turn {
    TURNS.wait()
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.freed.notify_one();
    }
}

/// Unpacks a picture, upright, within limits that its header is held to first.
///
/// # Errors
/// `file_rejected`
pub fn unpack(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, Error> {
    unpack_within(bytes, format, MOST_PIXELS)
}

/// [`unpack`] for pictures of which fewer pixels are taken.
///
/// # Errors
/// `file_rejected`
pub fn unpack_within(bytes: &[u8], format: ImageFormat, most_pixels: u64) -> Result<DynamicImage, Error> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    limits.max_image_width = Some(50_000);
    limits.max_image_height = Some(50_000);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| rejected(Flaw::BrokenPicture))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > most_pixels {
        return Err(too_many_pixels(width, height, most_pixels));
    }
    let upright = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| rejected(Flaw::BrokenPicture))?;
    picture.apply_orientation(upright);
    Ok(picture)
}

fn rejected(flaw: Flaw) -> Error {
    Refusal::from(Code::FileRejected).at("file", flaw).into()
}

/// The refusal of a picture that has more pixels than `most`.
pub fn too_many_pixels(width: u32, height: u32, most: u64) -> Error {
    let params =
        vec![("width", width.to_string()), ("height", height.to_string()), ("max", (most / 1_000_000).to_string())];
    let field = FieldError { pointer: "file".to_owned(), flaw: Flaw::TooManyPixels, params };
    Refusal { fields: vec![field], ..Code::FileRejected.into() }.into()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};

    use super::{check, check_for_stranger};
    use crate::error::{Code, Flaw};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_luma8(width, height).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_picture_is_written_anew() {
        let mut bytes = png(40, 30);
        bytes.extend_from_slice(b"<script>rides along</script>");
        let checked = check(&bytes).unwrap();
        assert_eq!((checked.media_type, checked.size), ("image/png", Some((40, 30))));
        assert!(!checked.bytes.windows(8).any(|window| window == b"<script>"));
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        assert_eq!(check(&bomb(50_000, 50_000)).unwrap_err().code(), Code::FileRejected);
        // What a colleague may send is too much from a stranger.
        let refused = check_for_stranger(&bomb(6_000, 5_000)).unwrap_err().refusal();
        assert_eq!(refused.fields[0].flaw, Flaw::TooManyPixels);
        assert_eq!(check_for_stranger(b"%PDF-1.7").unwrap_err().code(), Code::FileRejected);
    }

    #[test]
    fn a_large_picture_is_made_smaller() {
        assert_eq!(check(&png(5_000, 1_000)).unwrap().size, Some((4_096, 819)));
        assert_eq!(check_for_stranger(&png(1_000, 5_000)).unwrap().size, Some((819, 4_096)));
        assert_eq!(check(&png(4_096, 10)).unwrap().size, Some((4_096, 10)));
    }

    /// A PNG that says it has so many pixels, without them.
    fn bomb(width: u32, height: u32) -> Vec<u8> {
        let mut bomb = png(1, 1);
        bomb[16..20].copy_from_slice(&width.to_be_bytes());
        bomb[20..24].copy_from_slice(&height.to_be_bytes());
        let mut crc = crc32(&bomb[12..29]).to_be_bytes();
        bomb[29..33].swap_with_slice(&mut crc);
        bomb
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
        };
        !bytes.iter().fold(!0, step)
    }

    #[test]
    fn what_is_no_picture_is_refused_whatever_its_name() {
        for bytes in [b"".as_slice(), b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"MZ", b"\xff\xd8\xff"] {
            assert_eq!(check(bytes).unwrap_err().code(), Code::FileRejected);
        }
    }
}
