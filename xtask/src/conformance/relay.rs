//! A relay that copies bytes and looks at none: the control of the comparison. Whatever it changes is noise.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{During, Outcome};

/// A running relay; dropping it stops it taking connections.
pub(super) struct Relay {
    port: u16,
    stopped: Arc<AtomicBool>,
}

impl Relay {
    /// Listens on a free port and passes every connection on to `upstream`.
    ///
    /// # Errors
    /// When no port can be bound.
    pub(super) fn start(upstream: u16) -> Outcome<Relay> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during("there is no free port")?;
        let relay = Relay { port: listener.local_addr()?.port(), stopped: Arc::default() };
        let stopped = relay.stopped.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                // A connection that fails is seen by the client, which is the one to tell.
                let _ = client.and_then(|client| connect(client, upstream));
            }
        });
        Ok(relay)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener, so that it sees the flag.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn connect(client: TcpStream, upstream: u16) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, upstream))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    pump(client.try_clone()?, server.try_clone()?);
    pump(server, client);
    Ok(())
}

/// Copies one direction until it ends, then tells the other side so.
fn pump(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
