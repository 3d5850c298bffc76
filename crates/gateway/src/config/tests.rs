//! Configuration files: what they mean, and what is refused with which words.

use std::collections::HashMap;

use super::*;

fn read_text_as(text: &str) -> Result<Config, String> {
    let variables =
        HashMap::from([("TOKEN", "secret-value"), ("VAULT_ADDR", "https://vault.example"), ("VAULT_TOKEN", "t")]);
    let source = Source::new("gatehold.yaml", text);
    read::config(&source, Path::new("/etc/gatehold"), &|name| variables.get(name).map(|value| (*value).to_owned()))
        .map_err(|diagnostics| source.render(&diagnostics))
}

#[test]
fn a_file_says_what_is_meant() {
    let config = read_text_as(
        r#"
listen: ["127.0.0.1:9000", "unix:gate.sock", ":9001"]
admin: { listen: "127.0.0.1:9002" }
aggregate: true
servers:
  notes:
    command: [notes, --all]
    env: { NOTES_HOME: /n, PATH_TOO: null, LEVEL: 3 }
    folder: data
  far:
    url: https://far.example/mcp?x=1
    headers: { Authorization: "Bearer ${env:TOKEN}" }
  old: { url: "http://127.0.0.1:1/sse", transport: sse }
limits: { message_bytes_max: 2048 }
sessions: { idle_seconds: 5, count_max: 2 }
ledger: { folder: records, durability: disk }
workers: 3
"#,
    )
    .unwrap();
    assert_eq!(config.listen.len(), 3);
    assert_eq!(config.listen.get(1), Some(&Listen::Unix("/etc/gatehold/gate.sock".into())));
    assert_eq!(config.listen.get(2), Some(&Listen::Tcp("127.0.0.1:9001".parse().unwrap())));
    assert_eq!(config.root, Root::Aggregate);
    assert_eq!(config.paths(), ["/mcp", "/mcp/notes", "/mcp/far", "/mcp/old"]);
    let ReachConfig::Child(child) = &config.servers[0].reach else { panic!() };
    assert_eq!(child.folder.as_deref(), Some(Path::new("/etc/gatehold/data")));
    assert!(child.environment.contains(&("PATH_TOO".to_owned(), None)));
    assert!(child.environment.contains(&("LEVEL".to_owned(), Some(crate::Secret::new("3")))));
    let ReachConfig::Http { headers, legacy_sse, .. } = &config.servers[1].reach else { panic!() };
    assert_eq!(headers["authorization"], "Bearer secret-value");
    assert!(headers["authorization"].is_sensitive() && !*legacy_sse);
    assert!(matches!(&config.servers[2].reach, ReachConfig::Http { legacy_sse: true, .. }));
    assert_eq!(config.limits.message_bytes_max, 2048);
    assert_eq!(config.sessions.idle, Duration::from_secs(5));
    assert_eq!(config.durability, Durability::Disk);
    assert_eq!(config.workers, 3);
}

#[test]
fn an_error_names_its_place_and_what_to_do() {
    for (text, expected) in [
        ("severs: {}\n", "did you mean `servers`?"),
        ("servers:\n  a: { comand: [x] }\n", "did you mean `command`?"),
        ("servers:\n  a: { command: \"npx x\" }\n", "there is no shell"),
        ("servers:\n  a: { command: [] }\n", "`command` is empty"),
        ("servers:\n  a: { command: [x], url: \"http://h/\" }\n", "either `command` or `url`"),
        ("servers:\n  a__b: { command: [x] }\n", "cannot be the name of a server"),
        ("servers:\n  a_: { command: [x] }\n", "cannot be the name of a server"),
        ("servers:\n  a: { url: \"ftp://h/\" }\n", "must begin with http:// or https://"),
        ("servers:\n  a: { url: \"http://me:pw@h/\" }\n", "must not hold a user name or a password"),
        ("servers:\n  a: { url: \"http://h/\", transport: ws }\n", "write `http` or `sse`"),
        ("servers:\n  a: { url: \"http://h/\", headers: { A: \"${env:NONE}\" } }\n", "the variable NONE is not set"),
        ("servers:\n  a: { url: \"http://h/\", headers: { A: \"${what:NONE}\" } }\n", "is not known"),
        ("listen: [\"example.com:1\"]\nservers: { a: { command: [x] } }\n", "is not an address to listen on"),
        ("admin: { listen: \"0.0.0.0:1\" }\nservers: { a: { command: [x] } }\n", "must be on loopback"),
        ("workers: 0\nservers: { a: { command: [x] } }\n", "a whole number from 1 to 64"),
        ("policy: missing.yaml\nservers: { a: { command: [x] } }\n", "missing.yaml cannot be read"),
        ("{}\n", "no server is configured"),
        ("servers: [\n", "gatehold.yaml"),
    ] {
        let error = read_text_as(text).unwrap_err();
        assert!(error.contains(expected), "{text}\n{error}");
        assert!(error.contains("gatehold.yaml"), "{error}");
    }
}

#[test]
fn all_errors_of_a_file_are_shown_at_once_with_their_lines() {
    let error = read_text_as("listenn: []\nservers:\n  a: { command: [x], foldr: y }\n").unwrap_err();
    assert!(error.contains("gatehold.yaml:1:1") && error.contains("gatehold.yaml:3:22"), "{error}");
}

#[test]
fn an_error_never_repeats_a_secret() {
    let error =
        read_text_as("servers:\n  a: { url: \"http://h/\", headers: { \"b c\": \"${env:TOKEN}\" } }\n").unwrap_err();
    assert!(!error.contains("secret-value"), "{error}");
}

#[test]
fn listening_beyond_loopback_must_be_asked_for() {
    let mut config = read_text_as("listen: [\"0.0.0.0:1\"]\nservers: { a: { command: [x] } }\n").unwrap();
    let error = config.check_exposure().unwrap_err().to_string();
    assert!(error.contains("0.0.0.0:1") && error.contains("--insecure-listen"), "{error}");
    config.insecure_listen = true;
    assert!(config.check_exposure().is_ok());
}

#[test]
fn every_key_that_is_read_is_in_the_reference() {
    let reference = reference();
    for key in ["listen", "servers.<name>.forward_authorization", "sessions.count_max", "grace_seconds", "workers"] {
        assert!(reference.contains(&format!("| `{key}` |")), "{key}");
    }
    let listed = reference.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(listed, read::KEY_COUNT, "a key is missing in the reference, or one too many is there");
}

#[test]
fn the_example_is_in_order_but_for_its_secret() {
    let error = read_text_as(EXAMPLE).unwrap_err();
    assert!(error.contains("TRACKER_TOKEN is not set"), "{error}");
    assert!(read_text_as(&EXAMPLE.replace("${env:TRACKER_TOKEN}", "x")).is_ok());
}

#[test]
fn a_secret_that_stands_in_the_file_draws_a_warning_and_a_reference_does_not() {
    let config = read_text_as(
        "servers:\n  a: { url: \"http://h/\", headers: { Authorization: \"Bearer abc\", X-Tenant: acme } }\n  b: { command: [x], env: { API_TOKEN: t0ps3cret, MODE: fast } }\n  c: { url: \"http://h/\", headers: { Authorization: \"Bearer ${env:TOKEN}\" } }\n",
    )
    .unwrap();
    let [first, second] = config.warnings.as_slice() else { panic!("{:?}", config.warnings) };
    assert!(first.starts_with("gatehold.yaml:2:") && first.contains("`Authorization` looks like a secret"), "{first}");
    assert!(second.starts_with("gatehold.yaml:3:") && second.contains("`API_TOKEN`"), "{second}");
    assert!(!format!("{:?}", config).contains("t0ps3cret"), "a configuration prints no secret");
    assert!(!format!("{:?}", config).contains("secret-value"));
}

#[test]
fn vault_needs_to_be_known_wherever_it_is_said() {
    for (text, expected) in [
        ("secrets: { vault: { adress: x } }\nservers: { a: { command: [x] } }\n", "did you mean `address`?"),
        ("secrets: { vaults: {} }\nservers: { a: { command: [x] } }\n", "did you mean `vault`?"),
        ("servers: { a: { command: [x], env: { K: \"${vault:a#b}\" } } }\n", "does not name a secret of Vault"),
    ] {
        let error = read_text_as(text).unwrap_err();
        assert!(error.contains(expected), "{text}\n{error}");
    }
}

#[test]
fn credentials_for_a_server_are_read_strictly() {
    let file = |auth: &str| format!("servers:\n  a: {{ url: \"https://h.example/mcp\", {auth} }}\n");
    let config = read_text_as(&file(
        "auth: { grant: client_credentials, issuer: \"https://as.example\", client_id: me, client_secret: \"${env:TOKEN}\", scopes: [a, b] }",
    ))
    .unwrap();
    let ReachConfig::Http { proof, .. } = &config.servers[0].reach else { panic!() };
    let auth = proof.auth.as_ref().unwrap();
    assert_eq!((auth.issuer.as_str(), auth.scopes.as_ref().map(Vec::len)), ("https://as.example", Some(2)));
    assert!(config.warnings.is_empty() && !format!("{config:?}").contains("secret-value"));
    let literal =
        file("auth: { grant: client_credentials, issuer: \"https://as.example\", client_id: me, client_secret: abc }");
    assert!(read_text_as(&literal).unwrap().warnings[0].contains("`client_secret` looks like a secret"));

    let begin = "issuer: \"https://as.example\", client_id: me";
    for (auth, expected) in [
        ("auth: { grant: implicit, issuer: \"https://as.example\", client_id: me }".to_owned(), "is no grant"),
        ("auth: { grant: client_credentials, client_id: me }".to_owned(), "the `issuer` is missing"),
        ("auth: { grant: client_credentials, issuer: \"as\", client_id: me }".to_owned(), "an `issuer` is a URL"),
        (
            "auth: { grant: client_credentials, issuer: \"https://as.example\" }".to_owned(),
            "the `client_id` is missing",
        ),
        (format!("auth: {{ grant: client_credentials, {begin}, audience: x }}"), "has no meaning with the grant"),
        (format!("auth: {{ grant: refresh_token, {begin} }}"), "this grant needs `refresh_token`"),
        (format!("auth: {{ grant: id_jag, {begin} }}"), "needs a `provider`"),
        (format!("auth: {{ grant: client_credentials, {begin}, client_secrt: x }}"), "did you mean `client_secret`?"),
        (
            format!("auth: {{ grant: client_credentials, {begin}, client_secret: x, private_key: y }}"),
            "take one of them away",
        ),
        (
            format!("auth: {{ grant: client_credentials, {begin}, client_secret: x, client_auth: none }}"),
            "does not fit",
        ),
        (
            format!("auth: {{ grant: client_credentials, {begin}, private_key: \"${{env:TOKEN}}\" }}"),
            "not one that ES256 signs with",
        ),
        (format!("auth: {{ grant: client_credentials, {begin}, key_id: x }}"), "goes with a `private_key`"),
        (format!("auth: {{ grant: client_credentials, {begin}, scopes: [\"a b\"] }}"), "words without spaces"),
        (format!("forward_authorization: true, auth: {{ grant: client_credentials, {begin} }}"), "exclude each other"),
        (format!("headers: {{ authorization: x }}, auth: {{ grant: client_credentials, {begin} }}"), "sets the header"),
        ("client_cert: a.pem".to_owned(), "a certificate needs its key"),
        ("ca: missing.pem".to_owned(), "missing.pem cannot be read"),
    ] {
        let error = read_text_as(&file(&auth)).unwrap_err();
        assert!(error.contains(expected), "{auth}\n{error}");
        assert!(!error.contains("secret-value"), "{error}");
    }
    let child = read_text_as("servers:\n  a: { command: [x], ca: ca.pem }\n").unwrap_err();
    assert!(child.contains("is for servers with a `url`"), "{child}");
}

#[test]
fn approvals_name_people_once_and_sign_what_they_send() {
    let servers = "servers: { a: { command: [x] } }\n";
    let config = read_text_as(&format!(
        "{servers}state: {{ folder: here }}\napprovals:\n  pending_max: 9\n  people: {{ ada: {{ roles: [lead], also: [\"ada@example.com\"] }} }}\n  webhook: {{ url: \"https://hooks.example.com/x\", secret: \"0123456789abcdef01234567\", message: false }}\n"
    ))
    .unwrap();
    assert!(config.state_folder.unwrap().ends_with("here"));
    assert_eq!(config.approvals.bounds.pending_max, 9);
    assert!(config.approvals.people.is_same("ada", "ADA@example.com"));
    let webhook = config.approvals.webhook.unwrap();
    assert!(!webhook.with_message && !format!("{webhook:?}").contains("0123456789"));
    for (wrong, wanted) in [
        ("approvals: { people: { ada: {}, Ada: {} } }", "is two people"),
        ("approvals: { people: {} }", "nobody is named"),
        ("approvals: { webhook: { url: \"https://h.example/\" } }", "needs `url` and `secret`"),
        ("approvals: { webhook: { url: \"https://h.example/\", secret: short } }", "at least 24 bytes"),
        (
            "approvals:\n  webhook:\n    url: \"https://10.0.0.1/\"\n    secret: \"0123456789abcdef01234567\"",
            "fetch.allow",
        ),
        ("approvals: { pending: 3 }", "pending_max"),
    ] {
        let error = read_text_as(&format!("{servers}{wrong}\n")).unwrap_err();
        assert!(error.contains(wanted), "{wrong}: {error}");
        assert!(!error.contains("0123456789"), "{error}");
    }
}
