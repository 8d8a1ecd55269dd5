//! What the lead-field path is told about one patient and one direction: numbers per recorded lead,
//! numbers per pair of leads, and the scale of its answer. Everything is relative to the patient's
//! own amplitudes, and nothing depends on the order or number of leads.
//!
//! Mixing weights of nearly collinear leads are ill-determined, so the path answers in whitened
//! coordinates: one unit changes the trace by the RMS of the prior's trace, whichever lead it is
//! given to.

use faer::{ColRef, Mat, MatRef, Scale, Side};

use super::{
    Statistics,
    harmonics::{N_HARMONICS, harmonics},
};

/// Numbers per recorded lead.
pub(super) const N_FEATURES: usize = 16 + 1 + 2 * N_HARMONICS;
/// Numbers per pair of leads.
pub(super) const N_EDGES: usize = 4;

/// Eigenvalues of the covariance below this share of the mean lead power are noise.
const FLOOR: f64 = 3e-4;

/// What is known of one patient: where the leads look from, their statistics, and the whitening that
/// follows from them and is shared by all directions.
#[derive(Clone, Debug)]
pub struct PatientContext {
    directions: Vec<[f64; 3]>,
    statistics: Statistics,
    root: Mat<f64>,
    inverse_root: Mat<f64>,
    /// Fast and slow covariance, whitened.
    fast: Mat<f64>,
    slow: Mat<f64>,
    /// Over everything, over fast waves.
    correlation: [Mat<f64>; 2],
    /// Of each lead over everything, over fast and over slow waves.
    rms: [Vec<f64>; 3],
    level: f64,
}

impl PatientContext {
    /// Of recorded leads that look from `directions` (unit vectors), in the order of `statistics`.
    pub fn new(directions: Vec<[f64; 3]>, statistics: Statistics) -> Self {
        let n = statistics.n_leads();
        let level = statistics.rms().max(1e-6);
        let parts = statistics.parts();
        let lifted = &parts[0] + Mat::<f64>::identity(n, n) * Scale(FLOOR * level * level);
        let (root, inverse_root) = symmetric_roots(&lifted, 1e-12 * level * level);
        let whiten = |part: &Mat<f64>| &inverse_root * part * &inverse_root;
        let rms: [Vec<f64>; 3] = std::array::from_fn(|part| {
            (0..n)
                .map(|it| parts[part][(it, it)].max(1e-9 * level * level).sqrt())
                .collect()
        });
        let correlate = |part: usize| {
            Mat::from_fn(n, n, |i, j| {
                parts[part][(i, j)] / (rms[part][i] * rms[part][j])
            })
        };
        Self {
            fast: whiten(&parts[1]),
            slow: whiten(&parts[2]),
            correlation: [correlate(0), correlate(1)],
            directions,
            root,
            inverse_root,
            rms,
            level,
            statistics,
        }
    }

    /// Unit vector of each recorded lead.
    pub fn directions(&self) -> &[[f64; 3]] {
        &self.directions
    }
}

/// Symmetric square root of a positive matrix, and its inverse. Eigenvalues below `floor` are lifted
/// to it.
fn symmetric_roots(matrix: &Mat<f64>, floor: f64) -> (Mat<f64>, Mat<f64>) {
    let n = matrix.nrows();
    let Ok(eigen) = matrix.self_adjoint_eigen(Side::Lower) else {
        // Only what is not finite has no eigenvalues: then nothing is known of the leads' scales.
        return (Mat::identity(n, n), Mat::identity(n, n));
    };
    let (vectors, values) = (eigen.U(), eigen.S());
    let rebuild = |of: fn(f64) -> f64| {
        let scaled = Mat::from_fn(n, n, |i, k| {
            vectors[(i, k)] * of(values[k].max(floor).sqrt())
        });
        scaled * vectors.transpose()
    };
    (rebuild(|root| root), rebuild(|root| 1.0 / root))
}

/// Input of the lead-field path for one patient and one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// `[leads, N_FEATURES]`, row-major, as tensors are.
    pub(super) features: Vec<f32>,
    /// `[N_EDGES, leads, leads]`, row-major: correlation over everything, over fast waves, whitened
    /// fast covariance, whitened prior spread.
    pub(super) edges: Vec<f32>,
    /// Leads × leads: turns the path's answer into mixing weights.
    pub answer_to_weights: Mat<f64>,
    /// Root mean square over the recorded leads.
    pub level: f64,
    /// Root mean square of the prior's trace.
    pub trace: f64,
}

impl Features {
    /// For the view in direction `query`, where the prior proposes `weights` with covariance
    /// `spread` (leads × leads).
    pub fn new(
        context: &PatientContext,
        query: [f64; 3],
        weights: &[f64],
        spread: MatRef<'_, f64>,
    ) -> Self {
        let (n, level) = (weights.len(), context.level);
        let parts = context.statistics.parts();
        let mixed: [Vec<f64>; 3] = std::array::from_fn(|part| times(&parts[part], weights));
        let trace: [f64; 3] =
            std::array::from_fn(|part| dot(&mixed[part], weights).max(1e-6 * level * level).sqrt());
        let per_power = Scale(1.0 / trace[0].powi(2));
        let doubt = &context.root * spread * &context.root * per_power;
        let doubt_total = inner(spread, parts[0].as_ref()) * per_power.0;
        let prior: Vec<f64> = times(&context.root, weights)
            .iter()
            .map(|it| it * (1.0 / trace[0]))
            .collect();
        let prior_fast = times(&context.fast, &prior);
        let asked = harmonics(query);

        let mut features = Vec::with_capacity(n * N_FEATURES);
        for lead in 0..n {
            let rms = |part: usize| context.rms[part][lead];
            let direction = context.directions[lead];
            let own = [
                prior[lead],
                prior_fast[lead],
                0.3 * context.fast[(lead, lead)],
                0.3 * context.slow[(lead, lead)],
                doubt[(lead, lead)].max(0.0).sqrt(),
            ];
            features.extend(own);
            features.extend((0..3).map(|part| mixed[part][lead] / (rms(part) * trace[part])));
            features.extend((0..3).map(|part| (rms(part) / level).ln()));
            features.push(weights[lead] * rms(0) / trace[0]);
            features.extend(trace.map(|it| (it / level).ln()));
            features.push((doubt_total.max(0.0) + 1e-4).ln());
            features.push(dot(&direction, &query));
            features.extend(harmonics(direction));
            features.extend(asked);
        }
        let kinds = [
            (&context.correlation[0], 1.0),
            (&context.correlation[1], 1.0),
            (&context.fast, 0.3),
            (&doubt, 10.0),
        ];
        let row_major = |(matrix, scale): (&Mat<f64>, f64)| {
            let entries = matrix.row_iter().flat_map(|row| row.iter());
            entries.map(|it| (scale * it) as f32).collect::<Vec<f32>>()
        };
        Self {
            features: features.into_iter().map(|it| it as f32).collect(),
            edges: kinds.into_iter().flat_map(row_major).collect(),
            answer_to_weights: &context.inverse_root * Scale(trace[0]),
            level,
            trace: trace[0],
        }
    }

    /// Recorded leads.
    pub fn n_leads(&self) -> usize {
        self.answer_to_weights.nrows()
    }

    /// Whether the network can be asked with it.
    pub fn is_finite(&self) -> bool {
        self.features
            .iter()
            .chain(&self.edges)
            .all(|it| it.is_finite())
    }

    /// Mixing weights that an answer of the path stands for.
    pub fn weights(&self, answer: &[f64]) -> Vec<f64> {
        times(&self.answer_to_weights, answer)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn times(matrix: &Mat<f64>, vector: &[f64]) -> Vec<f64> {
    (matrix * ColRef::from_slice(vector))
        .iter()
        .copied()
        .collect()
}

/// Sum of the products of entries.
fn inner(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    a.col_iter()
        .zip(b.col_iter())
        .map(|(a, b)| a.transpose() * b)
        .sum()
}

#[cfg(test)]
mod tests {
    use faer::mat;

    use super::*;

    fn patient(gain: f32) -> Statistics {
        let lead = |k: f32| -> Vec<f32> {
            (0..625)
                .map(|t| gain * ((t as f32 * 0.2 * k).sin() + 0.3 * (t as f32 * 0.05).cos()))
                .collect()
        };
        Statistics::from_samples(&[&lead(1.0), &lead(1.3), &lead(0.4)])
    }

    fn features(statistics: &Statistics) -> Features {
        let directions = vec![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.6, -0.8]];
        let context = PatientContext::new(directions, statistics.clone());
        let spread = mat![[0.02, 0.0, 0.01], [0.0, 0.03, 0.0], [0.01, 0.0, 0.02]];
        Features::new(
            &context,
            [0.6, 0.8, 0.0],
            &[0.5, -0.2, 0.7],
            spread.as_ref(),
        )
    }

    fn close(a: &[f32], b: &[f32]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3)
    }

    #[test]
    fn roots_square_back_and_cancel() {
        let x = Mat::from_fn(6, 6, |i, j| ((i * i * 7 + j * 3) % 19) as f64 / 9.0 - 1.0);
        let matrix = &x * x.transpose() + Mat::<f64>::identity(6, 6) * Scale(0.1);
        let (root, inverse) = symmetric_roots(&matrix, 1e-12);
        assert!((&root * &root - &matrix).norm_max() < 1e-9);
        assert!((&root * &inverse - Mat::<f64>::identity(6, 6)).norm_max() < 1e-9);
    }

    #[test]
    fn amplitude_of_the_patient_does_not_matter() {
        let (small, large) = (features(&patient(0.1)), features(&patient(3.0)));
        assert_eq!(small.features.len(), 3 * N_FEATURES);
        assert!(close(&small.features, &large.features));
        assert!(close(&small.edges, &large.edges));
        let apart = &small.answer_to_weights - &large.answer_to_weights;
        assert!(apart.norm_max() < 1e-3, "{apart:?}");
    }

    #[test]
    fn a_unit_answer_changes_the_trace_by_the_prior_rms() {
        let statistics = patient(1.0);
        let found = features(&statistics).weights(&[0.0, 1.0, 0.0]);
        let power = |w: &[f64]| dot(&times(statistics.whole(), w), w);
        let ratio = power(&found) / power(&[0.5, -0.2, 0.7]);
        assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
    }

    #[test]
    fn silence_is_finite() {
        let silent = Statistics::from_parts(std::array::from_fn(|_| Mat::zeros(3, 3))).unwrap();
        assert!(features(&silent).is_finite());
    }
}
