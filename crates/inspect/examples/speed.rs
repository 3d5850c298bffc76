//! Measures the inspection of single texts: bytes a second on clean text, time for typical calls and results, and the
//! worst input of each decoder. A development tool; it writes nothing.
//!
//! `cargo run --release -p gatehold-inspect --example speed`

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a development tool: it measures and prints")]

use std::time::Instant;

use bytes::Bytes;
use gatehold_inspect::{Flow, Registry, TextKind};
use gatehold_session::facts::{Direction, Facts, Origin, Transport};
use gatehold_session::principal::{Principal, Proof};
use gatehold_wire::{Limits, Message, Method};

fn main() {
    let registry = Registry::standard();
    let prose = "The quarterly report shows that sales of the northern region grew by a tenth, while the costs of storage \
                 stayed where they were. Two suppliers changed their prices in the spring; both changes are small. ";
    let json = r#"{"name":"widget","size":12,"tags":["blue","round"],"at":"2024-05-06T07:08:09Z","price":19.99,"stock":true},"#;
    let russian = "Отчёт за квартал показывает, что продажи северного региона выросли на десятую часть. ";
    let code = "fn main() {\n    let total: usize = items.iter().map(|item| item.size).sum();\n    println!(\"{total}\");\n}\n";
    if std::env::args().any(|argument| argument == "messages") {
        return whole_messages(&registry, 2000);
    }
    // For a profiler that counts instructions: every kind of text once.
    if std::env::args().any(|argument| argument == "count") {
        return whole_messages(&registry, 10);
    }
    // For a profiler: one kind of text again and again. `speed one json arguments 1000`.
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [one, name, kind, size] = words.as_slice()
        && one == "one"
        && let Some((_, unit)) = [("prose", prose), ("json", json), ("russian", russian), ("code", code)]
            .into_iter()
            .chain(HOSTILE)
            .find(|(known, _)| known == name)
    {
        let text = repeated(unit, size.parse().unwrap_or(1000));
        return measure(&registry, name, &text, TextKind::from_name(kind).unwrap_or(TextKind::ToolOutput));
    }
    println!("{:32} {:>10} {:>12} {:>10}", "text", "bytes", "microseconds", "MB/s");
    for (name, unit) in [("prose", prose), ("json", json), ("russian", russian), ("code", code)] {
        for size in [1_000, 10_000, 1_000_000] {
            let text = repeated(unit, size);
            measure(&registry, name, &text, TextKind::ToolOutput);
            if size == 1_000 {
                measure(&registry, &format!("{name} (arguments)"), &text, TextKind::Arguments);
            }
        }
    }
    whole_messages(&registry, 2000);
    for (name, unit) in HOSTILE {
        let text = repeated(unit, 10_000_000);
        once(&registry, name, &text, TextKind::ToolOutput);
        once(&registry, &format!("{name} (args)"), &text, TextKind::Arguments);
    }
}

/// The worst input of each decoder and detector, to be repeated.
const HOSTILE: [(&str, &str); 22] = [
    ("hostile: percent", "%69%67%6e%6f%72%65%20"),
    ("hostile: percent of percent", "%25%32%35%36%39"),
    ("hostile: entities", "&#105;&#x67;&amp;"),
    ("hostile: backslash", "\\u0069\\x67\\u{6e}"),
    ("hostile: base64", "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0 "),
    ("hostile: hexadecimal", "69676e6f726520616c6c2070 "),
    ("hostile: spaced", "i g n o r e "),
    ("hostile: leet", "1gn0r3 4ll "),
    ("hostile: anchors", "ignore forget mention hidden "),
    ("hostile: all classes", "ignore not tell user send api_key the ai must important instead before tool parameter "),
    ("hostile: phrases", "ignore all previous instructions "),
    ("hostile: digits", "1 2 3-4 5.6 "),
    ("hostile: tokens", "token=a1b2 password: key "),
    ("hostile: at signs", "a@b@c.d@"),
    ("hostile: zero width", "a\u{200B}b\u{200C}"),
    ("hostile: tags", "\u{E0041}\u{E0020}"),
    ("hostile: lookalikes", "іgnоrе "),
    ("hostile: colons", "http://a:b@c://"),
    ("hostile: dots", "..../....//../"),
    ("hostile: iban", "DE89370400440532 "),
    ("hostile: one run", "A"),
    ("hostile: quotes", "' or \" -- "),
];

/// Whole messages, walked string by string.
fn whole_messages(registry: &Registry, rounds: u32) {
    let item =
        r#"{"path":"src/main.rs","line":120,"note":"sales of the northern region grew by a tenth","done":false}"#;
    let items = |count: usize| vec![item; count].join(",");
    let call = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"report","arguments":{{"items":[{}]}}}}}}"#,
        items(9)
    );
    let text = serde_json::Value::String("The costs of storage stayed where they were. ".repeat(220)).to_string();
    let result = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":{text}}}]}}}}"#);
    let wanted = |name: &str| !std::env::args().any(|argument| argument.starts_with("message:") && argument != name);
    for (name, text, direction) in
        [("message: call", call, Direction::FromClient), ("message: result", result, Direction::FromServer)]
    {
        if !wanted(name) {
            continue;
        }
        let length = text.len();
        let Ok(message) = Message::parse(Bytes::from(text), &Limits::default()) else { continue };
        let origin = Origin {
            session: "s".into(),
            principal: Principal::new("tester", Proof::LocalUser),
            server: "files".into(),
            transport: Transport::Stdio,
        };
        let facts = Facts {
            origin: &origin,
            principal: &origin.principal,
            direction,
            kind: message.kind(),
            method: Some(Method::ToolsCall),
            revision: None,
            request_id: None,
            tool: Some("report".into()),
            prompt: None,
            resource: None,
            client_claimed: None,
            server_claimed: None,
            hints: None,
        };
        let mut best = f64::MAX;
        for _ in 0..7 {
            let begin = Instant::now();
            for _ in 0..rounds {
                std::hint::black_box(registry.inspect(Flow { message: &message, facts: &facts }));
            }
            best = best.min(begin.elapsed().as_secs_f64() / f64::from(rounds));
        }
        println!("{name:32} {length:>10} {:>12.2} {:>10.0}", best * 1e6, length as f64 / best / 1e6);
    }
}

fn repeated(unit: &str, size: usize) -> String {
    unit.chars()
        .cycle()
        .scan(0, |length, c| {
            *length += c.len_utf8();
            (*length <= size).then_some(c)
        })
        .collect()
}

fn measure(registry: &Registry, name: &str, text: &str, kind: TextKind) {
    let rounds = (20_000_000 / text.len()).clamp(5, 5_000);
    let mut best = f64::MAX;
    for _ in 0..5 {
        let begin = Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(registry.inspect_text(std::hint::black_box(text), kind, None, None));
        }
        best = best.min(begin.elapsed().as_secs_f64() / rounds as f64);
    }
    println!("{name:32} {:>10} {:>12.2} {:>10.0}", text.len(), best * 1e6, text.len() as f64 / best / 1e6);
}

fn once(registry: &Registry, name: &str, text: &str, kind: TextKind) {
    let begin = Instant::now();
    let found = registry.inspect_text(text, kind, None, None);
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{name:40} {:>10} {:>12.0} {:>10.0}  {} findings",
        text.len(),
        seconds * 1e6,
        text.len() as f64 / seconds / 1e6,
        found.as_slice().len()
    );
}
