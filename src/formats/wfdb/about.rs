//! What a WFDB header says of a record: its signals, and in comments the patient and our own words.

use super::header::{Header, SignalLine};
use crate::{
    ecg::{Patient, Sex},
    formats::{
        MissingUnit, ReadOptions, Unit,
        contents::{Contents, Note, Scale, Signal, voltage},
        provenance,
    },
};

pub(super) fn contents(header: &Header, n_frames: u64, options: &ReadOptions) -> Contents {
    let mut out = Contents {
        start: header.start,
        ..Contents::default()
    };
    let mut origins: Vec<(String, String)> = Vec::new();
    for it in &header.comments {
        match it.strip_prefix(ORIGIN).and_then(|it| it.split_once(": ")) {
            Some((label, words)) => origins.push((label.to_owned(), words.to_owned())),
            None if patient(it, &mut out.patient) || device(it, &mut out).is_some() => {}
            None => out.notes.push(it.clone()),
        }
    }
    for it in &header.signals {
        let words = origins
            .iter()
            .find(|origin| origin.0 == it.description)
            .map_or("", |it| it.1.as_str());
        out.signals.push(Signal {
            name: provenance::name_of(&it.description, words),
            rate_hz: header.rate_hz * it.per_frame as f64,
            n_samples: n_frames.saturating_mul(it.per_frame as u64),
            scale: scale(it, options),
            prefilter: String::new(),
            origin: provenance::origin_of(&it.description, words),
        });
    }
    out
}

/// Comment that tells where a lead comes from, where that is no electrode.
pub(super) const ORIGIN: &str = "origin ";

/// The comments of the PhysioNet challenges and of PTB. `true` if the comment was understood whole.
fn patient(comment: &str, patient: &mut Patient) -> bool {
    let Some((key, value)) = comment.split_once(':') else {
        return false;
    };
    let value = value.trim();
    match key.trim().trim_matches(['<', '>']).to_lowercase().as_str() {
        "age" => {
            patient.age_years = value
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite() && 0.0 <= *it && *it < 150.0);
            patient.age_years.is_some()
        }
        "sex" | "gender" => {
            patient.sex = match value.to_lowercase().as_str() {
                "f" | "female" => Some(Sex::Female),
                "m" | "male" => Some(Sex::Male),
                _ => None,
            };
            patient.sex.is_some()
        }
        "patient name" => {
            patient.name = Some(value.to_owned()).filter(|it| !it.is_empty());
            true
        }
        "patient id" => {
            patient.id = Some(value.to_owned()).filter(|it| !it.is_empty());
            true
        }
        "birth date" => {
            patient.birth_date = value.parse().ok();
            patient.birth_date.is_some()
        }
        _ => false,
    }
}

/// What our own headers say beyond the patient.
fn device(comment: &str, out: &mut Contents) -> Option<()> {
    let (key, value) = comment.split_once(": ")?;
    let hz = || {
        value
            .parse()
            .ok()
            .filter(|it: &f64| it.is_finite() && 0.0 < *it)
    };
    match key {
        "Device" => out.device = Some(value.to_owned()),
        "High-pass Hz" => out.filters.high_pass_hz = Some(hz()?),
        "Low-pass Hz" => out.filters.low_pass_hz = Some(hz()?),
        "Notch Hz" => out.filters.notch_hz = Some(hz()?),
        _ => {
            let onset_s = key
                .strip_prefix("at ")?
                .strip_suffix(" s")?
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite())?;
            out.timed_notes.push(Note {
                onset_s,
                duration_s: None,
                text: value.to_owned(),
            });
        }
    }
    Some(())
}

/// Steps a millivolt that the standard lets one assume of an uncalibrated signal.
const UNCALIBRATED: f64 = 200.0;

/// Steps per unit, and the number of 0: as stated, as the caller has them, or the standard's where
/// the caller names millivolts.
pub(super) fn calibration(line: &SignalLine, options: &ReadOptions) -> Option<(f64, f64)> {
    match (line.gain, options.converter, options.missing_unit) {
        (Some(gain), ..) => Some((gain, line.baseline)),
        (None, Some(converter), _) => Some((converter.steps_per_mv, converter.zero)),
        (None, None, MissingUnit::Take(Unit::Millivolt)) => Some((UNCALIBRATED, line.baseline)),
        (None, None, MissingUnit::Take(_)) => Some((1.0, line.baseline)),
        (None, None, MissingUnit::Refuse) => None,
    }
}

fn scale(line: &SignalLine, options: &ReadOptions) -> Result<Scale, String> {
    let Some((gain, baseline)) = calibration(line, options) else {
        return Err(format!(
            "uncalibrated (no gain stated); name the steps a millivolt, or the unit mV for the \
             standard's {UNCALIBRATED}"
        ));
    };
    // A gain without a unit is per millivolt.
    let (mv, unit) = match (line.gain, line.unit.is_empty()) {
        (Some(_), true) => (1.0, "mV (none stated: the standard's)".to_owned()),
        (Some(_), false) => voltage(&line.unit, options)?,
        (None, _) if options.converter.is_some() || gain == UNCALIBRATED => (
            1.0,
            format!("mV (uncalibrated: {gain} steps a millivolt assumed)"),
        ),
        (None, _) => voltage("", options)?,
    };
    let physical = |digital: f64| (digital - baseline) / gain;
    let rails = line
        .coding
        .range()
        .map(|(low, high)| (physical(low), physical(high)));
    Ok(Scale {
        mv,
        unit,
        step: Some((1.0 / gain).abs()),
        rails: rails.map(|(low, high)| (low.min(high), low.max(high))),
    })
}
