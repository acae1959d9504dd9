//! The mail server, and what the operator says about mail. Checked at the start: a setting that cannot work is told then.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, Tokio1Executor};
use url::{Host, Url};

/// How long the mail server may take for one step of the conversation.
const STEP: Duration = Duration::from_secs(20);

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// From whom.
    pub from: Mailbox,
    /// Who gets a copy of an act that was signed.
    pub copies: Copies,
    /// By which server. It holds a password, and shows none.
    pub transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// Who gets a copy of an act that was signed, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copies {
    /// Whoever signed for the client, where their address is known.
    pub signer: bool,
    /// The contact of the ticket, else the company.
    pub company: bool,
    /// Our own side.
    pub provider: bool,
    /// Whether our side, too, must have signed before anybody gets one.
    pub after_both: bool,
}

impl Copies {
    /// Reads who gets a copy; all three when nothing is said.
    ///
    /// # Errors
    /// A sentence.
    pub fn to(whom: &[String]) -> Result<Self, String> {
        let all = whom.is_empty();
        let mut copies = Self { signer: all, company: all, provider: all, after_both: true };
        for one in whom.iter().map(|one| one.trim()) {
            match one {
                "signer" => copies.signer = true,
                "company" => copies.company = true,
                "provider" => copies.provider = true,
                "nobody" if whom.len() == 1 => {}
                _ => return Err("it must be some of signer, company, provider, apart by commas, or nobody".to_owned()),
            }
        }
        Ok(copies)
    }

    /// Reads after whose signature; both when nothing is said.
    ///
    /// # Errors
    /// A sentence.
    pub fn after(self, whose: Option<&str>) -> Result<Self, String> {
        match whose {
            None | Some("both") => Ok(Self { after_both: true, ..self }),
            Some("client") => Ok(Self { after_both: false, ..self }),
            Some(_) => Err("it must be both or client".to_owned()),
        }
    }
}

/// Reads the sender: an address, or a name and an address.
///
/// # Errors
/// A sentence.
pub fn sender(text: &str) -> Result<Mailbox, String> {
    let wrong = || "it must be an address, such as desk@example.com, or «Service <desk@example.com>»".to_owned();
    if text.chars().any(char::is_control) {
        return Err(wrong());
    }
    let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.split_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
        None => ("", text),
    };
    let address: Address = address.trim().parse().map_err(|_| wrong())?;
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address))
}

/// Reads the address of the mail server. Never says the address, which may hold a password.
///
/// # Errors
/// A sentence.
pub fn transport(text: &str, from: &Mailbox) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let said = |why: &str| Err(why.to_owned());
    let Ok(mut url) = Url::parse(text) else {
        return said(
            "it must be smtps://user:password@host or smtp://user:password@host, with what is no letter as %40",
        );
    };
    let Some(host) = url.host() else { return said("it names no mail server") };
    let here = match host {
        Host::Domain(name) => is_here(name),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if url.username().is_empty() == url.password().is_some() {
        return said("a user needs a password, and a password a user");
    }
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let tls = match query.as_slice() {
        [] => None,
        [(name, value)] if name == "tls" => Some(value.as_str()),
        _ => return said("behind the host it may say no more than ?tls=required or ?tls=none"),
    };
    match (url.scheme(), tls) {
        ("smtps", None) | ("smtp", Some("required")) => {}
        ("smtp", None) if here => {}
        // Links and codes travel in it: who says nothing gets TLS.
        ("smtp", None) => url.set_query(Some("tls=required")),
        ("smtp", Some("none")) if !here && url.password().is_some() => {
            return said("a password must not travel without TLS: leave ?tls=none out");
        }
        ("smtp", Some("none")) => url.set_query(None),
        ("smtp" | "smtps", _) => return said("of TLS it may say ?tls=required or, with smtp://, ?tls=none"),
        _ => return said("it must begin with smtps:// or smtp://"),
    }
    let names_us = url.path().trim_matches('/').is_empty();
    let Ok(builder) = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str()) else {
        return said("it must be smtps://user:password@host:port or smtp://user:password@host:port");
    };
    let builder = builder.timeout(Some(STEP));
    let domain = || ClientId::Domain(from.email.domain().to_owned());
    Ok(if names_us { builder.hello_name(domain()) } else { builder }.build())
}

/// Whether a mail server is on this machine: what is not a domain of the web's own schemes comes as it was written.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Copies, sender, transport};

    #[test]
    fn a_server_is_spoken_to_in_private() {
        let from = sender("desk@example.com").unwrap();
        let shown = |url: &str| format!("{:?}", transport(url, &from).unwrap());
        for (url, tls) in [
            ("smtps://desk:p%40ss@mail.example.com", "Wrapper"),
            ("smtp://mail.example.com:587", "Required"),
            ("smtp://mail.example.com?tls=required", "Required"),
            ("smtp://mail.example.com?tls=none", "None"),
            ("smtp://127.0.0.1:2525", "None"),
            ("smtp://localhost", "None"),
        ] {
            let shown = shown(url);
            assert!(shown.contains(tls), "{url}: {shown}");
            assert!(!shown.contains("p@ss"), "{shown}");
        }
        for wrong in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://desk:secret@mail.example.com?tls=none",
            "smtp://desk@mail.example.com",
            "smtp://mail.example.com?tls=opportunistic",
            "smtps://mail.example.com?tls=none",
            "smtp://mail.example.com?password=secret",
        ] {
            let why = transport(wrong, &from).err().unwrap_or_else(|| panic!("{wrong} was taken"));
            assert!(!why.contains("secret"), "{why}");
        }
    }

    #[test]
    fn a_sender_is_a_mailbox() {
        let named = sender("«Сервис-ИТ» <desk@example.com>").unwrap();
        assert_eq!((named.name.as_deref(), named.email.to_string()), (Some("«Сервис-ИТ»"), "desk@example.com".into()));
        assert_eq!(sender("desk@example.com").unwrap().name, None);
        for wrong in ["", "desk", "a@b@c", "x\r\nBcc: y@example.com <desk@example.com>", "<>"] {
            assert!(sender(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn copies_go_to_whom_the_operator_says() {
        let all = Copies::to(&[]).unwrap();
        assert!(all.signer && all.company && all.provider && all.after_both);
        let some = Copies::to(&["signer".to_owned()]).unwrap().after(Some("client")).unwrap();
        assert!(some.signer && !some.company && !some.provider && !some.after_both);
        assert!(!Copies::to(&["nobody".to_owned()]).unwrap().signer);
        assert!(Copies::to(&["everybody".to_owned()]).is_err());
        assert!(some.after(Some("tomorrow")).is_err());
    }
}
