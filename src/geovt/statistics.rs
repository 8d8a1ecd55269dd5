//! What one patient's leads look like, without their time course: covariances over the whole of a
//! window, over its fast parts (QRS complexes) and over its slow parts. Ten seconds become a few
//! small matrices.

use faer::{Mat, Scale};

/// Rate that samples are expected at, in hertz. Faster ones only add noise to the fast part.
pub const INTERNAL_RATE_HZ: f64 = 125.0;

/// Half-width of the moving mean of the activity, in samples (24 ms).
const SMOOTH: usize = 3;

/// Covariances of a set of leads, leads × leads, in the square of the samples' unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Whole, fast, slow.
    parts: [Mat<f64>; 3],
}

impl Statistics {
    /// From samples at [`INTERNAL_RATE_HZ`], one slice per lead, all of one length. Instants at
    /// which any lead is not finite are left out; without any instant all entries are zero.
    pub fn from_samples(leads: &[&[f32]]) -> Self {
        let n = leads.len();
        let length = leads.iter().map(|it| it.len()).min().unwrap_or(0);
        let usable: Vec<bool> = (0..length)
            .map(|t| leads.iter().all(|it| it[t].is_finite()))
            .collect();
        let fast = fastness(leads, &usable);
        let means: Vec<f64> = leads.iter().map(|it| mean(it, &usable)).collect();
        let mut parts: [Mat<f64>; 3] = std::array::from_fn(|_| Mat::zeros(n, n));
        let mut totals = [0.0; 3];
        let mut now = vec![0.0; n];
        for t in (0..length).filter(|it| usable[*it]) {
            now.iter_mut()
                .zip(leads)
                .zip(&means)
                .for_each(|((it, lead), mean)| *it = f64::from(lead[t]) - mean);
            for (part, share) in [1.0, fast[t], 1.0 - fast[t]].into_iter().enumerate() {
                totals[part] += share;
                for (i, j) in (0..n).flat_map(|j| (0..n).map(move |i| (i, j))) {
                    parts[part][(i, j)] += share * now[i] * now[j];
                }
            }
        }
        for (part, total) in parts.iter_mut().zip(totals) {
            *part /= Scale(f64::max(total, 1e-9));
        }
        Self { parts }
    }

    /// From covariances computed elsewhere: whole, fast, slow. `None` unless they are square, of one
    /// size and finite.
    pub fn from_parts(parts: [Mat<f64>; 3]) -> Option<Self> {
        let n = parts[0].nrows();
        let sound = |part: &Mat<f64>| {
            part.shape() == (n, n) && part.col_iter().all(|it| it.iter().all(|x| x.is_finite()))
        };
        parts.iter().all(sound).then_some(Self { parts })
    }

    /// How many leads.
    pub fn n_leads(&self) -> usize {
        self.parts[0].nrows()
    }

    /// Covariance over the whole window.
    pub fn whole(&self) -> &Mat<f64> {
        &self.parts[0]
    }

    /// Whole, fast and slow covariances.
    pub fn parts(&self) -> &[Mat<f64>; 3] {
        &self.parts
    }

    /// Root mean square over all leads.
    pub fn rms(&self) -> f64 {
        let n = self.n_leads();
        let power: f64 = (0..n).map(|it| self.parts[0][(it, it)]).sum();
        (power / n.max(1) as f64).sqrt()
    }

    /// The same for some of the leads, by index.
    pub fn pick(&self, leads: &[usize]) -> Self {
        let n = leads.len();
        Self {
            parts: std::array::from_fn(|part| {
                Mat::from_fn(n, n, |i, j| self.parts[part][(leads[i], leads[j])])
            }),
        }
    }

    /// The statistics of `matrix` (square) times these leads.
    pub fn transformed(&self, matrix: &Mat<f64>) -> Self {
        Self {
            parts: std::array::from_fn(|part| matrix * &self.parts[part] * matrix.transpose()),
        }
    }
}

/// How much each instant belongs to a fast wave, 0 to 1: smoothed squared slope against three times
/// its mean.
fn fastness(leads: &[&[f32]], usable: &[bool]) -> Vec<f64> {
    let length = usable.len();
    let slope = |t: usize| -> f64 {
        let known = t + 1 < length && usable[t] && usable[t + 1];
        if known {
            leads
                .iter()
                .map(|it| f64::from(it[t + 1] - it[t]).powi(2))
                .sum()
        } else {
            0.0
        }
    };
    let slopes: Vec<f64> = (0..length).map(slope).collect();
    let smooth = |t: usize| {
        slopes[t.saturating_sub(SMOOTH)..(t + SMOOTH + 1).min(length)]
            .iter()
            .sum::<f64>()
    };
    let smoothed: Vec<f64> = (0..length).map(smooth).collect();
    let level = 2.0 * smoothed.iter().sum::<f64>() / length.max(1) as f64;
    smoothed
        .iter()
        .map(|it| it / (it + level).max(f64::MIN_POSITIVE))
        .collect()
}

fn mean(lead: &[f32], usable: &[bool]) -> f64 {
    let (sum, n) = lead
        .iter()
        .zip(usable)
        .filter(|it| *it.1)
        .fold((0.0, 0usize), |(sum, n), it| {
            (sum + f64::from(*it.0), n + 1)
        });
    sum / n.max(1) as f64
}

#[cfg(test)]
mod tests {
    use faer::mat;

    use super::*;

    #[test]
    fn parts_of_a_spike_train() {
        let spike: Vec<f32> = (0..1000)
            .map(|t| {
                if t % 100 < 6 {
                    1.0
                } else {
                    0.02 * (t as f32 * 0.06).sin()
                }
            })
            .collect();
        let double: Vec<f32> = spike.iter().map(|it| -2.0 * it).collect();
        let found = Statistics::from_samples(&[&spike, &double]);
        assert!(
            (found.whole()[(1, 1)] / found.whole()[(0, 0)] - 4.0).abs() < 1e-6
                && found.whole()[(0, 1)] < 0.0
        );
        assert!(
            10.0 * found.parts()[2][(0, 0)] < found.parts()[1][(0, 0)],
            "{:?}",
            found.parts()
        );
        assert!((found.rms() - (2.5 * found.whole()[(0, 0)]).sqrt()).abs() < 1e-9);
        assert_eq!(found.pick(&[1]).whole()[(0, 0)], found.whole()[(1, 1)]);
    }

    #[test]
    fn gaps_are_left_out() {
        let lead: Vec<f32> = (0..500).map(|t| (t as f32 * 0.3).sin()).collect();
        let mut holed = lead.clone();
        holed[100..110].fill(f32::NAN);
        let found = Statistics::from_samples(&[&holed, &lead]);
        assert!(found.whole().norm_max().is_finite() && (found.whole()[(0, 0)] - 0.5).abs() < 0.02);
        assert!(Statistics::from_samples(&[&[f32::NAN; 4]]).whole()[(0, 0)] == 0.0);
    }

    #[test]
    fn a_linear_change_of_leads_changes_the_statistics_likewise() {
        let a: Vec<f32> = (0..400).map(|t| (t as f32 * 0.1).sin()).collect();
        let b: Vec<f32> = (0..400).map(|t| (t as f32 * 0.23).cos()).collect();
        let mixed: Vec<f32> = a.iter().zip(&b).map(|(x, y)| x + 0.5 * y).collect();
        let expected = Statistics::from_samples(&[&mixed, &b]);
        let found = Statistics::from_samples(&[&a, &b]).transformed(&mat![[1.0, 0.5], [0.0, 1.0]]);
        assert!((found.whole() - expected.whole()).norm_max() < 1e-6);
    }
}
