//! The program: reads what it is told, and does it.

use std::process::ExitCode;

use naryad::commands;
use naryad::commands::verify::Worth;
use naryad::config::{AuditCommand, Cli, Command, UserCommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How `naryad verify` ends when a seal holds and nobody vouches for it: a script must not take that for genuine.
const UNVOUCHED: u8 = 3;

fn main() -> ExitCode {
    let Cli { command, options } = Cli::read();
    let done = match command.unwrap_or(Command::Serve(options)) {
        Command::Serve(options) => commands::serve::serve(&options),
        Command::Demo(options) => commands::demo::demo(&options),
        Command::Migrate(options) => commands::migrate::migrate(&options),
        Command::User(UserCommand::Add(user)) => commands::add_user::add_user(&user),
        Command::Backup(backup) => commands::backup::backup(&backup),
        Command::VerifyBackup(backup) => commands::backup::verify_backup(&backup),
        Command::Restore(backup) => commands::backup::restore(&backup),
        Command::Audit(AuditCommand::Verify(chain)) => commands::audit::verify(&chain),
        Command::Audit(AuditCommand::Root(root)) => commands::audit::root(&root),
        Command::Seal(asked) => commands::seal::seal(&asked),
        Command::Verify(asked) => match commands::verify::verify(&asked) {
            Ok(Worth::Unvouched) => return ExitCode::from(UNVOUCHED),
            done => done.map(|_| ()),
        },
        Command::Openapi => commands::openapi::print(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("naryad: {reason}");
            ExitCode::FAILURE
        }
    }
}
