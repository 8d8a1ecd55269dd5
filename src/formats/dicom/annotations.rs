//! What a DICOM waveform says beside its samples: measurements, statements and marks of the device.

use super::dataset::View;
use crate::{
    ecg::Origin,
    formats::{
        cart::{Measurement, Quantity},
        contents::Note,
        provenance,
    },
};

/// Who defines our own codes.
pub(super) const SCHEME: &str = "99ECGPANORAMA";
/// Who we are among the equipment that had a hand in an object.
pub(super) const ECG_PANORAMA: &str = "ECG Panorama";

/// Annotations of a file.
#[derive(Default)]
pub(super) struct Annotations {
    pub measured: Vec<Measurement>,
    pub statements: Vec<String>,
    /// Remarks of ours about the whole recording.
    pub notes: Vec<String>,
    /// Group from 0, note.
    pub marks: Vec<(usize, Mark)>,
    /// Group and channel from 0, and our own words about its origin.
    pub origins: Vec<(usize, usize, String)>,
}

/// A mark at a sample.
pub(super) struct Mark {
    pub first_sample: f64,
    pub n_samples: f64,
    pub text: String,
}

impl Mark {
    pub fn note(&self, rate_hz: f64) -> Note {
        let seconds = self.n_samples / rate_hz;
        Note {
            onset_s: self.first_sample / rate_hz,
            duration_s: (0.0 < seconds).then_some(seconds),
            text: self.text.clone(),
        }
    }
}

impl Annotations {
    /// The first of each quantity; at most `limit` marks.
    pub fn read(root: &View, limit: usize) -> Self {
        let mut out = Self::default();
        let equipment = root.items((0x0018, 0xa001));
        let maker = |it: &View| it.text((0x0008, 0x0070));
        let is_ours = equipment
            .iter()
            .any(|it| maker(it).as_deref() == Some(ECG_PANORAMA));
        for annotation in root.items((0x0040, 0xb020)).iter().take(limit) {
            let concept = annotation
                .item((0x0040, 0xa043))
                .or_else(|| annotation.item((0x0040, 0xa168)));
            let part = |tag| concept.as_ref().and_then(|concept| concept.text(tag));
            let (code, scheme) = (part((0x0008, 0x0100)), part((0x0008, 0x0102)));
            let [group, channel] = channel(annotation);
            let text = annotation.text((0x0070, 0x0006));
            // Text of a channel that says where it comes from counts, whoever wrote the file last.
            if let Some(text) = text.as_ref().filter(|_| concept.is_none())
                && 0 < channel
                && provenance::origin_of("", text) != Origin::Measured
            {
                let place = (group.saturating_sub(1), channel - 1, text.clone());
                out.origins.push(place);
                continue;
            }
            let measured = quantity(scheme.as_deref(), code.as_deref())
                .zip(annotation.number((0x0040, 0xa30a)))
                .and_then(|(quantity, value)| Measurement::sound(quantity, value));
            if let Some(new) = measured {
                if out.measured.iter().all(|old| old.quantity != new.quantity) {
                    out.measured.push(new);
                }
                continue;
            }
            let words = text.or_else(|| part((0x0008, 0x0104)));
            match (positions(annotation), words) {
                (Some((first_sample, n_samples)), Some(text)) => {
                    let mark = Mark {
                        first_sample,
                        n_samples,
                        text,
                    };
                    out.marks.push((group.saturating_sub(1), mark));
                }
                (None, Some(text)) if is_ours && concept.is_none() => out.notes.push(text),
                (None, Some(text)) if annotation.number((0x0040, 0xa30a)).is_none() => {
                    out.statements
                        .push(format!("the device's statement: {text}"));
                }
                _ => {}
            }
        }
        out
    }
}

/// Multiplex group and channel, from 1; 0 for all channels.
fn channel(annotation: &View) -> [usize; 2] {
    match annotation.u16s((0x0040, 0xa0b0)).as_slice() {
        [group, channel, ..] => [usize::from(*group), usize::from(*channel)],
        _ => [1, 0],
    }
}

/// First sample from 0, and samples up to the last.
fn positions(annotation: &View) -> Option<(f64, f64)> {
    let positions = annotation.u32s((0x0040, 0xa132));
    let (first, last) = (*positions.first()?, *positions.last()?);
    Some((
        f64::from(first.saturating_sub(1)),
        f64::from(last.saturating_sub(first)),
    ))
}

/// Codes of the global measurements: MDC, SCP-ECG (as Mortara and others write them) and LOINC.
fn quantity(scheme: Option<&str>, code: Option<&str>) -> Option<Quantity> {
    Some(match (scheme?, code?) {
        ("MDC", "2:16016") | ("LN", "8867-4") => Quantity::HeartRate,
        ("MDC", "2:16168") | ("SCPECG", "5.10.2.1-3") | ("LN", "8637-1") => Quantity::RrInterval,
        ("MDC", "2:15868") | ("SCPECG", "5.13.5-5") => Quantity::PDuration,
        ("MDC", "2:15872") | ("SCPECG", "5.13.5-7") | ("LN", "8625-6") => Quantity::PrInterval,
        ("MDC", "2:16156") | ("SCPECG", "5.13.5-9") | ("LN", "8633-0") => Quantity::QrsDuration,
        ("MDC", "2:16160") | ("SCPECG", "5.13.5-11") | ("LN", "8634-8") => Quantity::QtInterval,
        ("MDC", "2:15876" | "2:16164") | ("SCPECG", "5.10.2.5-5") | ("LN", "8636-3") => {
            Quantity::QtcInterval
        }
        ("MDC", "2:16128") | ("SCPECG", "5.10.3-11") => Quantity::PAxis,
        ("MDC", "2:16132") | ("SCPECG", "5.10.3-13") => Quantity::QrsAxis,
        ("MDC", "2:16136") | ("SCPECG", "5.10.3-15") => Quantity::TAxis,
        _ => return None,
    })
}
