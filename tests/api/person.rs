//! Somebody who calls the API over HTTP, and what is answered.

use std::time::Duration;

use serde_json::Value;

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Person {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
    headers: Vec<(&'static str, String)>,
    /// Their user record.
    pub id: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: ureq::http::HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON, when the status is this one.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        if self.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&self.bytes).unwrap() }
    }

    /// Refused with this status and code; the whole problem is given.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.is(status);
        assert_eq!(problem["code"], code, "{problem}");
        problem
    }

    /// Refused for one field: what is wrong with it is given.
    #[track_caller]
    pub fn blames(self, pointer: &str, flaw: &str) {
        let status = self.status;
        assert!(status == 422 || status == 400, "{status} {}", String::from_utf8_lossy(&self.bytes));
        let problem = self.is(status);
        let blamed: Vec<_> =
            problem["errors"].as_array().unwrap().iter().map(|error| (&error["pointer"], &error["code"])).collect();
        assert!(blamed.contains(&(&pointer.into(), &flaw.into())), "{pointer} {flaw}: {problem}");
    }

    /// The body as it came, when the status is 200.
    #[track_caller]
    pub fn bytes(self) -> Vec<u8> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        self.bytes
    }

    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Person {
    /// Somebody who has not signed in.
    pub fn stranger(base: &str) -> Self {
        Self {
            agent: agent(Duration::from_secs(60)),
            base: base.to_owned(),
            token: None,
            headers: Vec::new(),
            id: String::new(),
        }
    }

    /// Waits longer for an answer.
    pub fn patient(mut self) -> Self {
        self.agent = agent(Duration::from_secs(300));
        self
    }

    /// Somebody with a session.
    pub fn with_session(mut self, token: &str, id: &str) -> Self {
        self.token = Some(token.to_owned());
        id.clone_into(&mut self.id);
        self
    }

    /// Signs in anew.
    pub fn signed_in(&self, login: &str, password: &str) -> Self {
        let body = serde_json::json!({"login": login, "password": password});
        let session = self.post("/auth/login", &body).is(200);
        self.clone().with_session(&text(&session, "access_token"), &id(&session["user"]))
    }

    /// The access token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Sends a header with everything.
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut other = self.clone();
        other.headers.push((name, value.into()));
        other
    }

    /// Sends bytes as they are below `/api/v1`.
    pub fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.raw(method, &format!("/api/v1{path}"), kind, body)
    }

    fn raw(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.try_raw(method, path, kind, body).unwrap()
    }

    /// Nothing when the server went away before it answered.
    fn try_raw(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let answer = if body.is_empty() && kind.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        let mut answer = answer?;
        let bytes = answer.body_mut().with_config().limit(256 << 20).read_to_vec()?;
        Ok(Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), bytes })
    }

    /// The status of an answer that does not end.
    pub fn status_of(&self, path: &str) -> u16 {
        let mut request = ureq::http::Request::builder().uri(format!("{}/api/v1{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.agent.run(request.body(()).unwrap()).unwrap().status().as_u16()
    }

    /// POST to a server that may be killed at any moment.
    pub fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        let body = serde_json::to_vec(body).unwrap();
        self.try_raw("POST", &format!("/api/v1{path}"), "application/json", body).ok()
    }

    /// Upload to a server that may be killed at any moment.
    pub fn try_upload(&self, path: &str, name: &str, bytes: &[u8]) -> Option<Answer> {
        let (kind, body) = form("file", &[(name, bytes)], &[]);
        self.try_raw("POST", &format!("/api/v1{path}"), &kind, body).ok()
    }

    /// Calls the API with JSON.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, "application/json", serde_json::to_vec(body).unwrap())
    }

    /// Sends a file as a form, as browsers do.
    pub fn upload(&self, path: &str, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Answer {
        let (kind, body) = form("file", &[(name, bytes)], fields);
        self.send("POST", path, &kind, body)
    }

    /// GET below `/api/v1`
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new())
    }

    /// GET of a path that is not below `/api/v1`
    pub fn get_root(&self, path: &str) -> Answer {
        self.raw("GET", path, "", Vec::new())
    }

    /// Sends bytes as they are to a path that is not below `/api/v1`
    pub fn send_root(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.raw(method, path, kind, body)
    }

    /// DELETE
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, "", Vec::new())
    }

    /// POST
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, body)
    }

    /// PUT
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, body)
    }

    /// PATCH
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call("PATCH", path, body)
    }
}

fn agent(patience: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        // Where somebody is sent is an answer like any other.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(patience));
    config.build().into()
}

/// A form with files in one of its fields, as browsers send it: its media type and its bytes.
pub fn form(part: &str, files: &[(&str, &[u8])], fields: &[(&str, &str)]) -> (String, Vec<u8>) {
    const EDGE: &str = "----naryad-test-edge";
    let mut body = Vec::new();
    for (field, value) in fields {
        let part = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend(part.bytes());
    }
    for (name, bytes) in files {
        let head = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\n");
        body.extend(head.bytes());
        body.extend(b"Content-Type: application/octet-stream\r\n\r\n");
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{EDGE}--\r\n").bytes());
    (format!("multipart/form-data; boundary={EDGE}"), body)
}

/// The id of a record.
#[track_caller]
pub fn id(record: &Value) -> String {
    text(record, "id")
}

/// A text member of an answer.
#[track_caller]
pub fn text(record: &Value, member: &str) -> String {
    record[member].as_str().unwrap_or_else(|| panic!("{member} is missing in {record}")).to_owned()
}
