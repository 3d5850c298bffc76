//! TLS toward servers: a private authority, and a certificate of ours where a server wants one.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use http_body_util::BodyExt;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::*;
use crate::fetch::client_settings;

/// An authority with its certificate in a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
    certificate: rcgen::Certificate,
}

impl Authority {
    fn new(folder: &tempfile::TempDir, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let file = folder.path().join(format!("{name}.pem"));
        std::fs::write(&file, certificate.pem()).unwrap();
        Self { issuer: Issuer::new(params, key), file, certificate }
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        (CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// A certificate and its key in files.
    fn issue_to(&self, folder: &tempfile::TempDir, name: &str) -> (PathBuf, PathBuf) {
        let (certificate, key) = self.issue(name);
        let files = (folder.path().join(format!("{name}-cert.pem")), folder.path().join(format!("{name}-key.pem")));
        std::fs::write(&files.0, certificate.pem()).unwrap();
        std::fs::write(&files.1, key.serialize_pem()).unwrap();
        files
    }
}

/// A TLS server for `localhost`; with `clients` it wants a certificate of that authority.
fn server(authority: &Authority, clients: Option<&Authority>) -> u16 {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let (certificate, key) = authority.issue("localhost");
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(clients.certificate.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = key.serialize_der().try_into().unwrap();
    let settings = Arc::new(builder.with_single_cert(vec![certificate.der().clone()], key).unwrap());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut connection = rustls::ServerConnection::new(Arc::clone(&settings)).unwrap();
            let mut tls = rustls::Stream::new(&mut connection, &mut stream);
            let mut piece = [0; 4096];
            if tls.read(&mut piece).is_ok_and(|count| count > 0) {
                // A client that gave up is gone.
                let _gone = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsealed");
            }
        }
    });
    port
}

async fn ask(port: u16, ca: Option<&Authority>, certificate: Option<&(PathBuf, PathBuf)>) -> Result<Bytes, HttpFault> {
    let settings = client_settings(ca.map(|ca| ca.file.as_path()), certificate).unwrap();
    let address = Address::parse(&format!("https://localhost:{port}/mcp")).unwrap();
    let client = Arc::new(HttpClient::new(address, Some(settings), Duration::from_secs(10)));
    let request = Request::post("/mcp").body(Full::new(Bytes::from_static(b"{}"))).unwrap();
    let response = client.send(request).await?;
    Ok(response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default())
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_it_is_named_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (Authority::new(&folder, "ours"), Authority::new(&folder, "other"));
    let port = server(&ours, None);
    assert_eq!(ask(port, Some(&ours), None).await.unwrap(), "sealed");
    for ca in [None, Some(&other)] {
        let fault = ask(port, ca, None).await.unwrap_err();
        assert!(matches!(&fault, HttpFault::Unreachable(_, why) if why.contains("certificate")), "{fault}");
    }
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_is_shown_the_configured_one() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, clients) = (Authority::new(&folder, "ours"), Authority::new(&folder, "clients"));
    let port = server(&ours, Some(&clients));
    let good = clients.issue_to(&folder, "gateway");
    let bad = ours.issue_to(&folder, "stranger");
    assert_eq!(ask(port, Some(&ours), Some(&good)).await.unwrap(), "sealed");
    assert!(ask(port, Some(&ours), None).await.is_err());
    assert!(ask(port, Some(&ours), Some(&bad)).await.is_err());
    // A key that belongs to another certificate is noticed when the configuration is read.
    let error = client_settings(None, Some(&(good.0.clone(), bad.1.clone()))).unwrap_err();
    assert!(error.contains("do not belong together"), "{error}");
    let error = client_settings(None, Some(&(good.0, clients.file.clone()))).unwrap_err();
    assert!(error.contains("holds no private key"), "{error}");
}
