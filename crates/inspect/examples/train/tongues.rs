//! Training texts in other languages than English: orders among ordinary sentences, poisoned descriptions, and honest
//! texts with the same words, each language as often as the next. The parts are slots whose names end in its code.

use crate::grammar::{Grammar, Numbers};
use crate::synthetic::{Made, carried};

/// How many orders, and how many honest texts, are made of a language.
const EACH: usize = 24;
/// The same for a language of which there is one line only.
const EACH_FEW: usize = 8;

/// The texts of all languages.
pub(crate) fn texts(grammar: &Grammar, numbers: &mut Numbers) -> Vec<Made> {
    let mut made = Vec::new();
    for name in grammar.names("order-") {
        let language = name.trim_start_matches("order-");
        let [honest, poisoned, tool] = ["honest", "poisoned", "tool"].map(|part| format!("{part}-{language}"));
        let known = grammar.has(&honest);
        for round in 0..if known { EACH } else { EACH_FEW } {
            let honest = if known { &*honest } else { "honest-further" };
            let (kind, text) = attack(grammar, round, [name, honest, &poisoned, &tool], numbers);
            made.push(Made { kind, attack: true, text });
            for (kind, text) in neighbours(grammar, round, honest, &tool, numbers) {
                made.push(Made { kind, attack: false, text });
            }
        }
    }
    made
}

/// An order: alone, in English surroundings, among sentences of its language, or in a description.
fn attack(grammar: &Grammar, round: usize, slots: [&str; 4], numbers: &mut Numbers) -> (&'static str, String) {
    let [order, honest, poisoned, tool] = slots;
    let text = grammar.text(order, numbers);
    let aside = grammar.text(honest, numbers);
    match round % 6 {
        0 => ("direct_injection", text),
        1 => ("direct_injection", format!("{aside} {text}")),
        2 => ("indirect_injection", carried(grammar, &text, numbers)),
        3 => ("indirect_injection", format!("{aside} {text} {}", grammar.text(honest, numbers))),
        _ if grammar.has(poisoned) => ("tool_poisoning", grammar.text(poisoned, numbers)),
        _ if grammar.has(tool) => ("tool_poisoning", format!("{} {text}", grammar.text(tool, numbers))),
        _ => ("tool_poisoning", format!("{}. {text}", grammar.text("task", numbers))),
    }
}

/// Honest texts: results and prompts, and descriptions where there are some.
fn neighbours(
    grammar: &Grammar,
    round: usize,
    honest: &str,
    tool: &str,
    numbers: &mut Numbers,
) -> Vec<(&'static str, String)> {
    let sentence = grammar.text(honest, numbers);
    let more = grammar.text(honest, numbers);
    let mut made = vec![("prompt", format!("{sentence} {more}"))];
    made.push(match round % 3 {
        0 => ("benign_text", sentence),
        1 => ("benign_text", carried(grammar, &sentence, numbers)),
        _ => ("benign_text", format!("{more} {sentence}")),
    });
    if grammar.has(tool) {
        made.push(("tool_description", grammar.text(tool, numbers)));
        made.push(("tool_description", format!("{} {}", grammar.text(tool, numbers), grammar.text(tool, numbers))));
    } else {
        made.push(("tool_description", more));
    }
    made
}
