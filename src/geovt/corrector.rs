//! The shipped use of the network: recorded leads and a prior's mix in, corrected mix out,
//! gated; and, instant by instant, what the mix leaves over.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use faer::MatRef;
use serde::{Deserialize, Serialize};

use super::{
    ContextSamples, Ensemble, Features, Gate, LeadGraph, MixNetwork, MixNetworkConfig,
    PatientContext, ResidualNetwork, ResidualNetworkConfig, ResidualQuery,
    gate::LEAST,
    weights::{WeightsError, from_bytes},
};

/// What is known of one view before the network is asked.
#[derive(Clone, Debug)]
pub struct Prior<'a> {
    /// Unit vector of the view.
    pub query: [f64; 3],
    /// Weight of each recorded lead.
    pub weights: &'a [f64],
    /// What is added to them by phase of the beat.
    pub departures: &'a [Vec<f64>; ContextSamples::N_PHASES],
    /// Covariance of these weights, leads × leads.
    pub spread: MatRef<'a, f64>,
}

/// A corrected mix.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Weight of each recorded lead: the prior's plus the gated correction.
    pub weights: Vec<f64>,
    /// How far the learned correction was let in, 0 (pure prior) to 1.
    pub gate: f64,
    /// What to ask the residual path; `None` where it has no say.
    pub residual: Option<Arc<ResidualQuery>>,
}

impl Correction {
    /// The prior's own mix.
    fn none(prior: &Prior) -> Self {
        Self {
            weights: prior.weights.to_vec(),
            gate: 0.0,
            residual: None,
        }
    }
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
    network: Ensemble<MixNetwork>,
    residual: Option<Ensemble<ResidualNetwork>>,
    device: Device,
}

/// A `static`, so that the program holds it once.
static SHIPPED: [&[u8]; 3] = [
    include_bytes!("../../weights/shipped.json"),
    include_bytes!("../../weights/shipped.bpk"),
    include_bytes!("../../weights/shipped.residual.bpk"),
];

impl Corrector {
    /// The parts of the set that never saw V2 and V6, which has no residual.
    const UNSEEN: [&'static [u8]; 3] = [
        include_bytes!("../../weights/unseen.json"),
        include_bytes!("../../weights/unseen.bpk"),
        &[],
    ];

    /// From a configuration (JSON), weights and, where there is one, the residual path's weights;
    /// fails on anything that does not fit.
    fn from_parts(
        [config, weights, residual]: [&[u8]; 3],
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let config: CorrectorConfig =
            serde_json::from_slice(config).map_err(|it| WeightsError::Config(it.to_string()))?;
        let fresh = (0..config.members).map(|_| config.mix.init(device));
        let network = from_bytes(Ensemble::new(fresh.collect()), weights)?;
        let residual = match &config.residual {
            Some(it) => {
                let fresh = (0..config.residual_members).map(|_| it.init(device));
                Some(from_bytes(Ensemble::new(fresh.collect()), residual)?)
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

    /// Configuration, weights and residual as shipped.
    pub fn shipped_parts() -> [&'static [u8]; 3] {
        SHIPPED
    }

    /// Weights trained with all twelve leads; what the program uses.
    pub fn shipped(device: &Device) -> Result<Self, WeightsError> {
        Self::from_parts(SHIPPED, device)
    }

    /// Weights that never saw V2 and V6; for the benchmark of unseen views.
    pub fn unseen(device: &Device) -> Result<Self, WeightsError> {
        Self::from_parts(Self::UNSEEN, device)
    }

    /// Settings and gate.
    pub fn config(&self) -> &CorrectorConfig {
        &self.config
    }

    /// The corrected mixes of many views of one patient. Views that the gate shuts cost nothing.
    pub fn correct_all(&self, context: &PatientContext, priors: &[Prior]) -> Vec<Correction> {
        let gate = &self.config.gate;
        let gates: Vec<f64> = priors
            .iter()
            .map(|prior| gate.weight(prior.query, context.directions()))
            .collect();
        let open: Vec<usize> = (0..priors.len()).filter(|at| LEAST <= gates[*at]).collect();
        let features = open.iter().map(|at| {
            let prior = &priors[*at];
            Features::new(context, prior.query, prior.weights, prior.spread)
        });
        let features: Vec<Features> = features.collect();
        let answers = self.answers(&features);
        let mut out: Vec<Correction> = priors.iter().map(Correction::none).collect();
        for ((at, features), answer) in open.into_iter().zip(features).zip(answers) {
            let correction = &mut out[at];
            correction.gate = gates[at];
            let by = features.weights(&answer);
            let pairs = correction.weights.iter_mut().zip(by);
            pairs.for_each(|(weight, by)| *weight += gates[at] * by);
            // Whether the residual path travels to views that only virtual patients were asked for
            // was never shown.
            let gate = gate.trained_weight(priors[at].query, context.directions());
            if self.residual.is_some() && LEAST <= gate {
                correction.residual = Some(Arc::new(ResidualQuery {
                    features,
                    weights: correction.weights.clone(),
                    departures: priors[at].departures.clone(),
                    gate,
                }));
            }
        }
        out
    }

    /// What the corrected mix leaves over, at [`super::INTERNAL_RATE_HZ`], in the unit of the
    /// samples, gated. Zero around gaps; empty where there is no residual path. `samples` are of the
    /// leads that the query is about, in their order.
    pub fn residual(&self, query: &ResidualQuery, samples: &ContextSamples) -> Vec<f32> {
        let leads = query.weights.len();
        let Some(network) = self
            .residual
            .as_ref()
            .filter(|_| samples.leads().len() == leads && 0 < samples.time())
        else {
            return Vec::new();
        };
        let graph = LeadGraph::new(&[&query.features], leads, &self.device);
        let values = read(network.forward(&graph, &query.instants(samples, &self.device)));
        let scale = (query.gate * query.features.trace) as f32;
        let known = |(value, whole): (f32, &bool)| if *whole { scale * value } else { 0.0 };
        values.into_iter().zip(samples.whole()).map(known).collect()
    }

    /// Raw answers of the network, one per lead of each query.
    fn answers(&self, queries: &[Features]) -> Vec<Vec<f64>> {
        let Some(leads) = queries.first().map(Features::n_leads) else {
            return Vec::new();
        };
        let graph = LeadGraph::new(&queries.iter().collect::<Vec<_>>(), leads, &self.device);
        let mut values = read(self.network.forward(&graph));
        values.resize(queries.len() * leads, 0.0);
        let answer = |row: &[f32]| row.iter().copied().map(f64::from).collect();
        values.chunks_exact(leads).map(answer).collect()
    }
}

/// Numbers of an answer; one that is not finite counts as none. Empty if the device fails.
fn read(answer: Tensor<2>) -> Vec<f32> {
    let values: Vec<f32> = answer
        .try_into_data()
        .ok()
        .and_then(|data| data.try_to_vec().ok())
        .unwrap_or_default();
    let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
    values.into_iter().map(finite).collect()
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;
    use crate::geovt::Statistics;

    const DIRECTIONS: [[f64; 3]; 3] = [[0.0, 1.0, 0.0], [0.0, 0.5, -0.866], [0.92, 0.39, 0.0]];

    fn leads() -> [Vec<f32>; 3] {
        [1.0, 1.3, 0.4].map(|k: f32| {
            (0..625)
                .map(|t| (t as f32 * 0.2 * k).sin() + 0.3 * (t as f32 * 0.05).cos())
                .collect()
        })
    }

    fn context() -> PatientContext {
        let leads = leads();
        let samples: Vec<&[f32]> = leads.iter().map(|it| &**it).collect();
        PatientContext::new(DIRECTIONS.to_vec(), Statistics::from_samples(&samples))
    }

    /// The corrections of a trained view, of the back, and of a recorded lead.
    fn corrections(corrector: &Corrector) -> [Correction; 3] {
        let spread = Mat::<f64>::identity(3, 3) * faer::Scale(0.01);
        let queries = [
            corrector.config().gate.trained[0],
            [-1.0, 0.0, 0.0],
            DIRECTIONS[0],
        ];
        let none = std::array::from_fn(|_| vec![0.0; 3]);
        let prior = |query| Prior {
            query,
            departures: &none,
            weights: &[0.2, 0.1, 0.6],
            spread: spread.as_ref(),
        };
        let found = corrector.correct_all(&context(), &queries.map(prior));
        let alone = corrector.correct_all(&context(), &[prior(queries[0])]);
        assert_eq!(found[0], alone[0], "one by one as in a batch");
        found.try_into().unwrap()
    }

    fn check(corrector: Result<Corrector, WeightsError>) {
        let [trained, back, recorded] = corrections(&corrector.unwrap());
        assert!(trained.weights.iter().all(|it| it.is_finite()));
        assert!(trained.gate == 1.0 && trained.weights != [0.2, 0.1, 0.6]);
        assert!(
            back.weights == [0.2, 0.1, 0.6] && back.gate == 0.0 && back.residual.is_none(),
            "no evidence behind the back: the prior, to the bit"
        );
        assert_eq!(
            recorded.weights,
            [0.2, 0.1, 0.6],
            "a recorded lead is not corrected"
        );
    }

    #[test]
    fn embedded_weights_correct_where_they_may() {
        check(Corrector::shipped(&Device::flex()));
        check(Corrector::unseen(&Device::flex()));
    }

    #[test]
    fn residual_keeps_to_what_is_known() {
        let corrector = Corrector::shipped(&Device::flex()).unwrap();
        let [trained, ..] = corrections(&corrector);
        let query = trained.residual.unwrap();
        let mut leads = leads();
        leads[1][300] = f32::NAN;
        let samples: Vec<&[f32]> = leads.iter().map(|it| &**it).collect();
        let found = corrector.residual(&query, &ContextSamples::new(&samples, Vec::new()));
        assert!(found.len() == 625 && found.iter().all(|it| it.is_finite()));
        assert!(found[300] == 0.0 && found.iter().any(|it| *it != 0.0));
        let other = ContextSamples::new(&samples[..2], Vec::new());
        assert!(corrector.residual(&query, &other).is_empty(), "other leads");
    }

    #[test]
    fn damaged_parts_are_refused() {
        let [config, weights, residual] = SHIPPED;
        for parts in [
            [&b"{}"[..], weights, residual],
            [config, &weights[..weights.len() / 2], residual],
            [config, weights, &[]],
        ] {
            assert!(Corrector::from_parts(parts, &Device::flex()).is_err());
        }
    }
}
