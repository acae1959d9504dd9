//! A label's text as the dots that thermal printers take, whatever language they speak.

use tiny_skia::Pixmap;

/// Darker than this is black.
const THRESHOLD: u8 = 150;

/// The part of a picture that has ink: eight dots a byte, a set bit is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ink {
    /// Dots from the left.
    pub left: u32,
    /// Dots from the top.
    pub top: u32,
    /// Bytes a row.
    pub bytes: usize,
    /// The rows.
    pub rows: Vec<Vec<u8>>,
}

impl Ink {
    /// The ink of a picture moved by so many dots to the right and down. What leaves it at the left or the top is cut
    /// off: no printer's head reaches there. Nothing when there is no ink.
    pub fn of(picture: &Pixmap, (dx, dy): (i32, i32)) -> Option<Self> {
        let width = usize::try_from(picture.width()).ok()?;
        let cut = |by: i32| usize::try_from(-by.min(0)).unwrap_or_default();
        let dark: Vec<Vec<bool>> = picture
            .pixels()
            .chunks(width)
            .skip(cut(dy))
            .map(|row| row.iter().skip(cut(dx)).map(|pixel| pixel.green() < THRESHOLD).collect())
            .collect();
        let top = dark.iter().position(|row| row.contains(&true))?;
        let bottom = dark.iter().rposition(|row| row.contains(&true))?;
        let left = dark.iter().filter_map(|row| row.iter().position(|dot| *dot)).min()?;
        let right = dark.iter().filter_map(|row| row.iter().rposition(|dot| *dot)).max()?;
        let byte = |eight: &[bool]| {
            (0..8).fold(0, |byte, index| byte << 1 | u8::from(eight.get(index).copied().unwrap_or(false)))
        };
        let rows = dark.get(top..=bottom)?.iter().map(|row| {
            let dots = row.get(left..=right).unwrap_or_default();
            dots.chunks(8).map(byte).collect()
        });
        let moved = |at: usize, by: i32| Some(u32::try_from(at).ok()? + u32::try_from(by.max(0)).ok()?);
        Some(Self { left: moved(left, dx)?, top: moved(top, dy)?, bytes: (right - left) / 8 + 1, rows: rows.collect() })
    }
}

#[cfg(test)]
mod tests {
    use tiny_skia::{Color, Paint, Pixmap, Rect, Transform};

    use super::Ink;

    #[test]
    fn ink_is_found_moved_and_cut() {
        let mut picture = Pixmap::new(20, 10).unwrap();
        picture.fill(Color::WHITE);
        let dots = Rect::from_xywh(3.0, 4.0, 9.0, 2.0).unwrap();
        picture.fill_rect(dots, &Paint::default(), Transform::identity(), None);
        let rows = vec![vec![0xff, 0x80]; 2];
        assert_eq!(Ink::of(&picture, (0, 0)), Some(Ink { left: 3, top: 4, bytes: 2, rows: rows.clone() }));
        assert_eq!(Ink::of(&picture, (2, -3)), Some(Ink { left: 5, top: 1, bytes: 2, rows }));
        let cut = Ink { left: 0, top: 0, bytes: 1, rows: vec![vec![0xfe]] };
        assert_eq!(Ink::of(&picture, (-5, -5)), Some(cut));
        assert_eq!(Ink::of(&picture, (-12, 0)), None);
    }
}
