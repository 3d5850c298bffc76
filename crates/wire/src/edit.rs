//! Splices: the one way a message is changed. What is not named by an edit keeps its bytes.

use std::ops::Range;

use bytes::Bytes;

/// Replace the bytes at `span` with `with`.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit {
    /// Which bytes of the message.
    pub span: Range<usize>,
    /// What stands there afterwards.
    pub with: Vec<u8>,
}

impl std::fmt::Debug for Edit {
    /// Without the new bytes: they are part of a message.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Edit({:?} becomes {} bytes)", self.span, self.with.len())
    }
}

/// Applies edits to a message's bytes, in any order; several insertions at one place keep theirs. Returns `None` when
/// edits overlap or reach past the end: the caller must then treat the message as not editable, which is a denial.
/// Sorts `edits` by place. Without edits the bytes are shared, not copied.
#[must_use]
pub fn apply(bytes: &Bytes, edits: &mut [Edit]) -> Option<Bytes> {
    if edits.is_empty() {
        return Some(bytes.clone());
    }
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let added: usize = edits.iter().map(|edit| edit.with.len()).sum();
    let mut edited = Vec::with_capacity(bytes.len() + added);
    let mut copied = 0;
    for Edit { span, with } in edits.iter() {
        if span.start > span.end || span.end > bytes.len() {
            return None;
        }
        // `None` when the edit begins inside the one before it.
        edited.extend_from_slice(bytes.get(copied..span.start)?);
        edited.extend_from_slice(with);
        copied = span.end;
    }
    edited.extend_from_slice(bytes.get(copied..)?);
    Some(Bytes::from(edited))
}

/// The edits that have the effect of two sets of edits one after the other: `second` is about what `first` makes of
/// `bytes`. Returns `None` where `apply` would, for either of them.
#[must_use]
pub fn compose(bytes: &Bytes, first: &[Edit], second: &[Edit]) -> Option<Vec<Edit>> {
    /// A place in the text between the two sets.
    struct Place<'e> {
        span: Range<usize>,
        /// How many bytes the first set takes out and puts in here.
        first: (usize, usize),
        second: Option<&'e Edit>,
    }
    let (mut first, mut second) = (first.to_vec(), second.to_vec());
    let between = apply(bytes, &mut first)?;
    apply(&between, &mut second)?;
    let (mut taken, mut put) = (0, 0);
    let mut places = Vec::with_capacity(first.len() + second.len());
    for Edit { span, with } in &first {
        let start = span.start + put - taken;
        places.push(Place { span: start..start + with.len(), first: (span.len(), with.len()), second: None });
        (taken, put) = (taken + span.len(), put + with.len());
    }
    places.extend(second.iter().map(|edit| Place { span: edit.span.clone(), first: (0, 0), second: Some(edit) }));
    // Stable, so that insertions at one place keep their order.
    places.sort_by_key(|place| (place.span.start, place.span.end));
    let mut composed = Vec::new();
    let (mut taken, mut put) = (0, 0);
    let mut at = 0;
    while let Some(place) = places.get(at) {
        // What touches goes together.
        let mut whole = place.span.clone();
        let (mut out, mut into) = (0, 0);
        let mut inside: Vec<Edit> = Vec::new();
        while let Some(place) = places.get(at).filter(|place| place.span.start <= whole.end) {
            whole.end = whole.end.max(place.span.end);
            (out, into) = (out + place.first.0, into + place.first.1);
            inside.extend(place.second.map(|edit| Edit {
                span: edit.span.start - whole.start..edit.span.end - whole.start,
                with: edit.with.clone(),
            }));
            at += 1;
        }
        let start = whole.start + taken - put;
        let end = whole.end + taken + out - put - into;
        let with = apply(&between.slice(whole), &mut inside)?.to_vec();
        composed.push(Edit { span: start..end, with });
        (taken, put) = (taken + out, put + into);
    }
    Some(composed)
}

/// The edits that take elements out of a JSON array, commas included, given the spans of all elements in order and
/// which of them stay. An element without an entry in `keep` does not stay.
#[must_use]
pub fn retain_items(items: &[Range<usize>], keep: &[bool]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut last_kept: Option<&Range<usize>> = None;
    let mut removed: Option<Range<usize>> = None;
    for (index, item) in items.iter().enumerate() {
        if !keep.get(index).copied().unwrap_or(false) {
            removed = Some(removed.map_or(item.start, |run| run.start)..item.end);
            continue;
        }
        if let Some(run) = removed.take() {
            // Behind an element that stays, the comma before the run goes; at the front, the one behind it.
            edits.push(removal(last_kept.map_or(run.start..item.start, |kept| kept.end..run.end)));
        }
        last_kept = Some(item);
    }
    if let Some(run) = removed {
        edits.push(removal(last_kept.map_or(run.start, |kept| kept.end)..run.end));
    }
    edits
}

const fn removal(span: Range<usize>) -> Edit {
    Edit { span, with: Vec::new() }
}
