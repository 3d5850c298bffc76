//! A URL that is to be fetched, checked before any name is resolved: scheme, host, port, and nothing in it that two
//! readers could read differently.
//!
//! It never touches the network. Its words never hold a query or a user name: those may be secrets.

use std::net::IpAddr;

use http::Uri;
use http::header::HeaderValue;
use url::{Host, Url};

/// Bytes of a URL.
const URL_BYTES_MAX: usize = 8192;

/// Ports at and above 1024 on which other services speak that act on what they are sent. Below 1024 only 443 is used,
/// and 80 on loopback.
const PORTS_OF_OTHERS: [u16; 24] = [
    1433, 1521, 1719, 1720, 1723, 2049, 2379, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 6000, 6379, 6566,
    6697, 9042, 10080, 11211, 27017,
];

/// A checked URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    host: String,
    literal: Option<IpAddr>,
    port: u16,
    is_secure: bool,
}

impl Target {
    /// Checks a URL. Plain HTTP passes only toward names and addresses of loopback, and only with `http_on_loopback`.
    ///
    /// # Errors
    /// A sentence that says what is wrong; it does not repeat a query or a user name.
    pub fn parse(text: &str, http_on_loopback: bool) -> Result<Self, String> {
        if text.len() > URL_BYTES_MAX {
            return Err(format!("the URL is longer than {URL_BYTES_MAX} bytes"));
        }
        // The URL standard drops or replaces these silently; another reader keeps them.
        if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f || byte == b'\\') {
            return Err("the URL holds a space, a control character or a backslash".to_owned());
        }
        // It also mends slashes that are missing or too many.
        let url = Url::parse(text).map_err(|error| format!("this is not a URL: {error}"))?;
        match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(url.scheme()) && !rest.starts_with('/') => {}
            _ => return Err("a URL begins with `https://` and a host".to_owned()),
        }
        Self::of(url, http_on_loopback)
    }

    /// Resolves what a redirect names against the URL that answered it.
    pub(super) fn join(&self, location: &str, http_on_loopback: bool) -> Result<Self, String> {
        let url = self.url.join(location).map_err(|error| format!("the redirect names no URL: {error}"))?;
        Self::parse(url.as_str(), http_on_loopback)
    }

    fn of(mut url: Url, http_on_loopback: bool) -> Result<Self, String> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a URL must not hold a user name or a password".to_owned());
        }
        url.set_fragment(None);
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => false,
            other => return Err(format!("`{other}:` is not fetched: only https is")),
        };
        // The parser has made `0x7f.1`, `2130706433` and the like into the address that they mean.
        let (host, literal) = match url.host() {
            Some(Host::Domain(name)) => (name.trim_end_matches('.').to_ascii_lowercase(), None),
            Some(Host::Ipv4(address)) => (address.to_string(), Some(IpAddr::V4(address))),
            Some(Host::Ipv6(address)) => (address.to_string(), Some(IpAddr::V6(address))),
            None => return Err("this URL names no host".to_owned()),
        };
        if host.is_empty() {
            return Err("this URL names no host".to_owned());
        }
        let port = url.port_or_known_default().unwrap_or(443);
        let target = Self { url, host, literal, port, is_secure };
        let may_be_plain = http_on_loopback && target.names_loopback();
        if !(is_secure || may_be_plain) {
            return Err(format!(
                "{} is plain HTTP: only https is fetched, and http on loopback where `fetch.http_on_loopback` is set",
                target.shown()
            ));
        }
        if !target.port_is_usable() {
            return Err(format!("port {port} belongs to another protocol and is not fetched from"));
        }
        Ok(target)
    }

    fn port_is_usable(&self) -> bool {
        match self.port {
            443 => true,
            80 => !self.is_secure,
            0..1024 => false,
            port => !PORTS_OF_OTHERS.contains(&port),
        }
    }

    /// Whether it says itself that it is on this machine. What the name resolves to is checked all the same.
    #[must_use]
    pub fn names_loopback(&self) -> bool {
        match self.literal {
            Some(address) => address.to_canonical().is_loopback(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// The host: a name in lower case, or an address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host as an address, if it is one.
    #[must_use]
    pub const fn literal(&self) -> Option<IpAddr> {
        self.literal
    }

    /// The port, that of the scheme if none is written.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The URL in the form of the URL standard, without a fragment.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Scheme, host, port and path, for people. The query is left out: it may hold a secret.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}{}", self.url.origin().ascii_serialization(), self.url.path())
    }

    /// Whether another URL has the same scheme, host and port.
    #[must_use]
    pub fn same_origin(&self, other: &Self) -> bool {
        (self.is_secure, &self.host, self.port) == (other.is_secure, &other.host, other.port)
    }

    /// The value of the `Host` header.
    pub(super) fn authority(&self) -> Option<HeaderValue> {
        let host = self.url.host_str()?;
        let text = match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        HeaderValue::from_str(&text).ok()
    }

    /// The path and query, as the target of a request.
    pub(super) fn path(&self) -> Option<Uri> {
        let text = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_https_to_a_usable_port_is_refused() {
        for text in [
            "http://example.com/",
            "http://10.0.0.1/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://x/",
            "javascript:alert(1)",
            "data:text/plain,x",
            "https://user:pw@example.com/",
            "https://user@example.com/",
            "https://example.com:25/",
            "https://example.com:22/",
            "https://example.com:6379/",
            "https://example.com:80/",
            "https://example.com\\@evil.example/",
            "https://example.com/a b",
            "https://exa\tmple.com/",
            "https:///x",
            "https://",
            "https:example.com",
            "https:/example.com",
            "//example.com/",
            "/path",
            "",
            "https://example.com:0/",
            "https://[::1/",
            "https://1.2.3.4.5/",
            "https://256.1.1.1/",
            "https://0x100000000/",
        ] {
            assert!(Target::parse(text, false).is_err(), "{text}");
        }
        assert!(Target::parse(&format!("https://h/{}", "x".repeat(9000)), false).is_err());
        for text in ["https://example.com/", "https://example.com:8443/x?y=z", "https://[2606:4700::1111]/"] {
            assert!(Target::parse(text, false).is_ok(), "{text}");
        }
    }

    #[test]
    fn http_is_for_loopback_and_only_where_it_is_allowed() {
        for text in ["http://127.0.0.1:8080/", "http://localhost/", "http://[::1]:9000/", "http://a.localhost:3000/"] {
            assert!(Target::parse(text, true).is_ok(), "{text}");
            assert!(Target::parse(text, false).is_err(), "{text}");
        }
        for text in ["http://localhost.evil.example/", "http://10.0.0.1/", "http://127.0.0.1.evil.example/"] {
            assert!(Target::parse(text, true).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_in_every_writing_are_addresses() {
        for text in [
            "https://0x7f.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.0.1./",
            "https://%31%32%37.0.0.1/",
            "https://１２７.0.0.1/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
        ] {
            let target = Target::parse(text, false).unwrap();
            assert!(target.names_loopback(), "{text}: {target:?}");
        }
    }

    #[test]
    fn no_words_of_it_hold_a_query_or_a_password() {
        let target = Target::parse("https://example.com/a?token=hush#part", false).unwrap();
        assert_eq!(target.shown(), "https://example.com/a");
        for text in ["https://me:hush@example.com/", "http://example.com/?t=hush", "https://example.com:22/?t=hush"] {
            let error = Target::parse(text, false).unwrap_err();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
