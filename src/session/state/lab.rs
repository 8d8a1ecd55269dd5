//! The lab's part of the session: of a heart that changes while it is simulated, only the newest
//! state is simulated next.

use std::sync::Arc;

use super::Session;
use crate::session::{
    document::SourceRef,
    exam::Exam,
    job::Job,
    lab::{Before, Comparand, VirtualHeart},
    simulation::simulate,
};

impl Session {
    /// The heart in the lab, where the recording at hand comes from one.
    pub fn heart(&self) -> Option<&VirtualHeart> {
        self.document.source.as_ref().and_then(SourceRef::heart)
    }

    /// Simulates the heart as it is set now, unless it is being simulated: then that comes first.
    pub(super) fn simulate(&mut self) {
        let Some(heart) = self.heart().cloned() else {
            return;
        };
        self.simulated.is_stale = self.jobs.simulation.is_some();
        if !self.simulated.is_stale {
            let work = move || simulate(&heart);
            self.jobs.simulation = Some(Job::spawn("simulation", &self.wake, work));
        }
    }

    /// Shows what was simulated, and goes on where the heart has changed since.
    pub(super) fn drain_simulation(&mut self) {
        let Some(done) = Job::take(&mut self.jobs.simulation) else {
            return;
        };
        if let (Ok(Some(exam)), Some(_)) = (done, self.heart()) {
            self.take_simulated(exam);
        }
        if self.simulated.is_stale {
            self.simulate();
        }
    }

    fn take_simulated(&mut self, mut exam: Exam) {
        self.simulated.revision += 1;
        exam.revision = self.simulated.revision << 32;
        if !self.document.beats.is_empty() {
            exam.mark_beats(&self.document.beats);
        }
        if !self.document.filters.is_off() {
            exam.refilter(&self.document.filters);
        }
        self.exam = Some(exam);
        // The lead at the point stays until the next one comes: it trails the heart as it trails
        // a drag.
        let point = self.results.point.take();
        self.begin();
        self.results.point = point;
    }

    /// Forgets what belongs to the heart at hand alone: another recording comes, or none.
    pub(super) fn leave_lab(&mut self) {
        (self.before, self.jobs.simulation) = (None, None);
        self.simulated.is_stale = false;
    }

    pub(super) fn hold_against(&mut self, comparand: Comparand) {
        let exam = self.exam.as_ref();
        let beat = exam.and_then(|exam| exam.median.clone());
        let onset = exam.and_then(|exam| exam.intervals.as_ref()?.qrs_onset);
        let now = self.heart().cloned().zip(beat);
        self.before = match comparand {
            Comparand::Now => now.map(|(heart, beat)| Before {
                heart: Box::new(heart),
                beat: Arc::new(beat),
                onset,
            }),
            Comparand::Nothing => None,
        };
    }
}
