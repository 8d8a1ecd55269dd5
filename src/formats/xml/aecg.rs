//! HL7 annotated ECG (PORT_MT020001): series of rhythm, and representative beats derived from them.

use super::{
    parts::{joined, sex},
    tree::{self, Element},
};
use crate::{
    ecg::{Filters, Patient},
    formats::{
        FormatError, ReadOptions, Unit,
        cart::{Measurement, Quantity},
        contents::{Container, Contents, sample_mv},
        dates,
        exam::ExamKind,
        memory::{self, Draft, Room, Trace},
    },
};

const STEP: &str = "HL7 aECG";

pub(super) fn open(
    root: &Element,
    mut about: Contents,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    about.format = "HL7 aECG".to_owned();
    let series: Vec<&Element> = ["series", "derivedSeries"]
        .iter()
        .flat_map(|name| root.walk().filter(|element| element.name == *name))
        .collect();
    let mut drafts = Vec::new();
    let mut room = Room::new(STEP, options);
    for one in &series {
        let traces = traces(one, &mut about.warnings, &mut room)?;
        drafts.push(Draft {
            name: code(one).unwrap_or("series").to_owned(),
            kind: kind(one),
            traces,
        });
    }
    if let Some(first) = series.first() {
        about.filters = filters(first);
        about.device = device(first);
        about.start = start(first).or_else(|| start(root));
    }
    about.patient = root.find("trialSubject").map(patient).unwrap_or_default();
    about.cart = measurements(root);
    about.notes.extend(statements(root));
    memory::open(STEP, about, drafts, options)
}

fn code(element: &Element) -> Option<&str> {
    element.child("code")?.attribute("code")
}

fn kind(series: &Element) -> ExamKind {
    match code(series) {
        Some("REPRESENTATIVE_BEAT") => ExamKind::Median,
        _ if series.name == "derivedSeries" => ExamKind::Derived,
        _ => ExamKind::Rhythm,
    }
}

/// The leads of one series. Sets that were not recorded together are put where their times say.
fn traces(
    series: &Element,
    warnings: &mut Vec<String>,
    room: &mut Room,
) -> Result<Vec<Trace>, FormatError> {
    let sets: Vec<Set> = series
        .all("component")
        .filter_map(|component| component.child("sequenceSet"))
        .map(|set| Set::read(set, warnings))
        .collect::<Result<_, _>>()?;
    let first_s = sets
        .iter()
        .map(|set| set.head_s)
        .fold(f64::INFINITY, f64::min);
    let mut out = Vec::new();
    for set in sets {
        let delay = ((set.head_s - first_s) * set.rate_hz).round();
        let delay = if (0.0..1e8).contains(&delay) {
            delay as usize
        } else {
            0
        };
        for trace in set.traces {
            out.push(room.delayed(trace, delay)?);
        }
    }
    Ok(out)
}

/// Leads of one time base.
struct Set {
    /// Time of the first sample on the file's own clock.
    head_s: f64,
    rate_hz: f64,
    traces: Vec<Trace>,
}

impl Set {
    fn read(set: &Element, warnings: &mut Vec<String>) -> Result<Self, FormatError> {
        let sequences: Vec<&Element> = set
            .all("component")
            .filter_map(|component| component.child("sequence"))
            .collect();
        let value = |sequence: &Element, name: &str| {
            sequence.child("value")?.child(name).is_some().then_some(())
        };
        let time = sequences
            .iter()
            .find(|sequence| value(sequence, "increment").is_some())
            .and_then(|sequence| sequence.child("value"))
            .ok_or_else(|| set.fault(STEP, "no sequence of times", "an <increment>"))?;
        let rate_hz = rate(time)?;
        let head = time.child("head");
        let head_s = head
            .and_then(|head| head.attribute("value"))
            .and_then(|value| seconds_of(value, head.and_then(|head| head.attribute("unit"))))
            .unwrap_or(0.0);
        let traces = sequences
            .iter()
            .filter(|sequence| value(sequence, "digits").is_some())
            .map(|sequence| lead(sequence, rate_hz, warnings))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            head_s,
            rate_hz,
            traces,
        })
    }
}

/// Samples a second from the increment, in whatever unit of time it has.
fn rate(time: &Element) -> Result<f64, FormatError> {
    let increment = time.child("increment").unwrap_or(time);
    let unit = increment.attribute("unit").unwrap_or("s");
    let hz = increment
        .number("value")
        .zip(time_unit(unit))
        .map(|(value, scale)| {
            let hz = 1.0 / (value * scale);
            // 1/0.0033333 is meant to be 300.
            if (hz - hz.round()).abs() < 1e-4 * hz {
                hz.round()
            } else {
                hz
            }
        });
    hz.filter(|hz| hz.is_finite() && 0.0 < *hz).ok_or_else(|| {
        let found = format!(
            "{} {unit}",
            increment.attribute("value").unwrap_or("nothing")
        );
        increment.fault(STEP, found, "a step above 0 in s, ms, us, ns, min or h")
    })
}

fn time_unit(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" | "sec" => 1.0,
        "ms" => 1e-3,
        "us" | "µs" | "μs" => 1e-6,
        "ns" => 1e-9,
        "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

/// Seconds of a relative time, or of a time stamp since some midnight long ago.
fn seconds_of(value: &str, unit: Option<&str>) -> Option<f64> {
    match dates::compact(value) {
        Some(stamp) => {
            let since = stamp.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0));
            Some(since.as_secs_f64())
        }
        None => Some(tree::number(value)? * time_unit(unit.unwrap_or("s"))?),
    }
}

fn lead(
    sequence: &Element,
    rate_hz: f64,
    warnings: &mut Vec<String>,
) -> Result<Trace, FormatError> {
    let name = code(sequence).unwrap_or("").to_owned();
    let value = sequence.child("value").unwrap_or(sequence);
    let scale = value.child("scale");
    let step = scale
        .and_then(|scale| scale.number("value"))
        .unwrap_or_else(|| {
            warnings.push(format!("{name}: no scale stated; 1 was taken"));
            1.0
        });
    let unit_text = scale
        .and_then(|scale| scale.attribute("unit"))
        .unwrap_or("");
    let unit = Unit::parse(unit_text).ok_or_else(|| {
        scale
            .unwrap_or(value)
            .fault(STEP, format!("the unit {unit_text:?}"), "a unit of voltage")
    })?;
    let origin = value.child("origin");
    let origin_unit = origin
        .and_then(|origin| Unit::parse(origin.attribute("unit")?))
        .unwrap_or(unit);
    let origin_mv = origin
        .and_then(|origin| origin.number("value"))
        .unwrap_or(0.0)
        * origin_unit.mv();
    let digits = value.child("digits").unwrap_or(value);
    let mut samples = Vec::new();
    for word in digits.text.split_ascii_whitespace() {
        let count: f64 = match word.parse() {
            Ok(count) => count,
            Err(_) => return Err(digits.fault(STEP, format!("{word:?}"), "whole numbers")),
        };
        samples.push(sample_mv(count * step * unit.mv() + origin_mv));
    }
    Ok(memory::valued(
        &name,
        rate_hz,
        unit,
        Some(step.abs()),
        samples,
    ))
}

fn start(element: &Element) -> Option<jiff::civil::DateTime> {
    let time = element.child("effectiveTime")?;
    ["low", "center", "high"]
        .iter()
        .find_map(|end| dates::compact(time.child(end)?.attribute("value")?))
        .or_else(|| dates::compact(time.attribute("value")?))
}

fn device(series: &Element) -> Option<String> {
    let author = series.find("seriesAuthor")?;
    let device = author.child("manufacturedSeriesDevice");
    let text = |name: &str| device.and_then(|device| device.text_at(name));
    joined(&[
        author.text_at("manufacturerOrganization/name"),
        text("manufacturerModelName"),
        text("softwareName"),
    ])
}

fn filters(series: &Element) -> Filters {
    let mut out = Filters::default();
    for variable in series.walk().filter(|it| it.name == "controlVariable") {
        let slot = match code(variable) {
            Some("MDC_ECG_CTL_VBL_ATTR_FILTER_LOW_PASS") => &mut out.low_pass_hz,
            Some("MDC_ECG_CTL_VBL_ATTR_FILTER_HIGH_PASS") => &mut out.high_pass_hz,
            Some("MDC_ECG_CTL_VBL_ATTR_FILTER_NOTCH") => &mut out.notch_hz,
            _ => continue,
        };
        let hz = |it: &Element| {
            let is_frequency = code(it).is_some_and(|code| code.ends_with("_FREQ"));
            let value = it.child("value").filter(|_| is_frequency)?;
            value.number("value").filter(|hz| 0.0 < *hz)
        };
        *slot = variable.walk().find_map(hz).or(*slot);
    }
    out
}

fn patient(subject: &Element) -> Patient {
    let person = subject.child("subjectDemographicPerson");
    let attribute =
        |path: &str, name: &str| person.and_then(|person| person.at(path)?.attribute(name));
    let name = person.and_then(|person| person.child("name"));
    let parts = |part: &str| name.and_then(|name| name.text_at(part));
    Patient {
        name: Patient::full_name(parts("family"), parts("given"))
            .or_else(|| name.and_then(Element::words).map(str::to_owned)),
        id: subject
            .child("id")
            .and_then(|id| id.attribute("extension"))
            .map(str::to_owned),
        sex: sex(attribute("administrativeGenderCode", "code")),
        birth_date: attribute("birthTime", "value")
            .and_then(|text| dates::compact_date(text.get(..8)?)),
        age_years: None,
    }
}

/// The first value of each kind: those of the whole recording stand before those of single beats.
fn measurements(root: &Element) -> Vec<Measurement> {
    let mut out: Vec<Measurement> = Vec::new();
    for annotation in root.walk().filter(|it| it.name == "annotation") {
        let quantity = code(annotation).and_then(Quantity::from_mdc);
        let value = annotation.child("value");
        let number = value.and_then(|value| {
            let scale = match value.attribute("unit") {
                Some("s") => 1e3,
                Some("us") => 1e-3,
                _ => 1.0,
            };
            Some(value.number("value")? * scale)
        });
        let found = quantity
            .zip(number)
            .and_then(|(quantity, value)| Measurement::sound(quantity, value));
        out.extend(found.filter(|new| out.iter().all(|old| old.quantity != new.quantity)));
    }
    out
}

/// What the device or a reader made of it.
fn statements(root: &Element) -> Vec<String> {
    root.walk()
        .filter(|it| it.name == "annotation")
        .filter(|it| code(it).is_some_and(|code| code.starts_with("MDC_ECG_INTERPRETATION")))
        .filter_map(|it| it.text_at("value"))
        .map(|words| format!("the device's statement: {words}"))
        .collect()
}
