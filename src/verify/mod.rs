//! Verification: anybody with a paper or a file of ours learns whether it is genuine, and whether it still holds. No login, and
//! nothing that is not on the paper anyway: number, date, the names of both organisations, hashes and moments.

pub mod code;
pub mod door;
pub mod file;
pub mod find;
pub mod offline;
pub mod page;
pub mod words;

use serde::Serialize;

use crate::acts::Act;
use crate::acts::signature::Outcome;
use crate::acts::snapshot::Snapshot;
use crate::db::types::{Sha256, Timestamp, text_enum};
use crate::words::zone::Zone;

text_enum! {
    /// What there is to say about a document.
    Verdict {
        /// It comes from here, is unchanged, and nothing has taken its place.
        Authentic = "authentic",
        /// It came from here and is unchanged, and a later version has taken its place.
        Superseded = "superseded",
        /// It came from here and is unchanged, and was taken back.
        Annulled = "annulled",
        /// It was made of a document of ours, and changed.
        Altered = "altered",
        /// A seal of ours holds over it, and we hold no such document.
        Unrecorded = "unrecorded",
        /// We know nothing of it.
        Unknown = "unknown",
    }
}

text_enum! {
    /// Which paper a file is.
    Paper {
        /// The act as it was issued.
        Issued = "issued",
        /// The copy with signatures.
        Signed = "signed",
    }
}

/// What is told to strangers. The shape is the same whatever is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What there is to say.
    pub verdict: Verdict,
    /// Which paper the file is, when one was sent and is known.
    pub paper: Option<Paper>,
    /// The hash of the file that was sent.
    pub file_sha256: Option<Sha256>,
    /// The act.
    pub act: Option<Told>,
    /// The seal on its signed copy, or on the file that was sent.
    pub seal: Option<SealTold>,
}

/// What strangers are told of an act: nothing that is not on the paper, and less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its number.
    pub number: String,
    /// Which version.
    pub version: i64,
    /// The newest version there is.
    pub newest_version: i64,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When the client decided.
    pub decided_at: Option<Timestamp>,
    /// What they decided.
    pub outcome: Option<Outcome>,
    /// Since when it is taken for accepted by a clause of the agreement: nobody has signed it by that.
    pub deemed_accepted_at: Option<Timestamp>,
    /// The time zone of the work.
    pub time_zone: Zone,
    /// Our side, in short.
    pub provider: String,
    /// The client, in short.
    pub customer: String,
    /// The hash of the act as it was issued.
    pub document_sha256: Sha256,
    /// The hash of the signed copy.
    pub signed_document_sha256: Option<Sha256>,
}

/// What strangers are told of a seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealTold {
    /// Whose it is.
    pub holder: String,
    /// The hash of its certificate.
    pub certificate_sha256: Sha256,
    /// When it was put, when that is known.
    pub sealed_at: Option<Timestamp>,
}

impl Finding {
    /// We know nothing of it.
    pub const fn unknown(file_sha256: Option<Sha256>) -> Self {
        Self { verdict: Verdict::Unknown, paper: None, file_sha256, act: None, seal: None }
    }
}

impl Told {
    /// The whitelist.
    pub fn of(
        act: &Act,
        content: &Snapshot,
        newest_version: i64,
        outcome: Option<Outcome>,
        deemed_accepted_at: Option<Timestamp>,
    ) -> Self {
        Self {
            number: act.number.clone(),
            version: act.version,
            newest_version,
            issued_at: act.issued_at,
            decided_at: outcome.and(act.signed_at),
            outcome,
            deemed_accepted_at,
            time_zone: content.zone,
            provider: short(&content.provider.legal_name),
            customer: short(&content.customer.legal_name),
            document_sha256: act.document_sha256,
            signed_document_sha256: act.signed_document_sha256,
        }
    }
}

/// How people call themselves who are an organisation by themselves, as [`plain`] leaves it.
const SOLE: [&str; 5] = ["ИП", "ФОП", "Индивидуальный предприниматель", "Фізична особа-підприємець", "Самозанятый"];

/// An organisation's name as strangers are told it: of a person who trades under their own name, no more than initials.
fn short(name: &str) -> String {
    let plain = plain(name);
    let sole = SOLE.iter().find_map(|kind| {
        let rest = plain.get(..kind.len()).filter(|head| head.to_lowercase() == kind.to_lowercase())?;
        Some((rest, plain.get(kind.len()..)?.strip_prefix(' ')?))
    });
    let Some((kind, person)) = sole else { return name.to_owned() };
    let mut words = person.split_whitespace();
    let family = words.next().unwrap_or_default();
    let initials: String = words.filter_map(|word| word.chars().next()).map(|letter| format!("{letter}.")).collect();
    format!("{kind} {family} {initials}").trim_end().to_owned()
}

/// With one kind of blank and one of hyphen, and none around a hyphen: people type all there are, and some cannot be seen.
fn plain(name: &str) -> String {
    let seen =
        name.chars().filter(|letter| !matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'));
    let hyphens = seen.map(|letter| match letter {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        letter => letter,
    });
    let text: String = hyphens.collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace(" - ", "-").replace("- ", "-").replace(" -", "-")
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_person_who_is_an_organisation_is_told_by_initials() {
        for (name, wanted) in [
            ("ООО «Ромашка»", "ООО «Ромашка»"),
            ("ИП Иванов Иван Иванович", "ИП Иванов И.И."),
            ("ФОП Їжак Ґалаґан", "ФОП Їжак Ґ."),
            ("индивидуальный предприниматель Цой Виктор", "индивидуальный предприниматель Цой В."),
            ("ИП Цой", "ИП Цой"),
            ("ИПОТЕКА", "ИПОТЕКА"),
            ("ИП\u{a0}Иванов Иван\u{202f}Иванович", "ИП Иванов И.И."),
            ("  ИП\tИванов\u{200b} Иван", "ИП Иванов И."),
            ("Фізична особа – підприємець Їжак Ґалаґан", "Фізична особа-підприємець Їжак Ґ."),
            ("Фізична\u{a0}особа -підприємець Їжак Ґалаґан", "Фізична особа-підприємець Їжак Ґ."),
            ("ФОП Нечуй‑Левицький Іван", "ФОП Нечуй-Левицький І."),
            ("ООО «Пар – Сервис»", "ООО «Пар – Сервис»"),
        ] {
            assert_eq!(short(name), wanted);
        }
    }
}
