//! The shipped use of the network: recorded leads and the field prior's mix in, corrected mix out,
//! gated; and, instant by instant, what the mix leaves over.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{
    ContextSamples, Features, Gate, Instants, MixEnsemble, MixNetworkConfig, N_EDGES, N_FEATURES,
    PatientContext, ResidualEnsemble, ResidualNetworkConfig, WeightsError,
    context_samples::{N_LAGS, neighbours},
    features::Whitening,
    from_bytes,
};

/// What the field prior proposes for one view.
#[derive(Clone, Debug)]
pub struct Prior<'a> {
    /// Unit vector of the view.
    pub query: [f64; 3],
    /// Weight of each recorded lead.
    pub weights: &'a [f64],
    /// Covariance of these weights, row-major.
    pub spread: &'a [f64],
}

/// A corrected mix.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Weight of each recorded lead: the prior's plus the gated correction.
    pub weights: Vec<f64>,
    /// How far the learned correction was let in, 0 (pure prior) to 1.
    pub gate: f64,
    /// What to ask the residual path; `None` where it has no say.
    pub question: Option<Arc<ResidualQuery>>,
}

/// One patient and one direction, as the residual path needs them.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualQuery {
    /// What the lead-field path was told.
    pub evidence: Features,
    /// The corrected mix.
    pub weights: Vec<f64>,
    /// How far the residual is let in.
    pub gate: f64,
}

/// Settings beside the weights.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CorrectorConfig {
    /// Name of the weight set.
    pub name: String,
    /// Width, rounds and inputs of each network.
    pub mix: MixNetworkConfig,
    /// Networks whose answers are averaged.
    pub members: usize,
    /// Where it may act.
    pub gate: Gate,
    /// The residual path, where there is one.
    #[serde(default)]
    pub residual: Option<ResidualNetworkConfig>,
    /// Networks of the residual path whose answers are averaged.
    #[serde(default)]
    pub residual_members: usize,
}

/// Network, gate and identity of one weight set.
#[derive(Debug)]
pub struct Corrector {
    config: CorrectorConfig,
    network: MixEnsemble,
    residual: Option<ResidualEnsemble>,
    device: Device,
}

impl Corrector {
    /// From a configuration (JSON) and weights; fails on anything that does not fit.
    pub fn from_parts(
        config: &str,
        weights: &[u8],
        residual: &[u8],
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let config: CorrectorConfig =
            serde_json::from_str(config).map_err(|it| WeightsError::Config(it.to_string()))?;
        let fresh = (0..config.members)
            .map(|_| config.mix.init(device))
            .collect();
        let network = from_bytes(MixEnsemble::new(fresh), weights)?;
        let residual = match &config.residual {
            Some(it) => {
                let fresh = (0..config.residual_members)
                    .map(|_| it.init(device))
                    .collect();
                Some(from_bytes(ResidualEnsemble::new(fresh), residual)?)
            }
            None => None,
        };
        Ok(Self {
            config,
            network,
            residual,
            device: device.clone(),
        })
    }

    /// Weights trained with all twelve leads; what the program uses.
    pub fn shipped(device: &Device) -> Result<Self, WeightsError> {
        let [config, weights, residual] = shipped_bytes();
        Self::from_parts(&String::from_utf8_lossy(config), weights, residual, device)
    }

    /// Weights that never saw V2 and V6; for the benchmark of unseen views.
    pub fn unseen(device: &Device) -> Result<Self, WeightsError> {
        Self::from_parts(
            include_str!("../../weights/unseen.json"),
            include_bytes!("../../weights/unseen.bpk"),
            &[],
            device,
        )
    }

    /// Settings and gate.
    pub fn config(&self) -> &CorrectorConfig {
        &self.config
    }

    /// The corrected mix of one view.
    pub fn correct(&self, knowledge: &PatientContext, prior: &Prior) -> Correction {
        self.correct_all(knowledge, std::slice::from_ref(prior))
            .pop()
            .unwrap_or_else(|| untouched(prior))
    }

    /// The corrected mixes of many views of one patient. Views that the gate shuts cost nothing.
    pub fn correct_all(&self, knowledge: &PatientContext, priors: &[Prior]) -> Vec<Correction> {
        let gates: Vec<f64> = priors
            .iter()
            .map(|it| self.config.gate.weight(it.query, knowledge.directions))
            .collect();
        let open: Vec<usize> = (0..priors.len()).filter(|it| 1e-3 <= gates[*it]).collect();
        let whitening = Whitening::new(knowledge.statistics);
        let evidence = open.iter().map(|it| {
            let prior = &priors[*it];
            Features::new(
                knowledge,
                &whitening,
                prior.query,
                prior.weights,
                prior.spread,
            )
        });
        let evidence: Vec<Features> = evidence.collect();
        let mut out: Vec<Correction> = priors.iter().map(untouched).collect();
        for ((at, evidence), answer) in open.into_iter().zip(&evidence).zip(self.answers(&evidence))
        {
            let gate = gates[at];
            let correction = evidence.weights(&answer);
            out[at].gate = gate;
            out[at]
                .weights
                .iter_mut()
                .zip(correction)
                .for_each(|(it, by)| *it += gate * by);
            // Whether the residual path travels to views that only virtual patients were asked for
            // was never shown.
            let gate = self
                .config
                .gate
                .trained_weight(priors[at].query, knowledge.directions);
            let question = || ResidualQuery {
                evidence: evidence.clone(),
                weights: out[at].weights.clone(),
                gate,
            };
            out[at].question =
                (self.residual.is_some() && 1e-3 <= gate).then(|| Arc::new(question()));
        }
        out
    }

    /// What the corrected mix leaves over, at [`super::INTERNAL_RATE_HZ`], in the unit of the
    /// samples, gated. Zero around gaps; empty where there is no residual path. `taps` are of the
    /// leads that the question is about, in their order.
    pub fn residual(&self, question: &ResidualQuery, taps: &ContextSamples) -> Vec<f32> {
        let (Some(network), true) = (&self.residual, taps.leads().len() == question.weights.len())
        else {
            return Vec::new();
        };
        let (leads, time, device) = (question.weights.len(), taps.time(), &self.device);
        if time == 0 {
            return Vec::new();
        }
        let features = TensorData::new(question.evidence.features.clone(), [1, leads, N_FEATURES]);
        let edges = TensorData::new(question.evidence.edges.clone(), [1, N_EDGES, leads, leads]);
        let answer = network.forward(
            Tensor::from_data(features, device),
            Tensor::from_data(edges, device),
            Tensor::ones([1, leads], device),
            instants(question, taps, device),
        );
        let values: Vec<f32> = answer
            .try_into_data()
            .ok()
            .and_then(|it| it.try_to_vec().ok())
            .unwrap_or_default();
        let scale = (question.gate * question.evidence.trace) as f32;
        let known = |(it, whole): (&f32, &bool)| {
            if *whole && it.is_finite() {
                scale * it
            } else {
                0.0
            }
        };
        values.iter().zip(taps.whole()).map(known).collect()
    }

    /// Raw answers of the network; an answer that is not finite counts as none.
    fn answers(&self, evidence: &[Features]) -> Vec<Vec<f64>> {
        let Some(first) = evidence.first() else {
            return Vec::new();
        };
        let (batch, leads) = (evidence.len(), first.features.len() / N_FEATURES);
        let join = |part: fn(&Features) -> &Vec<f32>| {
            evidence
                .iter()
                .flat_map(|it| part(it).iter().copied())
                .collect::<Vec<f32>>()
        };
        let features = TensorData::new(join(|it| &it.features), [batch, leads, N_FEATURES]);
        let edges = TensorData::new(join(|it| &it.edges), [batch, N_EDGES, leads, leads]);
        let device = &self.device;
        let answer = self.network.forward(
            Tensor::from_data(features, device),
            Tensor::from_data(edges, device),
            Tensor::ones([batch, leads], device),
        );
        let values: Vec<f32> = answer
            .try_into_data()
            .ok()
            .and_then(|it| it.try_to_vec().ok())
            .unwrap_or_else(|| vec![0.0; batch * leads]);
        values
            .chunks_exact(leads)
            .map(|row| {
                row.iter()
                    .map(|it| if it.is_finite() { f64::from(*it) } else { 0.0 })
                    .collect()
            })
            .collect()
    }
}

fn untouched(prior: &Prior) -> Correction {
    Correction {
        weights: prior.weights.to_vec(),
        gate: 0.0,
        question: None,
    }
}

/// All instants of a recording for one question.
fn instants(question: &ResidualQuery, taps: &ContextSamples, device: &Device) -> Instants {
    let (leads, time) = (taps.leads().len(), taps.time());
    let scales = Scales::new(question);
    let (mut near, mut mixed) = (vec![0f32; time * leads * N_LAGS], vec![0f32; time * N_LAGS]);
    let rows = near
        .chunks_exact_mut(leads * N_LAGS)
        .zip(mixed.chunks_exact_mut(N_LAGS));
    for (at, (near, mixed)) in rows.enumerate() {
        taps.leads()
            .iter()
            .zip(near.chunks_exact_mut(N_LAGS))
            .for_each(|(lead, to)| neighbours(lead, at, to));
        scales.apply(near, mixed);
    }
    Instants {
        taps: Tensor::from_data(TensorData::new(near, [1, time, leads * N_LAGS]), device),
        mixed: Tensor::from_data(TensorData::new(mixed, [1, time, N_LAGS]), device),
    }
}

/// What turns the neighbours of an instant into rows of [`Instants`], for one question.
pub struct Scales {
    /// Weights of the corrected mix, in multiples of the RMS of the prior's trace.
    mix: Vec<f32>,
    level: f32,
}

impl Scales {
    /// Of a question.
    pub fn new(question: &ResidualQuery) -> Self {
        let evidence = &question.evidence;
        let per_trace = |it: &f64| (it / evidence.trace) as f32;
        Self {
            mix: question.weights.iter().map(per_trace).collect(),
            level: (1.0 / evidence.level) as f32,
        }
    }

    /// Scales `near` (each lead's neighbours of one instant) and gives those of the mix.
    pub fn apply(&self, near: &mut [f32], mixed: &mut [f32]) {
        mixed.fill(0.0);
        for (lead, weight) in near.chunks_exact(N_LAGS).zip(&self.mix) {
            mixed
                .iter_mut()
                .zip(lead)
                .for_each(|(to, it)| *to += weight * it);
        }
        near.iter_mut().for_each(|it| *it *= self.level);
    }
}

/// Configuration, weights and residual as shipped, for their hash.
pub fn shipped_bytes() -> [&'static [u8]; 3] {
    [
        include_bytes!("../../weights/shipped.json"),
        include_bytes!("../../weights/shipped.bpk"),
        include_bytes!("../../weights/shipped.residual.bpk"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geovt::Statistics;

    const DIRECTIONS: [[f64; 3]; 3] = [[0.0, 1.0, 0.0], [0.0, 0.5, -0.866], [0.92, 0.39, 0.0]];

    fn statistics() -> Statistics {
        let lead = |k: f32| -> Vec<f32> {
            (0..625)
                .map(|t| (t as f32 * 0.2 * k).sin() + 0.3 * (t as f32 * 0.05).cos())
                .collect()
        };
        Statistics::from_samples(&[&lead(1.0), &lead(1.3), &lead(0.4)])
    }

    fn check(corrector: Result<Corrector, WeightsError>) {
        let corrector = corrector.unwrap();
        let statistics = statistics();
        let knowledge = PatientContext {
            directions: &DIRECTIONS,
            statistics: &statistics,
        };
        let prior = |query| Prior {
            query,
            weights: &[0.2, 0.1, 0.6],
            spread: &[0.01, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 0.01],
        };
        let trained = corrector.config().gate.trained[0];
        let found = corrector.correct_all(
            &knowledge,
            &[
                prior(trained),
                prior([-1.0, 0.0, 0.0]),
                prior(DIRECTIONS[0]),
            ],
        );
        assert!(
            found[0].weights.iter().all(|it| it.is_finite())
                && found[0] != untouched(&prior(trained))
        );
        assert_eq!(
            found[1],
            untouched(&prior([-1.0, 0.0, 0.0])),
            "no evidence behind the back: the prior, to the bit"
        );
        assert_eq!(
            found[2].weights,
            [0.2, 0.1, 0.6],
            "a recorded lead is not corrected"
        );
        assert_eq!(
            found[0],
            corrector.correct(&knowledge, &prior(trained)),
            "one by one as in a batch"
        );
    }

    #[test]
    fn embedded_weights_correct_where_they_may() {
        check(Corrector::shipped(&Device::flex()));
        check(Corrector::unseen(&Device::flex()));
    }
}
