//! The linear model as it is trained: a weight for each bucket, steps that shrink with what a weight has already learnt.

use gatehold_inspect::phrases::classifier::BUCKETS;

use crate::data::Example;
use crate::grammar::Numbers;

/// How many times the texts are read.
pub(crate) const EPOCHS: usize = 5;
/// How strongly weights are pulled to zero.
const DECAY: f32 = 2e-4;
/// Of ten features, this many are hidden each time, so that no text hangs on one of them.
const HIDDEN: usize = 5;

/// The weights.
pub(crate) struct Linear {
    pub(crate) weights: Vec<f32>,
    gradients: Vec<f32>,
    pub(crate) bias: f32,
    /// What one step of a quantised weight is worth.
    pub(crate) scale: f32,
}

impl Linear {
    /// Learns. Only the window of an attack that looks most like one counts, once there is an idea of what that is.
    pub(crate) fn train(training: &[&Example], numbers: &mut Numbers) -> Self {
        let mut model = Self { weights: vec![0.0; BUCKETS], gradients: vec![0.0; BUCKETS], bias: -1.0, scale: 1.0 };
        let mut order: Vec<usize> = (0..training.len()).collect();
        for epoch in 0..EPOCHS {
            numbers.shuffle(&mut order);
            for at in &order {
                let example = training[*at];
                if !example.attack {
                    for (window, _) in &example.windows {
                        model.learn(&some(&window.features, numbers), 0.0, example.weight);
                    }
                    continue;
                }
                let best = example
                    .windows
                    .iter()
                    .max_by(|a, b| model.score(&a.0.features).total_cmp(&model.score(&b.0.features)))
                    .unwrap();
                let all = epoch == 0 && example.windows.len() <= 3;
                let chosen = if all { &example.windows[..] } else { std::slice::from_ref(best) };
                for (window, _) in chosen {
                    model.learn(&some(&window.features, numbers), 1.0, example.weight);
                }
            }
        }
        model
    }

    /// The same with weights of one byte.
    pub(crate) fn quantised(mut self) -> Self {
        let largest = self.weights.iter().fold(0.0f32, |largest, weight| largest.max(weight.abs()));
        self.scale = largest.min(6.0) / 127.0;
        for weight in &mut self.weights {
            *weight = (*weight / self.scale).round().clamp(-127.0, 127.0) * self.scale;
        }
        self
    }

    /// The score of a window.
    pub(crate) fn score(&self, features: &[u32]) -> f32 {
        let sum: f32 = features.iter().map(|feature| self.weights[*feature as usize]).sum();
        self.bias + sum / (features.len().max(1) as f32).sqrt()
    }

    fn learn(&mut self, features: &[u32], target: f32, weight: f32) {
        let wrong = 1.0 / (1.0 + (-self.score(features)).exp()) - target;
        let step = wrong * weight / (features.len().max(1) as f32).sqrt();
        for feature in features {
            let feature = *feature as usize;
            let gradient = step + DECAY * self.weights[feature];
            self.gradients[feature] += gradient * gradient;
            self.weights[feature] -= 0.3 * gradient / (self.gradients[feature].sqrt() + 1e-3);
        }
        self.bias -= 0.01 * wrong * weight;
    }
}

/// A window with some of its features hidden.
fn some(window: &[u32], numbers: &mut Numbers) -> Vec<u32> {
    window.iter().copied().filter(|_| numbers.below(10) >= HIDDEN).collect()
}
