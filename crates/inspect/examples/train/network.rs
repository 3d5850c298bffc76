//! The network of `phrases::network` as it is trained: steps that shrink with what a number has already learnt. Only the
//! strongest place of each filter learns, so a step costs little. It hides much of what it reads from itself, aims a
//! little short of certainty, and is in the end the mean of what it was on the way.

use gatehold_inspect::phrases::Piece;
use gatehold_inspect::phrases::network::{CLASS_ROWS, Cell, FILTERS, HIDDEN, PLACES, REACH, ROWS, SHAPE_ROWS};
use gatehold_inspect::phrases::network::{Network as Written, Numbers as Shape};

use crate::data::Example;
use crate::grammar::Numbers;

/// How many times the texts are read.
pub(crate) const EPOCHS: usize = 3;
/// How large steps are.
const RATE: f32 = 0.05;
/// How strongly the table is pulled to zero.
const DECAY: f32 = 1e-3;
/// Of a hundred filters, this many are hidden each time.
const HIDDEN_FILTERS: usize = 50;
/// How far from certain the aims are.
const SHORT: f32 = 0.03;
/// A mean is taken each so many attacks, after the first reading.
const MEAN_EACH: usize = 8000;
/// What is this well known is not learnt again.
const KNOWN: f32 = 0.004;

/// Numbers that learn, and how much they have learnt.
#[derive(Clone)]
struct Slots<const N: usize> {
    value: [f32; N],
    learnt: [f32; N],
}

impl<const N: usize> Slots<N> {
    fn new(mut next: impl FnMut() -> f32) -> Self {
        Self { value: std::array::from_fn(|_| next()), learnt: [1e-3; N] }
    }

    fn step(&mut self, at: usize, gradient: f32, rate: f32) {
        self.learnt[at] += gradient * gradient;
        self.value[at] -= rate * gradient / self.learnt[at].sqrt();
    }
}

/// The network while it learns.
#[derive(Clone)]
struct Learner {
    table: Vec<[Slots<FILTERS>; REACH]>,
    bias: Slots<FILTERS>,
    direct: Slots<FILTERS>,
    /// What each column adds to `direct`.
    columns: [Slots<FILTERS>; 4],
    inner: Vec<Slots<FILTERS>>,
    inner_bias: [Slots<HIDDEN>; 4],
    outer: Slots<HIDDEN>,
    last: Slots<4>,
}

/// What a piece came to.
struct Passed {
    places: [usize; FILTERS],
    strongest: [f32; FILTERS],
    hidden: [f32; HIDDEN],
    score: f32,
}

/// A trained network as the bytes that `phrases::network` reads.
pub(crate) struct Network(Vec<u8>);

impl Network {
    /// Learns. Only the window of an attack that looks most like one counts, once there is an idea of what that is.
    pub(crate) fn train(training: &[&Example], numbers: &mut Numbers) -> Self {
        let mut learner = Learner::new(numbers);
        let mut order: Vec<usize> = (0..training.len()).collect();
        let mut mean: Option<Learner> = None;
        let (mut means, mut attacks) = (0.0, 0);
        for epoch in 0..EPOCHS {
            numbers.shuffle(&mut order);
            for at in &order {
                let example = training[*at];
                if !example.attack {
                    for (piece, _) in &example.windows {
                        learner.learn(&some(&piece.cells, numbers), example, SHORT, numbers);
                    }
                    continue;
                }
                let all = epoch == 0 && example.windows.len() <= 3;
                let chosen = if all { &example.windows[..] } else { learner.most_suspicious(example) };
                for (piece, _) in chosen {
                    learner.learn(&some(&piece.cells, numbers), example, 1.0 - SHORT, numbers);
                }
                attacks += 1;
                if epoch > 0 && attacks % MEAN_EACH == 0 {
                    means += 1.0;
                    mean.get_or_insert_with(|| learner.clone()).move_to(&mut learner, 1.0 / means);
                }
            }
        }
        Self(mean.unwrap_or(learner).written())
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The network, to read with.
    pub(crate) fn reader(&self) -> Written<'_> {
        Written::read(&self.0).unwrap()
    }
}

impl Learner {
    fn new(numbers: &mut Numbers) -> Self {
        let mut small = |size: f32| (numbers.below(2001) as f32 / 1000.0 - 1.0) * size;
        let table = (0..ROWS).map(|_| std::array::from_fn(|_| Slots::new(|| small(0.15)))).collect();
        Self {
            table,
            bias: Slots::new(|| 0.0),
            direct: Slots::new(|| small(0.3)),
            columns: std::array::from_fn(|_| Slots::new(|| 0.0)),
            inner: (0..HIDDEN).map(|_| Slots::new(|| small(0.25))).collect(),
            inner_bias: std::array::from_fn(|_| Slots::new(|| 0.0)),
            outer: Slots::new(|| small(0.3)),
            last: Slots::new(|| -1.0),
        }
    }

    fn most_suspicious<'e>(&self, example: &'e Example) -> &'e [(Piece, bool)] {
        let score = |piece: &Piece| self.pass(&piece.cells, example.column, &[1.0; FILTERS]).score;
        let best = example.windows.iter().max_by(|a, b| score(&a.0).total_cmp(&score(&b.0))).unwrap();
        std::slice::from_ref(best)
    }

    /// Reads a piece; `kept` is what each filter's answer is multiplied with.
    fn pass(&self, cells: &[Cell], column: usize, kept: &[f32; FILTERS]) -> Passed {
        let mut sums = [[0.0f32; FILTERS]; PLACES];
        let mut used = 1;
        for cell in cells {
            let word = usize::from(cell.word);
            used = used.max(word + REACH);
            for (offset, slots) in self.table[usize::from(cell.row)].iter().enumerate() {
                let sum = &mut sums[word + REACH - 1 - offset];
                sum.iter_mut().zip(&slots.value).for_each(|(sum, value)| *sum += value);
            }
        }
        let mut places = [0; FILTERS];
        let mut strongest = [f32::MIN; FILTERS];
        for (place, sum) in sums[..used].iter().enumerate() {
            for filter in 0..FILTERS {
                if sum[filter] > strongest[filter] {
                    strongest[filter] = sum[filter];
                    places[filter] = place;
                }
            }
        }
        let mut score = self.last.value[column];
        for filter in 0..FILTERS {
            strongest[filter] = (strongest[filter] + self.bias.value[filter]).max(0.0) * kept[filter];
            score += strongest[filter] * (self.direct.value[filter] + self.columns[column].value[filter]);
        }
        let hidden: [f32; HIDDEN] = std::array::from_fn(|at| {
            let sum: f32 = self.inner[at].value.iter().zip(&strongest).map(|(a, b)| a * b).sum();
            (sum + self.inner_bias[column].value[at]).max(0.0)
        });
        score += hidden.iter().zip(&self.outer.value).map(|(a, b)| a * b).sum::<f32>();
        Passed { places, strongest, hidden, score }
    }

    fn learn(&mut self, cells: &[Cell], example: &Example, aim: f32, numbers: &mut Numbers) {
        let column = example.column;
        let whole = 100.0 / (100 - HIDDEN_FILTERS) as f32;
        let kept: [f32; FILTERS] =
            std::array::from_fn(|_| if numbers.below(100) < HIDDEN_FILTERS { 0.0 } else { whole });
        let passed = self.pass(cells, column, &kept);
        let wrong = (1.0 / (1.0 + (-passed.score).exp()) - aim) * example.weight;
        if wrong.abs() < KNOWN {
            return;
        }
        let mut back: [f32; FILTERS] =
            std::array::from_fn(|filter| wrong * (self.direct.value[filter] + self.columns[column].value[filter]));
        for at in 0..HIDDEN {
            let value = passed.hidden[at];
            if value <= 0.0 {
                continue;
            }
            let through = wrong * self.outer.value[at];
            self.outer.step(at, wrong * value, RATE);
            self.inner_bias[column].step(at, through, RATE);
            for (filter, back) in back.iter_mut().enumerate() {
                *back += through * self.inner[at].value[filter];
                if passed.strongest[filter] > 0.0 {
                    self.inner[at].step(filter, through * passed.strongest[filter], RATE);
                }
            }
        }
        self.last.step(column, wrong, RATE);
        for filter in (0..FILTERS).filter(|filter| passed.strongest[*filter] > 0.0) {
            self.direct.step(filter, wrong * passed.strongest[filter], RATE);
            self.columns[column].step(filter, wrong * passed.strongest[filter], RATE * 0.3);
            let gradient = back[filter] * kept[filter];
            self.bias.step(filter, gradient, RATE);
            self.learn_words(cells, filter, passed.places[filter], gradient);
        }
    }

    /// Changes the rows of the words that a filter stood on.
    fn learn_words(&mut self, cells: &[Cell], filter: usize, place: usize, gradient: f32) {
        for offset in 0..REACH {
            let Some(word) = (place + offset).checked_sub(REACH - 1) else { continue };
            let from = cells.partition_point(|cell| usize::from(cell.word) < word);
            for cell in cells[from..].iter().take_while(|cell| usize::from(cell.word) == word) {
                let slots = &mut self.table[usize::from(cell.row)][offset];
                let pull = gradient + DECAY * slots.value[filter];
                slots.step(filter, pull, RATE);
            }
        }
    }

    /// Goes a part of the way to another.
    fn move_to(&mut self, other: &mut Self, part: f32) {
        for (own, other) in self.values().zip(other.values()) {
            *own += (*other - *own) * part;
        }
    }

    fn values(&mut self) -> impl Iterator<Item = &mut f32> {
        let table = self.table.iter_mut().flatten().flat_map(|slots| &mut slots.value);
        let filters = self.bias.value.iter_mut().chain(&mut self.direct.value);
        let columns = self.columns.iter_mut().flat_map(|slots| &mut slots.value);
        let inner = self.inner.iter_mut().flat_map(|slots| &mut slots.value);
        let biases = self.inner_bias.iter_mut().flat_map(|slots| &mut slots.value);
        table
            .chain(filters)
            .chain(columns)
            .chain(inner)
            .chain(biases)
            .chain(&mut self.outer.value)
            .chain(&mut self.last.value)
    }

    /// The bytes: numbers, then the table with one byte for each of its numbers.
    fn written(&self) -> Vec<u8> {
        let largest = |filter: usize| {
            let all = self.table.iter().flatten().map(|slots| slots.value[filter].abs());
            all.fold(1e-6f32, f32::max)
        };
        let scale: [f32; FILTERS] = std::array::from_fn(|filter| largest(filter) / 127.0);
        let add = |column: &Slots<FILTERS>| std::array::from_fn(|at| self.direct.value[at] + column.value[at]);
        let mut shape = Shape {
            scale,
            bias: self.bias.value,
            direct: std::array::from_fn(|column| add(&self.columns[column])),
            inner: std::array::from_fn(|at| self.inner[at].value),
            inner_bias: std::array::from_fn(|column| self.inner_bias[column].value),
            outer: self.outer.value,
            last: self.last.value,
        };
        let mut bytes: Vec<u8> = shape.each().flat_map(|number| number.to_le_bytes()).collect();
        for slots in self.table.iter().flatten() {
            bytes.extend(
                slots.value.iter().zip(scale).map(|(value, scale)| ((value / scale).round() as i8).to_le_bytes()[0]),
            );
        }
        bytes
    }
}

/// Some of the rows: of a word all, its codes, its classes or its looks may be hidden, as they are of unknown words.
fn some(cells: &[Cell], numbers: &mut Numbers) -> Vec<Cell> {
    let mut word = u8::MAX;
    let mut fate = 0;
    let keeps = |cell: &Cell| {
        if cell.word != word {
            word = cell.word;
            fate = numbers.below(20);
        }
        let row = usize::from(cell.row);
        match fate {
            0 => false,
            1..=3 => row >= CLASS_ROWS,
            4 | 5 => !(CLASS_ROWS..SHAPE_ROWS).contains(&row),
            6 => row < SHAPE_ROWS,
            _ => true,
        }
    };
    cells.iter().copied().filter(keeps).collect()
}
