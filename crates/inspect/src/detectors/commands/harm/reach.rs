//! Commands that take more rights than they were given, and that leave the container they run in.

use super::{Call, Harm};
use crate::finding::Severity;

const RIGHTS: Harm = ("rights-taken", Severity::High, "gives a program the rights of the system");
const ESCAPE: Harm = ("container-escape", Severity::High, "reaches out of its container into the machine");

pub(super) fn judge(call: &Call<'_>) -> Option<Harm> {
    match call.program {
        "chmod" => set_user_id(call),
        "setcap" => {
            let strong = [
                "setuid",
                "sys_admin",
                "dac_override",
                "sys_ptrace",
                "sys_module",
                "dac_read_search",
                "=ep",
                "chown",
                "fowner",
            ];
            let found =
                call.arguments.iter().any(|a| strong.iter().any(|right| a.contains(right)) && !a.contains("net_bind"));
            found.then_some(RIGHTS)
        }
        "docker" | "podman" | "nerdctl" => container(call),
        "nsenter" => {
            let of_first = call.after(&["-t", "--target"]) == Some("1") || call.has(&["-t1", "--target=1"]);
            of_first.then_some(ESCAPE)
        }
        "chroot" => call
            .targets()
            .next()
            .is_some_and(|root| matches!(root, "/host" | "/hostfs" | "/mnt/host" | "/rootfs"))
            .then_some(ESCAPE),
        "kubectl" => (call.says("\"hostpid\":true") || call.says("\"privileged\":true")).then_some(ESCAPE),
        _ => (call
            .simple
            .writes
            .iter()
            .any(|w| w.contains("/release_agent") || w.contains("/proc/sys/kernel/core_pattern")))
        .then_some(ESCAPE),
    }
}

/// Programs that give a shell, or lie where anybody can put them, with the rights of their owner.
fn set_user_id(call: &Call<'_>) -> Option<Harm> {
    let mode = call.targets().next()?;
    let sets = mode.contains("+s")
        || mode.len() == 4 && mode.starts_with(['4', '6', '7']) && mode.bytes().all(|b| b.is_ascii_digit());
    const GIVE: &[&str] = &[
        "bash", "sh", "dash", "zsh", "python", "python3", "perl", "find", "vim", "cp", "nmap", "env", "awk", "tar",
        "less", "node", "ruby", "php",
    ];
    let given = call.targets().skip(1).any(|target| {
        let base = target.rsplit('/').next().unwrap_or(target);
        GIVE.contains(&base) || super::is_temporary(target) || base.starts_with('.')
    });
    (sets && given).then_some(RIGHTS)
}

fn container(call: &Call<'_>) -> Option<Harm> {
    if !call.has(&["run", "create"]) {
        return None;
    }
    let mounts_root = call.arguments.iter().any(|argument| {
        let mount = argument.strip_prefix("--volume=").or_else(|| argument.strip_prefix("-v=")).unwrap_or(argument);
        mount.starts_with("/:/")
            || ["/etc:/", "/root:/", "/proc:/", "/home:/"].iter().any(|root| mount.starts_with(root))
            || argument.contains("source=/,")
            || argument.contains("src=/,")
    });
    let rights = call.has(&["--privileged", "--pid=host", "--cap-add=all", "--cap-add=sys_admin"]);
    let leaves = ["nsenter", "chroot", "/host", "mount /dev"].iter().any(|word| call.says(word));
    (mounts_root || rights && leaves).then_some(ESCAPE)
}
