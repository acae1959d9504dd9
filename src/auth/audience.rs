//! For whose eyes a paper is made.

use super::{Actor, Permission};
use crate::db::types::text_enum;
use crate::error::Error;

text_enum! {
    /// For whose eyes a paper is made.
    Audience {
        /// For the client: nothing internal, no hidden time, no prices that the act does not show, no places of people.
        Client = "client",
        /// For our own side: everything.
        Internal = "internal",
    }
}

impl Audience {
    /// The one that an actor asks for, or what they may see when they ask for none.
    ///
    /// # Errors
    /// `forbidden` when a client's user asks for what is not for clients.
    pub fn asked(actor: &Actor, asked: Option<Self>) -> Result<Self, Error> {
        let own = if actor.may(Permission::SeeInternal) { Self::Internal } else { Self::Client };
        let asked = asked.unwrap_or(own);
        if asked == Self::Internal {
            actor.must(Permission::SeeInternal)?;
        }
        Ok(asked)
    }

    /// Whether it is our own side.
    pub const fn is_internal(self) -> bool {
        matches!(self, Self::Internal)
    }
}
