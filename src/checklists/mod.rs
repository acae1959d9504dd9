//! Checklists: a template is copied into each ticket, and from then on the ticket's own.
//!
//! A template is never edited in place. A change is its next version; tickets keep the words they were given.

pub mod answer;
pub mod on_ticket;
pub mod routes;
pub mod template;

use crate::db::types::{id, text_enum};

id! {
    /// A template of a checklist.
    ChecklistTemplateId,
    /// An item of a ticket's checklist.
    ChecklistItemId,
}

text_enum! {
    /// What an item asks for.
    AnswerKind {
        /// A tick.
        Check = "check",
        /// A measured number.
        Number = "number",
        /// Words.
        Text = "text",
        /// One of its choices.
        Choice = "choice",
        /// A picture.
        Photo = "photo",
    }
}
