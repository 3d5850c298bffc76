//! TLS toward clients: the certificate that we show, the client certificates that we ask for, and their replacement while
//! connections go on. TLS 1.3 unless the operator allows 1.2.
//!
//! Sessions are not resumed where client certificates are asked for: a resumed one is not verified again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::fetch::{read_certificates, read_key};
use crate::gateway::Gateway;
use crate::identity::{Names, Peer};
use crate::listen::http;

/// How long a handshake may take: a slow one must not hold a connection for nothing.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// Handshakes at a time; one more waits for its turn within its own time.
const HANDSHAKES_MAX: usize = 512;

static HANDSHAKES: Semaphore = Semaphore::const_new(HANDSHAKES_MAX);

/// What the operator says about TLS: the section `tls` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsConfig {
    /// Our certificate with its chain, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// The authorities whose client certificates are taken, PEM.
    pub client_ca: Option<PathBuf>,
    /// Whether a client without a certificate is let in.
    pub client_optional: bool,
    /// Whether TLS 1.2 is spoken besides 1.3.
    pub allows_1_2: bool,
}

impl TlsConfig {
    /// The files whose change matters.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.cert, &self.key].into_iter().chain(&self.client_ca)
    }
}

/// The settings of TLS as they are used now; a part of the snapshot.
#[derive(Debug)]
pub(crate) struct Tls {
    settings: Arc<ServerConfig>,
    verifier: Option<Arc<dyn ClientCertVerifier>>,
    /// Tells one reading of the files from the next.
    number: u64,
}

/// The certificate that a client has shown and that was verified.
#[derive(Debug)]
pub(crate) struct Shown {
    chain: Vec<CertificateDer<'static>>,
    pub(crate) names: Names,
    /// Under which settings it was found good last.
    verified: AtomicU64,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub(crate) fn new(config: &TlsConfig) -> Result<Self, String> {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions: &[_] = if config.allows_1_2 {
            &[&rustls::version::TLS13, &rustls::version::TLS12]
        } else {
            &[&rustls::version::TLS13]
        };
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .map_err(|error| error.to_string())?;
        let verifier = match &config.client_ca {
            None => None,
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in read_certificates(path)? {
                    roots.add(certificate).map_err(|error| format!("{}: {error}", path.display()))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = if config.client_optional { verifier.allow_unauthenticated() } else { verifier };
                Some(verifier.build().map_err(|error| format!("{}: {error}", path.display()))?)
            }
        };
        let builder = match &verifier {
            None => builder.with_no_client_auth(),
            Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
        };
        let mut settings =
            builder.with_single_cert(read_certificates(&config.cert)?, read_key(&config.key)?).map_err(|error| {
                format!("{} and {} do not belong together: {error}", config.cert.display(), config.key.display())
            })?;
        settings.alpn_protocols = vec![b"http/1.1".to_vec()];
        if verifier.is_some() {
            settings.session_storage = Arc::new(NoServerSessionStorage {});
            settings.send_tls13_tickets = 0;
        }
        Ok(Self { settings: Arc::new(settings), verifier, number: NUMBER.fetch_add(1, Ordering::Relaxed) })
    }

    /// Whether a certificate is good under these settings too: other authorities may count now than when the client
    /// connected.
    pub(crate) fn still_trusts(&self, shown: &Shown) -> bool {
        if shown.verified.load(Ordering::Relaxed) == self.number {
            return true;
        }
        let (Some(verifier), Some((own, between))) = (&self.verifier, shown.chain.split_first()) else { return false };
        let is_good = verifier.verify_client_cert(own, between, UnixTime::now()).is_ok();
        if is_good {
            shown.verified.store(self.number, Ordering::Relaxed);
        }
        is_good
    }
}

/// Shakes hands and serves the connection, which its caller counts from before the handshake. Without settings nobody is served: a listener for TLS never speaks plainly.
pub(crate) async fn serve(gateway: Arc<Gateway>, stream: TcpStream) {
    let Some(tls) = gateway.snapshot.load().tls.clone() else { return };
    let shaking = async {
        // The semaphore is never closed.
        let _turn = HANDSHAKES.acquire().await.ok()?;
        TlsAcceptor::from(Arc::clone(&tls.settings)).accept(stream).await.ok()
    };
    let Ok(Some(stream)) = timeout(HANDSHAKE_PATIENCE, shaking).await else { return };
    let chain = stream.get_ref().1.peer_certificates().map(|chain| chain.iter().map(|part| part.clone().into_owned()));
    let certificate = match chain.map(Iterator::collect::<Vec<_>>) {
        None => None,
        Some(chain) => {
            // What was verified but cannot be read proves nothing.
            let Some(names) = chain.first().and_then(Names::of) else { return };
            Some(Arc::new(Shown { chain, names, verified: AtomicU64::new(tls.number) }))
        }
    };
    http::serve(gateway, stream, Peer::Network(certificate)).await;
}
