//! What in the recording or in the place calls for caution. Machine-readable and in words; none of
//! it is a diagnosis.

use serde::Serialize;

use crate::{
    ecg::{LeadName, LeadSet, Recording, Target},
    signal::{Quality, detect_beats, quality},
    synth::{Calibration, Synthesis, WhyUnused, jitter},
};

use super::{held_out::TestWindow, region::Region};

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The variants say it.
pub enum WarningKind {
    OutsideMeasurements,
    Posterior,
    LowAmplitude,
    FewLeads,
    LimbReversal,
    V1V2High,
    ElectrodeMoved,
    Noise,
    Gaps,
    Flat,
    RhythmDiffers,
    NoBeats,
    WideQrs,
    ShortRecording,
    LowRate,
    Bandwidth,
    Age,
    Paced,
}

/// One reason for caution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// In words.
    pub words: String,
}

impl Warning {
    pub(crate) fn new(kind: WarningKind, words: impl Into<String>) -> Self {
        Self {
            kind,
            words: words.into(),
        }
    }
}

/// About the recording as a whole.
pub(super) fn of_recording(
    leads: &LeadSet,
    calibration: &Calibration,
    window: &TestWindow,
) -> Vec<Warning> {
    let mut out = Vec::new();
    let mut warn = |kind, words: String| out.push(Warning::new(kind, words));
    let n_known = calibration.known().len();
    if n_known < 8 {
        warn(
            WarningKind::FewLeads,
            format!("{n_known} independent leads recorded; a 12-lead exam has 8"),
        );
    }
    for it in calibration.unused() {
        match it.why {
            WhyUnused::Flat => warn(
                WarningKind::Flat,
                format!("{} is flat: electrode off?", it.lead),
            ),
            WhyUnused::Gaps => warn(
                WarningKind::Gaps,
                format!("{} has more gaps than signal", it.lead),
            ),
            _ => {}
        }
    }
    if !window.apart {
        warn(
            WarningKind::ShortRecording,
            format!(
                "{:.1} s recorded: tested on the very seconds learned from",
                leads.duration_s()
            ),
        );
    } else if leads.duration_s() < 10.0 {
        warn(
            WarningKind::ShortRecording,
            format!(
                "{:.1} s recorded, less than the usual 10 s",
                leads.duration_s()
            ),
        );
    }
    if leads.rate().hz() < 250.0 {
        warn(
            WarningKind::LowRate,
            format!(
                "{:.0} samples a second: narrow deflections are lost",
                leads.rate().hz()
            ),
        );
    }
    for it in calibration.offsets().filter(|it| it.alarm || it.applied) {
        let high = matches!(it.lead, LeadName::V1 | LeadName::V2) && it.d_theta_deg < -15.0;
        let kind = if high {
            WarningKind::V1V2High
        } else {
            WarningKind::ElectrodeMoved
        };
        let along = |deg: f64, words: [&str; 2]| {
            format!("{:.0}° {}", deg.abs(), words[usize::from(deg < 0.0)])
        };
        let (down, left) = (
            along(it.d_theta_deg, ["down", "up"]),
            along(it.d_phi_deg, ["to the left", "to the right"]),
        );
        let taken = if it.applied {
            ", and is taken to sit there"
        } else {
            ""
        };
        warn(
            kind,
            format!(
                "{} looks as if recorded {down} and {left} of its place{taken}",
                it.lead
            ),
        );
    }
    noise(calibration)
        .into_iter()
        .for_each(|it| warn(WarningKind::Noise, it));
    noise_in_one_half(leads, calibration, window)
        .into_iter()
        .for_each(|it| warn(WarningKind::Noise, it));
    seen_leads(leads, calibration)
        .into_iter()
        .for_each(|it| seen(&quality(&it), &mut warn));
    out
}

/// What the calibration may look at: a withheld lead must not speak here either.
fn seen_leads(leads: &LeadSet, calibration: &Calibration) -> Option<LeadSet> {
    let withheld = &calibration.options().withhold;
    let seen = leads
        .leads()
        .iter()
        .filter(|it| !withheld.contains(&it.name))
        .cloned()
        .collect();
    LeadSet::new(leads.rate(), seen)
        .ok()
        .map(LeadSet::with_derived_limb_leads)
}

fn seen(quality: &Quality, warn: &mut impl FnMut(WarningKind, String)) {
    if quality.beats < 3 {
        warn(
            WarningKind::NoBeats,
            format!("{} beats found", quality.beats),
        );
    }
    quality
        .limb_reversal
        .iter()
        .for_each(|it| warn(WarningKind::LimbReversal, it.clone()));
    quality
        .high_chest
        .iter()
        .for_each(|it| warn(WarningKind::V1V2High, it.clone()));
    quality
        .rhythm_differs
        .iter()
        .for_each(|it| warn(WarningKind::RhythmDiffers, it.clone()));
    if 2 <= quality.other_beats {
        warn(
            WarningKind::RhythmDiffers,
            format!(
                "{} beats differ in shape from the dominant one",
                quality.other_beats
            ),
        );
    }
    if let Some(ms) = quality.wide_qrs_ms {
        warn(
            WarningKind::WideQrs,
            format!("QRS of {ms:.0} ms: published errors are largest in wide complexes"),
        );
    }
    if quality.paced {
        warn(
            WarningKind::Paced,
            "signs of pacing: spikes before QRS".into(),
        );
    }
    let noisy: Vec<String> = quality
        .leads
        .iter()
        .filter(|it| it.noise_uv.is_some_and(|it| 30.0 < it))
        .map(|it| it.name.to_string())
        .collect();
    if !noisy.is_empty() {
        warn(
            WarningKind::Noise,
            format!("noise over 30 µV in {}", noisy.join(", ")),
        );
    }
}

fn noise(calibration: &Calibration) -> Option<String> {
    let (noise_uv, power_uv) = (
        1000.0 * calibration.noise_mv2().sqrt(),
        1000.0 * calibration.model().power().sqrt(),
    );
    (0.3 * power_uv < noise_uv).then(|| {
        format!("noise and wander of {noise_uv:.0} µV against a signal of {power_uv:.0} µV")
    })
}

/// About what the file says of its making.
pub(super) fn stated(recording: &Recording) -> Vec<Warning> {
    // What recommendations for diagnostic electrocardiographs ask for, and whom the ensemble was
    // fitted on.
    const LEAST_HZ: f64 = 150.0;
    const MOST_HZ: f64 = 0.06;
    const ADULT: f64 = 18.0;
    let mut out = Vec::new();
    if let Some(hz) = recording.filters.low_pass_hz.filter(|it| *it < LEAST_HZ) {
        out.push(Warning::new(
            WarningKind::Bandwidth,
            format!("low-pass of {hz:.0} Hz in the recording: narrow deflections are rounded off"),
        ));
    }
    if let Some(hz) = recording.filters.high_pass_hz.filter(|it| MOST_HZ < *it) {
        out.push(Warning::new(
            WarningKind::Bandwidth,
            format!("high-pass of {hz} Hz in the recording: ST segments may be displaced"),
        ));
    }
    if let Some(years) = recording.patient.age_years.filter(|it| *it < ADULT) {
        out.push(Warning::new(
            WarningKind::Age,
            format!(
                "{years:.0} years old: hearts and chests of adults are all that was learned from"
            ),
        ));
    }
    out
}

/// Leads that are much noisier in the seconds learned from than in those tested, or the other way
/// round.
fn noise_in_one_half(
    leads: &LeadSet,
    calibration: &Calibration,
    window: &TestWindow,
) -> Vec<String> {
    /// Noise that matters, µV, and how many times the other half's it must be.
    const LOUD: (f64, f64) = (15.0, 3.0);
    if !window.apart {
        return Vec::new();
    }
    let known = calibration.known();
    let of = |name: &LeadName| {
        let samples = &leads.get(name)?.samples_mv;
        let uv = |it: &[f32]| 1000.0 * jitter(it).sqrt();
        Some((
            uv(&samples[..window.tested.start.min(samples.len())]),
            uv(samples.get(window.tested.clone())?),
        ))
    };
    let each: Vec<(&LeadName, f64, f64)> = known
        .iter()
        .filter_map(|it| of(it).map(|(a, b)| (it, a, b)))
        .collect();
    let louder = |which: &str, noisy: Vec<(&LeadName, f64)>| {
        let most = noisy.iter().map(|it| it.1).fold(0.0, f64::max);
        let names: Vec<String> = noisy.iter().map(|it| it.0.to_string()).collect();
        (!names.is_empty()).then(|| {
            format!(
                "noise of up to {most:.0} µV only in the seconds {which}, in {}",
                names.join(", ")
            )
        })
    };
    let beyond = |a: f64, b: f64| LOUD.0 < a && LOUD.1 * b < a;
    let first = each
        .iter()
        .filter(|it| beyond(it.1, it.2))
        .map(|it| (it.0, it.1))
        .collect();
    let last = each
        .iter()
        .filter(|it| beyond(it.2, it.1))
        .map(|it| (it.0, it.2))
        .collect();
    louder("learned from", first)
        .into_iter()
        .chain(louder("tested", last))
        .collect()
}

/// About the place that is asked for.
pub(super) fn of_place(
    target: &Target,
    region: &Region,
    made: Option<&Synthesis>,
    steady: &LeadSet,
) -> Vec<Warning> {
    let mut out = Vec::new();
    let (_, phi) = target.view().degrees();
    match region {
        Region::Posterior => out.push(Warning::new(
            WarningKind::Posterior,
            format!("on the back (φ {phi:.0}°): no published view was ever measured there"),
        )),
        Region::Outside => out.push(Warning::new(
            WarningKind::OutsideMeasurements,
            "outside the region that any published measurement covers",
        )),
        Region::Recorded | Region::Measured => {}
    }
    let height_uv = made.and_then(|it| qrs_height_uv(it, steady));
    if let Some(height) = height_uv.filter(|it| *it < 400.0) {
        out.push(Warning::new(
            WarningKind::LowAmplitude,
            format!("QRS of only {height:.0} µV: published correlations fall below .7 there"),
        ));
    }
    out
}

/// Median over the beats of the largest less the smallest value within 60 ms of the fiducial point.
fn qrs_height_uv(made: &Synthesis, steady: &LeadSet) -> Option<f64> {
    let reach = steady.rate().samples_in(0.06);
    let height = |at: &usize| {
        let samples = made
            .lead
            .samples_mv
            .get(at.saturating_sub(reach)..(at + reach).min(made.lead.samples_mv.len()))?;
        let (low, high) = samples
            .iter()
            .filter(|it| it.is_finite())
            .fold((f32::MAX, f32::MIN), |it, v| (it.0.min(*v), it.1.max(*v)));
        (low <= high).then(|| 1000.0 * f64::from(high - low))
    };
    let mut heights: Vec<f64> = detect_beats(steady)
        .peaks()
        .iter()
        .filter_map(height)
        .collect();
    heights.sort_unstable_by(f64::total_cmp);
    heights.get(heights.len() / 2).copied()
}
