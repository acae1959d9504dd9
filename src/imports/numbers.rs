//! Numbers that name things, and the leading zeros that spreadsheets take from them. Pure: no database, no HTTP.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Letters that a number may have at all.
pub const LONGEST: usize = 100;

/// Whether a number names one thing: «б/н», "-" and «нет» name none.
pub fn identifies(number: &str) -> bool {
    number.chars().any(|letter| letter.is_ascii_digit())
}

/// The same number for comparing.
fn exact(number: &str) -> String {
    number.to_lowercase()
}

/// Digits without their leading zeros; nothing for what is not all digits.
fn bare(number: &str) -> Option<&str> {
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| number.trim_start_matches('0'))
}

/// What has a number.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Found<T> {
    /// Nothing.
    Nothing,
    /// This, by the very number.
    This(T),
    /// This, by a number that differs in leading zeros only.
    ButForZeros(T),
    /// Several: nobody can tell which is meant.
    Several,
}

/// Things by their numbers, each within an owner.
#[derive(Debug)]
pub struct Index<O, T> {
    exact: HashMap<(O, String), Vec<T>>,
    bare: HashMap<(O, String), Vec<T>>,
}

impl<O: Copy + Eq + Hash, T: Copy + PartialEq> Index<O, T> {
    /// An empty one.
    pub fn new() -> Self {
        Self { exact: HashMap::new(), bare: HashMap::new() }
    }

    /// Notes a thing with a number, if the number names one at all.
    pub fn insert(&mut self, owner: O, number: &str, thing: T) {
        if !identifies(number) {
            return;
        }
        self.exact.entry((owner, exact(number))).or_default().push(thing);
        if let Some(bare) = bare(number) {
            self.bare.entry((owner, bare.to_owned())).or_default().push(thing);
        }
    }

    /// What has this number.
    pub fn find(&self, owner: O, number: &str) -> Found<T> {
        match self.exact.get(&(owner, exact(number))).map(Vec::as_slice) {
            Some([one]) => return Found::This(*one),
            Some([_, ..]) => return Found::Several,
            _ => {}
        }
        let Some(bare) = bare(number) else { return Found::Nothing };
        match self.bare.get(&(owner, bare.to_owned())).map(Vec::as_slice) {
            None | Some([]) => Found::Nothing,
            Some([one]) => Found::ButForZeros(*one),
            Some(_) => Found::Several,
        }
    }
}

impl<O: Copy + Eq + Hash, T: Copy + PartialEq> Default for Index<O, T> {
    fn default() -> Self {
        Self::new()
    }
}

/// How long the numbers of a column are: what is shorter than its fellows has probably lost zeros.
#[derive(Debug, Default)]
pub struct Widths {
    /// How many numbers have so many digits, and how many of those begin with a zero.
    counts: BTreeMap<usize, (usize, usize)>,
    all: usize,
}

impl Widths {
    /// Notes a number, if it is all digits and not too long to be kept.
    pub fn note(&mut self, number: &str) {
        if number.len() <= LONGEST && bare(number).is_some_and(|bare| !bare.is_empty()) {
            let (all, zeros) = self.counts.entry(number.len()).or_default();
            *all += 1;
            *zeros += usize::from(number.starts_with('0'));
            self.all += 1;
        }
    }

    /// The number as it probably was, when it is shorter than most of its fellows, or than those that have kept zeros.
    pub fn likely(&self, number: &str) -> Option<String> {
        if !bare(number).is_some_and(|bare| bare.len() == number.len() && !bare.is_empty()) {
            return None;
        }
        let padded = |width: usize| format!("{number:0>width$}");
        let longer = || self.counts.iter().filter(|(width, _)| **width > number.len());
        let kept = longer().filter(|(_, (_, zeros))| *zeros > 0).max_by_key(|(_, (_, zeros))| *zeros);
        // One length for nearly all, and enough of them to call it a rule.
        let usual = longer().find(|(_, (all, _))| *all >= 5 && all * 10 >= self.all * 9);
        kept.or(usual).map(|(width, _)| padded(*width))
    }
}

/// Whether a text is what is left of a long number: `4,60799E+12`.
pub fn is_scientific(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix('+') else { return false };
    let mantissa = digits.replacen([',', '.'], "", 1);
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(&mantissa) && all_digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_alone_do_not_make_another_number() {
        let mut index = Index::new();
        for (number, thing) in [("000123", 1), ("VN-1", 2), ("77", 3), ("077", 4), ("б/н", 5)] {
            index.insert((), number, thing);
        }
        assert_eq!(index.find((), "000123"), Found::This(1));
        assert_eq!(index.find((), "123"), Found::ButForZeros(1));
        assert_eq!(index.find((), "00123"), Found::ButForZeros(1));
        assert_eq!(index.find((), "vn-1"), Found::This(2));
        assert_eq!(index.find((), "77"), Found::This(3));
        assert_eq!(index.find((), "0077"), Found::Several);
        assert_eq!(index.find((), "б/н"), Found::Nothing);
        assert_eq!(index.find((), "0VN-1"), Found::Nothing);
    }

    #[test]
    fn a_short_number_among_long_ones_has_lost_zeros() {
        let of = |numbers: &[&str]| {
            let mut widths = Widths::default();
            numbers.iter().for_each(|number| widths.note(number));
            widths
        };
        let zeros = of(&["000123", "000124", "125"]);
        assert_eq!(zeros.likely("125").as_deref(), Some("000125"));
        assert_eq!(zeros.likely("000124"), None);
        assert_eq!(zeros.likely("1234567"), None);
        assert_eq!(zeros.likely("A-1"), None);
        let usual = of(&[
            "12345678", "12345679", "22345678", "32345678", "42345678", "52345678", "62345678", "72345678", "82345678",
            "92345678",
        ]);
        assert_eq!(usual.likely("1234567").as_deref(), Some("01234567"));
        assert_eq!(of(&["1", "2", "10", "11"]).likely("2"), None, "numbers in their natural order");
        let endless = "0".repeat(70_000) + "1";
        assert_eq!(of(&[endless.as_str(), "000123"]).likely("125").as_deref(), Some("000125"));
    }

    #[test]
    fn what_a_spreadsheet_has_shortened_is_seen() {
        for spoilt in ["4,60799E+12", "4.60799E+12", "5E+15", "1,2e+10"] {
            assert!(is_scientific(spoilt), "{spoilt}");
        }
        for sound in ["12E34567", "E+12", "1E5", "VN-1", "", "4,6,0E+12"] {
            assert!(!is_scientific(sound), "{sound}");
        }
    }
}
