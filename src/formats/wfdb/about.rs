//! What a WFDB header says of a record: its signals, and in comments the patient and our own words.

use super::{header::Header, signal_line::SignalLine};
use crate::formats::{
    MissingUnit, ReadOptions, Unit,
    comments::Comments,
    contents::{Contents, Scale, Signal, voltage},
};

pub(super) fn contents(header: &Header, n_frames: u64, options: &ReadOptions) -> Contents {
    let mut comments = Comments::default();
    header.comments.iter().for_each(|it| comments.take(it));
    let labels = header.signals.iter().map(|it| it.description.clone());
    comments.labels = labels.collect();
    let signal = |it: &SignalLine| {
        let (name, origin) = comments.lead(&it.description);
        Signal {
            name,
            rate_hz: header.rate_hz * it.per_frame as f64,
            n_samples: n_frames.saturating_mul(it.per_frame as u64),
            scale: scale(it, options),
            prefilter: String::new(),
            origin,
        }
    };
    Contents {
        signals: header.signals.iter().map(signal).collect(),
        start: header.start,
        ..comments.contents
    }
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
