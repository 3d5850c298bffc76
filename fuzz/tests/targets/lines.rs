//! Lines: the same however the bytes are cut, and never more memory than a line.

use bytes::Bytes;
use gatehold_fuzz::{Corpus, Recipe, chunks};
use gatehold_wire::RefusalCode;
use gatehold_wire::lines::Lines;

const WORDS: &[&str] = &["\n", "\r", "\r\n", "\n\n", "{}", "[1]", "0123456789", "\0", "\u{feff}"];

/// Small enough that the limit is met too.
const LINE_BYTES_MAX: usize = 60;

#[test]
fn lines() {
    let corpus = Corpus::load("lines", WORDS).unwrap();
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
    // The plain definition, line by line.
    let mut expected: Vec<Result<Bytes, RefusalCode>> = Vec::new();
    for line in stream.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.len() {
            0 => {}
            1..=LINE_BYTES_MAX => expected.push(Ok(Bytes::copy_from_slice(line))),
            _ => expected.push(Err(RefusalCode::TooLarge)),
        }
    }
    assert_eq!(whole, expected);
}

fn read(chunks: &[&[u8]]) -> Vec<Result<Bytes, RefusalCode>> {
    let mut splitter = Lines::new(LINE_BYTES_MAX);
    let mut seen = Vec::new();
    for chunk in chunks {
        splitter.buffer().extend_from_slice(chunk);
        while let Some(next) = splitter.next_line().transpose() {
            seen.push(next.map_err(|refusal| refusal.code));
        }
        assert!(splitter.buffer().len() <= LINE_BYTES_MAX + 1, "memory is not bounded");
    }
    seen.extend(splitter.finish().map(Ok));
    seen
}
