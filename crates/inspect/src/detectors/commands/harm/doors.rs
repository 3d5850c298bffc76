//! Commands that open a door: a shell for somebody else, programs that run what was just fetched or decoded, and code
//! that hides what it is.

use super::{Call, DECODERS, FETCHERS, Harm, INTERPRETERS, SHELLS, is_temporary};
use crate::detectors::commands::injected::is_pattern_of_program;
use crate::finding::Severity;

const SHELL_FOR_OTHERS: Harm = ("reverse-shell", Severity::High, "opens a shell to somebody else's machine");
const UNSEEN: &str = "runs what it fetched or decoded, unseen";

pub(super) fn judge(call: &Call<'_>) -> Option<Harm> {
    shells(call)
        .or_else(|| fetched(call))
        .or_else(|| windows(call))
        .or_else(|| saved_and_run(call))
        .or_else(|| installs(call))
        .or_else(|| hidden(call))
}

/// Calls that open a connection, in many languages.
const CONNECTS: &[&str] = &[
    "socket.socket",
    "create_connection(",
    "socket(",
    "fsockopen",
    "tcpsocket",
    "tcpclient",
    "/inet/tcp/",
    "net.connect",
    "net.dial",
    "net.socket",
    "stream_socket_client",
    "io::socket",
    "use socket",
    "socket.tcp",
    "require('socket')",
    "require('net')",
    "require(\"net\")",
];
/// What is handed to a shell or to what was fetched.
const SERVES: &[&str] = &[
    "/bin/sh",
    "/bin/bash",
    "sh -i",
    "cmd.exe",
    "dup2",
    "pty.spawn",
    "iex",
    "invoke-expression",
    "getstream",
    "|&getline",
    "child_process",
    "io.popen",
    "system $_",
    "system($_",
    "|& getline",
    "/bin/zsh",
    "exec \"sh\"",
];
/// Calls that run what they get from the network.
const RUNS_FETCHED: &[&str] = &[
    "exec(__import__",
    "exec(urllib",
    "exec(requests",
    "eval(requests",
    "eval(file_get",
    "exec(urlopen",
    "exec(url",
    "exec(r.",
    "iex(new-object net.webclient",
    "iex (new-object net.webclient",
    "eval(fetch(",
    "eval(urlopen",
];
/// Calls that decode.
const DECODES: &[&str] = &[
    "b64decode(",
    "base64_decode(",
    "frombase64string(",
    "atob(",
    "fromhex(",
    "decompress(",
    "marshal.loads(",
    "rot13(",
];

/// What shows in a whole text, in whatever language it is written.
pub(super) fn of_text(lower: &str) -> Option<Harm> {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if is_fork_bomb(lower) {
        return Some(("fork-bomb", Severity::High, "starts processes without end"));
    }
    if has(CONNECTS) && has(SERVES) || is_device_shell(lower) {
        return Some(SHELL_FOR_OTHERS);
    }
    if has(RUNS_FETCHED) {
        return Some(("piped-to-shell", Severity::High, UNSEEN));
    }
    let encoded = ["exec(", "eval(", "system("].iter().any(|call| {
        lower.match_indices(call).take(CALLS_MAX).any(|(at, _)| {
            let inside = lower.get(at + call.len()..).unwrap_or_default();
            let near = inside.get(..inside.floor_char_boundary(NEAR_BYTES)).unwrap_or_default();
            DECODES.iter().any(|decode| near.contains(decode))
        })
    });
    encoded.then_some(("encoded-command", Severity::High, "hides a command"))
}

/// At most so many calls of one text are looked into, so far.
const CALLS_MAX: usize = 100;
const NEAR_BYTES: usize = 80;

/// A shell at a connection that bash opens itself; a probe of an own port is none.
fn is_device_shell(lower: &str) -> bool {
    let Some(at) = lower.find("/dev/tcp/").or_else(|| lower.find("/dev/udp/")) else { return false };
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let host = lower.get(at + 9..).unwrap_or_default();
    let own = ["localhost", "127.0.0.1", "$host/", "$1/"].iter().any(|name| host.starts_with(name));
    has(&[">&", "0<&", "<&", "exec ", "sh -i", "bash -i"]) || !own && has(&["cat <", "> /dev/tcp", ">/dev/tcp"])
}

/// A function that calls itself twice, in a pipe.
fn is_fork_bomb(lower: &str) -> bool {
    lower.match_indices("()").take(64).any(|(at, _)| {
        let head = lower.get(..at).unwrap_or_default().trim_end();
        let start = head.rfind([';', ' ', '\n', '&', '|']).map_or(0, |end| end + 1);
        let name = head.get(start..).unwrap_or_default();
        let body: String =
            lower.get(at + 2..).unwrap_or_default().chars().take(80).filter(|c| !c.is_whitespace()).collect();
        !name.is_empty() && name.len() < 24 && body.starts_with(&format!("{{{name}|{name}&}}"))
    })
}

fn shells(call: &Call<'_>) -> Option<Harm> {
    let found = match call.program {
        "nc" | "ncat" | "netcat" | "nc.traditional" => {
            call.flag('e', "--exec")
                || call.has(&["--sh-exec", "-c"])
                || call.says("mkfifo")
                || call.sources().any(|(name, _)| SHELLS.contains(&name))
        }
        "telnet" | "openssl" => call.says("mkfifo") && call.says("sh"),
        "socat" => call.arguments.iter().any(|a| {
            (a.starts_with("exec:") || a.starts_with("system:") || a.starts_with("\"exec:")) && a.contains("sh")
        }),
        "awk" | "gawk" => call.says("/inet/tcp/"),
        program if SHELLS.contains(&program) => {
            call.flag('i', "-i") && call.simple.joins_streams && call.says("/dev/")
                || call.sources().any(|(name, simple)| {
                    matches!(name, "nc" | "ncat" | "netcat" | "telnet" | "socat")
                        || name == "openssl" && simple.words.iter().any(|word| word == "s_client")
                })
        }
        _ => false,
    };
    found.then_some(SHELL_FOR_OTHERS)
}

/// What flows into a shell from the network or from a decoder.
fn fetched(call: &Call<'_>) -> Option<Harm> {
    if !call.runs_its_input() {
        return encoded_program(call);
    }
    let mut harm = None;
    for (name, simple) in call.sources() {
        let decodes = DECODERS.contains(&name)
            && match name {
                "base64" | "base32" | "openssl" => {
                    simple.words.iter().any(|w| matches!(w.as_str(), "-d" | "-D" | "--decode" | "-di") || w == "enc")
                }
                "xxd" => simple.words.iter().any(|w| w.starts_with("-r")),
                "printf" => simple.words.iter().any(|w| w.contains("\\x") || w.contains("\\1")),
                "tr" => simple.words.iter().any(|w| w.contains("a-z") || w.contains("A-Z")),
                _ => true,
            };
        if decodes {
            return Some(("encoded-command", Severity::High, "hides a command"));
        }
        if FETCHERS.contains(&name) {
            // An installer of a named host is common; somebody should still see it.
            let plain = simple.words.iter().any(|w| w.starts_with("https://") && !is_numeric_host(w));
            let severity = if plain && !simple.is_disguised && !call.simple.is_disguised {
                Severity::Medium
            } else {
                Severity::High
            };
            harm = Some(("piped-to-shell", severity, UNSEEN));
        }
    }
    harm.or_else(|| encoded_program(call))
}

fn is_numeric_host(url: &str) -> bool {
    url.rsplit("://").next().is_some_and(|host| host.starts_with(|c: char| c.is_ascii_digit()))
}

/// A program whose name is made by decoding.
fn encoded_program(call: &Call<'_>) -> Option<Harm> {
    let made = call.simple.words.first().is_some_and(|word| word.starts_with('\u{FFFC}'))
        && call.sources().any(|(name, simple)| {
            matches!(name, "base64" | "base32" | "xxd" | "printf" | "rev" | "openssl")
                && simple
                    .words
                    .iter()
                    .any(|w| w.contains("\\x") || w == "-d" || w == "--decode" || w == "-r" || w == "rev")
                || FETCHERS.contains(&name)
        });
    let spelt = call.simple.is_disguised && super::super::programs::is_known(call.program);
    let pattern = call.simple.words.first().is_some_and(|word| is_pattern_of_program(word));
    if made || spelt || pattern {
        return Some(("encoded-command", Severity::High, "hides a command"));
    }
    None
}

/// Programs of Windows that run what they fetch.
fn windows(call: &Call<'_>) -> Option<Harm> {
    let has = |word: &str| call.arguments.iter().any(|argument| argument.contains(word));
    let harm = match call.program {
        "powershell" | "pwsh" => {
            let encoded = call.arguments.iter().any(|a| {
                let option = a.trim_start_matches(['-', '/']);
                a.starts_with(['-', '/'])
                    && option.len() >= 2
                    && "encodedcommand".starts_with(option)
                    && option.starts_with('e')
            }) || call.has(&["-e", "-ec", "/e"]);
            let hidden = has("hidden") && (has("downloadstring") || has("iex") || has("http"));
            encoded || hidden || has("downloadstring") || has("iex(") && has("http")
        }
        "certutil" => has("urlcache") || has("-decode"),
        "bitsadmin" => has("/transfer"),
        "mshta" => has("http") || has("javascript:") || has("vbscript:"),
        "regsvr32" => has("/i:http") || has("scrobj"),
        "rundll32" => has("javascript:") || has("http") || has("url.dll"),
        "msiexec" => has("http://") && (has("/q") || has("/i")),
        "wmic" => has("/format:") && has("http") || call.begins(&["process", "call", "create"]),
        "installutil" | "regasm" | "msbuild" => has("http"),
        _ => call.says("downloadstring(") && call.says("iex"),
    };
    harm.then_some(("piped-to-shell", Severity::High, UNSEEN))
}

/// At most so many commands behind one that saves are looked at.
const LATER_MAX: usize = 64;

/// Saved from the network, then run by the next commands.
fn saved_and_run(call: &Call<'_>) -> Option<Harm> {
    let decodes = call.is(&["base64", "xxd", "openssl"]) && !call.simple.writes.is_empty();
    if !FETCHERS.contains(&call.program) && !decodes && !call.is(&["scp", "tftp", "ftp"]) {
        return None;
    }
    let named = call.after(&["-o", "--output", "-outfile", "--output-document", "-p"]);
    let last = call.targets().find(|target| target.contains("://") || target.contains('.'));
    let file = named
        .or_else(|| call.simple.writes.first().map(String::as_str))
        .or_else(|| last.and_then(|url| url.rsplit('/').next()))?;
    let file = file.to_ascii_lowercase();
    let base = file.rsplit(['/', '\\']).next().filter(|base| base.len() > 1 || is_temporary(&file))?;
    let plain = call.targets().any(|target| {
        target.starts_with("http://")
            || is_numeric_host(target) && target.contains("://")
            || !target.contains("://") && target.contains('/') && !target.starts_with('/')
    });
    let mut later = call.script.commands.iter().filter(|other| other.start > call.simple.start).take(LATER_MAX);
    let runs = later.any(|other| {
        let first = other.program();
        let word = |word: &String| word.to_ascii_lowercase().rsplit(['/', '\\']).next() == Some(base);
        other.words.first().is_some_and(word)
            || (SHELLS.contains(&first.0.as_str()) || INTERPRETERS.contains(&first.0.as_str()))
                && first.1.first().is_some_and(word)
    });
    (runs && (plain || decodes || is_temporary(&file))).then_some(("fetched-and-run", Severity::High, UNSEEN))
}

/// Packages from addresses that nobody vouches for.
fn installs(call: &Call<'_>) -> Option<Harm> {
    let installer = call.is(&[
        "pip",
        "pip3",
        "npm",
        "pnpm",
        "yarn",
        "gem",
        "easy_install",
        "npx",
        "uv",
        "dpkg",
        "rpm",
        "go",
        "cargo",
    ]) || call.is(INTERPRETERS) && call.has(&["pip"]);
    let plain = call.arguments.iter().any(|argument| {
        let url = argument
            .split_once("+http")
            .map_or(argument.as_str(), |(_, _)| argument.rsplit('+').next().unwrap_or_default());
        url.starts_with("http://") && !url.starts_with("http://localhost") && !url.starts_with("http://127.")
    });
    (installer && plain && call.has(&["install", "i", "add", "-i", "--index-url", "--extra-index-url", "-e"]))
        .then_some(("package-by-address", Severity::Medium, "installs a package from an address without protection"))
}

/// Programs that hide where they lie, preloaded code, miners.
fn hidden(call: &Call<'_>) -> Option<Harm> {
    let first = call.simple.words.iter().find(|word| word.starts_with('/')).map(|word| word.to_ascii_lowercase());
    let buried = first.is_some_and(|path| {
        is_temporary(&path)
            && path.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
            && call.program.starts_with('.')
    });
    let preloads = call.simple.words.iter().chain(call.simple.writes.iter()).any(|word| {
        let lower = word.to_ascii_lowercase();
        let value = ["ld_preload=", "dyld_insert_libraries=", "ld_audit="]
            .iter()
            .find_map(|name| lower.strip_prefix(name).map(str::to_owned));
        value.is_some_and(|path| is_temporary(&path)) || lower.contains("ld.so.preload")
    });
    let module = call.is(&["insmod", "kldload"]) && call.targets().any(is_temporary);
    if buried || preloads || module {
        return Some(("hidden-program", Severity::High, "loads a program from where programs do not belong"));
    }
    let mines = call.is(&["xmrig", "minerd", "cpuminer", "ethminer", "cgminer"])
        || call.arguments.iter().any(|a| a.starts_with("stratum+"));
    mines.then_some(("miner", Severity::High, "mines for somebody else"))
}
