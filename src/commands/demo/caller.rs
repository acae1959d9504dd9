//! A client of our own API, as anybody's would be.

use std::time::Duration;

use serde_json::{Value, json};

use super::PASSWORD;

/// Somebody who calls the API.
pub struct Caller {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl Caller {
    /// Somebody who has not signed in.
    pub fn new(base: &str) -> Self {
        Self::passing(&format!("{base}/api/v1"))
    }

    /// Somebody without a login, who asks for the pages that are for everybody.
    pub fn passing(base: &str) -> Self {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
        Self { agent: config.build().into(), base: base.to_owned(), token: None }
    }

    /// One of the demonstration's people, signed in.
    ///
    /// # Errors
    /// What the server answered.
    pub fn signed_in(base: &str, login: &str) -> Result<Self, String> {
        let mut caller = Self::new(base);
        caller.sign_in(login, PASSWORD).map(|()| caller)
    }

    /// Signs in.
    ///
    /// # Errors
    /// What the server answered.
    pub fn sign_in(&mut self, login: &str, password: &str) -> Result<(), String> {
        let session = self.post("/auth/login", &json!({"login": login, "password": password}))?;
        self.token = session.get("access_token").and_then(Value::as_str).map(str::to_owned);
        Ok(())
    }

    /// Whether there is something at a path.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn has(&self, path: &str) -> Result<bool, String> {
        Ok(self.call("GET", path, None)?.0 == 200)
    }

    /// GET
    ///
    /// # Errors
    /// What the server answered.
    pub fn get(&self, path: &str) -> Result<Value, String> {
        self.json("GET", path, None)
    }

    /// GET of a document.
    ///
    /// # Errors
    /// What the server answered.
    pub fn document(&self, path: &str) -> Result<Vec<u8>, String> {
        good("GET", path, self.call("GET", path, None)?)
    }

    /// POST that answers with a document.
    ///
    /// # Errors
    /// What the server answered.
    pub fn print(&self, path: &str, body: &Value) -> Result<Vec<u8>, String> {
        good("POST", path, self.call("POST", path, Some(body))?)
    }

    /// POST
    ///
    /// # Errors
    /// What the server answered.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.json("POST", path, Some(body))
    }

    /// PUT
    ///
    /// # Errors
    /// What the server answered.
    pub fn put(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.json("PUT", path, Some(body))
    }

    /// POST that must be refused with this code; the problem is given.
    ///
    /// # Errors
    /// When it was not.
    pub fn refused(&self, path: &str, body: &Value, code: &str) -> Result<Value, String> {
        let (_, bytes) = self.call("POST", path, Some(body))?;
        let problem: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        if problem.get("code").and_then(Value::as_str) == Some(code) {
            Ok(problem)
        } else {
            Err(format!("POST {path} should have been refused with {code}: {problem}"))
        }
    }

    fn json(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let bytes = good(method, path, self.call(method, path, body)?)?;
        serde_json::from_slice(&bytes).map_err(|error| error.to_string())
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Vec<u8>), String> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .header("accept-language", "ru");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let said = |error: &dyn std::fmt::Display| format!("{method} {path}: {error}");
        let body = body.map(ToString::to_string).unwrap_or_default();
        let request = request.body(body).map_err(|error| said(&error))?;
        let mut answer = self.agent.run(request).map_err(|error| said(&error))?;
        let bytes = answer.body_mut().with_config().limit(64 << 20).read_to_vec().map_err(|error| said(&error))?;
        Ok((answer.status().as_u16(), bytes))
    }
}

fn good(method: &str, path: &str, (status, bytes): (u16, Vec<u8>)) -> Result<Vec<u8>, String> {
    if (200..300).contains(&status) {
        Ok(bytes)
    } else {
        Err(format!("{method} {path} was answered {status}: {}", String::from_utf8_lossy(&bytes)))
    }
}

/// A text member of an answer.
///
/// # Errors
/// When there is none.
pub fn text(answer: &Value, member: &str) -> Result<String, String> {
    answer
        .get(member)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("{member} is missing in {answer}"))
}
