//! The lab's part of the session: of a heart that changes while it is simulated, only the newest
//! state is simulated next.

use std::sync::Arc;

use super::Session;
use crate::session::{
    document::SourceRef,
    exam::Exam,
    job::Job,
    lab::{Before, Comparand, VirtualHeart},
    query::{Effort, Query},
    results::{Calibrating, Results},
    simulation::simulate_after,
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
            let before = self.simulated.patient.clone();
            let work = move || simulate_after(&heart, before.as_deref());
            self.jobs.simulation = Some(Job::spawn("simulation", &self.wake, work));
        }
    }

    /// Shows what was simulated, and goes on where the heart has changed since.
    pub(super) fn drain_simulation(&mut self) {
        let Some(done) = Job::take(&mut self.jobs.simulation) else {
            return;
        };
        let simulated = done.ok().flatten();
        let exam = simulated.map(|it| {
            self.simulated.patient = Some(it.patient.into());
            it.exam
        });
        // First the next one is begun: there are two processors.
        if self.simulated.is_stale {
            self.simulate();
        }
        if let (Some(exam), Some(_)) = (exam, self.heart()) {
            self.take_simulated(exam);
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
        self.follow();
    }

    /// Calibrates in closed form and asks all that the panes show. What they show stays until the
    /// next comes: it trails the heart as a lead trails the point in a drag.
    fn follow(&mut self) {
        let Some(request) = self.request(Effort::Quick) else {
            return;
        };
        let before = std::mem::take(&mut self.results);
        self.leave();
        // The status line does not flicker with every step of a drag.
        if !matches!(self.calibrating, Calibrating::Ready(_)) {
            self.calibrating = Calibrating::Running(Default::default());
        }
        self.results = Results {
            point: before.point,
            listed: before.listed,
            map: before.map,
            panorama: before.panorama,
            ..Results::default()
        };
        self.worker.ask(Query::Calibrate(request));
        self.simulated.is_quick = true;
        self.ask_shown();
        self.refine_simulated();
    }

    /// Asks anew what the panes show.
    fn ask_shown(&mut self) {
        let point = Query::Point(self.document.point_target());
        let leads = self.document.virtual_leads.iter();
        let listed = leads.map(|lead| Query::Listed(lead.id, lead.target.clone()));
        let map = self.results.map.iter();
        let map = map.map(|map| Query::BodyMap(map.directions.clone()));
        let panorama = self.results.panorama.iter().map(|_| Query::Panorama);
        for query in listed.chain(map).chain(panorama).chain([point]) {
            self.results.trailing.insert(query.key());
            self.worker.ask(query);
        }
    }

    /// Once the heart is let go, calibrates with the effort that any recording gets.
    pub(super) fn refine_simulated(&mut self) {
        let is_still = !self.history.undo.is_in_gesture() && self.jobs.simulation.is_none();
        if !is_still || !std::mem::take(&mut self.simulated.is_quick) {
            return;
        }
        if let Some(request) = self.request(Effort::Whole) {
            self.worker.ask(Query::Refine(request));
        }
    }

    /// The better calibration is there: what is shown is made with it.
    pub(super) fn take_refined(&mut self) {
        let results = &mut self.results;
        results.compared.clear();
        results.held_out.clear();
        results.asked.clear();
        self.ask_shown();
        self.worker.ask(Query::Examine);
    }

    /// Forgets what belongs to the heart at hand alone: another recording comes, or none.
    pub(super) fn leave_lab(&mut self) {
        (self.before, self.jobs.simulation) = (None, None);
        (self.simulated.is_stale, self.simulated.patient) = (false, None);
    }

    pub(super) fn hold_against(&mut self, comparand: Comparand) {
        let exam = self.exam.as_ref();
        let beat = exam.and_then(|exam| exam.median.clone());
        let onset = exam.and_then(|exam| exam.intervals.as_ref()?.qrs_onset);
        let now = beat.filter(|_| self.heart().is_some());
        self.before = match comparand {
            Comparand::Now => now.map(|beat| Before {
                beat: Arc::new(beat),
                onset,
            }),
            Comparand::Nothing => None,
        };
    }
}
