//! Who may sign how much: data of the ticket's kind and of the contact.

use super::Act;
use crate::companies::SigningAuthority;
use crate::companies::contact::Contact;
use crate::error::{Code, Error};
use crate::words::Language;

/// What somebody who is not in the list of contacts may sign: any employee may sign everyday work.
pub const WALK_IN: SigningAuthority = SigningAuthority::Routine;

/// Refuses a signer of the client's who may not sign this act.
///
/// # Errors
/// `authority_insufficient`
pub fn must_suffice(act: &Act, name: &str, authority: SigningAuthority, language: Language) -> Result<(), Error> {
    // Whoever may sign nothing may not sign an act that asks for nothing either.
    if authority >= act.required_authority && authority != SigningAuthority::None {
        return Ok(());
    }
    Err(insufficient(act, name, authority, language))
}

/// The refusal of a signer who may not sign this act.
pub fn insufficient(act: &Act, name: &str, authority: SigningAuthority, language: Language) -> Error {
    let required = act.required_authority.max(SigningAuthority::Routine);
    Code::AuthorityInsufficient
        .with([
            ("required", said(required, language).to_owned()),
            ("signer", name.to_owned()),
            ("authority", said(authority, language).to_owned()),
        ])
        .and("required_authority", required.as_str())
        .and("authority", authority.as_str())
        .into()
}

/// What a contact may sign at this moment.
pub fn of(contact: &Contact) -> SigningAuthority {
    if contact.archived_at.is_some() { SigningAuthority::None } else { contact.signing_authority }
}

fn said(authority: SigningAuthority, language: Language) -> &'static str {
    match authority {
        SigningAuthority::None => {
            language.choose("none (не подписывает)", "none (не підписує)", "none (signs nothing)")
        }
        SigningAuthority::Routine => {
            language.choose("routine (обычные работы)", "routine (звичайні роботи)", "routine (everyday work)")
        }
        SigningAuthority::Official => {
            language.choose("official (должностное лицо)", "official (посадова особа)", "official (an official)")
        }
    }
}
