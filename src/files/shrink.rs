//! Pictures made smaller in little memory: each pixel is the mean of what it covers. The pictures themselves and one row are
//! all that is held, where a filter of several passes holds a picture of fractions between them.

use image::GrayImage;

/// A picture, and the smaller ones that were made of it.
pub struct Sizes<'a> {
    picture: &'a GrayImage,
    smaller: Vec<GrayImage>,
}

impl<'a> Sizes<'a> {
    /// A picture.
    pub const fn of(picture: &'a GrayImage) -> Self {
        Self { picture, smaller: Vec::new() }
    }

    /// The picture with so many pixels on its longest side, or as it is when it has no more.
    pub fn longest(&mut self, side: u32) -> &GrayImage {
        let longest = longest(self.picture);
        if side >= longest {
            return self.picture;
        }
        if !self.smaller.iter().any(|known| self::longest(known) == side) {
            let to = |length: u32| {
                let scaled = u64::from(length) * u64::from(side) / u64::from(longest);
                u32::try_from(scaled).unwrap_or(length).max(1)
            };
            // What is twice as large is as good as the picture, and is done sooner.
            let from = self.smaller.iter().filter(|known| self::longest(known) >= 2 * side);
            let from = from.min_by_key(|known| self::longest(known)).unwrap_or(self.picture);
            let made = shrink(from, to(self.picture.width()), to(self.picture.height()));
            self.smaller.push(made);
        }
        self.smaller.iter().find(|known| self::longest(known) == side).unwrap_or(self.picture)
    }
}

/// Pixels on the longest side.
fn longest(picture: &GrayImage) -> u32 {
    picture.width().max(picture.height())
}

/// A picture of this size, which is no larger either way.
fn shrink(picture: &GrayImage, width: u32, height: u32) -> GrayImage {
    let (wide, high) = (u64::from(picture.width()), u64::from(picture.height()));
    let (width, height) = (width.clamp(1, picture.width().max(1)), height.clamp(1, picture.height().max(1)));
    let (across, down) = (u64::from(width), u64::from(height));
    let columns = usize::try_from(width).unwrap_or_default();
    let mut line = vec![0_u64; columns];
    let mut sums = vec![0_u64; columns];
    let mut pixels = Vec::with_capacity(columns * usize::try_from(height).unwrap_or_default());
    // In parts, of which a pixel is `across` times `down` and one of the small picture `wide` times `high`.
    let mut room = high;
    for row in picture.rows() {
        let values = row.map(|pixel| u64::from(pixel.0[0]));
        means(values, across, wide, &mut line);
        let part = room.min(down);
        add(&mut sums, &line, part);
        room -= part;
        if room == 0 {
            let area = wide * high;
            pixels.extend(sums.iter().map(|sum| u8::try_from((sum + area / 2) / area).unwrap_or(u8::MAX)));
            sums.fill(0);
            add(&mut sums, &line, down - part);
            room = high - (down - part);
        }
    }
    GrayImage::from_raw(width, height, pixels).unwrap_or_default()
}

/// The sums of a row's values over what each place covers: a value has `part` parts, a place `whole`.
fn means(values: impl Iterator<Item = u64>, part: u64, whole: u64, into: &mut [u64]) {
    let mut places = into.iter_mut();
    let (mut sum, mut room) = (0, whole);
    for value in values {
        let here = room.min(part);
        sum += value * here;
        room -= here;
        if room == 0 {
            if let Some(place) = places.next() {
                *place = sum;
            }
            sum = value * (part - here);
            room = whole - (part - here);
        }
    }
}

fn add(sums: &mut [u64], line: &[u64], times: u64) {
    if times > 0 {
        for (sum, value) in sums.iter_mut().zip(line) {
            *sum += value * times;
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn a_pixel_is_the_mean_of_what_it_covers() {
        let picture = GrayImage::from_raw(3, 2, vec![0, 90, 240, 60, 30, 120]).unwrap();
        // One and a half columns and two rows each: (0 + 90/2 + 60 + 30/2) / 3, (90/2 + 240 + 30/2 + 120) / 3.
        assert_eq!(shrink(&picture, 2, 1).into_raw(), [40, 140]);
        assert_eq!(shrink(&picture, 3, 2), picture);
        assert_eq!(shrink(&picture, 1, 1).into_raw(), [90]);
        // As it is, when no less is asked for.
        assert_eq!(Sizes::of(&picture).longest(3), &picture);
    }

    #[test]
    fn shades_stay_and_sizes_are_kept() {
        let picture = GrayImage::from_fn(4_000, 3_000, |x, _| Luma([if x < 2_000 { 200 } else { 51 }]));
        let mut sizes = Sizes::of(&picture);
        for side in [1_600, 3_000, 800, 1_600] {
            let small = sizes.longest(side);
            assert_eq!(small.dimensions(), (side, side * 3 / 4));
            let edge = side / 2;
            for (x, shade) in [(0, 200), (edge - 2, 200), (edge + 1, 51), (side - 1, 51)] {
                assert_eq!(small.get_pixel(x, side / 3).0, [shade], "{x} of {side}");
            }
        }
        assert_eq!(sizes.smaller.len(), 3);
        assert_eq!(Sizes::of(&GrayImage::new(5_000, 1)).longest(1_600).dimensions(), (1_600, 1));
    }
}
