//! The recording at hand and what follows from it at once: filtered leads, beats, the median beat,
//! intervals, quality.

use std::sync::Arc;

use super::{
    document::{BeatMark, BeatSaid, Privacy, WINDOW_S},
    lab::Activation,
    long_recording::{LongRecording, LongRecordingError},
};
use crate::{
    ecg::{BeatGrid, LeadName, LeadSet, Montage, Recording, montage},
    formats::{self, ImportReport, Measurement, Opened, Quantity},
    signal::{
        self, BeatMarks, Delineation, Exchange, FilterSettings, Intervals, Measurements, MedianBeat,
    },
};

/// One recording, ready to draw.
pub struct Exam {
    /// File name or demo title.
    pub title: String,
    /// As the file has it; of a long file the window at hand.
    pub recording: Arc<Recording>,
    /// Seconds in the whole file.
    pub duration_s: f64,
    /// The window at hand: recorded and derived leads, unfiltered.
    pub leads: Arc<LeadSet>,
    /// The same through the display filters.
    pub shown: Arc<LeadSet>,
    /// R peaks of the window.
    pub beats: BeatGrid,
    /// Median beat of the window.
    pub median: Option<MedianBeat>,
    /// Global intervals from the median beat.
    pub intervals: Option<Intervals>,
    /// Waves of the median beat.
    pub waves: Option<Delineation>,
    /// The table of measurements of the window.
    pub measurements: Measurements,
    /// Counts changes of `shown`, so that drawings know when they are stale.
    pub revision: u64,
    /// When the beat reaches the ventricles, where the heart is simulated here.
    pub activation: Option<Arc<Activation>>,
    marks: Vec<BeatMark>,
    undone: Option<Exchange>,
    start_s: f64,
    privacy: Privacy,
    report: ImportReport,
    long: Option<LongRecording>,
}

impl Exam {
    /// Looks at the first window of what was opened.
    pub fn new(title: String, opened: Opened, long: Option<LongRecording>) -> Self {
        let Opened { recording, report } = opened;
        let leads = window(&recording.leads, 0.0);
        let found = signal::analyse(&leads);
        let leads = Arc::new(leads);
        Self {
            title,
            duration_s: long
                .as_ref()
                .map_or(recording.leads.duration_s(), LongRecording::duration_s),
            recording: Arc::new(recording),
            shown: leads.clone(),
            leads,
            measurements: Measurements::of(&found),
            waves: found.waves,
            intervals: found.median.is_some().then_some(found.intervals),
            beats: found.beats,
            median: found.median,
            revision: 0,
            activation: None,
            marks: Vec::new(),
            undone: None,
            start_s: 0.0,
            privacy: Privacy::Shown,
            report,
            long,
        }
    }

    /// Moves the window; of a long file it is read from there. The error says why it stays where it
    /// was.
    pub fn move_window(
        &mut self,
        start_s: f64,
        filters: &FilterSettings,
    ) -> Result<(), LongRecordingError> {
        if let Some(long) = &self.long {
            self.recording = Arc::new(long.window(start_s)?);
        }
        self.start_s = start_s;
        self.look(filters);
        Ok(())
    }

    /// Shows or hides names of signals that are no leads': those may say who the patient is. The
    /// pairs of former and present names that this changed.
    pub(super) fn set_privacy(
        &mut self,
        privacy: Privacy,
        filters: &FilterSettings,
    ) -> Vec<(LeadName, LeadName)> {
        let before = self.leads.clone();
        self.privacy = privacy;
        self.look(filters);
        let names = before.leads().iter().zip(self.leads.leads());
        names
            .filter(|(was, is)| was.name != is.name)
            .map(|(was, is)| (was.name.clone(), is.name.clone()))
            .collect()
    }

    /// Changes electrodes back that were exchanged, or none. `false` where a lead that it concerns is
    /// missing: then all is as recorded.
    pub(super) fn undo_exchange(
        &mut self,
        exchange: Option<Exchange>,
        filters: &FilterSettings,
    ) -> bool {
        let is_possible = exchange.is_none_or(|it| it.undo(&self.leads).is_some());
        self.undone = exchange.filter(|_| is_possible);
        self.look(filters);
        is_possible
    }

    /// What follows from the window at hand.
    fn look(&mut self, filters: &FilterSettings) {
        let read = &self.recording.leads;
        let leads = match self.long {
            Some(_) => read.clone().with_derived_limb_leads(),
            None => window(read, self.start_s),
        };
        let undone = self.undone.and_then(|exchange| exchange.undo(&leads));
        let leads = undone.unwrap_or(leads);
        let leads = match self.privacy {
            Privacy::Shown => leads,
            Privacy::Hidden => formats::deidentify(&Recording::from_leads(leads)).0.leads,
        };
        self.leads = Arc::new(leads);
        self.measure();
        self.refilter(filters);
    }

    /// Takes beats as the reader has set them; what is measured follows.
    pub(super) fn mark_beats(&mut self, marks: &[BeatMark]) {
        self.marks = marks.to_vec();
        self.measure();
        self.revision += 1;
    }

    /// Beats, median beat and measurements of the window.
    fn measure(&mut self) {
        let rate = self.leads.rate();
        let of = |said: BeatSaid| {
            let marks = self.marks.iter().filter(move |mark| mark.said == said);
            let from_s = marks.map(|mark| mark.time_s - self.start_s);
            let inside = from_s.filter(|time_s| (0.0..self.leads.duration_s()).contains(time_s));
            inside.map(|time_s| rate.samples_in(time_s)).collect()
        };
        let marks = BeatMarks {
            added: of(BeatSaid::Added),
            removed: of(BeatSaid::Removed),
            excluded: of(BeatSaid::Excluded),
        };
        let found = marks.analyse(&self.leads);
        self.measurements = Measurements::of(&found);
        self.waves = found.waves;
        self.intervals = found.median.is_some().then_some(found.intervals);
        self.beats = found.beats;
        self.median = found.median;
    }

    /// What import found and repaired, a sentence each.
    pub fn import_words(&self, privacy: Privacy) -> Vec<String> {
        let mut words = match privacy {
            Privacy::Hidden => self.report.deidentified().words(),
            Privacy::Shown => self.report.words(),
        };
        if self.long.is_some() {
            words.push(format!(
                "{:.1} min recorded; shown and learnt from ten seconds at a time",
                self.duration_s / 60.0
            ));
        }
        words
    }

    /// What the recording device itself measured, as far as the file says.
    pub fn cart(&self) -> Intervals {
        cart_intervals(&self.report.cart)
    }

    /// Applies other display filters.
    pub fn refilter(&mut self, filters: &FilterSettings) {
        self.shown = if filters.is_off() {
            self.leads.clone()
        } else {
            Arc::new(filters.apply(&self.leads))
        };
        self.revision += 1;
    }

    /// Exams in the file that this one is of.
    pub fn n_in_file(&self) -> usize {
        self.report.exams.len().max(1)
    }

    /// Recorded leads beyond the standard twelve whose place is known: the truth to compare a
    /// synthesis with.
    pub fn truth_leads(&self) -> Vec<LeadName> {
        self.leads.truth_leads()
    }

    /// The recorded lead whose electrode is nearest to `view`, and the angle to it in degrees.
    pub fn nearest_recorded(
        &self,
        view: crate::ecg::ViewAngle,
        without: &[LeadName],
    ) -> Option<(LeadName, f64)> {
        let candidates = self
            .leads
            .leads()
            .iter()
            .filter(|it| !without.contains(&it.name));
        let placed = candidates.filter_map(|it| {
            let electrode = montage(&it.name)
                .and_then(Montage::exploring_site)
                .and_then(crate::ecg::site)?;
            Some((it.name.clone(), electrode.view.angle_to(view).to_degrees()))
        });
        placed.min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// What a recording device measured, as intervals without landmarks.
pub fn cart_intervals(measured: &[Measurement]) -> Intervals {
    let of = |quantity: Quantity| {
        let mut measured = measured.iter();
        measured
            .find(|it| it.quantity == quantity)
            .map(|it| it.value)
    };
    Intervals {
        heart_rate_bpm: of(Quantity::HeartRate),
        pr_ms: of(Quantity::PrInterval),
        qrs_ms: of(Quantity::QrsDuration),
        qt_ms: of(Quantity::QtInterval),
        ..Intervals::default()
    }
}

fn window(leads: &LeadSet, start_s: f64) -> LeadSet {
    let first = leads
        .rate()
        .samples_in(start_s.clamp(0.0, (leads.duration_s() - WINDOW_S).max(0.0)));
    let part = leads.slice(first..first + leads.rate().samples_in(WINDOW_S));
    part.unwrap_or_else(|| leads.clone())
        .with_derived_limb_leads()
}
