//! `gatehold demo` as a newcomer runs it: what it prints, what it leaves, and that its attack is real.

#![expect(clippy::expect_used, reason = "what tests cannot set up fails the test")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The secret of the demonstration, in two parts, so that this file is not what a search for it finds.
const SECRET: &str = concat!("nts_9vK2xQ7mR4", "tZ8pLw3Hc6Yd1Bf5");
const ATTACKER: &str = "sync@notes-backup.example";

/// A folder for temporary files of one test, removed with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("gatehold-test-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn entries(&self) -> Vec<PathBuf> {
        std::fs::read_dir(&self.0).expect("the folder").map(|entry| entry.expect("an entry").path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn gatehold() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gatehold"))
}

/// `gatehold demo` with its files in `folder`.
fn demo(folder: &Path) -> Command {
    let mut command = gatehold();
    command.arg("demo").env("TMPDIR", folder).env_remove("COLUMNS").stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn assert_shown(output: &Output) -> String {
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    assert!(said.contains(&format!("LEAKED: {ATTACKER} now has")), "{said}");
    assert!(said.contains(&format!("NOTHING LEAKED: {ATTACKER} got")), "{said}");
    said
}

/// Processes whose command line names the folder.
fn processes_of(folder: &Path) -> Vec<String> {
    let name = folder.to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").expect("the processes");
    let lines = processes.filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).filter(|line| line.contains(&name)).collect()
}

#[test]
fn it_shows_both_runs_side_by_side_and_leaves_nothing() {
    let folder = Folder::new("demo-page");
    let started = Instant::now();
    let output = demo(&folder.0).output().expect("gatehold demo");
    assert!(started.elapsed() < Duration::from_secs(10), "it took {:?}", started.elapsed());
    let said = assert_shown(&output);

    let heading = said.lines().find(|line| line.starts_with("WITHOUT GATEHOLD")).expect("a heading");
    let middle = heading.find('|').expect("two columns");
    assert!(heading.ends_with("| WITH GATEHOLD"));
    let columns = said.lines().skip_while(|line| !line.starts_with("WITHOUT")).take_while(|line| !line.is_empty());
    let (mut left, mut right) = (String::new(), String::new());
    for line in columns.filter(|line| !line.starts_with('-')) {
        assert_eq!(line.as_bytes().get(middle), Some(&b'|'), "{line}");
        left.push_str(&line[..middle]);
        right.push_str(&line[middle..]);
    }
    assert!(left.contains(SECRET) && !left.contains("Refused by the gateway"), "{said}");
    assert!(!right.contains(SECRET) && right.matches("GATEHOLD Refused by the gateway").count() == 2, "{said}");

    assert!(said.contains("finding SE001: "), "{said}");
    assert!(said.contains("rule no-mail-to-strangers: "), "{said}");
    assert!(said.contains("finding TP001 "), "{said}");
    assert!(said.contains("valid: 1 file, ") && said.contains("NOT VALID: line "), "{said}");
    assert!(said.contains("gatehold wrap -- <command>"), "{said}");
    assert!(said.lines().all(|line| line.len() <= 100), "{said}");
    assert!(said.chars().all(|character| character == '\n' || character == ' ' || character.is_ascii_graphic()));

    assert_eq!(folder.entries(), Vec::<PathBuf>::new(), "files are left");
    assert_eq!(processes_of(&folder.0), Vec::<String>::new(), "processes are left");
}

#[test]
fn the_leak_is_real_and_so_is_the_record() {
    let folder = Folder::new("demo-kept");
    let output = demo(&folder.0).arg("--keep").output().expect("gatehold demo");
    let said = assert_shown(&output);
    let kept = folder.entries().pop().expect("the kept folder");
    assert!(said.contains(&*kept.to_string_lossy()), "{said}");

    let outbox = |run: &str| std::fs::read_to_string(kept.join(run).join("outbox.jsonl")).expect("the messages");
    let lines = |text: &str| -> Vec<serde_json::Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let leaked = lines(&outbox("without"));
    assert_eq!(leaked.len(), 2);
    assert_eq!(leaked[0]["to"], ATTACKER);
    assert!(leaked[0]["text"].as_str().is_some_and(|text| text.contains(SECRET)));
    let guarded = lines(&outbox("with"));
    assert_eq!(guarded.len(), 1, "{guarded:?}");
    assert_eq!(guarded[0]["to"], "ana@team.example");
    assert!(!outbox("with").contains(SECRET));

    let ledger = kept.join("with").join("ledger");
    let verified = gatehold().args(["audit", "verify"]).arg(&ledger).output().expect("gatehold audit verify");
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
    let changed = kept.join("changed.jsonl");
    let verified = gatehold().args(["audit", "verify"]).arg(&changed).output().expect("gatehold audit verify");
    assert_eq!(verified.status.code(), Some(1), "{}", text(&verified.stdout));
    let original = std::fs::read(std::fs::read_dir(&ledger).unwrap().next().unwrap().unwrap().path()).unwrap();
    let copy = std::fs::read(&changed).unwrap();
    assert_eq!(original.len(), copy.len());
    assert_eq!(original.iter().zip(&copy).filter(|(left, right)| left != right).count(), 1, "one byte");

    let checked = gatehold().args(["policy", "check"]).arg(kept.join("with/policy.yaml")).output().expect("a check");
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
}

#[test]
fn a_narrow_page_has_one_column() {
    let folder = Folder::new("demo-narrow");
    let output = demo(&folder.0).env("COLUMNS", "60").output().expect("gatehold demo");
    let said = assert_shown(&output);
    let heading = |text: &str| said.lines().position(|line| line == text).expect("a heading");
    assert!(heading("WITHOUT GATEHOLD") < heading("WITH GATEHOLD"));
    for width in ["0", "1", "79", "80", "100000", "wide", "-3"] {
        let output = demo(&folder.0).env("COLUMNS", width).output().expect("gatehold demo");
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "COLUMNS={width}: {said}{}", text(&output.stderr));
        assert!(said.lines().all(|line| line.len() <= 120), "COLUMNS={width}: {said}");
        assert_eq!(said.contains("| WITH GATEHOLD"), !["1", "79"].contains(&width), "COLUMNS={width}: {said}");
    }
}

#[test]
fn no_variable_of_the_environment_changes_what_is_shown() {
    let folder = Folder::new("demo-variables");
    let plain = assert_shown(&demo(&folder.0).output().expect("gatehold demo"));
    let hostile = demo(&folder.0)
        .env_clear()
        .env("TMPDIR", &folder.0)
        .env("GATEHOLD_MODE", "audit")
        .env("GATEHOLD_POLICY", "/nonexistent/policy.yaml")
        .env("GATEHOLD_LEDGER", "/nonexistent/ledger")
        .env("GATEHOLD_DURABILITY", "disk")
        .env("USER", "eve\u{1b}[2J")
        .output()
        .expect("gatehold demo");
    assert_eq!(assert_shown(&hostile), plain);
}

#[test]
fn without_a_place_for_its_files_it_says_what_to_do() {
    let folder = Folder::new("demo-broken");
    let broken = folder.0.join("missing");
    let output = demo(&broken).output().expect("gatehold demo");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    let said = text(&output.stderr);
    assert!(said.contains(&*broken.to_string_lossy()) && said.contains("Set TMPDIR"), "{said}");

    let file = folder.0.join("file");
    std::fs::write(&file, "").unwrap();
    assert_eq!(demo(&file).output().expect("gatehold demo").status.code(), Some(2));
}

#[test]
fn nobody_needs_to_read_to_the_end() {
    let folder = Folder::new("demo-unread");
    let mut child = demo(&folder.0).stdout(Stdio::piped()).spawn().expect("gatehold demo");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("its end").code(), Some(0));
    assert_eq!(folder.entries(), Vec::<PathBuf>::new(), "files are left");
}

#[test]
fn a_temporary_folder_named_relatively_or_oddly_will_do() {
    let folder = Folder::new("demo-odd");
    std::fs::create_dir(folder.0.join("a b 'c' $d")).unwrap();
    let output = demo(Path::new("a b 'c' $d")).current_dir(&folder.0).output().expect("gatehold demo");
    assert_shown(&output);
}

/// The page claims that denying the finding ends the attack at the first step.
#[test]
fn denying_the_finding_keeps_the_poisoned_description_from_the_agent() {
    let folder = Folder::new("demo-claim");
    let policy = folder.0.join("policy.yaml");
    std::fs::write(&policy, "version: 1\ndefault: allow\nfindings:\n  - {id: TP001, action: deny}\n").unwrap();
    let mut command = gatehold();
    command.arg("wrap").arg("--policy").arg(&policy).arg("--ledger").arg(folder.0.join("ledger"));
    command.arg("--").arg(env!("CARGO_BIN_EXE_gatehold")).args(["demo", "--role", "server", "--outbox"]);
    command.arg(folder.0.join("outbox.jsonl"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("gatehold wrap");
    let mut input = child.stdin.take().expect("a pipe");
    let initialize = concat!(
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","#,
        r#""capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#
    );
    for line in [
        initialize,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#,
    ] {
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().expect("its end");
    let said = text(&output.stdout);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(!said.contains("IMPORTANT") && !said.contains("read_note"), "the poisoned tool is out of the list: {said}");
    assert!(said.contains("send_message"), "the rest of the list passes: {said}");
}

#[test]
fn the_server_answers_only_what_it_can_read() {
    let folder = Folder::new("demo-server");
    let outbox = folder.0.join("outbox.jsonl");
    let mut command = gatehold();
    command.args(["demo", "--role", "server", "--outbox"]).arg(&outbox);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server");
    let mut input = child.stdin.take().expect("a pipe");
    writeln!(input, "no JSON\n[]\n{{}}\n{{\"id\":1}}\n{{\"id\":\"two\",\"method\":\"ping\"}}").unwrap();
    drop(input);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert_eq!(lines[0]["error"]["code"], -32601);
    assert_eq!(lines[1]["id"], "two");
    assert!(!outbox.exists());
}

#[test]
fn the_hidden_role_is_not_in_the_help_and_needs_its_file() {
    let help = gatehold().args(["demo", "--help"]).output().expect("the help");
    assert!(!text(&help.stdout).contains("--role"));
    assert_eq!(gatehold().args(["demo", "--role", "server"]).output().expect("an error").status.code(), Some(2));
    assert_eq!(gatehold().args(["demo", "--outbox", "x"]).output().expect("an error").status.code(), Some(2));
}
