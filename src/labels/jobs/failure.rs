//! Why a job failed. It is kept in every language: who will ask for it is not known yet.

use serde::{Deserialize, Serialize};

use crate::error::{Error, codes};
use crate::words::Language;

/// Why a job failed, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    code: String,
    said: Vec<(Language, String)>,
    label: Option<String>,
}

impl Failure {
    /// What a refusal means for a job.
    pub fn of(error: &Error) -> Self {
        let refusal = error.refusal();
        let said = |language: Language| {
            let filled = |sentence: &str| codes::fill(sentence, &refusal.params);
            (language, format!("{}. {}", filled(refusal.code.title(language)), filled(refusal.code.advice(language))))
        };
        Self {
            code: refusal.code.as_str().to_owned(),
            said: Language::ALL.iter().copied().map(said).collect(),
            label: refusal.extra.get("label").and_then(|label| label.as_str()).map(str::to_owned),
        }
    }

    /// In one language.
    pub fn told(self, language: Language) -> JobError {
        let said = self.said.into_iter().find(|(of, _)| *of == language);
        JobError { code: self.code, detail: said.map(|(_, said)| said).unwrap_or_default(), label: self.label }
    }
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct JobError {
    /// The word clients switch on, as in problems.
    pub code: String,
    /// What happened and what to do, in the language of whoever asks.
    pub detail: String,
    /// The code on the label that could not be printed, when it was one of them.
    pub label: Option<String>,
}
