//! What a page says to people: each sentence once, in the three languages.

/// A page's sentences as `Words`: a field for each, chosen by `Words::of`.
macro_rules! sentences {
    ($($name:ident { ru: $ru:expr, uk: $uk:expr, en: $en:expr $(,)? })+) => {
        /// The sentences of these pages. `{words}` in them are filled in.
        #[derive(Debug, Clone, Copy, Serialize)]
        pub struct Words {
            $(#[doc = $en] pub $name: &'static str,)+
        }

        impl Words {
            /// Those of a language.
            pub const fn of(language: Language) -> Self {
                Self { $($name: language.choose($ru, $uk, $en)),+ }
            }
        }
    };
}

pub(crate) use sentences;
