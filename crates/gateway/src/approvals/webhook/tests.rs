//! The webhook as its receiver sees it, over a real socket.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc as std_mpsc;

use gatehold_decide::obligation::Way;
use gatehold_evidence::Durability;
use tempfile::TempDir;

use super::*;
use crate::approvals::tests::Call;
use crate::approvals::{AnswerError, Answered, ByToken, Choice, Desk, Outcome, Settings};

const SECRET: &str = "a secret of more than twenty-four bytes";

/// A receiver that answers with these statuses, in turn, and hands out what it got.
fn receiver(statuses: &'static [&'static str]) -> (String, std_mpsc::Receiver<(String, String)>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://127.0.0.1:{}/hook", listener.local_addr().unwrap().port());
    let (got, gets) = std_mpsc::channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut read = Vec::new();
            let mut piece = [0; 4096];
            let (head, body) = loop {
                let count = stream.read(&mut piece).unwrap();
                read.extend_from_slice(&piece[..count]);
                let text = String::from_utf8_lossy(&read).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.to_ascii_lowercase().split("content-length: ").nth(1).unwrap().to_owned();
                let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
                if body.len() >= length {
                    break (head.to_owned(), body.to_owned());
                }
            };
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
            got.send((head, body)).unwrap();
        }
    });
    (url, gets)
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:"))).unwrap();
    line.split_once(':').unwrap().1.trim().to_owned()
}

fn desk(url: &str, with_message: bool) -> (Arc<Desk>, Arc<Ledger>, TempDir) {
    let folder = TempDir::new().unwrap();
    let ledger = Arc::new(Ledger::open(folder.path(), "serve", Durability::Os).unwrap());
    let webhook = WebhookSettings {
        url: url.to_owned(),
        secret: Secret::new(SECRET),
        with_message,
        fetch: FetchConfig { http_on_loopback: true, ..FetchConfig::default() },
    };
    let settings = Settings { webhook: Some(webhook), ..Settings::default() };
    (Desk::start(settings, None, Arc::clone(&ledger)).unwrap(), ledger, folder)
}

#[test]
fn the_signature_covers_id_time_and_body() {
    let whole = sign(SECRET.as_bytes(), "msg_1", "1700000000", b"{}");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(b"msg_1.1700000000.{}");
    assert_eq!(whole, format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())));
    for (secret, id, time, body) in [
        ("other", "msg_1", "1700000000", "{}"),
        (SECRET, "msg_2", "1700000000", "{}"),
        (SECRET, "msg_1", "1700000001", "{}"),
        (SECRET, "msg_1", "1700000000", "{ }"),
    ] {
        assert_ne!(whole, sign(secret.as_bytes(), id, time, body.as_bytes()));
    }
}

#[tokio::test]
async fn a_hold_is_told_signed_and_its_token_answers_once() {
    let (url, gets) = receiver(&["503 Later", "204 No Content"]);
    let (desk, ledger, _folder) = desk(&url, true);
    let call = Call::new(r#"{"path":"a"}"#);
    let facts = call.facts();
    let ticket = desk.open(&call.request(&facts)).unwrap();
    let (first, _) = gets.recv_timeout(Duration::from_secs(10)).unwrap();
    let (head, body) = gets.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(header(&first, "webhook-id"), header(&head, "webhook-id"), "the same message, sent again");
    let (id, time) = (header(&head, "webhook-id"), header(&head, "webhook-timestamp"));
    assert_eq!(header(&head, "webhook-signature"), sign(SECRET.as_bytes(), &id, &time, body.as_bytes()));
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told["hold"]["id"], ticket.id());
    assert_eq!(told["hold"]["message"].as_str().unwrap().as_bytes(), call.message.bytes());
    let token = told["tokens"][0].as_str().unwrap();
    let wrong = "0".repeat(token.len());
    let digest = told["hold"]["digest"].as_str().unwrap();
    let right = ByToken { hold: ticket.id(), token, digest, by: "bob" };
    let once = |shown: ByToken<'_>| desk.answer_by_token(&shown, Choice::Once, false, None);
    assert_eq!(once(ByToken { token: &wrong, ..right }), Err(AnswerError::Unknown));
    assert_eq!(once(ByToken { hold: "other", ..right }), Err(AnswerError::Unknown), "of another hold");
    assert_eq!(once(ByToken { digest: "00", ..right }), Err(AnswerError::OtherMessage), "something else was read");
    assert_eq!(desk.pending().len(), 1);
    let answered = once(right);
    assert!(matches!(answered, Ok(Answered::Settled(Outcome::Approved { .. }))), "{answered:?}");
    assert!(desk.answer_by_token(&right, Choice::Deny, false, None).is_err(), "once");
    assert!(desk.satisfied(&call.decision, &call.message, &facts).is_some());
    let records = || std::fs::read_to_string(ledger.path()).unwrap();
    while !records().contains("webhook_sent") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let records = records();
    assert!(records.contains(&format!("\"way\":\"{}\"", Way::Webhook.name())), "{records}");
    assert!(!records.contains(token) && !records.contains(SECRET), "neither token nor secret is recorded");
    drop(ticket);
}

#[tokio::test]
async fn a_hook_that_is_refused_is_not_tried_for_ever_and_may_be_kept_in_the_dark() {
    let (url, gets) = receiver(&["410 Gone"]);
    let (desk, ledger, _folder) = desk(&url, false);
    let call = Call::new(r#"{"path":"secret-path"}"#);
    let facts = call.facts();
    let ticket = desk.open(&call.request(&facts)).unwrap();
    let (_, body) = gets.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(!body.contains("secret-path") && body.contains("\"message_omitted\":true"), "{body}");
    let failed = || std::fs::read_to_string(ledger.path()).unwrap().contains("webhook_failed");
    while !failed() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(desk.pending().len(), 1, "the other ways are still there");
    drop(ticket);
}

#[tokio::test]
async fn a_hook_into_the_network_is_not_told() {
    let (desk, ledger, _folder) = desk("https://10.0.0.1/hook", true);
    let call = Call::new("{}");
    let facts = call.facts();
    let ticket = desk.open(&call.request(&facts)).unwrap();
    while !std::fs::read_to_string(ledger.path()).unwrap().contains("webhook_failed") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(ticket);
}
