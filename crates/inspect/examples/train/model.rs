//! The two models of `phrases::classifier` together, as they score a text, and as the bytes that are written.

use gatehold_inspect::phrases::classifier::{BUCKETS, HEADER, UNASKED, is_asked};
use gatehold_inspect::phrases::network::Network as Reader;
use gatehold_inspect::phrases::{Column, DISCUSSED_MARGIN, Piece, length_margin};

use crate::SEED;
use crate::data::{Data, Example};
use crate::grammar::Numbers;
use crate::linear::Linear;
use crate::network::Network;

/// The score of a text in which nothing is read.
pub(crate) const UNREAD: f32 = -30.0;

/// The columns by their numbers.
const COLUMNS: [Column; 4] = [Column::Metadata, Column::Output, Column::Argument, Column::Prompt];

/// Both models.
pub(crate) struct Model {
    linear: Linear,
    network: Network,
}

impl Model {
    /// Learns from everything but the sources that are held out, and the honest texts of one fold in so many.
    pub(crate) fn fit(data: &Data, held: &[&str], without: Option<(u64, u64)>) -> Self {
        let kept = |example: &&Example| {
            !held.contains(&&*example.source)
                && (example.attack
                    || example.source == "made"
                    || without.is_none_or(|(fold, folds)| example.fold % folds != fold))
        };
        let training: Vec<&Example> = data.training().filter(kept).collect();
        // Side by side; neither sees the other, so the bytes stay the same.
        std::thread::scope(|scope| {
            let linear = scope.spawn(|| Linear::train(&training, &mut Numbers(SEED)).quantised());
            let network = Network::train(&training, &mut Numbers(SEED));
            Self { linear: linear.join().unwrap(), network }
        })
    }

    /// The highest score of each of these texts.
    pub(crate) fn scores<'e>(&self, examples: impl Iterator<Item = &'e Example>) -> Vec<f32> {
        self.highest(examples).into_iter().map(|(score, _)| score).collect()
    }

    /// The highest score of each of these texts, and a fingerprint of the words that have it.
    pub(crate) fn highest<'e>(&self, examples: impl Iterator<Item = &'e Example>) -> Vec<(f32, u64)> {
        let reader = self.network.reader();
        examples.map(|example| self.best(&reader, example)).collect()
    }

    fn best(&self, reader: &Reader<'_>, example: &Example) -> (f32, u64) {
        let margin = length_margin(COLUMNS[example.column], example.windows.len());
        let mut best = (UNREAD, 0);
        for (piece, discussed) in &example.windows {
            let score = self.score(reader, piece, example.column) - if *discussed { DISCUSSED_MARGIN } else { 0.0 };
            if score - margin > best.0 {
                let mix = |print: u64, feature: &u32| (print ^ u64::from(*feature)).wrapping_mul(0x0100_0000_01B3);
                best = (score - margin, piece.features.iter().fold(0xCBF2_9CE4_8422_2325, mix));
            }
        }
        best
    }

    fn score(&self, reader: &Reader<'_>, piece: &Piece, column: usize) -> f32 {
        let linear = self.linear.score(&piece.features);
        linear + if is_asked(linear) { reader.score(&piece.cells, column) } else { UNASKED }
    }

    /// What `phrases::classifier` reads: scale, bias, thresholds, weights, network.
    pub(crate) fn bytes(&self, thresholds: [f32; 4]) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEADER + BUCKETS);
        let Linear { scale, bias, weights, .. } = &self.linear;
        for number in [*scale, *bias].into_iter().chain(thresholds) {
            file.extend(number.to_le_bytes());
        }
        file.extend(weights.iter().map(|weight| ((weight / scale).round() as i8).to_le_bytes()[0]));
        file.extend(self.network.bytes());
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_texts_give_the_same_bytes() {
        let data = Data::made_only(12, SEED);
        let model = Model::fit(&data, &[], None);
        let bytes = model.bytes([1.0; 4]);
        assert_eq!(bytes, Model::fit(&data, &[], None).bytes([1.0; 4]));
        assert_eq!(bytes.len(), HEADER + BUCKETS + gatehold_inspect::phrases::network::BYTES);
        assert_ne!(bytes, Model::fit(&Data::made_only(12, SEED + 1), &[], None).bytes([1.0; 4]), "texts matter");
        let mean = |attack| {
            let scores =
                model.scores(data.all().filter(|example| example.attack == attack && !example.windows.is_empty()));
            scores.iter().sum::<f32>() / scores.len() as f32
        };
        assert!(mean(true) > mean(false) + 1.0, "something was learnt: {} {}", mean(true), mean(false));
    }
}
