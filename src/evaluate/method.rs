//! What is compared: the program's own synthesis, the field prior, and baselines.

use std::{ops::ControlFlow, sync::Arc};

use faer::{ColRef, Mat};

use super::{Task, moments, offset::Tables};
use crate::{
    ecg::{
        INVERSE_DOWER, KORS, Lead, LeadName, LeadSet, LimbElectrodes, Montage, Target, ViewAngle,
        montage, site,
    },
    field::{FieldPrior, Posterior},
    signal::metrics::ValueRange,
    synth::{CalibrationOptions, DeviceChoice, Synthesizer, WeightSet, learn, linear},
};

/// A way to estimate leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// What the program ships.
    Model,
    /// The field prior alone.
    FieldPrior,
    /// The same ensemble as drawn by physics, not fitted to V1 … V6; it never saw V2 and V6.
    FieldDrawn,
    /// 0 mV.
    Zero,
    /// One linear map for all, fitted on other patients, who show the lead asked for.
    PopulationLinear,
    /// A linear map fitted on this patient's own first seconds of the lead asked for: a bound, not
    /// a method.
    OwnLinear,
    /// The recorded lead whose direction is nearest.
    Nearest,
    /// Kors' regression (1990), for Frank's leads.
    Kors,
    /// Edenbrandt & Pahlm's inverse of Dower's matrix (1988), for Frank's leads.
    InverseDower,
    /// The ensemble as drawn, believing that the chest electrodes sit this many degrees beside
    /// where they do.
    Shifted(u8),
    /// The same, searching for the shift.
    ShiftSearch(u8),
}

impl Method {
    /// Key in tables and JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::FieldPrior => "field_prior",
            Self::FieldDrawn => "field_as_drawn",
            Self::Zero => "zero",
            Self::PopulationLinear => "population_linear",
            Self::OwnLinear => "own_linear",
            Self::Nearest => "nearest_lead",
            Self::Kors => "kors",
            Self::InverseDower => "inverse_dower",
            Self::Shifted(0) => "shift_0",
            Self::Shifted(10) => "shift_10",
            Self::Shifted(20) => "shift_20",
            Self::Shifted(_) => "shift_30",
            Self::ShiftSearch(0) => "shift_0_searched",
            Self::ShiftSearch(10) => "shift_10_searched",
            Self::ShiftSearch(20) => "shift_20_searched",
            Self::ShiftSearch(_) => "shift_30_searched",
        }
    }
}

/// Every method, in the order of the tables.
pub(super) const METHODS: [Method; 17] = [
    Method::Model,
    Method::FieldPrior,
    Method::FieldDrawn,
    Method::Zero,
    Method::Nearest,
    Method::Kors,
    Method::InverseDower,
    Method::PopulationLinear,
    Method::OwnLinear,
    Method::Shifted(0),
    Method::ShiftSearch(0),
    Method::Shifted(10),
    Method::ShiftSearch(10),
    Method::Shifted(20),
    Method::ShiftSearch(20),
    Method::Shifted(30),
    Method::ShiftSearch(30),
];

/// Seconds learned from and seconds scored, of one exam. Leads asked for are only in `truth`.
pub(super) struct Parts {
    /// The known leads over the first seconds.
    known: LeadSet,
    /// The inputs over the whole exam, and where the scored part begins.
    inputs: LeadSet,
    scored_from: usize,
    /// The leads asked for: first seconds (for the bound only), last seconds.
    truth_first: Option<LeadSet>,
    pub(super) truth: LeadSet,
}

impl Parts {
    /// Truth is of `leads`, all else of `recorded`. `None` if a lead of the task is missing.
    pub(super) fn new(leads: &LeadSet, recorded: &LeadSet, task: &Task) -> Option<Self> {
        let scored_from = scored_from(leads);
        let part = leads.n_samples() - scored_from;
        Some(Self {
            known: pick(recorded, &task.known)?.slice(0..part)?,
            inputs: pick(recorded, &task.inputs)?,
            scored_from,
            truth_first: pick(leads, &task.targets)?.slice(0..part),
            truth: pick(leads, &task.targets)?.slice(scored_from..leads.n_samples())?,
        })
    }
}

/// First sample of the scored seconds: the last five, at most half of the exam.
fn scored_from(leads: &LeadSet) -> usize {
    const SECONDS: f64 = 5.0;
    leads.n_samples() - leads.rate().samples_in(SECONDS).min(leads.n_samples() / 2)
}

/// Range of the twelve leads over the scored seconds: what happened before them has no say in the
/// score. `None` without a signal there.
pub(super) fn scored_range(leads: &LeadSet) -> Option<ValueRange> {
    let from = scored_from(leads);
    let twelve = leads.leads().iter().filter(|it| it.name.is_standard());
    ValueRange::of_samples(twelve.flat_map(|it| it.samples_mv[from..].iter().copied()))
}

fn pick(leads: &LeadSet, names: &[LeadName]) -> Option<LeadSet> {
    let picked: Option<Vec<Lead>> = names.iter().map(|it| leads.get(it).cloned()).collect();
    LeadSet::new(leads.rate(), picked?).ok()
}

/// Mean second moments over patients, each scaled by its own range.
#[derive(Clone, Debug)]
pub(super) struct Population {
    pub(super) names: Vec<LeadName>,
    pub(super) moments: Mat<f64>,
}

/// What methods may use beside the exam itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Aids<'a> {
    pub(super) population: Option<&'a Population>,
    pub(super) tables: Option<&'a Tables>,
    /// Where the limb electrodes sat, as far as the model is told.
    pub(super) limbs: LimbElectrodes,
}

/// Estimates of the leads asked for over the scored seconds, or why there are none.
pub(super) fn estimate(
    method: Method,
    parts: &Parts,
    task: &Task,
    aids: Aids,
) -> Result<Vec<Arc<[f32]>>, String> {
    let none = || format!("{} does not apply", method.key());
    match method {
        Method::Model => by_model(parts, task, aids.limbs),
        Method::FieldPrior => by_field(FieldPrior::embedded(), parts, task),
        Method::FieldDrawn => by_field(FieldPrior::unweighted(), parts, task),
        Method::Shifted(degrees) | Method::ShiftSearch(degrees) => {
            let covariance =
                moments(&parts.known, &task.known, true).ok_or("no sample without a gap")?;
            let searched = matches!(method, Method::ShiftSearch(_));
            by_posterior(
                &aids
                    .tables
                    .and_then(|it| it.posterior(degrees, searched, covariance.as_ref()))
                    .ok_or_else(none)?,
                &covariance,
                parts,
                task,
            )
        }
        _ => {
            let weights = weights(method, parts, task, aids.population).ok_or_else(none)?;
            Ok(weights.iter().map(|it| mixed(parts, it)).collect())
        }
    }
}

fn by_model(parts: &Parts, task: &Task, limbs: LimbElectrodes) -> Result<Vec<Arc<[f32]>>, String> {
    // Where V2 and V6 count as never seen, prior and network must not have seen them either.
    let unseen = task.targets == [LeadName::V2, LeadName::V6];
    let weights = if unseen {
        WeightSet::Unseen
    } else {
        WeightSet::Shipped
    };
    let options = CalibrationOptions {
        inputs: Some(task.inputs.clone()),
        weights,
        limbs,
        device: DeviceChoice::Cpu,
        ..CalibrationOptions::default()
    };
    // Leaving every recorded lead out, too, changes no estimate.
    let calibration = learn(&parts.known, &options, false, &mut |_| {
        ControlFlow::Continue(())
    })
    .map_err(|it| it.to_string())?;
    let synthesizer = Synthesizer::new(&parts.inputs, calibration).map_err(|it| it.to_string())?;
    let one = |name: &LeadName| {
        let target = match montage(name) {
            Some(montage) => Target::Lead(montage),
            None => {
                Target::View(view(name).ok_or_else(|| format!("{name} has no place on the skin"))?)
            }
        };
        Ok(synthesizer.target(&target).lead.samples_mv[parts.scored_from..].into())
    };
    task.targets.iter().map(one).collect()
}

fn by_field(prior: &FieldPrior, parts: &Parts, task: &Task) -> Result<Vec<Arc<[f32]>>, String> {
    let placed = |name: &LeadName| match Target::lead(name) {
        Ok(Target::Lead(montage)) => Ok(montage),
        _ => Err(format!("{name} has no place on the skin")),
    };
    let placed = task
        .known
        .iter()
        .map(placed)
        .collect::<Result<Vec<_>, String>>()?;
    let covariance = moments(&parts.known, &task.known, true).ok_or("no sample without a gap")?;
    by_posterior(
        &prior.posterior(&placed, covariance.as_ref()),
        &covariance,
        parts,
        task,
    )
}

fn by_posterior(
    posterior: &Posterior,
    covariance: &Mat<f64>,
    parts: &Parts,
    task: &Task,
) -> Result<Vec<Arc<[f32]>>, String> {
    let one = |name: &LeadName| {
        let mix = match montage(name) {
            Some(montage) => posterior.montage(montage),
            None => posterior.electrode(view(name)?),
        };
        let of_known = mix.weights;
        Some(mixed(parts, &onto_inputs(task, covariance, &of_known)?))
    };
    task.targets
        .iter()
        .map(|it| one(it).ok_or_else(|| format!("{it} has no place on the skin")))
        .collect()
}

/// Weights of the inputs for each lead asked for.
fn weights(
    method: Method,
    parts: &Parts,
    task: &Task,
    population: Option<&Population>,
) -> Option<Vec<Vec<f64>>> {
    let n = task.inputs.len();
    let table = |rows: &[[f64; 8]; 3]| {
        let row = |it: &LeadName| {
            LeadName::frank()
                .iter()
                .position(|axis| axis == it)
                .map(|axis| rows[axis].to_vec())
        };
        (task.inputs == LeadName::EIGHT).then(|| task.targets.iter().map(row).collect())?
    };
    match method {
        Method::Zero => Some(vec![vec![0.0; n]; task.targets.len()]),
        Method::PopulationLinear => {
            let population = population?;
            task.targets
                .iter()
                .map(|it| fit(&population.names, &population.moments, &task.inputs, it))
                .collect()
        }
        Method::OwnLinear => {
            let first = parts.truth_first.as_ref()?;
            let n = first.n_samples();
            let both = parts
                .inputs
                .slice(0..n)?
                .leads()
                .iter()
                .chain(first.leads())
                .cloned()
                .collect();
            let names: Vec<LeadName> = task.inputs.iter().chain(&task.targets).cloned().collect();
            let own = moments(&LeadSet::new(first.rate(), both).ok()?, &names, true)?;
            task.targets
                .iter()
                .map(|it| fit(&names, &own, &task.inputs, it))
                .collect()
        }
        Method::Nearest => task
            .targets
            .iter()
            .map(|it| nearest(it, &task.inputs))
            .collect(),
        Method::Kors => table(&KORS),
        Method::InverseDower => table(&INVERSE_DOWER),
        Method::Model
        | Method::FieldPrior
        | Method::FieldDrawn
        | Method::Shifted(_)
        | Method::ShiftSearch(_) => None,
    }
}

/// Weights of `inputs` that estimate `target`, from second moments among `names`.
fn fit(
    names: &[LeadName],
    moments: &Mat<f64>,
    inputs: &[LeadName],
    target: &LeadName,
) -> Option<Vec<f64>> {
    /// Enough for leads that follow from each other.
    const RIDGE: f64 = 1e-6;
    let at = |name: &LeadName| names.iter().position(|it| it == name);
    let among: Vec<usize> = inputs.iter().map(at).collect::<Option<_>>()?;
    let weights = linear::regression(moments.as_ref(), &among, &[at(target)?], RIDGE)?;
    Some(weights.col(0).iter().copied().collect())
}

/// Weights of the inputs for a mix of the known leads, by this patient's covariance of the known
/// leads.
fn onto_inputs(task: &Task, covariance: &Mat<f64>, of_known: &[f64]) -> Option<Vec<f64>> {
    const RIDGE: f64 = 5e-4;
    if task.known == task.inputs {
        return Some(of_known.to_vec());
    }
    let at = |name: &LeadName| task.known.iter().position(|it| it == name);
    let among: Vec<usize> = task.inputs.iter().map(at).collect::<Option<_>>()?;
    let all: Vec<usize> = (0..task.known.len()).collect();
    let weights = linear::regression(covariance.as_ref(), &among, &all, RIDGE)?;
    let weights = weights * ColRef::from_slice(of_known);
    Some(weights.iter().copied().collect())
}

/// A copy of the chest input whose electrode lies nearest in direction.
fn nearest(target: &LeadName, inputs: &[LeadName]) -> Option<Vec<f64>> {
    let target = view(target)?;
    let apart = inputs
        .iter()
        .enumerate()
        .filter_map(|(idx, it)| Some((idx, view(it)?.angle_to(target))));
    let best = apart.min_by(|a, b| a.1.total_cmp(&b.1))?.0;
    Some(
        (0..inputs.len())
            .map(|it| f64::from(u8::from(it == best)))
            .collect(),
    )
}

/// Direction of a lead's exploring electrode, or of the site of that name.
pub(super) fn view(name: &LeadName) -> Option<ViewAngle> {
    let exploring = montage(name).and_then(Montage::exploring_site);
    site(exploring.unwrap_or(&name.to_string())).map(|it| it.view)
}

fn mixed(parts: &Parts, weights: &[f64]) -> Arc<[f32]> {
    let at = |sample: usize| {
        parts
            .inputs
            .leads()
            .iter()
            .zip(weights)
            .map(|(it, w)| w * f64::from(it.samples_mv[sample]))
            .sum::<f64>() as f32
    };
    (parts.scored_from..parts.inputs.n_samples())
        .map(at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ecg::SampleRate, evaluate::Protocol};

    /// Ten seconds of beats with some wander, or numbers without meaning in one lead.
    fn exam(poisoned: Option<&LeadName>) -> LeadSet {
        let beats = |lead: usize| -> Vec<f32> {
            let at = |it: u16| {
                let t = f32::from(it) / 500.0;
                let beat = (-((t % 0.8 - 0.3) / 0.02).powi(2)).exp();
                (lead as f32 - 3.3) * 0.3 * beat + 0.05 * (t * (2.0 + lead as f32)).sin()
            };
            (0..5000).map(at).collect()
        };
        let poison = || -> Vec<f32> {
            (0..5000u32)
                .map(|it| ((it * 7919) % 1009) as f32 / 500.0 - 1.0)
                .collect()
        };
        let lead = |(idx, name): (usize, LeadName)| {
            let samples_mv = if poisoned == Some(&name) {
                poison()
            } else {
                beats(idx)
            };
            Lead::measured(name, samples_mv)
        };
        let leads = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    #[test]
    fn poison_in_a_withheld_lead_changes_no_bit() {
        for protocol in [
            Protocol::App,
            Protocol::Reconstruct,
            Protocol::CalibratedButOne,
            Protocol::Unseen,
        ] {
            for task in protocol.tasks(&[]) {
                for method in [Method::Model, Method::FieldPrior, Method::FieldDrawn] {
                    let of = |leads: LeadSet| {
                        estimate(
                            method,
                            &Parts::new(&leads, &leads, &task).unwrap(),
                            &task,
                            Aids::default(),
                        )
                        .unwrap()
                    };
                    let clean = of(exam(None));
                    for target in &task.targets {
                        assert!(
                            of(exam(Some(target))) == clean,
                            "{} looked at {target} in {}",
                            method.key(),
                            protocol.name()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_was_before_the_scored_seconds_has_no_say_in_the_range() {
        let before_scored = |peak_mv: f32, from: usize| {
            let leads = exam(None);
            let mut all = leads.leads().to_vec();
            let mut samples = all[3].samples_mv.to_vec();
            samples[from] = peak_mv;
            all[3].samples_mv = samples.into();
            scored_range(&LeadSet::new(leads.rate(), all).unwrap())
        };
        let clean = scored_range(&exam(None));
        assert_eq!(before_scored(9.0, 2400), clean);
        assert_ne!(before_scored(9.0, 2600), clean);
    }
}
