//! Reads one JSON Web Token (RFC 7519): three parts, a header that asks for nothing that we do not know, claims that
//! two readers read alike. Nothing in it is believed before its signature was checked, and keys that it brings along
//! are never looked at (RFC 8725).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehold_session::Attributes;
use gatehold_wire::Limits;
use gatehold_wire::json::{self, Raw, Type};

use super::NotAdmitted;
use super::settings::{ClaimPath, Claims};
use super::signature::Algorithm;

/// Roles, groups, scopes, labels or audiences of one token. More are refused, not cut: a rule may forbid the last one.
const ENTRIES_MAX: usize = 256;
/// Characters of a name, a role and the like.
const TEXT_CHARACTERS_MAX: usize = 512;
/// Kinds of tokens (`typ`) that are taken where the configuration names none: RFC 9068, and what most servers write.
const KINDS: [&str; 3] = ["at+jwt", "application/at+jwt", "jwt"];

/// A token taken apart; nothing is verified.
pub(super) struct Parts<'t> {
    /// What was signed.
    pub(super) signed: &'t [u8],
    /// The signature, base64url.
    pub(super) signature: &'t str,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<Box<str>>,
    kind: Option<Box<str>>,
    claims: Vec<u8>,
}

/// What verified claims say.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) name: Box<str>,
    pub(super) client: Option<Box<str>>,
    pub(super) audiences: Box<[Box<str>]>,
    pub(super) attributes: Attributes,
    /// Seconds since 1970.
    pub(super) expires: Option<i64>,
}

const fn invalid(why: &'static str) -> NotAdmitted {
    NotAdmitted::Invalid(why)
}

/// Whether a token looks like a JWT, so that its issuer can be read.
pub(super) fn is_jwt(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 2
}

impl<'t> Parts<'t> {
    /// Takes a token apart.
    pub(super) fn of(text: &'t str) -> Result<Self, NotAdmitted> {
        let (signed, signature) = text.rsplit_once('.').ok_or(invalid("form"))?;
        let (header, claims) = signed.split_once('.').ok_or(invalid("form"))?;
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| invalid("form"));
        let (header, claims) = (decoded(header)?, decoded(claims)?);
        let header = object(&header)?;
        // A header that must be understood and is not (RFC 7515, section 4.1.11); there is none that we know.
        if header.get("crit").is_some() || header.get("b64").is_some() {
            return Err(invalid("crit"));
        }
        let algorithm = header.get("alg").and_then(Raw::as_str).and_then(|name| Algorithm::named(&name));
        let member = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(value) => match value.as_str() {
                Some(text) => Ok(Some(Box::<str>::from(&*text))),
                None => Err(invalid("form")),
            },
        };
        let (key_id, kind) = (member("kid")?, member("typ")?);
        Ok(Self {
            signed: signed.as_bytes(),
            signature,
            algorithm: algorithm.ok_or(invalid("algorithm"))?,
            key_id,
            kind,
            claims,
        })
    }

    /// The issuer that the token names, unverified.
    pub(super) fn issuer(&self) -> Result<String, NotAdmitted> {
        let claims = object(&self.claims)?;
        claims.get("iss").and_then(Raw::as_str).map(Cow::into_owned).ok_or(invalid("issuer"))
    }

    /// Whether the token is of a kind that grants access. An identity token or a logout token is not.
    pub(super) fn check_kind(&self, allowed: &[String]) -> Result<(), NotAdmitted> {
        let is_allowed = match &self.kind {
            // RFC 7519 leaves it out where there is no doubt.
            None => allowed.is_empty(),
            Some(kind) if allowed.is_empty() => KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind)),
            Some(kind) => allowed.iter().any(|known| known.eq_ignore_ascii_case(kind)),
        };
        if is_allowed { Ok(()) } else { Err(invalid("type")) }
    }

    /// What the claims say, once the signature was checked.
    pub(super) fn statement(&self, claims: &Claims, leeway: i64, now: i64) -> Result<Statement, NotAdmitted> {
        let statement = statement(object(&self.claims)?, claims, leeway, now)?;
        if statement.expires.is_none() {
            return Err(invalid("expiry"));
        }
        Ok(statement)
    }
}

/// A JSON object that every reader reads alike.
pub(super) fn object(bytes: &[u8]) -> Result<Raw<'_>, NotAdmitted> {
    let checked = json::check(bytes, &Limits::default()).map_err(|_| invalid("form"))?;
    if checked.kind() == Type::Object { Ok(checked) } else { Err(invalid("form")) }
}

/// What claims say of principal and time: those of a token, or of an answer to introspection (RFC 7662).
pub(super) fn statement(from: Raw<'_>, claims: &Claims, leeway: i64, now: i64) -> Result<Statement, NotAdmitted> {
    let time = |name: &str| match from.get(name) {
        None => Ok(None),
        // A fraction of a second is cut; what is no number, or too large for one, has no meaning.
        Some(value) => match value.as_f64().filter(|number| number.abs() < 1e15) {
            #[expect(clippy::cast_possible_truncation, reason = "it is below 1e15")]
            Some(number) => Ok(Some(number as i64)),
            None => Err(invalid("time")),
        },
    };
    let expires = time("exp")?.map(|expires| expires.saturating_add(leeway));
    if expires.is_some_and(|expires| expires <= now) {
        return Err(invalid("expired"));
    }
    let latest = now.saturating_add(leeway);
    if time("nbf")?.is_some_and(|begins| begins > latest) || time("iat")?.is_some_and(|issued| issued > latest) {
        return Err(invalid("not-yet"));
    }
    let name = claims.name.find(from).and_then(Raw::as_str).ok_or(invalid("name"))?;
    let client = match &claims.client {
        Some(path) => path.find(from),
        None => from.get("client_id").or_else(|| from.get("azp")),
    };
    let client = client.and_then(Raw::as_str).filter(|client| !client.is_empty());
    let mut scopes = words(from.get("scope"))?;
    scopes.extend(words(from.get("scp"))?);
    let mut labels = Vec::new();
    for (label, path) in &claims.labels {
        if let Some(value) = path.find(from).and_then(label_text) {
            labels.push((Box::from(label.as_str()), text(&value)?));
        }
    }
    let listed = |path: &Option<ClaimPath>| path.as_ref().map_or(Ok(Vec::new()), |path| list(path.find(from)));
    let tenant = claims.tenant.as_ref().and_then(|path| path.find(from)).and_then(label_text);
    Ok(Statement {
        name: text(&name)?,
        client: client.map(|client| text(&client)).transpose()?,
        audiences: list(from.get("aud"))?.into(),
        attributes: Attributes {
            roles: listed(&claims.roles)?.into(),
            groups: listed(&claims.groups)?.into(),
            scopes: scopes.into(),
            labels: labels.into(),
            tenant: tenant.map(|tenant| text(&tenant)).transpose()?,
        },
        expires,
    })
}

impl ClaimPath {
    fn find<'r>(&self, claims: Raw<'r>) -> Option<Raw<'r>> {
        self.steps().iter().try_fold(claims, |at, step| at.get(step))
    }
}

fn label_text(value: Raw<'_>) -> Option<Cow<'_, str>> {
    match value.kind() {
        Type::String => value.as_str(),
        Type::Number | Type::Bool => Some(Cow::Borrowed(value.text())),
        _ => None,
    }
}

/// A text that can stand in a policy and in a record.
fn text(value: &str) -> Result<Box<str>, NotAdmitted> {
    let is_text =
        !value.is_empty() && value.chars().count() <= TEXT_CHARACTERS_MAX && !value.chars().any(char::is_control);
    if is_text { Ok(value.into()) } else { Err(invalid("claims")) }
}

/// A text, or a list of texts. Anything else in it is no name of a role and is refused: it was meant for somebody who
/// reads it differently.
fn list(value: Option<Raw<'_>>) -> Result<Vec<Box<str>>, NotAdmitted> {
    let Some(value) = value else { return Ok(Vec::new()) };
    match value.kind() {
        Type::String => Ok(vec![text(&value.as_str().ok_or(invalid("claims"))?)?]),
        Type::Array => {
            let mut found = Vec::new();
            for item in value.items() {
                if found.len() >= ENTRIES_MAX {
                    return Err(invalid("claims"));
                }
                found.push(text(&item.as_str().ok_or(invalid("claims"))?)?);
            }
            Ok(found)
        }
        Type::Null => Ok(Vec::new()),
        _ => Err(invalid("claims")),
    }
}

/// Scopes: words with blanks between them (RFC 6749, section 3.3), or a list of such.
fn words(value: Option<Raw<'_>>) -> Result<Vec<Box<str>>, NotAdmitted> {
    let mut found = Vec::new();
    if value.is_some_and(|value| value.is_str("")) {
        return Ok(found);
    }
    for entry in list(value)? {
        found.extend(entry.split(' ').filter(|word| !word.is_empty()).map(Box::from));
    }
    if found.len() > ENTRIES_MAX { Err(invalid("claims")) } else { Ok(found) }
}
