//! Presets: policies of ours as plain YAML, to start from and to extend. There is no code behind them: `gatehold policy
//! preset show NAME` prints all that one does.
//!
//! The words are "produces evidence for": no preset makes anybody compliant with anything.

use crate::policy::{LoadError, Policy};

/// A preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name, as it stands under `extends`.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub title: &'static str,
    /// The policy.
    pub text: &'static str,
}

/// All presets, from the mildest on.
pub const ALL: [Preset; 9] = [
    Preset {
        name: "permissive",
        title: "Everything passes and is recorded with what was found",
        text: include_str!("../presets/permissive.yaml"),
    },
    Preset {
        name: "standard",
        title: "Attacks are refused, secrets taken out of results, doubtful things held; ordinary traffic passes",
        text: include_str!("../presets/standard.yaml"),
    },
    Preset {
        name: "strict",
        title: "Nothing is allowed that no rule of yours allows; calls wait for approval",
        text: include_str!("../presets/strict.yaml"),
    },
    Preset {
        name: "owasp-asi-2026",
        title: "The OWASP Top 10 for Agentic Applications 2026, as far as a gateway sees them",
        text: include_str!("../presets/owasp-asi-2026.yaml"),
    },
    Preset {
        name: "hipaa",
        title: "Produces evidence for the technical safeguards of the HIPAA Security Rule",
        text: include_str!("../presets/hipaa.yaml"),
    },
    Preset {
        name: "soc2",
        title: "Produces evidence for common criteria of SOC 2",
        text: include_str!("../presets/soc2.yaml"),
    },
    Preset {
        name: "pci-dss",
        title: "Produces evidence for requirements of PCI DSS 4.0.1",
        text: include_str!("../presets/pci-dss.yaml"),
    },
    Preset {
        name: "gdpr",
        title: "Produces evidence for articles 5, 25 and 32 of the GDPR",
        text: include_str!("../presets/gdpr.yaml"),
    },
    Preset {
        name: "fedramp",
        title: "Produces evidence for controls of NIST SP 800-53 revision 5",
        text: include_str!("../presets/fedramp.yaml"),
    },
];

/// The preset of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// Finds a preset as a layer: its name and its text.
///
/// # Errors
/// A sentence: there is none of this name.
pub fn layer(name: &str) -> Result<(String, String), String> {
    match find(name) {
        Some(preset) => Ok((preset.name.to_owned(), preset.text.to_owned())),
        None => {
            let names: Vec<&str> = ALL.iter().map(|preset| preset.name).collect();
            Err(match crate::diagnostic::nearest(name, &names) {
                Some(near) => format!("there is no preset of this name; did you mean `{near}`?"),
                None => format!("there is no preset of this name; there are {}", names.join(", ")),
            })
        }
    }
}

impl Preset {
    /// The policy that the preset is, with those that it extends.
    ///
    /// # Errors
    /// The preset is wrong, which a test excludes.
    pub fn load(&self) -> Result<Policy, LoadError> {
        Policy::load_with(self.name, self.text, &|_, name| layer(name))
    }
}
