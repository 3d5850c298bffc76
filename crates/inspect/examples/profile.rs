//! Times the parts of an inspection. A development tool; it writes nothing.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a development tool: it measures and prints")]

use std::time::Instant;

use gatehold_inspect::text::Text;
use gatehold_inspect::{Findings, TextKind, detectors, normalise, signals};

fn time(name: &str, length: usize, mut run: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..7 {
        let begin = Instant::now();
        for _ in 0..300 {
            run();
        }
        best = best.min(begin.elapsed().as_secs_f64() / 300.0);
    }
    println!("  {name:28} {:>8.2} ns/B", best * 1e9 / length as f64);
}

fn main() {
    let prose = "The quarterly report shows that sales of the northern region grew by a tenth, while the costs of storage \
                 stayed where they were. Two suppliers changed their prices in the spring; both changes are small. ";
    let json = r#"{"name":"widget","size":12,"tags":["blue","round"],"at":"2024-05-06T07:08:09Z","price":19.99,"stock":true},"#;
    let russian = "Отчёт за квартал показывает, что продажи северного региона выросли на десятую часть. ";
    for (name, unit) in [("prose", prose), ("json", json), ("russian", russian)] {
        let text = unit.repeat(10_000 / unit.len());
        let length = text.len();
        println!("{name}");
        time("signals", length, || drop(std::hint::black_box(signals::find(&text))));
        time("needs_folding", length, || drop(std::hint::black_box(normalise::fold::needs_folding(&text))));
        time("fold", length, || drop(std::hint::black_box(normalise::fold::fold(&text))));
        time("runs", length, || drop(std::hint::black_box(normalise::encodings::runs(&text))));
        time("leet", length, || drop(std::hint::black_box(normalise::disguises::looks_leet(&text))));
        time("spaced", length, || drop(std::hint::black_box(normalise::disguises::may_be_spaced(&text))));
        time("layers", length, || drop(std::hint::black_box(normalise::Layers::of(&text))));
        time("text", length, || drop(std::hint::black_box(Text::new(&text, TextKind::ToolOutput, None, None))));
        for kind in [TextKind::ToolOutput, TextKind::Arguments] {
            let read = Text::new(&text, kind, None, Some("value"));
            for detector in detectors::all() {
                time(&format!("{} {}", detector.card().id, kind.name()), length, || {
                    let mut findings = Findings::default();
                    detector.inspect_text(&read, &mut findings);
                    std::hint::black_box(&findings);
                });
            }
        }
    }
}
