//! Exams whose samples were decoded whole, since their format has no place to look a time up.

use std::ops::Range;

use super::{
    FormatError, ReadOptions, Unit,
    contents::{Chunk, Container, Contents, Scale, Signal, sample_mv},
    exam::{self, Exam, ExamKind},
};
use crate::ecg::Origin;

/// A signal and its samples in millivolts.
pub(super) type Trace = (Signal, Vec<f32>);

/// One exam of a file: what differs from what the whole file says.
pub(super) struct Draft {
    pub name: String,
    pub kind: ExamKind,
    pub traces: Vec<Trace>,
}

impl Draft {
    fn listed(&self, about: &Contents) -> Exam {
        let signals = || self.traces.iter().map(|trace| &trace.0);
        Exam {
            name: self.name.clone(),
            kind: self.kind,
            n_signals: self.traces.len(),
            rate_hz: signals().next().map_or(0.0, |signal| signal.rate_hz),
            duration_s: signals()
                .map(|signal| signal.n_samples as f64 / signal.rate_hz)
                .fold(0.0, f64::max),
            start: about.start,
        }
    }
}

/// An exam in memory.
pub(super) struct Memory {
    contents: Contents,
    columns: Vec<Vec<f32>>,
}

/// The exam to read of those found; `about` is what the file says of all of them.
pub(super) fn open(
    step: &'static str,
    mut about: Contents,
    drafts: Vec<Draft>,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let mut drafts: Vec<Draft> = drafts
        .into_iter()
        .filter(|draft| !draft.traces.is_empty())
        .collect();
    if drafts.is_empty() {
        return Err(FormatError::new(
            step,
            "the whole file",
            "no waveform",
            "at least one lead with samples",
        ));
    }
    let samples = |draft: &Draft| draft.traces.iter().map(|it| it.1.len() as u64).sum::<u64>();
    let most = drafts.iter().map(samples).max().unwrap_or(0);
    if options.limits.samples < most {
        return Err(FormatError::new(
            step,
            "the waveforms",
            format!("{most} samples"),
            format!("at most {}", options.limits.samples),
        ));
    }
    about.exams = drafts.iter().map(|draft| draft.listed(&about)).collect();
    about.exam = exam::chosen(&about.exams, options)?;
    let Draft { kind, traces, .. } = drafts.swap_remove(about.exam);
    about.kind = kind;
    let (signals, columns) = traces.into_iter().unzip();
    about.signals = signals;
    Ok(Box::new(Memory {
        contents: about,
        columns,
    }))
}

impl Container for Memory {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        let cut = |idx: &usize| {
            let column = &self.columns[*idx];
            let end = (range.end as usize).min(column.len());
            let mut out = column[(range.start as usize).min(end)..end].to_vec();
            out.resize((range.end - range.start) as usize, f32::NAN);
            out
        };
        Ok(Chunk {
            samples_mv: signals.iter().map(cut).collect(),
            ..Chunk::default()
        })
    }
}

/// A lead of 16-bit or wider integers, each `step` of `unit`.
pub(super) fn counted(name: &str, rate_hz: f64, unit: Unit, step: f64, counts: &[i32]) -> Trace {
    let samples = counts
        .iter()
        .map(|count| sample_mv(f64::from(*count) * step * unit.mv()))
        .collect();
    valued(name, rate_hz, unit, Some(step.abs()), samples)
}

/// Room for samples in memory, which what a file states may not exceed.
pub(super) struct Room {
    step: &'static str,
    most: u64,
    left: u64,
}

impl Room {
    pub fn new(step: &'static str, options: &ReadOptions) -> Self {
        let most = options.limits.samples;
        Self {
            step,
            most,
            left: most,
        }
    }

    /// A lead that begins `delay` samples after the first one, which were not recorded. Refused
    /// before memory is taken for them.
    pub fn delayed(&mut self, trace: Trace, delay: usize) -> Result<Trace, FormatError> {
        let (mut signal, samples) = trace;
        let wanted = (delay as u64).saturating_add(samples.len() as u64);
        self.left = self.left.checked_sub(wanted).ok_or_else(|| {
            let found = format!("{wanted} samples, the first {delay} before its beginning");
            let expected = format!("at most {} samples in all leads", self.most);
            FormatError::new(self.step, format!("lead {}", signal.name), found, expected)
        })?;
        let mut placed = vec![f32::NAN; delay];
        placed.extend(samples);
        signal.n_samples = placed.len() as u64;
        Ok((signal, placed))
    }
}

/// A lead whose samples are millivolts already; `unit` and `step` are the file's.
pub(super) fn valued(
    name: &str,
    rate_hz: f64,
    unit: Unit,
    step: Option<f64>,
    samples_mv: Vec<f32>,
) -> Trace {
    let signal = Signal {
        name: name.to_owned(),
        rate_hz,
        n_samples: samples_mv.len() as u64,
        scale: Ok(Scale {
            mv: unit.mv(),
            unit: unit.symbol().to_owned(),
            step,
            rails: None,
        }),
        prefilter: String::new(),
        origin: Origin::Measured,
    };
    (signal, samples_mv)
}

/// Two bytes a number, little end first; an odd last byte is dropped.
pub(super) fn i16_le(bytes: &[u8]) -> Vec<i32> {
    bytes
        .chunks_exact(2)
        .map(|pair| i32::from(i16::from_le_bytes([pair[0], pair[1]])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Limits;

    #[test]
    fn there_is_room_for_so_many_samples_and_no_more() {
        let options = ReadOptions {
            limits: Limits {
                samples: 30,
                ..Limits::default()
            },
            ..ReadOptions::default()
        };
        let mut room = Room::new("a test", &options);
        let lead = || counted("I", 500.0, Unit::Millivolt, 1.0, &[1; 10]);
        let (signal, samples) = room.delayed(lead(), 5).unwrap();
        assert_eq!((signal.n_samples, samples.len()), (15, 15));
        assert!(samples[4].is_nan() && samples[5] == 1.0);
        assert!(room.delayed(lead(), usize::MAX).is_err());
        assert!(room.delayed(lead(), 5).is_ok());
        assert!(room.delayed(lead(), 0).is_err());
    }
}
