//! Signatures of tokens: which algorithms are taken, which key fits which of them, and the check itself. There is no
//! `none` here and no shared secret: neither can be named (RFC 8725, sections 3.1 and 3.2).

use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehold_wire::json::Raw;
use jsonwebtoken::DecodingKey;
use sha2::{Digest, Sha256};

/// Bytes of an RSA modulus: 2048 to 8192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// An algorithm of RFC 7518, section 3.1, or RFC 8037, that signs with a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// The name in a token's header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm with this name, exactly.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    const fn shape(self) -> Shape {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => Shape::Rsa,
            Self::Es256 => Shape::P256,
            Self::Es384 => Shape::P384,
            Self::Es512 => Shape::P521,
            Self::EdDsa => Shape::Ed25519,
        }
    }

    /// As the library calls it; ES512 it does not know.
    const fn in_library(self) -> Option<jsonwebtoken::Algorithm> {
        Some(match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Rs384 => jsonwebtoken::Algorithm::RS384,
            Self::Rs512 => jsonwebtoken::Algorithm::RS512,
            Self::Ps256 => jsonwebtoken::Algorithm::PS256,
            Self::Ps384 => jsonwebtoken::Algorithm::PS384,
            Self::Ps512 => jsonwebtoken::Algorithm::PS512,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Es384 => jsonwebtoken::Algorithm::ES384,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Es512 => return None,
        })
    }
}

/// What kind of key it is: a key of one kind never checks a signature of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

/// A public key of an issuer.
pub(super) struct Key {
    /// `kid`, where it has one.
    pub(super) id: Option<Box<str>>,
    /// The algorithm that the key set pins it to.
    pinned: Option<Algorithm>,
    shape: Shape,
    material: Material,
    /// What makes it this key: id, pin and material.
    pub(super) print: [u8; 32],
}

enum Material {
    InLibrary(Box<DecodingKey>),
    /// An uncompressed point on P-521.
    P521(Box<[u8]>),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("shape", &self.shape).finish_non_exhaustive()
    }
}

impl Key {
    /// A key of a JSON Web Key Set (RFC 7517); `None` for one that signs nothing that we take: a shared secret, an
    /// encryption key, a curve or a size that we do not know.
    pub(super) fn of(jwk: Raw<'_>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(|value| value.as_str());
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        if jwk.get("key_ops").is_some_and(|operations| !operations.items().any(|operation| operation.is_str("verify")))
        {
            return None;
        }
        let number = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?.as_bytes()).ok();
        let curve = text("crv");
        let (shape, parts) = match (&*text("kty")?, curve.as_deref()) {
            ("RSA", None) => (Shape::Rsa, [number("n")?, number("e")?]),
            ("EC", Some("P-256")) => (Shape::P256, [sized(number("x")?, 32)?, sized(number("y")?, 32)?]),
            ("EC", Some("P-384")) => (Shape::P384, [sized(number("x")?, 48)?, sized(number("y")?, 48)?]),
            ("EC", Some("P-521")) => (Shape::P521, [sized(number("x")?, 66)?, sized(number("y")?, 66)?]),
            ("OKP", Some("Ed25519")) => (Shape::Ed25519, [sized(number("x")?, 32)?, Vec::new()]),
            _ => return None,
        };
        let [first, second] = &parts;
        let point = || [&[4][..], first, second].concat();
        let material = match shape {
            Shape::Rsa if MODULUS_BYTES.contains(&without_zeros(first).len()) => {
                Material::InLibrary(Box::new(DecodingKey::from_rsa_raw_components(first, second)))
            }
            Shape::Rsa => return None,
            Shape::P256 | Shape::P384 => Material::InLibrary(Box::new(DecodingKey::from_ec_der(&point()))),
            Shape::P521 => Material::P521(point().into()),
            Shape::Ed25519 => Material::InLibrary(Box::new(DecodingKey::from_ed_der(first))),
        };
        let pinned = match text("alg") {
            None => None,
            // Pinned to something that we do not take, or that is not of its kind.
            Some(name) => Some(Algorithm::named(&name).filter(|algorithm| algorithm.shape() == shape)?),
        };
        let id: Option<Box<str>> = text("kid").map(|id| id.into_owned().into());
        let mut print = Sha256::new();
        for part in [id.as_deref().unwrap_or_default().as_bytes(), pinned.map_or("", Algorithm::name).as_bytes()] {
            print.update(part);
            print.update([0]);
        }
        print.update([shape as u8]);
        print.update((first.len() as u64).to_be_bytes());
        print.update(first);
        print.update(second);
        Some(Self { id, pinned, shape, material, print: print.finalize().into() })
    }

    /// Whether the key may check signatures of an algorithm.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        algorithm.shape() == self.shape && self.pinned.is_none_or(|pinned| pinned == algorithm)
    }

    /// Whether a signature (base64url) over `signed` is this key's.
    pub(super) fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &str) -> bool {
        if !self.fits(algorithm) {
            return false;
        }
        match (&self.material, algorithm.in_library()) {
            (Material::InLibrary(key), Some(algorithm)) => {
                jsonwebtoken::crypto::verify(signature, signed, key, algorithm).unwrap_or(false)
            }
            (Material::P521(point), None) => URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| {
                UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point).verify(signed, &signature).is_ok()
            }),
            _ => false,
        }
    }
}

fn sized(number: Vec<u8>, bytes: usize) -> Option<Vec<u8>> {
    (number.len() == bytes).then_some(number)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
