//! Which bytes are which Cyrillic letters: Windows-1251 and KOI8 have the same bytes for different ones. KOI8-U is read in
//! place of KOI8-R as well: where they differ, the latter has lines of boxes and no letters. Pure: no database, no HTTP.

use encoding_rs::{Encoding, KOI8_U, WINDOWS_1251};

use super::{ImportKind, columns};

/// Bytes that are looked at.
const SAMPLE: usize = 64 << 10;
/// Lines among which the names of columns are looked for.
const HEAD: usize = 30;

/// The letters of Russian and Ukrainian from the most frequent on, with how often they come among a thousand.
const LETTERS: [(char, i64); 37] = [
    ('о', 110),
    ('е', 85),
    ('а', 80),
    ('и', 74),
    ('н', 67),
    ('т', 63),
    ('с', 55),
    ('і', 55),
    ('р', 47),
    ('в', 45),
    ('л', 43),
    ('к', 35),
    ('м', 32),
    ('д', 30),
    ('п', 28),
    ('у', 26),
    ('я', 20),
    ('ы', 19),
    ('ь', 17),
    ('г', 17),
    ('з', 16),
    ('б', 16),
    ('ч', 15),
    ('й', 12),
    ('х', 10),
    ('ж', 9),
    ('ш', 7),
    ('ю', 6),
    ('ї', 6),
    ('ц', 5),
    ('ё', 5),
    ('щ', 4),
    ('є', 4),
    ('э', 3),
    ('ф', 3),
    ('ъ', 1),
    ('ґ', 1),
];
/// What a capital behind a small letter counts, or a sign that no table has.
const ODD: i64 = -60;

/// The encoding of a text in bytes: that in which more of its columns have names that are known, and where that tells
/// nothing the one in which it clearly reads more like words.
pub fn encoding(bytes: &[u8], kind: ImportKind) -> &'static Encoding {
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    let read = |encoding: &'static Encoding| {
        let text = encoding.decode_without_bom_handling(sample).0;
        (names(&text, kind), likeness(&text))
    };
    let ((windows_names, windows), (koi_names, koi)) = (read(WINDOWS_1251), read(KOI8_U));
    let clearly = koi * 4 > windows * 5;
    if koi_names > windows_names || koi_names == windows_names && clearly { KOI8_U } else { WINDOWS_1251 }
}

/// How many columns have names that are known, in the line that has most of them.
fn names(text: &str, kind: ImportKind) -> usize {
    let known = |name: &&str| columns::recognise(kind, name.trim().trim_matches('"')).is_some();
    let of_line = |line: &str| line.split([';', '\t', ',', '|']).filter(known).count();
    text.lines().take(HEAD).map(of_line).max().unwrap_or_default()
}

/// How much a text looks like Russian or Ukrainian, by its letters and by where its capitals stand.
fn likeness(text: &str) -> i64 {
    let (mut sum, mut letters, mut behind_small) = (0_i64, 1_i64, false);
    for letter in text.chars() {
        if !letter.is_ascii() {
            let small = letter.to_lowercase().next().unwrap_or(letter);
            let known = LETTERS.iter().find(|(known, _)| *known == small).map(|(_, often)| *often);
            let box_drawn = ('\u{2500}'..='\u{25ff}').contains(&letter);
            sum += known.unwrap_or(if box_drawn || letter.is_control() { ODD } else { 0 });
            sum += if behind_small && letter.is_uppercase() { ODD } else { 0 };
            letters += 1;
        }
        behind_small = letter.is_lowercase();
    }
    sum * 100 / letters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn one_encoding_is_not_taken_for_the_other() {
        // By their names of columns: every template, in small letters and in capitals.
        let templates = ImportKind::ALL.iter().flat_map(|kind| {
            [Language::Ru, Language::Uk].map(|language| {
                let titles: Vec<_> = columns::fields(*kind).iter().map(|field| field.title(language)).collect();
                (*kind, format!("{}\r\nё1;ї2;№3\r\n", titles.join(";")))
            })
        });
        // By their letters alone: the names of these columns mean nothing to us.
        let others = [
            "Поз.;Что стоит;Чьё\n1;Насос циркуляционный;Котельная\n2;Щит силовой;Подвал\n3;Вентилятор вытяжной;Крыша\n",
            "Поз.;Що стоїть;Чиє\n1;Насос циркуляційний;Котельня\n2;Щит силовий;Підвал\n3;Вентилятор витяжний;Дах\n",
        ];
        for (kind, text) in templates.chain(others.map(|text| (ImportKind::Assets, text.to_owned()))) {
            for text in [text.clone(), text.to_uppercase(), text.to_lowercase()] {
                for written in [WINDOWS_1251, KOI8_U] {
                    // KOI8 has no sign for a number.
                    let text = if written == KOI8_U { text.replace('№', "N") } else { text.clone() };
                    let (bytes, _, broken) = written.encode(&text);
                    assert!(!broken, "{text}");
                    assert_eq!(encoding(&bytes, kind), written, "{kind} {text}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_cyrillic_is_windows() {
        for bytes in [b"S/N;Caf\xe9\n".as_slice(), b"Model;Price \x80\nX;1\n", b"\xff\xfe", b""] {
            assert_eq!(encoding(bytes, ImportKind::Assets), WINDOWS_1251);
        }
    }
}
