//! Tokens as an authorization server writes them, and as attackers do.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::fetch::{FetchConfig, Resolver};
use crate::identity::keys::keyed;
use crate::identity::settings::{ClaimPath, Claims};
use crate::identity::signature::Algorithm;

const NOW: i64 = 1_800_000_000;
const HERE: &str = "https://gw.example/mcp/notes";
const ISSUER: &str = "https://as.example";

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key that signs with one algorithm.
enum Signer {
    Rsa(RsaKeyPair, &'static signature::RsaSignatureEncoding),
    Ec(EcdsaKeyPair, &'static str),
    Ed(Ed25519KeyPair),
}

fn signer(algorithm: Algorithm) -> Signer {
    let rsa = |encoding| Signer::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap(), encoding);
    let ec = |algorithm, curve| Signer::Ec(EcdsaKeyPair::generate(algorithm).unwrap(), curve);
    match algorithm {
        Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
        Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
        Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
        Algorithm::Ps256 => rsa(&signature::RSA_PSS_SHA256),
        Algorithm::Ps384 => rsa(&signature::RSA_PSS_SHA384),
        Algorithm::Ps512 => rsa(&signature::RSA_PSS_SHA512),
        Algorithm::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
        Algorithm::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
        Algorithm::Es512 => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"),
        Algorithm::EdDsa => Signer::Ed(Ed25519KeyPair::generate().unwrap()),
    }
}

impl Signer {
    fn sign(&self, text: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, text.as_bytes(), &mut signature).unwrap();
                signature
            }
            Self::Ec(key, _) => key.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec(),
            Self::Ed(key) => key.sign(text.as_bytes()).as_ref().to_vec(),
        }
    }

    fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rsa(key, _) => {
                let public = key.public_key();
                let n = encoded(public.modulus().big_endian_without_leading_zero());
                let e = encoded(public.exponent().big_endian_without_leading_zero());
                json!({ "kty": "RSA", "kid": id, "n": n, "e": e, "use": "sig" })
            }
            Self::Ec(key, curve) => {
                let point = &key.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "kid": id, "crv": curve, "x": encoded(x), "y": encoded(y) })
            }
            Self::Ed(key) => {
                json!({ "kty": "OKP", "kid": id, "crv": "Ed25519", "x": encoded(key.public_key().as_ref()) })
            }
        }
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let text = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let signature = encoded(self.sign(&text));
        format!("{text}.{signature}")
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "ada", "aud": [HERE], "exp": NOW + 600, "iat": NOW - 10, "nbf": NOW - 10,
        "client_id": "agent", "scope": "read write", "realm": { "roles": ["lead"] }, "org": 7,
    })
}

fn header(algorithm: &str) -> Value {
    json!({ "alg": algorithm, "kid": "k1", "typ": "at+jwt" })
}

fn with(mut value: Value, key: &str, other: Value) -> Value {
    value[key] = other;
    value
}

struct Server {
    _folder: TempDir,
    issuers: Issuers,
}

impl Server {
    fn new(keys: &[Value], change: impl FnOnce(&mut Issuer)) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("keys.json");
        std::fs::write(&path, json!({ "keys": keys }).to_string()).unwrap();
        let mut issuer = Issuer {
            issuer: ISSUER.to_owned(),
            check: Check::KeyFile(path),
            audiences: Vec::new(),
            algorithms: Algorithm::ALL.to_vec(),
            token_types: Vec::new(),
            leeway: std::time::Duration::from_secs(30),
            claims: Claims {
                roles: Some(ClaimPath::parse("realm.roles")),
                labels: vec![("org".to_owned(), ClaimPath::parse("org"))],
                ..Claims::default()
            },
        };
        change(&mut issuer);
        let settings = Authentication { issuers: vec![issuer], ..Authentication::default() };
        let fetcher = Arc::new(Fetcher::new(FetchConfig::default(), Resolver::system()));
        Self { _folder: folder, issuers: Issuers::new(&settings, fetcher, None).unwrap() }
    }

    async fn verify(&self, token: &str) -> Result<Arc<Verified>, NotAdmitted> {
        self.issuers.verify(token, &[HERE.to_owned()], NOW).await
    }

    async fn refuses(&self, token: &str, why: &'static str) {
        assert_eq!(self.verify(token).await.unwrap_err(), NotAdmitted::Invalid(why), "{token}");
    }
}

#[tokio::test]
async fn every_algorithm_is_checked_and_every_changed_byte_is_seen() {
    for algorithm in Algorithm::ALL {
        let signer = signer(algorithm);
        let server = Server::new(&[signer.jwk("k1")], |_| {});
        let token = signer.token(&header(algorithm.name()), &claims());
        let verified = server.verify(&token).await.unwrap_or_else(|error| panic!("{algorithm:?}: {error:?}"));
        let principal = &verified.principal;
        assert_eq!((principal.name(), principal.issuer(), principal.client()), ("ada", Some(ISSUER), Some("agent")));
        let attributes = principal.attributes();
        assert_eq!(&*attributes.scopes, [Box::from("read"), Box::from("write")]);
        assert_eq!(&*attributes.roles, [Box::from("lead")]);
        assert_eq!(&*attributes.labels, [(Box::from("org"), Box::from("7"))]);
        let (text, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        bytes[7] ^= 1;
        server.refuses(&format!("{text}.{}", encoded(&bytes)), "signature").await;
        server.refuses(&format!("{text}."), "signature").await;
        let other = self::signer(algorithm).token(&header(algorithm.name()), &claims());
        server.refuses(&other, "signature").await;
    }
}

#[tokio::test]
async fn none_shared_secrets_and_other_kinds_of_keys_check_nothing() {
    let rsa = signer(Algorithm::Rs256);
    let ec = signer(Algorithm::Es256);
    let server = Server::new(&[rsa.jwk("k1"), ec.jwk("k2")], |issuer| {
        issuer.algorithms = vec![Algorithm::Rs256, Algorithm::Es256];
    });
    for name in ["none", "None", "NONE", "nOnE", "HS256", "HS512", "rs256", "RS1", ""] {
        let text = format!("{}.{}", encoded(header(name).to_string()), encoded(claims().to_string()));
        server.refuses(&format!("{text}."), "algorithm").await;
        // A shared secret that is the public key, in each of the forms that libraries have taken for one.
        let jwk = rsa.jwk("k1");
        for secret in [jwk.to_string(), jwk["n"].as_str().unwrap().to_owned(), String::new()] {
            let signature = encoded(keyed(secret.as_bytes(), text.as_bytes()));
            server.refuses(&format!("{text}.{signature}"), "algorithm").await;
        }
    }
    server.refuses(&rsa.token(&header("PS256"), &claims()), "algorithm").await;
    server.refuses(&rsa.token(&header("ES256"), &claims()), "key").await;
    server.refuses(&rsa.token(&with(header("RS256"), "kid", json!("k2")), &claims()), "key").await;
    let no_alg = json!({ "kid": "k1" });
    server.refuses(&rsa.token(&no_alg, &claims()), "algorithm").await;
    server.refuses(&rsa.token(&json!({ "alg": ["RS256"], "kid": "k1" }), &claims()), "algorithm").await;
}

#[tokio::test]
async fn a_key_set_pins_its_keys_and_gives_no_secrets() {
    let rsa = signer(Algorithm::Rs256);
    let pinned = Server::new(&[with(rsa.jwk("k1"), "alg", json!("PS256"))], |_| {});
    pinned.refuses(&rsa.token(&header("RS256"), &claims()), "key").await;
    let secret = json!({ "kty": "oct", "kid": "k1", "k": encoded("secret") });
    let ec = signer(Algorithm::Es256);
    let server = Server::new(&[secret, ec.jwk("k2")], |_| {});
    server.refuses(&rsa.token(&header("RS256"), &claims()), "key").await;
    for useless in [
        with(ec.jwk("k1"), "use", json!("enc")),
        with(ec.jwk("k1"), "key_ops", json!(["encrypt"])),
        with(ec.jwk("k1"), "crv", json!("secp256k1")),
        with(ec.jwk("k1"), "x", json!("AQAB")),
        with(rsa.jwk("k1"), "n", json!(encoded([0x81_u8; 128]))),
        with(rsa.jwk("k1"), "alg", json!("HS256")),
    ] {
        let server = Server::new(&[useless, signer(Algorithm::EdDsa).jwk("k3")], |_| {});
        server.refuses(&ec.token(&header("ES256"), &claims()), "key").await;
    }
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_not_looked_at() {
    let (own, attacker) = (signer(Algorithm::Es256), signer(Algorithm::Es256));
    let server = Server::new(&[own.jwk("k1")], |_| {});
    for (name, value) in [
        ("jwk", attacker.jwk("k1")),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
    ] {
        server.refuses(&attacker.token(&with(header("ES256"), name, value), &claims()), "signature").await;
    }
    let understood = own.token(&with(header("ES256"), "crit", json!(["exp"])), &claims());
    server.refuses(&understood, "crit").await;
    server.refuses(&own.token(&with(header("ES256"), "b64", json!(false)), &claims()), "crit").await;
}

#[tokio::test]
async fn time_issuer_audience_type_and_claims_are_checked() {
    let key = signer(Algorithm::Es256);
    let server = Server::new(&[key.jwk("k1")], |_| {});
    let signed = |claims: &Value| key.token(&header("ES256"), claims);
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let many: Vec<String> = (0..300).map(|number| format!("r{number}")).collect();
    for (changed, why) in [
        (with(claims(), "exp", json!(NOW - 31)), "expired"),
        (with(claims(), "exp", json!("tomorrow")), "time"),
        (with(claims(), "exp", json!(1e300)), "time"),
        (with(claims(), "exp", json!(null)), "time"),
        (without("exp"), "expiry"),
        (with(claims(), "nbf", json!(NOW + 31)), "not-yet"),
        (with(claims(), "iat", json!(NOW + 31)), "not-yet"),
        (with(claims(), "iss", json!("https://as.example/")), "issuer"),
        (with(claims(), "iss", json!([ISSUER])), "issuer"),
        (without("iss"), "issuer"),
        (without("aud"), "audience"),
        (with(claims(), "aud", json!("https://gw.example/mcp/notes/")), "audience"),
        (with(claims(), "aud", json!("https://gw.example/mcp")), "audience"),
        (with(claims(), "aud", json!(["https://other.example"])), "audience"),
        (with(claims(), "aud", json!({ "a": HERE })), "claims"),
        (without("sub"), "name"),
        (with(claims(), "sub", json!("")), "claims"),
        (with(claims(), "sub", json!("a\u{1b}[2J")), "claims"),
        (with(claims(), "realm", json!({ "roles": many })), "claims"),
        (with(claims(), "realm", json!({ "roles": ["a", 7] })), "claims"),
    ] {
        server.refuses(&signed(&changed), why).await;
    }
    assert!(server.verify(&signed(&with(claims(), "exp", json!(NOW - 29)))).await.is_ok(), "clocks differ a little");
    for kind in ["JWT", "at+JWT", "application/at+jwt"] {
        assert!(server.verify(&key.token(&with(header("ES256"), "typ", json!(kind)), &claims())).await.is_ok());
    }
    for kind in ["logout+jwt", "dpop+jwt", "oauth-id-jag+jwt", ""] {
        server.refuses(&key.token(&with(header("ES256"), "typ", json!(kind)), &claims()), "type").await;
    }
    let strict = Server::new(&[key.jwk("k1")], |issuer| issuer.token_types = vec!["at+jwt".to_owned()]);
    strict.refuses(&key.token(&json!({ "alg": "ES256", "kid": "k1" }), &claims()), "type").await;
    let named = Server::new(&[key.jwk("k1")], |issuer| issuer.audiences = vec!["api://gate".to_owned()]);
    named.refuses(&signed(&claims()), "audience").await;
    assert!(named.verify(&signed(&with(claims(), "aud", json!("api://gate")))).await.is_ok());
}

#[tokio::test]
async fn what_two_readers_could_read_differently_is_no_token() {
    let key = signer(Algorithm::Es256);
    let server = Server::new(&[key.jwk("k1")], |_| {});
    let signed = |header: &str, claims: &str| {
        let text = format!("{}.{}", encoded(header), encoded(claims));
        let signature = encoded(key.sign(&text));
        format!("{text}.{signature}")
    };
    let (good_header, good_claims) = (header("ES256").to_string(), claims().to_string());
    assert!(server.verify(&signed(&good_header, &good_claims)).await.is_ok());
    let doubled = good_claims.replace("\"sub\":\"ada\"", "\"sub\":\"ada\",\"sub\":\"root\"");
    assert_ne!(doubled, good_claims);
    server.refuses(&signed(&good_header, &doubled), "form").await;
    server.refuses(&signed(&good_header.replace('{', "{\"alg\":\"none\","), &good_claims), "form").await;
    server.refuses(&signed(&good_header, &format!("[{good_claims}]")), "form").await;
    server.refuses(&signed(&good_header, &format!("{good_claims} x")), "form").await;
    let good = signed(&good_header, &good_claims);
    for wrong in [format!("{good}.x"), good.replace('.', ".."), format!("{good}="), ".".to_owned(), "..".to_owned()] {
        assert!(server.verify(&wrong).await.is_err(), "{wrong}");
    }
    server.refuses("opaque", "form").await;
}

#[tokio::test]
async fn a_verified_token_is_remembered_until_it_ends_or_its_key_is_gone() {
    let key = signer(Algorithm::Es256);
    let server = Server::new(&[key.jwk("k1")], |_| {});
    let token = key.token(&header("ES256"), &claims());
    let first = server.verify(&token).await.unwrap();
    assert!(Arc::ptr_eq(&first, &server.verify(&token).await.unwrap()), "it is remembered");
    let elsewhere = server.issuers.verify(&token, &["https://gw.example/mcp/other".to_owned()], NOW).await;
    assert_eq!(elsewhere.unwrap_err(), NotAdmitted::Invalid("audience"), "what is remembered is for one resource");
    let late = server.issuers.verify(&token, &[HERE.to_owned()], NOW + 630).await;
    assert_eq!(late.unwrap_err(), NotAdmitted::Invalid("expired"));
    let other = signer(Algorithm::Es256);
    let Check::KeyFile(path) = &server.issuers.issuers[0].settings.check else { panic!("a file") };
    let Way::Keys(set) = &server.issuers.issuers[0].way else { panic!("keys") };
    std::fs::write(path, json!({ "keys": [key.jwk("k1"), other.jwk("k2")] }).to_string()).unwrap();
    set.read_file().unwrap();
    assert!(Arc::ptr_eq(&first, &server.verify(&token).await.unwrap()), "its key is still there");
    std::fs::write(path, json!({ "keys": [other.jwk("k1")] }).to_string()).unwrap();
    set.read_file().unwrap();
    server.refuses(&token, "signature").await;
}

#[test]
#[ignore = "a measurement: cargo test -p gatehold-gateway --lib -- --ignored --nocapture admission_costs"]
fn admission_costs_little() {
    use std::time::Instant;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = TempDir::new().unwrap();
    let file = crate::identity::keys::KeyFile::at(folder.path().join("keys.json"));
    let new = crate::identity::keys::NewKey { name: "ci".to_owned(), ..Default::default() };
    let (key, _) = file.create(new, crate::identity::keys::now()).unwrap();
    let signer = signer(Algorithm::Es256);
    let server = Server::new(&[signer.jwk("k1")], |_| {});
    let issuer = server.issuers.issuers[0].settings.clone();
    let settings = Arc::new(Authentication {
        api_keys: Some(file.path().to_owned()),
        resource: Some(crate::identity::settings::Resource::parse("https://gw.example").unwrap()),
        issuers: vec![issuer],
        ..Authentication::default()
    });
    let fetcher = Arc::new(Fetcher::new(FetchConfig::default(), Resolver::system()));
    let identity = crate::identity::Identity::new(Some(&settings), None, &fetcher, None).unwrap();
    let claims = with(claims(), "exp", json!(4_000_000_000_i64));
    let token = signer.token(&header("ES256"), &with(with(claims, "iat", json!(1)), "nbf", json!(1)));
    let target: http::Uri = "/mcp/notes".parse().unwrap();
    for (what, shown) in [("an API key", key.secret()), ("a remembered token", &token)] {
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::AUTHORIZATION, format!("Bearer {shown}").parse().unwrap());
        let peer = crate::identity::Peer::Network(None);
        let mut best = f64::MAX;
        for _ in 0..20 {
            let started = Instant::now();
            runtime.block_on(async {
                for _ in 0..1000 {
                    assert!(identity.admit(&peer, &target, &headers).await.is_ok());
                }
            });
            best = best.min(started.elapsed().as_secs_f64() * 1e3);
        }
        println!("admission with {what}: {best:.2} us");
    }
}
