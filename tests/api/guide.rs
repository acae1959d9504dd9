//! Every example of the guide for app developers works, in the order a reader meets them.

use std::collections::HashMap;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use naryad::db::types::Sha256;
use serde_json::Value;

use crate::person::{Answer, Person};
use crate::pictures;
use crate::program::Installation;
use crate::scene::PASSWORD;

const GUIDE: &str = include_str!("../../mobile-api-docs/guide.md");
/// The password the guide's administrator has.
const ADMIN_PASSWORD: &str = "correct horse battery";
/// Members whose values are told as they are; of others only that they are there, and of which type.
const EXACT: [&str; 13] =
    ["code", "kind", "status", "coverage", "amount", "total", "net", "vat", "gross", "ready", "to", "minutes", "gate"];

#[test]
fn sqlite_follows_the_guide() {
    follow(false);
}

#[test]
fn postgres_follows_the_guide() {
    follow(true);
}

fn follow(postgres: bool) {
    let Some(mut installed) = Installation::new(postgres) else { return };
    assert!(installed.add_user("admin", "admin").status.success());
    installed.serve();
    let change = serde_json::json!({"current": PASSWORD, "new": ADMIN_PASSWORD});
    installed.person("admin").put("/me/password", &change).is(204);
    std::fs::write(installed.folder().join("photo.jpg"), pictures::jpeg(64, 48)).unwrap();
    let mut reader = Reader { base: installed.base(), folder: installed.folder().to_owned(), names: HashMap::new() };
    let mut blocks = blocks().into_iter().peekable();
    let mut commands = 0;
    while let Some((info, text)) = blocks.next() {
        if info != "sh" {
            continue;
        }
        commands += 1;
        let shown = blocks.next_if(|(info, _)| info.starts_with("json"));
        reader.run(text, shown);
    }
    assert!(commands > 50, "{commands}");
}

/// The fenced blocks: what stands behind the fence, and the text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    GUIDE.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// Somebody who follows the guide with curl and jq.
struct Reader {
    base: String,
    folder: PathBuf,
    names: HashMap<String, String>,
}

impl Reader {
    fn run(&mut self, text: &str, shown: Option<(&str, &str)>) {
        let text = text.trim();
        if let Some((name, rest)) = text.split_once('=').filter(|(name, _)| is_name(name)) {
            if let Some(value) = self.tool(rest) {
                self.names.insert(name.to_owned(), value);
                return;
            }
            let Some(command) = rest.strip_prefix("$(") else {
                // The guide's address is the usual one; ours is free at this moment.
                let value = if name == "base" { &self.base } else { rest };
                self.names.insert(name.to_owned(), value.to_owned());
                return;
            };
            let (command, path) = command.strip_suffix(')').unwrap().rsplit_once(" | jq -r ").unwrap();
            let found = member(&self.call(command).fine(command), path);
            self.names.insert(name.to_owned(), found);
            return;
        }
        let answer = self.call(text);
        let Some((info, json)) = shown else {
            assert!((200..300).contains(&answer.status), "{text}\n{}", String::from_utf8_lossy(&answer.bytes));
            return;
        };
        let status = info.split_once(' ').map(|(_, status)| status.parse().unwrap());
        let real = match status {
            Some(status) => answer.is(status),
            None => answer.fine(text),
        };
        let shown: Value = serde_json::from_str(json).unwrap();
        compare(&shown, &real, "", text);
    }

    /// What the reader's own tools say of the photo.
    fn tool(&self, command: &str) -> Option<String> {
        match command {
            "$(wc -c < photo.jpg)" => Some(self.file("photo.jpg").len().to_string()),
            "$(sha256sum < photo.jpg | cut -d ' ' -f 1)" => Some(Sha256::of(self.file("photo.jpg")).to_string()),
            "$(printf %s \"$second\" | base64 -w 0)" => Some(STANDARD.encode(&self.names["second"])),
            "$(date -u -d '2 days ago' +%F)" => Some(day(-2)),
            "$(date -u -d '2 days' +%F)" => Some(day(2)),
            _ => None,
        }
    }

    fn call(&self, command: &str) -> Answer {
        let mut words = self.words(command).into_iter();
        assert_eq!(words.next().as_deref(), Some("curl"));
        let mut person = Person::stranger(&self.base);
        let (mut method, mut url, mut kind, mut body, mut out) = (None, None, String::new(), Vec::new(), None);
        let (mut form, mut tries) = (Vec::new(), 1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "-s" | "-S" | "-f" | "--fail-with-body" => {}
                "--retry-all-errors" => {}
                "--retry-delay" => drop(words.next()),
                "--retry" => tries += words.next().unwrap().parse::<u32>().unwrap(),
                "-X" => method = words.next(),
                "-H" => {
                    let header = words.next().unwrap();
                    let (name, value) = header.split_once(": ").unwrap();
                    if name.eq_ignore_ascii_case("content-type") {
                        value.clone_into(&mut kind);
                    } else {
                        person = person.with(Box::leak(name.to_owned().into_boxed_str()), value);
                    }
                }
                "-d" => body = words.next().unwrap().into_bytes(),
                "--data-binary" => body = self.file(words.next().unwrap().strip_prefix('@').unwrap()),
                "-F" => form.push(words.next().unwrap()),
                "-o" => out = words.next(),
                _ => url = Some(word),
            }
        }
        let url = url.unwrap();
        let path = url.strip_prefix(&self.base).unwrap();
        if path.starts_with("/Q/") {
            return person.send_root("POST", path, &kind, body);
        }
        if path.starts_with("/verify") {
            let Some((field, file)) = form.first().and_then(|part| part.split_once("=@")) else {
                return person.get_root(path);
            };
            let (kind, body) = crate::person::form(field, &[(file, &self.file(file))], &[]);
            return person.send_root("POST", path, &kind, body);
        }
        let path = path.strip_prefix("/api/v1").unwrap().to_owned();
        if !form.is_empty() {
            let (mut name, mut bytes, mut fields) = (String::new(), Vec::new(), Vec::new());
            for part in &form {
                let (field, value) = part.split_once('=').unwrap();
                match value.strip_prefix('@') {
                    Some(file) => {
                        assert_eq!(field, "file");
                        file.split(';').next().unwrap().clone_into(&mut name);
                        bytes = self.file(&name);
                    }
                    None => fields.push((field, value)),
                }
            }
            return person.upload(&path, &name, &bytes, &fields);
        }
        let sends = !body.is_empty();
        let method = method.unwrap_or_else(|| if sends { "POST" } else { "GET" }.to_owned());
        if sends && kind.is_empty() {
            kind = "application/json".to_owned();
        }
        let mut answer = person.send(&method, &path, &kind, body.clone());
        while answer.status >= 400 && tries > 1 {
            std::thread::sleep(std::time::Duration::from_millis(500));
            answer = person.send(&method, &path, &kind, body.clone());
            tries -= 1;
        }
        if let Some(out) = out {
            std::fs::write(self.folder.join(out), &answer.bytes).unwrap();
        }
        answer
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }

    /// A command's words, as a shell would split them.
    fn words(&self, command: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        let mut letters = command.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => assert_eq!(letters.next(), Some('\n')),
                ' ' | '\n' => words.extend(word.take()),
                '\'' => word.get_or_insert_default().extend(letters.by_ref().take_while(|letter| *letter != '\'')),
                '"' => {
                    let word = word.get_or_insert_default();
                    while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
                        match letter {
                            '\\' => word.extend(letters.next()),
                            '$' => {
                                let mut name = String::new();
                                while let Some(letter) = letters.next_if(|letter| is_name(&letter.to_string())) {
                                    name.push(letter);
                                }
                                word.push_str(&self.names[&name]);
                            }
                            letter => word.push(letter),
                        }
                    }
                }
                letter => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        words
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit())
}

/// The day that is so many days from today.
fn day(days: i64) -> String {
    (chrono::Utc::now() + chrono::Duration::days(days)).format("%F").to_string()
}

/// What `jq -r` finds at a path such as `.data[0].id`.
fn member(value: &Value, path: &str) -> String {
    let pointer = path.trim().replace(['.', '['], "/").replace(']', "");
    match value.pointer(&pointer).unwrap_or_else(|| panic!("{path} is not in {value}")) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn compare(shown: &Value, real: &Value, at: &str, command: &str) {
    match (shown, real) {
        (Value::Object(shown), Value::Object(real)) => {
            for (name, value) in shown {
                let found = real.get(name).unwrap_or_else(|| panic!("{at}/{name} is missing: {command}\n{real:?}"));
                if EXACT.contains(&name.as_str()) && !value.is_object() && !value.is_array() {
                    assert_eq!(value, found, "{at}/{name}: {command}");
                }
                compare(value, found, &format!("{at}/{name}"), command);
            }
        }
        (Value::Array(shown), Value::Array(real)) => {
            assert!(real.len() >= shown.len(), "{at}: {command}\n{real:?}");
            for (index, (value, found)) in shown.iter().zip(real).enumerate() {
                compare(value, found, &format!("{at}/{index}"), command);
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(shown),
            std::mem::discriminant(real),
            "{at} is {real}, the guide shows {shown}: {command}"
        ),
    }
}

impl Answer {
    /// The body, when the answer is no refusal.
    fn fine(self, command: &str) -> Value {
        assert!((200..300).contains(&self.status), "{command}\n{}", String::from_utf8_lossy(&self.bytes));
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}
