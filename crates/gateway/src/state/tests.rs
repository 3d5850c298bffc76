//! The state folder under attack: other users, links, torn and huge files, and many writers at once.

use std::os::unix::fs::{PermissionsExt, chown, symlink};

use tempfile::TempDir;

use super::*;

fn state() -> (State, TempDir) {
    let folder = TempDir::new().unwrap();
    (State::open(&folder.path().join("state")).unwrap(), folder)
}

#[test]
fn documents_come_back_and_are_for_their_user_only() {
    let (state, _folder) = state();
    assert_eq!(state.read::<Vec<u32>>("a.json").unwrap(), None);
    state.write("a.json", &vec![1, 2, 3]).unwrap();
    assert_eq!(state.read::<Vec<u32>>("a.json").unwrap().unwrap(), [1, 2, 3]);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(state.folder()), mode(&state.folder().join("a.json"))), (0o700, 0o600));
    assert_eq!(state.names().unwrap(), ["a.json"], "nothing is left over");
    assert!(state.remove("a.json").unwrap() && !state.remove("a.json").unwrap());
}

#[test]
fn a_folder_that_others_may_use_is_refused() {
    let (state, _folder) = state();
    for mode in [0o770, 0o702, 0o750, 0o777] {
        fs::set_permissions(state.folder(), fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(State::open(state.folder()), Err(StateError::Untrusted { .. })), "{mode:o}");
    }
}

#[test]
fn files_that_somebody_else_could_have_written_are_refused() {
    let (state, folder) = state();
    let path = state.folder().join("a.json");
    state.write("a.json", &vec![1]).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
    assert!(matches!(state.read::<Vec<u32>>("a.json"), Err(StateError::Untrusted { .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    // Only the superuser can give files away.
    if chown(&path, Some(12_345), None).is_ok() {
        assert!(matches!(state.read::<Vec<u32>>("a.json"), Err(StateError::Untrusted { .. })));
        chown(state.folder(), Some(12_345), None).unwrap();
        assert!(matches!(State::open(state.folder()), Err(StateError::Untrusted { .. })));
        chown(state.folder(), Some(0), None).unwrap();
    }
    fs::remove_file(&path).unwrap();
    let elsewhere = folder.path().join("elsewhere.json");
    fs::write(&elsewhere, r#"{"version":1,"content":[9]}"#).unwrap();
    symlink(&elsewhere, &path).unwrap();
    assert!(state.read::<Vec<u32>>("a.json").is_err(), "a link leads elsewhere");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(state.read::<Vec<u32>>("a.json").is_err());
}

#[test]
fn what_is_not_a_document_is_an_error_and_not_an_empty_one() {
    let (state, _folder) = state();
    let path = state.folder().join("a.json");
    let huge = format!("{{\"version\":1,\"content\":[{}1]}}", "1,".repeat(DOCUMENT_BYTES_MAX));
    for text in [
        "",
        "{",
        "[]",
        r#"{"version":2,"content":[]}"#,
        r#"{"version":1,"content":[],"more":1}"#,
        r#"{"version":1,"content":[1],"content":[]}"#,
        r#"{"version":1,"content":[]} x"#,
        &huge,
    ] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(state.read::<Vec<u32>>("a.json").is_err(), "{}", text.get(..40).unwrap_or(text));
    }
    assert!(matches!(state.write("b.json", &"x".repeat(DOCUMENT_BYTES_MAX)), Err(StateError::TooLarge(_))));
}

#[test]
fn many_writers_lose_nothing() {
    let (state, _folder) = state();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let state = state.clone();
            std::thread::spawn(move || {
                for _ in 0..10 {
                    let locked = state.lock().unwrap();
                    let count: u32 = locked.read("count.json").unwrap();
                    locked.write("count.json", &(count + 1)).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(state.read::<u32>("count.json").unwrap(), Some(40));
}
