//! The record line of a `.hea` file: what the record is as a whole.

use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};

use super::fault::fault;
use crate::formats::{FormatError, edf::named_date, error::quoted};

/// `name[/segments] signals [rate[/counter[(base)]] [samples [time [date]]]]`.
#[derive(Clone, Debug)]
pub(super) struct RecordLine {
    /// Of a record of several segments, whose lines follow.
    pub n_segments: Option<usize>,
    pub n_signals: usize,
    pub rate_hz: f64,
    /// Samples per signal, where stated.
    pub n_samples: Option<u64>,
    pub start: Option<DateTime>,
    /// That a start is stated and cannot be read.
    pub warning: Option<String>,
}

impl RecordLine {
    pub fn parse(number: usize, line: &str) -> Result<Self, FormatError> {
        let mut parts = line.split_whitespace();
        let name = parts.next().unwrap_or_default();
        // A slash before anything but a number belongs to a folder.
        let n_segments = name.rsplit_once('/').map(|(_, count)| count);
        let n_segments = n_segments.filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
        let n_segments = n_segments.map(|it| count(number, "number of segments", it));
        let n_signals = parts.next().unwrap_or("nothing");
        let rate = parts.next().unwrap_or("250");
        let n_samples = parts.next();
        let n_samples = n_samples.map(|it| count(number, "number of samples", it));
        let [time, date] = [parts.next(), parts.next()];
        // PhysioNet challenge headers write the date before the time.
        let start = start(time, date).or_else(|| start(date, time));
        let unread = time.zip(date).filter(|_| start.is_none());
        Ok(Self {
            n_segments: n_segments.transpose()?,
            n_signals: count(number, "number of signals", n_signals)?,
            rate_hz: rate_hz(rate).ok_or_else(|| fault(number, "rate", rate, "Hz above 0"))?,
            n_samples: n_samples.transpose()?.filter(|it| 0 < *it),
            start,
            warning: unread.map(|(time, date)| {
                let stated = quoted(&format!("{time} {date}"));
                format!("start time {stated} is not readable")
            }),
        })
    }
}

fn count<T: FromStr>(number: usize, what: &str, text: &str) -> Result<T, FormatError> {
    let found = text.parse();
    found.map_err(|_| fault(number, what, text, "a number"))
}

/// The rate before the counter's.
fn rate_hz(text: &str) -> Option<f64> {
    let rate = text.split('/').next()?.parse().ok();
    rate.filter(|hz: &f64| hz.is_finite() && 0.0 < *hz)
}

fn start(time: Option<&str>, date: Option<&str>) -> Option<DateTime> {
    Some(calendar(date?)?.to_datetime(clock(time?)?))
}

/// `HH:MM:SS[.fraction]`; fewer parts count from the right, as WFDB has it.
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.rsplit(':');
    let seconds: f64 = parts.next()?.parse().ok()?;
    let minutes: i8 = parts.next().map_or(Some(0), |it| it.parse().ok())?;
    let hours: i8 = parts.next().map_or(Some(0), |it| it.parse().ok())?;
    if parts.next().is_some() || !(0.0..60.0).contains(&seconds) {
        return None;
    }
    let nanoseconds = ((seconds.fract() * 1e9).round() as i32).min(999_999_999);
    Time::new(hours, minutes, seconds as i8, nanoseconds).ok()
}

/// `DD/MM/YYYY`, `12-May-2020`, or `2020-05-12`.
fn calendar(text: &str) -> Option<Date> {
    if let Some(named) = named_date(text) {
        return Some(named);
    }
    if let Ok(iso) = text.parse::<Date>() {
        return Some(iso);
    }
    let mut parts = text.split('/');
    let (day, month, year) = (
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    parts
        .next()
        .is_none()
        .then(|| Date::new(year, month, day).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_lines_found_in_files() {
        let header = RecordLine::parse(1, "A0002 12 500 5000 12-May-2020 12:33:59").unwrap();
        assert_eq!(header.start.unwrap().to_string(), "2020-05-12T12:33:59");
        let header = RecordLine::parse(1, "100 2 360/1(0) 650000 0:0:0.5 24/12/2019").unwrap();
        assert_eq!(
            (header.rate_hz, header.start.unwrap().to_string().as_str()),
            (360.0, "2019-12-24T00:00:00.5")
        );
        let header = RecordLine::parse(1, "A00001 1 300 2700 2014-05-08 05:05:15").unwrap();
        assert_eq!(header.start.unwrap().to_string(), "2014-05-08T05:05:15");
        assert!(
            RecordLine::parse(1, "folder/rec 2")
                .unwrap()
                .n_segments
                .is_none()
        );
        assert_eq!(RecordLine::parse(1, "s/3 2").unwrap().rate_hz, 250.0);
        assert!(
            RecordLine::parse(1, "x twelve").is_err() && RecordLine::parse(1, "x 1 nan").is_err()
        );
    }
}
