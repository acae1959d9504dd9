//! A client that costs next to nothing: one connection, requests by hand.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// Somebody who calls again and again.
pub struct Caller {
    stream: TcpStream,
    token: String,
    answer: Vec<u8>,
    head: usize,
}

impl Caller {
    /// Connects.
    pub fn new(base: &str, token: &str) -> Self {
        let stream = TcpStream::connect(base).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, token: token.to_owned(), answer: Vec::new(), head: 0 }
    }

    /// GET that must succeed.
    pub fn get(&mut self, path: &str) {
        let head = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n", self.token);
        self.stream.write_all(head.as_bytes()).unwrap();
        self.answer(path);
    }

    /// Calls for somebody else from now on.
    pub fn speaks_for(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    /// GET of an answer that is packed on the way: its bytes as they travel.
    pub fn get_packed(&mut self, path: &str) -> usize {
        let token = &self.token;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nAccept-Encoding: gzip\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes()).unwrap();
        self.answer.clear();
        while !self.answer.ends_with(b"\r\n0\r\n\r\n") {
            self.read_more(path);
        }
        assert!(self.answer.starts_with(b"HTTP/1.1 2"), "{path}");
        self.answer.len()
    }

    /// Sends JSON, gets JSON.
    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        self.send("POST", path, body)
    }

    /// Sends JSON by any method, gets JSON.
    pub fn send(&mut self, method: &str, path: &str, body: &Value) -> Value {
        self.write(method, path, body);
        self.answer(path);
        serde_json::from_slice(self.body()).unwrap_or_default()
    }

    /// Sends JSON, gets a document.
    pub fn post_for_bytes(&mut self, path: &str, body: &Value) -> usize {
        self.write("POST", path, body);
        self.answer(path);
        self.body().len()
    }

    fn write(&mut self, method: &str, path: &str, body: &Value) {
        let body = serde_json::to_vec(body).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend(body);
        self.stream.write_all(&request).unwrap();
    }

    fn body(&self) -> &[u8] {
        &self.answer[self.head..]
    }

    fn answer(&mut self, path: &str) {
        self.answer.clear();
        self.head = loop {
            self.read_more(path);
            if let Some(end) = self.answer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = std::str::from_utf8(&self.answer[..self.head]).unwrap();
        let good = head.starts_with("HTTP/1.1 2");
        let length = |line: &str| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
        };
        let length: usize = head.lines().find_map(length).unwrap_or_default();
        while self.answer.len() < self.head + length {
            self.read_more(path);
        }
        assert!(good, "{path}: {}", String::from_utf8_lossy(&self.answer));
    }

    fn read_more(&mut self, path: &str) {
        let mut piece = [0; 16_384];
        let read = self.stream.read(&mut piece).unwrap();
        assert!(read > 0, "{path}: the server hung up");
        self.answer.extend_from_slice(&piece[..read]);
    }
}
