//! How close an estimate is to the truth: PSNR and SSIM in the sense of the NEF-NET v2 paper, error
//! in µV, correlation. Pairs in which either sample is a gap do not count.

use crate::ecg::{LeadSet, statistics::extremes};

/// Least and greatest value of a recording over all its leads: what the paper's min–max scaling to
/// 0..1 divides by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueRange {
    /// Least value, mV.
    pub min_mv: f64,
    /// Greatest value, mV.
    pub max_mv: f64,
}

impl ValueRange {
    /// Range over all leads and samples; `None` if nothing is finite or all is one value.
    pub fn of(leads: &LeadSet) -> Option<Self> {
        Self::of_samples(
            leads
                .leads()
                .iter()
                .flat_map(|it| it.samples_mv.iter().copied()),
        )
    }

    /// Range of any samples; `None` if nothing is finite or all is one value.
    pub fn of_samples(samples: impl IntoIterator<Item = f32>) -> Option<Self> {
        let [min_mv, max_mv] = extremes(samples)?.map(f64::from);
        (min_mv < max_mv).then_some(Self { min_mv, max_mv })
    }

    /// Greatest less least, mV.
    pub fn span_mv(&self) -> f64 {
        self.max_mv - self.min_mv
    }
}

/// Root mean square error in microvolts; `NaN` without a common sample.
pub fn rmse_uv(truth_mv: &[f32], estimate_mv: &[f32]) -> f64 {
    let [sum, n] = sums(truth_mv, estimate_mv, |a, b| [(a - b) * (a - b), 1.0]);
    1000.0 * f64::sqrt(sum / n)
}

/// Largest error, in microvolts; 0 without a common sample.
pub fn largest_error_uv(truth_mv: &[f32], estimate_mv: &[f32]) -> f64 {
    let errors = pairs(truth_mv, estimate_mv).map(|(a, b)| (a - b).abs());
    1000.0 * errors.fold(0.0, f64::max)
}

/// Peak signal-to-noise ratio, dB: the peak is the range of the whole recording, not of this lead.
/// Infinite for equal signals.
pub fn psnr_db(truth_mv: &[f32], estimate_mv: &[f32], range: &ValueRange) -> f64 {
    20.0 * (1000.0 * range.span_mv() / rmse_uv(truth_mv, estimate_mv)).log10()
}

/// Pearson's correlation; `NaN` where one signal is constant.
pub fn correlation(truth_mv: &[f32], estimate_mv: &[f32]) -> f64 {
    let [sum_a, sum_b, n] = sums(truth_mv, estimate_mv, |a, b| [a, b, 1.0]);
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let [ab, aa, bb] = sums(truth_mv, estimate_mv, |a, b| {
        let (a, b) = (a - mean_a, b - mean_b);
        [a * b, a * a, b * b]
    });
    ab / (aa * bb).sqrt()
}

/// Root mean square about the mean, in microvolts, over the samples that are no gaps; 0 without any.
pub fn rms_uv(samples_mv: &[f32]) -> f64 {
    let finite = || {
        let finite = samples_mv.iter().filter(|mv| mv.is_finite());
        finite.map(|mv| f64::from(*mv))
    };
    let n = finite().count().max(1) as f64;
    let mean = finite().sum::<f64>() / n;
    1000.0 * (finite().map(|mv| (mv - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// Least-squares slope of the estimate on the truth; 0 where the truth is constant.
pub fn slope(truth_mv: &[f32], estimate_mv: &[f32]) -> f64 {
    let [sum_a, sum_b, n] = sums(truth_mv, estimate_mv, |a, b| [a, b, 1.0]);
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let [cross, square] = sums(truth_mv, estimate_mv, |a, b| {
        [(a - mean_a) * (b - mean_b), (a - mean_a).powi(2)]
    });
    if 0.0 < square { cross / square } else { 0.0 }
}

/// Share of samples whose error is within the half-width beside them; 0 without a common sample.
pub fn coverage(truth_mv: &[f32], estimate_mv: &[f32], half_width_mv: &[f32]) -> f64 {
    let errors = truth_mv.iter().zip(estimate_mv).zip(half_width_mv);
    let finite = errors.filter(|((a, b), _)| a.is_finite() && b.is_finite());
    let (inside, all) = finite.fold((0, 0), |(inside, all), ((a, b), width)| {
        (inside + usize::from((a - b).abs() <= *width), all + 1)
    });
    inside as f64 / f64::from(all.max(1))
}

/// Structural similarity in one dimension: both signals scaled by the recording's range, window 7,
/// data range 1, sample covariance, mean over the windows that lie wholly inside (scikit-image's
/// `structural_similarity`). `NaN` if there is no such window.
pub fn ssim(truth_mv: &[f32], estimate_mv: &[f32], range: &ValueRange) -> f64 {
    const WINDOW: usize = 7;
    let scaled = |mv: f32| (f64::from(mv) - range.min_mv) / range.span_mv();
    let both: Vec<(f64, f64)> = truth_mv
        .iter()
        .zip(estimate_mv)
        .map(|(a, b)| (scaled(*a), scaled(*b)))
        .collect();
    let values = both
        .windows(WINDOW)
        .map(window_ssim)
        .filter(|it| it.is_finite());
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), it| (sum + it, n + 1.0));
    sum / n
}

fn window_ssim(window: &[(f64, f64)]) -> f64 {
    const C1: f64 = 0.01 * 0.01;
    const C2: f64 = 0.03 * 0.03;
    let n = window.len() as f64;
    let (mean_a, mean_b) = window
        .iter()
        .fold((0.0, 0.0), |s, it| (s.0 + it.0 / n, s.1 + it.1 / n));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in window {
        aa += (a - mean_a) * (a - mean_a) / (n - 1.0);
        bb += (b - mean_b) * (b - mean_b) / (n - 1.0);
        ab += (a - mean_a) * (b - mean_b) / (n - 1.0);
    }
    let likeness = (2.0 * mean_a * mean_b + C1) * (2.0 * ab + C2);
    likeness / ((mean_a * mean_a + mean_b * mean_b + C1) * (aa + bb + C2))
}

/// Sums of numbers over all pairs, several pairs abreast.
fn sums<const N: usize>(a: &[f32], b: &[f32], of: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    const ABREAST: usize = 8;
    let n = a.len().min(b.len());
    let (a, last_a) = a[..n].as_chunks::<ABREAST>();
    let (b, last_b) = b[..n].as_chunks::<ABREAST>();
    let mut abreast = [[0.0; ABREAST]; N];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..ABREAST {
            let is_pair = a[lane].is_finite() && b[lane].is_finite();
            let numbers = of(f64::from(a[lane]), f64::from(b[lane]));
            for (sums, number) in abreast.iter_mut().zip(numbers) {
                sums[lane] += if is_pair { number } else { 0.0 };
            }
        }
    }
    let mut sums = abreast.map(|it| it.iter().sum());
    for (a, b) in pairs(last_a, last_b) {
        let numbers = sums.iter_mut().zip(of(a, b));
        numbers.for_each(|(sum, it): (&mut f64, f64)| *sum += it);
    }
    sums
}

fn pairs<'a>(a: &'a [f32], b: &'a [f32]) -> impl Iterator<Item = (f64, f64)> + 'a {
    a.iter()
        .zip(b)
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .map(|(x, y)| (f64::from(*x), f64::from(*y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth() -> Vec<f32> {
        (0..200)
            .map(|n| (0.5 + 0.3 * (f64::from(n) / 9.0).sin()) as f32)
            .collect()
    }

    fn estimate() -> Vec<f32> {
        (0..200)
            .map(f64::from)
            .map(|n| (0.5 + 0.28 * ((n + 1.0) / 9.0).sin() + 0.02 * (n * 1.7).cos()) as f32)
            .collect()
    }

    const UNIT: ValueRange = ValueRange {
        min_mv: 0.0,
        max_mv: 1.0,
    };

    /// scikit-image 0.26.0, both signals as float64: `structural_similarity(y, z, win_size=7,
    /// data_range=1)`, `peak_signal_noise_ratio(y, z, data_range=1)`; NumPy's
    /// `sqrt(mean((y-z)**2))` and `corrcoef`.
    #[test]
    fn agrees_with_scikit_image() {
        let (y, z) = (truth(), estimate());
        assert!(
            (ssim(&y, &z, &UNIT) - 0.918_979_750_166).abs() < 1e-7,
            "{}",
            ssim(&y, &z, &UNIT)
        );
        assert!((psnr_db(&y, &z, &UNIT) - 30.343_135_142_2).abs() < 1e-7);
        assert!((rmse_uv(&y, &z) - 30.397_876_266_8).abs() < 1e-7);
        assert!((correlation(&y, &z) - 0.990_964_142_188).abs() < 1e-9);
    }

    #[test]
    fn the_range_of_the_recording_counts() {
        let (y, z) = (truth(), estimate());
        let double: Vec<f32> = y.iter().map(|it| 2.0 * it - 1.0).collect();
        let double_z: Vec<f32> = z.iter().map(|it| 2.0 * it - 1.0).collect();
        let range = ValueRange {
            min_mv: -1.0,
            max_mv: 1.0,
        };
        assert!((psnr_db(&double, &double_z, &range) - psnr_db(&y, &z, &UNIT)).abs() < 1e-5);
        assert!((ssim(&double, &double_z, &range) - ssim(&y, &z, &UNIT)).abs() < 1e-5);
    }

    #[test]
    fn slope_spread_and_coverage_of_a_shrunken_copy() {
        let y: Vec<f32> = (0..100).map(|n| (n as f32 / 7.0).sin()).collect();
        let half: Vec<f32> = y.iter().map(|mv| 0.5 * mv + 0.1).collect();
        assert!((slope(&y, &half) - 0.5).abs() < 1e-6);
        assert_eq!(slope(&[1.0; 8], &y), 0.0);
        // NumPy: 1000 * np.std([0, 1, 2, 3]).
        assert!((rms_uv(&[0.0, 1.0, f32::NAN, 2.0, 3.0]) - 1_118.033_988_7).abs() < 1e-6);
        assert_eq!(
            coverage(&[0.0, 0.0, f32::NAN], &[0.1, 0.3, 0.0], &[0.2; 3]),
            0.5
        );
        assert_eq!(coverage(&[], &[], &[]), 0.0);
        assert_eq!(
            largest_error_uv(&[0.0, f32::NAN, 1.0], &[0.5, 9.0, -1.0]),
            2000.0
        );
    }

    #[test]
    fn gaps_do_not_count() {
        let (mut y, z) = (truth(), estimate());
        y[3] = f32::NAN;
        assert!(
            rmse_uv(&y, &z).is_finite()
                && ssim(&y, &z, &UNIT).is_finite()
                && correlation(&y, &z).is_finite()
        );
        assert!(rmse_uv(&[f32::NAN], &[0.0]).is_nan());
        assert!(ValueRange::of_samples([1.0, f32::NAN, 1.0]).is_none());
    }

    #[test]
    fn equal_signals_are_perfect() {
        assert_eq!(rmse_uv(&truth(), &truth()), 0.0);
        assert!((ssim(&truth(), &truth(), &UNIT) - 1.0).abs() < 1e-12);
        assert_eq!(psnr_db(&truth(), &truth(), &UNIT), f64::INFINITY);
    }
}
