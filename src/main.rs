//! The program: reads what it is told, and does it.

use std::process::ExitCode;

use naryad::commands;
use naryad::config::{AuditCommand, Cli, Command, UserCommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
        Command::Verify(asked) => commands::verify::verify(&asked),
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
