//! One HTTP/1.1 connection to a server, driven by whoever uses it: no task of its own, so that a call needs no hand
//! over between tasks. A connection that is not in use is not watched; whether it still stands is seen when it is
//! taken up again.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::upstream::http::HttpClient;

/// The largest buffer of a connection: large answers are read in few pieces.
const BUFFER_BYTES_MAX: usize = 256 * 1024;

type Driver = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// A connection.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// What moves bytes; `None` once it has ended.
    driver: Option<Driver>,
}

impl Connection {
    /// Begins to speak HTTP/1.1 over a stream.
    pub(crate) async fn begin(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> hyper::Result<Self> {
        let (sender, driver) =
            http1::Builder::new().max_buf_size(BUFFER_BYTES_MAX).handshake(TokioIo::new(stream)).await?;
        Ok(Self { sender, driver: Some(Box::pin(driver)) })
    }

    /// Waits until a request can be sent; false when the connection has ended.
    pub(crate) async fn is_ready(&mut self) -> bool {
        poll_fn(|context| {
            drive(&mut self.driver, context);
            match self.driver {
                Some(_) => self.sender.poll_ready(context).map(|ready| ready.is_ok()),
                None => Poll::Ready(false),
            }
        })
        .await
    }

    /// Sends a request and waits for the head of the answer. An error hands the request back if nothing of it was
    /// sent.
    pub(crate) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
        let answer = self.sender.try_send_request(request);
        tokio::pin!(answer);
        poll_fn(|context| {
            drive(&mut self.driver, context);
            answer.as_mut().poll(context)
        })
        .await
    }
}

fn drive(driver: &mut Option<Driver>, context: &mut Context<'_>) {
    let ended = driver.as_mut().is_some_and(|driver| driver.as_mut().poll(context).is_ready());
    if ended {
        // Why it ended reaches whoever waits for an answer.
        *driver = None;
    }
}

/// The body of an answer, with the connection that it comes on. When it was read to its end the connection goes back
/// to the pool; dropped before, it is closed, which the modern era takes for the cancelling of the request.
pub(crate) struct AnswerBody {
    incoming: Incoming,
    connection: Option<Connection>,
    client: Arc<HttpClient>,
}

impl AnswerBody {
    pub(crate) fn new(incoming: Incoming, connection: Connection, client: Arc<HttpClient>) -> Self {
        Self { incoming, connection: Some(connection), client }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let body = &mut *self;
        let mut frame = Pin::new(&mut body.incoming).poll_frame(context);
        if let (true, Some(connection)) = (frame.is_pending(), &mut body.connection) {
            // Asking told the connection that its bytes are wanted; now it can bring them.
            drive(&mut connection.driver, context);
            frame = Pin::new(&mut body.incoming).poll_frame(context);
        }
        if let (Poll::Ready(None), Some(connection)) =
            (&frame, body.connection.take_if(|_| matches!(frame, Poll::Ready(None))))
        {
            body.client.put_back(connection);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("ended", &self.driver.is_none()).finish_non_exhaustive()
    }
}
