//! Hosts and origins that are let in, and the tricks that are not.

use super::*;

fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, host.parse().unwrap());
    if let Some(origin) = origin {
        headers.insert(ORIGIN, origin.parse().unwrap());
    }
    headers
}

#[test]
fn loopback_names_are_let_in_with_any_port() {
    let doors = Doors::default();
    for host in ["localhost", "LOCALHOST:3000", "127.0.0.1:1", "[::1]:80", "[::1]", "127.8.8.8"] {
        assert!(doors.check(&headers(host, None)).is_ok(), "{host}");
    }
    for origin in ["http://localhost:5173", "http://127.0.0.1", "https://[::1]:9"] {
        assert!(doors.check(&headers("localhost", Some(origin))).is_ok(), "{origin}");
    }
}

#[test]
fn a_rebound_name_is_not() {
    let doors = Doors::default();
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:80",
        "evil.example:localhost",
        "",
        "10.0.0.1",
    ] {
        assert!(doors.check(&headers(host, None)).is_err(), "{host}");
    }
    for origin in
        ["http://evil.example", "null", "file://", "http://localhost.evil.example", "http://localhost@evil.example"]
    {
        assert!(doors.check(&headers("localhost", Some(origin))).is_err(), "{origin}");
    }
}

#[test]
fn beyond_loopback_addresses_are_hosts_and_names_must_be_listed() {
    let doors =
        Doors { allowed_hosts: vec!["gate.example".to_owned()], allowed_origins: vec![], beyond_loopback: true };
    assert!(doors.check(&headers("10.0.0.1:3000", None)).is_ok());
    assert!(doors.check(&headers("gate.example:3000", None)).is_ok());
    assert!(doors.check(&headers("other.example", None)).is_err());
}

#[test]
fn two_hosts_are_one_too_many() {
    let mut twice = headers("localhost", None);
    twice.append(HOST, HeaderValue::from_static("localhost"));
    assert!(Doors::default().check(&twice).is_err());
    assert!(Doors::default().check(&HeaderMap::new()).is_err());
}
