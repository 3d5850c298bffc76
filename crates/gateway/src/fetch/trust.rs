//! Whom we trust over TLS, and with which certificate we show ourselves: the operating system's roots, further ones
//! from a PEM file, and a client certificate where a server wants one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;

/// Certificates in one file.
const CERTIFICATES_MAX: usize = 1000;
/// Bytes of such a file.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// TLS settings toward others: TLS 1.2 and 1.3, HTTP/1.1, the platform's roots and those in `ca`; `identity` names the
/// PEM files of a certificate (with its chain) and of its private key.
///
/// # Errors
/// A sentence that names the file that cannot be used.
pub fn client_settings(ca: Option<&Path>, identity: Option<&(PathBuf, PathBuf)>) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let extra = ca.map(read_certificates).transpose()?.unwrap_or_default();
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))
        .map_err(|error| format!("the trusted certificates cannot be used: {error}"))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut settings = match identity {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let chain_read = read_certificates(chain)?;
            let key_read = read_key(key)?;
            builder
                .with_client_auth_cert(chain_read, key_read)
                .map_err(|error| format!("{} and {} do not belong together: {error}", chain.display(), key.display()))?
        }
    };
    settings.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(settings))
}

/// The certificates in a PEM file; at least one.
///
/// # Errors
/// A sentence that names the file.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    check_size(path)?;
    let read = CertificateDer::pem_file_iter(path)
        .and_then(|certificates| certificates.take(CERTIFICATES_MAX + 1).collect::<Result<Vec<_>, _>>())
        .map_err(|error| format!("{} cannot be read as PEM certificates: {error}", path.display()))?;
    match read.len() {
        0 => Err(format!("{} holds no certificate in PEM form", path.display())),
        count if count > CERTIFICATES_MAX => {
            Err(format!("{} holds more than {CERTIFICATES_MAX} certificates", path.display()))
        }
        _ => Ok(read),
    }
}

/// The private key in a PEM file.
pub(crate) fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    check_size(path)?;
    // The cause is left out: it could repeat what the file holds.
    PrivateKeyDer::from_pem_file(path).map_err(|_| format!("{} holds no private key in PEM form", path.display()))
}

fn check_size(path: &Path) -> Result<(), String> {
    let found = std::fs::metadata(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if found.len() > FILE_BYTES_MAX {
        return Err(format!("{} is larger than {FILE_BYTES_MAX} bytes", path.display()));
    }
    Ok(())
}
