//! Names of files within an archive. People's own words become part of them, and must lead nowhere when it is unpacked.

use unicode_normalization::UnicodeNormalization;

/// Letters of people's own words in a name.
const LONGEST: usize = 48;

/// Words as part of a file's name: composed letters and digits of any alphabet, dots, hyphens and underscores. It never
/// begins or ends with a dot, and there are never two of them together.
pub fn safe(text: &str) -> String {
    let mut name = String::new();
    for letter in text.nfc() {
        let letter = if letter.is_alphanumeric() || "-.".contains(letter) { letter } else { '_' };
        let again = name.ends_with(letter) && "_.".contains(letter);
        if !again && name.chars().count() < LONGEST {
            name.push(letter);
        }
    }
    let name = name.trim_matches(['.', '_']);
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

/// What a file of a ticket is called: its number in the pack, people's own word for it, and an end that says what it is.
pub fn numbered(number: usize, name: &str, media_type: &str) -> String {
    let end = match media_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "image/heic" => "heic",
        "application/pdf" => "pdf",
        _ => "bin",
    };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("files/{number:04}-{}.{end}", safe(stem))
}

#[cfg(test)]
mod tests {
    use super::{numbered, safe};

    #[test]
    fn no_name_leads_anywhere() {
        for (words, wanted) in [
            ("../../etc/passwd", "etc_passwd"),
            ("..\\..\\windows", "windows"),
            ("/absolute", "absolute"),
            ("C:\\a", "C_a"),
            ("a\r\nb\0c", "a_b_c"),
            ("=cmd|' /C calc'!A0", "cmd_C_calc_A0"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("...", "file"),
            ("", "file"),
            ("Фото печати 1", "Фото_печати_1"),
            // Composed and decomposed letters are one name.
            ("и\u{306}", "й"),
            ("\u{457}", "\u{457}"),
        ] {
            assert_eq!(safe(words), wanted, "{words:?}");
        }
        assert_eq!(safe(&"ж".repeat(300)).chars().count(), 48);
        assert_eq!(numbered(7, "IMG 1.JPG.exe", "image/jpeg"), "files/0007-IMG_1.JPG.jpg");
        assert_eq!(numbered(12, ".pdf", "application/pdf"), "files/0012-file.pdf");
    }
}
