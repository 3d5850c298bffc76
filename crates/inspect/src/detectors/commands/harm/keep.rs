//! Commands that stay: what runs again later, who may log in, what watches no more.

use super::{Call, Harm, is_temporary};
use crate::finding::Severity;

const LATER: &str = "runs again by itself later";
const BLIND: &str = "turns off what protects or records";

pub(super) fn judge(call: &Call<'_>) -> Option<Harm> {
    writes(call)
        .or_else(|| schedules(call))
        .or_else(|| accounts(call))
        .or_else(|| defences(call))
        .or_else(|| traces(call))
}

/// What is written where the system looks for whom to trust and what to run.
fn writes(call: &Call<'_>) -> Option<Harm> {
    let by_program = call.is(&[
        "tee",
        "cp",
        "mv",
        "install",
        "ln",
        "sponge",
        "add-content",
        "set-content",
        "out-file",
        "curl",
        "wget",
        "dd",
    ]);
    let last = call.targets().last().filter(|_| by_program);
    let option = call.after(&["-o", "--output", "-path", "-filepath"]).filter(|_| by_program);
    let of = call.arguments.iter().find_map(|argument| argument.strip_prefix("of="));
    let all = || {
        call.simple
            .writes
            .iter()
            .map(|word| word.to_ascii_lowercase())
            .chain([last, option, of].into_iter().flatten().map(str::to_owned))
    };
    for target in all() {
        let has = |parts: &[&str]| parts.iter().any(|part| target.contains(part));
        if has(&["/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/pam.d", "/etc/ld.so.preload", "/etc/security/"])
            && !by_copy_out(call, &target)
        {
            return Some(("account-change", Severity::High, "changes the accounts or rights of the system"));
        }
        if has(&["authorized_keys"]) && !by_copy_out(call, &target) {
            return Some(("persistence", Severity::High, "lets somebody else log in"));
        }
        let runs_later = has(&[
            "/etc/cron",
            "/var/spool/cron",
            "/etc/init.d/",
            "/etc/rc.local",
            "/launchagents/",
            "/launchdaemons/",
            "/etc/update-motd",
            "\\start menu\\programs\\startup",
            "/.config/autostart/",
            "/.git/hooks/",
        ]);
        let unit = has(&["/systemd/system/", "/systemd/user/"]);
        let profile = has(&[
            ".bashrc",
            ".zshrc",
            ".profile",
            ".bash_profile",
            ".zprofile",
            "/etc/profile",
            ".bash_login",
            ".zshenv",
            "microsoft.powershell_profile",
            "$profile",
        ]);
        let shady = is_shady(call);
        if runs_later && !target.contains(".git/hooks") || (unit || profile || target.contains(".git/hooks")) && shady {
            return Some(("persistence", Severity::High, LATER));
        }
    }
    None
}

/// Whether such a file is only read: `cp /etc/passwd here`.
fn by_copy_out(call: &Call<'_>, target: &str) -> bool {
    call.is(&["cp", "curl", "wget"]) && call.targets().last() != Some(target) && call.simple.writes.is_empty()
}

/// Whether what is written calls others, hides, or lies where anybody may write.
fn is_shady(call: &Call<'_>) -> bool {
    let said = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let words = [
            "curl ",
            "wget ",
            "/dev/tcp",
            "nc ",
            "ncat ",
            "base64",
            "/tmp/",
            "/dev/shm/",
            "bash -i",
            "alias sudo",
            "python -c",
            "python3 -c",
            "eval ",
            "ld_preload",
            "prompt_command",
            "| sh",
            "|sh",
            "| bash",
            "|bash",
        ];
        // Loading an installed tool's own settings is what profiles are for.
        words.iter().any(|word| lower.contains(word))
            && !(lower.contains("eval \"$(") || lower.contains("eval $(") || lower.contains("eval \u{FFFC}"))
    };
    said(&call.simple.joined())
        || said(&call.simple.input)
        || call.sources().any(|(_, simple)| said(&simple.joined()))
        || call.targets().any(is_temporary)
        || call.is(&["curl", "wget"])
}

fn schedules(call: &Call<'_>) -> Option<Harm> {
    let has = |word: &str| call.arguments.iter().any(|argument| argument.contains(word));
    let harm = match call.program {
        "crontab" => {
            let reads = call.targets().next();
            let said = call.sources().any(|(_, simple)| simple.joined().contains("@reboot"));
            reads.is_some() && (is_shady(call) || said)
        }
        "at" | "batch" => is_shady(call),
        "reg" => has("add") && (has("currentversion\\run") || has("winlogon") || has("image file execution")),
        "schtasks" => has("/create"),
        "sc" => has("create") && has("binpath"),
        "new-itemproperty" | "set-itemproperty" => has("currentversion\\run"),
        "register-scheduledtask" | "new-service" => true,
        "systemctl" => call.begins(&["enable"]) && call.targets().any(is_temporary),
        _ => false,
    };
    if harm {
        return Some(("persistence", Severity::High, LATER));
    }
    (call.is(&["launchctl"]) && (has("launchagents") || has("launchdaemons")) && call.has(&["load", "bootstrap"]))
        .then_some(("persistence", Severity::Medium, LATER))
}

fn accounts(call: &Call<'_>) -> Option<Harm> {
    let is_root = call.after(&["-u", "--uid", "-ou", "-uo"]) == Some("0");
    let found = match call.program {
        "useradd" | "adduser" | "usermod" => is_root,
        "net" | "net1" => call.has(&["/add"]) && (call.begins(&["user"]) || call.begins(&["localgroup"])),
        "add-localgroupmember" | "new-localuser" => true,
        "chpasswd" => call.sources().any(|(_, simple)| simple.joined().contains("root:")),
        "dseditgroup" | "dscl" => {
            call.arguments.iter().any(|a| a == "admin")
                && call.arguments.iter().any(|a| a.contains("append") || a == "-a")
        }
        _ => false,
    };
    const DETAIL: &str = "changes the accounts or rights of the system";
    // Administrators do this too: somebody should see it.
    let joins = call.is(&["usermod", "gpasswd", "adduser"]) && call.has(&["sudo", "wheel", "root", "admin"]);
    let opens = call.is(&["passwd"]) && call.has(&["-d", "--delete"]);
    found
        .then_some(("account-change", Severity::High, DETAIL))
        .or_else(|| (joins || opens).then_some(("account-change", Severity::Medium, DETAIL)))
}

fn defences(call: &Call<'_>) -> Option<Harm> {
    const WATCHERS: &[&str] = &[
        "auditd",
        "firewalld",
        "apparmor",
        "fail2ban",
        "falcon-sensor",
        "ufw",
        "rsyslog",
        "syslog",
        "sysmon",
        "osqueryd",
        "wazuh-agent",
        "clamav",
        "clamav-daemon",
        "selinux",
        "mdatp",
        "windefend",
        "mpssvc",
        "eventlog",
        "sense",
        "crowdstrike",
        "falco",
        "nftables",
        "iptables",
    ];
    let watcher = || call.targets().any(|target| WATCHERS.contains(&target.trim_end_matches(".service")));
    let has = |word: &str| call.arguments.iter().any(|argument| argument.contains(word));
    let found = match call.program {
        "setenforce" => call.has(&["0", "permissive"]),
        "iptables" | "ip6tables" => {
            call.arguments.first().is_some_and(|a| a == "-f" || a == "--flush")
                && call.simple.words.iter().any(|w| w == "-F" || w == "--flush")
        }
        "nft" => call.begins(&["flush", "ruleset"]),
        "ufw" => call.has(&["disable"]),
        "systemctl" | "service" | "sc" | "rc-service" => {
            watcher() && call.has(&["stop", "disable", "mask", "kill", "delete"])
        }
        "stop-service" | "pkill" | "killall" | "taskkill" => watcher(),
        "set-mppreference" | "add-mppreference" => has("-disable") || has("-exclusion"),
        "netsh" => call.has(&["off"]) && has("firewall"),
        "set-netfirewallprofile" => has("false"),
        "spctl" => has("disable"),
        "csrutil" => call.has(&["disable"]),
        "auditctl" => call.simple.words.iter().any(|word| word == "-D") || call.has(&["-e"]) && call.has(&["0"]),
        "apparmor_parser" | "aa-disable" | "aa-teardown" => {
            call.program != "apparmor_parser"
                || call.flag('r', "--remove") && call.simple.words.iter().any(|w| w == "-R")
        }
        _ => false,
    };
    found.then_some(("defence-off", Severity::High, BLIND))
}

fn traces(call: &Call<'_>) -> Option<Harm> {
    let logs = |target: &str| {
        let target = target.to_ascii_lowercase();
        target.contains(".bash_history")
            || target.contains(".zsh_history")
            || target.starts_with("/var/log/")
                && ["auth", "secure", "wtmp", "btmp", "lastlog", "audit", "syslog", "messages"]
                    .iter()
                    .any(|log| target.contains(log))
    };
    let found = match call.program {
        "history" => call.flag('c', "-c"),
        "unset" => call.has(&["histfile", "histsize"]),
        "rm" | "shred" | "truncate" | "unlink" | "ln" => call.targets().any(logs),
        "wevtutil" => call.has(&["cl", "clear-log"]),
        "clear-eventlog" | "clear-history" => true,
        "fsutil" => call.has(&["deletejournal"]),
        _ => {
            call.simple
                .words
                .iter()
                .any(|word| matches!(word.as_str(), "HISTFILE=/dev/null" | "HISTSIZE=0" | "HISTFILESIZE=0"))
                || call.simple.writes.iter().any(|target| logs(target))
                    && (call.simple.words.is_empty() || call.is(&["echo", "cat", ":", "true"]))
                    && !call.says(">>")
        }
    };
    found.then_some(("trace-removal", Severity::High, "removes the traces of commands"))
}
