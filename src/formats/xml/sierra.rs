//! Philips Sierra XML 1.03 and 1.04 (TraceMasterVue, PageWriter): rhythm in XLI or plain, and
//! representative beats.

use super::{
    parts::{base64, joined, measurements, sex},
    tree::Element,
    xli,
};
use crate::{
    ecg::{Filters, LeadName, Patient},
    formats::{
        FormatError, ReadOptions, Unit,
        cart::Quantity,
        contents::{Container, Contents},
        dates,
        exam::ExamKind,
        memory::{self, Draft, Trace},
    },
};

const STEP: &str = "Sierra XML";

/// Elements of `crossleadmeasurements`.
const MEASURED: [(&str, Quantity); 8] = [
    ("meanventrate", Quantity::HeartRate),
    ("meanprint", Quantity::PrInterval),
    ("meanqrsdur", Quantity::QrsDuration),
    ("meanqtint", Quantity::QtInterval),
    ("meanqtc", Quantity::QtcInterval),
    ("pfrontaxis", Quantity::PAxis),
    ("qrsfrontaxis", Quantity::QrsAxis),
    ("tfrontaxis", Quantity::TAxis),
];

pub(super) fn open(
    root: &Element,
    mut about: Contents,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let version = root.text_at("documentinfo/documentversion");
    about.format = joined(&[Some("Philips Sierra XML"), version]).unwrap_or_default();
    let waveforms = root.find("parsedwaveforms");
    let signal = root.find("signalcharacteristics").unwrap_or(root);
    if let Some(acquisition) = root.child("dataacquisition") {
        about.start = start(acquisition);
        about.device = acquisition
            .child("machine")
            .and_then(|machine| joined(&[machine.words(), machine.attribute("detaildescription")]));
    }
    about.patient = root
        .find("generalpatientdata")
        .map(patient)
        .unwrap_or_default();
    about.filters = filters(root, signal, waveforms);
    about.limbs_on_trunk = ["electrodeplacement", "acquisitiontype"]
        .iter()
        .filter_map(|name| signal.text_at(name))
        .any(|text| text.to_uppercase().contains("MASON"));
    about.cart = measurements(root.find("crossleadmeasurements"), &MEASURED);
    about.notes.extend(statements(root));
    let mut drafts = Vec::new();
    if let Some(waveforms) = waveforms {
        drafts.push(Draft {
            name: "rhythm".to_owned(),
            kind: ExamKind::Rhythm,
            traces: rhythm(waveforms, signal, &mut about.warnings)?,
        });
    }
    if let Some(beats) = root.find("repbeats") {
        drafts.push(Draft {
            name: "representative beats".to_owned(),
            kind: ExamKind::Median,
            traces: representative(beats)?,
        });
    }
    memory::open(STEP, about, drafts, options)
}

fn start(acquisition: &Element) -> Option<jiff::civil::DateTime> {
    let date: jiff::civil::Date = acquisition.attribute("date")?.parse().ok()?;
    Some(date.to_datetime(dates::clock(acquisition.attribute("time")?)?))
}

fn patient(about: &Element) -> Patient {
    let known = |text: Option<&str>| text.filter(|text| *text != "---").map(str::to_owned);
    let part = |path: &str| about.text_at(path).filter(|text| *text != "---");
    Patient {
        name: Patient::full_name(part("name/lastname"), part("name/firstname")),
        id: known(about.text_at("patientid").or_else(|| about.text_at("MRN"))),
        sex: sex(about.text_at("sex")),
        birth_date: part("age/dateofbirth").and_then(|text| text.parse().ok()),
        age_years: about.number_at("age/years"),
    }
}

/// The filters that the stored samples went through: those of the report where they were applied,
/// otherwise those of the acquisition.
fn filters(root: &Element, signal: &Element, waveforms: Option<&Element>) -> Filters {
    let is_filtered = waveforms
        .and_then(|waveforms| waveforms.attribute("filterflag"))
        .is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let report = root.find("reportbandwidth").filter(|_| is_filtered);
    let hz = |parent: Option<&Element>, name: &str| parent?.number_at(name).filter(|hz| 0.0 < *hz);
    // "0.05-150" in version 1.03.
    let band = signal
        .text_at("signalbandwidth")
        .and_then(|text| text.split_once('-'));
    let number = |text: &str| text.trim().parse().ok().filter(|hz: &f64| 0.0 < *hz);
    let is_notched = signal.text_at("notchfiltered") == Some("True");
    Filters {
        high_pass_hz: hz(report, "highpassfiltersetting")
            .or_else(|| hz(Some(signal), "hipass"))
            .or_else(|| number(band?.0)),
        low_pass_hz: hz(report, "lowpassfiltersetting")
            .or_else(|| hz(Some(signal), "lowpass"))
            .or_else(|| number(band?.1)),
        notch_hz: hz(report, "notchfiltersetting")
            .or_else(|| hz(Some(signal), "acsetting").filter(|_| is_notched)),
    }
}

fn rhythm(
    waveforms: &Element,
    signal: &Element,
    warnings: &mut Vec<String>,
) -> Result<Vec<Trace>, FormatError> {
    let number = |attribute: &str, elements: &[&str]| {
        waveforms
            .number(attribute)
            .or_else(|| elements.iter().find_map(|name| signal.number_at(name)))
            .filter(|value| 0.0 < *value)
    };
    let fault = |what: &str| waveforms.fault(STEP, format!("no {what}"), "a number above 0");
    let rate_hz =
        number("samplespersecond", &["samplingrate"]).ok_or_else(|| fault("samplingrate"))?;
    let step_uv = number("resolution", &["resolution", "signalresolution"])
        .ok_or_else(|| fault("resolution"))?;
    let names = names(waveforms, signal)?;
    let bytes = base64(STEP, waveforms, &waveforms.text)?;
    let compression = ["compressmethod", "compression"]
        .iter()
        .find_map(|name| waveforms.attribute(name))
        .unwrap_or("Uncompressed");
    let mut leads = match compression {
        "XLI" => {
            let mut leads = xli::decode(&bytes)?;
            restore_limb_leads(&names, &mut leads);
            leads
        }
        "Uncompressed" => {
            let counts = memory::i16_le(&bytes);
            let each = (counts.len() / names.len()).max(1);
            counts.chunks_exact(each).map(<[i32]>::to_vec).collect()
        }
        other => {
            return Err(waveforms.fault(STEP, format!("compression {other}"), "XLI or none"));
        }
    };
    if leads.len() < names.len() {
        warnings.push(format!(
            "{} of {} leads are there",
            leads.len(),
            names.len()
        ));
    }
    if let Some(start) = calibration_pulse(&leads, rate_hz, step_uv) {
        leads.iter_mut().for_each(|lead| lead.truncate(start));
        warnings.push("the calibration pulse at the end was left out".to_owned());
    }
    Ok(names
        .iter()
        .zip(&leads)
        .map(|(name, counts)| memory::counted(name, rate_hz, Unit::Microvolt, step_uv, counts))
        .collect())
}

/// The names of the leads in order: stated, or those of the standard twelve.
fn names(waveforms: &Element, signal: &Element) -> Result<Vec<String>, FormatError> {
    if let Some(labels) = waveforms.attribute("leadlabels") {
        let count = waveforms
            .number("numberofleads")
            .map_or(usize::MAX, |it| it as usize);
        let names: Vec<String> = labels
            .split_whitespace()
            .take(count)
            .map(str::to_owned)
            .collect();
        if !names.is_empty() {
            return Ok(names);
        }
    }
    let count = signal.number_at("numberchannelsallocated").unwrap_or(12.0) as usize;
    let set = ["acquisitiontype", "leadset"]
        .iter()
        .find_map(|name| signal.text_at(name))
        .unwrap_or("");
    let is_standard = matches!(set, "STD-12" | "10-WIRE");
    if !(1..=64).contains(&count) {
        return Err(signal.fault(STEP, format!("{count} channels"), "1 to 64"));
    }
    let name = |idx: usize| match LeadName::TWELVE.get(idx) {
        Some(lead) if is_standard => lead.to_string(),
        _ => format!("Channel {}", idx + 1),
    };
    Ok((0..count).map(name).collect())
}

/// III, aVR, aVL and aVF are stored as what they miss of Einthoven's and Goldberger's sums.
fn restore_limb_leads(names: &[String], leads: &mut [Vec<i32>]) {
    let standard = ["I", "II", "III", "AVR", "AVL", "AVF"];
    let is_standard = standard
        .iter()
        .zip(names)
        .all(|(standard, name)| name.eq_ignore_ascii_case(standard));
    let [one, two, three, avr, avl, avf, ..] = leads else {
        return;
    };
    if !is_standard {
        return;
    }
    let wrap = |value: i32| i32::from(value as i16);
    let half = |value: i32| value.div_euclid(2);
    let limbs = one
        .iter()
        .zip(two.iter())
        .zip(three)
        .zip(avr)
        .zip(avl)
        .zip(avf);
    for (((((one, two), three), avr), avl), avf) in limbs {
        *three = wrap(two - one - *three);
        *avr = wrap(-*avr - half(one + two));
        *avl = wrap(half(one - *three) - *avl);
        *avf = wrap(half(two + *three) - *avf);
    }
}

/// First sample of a calibration pulse: all leads end on the same second of 0 and 1 mV.
fn calibration_pulse(leads: &[Vec<i32>], rate_hz: f64, step_uv: f64) -> Option<usize> {
    let length = rate_hz.round() as usize;
    let start = leads.first()?.len().checked_sub(length)?;
    let tail = leads.first()?.get(start..)?;
    let height = (1000.0 / step_uv).round() as i32;
    let is_pulse = |count: &i32| *count == 0 || (*count - height).abs() <= 1;
    let is_shared = leads.iter().all(|lead| lead.get(start..) == Some(tail));
    let has_top = tail.iter().any(|count| *count != 0);
    (1 < leads.len() && 0 < start && has_top && is_shared && tail.iter().all(is_pulse))
        .then_some(start)
}

fn representative(beats: &Element) -> Result<Vec<Trace>, FormatError> {
    let rate_hz = beats.number("samplespersec").filter(|hz| 0.0 < *hz);
    let step_uv = beats.number("resolution").filter(|step| 0.0 < *step);
    let (Some(rate_hz), Some(step_uv)) = (rate_hz, step_uv) else {
        return Err(beats.fault(STEP, "no samplespersec or resolution", "numbers above 0"));
    };
    beats
        .all("repbeat")
        .map(|beat| {
            let data = beat.child("waveform").unwrap_or(beat);
            let counts = memory::i16_le(&base64(STEP, data, &data.text)?);
            let name = beat.attribute("leadname").unwrap_or("");
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

fn statements(root: &Element) -> Vec<String> {
    root.walk()
        .filter(|element| element.name == "statement")
        .filter_map(|element| {
            joined(&[
                element.text_at("leftstatement"),
                element.text_at("rightstatement"),
            ])
        })
        .map(|words| format!("the device's statement: {words}"))
        .collect()
}
