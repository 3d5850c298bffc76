//! Faults, files and clearing, with the clock, the randomness and the writes in the test's hands.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::{Decision, Mode, Reason, Verdict};
use gatehold_inspect::{Finding, Findings, Severity};
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts, Origin, Principal, Transport};
use gatehold_wire::edit::Edit;
use gatehold_wire::{Limits, Message, Refusal, RefusalCode};
use serde_json::Value;

use super::{Durability, Entry, Ledger, Options};
use crate::clock::{Clock, Parts, Randomness, Store, file_store};
use crate::gate::Gate;
use crate::verify::{Ending, Status, verify_path};

/// A folder that is removed with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("gatehold-ledger-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn files(&self) -> Vec<PathBuf> {
        super::ledger_names(&self.0).unwrap().into_iter().map(|name| self.0.join(name)).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Begins today, so that repairs find their files young, and moves a millisecond on with each look.
#[derive(Debug)]
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Duration {
        let start = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        Duration::from_secs(start) + Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[derive(Debug)]
struct Counting(AtomicU64);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        for byte in bytes {
            // SplitMix64: neighbouring states share no bits, so that two files never get the same name.
            let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed >> 56) as u8;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct NoRandomness;

impl Randomness for NoRandomness {
    fn fill(&self, _: &mut [u8]) -> io::Result<()> {
        Err(io::Error::other("no randomness"))
    }
}

fn parts() -> Parts {
    /// An odd number: no two seeds are the same.
    const SPREAD: u64 = 0xd134_2543_de82_ef95;
    static SEED: AtomicU64 = AtomicU64::new(1);
    Parts {
        clock: Box::new(Ticking(AtomicU64::new(0))),
        randomness: Box::new(Counting(AtomicU64::new(SEED.fetch_add(1, Ordering::Relaxed).wrapping_mul(SPREAD)))),
        store: Box::new(file_store),
    }
}

/// Counts writes and syncs; the `fail_at`-th operation fails after taking `partial` bytes.
#[derive(Debug)]
struct Failing {
    file: Arc<dyn Store>,
    done: Arc<AtomicUsize>,
    fail_at: usize,
    partial: usize,
}

impl Store for Failing {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.done.fetch_add(1, Ordering::Relaxed);
        if done == self.fail_at && self.partial > 0 {
            // A short write, as on a disk that becomes full; the next call fails.
            self.done.store(self.fail_at, Ordering::Relaxed);
            let taken = bytes.get(..self.partial).unwrap_or(bytes);
            if taken.len() < bytes.len() && !ALREADY_SHORT.with(|short| short.replace(true)) {
                return self.file.write(taken);
            }
        }
        if done >= self.fail_at {
            return Err(io::Error::from_raw_os_error(28));
        }
        self.file.write(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        if self.done.fetch_add(1, Ordering::Relaxed) >= self.fail_at {
            return Err(io::Error::other("the disk is gone"));
        }
        self.file.sync()
    }
}

thread_local! {
    static ALREADY_SHORT: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

fn failing_parts(fail_at: usize, partial: usize) -> (Parts, Arc<AtomicUsize>) {
    ALREADY_SHORT.with(|short| short.set(false));
    let done = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&done);
    let store = move |file: File| -> Arc<dyn Store> {
        Arc::new(Failing { file: file_store(file), done: Arc::clone(&counter), fail_at, partial })
    };
    (Parts { store: Box::new(store), ..parts() }, done)
}

fn open(folder: &Path) -> Ledger {
    Ledger::open_with(folder, "demo", Options::default(), parts()).unwrap()
}

fn origin() -> Origin {
    Origin {
        session: "session-1".into(),
        principal: Principal::new("me", Proof::LocalUser),
        server: "files".into(),
        transport: Transport::Stdio,
    }
}

fn message(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).unwrap()
}

fn decision(verdict: Verdict, mode: Mode) -> Decision {
    Decision {
        verdict,
        mode,
        hidden: false,
        reasons: vec![Reason { rule: "rule-1".into(), text: Some("because".into()) }],
        edits: Vec::new(),
        demand: None,
        limits: Vec::new(),
        retry_after: None,
        tags: std::sync::Arc::default(),
        policy: "none".into(),
    }
}

const CALL: &str =
    r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"read","arguments":{"p":"s3cret"}}}"#;

fn append(ledger: &Ledger, text: &str, decision: &Decision) -> Result<Gate, super::LedgerError> {
    let message = message(text);
    let origin = origin();
    let facts = facts(&message, &origin);
    let findings = Findings::default();
    let entry = Entry { message: &message, facts: &facts, findings: &findings, decision, upstream_time: None };
    ledger.append(&entry)?.settle(ledger)
}

fn facts<'a>(message: &'a Message, origin: &'a Origin) -> Facts<'a> {
    Facts {
        origin,
        principal: &origin.principal,
        direction: Direction::FromClient,
        kind: message.kind(),
        method: message.method(),
        revision: None,
        request_id: message.id().map(|id| id.0),
        tool: message.name(),
        prompt: None,
        resource: message.uri(),
        client_claimed: None,
        server_claimed: None,
        hints: None,
    }
}

fn records(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_verdict_in_each_mode_clears_or_blocks() {
    let folder = Folder::new();
    let ledger = open(&folder.0);
    let secret = CALL.find("s3cret").unwrap();
    for (verdict, mode, expected) in [
        (Verdict::Allow, Mode::Enforce, Some(CALL.to_owned())),
        (Verdict::Redact, Mode::Enforce, Some(CALL.replace("s3cret", "*"))),
        (Verdict::Hold, Mode::Enforce, None),
        (Verdict::Deny, Mode::Enforce, None),
        (Verdict::Allow, Mode::Audit, Some(CALL.to_owned())),
        (Verdict::Redact, Mode::Audit, Some(CALL.to_owned())),
        (Verdict::Hold, Mode::Audit, Some(CALL.to_owned())),
        (Verdict::Deny, Mode::Audit, Some(CALL.to_owned())),
    ] {
        let mut decision = decision(verdict, mode);
        decision.edits = vec![Edit { span: secret..secret + 6, with: b"*".to_vec() }];
        let gate = append(&ledger, CALL, &decision).unwrap();
        let (sent, id) = match gate {
            Gate::Cleared(cleared) => (Some(cleared.bytes().clone()), cleared.record()),
            Gate::Blocked(blocked) => (None, blocked.record()),
        };
        assert_eq!(sent.as_deref(), expected.as_deref().map(str::as_bytes), "{verdict:?} {mode:?}");
        let record = records(&ledger.path()).pop().unwrap();
        assert_eq!(record["id"], id.to_string());
        assert_eq!(record["decision"]["action"], verdict.name());
        assert_eq!(record["decision"]["enforced"], mode == Mode::Enforce);
        let edited = verdict == Verdict::Redact && mode == Mode::Enforce;
        assert_eq!(record.get("sent").is_some(), edited, "only an edit has two digests");
    }
    let text = fs::read_to_string(ledger.path()).unwrap();
    assert!(!text.contains("s3cret"), "bodies never reach the record");
}

#[test]
fn edits_that_do_not_fit_are_a_denial_and_recorded_as_one() {
    let folder = Folder::new();
    let ledger = open(&folder.0);
    let mut decision = decision(Verdict::Redact, Mode::Enforce);
    decision.edits = vec![Edit { span: 0..CALL.len() + 1, with: Vec::new() }];
    assert!(matches!(append(&ledger, CALL, &decision).unwrap(), Gate::Blocked(_)));
    let record = records(&ledger.path()).pop().unwrap();
    assert_eq!(record["decision"]["action"], "deny");
    assert_eq!(record["decision"]["decided"], "redact");
    assert_eq!(record["decision"]["decided_rule"], "rule-1");
}

#[test]
fn what_cannot_be_read_is_blocked_and_own_messages_are_cleared() {
    let folder = Folder::new();
    let ledger = open(&folder.0);
    let refusal = Refusal::new(RefusalCode::DuplicateKey, 12, "a key occurs twice");
    let gate = ledger
        .append_unreadable(b"{s3cret", &refusal, Direction::FromServer, &origin())
        .unwrap()
        .settle(&ledger)
        .unwrap();
    assert!(matches!(gate, Gate::Blocked(_)));
    let record = records(&ledger.path()).pop().unwrap();
    assert_eq!(record["kind"], "unreadable");
    assert_eq!(record["findings"][0]["rule"], "duplicate_key");
    assert_eq!(record["message"]["digest"], crate::record::digest::of(b"{s3cret"));

    let ping = Bytes::from_static(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    let pending = ledger.append_own(&origin(), Direction::FromClient, "ping", ping.clone()).unwrap();
    let Gate::Cleared(cleared) = pending.settle(&ledger).unwrap() else { panic!("own messages are cleared") };
    assert_eq!(cleared.bytes(), &ping);
    assert_eq!(records(&ledger.path()).pop().unwrap()["own"], true);
    assert!(!fs::read_to_string(ledger.path()).unwrap().contains("s3cret"));
}

#[test]
fn nothing_is_cleared_before_it_is_written_and_a_burst_is_one_write() {
    let folder = Folder::new();
    let (parts, writes) = failing_parts(usize::MAX, 0);
    let ledger = Ledger::open_with(&folder.0, "demo", Options::default(), parts).unwrap();
    let before = writes.load(Ordering::Relaxed);
    let origin = origin();
    let own = |ledger: &Ledger| ledger.append_own(&origin, Direction::FromClient, "ping", Bytes::new()).unwrap();
    let pending: Vec<_> = (0..10).map(|_| own(&ledger)).collect();
    assert_eq!(records(&ledger.path()).len(), 1, "appending alone writes nothing");
    for pending in pending {
        assert!(matches!(pending.settle(&ledger).unwrap(), Gate::Cleared(_)));
        assert_eq!(records(&ledger.path()).len(), 11);
    }
    assert_eq!(writes.load(Ordering::Relaxed) - before, 1);
    for _ in 0..5000 {
        drop(own(&ledger));
    }
    assert!(writes.load(Ordering::Relaxed) - before > 1, "what nobody settles is written when it becomes much");
}

#[test]
fn a_record_is_settled_only_by_the_ledger_that_holds_it() {
    let folder = Folder::new();
    let (one, other) = (open(&folder.0), open(&folder.0));
    let pending = one.append_own(&origin(), Direction::FromClient, "ping", Bytes::new()).unwrap();
    assert!(pending.settle(&other).unwrap_err().cause.contains("not appended"));
}

#[test]
fn every_failing_write_and_sync_stops_everything_and_tampers_with_nothing() {
    for durability in [Durability::Os, Durability::Disk] {
        for partial in [0, 1, 100, 500] {
            for fail_at in 0..12 {
                let folder = Folder::new();
                let options = Options { durability, file_bytes_max: 3000 };
                let (parts, _) = failing_parts(fail_at, partial);
                let case = format!("{durability:?}, {partial} bytes of operation {fail_at}");
                let Ok(ledger) = Ledger::open_with(&folder.0, "demo", options, parts) else {
                    assert!(super::ledger_names(&folder.0).unwrap().is_empty(), "{case}: no half-made file is left");
                    continue;
                };
                let mut cleared = 0;
                let mut failure = None;
                for _ in 0..12 {
                    match append(&ledger, CALL, &decision(Verdict::Allow, Mode::Enforce)) {
                        Ok(_) if failure.is_some() => panic!("{case}: cleared after a failure"),
                        Ok(_) => cleared += 1,
                        Err(error) => failure = Some(error),
                    }
                }
                let failure = failure.unwrap_or_else(|| panic!("{case}: nothing failed"));
                assert!(failure.path.starts_with(&folder.0) && !failure.cause.is_empty(), "{failure}");
                assert_eq!(ledger.lifecycle("late", &[]).unwrap_err(), failure);
                assert!(ledger.close("late").is_err());
                drop(ledger);
                let report = verify_path(&folder.0, 1).unwrap();
                for file in &report.files {
                    assert!(matches!(file.status, Status::Valid { .. } | Status::Torn { .. }), "{case}: {report}");
                }
                let messages: usize = folder
                    .files()
                    .iter()
                    .map(|file| fs::read_to_string(file).unwrap().matches("\"rule-1\"").count())
                    .sum();
                assert!(messages >= cleared, "{case}: {cleared} cleared, {messages} recorded");

                drop(open(&folder.0));
                let report = verify_path(&folder.0, 1).unwrap();
                assert!(report.is_valid(), "{case}: not repaired: {report}");
            }
        }
    }
}

#[test]
fn a_full_disk_is_named_in_the_error() {
    let folder = Folder::new();
    let store = |_: File| file_store(File::options().append(true).open("/dev/full").unwrap());
    let error = Ledger::open_with(&folder.0, "demo", Options::default(), Parts { store: Box::new(store), ..parts() });
    let text = error.unwrap_err().to_string();
    assert!(text.contains("No space left") && text.contains("Free space") && text.contains("-demo-"), "{text}");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
}

#[test]
fn no_ledger_opens_without_randomness_or_folder_or_with_a_strange_purpose() {
    let folder = Folder::new();
    let without = Parts { randomness: Box::new(NoRandomness), ..parts() };
    assert!(Ledger::open_with(&folder.0, "demo", Options::default(), without).is_err());
    assert!(Ledger::open(Path::new("/dev/null/x"), "demo", Durability::Os).is_err());
    for purpose in ["", "../x", "a b", "A", &"x".repeat(33)] {
        assert!(Ledger::open(&folder.0, purpose, Durability::Os).is_err(), "{purpose}");
    }
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_the_ledger() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let ledger = open(&folder.0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder.0), mode(&ledger.path())), (0o700, 0o600));
}

#[test]
fn a_full_file_is_closed_and_continued_in_the_next() {
    let folder = Folder::new();
    for durability in [Durability::Os, Durability::Disk] {
        let options = Options { durability, file_bytes_max: 4000 };
        let ledger = Ledger::open_with(&folder.0, "serve", options, parts()).unwrap();
        for _ in 0..40 {
            assert!(append(&ledger, CALL, &decision(Verdict::Allow, Mode::Enforce)).is_ok());
        }
    }
    let report = verify_path(&folder.0, 1).unwrap();
    assert!(report.is_valid(), "{report}");
    assert!(report.files.len() > 8);
    for file in &report.files {
        assert!(matches!(file.status, Status::Valid { ending: Ending::Closed, .. }), "{report}");
        assert!(fs::metadata(&file.path).unwrap().len() < 12_000);
    }
    let continued: Vec<Value> =
        folder.files().iter().map(|file| records(file).swap_remove(0)["continues"].take()).collect();
    assert_eq!(continued.iter().filter(|value| value.is_null()).count(), 2, "two ledgers began by themselves");
}

#[test]
fn closing_ends_the_ledger() {
    let folder = Folder::new();
    let ledger = open(&folder.0);
    let pending = ledger.append_own(&origin(), Direction::FromClient, "ping", Bytes::new()).unwrap();
    ledger.close("SIGTERM").unwrap();
    assert!(pending.settle(&ledger).is_err(), "closed means closed");
    assert!(ledger.lifecycle("late", &[]).is_err());
    let path = ledger.path();
    drop(ledger);
    let lines = records(&path);
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[2]["fields"]["reason"], "SIGTERM");
}

#[test]
fn every_tear_is_repaired_by_appending() {
    let source = Folder::new();
    let ledger = open(&source.0);
    for _ in 0..3 {
        assert!(append(&ledger, CALL, &decision(Verdict::Deny, Mode::Enforce)).is_ok());
    }
    let path = ledger.path();
    let whole = fs::read(&path).unwrap();
    let genesis = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let name = path.file_name().unwrap();
    for length in (genesis + 1..whole.len()).step_by(61).chain([whole.len() - 1, whole.len() - 2]) {
        let folder = Folder::new();
        fs::create_dir(&folder.0).unwrap();
        let torn = folder.0.join(name);
        let before = whole.get(..length).unwrap();
        fs::write(&torn, before).unwrap();
        let was_torn = before.last() != Some(&b'\n');
        assert_eq!(verify_path(&torn, 1).unwrap().is_valid(), !was_torn, "{length}");
        let opened = open(&folder.0);
        assert_eq!(opened.repairs().len(), usize::from(was_torn));
        drop(opened);
        let after = fs::read(&torn).unwrap();
        assert!(after.starts_with(before), "nothing is rewritten");
        let report = verify_path(&folder.0, 1).unwrap();
        assert!(report.is_valid(), "{length}: {report}");
        drop(open(&folder.0));
        assert_eq!(fs::read(&torn).unwrap(), after, "what is repaired stays as it is");
        // A repair that was itself torn is repaired.
        if was_torn {
            for cut in [after.len() - 1, after.len() - 40, length + 1] {
                fs::write(&torn, after.get(..cut).unwrap()).unwrap();
                drop(open(&folder.0));
                let report = verify_path(&torn, 1).unwrap();
                assert!(report.is_valid(), "{length} then {cut}: {report}");
            }
        }
    }
}

#[test]
fn no_repair_covers_up_a_changed_record() {
    for cut in [1, 40] {
        let folder = Folder::new();
        let ledger = open(&folder.0);
        for _ in 0..3 {
            assert!(append(&ledger, CALL, &decision(Verdict::Allow, Mode::Enforce)).is_ok());
        }
        let path = ledger.path();
        drop(ledger);
        let mut changed = fs::read_to_string(&path).unwrap().replacen("\"allow\"", "\"blind\"", 1);
        changed.truncate(changed.len() - cut);
        fs::write(&path, &changed).unwrap();
        assert_eq!(open(&folder.0).repairs().len(), 1, "the end was torn and is repaired");
        assert!(fs::read_to_string(&path).unwrap().starts_with(&changed));
        assert!(matches!(verify_path(&path, 1).unwrap().files[0].status, Status::Broken { line: 2, .. }));

        // When the last record itself was changed there is nothing that a crash explains, and nothing is repaired.
        let mut lines: Vec<String> = changed.lines().map(str::to_owned).collect();
        lines.truncate(2);
        let changed = lines.join("\n");
        fs::write(&path, &changed).unwrap();
        assert!(open(&folder.0).repairs().is_empty());
        assert_eq!(fs::read_to_string(&path).unwrap(), changed);
    }
}

#[test]
fn a_file_that_is_in_use_is_neither_repaired_nor_called_torn() {
    let folder = Folder::new();
    let ledger = open(&folder.0);
    ledger.lifecycle("start", &[]).unwrap();
    let path = ledger.path();
    fs::write(&path, fs::read(&path).unwrap().strip_suffix(b"\n").unwrap()).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(open(&folder.0).repairs().is_empty());
    assert_eq!(fs::read(&path).unwrap(), before);
    let report = verify_path(&path, 1).unwrap();
    assert!(matches!(report.files[0].status, Status::Valid { ending: Ending::InUse, .. }), "{report}");
}

#[test]
fn hostile_names_stay_inside_their_members_and_bounds() {
    let folder = Folder::new();
    let ledger = open(&folder.0);
    let hostile = "\",\"hash\":\"x\"}\n\u{1b}[2J\u{202e}".repeat(2000);
    let text = serde_json::json!({"jsonrpc": "2.0", "id": hostile, "method": hostile,
        "params": {"name": hostile, "uri": format!("https://u:p@h/{hostile}?k=s3cret")}});
    let mut findings = Findings::default();
    for severity in [Severity::Low; 100].into_iter().chain([Severity::Critical]) {
        findings.push(Finding {
            id: "TP001",
            rule: hostile.as_str().into(),
            severity,
            confidence: f32::NAN,
            pointer: hostile.as_str().into(),
            span: 0..usize::MAX,
            detail: hostile.as_str().into(),
        });
    }
    let message = message(&text.to_string());
    let origin = Origin { session: hostile.as_str().into(), server: hostile.as_str().into(), ..origin() };
    let mut facts = facts(&message, &origin);
    facts.client_claimed = Some(hostile.as_str().into());
    facts.server_claimed = Some(hostile.as_str().into());
    facts.prompt = Some(hostile.as_str().into());
    let mut decision = decision(Verdict::Deny, Mode::Enforce);
    decision.reasons = vec![Reason { rule: hostile.as_str().into(), text: Some(hostile.as_str().into()) }; 200];
    decision.policy = hostile.as_str().into();
    let time = Some(Duration::MAX);
    let entry =
        Entry { message: &message, facts: &facts, findings: &findings, decision: &decision, upstream_time: time };
    drop(ledger.append(&entry).unwrap());
    let fields: Vec<(&str, &str)> = vec![(&hostile, &hostile); 100];
    ledger.lifecycle(&hostile, &fields).unwrap();
    let file = fs::read_to_string(ledger.path()).unwrap();
    let longest = file.lines().map(str::len).max().unwrap();
    assert!(longest < crate::record::LINE_BYTES_MAX, "{longest}");
    assert!(!file.contains("s3cret") && !file.contains("u:p@"), "no secret of the URI");
    assert!(!file.trim_end().chars().any(|c| c != '\n' && crate::record::text::steers(c)));
    let record = records(&ledger.path()).swap_remove(1);
    assert_eq!(record["findings"].as_array().unwrap().len(), crate::record::FINDINGS_MAX);
    assert_eq!(record["findings"][0]["severity"], "critical", "the gravest is never pushed out");
    assert_eq!(record["findings_omitted"], 101 - crate::record::FINDINGS_MAX);
    assert!(verify_path(&ledger.path(), 1).unwrap().is_valid());
}

#[test]
fn a_panic_while_writing_stops_everything() {
    #[derive(Debug)]
    struct Panicking(Mutex<u32>);
    impl Store for Panicking {
        fn write(&self, bytes: &[u8]) -> io::Result<usize> {
            let mut calls = self.0.lock().unwrap();
            *calls += 1;
            assert!(*calls < 2, "as ordered by the test");
            Ok(bytes.len())
        }
        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }
    let folder = Folder::new();
    let store = |_: File| -> Arc<dyn Store> { Arc::new(Panicking(Mutex::new(0))) };
    let ledger =
        Ledger::open_with(&folder.0, "demo", Options::default(), Parts { store: Box::new(store), ..parts() }).unwrap();
    let panicked = std::thread::scope(|scope| scope.spawn(|| ledger.lifecycle("x", &[])).join().is_err());
    assert!(panicked);
    assert!(append(&ledger, CALL, &decision(Verdict::Allow, Mode::Enforce)).unwrap_err().cause.contains("panicked"));
}
