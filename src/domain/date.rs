use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// The last second of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// A day of the Gregorian calendar, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u64,
    month: u64,
    day: u64,
}

impl Date {
    /// Parses `YYYY-MM-DD`; `None` for a day that is not in the calendar.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
        };
        let date = Self { year: number(4)?, month: number(2)?, day: number(2)? };
        let valid = parts.next().is_none() && (1..=date.days_of_month()?).contains(&date.day);
        valid.then_some(date)
    }

    /// Today.
    pub fn today() -> Self {
        Self::of_seconds(now())
    }

    /// The day that some seconds after the beginning of 1970 are on, UTC. After the year 9999 the last day of that.
    pub fn of_seconds(seconds: u64) -> Self {
        let mut left = seconds.min(LAST_SECOND) / 86_400;
        let mut date = Self { year: 1970, month: 1, day: 1 };
        while let Some(days) = date.days_of_month() {
            if left < days {
                date.day += left;
                break;
            }
            left -= days;
            date.month += 1;
            if date.month > 12 {
                date = Self { year: date.year + 1, month: 1, day: 1 };
            }
        }
        date
    }

    fn days_of_month(self) -> Option<u64> {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
            4 | 6 | 9 | 11 => Some(30),
            2 => Some(if leap { 29 } else { 28 }),
            _ => None,
        }
    }
}

/// The seconds since 1970, now.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A time in seconds since 1970 as `2026-01-02T03:04:05Z`.
pub fn timestamp(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{}T{hours:02}:{minutes:02}:{:02}Z", Date::of_seconds(seconds), seconds % 60)
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar() {
        assert_eq!(Date::parse("2028-02-29").unwrap().to_string(), "2028-02-29");
        for text in
            ["2027-02-29", "2027-13-01", "2027-00-01", "2027-1-1", "27-01-01", "2027-01-01x", "2027-01-00"]
        {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(timestamp(1_767_322_995), "2026-01-02T03:03:15Z");
        assert!(Date::today() > Date::parse("2025-12-31").unwrap());
    }
}
