//! The network's learned correction of the field prior's mix. Where its gate says no, or where it cannot be loaded, the prior stands.

use std::sync::{Arc, LazyLock, Mutex};

use sha2::{Digest, Sha256};

use crate::{
    ecg::{Lead, LeadSet, Montage, SampleRate},
    field,
    geovt::{self, Corrector, INTERNAL_RATE_HZ, Knowledge, Prior, Statistics},
    signal::resample,
};

use super::{ChosenDevice, DeviceChoice, choose, model::Estimate, residual::Residual, target::montage_view};

/// Which weights the network takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeightSet {
    /// Those the program ships: trained on all twelve leads.
    #[default]
    Shipped,
    /// Those that never saw V2 and V6, for the benchmark of unseen views.
    Unseen,
}

/// SHA-256, hexadecimal, over all that is shipped and decides a synthesised sample: the field prior, the network and the band's constants.
pub fn weights_sha256() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let mut hasher = Sha256::new();
        geovt::shipped_bytes().iter().for_each(|it| hasher.update(it));
        hasher.update(field::shipped_bytes());
        hasher.update(include_bytes!("../../assets/trust.json"));
        hasher.finalize().iter().map(|it| format!("{it:02x}")).collect()
    });
    &HASH
}

/// One thread at a time works with tensors.
pub(super) type Shared = Arc<Mutex<Corrector>>;

/// Loads a weight set onto a device, once per process.
fn load(set: WeightSet, device: DeviceChoice) -> Result<(Shared, ChosenDevice), String> {
    type Key = (WeightSet, DeviceChoice);
    static LOADED: Mutex<Vec<(Key, Shared)>> = Mutex::new(Vec::new());
    let mut loaded = LOADED.lock().map_err(|it| it.to_string())?;
    if let Some((_, found)) = loaded.iter().find(|it| it.0 == (set, device)) {
        return Ok((found.clone(), choose(device)));
    }
    let on = |it: &ChosenDevice| match set {
        WeightSet::Shipped => Corrector::shipped(&it.device),
        WeightSet::Unseen => Corrector::unseen(&it.device),
    };
    // On the CPU first: weights that cannot be read are no reason to wake a graphics card.
    on(&choose(DeviceChoice::Cpu)).map_err(|it| it.to_string())?;
    let chosen = choose(device);
    let corrector = on(&chosen);
    let shared = Arc::new(Mutex::new(corrector.map_err(|it| it.to_string())?));
    loaded.push(((set, device), shared.clone()));
    Ok((shared, chosen))
}

/// The network with what it knows of one patient.
pub(crate) struct Network {
    corrector: Shared,
    directions: Vec<[f64; 3]>,
    statistics: Statistics,
    pub name: String,
    pub device: String,
}

impl Network {
    /// For a patient whose known leads over the calibration window, behind the high-pass, are `steady`.
    pub(crate) fn new(set: WeightSet, device: DeviceChoice, known: &[&Montage], steady: &LeadSet) -> Result<Self, String> {
        let (corrector, chosen) = load(set, device)?;
        let name = corrector.lock().map_err(|it| it.to_string())?.config().name.clone();
        let directions = known.iter().map(|it| montage_view(it).unit()).collect();
        let device = format!("{} ({})", chosen.name, chosen.reason);
        Ok(Self { corrector, directions, statistics: statistics(steady), name, device })
    }

    /// Corrects estimates in place; gives what each leaves over, where the network has a say.
    pub(crate) fn correct(&self, queries: &[[f64; 3]], estimates: &mut [Estimate]) -> Vec<Option<Residual>> {
        let knowledge = Knowledge { directions: &self.directions, statistics: &self.statistics };
        let open: Vec<usize> = (0..estimates.len()).filter(|it| !estimates[*it].exact).collect();
        let prior = |it: &usize| Prior { query: queries[*it], weights: &estimates[*it].weights, spread: &estimates[*it].spread };
        let priors: Vec<Prior> = open.iter().map(prior).collect();
        let mut residuals = vec![None; estimates.len()];
        let Ok(corrector) = self.corrector.lock() else { return residuals };
        let corrected = corrector.correct_all(&knowledge, &priors);
        for (at, it) in open.into_iter().zip(corrected) {
            if it.weights.iter().all(|weight| weight.is_finite()) {
                estimates[at].weights = it.weights;
                residuals[at] = it.question.map(|question| Residual { network: self.corrector.clone(), question });
            }
        }
        residuals
    }
}

/// Covariances at the network's rate; gaps are left out sample by sample.
fn statistics(steady: &LeadSet) -> Statistics {
    let whole: Vec<usize> = (0..steady.n_samples()).filter(|at| steady.leads().iter().all(|it| it.samples_mv[*at].is_finite())).collect();
    let pick = |it: &Lead| Lead { samples_mv: whole.iter().map(|at| it.samples_mv[*at]).collect(), ..it.clone() };
    let rows = LeadSet::new(steady.rate(), steady.leads().iter().map(pick).collect()).unwrap_or_else(|_| steady.clone());
    let slow = SampleRate::from_hz(INTERNAL_RATE_HZ).map_or_else(|| rows.clone(), |rate| resample(&rows, rate));
    Statistics::from_samples(&slow.leads().iter().map(|it| &*it.samples_mv).collect::<Vec<_>>())
}
