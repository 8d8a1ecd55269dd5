//! OpenSignals' text files.

use serde_json::Value;

use super::{
    cells::Cells,
    layout::{Column, Layout},
};
use crate::formats::{
    FormatError, contents::Contents, dates, error::TABLE as STEP, options::Converter,
};

/// BITalino and biosignalsplux through OpenSignals: a line of JSON, then converter's numbers.
pub(super) fn layout(text: &str) -> Result<Layout<'_>, FormatError> {
    let mut head = text.split_inclusive('\n');
    let mut length = 0;
    let mut json = None;
    let mut number = 0;
    for line in head.by_ref() {
        length += line.len();
        number += 1;
        let comment = line.trim().trim_start_matches('#').trim();
        if comment.starts_with('{') {
            json = serde_json::from_str::<Value>(comment).ok();
        }
        if comment == "EndOfHeader" {
            break;
        }
    }
    let fault = |found: &str, expected: &str| {
        FormatError::new(STEP, "line 2, the head of OpenSignals", found, expected)
    };
    let json = json.ok_or_else(|| fault("no sound JSON", "a description of the device"))?;
    let device = json
        .as_object()
        .and_then(|devices| devices.values().next())
        .ok_or_else(|| fault("no device", "a device"))?;
    let rate_hz = device["sampling rate"]
        .as_f64()
        .filter(|hz| hz.is_finite() && 0.0 < *hz)
        .ok_or_else(|| fault("no sampling rate", "samples per second"))?;
    let mut about = Contents {
        device: device["device"].as_str().map(str::to_owned),
        ..Contents::default()
    };
    let date = device["date"].as_str().and_then(|text| {
        let mut parts = text.split('-').map(str::parse);
        let (year, month, day) = (
            parts.next()?.ok()?,
            parts.next()?.ok()?,
            parts.next()?.ok()?,
        );
        jiff::civil::Date::new(year, month as i8, day as i8).ok()
    });
    let time = device["time"].as_str().and_then(dates::clock);
    about.start = date.zip(time).map(|(date, time)| date.to_datetime(time));
    let columns = columns(device, &mut about);
    Ok(Layout {
        format: "OpenSignals",
        cells: Cells::of(b'\t'),
        columns,
        rate_hz: Some(rate_hz),
        body: &text[length..],
        first_line: number + 1,
        about,
    })
}

/// ECG sensors by their makers' transfer functions: ECG = (n / 2^bits − ½) · supply / gain.
fn columns(device: &Value, about: &mut Contents) -> Vec<Column> {
    let texts = |key: &str| -> Vec<String> {
        let list = device[key].as_array().map_or(&[][..], Vec::as_slice);
        list.iter()
            .map(|it| it.as_str().unwrap_or("").to_owned())
            .collect()
    };
    let (labels, sensors) = (texts("label"), texts("sensor"));
    let supply_and_gain = match device["device"].as_str() {
        Some(name) if name.starts_with("bitalino") => Some((3300.0, 1100.0)),
        Some(name) if name.starts_with("biosignalsplux") => Some((3000.0, 1000.0)),
        _ => None,
    };
    let names = texts("column");
    names
        .iter()
        .enumerate()
        .map(|(idx, name)| {
            let channel = labels.iter().position(|label| label == name);
            let sensor = channel.and_then(|channel| sensors.get(channel));
            let Some(sensor) = sensor else {
                return Column::other(name);
            };
            let is_ecg = sensor.to_uppercase().contains("ECG");
            let bits = device["resolution"][idx]
                .as_f64()
                .filter(|bits| (1.0..=24.0).contains(bits));
            let scale = supply_and_gain.zip(bits).filter(|_| is_ecg);
            let converter = scale.map(|((supply_mv, gain), bits)| Converter {
                steps_per_mv: 2f64.powf(bits) * gain / supply_mv,
                zero: 2f64.powf(bits - 1.0),
            });
            if converter.is_some() {
                about.warnings.push(format!(
                    "{name}: millivolts by the transfer function that the sensor's maker publishes"
                ));
            }
            Column {
                converter,
                ..Column::signal(if is_ecg { "ECG" } else { sensor }, converter.map(|_| "mV"))
            }
        })
        .collect()
}
