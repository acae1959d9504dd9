//! What an operator does from the command line.

use std::process::Stdio;

use crate::program::Installation;

#[test]
fn a_user_is_added_once_and_a_bad_one_is_told_why() {
    for postgres in [false, true] {
        let Some(installed) = Installation::new(postgres) else { continue };
        let added = installed.add_user("admin", "admin");
        assert!(added.status.success());
        assert!(String::from_utf8(added.stdout).unwrap().starts_with("admin (admin) was added"));
        let twice = installed.add_user("ADMIN", "admin");
        assert!(!twice.status.success());
        assert!(String::from_utf8(twice.stderr).unwrap().contains("already a user with that login"));
        assert!(!installed.add_user("two words", "admin").status.success());
        assert!(!installed.add_user("client", "client").status.success());
        assert!(!installed.add_user("boss", "boss").status.success());
    }
}

#[test]
fn migrating_twice_changes_nothing() {
    for postgres in [false, true] {
        let Some(installed) = Installation::new(postgres) else { continue };
        for _ in 0..2 {
            assert!(installed.command(&["migrate"]).stdout(Stdio::null()).status().unwrap().success());
        }
    }
}

#[test]
fn a_wrong_setting_is_named() {
    let installed = Installation::new(false).unwrap();
    let refused = installed.command(&["serve", "--listen", "8080"]).stderr(Stdio::piped()).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("NARYAD_LISTEN"));
}

#[cfg(unix)]
#[test]
fn nobody_else_looks_into_the_data_folder() {
    use std::os::unix::fs::PermissionsExt;
    let mut installed = Installation::new(false).unwrap();
    installed.serve();
    let mode = std::fs::metadata(installed.folder()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
