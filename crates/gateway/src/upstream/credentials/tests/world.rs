//! A small world of real sockets: an authorization server that is strict about everything it is sent, and a protected
//! server behind it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: String,
}

impl Asked {
    fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut read = Vec::new();
        let mut piece = [0; 4096];
        let end = loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            match stream.read(&mut piece).ok()? {
                0 => return None,
                count => read.extend_from_slice(&piece[..count]),
            }
        };
        let head = String::from_utf8(read[..end].to_vec()).ok()?;
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let headers: HashMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        while read.len() < end + length {
            match stream.read(&mut piece).ok()? {
                0 => return None,
                count => read.extend_from_slice(&piece[..count]),
            }
        }
        Some(Self { method, path, headers, body: String::from_utf8(read[end..].to_vec()).ok()? })
    }
}

/// Serves each connection one answer of `answer`; the port.
pub(super) fn serve(answer: impl Fn(&Asked) -> String + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                if let Some(asked) = Asked::read(&mut stream) {
                    // A client that has gone away wants no answer.
                    let _gone = stream.write_all(answer(&asked).as_bytes());
                }
            });
        }
    });
    port
}

pub(super) fn response(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

pub(super) fn json(status: &str, body: &str) -> String {
    response(status, "Content-Type: application/json\r\n", body)
}

/// What an authorization server wants and has given.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Ways to prove a client that its metadata lists.
    pub(super) client_auth: Option<Vec<&'static str>>,
    /// The public key of the client, for assertions.
    pub(super) client_key: Option<String>,
    /// Seconds that tokens live.
    pub(super) lifetime: u64,
    /// Whether it gives refresh tokens out.
    pub(super) refreshes: bool,
    /// The resource that requests must name.
    pub(super) resource: String,
    /// What the metadata says beside the truth.
    pub(super) other_issuer: Option<String>,
    /// What the token endpoint answers instead.
    pub(super) instead: Option<String>,
    /// Every form that it was sent, in order.
    pub(super) forms: Vec<HashMap<String, String>>,
    /// Tokens that are valid, with their scopes.
    pub(super) tokens: HashMap<String, BTreeSet<String>>,
    refresh_tokens: HashSet<String>,
    assertions: HashSet<String>,
    count: u64,
}

/// An authorization server whose one client is `gate way` with the secret `p%:&ss`.
#[derive(Clone)]
pub(super) struct AuthorizationServer {
    pub(super) issuer: String,
    pub(super) state: Arc<Mutex<State>>,
}

pub(super) const CLIENT_ID: &str = "gate way";
pub(super) const CLIENT_SECRET: &str = "p%:&ss";
/// What an identity provider vouches with.
pub(super) const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";

impl AuthorizationServer {
    pub(super) fn new(path: &'static str) -> Self {
        let state = Arc::new(Mutex::new(State { lifetime: 3600, ..State::default() }));
        let issuer = Arc::new(Mutex::new(String::new()));
        let (inner, named) = (Arc::clone(&state), Arc::clone(&issuer));
        let port = serve(move |asked| answer(asked, &named.lock().unwrap().clone(), path, &mut inner.lock().unwrap()));
        let text = format!("http://127.0.0.1:{port}{path}");
        issuer.lock().unwrap().clone_from(&text);
        Self { issuer: text, state }
    }

    pub(super) fn forms(&self) -> Vec<HashMap<String, String>> {
        self.state.lock().unwrap().forms.clone()
    }
}

fn answer(asked: &Asked, issuer: &str, path: &str, state: &mut State) -> String {
    if asked.path == format!("/.well-known/oauth-authorization-server{path}") && asked.method == "GET" {
        let methods = state.client_auth.as_ref().map_or_else(String::new, |methods| {
            format!(r#","token_endpoint_auth_methods_supported":["{}"]"#, methods.join("\",\""))
        });
        let named = state.other_issuer.as_deref().unwrap_or(issuer);
        return json("200 OK", &format!(r#"{{"issuer":"{named}","token_endpoint":"{issuer}/token"{methods}}}"#));
    }
    if asked.path != format!("{path}/token") || asked.method != "POST" {
        return json("404 Not Found", "{}");
    }
    if let Some(instead) = &state.instead {
        return instead.clone();
    }
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
    let form: HashMap<String, String> = pairs.iter().cloned().collect();
    assert_eq!(form.len(), pairs.len(), "a parameter stands twice");
    state.forms.push(form.clone());
    if !client_is_proved(asked, &form, issuer, state) {
        return json("401 Unauthorized", r#"{"error":"invalid_client","error_description":"hush p%:&ss"}"#);
    }
    if form.get("resource") != Some(&state.resource) {
        return json("400 Bad Request", r#"{"error":"invalid_target"}"#);
    }
    match grant_is_good(&form, state) {
        Ok(()) => granted(&form, state),
        Err(error) => json("400 Bad Request", &format!(r#"{{"error":"{error}","error_description":"hush"}}"#)),
    }
}

fn client_is_proved(asked: &Asked, form: &HashMap<String, String>, issuer: &str, state: &mut State) -> bool {
    let offers = |method: &str| state.client_auth.as_ref().is_none_or(|methods| methods.contains(&method));
    if let Some(basic) = asked.headers.get("authorization") {
        let pair = basic.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        return offers("client_secret_basic")
            && pair == b"gate+way:p%25%3A%26ss"
            && !form.contains_key("client_secret")
            && !form.contains_key("client_assertion");
    }
    if form.get("client_id").map(String::as_str) != Some(CLIENT_ID) {
        return false;
    }
    if let Some(secret) = form.get("client_secret") {
        return offers("client_secret_post") && secret == CLIENT_SECRET;
    }
    let (Some(assertion), Some(key)) = (form.get("client_assertion"), &state.client_key) else { return false };
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[issuer]);
    validation.set_issuer(&[CLIENT_ID]);
    validation.sub = Some(CLIENT_ID.to_owned());
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    let key = DecodingKey::from_ec_pem(key.as_bytes()).unwrap();
    let Ok(decoded) = jsonwebtoken::decode::<serde_json::Value>(assertion, &key, &validation) else { return false };
    let claims = decoded.claims;
    let short = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap() <= 300;
    let fresh = state.assertions.insert(claims["jti"].as_str().unwrap().to_owned());
    let kind = form.get("client_assertion_type").map(String::as_str);
    short
        && fresh
        && decoded.header.kid.as_deref() == Some("k1")
        && kind == Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
}

fn grant_is_good(form: &HashMap<String, String>, state: &mut State) -> Result<(), &'static str> {
    let has = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    match form["grant_type"].as_str() {
        "client_credentials" => Ok(()),
        "refresh_token" if state.refresh_tokens.remove(&form["refresh_token"]) => Ok(()),
        "refresh_token" => Err("invalid_grant"),
        "urn:ietf:params:oauth:grant-type:token-exchange" => {
            let kinds = ["access_token", "id_token"].map(|kind| format!("urn:ietf:params:oauth:token-type:{kind}"));
            match form.get("subject_token_type").is_some_and(|kind| kinds.contains(kind)) {
                true if form.get("subject_token").is_some_and(|token| token.starts_with("callers-")) => Ok(()),
                true => Err("invalid_grant"),
                false => Err("invalid_request"),
            }
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" if has("assertion", "jag-for-alice") => Ok(()),
        _ => Err("unsupported_grant_type"),
    }
}

fn granted(form: &HashMap<String, String>, state: &mut State) -> String {
    if form.get("requested_token_type").is_some_and(|kind| kind == ID_JAG) {
        return json(
            "200 OK",
            &format!(
                r#"{{"access_token":"jag-for-alice","issued_token_type":"{ID_JAG}","token_type":"N_A","expires_in":300}}"#
            ),
        );
    }
    state.count += 1;
    let token = format!("token-{}-{}", state.count, form.get("subject_token").map_or("us", String::as_str));
    let scopes = form.get("scope").map(|scope| scope.split(' ').map(str::to_owned).collect()).unwrap_or_default();
    state.tokens.insert(token.clone(), scopes);
    let refresh = match state.refreshes {
        true => {
            let refresh = format!("refresh-{}", state.count);
            state.refresh_tokens.insert(refresh.clone());
            format!(r#","refresh_token":"{refresh}""#)
        }
        false => String::new(),
    };
    let lifetime = state.lifetime;
    json("200 OK", &format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{lifetime}{refresh}}}"#))
}

/// What a protected server wants and has seen.
#[derive(Debug, Default)]
pub(super) struct Guarded {
    /// Scopes that a request needs.
    pub(super) needs: BTreeSet<String>,
    /// The challenge's further parameters.
    pub(super) challenge: String,
    /// What its metadata says, by path.
    pub(super) documents: HashMap<String, String>,
    /// Requests with a token, in order.
    pub(super) asked: Vec<Asked>,
    /// Requests without one.
    pub(super) probes: Vec<Asked>,
    /// Whether it refuses every token.
    pub(super) refuses_all: bool,
}

/// A server that takes the tokens of an authorization server.
#[derive(Clone)]
pub(super) struct ProtectedServer {
    pub(super) url: String,
    pub(super) state: Arc<Mutex<Guarded>>,
}

impl ProtectedServer {
    pub(super) fn new(authorization: &AuthorizationServer) -> Self {
        let state = Arc::new(Mutex::new(Guarded::default()));
        let (inner, authorization_state) = (Arc::clone(&state), Arc::clone(&authorization.state));
        let port = serve(move |asked| guard(asked, &mut inner.lock().unwrap(), &authorization_state.lock().unwrap()));
        let url = format!("http://127.0.0.1:{port}/mcp");
        authorization.state.lock().unwrap().resource.clone_from(&url);
        let document = format!(r#"{{"resource":"{url}","authorization_servers":["{}"]}}"#, authorization.issuer);
        state.lock().unwrap().documents.insert("/.well-known/oauth-protected-resource/mcp".to_owned(), document);
        Self { url, state }
    }

    /// The tokens that it was shown, in order.
    pub(super) fn tokens_seen(&self) -> Vec<String> {
        let token = |asked: &Asked| asked.headers.get("authorization").cloned().unwrap_or_default();
        self.state.lock().unwrap().asked.iter().map(token).collect()
    }

    pub(super) fn base(&self) -> String {
        self.url.trim_end_matches("/mcp").to_owned()
    }
}

fn guard(asked: &Asked, state: &mut Guarded, authorization: &State) -> String {
    if let Some(document) = state.documents.get(&asked.path) {
        return json("200 OK", document);
    }
    if asked.path != "/mcp" {
        return json("404 Not Found", "{}");
    }
    match asked.headers.contains_key("authorization") {
        true => state.asked.push(asked.clone()),
        false => state.probes.push(asked.clone()),
    }
    let token = asked.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let challenge = &state.challenge;
    match authorization.tokens.get(token).filter(|_| !state.refuses_all) {
        None => response("401 Unauthorized", &format!("WWW-Authenticate: Bearer realm=\"x\"{challenge}\r\n"), ""),
        Some(scopes) if !state.needs.is_subset(scopes) => {
            let needs = state.needs.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
            let header = format!("WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"{needs}\"\r\n");
            response("403 Forbidden", &header, "")
        }
        Some(_) => json("200 OK", &asked.body),
    }
}
