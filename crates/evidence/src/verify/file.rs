//! Walks one ledger file from its genesis record to its end, a line at a time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::report::{Ending, Status};
use crate::chain::{HashText, Link, NO_HASH};
use crate::ledger::{Fragment, TORN_LINES_MAX, is_json, is_locked_elsewhere};
use crate::record::LINE_BYTES_MAX;
use crate::record::text::hex_of_hash;

/// Records that other files say are in a file: sequence number and hash, and who says so.
#[derive(Debug, Default)]
pub(super) struct Anchors(BTreeMap<(u64, String), String>);

impl Anchors {
    pub(super) fn expect(&mut self, seq: u64, hash: &str, named_by: String) {
        self.0.entry((seq, hash.to_owned())).or_insert(named_by);
    }
}

/// Whether the file must have the name that its genesis record gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameCheck {
    /// In a folder: another file has been put in its place otherwise.
    Demand,
    /// A file by itself, which may have been copied somewhere.
    Ignore,
}

/// What a genesis record says about files.
#[derive(Debug, Deserialize)]
pub(super) struct Genesis {
    file: String,
    links: Vec<Named>,
    continues: Option<Named>,
}

/// A record of another file.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) file: String,
    pub(super) seq: u64,
    pub(super) hash: String,
}

impl Genesis {
    /// The genesis record of a file, if it has one that is intact.
    pub(super) fn read(path: &Path) -> Option<Self> {
        if !fs::symlink_metadata(path).ok()?.is_file() {
            return None;
        }
        let mut line = Vec::new();
        read_line(&mut BufReader::new(File::open(path).ok()?), &mut line).ok()?;
        let line = line.strip_suffix(b"\n")?;
        Link::parse(line).filter(Link::is_intact)?;
        serde_json::from_slice(line).ok()
    }

    pub(super) fn named(&self) -> impl Iterator<Item = &Named> {
        self.links.iter().chain(&self.continues)
    }
}

/// Checks one file.
pub(super) fn verify(path: &Path, anchors: Anchors, name_check: NameCheck) -> Status {
    match fs::symlink_metadata(path) {
        Ok(data) if data.is_file() => {}
        // A link in the folder may point to what is not kept like the folder; a pipe would block for ever.
        Ok(_) => return Status::Unreadable { cause: "it is not a regular file".to_owned() },
        Err(error) => return Status::Unreadable { cause: error.to_string() },
    }
    let name = (name_check == NameCheck::Demand).then(|| path.file_name().unwrap_or_default().to_string_lossy());
    let walk = File::open(path).and_then(|file| {
        let was_in_use = is_locked_elsewhere(&file);
        let mut reader = BufReader::with_capacity(256 * 1024, file);
        let status = Walk::new(anchors).run(&mut reader, name.as_deref())?;
        Ok((status, was_in_use || is_locked_elsewhere(reader.get_ref())))
    });
    match walk {
        Ok((walked, in_use)) => walked.status(in_use),
        Err(error) => Status::Unreadable { cause: error.to_string() },
    }
}

/// How a walk ended.
#[derive(Debug)]
enum Walked {
    Valid(Status),
    /// `ended` tells whether the fragment has a line end: then no write is under way.
    Torn {
        whole: Status,
        torn: Status,
        ended: bool,
    },
    Other(Status),
}

impl Walked {
    fn status(self, in_use: bool) -> Status {
        match self {
            // The writer is in the middle of a write at this very moment.
            Self::Valid(status) | Self::Torn { whole: status, ended: false, .. } if in_use => with_writer(status),
            Self::Valid(status) | Self::Torn { torn: status, .. } | Self::Other(status) => status,
        }
    }
}

/// Marks a file without a closing record as being in use.
fn with_writer(mut status: Status) -> Status {
    if let Status::Valid { ending: ending @ Ending::Open, .. } = &mut status {
        *ending = Ending::InUse;
    }
    status
}

/// The state of a walk.
struct Walk {
    anchors: Anchors,
    line: u64,
    /// Where the current line begins.
    offset: u64,
    seq: u64,
    prev: HashText,
    first_time: String,
    last_time: String,
    repairs: u64,
    closed: bool,
    /// Whether the last record lacks its line end.
    unended: bool,
    torn: Option<Torn>,
}

/// Lines that are no records, while it is not known whether a repair record follows.
struct Torn {
    line: u64,
    offset: u64,
    bytes: u64,
    lines: u64,
    digest: Sha256,
    ended: bool,
}

/// Something that no crash explains.
type Broken = Box<Status>;

impl Walk {
    fn new(anchors: Anchors) -> Self {
        Self {
            anchors,
            line: 0,
            offset: 0,
            seq: 0,
            prev: NO_HASH,
            first_time: String::new(),
            last_time: String::new(),
            repairs: 0,
            closed: false,
            unended: false,
            torn: None,
        }
    }

    fn run(mut self, reader: &mut impl BufRead, name: Option<&str>) -> io::Result<Walked> {
        let mut buffer = Vec::new();
        loop {
            self.line += 1;
            let length = read_line(reader, &mut buffer)?;
            if length == 0 {
                return Ok(self.end());
            }
            if let Err(broken) = self.take(&buffer, name) {
                return Ok(Walked::Other(*broken));
            }
            self.offset += length as u64;
        }
    }

    /// Takes the next line, with its line end if it has one.
    fn take(&mut self, text: &[u8], name: Option<&str>) -> Result<(), Broken> {
        let line = text.strip_suffix(b"\n").unwrap_or(text);
        let ended = line.len() < text.len();
        let Some(link) = Link::parse(line) else { return self.take_fragment(line, ended) };
        let computed = link.computed_hash();
        if computed != link.hash {
            return Err(self.broken("the record was changed: its hash does not match", &computed, link.hash));
        }
        if self.closed && !link.is_kind("repair") {
            return Err(self.broken("a record follows the closing record", b"the end", b"a record"));
        }
        if link.seq != self.seq {
            return Err(self.broken(
                "records were removed, inserted or moved: the sequence number does not follow",
                self.seq.to_string().as_bytes(),
                link.seq.to_string().as_bytes(),
            ));
        }
        if link.prev != self.prev {
            return Err(self.broken("the record does not continue the one before", &self.prev, link.prev));
        }
        self.check_kind(&link, line, name)?;
        self.check_anchors(&link)?;
        if self.seq == 0 {
            link.time.clone_into(&mut self.first_time);
        }
        self.last_time.clear();
        self.last_time.push_str(link.time);
        self.seq += 1;
        self.prev = computed;
        // The line end of the closing record may have been lost: then its repair follows, and nothing else.
        self.closed |= link.is_last();
        self.unended = !ended;
        Ok(())
    }

    /// The first record is the genesis record and no other is; what follows a tear is its repair.
    fn check_kind(&mut self, link: &Link<'_>, line: &[u8], name: Option<&str>) -> Result<(), Broken> {
        if !is_json(line) {
            return Err(self.broken("the record is not JSON", b"JSON", b"something else"));
        }
        let is_genesis = link.is_kind("genesis");
        if is_genesis != (self.seq == 0) {
            return Err(self.broken(
                "a file begins with its genesis record and has no other",
                if is_genesis { b"a record" } else { b"genesis" },
                if is_genesis { b"genesis" } else { b"a record" },
            ));
        }
        if is_genesis {
            let Ok(genesis) = serde_json::from_slice::<Genesis>(line) else {
                return Err(self.broken("the genesis record lacks a member", b"file and links", b"none"));
            };
            if let Some(name) = name.filter(|name| *name != genesis.file) {
                return Err(self.broken(
                    "the file was renamed or put in place of another",
                    genesis.file.as_bytes(),
                    name.as_bytes(),
                ));
            }
        }
        let is_repair = link.is_kind("repair");
        match self.torn.take() {
            Some(torn) if !is_repair => Err(broken_at(
                torn.line,
                self.seq,
                "the line is no record, and no repair follows it",
                b"a record",
                format!("{} bytes", torn.bytes).as_bytes(),
            )),
            torn if is_repair => self.check_repair(torn, line),
            _ => Ok(()),
        }
    }

    fn check_repair(&mut self, torn: Option<Torn>, line: &[u8]) -> Result<(), Broken> {
        #[derive(Deserialize)]
        struct Repair {
            fragment: Fragment,
        }
        // Without a fragment, only a line end was missing: it stands before this line.
        let found = torn.unwrap_or_else(|| Torn::begin(self.line, self.offset.saturating_sub(1)));
        let found = Fragment {
            offset: found.offset,
            bytes: found.bytes,
            lines: found.lines,
            sha256: String::from_utf8_lossy(&hex_of_hash(&found.digest.finalize().into())).into_owned(),
        };
        let stated = serde_json::from_slice::<Repair>(line).map(|repair| repair.fragment);
        self.repairs += 1;
        match stated {
            Ok(stated) if stated == found => Ok(()),
            Ok(stated) => Err(self.broken(
                "the repair record speaks of another fragment than the one before it",
                format!("{stated:?}").as_bytes(),
                format!("{found:?}").as_bytes(),
            )),
            Err(_) => Err(self.broken("the repair record lacks a member", b"fragment", b"none")),
        }
    }

    fn check_anchors(&mut self, link: &Link<'_>) -> Result<(), Broken> {
        while let Some(entry) = self.anchors.0.first_entry().filter(|entry| entry.key().0 == self.seq) {
            let ((_, hash), named_by) = entry.remove_entry();
            if hash.as_bytes() != link.hash {
                let what =
                    format!("{named_by} names this record with another hash: the file was replaced or rewritten");
                return Err(self.broken(&what, hash.as_bytes(), link.hash));
            }
        }
        Ok(())
    }

    /// Takes a line that does not have the form of a record.
    fn take_fragment(&mut self, line: &[u8], ended: bool) -> Result<(), Broken> {
        if self.closed {
            return Err(self.broken("bytes follow the closing record", b"the end", &size(line)));
        }
        if line.len() > LINE_BYTES_MAX {
            return Err(self.broken("the line is longer than any record", b"a record", &size(line)));
        }
        if is_json(line) {
            let converted = line.ends_with(b"\r");
            let what = if converted {
                "line ends were converted: the line ends with a carriage return"
            } else {
                "the line is JSON but does not have the form of a record of version 1"
            };
            return Err(self.broken(what, b"a record", &size(line)));
        }
        let (number, offset) = (self.line, self.offset);
        let torn = self.torn.get_or_insert_with(|| Torn::begin(number, offset));
        torn.extend(line, ended);
        if torn.lines > TORN_LINES_MAX {
            return Err(broken_at(torn.line, self.seq, "several lines are no records", b"a record", &size(line)));
        }
        Ok(())
    }

    /// Judges the file when there is nothing more to read.
    fn end(mut self) -> Walked {
        if self.seq == 0 && self.torn.is_none() {
            return Walked::Other(Status::Empty);
        }
        if let Some((&(seq, ref hash), named_by)) = self.anchors.0.first_key_value() {
            let what = format!("records were cut from the end: {named_by} names record {seq}");
            return Walked::Other(*self.broken(&what, hash.as_bytes(), b"the end of the file"));
        }
        let whole = Status::Valid {
            records: self.seq,
            first_time: self.first_time,
            last_time: self.last_time,
            ending: if self.closed { Ending::Closed } else { Ending::Open },
            repairs: self.repairs,
        };
        let torn = |offset, bytes| Status::Torn { records: self.seq, offset, bytes };
        match self.torn.take() {
            Some(_) if self.seq == 0 => {
                let status = torn(0, self.offset);
                Walked::Other(status)
            }
            Some(fragment) => {
                Walked::Torn { whole, torn: torn(fragment.offset, fragment.bytes), ended: fragment.ended }
            }
            None if self.unended => Walked::Torn { whole, torn: torn(self.offset, 0), ended: false },
            None => Walked::Valid(whole),
        }
    }

    fn broken(&self, what: &str, expected: &[u8], found: &[u8]) -> Broken {
        broken_at(self.line, self.seq, what, expected, found)
    }
}

impl Torn {
    fn begin(line: u64, offset: u64) -> Self {
        Self { line, offset, bytes: 0, lines: 0, digest: Sha256::new(), ended: false }
    }

    /// The lines of a fragment are joined by their line ends.
    fn extend(&mut self, line: &[u8], ended: bool) {
        if self.lines > 0 {
            self.digest.update(b"\n");
            self.bytes += 1;
        }
        self.digest.update(line);
        self.bytes += line.len() as u64;
        self.lines += 1;
        self.ended = ended;
    }
}

fn broken_at(line: u64, seq: u64, what: &str, expected: &[u8], found: &[u8]) -> Broken {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Box::new(Status::Broken { line, seq, what: what.to_owned(), expected: text(expected), found: text(found) })
}

fn size(line: &[u8]) -> Vec<u8> {
    format!("{} bytes", line.len()).into_bytes()
}

/// Reads up to and with the next line end into `buffer`, and not much more than the longest record.
fn read_line(reader: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<usize> {
    buffer.clear();
    reader.by_ref().take(LINE_BYTES_MAX as u64 + 2).read_until(b'\n', buffer)
}
