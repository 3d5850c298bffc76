//! Fetching from real sockets, and from those who want to mislead us.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// A server that gives each connection the next of its answers, keeps what it was asked, and counts.
struct Scripted {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    fn new(answers: Vec<Vec<u8>>) -> Self {
        Self::with(move |stream, at| {
            if let Some(answer) = answers.get(at) {
                // A client that has seen enough closes first.
                let _gone = stream.write_all(answer);
            }
        })
    }

    fn with(act: impl Fn(&mut std::net::TcpStream, usize) + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for (at, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let mut read = Vec::new();
                let mut piece = [0; 4096];
                while !read.windows(4).any(|four| four == b"\r\n\r\n") {
                    match stream.read(&mut piece) {
                        Ok(count @ 1..) => read.extend_from_slice(&piece[..count]),
                        _ => break,
                    }
                }
                kept.lock().unwrap().push(String::from_utf8_lossy(&read).into_owned());
                act(&mut stream, at);
            }
        });
        Self { port, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn on_loopback() -> Fetcher {
    Fetcher::new(FetchConfig { http_on_loopback: true, ..FetchConfig::default() }, Resolver::system())
}

fn quick() -> Bounds {
    Bounds { body_bytes_max: 1000, time: Duration::from_secs(2), follow_redirects: false }
}

fn following() -> Bounds {
    Bounds { follow_redirects: true, ..quick() }
}

async fn get(fetcher: &Fetcher, url: &str, bounds: Bounds) -> Result<Fetched, FetchFault> {
    fetcher.get(url, HeaderMap::new(), bounds).await
}

#[tokio::test]
async fn an_answer_comes_back_whatever_its_status() {
    let server = Scripted::new(vec![answer("200 OK\r\nX-A: b", "hello"), answer("404 Not Found", "no")]);
    let fetched = get(&on_loopback(), &server.url("/a?b=c"), quick()).await.unwrap();
    assert_eq!(
        (fetched.status, &**fetched.body, &fetched.headers["x-a"]),
        (StatusCode::OK, &b"hello"[..], &"b".parse().unwrap())
    );
    let fetched = on_loopback().post(&server.url("/t"), HeaderMap::new(), &b"x=y"[..], quick()).await.unwrap();
    assert_eq!(fetched.status, StatusCode::NOT_FOUND);
    let asked = server.asked();
    assert!(
        asked[0].starts_with("GET /a?b=c HTTP/1.1\r\n") && asked[0].contains("accept-encoding: identity"),
        "{asked:?}"
    );
    assert!(asked[0].contains(&format!("host: 127.0.0.1:{}\r\n", server.port)), "{asked:?}");
    assert!(asked[1].starts_with("POST /t HTTP/1.1\r\n"), "{asked:?}");
}

#[tokio::test]
async fn addresses_that_are_not_public_are_not_asked_in_any_writing() {
    let server = Scripted::new(Vec::new());
    let fetcher = Fetcher::new(FetchConfig::default(), Resolver::system());
    for host in [
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0.0.0.0",
        "localhost",
        "169.254.169.254",
        "[fd00:ec2::254]",
    ] {
        let url = format!("https://{host}:{}/", server.port);
        let fault = get(&fetcher, &url, quick()).await.unwrap_err();
        assert!(matches!(fault, FetchFault::Blocked { .. }), "{host}: {fault}");
    }
    assert!(server.asked().is_empty());
}

/// A resolver that answers differently each time, and counts.
fn changing(answers: &[&[&str]]) -> (Resolver, Arc<AtomicUsize>) {
    let answers: Vec<Vec<IpAddr>> =
        answers.iter().map(|list| list.iter().map(|address| address.parse().unwrap()).collect()).collect();
    let (answers, count) = (Mutex::new(VecDeque::from(answers)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    let resolver = Resolver::of(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        let answer = answers.lock().unwrap().pop_front().unwrap_or_default();
        Box::pin(async move { Ok(answer) })
    });
    (resolver, count)
}

#[tokio::test]
async fn a_name_that_is_rebound_after_the_check_gains_nothing() {
    let server = Scripted::new(Vec::new());
    // The first answer is harmless (and nobody listens there); the second would be this machine.
    let (resolver, count) = changing(&[&["192.0.2.1"], &["127.0.0.1"]]);
    let allow = vec![Admitted::Network("192.0.2.0/24".parse().unwrap())];
    let fetcher = Fetcher::new(FetchConfig { allow, ..FetchConfig::default() }, resolver);
    let bounds = Bounds { time: Duration::from_millis(300), ..quick() };
    assert!(get(&fetcher, &format!("https://rebind.example:{}/", server.port), bounds).await.is_err());
    assert_eq!(count.load(Ordering::Relaxed), 1, "one fetch resolves once");
    let fault = get(&fetcher, &format!("https://rebind.example:{}/", server.port), bounds).await.unwrap_err();
    assert!(matches!(fault, FetchFault::Blocked { .. }), "{fault}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn one_bad_address_among_good_ones_refuses_them_all() {
    for list in [&["1.1.1.1", "127.0.0.1"][..], &["1.1.1.1", "::ffff:10.0.0.1"], &["2606:4700::1", "fe80::1"]] {
        let (resolver, _) = changing(&[list]);
        let fetcher = Fetcher::new(FetchConfig::default(), resolver);
        let fault = get(&fetcher, "https://mixed.example/", quick()).await.unwrap_err();
        assert!(matches!(fault, FetchFault::Blocked { .. }), "{list:?} {fault}");
    }
    let many: Vec<String> = (0..40).map(|n| format!("1.1.1.{n}")).collect();
    let (resolver, _) = changing(&[&many.iter().map(String::as_str).collect::<Vec<_>>()]);
    let fault =
        get(&Fetcher::new(FetchConfig::default(), resolver), "https://many.example/", quick()).await.unwrap_err();
    assert!(fault.to_string().contains("more than 32 addresses"), "{fault}");
}

#[tokio::test]
async fn a_public_name_that_leads_to_loopback_is_blocked_even_where_loopback_is_allowed() {
    let server = Scripted::new(Vec::new());
    let (resolver, _) = changing(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let config = FetchConfig { http_on_loopback: true, ..FetchConfig::default() };
    let fetcher = Fetcher::new(config, resolver);
    let fault = get(&fetcher, &format!("https://public.example:{}/", server.port), quick()).await.unwrap_err();
    assert!(matches!(fault, FetchFault::Blocked { .. }), "{fault}");
    // A resolver that says that localhost is elsewhere is not believed either.
    let fault = get(&fetcher, &format!("http://localhost:{}/", server.port), quick()).await.unwrap_err();
    assert!(matches!(fault, FetchFault::Blocked { .. }), "{fault}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn redirects_are_faults_unless_they_are_asked_for_and_each_hop_is_checked() {
    let metadata = answer("302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/", "");
    let server = Scripted::new(vec![
        answer("302 Found\r\nLocation: /b", ""),
        answer("302 Found\r\nLocation: /b", ""),
        answer("200 OK", "there"),
        metadata.clone(),
        answer("307 Temporary Redirect\r\nLocation: https://0xa.1:8443/", ""),
        answer("302 Found\r\nLocation: https://[::ffff:169.254.169.254]/", ""),
        answer("302 Found\r\nLocation: file:///etc/passwd", ""),
        answer("302 Found", ""),
    ]);
    let fetcher = on_loopback();
    let fault = get(&fetcher, &server.url("/a"), quick()).await.unwrap_err();
    assert!(matches!(fault, FetchFault::Redirected(_)), "{fault}");
    let fetched = get(&fetcher, &server.url("/a"), following()).await.unwrap();
    assert_eq!((&**fetched.body, fetched.target.url().path()), (&b"there"[..], "/b"));
    for _ in 0..5 {
        let fault = get(&fetcher, &server.url("/a"), following()).await.unwrap_err();
        assert!(!matches!(fault, FetchFault::Unreachable(..) | FetchFault::Late(..)), "{fault}");
    }
    let posted = Scripted::new(vec![answer("307 Temporary Redirect\r\nLocation: /b", "")]);
    let fault = fetcher.post(&posted.url("/a"), HeaderMap::new(), &b"secret"[..], following()).await.unwrap_err();
    assert!(matches!(fault, FetchFault::Redirected(_)), "{fault}");
    assert_eq!(posted.asked().len(), 1);
}

#[tokio::test]
async fn redirects_end_and_lose_their_credentials_on_another_origin() {
    let endless = Scripted::new((0..10).map(|_| answer("302 Found\r\nLocation: /again", "")).collect());
    assert!(get(&on_loopback(), &endless.url("/"), following()).await.is_err());
    assert_eq!(endless.asked().len(), REDIRECTS_MAX + 1);

    let other = Scripted::new(vec![answer("200 OK", "x")]);
    let first = Scripted::new(vec![
        answer("302 Found\r\nLocation: /same", ""),
        answer(&format!("302 Found\r\nLocation: {}", other.url("/")), ""),
    ]);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer hush"));
    let mut own = HeaderValue::from_static("hush");
    own.set_sensitive(true);
    headers.insert("x-vault-token", own);
    headers.insert("x-plain", HeaderValue::from_static("stays"));
    on_loopback().get(&first.url("/"), headers, following()).await.unwrap();
    assert!(first.asked()[1].contains("Bearer hush"), "the same origin keeps them");
    let asked = other.asked();
    assert!(!asked[0].contains("hush") && asked[0].contains("stays"), "{asked:?}");
}

#[tokio::test]
async fn bodies_without_end_and_slow_drips_are_given_up() {
    let large = Scripted::new(vec![answer("200 OK", &"x".repeat(1001))]);
    assert!(matches!(get(&on_loopback(), &large.url("/"), quick()).await, Err(FetchFault::TooLarge(..))));

    let endless = Scripted::with(|stream, _| {
        let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream.write_all(b"10\r\n0123456789abcdef\r\n").is_ok() {}
    });
    assert!(matches!(get(&on_loopback(), &endless.url("/"), quick()).await, Err(FetchFault::TooLarge(..))));

    let drip = Scripted::with(|stream, _| {
        let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let begun = std::time::Instant::now();
    let bounds = Bounds { time: Duration::from_millis(400), ..quick() };
    assert!(matches!(get(&on_loopback(), &drip.url("/"), bounds).await, Err(FetchFault::Late(..))));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn header_bombs_and_what_is_not_http_are_faults() {
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X: {}\r\n", "y".repeat(100_000));
    for head in [many, long] {
        let server = Scripted::new(vec![format!("HTTP/1.1 200 OK\r\n{head}Content-Length: 0\r\n\r\n").into_bytes()]);
        let fault = get(&on_loopback(), &server.url("/"), quick()).await.unwrap_err();
        assert!(matches!(fault, FetchFault::Broken(..)), "{fault}");
    }
    for text in ["SSH-2.0-OpenSSH\r\n\r\n", "", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"] {
        let server = Scripted::new(vec![text.as_bytes().to_vec()]);
        // The script's thread goes on to the next connection, which closes this one.
        assert!(get(&on_loopback(), &server.url("/"), quick()).await.is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let server = Scripted::new(vec![answer("200 OK\r\nContent-Encoding: gzip", "bomb")]);
    assert!(matches!(get(&on_loopback(), &server.url("/"), quick()).await, Err(FetchFault::Encoded(_))));
}

#[tokio::test]
async fn no_fault_repeats_a_query_or_a_header() {
    let server = Scripted::new(vec![b"nonsense\r\n\r\n".to_vec()]);
    let fetcher = on_loopback();
    let mut faults = Vec::new();
    for url in [
        server.url("/x?key=hush"),
        "http://127.0.0.1:1025/?key=hush".to_owned(),
        "http://e.example/?key=hush".to_owned(),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer hush"));
        let fault = fetcher.get(&url, headers, quick()).await.unwrap_err();
        faults.push(format!("{fault} {fault:?}"));
    }
    assert!(faults.iter().all(|fault| !fault.contains("hush")), "{faults:?}");
}

/// A TLS server with a certificate for `name`, which a new authority signed; the authority's certificate in a file.
fn tls_server(name: &str) -> (u16, tempfile::TempDir, PathBuf) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(params, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let settings = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, authority.pem()).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Arc::new(settings);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut connection = rustls::ServerConnection::new(Arc::clone(&settings)).unwrap();
            let mut tls = rustls::Stream::new(&mut connection, &mut stream);
            let mut piece = [0; 4096];
            if tls.read(&mut piece).is_ok_and(|count| count > 0) {
                let _gone = tls.write_all(&answer("200 OK", "sealed"));
            }
        }
    });
    (port, folder, path)
}

#[tokio::test]
async fn tls_is_checked_against_the_name_and_the_trusted_authorities() {
    let (port, _folder, ca) = tls_server("inner.example");
    let fetcher = |ca: Option<&PathBuf>| {
        let resolver = Resolver::of(|_| Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) }));
        let allow = vec![Admitted::Network("127.0.0.1".parse().unwrap())];
        Fetcher::new(FetchConfig { allow, ca: ca.cloned(), http_on_loopback: false }, resolver)
    };
    let fetched = get(&fetcher(Some(&ca)), &format!("https://inner.example:{port}/"), quick()).await.unwrap();
    assert_eq!(&**fetched.body, b"sealed");
    for (ca, name) in [(Some(&ca), "other.example"), (None, "inner.example"), (Some(&ca), "127.0.0.1")] {
        let fault = get(&fetcher(ca), &format!("https://{name}:{port}/"), quick()).await.unwrap_err();
        assert!(fault.to_string().contains("certificate"), "{name}: {fault}");
    }
}
