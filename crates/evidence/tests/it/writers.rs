//! Many threads on one ledger, many processes on one folder, and processes that are killed at any moment.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::time::Duration;

use gatehold_decide::Verdict;
use gatehold_evidence::clock::Parts;
use gatehold_evidence::verify::{Ending, Status, verify_path};
use gatehold_evidence::{Durability, Gate, Ledger, Options};
use gatehold_inspect::Findings;

use crate::samples::{Folder, call, decision, record};

#[test]
fn many_threads_share_one_ledger() {
    for durability in [Durability::Os, Durability::Disk] {
        let folder = Folder::new();
        let per_thread = if durability == Durability::Os { 400 } else { 20 };
        let options = Options { durability, file_bytes_max: 100_000 };
        let ledger = Ledger::open_with(&folder.0, "serve", options, Parts::system()).unwrap();
        let ids = Mutex::new(HashSet::new());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for index in 0..per_thread {
                        let gate =
                            record(&ledger, call(index), &Findings::default(), &decision(Verdict::Allow)).unwrap();
                        let Gate::Cleared(cleared) = gate else { panic!("an allowed message was blocked") };
                        assert!(ids.lock().unwrap().insert(cleared.record()), "an id occurred twice");
                    }
                });
            }
        });
        drop(ledger);
        let report = verify_path(&folder.0, 1).unwrap();
        assert!(report.is_valid(), "{report}");
        // Each file has a genesis and a closing record beside the messages.
        assert_eq!(report.records(), 8 * per_thread as u64 + 2 * report.files.len() as u64);
    }
}

/// Not a test of its own: what the processes do that other tests start.
#[test]
#[ignore = "started by other tests in processes of their own"]
fn child_writes() {
    let Some(folder) = std::env::var_os("GATEHOLD_TEST_LEDGER") else { return };
    let count: usize = std::env::var("GATEHOLD_TEST_RECORDS").unwrap().parse().unwrap();
    let options = Options { durability: Durability::Os, file_bytes_max: 200_000 };
    let ledger = Ledger::open_with(Path::new(&folder), "wrap", options, Parts::system()).unwrap();
    for index in 0..count {
        assert!(record(&ledger, call(index), &Findings::default(), &decision(Verdict::Allow)).is_ok());
    }
}

fn child(folder: &Path, records: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "writers::child_writes", "--quiet"])
        .env("GATEHOLD_TEST_LEDGER", folder)
        .env("GATEHOLD_TEST_RECORDS", records.to_string())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn many_processes_write_side_by_side() {
    let folder = Folder::new();
    let children: Vec<Child> = (0..8).map(|_| child(&folder.0, 300)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let report = verify_path(&folder.0, 1).unwrap();
    assert!(report.is_valid(), "{report}");
    assert_eq!(report.records(), 8 * 300 + 2 * report.files.len() as u64);
    assert!(!report.to_string().contains("no closing record"), "{report}");
}

#[test]
fn killed_writers_leave_torn_files_at_worst_and_the_next_start_repairs_them() {
    let mut survived_open = 0;
    for round in 0..20_u64 {
        let folder = Folder::new();
        let mut children = [child(&folder.0, 3000), child(&folder.0, 3000)];
        // Other moments in each round; the first ones are within the start.
        std::thread::sleep(Duration::from_micros(1000 + round * 7919 % 60_000));
        if let Ok(report) = verify_path(&folder.0, 1) {
            assert!(is_unharmed(&report), "while they write: {report}");
        }
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        if let Ok(report) = verify_path(&folder.0, 1) {
            assert!(is_unharmed(&report), "after the kill: {report}");
        }
        drop(Ledger::open(&folder.0, "wrap", Durability::Os).unwrap());
        let report = verify_path(&folder.0, 1).unwrap();
        assert!(report.is_valid(), "{report}");
        let is_open = |status: &Status| matches!(status, Status::Valid { ending: Ending::Open, .. });
        survived_open += report.files.iter().filter(|file| is_open(&file.status)).count();
    }
    assert!(survived_open > 0, "no child was killed while it was writing: the test shows nothing");
}

fn is_unharmed(report: &gatehold_evidence::verify::Report) -> bool {
    report.missing.is_empty()
        && report.files.iter().all(|file| matches!(file.status, Status::Valid { .. } | Status::Torn { .. }))
}
