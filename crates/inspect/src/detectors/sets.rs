//! Named sets of rules, for presets and reports: which findings are meant by a law's list of identifiers. No detector
//! itself. A set names what this crate can find, not all that the law means.

/// A set.
#[derive(Debug, Clone, Copy)]
pub struct Set {
    /// Its stable name.
    pub name: &'static str,
    /// Where the list stands.
    pub source: &'static str,
    /// What the law calls each item, and the findings that stand for it: `ID` for all of a detector, `ID/rule` for one
    /// rule. Empty where text cannot show it.
    pub items: &'static [(&'static str, &'static [&'static str])],
}

/// All sets.
pub static SETS: &[Set] = &[HIPAA, GDPR_SPECIAL, GDPR_IDENTIFIERS, PCI];

/// The eighteen identifiers whose removal makes health data anonymous.
pub const HIPAA: Set = Set {
    name: "hipaa-identifiers",
    source: "45 CFR 164.514(b)(2)(i)",
    items: &[
        ("names", &["PD004/person-name"]),
        ("geographic subdivisions smaller than a state", &["PD004/postal-address", "PD004/postal-code"]),
        ("dates and ages above 89", &["PD004/date-of-birth", "PD004/age"]),
        ("telephone numbers", &["PD003/telephone"]),
        ("fax numbers", &["PD003/telephone"]),
        ("e-mail addresses", &["PD003/email"]),
        ("social security numbers", &["PD002/us-social-security"]),
        ("medical record numbers", &["PD004/medical-record"]),
        ("health plan beneficiary numbers", &["PD004/health-plan", "PD002/us-health-provider"]),
        ("account numbers", &["PD001", "PD004/account-number"]),
        ("certificate and licence numbers", &["PD004/licence-number", "PD004/passport-number"]),
        ("vehicle identifiers and plates", &["PD004/vehicle-id"]),
        ("device identifiers and serial numbers", &["PD004/device-id", "PD004/mac-address"]),
        ("URLs", &["PD004/profile-page"]),
        ("IP addresses", &["PD004/ip-address"]),
        ("biometric identifiers", &["PD004/biometric-data"]),
        ("photographs of the face", &[]),
        ("any other unique number", &["PD002", "PD004/personal-number"]),
    ],
};

/// Special categories of personal data.
pub const GDPR_SPECIAL: Set = Set {
    name: "gdpr-special-categories",
    source: "GDPR Article 9(1)",
    items: &[
        ("racial or ethnic origin", &["PD004/ethnic-origin"]),
        ("political opinions", &["PD004/political-opinion"]),
        ("religious or philosophical beliefs", &["PD004/belief"]),
        ("trade union membership", &["PD004/union-membership"]),
        ("genetic data", &["PD004/genetic-data"]),
        ("biometric data", &["PD004/biometric-data"]),
        ("data concerning health", &["PD004/health-data", "PD004/medical-record", "PD004/health-plan"]),
        ("sex life or sexual orientation", &["PD004/sex-life"]),
    ],
};

/// What identifies a person directly.
pub const GDPR_IDENTIFIERS: Set = Set {
    name: "gdpr-identifiers",
    source: "GDPR Article 4(1)",
    items: &[
        ("name", &["PD004/person-name"]),
        ("identification number", &["PD002", "PD004/passport-number", "PD004/personal-number", "PD004/licence-number"]),
        ("location data", &["PD004/postal-address", "PD004/postal-code"]),
        (
            "online identifier",
            &["PD003/email", "PD004/profile-page", "PD004/ip-address", "PD004/mac-address", "PD004/device-id"],
        ),
        ("telephone number", &["PD003/telephone"]),
        ("account", &["PD001", "PD004/account-number"]),
    ],
};

/// Card data.
pub const PCI: Set = Set {
    name: "pci-account-data",
    source: "PCI DSS 4.0.1, 3.3 and 3.4",
    items: &[("primary account number", &["PD001/payment-card"]), ("cardholder name", &["PD004/person-name"])],
};

/// The set of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Set> {
    SETS.iter().find(|set| set.name == name)
}

/// Whether a finding with this id and rule belongs to a set.
#[must_use]
pub fn holds(set: &Set, id: &str, rule: &str) -> bool {
    let names = set.items.iter().flat_map(|(_, names)| names.iter());
    names.into_iter().any(|name| name.split_once('/').map_or(*name == id, |(of, one)| of == id && one == rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use crate::text::TextKind;

    #[test]
    fn the_eighteen_are_eighteen() {
        assert_eq!(HIPAA.items.len(), 18);
        assert_eq!(GDPR_SPECIAL.items.len(), 8);
    }

    #[test]
    fn what_is_found_belongs_to_its_set() {
        let text = "Patient MRN: 00482913, SSN: 536-22-1234, born on 9/20/1968, reach me at ada@analytical.engine";
        let found = Registry::standard().inspect_text(text, TextKind::ToolOutput, None, None);
        let of_law = found.as_slice().iter().filter(|finding| holds(&HIPAA, finding.id, &finding.rule)).count();
        assert!(of_law >= 4, "{found:?}");
        assert!(!holds(&PCI, "PD002", "us-social-security"));
    }
}
