//! What the kernel has counted for other processes: processor time and memory, from `/proc`. Linux only; it reads, it
//! never signals.

use std::fs;
use std::time::Duration;

/// Ticks per second in `/proc/<pid>/stat`: `USER_HZ`, which is 100 on every Linux that this runs on.
const TICKS_PER_SECOND: u64 = 100;

/// User and system time of a process with all its threads, ended ones too, but without its children. `None` if the
/// process is gone. In steps of 10 ms.
#[must_use]
pub fn processor_time(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses and may hold anything: count from its end.
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 1_000 / TICKS_PER_SECOND))
}

/// Processor time of several processes together; those that are gone count as nothing.
#[must_use]
pub fn processor_time_of_all(pids: &[u32]) -> Duration {
    pids.iter().filter_map(|&pid| processor_time(pid)).sum()
}

/// The most memory that a process has had resident so far (`VmHWM`), in KiB.
#[must_use]
pub fn peak_memory_kib(pid: u32) -> Option<u64> {
    status_kib(pid, "VmHWM:")
}

/// The memory that a process has resident now (`VmRSS`), in KiB.
#[must_use]
pub fn memory_kib(pid: u32) -> Option<u64> {
    status_kib(pid, "VmRSS:")
}

/// How many descriptors a process has open: files, sockets and the like. `None` if the process is gone.
#[must_use]
pub fn open_files(pid: u32) -> Option<u64> {
    u64::try_from(fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count()).ok()
}

/// One line of `/proc/<pid>/status` that is a number of KiB.
fn status_kib(pid: u32, key: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// A process and all that descend from it, as they are now.
#[must_use]
pub fn with_descendants(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        next += 1;
        let Ok(threads) = fs::read_dir(format!("/proc/{parent}/task")) else { continue };
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            found.extend(children.split_ascii_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};
    use std::time::Instant;

    #[test]
    fn our_own_work_is_counted() {
        let pid = std::process::id();
        let before = processor_time(pid).unwrap();
        let started = Instant::now();
        let mut number = 1_u64;
        while started.elapsed() < Duration::from_secs(10)
            && processor_time(pid).unwrap() < before + Duration::from_millis(50)
        {
            number = std::hint::black_box(number.wrapping_mul(31));
        }
        assert!(processor_time(pid).unwrap() >= before + Duration::from_millis(50));
        assert!(peak_memory_kib(pid).unwrap() >= 100 && memory_kib(pid).unwrap() >= 100);
    }

    #[test]
    fn an_open_file_is_counted() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        assert!(open_files(child.id()).unwrap() >= 3);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(open_files(child.id()), None);
    }

    #[test]
    fn children_are_found_and_the_dead_are_not() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        assert!(with_descendants(std::process::id()).contains(&child.id()));
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(processor_time(child.id()).is_none() && memory_kib(child.id()).is_none());
    }
}
