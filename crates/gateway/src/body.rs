//! The bodies of our answers: whole, or a stream of events that is sent as it comes.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::status::StatusCode;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::mpsc;

/// Events that may wait for a slow reader before the stream's source is made to wait.
const WAITING_MAX: usize = 16;

/// The stream ended before its source had ended: the connection must not look as if it had been completed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the stream broke off")]
pub(crate) struct BrokenOff;

/// The body of an answer.
pub(crate) enum Body {
    /// All of it.
    Whole(Option<Bytes>),
    /// Piece by piece.
    Stream(mpsc::Receiver<Result<Bytes, BrokenOff>>),
    /// Piece by piece, and broken off when the other future ends.
    Limited(mpsc::Receiver<Result<Bytes, BrokenOff>>, Pin<Box<dyn Future<Output = ()> + Send>>),
    /// A stream that broke off, which its reader is not told yet.
    Breaking,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Whole(_) => "Body::Whole",
            Self::Stream(_) => "Body::Stream",
            Self::Limited(..) => "Body::Limited",
            Self::Breaking => "Body::Breaking",
        })
    }
}

/// The writing end of a streamed body. It learns when its reader is gone.
#[derive(Debug, Clone)]
pub(crate) struct Pieces(mpsc::Sender<Result<Bytes, BrokenOff>>);

impl Body {
    /// A streamed body and its writing end.
    pub(crate) fn stream() -> (Pieces, Self) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Pieces(sender), Self::Stream(receiver))
    }

    /// Makes a stream break off when a future ends; what is whole stays as it is.
    pub(crate) fn end_when(&mut self, end: impl FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>>) {
        if matches!(self, Self::Stream(_))
            && let Self::Stream(receiver) = std::mem::replace(self, Self::Breaking)
        {
            *self = Self::Limited(receiver, end());
        }
    }
}

impl Pieces {
    /// Sends a piece; `Err` when the reader is gone.
    pub(crate) async fn send(&self, piece: Bytes) -> Result<(), BrokenOff> {
        self.0.send(Ok(piece)).await.map_err(|_| BrokenOff)
    }

    /// Breaks the stream off.
    pub(crate) async fn break_off(&self) {
        // A reader that is gone already needs no telling.
        let _gone = self.0.send(Err(BrokenOff)).await;
    }

    /// Waits until the reader is gone.
    pub(crate) async fn reader_gone(&self) {
        self.0.closed().await;
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Self::Limited(_, end) = &mut *self
            && end.as_mut().poll(context).is_ready()
        {
            *self = Self::Breaking;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(receiver) | Self::Limited(receiver, _) => match receiver.poll_recv(context) {
                Poll::Ready(Some(Err(BrokenOff))) => {
                    // Told at once, the connection would be dropped together with the pieces that are still buffered:
                    // a pause lets them be written.
                    *self = Self::Breaking;
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                piece => piece.map(|piece| piece.map(|piece| piece.map(Frame::data))),
            },
            Self::Breaking => Poll::Ready(Some(Err(BrokenOff))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Stream(_) | Self::Limited(..) | Self::Breaking => SizeHint::default(),
        }
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: StatusCode, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::Whole(Some(bytes)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::Whole(None));
    *response.status_mut() = status;
    response
}

/// The head of a stream of events; proxies on the way are asked not to buffer it.
pub(crate) fn event_stream(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
