//! Zero-phase filters: each runs forwards and backwards, so nothing moves in time and no wave is
//! skewed. Nothing is on by default; what is on is printed on every page.

use std::f64::consts::{PI, SQRT_2};

use super::gaps::finite_runs;
use crate::ecg::{Filters, Lead, LeadSet, SampleRate};

/// Sharpness of the mains notch: centre over width between the −3 dB points of one pass.
const NOTCH_Q: f64 = 30.0;

/// Which filters are on. The corners are those of one pass of a second-order Butterworth section
/// (the usual convention for forward-backward filtering): both passes together are −6 dB at the
/// corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct FilterSettings {
    /// Corner of the high-pass, Hz.
    pub high_pass_hz: Option<f64>,
    /// Corner of the low-pass, Hz.
    pub low_pass_hz: Option<f64>,
    /// Centre of the mains notch, Hz: 50 or 60.
    pub notch_hz: Option<f64>,
}

impl FilterSettings {
    /// Nothing but a high-pass.
    pub fn high_pass(corner_hz: f64) -> Self {
        Self {
            high_pass_hz: Some(corner_hz),
            ..Self::default()
        }
    }

    /// Whether nothing is on.
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// What of this can act at `rate`: corners that are not positive or not below half the rate
    /// fall away.
    pub fn at(&self, rate: SampleRate) -> Self {
        let possible = |hz: &f64| 0.0 < *hz && *hz < 0.5 * rate.hz();
        Self {
            high_pass_hz: self.high_pass_hz.filter(possible),
            low_pass_hz: self.low_pass_hz.filter(possible),
            notch_hz: self.notch_hz.filter(possible),
        }
    }

    /// The leads, filtered. Each run between gaps is filtered by itself; gaps and origins stay.
    pub fn apply(&self, leads: &LeadSet) -> LeadSet {
        let sections = self.sections(leads.rate());
        if sections.is_empty() {
            return leads.clone();
        }
        let filtered = leads.leads().iter().map(|it| Lead {
            samples_mv: filter_runs(&sections, &it.samples_mv).into(),
            ..it.clone()
        });
        LeadSet::new(leads.rate(), filtered.collect()).unwrap_or_else(|_| leads.clone())
    }

    /// What to print: `filters off`, or the filters that are on.
    pub fn label(&self) -> String {
        let on = Filters {
            high_pass_hz: self.high_pass_hz,
            low_pass_hz: self.low_pass_hz,
            notch_hz: self.notch_hz,
        };
        match on.words() {
            words if words.is_empty() => "filters off".into(),
            words => format!("{words} (zero-phase)"),
        }
    }

    /// What a reader must know about these filters: a low-pass under 150 Hz takes away amplitude
    /// (AHA/ACC/HRS 2007).
    pub fn warning(&self) -> Option<String> {
        let corner = self.low_pass_hz.filter(|it| *it < 150.0)?;
        Some(format!(
            "low-pass {corner} Hz is below 150 Hz: amplitudes and small waves are not to be measured here"
        ))
    }

    fn sections(&self, rate: SampleRate) -> Vec<Section> {
        let active = self.at(rate);
        let high = active.high_pass_hz.map(|it| Section::high_pass(it, rate));
        let low = active.low_pass_hz.map(|it| Section::low_pass(it, rate));
        let notch = active.notch_hz.map(|it| Section::notch(it, rate));
        [high, low, notch].into_iter().flatten().collect()
    }
}

/// One second-order section with unit leading denominator, and how much edge it needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    b: [f64; 3],
    a: [f64; 2],
    pad: usize,
}

impl Section {
    /// Butterworth high-pass by the bilinear transform with prewarping.
    pub(super) fn high_pass(corner_hz: f64, rate: SampleRate) -> Self {
        let (_, norm, a) = butterworth(corner_hz, rate);
        Self {
            b: [norm, -2.0 * norm, norm],
            a,
            pad: one_period(corner_hz, rate),
        }
    }

    /// Butterworth low-pass by the bilinear transform with prewarping.
    pub(super) fn low_pass(corner_hz: f64, rate: SampleRate) -> Self {
        let (k, norm, a) = butterworth(corner_hz, rate);
        let b = k * k * norm;
        Self {
            b: [b, 2.0 * b, b],
            a,
            pad: one_period(corner_hz, rate).max(12),
        }
    }

    /// Notch of quality [`NOTCH_Q`].
    pub(super) fn notch(centre_hz: f64, rate: SampleRate) -> Self {
        let w = 2.0 * PI * centre_hz / rate.hz();
        let gain = 1.0 / (1.0 + (w / NOTCH_Q / 2.0).tan());
        let middle = -2.0 * gain * w.cos();
        Self {
            b: [gain, middle, gain],
            a: [middle, 2.0 * gain - 1.0],
            pad: rate.samples_in(1.0),
        }
    }

    /// Direct form II transposed, started in the steady state of the first sample.
    fn pass<'a>(&self, samples: impl Iterator<Item = &'a mut f64>) {
        let Self { b, a, .. } = self;
        let dc = (b[0] + b[1] + b[2]) / (1.0 + a[0] + a[1]);
        let steady = [dc - b[0], b[2] - a[1] * dc];
        let mut state = None;
        for sample in samples {
            let x = *sample;
            let [z0, z1] = state.unwrap_or(steady.map(|it| it * x));
            let y = b[0] * x + z0;
            state = Some([b[1] * x - a[0] * y + z1, b[2] * x - a[1] * y]);
            *sample = y;
        }
    }

    /// Forwards and backwards over an extended copy. The extension mirrors the signal (even):
    /// unlike the odd one it does not shift the baseline when a recording ends inside a QRS
    /// complex.
    pub(super) fn zero_phase(&self, samples: &[f64]) -> Vec<f64> {
        let pad = self.pad.min(samples.len().saturating_sub(1));
        let head = samples.iter().skip(1).take(pad).rev();
        let tail = samples.iter().rev().skip(1).take(pad);
        let mut extended: Vec<f64> = head.chain(samples).chain(tail).copied().collect();
        self.pass(extended.iter_mut());
        self.pass(extended.iter_mut().rev());
        extended[pad..pad + samples.len()].to_vec()
    }
}

/// (prewarped corner, leading gain, denominator) of a second-order Butterworth section.
fn butterworth(corner_hz: f64, rate: SampleRate) -> (f64, f64, [f64; 2]) {
    let k = (PI * corner_hz / rate.hz()).tan();
    let norm = 1.0 / (1.0 + SQRT_2 * k + k * k);
    (
        k,
        norm,
        [
            2.0 * (k * k - 1.0) * norm,
            (1.0 - SQRT_2 * k + k * k) * norm,
        ],
    )
}

fn one_period(hz: f64, rate: SampleRate) -> usize {
    (rate.hz() / hz).ceil() as usize
}

fn filter_runs(sections: &[Section], samples: &[f32]) -> Vec<f32> {
    let mut out = vec![f32::NAN; samples.len()];
    for run in finite_runs(samples) {
        let mut values: Vec<f64> = samples[run.clone()]
            .iter()
            .map(|it| f64::from(*it))
            .collect();
        for section in sections {
            values = section.zero_phase(&values);
        }
        for (to, from) in out[run].iter_mut().zip(values) {
            *to = from as f32;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::LeadName;

    fn test_signal() -> Vec<f32> {
        (0..2000)
            .map(|n| f64::from(n) / 500.0)
            .map(|t| {
                ((2.0 * PI * 1.3 * t).sin() + 0.5 * t + 0.2 * (2.0 * PI * 50.0 * t).cos()) as f32
            })
            .collect()
    }

    fn filtered(settings: FilterSettings, samples: Vec<f32>) -> Vec<f32> {
        let set = LeadSet::new(
            SampleRate::from_hz(500.0).unwrap(),
            vec![Lead::measured(LeadName::II, samples)],
        )
        .unwrap();
        settings.apply(&set).leads()[0].samples_mv.to_vec()
    }

    /// SciPy 1.17.1: `sosfiltfilt(sos, x, padtype="even", padlen=n)` on the float32 test signal,
    /// with `butter(2, 0.5, "high", fs=500, output="sos")` and n = 1000, `butter(2, 40, …"low")`
    /// and n = 13, `tf2sos(*iirnotch(50, 30, 500))` and n = 500.
    #[test]
    fn agrees_with_scipy() {
        let at = [0, 1, 250, 999, 1500, 1998, 1999];
        for (settings, expected) in [
            (FilterSettings::high_pass(0.5), SCIPY_HIGH),
            (
                FilterSettings {
                    low_pass_hz: Some(40.0),
                    ..Default::default()
                },
                SCIPY_LOW,
            ),
            (
                FilterSettings {
                    notch_hz: Some(50.0),
                    ..Default::default()
                },
                SCIPY_NOTCH,
            ),
        ] {
            let found = filtered(settings, test_signal());
            for (idx, expected) in at.into_iter().zip(expected) {
                assert!(
                    (f64::from(found[idx]) - expected).abs() < 1e-6,
                    "{}: sample {idx} is {}, expected {expected}",
                    settings.label(),
                    found[idx]
                );
            }
        }
    }
    const SCIPY_HIGH: [f64; 7] = [
        -0.216286448,
        -0.237144562,
        -0.685694659,
        -0.398056917,
        -0.392507078,
        1.191898352,
        1.298295367,
    ];
    const SCIPY_LOW: [f64; 7] = [
        0.079639822,
        0.072130498,
        -0.502908855,
        0.469901269,
        0.968322658,
        2.897686724,
        2.904269755,
    ];
    const SCIPY_NOTCH: [f64; 7] = [
        0.001483020,
        0.018549937,
        -0.558908253,
        0.424509630,
        0.912604333,
        2.869796402,
        2.944539371,
    ];

    #[test]
    fn gaps_stay_and_do_not_spread() {
        let mut samples = test_signal();
        samples[700..720].fill(f32::NAN);
        let found = filtered(FilterSettings::high_pass(0.5), samples);
        assert!(
            found
                .iter()
                .enumerate()
                .all(|(idx, it)| it.is_nan() == (700..720).contains(&idx))
        );
    }

    #[test]
    fn nothing_is_on_by_default_and_impossible_corners_fall_away() {
        assert_eq!(
            filtered(FilterSettings::default(), test_signal()),
            test_signal()
        );
        assert_eq!(FilterSettings::default().label(), "filters off");
        let all = FilterSettings {
            high_pass_hz: Some(0.5),
            low_pass_hz: Some(150.0),
            notch_hz: Some(50.0),
        };
        assert_eq!(
            all.label(),
            "high-pass 0.5 Hz, low-pass 150 Hz, notch 50 Hz (zero-phase)"
        );
        let at_100 = all.at(SampleRate::from_hz(100.0).unwrap());
        assert_eq!(at_100, FilterSettings::high_pass(0.5));
    }

    #[test]
    fn a_symmetric_pulse_stays_where_it_is() {
        let mut pulse = vec![0.0f32; 1001];
        for (idx, value) in pulse.iter_mut().enumerate() {
            *value = (-0.5 * ((idx as f64 - 500.0) / 6.0).powi(2)).exp() as f32;
        }
        let found = filtered(
            FilterSettings {
                low_pass_hz: Some(20.0),
                ..Default::default()
            },
            pulse,
        );
        assert!((0..500).all(|it| (found[500 - it] - found[500 + it]).abs() < 1e-6));
    }

    #[test]
    fn single_samples_between_gaps_do_not_panic() {
        let found = filtered(
            FilterSettings::high_pass(0.5),
            vec![f32::NAN, 1.0, f32::NAN, 2.0, 2.0],
        );
        assert!(found[1].abs() < 1e-6 && found[0].is_nan());
    }
}
