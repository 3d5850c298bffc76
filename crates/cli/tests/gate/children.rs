//! Servers that run as children: small Python programs that do what the test says, one line of JSON at a time.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

/// What every program begins with: `say` writes a message, `answer` the result of one, `messages` reads them. A child
/// that is forgotten ends by itself.
const PRELUDE: &str = r#"
import json, os, signal, sys, threading, time
signal.alarm(60)
def raw(text):
    sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())
    sys.stdout.buffer.flush()
def say(message):
    raw(json.dumps(message, separators=(",", ":")) + "\n")
def answer(message, result):
    say({"jsonrpc": "2.0", "id": message["id"], "result": result})
def messages():
    for line in sys.stdin:
        yield json.loads(line)
def greet(message):
    if message.get("method") == "initialize":
        answer(message, {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "child", "version": "1"}})
        return True
    return message.get("method") == "notifications/initialized"
"#;

/// The interpreter itself, since what stands in PATH may be a slow launcher.
pub(crate) fn python() -> &'static str {
    static PYTHON: OnceLock<String> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
        let output = output.expect("these tests need python3");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    })
}

/// The command of a child that runs `program`.
pub(crate) fn command(program: &str) -> Vec<String> {
    vec![python().to_owned(), "-I".to_owned(), "-S".to_owned(), "-c".to_owned(), format!("{PRELUDE}{program}")]
}

/// How a configuration names a child that runs `program`.
pub(crate) fn config(program: &str) -> Value {
    json!({ "command": command(program) })
}

/// A child that greets, and for every other message runs `body` with `message`.
pub(crate) fn greeting(body: &str) -> String {
    let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
    format!("for message in messages():\n    if greet(message): continue\n{body}")
}

/// A child that notes its process id in a file and answers every call with the text of its argument.
pub(crate) fn echo(pids: &Path) -> String {
    format!(
        "open({:?}, 'a').write(str(os.getpid()) + '\\n')\n{}",
        pids.display().to_string(),
        greeting("if 'id' in message: answer(message, {'content': [], 'echo': message.get('params')})")
    )
}

/// The process ids that were noted in a file.
pub(crate) fn pids(file: &Path) -> Vec<u32> {
    std::fs::read_to_string(file).unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect()
}
