//! GE CardioSoft XML: strips, median beats and full disclosure as numbers with commas.

use super::{
    parts::{joined, measurements, sex},
    tree::Element,
};
use crate::{
    ecg::{Filters, Patient},
    formats::{
        FormatError, ReadOptions, Unit,
        cart::Quantity,
        contents::{Container, Contents},
        error::quoted,
        exam::ExamKind,
        memory::{self, Draft, Trace},
    },
};

const STEP: &str = "CardioSoft XML";

/// Elements of `RestingECGMeasurements`.
const MEASURED: [(&str, Quantity); 10] = [
    ("VentricularRate", Quantity::HeartRate),
    ("RRInterval", Quantity::RrInterval),
    ("PDuration", Quantity::PDuration),
    ("PQInterval", Quantity::PrInterval),
    ("QRSDuration", Quantity::QrsDuration),
    ("QTInterval", Quantity::QtInterval),
    ("QTCInterval", Quantity::QtcInterval),
    ("PAxis", Quantity::PAxis),
    ("RAxis", Quantity::QrsAxis),
    ("TAxis", Quantity::TAxis),
];

pub(super) fn open(
    root: &Element,
    mut about: Contents,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let device = root.at("ClinicalInfo/DeviceInfo").unwrap_or(root);
    let software = device.text_at("SoftwareVer");
    about.format = joined(&[Some("GE CardioSoft XML"), software]).unwrap_or_default();
    about.device = joined(&[
        device.text_at("Desc"),
        software,
        device.text_at("AnalysisVer"),
    ]);
    about.start = root.child("ObservationDateTime").and_then(start);
    about.patient = root.child("PatientInfo").map(patient).unwrap_or_default();
    about.filters = root.child("FilterSetting").map(filters).unwrap_or_default();
    about.limbs_on_trunk = root
        .text_at("ObservationType")
        .is_some_and(|kind| kind.contains("Stress") || kind.contains("Exercise"));
    let measured = root.child("RestingECGMeasurements");
    about.cart = measurements(measured, &MEASURED);
    about.notes.extend(statements(root));
    let mut drafts = Vec::new();
    for (idx, strip) in root.all("StripData").enumerate() {
        drafts.push(Draft {
            name: format!("strip {}", idx + 1),
            kind: ExamKind::Rhythm,
            traces: leads(strip)?,
        });
    }
    if let Some(median) = measured.and_then(|measured| measured.child("MedianSamples")) {
        drafts.push(Draft {
            name: "median".to_owned(),
            kind: ExamKind::Median,
            traces: leads(median)?,
        });
    }
    if let Some(disclosure) = root.child("FullDisclosure") {
        drafts.push(Draft {
            name: "full disclosure".to_owned(),
            kind: ExamKind::Rhythm,
            traces: full_disclosure(disclosure)?,
        });
    }
    memory::open(STEP, about, drafts, options)
}

fn start(time: &Element) -> Option<jiff::civil::DateTime> {
    let part = |name: &str| time.text_at(name)?.parse::<i8>().ok();
    let year = time.text_at("Year")?.parse().ok()?;
    let date = jiff::civil::Date::new(year, part("Month")?, part("Day")?).ok()?;
    let clock = jiff::civil::Time::new(part("Hour")?, part("Minute")?, part("Second")?, 0).ok()?;
    Some(date.to_datetime(clock))
}

fn patient(about: &Element) -> Patient {
    let birth = about.child("BirthDateTime");
    let part = |name: &str| birth.and_then(|birth| birth.text_at(name));
    let birth_date = || {
        let (month, day) = (part("Month")?.parse().ok()?, part("Day")?.parse().ok()?);
        jiff::civil::Date::new(part("Year")?.parse().ok()?, month, day).ok()
    };
    let is_years = about
        .child("Age")
        .and_then(|age| age.attribute("units"))
        .is_none_or(|units| units.eq_ignore_ascii_case("years"));
    Patient {
        name: Patient::full_name(
            about.text_at("Name/FamilyName"),
            about.text_at("Name/GivenName"),
        ),
        id: about.text_at("PID").map(str::to_owned),
        sex: sex(about.text_at("Gender")),
        birth_date: birth_date(),
        age_years: about.number_at("Age").filter(|_| is_years),
    }
}

fn filters(setting: &Element) -> Filters {
    let hz = |name: &str| setting.number_at(name).filter(|hz| 0.0 < *hz);
    let is_on = |name: &str| {
        setting
            .text_at(name)
            .is_some_and(|text| text.eq_ignore_ascii_case("yes"))
    };
    let mains = [("Filter50Hz", 50.0), ("Filter60Hz", 60.0)];
    Filters {
        high_pass_hz: hz("HighPass"),
        low_pass_hz: hz("LowPass"),
        notch_hz: mains
            .iter()
            .find(|mains| is_on(mains.0))
            .map(|mains| mains.1),
    }
}

/// Samples a second and microvolts a step.
fn scale(parent: &Element) -> Result<(f64, f64), FormatError> {
    let positive = |name: &str| {
        parent
            .number_at(name)
            .filter(|value| 0.0 < *value)
            .ok_or_else(|| parent.fault(STEP, format!("no {name}"), "a number above 0"))
    };
    let unit = parent
        .child("Resolution")
        .and_then(|it| it.attribute("units"));
    if unit.is_some_and(|unit| !unit.eq_ignore_ascii_case("uVperLsb")) {
        let found = format!("a resolution in {}", unit.unwrap_or_default());
        return Err(parent.fault(STEP, found, "uVperLsb"));
    }
    Ok((positive("SampleRate")?, positive("Resolution")?))
}

fn leads(parent: &Element) -> Result<Vec<Trace>, FormatError> {
    let waveforms: Vec<&Element> = parent.all("WaveformData").collect();
    if waveforms.is_empty() {
        return Ok(Vec::new());
    }
    let (rate_hz, step_uv) = scale(parent)?;
    waveforms
        .into_iter()
        .map(|lead| {
            let name = lead.attribute("lead").unwrap_or("");
            let counts = numbers(lead, &lead.text)?;
            Ok(memory::counted(
                name,
                rate_hz,
                Unit::Microvolt,
                step_uv,
                &counts,
            ))
        })
        .collect()
}

/// A line for a second of each lead, the leads in turn.
fn full_disclosure(parent: &Element) -> Result<Vec<Trace>, FormatError> {
    let Some(data) = parent.child("FullDisclosureData") else {
        return Ok(Vec::new());
    };
    let (rate_hz, step_uv) = scale(parent)?;
    let names: Vec<&str> = parent
        .text_at("LeadOrder")
        .unwrap_or("")
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let mut leads = vec![Vec::new(); names.len()];
    let lines = data.text.lines().filter(|line| !line.trim().is_empty());
    for (idx, line) in lines.enumerate() {
        if let Some(lead) = idx
            .checked_rem(names.len())
            .and_then(|idx| leads.get_mut(idx))
        {
            lead.extend(numbers(data, line)?);
        }
    }
    let leads = names.iter().zip(leads);
    Ok(leads
        .map(|(name, counts)| memory::counted(name, rate_hz, Unit::Microvolt, step_uv, &counts))
        .collect())
}

fn numbers(element: &Element, text: &str) -> Result<Vec<i32>, FormatError> {
    text.split([',', '\n', '\t', '\r', ' '])
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.parse()
                .map_err(|_| element.fault(STEP, quoted(word), "whole numbers with commas"))
        })
        .collect()
}

fn statements(root: &Element) -> Vec<String> {
    let diagnosis = root.at("Interpretation/Diagnosis");
    diagnosis
        .iter()
        .flat_map(|it| it.all("DiagnosisText"))
        .filter_map(Element::words)
        .filter(|words| *words != "---")
        .map(|words| format!("the device's statement: {words}"))
        .collect()
}
