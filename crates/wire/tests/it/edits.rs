//! Splices: what is not named keeps its bytes, and what cannot be done is not done.

use std::ops::Range;

use bytes::Bytes;
use gatehold_wire::Limits;
use gatehold_wire::edit::{Edit, apply, compose, retain_items};
use gatehold_wire::json::{self, Raw};
use proptest::prelude::*;

fn edit(span: Range<usize>, with: &str) -> Edit {
    Edit { span, with: with.as_bytes().to_vec() }
}

#[test]
fn edits_apply_in_any_order() {
    let bytes = Bytes::from_static(b"0123456789");
    let apply = |mut edits: Vec<Edit>| apply(&bytes, &mut edits);
    assert_eq!(apply(vec![edit(8..10, "z"), edit(0..2, ""), edit(4..4, "ab")]).unwrap(), "23ab4567z");
    assert_eq!(apply(vec![edit(3..3, "a"), edit(3..3, "b"), edit(3..4, "c")]).unwrap(), "012abc456789");
    assert_eq!(apply(vec![edit(0..10, "")]).unwrap(), "");
    assert_eq!(apply(vec![edit(10..10, "!")]).unwrap(), "0123456789!");
    assert_eq!(apply(vec![]).unwrap().as_ptr(), bytes.as_ptr());
}

#[test]
fn impossible_edits_are_refused() {
    let bytes = Bytes::from_static(b"0123456789");
    let apply = |mut edits: Vec<Edit>| apply(&bytes, &mut edits);
    assert_eq!(apply(vec![edit(0..4, "x"), edit(3..5, "y")]), None);
    assert_eq!(apply(vec![edit(0..4, "x"), edit(0..4, "x")]), None);
    assert_eq!(apply(vec![edit(0..9, "x"), edit(4..4, "y")]), None);
    assert_eq!(apply(vec![edit(9..11, "x")]), None);
    assert_eq!(apply(vec![edit(11..11, "x")]), None);
    #[expect(clippy::reversed_empty_ranges, reason = "the hostile case")]
    let reversed = 5..3;
    assert_eq!(apply(vec![edit(reversed, "x")]), None);
}

#[test]
fn secrets_stay_out_of_debug_output() {
    assert!(!format!("{:?}", edit(0..1, "hunter2")).contains("hunter2"));
}

#[test]
fn every_subset_of_an_array_can_stay() {
    for text in ["[]", "[1]", "[1,2]", "[ 1 , 2 ]", "[{\"a\":1},\n {\"b\":[2,3]} ,\"x,]\",null]", "[1,2,3,4,5]"] {
        let raw = json::check(text.as_bytes(), &Limits::default()).unwrap();
        let items: Vec<Range<usize>> = raw.items().map(Raw::span).collect();
        for mask in 0..1_usize << items.len() {
            let keep: Vec<bool> = (0..items.len()).map(|index| mask >> index & 1 == 1).collect();
            let edited = apply(&Bytes::copy_from_slice(text.as_bytes()), &mut retain_items(&items, &keep)).unwrap();
            let left =
                json::check(&edited, &Limits::default()).unwrap_or_else(|refusal| panic!("{refusal}: {edited:?}"));
            let expected: Vec<&str> =
                items.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(span, _)| &text[span.clone()]).collect();
            assert_eq!(left.items().map(Raw::text).collect::<Vec<_>>(), expected, "{text} {keep:?}");
            if keep.iter().all(|keep| *keep) {
                assert_eq!(edited, text);
            }
        }
    }
}

#[test]
fn an_element_nobody_judged_does_not_stay() {
    let edited = apply(&Bytes::from_static(b"[1,2,3]"), &mut retain_items(&[1..2, 3..4, 5..6], &[true])).unwrap();
    assert_eq!(edited, "[1]");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn composed_edits_equal_one_set_after_the_other(
        text in "[a-z]{0,20}",
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[A-Z]{0,3}", any::<bool>()), 0..8),
    ) {
        let bytes = Bytes::from(text);
        let pick = |length: usize, which: bool| {
            let mut edits: Vec<Edit> = Vec::new();
            for (one, two, word, of) in &places {
                let (one, two) = (one.index(length + 1), two.index(length + 1));
                let new = edit(one.min(two)..one.max(two), word);
                let apart = |old: &Edit| old.span.end <= new.span.start || new.span.end <= old.span.start;
                if *of == which && edits.iter().all(apart) {
                    edits.push(new);
                }
            }
            edits
        };
        let first = pick(bytes.len(), true);
        if let Some(between) = apply(&bytes, &mut first.clone()) {
            let second = pick(between.len(), false);
            if let Some(expected) = apply(&between, &mut second.clone()) {
                let mut composed = compose(&bytes, &first, &second).unwrap();
                prop_assert_eq!(apply(&bytes, &mut composed).unwrap(), expected);
            }
        }
    }

    #[test]
    fn applying_equals_splicing_from_the_back(
        text in "[a-z]{0,40}",
        mut places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        words in prop::collection::vec("[A-Z]{0,6}", 4),
    ) {
        places.truncate(places.len() / 2 * 2);
        let mut places: Vec<usize> = places.iter().map(|place| place.index(text.len() + 1)).collect();
        places.sort_unstable();
        places.dedup();
        let edits: Vec<Edit> = places.chunks_exact(2).zip(&words).map(|(pair, word)| edit(pair[0]..pair[1], word)).collect();
        let mut expected = text.clone();
        for edit in edits.iter().rev() {
            expected.replace_range(edit.span.clone(), std::str::from_utf8(&edit.with).unwrap());
        }
        let mut shuffled: Vec<Edit> = edits.into_iter().rev().collect();
        prop_assert_eq!(apply(&Bytes::from(text), &mut shuffled).unwrap(), expected);
    }
}
