//! Sets the score from which a window is reported, for each kind of text, from honest texts: each is scored by a model that
//! never saw its group, one text counts once, so do the same words in many texts, and the strings of one definition count
//! as one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::data::{Data, Example, FOLDS};
use crate::model::{Model, UNREAD};

/// Of a thousand texts of tools, this many may be at or above the threshold of their column.
const PER_MILLE_TOOLS: f32 = 0.8;
/// Of texts to and from people, among which are some with wrong labels.
const PER_MILLE_CHAT: [f32; 4] = [0.8, 0.8, 1.0, 1.6];
/// What is added, since honest texts were made to be like the highest of these: what nobody has seen scores higher.
const MARGIN: [f32; 4] = [0.4, 0.55, 0.3, 0.4];

/// A model that learnt from everything, its thresholds, and how they came about.
pub(crate) fn fitted(data: &Data) -> (Model, [f32; 4], String) {
    let honest = Honest::scored(data, &[], FOLDS, None);
    let mut notes = String::new();
    let limits = honest.limits(&mut notes);
    (Model::fit(data, &[], None), limits, notes)
}

/// The scores of honest texts, highest first, by column and by whether people speak there.
pub(crate) struct Honest([[Vec<f32>; 2]; 4]);

impl Honest {
    /// Scores all honest texts, each with a model that saw neither its fold nor the sources that are held out. Sources
    /// that are never learnt from are scored by `full`, where it is given.
    pub(crate) fn scored(data: &Data, held: &[&str], folds: u64, full: Option<&Model>) -> Self {
        let mut units: BTreeMap<(usize, bool, u64), f32> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let once: Vec<&Example> =
            data.honest().filter(|example| seen.insert((example.column, example.print))).collect();
        // The same words in many texts, such as the foot of every page of a manual, count once.
        let mut words = BTreeSet::new();
        let mut add = |model: &Model, texts: &[&Example]| {
            for (example, (score, print)) in texts.iter().zip(model.highest(texts.iter().copied())) {
                let score = if score == UNREAD || words.insert((example.column, print)) { score } else { UNREAD };
                let unit = units.entry((example.column, example.chat, example.unit)).or_insert(UNREAD);
                *unit = unit.max(score);
            }
        };
        for fold in 0..folds {
            let texts: Vec<&Example> = once
                .iter()
                .copied()
                .filter(|example| example.fold % folds == fold && (full.is_none() || !example.select))
                .collect();
            add(&Model::fit(data, held, Some((fold, folds))), &texts);
        }
        if let Some(full) = full {
            let texts: Vec<&Example> = once.iter().copied().filter(|example| example.select).collect();
            add(full, &texts);
        }
        let mut scores: [[Vec<f32>; 2]; 4] = Default::default();
        for ((column, chat, _), score) in units {
            scores[column][usize::from(chat)].push(score);
        }
        scores.iter_mut().flatten().for_each(|list| list.sort_by(|a, b| b.total_cmp(a)));
        Self(scores)
    }

    /// The score above which so few texts are that it can be reported, for each column.
    pub(crate) fn limits(&self, notes: &mut String) -> [f32; 4] {
        std::array::from_fn(|column| {
            let shares = [PER_MILLE_TOOLS, PER_MILLE_CHAT[column]];
            for (chat, list) in self.0[column].iter().enumerate().filter(|(_, list)| !list.is_empty()) {
                let who = ["tools", "people"][chat];
                let _ = writeln!(
                    notes,
                    "{}, texts of {who}: {} honest ones, the highest scores {:.1?}\n",
                    NAMES[column],
                    list.len(),
                    &list[..list.len().min(12)]
                );
            }
            let limit = self.at(column, shares) + MARGIN[column];
            let _ = writeln!(notes, "{}: threshold {limit:.2}\n", NAMES[column]);
            limit
        })
    }

    /// The score above which one text in a hundred is, for each column.
    pub(crate) fn loose(&self) -> [f32; 4] {
        std::array::from_fn(|column| self.at(column, [10.0, 10.0]))
    }

    /// The higher of the scores above which so many per mille of the texts of tools and of people are.
    fn at(&self, column: usize, per_mille: [f32; 2]) -> f32 {
        let scores = self.0[column].iter().zip(per_mille);
        let limits = scores.map(|(list, share)| list.get((list.len() as f32 * share / 1000.0) as usize).copied());
        limits.flatten().fold(UNREAD, f32::max)
    }
}

/// The columns, as they stand in the report.
const NAMES: [&str; 4] = ["definitions", "outputs", "arguments", "prompts"];
