//! Beats as a reader has set them: put in, struck out, or left out of the median beat.

use crate::ecg::{BeatGrid, SampleRate};

/// What a reader has set, samples of the recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BeatMarks {
    /// Beats that were not found.
    pub added: Vec<usize>,
    /// What was taken for a beat and is none.
    pub removed: Vec<usize>,
    /// Beats that the median beat goes without.
    pub excluded: Vec<usize>,
}

impl BeatMarks {
    /// A mark means the beat within this of it, seconds: no two beats are closer.
    pub const REACH_S: f64 = 0.1;

    /// The beats after what was put in and struck out.
    pub(super) fn applied(&self, found: BeatGrid) -> BeatGrid {
        let rate = found.rate();
        let stays = |at: &&usize| !is_marked(&self.removed, **at, rate);
        let mut peaks: Vec<usize> = found.peaks().iter().filter(stays).copied().collect();
        for at in &self.added {
            if !is_marked(&peaks, *at, rate) {
                peaks.push(*at);
            }
        }
        BeatGrid::new(rate, peaks)
    }
}

/// Whether one of the marks means the beat `at`.
pub(super) fn is_marked(marks: &[usize], at: usize, rate: SampleRate) -> bool {
    let reach = rate.samples_in(BeatMarks::REACH_S);
    marks.iter().any(|mark| mark.abs_diff(at) < reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_are_put_in_and_struck_out_once() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let found = BeatGrid::new(rate, vec![500, 900, 1300]);
        let marks = BeatMarks {
            added: vec![1700, 1710, 505],
            removed: vec![890],
            excluded: vec![1300],
        };
        assert_eq!(marks.applied(found).peaks(), [500, 1300, 1700]);
    }
}
