//! Settings: flags and environment, read once, checked before anything starts.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::auth::Role;
use crate::db::Address;
use crate::messages::smtp::{self, Copies, Mail};

/// The backend of a field-service company: tickets, labels, acts, signatures and invoices in one program.
#[derive(Debug, Parser)]
#[command(name = "naryad", version, about, max_term_width = 120)]
pub struct Cli {
    /// What to do; `serve` when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The settings of `serve`, when nothing is said.
    #[command(flatten)]
    pub options: Options,
}

/// What the program can be told to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the database up to date and serve (the default).
    Serve(Options),
    /// Fill an empty folder with a service company, play one job through the API, and stay serving.
    Demo(Options),
    /// Bring the database up to date and stop.
    Migrate(Options),
    /// Look after users.
    #[command(subcommand)]
    User(UserCommand),
    /// Make a backup, while the server runs or not.
    Backup(MakeBackup),
    /// Try a backup: compare its hashes, restore it for a moment, look through it.
    VerifyBackup(VerifyBackup),
    /// Restore a backup into an empty place.
    Restore(RestoreBackup),
    /// Prove that the record of what happened is as it was written.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Look after the key that seals signed documents.
    #[command(subcommand)]
    Seal(SealCommand),
    /// Check a signed document, without a database and without a network.
    Verify(Verify),
    /// Print the API's OpenAPI document.
    Openapi,
}

/// A backup to make.
#[derive(Debug, Args)]
pub struct MakeBackup {
    /// Folder of backups: each gets a folder of its own in it, and they share their files.
    #[arg(long, value_name = "FOLDER")]
    pub to: PathBuf,
    /// Leave so many, the newest, and take older ones away.
    #[arg(long, value_name = "NUMBER")]
    pub keep: Option<NonZero<u16>>,
    /// Folder with PostgreSQL's programs [default: from PATH, or where Debian keeps them].
    #[arg(long, env = "NARYAD_PG_BIN", value_name = "FOLDER")]
    pub pg_bin: Option<PathBuf>,
    /// Where the database and the files are.
    #[command(flatten)]
    pub options: Options,
}

/// A backup to try.
#[derive(Debug, Args)]
pub struct VerifyBackup {
    /// A backup, or the folder of backups: then the newest.
    #[arg(value_name = "BACKUP")]
    pub backup: PathBuf,
    /// For a backup of PostgreSQL: any database of a server on which one more can be made for a moment.
    #[arg(long, env = "NARYAD_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Compare hashes, and restore nothing.
    #[arg(long)]
    pub hashes_only: bool,
    /// Folder with PostgreSQL's programs [default: from PATH, or where Debian keeps them].
    #[arg(long, env = "NARYAD_PG_BIN", value_name = "FOLDER")]
    pub pg_bin: Option<PathBuf>,
}

/// A backup to restore.
#[derive(Debug, Args)]
pub struct RestoreBackup {
    /// A backup, or the folder of backups: then the newest.
    #[arg(value_name = "BACKUP")]
    pub backup: PathBuf,
    /// The data folder to be; or the postgres:// address of an empty database, with --data for the folder.
    #[arg(long, value_name = "FOLDER|URL")]
    pub into: PathBuf,
    /// Put aside what is there already.
    #[arg(long)]
    pub replace: bool,
    /// Leave out files that are gone from the backup or were changed in it.
    #[arg(long)]
    pub leave_out_broken: bool,
    /// Leave out so many numbers of tickets, acts and invoices: paper may have them that was made after the backup.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub skip_numbers: u16,
    /// Folder with PostgreSQL's programs [default: from PATH, or where Debian keeps them].
    #[arg(long, env = "NARYAD_PG_BIN", value_name = "FOLDER")]
    pub pg_bin: Option<PathBuf>,
    /// Where else things belong.
    #[command(flatten)]
    pub options: Options,
    /// What of that nobody has typed.
    #[arg(skip)]
    pub surroundings: Surroundings,
}

/// Which settings come from the environment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings {
    /// `NARYAD_DATABASE_URL`
    pub database_url: bool,
    /// `NARYAD_PRINT_FORMS`
    pub print_forms: bool,
}

impl Cli {
    /// Reads what was typed, and the environment. Does not come back from a mistake, nor from `--help`.
    pub fn read() -> Self {
        let matches = Self::command().get_matches();
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if let (Some(Command::Restore(restore)), Some(typed)) =
            (&mut cli.command, matches.subcommand_matches("restore"))
        {
            let untyped = |id: &str| typed.value_source(id) == Some(ValueSource::EnvVariable);
            restore.surroundings =
                Surroundings { database_url: untyped("database_url"), print_forms: untyped("print_forms") };
        }
        cli
    }
}

/// What can be done with the record of what happened.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk along the chain of events: OK, or the first entry that is not as it was written.
    Verify(AuditVerifyArgs),
    /// Write down the hash of all events as they are now, and print it, to be kept elsewhere.
    Root(AuditRootArgs),
}

/// A chain to walk along.
#[derive(Debug, Args)]
pub struct AuditVerifyArgs {
    /// A root that was kept elsewhere, as `audit root` printed it, or a backup's manifest.json; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub root: Vec<PathBuf>,
    /// Where the database is.
    #[command(flatten)]
    pub options: Options,
}

/// A root to write.
#[derive(Debug, Args)]
pub struct AuditRootArgs {
    /// Write it to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Where the database is.
    #[command(flatten)]
    pub options: Options,
}

/// A document to check.
#[derive(Debug, Args)]
pub struct Verify {
    /// The signed copy of an act, PDF.
    pub file: PathBuf,
    /// The organisation's certificates, as `naryad seal certificates` prints them and `/verify/certificates.pem` gives them;
    /// without them, it is told whose seal it is and not whether they may be believed, and the exit code is 3.
    #[arg(long, value_name = "PEM")]
    pub certificate: Option<PathBuf>,
}

/// What can be done with the organisation's key.
#[derive(Debug, Subcommand)]
pub enum SealCommand {
    /// Seal with a key and certificate of a PKCS #12 file (.p12, .pfx); its password is read from standard input.
    Install {
        /// The file.
        file: PathBuf,
        /// Where the database is.
        #[command(flatten)]
        options: Options,
    },
    /// Seal with a new key, whose certificate vouches for itself.
    Rotate(Options),
    /// Revoke a key that may be in other hands, once another one seals: what bears its seal and is not recorded here is
    /// nothing of ours.
    Revoke {
        /// The SHA-256 of its certificate, as `naryad seal list` tells it.
        #[arg(value_name = "SHA-256")]
        certificate: String,
        /// Where the database is.
        #[command(flatten)]
        options: Options,
    },
    /// Show the keys that seal and have sealed.
    List(Options),
    /// Print all certificates that were not revoked as PEM, for `naryad verify --certificate` and other programs.
    Certificates(Options),
}

/// What can be done with users from the command line.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; the password is read from standard input.
    Add(AddUser),
}

/// A user to add.
#[derive(Debug, Args)]
pub struct AddUser {
    /// What they sign in with.
    #[arg(long)]
    pub login: String,
    /// technician, dispatcher, manager, admin or client.
    #[arg(long)]
    pub role: Role,
    /// What they are called.
    #[arg(long)]
    pub name: String,
    /// A client's user: the id of the company.
    #[arg(long)]
    pub company: Option<String>,
    /// Where the database is.
    #[command(flatten)]
    pub options: Options,
}

/// Every setting, as flag and environment variable.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Folder with the embedded database, files and print forms [default: ./naryad-data; ./naryad-demo for demo].
    #[arg(long, env = "NARYAD_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// postgres://user:password@host/database; left out, the database is embedded in the data folder.
    #[arg(long, env = "NARYAD_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Address and port to listen on [default: 127.0.0.1:8080].
    #[arg(long, env = "NARYAD_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// How browsers and labels reach this server [default: http://ADDRESS:PORT].
    #[arg(long, env = "NARYAD_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// s3://bucket/prefix to keep files in; credentials come from the AWS_… variables. Left out, they are in the data folder.
    #[arg(long, env = "NARYAD_FILES_URL", value_name = "URL")]
    pub files_url: Option<String>,
    /// Folder with the print forms [default: print-forms in the data folder].
    #[arg(long, env = "NARYAD_PRINT_FORMS", value_name = "FOLDER")]
    pub print_forms: Option<PathBuf>,
    /// At least 32 characters to sign tokens with; left out, a secret is made and kept in the database.
    #[arg(long, env = "NARYAD_SECRET", value_name = "TEXT", hide_env_values = true)]
    pub secret: Option<String>,
    /// Addresses of proxies whose X-Forwarded-For is believed, apart by commas.
    #[arg(long, env = "NARYAD_TRUSTED_PROXIES", value_name = "ADDRESSES", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
    /// A token that Prometheus sends to read /metrics; left out, only this machine may read it.
    #[arg(long, env = "NARYAD_METRICS_TOKEN", value_name = "TEXT", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Origins of web pages that may call the API, such as `https://app.example.com`, apart by commas [default: none].
    #[arg(long, env = "NARYAD_ALLOWED_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Vec<String>,
    /// Threads that answer requests [default: one a core].
    #[arg(long, env = "NARYAD_WORKERS", value_name = "NUMBER")]
    pub workers: Option<String>,
    /// The oldest version of the app, such as 2.4.0, that may pull; older ones are told to update, and may still push.
    #[arg(long, env = "NARYAD_MIN_APP_VERSION", value_name = "VERSION")]
    pub min_app_version: Option<String>,
    /// smtps://user:password@host or smtp://user:password@host of the mail server; left out, no mail is sent.
    #[arg(long, env = "NARYAD_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// From whom mail comes: desk@example.com, or «Service <desk@example.com>».
    #[arg(long, env = "NARYAD_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// Who gets signed acts by mail: some of signer, company, provider, apart by commas, or nobody [default: all three].
    #[arg(long, env = "NARYAD_SIGNED_ACTS_TO", value_name = "WHOM", value_delimiter = ',')]
    pub signed_acts_to: Vec<String>,
    /// When: after the signatures of both parties, or already after the client's: both or client [default: both].
    #[arg(long, env = "NARYAD_SIGNED_ACTS_AFTER", value_name = "WHOSE")]
    pub signed_acts_after: Option<String>,
    /// json for machines, text for people [default: text on a terminal, else json].
    #[arg(long, env = "NARYAD_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// What to log, such as info or naryad=debug [default: info].
    #[arg(long, env = "NARYAD_LOG", value_name = "FILTER")]
    pub log: Option<String>,
}

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Where the database is.
    pub database: Address,
    /// Where to listen.
    pub listen: SocketAddr,
    /// How the world reaches us; never ends with a slash.
    pub public_url: String,
    /// Where files are, when not in the data folder.
    pub files_url: Option<String>,
    /// The folder of the print forms.
    pub print_forms: PathBuf,
    /// What tokens are signed with, when the operator chose it.
    pub secret: Option<String>,
    /// Proxies whose word counts.
    pub trusted_proxies: Vec<IpAddr>,
    /// What opens /metrics from elsewhere.
    pub metrics_token: Option<String>,
    /// Web pages from elsewhere that may call the API.
    pub allowed_origins: Vec<String>,
    /// Threads that answer requests.
    pub workers: usize,
    /// The oldest version of the app that may pull.
    pub min_app_version: Option<String>,
    /// How mail is sent; nothing when it is not.
    pub mail: Option<Mail>,
}

impl Config {
    /// Who gets signed acts by mail; nothing when there is no mail.
    pub fn copies(&self) -> Option<Copies> {
        self.mail.as_ref().map(|mail| mail.copies)
    }
}

impl Options {
    /// Checks the settings.
    ///
    /// # Errors
    /// A sentence that names the flag and the variable.
    pub fn check(&self, default_data: &str) -> Result<Config, String> {
        let wrong = |flag: &str, variable: &str, why: &str| format!("--{flag} ({variable}): {why}");
        let data = self.data.clone().unwrap_or_else(|| PathBuf::from(default_data));
        let database = match self.database_url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => Address::parse(url).map_err(|why| wrong("database-url", "NARYAD_DATABASE_URL", &why))?,
            None => Address::Sqlite(data.join("naryad.db")),
        };
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1:8080");
        let listen: SocketAddr = listen.parse().map_err(|_| {
            wrong("listen", "NARYAD_LISTEN", "it must be an address and a port, such as 127.0.0.1:8080")
        })?;
        let origins: Result<Vec<String>, _> =
            self.allowed_origins.iter().map(|origin| public_url(origin.trim())).collect();
        let allowed_origins = origins.map_err(|why| wrong("allowed-origins", "NARYAD_ALLOWED_ORIGINS", why))?;
        let public_url = match &self.public_url {
            Some(url) => public_url(url).map_err(|why| wrong("public-url", "NARYAD_PUBLIC_URL", why))?,
            None => format!("http://{listen}"),
        };
        if self.secret.as_ref().is_some_and(|secret| secret.len() < 32) {
            return Err(wrong("secret", "NARYAD_SECRET", "it must have at least 32 characters"));
        }
        if self.files_url.as_ref().is_some_and(|url| !url.starts_with("s3://") || url.len() < 6) {
            return Err(wrong("files-url", "NARYAD_FILES_URL", "it must begin with s3:// and name a bucket"));
        }
        let proxies: Result<Vec<IpAddr>, _> =
            self.trusted_proxies.iter().map(|address| address.trim().parse()).collect();
        let trusted_proxies =
            proxies.map_err(|_| wrong("trusted-proxies", "NARYAD_TRUSTED_PROXIES", "each must be an IP address"))?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let workers = match &self.workers {
            Some(number) => number
                .parse()
                .ok()
                .filter(|number| (1..=256).contains(number))
                .ok_or_else(|| wrong("workers", "NARYAD_WORKERS", "it must be a number from 1 to 256"))?,
            None => cores,
        };
        let is_version = |version: &String| version.split('.').all(|part| part.parse::<u64>().is_ok());
        if self.min_app_version.as_ref().is_some_and(|version| !is_version(version)) {
            return Err(wrong(
                "min-app-version",
                "NARYAD_MIN_APP_VERSION",
                "it must be numbers with points, such as 2.4.0",
            ));
        }
        let print_forms = self.print_forms.clone().unwrap_or_else(|| data.join("print-forms"));
        Ok(Config {
            data,
            database,
            listen,
            public_url,
            files_url: self.files_url.clone(),
            print_forms,
            secret: self.secret.clone(),
            trusted_proxies,
            metrics_token: self.metrics_token.clone(),
            allowed_origins,
            min_app_version: self.min_app_version.clone(),
            workers,
            mail: self.mail()?,
        })
    }

    /// How mail is sent.
    fn mail(&self) -> Result<Option<Mail>, String> {
        let wrong = |flag: &str, variable: &str, why: String| format!("--{flag} ({variable}): {why}");
        let copies = Copies::to(&self.signed_acts_to)
            .map_err(|why| wrong("signed-acts-to", "NARYAD_SIGNED_ACTS_TO", why))?
            .after(self.signed_acts_after.as_deref())
            .map_err(|why| wrong("signed-acts-after", "NARYAD_SIGNED_ACTS_AFTER", why))?;
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (url, from) = match (given(&self.smtp_url), given(&self.mail_from)) {
            (None, None) => return Ok(None),
            (Some(url), Some(from)) => (url, from),
            (Some(_), None) => {
                let why = "it must say from whom mail comes, since --smtp-url (NARYAD_SMTP_URL) names a mail server";
                return Err(wrong("mail-from", "NARYAD_MAIL_FROM", why.to_owned()));
            }
            (None, Some(_)) => {
                let why =
                    "it must name the mail server, since --mail-from (NARYAD_MAIL_FROM) says from whom mail comes";
                return Err(wrong("smtp-url", "NARYAD_SMTP_URL", why.to_owned()));
            }
        };
        let from = smtp::sender(&from).map_err(|why| wrong("mail-from", "NARYAD_MAIL_FROM", why))?;
        let transport = smtp::transport(&url, &from).map_err(|why| wrong("smtp-url", "NARYAD_SMTP_URL", why))?;
        Ok(Some(Mail { from, copies, transport }))
    }
}

fn public_url(url: &str) -> Result<String, &'static str> {
    let url = url.trim_end_matches('/');
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .ok_or("it must begin with https:// or http://")?;
    if host.contains('/') {
        // Labels hold it in capitals, which a path would not survive.
        return Err("it must have no path: the program answers for the whole host");
    }
    if host.is_empty()
        || host.contains(|letter: char| letter.is_whitespace() || letter.is_control() || "?#\"<>".contains(letter))
    {
        return Err("it must be an address such as https://service.example.com");
    }
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Cli, Options};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |options: Options, named: &str| {
            let why = options.check("./naryad-data").unwrap_err();
            assert!(why.contains(named), "{why}");
        };
        refused(Options { database_url: Some("mysql://x".into()), ..Options::default() }, "NARYAD_DATABASE_URL");
        refused(Options { listen: Some("8080".into()), ..Options::default() }, "NARYAD_LISTEN");
        refused(Options { public_url: Some("example.com".into()), ..Options::default() }, "NARYAD_PUBLIC_URL");
        refused(Options { secret: Some("short".into()), ..Options::default() }, "NARYAD_SECRET");
        refused(Options { workers: Some("0".into()), ..Options::default() }, "NARYAD_WORKERS");
        refused(Options { min_app_version: Some("new".into()), ..Options::default() }, "NARYAD_MIN_APP_VERSION");
        refused(Options { trusted_proxies: vec!["lo".into()], ..Options::default() }, "NARYAD_TRUSTED_PROXIES");
        refused(Options { allowed_origins: vec!["*".into()], ..Options::default() }, "NARYAD_ALLOWED_ORIGINS");
        refused(Options { files_url: Some("/tmp".into()), ..Options::default() }, "NARYAD_FILES_URL");
        let mail = Options {
            smtp_url: Some("smtp://127.0.0.1:25".into()),
            mail_from: Some("desk@example.com".into()),
            ..Options::default()
        };
        assert!(mail.check("").unwrap().mail.is_some());
        refused(Options { smtp_url: None, ..mail.clone() }, "NARYAD_SMTP_URL");
        refused(Options { smtp_url: Some("http://127.0.0.1".into()), ..mail.clone() }, "NARYAD_SMTP_URL");
        refused(Options { mail_from: None, ..mail.clone() }, "NARYAD_MAIL_FROM");
        refused(Options { mail_from: Some("desk".into()), ..mail.clone() }, "NARYAD_MAIL_FROM");
        refused(Options { signed_acts_to: vec!["all".into()], ..mail.clone() }, "NARYAD_SIGNED_ACTS_TO");
        refused(Options { signed_acts_after: Some("never".into()), ..mail }, "NARYAD_SIGNED_ACTS_AFTER");
    }

    #[test]
    fn the_defaults_need_nothing() {
        let config = Options::default().check("./naryad-data").unwrap();
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert_eq!(config.print_forms, std::path::Path::new("./naryad-data/print-forms"));
    }
}
