//! The one automaton that reads every text: all literals that make some detector look closer, each with who asked for
//! it. A text without any of them costs this pass and nothing else.

use std::sync::LazyLock;

use crate::detectors::{persons, secrets, urls};
use crate::phrases;
use crate::phrases::lexicon::Anchor;
use automaton::{Automaton, Found};

mod automaton;

/// What a literal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// An anchor of the phrase rules, in every text.
    Word,
    /// An anchor of the phrase rules, in short texts only: metadata and arguments.
    WordInMetadata,
    /// A word that is ordinary alone; several of different groups close together make an anchor.
    Hint(u8),
    /// A tell-tale word in ROT13.
    Rot13,
    /// A tell-tale word written backwards.
    Reversed,
    /// The beginning of a secret: a row of `secrets::KINDS`.
    Secret(usize),
    /// A word that names a secret, after which its value may stand.
    SecretName,
    /// The same in capital letters.
    SecretCapitals,
    /// The name of a service whose keys have no form of their own.
    SecretOwner,
    /// The beginning of a URL, or a host that is worth a look.
    Url,
    /// A path of interest: a parent directory, an absolute path of the system.
    Path,
    /// A word of a query or template language.
    Query,
    /// A command in words alone.
    Command,
    /// A word beside which a detail of a person may stand.
    Personal(persons::Cue),
    /// A Markdown image or an HTML element that loads something.
    Embed,
}

/// A literal that was found.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// What it means.
    pub signal: Signal,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Words of orders that are ordinary alone, in groups of one meaning.
const HINTS: &[&[&str]] = &[
    &[
        "instruction",
        "instructions",
        "directive",
        "directives",
        "guidelines",
        "orders",
        "consignes",
        "anweisungen",
        "instrucciones",
        "instrucoes",
        "istruzioni",
        "instructies",
        "polecenia",
        "instrukcje",
        "talimat",
        "instruksi",
        "pokyny",
        "instruktioner",
    ],
    &[
        "you must",
        "you should",
        "you have to",
        "you need to",
        "you are required",
        "you will",
        "you shall",
        "must",
        "has to",
        "are required to",
        "is required to",
        "mandatory",
    ],
    &["please", "kindly", "immediately", "at once", "right now", "urgent", "urgently", "emergency", "asap"],
    &["do not", "don't", "never", "without asking", "no need to", "stop", "cease", "avoid", "refrain"],
    &["the user", "user's", "users", "the customer", "the human", "the owner"],
    &[
        "reply",
        "respond",
        "response",
        "answer",
        "say",
        "tell",
        "output only",
        "print",
        "repeat",
        "write a",
        "summary",
        "summarise",
        "summarize",
        "summarising",
        "summarizing",
    ],
    &[
        "send",
        "forward",
        "upload",
        "transfer",
        "share",
        "email",
        "e-mail",
        "post the",
        "transmit",
        "exfiltrate",
        "bcc",
        "invite",
        "grant",
    ],
    &[
        "password",
        "credentials",
        "secret",
        "api key",
        "private key",
        "access token",
        "security code",
        "confidential",
        "sensitive",
        "credit card",
    ],
    &[
        "delete", "erase", "wipe", "execute", "run the", "call the", "invoke", "install", "visit", "open the", "click",
        "download", "unlock", "disable", "turn off",
    ],
    &["task", "request", "question", "goal", "objective", "assignment", "mission"],
    &[
        "system",
        "administrator",
        "admin",
        "developer",
        "security team",
        "compliance",
        "policy",
        "authorised",
        "authorized",
        "permission",
        "approved",
    ],
    &["important", "attention", "critical", "priority", "special case", "warning", "notice", "top priority"],
    &["above", "before", "previous", "earlier", "prior", "so far", "instead", "now", "from now", "new", "next"],
    &["your", "you", "yourself"],
    &[
        "secretly",
        "quietly",
        "silently",
        "hidden",
        "between us",
        "nothing happened",
        "does not need to",
        "not mention",
        "keep quiet",
    ],
];
/// This many groups within so many bytes make an anchor.
const HINTS_MIN: usize = 3;
const HINTS_REACH: usize = 90;

/// Tell-tale words in ROT13.
const ROT13: &[&str] = &[
    "vafgehpg",
    "cerivbhf",
    "vtaber",
    "qvfertneq",
    "flfgrz cebzcg",
    "cnffjbeq",
    "perqragvny",
    "bireevqr",
    "lbh ner abj",
    "qb abg gryy",
    "sbetrg rirel",
    "ercrng rirelguvat",
    "erirny lbhe",
    "olcnff",
    "qrirybcre zbqr",
    "erfgevpgvbaf",
    "thvqryvarf",
    "jvgubhg gryyvat",
    "gur hfre",
    "nffvfgnag",
    "rkrphgr",
];
/// Tell-tale words backwards.
const REVERSED: &[&str] = &[
    "snoitcurtsni",
    "suoiverp",
    "erongi",
    "dragersid",
    "tpmorp metsys",
    "drowssap",
    "laitnederc",
    "edirrevo",
    "won era uoy",
    "llet ton od",
    "yreve tegrof",
    "gnihtyreve taeper",
    "ruoy laever",
    "ssapyb",
    "edom repoleved",
    "snoitcirtser",
    "senilediug",
    "gnillet tuohtiw",
    "tnatsissa",
    "etucexe",
];
/// Beginnings of paths.
const PATHS: &[&str] = &[
    "../",
    "..\\",
    "..%",
    "%2e%2e",
    "....//",
    "/etc/",
    "/proc/",
    "/root/",
    "c:\\",
    "c:/",
    "\\\\",
    "file:",
    ".ssh",
    "id_rsa",
    "/.aws",
    "/.env",
    "/var/",
    "/usr/local",
    "/usr/spool",
    "/opt/",
    "/volumes/",
    "/.netrc",
    "/.bash_history",
    "/.pgpass",
    "/.rhosts",
    "httpd.conf",
    "php.ini",
    "xampp",
    "0x2f",
    "0x5c",
    "%%32",
    "%uff",
    "win.ini",
    "boot.ini",
    "system32",
    "%c0%a",
    "%252",
    "/dev/",
    "web-inf",
    "/sys/",
    "/boot/",
    "wp-config",
    ".htaccess",
    ".htpasswd",
    "php://",
    "%00",
    "..;",
    "0x2e",
    "%uf025",
    "%5c",
    "%2f",
    "..;/",
    "/home/",
    "~/.",
    "keychain",
    "%systemroot",
    "%windir",
    "%appdata",
    "login data",
    "::$",
    "zip://",
    "data://",
    "glob://",
    "compress.zlib",
];
/// Words of query languages. Text without signs is a statement only where one of them stands.
const QUERIES: &[&str] = &[
    "select",
    "union",
    "order by",
    "group by",
    "sleep",
    "waitfor",
    "drop ",
    "truncate",
    "delete ",
    "update ",
    "insert ",
    "grant ",
    "exec",
    " or ",
    " and ",
    "or true",
    "and true",
    "and 0",
    "having",
    "like ",
    "flushall",
    "shutdown",
    "benchmark",
    "attach ",
    "alter ",
    "into outfile",
    "handler ",
    "create user",
    "create role",
    "config set",
];
/// Commands that are words alone, and no words of sentences.
const COMMANDS: &[&str] = &[
    "ufw disable",
    "unset hist",
    "dump-keychain",
    "csrutil disable",
    "setenforce",
    "netsh advfirewall",
    "systemctl stop",
    "systemctl disable",
];
/// Embedded resources.
const EMBEDS: &[&str] = &["![", "<img", "<iframe", "<script", "<link", "url("];

/// The automaton and its owners.
pub struct Signals {
    automaton: Automaton,
    owners: Vec<Signal>,
}

static SIGNALS: LazyLock<Signals> = LazyLock::new(Signals::build);

impl Signals {
    #[expect(clippy::expect_used, reason = "the literals are constants, and tests build them")]
    fn build() -> Self {
        let patterns = literals();
        let automaton = Automaton::new(patterns.iter().map(|(literal, _)| *literal)).expect("constant literals");
        Self { automaton, owners: patterns.into_iter().map(|(_, owner)| owner).collect() }
    }
}

/// All literals with their owners.
fn literals() -> Vec<(&'static str, Signal)> {
    let mut patterns: Vec<(&str, Signal)> = Vec::new();
    patterns.extend(phrases::anchor_words().map(|(word, anchor)| match anchor {
        Anchor::Metadata => (word, Signal::WordInMetadata),
        Anchor::Always | Anchor::No => (word, Signal::Word),
    }));
    for (group, words) in (0u8..).zip(HINTS) {
        patterns.extend(words.iter().map(|word| (*word, Signal::Hint(group))));
    }
    patterns.extend(ROT13.iter().map(|word| (*word, Signal::Rot13)));
    patterns.extend(REVERSED.iter().map(|word| (*word, Signal::Reversed)));
    patterns.extend(secrets::prefixes().map(|(row, prefix)| (prefix, Signal::Secret(row))));
    patterns.extend(secrets::NAMES.iter().map(|name| (*name, Signal::SecretName)));
    patterns.extend(secrets::CAPITALS.iter().map(|name| (*name, Signal::SecretCapitals)));
    patterns.extend(secrets::issuers().map(|name| (name, Signal::SecretOwner)));
    patterns.extend(urls::STARTS.iter().map(|start| (*start, Signal::Url)));
    patterns.extend(PATHS.iter().map(|path| (*path, Signal::Path)));
    patterns.extend(QUERIES.iter().map(|word| (*word, Signal::Query)));
    patterns.extend(COMMANDS.iter().map(|command| (*command, Signal::Command)));
    for (cue, words) in persons::CUES {
        patterns.extend(words.iter().map(|word| (*word, Signal::Personal(*cue))));
    }
    patterns.extend(EMBEDS.iter().map(|embed| (*embed, Signal::Embed)));
    patterns
}

/// All signals in a text, ordered by where they end. Runs of white space, commas and asterisks count as one space, so
/// that words can stand apart as they like. Allocates only where something is found.
#[must_use]
pub fn find(text: &str) -> Vec<Hit> {
    let signals = &*SIGNALS;
    let mut hits = Vec::new();
    let mut hints = Hints::default();
    // A DFA that allows unanchored searches always has this state.
    let bytes = text.as_bytes();
    signals.automaton.find(bytes, |Found { literal, start, end }| {
        let Some(signal) = signals.owners.get(literal) else { return };
        let counts = match signal {
            Signal::Hint(group) => stands_alone(bytes, start, end) && hints.are_many(*group, end),
            Signal::SecretCapitals => bytes.get(start..end).is_some_and(|name| name.iter().all(u8::is_ascii_uppercase)),
            signal => !is_word(*signal) || stands_alone(bytes, start, end),
        };
        if counts {
            let signal = if matches!(signal, Signal::Hint(_)) { Signal::Word } else { *signal };
            hits.push(Hit { signal, start, end });
        }
    });
    hits
}

/// The hints that were seen last, one place for each group.
#[derive(Default)]
struct Hints {
    ends: [usize; HINTS.len()],
    last: usize,
}

impl Hints {
    /// Notes a hint, and whether enough groups stand close together now. Those that made an anchor are forgotten.
    fn are_many(&mut self, group: u8, end: usize) -> bool {
        if let Some(last) = self.ends.get_mut(usize::from(group)) {
            *last = end;
        }
        let from = end.saturating_sub(HINTS_REACH).max(1);
        // Far from all others: there is nothing to count.
        let alone = self.last < from;
        self.last = end;
        if alone {
            return false;
        }
        let many = self.ends.iter().filter(|last| **last >= from).count() >= HINTS_MIN;
        if many {
            self.ends = [0; HINTS.len()];
        }
        many
    }
}

const fn is_word(signal: Signal) -> bool {
    matches!(signal, Signal::Word | Signal::WordInMetadata)
}

/// Whether a word begins where it is found, and ends there if it is short: `ai` is not in `said`.
fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    !letter(start.checked_sub(1)) && (end - start > 5 || !letter(Some(end)))
}

/// Builds the tables now rather than at the first message.
pub fn prepare() {
    let _ = find("");
}

#[cfg(test)]
mod tests;
