//! What is done to a photo so that codes are seen in it.

use image::GrayImage;

/// The sine of an eighth of a circle, by which pictures are turned.
pub const HALF_ROOT: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Spreads the shades from the darkest to the lightest, but for the hundredth at either end.
pub fn even(mut picture: GrayImage) -> GrayImage {
    let mut shades = [0_u64; 256];
    for pixel in picture.pixels() {
        if let Some(count) = shades.get_mut(usize::from(pixel.0[0])) {
            *count += 1;
        }
    }
    let ignored = u64::from(picture.width()) * u64::from(picture.height()) / 100;
    let counted: Vec<(u8, u64)> = (0..=u8::MAX).zip(shades).collect();
    let dark = end(counted.iter(), ignored).unwrap_or(0);
    let light = end(counted.iter().rev(), ignored).unwrap_or(u8::MAX);
    let range = u16::from(light.saturating_sub(dark)).max(1);
    for pixel in picture.pixels_mut() {
        let [shade] = &mut pixel.0;
        let spread = u16::from(shade.saturating_sub(dark)).min(range) * 255 / range;
        *shade = u8::try_from(spread).unwrap_or(u8::MAX);
    }
    picture
}

/// The first shade behind so many pixels that do not count.
fn end<'a>(mut shades: impl Iterator<Item = &'a (u8, u64)>, ignored: u64) -> Option<u8> {
    let mut passed = 0;
    let found = shades.find(|(_, count)| {
        passed += count;
        passed > ignored
    });
    found.map(|(shade, _)| *shade)
}

/// Turns a picture by an eighth of a circle, on white.
pub fn turned(picture: &GrayImage) -> GrayImage {
    // In 65536ths, so that whole numbers do.
    const IN_WHOLE: i64 = 46_341;
    let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
    let side = ((width + height) * IN_WHOLE) >> 16;
    let length = u32::try_from(side + 1).unwrap_or(1);
    GrayImage::from_fn(length, length, |x, y| {
        let (x, y) = (i64::from(x) * 2 - side, i64::from(y) * 2 - side);
        let from_x = (width + (((x - y) * IN_WHOLE) >> 16)) / 2;
        let from_y = (height + (((x + y) * IN_WHOLE) >> 16)) / 2;
        let pixel = u32::try_from(from_x).ok().zip(u32::try_from(from_y).ok());
        pixel.and_then(|(x, y)| picture.get_pixel_checked(x, y)).copied().unwrap_or(image::Luma([u8::MAX]))
    })
}
