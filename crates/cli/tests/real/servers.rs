//! The five real servers, how each is started, and what is said to each.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::fixtures::Fixtures;
use crate::script::Script;

/// So long that the answer passes 8 MB: the server gives the text twice.
const LARGE_FILE_BYTES: usize = 4_300_000;

/// A server in a folder of its own.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    /// The program and its arguments.
    pub(crate) words: Vec<PathBuf>,
    /// What is said to it.
    pub(crate) script: Script,
}

impl Server {
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]);
        command
    }
}

/// All of them, with fresh data in `folder`: two calls for the same folder give the same.
pub(crate) fn all(fixtures: &Fixtures, folder: &Path) -> Vec<Server> {
    vec![
        filesystem(fixtures, folder),
        everything(fixtures),
        memory(fixtures, folder),
        git(fixtures, folder),
        git_modern(fixtures, folder),
        time(fixtures),
        time_modern(fixtures),
    ]
}

/// Without what differs between two runs of the server itself: the time of day.
pub(crate) fn settled(line: &str) -> String {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let mut bytes = line.as_bytes().to_vec();
    let mut at = 0;
    while at + SHAPE.len() <= bytes.len() {
        let window = &mut bytes[at..at + SHAPE.len()];
        let is_time = window.iter().zip(SHAPE).all(|(byte, model)| match model {
            b'0' => byte.is_ascii_digit(),
            model => byte == model,
        });
        if is_time {
            window.copy_from_slice(SHAPE);
            at += SHAPE.len();
        } else {
            at += 1;
        }
    }
    String::from_utf8(bytes).expect("digits were replaced by digits")
}

fn filesystem(fixtures: &Fixtures, folder: &Path) -> Server {
    let home = folder.join("files");
    // What an earlier run has written must not be there.
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).expect("a folder");
    std::fs::write(home.join("note.txt"), "A note with ünïcode, \u{1f512} and a \\ backslash.\n").expect("a file");
    let large: String =
        "A line of a large file: åß∂ \"quoted\" \\ \t\n".chars().cycle().take(LARGE_FILE_BYTES).collect();
    std::fs::write(home.join("large.txt"), large).expect("a file");
    let path = |name: &str| home.join(name).to_string_lossy().into_owned();
    // A client without roots: the server is to serve the folder that it was started with.
    let hello = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "gatehold-tests", "version": "0.0.0" }
    });
    let script = Script::bare()
        .ask("initialize", hello)
        .tell("notifications/initialized", json!({}))
        .ask("tools/list", json!({}))
        .call("list_directory", json!({ "path": home }))
        .call("read_text_file", json!({ "path": path("note.txt") }))
        .call("read_text_file", json!({ "path": "/etc/hostname" }))
        .call("no_such_tool", json!({}))
        .late_cancel()
        .ask("ping", json!({}))
        .ask("nowhere/known", json!({ "x": 1 }))
        .call("read_text_file", json!({ "path": path("large.txt") }))
        .call("write_file", json!({ "path": path("written.txt"), "content": "Written through.\n" }))
        .call("read_text_file", json!({ "path": path("written.txt"), "head": 1 }));
    let words = vec![fixtures.node.clone(), fixtures.npm_server("server-filesystem"), home];
    Server { name: "server-filesystem", words, script }
}

fn everything(fixtures: &Fixtures) -> Server {
    let words = vec![fixtures.node.clone(), fixtures.npm_server("server-everything"), "stdio".into()];
    Server { name: "server-everything", words, script: everything_script() }
}

/// What is said to server-everything, over every transport.
pub(crate) fn everything_script() -> Script {
    Script::handshake()
        // It asks for the roots a moment after the handshake and then announces them.
        .hear("notifications/message", 1)
        .ask("tools/list", json!({}))
        .ask("prompts/list", json!({}))
        .ask("resources/templates/list", json!({}))
        .call("echo", json!({ "message": "Grüße \u{1f512} \\ \" </script>" }))
        .call("get-sum", json!({ "a": 0.1, "b": 12345678901234567890_u64 }))
        .call("get-tiny-image", json!({}))
        .call("get-structured-content", json!({ "location": "Chicago" }))
        .call("get-annotated-message", json!({ "messageType": "error", "includeImage": true }))
        .call("echo", json!({ "wrong": true }))
        .call("no_such_tool", json!({}))
        .call("trigger-sampling-request", json!({ "prompt": "What now?", "maxTokens": 5 }))
        .call("trigger-elicitation-request", json!({}))
        .call("get-roots-list", json!({}))
        .ask("prompts/get", json!({ "name": "args-prompt", "arguments": { "city": "Zürich" } }))
        .ask(
            "completion/complete",
            json!({
                "ref": { "type": "ref/prompt", "name": "completable-prompt" },
                "argument": { "name": "department", "value": "E" }
            }),
        )
        .ask("resources/read", json!({ "uri": "demo://resource/static/document/features.md" }))
        .ask("logging/setLevel", json!({ "level": "debug" }))
        .ask("nowhere/known", json!({}))
        .ask(
            "tools/call",
            json!({
                "name": "trigger-long-running-operation",
                "arguments": { "duration": 0.4, "steps": 4 },
                "_meta": { "progressToken": 77 }
            }),
        )
}

fn memory(fixtures: &Fixtures, folder: &Path) -> Server {
    let file = folder.join("memory.jsonl");
    // The second run must find what the first one found.
    let _ = std::fs::remove_file(&file);
    let variable = format!("MEMORY_FILE_PATH={}", file.display());
    let script = Script::handshake()
        .ask("tools/list", json!({}))
        .call(
            "create_entities",
            json!({ "entities": [
            { "name": "Ada", "entityType": "person", "observations": ["wrote the first program", "ünïcode"] },
            { "name": "Engine", "entityType": "machine", "observations": [] }
        ] }),
        )
        .call(
            "create_relations",
            json!({ "relations": [{ "from": "Ada", "to": "Engine", "relationType": "programs" }] }),
        )
        .call("read_graph", json!({}))
        .call("search_nodes", json!({ "query": "program" }))
        .call("add_observations", json!({ "observations": [{ "entityName": "Nobody", "contents": ["x"] }] }))
        .late_cancel()
        .call("create_entities", json!({ "entities": "not a list" }))
        .call("delete_entities", json!({ "entityNames": ["Ada"] }))
        .call("read_graph", json!({}));
    // `env` is how a command line gives a variable to one program.
    let words =
        vec!["/usr/bin/env".into(), variable.into(), fixtures.node.clone(), fixtures.npm_server("server-memory")];
    Server { name: "server-memory", words, script }
}

fn git(fixtures: &Fixtures, folder: &Path) -> Server {
    let script = git_script(Script::handshake(), &repository(folder)).late_cancel().ask("ping", json!({}));
    Server { name: "mcp-server-git", words: vec![fixtures.python_server("mcp-server-git")], script }
}

fn git_modern(fixtures: &Fixtures, folder: &Path) -> Server {
    let script = git_script(Script::modern(), &repository(folder));
    Server { name: "mcp-server-git (2026-07-28)", words: vec![fixtures.python_server("mcp-server-git")], script }
}

fn git_script(script: Script, repository: &Path) -> Script {
    script
        .ask("tools/list", json!({}))
        .call("git_status", json!({ "repo_path": repository }))
        .call("git_log", json!({ "repo_path": repository, "max_count": 3 }))
        .call("git_show", json!({ "repo_path": repository, "revision": "HEAD" }))
        .call("git_show", json!({ "repo_path": repository, "revision": "no-such-revision" }))
        .call("git_status", json!({ "repo_path": "/nowhere/at/all" }))
        .call("no_such_tool", json!({}))
        .ask("nowhere/known", json!({}))
}

/// A repository with one commit, made once per folder.
fn repository(folder: &Path) -> PathBuf {
    let home = folder.join("repository");
    if !home.exists() {
        std::fs::create_dir_all(&home).expect("a folder");
        std::fs::write(home.join("read.me"), "Grüße\n").expect("a file");
        let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"];
        for words in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "A first commit"]] {
            let status = Command::new("git").args(who).args(words).current_dir(&home).status().expect("git");
            assert!(status.success(), "git {words:?}");
        }
    }
    home
}

fn time(fixtures: &Fixtures) -> Server {
    let script = time_script(Script::handshake()).late_cancel().ask("ping", json!({}));
    Server { name: "mcp-server-time", words: time_words(fixtures), script }
}

fn time_modern(fixtures: &Fixtures) -> Server {
    let script = time_script(Script::modern());
    Server { name: "mcp-server-time (2026-07-28)", words: time_words(fixtures), script }
}

fn time_words(fixtures: &Fixtures) -> Vec<PathBuf> {
    vec![fixtures.python_server("mcp-server-time"), "--local-timezone".into(), "UTC".into()]
}

fn time_script(script: Script) -> Script {
    let convert =
        |time: &str| json!({ "source_timezone": "Europe/Zurich", "time": time, "target_timezone": "Asia/Tokyo" });
    script
        .ask("tools/list", json!({}))
        .call("get_current_time", json!({ "timezone": "Europe/Zurich" }))
        .call("convert_time", convert("16:30"))
        .call("convert_time", convert("half past four"))
        .call("get_current_time", json!({ "timezone": "Nowhere/Land" }))
        .call("no_such_tool", json!({}))
}

#[test]
fn only_times_are_settled() {
    assert_eq!(settled("at 2026-11-20T05:30:47+01:00, é 2026-11-20"), "at 0000-00-00T00:00:00+01:00, é 2026-11-20");
}
