//! Time windows: on which days and between which times of day, in which zone.
//!
//! The rules of zones are built in (the IANA database of the crate `jiff`), so that every machine agrees; the moment is
//! an argument. It never reads a clock and never asks the system for its zone.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Days and times of day in one zone.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    days: Days,
    hours: Hours,
    zone: TimeZone,
}

/// Some days of the week: bit 0 is Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days(u8);

/// A part of the day, from its first minute on, up to and without its last; over midnight when it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours {
    /// Minutes since midnight.
    from: u16,
    /// Minutes since midnight, up to 1440.
    to: u16,
}

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;

/// The names of days as they stand in policies, Monday first.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Days {
    /// Every day.
    pub(crate) const ALL: Self = Self(0b111_1111);

    /// Reads `mon`, or `mon-fri`, which may lead over Sunday.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let day = |name: &str| DAYS.iter().position(|day| *day == name);
        let Some((first, last)) = text.split_once('-') else { return day(text).map(|day| Self(1 << day)) };
        let (first, last) = (day(first)?, day(last)?);
        let count = (last + 7 - first) % 7;
        Some((0..=count).fold(Self(0), |days, step| days.with(Self(1 << ((first + step) % 7)))))
    }

    /// These days and those.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}

impl Hours {
    /// The whole day.
    pub(crate) const ALL: Self = Self { from: 0, to: DAY_MINUTES };

    /// From one minute of the day up to another; the same minute twice is no time at all and `None`.
    pub(crate) fn between(from: u16, to: u16) -> Option<Self> {
        (from != to && from < DAY_MINUTES && to <= DAY_MINUTES).then_some(Self { from, to })
    }
}

/// Reads `08:30` into minutes since midnight; `24:00` is the end of the day.
pub(crate) fn read_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let is_plain = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(hour) || !is_plain(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MINUTES).then_some(total)
}

/// The zone of this name in the IANA database, for instance `Europe/Zurich` or `UTC`.
pub(crate) fn read_zone(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    TimeZoneDatabase::bundled().get(name).ok()
}

impl Window {
    pub(crate) const fn new(days: Days, hours: Hours, zone: TimeZone) -> Self {
        Self { days, hours, zone }
    }

    /// Whether the moment lies within; `None` when it is no moment of the calendar.
    pub(crate) fn holds(&self, seconds: i64) -> Option<bool> {
        let local = self.zone.to_datetime(Timestamp::from_second(seconds).ok()?);
        let minute = minute_of(local.time());
        let Hours { from, to } = self.hours;
        if from < to {
            return Some((from..to).contains(&minute) && self.days.has(local.date().weekday()));
        }
        // Over midnight: the morning belongs to the day on which the window began.
        let began = if minute >= from {
            Some(local.date().weekday())
        } else if minute < to {
            Some(yesterday(local.date()))
        } else {
            None
        };
        Some(began.is_some_and(|day| self.days.has(day)))
    }
}

fn yesterday(date: Date) -> Weekday {
    date.weekday().previous()
}

fn minute_of(time: Time) -> u16 {
    let part = |part: i8| u16::try_from(part).unwrap_or_default();
    part(time.hour()) * 60 + part(time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &str, from: &str, to: &str, zone: &str) -> Window {
        let hours = Hours::between(read_minute(from).unwrap(), read_minute(to).unwrap()).unwrap();
        Window::new(Days::read(days).unwrap(), hours, read_zone(zone).unwrap())
    }

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn a_window_knows_its_days_its_hours_and_its_zone() {
        let work = window("mon-fri", "08:00", "18:00", "Europe/Zurich");
        // 2026-11-20 is a Friday; in winter Zurich is an hour ahead, in summer two.
        assert_eq!(work.holds(at("2026-11-20T06:59:59Z")), Some(false));
        assert_eq!(work.holds(at("2026-11-20T07:00:00Z")), Some(true));
        assert_eq!(work.holds(at("2026-11-20T17:00:00Z")), Some(false), "the last minute is out");
        assert_eq!(work.holds(at("2026-11-21T10:00:00Z")), Some(false), "a Saturday");
        assert_eq!(work.holds(at("2026-07-01T06:30:00Z")), Some(true), "summer time");
        assert_eq!(work.holds(i64::MAX), None);
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_it_began_on() {
        let night = window("fri", "22:00", "06:00", "UTC");
        assert_eq!(night.holds(at("2026-11-20T21:59:00Z")), Some(false));
        assert_eq!(night.holds(at("2026-11-20T22:00:00Z")), Some(true));
        assert_eq!(night.holds(at("2026-11-21T05:59:00Z")), Some(true), "Friday's night");
        assert_eq!(night.holds(at("2026-11-21T22:30:00Z")), Some(false), "Saturday's");
        assert_eq!(night.holds(at("2026-11-20T05:00:00Z")), Some(false), "Thursday's");
    }

    #[test]
    fn days_and_times_are_read_strictly() {
        assert_eq!(Days::read("sat-mon"), Some(Days(0b110_0001)));
        assert_eq!(Days::read("mon-sun"), Some(Days::ALL));
        for wrong in ["", "monday", "mon-", "mon-fri-sat", "Mon"] {
            assert_eq!(Days::read(wrong), None, "{wrong}");
        }
        assert_eq!(read_minute("24:00"), Some(1440));
        for wrong in ["24:01", "8:00", "08:60", "+8:00", "08:00:00", ""] {
            assert_eq!(read_minute(wrong), None, "{wrong}");
        }
        assert!(read_zone("Europe/Zurich").is_some());
        assert!(read_zone("Europe/Zürich").is_none());
        assert!(Hours::between(60, 60).is_none());
    }
}
