//! Time and randomness of the ledger, as arguments, and how they are written. Nothing else in this crate reads a clock
//! or asks the operating system for random bytes, so that a test can decide both.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Tells the time.
pub trait Clock: Send + fmt::Debug {
    /// The time since 1970-01-01T00:00:00Z. It may jump back: the order of records is their sequence number.
    fn now(&self) -> Duration;
}

/// Gives random bytes.
pub trait Randomness: Send + fmt::Debug {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// The source has failed.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// Where the bytes of a ledger file go. One implementation is the file; tests have others, whose writes fail.
pub trait Store: Send + Sync + fmt::Debug {
    /// Writes some of the bytes at the end and says how many.
    ///
    /// # Errors
    /// What the system says.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Returns when all that was written is on the disk.
    ///
    /// # Errors
    /// What the system says.
    fn sync(&self) -> io::Result<()>;
}

/// What the ledger takes from outside.
pub struct Parts {
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// The source of the genesis nonce, of file names, and of the fixed part of record ids.
    pub randomness: Box<dyn Randomness>,
    /// Makes the store of a newly created file.
    pub store: Box<dyn Fn(File) -> Arc<dyn Store> + Send>,
}

impl Parts {
    /// The system's clock, randomness and files.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Box::new(SystemClock), randomness: Box::new(SystemRandomness), store: Box::new(file_store) }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("clock", &self.clock)
            .field("randomness", &self.randomness)
            .finish_non_exhaustive()
    }
}

/// The system's real-time clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        // A clock before 1970 is a machine without a clock: records say 1970, and their order is the sequence number.
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO)
    }
}

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
    }
}

/// A store that is the file itself.
#[must_use]
pub fn file_store(file: File) -> Arc<dyn Store> {
    Arc::new(FileStore(file))
}

#[derive(Debug)]
struct FileStore(File);

impl Store for FileStore {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        (&self.0).write(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Writes times as RFC 3339 in UTC with nanoseconds (30 bytes). Keeps the part down to the second, since many records
/// share it.
#[derive(Debug, Default)]
pub(crate) struct TimeText {
    second: u64,
    prefix: String,
}

impl TimeText {
    /// Appends the text of `now` to `out`.
    pub(crate) fn write(&mut self, now: Duration, out: &mut Vec<u8>) {
        if self.prefix.is_empty() || self.second != now.as_secs() {
            self.second = now.as_secs();
            let moment = Moment::at(now);
            self.prefix = format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.",
                moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second
            );
        }
        out.extend_from_slice(self.prefix.as_bytes());
        let mut digits = [b'0'; 9];
        let mut rest = now.subsec_nanos();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        out.extend_from_slice(&digits);
        out.push(b'Z');
    }
}

/// The time as it stands in a file's name: `20260728T120000Z`.
pub(crate) fn compact(now: Duration) -> String {
    let moment = Moment::at(now);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second
    )
}

/// A time in the Gregorian calendar, UTC.
struct Moment {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Moment {
    /// Years end at 9999 so that the text keeps its length.
    fn at(now: Duration) -> Self {
        const LAST_SECOND: u64 = 253_402_300_799;
        let seconds = now.as_secs().min(LAST_SECOND);
        let (days, of_day) = (seconds / 86_400, seconds % 86_400);
        // Counted in eras of 400 years that begin on 1 March, so that the leap day is the last of its year.
        let shifted = days + 719_468;
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        Self { year, month, day, hour: of_day / 3600, minute: of_day / 60 % 60, second: of_day % 60 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seconds: u64, nanos: u32) -> String {
        let mut out = Vec::new();
        TimeText::default().write(Duration::new(seconds, nanos), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_are_written_as_the_calendar_says() {
        // Each pair was computed by `date -u -d @N`.
        assert_eq!(text(0, 0), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(text(951_782_400, 7), "2000-02-29T00:00:00.000000007Z");
        assert_eq!(text(4_107_542_399, 999_999_999), "2100-02-28T23:59:59.999999999Z");
        assert_eq!(text(4_107_542_400, 0), "2100-03-01T00:00:00.000000000Z");
        assert_eq!(text(1_785_240_000, 120_000_000), "2026-07-28T12:00:00.120000000Z");
        assert_eq!(text(u64::MAX, 0), "9999-12-31T23:59:59.000000000Z");
        assert_eq!(compact(Duration::from_secs(1_785_240_000)), "20260728T120000Z");
    }

    #[test]
    fn the_kept_prefix_never_outlives_its_second() {
        let mut writer = TimeText::default();
        let mut out = Vec::new();
        for seconds in [59, 60, 59] {
            writer.write(Duration::from_secs(seconds), &mut out);
        }
        assert_eq!(out, b"1970-01-01T00:00:59.000000000Z1970-01-01T00:01:00.000000000Z1970-01-01T00:00:59.000000000Z");
    }
}
