//! GE MUSE XML: waveforms in base64, one lead an element.

use super::{
    parts::{base64, joined, measurements, sex},
    tree::Element,
};
use crate::{
    ecg::{Filters, Patient},
    formats::{
        FormatError, ReadOptions, Unit,
        cart::Quantity,
        contents::{Container, Contents},
        dates,
        exam::ExamKind,
        memory::{self, Draft, Room, Trace},
    },
};

const STEP: &str = "MUSE XML";

/// Elements of `RestingECGMeasurements`.
const MEASURED: [(&str, Quantity); 9] = [
    ("VentricularRate", Quantity::HeartRate),
    ("AvgRRInterval", Quantity::RrInterval),
    ("PRInterval", Quantity::PrInterval),
    ("QRSDuration", Quantity::QrsDuration),
    ("QTInterval", Quantity::QtInterval),
    ("QTCorrected", Quantity::QtcInterval),
    ("PAxis", Quantity::PAxis),
    ("RAxis", Quantity::QrsAxis),
    ("TAxis", Quantity::TAxis),
];

pub(super) fn open(
    root: &Element,
    mut about: Contents,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let version = root.text_at("MuseInfo/MuseVersion");
    about.format = joined(&[Some("GE MUSE XML"), version]).unwrap_or_default();
    about.patient = root
        .child("PatientDemographics")
        .map(patient)
        .unwrap_or_default();
    if let Some(test) = root.child("TestDemographics") {
        about.device = joined(&[
            test.text_at("AcquisitionDevice"),
            test.text_at("AcquisitionSoftwareVersion"),
        ]);
        let date = test
            .text_at("AcquisitionDate")
            .and_then(|text| dates::parted(text, [1, 0, 2]));
        let time = test.text_at("AcquisitionTime").and_then(dates::clock);
        about.start = date.zip(time).map(|(date, time)| date.to_datetime(time));
    }
    about.cart = measurements(root.child("RestingECGMeasurements"), &MEASURED);
    about.notes.extend(statements(root));
    let mut drafts = Vec::new();
    let mut room = Room::new(STEP, options);
    for waveform in root.all("Waveform") {
        let traces = traces(waveform, &mut about.warnings, &mut room)?;
        let name = waveform.text_at("WaveformType").unwrap_or("Waveform");
        let is_median = name.eq_ignore_ascii_case("median");
        if !is_median || about.filters == Filters::default() {
            about.filters = filters(waveform);
        }
        drafts.push(Draft {
            name: name.to_owned(),
            kind: if is_median {
                ExamKind::Median
            } else {
                ExamKind::Rhythm
            },
            traces,
        });
    }
    memory::open(STEP, about, drafts, options)
}

fn patient(about: &Element) -> Patient {
    let years_per = match about.text_at("AgeUnits") {
        Some("MONTHS") => 1.0 / 12.0,
        Some("WEEKS") => 1.0 / 52.18,
        Some("DAYS") => 1.0 / 365.25,
        Some("HOURS") => 1.0 / 8766.0,
        _ => 1.0,
    };
    Patient {
        name: Patient::full_name(
            about.text_at("PatientLastName"),
            about.text_at("PatientFirstName"),
        ),
        id: about.text_at("PatientID").map(str::to_owned),
        sex: sex(about.text_at("Gender")),
        birth_date: about
            .text_at("DateofBirth")
            .and_then(|text| dates::parted(text, [1, 0, 2])),
        age_years: about.number_at("PatientAge").map(|age| age * years_per),
    }
}

/// Corners of the filters: the high-pass in hundredths of a hertz unless written with a point.
fn filters(waveform: &Element) -> Filters {
    let hz = |name: &str| waveform.number_at(name).filter(|hz| 0.0 < *hz);
    let has_point = waveform
        .text_at("HighPassFilter")
        .is_some_and(|text| text.contains('.'));
    Filters {
        high_pass_hz: hz("HighPassFilter")
            .map(|value| if has_point { value } else { value / 100.0 }),
        low_pass_hz: hz("LowPassFilter"),
        notch_hz: hz("ACFilter"),
    }
}

fn traces(
    waveform: &Element,
    warnings: &mut Vec<String>,
    room: &mut Room,
) -> Result<Vec<Trace>, FormatError> {
    let base = waveform.number_at("SampleBase");
    let exponent = waveform.number_at("SampleExponent").unwrap_or(0.0);
    let rate_hz = base
        .map(|base| base * 10f64.powf(exponent))
        .filter(|hz| hz.is_finite() && 0.0 < *hz)
        .ok_or_else(|| waveform.fault(STEP, "no sound SampleBase", "samples per second"))?;
    waveform
        .all("LeadData")
        .map(|lead| room.delayed(trace(lead, rate_hz, warnings)?, delay(lead, rate_hz)))
        .collect()
}

fn trace(lead: &Element, rate_hz: f64, warnings: &mut Vec<String>) -> Result<Trace, FormatError> {
    let name = lead.text_at("LeadID").unwrap_or("").to_owned();
    let unit_text = lead.text_at("LeadAmplitudeUnits").unwrap_or("");
    let unit = Unit::parse(unit_text)
        .ok_or_else(|| lead.fault(STEP, format!("the unit {unit_text:?}"), "MICROVOLTS"))?;
    let step = lead
        .number_at("LeadAmplitudeUnitsPerBit")
        .ok_or_else(|| lead.fault(STEP, "no LeadAmplitudeUnitsPerBit", "a number"))?;
    let data = lead.child("WaveFormData").unwrap_or(lead);
    let bytes = base64(STEP, data, &data.text)?;
    let counts: Vec<i32> = match lead.text_at("LeadSampleSize") {
        None | Some("2") => memory::i16_le(&bytes),
        Some("1") => bytes
            .iter()
            .map(|byte| i32::from(byte.cast_signed()))
            .collect(),
        Some(size) => {
            return Err(lead.fault(STEP, format!("samples of {size} bytes"), "1 or 2 bytes"));
        }
    };
    let stated = lead.number_at("LeadSampleCountTotal");
    if stated.is_some_and(|stated| stated != counts.len() as f64) {
        warnings.push(format!(
            "{name}: {} samples are there, {} are stated",
            counts.len(),
            stated.unwrap_or(0.0)
        ));
    }
    if lead
        .text_at("LeadOff")
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    {
        warnings.push(format!("{name}: the cart says that its electrode was off"));
    }
    Ok(memory::counted(&name, rate_hz, unit, step, &counts))
}

/// Samples before the lead's first: stated in samples, and in milliseconds.
fn delay(lead: &Element, rate_hz: f64) -> usize {
    let samples = lead.number_at("LeadOffsetFirstSample").unwrap_or(0.0);
    let ms = lead.number_at("LeadTimeOffset").unwrap_or(0.0);
    let all = (samples + ms * 1e-3 * rate_hz).round();
    if (0.0..1e7).contains(&all) {
        all as usize
    } else {
        0
    }
}

fn statements(root: &Element) -> Vec<String> {
    let diagnosis = root.child("Diagnosis");
    let mut out: Vec<String> = Vec::new();
    let mut line = String::new();
    for statement in diagnosis.iter().flat_map(|it| it.all("DiagnosisStatement")) {
        let words = statement.text_at("StmtText").unwrap_or("");
        line.push_str(if line.is_empty() { "" } else { " " });
        line.push_str(words);
        if statement
            .all("StmtFlag")
            .any(|flag| flag.words() == Some("ENDSLINE"))
        {
            out.push(std::mem::take(&mut line));
        }
    }
    out.push(line);
    out.retain(|words| !words.trim().is_empty());
    out.iter()
        .map(|words| format!("the device's statement: {}", words.trim()))
        .collect()
}
