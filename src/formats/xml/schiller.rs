//! Schiller XML: wave data of rhythms and averages with numbers between commas. No file of a cart
//! was at hand: read after what another reader says of the format.

use super::{
    parts::{joined, sex},
    tree::Element,
};
use crate::{
    ecg::Patient,
    formats::{
        FormatError, ReadOptions, Unit,
        contents::{Container, Contents},
        dates,
        error::quoted,
        exam::ExamKind,
        memory::{self, Draft, Trace},
    },
};

const STEP: &str = "Schiller XML";

/// Whether the document holds Schiller's wave data.
pub(super) fn is_schiller(root: &Element) -> bool {
    root.child("eventdata").is_some() && root.find("wavedata").is_some()
}

pub(super) fn open(
    root: &Element,
    mut about: Contents,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    about.format = "Schiller XML".to_owned();
    about.patient = root.find("patdata").map(patient).unwrap_or_default();
    if let Some(exam) = root.child("examdescript") {
        let date = exam.find("startdatetime").or_else(|| exam.find("date"));
        let stamp = date.and_then(|date| {
            let parts = [date.text_at("date"), date.text_at("time")];
            joined(&parts).or_else(|| date.words().map(str::to_owned))
        });
        about.start = stamp.and_then(|stamp| dates::iso(&stamp));
        about.device = exam
            .find("devicename")
            .and_then(Element::words)
            .map(str::to_owned);
    }
    let mut drafts = Vec::new();
    for data in root.walk().filter(|element| element.name == "wavedata") {
        let name = data.text_at("type").unwrap_or("wave data").to_owned();
        let is_rhythm = name.to_uppercase().contains("RHYTHM");
        drafts.push(Draft {
            kind: if is_rhythm {
                ExamKind::Rhythm
            } else {
                ExamKind::Median
            },
            traces: traces(data)?,
            name,
        });
    }
    memory::open(STEP, about, drafts, options)
}

fn patient(about: &Element) -> Patient {
    let birth = about
        .text_at("birthdate")
        .map(|text| text.replace('.', "-"));
    Patient {
        name: Patient::full_name(about.text_at("lastname"), about.text_at("firstname")),
        id: about.text_at("id").map(str::to_owned),
        sex: sex(about.text_at("gender").or_else(|| about.text_at("sex"))),
        birth_date: birth.and_then(|text| text.parse().ok()),
        age_years: None,
    }
}

fn traces(data: &Element) -> Result<Vec<Trace>, FormatError> {
    let fault = |what: &str, expected: &str| data.fault(STEP, what, expected);
    let rate_hz = data
        .number_at("resolution/samplerate/value")
        .filter(|hz| 0.0 < *hz)
        .ok_or_else(|| fault("no sample rate", "samples per second"))?;
    let exponent = data
        .number_at("resolution/samplerate/exponent")
        .unwrap_or(1.0);
    if exponent != 1.0 {
        return Err(fault("a rate with another exponent than 1", "1"));
    }
    let scale = data.at("resolution/yres").unwrap_or(data);
    let unit_text = scale.text_at("units").unwrap_or("");
    let unit = Unit::parse(unit_text).ok_or_else(|| fault("no unit of voltage", "uV or mV"))?;
    let step = scale
        .number_at("unitperbit")
        .ok_or_else(|| fault("no unitperbit", "a number"))?;
    data.all("channel")
        .map(|channel| {
            let name = channel.text_at("name").unwrap_or("");
            let counts = counts(channel)?;
            Ok(memory::counted(name, rate_hz, unit, step, &counts))
        })
        .collect()
}

/// The numbers of a channel.
fn counts(channel: &Element) -> Result<Vec<i32>, FormatError> {
    let words = channel.child("data").map_or("", |data| data.text.as_str());
    words
        .split([',', ' ', '\n', '\r', '\t', ';'])
        .filter(|word| !word.is_empty())
        .map(|word| {
            let found = || channel.fault(STEP, quoted(word), "whole numbers with commas");
            word.parse().map_err(|_| found())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        ecg::LeadName,
        formats::{ReadOptions, read_bytes},
    };

    #[test]
    fn rhythms_between_commas() {
        let resolution = "<resolution><samplerate><value>500</value><exponent>1</exponent></samplerate><yres><unitperbit>5</unitperbit><units>UV</units></yres></resolution>";
        let channel =
            |name: &str| format!("<channel><name>{name}</name><data>1,-2,3</data></channel>");
        let data = |kind: &str| {
            format!(
                "<wavedata><type>{kind}</type>{resolution}{}{}</wavedata>",
                channel("I"),
                channel("II")
            )
        };
        let text = format!(
            "<examination><eventdata><event>{}{}</event></eventdata></examination>",
            data("ECG_AVERAGES"),
            data("ECG_RHYTHMS")
        );
        let opened = read_bytes("a.xml", text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!((opened.report.exam, opened.report.exams.len()), (1, 2));
        let lead = opened.recording.leads.get(&LeadName::I).unwrap();
        assert_eq!(lead.samples_mv[..], [0.005, -0.01, 0.015]);
    }
}
