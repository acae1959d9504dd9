//! A link before it is kept: what opens it, on its way to the one answer or the one letter that tells it.

use serde_json::{Map, Value};

use super::sms::Sms;
use super::token::LinkToken;
use super::{NewActLink, SendBy};
use crate::acts::{self, Act, ActId};
use crate::app::App;
use crate::auth::Actor;
use crate::companies::contact;
use crate::db::DbConnection;
use crate::db::types::Sha256;
use crate::error::{Error, Flaw};
use crate::http::Call;
use crate::messages::outbox::Sealed;
use crate::messages::{MessageId, secret};
use crate::print::qr::{Level, Symbol};
use crate::print::svg;

/// What opens a link.
pub struct Handed {
    url: String,
    fresh: Fresh,
}

/// What is kept of it.
pub struct Fresh {
    /// The hash of what opens the link.
    pub token_hash: Sha256,
    /// The token, locked for the message that may take it to whoever is to sign.
    pub sealed: Sealed,
    /// Whether mail can be sent at all.
    pub mail: bool,
}

impl Handed {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn new(app: &App) -> Result<Self, Error> {
        let token = LinkToken::new()?;
        let message = MessageId::new();
        let secret = secret::locked(&app.keys, message, token.text())?;
        let sealed = Sealed { message, secret };
        let fresh = Fresh { token_hash: token.hash(), sealed, mail: app.config.mail.is_some() };
        Ok(Self { url: token.url(&app.config.public_url), fresh })
    }

    /// The members of the answer that are told once.
    ///
    /// # Errors
    /// `not_found`, and `validation_failed` without a number for a short message.
    pub async fn told(&self, call: &Call, act: ActId, new: &NewActLink) -> Result<Map<String, Value>, Error> {
        match new.send_by.unwrap_or(SendBy::Device) {
            // Whoever is to sign is the only one to know it: nobody of ours can open the page in their place.
            SendBy::Email => Ok(Map::new()),
            SendBy::Device => self.shown(),
            SendBy::Sms => {
                let (actor, wanted) = (call.actor.clone(), new.clone());
                let (act, to) = call.app.db.read(move |conn| by_sms(conn, &actor, act, &wanted)).await?;
                let sms = Sms::new(act.language, Some(&to), &act.number, &self.url);
                let mut told = self.shown()?;
                told.insert("sms".to_owned(), serde_json::to_value(sms)?);
                Ok(told)
            }
        }
    }

    /// The address, and its code for the screen.
    fn shown(&self) -> Result<Map<String, Value>, Error> {
        let symbol = Symbol::new(self.url.as_bytes(), Level::M);
        let symbol = symbol.ok_or_else(|| Error::internal("an address without a code"))?;
        Ok(Map::from_iter([
            ("qr_svg".to_owned(), Value::from(svg::code(&symbol, &self.url))),
            ("url".to_owned(), Value::from(self.url.clone())),
        ]))
    }

    /// What is kept of it.
    pub fn kept(self) -> Fresh {
        self.fresh
    }
}

/// To which number a short message goes.
fn by_sms(conn: &mut DbConnection, actor: &Actor, act: ActId, new: &NewActLink) -> Result<(Act, String), Error> {
    let act = acts::queries::find(conn, actor, act)?;
    let own = match new.contact_id {
        Some(id) => contact::must_be_usable(conn, actor, id, act.company_id, "/contact_id")?.phone,
        None => None,
    };
    let phone = new.phone.as_ref().map(ToString::to_string).or(own);
    Ok((act, phone.ok_or_else(|| Error::field("/phone", Flaw::Required))?))
}
