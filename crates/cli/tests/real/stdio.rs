//! Plays a script to a program over its standard input and output and keeps every line that it wrote.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::running::{PATIENCE, end_group};
use crate::script::{self, Script, Step};

/// What a program said.
pub(crate) struct Transcript {
    /// Its lines on standard output, without the line ends.
    pub(crate) lines: Vec<String>,
    /// The exit status, if it ended by itself when its input ended.
    pub(crate) status: Option<i32>,
}

/// Starts the program, plays the script, closes its input and waits for its end.
pub(crate) fn play(command: &mut Command, script: &Script) -> Transcript {
    let mut conversation = Conversation::start(command);
    for step in &script.steps {
        match step {
            Step::Tell { line } => conversation.send(line),
            Step::Hear { method, times } => conversation.hear(method, *times),
            Step::Ask { id, line } => {
                conversation.send(line);
                conversation.until(&format!("the answer to {line:.200}"), |message| {
                    message["id"] == *id && message.get("method").is_none()
                });
            }
            Step::GiveUp { line, cancel } => {
                let before = conversation.heard("notifications/progress");
                conversation.send(line);
                conversation.hear("notifications/progress", before + 1);
                conversation.send(cancel);
            }
        }
    }
    conversation.finish()
}

struct Conversation {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    lines: Vec<String>,
}

impl Conversation {
    fn start(command: &mut Command) -> Conversation {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                assert_eq!(line.pop(), Some(b'\n'), "the last line has no end");
                let text = String::from_utf8(std::mem::take(&mut line)).expect("UTF-8");
                if sender.send(text).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Conversation { child, input, output, lines: Vec::new() }
    }

    fn send(&mut self, line: &str) {
        let input = self.input.as_mut().expect("an open input");
        input.write_all(format!("{line}\n").as_bytes()).expect("the program reads its input");
        input.flush().expect("the program reads its input");
    }

    fn heard(&self, method: &str) -> usize {
        let messages = self.lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        messages.filter(|message| message["method"] == method).count()
    }

    fn hear(&mut self, method: &str, times: usize) {
        while self.heard(method) < times {
            self.until(method, |message| message["method"] == method);
        }
    }

    /// Takes lines until one is what is awaited; answers what the server asks on the way.
    fn until(&mut self, what: &str, awaited: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => panic!("{what} does not come; so far:\n{}", self.so_far()),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the program ended before {what}; so far:\n{}", self.so_far())
                }
            };
            let message: Value = serde_json::from_str(&line).expect("a line of JSON");
            self.lines.push(line);
            if let Some(answer) = script::answer(&message) {
                self.send(&answer);
            }
            if awaited(&message) {
                return;
            }
        }
    }

    fn so_far(&self) -> String {
        self.lines.iter().map(|line| format!("  {line:.300}\n")).collect()
    }

    /// Closes the input and takes what is still said.
    fn finish(mut self) -> Transcript {
        self.input = None;
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut status = None;
        while status.is_none() && Instant::now() < deadline {
            status = self.child.try_wait().expect("its status");
            std::thread::sleep(Duration::from_millis(5));
        }
        end_group(&mut self.child);
        self.lines.extend(self.output.iter());
        let lines = std::mem::take(&mut self.lines);
        Transcript { lines, status: status.and_then(|status| status.code()) }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        end_group(&mut self.child);
    }
}
