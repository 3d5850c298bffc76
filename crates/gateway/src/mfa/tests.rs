//! Second factors under attack: replay, guessing, swapped secrets, and codes that were never written down as used.

use std::sync::Arc;

use gatehold_evidence::Durability;
use tempfile::TempDir;

use super::*;

const NOW: i64 = 1_700_000_010;

struct Scene {
    state: State,
    ledger: Arc<Ledger>,
    _folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let state = State::open(&folder.path().join("state")).unwrap();
        let ledger = Arc::new(Ledger::open(&folder.path().join("ledger"), "mfa", Durability::Os).unwrap());
        Self { state, ledger, _folder: folder }
    }

    fn enrol(&self, principal: &str) -> (Offer, Vec<Zeroizing<String>>) {
        let offer = Offer::new(principal).unwrap();
        let codes = offer.accept(&self.state, &self.ledger, &code(&offer, NOW), "root", NOW).unwrap();
        (offer, codes)
    }

    fn check(&self, code: &str, now: i64) -> Result<Counted, MfaError> {
        check(&self.state, "ada", code, now)
    }
}

fn code(offer: &Offer, now: i64) -> String {
    offer.totp.generate(u64::try_from(now).unwrap()).to_string()
}

#[test]
fn the_codes_are_those_of_the_standard() {
    // RFC 6238, appendix B, SHA-1, cut to six digits.
    let totp = totp(b"12345678901234567890", "ada").unwrap();
    for (time, code) in
        [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
    {
        assert_eq!(matching_step(&totp, code, time), Some(u64::try_from(time).unwrap() / 30), "{time}");
    }
}

#[test]
fn a_code_counts_once_in_its_time_and_a_step_around() {
    let scene = Scene::new();
    let (offer, _) = scene.enrol("ada");
    assert!(matches!(scene.check(&code(&offer, NOW), NOW), Err(MfaError::Used)), "it has confirmed the enrolment");
    let next = NOW + 60;
    assert_eq!(scene.check(&code(&offer, next), next).unwrap(), Counted::Password);
    assert!(matches!(scene.check(&code(&offer, next), next), Err(MfaError::Used)));
    assert!(matches!(scene.check(&code(&offer, next - 30), next), Err(MfaError::Used)), "none before it");
    let spaced = code(&offer, next + 60);
    let spaced = format!("{} {}", &spaced[..3], &spaced[3..]);
    assert_eq!(scene.check(&spaced, next + 30).unwrap(), Counted::Password, "one step ahead, as people type it");
    assert!(matches!(scene.check(&code(&offer, next + 120), next + 30), Err(MfaError::Wrong)), "not three");
    assert!(matches!(check(&scene.state, "bob", "000000", NOW), Err(MfaError::NotEnrolled(_))));
}

#[test]
fn guessing_ends_after_a_few() {
    let scene = Scene::new();
    let (offer, codes) = scene.enrol("ada");
    let at = NOW + 300;
    let right = code(&offer, at);
    let wrong: Vec<String> = (0..WRONG_MAX).map(|n| format!("{n:06}")).filter(|guess| *guess != right).collect();
    for guess in &wrong {
        assert!(matches!(scene.check(guess, at), Err(MfaError::Wrong)));
    }
    for guess in ["", "1", "abcdef", "aaaaa-aaaaa"] {
        let _wrong = scene.check(guess, at);
    }
    assert!(matches!(scene.check(&right, at), Err(MfaError::Locked(_))), "not the right one either");
    assert!(matches!(scene.check(&codes[0], at), Err(MfaError::Locked(_))), "nor a recovery code");
    assert!(list(&scene.state, at).unwrap()[0].locked_until.is_some());
    let later = at + LOCKED_SECONDS;
    assert_eq!(scene.check(&code(&offer, later), later).unwrap(), Counted::Password);
}

#[test]
fn a_recovery_code_counts_once() {
    let scene = Scene::new();
    let (_, codes) = scene.enrol("ada");
    assert_eq!(codes.len(), RECOVERY_COUNT);
    assert_eq!(scene.check(&codes[3].to_uppercase(), NOW).unwrap(), Counted::Recovery(9));
    assert!(matches!(scene.check(&codes[3], NOW), Err(MfaError::Wrong)));
    assert_eq!(scene.check(&codes[4].replace('-', " "), NOW).unwrap(), Counted::Recovery(8));
}

#[test]
fn no_secret_stands_in_clear() {
    let scene = Scene::new();
    let (offer, codes) = scene.enrol("ada");
    let mut text = std::fs::read_to_string(scene.state.folder().join(DOCUMENT)).unwrap();
    text.push_str(&std::fs::read_to_string(scene.ledger.path()).unwrap());
    let secret = offer.secret();
    for hidden in [&**secret, &hex(&offer.secret), &codes[0], &codes[0].replace('-', "")] {
        assert!(!text.contains(hidden), "{text}");
    }
    assert!(!format!("{offer:?}").contains(&**secret));
}

#[test]
fn a_sealed_secret_serves_its_own_principal_only() {
    let scene = Scene::new();
    let (eve, _) = scene.enrol("eve");
    let _ada = scene.enrol("ada");
    let mut all: Vec<Enrolled> = scene.state.read(DOCUMENT).unwrap().unwrap();
    all[1].sealed = all[0].sealed.clone();
    scene.state.write(DOCUMENT, &all).unwrap();
    let at = NOW + 60;
    assert!(matches!(scene.check(&code(&eve, at), at), Err(MfaError::Unfit(_))));
}

#[test]
fn nothing_is_kept_before_the_first_code_and_nothing_twice() {
    let scene = Scene::new();
    let offer = Offer::new("ada").unwrap();
    assert!(matches!(offer.accept(&scene.state, &scene.ledger, "nonsense", "root", NOW), Err(MfaError::Wrong)));
    assert!(list(&scene.state, NOW).unwrap().is_empty());
    let _enrolled = scene.enrol("ada");
    let again = offer.accept(&scene.state, &scene.ledger, &code(&offer, NOW), "root", NOW);
    assert!(matches!(again, Err(MfaError::Enrolled(_))), "no second factor is replaced unseen");
    remove(&scene.state, &scene.ledger, "ada", "root").unwrap();
    assert!(list(&scene.state, NOW).unwrap().is_empty());
    assert!(Offer::new("").is_err() && Offer::new("a\nb").is_err());
}
