//! Everything that is found in a recording, in the order in which it must be: spikes, beats, median
//! beat, waves.

use super::{
    beat_marks::BeatMarks,
    beats::detect_beats,
    delineation::{Delineation, delineate},
    intervals::Intervals,
    median::{MedianBeat, median_beat_without},
    pacing::{self, Bend},
    rhythm::Rhythm,
};
use crate::ecg::{BeatGrid, LeadSet};

/// What is found in a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Pacing spikes, samples.
    pub spikes: Vec<usize>,
    /// QRS complexes.
    pub beats: BeatGrid,
    /// Beat of the dominant shape; none without a whole beat.
    pub median: Option<MedianBeat>,
    /// Its waves; P only where one stands before each QRS.
    pub waves: Option<Delineation>,
    /// The intervals between them.
    pub intervals: Intervals,
    /// What the rhythm looks like; none without waves.
    pub rhythm: Option<Rhythm>,
}

/// Looks a recording over. Pacing spikes are bridged first, so that they enter nothing.
pub fn analyse(leads: &LeadSet) -> Analysis {
    BeatMarks::default().analyse(leads)
}

impl BeatMarks {
    /// The same with beats as a reader has set them.
    pub fn analyse(&self, leads: &LeadSet) -> Analysis {
        analyse_marked(leads, self)
    }
}

fn analyse_marked(leads: &LeadSet, marks: &BeatMarks) -> Analysis {
    let (spikes, found, bridged) = beats_without_spikes(leads, pacing::sharp_bends(leads));
    let beats = marks.applied(found);
    let median = median_beat_without(&bridged, &beats, &marks.excluded);
    let mut waves = median.as_ref().and_then(delineate);
    let paced = paced_beats(&spikes, &beats);
    let rhythm = median
        .as_ref()
        .zip(waves.as_ref())
        .map(|(median, waves)| Rhythm::of(&bridged, &beats, median, waves, paced));
    if !rhythm.is_some_and(|rhythm| rhythm.has_p())
        && let Some(waves) = &mut waves
    {
        waves.forget_p();
    }
    let intervals = median
        .as_ref()
        .map(|median| Intervals::between(median, waves.as_ref()))
        .unwrap_or_default();
    Analysis {
        spikes,
        beats,
        median,
        waves,
        intervals,
        rhythm,
    }
}

/// The leads with straight lines in the place of pacing spikes.
pub fn without_spikes(leads: &LeadSet) -> LeadSet {
    match pacing::sharp_bends(leads) {
        bends if bends.is_empty() => leads.clone(),
        bends => beats_without_spikes(leads, bends).2,
    }
}

/// Spikes among the sharp bends, beats, and the leads without the spikes.
fn beats_without_spikes(leads: &LeadSet, bends: Vec<Bend>) -> (Vec<usize>, BeatGrid, LeadSet) {
    let all: Vec<usize> = bends.iter().map(|bend| bend.at).collect();
    let beats = detect_beats(&pacing::bridged(leads, &all));
    let spikes = pacing::spikes(&bends, &beats);
    let bridged = pacing::bridged(leads, &spikes);
    if spikes.len() == all.len() {
        return (spikes, beats, bridged);
    }
    let beats = detect_beats(&bridged);
    (spikes, beats, bridged)
}

/// Beats with a spike in the third of a second before them.
fn paced_beats(spikes: &[usize], beats: &BeatGrid) -> usize {
    let reach = beats.rate().samples_in(0.36);
    let paced = |peak: &&usize| {
        spikes
            .iter()
            .any(|spike| spike < *peak && **peak - spike <= reach)
    };
    beats.peaks().iter().filter(paced).count()
}
