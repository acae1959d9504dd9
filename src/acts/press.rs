//! The documents of acts that come with a push.
//!
//! No write transaction waits for the printer, but what an act says is known only when the work before it in the same push
//! has been taken. So such a push is rehearsed first: everything is done and undone again, and what would have been printed
//! is noted. Then it is printed, and the push is done in earnest. An act that says something else by then is noticed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::ActId;
use super::issue::{Printed, Proposal, print};
use super::snapshot::Verification;
use crate::app::App;
use crate::db::types::Sha256;
use crate::error::Error;

/// What is printed for one push.
#[derive(Debug, Default)]
pub struct Press {
    /// What was printed before.
    ready: Arc<Documents>,
    /// What a rehearsal would have printed; nothing in earnest.
    noted: Option<RefCell<Vec<(ActId, Proposal)>>>,
}

/// Documents by the acts they belong to.
pub type Documents = BTreeMap<ActId, Printed>;

impl Press {
    /// One that notes what is to be printed.
    pub fn rehearsing() -> Self {
        Self { noted: Some(RefCell::default()), ..Self::default() }
    }

    /// One that has printed.
    pub fn with(ready: Arc<Documents>) -> Self {
        Self { ready, noted: None }
    }

    /// What a rehearsal has noted.
    pub fn noted(self) -> Vec<(ActId, Proposal)> {
        self.noted.map(RefCell::into_inner).unwrap_or_default()
    }

    /// The document of an act.
    ///
    /// # Errors
    /// `busy` when another one was printed: something has changed since the rehearsal.
    pub fn document(&self, id: ActId, proposal: Proposal) -> Result<Printed, Error> {
        if let Some(noted) = &self.noted {
            noted.borrow_mut().push((id, proposal.clone()));
            let none = Sha256::of([]);
            return Ok(Printed {
                proposal,
                form_sha256: none,
                document_sha256: none,
                document_size: 0,
                places: Vec::new(),
            });
        }
        let printed = self.ready.get(&id).ok_or(Error::Busy)?;
        let mut said = printed.proposal.clone();
        said.snapshot.verification = None;
        let asks_the_same = said.authority == proposal.authority && said.rule == proposal.rule;
        if asks_the_same && said.snapshot.canonical()? == proposal.snapshot.canonical()? {
            Ok(printed.clone())
        } else {
            Err(Error::Busy)
        }
    }
}

/// Prints what a rehearsal has noted.
///
/// # Errors
/// `form_invalid`
pub async fn run(app: &App, noted: Vec<(ActId, Proposal)>) -> Result<Documents, Error> {
    let mut ready = Documents::new();
    for (id, mut proposal) in noted {
        proposal.snapshot.verification = Some(Verification::new(&app.config.public_url)?);
        ready.insert(id, print(app, proposal).await?);
    }
    Ok(ready)
}
