//! Names to addresses, once for each connection: what was checked is what is connected to.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// Addresses of one name that are looked at. A name with more is refused: not all of them could be checked.
pub(super) const ADDRESSES_MAX: usize = 32;

/// What a resolver promises.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Asks for the addresses of a name.
#[derive(Clone)]
pub struct Resolver(Arc<dyn Fn(&str) -> Resolving + Send + Sync>);

impl Resolver {
    /// The operating system's.
    #[must_use]
    pub fn system() -> Self {
        Self::of(|name| {
            let name = name.to_owned();
            Box::pin(async move {
                let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
                Ok(found.map(|address: SocketAddr| address.ip()).take(ADDRESSES_MAX + 1).collect())
            })
        })
    }

    /// One that asks `resolve`: for tests, and for names that are resolved elsewhere.
    pub fn of(resolve: impl Fn(&str) -> Resolving + Send + Sync + 'static) -> Self {
        Self(Arc::new(resolve))
    }

    pub(super) async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        (self.0)(name).await
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}
