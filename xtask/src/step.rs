//! Runs programs and says so: every command is printed before it starts, every step with the time it took. It never
//! hides a program's output and never goes through a shell.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{During, Failure, Outcome};

/// A command of cargo, in the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(crate::workspace::root());
    command
}

/// The command as somebody would type it, for showing.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| {
        let argument = argument.to_string_lossy().into_owned();
        if argument.is_empty() || argument.contains([' ', '"', '\'', '$']) { format!("{argument:?}") } else { argument }
    }));
    words.join(" ")
}

/// Runs a command with its output on ours.
///
/// # Errors
/// When it cannot be started or ends with anything but success.
pub(crate) fn run(command: &mut Command) -> Outcome {
    println!("$ {}", shown(command));
    let started = Instant::now();
    let status = command.status().during(format_args!("cannot start `{}`", shown(command)))?;
    if status.success() {
        println!("  ({})", seconds(started.elapsed()));
        Ok(())
    } else {
        Err(Failure::new(format!("`{}` ended with {status}", shown(command))))
    }
}

/// Runs a command, passes every line of its standard output on, and shows each to `watch` too.
///
/// # Errors
/// When it cannot be started or ends with anything but success.
pub(crate) fn run_watched(command: &mut Command, mut watch: impl FnMut(&str)) -> Outcome {
    println!("$ {}", shown(command));
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().during(format_args!("cannot start `{}`", shown(command)))?;
    if let Some(output) = child.stdout.take() {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            watch(text.trim_end());
            line.clear();
        }
    }
    let status = child.wait()?;
    println!("  ({})", seconds(started.elapsed()));
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` ended with {status}", shown(command)))) }
}

/// Runs a command and returns what it wrote to standard output; standard error stays on ours.
///
/// # Errors
/// When it cannot be started, ends with anything but success, or writes what is not UTF-8.
pub(crate) fn read(command: &mut Command) -> Outcome<String> {
    let output = command.stderr(Stdio::inherit()).output().during(format_args!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        return Err(Failure::new(format!("`{}` ended with {}", shown(command), output.status)));
    }
    String::from_utf8(output.stdout).during(format_args!("the output of `{}`", shown(command)))
}

/// Says whether a program of this name is on the path and answers to `--version` (or `-v`).
pub(crate) fn is_installed(program: &str, version_flag: &str) -> bool {
    Command::new(program)
        .arg(version_flag)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A named part of a verb, with a headline before it and its time after it.
///
/// # Errors
/// Those of `work`.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    println!("\n== {name}");
    let started = Instant::now();
    let outcome = work();
    let verdict = if outcome.is_ok() { "done" } else { "FAILED" };
    println!("== {name}: {verdict} in {}", seconds(started.elapsed()));
    outcome
}

/// A duration as people read it: seconds with one digit.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
