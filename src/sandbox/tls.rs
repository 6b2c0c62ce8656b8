//! TLS for the sandbox: the certificate and key it is given, or makes for itself; both are valid in real time.

mod self_signed;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Where the sandbox's certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Files in PEM.
    Files {
        /// The certificate, followed by those that lead to its authority.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// One for this machine's own names and the address listened on, by an authority made for it alone; both are kept as
    /// `sandbox-tls.pem` (with the private key) and `sandbox-ca.pem`, and used again while they are valid.
    SelfSigned {
        /// The folder of the two files.
        folder: PathBuf,
    },
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not what it should be.
    #[error("cannot read PEM from {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// The certificate and the key make no server.
    #[error("the certificate and the key cannot be used together")]
    Unusable(#[source] rustls::Error),
    /// No certificate can be made.
    #[error("making a certificate failed")]
    Make(#[source] rcgen::Error),
    /// What was made cannot be kept.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Tls {
    /// What takes TLS connections with this certificate; `listen` is an address to make one for, `now` is real time.
    pub(super) fn acceptor(&self, listen: IpAddr, now: Timestamp) -> Result<TlsAcceptor, TlsError> {
        let (certificate, key) = match self {
            Self::Files { certificate, key } => (certificate.clone(), key.clone()),
            Self::SelfSigned { folder } => {
                let file = self_signed::prepare(folder, listen, now)?;
                (file.clone(), file)
            }
        };
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_file_iter(&certificate).and_then(|certificates| certificates.collect());
        let chain = chain.map_err(|source| TlsError::Read { path: certificate, source })?;
        let key = PrivateKeyDer::from_pem_file(&key).map_err(|source| TlsError::Read { path: key, source })?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(TlsError::Unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The certificate that clients have to trust, where the sandbox made it.
    pub(super) fn authority(&self) -> Option<PathBuf> {
        match self {
            Self::Files { .. } => None,
            Self::SelfSigned { folder } => Some(authority_file(folder)),
        }
    }
}

fn authority_file(folder: &Path) -> PathBuf {
    folder.join("sandbox-ca.pem")
}
