//! A client that costs next to nothing: one connection, requests by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// Somebody who calls again and again.
pub struct Caller {
    stream: BufReader<TcpStream>,
    token: String,
    body: Vec<u8>,
}

impl Caller {
    /// Connects.
    pub fn new(base: &str, token: &str) -> Self {
        let stream = TcpStream::connect(base).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), token: token.to_owned(), body: Vec::new() }
    }

    /// GET that must succeed.
    pub fn get(&mut self, path: &str) {
        let head = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n", self.token);
        self.stream.get_mut().write_all(head.as_bytes()).unwrap();
        self.answer(path);
    }

    /// Sends JSON, gets JSON.
    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        self.send("POST", path, body)
    }

    /// Sends JSON by any method, gets JSON.
    pub fn send(&mut self, method: &str, path: &str, body: &Value) -> Value {
        self.write(method, path, body);
        self.answer(path);
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Sends JSON, gets a document.
    pub fn post_for_bytes(&mut self, path: &str, body: &Value) -> usize {
        self.write("POST", path, body);
        self.answer(path);
        self.body.len()
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
        self.stream.get_mut().write_all(&request).unwrap();
    }

    fn answer(&mut self, path: &str) {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        let good = line.starts_with("HTTP/1.1 2");
        let status = line.clone();
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).unwrap();
        assert!(good, "{path}: {status} {}", String::from_utf8_lossy(&self.body));
    }
}
