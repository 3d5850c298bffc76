//! Training texts that are made, not found: wrappers around goals inside carriers, poisoned descriptions, and honest
//! texts that use the same words. The parts stand in `training/`.

use crate::grammar::{Grammar, Numbers};
use crate::tongues;

/// A text that was made: its kind, whether it is an attack.
pub(crate) struct Made {
    pub(crate) kind: &'static str,
    pub(crate) attack: bool,
    pub(crate) text: String,
}

/// The files of slots.
pub(crate) const FILES: &[&str] = &[
    include_str!("../../training/orders.txt"),
    include_str!("../../training/honest.txt"),
    include_str!("../../training/tools.txt"),
    include_str!("../../training/languages.txt"),
    include_str!("../../training/tongues.txt"),
    include_str!("../../training/injected.txt"),
    include_str!("../../training/injected_whole.txt"),
    include_str!("../../training/neighbours.txt"),
    include_str!("../../training/overrides.txt"),
    include_str!("../../training/asked.txt"),
    include_str!("../../training/poisoned.txt"),
    include_str!("../../training/honest-tools.txt"),
    include_str!("../../training/nearest.txt"),
];

/// The slots of all files.
pub(crate) fn grammar() -> Grammar {
    Grammar::of(FILES)
}

/// Makes texts: `count` of each large family, fewer of the small ones.
pub(crate) fn texts(grammar: &Grammar, count: usize, numbers: &mut Numbers) -> Vec<Made> {
    let mut made = Vec::new();
    let mut add = |kind, attack, text| made.push(Made { kind, attack, text });
    for round in 0..count {
        let order = styled(grammar.text("order", numbers), numbers);
        let kind = if round % 2 == 0 { "indirect_injection" } else { "direct_injection" };
        let text = if round % 5 == 0 { order } else { carried(grammar, &order, numbers) };
        add(kind, true, text);
        add("tool_poisoning", true, grammar.text("poisoned", numbers));
        for _ in 0..2 {
            add("tool_description", false, grammar.text("honestdescription", numbers));
            add("tool_poisoning", true, grammar.text("poisonedshape", numbers));
            add("tool_description", false, grammar.text("guided", numbers));
            add("tool_description", false, grammar.text("honestshape", numbers));
        }
        add("tool_description", false, grammar.text("honestshape", numbers));
        let sentence = grammar.text("human", numbers);
        add("benign_text", false, carried(grammar, &sentence, numbers));
        add("prompt", false, grammar.text("userprompt", numbers));
        add("tool_description", false, grammar.text("nearesttool", numbers));
        let asked = if round % 2 == 0 { "benign_text" } else { "prompt" };
        add(asked, false, grammar.text("nearestprompt", numbers));
        if round % 4 == 0 {
            add("tool_output", false, carried(grammar, &grammar.text("nearestpage", numbers), numbers));
        }
        if round % 2 == 0 {
            let told = styled(grammar.text("told", numbers), numbers);
            add("indirect_injection", true, if round % 8 == 0 { told } else { carried(grammar, &told, numbers) });
            add("direct_injection", true, styled(grammar.text("overriding", numbers), numbers));
            let aside = grammar.text("aside", numbers);
            add("benign_text", false, carried(grammar, &aside, numbers));
            add("prompt", false, grammar.text("asked", numbers));
        } else {
            add("indirect_injection", true, grammar.text("injected", numbers));
            let order = grammar.text("order", numbers);
            add("tool_output", false, grammar.text("neighbour", numbers).replace("{order}", &order));
        }
        if round % 6 == 0 {
            let order = grammar.text("order", numbers);
            add("tool_output", false, grammar.text("quoted", numbers).replace("{order}", &order));
            // The goal alone, without any wrapper, is what people ask for every day.
            let goal = grammar.text("benigntask", numbers);
            add("benign_text", false, carried(grammar, &goal, numbers));
            let filler = grammar.text("filler", numbers);
            add("tool_output", false, carried(grammar, &filler, numbers));
        }
    }
    made.extend(tongues::texts(grammar, numbers));
    made
}

/// A text in one of the places where texts stand.
pub(crate) fn carried(grammar: &Grammar, text: &str, numbers: &mut Numbers) -> String {
    grammar.text("carrier", numbers).replace("{X}", text)
}

/// Some attackers shout, some write carelessly.
fn styled(text: String, numbers: &mut Numbers) -> String {
    match numbers.below(12) {
        0 => text.to_uppercase(),
        1 | 2 => text.to_lowercase(),
        3 => text.replace(['.', ','], ""),
        4 => text.replace(". ", ".\n"),
        _ => text,
    }
}
