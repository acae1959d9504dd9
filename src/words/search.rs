//! Text as it is searched: «насос» finds «НАСОС», "ёлка" finds «Елка».

/// What is written into `search_text`: lower case, one space between words, ё as е.
pub fn fold<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut folded = String::new();
    for word in parts.into_iter().flat_map(str::split_whitespace) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase).map(|letter| if letter == 'ё' { 'е' } else { letter }));
    }
    folded
}

/// The patterns for `LIKE … ESCAPE '\'`, one for each word of what somebody typed: a text must hold all of them.
pub fn patterns(typed: &str) -> Vec<String> {
    fold([typed])
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut pattern = String::from("%");
            for letter in word.chars() {
                if matches!(letter, '%' | '_' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(letter);
            }
            pattern.push('%');
            pattern
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{fold, patterns};

    #[test]
    fn every_alphabet_is_folded() {
        assert_eq!(fold(["НАСОС  Ґанок", "ÉTÉ ёлка"]), "насос ґанок été елка");
    }

    #[test]
    fn signs_of_the_pattern_language_are_letters_here() {
        assert_eq!(patterns("50% A_b"), ["%50\\%%", "%a\\_b%"]);
        assert!(patterns("  ").is_empty());
    }
}
