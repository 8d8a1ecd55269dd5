//! Mortara and Hill-Rom ELI XML: channels in attributes. No file of a cart was at hand: read after
//! what other readers say of the format.

use super::{
    parts::{base64, joined, sex},
    tree::Element,
};
use crate::{
    ecg::{Filters, Patient},
    formats::{
        FormatError, ReadOptions, Unit,
        cart::{Measurement, Quantity},
        contents::{Container, Contents},
        dates,
        exam::ExamKind,
        memory::{self, Draft, Trace},
    },
};

const STEP: &str = "Mortara XML";

/// Attributes of the root that hold measurements.
const MEASURED: [(&str, Quantity); 8] = [
    ("VENT_RATE", Quantity::HeartRate),
    ("PR_DURATION", Quantity::PrInterval),
    ("QRS_DURATION", Quantity::QrsDuration),
    ("QT_DURATION", Quantity::QtInterval),
    ("QTC_DURATION", Quantity::QtcInterval),
    ("P_AXIS", Quantity::PAxis),
    ("QRS_AXIS", Quantity::QrsAxis),
    ("T_AXIS", Quantity::TAxis),
];

/// Whether the document is one: a root `ECG` with channels.
pub(super) fn is_mortara(root: &Element) -> bool {
    root.name == "ECG" && (root.child("CHANNEL").is_some() || root.child("TYPICAL_CYCLE").is_some())
}

pub(super) fn open(
    root: &Element,
    mut about: Contents,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    about.format = "Mortara XML".to_owned();
    about.start = root.attribute("ACQUISITION_TIME_XML").and_then(dates::iso);
    if let Some(source) = root.child("SOURCE") {
        let maker = source.attribute("MANUFACTURER");
        let software = source.attribute("ACQUIRING_DEVICE_SW_VERSION");
        about.device = joined(&[maker, source.attribute("MODEL"), software]);
        about.filters = Filters {
            high_pass_hz: source.number("HIGH_PASS_FILTER").filter(|hz| 0.0 < *hz),
            low_pass_hz: source.number("LOW_PASS_FILTER").filter(|hz| 0.0 < *hz),
            notch_hz: source.number("AC_FILTER").filter(|hz| 0.0 < *hz),
        };
    }
    about.patient = root.child("SUBJECT").map(patient).unwrap_or_default();
    about.patient.age_years = root.number("AGE").filter(|_| {
        let units = root.attribute("AGE_UNITS");
        units.is_none_or(|units| units.to_uppercase().starts_with("YEAR"))
    });
    about.cart = MEASURED
        .iter()
        .filter_map(|(name, quantity)| Measurement::sound(*quantity, root.number(name)?))
        .collect();
    let rhythm = root
        .all("CHANNEL")
        .map(|channel| trace(channel, channel))
        .collect::<Result<_, _>>()?;
    let cycle = root.child("TYPICAL_CYCLE");
    let median = cycle
        .iter()
        .flat_map(|cycle| {
            cycle
                .all("TYPICAL_CYCLE_CHANNEL")
                .map(|it| trace(it, cycle))
        })
        .collect::<Result<_, _>>()?;
    let draft = |name: &str, kind, traces| Draft {
        name: name.to_owned(),
        kind,
        traces,
    };
    let drafts = vec![
        draft("rhythm", ExamKind::Rhythm, rhythm),
        draft("typical cycle", ExamKind::Median, median),
    ];
    memory::open(STEP, about, drafts, options)
}

fn patient(subject: &Element) -> Patient {
    let birth = || {
        subject
            .attribute("DOB_XML")
            .or_else(|| subject.attribute("DOB"))
    };
    Patient {
        name: Patient::full_name(
            subject.attribute("LAST_NAME"),
            subject.attribute("FIRST_NAME"),
        ),
        id: subject.attribute("ID").map(str::to_owned),
        sex: sex(subject.attribute("GENDER")),
        birth_date: birth().and_then(|text| text.get(..10)?.parse().ok()),
        age_years: None,
    }
}

/// A channel; rate and scale may stand at the element around it.
fn trace(channel: &Element, around: &Element) -> Result<Trace, FormatError> {
    let attribute = |name: &str| channel.attribute(name).or_else(|| around.attribute(name));
    let number = |name: &str| {
        let value = channel.number(name).or_else(|| around.number(name));
        value
            .filter(|value| 0.0 < *value)
            .ok_or_else(|| channel.fault(STEP, format!("no {name}"), "a number above 0"))
    };
    let (rate_hz, steps_per_mv) = (number("SAMPLE_FREQ")?, number("UNITS_PER_MV")?);
    let coding = [
        attribute("BITS").unwrap_or("16"),
        attribute("FORMAT").unwrap_or("SIGNED"),
        attribute("ENCODING").unwrap_or("BASE64"),
    ];
    if coding != ["16", "SIGNED", "BASE64"] {
        let found = coding.join(" ");
        return Err(channel.fault(STEP, found, "16 SIGNED BASE64"));
    }
    let data = channel.attribute("DATA").unwrap_or(&channel.text);
    let counts = memory::i16_le(&base64(STEP, channel, data)?);
    let name = channel.attribute("NAME").unwrap_or("");
    Ok(memory::counted(
        name,
        rate_hz,
        Unit::Millivolt,
        1.0 / steps_per_mv,
        &counts,
    ))
}

#[cfg(test)]
mod tests {
    use crate::{
        ecg::LeadName,
        formats::{ExamKind, ReadOptions, read_bytes},
    };

    #[test]
    fn channels_and_typical_cycle() {
        let channel = "BITS=\"16\" FORMAT=\"SIGNED\" UNITS_PER_MV=\"400\" ENCODING=\"BASE64\" SAMPLE_FREQ=\"1000\" DATA=\"AQACAP7/\"";
        let text = format!(
            "<ECG ACQUISITION_TIME_XML=\"2023-12-01T12:00:00\" VENT_RATE=\"75\"><SUBJECT LAST_NAME=\"Doe\" GENDER=\"MALE\"/>\
             <CHANNEL NAME=\"I\" {channel}/><CHANNEL NAME=\"II\" {channel}/>\
             <TYPICAL_CYCLE SAMPLE_FREQ=\"500\" UNITS_PER_MV=\"200\"><TYPICAL_CYCLE_CHANNEL NAME=\"I\" DATA=\"AQA=\"/></TYPICAL_CYCLE></ECG>"
        );
        let opened = read_bytes("a.xml", text.as_bytes(), &ReadOptions::default()).unwrap();
        let lead = opened.recording.leads.get(&LeadName::I).unwrap();
        assert_eq!(lead.samples_mv[..], [0.0025, 0.005, -0.005]);
        assert_eq!(
            (opened.report.rate_hz, opened.report.cart.len()),
            (1000.0, 1)
        );
        assert_eq!(opened.report.exams[1].kind, ExamKind::Median);
        let broken = text.replacen("SIGNED", "UNSIGNED", 1);
        assert!(read_bytes("a.xml", broken.as_bytes(), &ReadOptions::default()).is_err());
    }
}
