//! Measures what every message pays: the check, the envelope, framing and look-ups. Prints the best of many rounds in
//! microseconds; it asserts nothing. Run with `cargo bench -p gatehold-wire`.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a program for people that stops on a wrong input")]
#![expect(clippy::disallowed_methods, reason = "measuring needs a clock")]

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use gatehold_wire::{Limits, Message, json, lines::Lines, sse::Events};

fn main() {
    let limits = Limits::default();
    for (name, text) in [
        ("1 KB call, small objects", call(&small_objects(760))),
        ("10 KB call, small objects", call(&small_objects(10_000))),
        ("100 KB call, small objects", call(&small_objects(100_000))),
        ("100 KB call, one string", call(&format!("\"{}\"", "lorem ipsum dolor ".repeat(5_600)))),
        ("100 KB call, one non-ASCII string", call(&format!("\"{}\"", "größer schöner ".repeat(5_900)))),
        ("100 KB call, escaped lines", call(&format!("\"{}\"", "fn main() { run(); }\\n".repeat(4_600)))),
        ("10 MB call, one string", call(&format!("\"{}\"", "lorem ipsum dolor ".repeat(560_000)))),
        ("large object, 10 000 keys", call(&wide_object(10_000))),
    ] {
        let bytes = Bytes::from(text);
        let size = bytes.len();
        report(name, size, "check", || json::check(black_box(&bytes), &limits).is_ok());
        report(name, size, "Message::parse", || Message::parse(black_box(bytes.clone()), &limits).is_ok());
        let message = Message::parse(bytes.clone(), &limits).expect("the bench's own message");
        report(name, size, "method, name, arguments, version", || {
            black_box((message.method(), message.name(), message.arguments(), message.modern_version())).2.is_some()
        });
        report(name, size, "walk_strings", || {
            let mut count = 0;
            let _ = message.params().expect("has params").walk_strings(|spot| {
                count += spot.value().bytes().len();
                std::ops::ControlFlow::<()>::Continue(())
            });
            black_box(count) > 0
        });
    }
    let line = call(&small_objects(760)) + "\n";
    report("1 KB line", line.len(), "Lines", || {
        let mut lines = Lines::new(1 << 20);
        lines.buffer().extend_from_slice(line.as_bytes());
        matches!(lines.next_line(), Ok(Some(_)))
    });
    let event = format!("id: 7\ndata: {}\n\n", call(&small_objects(760)));
    report("1 KB event", event.len(), "Events", || {
        let mut events = Events::new(1 << 20);
        events.push(event.as_bytes());
        matches!(events.next_event(), Ok(Some(_)))
    });
}

fn report(name: &str, size: usize, what: &str, mut run: impl FnMut() -> bool) {
    let rounds = (4_000_000 / size.max(1)).clamp(3, 2_000);
    let mut best = f64::INFINITY;
    for _ in 0..40 {
        let start = Instant::now();
        for _ in 0..rounds {
            assert!(black_box(run()), "{name}: {what} failed");
        }
        best = best.min(start.elapsed().as_secs_f64() / rounds as f64);
    }
    println!("{name:36} {size:>9} bytes  {what:34} {:>10.3} us", best * 1e6);
}

fn call(payload: &str) -> String {
    format!(
        concat!(
            r#"{{"jsonrpc":"2.0","id":4711,"method":"tools/call","params":{{"name":"create_issue","arguments":"#,
            r#"{{"items":{}}},"_meta":{{"progressToken":12,"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}}}}"#
        ),
        payload
    )
}

fn small_objects(size: usize) -> String {
    let mut items = String::from("[");
    let mut index = 0;
    while items.len() < size {
        if index > 0 {
            items.push(',');
        }
        items += &format!(
            r#"{{"id":{index},"title":"Item number {index}","tags":["red","green"],"done":false,"owner":{{"name":"ada","mail":"ada@example.org"}}}}"#
        );
        index += 1;
    }
    items + "]"
}

fn wide_object(count: usize) -> String {
    let members: Vec<String> = (0..count).map(|index| format!(r#""key-{index}":{index}"#)).collect();
    format!("{{{}}}", members.join(","))
}
