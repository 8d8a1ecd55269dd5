//! What the lead-field path is told about one patient and one direction: numbers per recorded lead,
//! numbers per pair of leads, and the scale of its answer. Everything is relative to the patient's
//! own amplitudes, and nothing depends on the order or number of leads.
//!
//! Mixing weights of nearly collinear leads are ill-determined, so the path answers in whitened
//! coordinates: one unit changes the trace by the RMS of the prior's trace, whichever lead it is
//! given to.

use super::{
    Statistics,
    harmonics::{N_HARMONICS, harmonics},
    symmetric::{apply, product, roots},
};

/// Numbers per recorded lead.
pub const N_FEATURES: usize = 16 + 1 + 2 * N_HARMONICS;
/// Numbers per pair of leads.
pub const N_EDGES: usize = 4;

/// Eigenvalues of the covariance below this share of the mean lead power are noise.
const FLOOR: f64 = 3e-4;

/// What is known of one patient: where the leads look from, and their statistics.
#[derive(Clone, Debug)]
pub struct PatientContext<'a> {
    /// Unit vector of each recorded lead.
    pub directions: &'a [[f64; 3]],
    /// Statistics of the recorded leads, in the same order.
    pub statistics: &'a Statistics,
}

/// Input of the lead-field path for one patient and one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// `[leads, N_FEATURES]`, row-major.
    pub features: Vec<f32>,
    /// `[N_EDGES, leads, leads]`, row-major: correlation over everything, over fast waves, whitened
    /// fast covariance, whitened prior spread.
    pub edges: Vec<f32>,
    /// `[leads, leads]`, row-major: turns the path's answer into mixing weights.
    pub answer_to_weights: Vec<f64>,
    /// Root mean square over the recorded leads.
    pub level: f64,
    /// Root mean square of the prior's trace.
    pub trace: f64,
}

/// Whitening of one patient's leads: shared by all directions.
#[derive(Clone, Debug)]
pub struct Whitening {
    root: Vec<f64>,
    inverse_root: Vec<f64>,
    fast: Vec<f64>,
    slow: Vec<f64>,
    correlation: [Vec<f64>; 2],
    rms: [Vec<f64>; 3],
    level: f64,
}

impl Whitening {
    /// Of a patient's statistics.
    pub fn new(statistics: &Statistics) -> Self {
        let n = statistics.n_leads();
        let level = statistics.rms().max(1e-6);
        let mut lifted = statistics.whole().to_vec();
        (0..n).for_each(|it| lifted[it * n + it] += FLOOR * level * level);
        let (root, inverse_root) = roots(&lifted, n, 1e-12 * level * level);
        let whiten = |it: &[f64]| product(&product(&inverse_root, it, n), &inverse_root, n);
        let parts = statistics.parts();
        let rms: [Vec<f64>; 3] = std::array::from_fn(|part| {
            (0..n)
                .map(|it| parts[part][it * n + it].max(1e-9 * level * level).sqrt())
                .collect()
        });
        let correlate = |part: usize| {
            (0..n * n)
                .map(|it| parts[part][it] / (rms[part][it / n] * rms[part][it % n]))
                .collect()
        };
        Self {
            fast: whiten(&parts[1]),
            slow: whiten(&parts[2]),
            correlation: [correlate(0), correlate(1)],
            root,
            inverse_root,
            rms,
            level,
        }
    }
}

impl Features {
    /// For the view in direction `query`, where the prior proposes `weights` with covariance
    /// `spread` (row-major).
    pub fn new(
        knowledge: &PatientContext,
        whitening: &Whitening,
        query: [f64; 3],
        weights: &[f64],
        spread: &[f64],
    ) -> Self {
        let n = weights.len();
        let it = whitening;
        let parts = knowledge.statistics.parts();
        let mixed: [Vec<f64>; 3] = std::array::from_fn(|part| apply(&parts[part], weights));
        let trace: [f64; 3] = std::array::from_fn(|part| {
            dot(&mixed[part], weights)
                .max(1e-6 * it.level * it.level)
                .sqrt()
        });
        let prior = scaled(&apply(&it.root, weights), 1.0 / trace[0]);
        let prior_fast = apply(&it.fast, &prior);
        let doubt_total: f64 = spread
            .iter()
            .zip(&parts[0])
            .map(|(s, c)| s * c)
            .sum::<f64>()
            / trace[0].powi(2);
        let doubt = scaled(
            &product(&product(&it.root, spread, n), &it.root, n),
            1.0 / trace[0].powi(2),
        );
        let asked = harmonics(query);

        let mut features = Vec::with_capacity(n * N_FEATURES);
        for lead in 0..n {
            let at = lead * n + lead;
            let own = [
                prior[lead],
                prior_fast[lead],
                0.3 * it.fast[at],
                0.3 * it.slow[at],
                doubt[at].max(0.0).sqrt(),
            ];
            features.extend(own.map(|it| it as f32));
            features.extend(
                (0..3).map(|part| (mixed[part][lead] / (it.rms[part][lead] * trace[part])) as f32),
            );
            features.extend((0..3).map(|part| (it.rms[part][lead] / it.level).ln() as f32));
            features.push((weights[lead] * it.rms[0][lead] / trace[0]) as f32);
            features.extend((0..3).map(|part| (trace[part] / it.level).ln() as f32));
            features.push((doubt_total.max(0.0) + 1e-4).ln() as f32);
            features.push(dot(&knowledge.directions[lead], &query) as f32);
            features.extend(harmonics(knowledge.directions[lead]).map(|it| it as f32));
            features.extend(asked.map(|it| it as f32));
        }
        let edges = it.correlation[0].iter().chain(&it.correlation[1]).copied();
        let edges = edges
            .chain(it.fast.iter().map(|it| 0.3 * it))
            .chain(doubt.iter().map(|it| 10.0 * it));
        Self {
            features,
            edges: edges.map(|it| it as f32).collect(),
            answer_to_weights: scaled(&it.inverse_root, trace[0]),
            level: it.level,
            trace: trace[0],
        }
    }

    /// Mixing weights that an answer of the path stands for.
    pub fn weights(&self, answer: &[f64]) -> Vec<f64> {
        apply(&self.answer_to_weights, answer)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn scaled(a: &[f64], by: f64) -> Vec<f64> {
    a.iter().map(|it| it * by).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient(gain: f32) -> Statistics {
        let lead = |k: f32| -> Vec<f32> {
            (0..625)
                .map(|t| gain * ((t as f32 * 0.2 * k).sin() + 0.3 * (t as f32 * 0.05).cos()))
                .collect()
        };
        Statistics::from_samples(&[&lead(1.0), &lead(1.3), &lead(0.4)])
    }

    fn evidence(statistics: &Statistics) -> Features {
        let directions = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.6, -0.8]];
        let knowledge = PatientContext {
            directions: &directions,
            statistics,
        };
        let spread = [0.02, 0.0, 0.01, 0.0, 0.03, 0.0, 0.01, 0.0, 0.02];
        Features::new(
            &knowledge,
            &Whitening::new(statistics),
            [0.6, 0.8, 0.0],
            &[0.5, -0.2, 0.7],
            &spread,
        )
    }

    #[test]
    fn amplitude_of_the_patient_does_not_matter() {
        let (small, large) = (evidence(&patient(0.1)), evidence(&patient(3.0)));
        assert_eq!(small.features.len(), 3 * N_FEATURES);
        assert!(
            small
                .features
                .iter()
                .zip(&large.features)
                .all(|(a, b)| (a - b).abs() < 1e-3)
        );
        assert!(
            small
                .edges
                .iter()
                .zip(&large.edges)
                .all(|(a, b)| (a - b).abs() < 1e-3)
        );
        assert!(
            small
                .answer_to_weights
                .iter()
                .zip(&large.answer_to_weights)
                .all(|(a, b)| (a - b).abs() < 1e-3)
        );
    }

    #[test]
    fn a_unit_answer_changes_the_trace_by_the_prior_rms() {
        let statistics = patient(1.0);
        let found = evidence(&statistics).weights(&[0.0, 1.0, 0.0]);
        let power = |w: &[f64]| dot(&apply(statistics.whole(), w), w);
        let ratio = power(&found) / power(&[0.5, -0.2, 0.7]);
        assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
    }

    #[test]
    fn silence_is_finite() {
        let silent = Statistics::from_parts(3, std::array::from_fn(|_| vec![0.0; 9])).unwrap();
        let found = evidence(&silent);
        assert!(
            found
                .features
                .iter()
                .chain(&found.edges)
                .all(|it| it.is_finite())
        );
    }
}
