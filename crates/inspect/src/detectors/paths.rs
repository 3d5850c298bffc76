//! CI002: paths that leave where they belong: parent directories, encoded and disguised ones, absolute system files,
//! network shares. A relative path with one step up, or a path in prose, is ordinary.

use std::ops::Range;
use std::sync::LazyLock;

use crate::detectors::needles::Needles;
use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::normalise::{Layer, Making};
use crate::signals::Signal;
use crate::text::{Place, Text, TextKind, What};

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
    /// Text or code in which paths are only mentioned.
    Content,
}

impl Role {
    fn of(text: &Text<'_>) -> Self {
        if text.kind == TextKind::ResourceUri {
            return Self::Path;
        }
        let spaces = text.original.trim().bytes().filter(u8::is_ascii_whitespace).count();
        let name = text.parameter.unwrap_or_default().to_ascii_lowercase();
        let content = [
            "content",
            "text",
            "code",
            "body",
            "message",
            "description",
            "prompt",
            "query",
            "command",
            "script",
            "diff",
            "patch",
            "comment",
            "string",
        ];
        if content.iter().any(|word| name.contains(word)) && (spaces > 0 || text.original.len() > 200) {
            return Self::Content;
        }
        let path = [
            "path",
            "file",
            "dir",
            "folder",
            "uri",
            "url",
            "root",
            "location",
            "source",
            "destination",
            "target",
            "name",
        ];
        if path.iter().any(|word| name.contains(word)) || spaces <= 1 { Self::Path } else { Self::Content }
    }
}

type Judged = (Range<usize>, &'static str, Severity, f32, &'static str);

fn judge(layer: &Layer<'_>, role: Role, encoded: bool) -> Option<Judged> {
    let text = layer.text();
    let lower = text.to_ascii_lowercase();
    let steps = steps_up(text);
    if let Some((range, count)) = &steps {
        let reaches = sensitive(&lower).is_some();
        if encoded {
            return Some((
                range.clone(),
                "encoded-traversal",
                Severity::High,
                0.95,
                "steps to a parent directory are encoded",
            ));
        }
        if reaches || *count >= 2 && role == Role::Path {
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

const FORMS: &[&str] = &[
    "%2e%2e",
    "%252e",
    "%c0%a",
    "%c1%",
    "%c0%",
    "%e0%80",
    "%f0%80",
    "%f8%80",
    "%fc%80",
    "%uf025",
    "%uff0e",
    "%u002e",
    "%u2215",
    "%u2216",
    "%ufe",
    "..%2f",
    "..%5c",
    "..%25",
    "..;/",
    "..%u",
    "....//",
    "....\\\\",
    "...//",
    "..//",
    "..\\\\",
    "..\\/",
    "0x2e",
    "..0x2f",
    "..0x5c",
    ".%2e",
    "%2e.",
    "..%01",
    "..%0",
    "..%c",
    "..%e",
    "..%f",
    ".%00.",
    "..%bg",
    "%bg%qf",
    "?x?2e",
    "..?x",
    "/.././",
    "/./..",
    ".?\\",
    "..%s",
    "\\u002e",
    "..\u{2215}",
    "..\u{2216}",
    "..\u{ff0f}",
    "%ae",
    "..|",
    "%%32%65",
    "%%32%%65",
    "..%%32%%66",
    "%%35",
    "%25%5c",
    "..%d",
    "%dt",
    ".//..",
    ".\\/.",
    "/..;",
    "php://",
    "phar://",
    "expect://",
    "/../",
    "\\..\\",
    "%5c..",
    "%2f..",
    "..2f",
    "..5c",
    "%c0.",
    "%c0%2",
    "%c0%5",
    "%c0%f",
    "%c0%6",
    "%%c0",
    "%fc%8",
    "%25c1",
    "%25c0",
    "%255c",
    "%252f",
    ".../",
];

/// Steps to the parent that only a careless decoder or filter would turn into one.
fn disguised(lower: &str) -> Option<Range<usize>> {
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(FORMS));
    let found = NEEDLES.find(lower)?;
    // One step inside a path, `a/../b`, stays in it.
    let form = lower.get(found.clone())?;
    let inner = matches!(form, "/../" | "\\..\\") && !lower.starts_with(form) && lower.matches("..").count() < 2;
    let ellipsis = form == ".../" && !lower.starts_with("...");
    (!inner && !ellipsis).then_some(found)
}

const FILES: &[&str] = &[
    "/var/adm/",
    "/.rhosts",
    "0x2fetc0x2f",
    "0x5cetc0x5c",
    "%%32%%66etc",
    "/etc/nsswitch",
    "/usr/spool/",
    "/var/spool/",
    "/var/lp/",
    "/volumes/webbackup",
    "/volumes/macintosh_hd1",
    "/httpd.conf",
    "/proftp.conf",
    "/php.ini",
    "/httpd.conf.php",
    "/.netrc",
    "/.bash_history",
    "/.zsh_history",
    "/.pgpass",
    "/.mysql_history",
    "metabase.xml",
    "\\inetsrv",
    "/inetsrv/",
    "/opt/xampp/",
    "\\xampp\\",
    "/xampp/",
    "/lampp/",
    "/usr/local/apache",
    "/usr/local/php",
    "/apache2/conf/",
    "/apache/conf/",
    "/apache/logs/",
    "/var/www/logs/",
    "/var/lib/php",
    "/var/lib/mysql",
    "/var/mysql",
    "/php4/sessions",
    "/php5/sessions",
    "/php/sessions",
    "/php/session/",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/hosts",
    "/etc/sudoers",
    "/etc/ssh",
    "/etc/issue",
    "/etc/crontab",
    "/etc/mysql",
    "/etc/my.cnf",
    "/etc/apache",
    "/etc/httpd",
    "/etc/nginx",
    "/etc/fstab",
    "/etc/motd",
    "/etc/resolv",
    "/etc/network",
    "/etc/php",
    "/etc/security",
    "/etc/init",
    "/etc/rc",
    "/etc/kubernetes",
    "/etc/profile",
    "/etc/bash",
    "/etc/ftp",
    "/etc/proftpd",
    "/etc/vsftpd",
    "/etc/samba",
    "/etc/master.passwd",
    "/etc/gshadow",
    "/etc/lilo",
    "/etc/grub",
    "/etc/inetd",
    "/etc/exports",
    "/etc/syslog",
    "/etc/logrotate",
    "/etc/printcap",
    "/etc/redhat-release",
    "/etc/debian",
    "/etc/hostname",
    "/etc/at.",
    "/etc/cron",
    "/etc/pam",
    "/etc/ldap",
    "/etc/openldap",
    "/etc/snmp",
    "/etc/squid",
    "/etc/X11",
    "/etc/chrootusers",
    "/etc/aliases",
    "/etc/termcap",
    "/etc/wu-ftpd",
    "/etc/utmp",
    "/etc/wtmp",
    "/etc/updatedb",
    "/etc/webmin",
    "/etc/vhcs",
    "/etc/pure-ftpd",
    "/etc/mtab",
    "/etc/services",
    "/etc/shells",
    "/etc/netconfig",
    "/etc/sysctl",
    "/proc/self",
    "/proc/version",
    "/proc/cmdline",
    "/proc/cpuinfo",
    "/proc/net",
    "/proc/mounts",
    "/proc/meminfo",
    "/proc/1/",
    "/proc/sched",
    "/proc/stat",
    "/proc/swaps",
    "/proc/modules",
    "/proc/filesystems",
    "/proc/interrupts",
    "/proc/ioports",
    "/proc/partitions",
    "/proc/devices",
    "/proc/loadavg",
    "/proc/uptime",
    "/root/",
    "/var/log/",
    "/var/lib/mysql",
    "/var/run/secrets",
    "/run/secrets",
    "/var/run/docker.sock",
    "/var/mail",
    "/var/spool",
    "/var/run/utmp",
    "/var/adm/",
    "/var/apache",
    "/var/www/logs",
    "/var/www/conf",
    "/usr/local/apache",
    "/opt/lampp",
    "/var/cpanel",
    "/usr/local/etc/",
    "/usr/local/psa",
    "/usr/pkgsrc",
    "/usr/etc/",
    "/boot/grub",
    "/dev/mem",
    "/dev/kmem",
    "/dev/sda",
    "/dev/tcp",
    "/sys/kernel",
    "/home/$user",
    "/apache/logs",
    "/logs/access",
    "/logs/error",
    "access_log",
    "error_log",
    "access.log",
    "error.log",
    "/apache2/logs",
    "/usr/lib/security",
    "/usr/local/php",
    "/usr/lib/php",
    "php.ini",
    "httpd.conf",
    "my.cnf",
    "my.ini",
    "/xampp/",
    ".ssh/",
    "id_rsa",
    "id_ed25519",
    "id_dsa",
    ".aws/cred",
    ".aws/config",
    ".kube/config",
    ".docker/config",
    ".gnupg",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".bash_history",
    ".zsh_history",
    ".mysql_history",
    ".psql_history",
    ".htpasswd",
    ".htaccess",
    "wp-config.php",
    ".git/config",
    ".cursor/mcp.json",
    "claude_desktop_config",
    "/windows/system32",
    "\\windows\\system32",
    "windows/win.ini",
    "windows\\win.ini",
    "win.ini",
    "boot.ini",
    "\\repair\\sam",
    "/repair/sam",
    "ntds.dit",
    "sysprep",
    "unattend.xml",
    "unattended.xml",
    "web.config",
    "web-inf/",
    "\\inetpub\\",
    "/inetpub/",
    "system.ini",
    "\\config\\sam",
    "/config/sam",
    "c:/windows",
    "c:\\windows",
    "winnt",
    "autoexec.bat",
    "\\users\\administrator",
    "/users/administrator",
    "documents and settings",
    "desktop.ini",
    "\\mysql\\",
    "/mysql/data",
    "iis6.log",
    "iis7.log",
    "windowsupdate.log",
    "pagefile.sys",
];

/// Files that nobody's tool should be asked for.
fn sensitive(lower: &str) -> Option<Range<usize>> {
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(FILES));
    NEEDLES.find(lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

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
