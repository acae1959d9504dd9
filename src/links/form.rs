//! What somebody filled in on the page of a link.

use super::words::{Complaint, Words};
use crate::acts::signature::{Ink, Outcome};
use crate::db::types::Sha256;
use crate::error::{Error, Flaw};
use crate::http::form::Part;
use crate::messages::letter;
use crate::words::Language;
use crate::words::text::{Email, Line, Prose};

/// Bytes of a drawing: as many as the API takes.
const MOST_INK: usize = 5 << 20;
/// Bytes of anything else: four thousand letters of any alphabet.
const MOST_TEXT: usize = 16 << 10;

/// What came, as it came: the page shows it again when something of it is wrong.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The hash of the document that was shown.
    pub document_sha256: String,
    /// What they decide.
    pub outcome: String,
    /// What they say about it.
    pub remarks: String,
    /// What they are called.
    pub name: String,
    /// Their position.
    pub position: String,
    /// `draw` or `type`.
    pub way: String,
    /// What they drew, JSON.
    pub ink: String,
    /// Whether they agreed.
    pub consent: bool,
    /// The code that was sent to them.
    pub code: String,
    /// Where they want the signed act.
    pub copy_to: String,
}

/// What somebody decides by a link.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The hash of the document that was shown.
    pub document_sha256: Sha256,
    /// What they decide.
    pub outcome: Outcome,
    /// What they say about it.
    pub remarks: Option<Prose<4000>>,
    /// What they are called; nothing where the link says who signs.
    pub name: Option<Line<200>>,
    /// Their position.
    pub position: Option<Line<200>>,
    /// What they drew; nothing when they typed their name.
    pub ink: Option<Ink>,
    /// What they agreed to, word for word.
    pub consent: String,
    /// The code that was sent to them, where one is asked for.
    pub code: Option<String>,
    /// Where they want the signed act.
    pub copy_to: Option<Email>,
}

/// How many bytes a part may have; nothing for one that no page of ours has.
pub fn most(part: &str) -> Option<usize> {
    match part {
        "ink" => Some(MOST_INK),
        "document_sha256" | "outcome" | "remarks" | "name" | "position" | "way" | "consent" | "code" | "copy_to" => {
            Some(MOST_TEXT)
        }
        _ => None,
    }
}

impl Draft {
    /// Takes a part.
    ///
    /// # Errors
    /// `validation_failed` for one that no page of ours has.
    pub fn take(&mut self, part: &Part) -> Result<(), Error> {
        let mut text = String::from_utf8_lossy(&part.bytes).into_owned();
        // Nobody types it, and nothing can keep it.
        text.retain(|letter| letter != '\0');
        match part.name.as_str() {
            "document_sha256" => self.document_sha256 = text,
            "outcome" => self.outcome = text,
            "remarks" => self.remarks = text,
            "name" => self.name = text,
            "position" => self.position = text,
            "way" => self.way = text,
            "ink" => self.ink = text,
            "consent" => self.consent = !text.is_empty(),
            "code" => self.code = text,
            "copy_to" => self.copy_to = text,
            other => return Err(Error::field(other, Flaw::UnknownField)),
        }
        Ok(())
    }

    /// What was filled in as a decision, or everything that is wrong with it. `named` is whether the link says who signs,
    /// `coded` whether a code is asked for.
    ///
    /// # Errors
    /// One complaint a field.
    pub fn looked_at(&self, named: bool, coded: bool, language: Language) -> Result<Decision, Vec<Complaint>> {
        let mut wrong = Vec::new();
        let outcome: Option<Outcome> = self.outcome.parse().ok();
        if outcome.is_none() {
            wrong.push(Complaint::NoOutcome);
        }
        let refused = outcome == Some(Outcome::Refused);
        // What was written before somebody chose "accepted" is no part of it.
        let remarks = match outcome {
            None | Some(Outcome::Accepted) => None,
            Some(_) => match Prose::parse(&self.remarks) {
                Ok(remarks) => Some(remarks),
                Err(flaw) if flaw.starts_with("!too_long") => {
                    wrong.push(Complaint::RemarksTooLong);
                    None
                }
                Err(_) => {
                    wrong.push(if refused { Complaint::NoReason } else { Complaint::NoRemarks });
                    None
                }
            },
        };
        let mut line = |text: &str, missing: Complaint, too_long: Complaint| match Line::parse(text) {
            Ok(line) => Some(line),
            Err(flaw) => {
                wrong.push(if flaw.starts_with("!too_long") { too_long } else { missing });
                None
            }
        };
        let (name, position) = if named {
            (None, None)
        } else {
            (
                line(&self.name, Complaint::NoName, Complaint::NameTooLong),
                line(&self.position, Complaint::NoPosition, Complaint::PositionTooLong),
            )
        };
        let ink = self.ink(refused).unwrap_or_else(|complaint| {
            wrong.push(complaint);
            None
        });
        let copy_to = match self.copy_to.trim() {
            "" => None,
            text => Email::parse(text).ok().filter(|email| letter::address(email).is_some()).or_else(|| {
                wrong.push(Complaint::NotAnAddress);
                None
            }),
        };
        // As people copy it out of a letter: "493 817".
        let code: String = self.code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
        if coded && !(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())) {
            wrong.push(Complaint::NoCode);
        }
        if !self.consent {
            wrong.push(Complaint::NoConsent);
        }
        // A page of ours always says what it showed; what says something else was shown something else.
        let document_sha256 = self.document_sha256.trim().parse().unwrap_or_else(|_| Sha256::of([]));
        match outcome {
            Some(outcome) if wrong.is_empty() => Ok(Decision {
                document_sha256,
                outcome,
                remarks,
                name,
                position,
                ink,
                consent: Words::of(language).consent.to_owned(),
                code: coded.then_some(code),
                copy_to,
            }),
            _ => Err(wrong),
        }
    }

    fn ink(&self, refused: bool) -> Result<Option<Ink>, Complaint> {
        if self.way != "draw" {
            return Ok(None);
        }
        let drawn = self.ink.trim();
        let missing = if refused { Ok(None) } else { Err(Complaint::NoSignature) };
        if drawn.is_empty() {
            return missing;
        }
        let ink: Ink = serde_json::from_str(drawn).map_err(|_| Complaint::NoSignature)?;
        if ink.is_empty() { missing } else { Ok(Some(ink)) }
    }
}

#[cfg(test)]
mod tests {
    use super::Draft;
    use crate::links::words::Complaint;
    use crate::words::Language;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let empty = Draft { way: "draw".into(), ..Draft::default() };
        assert_eq!(
            empty.looked_at(false, true, Language::En).unwrap_err(),
            [
                Complaint::NoOutcome,
                Complaint::NoName,
                Complaint::NoPosition,
                Complaint::NoSignature,
                Complaint::NoCode,
                Complaint::NoConsent
            ]
        );
        let refusal = Draft { outcome: "refused".into(), way: "draw".into(), consent: true, ..Draft::default() };
        assert_eq!(refusal.looked_at(true, false, Language::En).unwrap_err(), [Complaint::NoReason]);
        let reason = Draft { remarks: "Не работает".into(), ..refusal };
        assert!(reason.looked_at(true, false, Language::En).is_ok_and(|decision| decision.ink.is_none()));
        let typed = Draft { outcome: "accepted".into(), remarks: "x".into(), consent: true, ..Draft::default() };
        assert!(typed.looked_at(true, false, Language::En).is_ok_and(|decision| decision.remarks.is_none()));
        let coded = Draft { code: " 493-817 ".into(), copy_to: "maria@example.org".into(), ..typed.clone() };
        let decision = coded.looked_at(true, true, Language::En).unwrap();
        assert_eq!(decision.code.as_deref(), Some("493817"));
        assert_eq!(decision.copy_to.as_deref(), Some("maria@example.org"));
        let wrong = Draft { code: "49381".into(), copy_to: "maria".into(), ..typed.clone() };
        let complaints = wrong.looked_at(true, true, Language::En).unwrap_err();
        assert_eq!(complaints, [Complaint::NotAnAddress, Complaint::NoCode]);
        let tap = r#"{"width":300,"height":180,"groups":[{"points":[{"x":1,"y":1}]}]}"#;
        let tap = Draft { way: "draw".into(), ink: tap.into(), ..typed };
        assert_eq!(tap.looked_at(true, false, Language::En).unwrap_err(), [Complaint::NoSignature]);
    }
}
