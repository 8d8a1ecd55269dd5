//! Which seconds are learned from and which are tested.

use std::ops::Range;

use serde::Serialize;

use crate::ecg::LeadSet;

/// Fewest seconds that a test is worth making on.
const SHORTEST_S: f64 = 1.0;

/// Which seconds were learned from and which were tested.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TestWindow {
    /// Seconds learned from, from the start.
    pub learned_s: (f64, f64),
    /// Seconds tested.
    pub tested_s: (f64, f64),
    /// Whether the two are apart. Where the recording is too short they are not, and the figures
    /// flatter.
    pub apart: bool,
    #[serde(skip)]
    pub(super) tested: Range<usize>,
}

impl TestWindow {
    /// The last seconds, as many as were learned from; what is left after them where there is less.
    pub(super) fn of(leads: &LeadSet, learned_s: f64) -> Self {
        let (rate, n) = (leads.rate(), leads.n_samples());
        let learned = rate.samples_in(learned_s).min(n);
        let apart = SHORTEST_S <= rate.seconds_at(n - learned);
        let tested = if apart {
            learned.max(n.saturating_sub(learned))..n
        } else {
            0..n
        };
        let seconds = |it: &Range<usize>| (rate.seconds_at(it.start), rate.seconds_at(it.end));
        Self {
            learned_s: seconds(&(0..learned)),
            tested_s: seconds(&tested),
            apart,
            tested,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, LeadName, SampleRate};

    fn check(recorded_s: f64, tested_s: (f64, f64), apart: bool) {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let samples = vec![0.0; rate.samples_in(recorded_s)];
        let leads = LeadSet::new(rate, vec![Lead::measured(LeadName::I, samples)]).unwrap();
        let found = TestWindow::of(&leads, 5.0);
        assert_eq!((found.tested_s, found.apart), (tested_s, apart));
        assert_eq!(found.learned_s, (0.0, recorded_s.min(5.0)));
    }

    #[test]
    fn the_last_seconds_are_tested_as_long_as_they_are_apart() {
        check(30.0, (25.0, 30.0), true);
        check(10.0, (5.0, 10.0), true);
        check(7.0, (5.0, 7.0), true);
        check(5.5, (0.0, 5.5), false);
        check(3.0, (0.0, 3.0), false);
    }
}
