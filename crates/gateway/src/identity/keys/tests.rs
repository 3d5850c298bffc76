//! Keys as they are made, shown, revoked, copied and damaged.

use jiff::SignedDuration;
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

use super::file::NewKey;
use super::*;

fn file(folder: &TempDir) -> KeyFile {
    KeyFile::at(folder.path().join("state/keys.json"))
}

fn named(name: &str) -> NewKey {
    NewKey { name: name.to_owned(), roles: vec!["reader".to_owned()], ..NewKey::default() }
}

#[test]
fn a_key_opens_what_it_was_made_for_and_nothing_once_it_is_revoked_or_over() {
    let folder = TempDir::new().unwrap();
    let file = file(&folder);
    let now = now();
    let (shown, _) = file.create(named("ci"), now).unwrap();
    let (brief, _) =
        file.create(NewKey { expires: Some(now + SignedDuration::from_secs(60)), ..named("brief") }, now).unwrap();
    let store = KeyStore::open(file.clone()).unwrap();
    let seconds = now.as_second();
    let holder = store.table().holder(&ShownKey::parse(shown.secret()).unwrap(), seconds).unwrap();
    assert_eq!((holder.principal.name(), holder.principal.client()), ("ci", Some("ci")));
    assert_eq!(&*holder.principal.attributes().roles, [Box::from("reader")]);
    assert!(store.table().holder(&brief, seconds + 59).is_some());
    assert!(store.table().holder(&brief, seconds + 60).is_none(), "a key ends at its very second");
    file.revoke("ci", now).unwrap();
    assert!(store.refresh().unwrap(), "the change is seen");
    assert!(store.table().holder(&shown, seconds).is_none());
    assert!(!store.refresh().unwrap(), "nothing has changed since");
    std::fs::remove_file(file.path()).unwrap();
    assert!(store.refresh().unwrap());
    assert!(store.table().holder(&brief, seconds).is_none(), "without a file there are no keys");
}

#[test]
fn only_whole_keys_of_ours_are_read() {
    let key = ShownKey::generate().unwrap();
    let text = key.secret().to_owned();
    assert!(text.starts_with(PREFIX) && text.len() == KEY_CHARACTERS);
    assert!(!format!("{key:?}").contains(&text[20..]), "a key is not printed by accident");
    let upper = text.to_ascii_uppercase();
    let changed = format!("{}{}", &text[..30], if &text[30..31] == "0" { "1" } else { "0" }) + &text[31..];
    for wrong in ["", "gh_", &text[1..], &text[..91], &format!("{text}0"), &upper, &changed, &"é".repeat(46)] {
        assert!(ShownKey::parse(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn a_key_with_the_id_of_another_is_nobodys() {
    let folder = TempDir::new().unwrap();
    let file = file(&folder);
    let (shown, _) = file.create(named("ci"), now()).unwrap();
    let table = KeyTable::new(&file.read().unwrap());
    let other = ShownKey::generate().unwrap();
    let body = format!("{PREFIX}{}_{}", shown.id(), &other.secret()[20..84]);
    let forged = ShownKey::parse(&format!("{body}{}", checksum(&body))).unwrap();
    assert_eq!(forged.id(), shown.id());
    assert!(table.holder(&forged, 0).is_none());
    assert!(table.holder(&other, 0).is_none());
    assert!(table.holder(&shown, 0).is_some());
}

#[test]
fn the_file_holds_no_key_is_private_and_is_replaced_as_a_whole() {
    let folder = TempDir::new().unwrap();
    let file = file(&folder);
    let (shown, _) = file.create(named("ci"), now()).unwrap();
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(!text.contains(&shown.secret()[20..]), "only a hash is kept");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(file.path()), 0o600);
    assert_eq!(mode(file.path().parent().unwrap()), 0o700);
    assert!(matches!(file.create(named("ci"), now()), Err(KeyFileError::Refused(why)) if why.contains("ci")));
    file.revoke(shown.id(), now()).unwrap();
    assert!(file.create(named("ci"), now()).is_ok(), "the name of a revoked key is free");
    assert!(file.revoke("nobody", now()).is_err());
}

#[test]
fn a_file_that_others_may_change_or_that_is_damaged_is_not_used() {
    let folder = TempDir::new().unwrap();
    let file = file(&folder);
    let (shown, stored) = file.create(named("ci"), now()).unwrap();
    let store = KeyStore::open(file.clone()).unwrap();
    let text = std::fs::read_to_string(file.path()).unwrap();
    let damaged = [
        text.replace("\"version\": 1", "\"version\": 2"),
        text.replace("\"name\"", "\"nmae\""),
        text.replace(&stored.hash, "00"),
        text.replace("\"ci\"", "\"c\\u001bi\""),
        text.replace(&stored.created.to_string(), "yesterday"),
        text[..text.len() / 2].to_owned(),
    ];
    for text in damaged {
        std::fs::write(file.path(), &text).unwrap();
        assert!(file.read().is_err(), "{text}");
        assert!(store.refresh().is_err());
        assert!(store.table().holder(&shown, 0).is_some(), "what was known stays");
        assert!(file.create(named("other"), now()).is_err(), "and nothing is overwritten");
    }
    std::fs::write(file.path(), &text).unwrap();
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o620)).unwrap();
    assert!(matches!(file.read(), Err(KeyFileError::Exposed(_, 0o620))));
}
