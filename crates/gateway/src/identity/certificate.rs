//! Client certificates: which name in one is the principal's. The certificate itself was verified in the handshake
//! against the authorities that the operator named (`listen/tls.rs`).

use gatehold_decide::policy::glob::Glob;
use gatehold_session::principal::Proof;
use gatehold_session::{Attributes, Principal};
use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::NotAdmitted;

/// Characters of a name in a certificate.
const NAME_CHARACTERS_MAX: usize = 512;

/// Who the holder of a client certificate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRule {
    /// Which name is the principal's. A certificate that has none of this kind, or several, is nobody's.
    pub principal: NameKind,
    /// Names that are taken; all where it is empty.
    pub names: Vec<Glob>,
    /// Roles of every holder.
    pub roles: Vec<String>,
    /// Scopes of every holder.
    pub scopes: Vec<String>,
}

/// A kind of name in a certificate (RFC 5280, sections 4.1.2.6 and 4.2.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// The common name of the subject.
    CommonName,
    /// A DNS name among the alternative names.
    Dns,
    /// A URI among the alternative names: a SPIFFE id, for instance.
    Uri,
    /// An e-mail address among the alternative names.
    Email,
}

impl NameKind {
    /// All of them with their names in the configuration.
    pub(crate) const NAMES: [(&str, Self); 4] =
        [("cn", Self::CommonName), ("dns", Self::Dns), ("uri", Self::Uri), ("email", Self::Email)];
}

/// The names in a client's certificate, read once when it connects.
#[derive(Debug)]
pub(crate) struct Names {
    found: Vec<(NameKind, Box<str>)>,
    issuer: Box<str>,
    /// Seconds since 1970.
    pub(crate) expires: i64,
}

impl Names {
    /// Reads a certificate; `None` when it cannot be read to its end.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (rest, parsed) = X509Certificate::from_der(certificate).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let mut found = Vec::new();
        for name in parsed.subject().iter_common_name() {
            found.push((NameKind::CommonName, name.as_str().ok()?.into()));
        }
        if let Some(alternatives) = parsed.subject_alternative_name().ok()? {
            for name in &alternatives.value.general_names {
                match name {
                    GeneralName::DNSName(name) => found.push((NameKind::Dns, (*name).into())),
                    GeneralName::URI(name) => found.push((NameKind::Uri, (*name).into())),
                    GeneralName::RFC822Name(name) => found.push((NameKind::Email, (*name).into())),
                    _ => {}
                }
            }
        }
        Some(Self {
            found,
            issuer: parsed.issuer().to_string().into(),
            expires: parsed.validity().not_after.timestamp(),
        })
    }

    /// The principal that a rule makes of the certificate, at a time in seconds since 1970.
    pub(super) fn principal(&self, rule: &CertificateRule, now: i64) -> Result<Principal, NotAdmitted> {
        if self.expires <= now {
            return Err(NotAdmitted::Invalid("certificate-expired"));
        }
        let mut names = self.found.iter().filter(|(kind, _)| *kind == rule.principal).map(|(_, name)| &**name);
        let (Some(name), None) = (names.next(), names.next()) else {
            return Err(NotAdmitted::Invalid("certificate-name"));
        };
        let is_name = !name.is_empty()
            && name.chars().count() <= NAME_CHARACTERS_MAX
            && !name.chars().any(char::is_control)
            && (rule.names.is_empty() || rule.names.iter().any(|glob| glob.matches(name)));
        if !is_name {
            return Err(NotAdmitted::Invalid("certificate-name"));
        }
        let boxed = |list: &[String]| -> Box<[Box<str>]> { list.iter().map(|text| text.as_str().into()).collect() };
        let attributes = Attributes { roles: boxed(&rule.roles), scopes: boxed(&rule.scopes), ..Attributes::default() };
        let issuer = Some(&*self.issuer);
        Ok(Principal::vouched(name, Proof::Certificate, issuer, None).with_attributes(attributes))
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType, date_time_ymd};

    use super::*;

    fn rule(principal: NameKind) -> CertificateRule {
        CertificateRule { principal, names: Vec::new(), roles: vec!["agent".to_owned()], scopes: Vec::new() }
    }

    fn names(common: &[&str], alternatives: Vec<SanType>) -> Names {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for name in common {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        params.subject_alt_names = alternatives;
        params.not_after = date_time_ymd(2100, 1, 1);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        Names::of(certificate.der()).unwrap()
    }

    #[test]
    fn the_one_name_of_the_kind_is_the_principal() {
        let uri = SanType::URI("spiffe://example.org/agent".try_into().unwrap());
        let mail = SanType::Rfc822Name("ada@example.org".try_into().unwrap());
        let dns = SanType::DnsName("agent.example.org".try_into().unwrap());
        let names = names(&["Ada"], vec![uri, mail, dns]);
        for (kind, expected) in [
            (NameKind::CommonName, "Ada"),
            (NameKind::Uri, "spiffe://example.org/agent"),
            (NameKind::Email, "ada@example.org"),
            (NameKind::Dns, "agent.example.org"),
        ] {
            let principal = names.principal(&rule(kind), 0).unwrap();
            assert_eq!((principal.name(), principal.proof()), (expected, Proof::Certificate));
            assert_eq!(&*principal.attributes().roles, [Box::from("agent")]);
        }
        assert!(names.principal(&rule(NameKind::Uri), names.expires).is_err(), "it is over");
    }

    #[test]
    fn no_name_two_names_and_names_that_are_not_taken_are_nobody() {
        let dns = |name: &str| SanType::DnsName(name.try_into().unwrap());
        let two = names(&["Ada"], vec![dns("a.example.org"), dns("b.example.org")]);
        assert!(two.principal(&rule(NameKind::Dns), 0).is_err(), "which of the two?");
        assert!(two.principal(&rule(NameKind::Email), 0).is_err());
        let only = CertificateRule { names: vec![Glob::new("agent-*").unwrap()], ..rule(NameKind::CommonName) };
        assert!(names(&["Ada"], vec![]).principal(&only, 0).is_err());
        assert!(names(&["agent-7"], vec![]).principal(&only, 0).is_ok());
        assert!(names(&["a\nb"], vec![]).principal(&rule(NameKind::CommonName), 0).is_err());
        assert!(Names::of(&CertificateDer::from(vec![1, 2, 3])).is_none());
    }
}
