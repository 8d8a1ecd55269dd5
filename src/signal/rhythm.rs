//! Rhythm before intervals: whether the beats are even, whether one P wave stands before each QRS,
//! whether a pacemaker starts them. A description of what was measured, not a diagnosis.
//!
//! A P wave counts where a logistic regression on nine properties says so: how even the beats are,
//! how alike what stands before each QRS is from beat to beat, how still the time between T and P
//! is, and whether the leads without QRS repeat themselves three to seven times a second. It was
//! fitted on PTB-XL's training folds; `docs/measurements.md` says how.

use std::ops::Range;

use super::{
    delineation::Delineation,
    filter::Section,
    gaps,
    leads::{ecg_leads, not_synthesised},
    median::{MedianBeat, levelled},
    metrics::correlation,
};
use crate::ecg::{BeatGrid, Lead, LeadSet, SampleRate, statistics};

/// What the atria seem to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AtrialActivity {
    /// One P wave before each QRS.
    PBeforeEachQrs,
    /// Waves that repeat three to seven times a second, as in flutter.
    FlutterLike,
    /// Nothing that is alike before each QRS.
    NoPWave,
}

/// How the beats follow one another and what starts them.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Rhythm {
    /// What the atria seem to do.
    pub atria: AtrialActivity,
    /// Whether successive intervals differ by more than an eighth, as in atrial fibrillation.
    pub irregular: bool,
    /// Median difference of successive intervals as a share of the median interval.
    pub irregularity: f64,
    /// Beats that a pacing spike starts.
    pub paced_beats: usize,
    /// Whether QRS lasts 120 ms or longer.
    pub wide: bool,
}

impl Rhythm {
    /// Whether P, PR and what rests on P may be said.
    pub fn has_p(&self) -> bool {
        self.atria == AtrialActivity::PBeforeEachQrs
    }

    /// Describes the rhythm of `leads` (without pacing spikes).
    pub(super) fn of(
        leads: &LeadSet,
        beats: &BeatGrid,
        median: &MedianBeat,
        waves: &Delineation,
        paced_beats: usize,
    ) -> Self {
        let evidence = AtrialEvidence::new(leads, beats, median, waves);
        let atria = if waves.p.is_some() && LEAST_P_EVIDENCE <= evidence.of_p() {
            AtrialActivity::PBeforeEachQrs
        } else if FLUTTER_PERIODICITY <= evidence.periodicity {
            AtrialActivity::FlutterLike
        } else {
            AtrialActivity::NoPWave
        };
        Self {
            atria,
            irregular: IRREGULAR <= evidence.irregularity,
            irregularity: evidence.irregularity,
            paced_beats,
            wide: 120.0 <= waves.qrs.length_ms(median.leads.rate()),
        }
    }
}

/// Irregularity of nine in ten recordings of atrial fibrillation, and of one in fifty in sinus
/// rhythm.
const IRREGULAR: f64 = 0.125;
/// Autocorrelation of a lead without QRS that one in thirty sinus rhythms reaches, and most
/// flutters.
const FLUTTER_PERIODICITY: f64 = 0.6;
/// Log-odds from which on a P wave is taken to stand before each QRS.
const LEAST_P_EVIDENCE: f64 = 1.85;

/// What speaks for or against P waves.
#[derive(Clone, Copy, Debug, PartialEq)]
struct AtrialEvidence {
    /// Median difference of successive intervals over the median interval.
    irregularity: f64,
    /// Upper quartile of the same.
    upper_irregularity: f64,
    /// Median and lower quartile over beats of the correlation of what stands before QRS with the
    /// median beat's.
    likeness: [f64; 2],
    /// Median distance of the two, mV.
    residual_mv: f64,
    /// Steepest slope of P, µV per ms.
    p_slope: f64,
    /// Median and near-largest slope between T and P, µV per ms; none where T reaches P.
    rest_slopes: Option<[f64; 2]>,
    /// Largest autocorrelation at 0.14 to 0.36 s of a lead without QRS.
    periodicity: f64,
}

impl AtrialEvidence {
    fn new(leads: &LeadSet, beats: &BeatGrid, median: &MedianBeat, waves: &Delineation) -> Self {
        let [irregularity, upper_irregularity] = irregularity(beats);
        let shape = Slow::new(&median.leads);
        let window = window_of_p(waves, median.leads.rate());
        let (likeness, residual_mv) = likeness(leads, median, &shape, window.clone());
        Self {
            irregularity,
            upper_irregularity,
            likeness,
            residual_mv,
            p_slope: window.map(|at| shape.slope(at)).fold(0.0, f64::max),
            rest_slopes: rest_slopes(&shape, median, waves),
            periodicity: periodicity(leads, beats, median, waves),
        }
    }

    /// The nine properties, scaled to be about even.
    fn properties(&self) -> [f64; 9] {
        let [rest, jump] = self.rest_slopes.unwrap_or([0.3, 0.5]);
        [
            (self.irregularity + 0.01).ln(),
            self.likeness[0],
            self.likeness[1],
            (self.residual_mv + 0.001).ln(),
            (rest + 0.05).ln(),
            (self.upper_irregularity + 0.01).ln(),
            f64::from(self.rest_slopes.is_none()),
            (jump + 0.1).ln() - (self.p_slope + 0.1).ln(),
            self.periodicity,
        ]
    }

    /// Log-odds that one P wave stands before each QRS.
    fn of_p(&self) -> f64 {
        let weighted = self.properties().into_iter().zip(SPANS).zip(WEIGHTS);
        let terms = weighted.map(|((value, [least, most]), [linear, square])| {
            let value = value.clamp(least, most);
            value * (linear + square * value)
        });
        BIAS + terms.sum::<f64>()
    }
}

/// What all but one in a hundred people have of each property: nothing was learned beyond.
const SPANS: [[f64; 2]; 9] = [
    [-4.61, -0.32],
    [-0.01, 0.98],
    [-0.33, 0.98],
    [-4.99, -2.99],
    [-1.62, 0.19],
    [-4.08, -0.16],
    [0.0, 1.0],
    [-2.54, 0.75],
    [0.19, 0.84],
];
const BIAS: f64 = -2.286;
/// Weights of each property and of its square.
const WEIGHTS: [[f64; 2]; 9] = [
    [-0.089, -0.015],
    [2.886, 1.922],
    [1.509, 2.742],
    [1.27, -0.029],
    [-3.962, -1.012],
    [0.048, 0.221],
    [-2.361, -2.361],
    [-1.566, -1.101],
    [2.675, -8.508],
];

/// Median and upper quartile of the differences of successive intervals over the median interval.
fn irregularity(beats: &BeatGrid) -> [f64; 2] {
    let intervals = beats.rr_s();
    let typical = statistics::median(&mut intervals.clone()).unwrap_or(1.0);
    let mut changes: Vec<f64> = intervals
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs() / typical)
        .collect();
    [0.5, 0.75].map(|share| statistics::quantile(&mut changes, share).unwrap_or(0.0))
}

/// Corner below which P lies, Hz.
const P_BAND_HZ: f64 = 25.0;

/// Recorded leads below 25 Hz.
struct Slow {
    rate: SampleRate,
    leads: Vec<Vec<f64>>,
}

impl Slow {
    fn new(leads: &LeadSet) -> Self {
        let rate = leads.rate();
        let slow = |lead: &Lead| {
            let samples = gaps::bridged(&lead.samples_mv)?;
            Some(if 2.5 * P_BAND_HZ < rate.hz() {
                Section::low_pass(P_BAND_HZ, rate).zero_phase(&samples)
            } else {
                samples
            })
        };
        let voters = not_synthesised(ecg_leads(leads));
        Self {
            rate,
            leads: voters.into_iter().filter_map(slow).collect(),
        }
    }

    /// Root mean square over leads of the slope, µV per ms.
    fn slope(&self, at: usize) -> f64 {
        let reach = self.rate.samples_in(0.008).max(1);
        let square = |lead: &Vec<f64>| {
            let (from, to) = (at.saturating_sub(reach), (at + reach).min(lead.len() - 1));
            ((lead[to] - lead[from]) / self.rate.seconds_at((to - from).max(1))).powi(2)
        };
        let sum: f64 = self.leads.iter().map(square).sum();
        (sum / self.leads.len().max(1) as f64).sqrt()
    }

    fn n_samples(&self) -> usize {
        self.leads.first().map_or(0, Vec::len)
    }
}

/// P with a little around it, or where P would be.
fn window_of_p(waves: &Delineation, rate: SampleRate) -> Range<usize> {
    let margin = rate.samples_in(0.02);
    match waves.p {
        Some(p) => p.onset.saturating_sub(margin)..(p.end + margin).min(waves.qrs.onset),
        None => {
            let before = |s: f64| waves.qrs.onset.saturating_sub(rate.samples_in(s));
            before(0.24)..before(0.016)
        }
    }
}

/// Median and lower quartile over beats of the correlation with the median beat within `window`
/// (its samples), and the median distance, mV.
fn likeness(
    leads: &LeadSet,
    median: &MedianBeat,
    shape: &Slow,
    window: Range<usize>,
) -> ([f64; 2], f64) {
    let level =
        |values: Vec<f64>| levelled(&values.iter().map(|it| *it as f32).collect::<Vec<_>>());
    let template: Vec<f32> = shape
        .leads
        .iter()
        .flat_map(|lead| level(lead[window.clone()].to_vec()))
        .collect();
    let slow = Slow::new(leads);
    let ratio = slow.rate.hz() / shape.rate.hz();
    let of_lead = |lead: &Vec<f64>, peak: usize| -> Option<Vec<f32>> {
        let place = |at: usize| {
            (peak as f64 + (at as f64 - median.r_index as f64) * ratio).round() as isize
        };
        let value = |at: usize| lead.get(usize::try_from(place(at)).ok()?).copied();
        Some(level(window.clone().map(value).collect::<Option<_>>()?))
    };
    let (mut alike, mut apart) = (Vec::new(), Vec::new());
    for peak in &median.beats {
        let beat: Option<Vec<Vec<f32>>> =
            slow.leads.iter().map(|lead| of_lead(lead, *peak)).collect();
        let Some(beat) = beat.map(|leads| leads.concat()) else {
            continue;
        };
        let squares = beat.iter().zip(&template);
        let sum: f64 = squares.map(|(a, b)| f64::from(a - b).powi(2)).sum();
        apart.push((sum / beat.len().max(1) as f64).sqrt());
        alike.push(correlation(&beat, &template));
    }
    alike.retain(|it| it.is_finite());
    let quartiles = [0.5, 0.25].map(|share| statistics::quantile(&mut alike, share).unwrap_or(0.0));
    (quartiles, statistics::median(&mut apart).unwrap_or(0.0))
}

/// Median and near-largest slope between the end of T and the onset of the next P, or where P would
/// be.
fn rest_slopes(shape: &Slow, median: &MedianBeat, waves: &Delineation) -> Option<[f64; 2]> {
    let rate = shape.rate;
    let t_end = waves.t?.end;
    let cycle = rate.samples_in(median.rr_s.unwrap_or(1.0));
    let p_onset = waves.p.map(|p| p.onset);
    let next = cycle + p_onset.unwrap_or(waves.qrs.onset.saturating_sub(rate.samples_in(0.2)));
    let margin = rate.samples_in(0.01);
    let after = t_end + margin..next.min(shape.n_samples()).saturating_sub(margin);
    let before = (t_end + margin).saturating_sub(cycle).max(margin)
        ..p_onset.unwrap_or(0).saturating_sub(margin);
    let mut slopes: Vec<f64> = after.chain(before).map(|at| shape.slope(at)).collect();
    Some([
        statistics::median(&mut slopes)?,
        statistics::quantile(&mut slopes, 0.95)?,
    ])
}

/// Largest autocorrelation of a lead between 4 and 12 Hz without QRS, at 0.14 to 0.36 s.
fn periodicity(leads: &LeadSet, beats: &BeatGrid, median: &MedianBeat, waves: &Delineation) -> f64 {
    let (rate, fine) = (leads.rate(), median.leads.rate());
    if rate.hz() < 40.0 {
        return 0.0;
    }
    let before = fine.seconds_at(median.r_index.saturating_sub(waves.qrs.onset)) + 0.02;
    let after = fine.seconds_at(waves.qrs.end.saturating_sub(median.r_index)) + 0.03;
    let [before, after] = [before, after].map(|it| rate.samples_in(it));
    // A hundred samples a second are enough for 12 Hz.
    let stride = ((rate.hz() / 100.0).round() as usize).max(1);
    let lag = |s: f64| rate.samples_in(s) / stride;
    let of_lead = |lead: &Lead| {
        let mut samples = gaps::bridged(&lead.samples_mv)?;
        for peak in beats.peaks() {
            let from = peak.saturating_sub(before);
            gaps::draw_line(
                &mut samples,
                from..(peak + after).min(lead.samples_mv.len() - 1),
            );
        }
        let high = Section::high_pass(4.0, rate).zero_phase(&samples);
        let band = Section::low_pass(12.0, rate).zero_phase(&high);
        let band: Vec<f64> = band.into_iter().step_by(stride).collect();
        Some(largest_autocorrelation(&band, lag(0.14)..lag(0.36)))
    };
    not_synthesised(ecg_leads(leads))
        .into_iter()
        .filter_map(of_lead)
        .fold(0.0, f64::max)
}

/// Largest local maximum of the autocorrelation within `lags`, 0 if there is none.
fn largest_autocorrelation(samples: &[f64], lags: Range<usize>) -> f64 {
    let n = samples.len();
    let at = |lag: usize| {
        let pairs = samples.iter().zip(&samples[lag.min(n)..]);
        pairs.map(|(a, b)| a * b).sum::<f64>() / (n.saturating_sub(lag)).max(1) as f64
    };
    let power = at(0).max(1e-12);
    let values: Vec<f64> = (lags.start.saturating_sub(1)..=lags.end).map(at).collect();
    let is_peak = |three: &&[f64]| three[0] <= three[1] && three[2] <= three[1];
    values
        .windows(3)
        .filter(is_peak)
        .map(|three| three[1] / power)
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::LeadName,
        signal::{analyse, testing},
    };

    /// Two leads of `value` at 500 Hz for ten seconds.
    fn check(value: impl Fn(f64) -> f64, atria: AtrialActivity, irregular: bool) {
        let lead = |name: LeadName, gain: f64, seed: usize| {
            let sample =
                |n: usize| gain * value(n as f64 / 500.0) + 0.004 * testing::noise(n + seed);
            Lead::measured(
                name,
                (0..5000).map(|n| sample(n) as f32).collect::<Vec<_>>(),
            )
        };
        let leads = vec![lead(LeadName::II, 1.0, 0), lead(LeadName::V1, 0.7, 70_000)];
        let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
        let found = analyse(&leads);
        let rhythm = found.rhythm.unwrap();
        assert_eq!(
            (rhythm.atria, rhythm.irregular),
            (atria, irregular),
            "{rhythm:?}"
        );
        assert_eq!(found.intervals.pr_ms.is_some(), rhythm.has_p());
    }

    /// The test beat without its P.
    fn without_p(t: f64) -> f64 {
        let p = 0.12 * (-0.5 * ((t + 0.16) / 0.02).powi(2)).exp();
        testing::beat(t) - p
    }

    const UNEVEN_S: [f64; 12] = [
        0.5, 1.1, 2.05, 2.6, 3.5, 4.05, 4.85, 5.9, 6.5, 7.45, 8.0, 9.1,
    ];

    #[test]
    fn even_beats_with_p_have_a_pr() {
        let value = |t: f64| {
            (0..12)
                .map(|k| testing::beat(t - 0.5 - 0.8 * f64::from(k)))
                .sum()
        };
        check(value, AtrialActivity::PBeforeEachQrs, false);
    }

    #[test]
    fn uneven_beats_without_p_have_none() {
        let value = |t: f64| {
            let rough = 0.02 * (38.0 * t + 3.0 * (2.1 * t).sin()).sin();
            rough + UNEVEN_S.iter().map(|at| without_p(t - at)).sum::<f64>()
        };
        check(value, AtrialActivity::NoPWave, true);
    }

    #[test]
    fn waves_five_times_a_second_are_like_flutter() {
        let value = |t: f64| {
            let flutter = 0.15 * (2.0 * std::f64::consts::PI * 5.0 * t).sin();
            let beats = (0..12).map(|k| without_p(t - 0.5 - 0.8 * f64::from(k)));
            flutter + beats.sum::<f64>()
        };
        check(value, AtrialActivity::FlutterLike, false);
    }
}
