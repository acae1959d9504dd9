//! Pieces: what a page is filled with, and how pages are filled.

use std::rc::Rc;

use super::page::{Color, Mark, Rect};

/// The thickness of a table's lines.
pub const HAIRLINE: f32 = 0.6;

/// Something that is not broken over two pages.
#[derive(Debug, Clone, Default)]
pub struct Piece {
    /// Its height.
    pub height: f32,
    /// What is drawn in it.
    pub marks: Vec<Mark>,
    /// Stays with the next piece.
    pub keep: bool,
    /// White: not needed at the top of a page.
    pub white: bool,
    /// Begins a new page.
    pub breaks: bool,
    /// What is repeated above it at the top of a page: a table's head.
    pub head: Option<Rc<Piece>>,
}

/// The sides of a rectangle; the upper and the lower one only where its ends are closed.
pub fn outline(rect: Rect, width: f32, color: Color, (upper, lower): (bool, bool)) -> Vec<Mark> {
    let Rect { x, y, w, h } = rect;
    let line = |from, to| Mark::Line { from, to, width, color };
    let mut sides = vec![line((x, y), (x, y + h)), line((x + w, y), (x + w, y + h))];
    sides.extend(upper.then(|| line((x, y), (x + w, y))));
    sides.extend(lower.then(|| line((x, y + h), (x + w, y + h))));
    sides
}

/// How high pieces are altogether.
pub fn height_of(pieces: &[Piece]) -> f32 {
    pieces.iter().map(|piece| piece.height).sum()
}

/// The height of the stripes that what is taller than a page is cut into.
const STRIPE: f32 = 40.0;

/// Columns side by side as stripes from one edge to the other: one, or several when they are higher than a page has room
/// for. Each stripe has one piece for each column.
pub fn stripes(mut columns: Vec<Vec<Piece>>, room: f32) -> Vec<Vec<Piece>> {
    let tallest = columns.iter().map(|pieces| height_of(pieces)).fold(0.0, f32::max);
    if tallest <= room {
        return vec![columns.into_iter().map(stacked).collect()];
    }
    let mut cut = Vec::new();
    while columns.iter().any(|pieces| !pieces.is_empty()) {
        let stripe = columns.iter_mut().map(|pieces| {
            let mut height = 0.0;
            let fit = pieces.iter().take_while(|piece| {
                height += piece.height;
                height <= STRIPE
            });
            let fit = fit.count().max(1).min(pieces.len());
            stacked(pieces.drain(..fit).collect())
        });
        cut.push(stripe.collect());
    }
    cut
}

/// White of a height.
pub const fn white(height: f32, keep: bool) -> Piece {
    Piece { height, marks: Vec::new(), keep, white: true, breaks: false, head: None }
}

/// Pieces as one that is not broken.
pub fn stacked(pieces: Vec<Piece>) -> Piece {
    let mut whole = Piece::default();
    for piece in pieces {
        let y = whole.height;
        whole.marks.extend(piece.marks.into_iter().map(|mark| mark.moved(0.0, y)));
        whole.height += piece.height;
    }
    whole
}

/// Fills pages with pieces: what stays together goes over together, a table's head comes again.
pub fn paginate(pieces: Vec<Piece>, first_top: f32, rest_top: f32, limit: f32, left: f32) -> Vec<Vec<Mark>> {
    let mut pages: Vec<Vec<Mark>> = vec![Vec::new()];
    let mut y = first_top;
    let mut empty = true;
    let mut pieces = pieces.into_iter().peekable();
    let turn = |pages: &mut Vec<Vec<Mark>>, y: &mut f32, empty: &mut bool| {
        pages.push(Vec::new());
        *y = rest_top;
        *empty = true;
    };
    while let Some(piece) = pieces.next() {
        if piece.breaks {
            if !empty {
                turn(&mut pages, &mut y, &mut empty);
            }
            continue;
        }
        let mut group = vec![piece];
        while group.last().is_some_and(|last| last.keep)
            && let Some(next) = pieces.next_if(|next| !next.breaks)
        {
            group.push(next);
        }
        let height: f32 = group.iter().map(|piece| piece.height).sum();
        let repeated = group.first().and_then(|piece| piece.head.as_ref()).map_or(0.0, |head| head.height);
        if !empty && y + height > limit && height + repeated <= limit - rest_top {
            turn(&mut pages, &mut y, &mut empty);
        }
        for piece in group {
            if piece.white && (empty || y + piece.height > limit) {
                continue;
            }
            if !empty && y + piece.height > limit {
                turn(&mut pages, &mut y, &mut empty);
            }
            let Some(page) = pages.last_mut() else { continue };
            if empty && let Some(head) = &piece.head {
                page.extend(head.marks.iter().cloned().map(|mark| mark.moved(left, y)));
                y += head.height;
            }
            page.extend(piece.marks.into_iter().map(|mark| mark.moved(left, y)));
            y += piece.height;
            empty = false;
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_together_goes_over_together() {
        let piece = |height, keep| Piece { height, keep, marks: vec![mark(height)], ..Piece::default() };
        let pages = paginate(vec![piece(50.0, false), piece(30.0, true), piece(30.0, false)], 0.0, 0.0, 100.0, 0.0);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_head_comes_again_on_each_page() {
        let head = Rc::new(Piece { height: 10.0, marks: vec![mark(1.0)], ..Piece::default() });
        let row = Piece { height: 40.0, marks: vec![mark(2.0)], head: Some(head), ..Piece::default() };
        let pages = paginate(vec![row.clone(), row.clone(), row.clone(), row], 0.0, 0.0, 100.0, 0.0);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
    }

    fn mark(width: f32) -> Mark {
        Mark::Line { from: (0.0, 0.0), to: (1.0, 0.0), width, color: Color::BLACK }
    }
}
