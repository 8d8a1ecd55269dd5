//! A recording that is gone through piece by piece, so that writing a day takes no more memory than
//! writing a minute.

use super::{
    FormatError,
    quantisation::{self, Quantisation},
};
use crate::ecg::{Recording, plain_line};

/// A recording, or a stretch of a file, whose samples come in pieces and can be had again.
pub(super) trait Pieces {
    /// Shows the pieces in order. All have the same leads, and their samples follow one another.
    fn each(
        &self,
        see: &mut dyn FnMut(&Recording) -> Result<(), FormatError>,
    ) -> Result<(), FormatError>;
}

impl Pieces for Recording {
    fn each(
        &self,
        see: &mut dyn FnMut(&Recording) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        see(self)
    }
}

/// What a writer must know before it writes the first sample.
pub(super) struct Outline {
    /// Everything but the samples, of which there may be only the first.
    pub about: Recording,
    pub n_samples: usize,
    /// What the writer must know of each lead's samples.
    pub leads: Vec<LeadOutline>,
}

/// What all samples of one lead have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct LeadOutline {
    pub step_uv: f64,
    pub peak_uv: f64,
    /// First sample and length of each stretch that was not recorded; at most [`GAPS`].
    pub gaps: Vec<(usize, usize)>,
}

/// Gaps that are remembered per lead: one more than a file can tell.
const GAPS: usize = 20_001;
/// Annotations of one recording.
const NOTES: usize = 1_000_000;

/// Microvolts beyond which 16 bits hold a lead in steps coarser than a cart's.
const COARSE_UV: f64 = 250_000.0;

impl Outline {
    /// Says which leads an impossible sample makes coarse, where integers hold them.
    pub fn coarse(&self) -> impl Iterator<Item = String> {
        let leads = self.about.leads.leads().iter().zip(&self.leads);
        let coarse = leads.filter(|it| COARSE_UV < it.1.peak_uv);
        coarse.map(|(lead, outline)| {
            format!(
                "{} reaches {:.0} mV and is written in steps of {:.0} µV",
                plain_line(&lead.label()),
                outline.peak_uv / 1e3,
                outline.step_uv
            )
        })
    }

    /// Of a recording that is at hand.
    pub fn of(recording: &Recording, max_steps: f64) -> Self {
        let outline = |samples: &[f32]| {
            let mut scan = Scan::new(&[]);
            scan.take(samples);
            LeadOutline {
                step_uv: quantisation::step_uv(samples, max_steps),
                ..scan.outline(max_steps)
            }
        };
        let leads = recording
            .leads
            .leads()
            .iter()
            .map(|it| outline(&it.samples_mv))
            .collect();
        Self {
            about: recording.clone(),
            n_samples: recording.leads.n_samples(),
            leads,
        }
    }

    /// Of pieces, which are gone through once for it. `steps_uv` are steps that their source
    /// states.
    pub fn of_pieces(
        pieces: &dyn Pieces,
        steps_uv: &[f64],
        max_steps: f64,
    ) -> Result<Self, FormatError> {
        let mut about: Option<Recording> = None;
        let mut scans: Vec<Scan> = Vec::new();
        let mut n_samples = 0;
        pieces.each(&mut |piece| {
            let leads = piece.leads.leads();
            match &mut about {
                None => {
                    scans = leads.iter().map(|_| Scan::new(steps_uv)).collect();
                    about = Some(first_of(piece));
                }
                Some(about) => append_notes(about, piece, n_samples)?,
            }
            scans
                .iter_mut()
                .zip(leads)
                .for_each(|(scan, lead)| scan.take(&lead.samples_mv));
            n_samples += piece.leads.n_samples();
            Ok(())
        })?;
        let about = about
            .ok_or_else(|| FormatError::new("writing", "the samples", "none", "at least one"))?;
        Ok(Self {
            about,
            n_samples,
            leads: scans.into_iter().map(|it| it.outline(max_steps)).collect(),
        })
    }
}

/// A piece of which only the first sample is kept.
fn first_of(piece: &Recording) -> Recording {
    Recording {
        leads: piece
            .leads
            .slice(0..1)
            .unwrap_or_else(|| piece.leads.clone()),
        ..piece.clone()
    }
}

/// Annotations of a later piece, in the time of the whole; one on the border is seen from both
/// sides.
fn append_notes(
    about: &mut Recording,
    piece: &Recording,
    n_samples: usize,
) -> Result<(), FormatError> {
    let offset_s = piece.leads.rate().seconds_at(n_samples);
    for (onset, text) in &piece.notes {
        let Some(onset_s) = onset.map(|it| it + offset_s) else {
            continue;
        };
        let is_known =
            about.notes.iter().rev().take(32).any(|it| {
                it.1 == *text && it.0.is_some_and(|known| (known - onset_s).abs() < 1e-6)
            });
        if !is_known {
            about.notes.push((Some(onset_s), text.clone()));
        }
    }
    if about.notes.len() <= NOTES {
        return Ok(());
    }
    Err(FormatError::new(
        "writing",
        "annotations",
        format!("over {NOTES}"),
        format!("at most {NOTES}"),
    )
    .advise("write a shorter stretch"))
}

/// One lead, looked through.
struct Scan {
    quantisation: Quantisation,
    at: usize,
    gaps: Vec<(usize, usize)>,
}

impl Scan {
    fn new(steps_uv: &[f64]) -> Self {
        Self {
            quantisation: Quantisation::new(steps_uv),
            at: 0,
            gaps: Vec::new(),
        }
    }

    fn take(&mut self, samples: &[f32]) {
        self.quantisation.take(samples);
        for it in samples {
            if !it.is_finite() {
                let n_gaps = self.gaps.len();
                match self.gaps.last_mut() {
                    Some((first, len)) if *first + *len == self.at => *len += 1,
                    _ if n_gaps < GAPS => self.gaps.push((self.at, 1)),
                    _ => {}
                }
            }
            self.at += 1;
        }
    }

    fn outline(self, max_steps: f64) -> LeadOutline {
        LeadOutline {
            step_uv: self.quantisation.step_uv(max_steps),
            peak_uv: self.quantisation.peak_uv(),
            gaps: self.gaps,
        }
    }
}
