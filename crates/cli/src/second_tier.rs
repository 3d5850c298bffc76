//! Brings the model of the second tier to the gateway and to `gatehold inspect`, where the program was built with it; else
//! says how to build it so. It asks the model nothing itself.

use std::sync::Arc;

use gatehold_gateway::second_tier::{Scorer, Settings};

use crate::shared::Failure;

/// Reads the model that the settings name and tries it.
///
/// # Errors
/// It cannot be used, or this program was built without models.
#[cfg(feature = "model")]
pub(crate) fn open(settings: &Settings) -> Result<Arc<dyn Scorer>, Failure> {
    engine::open(settings)
}

/// Without the feature there is no model to read.
#[cfg(not(feature = "model"))]
pub(crate) fn open(settings: &Settings) -> Result<Arc<dyn Scorer>, Failure> {
    Err(Failure::error(format!(
        "{} cannot be used: this program was built without models.\nBuild it with `cargo build --release --features model` \
         (package `gatehold`), or take the model out",
        settings.path.display()
    )))
}

#[cfg(feature = "model")]
mod engine {
    //! The model as the gateway asks it.

    use std::sync::Arc;

    use gatehold_gateway::second_tier::{Scored, Scorer, Settings, Silence};
    use gatehold_model::{Classifier, ScoreError};

    use crate::print;
    use crate::shared::Failure;

    /// A model that was read.
    struct Model(Classifier);

    impl Scorer for Model {
        fn score(&self, text: &str, is_over: &dyn Fn() -> bool) -> Result<Scored, Silence> {
            match self.0.score(text, is_over) {
                Ok(scored) => Ok(Scored { confidence: scored.confidence, span: scored.span }),
                Err(ScoreError::Late) => Err(Silence::Late),
                Err(ScoreError::Failed(_)) => Err(Silence::Failed),
            }
        }

        fn sha256(&self) -> &str {
            self.0.sha256()
        }

        fn about(&self) -> Vec<(&'static str, String)> {
            let labels = self.0.attack_labels().join(", ");
            vec![("tokenizer_sha256", self.0.tokenizer_sha256().to_owned()), ("attack_labels", labels)]
        }
    }

    pub(super) fn open(settings: &Settings) -> Result<Arc<dyn Scorer>, Failure> {
        let classifier = Classifier::open(&gatehold_model::Settings {
            model: settings.path.clone(),
            tokenizer: settings.tokenizer.clone(),
            sha256: settings.sha256.clone(),
            tokenizer_sha256: settings.tokenizer_sha256.clone(),
            labels: settings.labels.clone(),
            tokens_max: settings.tokens_max,
            threads: settings.threads,
        })
        .map_err(Failure::error)?;
        print::note(&format!(
            "model {}: sha256 {}, an attack is {}, {} tokens take {} ms",
            settings.path.display(),
            classifier.sha256(),
            classifier.attack_labels().join(" or "),
            classifier.window_tokens(),
            classifier.window_time().as_millis()
        ));
        if classifier.window_time() > settings.budget {
            print::note(&format!(
                "warning: one window of the model takes longer than its budget of {} ms: raise `budget_ms`, give it more \
                 `threads`, or take a smaller model",
                settings.budget.as_millis()
            ));
        }
        Ok(Arc::new(Model(classifier)))
    }
}
