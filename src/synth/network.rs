//! The network's learned correction of the population's mix. Where its gate says no, or where it
//! cannot be loaded, that mix stands.

use std::sync::{Arc, LazyLock, Mutex};

use faer::{Mat, Scale};
use sha2::{Digest, Sha256};

use crate::{
    ecg::{Lead, LeadSet, SampleRate, ViewAngle, hex},
    field,
    geovt::{Corrector, Gate, INTERNAL_RATE_HZ, PatientContext, Prior, Statistics},
    signal::resample,
};

use super::{
    ChosenDevice, DeviceChoice, DeviceReason, WeightSet, choose,
    estimate::Estimate,
    residual::{LearnedResidual, SharedCorrector},
};

/// SHA-256, hexadecimal, over all that is shipped and decides a synthesised sample: the field
/// prior, the population, the network and the band's constants.
pub fn weights_sha256() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let mut hasher = Sha256::new();
        Corrector::shipped_parts()
            .iter()
            .for_each(|it| hasher.update(it));
        hasher.update(field::shipped_bytes());
        hasher.update(field::population_bytes());
        hasher.update(include_bytes!("../../assets/error_model.json"));
        hex(&hasher.finalize())
    });
    &HASH
}

/// Loads a weight set onto a device, once per process.
fn load(set: WeightSet, device: DeviceChoice) -> Result<(SharedCorrector, ChosenDevice), String> {
    type Key = (WeightSet, DeviceChoice);
    static LOADED: Mutex<Vec<(Key, SharedCorrector, ChosenDevice)>> = Mutex::new(Vec::new());
    let mut loaded = LOADED.lock().map_err(|it| it.to_string())?;
    if let Some((_, found, chosen)) = loaded.iter().find(|it| it.0 == (set, device)) {
        return Ok((found.clone(), chosen.clone()));
    }
    let on = |it: &ChosenDevice| match set {
        WeightSet::Shipped => Corrector::shipped(&it.device),
        WeightSet::Unseen => Corrector::unseen(&it.device),
    };
    // On the CPU first: weights that cannot be read are no reason to wake a graphics card, and what
    // a card says is held against it.
    let on_cpu = choose(DeviceChoice::Cpu);
    let reference = on(&on_cpu).map_err(|it| it.to_string())?;
    let wanted = choose(device);
    let (corrector, chosen) = match wanted.is_cpu() {
        true => (reference, wanted),
        false => match on(&wanted)
            .map_err(|it| it.to_string())
            .and_then(|it| agrees(&it, &reference).map(|()| it))
        {
            Ok(corrector) => (corrector, wanted),
            Err(why) => (
                reference,
                on_cpu.because(DeviceReason::Unusable {
                    adapter: wanted.name,
                    problem: why,
                }),
            ),
        },
    };
    let shared = Arc::new(Mutex::new(corrector));
    loaded.push(((set, device), shared.clone(), chosen.clone()));
    Ok((shared, chosen))
}

/// Whether a device gives the reference's weights for a patient made of sines.
fn agrees(found: &Corrector, reference: &Corrector) -> Result<(), String> {
    /// Mixing weights are of the order of one.
    const TOLERANCE: f64 = 1e-3;
    let directions = vec![[0.0, 1.0, 0.0], [0.0, 0.6, -0.8], [0.96, 0.0, 0.28]];
    let lead = |k: f32| -> Vec<f32> {
        (0..500)
            .map(|t| (t as f32 * 0.2 * k).sin() + 0.3 * (t as f32 * 0.05).cos())
            .collect()
    };
    let statistics = Statistics::from_samples(&[&lead(1.0), &lead(1.3), &lead(0.4)]);
    let context = PatientContext::new(directions, statistics);
    let spread = Mat::<f64>::identity(3, 3) * Scale(0.01);
    let none = std::array::from_fn(|_| vec![0.0; 3]);
    let prior = |query: &[f64; 3]| Prior {
        query: *query,
        departures: &none,
        weights: &[0.2, 0.1, 0.6],
        spread: spread.as_ref(),
    };
    let priors: Vec<Prior> = reference.config().gate.trained.iter().map(prior).collect();
    let both = found
        .correct_all(&context, &priors)
        .into_iter()
        .zip(reference.correct_all(&context, &priors));
    let off = both
        .flat_map(|(a, b)| a.weights.into_iter().zip(b.weights))
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    if off <= TOLERANCE {
        Ok(())
    } else {
        Err(format!(
            "its mixing weights are off by {off:.4}, expected at most {TOLERANCE}"
        ))
    }
}

/// The network with what it knows of one patient.
pub(crate) struct Network {
    corrector: SharedCorrector,
    context: PatientContext,
    gate: Gate,
    /// Name of the weight set.
    pub name: String,
    /// Where it runs, and why there.
    pub device: ChosenDevice,
}

impl Network {
    /// For a patient whose leads, looking from the `known` directions over the calibration window,
    /// behind the high-pass, are `steady`.
    pub(crate) fn new(
        set: WeightSet,
        device: DeviceChoice,
        known: &[ViewAngle],
        steady: &LeadSet,
    ) -> Result<Self, String> {
        let (corrector, chosen) = load(set, device)?;
        let (name, gate) = {
            let corrector = corrector.lock().map_err(|it| it.to_string())?;
            (
                corrector.config().name.clone(),
                corrector.config().gate.clone(),
            )
        };
        let directions = known.iter().map(|it| it.unit()).collect();
        Ok(Self {
            corrector,
            context: PatientContext::new(directions, statistics(steady)),
            gate,
            name,
            device: chosen,
        })
    }

    /// Whether the network has a say about a direction.
    pub(crate) fn reaches(&self, query: [f64; 3]) -> bool {
        self.gate.is_open(query, self.context.directions())
    }

    /// Corrects estimates in place where there is a query; gives what each leaves over, where the
    /// network has a say.
    pub(crate) fn correct(
        &self,
        queries: &[Option<[f64; 3]>],
        estimates: &mut [Estimate],
    ) -> Vec<Option<LearnedResidual>> {
        let asked: Vec<(usize, [f64; 3])> = queries
            .iter()
            .enumerate()
            .filter_map(|(at, it)| Some((at, (*it)?)))
            .collect();
        let prior = |(at, query): &(usize, [f64; 3])| Prior {
            query: *query,
            weights: &estimates[*at].weights,
            departures: &estimates[*at].departures,
            spread: estimates[*at].spread.as_ref(),
        };
        let priors: Vec<Prior> = asked.iter().map(prior).collect();
        let mut residuals = vec![None; estimates.len()];
        let Ok(corrector) = self.corrector.lock() else {
            return residuals;
        };
        let corrected = corrector.correct_all(&self.context, &priors);
        for ((at, _), it) in asked.into_iter().zip(corrected) {
            if it.weights.iter().all(|weight| weight.is_finite()) {
                estimates[at].weights = it.weights;
                residuals[at] = it.residual.map(|query| LearnedResidual {
                    corrector: self.corrector.clone(),
                    query,
                });
            }
        }
        residuals
    }
}

/// Covariances at the network's rate; gaps are left out sample by sample.
fn statistics(steady: &LeadSet) -> Statistics {
    let whole: Vec<usize> = (0..steady.n_samples())
        .filter(|at| {
            steady
                .leads()
                .iter()
                .all(|it| it.samples_mv[*at].is_finite())
        })
        .collect();
    let pick = |it: &Lead| Lead {
        samples_mv: whole.iter().map(|at| it.samples_mv[*at]).collect(),
        ..it.clone()
    };
    let rows = LeadSet::new(steady.rate(), steady.leads().iter().map(pick).collect())
        .unwrap_or_else(|_| steady.clone());
    let slow = SampleRate::from_hz(INTERNAL_RATE_HZ)
        .map_or_else(|| rows.clone(), |rate| resample(&rows, rate));
    Statistics::from_samples(
        &slow
            .leads()
            .iter()
            .map(|it| &*it.samples_mv)
            .collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::synth::model::tests::dipole_leads;

    #[test]
    fn a_device_is_held_against_the_reference() {
        let shipped = || Corrector::shipped(&Device::flex()).unwrap();
        assert!(agrees(&shipped(), &shipped()).is_ok());
        let other = Corrector::unseen(&Device::flex()).unwrap();
        assert!(
            agrees(&other, &shipped()).is_err(),
            "other weights, other mixes"
        );
    }

    #[test]
    fn gaps_are_left_out_of_the_statistics() {
        let whole = dipole_leads();
        let holed = |lead: &Lead| {
            let mut samples = lead.samples_mv.to_vec();
            samples[500..520].fill(f32::NAN);
            Lead {
                samples_mv: samples.into(),
                ..lead.clone()
            }
        };
        let leads = whole.leads().iter().map(holed).collect();
        let (a, b) = (
            statistics(&whole),
            statistics(&LeadSet::new(whole.rate(), leads).unwrap()),
        );
        let off = (a.whole() - b.whole()).norm_max() / a.whole().norm_max();
        assert!(off < 0.05, "{off}");
    }

    #[test]
    fn the_hash_is_of_what_is_shipped() {
        assert_eq!(weights_sha256().len(), 64);
        assert!(weights_sha256().bytes().all(|it| it.is_ascii_hexdigit()));
    }
}
