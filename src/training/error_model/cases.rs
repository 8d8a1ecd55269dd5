//! Errors of leads whose truth is known, with what was known of each beforehand.

use std::sync::Arc;

use rayon::prelude::*;

use crate::{
    ecg::{
        LeadName, LeadSet, Montage, N_PHASES, SampleRate, Target, catalogue, montage,
        panobench_views,
    },
    evaluate::LabelledExam,
    phantom::{Condition, Device, VirtualPatient},
    signal::{FilterSettings, detect_beats},
    synth::{
        Calibration, CalibrationOptions, DeviceChoice, FittedConstants, LeftOut, N_FEATURES,
        N_GROUPS, calibrate, group_shares, surprise_features,
    },
};

/// Every `STRIDE_S` a sample is kept: neighbours say the same.
const STRIDE_S: f64 = 0.02;

/// One lead that was asked for.
pub(super) struct Case {
    pub shares: [f64; N_GROUPS],
    /// Those of surprise are of the shipped constants.
    pub features: [[f64; N_FEATURES]; N_PHASES],
    pub left_out: Arc<[LeftOut]>,
    /// Root mean square of the true error in each wave, mV; `NaN` where it has no time.
    pub true_mv: [f64; N_PHASES],
    /// Over all waves, mV, and the share of time of each.
    pub whole_mv: f64,
    pub time: [f64; N_PHASES],
    /// Of kept samples: their wave, and the error in stated errors of the wave and half-widths of 1.
    pub samples: Vec<(usize, f32)>,
    /// What was stated by the constants that made the case, mV.
    pub stated_mv: [f64; N_PHASES],
}

impl Case {
    /// The features of one wave where the patient's leads came back so much worse than expected.
    pub(super) fn features_of(&self, wave: usize, surprise: f64) -> [f64; N_FEATURES] {
        let of_patient = surprise_features(surprise);
        let mut features = self.features[wave];
        features[N_FEATURES - of_patient.len()..].copy_from_slice(&of_patient);
        features
    }
}

/// Leads of one kind from one source.
pub(super) struct Source {
    pub name: String,
    pub cases: Vec<Case>,
}

/// Each chest lead of each exam withheld in turn, behind a 0.5 Hz high-pass or as recorded.
pub(super) fn withheld(name: &str, exams: &[&LabelledExam], filter: &FilterSettings) -> Source {
    let whole = exams.iter().filter(|it| 10.0 <= it.leads.duration_s());
    let sets: Vec<LeadSet> = whole
        .filter_map(|it| eight(&filter.apply(&it.leads)))
        .collect();
    let pairs: Vec<(&LeadSet, LeadName)> = sets
        .iter()
        .flat_map(|it| LeadName::CHEST.into_iter().map(move |lead| (it, lead)))
        .collect();
    let of = |(leads, lead): (&LeadSet, LeadName)| {
        let options = options().withholding(&lead);
        cases(leads, leads, &[Target::lead(&lead).ok()?], &options)
    };
    let found = pairs.into_par_iter().filter_map(of);
    Source {
        name: name.to_owned(),
        cases: found.flatten_iter().collect(),
    }
}

/// Frank's leads of exams that have them.
pub(super) fn frank(name: &str, exams: &[LabelledExam]) -> Source {
    let of = |exam: &LabelledExam| {
        let truth = FilterSettings::high_pass(0.5).apply(&exam.leads);
        let axes = LeadName::frank();
        let targets = axes.iter().map(Target::lead);
        let targets: Vec<Target> = targets.collect::<Result<_, _>>().ok()?;
        cases(&eight(&truth)?, &truth, &targets, &options())
    };
    Source {
        name: name.to_owned(),
        cases: exams.par_iter().filter_map(of).flatten_iter().collect(),
    }
}

/// Leads off the chest, Frank's and bipolar ones among them, of `n` virtual patients of each
/// condition from `first_seed` on, each on a device of its own; and apart from these, which people
/// ask for by name, views all around the body.
pub(super) fn of_virtual_patients(name: &str, first_seed: u64, n: usize) -> [Source; 2] {
    let named: Vec<&Montage> = catalogue()
        .iter()
        .filter(|it| it.group != "standard")
        .collect();
    let views: Vec<&Montage> = panobench_views().iter().step_by(5).collect();
    let patients = (0..n * Condition::ALL.len()).into_par_iter();
    let found = patients.filter_map(|at| of_virtual_patient(first_seed, at, &named, &views));
    let (named, views): (Vec<_>, Vec<_>) = found.unzip();
    let source = |name: String, cases: Vec<Vec<Case>>| Source {
        name,
        cases: cases.into_iter().flatten().collect(),
    };
    [
        source(name.to_owned(), named),
        source(format!("{name}, views"), views),
    ]
}

/// Named leads, one chest lead withheld among them, and views of one virtual patient.
fn of_virtual_patient(
    first_seed: u64,
    at: usize,
    named: &[&Montage],
    views: &[&Montage],
) -> Option<(Vec<Case>, Vec<Case>)> {
    let seed = first_seed + at as u64;
    let eight_leads: Vec<&Montage> = LeadName::EIGHT.iter().filter_map(montage).collect();
    let worn: Vec<&Montage> = [&eight_leads, named, views].concat();
    let patient = VirtualPatient::new(Condition::ALL[at % Condition::ALL.len()], seed);
    let rate = SampleRate::from_hz(500.0)?;
    let recording = patient.record(&worn, rate, 10.0, &Device::drawn(seed))?;
    let truth = FilterSettings::high_pass(0.5).apply(&recording.leads);
    let known = eight(&truth)?;
    let of = |asked: &[&Montage]| {
        let targets = asked.iter().filter_map(|it| Target::lead(&it.name).ok());
        let targets: Vec<Target> = targets.collect();
        cases(&known, &truth, &targets, &options())
    };
    let chest = LeadName::CHEST[at % LeadName::CHEST.len()].clone();
    let withheld = [Target::lead(&chest).ok()?];
    let mut found = of(named)?;
    found.extend(cases(
        &known,
        &truth,
        &withheld,
        &options().withholding(&chest),
    )?);
    Some((found, of(views)?))
}

fn options() -> CalibrationOptions {
    CalibrationOptions {
        device: DeviceChoice::Cpu,
        ..CalibrationOptions::default()
    }
}

fn eight(leads: &LeadSet) -> Option<LeadSet> {
    let eight: Option<Vec<_>> = LeadName::EIGHT
        .iter()
        .map(|it| leads.get(it).cloned())
        .collect();
    LeadSet::new(leads.rate(), eight?).ok()
}

/// Calibrates on the first half of `known` and looks at the error over the last half.
fn cases(
    known: &LeadSet,
    truth: &LeadSet,
    targets: &[Target],
    options: &CalibrationOptions,
) -> Option<Vec<Case>> {
    let go_on = &mut |_| std::ops::ControlFlow::Continue(());
    let calibration = calibrate(known, options, go_on).ok()?;
    let half = known.n_samples() / 2;
    let last = known.slice(half..known.n_samples())?;
    let seen = last.leads().iter();
    let seen = seen.filter(|it| !options.withhold.contains(&it.name));
    let seen = LeadSet::new(last.rate(), seen.cloned().collect()).ok()?;
    let phases = detect_beats(&seen).phases(seen.n_samples());
    let left_out: Arc<[LeftOut]> = calibration.left_out().into();
    let one = |target: &Target| {
        let truth = truth.get(&target.name())?.samples_mv.get(half..)?;
        case(&calibration, target, &last, truth, &phases, &left_out)
    };
    Some(targets.iter().filter_map(one).collect())
}

fn case(
    calibration: &Calibration,
    target: &Target,
    last: &LeadSet,
    truth: &[f32],
    phases: &[[f64; N_PHASES]],
    left_out: &Arc<[LeftOut]>,
) -> Option<Case> {
    let mixing = calibration.mixing(target);
    let made = mixing.apply(last).ok()?;
    if mixing.exact {
        return None;
    }
    let pairs = truth.iter().zip(made.lead.samples_mv.iter());
    let error: Vec<f64> = pairs.map(|(a, b)| f64::from(a - b)).collect();
    let mean = error.iter().sum::<f64>() / error.len() as f64;
    let error: Vec<f64> = error.iter().map(|it| it - mean).collect();
    let (mut squares, mut time) = ([0.0; N_PHASES], [0.0; N_PHASES]);
    for (error, shares) in error.iter().zip(phases) {
        for (wave, share) in shares.iter().enumerate() {
            squares[wave] += share * error * error;
            time[wave] += share;
        }
    }
    let whole = error.iter().map(|it| it * it).sum::<f64>() / error.len() as f64;
    let shares = group_shares(target);
    let constants = &FittedConstants::shipped().errors;
    let stated_mv = made.by_wave.each().map(|uv| uv / 1000.0);
    let sample = |at: usize| {
        let wave = (0..N_PHASES).find(|wave| 0.8 < phases[at][*wave])?;
        let half_width_mv = f64::from(*made.band_mv.get(at)?);
        let in_bands = error[at].abs() / half_width_mv.max(1e-6);
        let in_stated = in_bands * constants.half_width(wave, &shares);
        Some((wave, in_stated as f32))
    };
    let stride = last.rate().samples_in(STRIDE_S).max(1);
    let kept = (0..phases.len()).step_by(stride);
    let whole_time = time.iter().sum::<f64>();
    let found = Case {
        features: calibration.error_features(target),
        left_out: left_out.clone(),
        true_mv: std::array::from_fn(|wave| (squares[wave] / time[wave]).sqrt()),
        whole_mv: whole.sqrt(),
        time: time.map(|it| it / whole_time),
        samples: kept.filter_map(sample).collect(),
        stated_mv,
        shares,
    };
    whole.is_finite().then_some(found)
}
