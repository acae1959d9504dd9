//! A mail server for tests: it takes what is sent to it, or refuses as it was told.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mail_parser::{Message, MessageParser, MimeHeaders};
use naryad::config::Options;

/// The server.
pub struct Post {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    letters: Vec<Letter>,
    refusals: VecDeque<Refusal>,
}

/// How the next attempt ends.
#[derive(Clone)]
pub enum Refusal {
    /// With this answer to the recipient.
    Says(&'static str),
    /// As a filter of spam that quotes the address it objects to.
    Quotes,
    /// Without an answer: the line is cut.
    HangsUp,
}

/// A letter that came.
#[derive(Clone)]
pub struct Letter {
    /// To whom, as the envelope says.
    pub to: Vec<String>,
    /// All of it.
    pub raw: Vec<u8>,
}

impl Post {
    /// Opens.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        std::thread::spawn(move || {
            for wire in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || serve(wire, &state));
            }
        });
        Self { port, state }
    }

    /// The settings of a server that sends its mail here.
    pub fn used_by(&self, options: &mut Options) {
        options.smtp_url = Some(format!("smtp://127.0.0.1:{}", self.port));
        options.mail_from = Some("«Сервис» <desk@naryad.example>".to_owned());
    }

    /// The next attempts end so, one after another.
    pub fn refuse(&self, refusals: &[Refusal]) {
        self.state.lock().unwrap().refusals.extend(refusals.iter().cloned());
    }

    /// Everything that came to an address.
    pub fn to(&self, address: &str) -> Vec<Letter> {
        let state = self.state.lock().unwrap();
        state.letters.iter().filter(|letter| letter.to == [address]).cloned().collect()
    }

    /// The letter that makes it so many to an address; waits for it.
    #[track_caller]
    pub fn wait(&self, address: &str, number: usize) -> Letter {
        let began = Instant::now();
        loop {
            let letters = self.to(address);
            assert!(letters.len() <= number, "{address} got {} letters", letters.len());
            if let Some(letter) = letters.get(number - 1) {
                return letter.clone();
            }
            assert!(began.elapsed() < Duration::from_secs(30), "nothing came to {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Letter {
    /// The letter as mail programs read it.
    pub fn read(&self) -> Message<'_> {
        MessageParser::default().parse(&self.raw).unwrap()
    }

    /// What it says as plain text.
    pub fn text(&self) -> String {
        self.read().body_text(0).unwrap().replace('\r', "")
    }

    /// What it says as HTML.
    pub fn html(&self) -> String {
        self.read().body_html(0).unwrap().into_owned()
    }

    /// Where on the server its link leads.
    #[track_caller]
    pub fn path(&self) -> String {
        let text = self.text();
        let at = text.find("/sign/").unwrap_or_else(|| panic!("no link in {text}"));
        text.get(at..).unwrap().split_whitespace().next().unwrap().to_owned()
    }

    /// The six digits in it.
    #[track_caller]
    pub fn code(&self) -> String {
        let text = self.text();
        let six = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        text.split_whitespace().find(six).unwrap_or_else(|| panic!("no code in {text}")).to_owned()
    }

    /// The file that came with it: its name and its bytes.
    #[track_caller]
    pub fn file(&self) -> (String, Vec<u8>) {
        let letter = self.read();
        let file = letter.attachment(0).unwrap();
        (file.attachment_name().unwrap().to_owned(), file.contents().to_vec())
    }
}

fn serve(wire: TcpStream, state: &Mutex<State>) {
    let mut out = wire.try_clone().unwrap();
    let mut lines = BufReader::new(wire);
    let mut say = move |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).is_ok();
    say("220 post.example ESMTP");
    let (mut to, mut line) = (Vec::new(), Vec::new());
    let mut refusal = None;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
            return;
        }
        let said = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = said.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        match verb.as_str() {
            "EHLO" => say("250-post.example\r\n250-8BITMIME\r\n250 SMTPUTF8"),
            "MAIL" => {
                refusal = state.lock().unwrap().refusals.pop_front();
                say("250 ok")
            }
            "RCPT" => match &refusal {
                Some(Refusal::Says(answer)) => say(answer),
                Some(Refusal::HangsUp) => return,
                _ => {
                    to.push(said.split(['<', '>']).nth(1).unwrap().to_owned());
                    say("250 ok")
                }
            },
            "DATA" => {
                say("354 go on");
                let raw = data(&mut lines);
                let letter = Letter { to: std::mem::take(&mut to), raw };
                if let Some(Refusal::Quotes) = refusal {
                    say(&format!("554 5.7.1 blocked for https://x.example{} in a list", letter.path()))
                } else {
                    state.lock().unwrap().letters.push(letter);
                    say("250 taken")
                }
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => say("250 ok"),
        };
    }
}

/// A letter up to the point that ends it (RFC 5321, 4.5.2).
fn data(lines: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line).unwrap_or(0) == 0 || line == b".\r\n" {
            return raw;
        }
        raw.extend(line.strip_prefix(b".").unwrap_or(&line));
    }
}
