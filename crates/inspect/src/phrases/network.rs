//! A small network that reads the words of a window in their order: each word is a few rows of a table (what it nearly
//! means, its classes, how it is written), a filter is a sum of such rows over neighbouring words, and the strongest
//! answer of each filter decides. It knows no word by itself, so that it also understands words it was never taught.
//! It is trained by `examples/train`; it never allocates while it reads.

use super::classifier::PIECE_WORDS;
use super::lexicon::{CLASSES, Classes};
use super::vocabulary::{self, CODES};

/// Rows of classes of meaning begin here, after those of the two codes.
pub const CLASS_ROWS: usize = 2 * CODES;
/// Rows of how a word is written begin here.
pub const SHAPE_ROWS: usize = CLASS_ROWS + 96;
/// All rows.
pub const ROWS: usize = SHAPE_ROWS + 16;
/// How many filters there are.
pub const FILTERS: usize = 48;
/// How many neighbouring words a filter reads.
pub const REACH: usize = 3;
/// How many sums of filters there are between them and the score.
pub const HIDDEN: usize = 16;
/// The places a filter can stand at in a piece, those that hang over its ends too.
pub const PLACES: usize = PIECE_WORDS + REACH - 1;
/// The numbers before the table.
const NUMBERS: usize = 2 * FILTERS + 4 * FILTERS + HIDDEN * FILTERS + 4 * HIDDEN + HIDDEN + 4;
/// The bytes of a network.
pub const BYTES: usize = NUMBERS * 4 + ROWS * REACH * FILTERS;

const _: () = assert!(CLASSES.len() <= SHAPE_ROWS - CLASS_ROWS, "each class has a row");

/// A row of the table that a word of a piece has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The number of the word in its piece.
    pub word: u8,
    /// The row.
    pub row: u16,
}

/// The numbers of a network, in the order in which they are written.
#[derive(Debug, Clone)]
pub struct Numbers {
    /// What a step of the table is worth, for each filter.
    pub scale: [f32; FILTERS],
    /// What each filter begins with.
    pub bias: [f32; FILTERS],
    /// What each filter counts for the score, for each column.
    pub direct: [[f32; FILTERS]; 4],
    /// What each filter counts for each sum.
    pub inner: [[f32; FILTERS]; HIDDEN],
    /// What each sum begins with, for each column.
    pub inner_bias: [[f32; HIDDEN]; 4],
    /// What each sum counts for the score.
    pub outer: [f32; HIDDEN],
    /// What the score begins with, for each column.
    pub last: [f32; 4],
}

/// A network that is ready to read.
#[derive(Debug, Clone)]
pub struct Network<'a> {
    numbers: Numbers,
    /// For each row, for each of the words a filter reads, one byte for each filter.
    table: &'a [u8],
}

impl Numbers {
    /// All numbers at nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            scale: [0.0; FILTERS],
            bias: [0.0; FILTERS],
            direct: [[0.0; FILTERS]; 4],
            inner: [[0.0; FILTERS]; HIDDEN],
            inner_bias: [[0.0; HIDDEN]; 4],
            outer: [0.0; HIDDEN],
            last: [0.0; 4],
        }
    }

    /// All of them, in the order in which they are written.
    pub fn each(&mut self) -> impl Iterator<Item = &mut f32> {
        let filters = self.scale.iter_mut().chain(&mut self.bias).chain(self.direct.as_flattened_mut());
        let sums = self.inner.as_flattened_mut().iter_mut().chain(self.inner_bias.as_flattened_mut());
        filters.chain(sums).chain(&mut self.outer).chain(&mut self.last)
    }
}

impl<'a> Network<'a> {
    /// Reads a network: its numbers as little-endian `f32`, then its table.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, table) = bytes.split_at_checked(NUMBERS * 4)?;
        (table.len() == ROWS * REACH * FILTERS).then_some(())?;
        let mut numbers = Numbers::empty();
        for (number, bytes) in numbers.each().zip(head.chunks_exact(4)) {
            *number = f32::from_le_bytes(bytes.try_into().ok()?);
        }
        Some(Self { numbers, table })
    }

    /// The score of a piece; `cells` in the order of words.
    #[must_use]
    pub fn score(&self, cells: &[Cell], column: usize) -> f32 {
        let numbers = &self.numbers;
        let mut strongest = [0.0f32; FILTERS];
        let sums = self.sums(cells);
        let used = cells.last().map_or(1, |cell| usize::from(cell.word) + REACH).min(PLACES);
        let mut highest = [i16::MIN; FILTERS];
        for place in sums.iter().take(used) {
            for (highest, sum) in highest.iter_mut().zip(place) {
                *highest = (*highest).max(*sum);
            }
        }
        let steps = numbers.scale.iter().zip(&numbers.bias).zip(&highest);
        for (slot, ((scale, bias), highest)) in strongest.iter_mut().zip(steps) {
            *slot = f32::from(*highest).mul_add(*scale, *bias).max(0.0);
        }
        let (Some(direct), Some(biases), Some(last)) =
            (numbers.direct.get(column), numbers.inner_bias.get(column), numbers.last.get(column))
        else {
            return 0.0;
        };
        let sums = numbers.inner.iter().zip(biases).zip(&numbers.outer);
        let deep: f32 = sums.map(|((inner, bias), outer)| (dot(inner, &strongest) + bias).max(0.0) * outer).sum();
        last + dot(direct, &strongest) + deep
    }

    /// What each filter adds up to at each place.
    fn sums(&self, cells: &[Cell]) -> [[i16; FILTERS]; PLACES] {
        let mut sums = [[0i16; FILTERS]; PLACES];
        for cell in cells {
            let from = usize::from(cell.row) * REACH * FILTERS;
            let row = self.table.get(from..from + REACH * FILTERS).unwrap_or_default();
            let first = usize::from(cell.word);
            let places = sums.get_mut(first..first + REACH).unwrap_or_default();
            // The word is the last that a filter reads at the first of these places.
            for (place, weights) in places.iter_mut().rev().zip(row.chunks_exact(FILTERS)) {
                for (sum, weight) in place.iter_mut().zip(weights) {
                    *sum = sum.saturating_add(i16::from(i8::from_le_bytes([*weight])));
                }
            }
        }
        sums
    }
}

fn dot(a: &[f32; FILTERS], b: &[f32; FILTERS]) -> f32 {
    // Four sums side by side, always in the same order.
    let mut lanes = [0.0f32; 4];
    for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

/// The rows of one word: its codes, and how it is written given what stands before it in the text.
pub fn cells(word: &str, written: &str, before: &str, number: u8, cells: &mut Vec<Cell>) {
    let mut add = |row: usize| cells.extend(u16::try_from(row).ok().map(|row| Cell { word: number, row }));
    let codes = vocabulary::codes(word);
    if let Some([coarse, fine]) = codes {
        add(usize::from(coarse));
        add(CODES + usize::from(fine));
    }
    let inside = |byte: u8| word.bytes().skip(1).any(|other| other == byte);
    let shapes = [
        codes.is_none() && word.is_ascii(),
        !word.is_ascii(),
        word.bytes().any(|byte| byte.is_ascii_digit()),
        word.contains("://") || word.starts_with("www."),
        word.contains('@'),
        inside(b'_'),
        word.starts_with(['<', '[', '#', '|']),
        word.starts_with(['/', '.', '~']) || inside(b'/'),
        written.len() > 1 && written.bytes().all(|byte| byte.is_ascii_uppercase()),
    ];
    for (shape, is) in shapes.into_iter().enumerate() {
        if is {
            add(SHAPE_ROWS + shape);
        }
    }
    // What stands between this word and the one before it: where a sentence begins, who speaks, what is quoted.
    let mark = before.trim_end_matches([' ', '\t']).chars().next_back();
    let shape = match mark {
        None => 9,
        Some('\n') => 10,
        Some('.' | '!' | '?' | ';') => 11,
        Some(':') => 12,
        Some(',') => 13,
        Some('"' | '\'' | '`' | '“' | '‘' | '«') => 14,
        Some('(' | '*' | '-' | '–' | '—' | '>' | '|') => 15,
        _ => return,
    };
    add(SHAPE_ROWS + shape);
}

/// The row of a class.
#[must_use]
pub fn class_row(class: Classes) -> u16 {
    let number = (class.trailing_zeros() as usize).min(SHAPE_ROWS - CLASS_ROWS - 1);
    u16::try_from(CLASS_ROWS + number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_answers_to_its_words_in_their_order() {
        let mut numbers = Numbers::empty();
        numbers.scale[0] = 0.1;
        numbers.direct[1][0] = 1.0;
        let mut bytes: Vec<u8> = numbers.each().flat_map(|number| number.to_le_bytes()).collect();
        let mut table = vec![0u8; ROWS * REACH * FILTERS];
        // Row 3 as the first of three words, row 5 as the second.
        table[3 * REACH * FILTERS] = 100;
        table[(5 * REACH + 1) * FILTERS] = 50;
        bytes.extend(table);
        assert_eq!(bytes.len(), BYTES);
        let network = Network::read(&bytes).unwrap();
        let score = |words: &[(u8, u16)]| {
            let cells: Vec<Cell> = words.iter().map(|(word, row)| Cell { word: *word, row: *row }).collect();
            network.score(&cells, 1)
        };
        assert!((score(&[(7, 3), (8, 5)]) - 15.0).abs() < 0.01);
        assert!((score(&[(26, 3), (27, 5)]) - 15.0).abs() < 0.01, "at the end of a piece too");
        assert!((score(&[(7, 5), (8, 3)]) - 10.0).abs() < 0.01, "not in the other order");
        assert!(score(&[(7, 4)]).abs() < 0.01);
        assert!(Network::read(&bytes[1..]).is_none());
    }

    #[test]
    fn words_are_read_with_what_stands_before_them() {
        let mut rows = Vec::new();
        cells("ignore", "IGNORE", "Nice. ", 0, &mut rows);
        let rows: Vec<usize> = rows.iter().map(|cell| usize::from(cell.row)).collect();
        assert_eq!(rows.len(), 4, "two codes, capitals, the beginning of a sentence: {rows:?}");
        assert_eq!(rows[2..], [SHAPE_ROWS + 8, SHAPE_ROWS + 11]);
    }
}
