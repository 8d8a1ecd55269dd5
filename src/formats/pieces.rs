//! A recording that is gone through piece by piece, so that writing a day takes no more memory than
//! writing a minute.

use std::{
    cell::{Cell, RefCell},
    ops::Range,
};

use super::{
    FormatError, Source,
    quantisation::{self, Quantisation},
};
use crate::ecg::{LeadSet, Recording};

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

/// Leads that are made of a file's own, piece by piece.
pub struct MadeLeads<'a> {
    /// Seconds on either side that have a say in a sample.
    pub reach_s: f64,
    /// The leads from those of the file over the same samples; or why there are none.
    pub make: &'a dyn Fn(&LeadSet) -> Result<LeadSet, String>,
}

/// A stretch of a file that is read as it is needed.
pub(super) struct Stretch<'a> {
    source: &'a Source,
    samples: Range<u64>,
    per_piece: u64,
    made: Option<&'a MadeLeads<'a>>,
    /// Told, after each piece, the samples shown so far in all passes.
    progress: &'a dyn Fn(u64),
    shown: Cell<u64>,
    /// What reading had to say.
    pub warnings: RefCell<Vec<String>>,
    /// Microvolts per step that the file states.
    steps_uv: Vec<f64>,
}

/// Samples of one piece, over all leads.
const PIECE: u64 = 1 << 19;
/// Seconds of which a piece of made leads is a multiple: what makes them may have instants of its
/// own, which then lie alike in every piece.
const MADE_PIECE_S: f64 = 10.0;
/// Warnings that are kept.
const WARNINGS: usize = 1000;

impl<'a> Stretch<'a> {
    pub fn new(
        source: &'a Source,
        (start_s, seconds): (f64, f64),
        made: Option<&'a MadeLeads<'a>>,
        progress: &'a dyn Fn(u64),
    ) -> Result<Self, FormatError> {
        let first = source.window(start_s, 1.0)?;
        let mut per_piece = (PIECE / first.recording.leads.leads().len() as u64).max(1);
        if made.is_some() {
            let unit = (source.rate().samples_in(MADE_PIECE_S) as u64).max(1);
            per_piece = (per_piece / unit).max(1) * unit;
        }
        let leads = first.report.leads.iter();
        Ok(Self {
            source,
            samples: source.samples_of(start_s, seconds)?,
            per_piece,
            made,
            progress,
            shown: Cell::new(0),
            warnings: RefCell::new(Vec::new()),
            steps_uv: leads.filter_map(|it| it.step_uv).collect(),
        })
    }

    fn piece(&self, at: u64, len: u64) -> Result<Recording, FormatError> {
        let rate = self.source.rate();
        let reach_s = self.made.map_or(0.0, |it| it.reach_s.ceil());
        let from = at.saturating_sub(rate.samples_in(reach_s) as u64);
        let before_s = rate.seconds_at((at - from) as usize);
        let len_s = rate.seconds_at(len as usize);
        let opened = self
            .source
            .window(rate.seconds_at(from as usize), before_s + len_s + reach_s)?;
        self.keep_warnings(opened.report.warnings);
        let Some(made) = self.made else {
            return Ok(opened.recording);
        };
        let mut piece = opened.recording;
        let leads = (made.make)(&piece.leads).map(|leads| {
            let skip = (at - from) as usize;
            leads.slice(skip..skip + len as usize)
        });
        piece.leads = leads
            .and_then(|it| it.ok_or_else(|| "no sample".to_owned()))
            .map_err(|it| FormatError::new("writing", "the leads", it, "leads of one length"))?;
        piece.notes.retain_mut(|(onset, _)| {
            *onset = onset.map(|it| it - before_s);
            onset.is_none_or(|it| -1e-9 <= it && it <= len_s)
        });
        Ok(piece)
    }

    fn keep_warnings(&self, new: Vec<String>) {
        let mut all = self.warnings.borrow_mut();
        for it in new {
            if all.len() < WARNINGS && !all.contains(&it) {
                all.push(it);
            }
        }
    }
}

impl Pieces for Stretch<'_> {
    fn each(
        &self,
        see: &mut dyn FnMut(&Recording) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut at = self.samples.start;
        while at < self.samples.end {
            let len = self.per_piece.min(self.samples.end - at);
            see(&self.piece(at, len)?)?;
            at += len;
            self.shown.set(self.shown.get() + len);
            (self.progress)(self.shown.get());
        }
        Ok(())
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

impl Outline {
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

    /// Of a stretch, which is read once for it.
    pub fn of_stretch(stretch: &Stretch, max_steps: f64) -> Result<Self, FormatError> {
        let mut about: Option<Recording> = None;
        let mut scans: Vec<Scan> = Vec::new();
        let mut n_samples = 0;
        stretch.each(&mut |piece| {
            let leads = piece.leads.leads();
            match &mut about {
                None => {
                    scans = leads.iter().map(|_| Scan::new(&stretch.steps_uv)).collect();
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
