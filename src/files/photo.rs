//! A file from a phone, looked at: what it is by its bytes, what is served in its place, what its camera told.
//!
//! A picture is measured by its header before it is unpacked, and written anew for everybody to see; the bytes that came are
//! evidence and stay as they are. HEIC is kept as it came: nobody here can unpack it, so it has no thumbnails.

use super::camera::{self, Camera};
use super::picture::{self, Checked, MOST_PIXELS, too_many_pixels};
use crate::error::{Code, Error, Flaw, Refusal};

/// What HEIC is called (RFC 9695 names the brands).
pub const HEIC: &str = "image/heic";
/// The longest side of thumbnails in pixels: in a list, and on a screen.
const SMALL: u32 = 256;
const LARGE: u32 = 1_024;

/// A file that may be kept.
#[derive(Debug, Clone)]
pub struct Looked {
    /// What is served: the picture written anew, or the file as it came.
    pub checked: Checked,
    /// Thumbnails as JPEG, small and large; only of pictures that can be unpacked.
    pub thumbnails: Option<[Vec<u8>; 2]>,
    /// What the camera wrote into it.
    pub camera: Camera,
}

/// Looks at a file. May take a second and hundreds of megabytes: for a thread that may wait, and two at a time.
///
/// # Errors
/// `file_rejected` with the reason.
pub fn look(bytes: &[u8]) -> Result<Looked, Error> {
    if bytes.starts_with(b"%PDF-") {
        return Ok(Looked { checked: picture::check(bytes)?, thumbnails: None, camera: Camera::default() });
    }
    if is_heic(bytes) {
        if let Some((width, height)) = heic_size(bytes)
            && u64::from(width) * u64::from(height) > MOST_PIXELS
        {
            return Err(too_many_pixels(width, height, MOST_PIXELS));
        }
        let checked = Checked { bytes: bytes.to_vec(), media_type: HEIC, size: heic_size(bytes) };
        return Ok(Looked { checked, thumbnails: None, camera: camera::read(bytes) });
    }
    let format = picture::format_of(bytes)?;
    let _turn = picture::turn();
    let whole = picture::shrunk(picture::unpack(bytes, format)?);
    let checked = picture::written(&whole, format)?;
    let [small, large] = thumbnails(&whole)?;
    Ok(Looked { checked, thumbnails: Some([small, large]), camera: camera::read(bytes) })
}

fn thumbnails(whole: &image::DynamicImage) -> Result<[Vec<u8>; 2], Error> {
    let within = |picture: &image::DynamicImage, side: u32| {
        if picture.width().max(picture.height()) > side { picture.thumbnail(side, side) } else { picture.clone() }
    };
    let large = within(whole, LARGE);
    let small = within(&large, SMALL);
    Ok([picture::jpeg(&small, 80)?, picture::jpeg(&large, 82)?])
}

/// Thumbnails of a picture that was kept before there were any.
///
/// # Errors
/// `file_rejected` when it is none that can be unpacked.
pub fn thumbnails_of(bytes: &[u8]) -> Result<[Vec<u8>; 2], Error> {
    let format = picture::format_of(bytes)?;
    let _turn = picture::turn();
    thumbnails(&picture::unpack(bytes, format)?)
}

/// Refuses a file that is not what was announced.
pub fn not_as_announced(flaw: Flaw) -> Error {
    Refusal::from(Code::FileRejected).at("file", flaw).into()
}

/// A box `ftyp` with a brand of HEIC first, or with a general one and that of HEIC among the others (ISO 23008-12, 10.2).
fn is_heic(bytes: &[u8]) -> bool {
    const OWN: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];
    const GENERAL: [&[u8]; 2] = [b"mif1", b"msf1"];
    let Some((head, rest)) = bytes.split_at_checked(8) else { return false };
    let Some((length, kind)) = head.split_first_chunk::<4>() else { return false };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(0);
    if kind != b"ftyp" || !(16..=1_024).contains(&length) {
        return false;
    }
    let Some(brands) = rest.get(..length - 8) else { return false };
    let Some(major) = brands.get(..4) else { return false };
    let others = brands.get(8..).unwrap_or_default();
    OWN.contains(&major) || GENERAL.contains(&major) && others.chunks(4).any(|brand| OWN.contains(&brand))
}

/// The largest size that a property `ispe` declares: of a picture in tiles, that of the whole (ISO 23008-12, 6.5.3). The
/// boxes that hold it come first in the file.
fn heic_size(bytes: &[u8]) -> Option<(u32, u32)> {
    const HEAD: usize = 256 << 10;
    let head = bytes.get(..bytes.len().min(HEAD))?;
    let sizes = head.windows(16).filter(|window| window.starts_with(b"ispe")).filter_map(|window| {
        let number = |from: usize| window.get(from..from + 4)?.try_into().ok().map(u32::from_be_bytes);
        Some((number(8)?, number(12)?))
    });
    sizes.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}

#[cfg(test)]
mod tests {
    use super::{HEIC, look};
    use crate::error::Code;

    fn heic(brands: &[&[u8; 4]], width: u32, height: u32) -> Vec<u8> {
        let mut bytes = u32::try_from(12 + 4 * brands.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(b"ftyp");
        bytes.extend(brands[0]);
        bytes.extend([0; 4]);
        brands[1..].iter().for_each(|brand| bytes.extend(*brand));
        bytes.extend(20_u32.to_be_bytes());
        bytes.extend(b"ispe");
        bytes.extend([0; 4]);
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    #[test]
    fn heic_is_kept_as_it_came() {
        for brands in [[b"heic", b"mif1"], [b"mif1", b"heic"]] {
            let bytes = heic(&brands, 4_032, 3_024);
            let looked = look(&bytes).unwrap();
            assert_eq!((looked.checked.media_type, looked.checked.size), (HEIC, Some((4_032, 3_024))));
            assert!(looked.checked.bytes == bytes && looked.thumbnails.is_none());
        }
        // A film and another picture format live in boxes of the same kind.
        for brands in [[b"mp42", b"isom"], [b"mif1", b"avif"]] {
            assert_eq!(look(&heic(&brands, 10, 10)).unwrap_err().code(), Code::FileRejected);
        }
        assert_eq!(look(&heic(&[b"heic", b"mif1"], 50_000, 50_000)).unwrap_err().code(), Code::FileRejected);
    }

    #[test]
    fn thumbnails_are_never_larger_than_the_picture() {
        let mut out = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(2_000, 500).write_to(&mut out, image::ImageFormat::Png).unwrap();
        let [small, large] = look(&out.into_inner()).unwrap().thumbnails.unwrap();
        let size = |bytes: &[u8]| image::load_from_memory(bytes).map(|picture| (picture.width(), picture.height()));
        assert_eq!((size(&small).unwrap(), size(&large).unwrap()), ((256, 64), (1_024, 256)));
        let mut out = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(90, 60).write_to(&mut out, image::ImageFormat::Png).unwrap();
        let [small, large] = look(&out.into_inner()).unwrap().thumbnails.unwrap();
        assert_eq!((size(&small).unwrap(), size(&large).unwrap()), ((90, 60), (90, 60)));
    }
}
