//! Commands that destroy: files, disks, machines, and what many people share.

use super::{Call, Harm, is_vital};
use crate::finding::Severity;

pub(super) fn judge(call: &Call<'_>) -> Option<Harm> {
    deletes(call)
        .or_else(|| overwrites(call))
        .or_else(|| searches_and_deletes(call))
        .or_else(|| discards(call))
        .or_else(|| services(call))
}

const EVERYTHING: Harm = ("recursive-delete", Severity::High, "deletes everything");
const DISK: Harm = ("disk-overwrite", Severity::High, "overwrites a disk");

fn deletes(call: &Call<'_>) -> Option<Harm> {
    if call.has(&["--no-preserve-root"]) {
        return Some(EVERYTHING);
    }
    let vital = || call.targets().any(is_vital);
    let all_here = || call.targets().any(|target| matches!(target, "." | ".." | "../" | "./" | "../*"));
    match call.program {
        "rm" if call.flag('r', "--recursive") && (vital() || call.flag('f', "--force") && all_here()) => {
            Some(EVERYTHING)
        }
        "remove-item" | "ri" | "rmdir" | "rd" | "del" | "erase"
            if vital()
                && (call.arguments.iter().any(|a| a.starts_with("-rec") || a == "/s") || call.program == "ri") =>
        {
            Some(EVERYTHING)
        }
        "chmod" | "chown" | "chgrp" | "setfacl" | "icacls" | "takeown" if call.flag('r', "--recursive") && vital() => {
            Some(("recursive-rights", Severity::High, "changes the rights of everything"))
        }
        "mv" if call.has(&["/dev/null"]) => Some(EVERYTHING),
        "rsync"
            if call.has(&["--delete"])
                && call
                    .targets()
                    .next()
                    .is_some_and(|from| from.starts_with("/dev/null") || from.contains("/empty")) =>
        {
            Some(EVERYTHING)
        }
        "format" if call.targets().next().is_some_and(is_drive) => Some(DISK),
        "kill"
            if call.has(&["-1"])
                && call.arguments.len() > 1
                && call.arguments.last().is_some_and(|last| last == "-1") =>
        {
            Some(("kill-everything", Severity::Medium, "ends all processes"))
        }
        "crontab" if call.has(&["-r"]) => {
            Some(("schedule-removal", Severity::Medium, "removes all scheduled commands"))
        }
        "vssadmin" | "wbadmin" | "wmic"
            if call.has(&["delete"])
                && call
                    .arguments
                    .iter()
                    .any(|a| a.contains("shadow") || a.contains("catalog") || a.contains("backup")) =>
        {
            Some(("backup-removal", Severity::High, "removes backups"))
        }
        "bcdedit" if call.has(&["recoveryenabled"]) => {
            Some(("backup-removal", Severity::High, "removes ways to recover"))
        }
        "cipher" if call.arguments.iter().any(|a| a.starts_with("/w:")) => Some(DISK),
        _ => None,
    }
}

fn is_drive(target: &str) -> bool {
    matches!(target.as_bytes(), [letter, b':'] | [letter, b':', b'\\'] if letter.is_ascii_alphabetic())
}

/// A whole disk, not a file with an image of one.
fn is_disk(target: &str) -> bool {
    target.strip_prefix("/dev/").is_some_and(|device| {
        ["sd", "nvme", "hd", "vd", "xvd", "disk", "rdisk", "mmcblk", "mapper/", "md", "loop", "mem", "kmem", "block"]
            .iter()
            .any(|kind| device.starts_with(kind))
    }) || target.starts_with("\\\\.\\physicaldrive")
}

fn overwrites(call: &Call<'_>) -> Option<Harm> {
    if call.simple.writes.iter().any(|target| is_disk(&target.to_ascii_lowercase())) {
        return Some(DISK);
    }
    let disk = || call.targets().any(is_disk);
    let found = match call.program {
        "dd" => call.arguments.iter().any(|argument| argument.strip_prefix("of=").is_some_and(is_disk)),
        "shred" | "srm" | "wipe" => {
            disk()
                || call
                    .targets()
                    .any(|target| is_vital(target) || target.contains("/.ssh/") || target.starts_with("~/*"))
        }
        "wipefs" | "blkdiscard" | "sgdisk" | "cryptsetup" | "badblocks" => {
            disk()
                && call.arguments.iter().any(|a| {
                    matches!(a.as_str(), "-a" | "--all" | "--zap-all" | "-w" | "luksformat" | "lukserase" | "-z")
                        || is_disk(a) && call.is(&["blkdiscard"])
                })
        }
        "hdparm" | "nvme" => call.arguments.iter().any(|a| a.contains("erase") || a == "format"),
        "diskutil" => call.arguments.iter().any(|a| a.starts_with("erase") || a == "zerodisk"),
        "diskpart" | "format-volume" | "clear-disk" | "initialize-disk" => true,
        "tee" | "cp" => disk(),
        program if program.starts_with("mkfs") || program == "mkswap" || program == "newfs" => disk(),
        _ => false,
    };
    found.then_some(DISK)
}

fn searches_and_deletes(call: &Call<'_>) -> Option<Harm> {
    if !call.is(&["find", "fd"]) {
        return None;
    }
    let deletes = call.has(&["-delete"]) || call.arguments.windows(2).any(|two| {
        matches!(two, [exec, program] if matches!(exec.as_str(), "-exec" | "-execdir" | "-x") && matches!(program.as_str(), "rm" | "shred" | "unlink"))
    });
    // A search by name, age or size is about some files; without one it is about all.
    let narrowed = call.arguments.iter().any(|argument| {
        [
            "-name",
            "-iname",
            "-path",
            "-regex",
            "-mtime",
            "-mmin",
            "-atime",
            "-ctime",
            "-size",
            "-empty",
            "-newer",
            "-user",
            "-perm",
            "-links",
            "-inum",
            "-xtype",
            "-iregex",
            "-ipath",
            "-wholename",
            "-nouser",
            "-group",
            "-amin",
            "-cmin",
        ]
        .contains(&argument.as_str())
    });
    (deletes && !narrowed && call.targets().next().is_some_and(is_vital)).then_some(EVERYTHING)
}

/// What cannot be taken back, in tools that people share: it is held rather than refused.
fn discards(call: &Call<'_>) -> Option<Harm> {
    const HISTORY: Harm = ("history-overwrite", Severity::Medium, "overwrites what others may rely on");
    match call.program {
        "git" if call.begins(&["push"]) => {
            let forced = call.flag('f', "--force")
                || call.has(&["--mirror"])
                || call.targets().any(|target| target.starts_with('+'));
            let shared = call.targets().skip(2).any(|name| {
                let name = name.trim_start_matches('+').rsplit(':').next().unwrap_or(name);
                matches!(name, "main" | "master" | "develop" | "trunk" | "production" | "release")
            });
            (forced && (shared || call.has(&["--mirror", "--all"]))).then_some(HISTORY)
        }
        "git" if call.begins(&["clean"]) && call.flag('x', "-x") && call.flag('f', "--force") => {
            let resets = call.says("reset --hard");
            resets.then_some(("discard-everything", Severity::Medium, "throws away all changes, also unknown files"))
        }
        "git" if call.begins(&["reflog", "expire"]) || call.begins(&["filter-branch"]) => Some(HISTORY),
        "kubectl" | "oc" if call.begins(&["delete"]) => {
            let whole = call.has(&["--all", "--all-namespaces", "-a"]);
            let kinds = ["namespace", "namespaces", "ns", "pv", "pvc", "crd", "node", "nodes", "all"];
            let system = call.targets().any(|target| target.starts_with("kube-") || target == "default");
            (whole && call.has(&kinds) || system && call.has(&kinds)).then_some((
                "cluster-delete",
                Severity::Medium,
                "deletes what a cluster runs on",
            ))
        }
        "terraform" | "tofu" | "pulumi" if call.begins(&["destroy"]) => {
            let unasked = call.has(&["-auto-approve", "--auto-approve", "--yes", "-y"]);
            let narrowed = call.arguments.iter().any(|argument| argument.contains("-target"));
            (unasked && !narrowed).then_some((
                "infrastructure-delete",
                Severity::Medium,
                "deletes infrastructure, unasked",
            ))
        }
        "aws"
            if call.has(&["terminate-instances", "delete-bucket", "delete-db-instance", "delete-stack"])
                || call.begins(&["s3", "rb"]) && call.has(&["--force"]) =>
        {
            Some(("infrastructure-delete", Severity::Medium, "deletes infrastructure"))
        }
        "gcloud" | "az" if call.has(&["delete"]) && call.has(&["projects", "group"]) => {
            Some(("infrastructure-delete", Severity::Medium, "deletes infrastructure"))
        }
        _ => None,
    }
}

/// Data in services, and services themselves.
fn services(call: &Call<'_>) -> Option<Harm> {
    const DATA: Harm = ("data-delete", Severity::Medium, "deletes data of a service");
    match call.program {
        "redis-cli" if call.has(&["flushall", "flushdb"]) => Some(DATA),
        "dropdb" | "dropuser" => Some(DATA),
        "mysqladmin" if call.has(&["drop"]) => Some(DATA),
        "psql" | "mysql" | "sqlite3" | "mongosh" | "mongo" | "sqlcmd" => {
            let text = call.arguments.join(" ");
            let harm = [
                "drop database",
                "drop schema",
                "drop table",
                "dropdatabase(",
                "truncate table",
                "xp_cmdshell",
                "to program",
            ]
            .iter()
            .any(|word| text.contains(word));
            (harm && !text.contains("if exists")).then_some(DATA)
        }
        _ => None,
    }
}
