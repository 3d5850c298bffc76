//! CI002: paths that leave where they belong: parent directories, encoded and disguised ones, absolute system files,
//! network shares. A relative path with one step up, or a path in prose, is ordinary.

mod places;

use std::ops::Range;
use std::sync::LazyLock;

use crate::detectors::needles::Needles;
use crate::detectors::roles;
use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::normalise::{Layer, Making};
use crate::signals::Signal;
use crate::text::{Place, Text, What};
use places::{FILES, FORMS};

/// The detector.
#[derive(Debug)]
pub struct Paths;

const ID: &str = "CI002";

impl Inspector for Paths {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Path traversal",
            catches: "Two or more steps to parent directories, any step that is encoded or disguised, null bytes, system \
                      and credential files by absolute path, network shares, stream wrappers.",
            misses: "Links in the file system, and absolute paths that are only wrong for this server; roots are policy.",
            severity: Severity::High,
            why: "A server that joins the path to its root reads or writes files that it must not touch.",
            remedy: "Refuse the call; give the server a root, and let the sandbox enforce it.",
            example: "../../../../etc/passwd",
            maturity: Maturity::Stable,
            references: &["OWASP-ASI-2026:ASI02", "OWASP-MCP-2025:MCP05", "COSAI-MCP:T3", "CWE-22", "CWE-59"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        if !text.kind.from_client() || text.plain {
            return;
        }
        let role = Role::of(text);
        if role == Role::Content {
            return;
        }
        for (number, layer) in text.layers.iter() {
            let sign = memchr::memchr3(b'%', b'\\', b'\0', layer.text().as_bytes()).is_some();
            if !sign && !layer.hits.iter().any(|hit| hit.signal == Signal::Path) && !layer.text().contains("..") {
                continue;
            }
            let encoded = matches!(
                layer.making,
                Making::Decoded("percent encoding" | "HTML entities" | "backslash escapes" | "hexadecimal")
            ) || matches!(layer.making, Making::Folded { styled: true, .. });
            if let Some((range, rule, severity, confidence, detail)) = judge(layer, role, encoded) {
                let what = What { id: ID, rule, severity, confidence, detail };
                findings.push(text.finding(Place { layer: number, range }, what));
                return;
            }
        }
    }
}

/// What the parameter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A path, a file, a URI; or a short value without white space.
    Path,
    /// A command or code, in which paths are written as it likes.
    Command,
    /// Text in which paths are only mentioned.
    Content,
}

impl Role {
    fn of(text: &Text<'_>) -> Self {
        let spaces = text.original.trim().bytes().filter(u8::is_ascii_whitespace).take(DOCUMENT_SPACES_MIN).count();
        match roles::Role::of(text) {
            roles::Role::Command | roles::Role::Query if spaces > 0 => Self::Command,
            roles::Role::Content | roles::Role::Template if spaces >= PROSE_SPACES_MIN || text.original.len() > 200 => {
                Self::Content
            }
            roles::Role::Unknown if spaces >= DOCUMENT_SPACES_MIN => Self::Content,
            roles::Role::Unknown if spaces >= PROSE_SPACES_MIN => Self::Command,
            roles::Role::Content | roles::Role::Template => Self::Command,
            _ => Self::Path,
        }
    }
}

/// Content with so much white space speaks of paths.
const PROSE_SPACES_MIN: usize = 2;
/// A text without a name with so much white space is a document.
const DOCUMENT_SPACES_MIN: usize = 12;
/// So far behind steps to a parent stands the file that they lead to.
const REACH_BYTES: usize = 80;

/// A part of a text, cut at letters.
fn near(text: &str, start: usize, end: usize) -> &str {
    let [start, end] = [start, end].map(|at| text.floor_char_boundary(at.min(text.len())));
    text.get(start..end).unwrap_or_default()
}

type Judged = (Range<usize>, &'static str, Severity, f32, &'static str);

fn judge(layer: &Layer<'_>, role: Role, encoded: bool) -> Option<Judged> {
    let text = layer.text();
    let lower = text.to_ascii_lowercase();
    let steps = steps_up(text);
    if let Some((range, count)) = &steps {
        // What stands right behind the steps says where they lead.
        let reaches = sensitive(near(&lower, range.start, range.end + REACH_BYTES)).is_some();
        if encoded && (role == Role::Path || reaches) {
            return Some((
                range.clone(),
                "encoded-traversal",
                Severity::High,
                0.95,
                "steps to a parent directory are encoded",
            ));
        }
        let neighbour = *count <= 3 && !encoded && is_source(&lower);
        if reaches || *count >= 2 && role == Role::Path && !neighbour {
            return Some((range.clone(), "traversal", Severity::High, 0.9, "leaves its directory by several steps"));
        }
    }
    if role == Role::Path {
        if let Some(range) = disguised(&lower) {
            return Some((
                range,
                "disguised-traversal",
                Severity::High,
                0.93,
                "steps to a parent directory are disguised",
            ));
        }
        if let Some(at) = text.find('\0').or_else(|| lower.find("%00")) {
            return Some((at..at + 1, "null-byte", Severity::High, 0.9, "a null byte cuts the path short"));
        }
        if text.starts_with("\\\\") && text.len() > 4 && text.as_bytes().get(2).is_some_and(u8::is_ascii_alphanumeric)
            || text.starts_with("\\\\?\\")
            || text.starts_with("\\\\.\\")
        {
            return Some((
                0..text.len(),
                "network-share",
                Severity::High,
                0.85,
                "leads to a network share or a device",
            ));
        }
        if let Some(range) = sensitive(&lower) {
            let whole = starts_like_path(&lower);
            if whole {
                return Some((
                    range,
                    "system-file",
                    Severity::High,
                    0.85,
                    "leads to a file of the system or to credentials",
                ));
            }
        }
    }
    None
}

/// Whether a path leads to a source file: projects reach their neighbours by two steps up and a name with such an ending.
fn is_source(lower: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "ts", "tsx", "js", "jsx", "mjs", "cjs", "rs", "go", "py", "java", "kt", "swift", "c", "h", "cc", "cpp", "hpp",
        "cs", "rb", "vue", "svelte", "css", "scss", "less", "html", "md", "mdx", "rst", "svg", "png", "ipynb", "dart",
        "scala", "proto", "graphql", "tf", "lua",
    ];
    let base = lower.rsplit('/').next().unwrap_or(lower);
    base.rsplit_once('.').is_some_and(|(name, ending)| !name.is_empty() && ENDINGS.contains(&ending))
        && !lower.contains(['%', '\0', '\\', '~'])
        && lower.starts_with("..")
}

fn starts_like_path(lower: &str) -> bool {
    let trimmed = lower.trim_start();
    let drive = matches!(trimmed.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    drive || trimmed.starts_with(['/', '~', '\\', '.', '%', '$']) || trimmed.contains("://") || !trimmed.contains(' ')
}

/// Consecutive steps to the parent directory: where, and how many.
fn steps_up(text: &str) -> Option<(Range<usize>, usize)> {
    let bytes = text.as_bytes();
    let mut found: Option<(Range<usize>, usize)> = None;
    let mut count = 0;
    let mut start = 0;
    for at in memchr::memmem::find_iter(bytes, b"..") {
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        let after = bytes.get(at + 2);
        let begins = before
            .is_none_or(|b| matches!(b, b'/' | b'\\' | b'"' | b'\'' | b'=' | b' ' | b':' | b'(' | b'\n' | b';' | b'&'));
        let ends = after.is_none_or(|b| matches!(b, b'/' | b'\\'));
        // `..` alone and `1..2` are not steps; `..` at the very end of a path is.
        if begins && ends && (after.is_some() || before.is_some_and(|b| matches!(b, b'/' | b'\\'))) {
            if count == 0 {
                start = at;
            }
            count += 1;
            found = Some((start..(at + 3).min(text.len()), count));
        }
    }
    found
}

/// Steps to the parent that only a careless decoder or filter would turn into one.
fn disguised(lower: &str) -> Option<Range<usize>> {
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(FORMS));
    let found = NEEDLES.find(lower)?;
    // One step inside a path, `a/../b`, stays in it.
    let form = lower.get(found.clone())?;
    let inner = matches!(form, "/../" | "\\..\\") && !lower.starts_with(form) && lower.matches("..").count() < 2;
    let neighbour = form == "/../" && lower.matches("..").count() <= 3 && is_source(lower);
    let ellipsis = form == ".../" && !lower.starts_with("...");
    (!inner && !ellipsis && !neighbour).then_some(found)
}

/// Files that nobody's tool should be asked for.
fn sensitive(lower: &str) -> Option<Range<usize>> {
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(FILES));
    let disguise = [lower.find(".."), lower.find('%')].into_iter().flatten().min().unwrap_or(usize::MAX);
    let file = |range: &Range<usize>| {
        // A folder of the system stands at the beginning, or behind steps and other roots; elsewhere it is a namesake.
        let rooted = lower.get(range.clone()).is_some_and(|file| SYSTEM.iter().any(|folder| file.starts_with(folder)));
        let before = lower.get(..range.start).unwrap_or_default();
        let begins = before.is_empty()
            || before.ends_with([
                '/', '.', ':', '=', '"', '\'', ' ', '(', ',', '<', '@', ';', '|', '&', '?', '`', '>', '}', '{', '\\',
                '%',
            ])
            || disguise < range.start
            || ["/root", "/host", "/mnt", "/rootfs", "localhost", "c:", "/volumes/macintosh_hd1"]
                .iter()
                .any(|root| before.ends_with(root));
        !rooted || begins
    };
    // `//etc/./passwd` is the same file.
    if lower.len() <= PATH_BYTES_MAX && (lower.contains("/./") || lower.contains("//") && !lower.contains("://")) {
        let mut plain = lower.to_owned();
        while plain.contains("/./") || plain.contains("//") {
            plain = plain.replace("/./", "/").replace("//", "/");
        }
        let leads = SYSTEM.iter().any(|folder| plain.starts_with(folder))
            && NEEDLES.find(&plain).is_some_and(|range| range.start == 0);
        if leads {
            return Some(0..lower.len());
        }
    }
    NEEDLES.all(lower).map(|(_, range)| range).find(file)
}

/// No system takes longer paths.
const PATH_BYTES_MAX: usize = 4096;

/// Folders of the system that other trees have namesakes of.
const SYSTEM: &[&str] = &["/etc/", "/proc/", "/var/", "/usr/", "/root/", "/boot/", "/dev/", "/sys/", "/opt/"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use crate::text::TextKind;

    fn rules(text: &str, parameter: &str) -> Vec<String> {
        let found = Registry::new(vec![Box::new(Paths)]).inspect_text(
            text,
            TextKind::Arguments,
            Some("read_file"),
            Some(parameter),
        );
        found.as_slice().iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn traversals() {
        for (path, rule) in [
            (Paths.card().example, "traversal"),
            ("..\\..\\windows\\win.ini", "traversal"),
            ("%2e%2e%2f%2e%2e%2fetc%2fpasswd", "encoded-traversal"),
            ("..%252f..%252fetc/passwd", "encoded-traversal"),
            ("..%c0%af..%c0%afetc", "disguised-traversal"),
            ("....//....//etc", "disguised-traversal"),
            ("report.pdf\0.txt", "null-byte"),
            ("\\\\attacker\\share\\x", "network-share"),
            ("/etc/shadow", "system-file"),
            ("~/.ssh/id_rsa", "system-file"),
            ("．．／．．／etc/x", "encoded-traversal"),
        ] {
            assert!(
                rules(path, "path")
                    .iter()
                    .any(|found| found == rule || found.ends_with("traversal") && rule.ends_with("traversal")),
                "{path}: {:?}",
                rules(path, "path")
            );
        }
    }

    #[test]
    fn ordinary_paths() {
        for (path, parameter) in [
            ("../README.md", "path"),
            ("src/../lib.rs", "path"),
            ("/home/ada/project/src/main.rs", "path"),
            ("import x from '../../util'; // see ../README.md", "content"),
            ("docs/etc/readme.md", "path"),
            ("C:\\Users\\ada\\report.docx", "path"),
            ("1..10", "range"),
            ("wait... what", "message"),
        ] {
            assert!(rules(path, parameter).is_empty(), "{path}: {:?}", rules(path, parameter));
        }
    }
}
