//! Dates and times as medical files write them. Zones are dropped: a start is local wall-clock time.

use jiff::{
    SignedDuration,
    civil::{Date, DateTime, Time},
};

/// `YYYYMMDDHHMM[SS[.fraction]][±ZZZZ]` of HL7 and DICOM. A day alone is no time.
pub(super) fn compact(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let end = text.find(['+', '-']).unwrap_or(text.len());
    let (whole, fraction) = text[..end].split_once('.').unwrap_or((&text[..end], ""));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) || whole.len() < 12 {
        return None;
    }
    let date = compact_date(whole.get(..8)?)?;
    Some(date.to_datetime(compact_time(whole.get(8..)?, fraction)?))
}

/// `YYYYMMDD`, and `YYYY.MM.DD` of old DICOM.
pub(super) fn compact_date(text: &str) -> Option<Date> {
    let digits: String = text.trim().split('.').collect();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(
        digits[..4].parse().ok()?,
        digits[4..6].parse().ok()?,
        digits[6..].parse().ok()?,
    )
    .ok()
}

/// `HHMM[SS]` with the digits after the point apart.
pub(super) fn compact_time(whole: &str, fraction: &str) -> Option<Time> {
    let pair = |at: usize| -> Option<i8> {
        match whole.get(at..at + 2) {
            Some(digits) => digits.parse().ok(),
            None if whole.len() <= at => Some(0),
            None => None,
        }
    };
    let nanoseconds = format!("{:0<9.9}", fraction).parse().ok()?;
    Time::new(pair(0)?, pair(2)?, pair(4)?.min(59), nanoseconds).ok()
}

/// ISO 8601, with a blank or `T` between date and time, with or without a zone.
pub(super) fn iso(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', ' '])?.trim();
    let end = rest.find(['+', '-', 'Z', ' ']).unwrap_or(rest.len());
    let time: Time = rest[..end].parse().ok()?;
    Some(date.parse::<Date>().ok()?.to_datetime(time))
}

/// Day, month and year from three numbers, in the order that `order` gives their places.
pub(super) fn parted(text: &str, [day, month, year]: [usize; 3]) -> Option<Date> {
    let parts: Vec<&str> = text.trim().split(['-', '/', '.']).collect();
    let [_, _, _] = parts.as_slice() else {
        return None;
    };
    Date::new(
        parts[year].parse().ok()?,
        parts[month].parse().ok()?,
        parts[day].parse().ok()?,
    )
    .ok()
}

/// `HH:MM[:SS[.fraction]]`.
pub(super) fn clock(text: &str) -> Option<Time> {
    let mut parts = text.trim().split(':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (second, fraction) = match parts.next() {
        Some(rest) => rest.split_once('.').unwrap_or((rest, "")),
        None => ("0", ""),
    };
    let nanoseconds = format!("{:0<9.9}", fraction).parse().ok()?;
    Time::new(hour, minute, second.parse().ok()?, nanoseconds).ok()
}

/// So many seconds after a start; `None` beyond the calendar.
pub(super) fn later(start: Option<DateTime>, seconds: f64) -> Option<DateTime> {
    let span = SignedDuration::try_from_secs_f64(seconds).ok()?;
    start?.checked_add(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Option<DateTime>, expected: &str) {
        assert_eq!(
            found.map_or_else(String::new, |time| time.to_string()),
            expected
        );
    }

    #[test]
    fn times_found_in_files() {
        check(compact("20021122091000"), "2002-11-22T09:10:00");
        check(compact("20021122091000.25-0500"), "2002-11-22T09:10:00.25");
        check(compact("200211220910"), "2002-11-22T09:10:00");
        check(compact("20021122"), "");
        check(
            compact("2002112209100000000000000000"),
            "2002-11-22T09:10:00",
        );
        check(compact("xx"), "");
        check(
            iso("2016-06-01T18:15:25.777-04:00"),
            "2016-06-01T18:15:25.777",
        );
        check(iso("2018-10-10T11:13:11-0700"), "2018-10-10T11:13:11");
        check(iso("2014-05-08 05:05:15"), "2014-05-08T05:05:15");
        check(iso("2026-03-14 09:15:00 -0400"), "2026-03-14T09:15:00");
        check(iso("2026-03-14"), "");
        check(iso("äääääääääää"), "");
    }

    #[test]
    fn days_and_clocks() {
        let us = parted("11-30-2024", [1, 0, 2]);
        assert_eq!(us, Date::new(2024, 11, 30).ok());
        assert_eq!(parted("30.11.2024", [0, 1, 2]), us);
        assert_eq!(parted("2024", [0, 1, 2]), None);
        assert_eq!(clock("9:15").map(|time| time.hour()), Some(9));
        assert_eq!(
            clock("10:35:17.5").map(|time| time.subsec_nanosecond()),
            Some(500_000_000)
        );
        assert_eq!(clock("25:00"), None);
    }
}
