//! What was learned from the first seconds of a recording.

use std::sync::Arc;

use rayon::prelude::*;

use crate::ecg::{LeadName, LeadSet, LimbElectrodes, N_PHASES, Target, ViewAngle};

use super::{
    CalibrationOptions, ChosenDevice, FittedConstants, LeftOut, Mixing, N_FEATURES, Note, Unused,
    estimate::Estimate,
    evidence::Evidence,
    mixing::ErrorModel,
    model::Model,
    network::Network,
    projection::Projection,
    residual::{LearnedResidual, Residual},
    wave_power::WavePower,
};

/// A patient's calibration: enough to mix any lead from the recorded ones.
#[derive(Clone)]
pub struct Calibration {
    options: CalibrationOptions,
    seconds: f64,
    pub(super) model: Model,
    inputs: Arc<[LeadName]>,
    /// `None` where all known leads are inputs.
    pub(super) projection: Option<Projection>,
    pub(super) input_baseline_mv: Vec<f64>,
    unused: Vec<Unused>,
    missing: Vec<LeadName>,
    left_out: Vec<LeftOut>,
    /// How much worse than expected the leads came back that were left out.
    pub(super) surprise: f64,
    pub(super) waves: WavePower,
    pub(super) noise: f64,
    network: Option<Arc<Network>>,
    pub(super) notes: Vec<Note>,
    by: Arc<str>,
    /// The same where the network has a say.
    by_network: Option<Arc<str>>,
}

/// How the inputs make a direction, over the whole beat, and what is added to that by phase.
pub(crate) struct PhasedWeights {
    pub(crate) weights: Vec<f64>,
    pub(crate) departures: [Vec<f64>; N_PHASES],
}

impl Calibration {
    pub(super) fn assemble(
        options: &CalibrationOptions,
        evidence: Evidence,
        model: Model,
        left_out: Vec<LeftOut>,
        noise: f64,
    ) -> Self {
        let names: Vec<String> = evidence
            .known
            .iter()
            .map(|it| it.name.to_string())
            .collect();
        let seconds = evidence.raw.duration_s();
        Self {
            options: options.clone(),
            seconds,
            inputs: evidence
                .inputs
                .iter()
                .map(|it| evidence.known[*it].name.clone())
                .collect(),
            projection: Projection::new(&evidence.steady, &evidence.waves, &evidence.inputs),
            input_baseline_mv: evidence
                .inputs
                .iter()
                .map(|it| evidence.baseline_mv[*it])
                .collect(),
            unused: evidence.unused,
            missing: evidence.missing,
            surprise: FittedConstants::shipped()
                .errors
                .left_out
                .surprise(&left_out),
            left_out,
            waves: evidence.waves,
            noise,
            network: None,
            notes: Vec::new(),
            by_network: None,
            by: format!(
                "population, calibrated on {} over {seconds:.1} s",
                names.join(" ")
            )
            .into(),
            model,
        }
    }

    /// The learned correction on top, where it can be had; otherwise the prior alone, and why.
    pub(super) fn add_network(&mut self, steady: &LeadSet) {
        match Network::new(
            self.options.weights,
            self.options.device,
            &self.model.directions(),
            steady,
        ) {
            Ok(network) => {
                self.notes.push(Note::Network {
                    name: network.name.clone(),
                    device: network.device.name.clone(),
                    reason: network.device.reason.clone(),
                });
                self.by_network =
                    Some(format!("{}, corrected by {}", self.by, network.name).into());
                self.network = Some(Arc::new(network));
            }
            Err(problem) => self.notes.push(Note::PriorAlone { problem }),
        }
    }

    /// How to mix `target` from the inputs.
    pub fn mixing(&self, target: &Target) -> Mixing {
        let mut estimate = [self.model.estimate(target)];
        let residual = self
            .correct(std::slice::from_ref(target), &mut estimate)
            .pop()
            .flatten();
        let [estimate] = estimate;
        self.finish(target, estimate, residual)
    }

    /// What is known of a lead's error before it is made, in QRS, ST, T and the rest: for fitting
    /// the constants of the error model.
    pub fn error_features(&self, target: &Target) -> [[f64; N_FEATURES]; N_PHASES] {
        let mut estimate = [self.model.estimate(target)];
        self.correct(std::slice::from_ref(target), &mut estimate);
        let [estimate] = estimate;
        std::array::from_fn(|wave| self.features(&estimate, wave))
    }

    /// How to mix several targets: one pass of the network for all.
    pub fn mixings(&self, targets: &[Target]) -> Vec<Mixing> {
        let mut estimates: Vec<Estimate> = targets
            .par_iter()
            .map(|it| self.model.estimate(it))
            .collect();
        let residuals = self.correct(targets, &mut estimates);
        let parts = targets.iter().zip(estimates).zip(residuals);
        parts
            .map(|((target, it), residual)| self.finish(target, it, residual))
            .collect()
    }

    /// Weights of the inputs for many directions, and their departures by phase.
    pub(crate) fn weights(&self, directions: &[ViewAngle]) -> Vec<PhasedWeights> {
        let views: Vec<Target> = directions.iter().map(|it| Target::View(*it)).collect();
        let each = views.par_iter();
        let mut estimates: Vec<Estimate> = each.map(|it| self.model.bare(it)).collect();
        self.correct_reached(&views, &mut estimates);
        let row = |it: Estimate| {
            let (weights, departures) = match &self.projection {
                Some(projection) => projection.of_inputs(&it.weights, &it.departures),
                None => (it.weights, it.departures),
            };
            PhasedWeights {
                weights,
                departures,
            }
        };
        estimates.into_par_iter().map(row).collect()
    }

    /// [`Calibration::correct`] with what the network does not reach left out of its pass.
    fn correct_reached(&self, views: &[Target], estimates: &mut [Estimate]) {
        let network = self.network.as_ref();
        let reached = |at: &usize| network.is_some_and(|it| it.reaches(views[*at].view().unit()));
        let open: Vec<usize> = (0..views.len()).filter(reached).collect();
        let asked: Vec<Target> = open.iter().map(|it| views[*it].clone()).collect();
        let mut corrected: Vec<Estimate> = open.iter().map(|it| estimates[*it].clone()).collect();
        self.correct(&asked, &mut corrected);
        let both = open.into_iter().zip(corrected);
        both.for_each(|(at, it)| estimates[at] = it);
    }

    /// Corrects estimates in place; gives what the network adds to each instant by instant.
    fn correct(
        &self,
        targets: &[Target],
        estimates: &mut [Estimate],
    ) -> Vec<Option<LearnedResidual>> {
        let Some(network) = &self.network else {
            return vec![None; estimates.len()];
        };
        let queries: Vec<Option<[f64; 3]>> = targets
            .iter()
            .zip(&*estimates)
            .map(|(it, estimate)| query(it, estimate))
            .collect();
        network.correct(&queries, estimates)
    }

    fn finish(
        &self,
        target: &Target,
        estimate: Estimate,
        residual: Option<LearnedResidual>,
    ) -> Mixing {
        let asked = query(target, &estimate);
        let exact = estimate.exact && self.follows_from_inputs(target);
        let (mut quadratic, mut error) = self.error(target, &estimate);
        let (mut weights, mut departures) = (estimate.weights, estimate.departures);
        if let Some(projection) = &self.projection {
            quadratic = projection.form_of_inputs(&quadratic);
            (weights, departures) = projection.of_inputs(&weights, &departures);
        }
        if exact {
            error = ErrorModel {
                baseline_mv: error.baseline_mv,
                ..ErrorModel::default()
            };
        }
        error.quadratic = quadratic
            .col_iter()
            .flat_map(|it| it.iter())
            .copied()
            .collect();
        // The network's residual reads all known leads: where some only calibrate, it has nothing
        // to read at synthesis.
        let learned = residual.filter(|_| self.projection.is_none());
        let residual = (!exact).then_some(Residual {
            departures,
            learned,
        });
        let (name, view, inputs) = (target.name(), target.view(), self.inputs.clone());
        let corrected = self
            .network
            .as_ref()
            .zip(asked)
            .is_some_and(|(network, query)| network.reaches(query));
        let by = match target {
            _ if corrected => self.by_network.as_ref().unwrap_or(&self.by).clone(),
            Target::Lead(montage)
                if !exact
                    && self.options.limbs == LimbElectrodes::Standard
                    && super::frank::axis(montage).is_some() =>
            {
                format!("{}, and Kors' regression in equal parts", self.by).into()
            }
            _ => self.by.clone(),
        };
        Mixing {
            name,
            view,
            inputs,
            weights,
            exact,
            by,
            error,
            residual,
        }
    }

    /// Whether the target is an exact sum of the inputs themselves.
    fn follows_from_inputs(&self, target: &Target) -> bool {
        let Target::Lead(montage) = target else {
            return false;
        };
        let inputs: Vec<_> = self.inputs.iter().filter_map(crate::ecg::montage).collect();
        super::placed::exact_sum(&inputs, montage).is_some()
    }

    /// What it was allowed to use.
    pub fn options(&self) -> &CalibrationOptions {
        &self.options
    }

    /// Independent recorded leads that it learned from.
    pub fn known(&self) -> Vec<LeadName> {
        self.model.names()
    }

    /// Leads that are mixed at synthesis.
    pub fn inputs(&self) -> &[LeadName] {
        &self.inputs
    }

    /// Recorded leads that took no part, and why.
    pub fn unused(&self) -> &[Unused] {
        &self.unused
    }

    /// Standard leads that are neither recorded nor follow from recorded ones.
    pub fn missing(&self) -> &[LeadName] {
        &self.missing
    }

    /// Each recorded chest lead, left out of the calibration, over the calibration window; empty
    /// after the closed form alone.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Where the recorded electrodes seem to sit.
    pub fn offsets(&self) -> impl Iterator<Item = &super::ElectrodeOffset> {
        self.left_out.iter().map(|it| &it.offset)
    }

    /// Electrodes to warn of: those taken to sit elsewhere, and those that seem far off and whose
    /// lead stands out of the others. An unusual heart turns several leads; one moved electrode
    /// makes its own stand out.
    pub fn displaced<'a>(
        &'a self,
        outstanding: &'a [LeadName],
    ) -> impl Iterator<Item = &'a super::ElectrodeOffset> {
        self.offsets()
            .filter(|it| it.applied || it.alarm && outstanding.contains(&it.lead))
    }

    /// Whether any electrode is taken to sit elsewhere than its lead's name or the user says.
    pub(crate) fn is_relocated(&self) -> bool {
        self.offsets().any(|it| it.applied)
    }

    /// What happened on the way: the network and its device, or why there is none; leads that take
    /// no part; standard leads that are absent.
    pub fn notes(&self) -> Vec<Note> {
        let unused = self.unused.iter().cloned().map(Note::Unused);
        let missing = (!self.missing.is_empty()).then(|| Note::NotRecorded {
            leads: self.missing.clone(),
        });
        let notes = self.notes.iter().cloned();
        notes.chain(unused).chain(missing).collect()
    }

    /// Where the network runs and why there; `None` without a network.
    pub fn device(&self) -> Option<&ChosenDevice> {
        self.network.as_ref().map(|it| &it.device)
    }

    /// Seconds learned from.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// What estimates, in words: method and what it was calibrated on.
    pub fn by(&self) -> &str {
        self.by_network.as_ref().unwrap_or(&self.by)
    }

    /// Variance of noise and wander of the recorded leads in the seconds learned from, mV².
    pub fn noise_mv2(&self) -> f64 {
        self.noise
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }
}

/// What the network may be asked: one electrode's direction. It has met no lead between electrodes,
/// whatever direction such a lead looks from.
fn query(target: &Target, estimate: &Estimate) -> Option<[f64; 3]> {
    let one = match target {
        Target::View(_) => true,
        Target::Lead(montage) => montage.exploring_site().is_some(),
    };
    (one && !estimate.exact).then(|| target.view().unit())
}

impl std::fmt::Debug for Calibration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calibration")
            .field("by", &self.by)
            .field("inputs", &self.inputs)
            .field("left_out", &self.left_out)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::site,
        synth::{WaveErrors, calibrate_quickly, group_shares, model::tests::dipole_leads},
    };

    fn calibrated(inputs: Option<&[LeadName]>) -> Calibration {
        let options = CalibrationOptions {
            inputs: inputs.map(<[LeadName]>::to_vec),
            ..CalibrationOptions::closed_form()
        };
        calibrate_quickly(&dipole_leads(), &options).unwrap()
    }

    fn lead(name: &str) -> Target {
        Target::lead(&LeadName::parse(name)).unwrap()
    }

    fn view(down: f64, left: f64) -> ViewAngle {
        site("V2").unwrap().view.moved(down, left)
    }

    #[test]
    fn a_recorded_lead_is_itself_and_a_sum_is_exact() {
        let calibration = calibrated(None);
        let v3 = calibration.mixing(&lead("V3"));
        assert!(v3.exact && v3.expected_rmse_uv() == 0.0);
        assert_eq!(v3.contributions(), [(LeadName::V3, 1.0)]);
        let third = calibration.mixing(&lead("III"));
        assert!(third.exact && third.weights[..2] == [-1.0, 1.0]);
        let v7 = calibration.mixing(&lead("V7"));
        assert!(!v7.exact && 0.0 < v7.expected_rmse_uv());
    }

    /// Leads that only calibrate are brought down to the inputs: these stay themselves, the others
    /// are estimated.
    #[test]
    fn leads_that_only_calibrate_are_not_mixed() {
        let inputs = [LeadName::I, LeadName::II, LeadName::V3];
        let calibration = calibrated(Some(&inputs));
        assert_eq!(calibration.inputs(), inputs);
        let weights = |name| calibration.mixing(&lead(name)).weights;
        assert_eq!(weights("V3"), [0.0, 0.0, 1.0]);
        let v2 = calibration.mixing(&lead("V2"));
        assert!(!v2.exact && v2.weights.len() == 3 && 0.0 < v2.expected_rmse_uv());
    }

    #[test]
    fn one_by_one_all_at_once_and_weights_alone_agree() {
        for inputs in [None, Some(&[LeadName::I, LeadName::II, LeadName::V3][..])] {
            let calibration = calibrated(inputs);
            let views = [view(0.0, 0.1), view(0.2, -0.3), view(-0.4, 2.5)];
            let targets = views.map(Target::View);
            let all = calibration.mixings(&targets);
            let rows = calibration.weights(&views);
            for (at, (target, mixing)) in targets.iter().zip(&all).enumerate() {
                assert_eq!(calibration.mixing(target), *mixing);
                let agree = |a: &[f64], b: &[f64]| {
                    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
                };
                assert!(agree(&rows[at].weights, &mixing.weights));
                let residual = mixing.residual.as_ref().unwrap();
                let phases = rows[at].departures.iter().zip(&residual.departures);
                assert!(phases.into_iter().all(|(a, b)| agree(a, b)));
            }
        }
    }

    /// What is stated over all waves lies between the smallest and the largest of them.
    #[test]
    fn an_error_is_stated_wave_by_wave() {
        let calibration = calibrated(None);
        let mixing = calibration.mixing(&lead("V8"));
        let each = mixing.by_wave().each();
        let (least, most) = each
            .iter()
            .fold((f64::MAX, 0.0f64), |it, uv| (it.0.min(*uv), it.1.max(*uv)));
        assert!(0.0 < least && least < most, "{each:?}");
        let factor = FittedConstants::shipped()
            .errors
            .whole(&group_shares(&lead("V8")));
        let whole = mixing.expected_rmse_uv() / factor;
        assert!((least..=most).contains(&whole), "{whole} of {each:?}");
        let known = calibration.mixing(&lead("V3")).by_wave();
        assert_eq!(known, WaveErrors::default());
    }
}
