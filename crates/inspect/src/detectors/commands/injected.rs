//! Commands joined to a value that is no command: by separators, substitution, options, code that executes, variables of
//! the environment. It judges single values; what a whole command does is judged beside it.

use std::sync::LazyLock;

use super::Found;
use super::lines::{self, SUBSTITUTED};
use super::programs::{ENGLISH, PROGRAMS, is_known};
use crate::detectors::needles::Needles;
use crate::finding::Severity;

/// What is known of the form that a value has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Form {
    /// A host, a number: no sign of a shell can stand in it.
    pub(super) is_strict: bool,
    /// An address, a reference, a path: no option can stand in it.
    pub(super) takes_no_option: bool,
    /// Its parameter has a name.
    pub(super) is_named: bool,
}

/// At most this many separators are looked behind for a command that is spelt in disguise.
const DISGUISES_MAX: usize = 64;
/// So much behind a separator is read for it, in bytes.
const DISGUISE_BYTES_MAX: usize = 200;
/// A payload that is a whole content stands on one line no longer than this.
const WHOLE_BYTES_MAX: usize = 400;

fn found(range: std::ops::Range<usize>, rule: &'static str, confidence: f32, detail: &'static str) -> Found {
    Found { range, rule, severity: Severity::High, confidence, detail }
}

/// Commands joined to a single value.
pub(super) fn value(text: &str, form: Form) -> Option<Found> {
    substitution(text)
        .or_else(|| separated(text))
        .or_else(|| option(text, form))
        .or_else(|| execution(text))
        .or_else(|| environment(text))
        .or_else(|| command_line(text, form))
        .or_else(|| form.is_strict.then(|| foreign_signs(text)).flatten())
}

/// A content that is nothing but a payload: the fields of search and comment are where many are tried.
pub(super) fn whole(text: &str) -> Option<Found> {
    let trimmed = text.trim();
    if trimmed.len() > WHOLE_BYTES_MAX || trimmed.contains('\n') {
        return None;
    }
    if trimmed.starts_with('-') {
        return option(trimmed, Form::default());
    }
    if trimmed.starts_with("() {") {
        return substitution(trimmed);
    }
    let at = trimmed.find([';', '|', '&', '`', '$'])?;
    let (before, rest) = trimmed.split_at_checked(at)?;
    // Backticks around words are how people write code.
    if rest.starts_with('`') && !before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let before = before.trim_end_matches(['\'', '"', ')', ' ']);
    // What stands before is one word that is no program itself: prose has more of them, and commands begin with one.
    if before.contains(char::is_whitespace)
        || before.len() > 40
        || is_known(&before.to_ascii_lowercase())
        || before.contains(['(', '\\', '^', '[', '<', '{'])
    {
        return None;
    }
    let substituted =
        rest.strip_prefix("$(").or_else(|| rest.strip_prefix('`')).or_else(|| rest.strip_prefix("${IFS}"));
    let command = match substituted {
        Some(inside) => inside,
        None if rest.starts_with(['$', '`']) => return None,
        None => rest.trim_start_matches([';', '|', '&', ' ', '\t', '"', '\'']),
    };
    let telling = {
        let word = command.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        matches!(word, "whoami" | "id" | "uname" | "ifconfig" | "ipconfig" | "netstat") && !rest.starts_with('|')
            || command.contains(['/', '$', '|', '\\']) && is_known(&word.to_ascii_lowercase())
            || command.split_whitespace().nth(1).is_some_and(|next| next.starts_with('-')) && is_known(word)
    };
    (telling && (is_command(command) || is_disguised(command)))
        .then(|| found(0..text.len(), "joined-command", 0.8, "a command is joined to a value"))
}

/// A command that only reads what belongs to the system, with nothing else: what a probe does first.
pub(super) fn reads_system(text: &str) -> Option<Found> {
    let commands = lines::read(text);
    let [simple] = commands.as_slice() else { return None };
    let (program, arguments) = simple.program();
    let reads = matches!(
        program.as_str(),
        "cat" | "more" | "less" | "head" | "tail" | "tac" | "type" | "nl" | "strings" | "xxd"
    );
    let files = [
        "/etc/passwd",
        "/etc/group",
        "/etc/issue",
        "win.ini",
        "boot.ini",
        "\\drivers\\etc\\hosts",
        "/proc/version",
        "/proc/self/",
    ];
    let [only] = arguments else { return None };
    let only = only.to_ascii_lowercase();
    (reads && files.iter().any(|file| only.contains(file)))
        .then(|| found(0..text.len(), "command-as-value", 0.7, "a value is a command that reads a file of the system"))
}

/// The whole value is a command with arguments of its own.
fn command_line(text: &str, form: Form) -> Option<Found> {
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let program = lines::base_name(first);
    let is_program = PROGRAMS.contains(&program.as_str());
    let arguments = words.clone().any(|word| {
        word.starts_with('-') && word.len() > 1 || word.starts_with('/') && word.len() > 2 || word.starts_with("127.")
    });
    let path = ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/"]
        .iter()
        .any(|folder| first.starts_with(folder));
    // A path to a program alone may be a setting: which interpreter, which shell.
    let path = path && (words.clone().next().is_some() || form.is_strict || !form.is_named);
    let detail = "a value is a command line";
    if is_program
        && (arguments && !(ENGLISH.contains(&program.as_str()) && first.starts_with(char::is_uppercase)) || path)
        || path && is_known(&program)
    {
        return Some(found(0..text.len(), "command-as-value", 0.75, detail));
    }
    // `w'h'oami`, `/???/c?t /???/p??s??`
    let tricky = text.contains(['\'', '"', '\\', '?', '*', '$']);
    (tricky && is_disguised(text))
        .then(|| found(0..text.len(), "disguised-command", 0.85, "a command is spelt so that it cannot be seen"))
}

/// Signs of a shell or a template in a value that has a strict form, or a program with arguments in its place.
fn foreign_signs(text: &str) -> Option<Found> {
    let text = text.trim();
    let mut words = text.split_whitespace();
    let first = words.next()?.to_ascii_lowercase();
    if PROGRAMS.contains(&first.as_str()) && words.next().is_some() {
        return Some(found(0..text.len(), "command-as-value", 0.75, "a value is a command line"));
    }
    let at = text.find(['|', ';', '`', '$', '{', '<', '>', '\\', '\n'])?;
    // A variable of a workflow that is filled in later, and a link in angle brackets, are no commands.
    let placeholder = text.starts_with("${")
        && text.ends_with('}')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"${}_.-".contains(&b))
        || text.starts_with("{{") && text.ends_with("}}") && !text.contains(['*', '(', '+'])
        || text.starts_with('<') && text.ends_with('>');
    (!placeholder)
        .then(|| found(at..at + 1, "sign-in-value", 0.7, "a value of a strict form holds signs of a shell or template"))
}

/// `$(…)`, backticks, `${IFS}`, process substitution, function definitions of Shellshock.
fn substitution(text: &str) -> Option<Found> {
    const MARKS: [(&str, &str); 19] = [
        ("${IFS", "word-separator"),
        ("$IFS", "word-separator"),
        ("() { :", "shellshock"),
        ("(){:", "shellshock"),
        ("() {:", "shellshock"),
        ("() { ", "shellshock"),
        ("/dev/tcp/", "network-redirect"),
        ("$@", "word-breaking"),
        ("%PROGRAMFILES:", "word-breaking"),
        ("%CommonProgramFiles:", "word-breaking"),
        ("%COMSPEC%", "word-breaking"),
        ("${PATH:", "word-breaking"),
        ("${HOME:", "word-breaking"),
        ("${PWD:", "word-breaking"),
        ("2>&1", "redirect"),
        (">/dev/null", "redirect"),
        ("<<<", "redirect"),
        ("$((", "arithmetic-expansion"),
        ("$'\\x", "word-breaking"),
    ];
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(&MARKS.map(|(mark, _)| mark)));
    for (number, range) in NEEDLES.all(text) {
        let rule = MARKS.get(number).map_or("shell-syntax", |(_, rule)| *rule);
        // A function of JavaScript has such a head too; a variable of the environment begins with it.
        if rule == "shellshock" && range.len() == 5 && !text.trim_start().starts_with("() {") {
            continue;
        }
        return Some(found(range, rule, 0.85, "a value uses the shell's own syntax"));
    }
    for (open, close) in [("$(", b')'), ("`", b'`'), ("<(", b')'), (">(", b')')] {
        for (number, (at, _)) in text.match_indices(open).enumerate() {
            let inside = text.get(at + open.len()..)?;
            // A command is near the sign, and not every sign needs the rest of the text.
            let end = inside.bytes().take(400).position(|b| b == close).unwrap_or(0);
            let inner = inside.get(..end).unwrap_or_default();
            if end > 0
                && (open == "$(" && !inner.trim().is_empty()
                    || open == "`" && begins_with_program(inner)
                    || is_command(inner)
                    || number < DISGUISES_MAX && is_disguised(inner))
            {
                let rule =
                    if open.len() == 2 && open != "$(" { "process-substitution" } else { "command-substitution" };
                return Some(found(at..at + open.len() + end, rule, 0.88, "a value runs a command"));
            }
        }
    }
    // `{cat,/etc/passwd}`
    let at = text.find('{')?;
    let inside = text.get(at + 1..)?.split('}').next()?;
    let program = inside.split(',').next()?;
    (inside.contains(',') && PROGRAMS.contains(&program) && inside.contains(['/', '-', '.']) && !inside.contains(' '))
        .then(|| found(at..at + inside.len() + 1, "brace-expansion", 0.85, "a value runs a command"))
}

/// Whether the first word is the name of a program.
fn begins_with_program(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(|word| is_known(&lines::base_name(word)))
}

/// A separator and a command after it.
fn separated(text: &str) -> Option<Found> {
    for (number, (at, _)) in text.match_indices([';', '|', '&', '\n', '\r', '^']).enumerate() {
        let rest = text
            .get(at + 1..)?
            .trim_start_matches([';', '|', '&', ' ', '\t', '\n', '\r', '^', '"', '\'', '(', '{', '!']);
        if is_command(rest) || number < DISGUISES_MAX && is_disguised(rest) {
            return Some(found(at..text.len(), "joined-command", 0.88, "a command is joined to a value"));
        }
    }
    None
}

/// Whether a text begins with a program, alone or with arguments.
fn is_command(text: &str) -> bool {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | '\\')))
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let lower = word.to_ascii_lowercase();
    let program = lower.rsplit(['/', '\\']).next().unwrap_or(&lower);
    let program = program.strip_suffix(".exe").unwrap_or(program);
    let absolute = ["/bin/", "/usr/", "/sbin/", "/etc/"].iter().any(|folder| word.starts_with(folder));
    // `a=1&id=2` is a query string, `x; type=y` a header, `length)` a call of a language of queries.
    let assigned = rest.starts_with('=') || rest.starts_with(':') || rest.starts_with(',');
    let near = rest.get(..rest.floor_char_boundary(DISGUISE_BYTES_MAX)).unwrap_or_default();
    let piece = || near.split([';', '|', '&', '\n', '^']).next().unwrap_or_default();
    // Many programs are English words: then what follows must look like an argument, not like a sentence.
    let next = rest.trim_start_matches([' ', '\t']).bytes().next();
    let argued = next.is_none_or(|b| !b.is_ascii_alphabetic() && b != b',' && b != b'(' && b != b')')
        || piece().contains(['/', '|', '$', '<', '>']);
    // A tool of developers is one where its argument is an option or a path.
    let argument = rest.trim_start_matches([' ', '\t']);
    let known = PROGRAMS.contains(&program)
        || is_known(program)
            && (argument.starts_with(['-', '/', '~']) || argument.starts_with("./") || argument.starts_with("${ifs"));
    // `; net user x /add`, `| mail eve@…`
    let told = ENGLISH.contains(&program) && {
        let mut words = rest.split_whitespace();
        let first = words.next().unwrap_or_default();
        matches!(
            (program, first),
            ("net", "user" | "localgroup" | "use" | "view" | "share" | "start" | "stop") | ("reg", "query" | "add")
        ) || first.contains('@')
    };
    !assigned && (absolute || known && (argued || told || !ENGLISH.contains(&program)))
}

/// Whether a text begins with a program that quotes, escapes, variables or patterns of file names hide.
fn is_disguised(text: &str) -> bool {
    let piece = text.get(..text.floor_char_boundary(DISGUISE_BYTES_MAX)).unwrap_or_default().trim_start();
    let word = piece.split([' ', '\t', ';', '|', '&', '\n', '<']).next().unwrap_or_default();
    if is_pattern_of_program(word) {
        return true;
    }
    if !word.contains(['\'', '"', '\\', '$', '^', '`']) {
        return false;
    }
    let commands = lines::read(piece);
    let Some(simple) = commands.last().filter(|_| commands.len() == 1).or_else(|| commands.first()) else {
        return false;
    };
    let program = simple.words.first().map(|word| word.replace(SUBSTITUTED, "")).unwrap_or_default();
    let program = lines::base_name(&program);
    simple.is_disguised && is_known(&program) || word.starts_with('$') && PROGRAMS.contains(&program.as_str())
}

/// `/???/c?t`: a path to a program in signs that stand for any letter.
pub(super) fn is_pattern_of_program(word: &str) -> bool {
    let mut parts = word.strip_prefix('/').unwrap_or_default().split('/');
    let Some(first) = parts.next().filter(|first| first.len() >= 3 && first.len() <= 4) else { return false };
    let matches =
        |name: &str| name.len() == first.len() && name.bytes().zip(first.bytes()).all(|(a, b)| a == b || b == b'?');
    let folder = ["bin", "usr", "etc", "sbin"].iter().any(|name| matches(name));
    folder && first.contains('?') && parts.next().is_some_and(|rest| !rest.is_empty())
        || folder && word.matches('?').count() >= 2 && parts.next().is_none()
}

/// Options that make well-known programs run others, write elsewhere or read other settings.
const OPTIONS: &[&str] = &[
    "--upload-pack",
    "--receive-pack",
    "--exec=",
    "--exec ",
    "--exec-path",
    "-oproxycommand",
    "--checkpoint-action",
    "--to-command",
    "--use-askpass",
    "--open-files-in-pager",
    "--output=",
    "--ext-diff",
    "--config=",
    "-c core.",
    "-ccore.",
    "--pager",
    "-c protocol.",
    "--rsh=",
    "--proxycommand",
    "--post-file",
    "--use-compress-program",
    "--init-file",
    "--eval",
    "--require ",
    "--load-extension",
    "--pre-upload",
    "--directory=",
    "--git-dir",
    "--work-tree",
    "--template=",
    "-o'|",
    "--no-index",
    "--output ",
    "--unix-socket",
    "--preproc",
    "--pre=",
    "--pre ",
    "-exec ",
    "-execdir ",
    "-ok ",
    "-delete",
    "-fprintf ",
    "-i/bin/",
    "-opermitlocalcommand",
    "-olocalcommand",
    "--checkpoint=",
    "--info-script",
    "--new-volume-script",
    "--rmt-command",
    "--rsh-command",
    "--sandbox=",
    "-write /",
    "--load-module",
    "--renderer-cmd-prefix",
    "--gpu-launcher",
    "--utility-cmd-prefix",
    "--no-sandbox",
    "--script=",
    "--interactive ",
    "-e sh",
    "-u./",
    "-c/",
    "--hash-file",
    "--input=/",
];

/// Such an option as a value, or behind an address.
fn option(text: &str, form: Form) -> Option<Found> {
    let lower = text.trim_start().to_ascii_lowercase();
    if lower.starts_with("ext::") || lower.contains(" ext::sh") {
        return Some(found(0..text.len(), "transport-command", 0.93, "a remote of git runs a command"));
    }
    let known = lower.starts_with('-') && OPTIONS.iter().any(|option| lower.contains(option));
    let has = |options: &[&str]| options.iter().any(|option| lower.contains(option));
    let joined = has(&["-oproxycommand", "-o proxycommand"])
        || form.takes_no_option
            && has(&[
                " --upload-pack",
                " --receive-pack",
                " -exec ",
                " -execdir ",
                " --output=",
                " --checkpoint-action",
            ]);
    let misplaced = form.takes_no_option && {
        let leads = matches!(lower.as_bytes(), [b'-', b'-', next, ..] | [b'-', next, ..] if next.is_ascii_alphabetic());
        let argued = lower.contains(['=', '/', ' ', ';']);
        let later = lower.contains("://")
            && lower.split_whitespace().skip(1).any(|word| {
                matches!(word.as_bytes(), [b'-', letter] if letter.is_ascii_alphabetic()) || word.starts_with("--")
            });
        leads && argued || later
    };
    (known || joined || misplaced)
        .then(|| found(0..text.len(), "option-as-value", 0.85, "an option of a program is passed as a value"))
}

/// Variables that make programs load or run something else.
fn environment(text: &str) -> Option<Found> {
    const NAMES: &[&str] = &[
        "LD_PRELOAD=",
        "LD_LIBRARY_PATH=/tmp",
        "LD_AUDIT=",
        "DYLD_INSERT_LIBRARIES=",
        "BASH_ENV=",
        "PROMPT_COMMAND=",
        "PYTHONSTARTUP=",
        "GIT_SSH_COMMAND=",
        "GIT_SSH=",
        "GIT_EXTERNAL_DIFF=",
        "PERL5OPT=",
        "PERL5DB=",
        "RUBYOPT=",
        "NODE_OPTIONS=--require",
        "NODE_OPTIONS=--import",
        "JAVA_TOOL_OPTIONS=-javaagent",
        "PATH=/tmp",
        "PATH=.:",
        "PATH=/dev/shm",
        "IFS=",
        "SHELLOPTS=",
        "PS4=$",
    ];
    let trimmed = text.trim_start();
    let name = NAMES.iter().find(|name| trimmed.starts_with(*name))?;
    Some(found(0..name.len(), "environment-variable", 0.85, "a variable makes programs load something else"))
}

/// Calls that execute, in the languages of servers.
const CALLS: &[&str] = &[
    "system(",
    "exec(",
    "eval(",
    "passthru(",
    "popen(",
    "shell_exec(",
    "proc_open(",
    "__import__(",
    "os.system",
    "subprocess.",
    "runtime.getruntime",
    "processbuilder",
    "child_process",
    "<?php",
    "<?=",
    "<!--#exec",
    "<%= ",
    "$_get[",
    "assert(",
    "execcommand",
    "wscript.shell",
    "invoke-expression",
    "iex(",
    "-encodedcommand",
    "require('fs')",
    "import os",
    "cmd /c",
    "cmd.exe /c",
    "powershell -",
    "bash -c",
    "sh -c",
    "perl -e",
    "python -c",
    "python3 -c",
    "ruby -e",
    "php -r",
    "node -e",
    "<!ENTITY",
    "cmd=$",
    "__subclasses__",
    "t(java",
    "phpinfo(",
    "dir.glob(",
    "file.read(",
    "file.open(",
    "file_get_contents(",
    "getclass().",
    "__globals__",
    "__builtins__",
    "__class__.",
    "mainmodule.require",
    "constructor.constructor",
    "process.binding",
    "execsync(",
    "spawnsync(",
    "execfile(",
    "pcntl_exec",
    "fileopen(\"/",
    "open('/etc",
    "open(\"/etc",
    "kernel.exec",
    "io.popen",
    "os.execute",
    "loadstring(",
    "function('return",
    "function(\"return",
    "%x(",
    "%x{",
    "call_user_func",
    "preg_replace('/.*/e",
    "scriptenginemanager",
    "getattr(__",
    "importlib.import_module",
    "vm.runin",
    "new function(",
    "getmethod(\"exec",
    "classloader",
];

/// Such a call in a value.
fn execution(text: &str) -> Option<Found> {
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(CALLS));
    let word =
        |at: usize| at == 0 || !text.as_bytes().get(at - 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let (_, range) = NEEDLES
        .all(text)
        .find(|(_, range)| word(range.start) || text.get(range.clone()).is_some_and(|call| call.starts_with("__")))?;
    Some(found(range, "code-execution", 0.82, "a value calls for execution"))
}
