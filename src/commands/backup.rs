//! `naryad backup`, `naryad verify-backup`, `naryad restore`

use super::serve::DATA;
use crate::backup::{Backup, Missing, make, restore as bring, verify};
use crate::config::{MakeBackup, Options, RestoreBackup, VerifyBackup};
use crate::db::Address;

/// How many things that are wrong are told one by one.
const TOLD: usize = 20;

/// Makes a backup. When files are gone that the database names, it is made all the same, and the command fails with their
/// names.
///
/// # Errors
/// A sentence for the operator.
pub fn backup(asked: &MakeBackup) -> Result<(), String> {
    let config = asked.options.check(DATA)?;
    let done = make::make(&config, asked.pg_bin.as_deref(), &asked.to)?;
    let (folder, manifest) = (done.folder.display(), &done.manifest);
    println!(
        "{folder} holds the database ({} bytes), {} files ({} of them new) and {} events up to {}.",
        manifest.database.size,
        manifest.files.len(),
        done.copied,
        manifest.entries,
        manifest.seq
    );
    if let Some(newest) = asked.keep {
        let gone = make::keep(&asked.to, usize::from(newest.get()))?;
        if gone > 0 {
            println!("{gone} older ones were taken away.");
        }
    }
    if manifest.missing.is_empty() {
        return Ok(());
    }
    let told = |missing: &Missing| {
        let how = if missing.spoilt { "spoilt" } else { "gone" };
        format!("{} (named by {}) is {how}", missing.sha256, missing.named_by)
    };
    let what = format!(
        "{folder} was made, but without files that the database names; put each back below the folder of \
         files, as ab/cd/abcd…, from another backup or from whoever has it, and the next backup takes it"
    );
    Err(list(&what, manifest.missing.iter().map(told).collect()))
}

/// Tries a backup.
///
/// # Errors
/// Everything that is wrong with it.
pub fn verify_backup(asked: &VerifyBackup) -> Result<(), String> {
    let backup = Backup::open(&asked.backup)?;
    let trial = verify::Trial {
        server: asked.database_url.as_deref(),
        tools: asked.pg_bin.as_deref(),
        hashes_only: asked.hashes_only,
    };
    let flaws = verify::flaws(&backup, trial)?;
    if !flaws.is_empty() {
        return Err(list(&format!("{} is not whole", backup.folder.display()), flaws));
    }
    let manifest = &backup.manifest;
    println!(
        "{} is whole: {} rows, {} files and {} events up to {}, made at {}{}.",
        backup.folder.display(),
        manifest.database.rows.values().sum::<i64>(),
        manifest.files.len(),
        manifest.entries,
        manifest.seq,
        manifest.made_at,
        if asked.hashes_only { " (hashes only: it was not restored for a trial)" } else { "" }
    );
    Ok(())
}

/// Restores a backup.
///
/// # Errors
/// A sentence for the operator.
pub fn restore(asked: &RestoreBackup) -> Result<(), String> {
    let backup = Backup::open(&asked.backup)?;
    let (options, ignored) = into(asked);
    for (variable, flag) in ignored {
        println!("Note: {variable} is not heeded, because --into names a folder: say {flag} if that is meant.");
    }
    let config = options.check(DATA)?;
    let wish = bring::Wish {
        replace: asked.replace,
        leave_out_broken: asked.leave_out_broken,
        skip_numbers: i64::from(asked.skip_numbers),
        tools: asked.pg_bin.as_deref(),
    };
    let done = bring::restore(&backup, &config, wish)?;
    for aside in &done.aside {
        println!("What was there before is now {aside}.");
    }
    println!(
        "{} was restored as of {} into {}. The new epoch is {}; events go on from {} at {}.",
        backup.folder.display(),
        backup.manifest.made_at,
        config.data.display(),
        done.epoch,
        done.leap.jump_from,
        done.leap.jump_to
    );
    for note in &done.notes {
        println!("Note: {note}.");
    }
    if done.warnings.is_empty() { Ok(()) } else { Err(list("it may be served, but", done.warnings)) }
}

/// Where a backup is restored to, and what the environment says of other places: it may be that of the installation that
/// people work with.
fn into(asked: &RestoreBackup) -> (Options, Vec<(&'static str, &'static str)>) {
    let mut options = asked.options.clone();
    // A database's address, or the data folder.
    if let Some(url) = asked.into.to_str().filter(|url| matches!(Address::parse(url), Ok(Address::Postgres(_)))) {
        return (Options { database_url: Some(url.to_owned()), ..options }, Vec::new());
    }
    options.data = Some(asked.into.clone());
    let mut ignored = Vec::new();
    if asked.surroundings.database_url && options.database_url.take().is_some() {
        ignored.push(("NARYAD_DATABASE_URL", "--database-url"));
    }
    if asked.surroundings.print_forms && options.print_forms.take().is_some() {
        ignored.push(("NARYAD_PRINT_FORMS", "--print-forms"));
    }
    (options, ignored)
}

/// A sentence and its reasons, one a line.
fn list(what: &str, reasons: Vec<String>) -> String {
    let more = reasons.len().saturating_sub(TOLD);
    let mut lines = vec![format!("{what}:")];
    lines.extend(reasons.into_iter().take(TOLD));
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n  ")
}
