//! The closed-loop load generator: one thread, N keep-alive connections, each with an MCP session of its own and one
//! call in flight. Every answer is compared with what was asked (status, id, text); what differs counts as an error and
//! not as a call. The next call leaves only after the answer, so that it measures what a target can do, not how it
//! breaks when flooded.

use std::io;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

use crate::connection::Connection;
use crate::histogram::Histogram;
use crate::session::{Endpoint, Session};
use crate::{http, mcp, process};

/// The first id of a call. All ids have the same number of digits, so that they can be written over in place.
const FIRST_ID: u64 = 100_000_000;
/// Without any answer for this long, a run is given up.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// What to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whom to ask.
    pub endpoint: Endpoint,
    /// How many connections, each with its session.
    pub connections: usize,
    /// The length of the text that goes there and back, in bytes.
    pub payload_bytes: usize,
    /// Calls for this long are made first and not counted.
    pub warm_up: Duration,
    /// When to stop.
    pub until: Until,
    /// The processes of the target, whose accounting is read at both ends of the measured time.
    pub watched: Vec<u32>,
}

/// When a run ends.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After this time.
    Elapsed(Duration),
    /// After this many calls.
    Calls(u64),
}

/// What was seen in the measured time.
#[derive(Debug, Clone)]
pub struct Report {
    /// Answers that were right.
    pub calls: u64,
    /// Answers that were not, and connections that broke.
    pub errors: u64,
    /// The first error in words.
    pub first_error: Option<String>,
    /// Right answers per second.
    pub rate: f64,
    /// Half of the calls took at most this long, in microseconds.
    pub p50_us: f64,
    /// 99 of 100 calls took at most this long, in microseconds.
    pub p99_us: f64,
    /// Processor time of the watched processes per call, in microseconds; `None` if none is watched.
    pub cpu_us: Option<f64>,
    /// The most memory that the watched processes had resident, summed, in KiB; `None` if none is watched.
    pub peak_kib: Option<u64>,
}

/// One connection with the call that is under way on it.
struct Caller {
    connection: Connection,
    session: String,
    text: String,
    /// Where the id stands in the output buffer.
    id_at: usize,
    id: u64,
    asked: Instant,
}

/// The state of a run.
struct Run {
    callers: Vec<Option<Caller>>,
    histogram: Histogram,
    errors: u64,
    first_error: Option<String>,
    in_flight: usize,
    /// False once no further call may leave.
    sending: bool,
}

/// Opens the sessions, makes the calls, closes the sessions.
///
/// # Errors
/// When a session cannot be opened or the kernel's readiness queue fails. Failing calls are counted instead.
pub fn run(settings: &Settings) -> io::Result<Report> {
    prepare(settings)?.go()
}

/// Sessions that are open, on which no call was made yet.
pub struct Prepared {
    poll: Poll,
    run: Run,
    settings: Settings,
}

/// Opens the sessions only, for loads that begin together.
///
/// # Errors
/// When a session cannot be opened or the kernel's readiness queue fails.
pub fn prepare(settings: &Settings) -> io::Result<Prepared> {
    let poll = Poll::new()?;
    let mut callers = Vec::with_capacity(settings.connections);
    for place in 0..settings.connections {
        let mut caller = Caller::open(settings, place)?;
        poll.registry().register(caller.connection.stream(), Token(place), Interest::READABLE | Interest::WRITABLE)?;
        callers.push(Some(caller));
    }
    let run =
        Run { callers, histogram: Histogram::default(), errors: 0, first_error: None, in_flight: 0, sending: true };
    Ok(Prepared { poll, run, settings: settings.clone() })
}

impl Prepared {
    /// Makes the calls and closes the sessions.
    ///
    /// # Errors
    /// When the kernel's readiness queue fails. Failing calls are counted instead.
    pub fn go(self) -> io::Result<Report> {
        let Self { mut poll, mut run, settings } = self;
        for place in 0..settings.connections {
            run.ask(place);
        }
        run.work(&mut poll, Until::Elapsed(settings.warm_up))?;
        run.histogram = Histogram::default();
        let cpu_before = process::processor_time_of_all(&settings.watched);
        let started = Instant::now();
        run.work(&mut poll, settings.until)?;
        let elapsed = started.elapsed();
        let cpu = process::processor_time_of_all(&settings.watched).saturating_sub(cpu_before);
        let report = run.report(elapsed, cpu, &settings.watched);
        run.close(&mut poll, &settings.endpoint)?;
        Ok(report)
    }
}

impl Run {
    /// Handles events until the time or the number of calls is reached, or nothing can come any more.
    fn work(&mut self, poll: &mut Poll, until: Until) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let started = Instant::now();
        let mut last_answer = started;
        loop {
            let now = Instant::now();
            let is_over = match until {
                Until::Elapsed(time) => now.duration_since(started) >= time,
                Until::Calls(calls) => self.histogram.total() >= calls,
            };
            if is_over || self.in_flight == 0 {
                return Ok(());
            }
            if now.duration_since(last_answer) > SILENCE_MAX {
                self.fail(format!("no answer for {} seconds", SILENCE_MAX.as_secs()));
                self.in_flight = 0;
                return Ok(());
            }
            if let Err(error) = poll.poll(&mut events, Some(Duration::from_millis(50)))
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
            for event in &events {
                let answered = self.advance(event.token().0, event.is_readable(), event.is_read_closed());
                if answered {
                    last_answer = Instant::now();
                }
            }
        }
    }

    /// Goes on with one connection; says whether an answer came.
    fn advance(&mut self, place: usize, readable: bool, peer_ended: bool) -> bool {
        let Some(Some(caller)) = self.callers.get_mut(place) else { return false };
        let outcome = if readable { caller.read_answer(peer_ended) } else { caller.connection.flush().map(|()| None) };
        match outcome {
            Ok(None) => false,
            Ok(Some(verdict)) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                match verdict {
                    Ok(()) => self.histogram.add(caller.asked.elapsed()),
                    Err(wrong) => self.fail(wrong),
                }
                if self.sending {
                    self.ask(place);
                }
                true
            }
            Err(error) => {
                self.lose(place, &error);
                false
            }
        }
    }

    /// Sends the next call on a connection.
    fn ask(&mut self, place: usize) {
        let Some(Some(caller)) = self.callers.get_mut(place) else { return };
        self.in_flight += 1;
        if let Err(error) = caller.ask() {
            self.lose(place, &error);
        }
    }

    /// Gives a connection up.
    fn lose(&mut self, place: usize, error: &io::Error) {
        if let Some(slot) = self.callers.get_mut(place) {
            *slot = None;
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        self.fail(format!("a connection broke: {error}"));
    }

    /// Counts an error and keeps the first in words.
    fn fail(&mut self, wrong: String) {
        self.errors += 1;
        self.first_error.get_or_insert(wrong);
    }

    /// The figures of the measured time.
    fn report(&self, elapsed: Duration, cpu: Duration, watched: &[u32]) -> Report {
        let calls = self.histogram.total();
        let is_watched = !watched.is_empty();
        let per_call = cpu.as_secs_f64() * 1e6 / calls.max(1) as f64;
        Report {
            calls,
            errors: self.errors,
            first_error: self.first_error.clone(),
            rate: calls as f64 / elapsed.as_secs_f64(),
            p50_us: self.histogram.percentile_us(0.5),
            p99_us: self.histogram.percentile_us(0.99),
            cpu_us: is_watched.then_some(per_call),
            peak_kib: is_watched.then(|| watched.iter().filter_map(|&pid| process::peak_memory_kib(pid)).sum()),
        }
    }

    /// Waits for the calls that are under way, then ends every session.
    fn close(mut self, poll: &mut Poll, endpoint: &Endpoint) -> io::Result<()> {
        self.sending = false;
        self.work(poll, Until::Elapsed(SILENCE_MAX))?;
        for caller in self.callers.into_iter().flatten() {
            if let Ok(stream) = caller.connection.into_blocking() {
                Session { stream, id: caller.session }.close(endpoint);
            }
        }
        Ok(())
    }
}

impl Caller {
    /// Opens a session and prepares the call that will be made on it again and again.
    fn open(settings: &Settings, place: usize) -> io::Result<Self> {
        let session = Session::open(&settings.endpoint)?;
        session.stream.set_nonblocking(true)?;
        let text = mcp::payload(place, settings.payload_bytes);
        let body = mcp::call(FIRST_ID, &text);
        let head = settings.endpoint.post_head(Some(&session.id), body.len());
        let id_at = head.len() + body.find(&FIRST_ID.to_string()).unwrap_or_default();
        let mut connection = Connection::new(mio::net::TcpStream::from_std(session.stream))?;
        connection.parts().1.extend_from_slice((head + &body).as_bytes());
        Ok(Self { connection, session: session.id, text, id_at, id: FIRST_ID, asked: Instant::now() })
    }

    /// Writes the next id over the last one and sends.
    fn ask(&mut self) -> io::Result<()> {
        self.id += 1;
        let digits = self.id.to_string();
        if let Some(place) = self.connection.parts().1.get_mut(self.id_at..self.id_at + digits.len()) {
            place.copy_from_slice(digits.as_bytes());
        }
        self.connection.rewind();
        self.asked = Instant::now();
        self.connection.flush()
    }

    /// Reads on; once the answer is complete, says whether it is the right one.
    fn read_answer(&mut self, peer_ended: bool) -> io::Result<Option<Result<(), String>>> {
        self.connection.flush()?;
        let filled = self.connection.fill(peer_ended);
        let (input, _) = self.connection.parts();
        let Some(answer) = http::read(input).map_err(io::Error::other)? else { return filled.map(|()| None) };
        let verdict = if answer.status() == 200 {
            mcp::check_answer(&answer.body, &self.id.to_string(), &self.text).map_err(|wrong| {
                let body = answer.body.get(..300).unwrap_or(&answer.body);
                format!("{wrong}: {}", String::from_utf8_lossy(body))
            })
        } else {
            let body = answer.body.get(..300).unwrap_or(&answer.body);
            Err(format!("status {}: {}", answer.status(), String::from_utf8_lossy(body)))
        };
        let consumed = answer.consumed;
        self.connection.consume(consumed);
        Ok(Some(verdict))
    }
}

#[cfg(test)]
mod tests;
