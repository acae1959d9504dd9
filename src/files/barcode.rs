//! Barcodes in photos: QR, Data Matrix and the common linear ones, as phones see them: turned, dim, blurred, and small in
//! a large picture.
//!
//! No single look finds them all. A photo is looked at in several sizes, as it is and with its light evened out, its edges
//! sharpened or its sides turned, the likeliest first, until something is found or the time is over. No look is begun that
//! would not end in time, as far as the looks before it tell.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use image::GrayImage;
use image::imageops;
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::multi::{GenericMultipleBarcodeReader, MultipleBarcodeReader};
use rxing::{
    BarcodeFormat, Binarizer, BinaryBitmap, DecodeHints, Exceptions, Luma8LuminanceSource, MultiUseMultiFormatReader,
    RXingResult, RXingResultMetadataType, RXingResultMetadataValue, Reader,
};

use super::finders;
use super::pace::Pace;
use super::picture::{self, Turns};
use super::shrink::Sizes;
use super::treated::{HALF_ROOT, even, turned};
use crate::db::types::text_enum;
use crate::error::Error;

text_enum! {
    /// A kind of barcode, in the words of the browsers' Barcode Detection API.
    BarcodeKind {
        /// QR Code and its small kinds.
        Qr = "qr_code",
        /// Data Matrix.
        DataMatrix = "data_matrix",
        /// Code 128, GS1-128 too.
        Code128 = "code_128",
        /// Code 39.
        Code39 = "code_39",
        /// Code 93.
        Code93 = "code_93",
        /// Codabar.
        Codabar = "codabar",
        /// EAN-13.
        Ean13 = "ean_13",
        /// EAN-8.
        Ean8 = "ean_8",
        /// Interleaved 2 of 5.
        Itf = "itf",
        /// UPC-A. (UPC-E is not looked for: its few lines are seen where there are none.)
        UpcA = "upc_a",
    }
}

/// A barcode in a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Barcode {
    /// What it says. When it holds GS1 elements, with the symbology's prefix, as scanners give it.
    pub text: String,
    /// What kind it is.
    pub kind: BarcodeKind,
    /// Where it is, in pixels of the upright photo from its upper left corner: corners or ends, as that kind has them.
    pub points: Vec<(f32, f32)>,
}

/// Photos that are looked through at the same time: each takes a core.
static TURNS: Turns = Turns::of(2);
/// So long is looked at the most.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pixels on the longest side of the usual look.
const USUAL: u32 = 1_600;

/// A way to look at a photo: how many pixels its longest side is brought to at the most, and what is done to it.
type Look = (u32, Treatment);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    /// As it is, light and dark told apart place by place.
    Plain,
    /// Edges made clear again.
    Sharp,
    /// From the darkest to the lightest, light told from dark by one measure, and white on black as well.
    Even,
    /// Turned by an eighth: lines across linear codes run along the sides only.
    Turned,
    /// Part by part: the search for some kinds begins in the middle.
    Parted,
}

impl Treatment {
    /// How many times the pixels of the picture are looked at: turned, there is white around them; the parts overlap; white
    /// on black is looked for as well.
    const fn times(self) -> u64 {
        match self {
            Self::Plain | Self::Sharp => 1,
            Self::Even | Self::Turned | Self::Parted => 2,
        }
    }
}

const LOOKS: [Look; 9] = [
    (USUAL, Treatment::Plain),
    (3_000, Treatment::Plain),
    (USUAL, Treatment::Turned),
    (800, Treatment::Plain),
    (USUAL, Treatment::Sharp),
    (USUAL, Treatment::Even),
    (3_000, Treatment::Parted),
    (3_000, Treatment::Turned),
    (u32::MAX, Treatment::Plain),
];

/// What is looked for one after another, so that the time is asked in between.
const STEPS: [&[BarcodeFormat]; 3] = [
    &[BarcodeFormat::QR_CODE, BarcodeFormat::MICRO_QR_CODE],
    &[
        BarcodeFormat::CODE_128,
        BarcodeFormat::CODE_39,
        BarcodeFormat::CODE_93,
        BarcodeFormat::CODABAR,
        BarcodeFormat::EAN_13,
        BarcodeFormat::EAN_8,
        BarcodeFormat::ITF,
        BarcodeFormat::UPC_A,
    ],
    &[BarcodeFormat::DATA_MATRIX],
];

/// Parts of a photo along its longer and its shorter side, each a quarter larger than its share.
const PARTS: (u32, u32) = (3, 2);

/// Finds the barcodes in a photo; none is no error.
///
/// # Errors
/// `file_rejected` when it is no photo.
pub fn find(bytes: &[u8]) -> Result<Vec<Barcode>, Error> {
    let format = picture::format_of(bytes)?;
    let photo = {
        let _turn = picture::turn();
        picture::unpack(bytes, format)?.into_luma8()
    };
    let _turn = TURNS.wait();
    Ok(look_through(&photo, PATIENCE))
}

fn look_through(photo: &GrayImage, patience: Duration) -> Vec<Barcode> {
    let longest = photo.width().max(photo.height());
    let (mut sizes, mut pace) = (Sizes::of(photo), Pace::new(patience));
    let mut looked = Vec::new();
    for (side, treatment) in LOOKS {
        // A smaller photo is not made larger, so that some looks are the same.
        let look = (side.min(longest), treatment);
        if looked.contains(&look) {
            continue;
        }
        looked.push(look);
        let found = take(&mut sizes, longest, look, &mut pace);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn take(sizes: &mut Sizes<'_>, longest: u32, (side, treatment): Look, pace: &mut Pace) -> Vec<Barcode> {
    let begun = Instant::now();
    let sized = sizes.longest(side);
    let area = u64::from(sized.width()) * u64::from(sized.height()) * treatment.times();
    if !pace.allows(area) {
        return Vec::new();
    }
    let scale = pixels(longest) / pixels(sized.width().max(sized.height())).max(1.0);
    let centre = (pixels(sized.width()) / 2.0, pixels(sized.height()) / 2.0);
    let treated = match treatment {
        Treatment::Plain | Treatment::Parted => sized.clone(),
        Treatment::Sharp => imageops::unsharpen(sized, 2.0, 1),
        Treatment::Even => even(sized.clone()),
        Treatment::Turned => turned(sized),
    };
    let until = pace.until();
    let (wide, high) = treated.dimensions();
    let results: Vec<((f32, f32), RXingResult)> = if treatment == Treatment::Parted {
        let part = |(x, y, part): (u32, u32, GrayImage)| {
            decode(part, treatment, until).into_iter().map(move |result| ((pixels(x), pixels(y)), result))
        };
        parts(&treated).flat_map(part).collect()
    } else {
        decode(treated, treatment, until).into_iter().map(|result| ((0.0, 0.0), result)).collect()
    };
    pace.note(area, begun.elapsed());
    let back = |x: f32, y: f32| {
        let (x, y) = if treatment == Treatment::Turned {
            let (x, y) = (x - pixels(wide) / 2.0, y - pixels(high) / 2.0);
            (centre.0 + (x - y) * HALF_ROOT, centre.1 + (x + y) * HALF_ROOT)
        } else {
            (x, y)
        };
        (x * scale, y * scale)
    };
    let mut found: Vec<Barcode> = Vec::new();
    for ((left, top), result) in &results {
        let Some(kind) = kind(*result.getBarcodeFormat()) else { continue };
        let text = text(result);
        // Short codes of these kinds are seen in any fence.
        let fence = matches!(kind, BarcodeKind::Itf | BarcodeKind::Codabar) && text.len() < 6;
        if !fence && !found.iter().any(|known| known.text == text && known.kind == kind) {
            let points = result.getPoints().iter().map(|point| back(point.x + left, point.y + top)).collect();
            found.push(Barcode { text, kind, points });
        }
    }
    found
}

/// A length in a picture: no side of one that is taken is longer than 50,000.
fn pixels(length: u32) -> f32 {
    f32::from(u16::try_from(length).unwrap_or(u16::MAX))
}

/// The parts of a photo, each with its upper left corner.
fn parts(photo: &GrayImage) -> impl Iterator<Item = (u32, u32, GrayImage)> {
    let (width, height) = photo.dimensions();
    let (across, down) = if width >= height { PARTS } else { (PARTS.1, PARTS.0) };
    (0..across * down).map(move |part| {
        let (x, y) = (width * (part % across) / across, height * (part / across) / down);
        let (wide, high) = ((width / across * 5 / 4).min(width - x), (height / down * 5 / 4).min(height - y));
        (x, y, imageops::crop_imm(photo, x, y, wide, high).to_image())
    })
}

/// A reader that gives up in time. Around each code that is found more are looked for, and that may go on and on.
struct Patient(MultiUseMultiFormatReader, Instant);

impl Reader for Patient {
    fn decode<B: Binarizer>(&mut self, image: &mut BinaryBitmap<B>) -> rxing::common::Result<RXingResult> {
        self.decode_with_hints(image, &DecodeHints::default())
    }

    fn decode_with_hints<B: Binarizer>(
        &mut self,
        image: &mut BinaryBitmap<B>,
        hints: &DecodeHints,
    ) -> rxing::common::Result<RXingResult> {
        if Instant::now() > self.1 { Err(Exceptions::NOT_FOUND) } else { self.0.decode_with_hints(image, hints) }
    }
}

fn decode(picture: GrayImage, treatment: Treatment, until: Instant) -> Vec<RXingResult> {
    let (width, height) = picture.dimensions();
    let Ok(source) = Luma8LuminanceSource::new(picture.into_raw(), width, height) else { return Vec::new() };
    if treatment == Treatment::Even {
        decode_by(GlobalHistogramBinarizer::new(source), true, until)
    } else {
        decode_by(HybridBinarizer::new(source), false, until)
    }
}

fn decode_by<B: Binarizer>(binarizer: B, inverted: bool, until: Instant) -> Vec<RXingResult> {
    let mut picture = BinaryBitmap::new(binarizer);
    let mut found = Vec::new();
    for formats in STEPS {
        if Instant::now() > until {
            break;
        }
        // A picture from outside must not take the request down, whatever it does to the decoder.
        let look = AssertUnwindSafe(|| {
            let dark = picture.get_black_matrix();
            let crowded = |shade: bool| finders::too_many(dark.width(), dark.height(), |x, y| dark.get(x, y) == shade);
            if formats.contains(&BarcodeFormat::QR_CODE) && (crowded(true) || inverted && crowded(false)) {
                return Ok(Vec::new());
            }
            let hints = DecodeHints {
                TryHarder: Some(true),
                AlsoInverted: Some(inverted),
                AssumeGs1: Some(true),
                PossibleFormats: Some(HashSet::from_iter(formats.iter().copied())),
                ..DecodeHints::default()
            };
            let reader = Patient(MultiUseMultiFormatReader::default(), until);
            GenericMultipleBarcodeReader::new(reader).decode_multiple_with_hints(&mut picture, &hints)
        });
        found.extend(catch_unwind(look).ok().and_then(Result::ok).unwrap_or_default());
    }
    found
}

const fn kind(format: BarcodeFormat) -> Option<BarcodeKind> {
    Some(match format {
        BarcodeFormat::QR_CODE | BarcodeFormat::MICRO_QR_CODE | BarcodeFormat::RECTANGULAR_MICRO_QR_CODE => {
            BarcodeKind::Qr
        }
        BarcodeFormat::DATA_MATRIX => BarcodeKind::DataMatrix,
        BarcodeFormat::CODE_128 => BarcodeKind::Code128,
        BarcodeFormat::CODE_39 => BarcodeKind::Code39,
        BarcodeFormat::CODE_93 => BarcodeKind::Code93,
        BarcodeFormat::CODABAR => BarcodeKind::Codabar,
        BarcodeFormat::EAN_13 => BarcodeKind::Ean13,
        BarcodeFormat::EAN_8 => BarcodeKind::Ean8,
        BarcodeFormat::ITF => BarcodeKind::Itf,
        BarcodeFormat::UPC_A => BarcodeKind::UpcA,
        _ => return None,
    })
}

/// The text, with the prefix that says that it holds GS1 elements when the decoder tells that only beside it.
fn text(result: &RXingResult) -> String {
    let text = result.getText();
    match result.getRXingResultMetadata().get(&RXingResultMetadataType::SYMBOLOGY_IDENTIFIER) {
        Some(RXingResultMetadataValue::SymbologyIdentifier(prefix))
            if matches!(prefix.as_str(), "]C1" | "]d2" | "]Q3") && !text.starts_with(']') =>
        {
            format!("{prefix}{text}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use image::{GrayImage, Luma, imageops};

    use super::{Barcode, BarcodeKind, turned};

    /// With all the time that a busy machine takes.
    fn look_through(photo: &GrayImage) -> Vec<Barcode> {
        super::look_through(photo, Duration::from_secs(300))
    }

    fn fixture(bytes: &[u8]) -> GrayImage {
        image::load_from_memory(bytes).unwrap().into_luma8()
    }

    /// The code on a grey table, in a photo of this size.
    fn on_table(code: &GrayImage, width: u32, height: u32) -> GrayImage {
        let mut photo =
            GrayImage::from_fn(width, height, |x, y| Luma([150 + u8::try_from((x * 7 + y * 3) % 40).unwrap()]));
        imageops::overlay(&mut photo, code, i64::from(width / 3), i64::from(height / 3));
        photo
    }

    macro_rules! barcode {
        ($name:literal) => {
            fixture(include_bytes!(concat!("../../tests/vectors/barcodes/", $name, ".png")))
        };
    }

    #[test]
    fn every_common_kind_is_read() {
        for (code, kind, text) in [
            (barcode!("datamatrix"), BarcodeKind::DataMatrix, "VN-SN 480037"),
            (barcode!("code128"), BarcodeKind::Code128, "SN480037"),
            (barcode!("ean13"), BarcodeKind::Ean13, "4006381333931"),
            (barcode!("gs1_128"), BarcodeKind::Code128, "]C180044012345678ABC00017"),
            (barcode!("gs1_datamatrix"), BarcodeKind::DataMatrix, "]d280044012345678ABC00017"),
            (barcode!("gs1_qr"), BarcodeKind::Qr, "]Q3010950600013435221S7"),
        ] {
            for turn in [code.clone(), imageops::rotate90(&code), imageops::rotate180(&code)] {
                let found = look_through(&on_table(&turn, 1_600, 1_200));
                let read: Vec<_> = found.iter().map(|code| (code.kind, code.text.replace('\u{1d}', ""))).collect();
                assert_eq!(read, [(kind, text.to_owned())]);
            }
        }
    }

    #[test]
    fn a_code_askew_is_found_where_it_is() {
        let code = barcode!("code128");
        let askew = turned(&code);
        let photo = on_table(&askew, 1_200, 900);
        let found = look_through(&photo);
        assert_eq!(found.iter().map(|code| code.text.as_str()).collect::<Vec<_>>(), ["SN480037"]);
        for (x, y) in &found[0].points {
            assert!((400.0..800.0).contains(x) && (300.0..700.0).contains(y), "{:?}", found[0].points);
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        assert_eq!(look_through(&GrayImage::new(1, 1)), []);
        assert_eq!(look_through(&on_table(&GrayImage::new(1, 1), 700, 500)), []);
    }
}
