//! `gatehold mfa`: enrolled with the code that the screen shows, read back from the very characters, and used by the
//! real command.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use gatehold_gateway::approvals::Outcome;
use qrcode::{Color, QrCode};
use serde_json::Value;
use totp_rs::{Builder, Secret, Totp};

use crate::approvals::{Host, stdout};
use crate::running::{gatehold, records, stderr};

pub(crate) struct Enrolled {
    totp: Totp,
    pub(crate) recovery: Vec<String>,
    qr: Vec<String>,
    pub(crate) secret: String,
}

fn enrol(host: &Host, principal: &str) -> Enrolled {
    enrol_in(host.folder.path(), principal)
}

/// Enrols as a person does: reads what is shown, types the code.
pub(crate) fn enrol_in(folder: &Path, principal: &str) -> Enrolled {
    let mut child = gatehold()
        .env("GATEHOLD_STATE", folder.join("state"))
        .env("GATEHOLD_LEDGER", folder.join("ledger"))
        .args(["mfa", "enrol", "--principal", principal])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let shown: Vec<String> = lines.by_ref().take_while(|line| !line.contains("not shown again")).collect();
    let secret = shown.iter().find_map(|line| line.strip_prefix("or type this into it: ")).unwrap().to_owned();
    let totp = Builder::new().with_secret(Secret::try_from_base32(&secret).unwrap()).build().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", totp.generate(now())).unwrap();
    let recovery = lines.filter_map(|line| line.strip_prefix("  ").map(ToOwned::to_owned)).collect();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let qr = shown.into_iter().filter(|line| line.contains(['█', '▀', '▄'])).collect();
    Enrolled { totp, recovery, qr, secret }
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// The modules that block characters show, two rows to a line, without the quiet zone around them.
fn modules(lines: &[String]) -> Vec<Vec<bool>> {
    let mut rows = Vec::new();
    for line in lines {
        let half =
            |upper: bool| line.chars().map(|c| c == '█' || c == if upper { '▀' } else { '▄' }).collect::<Vec<bool>>();
        rows.push(half(true));
        rows.push(half(false));
    }
    let dark = |row: &Vec<bool>| row.iter().any(|module| *module);
    rows.retain(dark);
    let left = rows.iter().filter_map(|row| row.iter().position(|module| *module)).min().unwrap();
    let right = rows.iter().filter_map(|row| row.iter().rposition(|module| *module)).max().unwrap();
    rows.iter().map(|row| row[left..=right].to_vec()).collect()
}

#[test]
fn the_code_on_the_screen_holds_the_secret() {
    let host = Host::new();
    let enrolled = enrol(&host, "ada");
    assert_eq!(enrolled.recovery.len(), 10);
    let quiet = enrolled.qr[0].chars().take_while(|c| *c == ' ').count();
    assert!(quiet >= 4, "a quiet zone is needed to be read");
    let shown = modules(&enrolled.qr);
    let address = format!("otpauth://totp/Gatehold:ada?secret={}&issuer=Gatehold", enrolled.secret);
    let wanted = QrCode::new(address).unwrap();
    let wanted: Vec<Vec<bool>> = wanted
        .to_colors()
        .chunks(wanted.width())
        .map(|row| row.iter().map(|module| *module == Color::Dark).collect())
        .collect();
    assert_eq!(shown, wanted);
}

#[test]
fn a_code_is_given_to_what_waits_for_it() {
    let host = Host::new();
    let enrolled = enrol(&host, "ada");
    let waiting = host.code("ada");
    assert!(stdout(&host.run(&["approvals", "list"])).contains("needs a code"));
    let approved = host.run(&["approvals", "approve", &waiting.id]);
    assert!(stderr(&approved).contains("not for an approval"), "{}", stderr(&approved));
    let used = host.run(&["approvals", "code", &waiting.id, &enrolled.totp.generate(now()).to_string()]);
    assert!(stderr(&used).contains("used already") || used.status.success(), "{}", stderr(&used));
    let given = if used.status.success() {
        used
    } else {
        host.run(&["mfa", "verify", &enrolled.recovery[0], "--principal", "ada"])
    };
    assert_eq!(given.status.code(), Some(0), "{}", stderr(&given));
    assert!(stdout(&given).contains("counts"), "{}", stdout(&given));
    assert!(matches!(waiting.outcome(), Outcome::Approved { by, .. } if &*by[0] == "ada"));
    let again = host.code("ada");
    let twice = host.run(&["approvals", "code", &again.id, &enrolled.recovery[0]]);
    assert_eq!(twice.status.code(), if given.status.success() { Some(1) } else { None });
    drop(again);
}

#[test]
fn guesses_end_soon_and_no_code_or_secret_is_recorded() {
    let host = Host::new();
    let enrolled = enrol(&host, "ada");
    let waiting = host.code("ada");
    for guess in ["000001", "000002", "000003", "000004", "000005"] {
        let output = host.run(&["approvals", "code", &waiting.id, guess]);
        assert_eq!(output.status.code(), Some(1), "{guess}: {}", stderr(&output));
    }
    let locked = host.run(&["mfa", "verify", &enrolled.recovery[1], "--principal", "ada"]);
    assert!(stderr(&locked).contains("none counts for"), "{}", stderr(&locked));
    assert!(stdout(&host.run(&["mfa", "list"])).contains("no code counts, ends in"));
    let text = records(&host.folder.path().join("ledger")).iter().map(Value::to_string).collect::<String>();
    for hidden in [&*enrolled.secret, "000001", &enrolled.recovery[1]] {
        assert!(!text.contains(hidden), "{text}");
    }
    assert!(text.contains("second_factor_refused") && text.contains("mfa_enrolled"));
    drop(waiting);
}

#[test]
fn a_second_factor_is_listed_removed_and_not_replaced_unseen() {
    let host = Host::new();
    let _enrolled = enrol(&host, "ada");
    let listed: Value = serde_json::from_slice(&host.run(&["mfa", "list", "--json"]).stdout).unwrap();
    assert_eq!((listed[0]["principal"].as_str(), listed[0]["recovery_left"].as_u64()), (Some("ada"), Some(10)));
    let again = host.run(&["mfa", "enrol", "--principal", "ada"]);
    assert!(stderr(&again).contains("gatehold mfa remove"), "{}", stderr(&again));
    assert_eq!(host.run(&["mfa", "remove", "ada"]).status.code(), Some(0));
    let none = host.run(&["mfa", "verify", "000000", "--principal", "ada"]);
    assert!(stderr(&none).contains("gatehold mfa enrol"), "{}", stderr(&none));
}
