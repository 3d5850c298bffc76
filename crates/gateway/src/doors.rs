//! Who may knock: the `Host` and `Origin` checks that stop a web page from reaching a local gateway through DNS
//! rebinding (MCP "Streamable HTTP", security warning). They are ours, because a proxy that rewrites `Host` silently
//! switches off the server's own.

use http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};

#[cfg(test)]
mod tests;

/// Which `Host` and `Origin` values are let in besides the loopback names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Doors {
    /// Host names or `name:port` that clients may use.
    pub(crate) allowed_hosts: Vec<String>,
    /// Origins (`https://app.example`) whose pages may call.
    pub(crate) allowed_origins: Vec<String>,
    /// Whether the listener is bound beyond loopback: then IP addresses are let in as hosts too, since rebinding needs
    /// a name.
    pub(crate) beyond_loopback: bool,
}

impl Doors {
    /// Checks the headers of a request; the error is a sentence for the client.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err("exactly one Host header is needed");
        };
        if !host.to_str().is_ok_and(|host| self.knows_host(host)) {
            return Err("this Host is not served here (allowed_hosts)");
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None) if self.knows_origin(origin) => Ok(()),
            _ => Err("pages of this Origin may not call here (allowed_origins)"),
        }
    }

    /// Checks the target of a request: where it names a host, that one counts (RFC 9112, section 3.2.2).
    pub(crate) fn check_target(&self, target: &http::Uri) -> Result<(), &'static str> {
        match target.authority() {
            Some(authority) if !self.knows_host(authority.as_str()) => {
                Err("this Host is not served here (allowed_hosts)")
            }
            Some(_) | None => Ok(()),
        }
    }

    fn knows_host(&self, host: &str) -> bool {
        if self.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)) {
            return true;
        }
        let name = without_port(host);
        self.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
            || is_loopback(name)
            || (self.beyond_loopback && is_address(name))
    }

    fn knows_origin(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        if self.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
            return true;
        }
        let Some(host) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else {
            return false;
        };
        is_loopback(without_port(host))
    }
}

/// Whether a name means this machine only.
pub(crate) fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn is_address(name: &str) -> bool {
    name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>().is_ok()
}

/// `name` of `name:port`; brackets of IPv6 stay.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}
