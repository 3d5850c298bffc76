//! Commands that do harm wherever they run: judged by what each simple command of a text does, and by what flows from
//! one into the next. What developers do all day passes. It never runs or resolves anything.

mod destroy;
mod doors;
mod keep;
mod reach;
mod steal;

use super::Found;
use super::lines::{self, COMMANDS_MAX, SUBSTITUTED as SUBSTITUTE, Simple, base_name};
use crate::finding::Severity;

/// What a command does that it should not: the rule, how bad, and a sentence.
type Harm = (&'static str, Severity, &'static str);

/// Scripts in scripts are read this deep: `sh -c "eval '…'"`.
const DEPTH_MAX: u8 = 3;

/// One simple command, with its program and arguments in small letters, and the text around it.
struct Call<'a> {
    program: &'a str,
    arguments: &'a [String],
    simple: &'a Simple,
    script: &'a Script<'a>,
}

/// A text as simple commands.
struct Script<'a> {
    lower: &'a str,
    commands: &'a [Simple],
    names: Vec<String>,
    /// Which of `SAID` stand somewhere in the text, looked for once.
    said: Vec<&'static str>,
}

/// Words that change what another command of the same text means.
const SAID: &[&str] = &[
    "sh",
    "mkfifo",
    "/dev/",
    "iex",
    "\"hostpid\":true",
    "\"privileged\":true",
    "/inet/tcp/",
    "reset --hard",
    ">>",
    "downloadstring(",
    "nsenter",
    "chroot",
    "/host",
    "mount /dev",
];

/// The gravest harm in a text, if any.
pub(super) fn find(text: &str) -> Option<Found> {
    let (range, (rule, severity, detail)) = worst(text, DEPTH_MAX)?;
    let confidence = if severity >= Severity::High { 0.85 } else { 0.6 };
    Some(Found { range, rule, severity, confidence, detail })
}

fn worst(text: &str, depth: u8) -> Option<(std::ops::Range<usize>, Harm)> {
    let commands = lines::read(text);
    if commands.len() >= COMMANDS_MAX {
        return Some((0..text.len(), ("too-many-commands", Severity::Medium, "holds more commands than are read")));
    }
    let lower = text.to_ascii_lowercase();
    let names = commands.iter().map(|simple| simple.program().0).collect();
    let said = SAID.iter().copied().filter(|word| lower.contains(word)).collect();
    let script = Script { lower: &lower, commands: &commands, names, said };
    let mut found: Option<(std::ops::Range<usize>, Harm)> = doors::of_text(&lower).map(|harm| (0..text.len(), harm));
    for (number, simple) in commands.iter().enumerate() {
        let (_, given) = simple.program();
        let arguments: Vec<String> = given.iter().map(|argument| argument.to_ascii_lowercase()).collect();
        let program = script.names.get(number).map_or("", String::as_str);
        let call = Call { program, arguments: &arguments, simple, script: &script };
        let harm = call.harm().or_else(|| {
            let inner = call.scripts(given);
            inner.iter().filter(|_| depth > 0).find_map(|inner| worst(inner, depth - 1).map(|(_, harm)| harm))
        });
        let Some(harm) = harm else { continue };
        if found.as_ref().is_none_or(|(_, worst)| harm.1 > worst.1) {
            let start = simple.start.min(text.len());
            let range = start..simple.end.clamp(start, text.len());
            found = Some((range, harm));
        }
        if harm.1 >= Severity::High {
            break;
        }
    }
    found.map(|(range, harm)| (floor(text, range.start)..floor(text, range.end), harm))
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

impl<'a> Call<'a> {
    fn harm(&self) -> Option<Harm> {
        destroy::judge(self)
            .or_else(|| doors::judge(self))
            .or_else(|| steal::judge(self))
            .or_else(|| keep::judge(self))
            .or_else(|| reach::judge(self))
    }

    fn is(&self, programs: &[&str]) -> bool {
        programs.contains(&self.program)
    }

    /// Whether one of `SAID` stands anywhere in the text.
    fn says(&self, word: &str) -> bool {
        self.script.said.contains(&word)
    }

    /// Whether one of the arguments is one of these words.
    fn has(&self, words: &[&str]) -> bool {
        self.arguments.iter().any(|argument| words.contains(&argument.as_str()))
    }

    /// Whether the first arguments are these words, options between them left out.
    fn begins(&self, words: &[&str]) -> bool {
        let mut plain = self.arguments.iter().filter(|argument| !argument.starts_with('-'));
        words.iter().all(|word| plain.next().is_some_and(|argument| argument == word))
    }

    /// Whether a letter stands among the short options, or the long option among all.
    fn flag(&self, letter: char, long: &str) -> bool {
        self.arguments.iter().any(|argument| {
            argument == long
                || argument.starts_with('-')
                    && !argument.starts_with("--")
                    && argument.get(1..).is_some_and(|f| f.contains(letter))
        })
    }

    /// Arguments that are no options.
    fn targets(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(String::as_str).filter(|argument| !argument.starts_with('-') || *argument == "-")
    }

    /// The argument behind an option, or joined to it by `=`.
    fn after(&self, options: &[&str]) -> Option<&str> {
        self.arguments.iter().enumerate().find_map(|(at, argument)| {
            if options.contains(&argument.as_str()) {
                return self.arguments.get(at + 1).map(String::as_str);
            }
            argument.split_once('=').filter(|(name, _)| options.contains(name)).map(|(_, value)| value)
        })
    }

    /// The programs whose output reaches this one: by pipes, and in its words.
    fn sources(&self) -> impl Iterator<Item = (&'a str, &'a Simple)> {
        let script = self.script;
        let mut piped = Vec::new();
        let mut at = self.simple.piped_from;
        while let Some(number) = at.filter(|_| piped.len() < SOURCES_MAX) {
            piped.push(number);
            at = script.commands.get(number).and_then(|simple| simple.piped_from);
        }
        let inner = self.simple.inner.iter().flat_map(Clone::clone).take(SOURCES_MAX);
        let numbers: Vec<usize> = piped.into_iter().chain(inner).collect();
        numbers
            .into_iter()
            .filter_map(|number| Some((script.names.get(number)?.as_str(), script.commands.get(number)?)))
    }

    /// Whether it is a shell or an interpreter that reads its program from what flows into it.
    fn runs_its_input(&self) -> bool {
        let reads = self.targets().next().is_none_or(|target| {
            target == "-"
                || target.starts_with("/dev/stdin")
                || target.starts_with("/dev/fd")
                || target.contains(SUBSTITUTE)
        });
        self.is(SHELLS) && (reads || self.flag('s', "-s") || self.flag('c', "--command"))
            || self.is(INTERPRETERS) && reads
            || self.is(&["eval", "source", ".", "iex", "invoke-expression"])
    }

    /// Texts that this command runs as scripts.
    fn scripts(&self, given: &[String]) -> Vec<String> {
        let mut scripts = Vec::new();
        let behind = |at: usize| given.get(at + 1).cloned();
        let dash_c = || {
            given.iter().position(|word| {
                matches!(word.as_str(), "-c" | "-lc" | "-ic" | "-ec" | "-xc" | "/c" | "/C" | "-Command")
            })
        };
        if self.is(SHELLS) || self.is(&["su", "cmd", "script", "runuser"]) {
            scripts.extend(dash_c().and_then(behind));
            if self.is(&["cmd", "powershell", "pwsh"]) {
                scripts.push(dash_c().map_or(given, |at| given.get(at + 1..).unwrap_or_default()).join(" "));
            }
        }
        if self.is(&["eval", "iex", "invoke-expression"]) {
            scripts.push(given.join(" "));
        }
        if self.is(&[
            "ssh", "docker", "podman", "kubectl", "lxc", "chroot", "find", "git", "trap", "at", "batch", "forfiles",
        ]) {
            // What the other side runs: a shell with `-c`, or one word with spaces.
            let at = given.iter().position(|word| SHELLS.contains(&base_name(word).as_str()));
            scripts.extend(at.and_then(|at| given.get(at + 2)).cloned());
            if self.is(&["ssh", "trap"]) {
                scripts.extend(given.iter().filter(|word| word.contains(' ')).cloned());
            }
        }
        if self.is(SHELLS) && !self.simple.input.is_empty() {
            scripts.push(self.simple.input.clone());
        }
        if self.runs_its_input() {
            let said = self.sources().filter(|(name, _)| matches!(*name, "echo" | "printf" | "cat"));
            scripts.extend(said.map(|(_, simple)| {
                let text = simple.program().1.join(" ");
                if simple.input.is_empty() { lines::unescaped(&text) } else { simple.input.clone() }
            }));
        }
        // Code hands commands to a shell as strings.
        if self.is(INTERPRETERS) || self.simple.words.iter().any(|word| word.contains('(')) {
            scripts.extend(handed_over(self.text()));
        }
        scripts.retain(|script| script.len() > 2);
        scripts
    }

    /// The text of the command as it was written, in small letters.
    fn text(&self) -> &'a str {
        let range = self.simple.start..self.simple.end;
        let lower = self.script.lower;
        lower.get(floor(lower, range.start)..floor(lower, range.end)).unwrap_or_default()
    }
}

/// At most this many sources of one command are looked at.
const SOURCES_MAX: usize = 16;

/// Strings in calls that run them: `os.system("…")`.
fn handed_over(code: &str) -> Option<String> {
    const CALLS: &[&str] = &[
        "system(",
        "popen(",
        "exec(",
        "execsync(",
        "spawn(",
        "subprocess.run(",
        "subprocess.call(",
        "check_output(",
        "start(",
    ];
    let at = CALLS.iter().find_map(|call| code.find(call).map(|at| at + call.len()))?;
    let rest = code.get(at..)?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let rest = rest.get(1..)?;
    rest.get(..rest.find(quote)?).map(str::to_owned)
}

const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "csh", "tcsh", "powershell", "pwsh"];
const INTERPRETERS: &[&str] =
    &["python", "python3", "python2", "perl", "ruby", "node", "php", "lua", "deno", "bun", "osascript", "tclsh"];
/// Programs that get something from the network.
const FETCHERS: &[&str] = &[
    "curl",
    "wget",
    "fetch",
    "iwr",
    "irm",
    "invoke-webrequest",
    "invoke-restmethod",
    "aria2c",
    "lwp-request",
    "lwp-download",
    "http",
    "https",
    "axel",
    "lynx",
    "w3m",
];
/// Programs that turn something unreadable into something that runs.
const DECODERS: &[&str] = &["base64", "base32", "xxd", "rev", "tr", "openssl", "uudecode", "gunzip", "zcat", "printf"];

/// Folders that everybody can write to.
fn is_temporary(path: &str) -> bool {
    ["/tmp/", "/var/tmp/", "/dev/shm/", "c:\\windows\\temp\\", "%temp%", "$env:temp"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

/// A folder or disk without which nothing is left: the root, a home, the system's own.
fn is_vital(target: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "",
        "~",
        "$home",
        "/home",
        "/etc",
        "/usr",
        "/var",
        "/root",
        "/boot",
        "/lib",
        "/lib64",
        "/bin",
        "/sbin",
        "/opt",
        "/srv",
        "/users",
        "/system",
        "/library",
        "/applications",
        "/mnt",
        "/media",
        "/data",
        "/home/*",
        "/dev",
        "/proc",
        "/sys",
        "c:",
        "c:\\",
        "c:\\windows",
        "c:\\users",
        "c:\\*",
        "c:\\*.*",
        "$env:userprofile",
        "%userprofile%",
        "%systemroot%",
        "$env:systemroot",
        "%systemdrive%",
        "$env:systemdrive",
        "d:",
        "d:\\",
    ];
    let target = target.trim_matches(['"', '\'']);
    if target.is_empty() {
        return false;
    }
    let bare = target.trim_end_matches(['*', '.']).trim_end_matches(['/', '\\']);
    let bare = if target.starts_with("./") || target == "." || target == ".." || target == "*" { "x" } else { bare };
    FOLDERS.contains(&bare) && (target.starts_with('/') || !bare.is_empty())
}

#[cfg(test)]
mod tests;
