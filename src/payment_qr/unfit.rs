//! Why some details cannot stand in a payment code.

/// A value that the standard does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Which value: the standard's own name of it.
    pub field: &'static str,
    /// Why.
    pub why: Why,
}

/// Why a value is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is needed, and there is none; or it stands out of order.
    Missing,
    /// It has more characters than these.
    TooLong(usize),
    /// It has another number of characters, or others than digits.
    Shape,
    /// It has characters that the code's alphabet lacks.
    Characters,
    /// Altogether there is more than a code may hold.
    TooFull,
}

impl Unfit {
    /// A value and why it is not taken.
    pub const fn new(field: &'static str, why: Why) -> Self {
        Self { field, why }
    }
}

/// One line: breaks and tabs are spaces, and so are no-break ones.
pub fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
