//! Leads whose truth is known, with the error that was stated of each: chest leads of recordings,
//! withheld or shown in the first seconds only; Frank's leads; leads off the chest of virtual patients.

use std::ops::{ControlFlow, Range};

use super::LabelledExam;
use crate::{
    ecg::{LeadName, LeadSet, Montage, N_PHASES, SampleRate, Target, montage},
    phantom::{Condition, Device, VirtualPatient},
    reliability::{ExamReliability, Grade, Reliability},
    signal::{FilterSettings, detect_beats},
    synth::{
        CalibrationOptions, DeviceChoice, N_GROUPS, Synthesis, Synthesizer, calibrate, group_shares,
    },
};

/// QRS, ST, T, the rest, all.
pub(super) const N: usize = N_PHASES + 1;
/// Leads that are asked of virtual patients beside Frank's.
const OFF_THE_CHEST: [&str; 11] = [
    "V1@2ICS", "V2@2ICS", "V1@3ICS", "V2@3ICS", "V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R",
];

/// One lead whose truth is known.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedError {
    /// Where the exam comes from.
    pub source: String,
    /// The group that the lead belongs to most.
    pub group: usize,
    /// Its grade; `None` where none was asked for.
    pub grade: Option<Grade>,
    /// Stated error in QRS, ST, T, between the beats and over all, µV.
    pub stated_uv: [f64; N],
    /// True error, likewise; `NaN` in a wave without time.
    pub true_uv: [f64; N],
    /// Samples inside the 90 % band, and all, in QRS, ST, T and the rest.
    pub inside: [(f64, f64); N_PHASES],
}

/// A recording's chest leads, or its Frank leads where it has them.
pub(super) fn of_recording(exam: &LabelledExam) -> Vec<StatedError> {
    let high_pass = FilterSettings::high_pass(0.5);
    let truth = high_pass.apply(&exam.leads);
    let source = match exam.source.as_str() {
        "" => "recorded",
        source => source,
    };
    let known = LeadName::EIGHT
        .iter()
        .filter_map(|it| truth.get(it).cloned());
    let Ok(known) = LeadSet::new(truth.rate(), known.collect()) else {
        return Vec::new();
    };
    let frank = LeadName::frank();
    if truth.get(&frank[0]).is_some() {
        return of_leads("frank", (&known, &truth), &frank, calibration()).unwrap_or_default();
    }
    let three = [LeadName::I, LeadName::II, LeadName::V3];
    let of = |situation: Situation, asked: &[LeadName]| {
        let options = CalibrationOptions {
            withhold: situation.withheld(asked),
            inputs: situation.inputs(&three),
            ..calibration()
        };
        let source = format!("{source}{}", situation.words());
        of_leads(&source, (&known, &truth), asked, options).unwrap_or_default()
    };
    let shown: Vec<LeadName> = LeadName::CHEST
        .into_iter()
        .filter(|it| !three.contains(it))
        .collect();
    let mut found = of(Situation::ShownFirst, &shown);
    for lead in LeadName::CHEST {
        let only = std::slice::from_ref(&lead);
        found.extend(of(Situation::Withheld, only));
        if shown.contains(&lead) {
            found.extend(of(Situation::OthersShownFirst, only));
        }
    }
    found
}

/// What is known of a recorded chest lead that is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Situation {
    /// All others are recorded.
    Withheld,
    /// I, II and V3 are recorded; the others, this one among them, were shown in the first seconds.
    ShownFirst,
    /// The same, but this one was never shown.
    OthersShownFirst,
}

impl Situation {
    fn withheld(self, asked: &[LeadName]) -> Vec<LeadName> {
        match self {
            Self::ShownFirst => Vec::new(),
            Self::Withheld | Self::OthersShownFirst => asked.to_vec(),
        }
    }

    fn inputs(self, three: &[LeadName]) -> Option<Vec<LeadName>> {
        (self != Self::Withheld).then(|| three.to_vec())
    }

    /// What is added to a source's name in tables.
    fn words(self) -> &'static str {
        match self {
            Self::Withheld => "",
            Self::ShownFirst => ", shown first",
            Self::OthersShownFirst => ", others shown first",
        }
    }
}

/// One virtual patient, of every condition in turn.
pub(super) fn of_virtual_patient(at: usize) -> Option<Vec<StatedError>> {
    const FIRST_SEED: u64 = 920_000;
    let seed = FIRST_SEED + at as u64;
    let condition = Condition::ALL[at % Condition::ALL.len()];
    let off_the_chest = OFF_THE_CHEST.map(LeadName::parse).into_iter();
    let asked: Vec<LeadName> = off_the_chest.chain(LeadName::frank()).collect();
    let eight = LeadName::EIGHT.iter();
    let all: Vec<&Montage> = eight.chain(&asked).filter_map(montage).collect();
    let rate = SampleRate::from_hz(500.0)?;
    let patient = VirtualPatient::new(condition, seed);
    let recording = patient.record(&all, rate, 10.0, &Device::drawn(seed))?;
    let truth = FilterSettings::high_pass(0.5).apply(&recording.leads);
    let known = LeadName::EIGHT
        .iter()
        .filter_map(|it| truth.get(it).cloned());
    let known = LeadSet::new(rate, known.collect()).ok()?;
    of_leads("virtual patients", (&known, &truth), &asked, calibration())
}

/// On the central processor.
fn calibration() -> CalibrationOptions {
    CalibrationOptions {
        device: DeviceChoice::Cpu,
        ..CalibrationOptions::default()
    }
}

/// Calibrates on the first half of `known`, and holds what is stated of `asked` against the last half
/// of `truth`.
fn of_leads(
    source: &str,
    (known, truth): (&LeadSet, &LeadSet),
    asked: &[LeadName],
    options: CalibrationOptions,
) -> Option<Vec<StatedError>> {
    let go_on = &mut |_| ControlFlow::Continue(());
    let calibration = calibrate(known, &options, go_on).ok()?;
    let synthesizer = Synthesizer::new(known, calibration).ok()?;
    let exam = ExamReliability::new(known, &options, &synthesizer).ok()?;
    let tested = known.n_samples() / 2..known.n_samples();
    let seen = known.leads().iter();
    let seen = seen
        .filter(|it| !options.withhold.contains(&it.name))
        .cloned();
    let seen = LeadSet::new(known.rate(), seen.collect()).ok()?;
    let seen = seen.slice(tested.clone())?;
    let phases = detect_beats(&seen).phases(seen.n_samples());
    let one = |name: &LeadName| {
        let target = Target::lead(name).ok()?;
        let said = exam.of(&synthesizer, &target);
        let made = synthesizer.target(&target);
        let truth = truth.get(name)?.samples_mv.get(tested.clone())?;
        StatedError::new(source, &target, (&said, &made), truth, &tested, &phases)
    };
    Some(asked.iter().filter_map(one).collect())
}

impl StatedError {
    fn new(
        source: &str,
        target: &Target,
        (said, made): (&Reliability, &Synthesis),
        truth: &[f32],
        tested: &Range<usize>,
        phases: &[[f64; N_PHASES]],
    ) -> Option<Self> {
        let estimate = made.lead.samples_mv.get(tested.clone())?;
        let band = made.band_mv.get(tested.clone())?;
        let error: Vec<f64> = truth
            .iter()
            .zip(estimate)
            .map(|(a, b)| f64::from(a - b))
            .collect();
        let mean = error.iter().sum::<f64>() / error.len() as f64;
        let (mut squares, mut time) = ([0.0; N_PHASES], [0.0; N_PHASES]);
        let mut inside = [(0.0, 0.0); N_PHASES];
        for ((error, shares), half) in error.iter().zip(phases).zip(band) {
            let error = error - mean;
            for (wave, share) in shares.iter().enumerate() {
                squares[wave] += share * error * error;
                time[wave] += share;
                inside[wave].0 += share * f64::from(u8::from(error.abs() <= f64::from(*half)));
                inside[wave].1 += share;
            }
        }
        let uv = |squares: f64, time: f64| 1000.0 * (squares / time).sqrt();
        let [q, s, t, rest] = std::array::from_fn(|wave| uv(squares[wave], time[wave]));
        let whole = uv(squares.iter().sum(), time.iter().sum());
        let stated = made.by_wave.each();
        let [qrs, st, t_wave, between] = stated;
        let shares = group_shares(target);
        let group = (0..N_GROUPS).max_by(|a, b| shares[*a].total_cmp(&shares[*b]))?;
        whole.is_finite().then(|| Self {
            source: source.to_owned(),
            group,
            grade: Some(said.grade),
            stated_uv: [qrs, st, t_wave, between, said.expected_rmse_uv],
            true_uv: [q, s, t, rest, whole],
            inside,
        })
    }
}
