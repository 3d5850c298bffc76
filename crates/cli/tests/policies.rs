//! The tools for policies, as the built binary: what they print, what they end with, and that what one writes another
//! reads.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// What a run came to.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    #[track_caller]
    fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.out.contains(part) || self.err.contains(part), "{part} in\n{}{}", self.out, self.err);
        }
        self
    }
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.0.path().join(name), text).unwrap();
        self
    }

    fn policy(&self, arguments: &[&str]) -> Ran {
        self.run(arguments, "")
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gatehold"))
            .arg("policy")
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Ran {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

const POLICY: &str = "
version: 1
extends: [standard]
default: deny
forbid:
  - {name: no-drop, match: {tool: 'drop_*'}, reason: Never.}
rules:
  - {name: reads, action: allow, match: {server: fs, tool: 'read_*'}}
";

#[test]
fn check_tells_errors_from_what_is_suspicious() {
    let folder = Folder::new();
    folder.write("good.yaml", POLICY).write("bad.yaml", "version: 1\nrule: []\n");
    folder.write("broad.yaml", "version: 1\nextends: [standard]\nrules: [{name: a, action: allow}]\n");
    folder.policy(&["check", "good.yaml"]).ends(0).says(&["good.yaml: in order, 2 rules, mode enforce\n"]);
    folder.policy(&["check", "bad.yaml"]).ends(2).says(&["a policy has no key `rule`", "did you mean"]);
    folder.policy(&["check", "gone.yaml"]).ends(2).says(&["gone.yaml"]);
    folder.policy(&["check", "broad.yaml"]).ends(0).says(&["warning[GP004]", "broad.yaml:3", "1 warnings"]);
    let strict = folder.policy(&["check", "--strict", "--json", "broad.yaml"]).ends(1).json();
    assert_eq!(
        (&strict["ok"], &strict["lints"][0]["code"], &strict["lints"][0]["line"]),
        (&json!(true), &json!("GP004"), &json!(3))
    );
    let bad = folder.policy(&["check", "--json", "bad.yaml"]).ends(2).json();
    assert_eq!(bad["ok"], false);
    folder.policy(&["check", "preset:hipaa"]).ends(0).says(&["in order"]);
    folder.policy(&["check", "preset:hippa"]).ends(2).says(&["did you mean `hipaa`?"]);
}

#[test]
fn policies_of_others_load_as_they_are_and_say_what_differs() {
    let folder = Folder::new();
    let corpus = root().join("crates/decide/tests/compatible");
    for name in ["mcpgw-plain", "aegis-readme"] {
        std::fs::copy(corpus.join(format!("{name}.policy.yaml")), folder.0.path().join(format!("{name}.yaml")))
            .unwrap();
        let checked = folder.policy(&["check", "--json", &format!("{name}.yaml")]).ends(0).json();
        assert!(checked["translated"][0]["warnings"].as_array().unwrap().len() >= 4, "{checked}");
        let effective =
            folder.policy(&["show", "--effective", &format!("{name}.yaml")]).ends(0).says(&["translated from"]);
        folder.write("mine.yaml", &effective.out);
        folder.policy(&["check", "mine.yaml"]).ends(0);
    }
    folder.write(
        "top.yaml",
        "version: 1\nextends: [mcpgw-plain.yaml]\nrules: [{name: x, action: allow, match: {tool: x}}]\n",
    );
    folder.policy(&["explain", "top.yaml", "--tool", "exec_shell"]).ends(1).says(&["=> deny    no dangerous tools-"]);
    folder.policy(&["check", "top.yaml"]).ends(0).says(&["mcpgw-plain.yaml is a policy of mcpgw"]);
}

#[test]
fn suites_that_ship_pass_and_a_failing_one_is_explained() {
    let folder = Folder::new();
    let examples = root().join("docs/examples/policies");
    let suites: Vec<String> = std::fs::read_dir(&examples)
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .filter(|path| path.ends_with(".suite.yaml"))
        .collect();
    assert!(suites.len() >= 2);
    let mut arguments = vec!["test"];
    arguments.extend(suites.iter().map(String::as_str));
    folder.policy(&arguments).ends(0).says(&[", 0 not"]);
    folder.write("policy.yaml", POLICY);
    folder.write(
        "suite.yaml",
        "policy: policy.yaml\ncases:\n  - {name: ok, call: read_a, server: fs, expect: allow}\n  - {name: wrong, call: drop_a, expect: {verdict: allow, rule: reads}}\n",
    );
    folder.policy(&["test", "suite.yaml"]).ends(1).says(&[
        "FAIL suite.yaml: wrong",
        "expected allow, decided deny by no-drop",
        "2 cases: 1 as expected, 1 not",
    ]);
    folder.policy(&["test", "suite.yaml", "--policy", "preset:permissive", "--json"]).ends(1);
    folder.write("none.yaml", "cases: [{name: a, call: x, expect: allow}]\n");
    folder.policy(&["test", "none.yaml"]).ends(2).says(&["names no policy"]);
    folder.write("typo.yaml", "policy: policy.yaml\ncases: [{name: a, cal: x, expect: allow}]\n");
    folder.policy(&["test", "typo.yaml"]).ends(2).says(&["did you mean `call`?"]);
}

#[test]
fn explain_shows_every_rule_and_why() {
    let folder = Folder::new();
    folder.write("policy.yaml", POLICY);
    let call = ["explain", "policy.yaml", "--tool", "read_file", "--server", "fs", "--arguments"];
    folder.policy(&[&call[..], &[r#"{"path":"a"}"#]].concat()).ends(0).says(&["=> allow   reads", "allow by reads"]);
    let found =
        folder.policy(&[&call[..], &[r#"{"path":"../../../../etc/passwd"}"#, "--detect", "--json"]].concat()).ends(1);
    let found = found.json();
    assert_eq!((&found["verdict"], &found["findings"][0]["id"]), (&json!("deny"), &json!("CI002")), "{found}");
    folder.policy(&["explain", "policy.yaml", "--tool", "drop_all"]).ends(1).says(&["=> deny    no-drop", "Never."]);
    let message = r#"{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"messages":[]}}"#;
    folder
        .run(&["explain", "policy.yaml", "--message", "-", "--from-server"], message)
        .ends(1)
        .says(&["deny by default"]);
    let twice = r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#;
    folder.run(&["explain", "policy.yaml", "--message", "-"], twice).ends(2).says(&["would refuse to read"]);
    folder.policy(&["explain", "policy.yaml"]).ends(2).says(&["--tool NAME"]);
    folder.policy(&["explain", "policy.yaml", "--tool", "x", "--proof", "jwt"]).ends(2).says(&["`jwt`"]);
}

/// A record as the ledger writes it, as far as the tools read it.
fn record(session: &str, method: &str, subject: (&str, &str), action: &str, findings: &Value) -> String {
    json!({
        "v": 1, "time": "2026-11-20T09:30:00.000000000Z", "kind": "request", "direction": "from_client",
        "session": session, "actor": { "sub": "ada", "auth": "local" }, "client": { "transport": "stdio" },
        "server": { "id": "fs" }, "mcp": { "method": method, subject.0: subject.1 },
        "decision": { "action": action, "policy_sha256": "none" }, "findings": findings,
    })
    .to_string()
}

fn ledger(folder: &Folder) {
    let none = json!([]);
    let grave = json!([{ "id": "CI001", "rule": "r", "severity": "high", "confidence": 0.9, "pointer": "", "span": [0, 1], "detail": "" }]);
    let lines = [
        record("s", "tools/call", ("tool", "read_file"), "allow", &none),
        record("s", "tools/call", ("tool", "read_file"), "allow", &none),
        record("s", "tools/call", ("tool", "we[i]rd*\n\"tool"), "allow", &none),
        record("s", "tools/call", ("tool", "shell"), "allow", &grave),
        record("s", "tools/call", ("tool", "drop_all"), "deny", &none),
        record("s", "resources/read", ("resource", "file:///srv/a"), "allow", &none),
        record("s", "tools/list", ("x", "y"), "allow", &none),
        "no record".to_owned(),
    ];
    std::fs::create_dir(folder.0.path().join("ledger")).unwrap();
    folder.write("ledger/2026.jsonl", &(lines.join("\n") + "\n"));
}

#[test]
fn diff_replays_a_ledger_and_never_guesses() {
    let folder = Folder::new();
    ledger(&folder);
    folder.write("open.yaml", "version: 1\ndefault: allow\n");
    folder.write(
        "strict.yaml",
        "version: 1\ndefault: allow\nrules:\n  - {name: no-shell, action: deny, match: {tool: shell}}\n  - {name: paths, action: deny, match: {tool: read_file, arguments: {path: '/etc/**'}}}\n  - {name: asked, action: hold, match: {resource: '*'}}\n",
    );
    let same = folder.policy(&["diff", "open.yaml", "open.yaml", "--against", "ledger"]).ends(0);
    same.says(&["7 messages of 1 files decided again; 1 could not be", "unchanged: 7"]);
    let changed = folder.policy(&["diff", "open.yaml", "strict.yaml", "--against", "ledger", "--json"]).ends(1).json();
    let find =
        |change: &str| changed["changes"].as_array().unwrap().iter().find(|one| one["change"] == change).cloned();
    assert_eq!(find("newly_blocked").unwrap()["subject"], "shell");
    assert_eq!(find("newly_held").unwrap()["subject"], "file:///srv/a");
    let may = find("may_be_blocked").unwrap();
    assert_eq!((&may["subject"], &may["count"]), (&json!("read_file"), &json!(2)));
    assert_eq!(may["after"], "deny by paths or allow by default");
    assert_eq!(changed["unchanged"], 3);
    let back = folder.policy(&["diff", "strict.yaml", "open.yaml", "--against", "ledger"]).ends(1);
    back.says(&["newly allowed: 2", "may be newly allowed, depending on what is not recorded: 2"]);
    folder.policy(&["diff", "open.yaml", "strict.yaml"]).ends(1).says(&["+ rules no-shell: deny tool: shell"]);
    folder.policy(&["diff", "open.yaml", "open.yaml"]).ends(0);
    std::fs::create_dir(folder.0.path().join("empty")).unwrap();
    folder.policy(&["diff", "open.yaml", "open.yaml", "--against", "empty"]).ends(2).says(&["no ledger file"]);
}

#[test]
fn what_is_learnt_loads_allows_what_passed_and_nothing_else() {
    let folder = Folder::new();
    ledger(&folder);
    let learnt = folder.policy(&["learn", "--from", "ledger"]).ends(0);
    let learnt = learnt.says(&[
        "Not learnt from:",
        "tools/call shell on fs for ada: 0 refused or held, 1 alarming",
        "What it would have refused",
    ]);
    folder.write("learnt.yaml", &learnt.out);
    folder.policy(&["check", "learnt.yaml", "--strict"]).ends(0);
    let asks = |arguments: &[&str]| {
        let principal = ["--server", "fs", "--principal", "ada"];
        folder.policy(&[&["explain", "learnt.yaml"], arguments, &principal].concat()).status
    };
    assert_eq!(asks(&["--tool", "read_file"]), 0);
    assert_eq!(asks(&["--tool", "we[i]rd*\n\"tool"]), 0, "hostile names are texts and no patterns");
    assert_eq!(asks(&["--tool", "weird-x\n\"tool"]), 1);
    assert_eq!(asks(&["--resource", "file:///srv/a"]), 0);
    for refused in [["--tool", "shell"], ["--tool", "drop_all"], ["--tool", "other"], ["--resource", "file:///srv/b"]] {
        assert_eq!(asks(&refused), 1, "{refused:?}");
    }
    folder.policy(&["explain", "learnt.yaml", "--tool", "read_file", "--server", "fs", "--principal", "eve"]).ends(1);
    folder
        .policy(&["explain", "learnt.yaml", "--tool", "read_file", "--server", "other", "--principal", "ada"])
        .ends(1);
    let often = folder.policy(&["learn", "--from", "ledger", "--at-least", "2"]).ends(0);
    assert!(often.out.contains("read_file") && !often.out.contains("file:///srv/a\"]"), "{}", often.out);
}

#[test]
fn presets_and_the_schema_are_printed() {
    let folder = Folder::new();
    let listed = folder.policy(&["preset", "list", "--json"]).ends(0).json();
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|preset| preset["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["permissive", "standard", "strict", "owasp-asi-2026", "hipaa", "soc2", "pci-dss", "gdpr", "fedramp"]
    );
    for name in names {
        let text = folder.policy(&["preset", "show", name]).ends(0).out;
        folder.write("copy.yaml", &text);
        folder.policy(&["check", "copy.yaml", "--strict"]).ends(0);
    }
    folder.policy(&["preset", "show", "none"]).ends(2).says(&["there is no preset of this name"]);
    let schema = folder.policy(&["schema"]).ends(0).json();
    assert_eq!(schema["properties"]["version"]["const"], 1);
    let shown = folder.policy(&["show", "preset:gdpr", "--json"]).ends(0).json();
    let layers: Vec<&str> =
        shown["layers"].as_array().unwrap().iter().map(|layer| layer["name"].as_str().unwrap()).collect();
    assert_eq!(layers, ["gdpr", "strict", "standard"]);
}
