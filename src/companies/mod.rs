//! Clients: companies, their sites and the people there.
//!
//! Our own side sees all of them. A client's user sees their own company and nothing else exists for them.

pub mod company;
pub mod contact;
pub mod power;
pub mod routes;
pub mod site;

use crate::db::types::{id, text_enum};

id! {
    /// A client organisation.
    CompanyId,
    /// A place of a company's.
    SiteId,
    /// A person at a client's.
    ContactId,
}

text_enum! {
    /// What a client's person may sign.
    SigningAuthority {
        /// Nothing.
        None = "none",
        /// Everyday work.
        Routine = "routine",
        /// Everything: an official of the company.
        Official = "official",
    }
}
