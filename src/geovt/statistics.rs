//! What one patient's leads look like, without their time course: covariances over the whole of a
//! stretch, over its fast parts (QRS complexes) and over its slow parts. Ten seconds become a few
//! small matrices.

/// Rate that samples are expected at, in hertz. Faster ones only add noise to the fast part.
pub const INTERNAL_RATE_HZ: f64 = 125.0;

/// Half-width of the moving mean of the activity, in samples (24 ms).
const SMOOTH: usize = 3;

/// Covariances of a set of leads, row-major, in the square of the samples' unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    n_leads: usize,
    /// Whole, fast, slow.
    parts: [Vec<f64>; 3],
}

impl Statistics {
    /// From samples at [`INTERNAL_RATE_HZ`], one slice per lead, all of one length. Instants at
    /// which any lead is not finite are left out; without any instant all entries are zero.
    pub fn from_samples(leads: &[&[f32]]) -> Self {
        let n_leads = leads.len();
        let length = leads.iter().map(|it| it.len()).min().unwrap_or(0);
        let usable: Vec<bool> = (0..length)
            .map(|t| leads.iter().all(|it| it[t].is_finite()))
            .collect();
        let fast = fastness(leads, &usable);
        let means: Vec<f64> = leads.iter().map(|it| mean(it, &usable)).collect();
        let mut parts: [Vec<f64>; 3] = std::array::from_fn(|_| vec![0.0; n_leads * n_leads]);
        let mut totals = [0.0; 3];
        let mut now = vec![0.0; n_leads];
        for t in (0..length).filter(|it| usable[*it]) {
            now.iter_mut()
                .zip(leads)
                .zip(&means)
                .for_each(|((it, lead), mean)| *it = f64::from(lead[t]) - mean);
            for (part, share) in [1.0, fast[t], 1.0 - fast[t]].into_iter().enumerate() {
                totals[part] += share;
                accumulate(&mut parts[part], &now, share);
            }
        }
        for (part, total) in parts.iter_mut().zip(totals) {
            part.iter_mut().for_each(|it| *it /= total.max(1e-9));
        }
        Self { n_leads, parts }
    }

    /// From covariances computed elsewhere: whole, fast, slow. `None` unless each has `n_leads²`
    /// finite entries.
    pub fn from_parts(n_leads: usize, parts: [Vec<f64>; 3]) -> Option<Self> {
        let sound =
            |it: &Vec<f64>| it.len() == n_leads * n_leads && it.iter().all(|it| it.is_finite());
        parts.iter().all(sound).then_some(Self { n_leads, parts })
    }

    /// How many leads.
    pub fn n_leads(&self) -> usize {
        self.n_leads
    }

    /// Covariance over the whole stretch.
    pub fn whole(&self) -> &[f64] {
        &self.parts[0]
    }

    /// Whole, fast and slow covariances.
    pub fn parts(&self) -> &[Vec<f64>; 3] {
        &self.parts
    }

    /// Root mean square over all leads.
    pub fn rms(&self) -> f64 {
        let power: f64 = (0..self.n_leads)
            .map(|it| self.parts[0][it * self.n_leads + it])
            .sum();
        (power / self.n_leads.max(1) as f64).sqrt()
    }

    /// The same for some of the leads, by index.
    pub fn pick(&self, leads: &[usize]) -> Self {
        let cut = |it: &Vec<f64>| {
            leads
                .iter()
                .flat_map(|i| leads.iter().map(move |j| it[i * self.n_leads + j]))
                .collect()
        };
        Self {
            n_leads: leads.len(),
            parts: std::array::from_fn(|part| cut(&self.parts[part])),
        }
    }

    /// The statistics of `matrix` (row-major, square) times these leads.
    pub fn transformed(&self, matrix: &[f64]) -> Self {
        let n = self.n_leads;
        let turn = |it: &Vec<f64>| {
            let half = super::symmetric::product(matrix, it, n);
            let turned: Vec<f64> = (0..n * n).map(|at| matrix[(at % n) * n + at / n]).collect();
            super::symmetric::product(&half, &turned, n)
        };
        Self {
            n_leads: n,
            parts: std::array::from_fn(|part| turn(&self.parts[part])),
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

fn accumulate(part: &mut [f64], now: &[f64], share: f64) {
    for (row, x) in part.chunks_exact_mut(now.len()).zip(now) {
        row.iter_mut()
            .zip(now)
            .for_each(|(it, y)| *it += share * x * y);
    }
}

#[cfg(test)]
mod tests {
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
        assert!((found.whole()[3] / found.whole()[0] - 4.0).abs() < 1e-6 && found.whole()[1] < 0.0);
        assert!(
            10.0 * found.parts()[2][0] < found.parts()[1][0],
            "{:?}",
            found.parts()
        );
        assert!((found.rms() - (2.5 * found.whole()[0]).sqrt()).abs() < 1e-9);
        assert_eq!(found.pick(&[1]).whole(), &found.whole()[3..]);
    }

    #[test]
    fn gaps_are_left_out() {
        let lead: Vec<f32> = (0..500).map(|t| (t as f32 * 0.3).sin()).collect();
        let mut holed = lead.clone();
        holed[100..110].fill(f32::NAN);
        let found = Statistics::from_samples(&[&holed, &lead]);
        assert!(
            found.whole().iter().all(|it| it.is_finite()) && (found.whole()[0] - 0.5).abs() < 0.02
        );
        assert!(Statistics::from_samples(&[&[f32::NAN; 4]]).whole()[0] == 0.0);
    }

    #[test]
    fn a_linear_change_of_leads_changes_the_statistics_likewise() {
        let a: Vec<f32> = (0..400).map(|t| (t as f32 * 0.1).sin()).collect();
        let b: Vec<f32> = (0..400).map(|t| (t as f32 * 0.23).cos()).collect();
        let mixed: Vec<f32> = a.iter().zip(&b).map(|(x, y)| x + 0.5 * y).collect();
        let expected = Statistics::from_samples(&[&mixed, &b]);
        let found = Statistics::from_samples(&[&a, &b]).transformed(&[1.0, 0.5, 0.0, 1.0]);
        assert!(
            found
                .whole()
                .iter()
                .zip(expected.whole())
                .all(|(x, y)| (x - y).abs() < 1e-6)
        );
    }
}
