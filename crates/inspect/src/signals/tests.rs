//! The automaton finds what a plain one finds that reads byte after byte, whatever the text.

use aho_corasick::automaton::Automaton as _;
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind};

use super::automaton::{Automaton, Found};
use super::literals;

/// The same search with an automaton of a library, one byte after another.
struct Plain {
    automaton: DFA,
}

impl Plain {
    fn new(literals: &[&str]) -> Self {
        let builder = &mut DFA::builder();
        Self {
            automaton: builder.match_kind(MatchKind::Standard).ascii_case_insensitive(true).build(literals).unwrap(),
        }
    }

    fn find(&self, text: &[u8]) -> Vec<Found> {
        let automaton = &self.automaton;
        let mut found = Vec::new();
        let mut state = automaton.start_state(Anchored::No).unwrap();
        let mut spaced = false;
        for (at, byte) in text.iter().enumerate() {
            let space = b" \t\n\r*,".contains(byte);
            if space && spaced {
                continue;
            }
            spaced = space;
            state = automaton.next_state(Anchored::No, state, if space { b' ' } else { *byte });
            if automaton.is_match(state) {
                for index in 0..automaton.match_len(state) {
                    let pattern = automaton.match_pattern(state, index);
                    let start = (at + 1).saturating_sub(automaton.pattern_len(pattern));
                    found.push(Found { literal: pattern.as_usize(), start, end: at + 1 });
                }
            }
        }
        found
    }
}

fn find(automaton: &Automaton, text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    automaton.find(text, |one| found.push(one));
    found
}

/// Numbers that look drawn, the same in every run.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn finds_what_a_plain_automaton_finds() {
    let literals: Vec<&str> = literals().into_iter().map(|(literal, _)| literal).collect();
    let (ours, plain) = (Automaton::new(literals.iter().copied()).unwrap(), Plain::new(&literals));
    let mut drawn = Drawn(7);
    for round in 0..600 {
        let mut text = Vec::new();
        let size = 1 + drawn.below(if round % 20 == 0 { 9000 } else { 1400 });
        while text.len() < size {
            let word = literals[drawn.below(literals.len())].as_bytes();
            match drawn.below(8) {
                0 => text.extend(word.to_ascii_uppercase()),
                1 => text.extend(&word[..drawn.below(word.len() + 1)]),
                2 => text.extend(&word[drawn.below(word.len())..]),
                3 => {
                    let most = if round % 5 == 0 { 900 } else { 70 };
                    text.extend(std::iter::repeat_n(b" \t\n*,"[drawn.below(5)], drawn.below(most)));
                }
                4 => text.push(u8::try_from(drawn.below(256)).unwrap()),
                _ => {
                    text.extend(
                        word.iter()
                            .flat_map(|byte| match byte {
                                b' ' => [b' ', b'\n'].into_iter().take(1 + text.len() % 2),
                                other => [*other, 0].into_iter().take(1),
                            })
                            .collect::<Vec<_>>(),
                    );
                    text.extend(std::iter::repeat_n(b' ', drawn.below(3)));
                }
            }
        }
        assert_eq!(find(&ours, &text), plain.find(&text), "round {round}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is read from files")]
fn finds_the_same_in_everything_that_the_corpus_holds() {
    let literals: Vec<&str> = literals().into_iter().map(|(literal, _)| literal).collect();
    let (ours, plain) = (Automaton::new(literals.iter().copied()).unwrap(), Plain::new(&literals));
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus"))];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read(path).unwrap();
            assert_eq!(find(&ours, &text), plain.find(&text));
            files += 1;
        }
    }
    assert!(files > 20);
}

#[test]
fn literals_that_do_not_fit_are_refused() {
    assert!(Automaton::new(["a", "b"].into_iter()).is_some());
    let signs: String = ('!'..'~').chain('\u{80}'..'\u{400}').collect();
    assert!(Automaton::new([signs.as_str()].into_iter()).is_none(), "more bytes than classes");
    let many: Vec<String> = (0..70_000).map(|number| format!("{number:05}")).collect();
    assert!(Automaton::new(many.iter().map(String::as_str)).is_none(), "more states than numbers");
}

#[test]
fn how_large_the_table_is() {
    let automaton = Automaton::new(literals().iter().map(|(literal, _)| *literal)).unwrap();
    let (states, longest) = automaton.size();
    println!("{} literals, {states} states, the longest has {longest} bytes", literals().len());
    assert!(states < 40_000, "{states} states: from 65,535 on the table can no longer be built");
    assert!(longest <= 64, "{longest} bytes are read twice for each stretch");
}
