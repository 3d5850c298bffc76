//! A Unix socket: HTTP, or newline-framed messages, told apart by the first byte (a message begins with `{` or `[`,
//! HTTP never does). The user at the other end is known from the kernel.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Principal, Transport};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::channel::{LineReceiver, LineSender, Receiver, Sender};
use crate::conversation::Conversation;
use crate::gateway::{Gateway, OpenConnection, origin_of, public_name};
use crate::identity::Peer;
use crate::listen::http;
use crate::relay::{Senders, carry};
use crate::servers::Server;
use crate::upstream::connect::open;

/// How long a server may take over requests that are unanswered when its client has left.
const UNANSWERED_PATIENCE: Duration = Duration::from_secs(30);
/// How long a server is still listened to after its input was closed.
pub(crate) const LAST_WORDS_PATIENCE: Duration = Duration::from_secs(1);

/// Binds a socket that only its owner can open. A socket file that nobody listens on any more is replaced; one that is
/// in use is not.
pub(crate) fn bind(path: &Path) -> io::Result<std::os::unix::net::UnixListener> {
    use std::os::unix::fs::PermissionsExt;
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens on it"));
    }
    match std::fs::symlink_metadata(path) {
        Ok(found) if std::os::unix::fs::FileTypeExt::is_socket(&found.file_type()) => std::fs::remove_file(path)?,
        Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file that is not a socket is there")),
        Err(_) => {}
    }
    let listener = std::os::unix::net::UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Takes connections until the gateway drains.
pub(crate) async fn accept(gateway: Arc<Gateway>, listener: UnixListener) {
    let mut draining = gateway.draining.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = http::drained(&mut draining) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(serve(Arc::clone(&gateway), stream));
            }
            // Out of descriptors: a pause lets some be closed.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(gateway: Arc<Gateway>, stream: UnixStream) {
    let Ok(user) = stream.peer_cred() else { return };
    let principal = Principal::new(&format!("uid:{}", user.uid()), Proof::LocalUser);
    let mut first = [0_u8; 1];
    let lines = loop {
        if stream.readable().await.is_err() {
            return;
        }
        match peek(&stream, &mut first) {
            Ok(0) => return,
            Ok(_) => break matches!(first, [b'{' | b'[' | b' ' | b'\t' | b'\n' | b'\r']),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    };
    if lines {
        serve_lines(&gateway, stream, principal).await
    } else {
        let _counted = OpenConnection::always(&gateway.counters);
        http::serve(Arc::clone(&gateway), stream, Peer::Local(principal)).await
    }
}

fn peek(stream: &UnixStream, first: &mut [u8; 1]) -> io::Result<usize> {
    stream.try_io(tokio::io::Interest::READABLE, || {
        let (count, _) = rustix::net::recv(stream, first, rustix::net::RecvFlags::PEEK)?;
        Ok(count)
    })
}

/// Newline-framed messages, for the one server of this gateway or what is served at its root.
async fn serve_lines(gateway: &Arc<Gateway>, stream: UnixStream, principal: Principal) {
    let snapshot = gateway.snapshot.load_full();
    let only = || (snapshot.servers.len() == 1).then(|| snapshot.servers.values().next()).flatten();
    let Some(server) = snapshot.root.as_ref().or_else(only) else {
        gateway
            .log("a client wants to speak over the Unix socket, but there are several servers and `aggregate` is off");
        return;
    };
    let (from_client, to_client) = stream.into_split();
    let limit = gateway.pipeline.limits().message_bytes_max;
    let ends = (Receiver::Lines(LineReceiver::new(from_client, limit)), Sender::Lines(LineSender::new(to_client)));
    let _counted = OpenConnection::always(&gateway.counters);
    if let Err(error) = carry_all(gateway, server, &principal, Transport::UnixSocket, ends).await {
        gateway.log(&format!("server `{}`: {error}", server.name));
    }
}

/// Carries a whole conversation between a client's channel and a server.
pub(crate) async fn carry_all(
    gateway: &Arc<Gateway>,
    server: &Arc<Server>,
    principal: &Principal,
    transport: Transport,
    (mut from_client, to_client): (Receiver, Sender),
) -> Result<(), crate::upstream::connect::OpenError> {
    let origin = origin_of(public_name("s"), principal, &server.name, transport);
    let link = open(server, &origin, &gateway.pipeline).await?;
    let conversation = Arc::new(Conversation::new(Arc::clone(&gateway.pipeline), origin));
    let senders = Senders::new(to_client, link.sender);
    let mut from_server = link.receiver;
    let mut up = Box::pin(carry(&conversation, Direction::FromClient, &mut from_client, &senders));
    let down = carry(&conversation, Direction::FromServer, &mut from_server, &senders);
    tokio::pin!(down);
    let is_over = tokio::select! {
        _ended = &mut up => false,
        _ended = &mut down => true,
        () = gateway.is_to_end(server, &conversation) => false,
    };
    // Stopped in the middle of a line, it would keep the sender.
    drop(up);
    if !is_over {
        // The client has said all; what the server still answers is carried for a while.
        let unanswered = async {
            while !conversation.session().awaited_by_client().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let is_over = tokio::select! {
            _ended = &mut down => true,
            () = unanswered => false,
            () = tokio::time::sleep(UNANSWERED_PATIENCE) => false,
            () = gateway.is_to_end(server, &conversation) => false,
        };
        senders.close_server().await;
        if !is_over {
            // An answer that was just judged is still on its way, and a server may have last words.
            let _late = timeout(LAST_WORDS_PATIENCE, &mut down).await;
        }
    }
    drop(link.guard);
    Ok(())
}
