//! Where secrets come from, and that they are seen nowhere. Vault is stood in for by a small server that speaks the
//! key-value store of version 2 as its documentation describes it: the real one cannot be had from the package sources
//! of a test machine.

use std::collections::HashMap;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::fetch::FetchConfig;

const VALUE: &str = "hush-hush-4711";

fn variables(name: &str) -> Option<String> {
    HashMap::from([("TOKEN", VALUE), ("EMPTY", ""), ("FROM_FILE_FILE", "named")]).get(name).map(|v| (*v).to_owned())
}

fn expand_in(folder: &Path, text: &str) -> Result<Expanded, SecretFault> {
    Secrets::new(folder, &variables).expand(text)
}

fn value_in(folder: &Path, text: &str) -> String {
    expand_in(folder, text).unwrap().value.reveal().to_owned()
}

#[test]
fn a_secret_is_printed_nowhere_and_compares_by_value() {
    let secret = Secret::new(VALUE);
    let header = secret.header("Bearer ").unwrap();
    assert_eq!(header, format!("Bearer {VALUE}"));
    let printed = format!(
        "{secret:?} {:?} {header:?} {:?}",
        Some(&secret),
        Expanded { value: secret.clone(), has_reference: true }
    );
    assert!(!printed.contains("hush"), "{printed}");
    assert!(secret == Secret::new(VALUE) && secret != Secret::new("other") && secret != Secret::new(""));
    assert!(Secret::new("a\r\nb").header("").is_none());
}

#[test]
fn references_are_replaced_and_a_literal_sign_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("named"), "from a file\r\n\n").unwrap();
    let value = |text: &str| value_in(folder.path(), text);
    assert_eq!(value("Bearer ${env:TOKEN}."), format!("Bearer {VALUE}."));
    assert_eq!(value("${file:named}${env:TOKEN}"), format!("from a file{VALUE}"));
    assert_eq!(value("${env:FROM_FILE}"), "from a file", "a variable's value may be given by a file");
    assert_eq!(value("$${env:TOKEN} $5 $$ {x}"), "${env:TOKEN} $5 $$ {x}");
    assert_eq!(value("$${${env:TOKEN}}"), format!("${{{VALUE}}}"));
    assert!(!expand_in(folder.path(), "plain $${x}").unwrap().has_reference);
    // What a secret holds is not looked at for references again.
    std::fs::write(folder.path().join("named"), "${env:TOKEN}").unwrap();
    assert_eq!(value("${file:named}"), "${env:TOKEN}");
}

#[test]
fn what_is_missing_is_named_and_a_value_never() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("large"), "x".repeat(SECRET_BYTES_MAX + 1)).unwrap();
    std::fs::write(folder.path().join("binary"), [0xff, 0xfe]).unwrap();
    std::fs::write(folder.path().join("nothing"), "\n").unwrap();
    for (text, expected) in [
        ("${env:NONE}", "the variable NONE is not set"),
        ("${env:EMPTY}", "EMPTY is empty"),
        ("${file:absent}", "absent cannot be read"),
        ("${file:.}", "not a regular file"),
        ("${file:/dev/zero}", "not a regular file"),
        ("${file:large}", "larger than 65536 bytes"),
        ("${file:binary}", "not UTF-8"),
        ("${file:nothing}", "nothing is empty"),
        ("${what:hush}", "this reference is not known"),
        ("${hush-hush", "is not closed"),
        ("${keyring:one}", "does not name an entry"),
        ("${vault:a/b#c}", "no Vault is known"),
    ] {
        let fault = expand_in(folder.path(), &format!("${{env:TOKEN}}{text}")).unwrap_err();
        assert!(fault.message.contains(expected), "{text}: {fault:?}");
        assert!(!format!("{fault:?}").contains("hush"), "{fault:?}");
    }
    let many = "${env:TOKEN}".repeat(REFERENCES_MAX + 1);
    assert!(expand_in(folder.path(), &many).unwrap_err().message.contains("more than 16 references"));
    assert!(expand_in(folder.path(), &"x".repeat(SECRET_BYTES_MAX + 1)).is_err());
}

#[test]
fn a_file_that_others_can_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, VALUE).unwrap();
    let told = |mode: u32| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let secrets = Secrets::new(folder.path(), &variables);
        secrets.expand("${file:key}").unwrap();
        let told = secrets.take_told();
        assert_eq!(told.files.as_slice(), std::slice::from_ref(&path));
        told.warnings.join("")
    };
    assert_eq!(told(0o600), "");
    assert!(told(0o640).contains("its group"));
    assert!(told(0o644).contains("everybody on this machine"));
    assert!(!told(0o644).contains("hush"));
}

/// A store of version 2 under `kv`, open to one token; it counts how often it is asked.
fn vault_server() -> (String, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut read = Vec::new();
            let mut piece = [0; 4096];
            while !read.windows(4).any(|four| four == b"\r\n\r\n") {
                match std::io::Read::read(&mut stream, &mut piece) {
                    Ok(count @ 1..) => read.extend_from_slice(&piece[..count]),
                    _ => break,
                }
            }
            let head = String::from_utf8_lossy(&read).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let may = head.contains("x-vault-token: root-token\r\n") && head.contains("x-vault-namespace: team\r\n");
            let metadata = r#""metadata":{"created_time":"2026-01-01T00:00:00Z","custom_metadata":null,"deletion_time":"","destroyed":false,"version":2}"#;
            let (status, body) = match (may, path.as_str()) {
                (false, _) => ("403 Forbidden", r#"{"errors":["permission denied"]}"#.to_owned()),
                (true, "/v1/kv/data/team/mcp") => (
                    "200 OK",
                    format!(
                        r#"{{"request_id":"r","lease_id":"","renewable":false,"lease_duration":0,"data":{{"data":{{"key":"hush-hush-4711","num":7,"deep":{{"a":1}},"esc":"a\"b\u00e9"}},{metadata}}},"wrap_info":null,"warnings":null,"auth":null}}"#
                    ),
                ),
                (true, "/v1/kv/data/deleted") => ("404 Not Found", format!(r#"{{"data":{{"data":null,{metadata}}}}}"#)),
                (true, "/v1/kv/data/old") => ("200 OK", r#"{"data":{"hush-hush-4711":"version 1"}}"#.to_owned()),
                (true, "/v1/kv/data/html") => ("200 OK", "<html>hush-hush-4711</html>".to_owned()),
                (true, "/v1/kv/data/sealed") => {
                    ("503 Service Unavailable", r#"{"errors":["Vault is sealed"]}"#.to_owned())
                }
                _ => ("404 Not Found", r#"{"errors":[]}"#.to_owned()),
            };
            kept.lock().unwrap().push(path);
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            // A client that gave up is gone.
            let _gone = stream.write_all(answer.as_bytes());
        }
    });
    (address, asked)
}

fn with_vault(address: &str, token: &str, http_on_loopback: bool) -> Secrets<'static> {
    let settings =
        VaultSettings { address: address.to_owned(), token: Secret::new(token), namespace: Some("team".to_owned()) };
    let mut secrets = Secrets::new(Path::new("."), &variables);
    secrets.set_vault(Vault::new(settings, FetchConfig { http_on_loopback, ..FetchConfig::default() }));
    secrets
}

#[test]
fn vault_gives_what_is_named_and_is_asked_once_for_each_secret() {
    let (address, asked) = vault_server();
    let secrets = with_vault(&address, "root-token", true);
    let value = |text: &str| secrets.expand(text).unwrap().value.reveal().to_owned();
    assert_eq!(value("Bearer ${vault:kv/team/mcp#key}"), format!("Bearer {VALUE}"));
    assert_eq!(value("${vault:kv/team/mcp#num}"), "7");
    assert_eq!(value("${vault:kv/team/mcp#esc}"), "a\"b\u{e9}");
    assert_eq!(*asked.lock().unwrap(), ["/v1/kv/data/team/mcp"]);
}

#[test]
fn what_vault_does_not_give_is_an_error_without_a_value() {
    let (address, asked) = vault_server();
    let secrets = with_vault(&address, "root-token", true);
    for (reference, expected) in [
        ("kv/team/mcp#none", "has no `none`"),
        ("kv/team/mcp#deep", "is not a text"),
        ("kv/deleted#key", "no such secret, or it was deleted"),
        ("kv/absent#key", "no such secret"),
        ("kv/old#key", "not a secret of version 2"),
        ("kv/html#key", "not a secret of version 2"),
        ("kv/sealed#key", "it is sealed"),
        ("kv/team/mcp", "does not name a secret"),
        ("kv#key", "does not name a secret"),
        ("kv/../sys/seal#key", "does not name a secret"),
        ("kv/a%2fb#key", "does not name a secret"),
        ("kv/a?x#key", "does not name a secret"),
        ("kv//a#key", "does not name a secret"),
    ] {
        let fault = secrets.expand(&format!("${{vault:{reference}}}")).unwrap_err();
        assert!(fault.message.contains(expected), "{reference}: {fault:?}");
        assert!(!format!("{fault:?}").contains("hush") && !format!("{fault:?}").contains("root-token"), "{fault:?}");
    }
    assert!(asked.lock().unwrap().iter().all(|path| path.starts_with("/v1/kv/data/") && !path.contains("..")));
    let fault = with_vault(&address, "wrong", true).expand("${vault:kv/team/mcp#key}").unwrap_err();
    assert!(fault.message.contains("the token is not valid"), "{fault:?}");
    // A Vault inside of a network that nobody opened is not asked.
    let fault = with_vault(&address, "root-token", false).expand("${vault:kv/team/mcp#key}").unwrap_err();
    assert!(fault.message.contains("plain HTTP"), "{fault:?}");
}

#[cfg(all(feature = "keyring", target_os = "linux"))]
#[test]
fn the_kernel_keyring_is_read() {
    use keyring_core::api::CredentialStoreApi;
    let store = linux_keyutils_keyring_store::Store::new().unwrap();
    let account = format!("test-{}", std::process::id());
    let entry = store.build("gatehold-test", &account, None).unwrap();
    if entry.set_password(VALUE).is_err() {
        // Sandboxes without the system call exist; then there is no keyring to read.
        let fault = keyring::read(&format!("gatehold-test/{account}")).unwrap_err();
        assert!(fault.message.contains("keyring"), "{fault:?}");
        return;
    }
    let text = format!("${{keyring:gatehold-test/{account}}}");
    assert_eq!(value_in(Path::new("."), &text), VALUE);
    entry.delete_credential().unwrap();
    let fault = expand_in(Path::new("."), &text).unwrap_err();
    assert!(fault.message.contains("has no entry"), "{fault:?}");
}
