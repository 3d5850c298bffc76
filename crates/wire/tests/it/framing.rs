//! Lines and server-sent events: the same result however the bytes are cut.

use bytes::Bytes;
use gatehold_wire::RefusalCode;
use gatehold_wire::lines::Lines;
use gatehold_wire::sse::{Event, Events, write_event};
use proptest::prelude::*;

/// What a reader sees of lines: each line, or the code of a refusal.
fn lines(chunks: &[&[u8]], line_bytes_max: usize) -> (Vec<Result<Bytes, RefusalCode>>, Option<Bytes>) {
    let mut splitter = Lines::new(line_bytes_max);
    let mut seen = Vec::new();
    for chunk in chunks {
        splitter.buffer().extend_from_slice(chunk);
        loop {
            match splitter.next_line() {
                Ok(Some(line)) => seen.push(Ok(line)),
                Ok(None) => break,
                Err(refusal) => seen.push(Err(refusal.code)),
            }
        }
        assert!(splitter.buffer().len() <= line_bytes_max + 1, "memory is not bounded");
    }
    (seen, splitter.finish())
}

#[test]
fn lines_come_out_whole() {
    let (seen, rest) = lines(&[b"a\r\nb\n\n\r\nc\rd\n\re\r\r\nlast\r"], 100);
    let seen: Vec<_> = seen.into_iter().map(Result::unwrap).collect();
    assert_eq!(seen, ["a", "b", "c\rd", "\re\r"]);
    assert_eq!(rest.unwrap(), "last");
    assert_eq!(lines(&[b"a\n"], 100).1, None);
    assert_eq!(lines(&[b"a\n\r"], 100).1, None);
}

#[test]
fn a_line_over_the_limit_is_refused_once_and_skipped() {
    let text = b"12345\n123456\n1\n12345\r\n1234567890123\r\nend\n123456";
    for size in 1..text.len() {
        let chunks: Vec<&[u8]> = text.chunks(size).collect();
        let (seen, rest) = lines(&chunks, 5);
        let expected = [Ok("12345"), Err(()), Ok("1"), Ok("12345"), Err(()), Ok("end"), Err(())];
        let seen: Vec<_> = seen
            .iter()
            .map(|line| line.as_ref().map(|line| std::str::from_utf8(line).unwrap()).map_err(|_| ()))
            .collect();
        assert_eq!(seen, expected, "chunks of {size}");
        assert_eq!(rest, None);
    }
}

#[test]
fn an_endless_line_holds_no_memory() {
    let chunk = [b'x'; 4096];
    let mut splitter = Lines::new(10_000);
    let mut refusals = 0;
    for _ in 0..10_000 {
        splitter.buffer().extend_from_slice(&chunk);
        refusals += usize::from(splitter.next_line().is_err());
        assert!(splitter.buffer().len() <= 10_001);
    }
    assert_eq!(refusals, 1);
    splitter.buffer().extend_from_slice(b"\nback\n");
    assert_eq!(splitter.next_line().unwrap().unwrap(), "back");
}

/// What a reader sees of an event, comparable.
type Seen = (Bytes, Option<Bytes>, Option<(usize, usize)>, Bytes, Option<Bytes>, Option<u64>);

fn seen(event: Event) -> Seen {
    let span = event.data_span.map(|span| (span.start, span.end));
    (event.raw, event.data, span, event.event, event.id, event.retry_ms)
}

fn events(chunks: &[&[u8]], event_bytes_max: usize) -> (Vec<Result<Seen, RefusalCode>>, Bytes) {
    let mut splitter = Events::new(event_bytes_max);
    let mut all = Vec::new();
    for chunk in chunks {
        splitter.push(chunk);
        loop {
            match splitter.next_event() {
                Ok(Some(event)) => all.push(Ok(seen(event))),
                Ok(None) => break,
                Err(refusal) => {
                    all.push(Err(refusal.code));
                    assert_eq!(
                        splitter.next_event().err().map(|refusal| refusal.code),
                        all.last().unwrap().as_ref().err().copied()
                    );
                    return (all, splitter.finish());
                }
            }
        }
    }
    match splitter.last_event() {
        Ok(Some(event)) => all.push(Ok(seen(event))),
        Ok(None) => {}
        Err(refusal) => all.push(Err(refusal.code)),
    }
    (all, splitter.finish())
}

/// An independent reading of the standard, over the whole stream at once: the data of each event that is dispatched.
fn dispatched(stream: &str) -> Vec<String> {
    let stream = stream.strip_prefix('\u{feff}').unwrap_or(stream).replace("\r\n", "\n").replace('\r', "\n");
    let mut found = Vec::new();
    let mut data: Option<String> = None;
    let Some((whole, _)) = stream.rsplit_once('\n') else { return found };
    for line in whole.split('\n') {
        if line.is_empty() {
            found.extend(data.take());
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        if name == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            data = Some(data.map_or_else(|| value.to_owned(), |data| data + "\n" + value));
        }
    }
    found
}

#[test]
fn fields_are_read_as_the_standard_says() {
    let stream = "\u{feff}: hello\n\nid: 1\nevent: message\nretry: 3000\ndata: {\"a\":\ndata:  1}\n\ndata\n\ndata:x\nid\n\n\
        retry: 1x\nretry:\nid: a\0b\nfoo: bar\ndata:: y\n\nid: 9\ndata:\n\nevent: a\nevent: b\ndata: z\n\n";
    let (all, rest) = events(&[stream.as_bytes()], 10_000);
    let all: Vec<Seen> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(rest, "");
    let data: Vec<_> =
        all.iter().map(|event| event.1.as_deref().map(|data| std::str::from_utf8(data).unwrap())).collect();
    assert_eq!(data, [None, Some("{\"a\":\n 1}"), Some(""), Some("x"), Some(": y"), Some(""), Some("z")]);
    assert_eq!(all[0].0, "\u{feff}: hello\n\n");
    assert_eq!((all[1].3.as_ref(), all[1].4.as_deref(), all[1].5), (&b"message"[..], Some(&b"1"[..]), Some(3000)));
    assert_eq!(all[1].2, None, "several data lines have no one span");
    assert_eq!(all[3].4.as_deref(), Some(&b""[..]));
    assert_eq!((all[4].4.as_deref(), all[4].5), (None, None));
    assert_eq!(all[6].3, "b");
    for event in &all {
        if let (Some(data), Some((start, end))) = (&event.1, event.2) {
            assert_eq!(&event.0[start..end], data);
        }
    }
}

#[test]
fn an_event_comes_out_with_its_last_needed_byte() {
    let needed = |bytes: &[u8]| {
        let mut splitter = Events::new(100);
        bytes.iter().position(|&byte| {
            splitter.push(&[byte]);
            splitter.next_event().unwrap().is_some()
        })
    };
    assert_eq!(needed(b"data: x\n\nrest"), Some(8));
    assert_eq!(needed(b"data: x\r\rrest"), Some(8));
    assert_eq!(needed(b"data: x\n\r\n"), Some(8));
    // Here the next byte tells whether the line end is whole, and readers may wait for it too.
    assert_eq!(needed(b"data: x\r\n\r\n"), Some(10));
    assert_eq!(needed(b"data: x\r\n\rdata"), Some(10));
    assert_eq!(needed(b"data: x\r\n"), None);
}

#[test]
fn a_torn_line_end_makes_no_phantom_event() {
    let (all, rest) = events(&[b"data: x\r\r", b"\ndata: y\r\r", b"\n"], 100);
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].as_ref().unwrap().0, "\ndata: y\r\r");
    assert_eq!(rest, "\n");
    let (all, rest) = events(&[b"data: x\r\n\r"], 100);
    assert_eq!(all[0].as_ref().unwrap().1.as_ref().unwrap(), "x", "the end of the stream completes the event");
    assert_eq!((all.len(), rest), (1, Bytes::new()));
}

#[test]
fn unfinished_bytes_are_no_event() {
    let (all, rest) = events(&[b"data: x\n\ndata: {\"evil\":1}\n"], 100);
    assert_eq!((all.len(), rest), (1, Bytes::from_static(b"data: {\"evil\":1}\n")));
}

#[test]
fn events_over_the_limit_or_not_utf8_end_the_stream() {
    let exact = b"data: 12\n\n";
    assert!(events(&[exact], 10).0[0].is_ok());
    for size in 1..=exact.len() {
        let chunks: Vec<&[u8]> = exact.chunks(size).collect();
        assert_eq!(events(&chunks, 9).0, [Err(RefusalCode::TooLarge)], "chunks of {size}");
    }
    assert_eq!(events(&[b"data: ok\n\ndata: \xff\n\n"], 99).0.last(), Some(&Err(RefusalCode::InvalidUtf8)));
    let mut splitter = Events::new(1_000);
    for _ in 0..100_000 {
        splitter.push(&[b'x'; 100]);
        let _ = splitter.next_event();
    }
    assert!(splitter.next_event().is_err());
    assert_eq!(splitter.finish().len(), 0, "memory is not bounded after an error");
}

#[test]
fn written_events_are_read_back() {
    let write = |event, id, data: &[u8]| {
        let mut out = Vec::new();
        write_event(event, id, data, &mut out);
        out
    };
    assert_eq!(write(Some("endpoint"), None, b"/m?x=1"), b"event: endpoint\ndata: /m?x=1\n\n");
    assert_eq!(write(None, Some("7"), b""), b"id: 7\ndata: \n\n");
    for data in ["", "x", " x", "a\nb", "a\r\nb\rc\n", "\n", "\n\n", "{\"a\":1}"] {
        let (all, rest) = events(&[&write(Some("e"), Some("i"), data.as_bytes())], 1_000);
        let event = all.into_iter().next().unwrap().unwrap();
        assert_eq!(event.1.unwrap(), data.replace("\r\n", "\n").replace('\r', "\n"));
        assert_eq!((event.3, event.4.unwrap(), rest.len()), (Bytes::from("e"), Bytes::from("i"), 0));
    }
    // A name that tries to be a field of its own stays a name.
    assert_eq!(write(Some("a\ndata: evil"), Some("\r\n1\0"), b"x"), b"event: adata: evil\nid: 1\ndata: x\n\n");
}

fn cut<'a>(stream: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    places.extend([0, stream.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn events_do_not_depend_on_chunks(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "data: a", "data:b", "data", "id: 1", "event: e", "retry: 5", ": c", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n",
            "\r\r", "\u{feff}", "\u{e9}", " ", "x",
        ]), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        limit in prop::sample::select(vec![8_usize, 20, 1_000]),
    ) {
        let stream = pieces.concat();
        let whole = events(&[stream.as_bytes()], limit);
        prop_assert_eq!(&events(&cut(stream.as_bytes(), &cuts), limit), &whole);
        let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        prop_assert_eq!(&events(&bytes, limit), &whole);
        if limit == 1_000 {
            let (all, rest) = whole;
            let all: Vec<Seen> = all.into_iter().map(Result::unwrap).collect();
            let mut bytes: Vec<u8> = all.iter().flat_map(|event| event.0.to_vec()).collect();
            bytes.extend_from_slice(&rest);
            prop_assert_eq!(bytes, stream.as_bytes(), "a byte was lost");
            let data: Vec<String> = all.iter().filter_map(|event| event.1.as_ref()).map(|data| String::from_utf8(data.to_vec()).unwrap()).collect();
            prop_assert_eq!(data, dispatched(&stream));
        }
    }

    #[test]
    fn lines_do_not_depend_on_chunks(
        pieces in prop::collection::vec(prop::sample::select(vec!["abc", "\n", "\r\n", "\r", "x", "1234567890"]), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let stream = pieces.concat();
        let collected = |chunks: &[&[u8]], limit: usize| {
            let mut splitter = Lines::new(limit);
            let mut all = Vec::new();
            for chunk in chunks {
                splitter.buffer().extend_from_slice(chunk);
                loop {
                    match splitter.next_line() {
                        Ok(Some(line)) => all.push(Ok(line)),
                        Ok(None) => break,
                        Err(refusal) => all.push(Err(refusal.code)),
                    }
                }
            }
            (all, splitter.finish())
        };
        for limit in [5, 12, 1_000] {
            let whole = collected(&[stream.as_bytes()], limit);
            prop_assert_eq!(&collected(&cut(stream.as_bytes(), &cuts), limit), &whole);
            let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
            prop_assert_eq!(&collected(&bytes, limit), &whole);
        }
        let expected: Vec<&str> = stream.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).filter(|line| !line.is_empty()).collect();
        let (all, rest) = collected(&[stream.as_bytes()], 1_000);
        let found: Vec<Bytes> = all.into_iter().map(Result::unwrap).chain(rest).collect();
        prop_assert_eq!(found, expected);
    }
}
