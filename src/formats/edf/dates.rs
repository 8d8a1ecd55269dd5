//! Days and times as EDF and EDF+ write them.

use jiff::civil::{Date, DateTime, Time};

use crate::formats::error::quoted;

/// dd.mm.yy and hh.mm.ss, the year from EDF+'s own date field where there is one (otherwise 1985 to
/// 2084). No zone anywhere.
pub(super) fn start_of(
    date: &str,
    time: &str,
    recording: Option<&str>,
    warnings: &mut Vec<String>,
) -> Option<DateTime> {
    let time =
        three(time).and_then(|[hour, minute, second]| Time::new(hour, minute, second, 0).ok());
    let stated = recording.and_then(|it| it.split_whitespace().nth(1));
    let short = three(date).and_then(|[day, month, year]| {
        let year = i16::from(year) + if year < 85 { 2000 } else { 1900 };
        Date::new(year, month, day).ok()
    });
    if let Some(text) = stated.filter(|text| *text != "X" && named_date(text).is_none())
        && recording.is_some_and(|it| it.starts_with("Startdate"))
    {
        warnings.push(format!(
            "the recording's start date {} is no day",
            quoted(text)
        ));
    }
    // From 2085 on EDF+ writes `yy` there.
    if short.is_none() && stated.and_then(named_date).is_none() {
        warnings.push(format!("the start date {} is no day", quoted(date)));
    }
    let date = match stated.and_then(named_date) {
        Some(long) => {
            if short.is_some_and(|it| it != long) {
                warnings.push(format!("two start dates, {long} in the recording field and {date} in the date field; the first was used"));
            }
            Some(long)
        }
        // 1 January 1985 at midnight is what anonymised files carry.
        None => short.filter(|it| {
            !(*it == jiff::civil::date(1985, 1, 1)
                && (stated == Some("X") || time == Some(Time::midnight())))
        }),
    };
    if time.is_none() {
        warnings.push("the start time is not readable".to_owned());
    }
    Some(date?.to_datetime(time?))
}

fn three(text: &str) -> Option<[i8; 3]> {
    let mut parts = text
        .split(['.', ':', '-', '/'])
        .map(|it| it.trim().parse::<i8>().ok().filter(|it| 0 <= *it));
    let all = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(all)
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// 02-MAR-2002.
pub(in crate::formats) fn named_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (day, month, year) = (
        parts.next()?.parse().ok()?,
        parts.next()?.to_uppercase(),
        parts.next()?.parse().ok()?,
    );
    let month = MONTHS.iter().position(|it| *it == month)? as i8 + 1;
    Date::new(year, month, day).ok()
}

/// The reverse of [`named_date`].
pub(super) fn date_text(date: Date) -> String {
    format!(
        "{:02}-{}-{:04}",
        date.day(),
        MONTHS[(date.month() - 1) as usize],
        date.year()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_they_are_read() {
        let mut date = jiff::civil::date(1899, 12, 20);
        while date.year() < 2102 {
            assert_eq!(named_date(&date_text(date)), Some(date));
            date = date.checked_add(jiff::Span::new().days(37)).unwrap();
        }
        assert_eq!(named_date("2-mar-2002"), named_date("02-MAR-2002"));
        for bad in ["", "02-MAR", "31-FEB-2002", "02-MRZ-2002", "X"] {
            assert_eq!(named_date(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn years_are_of_two_digits_unless_edf_plus_has_four() {
        let start = |date, recording| {
            let mut warnings = Vec::new();
            let start = start_of(date, "10.20.30", recording, &mut warnings);
            (start.map(|it| it.date()), warnings.len())
        };
        let day = |year, month, day| Some(jiff::civil::date(year, month, day));
        assert_eq!(start("02.03.84", None), (day(2084, 3, 2), 0));
        assert_eq!(start("02.03.85", None), (day(1985, 3, 2), 0));
        let plus = Some("Startdate 02-MAR-2102 X X X");
        assert_eq!(start("02.03.yy", plus), (day(2102, 3, 2), 0));
        let differing = start("05.03.02", plus);
        assert_eq!(differing, (day(2102, 3, 2), 1), "they differ");
        let hidden = Some("Startdate X X X X");
        let anonymised = start("01.01.85", hidden);
        assert_eq!(anonymised, (None, 0), "an anonymised file");
        assert_eq!(start("99.99.99", hidden).0, None);
    }
}
