//! What SCP-ECG says of patient, device and findings: sections 1, 7 and 8.

use jiff::civil::{Date, DateTime, Time};

use crate::{
    ecg::{Filters, Patient, Sex},
    formats::{
        FormatError,
        cart::{Measurement, Quantity},
        cursor::Cursor,
        text,
    },
};

/// Section 1.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub patient: Patient,
    pub device: Option<String>,
    pub start: Option<DateTime>,
    pub filters: Filters,
    pub notes: Vec<String>,
}

impl Header {
    /// Tags, each with its length; the last is 255.
    pub fn read(cursor: &mut Cursor) -> Result<Self, FormatError> {
        let mut out = Self::default();
        let (mut names, mut date, mut time) = ([None, None], None, None);
        while 3 <= cursor.rest().len() {
            let tag = cursor.u8("tag")?;
            let length = cursor.u16("length of a tag")?;
            let value = cursor.take(usize::from(length), "value of a tag")?;
            let number = value.first_chunk().map(|two| u16::from_le_bytes(*two));
            match tag {
                0 => names[0] = words(value),
                1 => names[1] = words(value),
                2 => out.patient.id = words(value),
                4 => out.patient.age_years = age(value),
                5 => out.patient.birth_date = day(value),
                8 => {
                    out.patient.sex = match value.first() {
                        Some(1) => Some(Sex::Male),
                        Some(2) => Some(Sex::Female),
                        _ => None,
                    }
                }
                14 => out.device = device(value),
                25 => date = day(value),
                26 => time = clock(value),
                27 => out.filters.high_pass_hz = number.map(|it| f64::from(it) / 100.0),
                28 => out.filters.low_pass_hz = number.map(f64::from),
                29 => {
                    out.filters.notch_hz = match value.first().map_or(0, |bits| bits & 3) {
                        1 => Some(60.0),
                        2 => Some(50.0),
                        _ => None,
                    }
                }
                30 => out.notes.extend(words(value)),
                255 => break,
                _ => {}
            }
        }
        let positive = |hz: Option<f64>| hz.filter(|hz| 0.0 < *hz);
        out.filters.high_pass_hz = positive(out.filters.high_pass_hz);
        out.filters.low_pass_hz = positive(out.filters.low_pass_hz);
        out.start = date
            .zip(time)
            .map(|(date, time): (Date, Time)| date.to_datetime(time));
        let [family, given] = names;
        out.patient.name = Patient::full_name(family.as_deref(), given.as_deref());
        Ok(out)
    }
}

/// Text up to the first NUL.
fn words(value: &[u8]) -> Option<String> {
    let end = value
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(value.len());
    let decoded = text::decode(&value[..end]).0;
    Some(decoded.trim().to_owned()).filter(|words| !words.is_empty())
}

fn day(value: &[u8]) -> Option<Date> {
    let [a, b, month, day] = *value.first_chunk()?;
    let year = i16::try_from(u16::from_le_bytes([a, b])).ok()?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn clock(value: &[u8]) -> Option<Time> {
    let [hour, minute, second] = value.first_chunk::<3>()?.map(i8::try_from);
    Time::new(hour.ok()?, minute.ok()?, second.ok()?, 0).ok()
}

/// Years, months, weeks, days or hours.
fn age(value: &[u8]) -> Option<f64> {
    let [a, b, unit] = *value.first_chunk()?;
    let per_year = match unit {
        1 => 1.0,
        2 => 12.0,
        3 => 52.18,
        4 => 365.25,
        5 => 8766.0,
        _ => return None,
    };
    Some(f64::from(u16::from_le_bytes([a, b])) / per_year).filter(|years| 0.0 < *years)
}

/// The model, and the texts behind the fixed fields: programs, serial number, maker.
fn device(value: &[u8]) -> Option<String> {
    let model = value.get(8..14).and_then(words);
    let tail = value.get(36..).unwrap_or_default();
    let texts = tail
        .split(|byte| *byte == 0)
        .filter_map(words)
        .filter(|text| {
            text.chars()
                .all(|it| it == ' ' || it.is_alphanumeric() || it.is_ascii_punctuation())
        });
    let all: Vec<String> = model.into_iter().chain(texts).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// Section 7: the first block of measurements is that of the reference beat.
pub(super) fn measurements(cursor: &mut Cursor) -> Result<Vec<Measurement>, FormatError> {
    cursor.u8("number of beats")?;
    cursor.u8("number of spikes")?;
    let rr = f64::from(cursor.u16("RR interval")?);
    cursor.u16("PP interval")?;
    let mut marks = [0.0; 5];
    for mark in &mut marks {
        *mark = f64::from(cursor.u16("mark of a wave")?);
    }
    let [p_on, p_off, qrs_on, qrs_off, t_off] = marks;
    let mut axes = [0.0; 3];
    for axis in &mut axes {
        *axis = f64::from(cursor.i16("axis")?);
    }
    // 29999 stands for "not measured"; 999 for an axis.
    let span = |from: f64, to: f64| {
        if from < 10_000.0 && to < 10_000.0 {
            to - from
        } else {
            0.0
        }
    };
    let all = [
        (Quantity::HeartRate, 60_000.0 / rr),
        (Quantity::RrInterval, rr),
        (Quantity::PDuration, span(p_on, p_off)),
        (Quantity::PrInterval, span(p_on, qrs_on)),
        (Quantity::QrsDuration, span(qrs_on, qrs_off)),
        (Quantity::QtInterval, span(qrs_on, t_off)),
        (Quantity::PAxis, axes[0]),
        (Quantity::QrsAxis, axes[1]),
        (Quantity::TAxis, axes[2]),
    ];
    Ok(all
        .into_iter()
        .filter(|(_, value)| value.is_finite())
        .filter_map(|(quantity, value)| Measurement::sound(quantity, value))
        .filter(|it| it.quantity != Quantity::HeartRate || rr < 10_000.0)
        .collect())
}

/// Section 8: statements of the device or of a reader.
pub(super) fn statements(cursor: &mut Cursor) -> Result<Vec<String>, FormatError> {
    cursor.take(8, "state and date of the report")?;
    let count = cursor.u8("number of statements")?;
    let mut out = Vec::new();
    for _ in 0..count {
        cursor.u8("number of a statement")?;
        let length = cursor.u16("length of a statement")?;
        let value = cursor.take(usize::from(length), "a statement")?;
        out.extend(words(value).map(|words| format!("the device's statement: {words}")));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_section_1() {
        let mut bytes = Vec::new();
        let mut tag = |number: u8, value: &[u8]| {
            bytes.push(number);
            bytes.extend((value.len() as u16).to_le_bytes());
            bytes.extend(value);
        };
        tag(0, b"M\xfcller\0");
        tag(1, b"Ada\0");
        tag(4, &[6, 0, 2]);
        tag(5, &[0xa1, 0x07, 5, 8]);
        tag(8, &[2]);
        tag(25, &[0xd2, 0x07, 11, 22]);
        tag(26, &[9, 10, 0]);
        tag(27, &[16, 0]);
        tag(28, &[150, 0]);
        tag(29, &[2]);
        tag(255, &[]);
        let header = Header::read(&mut Cursor::new("test", &bytes)).unwrap();
        assert_eq!(header.patient.name.as_deref(), Some("Müller, Ada"));
        assert_eq!(header.patient.age_years, Some(0.5));
        assert_eq!(header.patient.birth_date, Date::new(1953, 5, 8).ok());
        assert_eq!(header.start.unwrap().to_string(), "2002-11-22T09:10:00");
        let Filters {
            high_pass_hz,
            low_pass_hz,
            notch_hz,
        } = header.filters;
        assert_eq!(
            (high_pass_hz, low_pass_hz, notch_hz),
            (Some(0.16), Some(150.0), Some(50.0))
        );
        assert!(Header::read(&mut Cursor::new("test", &bytes[..5])).is_err());
    }

    #[test]
    fn measurements_of_the_reference_beat() {
        let mut bytes = vec![1, 0];
        for number in [1000u16, 29_999, 100, 200, 260, 350, 29_999, 40, 65_505, 999] {
            bytes.extend(number.to_le_bytes());
        }
        let found = measurements(&mut Cursor::new("test", &bytes)).unwrap();
        let value = |quantity| {
            found
                .iter()
                .find(|it| it.quantity == quantity)
                .map(|it| it.value)
        };
        assert_eq!(value(Quantity::HeartRate), Some(60.0));
        assert_eq!(value(Quantity::PrInterval), Some(160.0));
        assert_eq!(value(Quantity::QrsDuration), Some(90.0));
        assert_eq!(value(Quantity::QtInterval), None);
        assert_eq!(value(Quantity::QrsAxis), Some(-31.0));
        assert_eq!(value(Quantity::TAxis), None);
    }
}
