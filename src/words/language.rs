//! The three languages of people who use the product, and which one a browser asks for.

use crate::db::types::text_enum;

text_enum! {
    /// A language of sentences, documents and labels.
    Language {
        /// Russian.
        Ru = "ru",
        /// Ukrainian.
        Uk = "uk",
        /// English.
        En = "en",
    }
}

impl Language {
    /// The best of an `Accept-Language` header (RFC 9110, 12.5.4). Nothing when it names none of ours.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            let Ok(language) = primary.parse::<Self>() else { continue };
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            if weight > 0.0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// One of three sentences.
    pub const fn choose<T: Copy>(self, ru: T, uk: T, en: T) -> T {
        match self {
            Self::Ru => ru,
            Self::Uk => uk,
            Self::En => en,
        }
    }
}

/// The form of a noun after a number: "1 час, 2 часа, 5 часов".
pub fn plural(language: Language, count: u64, forms: [&'static str; 3]) -> &'static str {
    let [one, few, many] = forms;
    match language {
        Language::En => {
            if count == 1 {
                one
            } else {
                many
            }
        }
        Language::Ru | Language::Uk => match (count % 100, count % 10) {
            (11..=14, _) => many,
            (_, 1) => one,
            (_, 2..=4) => few,
            _ => many,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, plural};

    #[test]
    fn the_heaviest_language_of_ours_wins() {
        for (header, wanted) in [
            ("uk-UA,uk;q=0.9,en;q=0.8", Some(Language::Uk)),
            ("de,fr;q=0.9", None),
            ("en;q=0.5, ru", Some(Language::Ru)),
            ("RU", Some(Language::Ru)),
            ("en;q=0, uk;q=0.1", Some(Language::Uk)),
            ("*", None),
            (";;;,=,q=1", None),
        ] {
            assert_eq!(Language::accepted(header), wanted, "{header}");
        }
    }

    #[test]
    fn a_noun_follows_its_number() {
        let hours = ["час", "часа", "часов"];
        for (count, word) in
            [(1, "час"), (2, "часа"), (5, "часов"), (11, "часов"), (21, "час"), (112, "часов"), (0, "часов")]
        {
            assert_eq!(plural(Language::Ru, count, hours), word, "{count}");
        }
        assert_eq!(plural(Language::En, 1, ["hour", "hours", "hours"]), "hour");
        assert_eq!(plural(Language::En, 21, ["hour", "hours", "hours"]), "hours");
    }
}
