//! Server-sent events: in one chunk, in chosen chunks and byte by byte, the same comes out and no byte is lost.

use bytes::Bytes;
use gatehold_fuzz::{Corpus, Recipe, chunks};
use gatehold_wire::RefusalCode;
use gatehold_wire::sse::{Event, Events};

const WORDS: &[&str] = &[
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\r\r",
    "\r\n\r\n",
    "data:",
    "data: ",
    "id:",
    "event: ",
    "retry: 1",
    ": ",
    "\u{feff}",
    "\0",
    ":",
    "{\"a\":1}",
];

/// Small enough that the limit is met too.
const EVENT_BYTES_MAX: usize = 300;

#[test]
fn sse() {
    let corpus = Corpus::load("sse", WORDS).unwrap();
    corpus.seeds().for_each(|stream| judge(stream, &[]));
    bolero::check!()
        .with_type::<(Recipe, Vec<u16>)>()
        .with_test_time(super::SHORT_RUN)
        .for_each(|(recipe, places)| judge(&corpus.input(recipe), places));
}

fn judge(stream: &[u8], places: &[u16]) {
    let whole = read(&[stream]);
    assert_eq!(read(&chunks(stream, places)), whole, "the chunks change what is read");
    let single: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(read(&single), whole, "reading byte by byte changes what is read");
    let (events, rest) = whole;
    if events.iter().all(Result::is_ok) {
        let mut bytes: Vec<u8> = events.iter().flatten().flat_map(|event| event.raw.to_vec()).collect();
        bytes.extend_from_slice(&rest);
        assert_eq!(bytes, stream, "a byte was lost or added");
    }
}

/// An event, comparable.
#[derive(Debug, PartialEq)]
struct Seen {
    raw: Bytes,
    data: Option<Bytes>,
    event: Bytes,
    id: Option<Bytes>,
    retry_ms: Option<u64>,
}

fn read(chunks: &[&[u8]]) -> (Vec<Result<Seen, RefusalCode>>, Bytes) {
    let mut splitter = Events::new(EVENT_BYTES_MAX);
    let mut seen = Vec::new();
    for chunk in chunks {
        splitter.push(chunk);
        while let Some(next) = splitter.next_event().transpose() {
            seen.push(next.map(see).map_err(|refusal| refusal.code));
            if seen.last().is_some_and(Result::is_err) {
                return (seen, splitter.finish());
            }
        }
    }
    if let Some(last) = splitter.last_event().transpose() {
        seen.push(last.map(see).map_err(|refusal| refusal.code));
    }
    (seen, splitter.finish())
}

fn see(Event { raw, data, data_span, event, id, retry_ms }: Event) -> Seen {
    if let Some(span) = data_span {
        assert_eq!(data.as_deref(), raw.get(span), "the span does not show the data");
    }
    Seen { raw, data, event, id, retry_ms }
}
