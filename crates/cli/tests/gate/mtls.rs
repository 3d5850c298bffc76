//! TLS at a running gateway: versions, client certificates, and certificates that are replaced while connections go on.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::children;
use crate::client::opening;
use crate::http::{Target, post};
use crate::running::{Gate, PATIENCE, gatehold, run, until};

/// An authority that signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
}

/// A certificate and its key.
#[derive(Clone)]
struct Identity {
    pem: String,
    key_pem: String,
    der: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let (pem, der) = (certificate.pem(), certificate.der().clone());
        Authority { issuer: Issuer::new(params, key), pem, der }
    }

    fn signs(&self, alternative: SanType, is_over: bool) -> Identity {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![alternative];
        if is_over {
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            der: certificate.der().clone(),
            key: key.serialize_der(),
        }
    }

    fn server(&self) -> Identity {
        self.signs(SanType::DnsName("localhost".try_into().unwrap()), false)
    }

    fn client(&self, uri: &str) -> Identity {
        self.signs(SanType::URI(uri.try_into().unwrap()), false)
    }
}

type Secure = StreamOwned<ClientConnection, TcpStream>;

fn connect(
    address: SocketAddr,
    authority: &Authority,
    own: Option<&Identity>,
    versions: &[&'static SupportedProtocolVersion],
) -> Secure {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let config = match own {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let key = PrivateKeyDer::try_from(own.key.clone()).unwrap();
            builder.with_client_auth_cert(vec![own.der.clone()], key).unwrap()
        }
    };
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

/// The status of an `initialize`, on a connection that stays open; 0 when the other side does not want to speak.
fn initialize(stream: &mut Secure, headers: &[&str]) -> u16 {
    let message = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening("2025-06-18") });
    if stream.write_all(&post("/mcp/one", headers, message.to_string().as_bytes())).is_err() {
        return 0;
    }
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return head.split(' ').nth(1).unwrap().parse().unwrap();
            }
        }
        match stream.read(&mut piece) {
            Ok(count @ 1..) => read.extend_from_slice(&piece[..count]),
            Ok(0) | Err(_) => return 0,
        }
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let temporary = folder.join(format!("{name}.new"));
    std::fs::write(&temporary, text).unwrap();
    std::fs::rename(temporary, folder.join(name)).unwrap();
}

fn place(identity: &Identity, folder: &Path) {
    write(folder, "key.pem", &identity.key_pem);
    write(folder, "cert.pem", &identity.pem);
}

/// A gateway that speaks TLS, with its files in a folder.
fn gate(authority: &Authority, clients: Option<&Authority>, tls: &Value, authentication: &Value) -> (Gate, TempDir) {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    place(&authority.server(), folder.path());
    let mut section = json!({ "cert": file("cert.pem"), "key": file("key.pem") });
    if let Some(clients) = clients {
        write(folder.path(), "clients.pem", &clients.pem);
        section["client_ca"] = json!(file("clients.pem"));
    }
    for (name, value) in tls.as_object().unwrap() {
        section[name] = value.clone();
    }
    let gate = Gate::serve(json!({
        "tls": section, "authentication": authentication,
        "servers": { "one": children::config(&children::greeting("answer(message, {'x': 1})")) },
    }));
    (gate, folder)
}

#[test]
fn only_tls_is_spoken_and_1_3_unless_1_2_was_allowed() {
    let authority = Authority::new("servers");
    let keys = json!({ "api_keys": { "file": "keys.json" } });
    for (min, old) in [(json!({}), 0), (json!({ "min": "1.2" }), 401)] {
        let (gate, _folder) = gate(&authority, None, &min, &keys);
        let address = gate.secure_address();
        assert_eq!(initialize(&mut connect(address, &authority, None, BOTH), &[]), 401);
        let mut only_old = connect(address, &authority, None, &[&rustls::version::TLS12]);
        assert_eq!(initialize(&mut only_old, &[]), old, "TLS 1.2");
        let mut plain = crate::http::Http::connect(&Target::Tcp(address));
        plain.send(&post("/mcp/one", &[], b"{}"));
        assert!(plain.head().is_none(), "no HTTP is spoken without TLS");
    }
}

#[test]
fn a_client_certificate_is_its_holders_proof() {
    let (authority, clients, strangers) =
        (Authority::new("servers"), Authority::new("clients"), Authority::new("clients"));
    let rule =
        json!({ "certificates": { "principal": "uri", "names": ["spiffe://example.org/*"], "roles": ["agent"] } });
    let (gate, _folder) = gate(&authority, Some(&clients), &json!({}), &rule);
    let address = gate.secure_address();
    let with = |own: Option<&Identity>| initialize(&mut connect(address, &authority, own, BOTH), &[]);
    assert_eq!(with(Some(&clients.client("spiffe://example.org/agent"))), 200);
    gate.has_recorded("who it was", |record| {
        record["actor"]["sub"] == "spiffe://example.org/agent" && record["actor"]["auth"] == "mtls"
    });
    assert_eq!(with(None), 0, "without a certificate there is no connection");
    assert_eq!(with(Some(&strangers.client("spiffe://example.org/agent"))), 0, "an authority of the same name");
    let over = clients.signs(SanType::URI("spiffe://example.org/agent".try_into().unwrap()), true);
    assert_eq!(with(Some(&over)), 0, "one that is over");
    assert_eq!(with(Some(&clients.client("spiffe://other.org/agent"))), 401, "a name that is not taken");
    let no_uri = clients.signs(SanType::DnsName("agent.example.org".try_into().unwrap()), false);
    assert_eq!(with(Some(&no_uri)), 401, "no name of the kind");
}

#[test]
fn a_certificate_may_be_one_way_of_several_and_other_authorities_count_at_once() {
    let (authority, clients, others) = (Authority::new("servers"), Authority::new("clients"), Authority::new("others"));
    let ways = json!({ "api_keys": { "file": "keys.json" }, "certificates": { "principal": "uri" } });
    let (gate, folder) = gate(&authority, Some(&clients), &json!({ "client": "optional" }), &ways);
    let address = gate.secure_address();
    let output = run(gatehold().args(["key", "create", "ci", "--file"]).arg(gate.path("keys.json")));
    let key = format!("X-API-Key: {}", String::from_utf8(output.stdout).unwrap().trim());
    let mut plain = connect(address, &authority, None, BOTH);
    assert_eq!(initialize(&mut plain, &[]), 401);
    until("the key is seen", || initialize(&mut connect(address, &authority, None, BOTH), &[&key]) == 200);
    let own = clients.client("spiffe://example.org/agent");
    let mut certified = connect(address, &authority, Some(&own), BOTH);
    assert_eq!(initialize(&mut certified, &[]), 200);
    assert_eq!(initialize(&mut certified, &["X-API-Key: gh_wrong"]), 401, "what is shown must be right");
    write(folder.path(), "clients.pem", &others.pem);
    until("the authorities are read again", || {
        initialize(&mut connect(address, &authority, Some(&others.client("spiffe://x.org/y")), BOTH), &[]) == 200
    });
    assert_eq!(initialize(&mut certified, &[]), 401, "also on a connection that was there before");
    assert_eq!(initialize(&mut certified, &[&key]), 200, "which goes on");
}

#[test]
fn our_own_certificate_is_replaced_without_dropping_a_connection() {
    let authority = Authority::new("servers");
    let (mut gate, folder) = gate(&authority, None, &json!({}), &json!({ "api_keys": { "file": "keys.json" } }));
    let address = gate.secure_address();
    let shown = |stream: &Secure| stream.conn.peer_certificates().unwrap()[0].clone();
    let mut before = connect(address, &authority, None, BOTH);
    assert_eq!(initialize(&mut before, &[]), 401);
    let fresh = authority.server();
    // A certificate without its key is not used, and the old pair stays.
    write(folder.path(), "cert.pem", &fresh.pem);
    gate.running.hears("do not belong together");
    let mut between = connect(address, &authority, None, BOTH);
    assert_eq!(initialize(&mut between, &[]), 401);
    assert_eq!(shown(&between), shown(&before));
    place(&fresh, folder.path());
    until("the new certificate is shown", || {
        let mut after = connect(address, &authority, None, BOTH);
        initialize(&mut after, &[]) == 401 && shown(&after) == fresh.der
    });
    assert_eq!(initialize(&mut before, &[]), 401, "the old connection goes on");
}
