//! An authorization server of the tests: it signs tokens, serves its keys, and can be away, slow, or a liar.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::upstream::Upstream;

/// How the server behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Down,
    Slow,
    Huge,
    Redirecting,
}

/// The server.
pub(crate) struct Authority {
    pub(crate) upstream: Upstream,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    keys: Vec<(String, Arc<EcdsaKeyPair>)>,
    mood: Mood,
    inactive: Vec<String>,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn new_key() -> Arc<EcdsaKeyPair> {
    Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
}

fn jwk(id: &str, key: &EcdsaKeyPair) -> Value {
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    json!({ "kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "alg": "ES256", "x": encoded(x), "y": encoded(y) })
}

impl Authority {
    pub(crate) fn start() -> Authority {
        let shared = Arc::new(Mutex::new(Shared {
            keys: vec![("k1".to_owned(), new_key())],
            mood: Mood::Well,
            inactive: Vec::new(),
        }));
        let told = Arc::clone(&shared);
        let upstream = Upstream::start(move |request, reply| {
            let (mood, keys) = {
                let shared = told.lock().unwrap();
                let keys: Vec<Value> = shared.keys.iter().map(|(id, key)| jwk(id, key)).collect();
                (shared.mood, json!({ "keys": keys }).to_string())
            };
            match mood {
                Mood::Down => return reply.json("500 Internal Server Error", "{}"),
                Mood::Slow => std::thread::sleep(Duration::from_secs(8)),
                Mood::Huge => return reply.json("200 OK", &format!("{{\"keys\":[\"{}\"]}}", "x".repeat(1 << 20))),
                Mood::Redirecting => return reply.whole("302 Found", &["Location: /elsewhere"], b""),
                Mood::Well => {}
            }
            if request.target.starts_with("/introspect") {
                let text = request.text();
                let is_known = request.header("authorization") == Some("Basic Z2F0ZTpzM2NyZXQ=");
                let is_inactive = told.lock().unwrap().inactive.iter().any(|token| text.contains(token.as_str()));
                return match (is_known, is_inactive) {
                    (false, _) => reply.json("401 Unauthorized", "{}"),
                    (true, true) => reply.json("200 OK", "{\"active\":false}"),
                    (true, false) => reply.json(
                        "200 OK",
                        &json!({ "active": true, "sub": "opaque-ada", "aud": "https://gw.example", "scope": "read" })
                            .to_string(),
                    ),
                };
            }
            reply.json("200 OK", &keys);
        });
        Authority { upstream, shared }
    }

    /// Its name in `iss`.
    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.upstream.address)
    }

    /// How a configuration names it.
    pub(crate) fn config(&self) -> Value {
        json!({ "issuer": self.issuer(), "jwks": format!("{}/keys", self.issuer()), "claims": { "roles": "roles" } })
    }

    pub(crate) fn is_in(&self, mood: Mood) {
        self.shared.lock().unwrap().mood = mood;
    }

    /// A new key, under a name of its own; the old one goes when `keeps` is false.
    pub(crate) fn rotate(&self, id: &str, keeps: bool) {
        let mut shared = self.shared.lock().unwrap();
        if !keeps {
            shared.keys.clear();
        }
        shared.keys.insert(0, (id.to_owned(), new_key()));
    }

    /// A token that was good is so no more.
    pub(crate) fn deactivate(&self, token: &str) {
        self.shared.lock().unwrap().inactive.push(token.to_owned());
    }

    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.issuer(), "sub": "ada", "aud": "https://gw.example", "exp": now() + 600, "client_id": "agent",
            "scope": "read",
        })
    }

    /// A token with these members changed.
    pub(crate) fn token(&self, changes: &Value) -> String {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.signed(&json!({}), &claims)
    }

    /// Any header and any claims, signed with the newest key.
    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        let (id, key) = self.shared.lock().unwrap().keys[0].clone();
        let mut whole = json!({ "alg": "ES256", "typ": "at+jwt", "kid": id });
        for (name, value) in header.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let text = format!("{}.{}", encoded(whole.to_string()), encoded(claims.to_string()));
        let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", encoded(signature.as_ref()))
    }

    /// A token that is not signed at all.
    pub(crate) fn unsigned(&self) -> String {
        let header = json!({ "alg": "none", "typ": "at+jwt", "kid": "k1" });
        format!("{}.{}.", encoded(header.to_string()), encoded(self.claims().to_string()))
    }

    /// A token whose shared secret is the public key.
    pub(crate) fn confused(&self) -> String {
        let key = self.shared.lock().unwrap().keys[0].1.clone();
        let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": "k1" });
        let text = format!("{}.{}", encoded(header.to_string()), encoded(self.claims().to_string()));
        let secret = hmac::Key::new(hmac::HMAC_SHA256, key.public_key().as_ref());
        format!("{text}.{}", encoded(hmac::sign(&secret, text.as_bytes())))
    }
}
