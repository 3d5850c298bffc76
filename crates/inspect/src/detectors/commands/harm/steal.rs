//! Commands that read credentials, and commands that carry secrets out.

use super::{Call, Harm, SUBSTITUTE, is_vital};
use crate::finding::Severity;

const READS: &str = "reads credentials";
const OUT: Harm = ("exfiltration", Severity::High, "sends secrets over the network");

pub(super) fn judge(call: &Call<'_>) -> Option<Harm> {
    sends(call).or_else(|| asks_names(call)).or_else(|| reads(call)).or_else(|| tools(call))
}

/// Files that hold what others must not have. Those that a developer looks at are left out.
pub(super) fn is_secret(path: &str) -> bool {
    const PARTS: &[&str] = &[
        "/.aws/credentials",
        "/.netrc",
        "/.git-credentials",
        "/.gnupg",
        "/.docker/config.json",
        "/.kube/config",
        "/.pgpass",
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/master.passwd",
        "login data",
        "/cookies",
        "cookies.sqlite",
        "logins.json",
        "key4.db",
        "keychains/",
        "login.keychain",
        "wallet.dat",
        "/.config/gcloud/",
        "/.azure/",
        "/var/run/secrets/",
        "/run/secrets/",
        "ntds.dit",
        "/.npmrc",
        "/.pypirc",
        "/.vault-token",
        "/.config/gh/hosts",
        "config\\sam",
        "lsass.dmp",
        "/.ssh/*",
        "/.mozilla/",
        "/.terraform.d/credentials",
        "/.electrum",
        "/.bitcoin/",
        "/etc/krb5.keytab",
        "/etc/kubernetes/admin.conf",
        "/etc/sudoers",
        "\\.ssh\\",
        "/.password-store",
    ];
    let path = path.trim_start_matches(['@', '<', '"', '\'']);
    let sample = [".example", ".sample", ".template", ".dist"].iter().any(|ending| path.ends_with(ending));
    let public = sample || path.ends_with(".pub") || path.contains("known_hosts") || path.ends_with("/.ssh/config");
    let key =
        ["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"].iter().any(|key| path.rsplit(['/', '\\']).next() == Some(key));
    let environment = path.starts_with("/proc/") && path.ends_with("/environ");
    !public && (key || environment || PARTS.iter().any(|part| path.contains(part)))
}

/// Files that may leave a developer's screen but not the machine.
fn is_private(path: &str) -> bool {
    let path = path.trim_start_matches(['@', '<', '"', '\'']);
    let base = path.rsplit(['/', '\\']).next().unwrap_or(path);
    is_secret(path)
        || matches!(
            base,
            ".env" | ".bash_history" | ".zsh_history" | "passwd" | ".env.local" | ".env.production" | "secrets.yml"
        )
        || path.contains("/.ssh")
        || path.contains("/.aws")
        || path.contains("/.kube")
}

fn reads(call: &Call<'_>) -> Option<Harm> {
    let reader = call.is(&[
        "cat",
        "less",
        "more",
        "head",
        "tail",
        "tac",
        "bat",
        "nl",
        "base64",
        "base32",
        "xxd",
        "od",
        "strings",
        "type",
        "gc",
        "get-content",
        "hexdump",
        "cut",
        "sort",
        "rev",
        "vi",
        "vim",
        "nano",
        "code",
        "open",
        "grep",
        "awk",
        "sed",
        "cp",
        "sqlite3",
        "dd",
        "tar",
        "zip",
        "gzip",
        "copy",
        "xargs",
        "python",
        "python3",
        "while",
        "read",
        "printf",
        "echo",
        "install",
        "pbcopy",
    ]);
    let named = call
        .targets()
        .chain(call.simple.reads.iter().map(String::as_str))
        .any(|target| is_secret(&target.to_ascii_lowercase()));
    // Copying a key into its own place or packing a project is work; showing one is not.
    let moves = call.is(&["cp", "copy", "install"]) && !call.targets().next().is_some_and(is_secret);
    (reader && named && !moves).then_some(("credential-read", Severity::High, READS))
}

/// Programs whose purpose it is, and what they are asked for.
fn tools(call: &Call<'_>) -> Option<Harm> {
    let has = |word: &str| call.arguments.iter().any(|argument| argument.contains(word));
    let found = match call.program {
        "security" => {
            has("find-generic-password") && call.flag('w', "-w")
                || has("dump-keychain")
                || has("find-internet-password") && call.flag('w', "-w")
        }
        "procdump" | "procdump64" | "rundll32" => has("lsass") || has("minidump"),
        "mimikatz" | "secretsdump.py" | "secretsdump" | "lazagne" | "pypykatz" | "unshadow" | "gsecdump" | "pwdump" => {
            true
        }
        "reg" => {
            has("save")
                && call
                    .arguments
                    .iter()
                    .any(|a| a.ends_with("\\sam") || a.ends_with("\\security") || a.ends_with("\\system"))
        }
        "secret-tool" => has("search") || has("lookup"),
        "vaultcmd" | "cmdkey" => has("/list"),
        "invoke-mimikatz" => true,
        _ => false,
    };
    found.then_some(("credential-read", Severity::High, READS))
}

/// Programs that talk to others.
const NETWORK: &[&str] = &[
    "curl",
    "wget",
    "nc",
    "ncat",
    "netcat",
    "scp",
    "rsync",
    "sftp",
    "ftp",
    "tftp",
    "mail",
    "mailx",
    "sendmail",
    "mutt",
    "socat",
    "telnet",
    "invoke-webrequest",
    "iwr",
    "invoke-restmethod",
    "irm",
    "http",
    "https",
    "rclone",
    "ssh",
    "aws",
    "gsutil",
    "openssl",
];

/// Secrets that go out by programs that talk to others.
fn sends(call: &Call<'_>) -> Option<Harm> {
    if !call.is(NETWORK) {
        return None;
    }
    let outward = call.arguments.iter().any(|argument| {
        let host = argument.split("://").nth(1).unwrap_or(argument);
        let own = host.starts_with("localhost") || host.starts_with("127.");
        !own && argument.contains(['.', '@', ':'])
    });
    // The key that opens the connection is no cargo.
    let key = call.after(&["-i", "--cert", "--key", "-e"]);
    let carries = |target: &str| {
        let lower = target.to_ascii_lowercase();
        let named = lower.rsplit_once('=').filter(|(_, file)| file.starts_with(['@', '<', '/', '~']));
        let target = named.map_or(lower.as_str(), |(_, file)| file);
        is_private(target) && Some(target) != key
    };
    let named = sent(call).into_iter().any(carries) || call.simple.reads.iter().any(|target| carries(target));
    let flows = call.sources().any(|(name, simple)| {
        let first = simple.words.first().map_or("", String::as_str);
        let packs = matches!(name, "tar" | "zip" | "cat" | "dd" | "gzip" | "cpio" | "find");
        matches!(first, "env" | "printenv" | "history" | "set" | "export") && simple.words.len() < 3
            || packs
                && simple.words.iter().skip(1).any(|word| is_vital(word))
                && call.is(&["nc", "ncat", "netcat", "socat", "curl"])
            || simple.words.iter().chain(&simple.reads).skip(1).any(|word| carries(word))
    });
    (outward && (named || flows)).then_some(OUT)
}

/// What a call sends, not what it fetches or saves.
fn sent<'a>(call: &'a Call<'_>) -> Vec<&'a str> {
    const DATA: &[&str] =
        &["-d", "--data", "--data-binary", "--data-raw", "--data-urlencode", "-f", "--form", "-t", "--upload-file"];
    match call.program {
        "curl" => {
            let pairs = call.arguments.windows(2).filter_map(|two| match two {
                [option, value] if DATA.contains(&option.as_str()) => Some(value.as_str()),
                _ => None,
            });
            pairs.filter(|value| value.contains(['@', '/', '<'])).collect()
        }
        "wget" => {
            let posts = call.arguments.iter().filter(|a| a.starts_with("--post-file") || a.starts_with("--body-file"));
            posts.map(String::as_str).collect()
        }
        "ssh" | "openssl" => Vec::new(),
        _ => call.targets().filter(|target| !target.contains("://")).collect(),
    }
}

/// Data in the names that a resolver is asked for: `ping $(id).x.example`.
fn asks_names(call: &Call<'_>) -> Option<Harm> {
    let asks = call.is(&["ping", "nslookup", "dig", "host", "drill", "curl", "wget", "traceroute", "resolvectl"]);
    let carries = call.arguments.iter().any(|argument| {
        let host = argument.split("://").nth(1).unwrap_or(argument);
        let host = host.split(['/', '?']).next().unwrap_or(host);
        host.split_once(SUBSTITUTE).is_some_and(|(_, after)| after.starts_with('.') && after.len() > 3)
    });
    (asks && carries).then_some(("exfiltration", Severity::High, "sends data in the name of a host"))
}
