//! PostgreSQL's own programs: finding those that fit the server, and telling them where it is without showing the password.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Finds one of PostgreSQL's programs that is no older than the server: in the folder the operator named, else on `PATH`,
/// else where Debian keeps its versions.
///
/// # Errors
/// A sentence that says what to install.
pub fn find(program: &str, folder: Option<&Path>, server: u32) -> Result<PathBuf, String> {
    let folders = folder.map_or_else(usual_folders, |folder| vec![folder.to_owned()]);
    let found: Vec<(PathBuf, u32)> = folders
        .iter()
        .map(|folder| folder.join(program))
        .filter_map(|path| version(&path).map(|version| (path, version)))
        .collect();
    if let Some((path, _)) = found.iter().find(|(_, version)| *version >= server) {
        return Ok(path.clone());
    }
    let cure = format!("install postgresql-client-{server} or newer, or name its folder with --pg-bin (NARYAD_PG_BIN)");
    Err(match found.iter().map(|(_, version)| version).max() {
        Some(newest) => format!("{program} {newest} is too old for the server, which is PostgreSQL {server}: {cure}"),
        None => format!("{program} was not found: {cure}"),
    })
}

fn usual_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    std::env::split_paths(&path).chain(packaged.map(|entry| entry.path().join("bin"))).collect()
}

/// The major version: `pg_dump (PostgreSQL) 15.20 (Debian …)` is 15.
fn version(program: &Path) -> Option<u32> {
    let told = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let number = told.split_whitespace().find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()))?;
    number.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// Runs one of PostgreSQL's programs on a database.
///
/// # Errors
/// What it said when it failed.
pub fn run(program: &Path, words: &[&str], url: &str) -> Result<(), String> {
    let (url, password) = without_password(url);
    let mut command = Command::new(program);
    command.args(words).arg(format!("--dbname={url}")).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(password) = password {
        // The list of processes shows arguments to everybody, and the environment to nobody else.
        command.env("PGPASSWORD", password);
    }
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ended = command.stderr(Stdio::piped()).output().map_err(|error| format!("{name}: {error}"))?;
    if ended.status.success() {
        return Ok(());
    }
    Err(format!("{name} failed: {}", String::from_utf8_lossy(&ended.stderr).trim()))
}

/// A connection address without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let (server, name) = place.split_once('/').map_or((place, None), |(server, name)| (server, Some(name)));
    let mut password = None;
    let server = match server.rsplit_once('@') {
        Some((user, host)) => {
            let (user, secret) = user.split_once(':').map_or((user, None), |(user, secret)| (user, Some(secret)));
            password = secret.map(decoded);
            format!("{user}@{host}")
        }
        None => server.to_owned(),
    };
    let mut kept = Vec::new();
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        match pair.strip_prefix("password=") {
            Some(secret) => password = Some(decoded(secret)),
            None => kept.push(pair),
        }
    }
    let name = name.map(|name| format!("/{name}")).unwrap_or_default();
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    (format!("{scheme}://{server}{name}{query}"), password)
}

/// `%40` is `@`; a plus is a plus here, unlike in forms.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hidden = match (first, after) {
            (b'%', [high, low, ..]) => hex::decode([*high, *low]).ok().and_then(|byte| byte.first().copied()),
            _ => None,
        };
        bytes.push(hidden.unwrap_or(*first));
        rest = if hidden.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{find, without_password};

    #[test]
    fn no_argument_shows_the_password() {
        for (url, shown, hidden) in [
            (
                "postgres://me:p%40ss+%3A@db.example.com:5433/naryad",
                "postgres://me@db.example.com:5433/naryad",
                "p@ss+:",
            ),
            ("postgresql://me:x@[::1]/n?sslmode=allow", "postgresql://me@[::1]/n?sslmode=allow", "x"),
            ("postgres://h/n?user=me&password=s%2Fe&sslmode=allow", "postgres://h/n?user=me&sslmode=allow", "s/e"),
            ("postgres://h/n?password=s", "postgres://h/n", "s"),
            ("postgres://me:100%@h/n", "postgres://me@h/n", "100%"),
        ] {
            assert_eq!(without_password(url), (shown.to_owned(), Some(hidden.to_owned())));
        }
        for url in ["postgres://me@h/n", "postgres:///n?host=/run", "postgres://h"] {
            assert_eq!(without_password(url), (url.to_owned(), None));
        }
    }

    #[test]
    fn what_is_not_there_is_said_with_the_cure() {
        let why = find("pg_dump", Some(std::path::Path::new("/nowhere")), 15).unwrap_err();
        assert!(why.contains("was not found") && why.contains("postgresql-client-15"), "{why}");
    }
}
