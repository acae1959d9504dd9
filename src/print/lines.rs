//! Lines: how a paragraph's letters are broken into them, made smaller, and cut short.

use super::font::{Fonts, Weight};
use super::markup::{Align, Inline, Paragraph, Style};
use super::page::{Color, Mark};
use super::pieces::{Piece, white};

/// Line height and baseline, in sizes of the letters.
const LEADING: f32 = 1.22;
const BASELINE: f32 = 0.94;
/// How far letters shrink before a word is cut in the middle.
const BEFORE_CUTTING: f32 = 0.75;
/// A new line within a value: new lines of a template are only its own layout.
pub const NEW_LINE: char = '\u{2028}';

/// What lines are set with.
pub struct Setting<'a> {
    /// The faces.
    pub fonts: &'a Fonts,
    /// The page and how many there are; known for headers and footers only.
    pub numbers: Option<(usize, usize)>,
    /// Letters are made smaller by this on labels.
    pub scale: f32,
}

impl Setting<'_> {
    /// A paragraph's lines. None at all when it would be cut short and may be left out.
    pub fn paragraph(&self, paragraph: &Paragraph, width: f32) -> Vec<Piece> {
        let lines = self.fitted(paragraph, width);
        let count = lines.len();
        if count == 0 {
            return Vec::new();
        }
        let mut pieces: Vec<Piece> = lines.into_iter().map(|line| line.piece(paragraph.align, width)).collect();
        for (index, piece) in pieces.iter_mut().enumerate() {
            // No single line of a paragraph stands alone on a page.
            piece.keep = paragraph.keep_with_next || (count > 2 && (index == 0 || index + 2 == count));
        }
        if paragraph.after > 0.0 {
            pieces.push(white(paragraph.after, paragraph.keep_with_next));
        }
        pieces
    }

    /// The lines of a paragraph; smaller, then cut short, when it may not have as many as it needs.
    fn fitted(&self, paragraph: &Paragraph, width: f32) -> Vec<Line> {
        let Some(most) = paragraph.max_lines else { return self.whole_words(paragraph, width) };
        let largest = paragraph.inlines.iter().filter_map(Inline::size).fold(paragraph.min_size, f32::max);
        let full = self.letters(paragraph, 1.0);
        let ink: f32 = full.iter().filter(|letter| letter.letter != ' ').map(|letter| letter.width).sum();
        let widest = widest_word(&full);
        let room = (width + 0.01) * f32::from(u16::try_from(most).unwrap_or(u16::MAX));
        // Compared as a share, which is met exactly: letters of that share may be a rounding above the smallest size.
        let least = (paragraph.min_size / largest).max(0.02);
        let mut share: f32 = 1.0;
        loop {
            let smallest = share <= least;
            // What cannot fit by its width alone need not be broken into lines.
            if !smallest && (ink * share > room || widest * share > width + 0.01) {
                share = f32::max(share - 0.04, least);
                continue;
            }
            let letters = self.letters(paragraph, share);
            let lines = broken(&letters, width, self.fallback(paragraph, share));
            // A word is cut in the middle only when it cannot be made to fit.
            if lines.len() <= most && (smallest || widest_word(&letters) <= width) {
                return lines;
            }
            if smallest {
                return match paragraph {
                    Paragraph { whole: true, .. } => lines,
                    Paragraph { optional: true, .. } => Vec::new(),
                    _ => cut_short(lines, most, self.fonts, width),
                };
            }
            share = f32::max(share - 0.04, least);
        }
    }

    /// The lines of a paragraph that may have as many as it needs. A word that is a little too wide makes all of it smaller.
    fn whole_words(&self, paragraph: &Paragraph, width: f32) -> Vec<Line> {
        let letters = self.letters(paragraph, 1.0);
        let widest = widest_word(&letters);
        if widest > width && widest * BEFORE_CUTTING <= width {
            let share = width / widest * 0.995;
            return broken(&self.letters(paragraph, share), width, self.fallback(paragraph, share));
        }
        broken(&letters, width, self.fallback(paragraph, 1.0))
    }

    fn letters(&self, paragraph: &Paragraph, share: f32) -> Vec<Letter> {
        let mut letters: Vec<Letter> = Vec::new();
        let new_line = |letters: &mut Vec<Letter>| letters.push(Letter { letter: '\n', style: None, width: 0.0 });
        for inline in &paragraph.inlines {
            let (style, text) = match inline {
                Inline::Text(style, text) => (*style, text.replace('\n', " ")),
                Inline::Break => {
                    new_line(&mut letters);
                    continue;
                }
                Inline::PageNumber(style) => {
                    (*style, self.numbers.map(|(page, _)| page.to_string()).unwrap_or_default())
                }
                Inline::PageCount(style) => {
                    (*style, self.numbers.map(|(_, pages)| pages.to_string()).unwrap_or_default())
                }
            };
            let style = Style { size: style.size * share * self.scale, ..style };
            let face = self.fonts.face(style.weight);
            for (index, line) in text.split(NEW_LINE).enumerate() {
                if index > 0 {
                    new_line(&mut letters);
                }
                for letter in face.showable(line).chars() {
                    letters.push(Letter { letter, style: Some(style), width: face.width(letter, style.size) });
                }
            }
        }
        letters
    }

    fn fallback(&self, paragraph: &Paragraph, share: f32) -> Style {
        let size = paragraph.inlines.iter().find_map(Inline::size).unwrap_or(9.0) * share * self.scale;
        Style { weight: Weight::Regular, size, color: Color::BLACK }
    }
}

impl Inline {
    const fn size(&self) -> Option<f32> {
        match self {
            Self::Text(style, _) | Self::PageNumber(style) | Self::PageCount(style) => Some(style.size),
            Self::Break => None,
        }
    }
}

/// A letter with its looks and width; no looks for a forced new line.
#[derive(Debug, Clone, Copy)]
struct Letter {
    letter: char,
    style: Option<Style>,
    width: f32,
}

/// A line of text.
#[derive(Debug, Clone)]
struct Line {
    letters: Vec<Letter>,
    /// How high an empty line is.
    size: f32,
}

/// Whether a line may end after this letter: after a hyphen or a slash within a word, but never within a number.
fn may_end_after(letters: &[Letter], index: usize) -> bool {
    let at = |index: usize| letters.get(index).map(|letter| letter.letter);
    let neighbours = (index.checked_sub(1).and_then(at), at(index + 1));
    match (at(index), neighbours) {
        (Some('-' | '–' | '—' | '/'), (Some(before), after)) => {
            before.is_alphabetic() && !after.is_some_and(|after| after.is_ascii_digit())
        }
        _ => false,
    }
}

/// The width of the widest run of letters that is not broken.
fn widest_word(letters: &[Letter]) -> f32 {
    let mut widest: f32 = 0.0;
    let mut wide = 0.0;
    for (index, letter) in letters.iter().enumerate() {
        if matches!(letter.letter, ' ' | '\n') {
            wide = 0.0;
            continue;
        }
        wide += letter.width;
        widest = widest.max(wide);
        if may_end_after(letters, index) {
            wide = 0.0;
        }
    }
    widest
}

/// The first lines, with as much of the rest as the last of them holds, and an ellipsis.
fn cut_short(mut lines: Vec<Line>, most: usize, fonts: &Fonts, width: f32) -> Vec<Line> {
    let rest = lines.split_off(most.min(lines.len()));
    if let Some(last) = lines.last_mut() {
        for line in rest {
            let space = last.letters.last().copied().filter(|letter| !matches!(letter.letter, '-' | '/'));
            last.letters.extend(space.map(|letter| Letter { letter: ' ', ..letter }));
            last.letters.extend(line.letters);
        }
        last.end_in_ellipsis(fonts, width);
    }
    lines
}

/// Breaks text into lines: at spaces, after hyphens, and within a word that is wider than the line.
fn broken(letters: &[Letter], width: f32, fallback: Style) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line: Vec<Letter> = Vec::new();
    let mut wide = 0.0;
    // Where the line may end: letters kept, letters dropped.
    let mut chance: Option<(usize, usize)> = None;
    let finish = |line: &mut Vec<Letter>, lines: &mut Vec<Line>| {
        while line.last().is_some_and(|last| last.letter == ' ') {
            line.pop();
        }
        lines.push(Line { letters: std::mem::take(line), size: fallback.size });
    };
    for (index, letter) in letters.iter().enumerate() {
        if letter.letter == '\n' {
            finish(&mut line, &mut lines);
            (wide, chance) = (0.0, None);
            continue;
        }
        let space = letter.letter == ' ';
        if space && line.last().is_none_or(|last| last.letter == ' ') {
            continue;
        }
        line.push(*letter);
        wide += letter.width;
        if space {
            chance = Some((line.len() - 1, 1));
            continue;
        }
        if wide > width + 0.01 && line.len() > 1 {
            let (kept, dropped) = chance.unwrap_or((line.len() - 1, 0));
            let rest: Vec<Letter> = std::mem::take(&mut line);
            let (before, after) = rest.split_at(kept.min(rest.len()));
            line.extend_from_slice(before);
            finish(&mut line, &mut lines);
            line.extend(after.iter().skip(dropped));
            wide = line.iter().map(|letter| letter.width).sum();
            chance = None;
        }
        if may_end_after(letters, index) {
            chance = Some((line.len(), 0));
        }
    }
    finish(&mut line, &mut lines);
    lines
}

impl Line {
    fn piece(self, align: Align, width: f32) -> Piece {
        let size = self.letters.iter().filter_map(|letter| letter.style).map(|style| style.size).fold(0.0, f32::max);
        let size = if size > 0.0 { size } else { self.size };
        let total: f32 = self.letters.iter().map(|letter| letter.width).sum();
        let mut x = align.offset(width, total);
        let y = size * BASELINE;
        let mut marks: Vec<Mark> = Vec::new();
        let mut run: Option<(Style, String, f32)> = None;
        for Letter { letter, style, width } in self.letters {
            let Some(style) = style else { continue };
            match &mut run {
                Some((same, text, _)) if *same == style => text.push(letter),
                _ => {
                    marks.extend(run.take().map(|run| said(run, y)));
                    run = Some((style, letter.to_string(), x));
                }
            }
            x += width;
        }
        marks.extend(run.map(|run| said(run, y)));
        Piece { height: size * LEADING, marks, ..Piece::default() }
    }

    fn end_in_ellipsis(&mut self, fonts: &Fonts, width: f32) {
        let style = self.letters.iter().rev().find_map(|letter| letter.style);
        let Some(style) = style else { return };
        let dots = fonts.face(style.weight).width('…', style.size);
        let mut wide: f32 = self.letters.iter().map(|letter| letter.width).sum();
        while wide + dots > width || self.letters.last().is_some_and(|last| last.letter == ' ') {
            let Some(last) = self.letters.pop() else { break };
            wide -= last.width;
        }
        self.letters.push(Letter { letter: '…', style: Some(style), width: dots });
    }
}

fn said((style, text, x): (Style, String, f32), y: f32) -> Mark {
    Mark::Text { x, y, weight: style.weight, size: style.size, color: style.color, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<Letter> {
        let style = Style { weight: Weight::Regular, size: 10.0, color: Color::BLACK };
        text.chars().map(|letter| Letter { letter, style: Some(style), width: 1.0 }).collect()
    }

    fn lines(text: &str, width: f32) -> Vec<String> {
        let fallback = Style { weight: Weight::Regular, size: 10.0, color: Color::BLACK };
        broken(&letters(text), width, fallback)
            .into_iter()
            .map(|line| line.letters.iter().map(|l| l.letter).collect())
            .collect()
    }

    #[test]
    fn lines_end_at_spaces_and_hyphens() {
        assert_eq!(lines("one two three", 8.0), ["one two", "three"]);
        assert_eq!(lines("кабель-канал", 8.0), ["кабель-", "канал"]);
        assert_eq!(lines("a  b   c", 99.0), ["a b c"]);
        assert_eq!(lines("дог. С-17/2026", 9.0), ["дог.", "С-17/2026"]);
        assert_eq!(lines("12\u{a0}000\u{a0}руб", 7.0), ["12\u{a0}000\u{a0}", "руб"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_cut() {
        assert_eq!(lines("abcdefghij", 4.0), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("x abcdefgh", 4.0), ["x", "abcd", "efgh"]);
    }
}
