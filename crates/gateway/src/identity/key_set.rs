//! The keys of an issuer (RFC 7517): from a file, or from a URL, kept, refreshed in the background, refreshed at once for
//! a key that is not known, at most once in a while and by one request for all. When the server is away the keys that
//! are known stay in use for a day.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use http::header::{ACCEPT, HeaderMap, HeaderValue};

use super::NotAdmitted;
use super::settings::Check;
use super::signature::{Algorithm, Key};
use super::token;
use crate::fetch::{Bounds, Fetcher};

/// Keys of one set, and bytes of its text.
const KEYS_MAX: usize = 100;
const TEXT_BYTES_MAX: usize = 256 * 1024;
/// A set that is older is fetched again in the background.
const FRESH: Duration = Duration::from_secs(300);
/// A set that is older and cannot be fetched again is not used any more.
const STALE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// A set is fetched at most once in this time, whatever tokens name.
const INTERVAL: Duration = Duration::from_secs(10);
/// How long one fetch may take: requests wait for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Ids of keys that were not found are not looked for again for this long.
const UNKNOWN_FOR: Duration = Duration::from_secs(60);
const UNKNOWN_MAX: usize = 1_000;

/// Keys and when they came.
#[derive(Debug)]
struct Keys {
    keys: Vec<Arc<Key>>,
    fetched: Instant,
}

/// The keys of one issuer. Shared by those who verify; a reload keeps it where its place is the same.
#[derive(Debug)]
pub(super) struct KeySet {
    place: Check,
    keys: ArcSwapOption<Keys>,
    /// Counts up when the keys are not the same any more.
    generation: AtomicU64,
    refreshing: tokio::sync::Mutex<Option<Instant>>,
    /// When the last fetch began, for those who must not wait.
    begun: Mutex<Option<Instant>>,
    unknown: Mutex<HashMap<Box<str>, Instant>>,
}

impl KeySet {
    pub(super) fn new(place: Check) -> Self {
        Self {
            place,
            keys: ArcSwapOption::empty(),
            generation: AtomicU64::new(0),
            refreshing: tokio::sync::Mutex::new(None),
            begun: Mutex::new(None),
            unknown: Mutex::new(HashMap::new()),
        }
    }

    /// Where the keys come from.
    pub(super) const fn place(&self) -> &Check {
        &self.place
    }

    /// Reads the file, where the keys come from one.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub(super) fn read_file(&self) -> Result<(), String> {
        let Check::KeyFile(path) = &self.place else { return Ok(()) };
        let text = read(path).map_err(|error| format!("the key set {} cannot be used: {error}", path.display()))?;
        let keys = parse(&text).map_err(|why| format!("the key set {} cannot be used: {why}", path.display()))?;
        self.replace(keys);
        Ok(())
    }

    /// Counts up with every change of the keys.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Whether a key is still one of the issuer's.
    pub(super) fn still_has(&self, print: &[u8; 32]) -> bool {
        self.usable().is_some_and(|known| known.keys.iter().any(|key| key.print == *print))
    }

    /// Fetches the set again in the background when it has grown old.
    pub(super) fn keep_fresh(self: &Arc<Self>, fetcher: &Arc<Fetcher>) {
        let is_old = self.keys.load().as_ref().is_some_and(|known| known.fetched.elapsed() > FRESH);
        if is_old && matches!(self.place, Check::KeySet(_)) && self.may_begin() {
            let (set, fetcher) = (Arc::clone(self), Arc::clone(fetcher));
            tokio::spawn(async move { set.refresh(&fetcher).await });
        }
    }

    /// The key that a token names, of an algorithm that it fits.
    pub(super) async fn find(
        self: &Arc<Self>,
        id: Option<&str>,
        algorithm: Algorithm,
        fetcher: &Arc<Fetcher>,
    ) -> Result<Arc<Key>, NotAdmitted> {
        self.keep_fresh(fetcher);
        if let Some(found) = self.usable().and_then(|known| choose(&known.keys, id, algorithm)) {
            return Ok(found);
        }
        if !matches!(self.place, Check::KeySet(_)) || self.is_unknown(id) {
            return Err(NotAdmitted::Invalid("key"));
        }
        // A task of its own: a client that goes away must not take the answer from those who wait for it too.
        let (set, shared) = (Arc::clone(self), Arc::clone(fetcher));
        let refreshed = tokio::spawn(async move { set.refresh(&shared).await }).await.unwrap_or(false);
        let Some(known) = self.usable() else { return Err(NotAdmitted::Unavailable("key-set")) };
        if let Some(found) = choose(&known.keys, id, algorithm) {
            return Ok(found);
        }
        if refreshed {
            self.remember_unknown(id);
        }
        Err(NotAdmitted::Invalid("key"))
    }

    /// Whether there are keys that may be used now.
    pub(super) fn is_usable(&self) -> bool {
        self.usable().is_some()
    }

    /// The keys that may be used now.
    fn usable(&self) -> Option<Arc<Keys>> {
        let is_file = matches!(self.place, Check::KeyFile(_));
        self.keys.load_full().filter(|known| is_file || known.fetched.elapsed() < STALE_MAX)
    }

    fn unknown(&self) -> MutexGuard<'_, HashMap<Box<str>, Instant>> {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_unknown(&self, id: Option<&str>) -> bool {
        let unknown = self.unknown();
        unknown.get(id.unwrap_or_default()).is_some_and(|since| since.elapsed() < UNKNOWN_FOR)
    }

    fn remember_unknown(&self, id: Option<&str>) {
        let mut unknown = self.unknown();
        if unknown.len() >= UNKNOWN_MAX {
            unknown.retain(|_, since| since.elapsed() < UNKNOWN_FOR);
        }
        if unknown.len() < UNKNOWN_MAX {
            unknown.insert(id.unwrap_or_default().into(), Instant::now());
        }
    }

    fn may_begin(&self) -> bool {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.is_none_or(|begun| begun.elapsed() >= INTERVAL)
    }

    /// Fetches the keys, unless that was done a moment ago; whoever comes meanwhile waits for the same answer. True when
    /// the keys are the newest that are to be had.
    async fn refresh(&self, fetcher: &Fetcher) -> bool {
        let Check::KeySet(url) = &self.place else { return false };
        let mut last = self.refreshing.lock().await;
        if last.is_some_and(|last| last.elapsed() < INTERVAL) {
            return false;
        }
        *last = Some(Instant::now());
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = *last;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/jwk-set+json, application/json"));
        let bounds = Bounds { body_bytes_max: TEXT_BYTES_MAX, time: PATIENCE, follow_redirects: false };
        let fetched = fetcher.get(url, headers, bounds).await;
        let parsed = match &fetched {
            Ok(fetched) if fetched.status.is_success() => parse(&fetched.body),
            Ok(fetched) => Err(format!("it answered HTTP {}", fetched.status.as_u16())),
            Err(fault) => Err(fault.to_string()),
        };
        match parsed {
            Ok(keys) => {
                self.replace(keys);
                true
            }
            Err(why) => {
                let known = if self.usable().is_some() { "; the keys that are known stay in use" } else { "" };
                crate::gateway::log(&format!("the keys of an issuer could not be fetched: {why}{known}"));
                false
            }
        }
    }

    fn replace(&self, keys: Vec<Key>) {
        let mut fresh: Vec<Arc<Key>> = keys.into_iter().map(Arc::new).collect();
        let is_same = self.keys.load().as_ref().is_some_and(|known| {
            known.keys.len() == fresh.len() && known.keys.iter().zip(&fresh).all(|(old, new)| old.print == new.print)
        });
        if is_same && let Some(known) = self.keys.load_full() {
            fresh.clone_from(&known.keys);
        }
        self.keys.store(Some(Arc::new(Keys { keys: fresh, fetched: Instant::now() })));
        if !is_same {
            self.generation.fetch_add(1, Ordering::Release);
            self.unknown().clear();
        }
    }
}

/// The key with an id; without one, the only key that fits. Two keys with one id are told apart by what they fit.
fn choose(keys: &[Arc<Key>], id: Option<&str>, algorithm: Algorithm) -> Option<Arc<Key>> {
    let mut fitting =
        keys.iter().filter(|key| key.fits(algorithm) && id.is_none_or(|id| key.id.as_deref() == Some(id)));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(Arc::clone(only)),
        _ => None,
    }
}

/// Reads a key set. Keys that we cannot use are left out; a set without any that we can is refused, since it would
/// refuse every token.
fn parse(text: &[u8]) -> Result<Vec<Key>, String> {
    let document = token::object(text).map_err(|_| "it is no JSON object that every reader reads alike".to_owned())?;
    let listed = document.get("keys").ok_or_else(|| "it has no `keys`".to_owned())?;
    if listed.items().count() > KEYS_MAX {
        return Err(format!("it has more than {KEYS_MAX} keys"));
    }
    let keys: Vec<Key> = listed.items().filter_map(Key::of).collect();
    if keys.is_empty() { Err("it has no key that signs with an algorithm that is taken".to_owned()) } else { Ok(keys) }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut text = Vec::new();
    std::fs::File::open(path)?.take(TEXT_BYTES_MAX as u64 + 1).read_to_end(&mut text)?;
    if text.len() > TEXT_BYTES_MAX {
        return Err(std::io::Error::other("it is larger than 256 KiB"));
    }
    Ok(text)
}
