//! What both networks read of their queries: the recorded leads as nodes, what pairs of them share as
//! edges.

use burn::tensor::{Device, Tensor, TensorData};

use super::{
    Features,
    features::{N_EDGES, N_FEATURES},
};

/// Some queries as tensors.
#[derive(Clone, Debug)]
pub struct LeadGraph {
    /// `[batch, leads, N_FEATURES]`
    pub features: Tensor<3>,
    /// `[batch, N_EDGES, leads, leads]`, zero for absent leads
    pub edges: Tensor<4>,
    /// `[batch, leads]`, one or zero
    pub present: Tensor<2>,
}

impl LeadGraph {
    /// Of some queries, each filled up to `slots` leads with absent ones.
    pub fn new(queries: &[&Features], slots: usize, device: &Device) -> Self {
        let batch = queries.len();
        let mut features = vec![0f32; batch * slots * N_FEATURES];
        let mut edges = vec![0f32; batch * N_EDGES * slots * slots];
        let mut present = vec![0f32; batch * slots];
        for (idx, query) in queries.iter().enumerate() {
            let leads = query.n_leads();
            features[idx * slots * N_FEATURES..][..leads * N_FEATURES]
                .copy_from_slice(&query.features);
            present[idx * slots..][..leads].fill(1.0);
            for (row, from) in query.edges.chunks_exact(leads.max(1)).enumerate() {
                edges[((idx * N_EDGES + row / leads) * slots + row % leads) * slots..][..leads]
                    .copy_from_slice(from);
            }
        }
        Self {
            features: Tensor::from_data(
                TensorData::new(features, [batch, slots, N_FEATURES]),
                device,
            ),
            edges: Tensor::from_data(
                TensorData::new(edges, [batch, N_EDGES, slots, slots]),
                device,
            ),
            present: Tensor::from_data(TensorData::new(present, [batch, slots]), device),
        }
    }

    /// Queries and leads of each, absent ones included.
    pub fn dims(&self) -> [usize; 2] {
        self.present.dims()
    }
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;
    use crate::geovt::{MixNetworkConfig, PatientContext, Statistics, reference::Formula};

    fn query(n: usize) -> Features {
        let lead = |k: usize| -> Vec<f32> {
            (0..400)
                .map(|t| (t as f32 * (0.1 + 0.07 * k as f32)).sin())
                .collect()
        };
        let leads: Vec<Vec<f32>> = (0..n).map(lead).collect();
        let samples: Vec<&[f32]> = leads.iter().map(|it| &**it).collect();
        let direction = |k: usize| {
            let (sin, cos) = (0.5 * k as f64).sin_cos();
            [cos, sin, 0.0]
        };
        let context = PatientContext::new(
            (0..n).map(direction).collect(),
            Statistics::from_samples(&samples),
        );
        let weights: Vec<f64> = (0..n).map(|k| 0.3 - 0.1 * k as f64).collect();
        let spread = Mat::from_fn(n, n, |i, j| if i == j { 0.02 } else { 0.005 });
        Features::new(&context, [0.0, 0.6, 0.8], &weights, spread.as_ref())
    }

    /// Filled up and beside others or alone: a query gets the same answer.
    #[test]
    fn absent_leads_and_other_queries_change_nothing() {
        use burn::module::Module;
        let device = Device::flex();
        let net = MixNetworkConfig::new()
            .with_width(8)
            .init(&device)
            .map(&mut Formula(0));
        let answer = |queries: &[&Features], slots: usize| -> Vec<f32> {
            net.forward(&LeadGraph::new(queries, slots, &device))
                .into_data()
                .try_to_vec()
                .unwrap()
        };
        let (three, five) = (query(3), query(5));
        let both = answer(&[&three, &five], 8);
        for (row, (query, n)) in [(&three, 3), (&five, 5)].into_iter().enumerate() {
            let alone = answer(&[query], n);
            let found = &both[8 * row..];
            assert!(
                (0..n).all(|lead| (found[lead] - alone[lead]).abs() < 1e-4),
                "{found:?} {alone:?}"
            );
            assert!((n..8).all(|lead| found[lead] == 0.0));
        }
    }
}
