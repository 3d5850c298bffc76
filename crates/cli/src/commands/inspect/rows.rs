//! JSON Lines in, one answer a line out, in order. Rows are read in batches that several threads inspect at a time; a
//! batch ends where nothing more has come yet, so that somebody who writes a row and waits gets the answer. Memory is
//! bounded by the batches under way, whatever the number of rows.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use gatehold_decide::Verdict;

use gatehold_wire::Limits;

use super::subject::{Shape, Subject};
use super::{Looking, Outcome, report};

/// Bytes read at a time.
pub(super) const BUFFER_BYTES: usize = 64 * 1024;
/// Rows of one batch, at most.
const BATCH_ROWS_MAX: usize = 64;
/// A batch with this many bytes takes no more rows.
const BATCH_BYTES: usize = 256 * 1024;
/// Threads that inspect, at most.
const THREADS_MAX: usize = 8;

/// Rows that stand together.
struct Batch {
    /// The number of the first row, from 1.
    first: u64,
    rows: Vec<Row>,
}

/// One line of the input.
enum Row {
    Line(Vec<u8>),
    /// Longer than what is read as one row.
    TooLong,
}

/// An input of which some bytes were read before.
pub(super) struct Source<R> {
    read: BufReader<std::io::Cursor<Vec<u8>>>,
    input: BufReader<R>,
    /// Whether what was read before is used up.
    is_begun: bool,
}

/// The answers to a batch.
struct Answers {
    lines: String,
    outcome: Outcome,
}

/// A batch and where its answers go.
type Job = (Batch, SyncSender<Answers>);

/// Inspects every row.
///
/// # Errors
/// The input could not be read.
pub(super) fn run(
    mut input: Source<impl Read>,
    looking: &Looking,
    shape: &Shape,
    json: bool,
) -> std::io::Result<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let (jobs, waiting) = sync_channel::<Job>(threads);
    let waiting = Mutex::new(waiting);
    let (order, ordered) = sync_channel::<Receiver<Answers>>(2 * threads);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(&waiting, looking, shape, json));
        }
        let writer = scope.spawn(move || write(&ordered));
        let mut first = 1;
        let read = loop {
            let (rows, is_end) = match batch(&mut input) {
                Ok(batch) => batch,
                Err(error) => break Err(error),
            };
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            if count > 0 {
                let (answer, answers) = sync_channel(1);
                // Either end is gone when nobody reads the output any more.
                if order.send(answers).is_err() || jobs.send((Batch { first, rows }, answer)).is_err() {
                    break Ok(());
                }
            }
            first += count;
            if is_end {
                break Ok(());
            }
        };
        drop(jobs);
        drop(order);
        let outcome = writer.join().unwrap_or(Outcome { worst: Verdict::Deny, unread: 1 });
        read.map(|()| outcome)
    })
}

/// Reads rows until a batch is full or nothing more has come. The second value: whether this was the end.
fn batch(input: &mut Source<impl Read>) -> std::io::Result<(Vec<Row>, bool)> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while rows.len() < BATCH_ROWS_MAX && bytes < BATCH_BYTES {
        let mut line = Vec::new();
        if !input.read_line(&mut line)? {
            return Ok((rows, true));
        }
        bytes += line.len();
        if line.len() > Limits::default().message_bytes_max {
            rows.push(Row::TooLong);
        } else if !line.trim_ascii().is_empty() {
            rows.push(Row::Line(line));
        }
        if !input.has_line() {
            break;
        }
    }
    Ok((rows, false))
}

impl<R: Read> Source<R> {
    /// An input of which these bytes were read before.
    pub(super) fn new(read: Vec<u8>, input: BufReader<R>) -> Self {
        Self { read: BufReader::with_capacity(BUFFER_BYTES, std::io::Cursor::new(read)), input, is_begun: false }
    }

    /// Reads one line without keeping more than a row may have, and a byte that says so. False at the end.
    fn read_line(&mut self, line: &mut Vec<u8>) -> std::io::Result<bool> {
        let limit = Limits::default().message_bytes_max;
        let mut any = false;
        loop {
            let buffer = match self.fill() {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if buffer.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(buffer.len(), |end| end + 1);
            let room = (limit + 1).saturating_sub(line.len());
            line.extend(buffer.iter().take(end.unwrap_or(taken).min(room)));
            if self.is_begun {
                self.input.consume(taken);
            } else {
                self.read.consume(taken);
            }
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    fn fill(&mut self) -> std::io::Result<&[u8]> {
        if !self.is_begun && self.read.fill_buf()?.is_empty() {
            self.is_begun = true;
        }
        if self.is_begun { self.input.fill_buf() } else { self.read.fill_buf() }
    }

    /// Whether another line has come already.
    fn has_line(&self) -> bool {
        self.read.buffer().contains(&b'\n') || self.input.buffer().contains(&b'\n')
    }
}

fn work(waiting: &Mutex<Receiver<Job>>, looking: &Looking, shape: &Shape, json: bool) {
    loop {
        let job = match waiting.lock() {
            Ok(waiting) => waiting.recv(),
            Err(_) => return,
        };
        let Ok((batch, answer)) = job else { return };
        // Whoever waited for it may have gone.
        let _unheard = answer.send(inspect(&batch, looking, shape, json));
    }
}

fn inspect(batch: &Batch, looking: &Looking, shape: &Shape, json: bool) -> Answers {
    let mut answers = Answers { lines: String::new(), outcome: Outcome { worst: Verdict::Allow, unread: 0 } };
    for (number, row) in (batch.first..).zip(&batch.rows) {
        let number = number.to_string();
        let subject = match row {
            Row::Line(line) => Subject::row(line, shape),
            Row::TooLong => Err((None, "the row is longer than what is read as one".to_owned())),
        };
        match subject {
            Ok(subject) => {
                let found = subject.inspect(&looking.registry, looking.tier.as_ref());
                answers.outcome.worst = answers.outcome.worst.max(found.action);
                let id = subject.id_or(&number);
                match json {
                    true => answers.lines.push_str(&report::json(&id, &found)),
                    false => answers.lines.push_str(&report::row(&id, &subject, &found, &looking.registry)),
                }
            }
            Err((id, error)) => {
                answers.outcome.unread += 1;
                let id = id.unwrap_or(number);
                match json {
                    true => answers.lines.push_str(&report::json_error(&id, &error)),
                    false => answers.lines.push_str(&report::row_error(&id, &error)),
                }
            }
        }
    }
    answers
}

/// Writes answers in the order of the rows.
fn write(ordered: &Receiver<Receiver<Answers>>) -> Outcome {
    let mut outcome = Outcome { worst: Verdict::Allow, unread: 0 };
    let mut output = std::io::stdout();
    while let Ok(answers) = ordered.recv() {
        let Ok(answers) = answers.recv() else {
            outcome.unread += 1;
            continue;
        };
        outcome.worst = outcome.worst.max(answers.outcome.worst);
        outcome.unread += answers.outcome.unread;
        if output.write_all(answers.lines.as_bytes()).and_then(|()| output.flush()).is_err() {
            break;
        }
    }
    outcome
}
