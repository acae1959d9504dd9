//! How many corner squares of QR codes a picture seems to have. Decoders weigh every three of them against each other, so
//! that a page full of squares takes them minutes, and a decoder cannot be stopped.

use std::collections::HashSet;

/// Corner squares that are weighed: those of a hundred codes on one photo.
const MOST: usize = 300;
/// Pixels within which middles are taken for one and the same.
const NEAR: u32 = 3;

/// Whether a picture has more corner squares than photos of labels have. `dark` says which of its pixels are dark.
pub fn too_many(width: u32, height: u32, dark: impl Fn(u32, u32) -> bool) -> bool {
    let mut found = HashSet::new();
    for y in 0..height {
        let mut runs = Runs::new();
        for x in 0..=width {
            let Some(middle) = runs.take(x, x < width && dark(x, y)) else { continue };
            let Some(centre) = upright(middle, y, height, &dark) else { continue };
            let cell = (middle / NEAR, centre / NEAR);
            let around = |(x, y): (u32, u32)| {
                (x.saturating_sub(1)..=x + 1).flat_map(move |x| (y.saturating_sub(1)..=y + 1).map(move |y| (x, y)))
            };
            if !around(cell).any(|near| found.contains(&near)) {
                found.insert(cell);
            }
            if found.len() > MOST {
                return true;
            }
        }
    }
    false
}

/// The last five runs of one shade in a line.
struct Runs {
    lengths: [u32; 5],
    shade: bool,
}

impl Runs {
    const fn new() -> Self {
        Self { lengths: [0; 5], shade: false }
    }

    /// Takes the next pixel; the middle of a corner square that ends before it.
    fn take(&mut self, at: u32, dark: bool) -> Option<u32> {
        if dark == self.shade {
            self.lengths[4] += 1;
            return None;
        }
        let [_, _, third, fourth, fifth] = self.lengths;
        let ended = self.shade && is_square(self.lengths);
        self.lengths.rotate_left(1);
        self.lengths[4] = 1;
        self.shade = dark;
        ended.then(|| at.saturating_sub(fifth + fourth + third / 2 + 1))
    }
}

/// Dark, light, three times dark, light, dark: within half of a module each (ISO/IEC 18004, 6.3.3 and 12).
fn is_square(lengths: [u32; 5]) -> bool {
    let whole: u32 = lengths.iter().sum();
    // In sevenths of the whole: one module is `whole` of them.
    let fits = |length: u32, modules: u32| (length * 7).abs_diff(modules * whole) * 2 <= modules * whole;
    whole >= 7 && lengths.iter().zip([1, 1, 3, 1, 1]).all(|(length, modules)| fits(*length, modules))
}

/// The middle of a corner square in the column through a row, if the column is one as well.
fn upright(x: u32, y: u32, height: u32, dark: impl Fn(u32, u32) -> bool) -> Option<u32> {
    let run = |from: Option<u32>, shade: bool, down: bool| {
        let mut at = from;
        let mut length = 0;
        while let Some(row) = at.filter(|row| *row < height && dark(x, *row) == shade) {
            length += 1;
            at = if down { row.checked_add(1) } else { row.checked_sub(1) };
        }
        (length, at)
    };
    let (above, rest) = run(Some(y), true, false);
    let (light_above, rest) = run(rest, false, false);
    let (dark_above, _) = run(rest, true, false);
    let (below, rest) = run(y.checked_add(1), true, true);
    let (light_below, rest) = run(rest, false, true);
    let (dark_below, _) = run(rest, true, true);
    let middle = y + 1 + below - (above + below).div_ceil(2);
    is_square([dark_above, light_above, above + below, light_below, dark_below]).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::too_many;

    /// A page of corner squares with modules of so many pixels.
    fn page(across: u32, module: u32) -> (u32, impl Fn(u32, u32) -> bool) {
        let cell = 9 * module;
        let square = move |x: u32, y: u32| {
            let (x, y) = ((x % cell) / module, (y % cell) / module);
            let ring = x.abs_diff(4).max(y.abs_diff(4));
            ring == 3 || ring <= 1
        };
        (across * cell, square)
    }

    #[test]
    fn a_page_of_corner_squares_is_told_from_a_photo_of_labels() {
        for module in [1, 2, 3, 7] {
            let (side, dark) = page(12, module);
            assert!(!too_many(side, side, &dark), "144 squares of {module}");
            let (side, dark) = page(30, module);
            assert!(too_many(side, side, &dark), "900 squares of {module}");
        }
        assert!(!too_many(900, 900, |x, y| (x / 3 + y / 3) % 2 == 0), "a chessboard");
        assert!(!too_many(0, 0, |_, _| true));
    }
}
