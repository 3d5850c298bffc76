//! What ordinary text may cost: no allocation, and no more time than a small multiple of the simplest pass over the same
//! bytes, taken in the same run. Hostile text: see `hostile`; figures: `cargo xtask bench --only detection`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use allocation_counter::measure;
use gatehold_inspect::{Registry, TextKind};

const PROSE: &str = "The quarterly report shows that sales of the northern region grew by a tenth, while the costs of storage \
                     stayed where they were. Two suppliers changed their prices in the spring; both changes are small. ";
const JSON: &str = r#"{"name":"widget","size":12,"tags":["blue","round"],"at":"2024-05-06T07:08:09Z","price":19.99},"#;
const CODE: &str = "fn main() {\n    let total: usize = items.iter().map(|item| item.size).sum();\n}\n";
const RUSSIAN: &str = "Отчёт за квартал показывает, что продажи северного региона выросли на десятую часть. ";

/// Ordinary words, some of which hint at something, and nothing comes of it.
#[test]
fn ordinary_text_allocates_nothing() {
    let registry = Registry::standard();
    for (name, unit) in [("prose", PROSE), ("json", JSON)] {
        for size in [100, 1_000, 10_000, 300_000] {
            let text = unit.repeat(size / unit.len() + 1);
            let counted = measure(|| {
                black_box(registry.inspect_text(&text, TextKind::ToolOutput, Some("report"), None));
            });
            assert_eq!(counted.count_total, 0, "{name} of {} bytes: {counted:?}", text.len());
        }
    }
    let text = PROSE.repeat(5);
    let counted = measure(|| {
        black_box(registry.inspect_text(&text, TextKind::Arguments, Some("report"), Some("note")));
    });
    // The names of the tool and of the parameter are written small.
    assert!(counted.count_total <= 8, "prose as arguments: {counted:?}");
}

/// What is not ASCII is read in a second form. The memory for it grows with the text and not faster.
#[test]
fn readings_take_a_bounded_multiple_of_the_text() {
    let registry = Registry::standard();
    for (unit, times) in [(RUSSIAN, 8), ("іgnоrе ", 40), ("%69%67", 20), ("a\u{200B}b", 40), ("erongi é", 80)] {
        let text = unit.repeat(200_000 / unit.len());
        let counted = measure(|| {
            black_box(registry.inspect_text(&text, TextKind::ToolOutput, None, None));
        });
        let most = counted.bytes_max / text.len() as u64;
        assert!(most < times, "{unit:?} takes {most} times its bytes");
    }
}

/// The bounds are about twice what was measured, so that only a pass too many or a slower one breaks them. Short texts
/// are read often: some of the times are those of a machine that does nothing else.
#[test]
#[cfg_attr(debug_assertions, ignore = "means nothing without optimisation: `cargo xtask ci` runs it with")]
fn megabytes_of_ordinary_text_cost_little_more_than_reading_them() {
    let registry = Registry::standard();
    for (name, unit, kind, times) in [
        ("prose", PROSE, TextKind::ToolOutput, 6.0),
        ("prose", PROSE, TextKind::Arguments, 15.0),
        ("json", JSON, TextKind::ToolOutput, 20.0),
        ("code", CODE, TextKind::ToolOutput, 8.0),
        ("russian", RUSSIAN, TextKind::ToolOutput, 30.0),
    ] {
        let text = unit.repeat(50_000 / unit.len());
        // Each step of this hash waits for the one before, as in the simplest automaton.
        let plainly =
            || text.bytes().fold(0xCBF2_9CE4u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_01B3));
        let (mut read, mut hashed) = (Duration::MAX, Duration::MAX);
        let mut ratio = f64::MAX;
        // Whatever else the machine does makes single times longer: the fastest of each count.
        for _ in 0..400 {
            let begin = Instant::now();
            black_box(registry.inspect_text(black_box(&text), kind, None, None));
            read = read.min(begin.elapsed());
            let begin = Instant::now();
            black_box(plainly());
            hashed = hashed.min(begin.elapsed());
            ratio = read.as_secs_f64() / hashed.as_secs_f64();
        }
        println!("{name} as {}: {read:?}, {ratio:.1} times a plain pass ({hashed:?})", kind.name());
        assert!(ratio < times, "{name} as {}: {read:?}, {ratio:.1} times a plain pass", kind.name());
    }
}
