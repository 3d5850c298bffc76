//! `bench-upstream`: the fixture upstream as a program. With an address it serves HTTP there (loopback only) and prints
//! the address it got; without, it serves standard input and output.
#![expect(clippy::print_stdout, reason = "the address is what the caller waits for")]

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener};

use gatehold_bench::upstream;

fn main() -> io::Result<()> {
    let Some(address) = std::env::args().nth(1) else {
        return upstream::serve_lines(io::stdin().lock(), io::stdout().lock());
    };
    let wrong = |why: &str| io::Error::new(ErrorKind::InvalidInput, format!("`{address}` {why}"));
    let parsed: SocketAddr = address.parse().map_err(|_| wrong("is no address such as 127.0.0.1:0"))?;
    if !parsed.ip().is_loopback() {
        return Err(wrong("is not a loopback address: this server is for measuring and answers anybody"));
    }
    let listener = TcpListener::bind(parsed)?;
    println!("{}", listener.local_addr()?);
    io::stdout().flush()?;
    upstream::serve_http(listener)
}
