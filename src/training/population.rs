//! Fits the population: people's covariances by phase of the beat from recordings, the skin's from
//! virtual patients.

use std::{collections::BTreeSet, path::PathBuf};

use faer::{Mat, Scale, Side, linalg::solvers::DenseSolveCore};
use rayon::prelude::*;

use super::{
    TrainingError,
    departures::{VirtualSkin, departures, matrix},
    exams::{Part, part_of},
    virtual_exams::RATE_HZ,
};
use crate::{
    ecg::{LeadName, LeadSet, Montage, N_PHASES, SampleRate, Terminal, WILSON, montage, sites},
    evaluate::{LabelledExam, read_exams},
    field::{FieldPrior, Population, PopulationParts},
    phantom::{Condition, Device, VirtualPatient},
    signal::{FilterSettings, detect_beats, resample},
};

/// Rate that covariances are taken at, Hz.
const SLOW_HZ: f64 = 125.0;
/// Size of the roots of the skin's covariances, and directions in which patients differ.
const RANK: usize = 40;
const COMPONENTS: usize = 24;
/// Variance of a virtual patient's reading that the field does not explain, as a share of the mean
/// of all readings: placement and noise. The eight leads are told whole.
const UNEXPLAINED: (f64, f64) = (1e-2, 2e-4);

/// What to fit a population on.
#[derive(Clone, Debug)]
pub struct PopulationRun {
    /// Folders or arrays of recordings; only their train split is used.
    pub recordings: Vec<PathBuf>,
    /// People at most.
    pub people: usize,
    /// Virtual patients.
    pub virtuals: u64,
    /// Those of them whom others are held against.
    pub centres: usize,
    /// Seed of the first of them.
    pub seed: u64,
}

/// Fits a population; also how many people there are in it.
pub fn fit_population(run: &PopulationRun) -> Result<(PopulationParts, usize), TrainingError> {
    let people = people(run)?;
    let n = people.len();
    if n == 0 {
        return Err(TrainingError::Empty(
            "no train recording for the population",
        ));
    }
    let nobody = TrainingError::Empty("no virtual patient for the population");
    let parts = virtual_skins(run).and_then(|it| it.with(matrix(&people), run.centres));
    Ok((parts.ok_or(nobody)?, n))
}

/// Upper triangles of the people's covariances, phase after phase; each person once.
fn people(run: &PopulationRun) -> Result<Vec<Vec<f64>>, TrainingError> {
    let (exams, _) = read_exams(&run.recordings)?;
    let mut met = BTreeSet::new();
    let chosen: Vec<&LabelledExam> = exams
        .iter()
        .filter(|it| it.split == "train" && part_of(&it.patient) == Part::Population)
        .filter(|it| met.insert(it.patient.as_str()))
        .collect();
    let step = chosen.len().div_ceil(run.people.max(1)).max(1);
    let chosen: Vec<&LabelledExam> = chosen.into_iter().step_by(step).collect();
    Ok(chosen
        .par_iter()
        .filter_map(|it| person(&it.leads))
        .collect())
}

fn person(leads: &LeadSet) -> Option<Vec<f64>> {
    let eight: Option<Vec<_>> = LeadName::EIGHT
        .iter()
        .map(|it| leads.get(it).cloned())
        .collect();
    let leads = LeadSet::new(leads.rate(), eight?).ok()?;
    let steady = FilterSettings::high_pass(0.5).apply(&leads);
    let moments = moments(&rows(&steady), &phases(&steady));
    let power: f64 = moments.iter().map(|it| trace(it, 0..8)).sum();
    let of_phase = |it: &Mat<f64>| triangle(&(it * Scale(1.0 / power)));
    let entries: Vec<f64> = moments.iter().flat_map(of_phase).collect();
    (1e-5 < power && entries.iter().all(|it| it.is_finite())).then_some(entries)
}

/// The virtual patients: the sum of their skins' covariances, and each of them.
struct VirtualSkins {
    sum: [Mat<f64>; N_PHASES],
    each: Vec<VirtualSkin>,
}

fn virtual_skins(run: &PopulationRun) -> Option<VirtualSkins> {
    let worn = worn();
    let reader = SkinReader::new(&worn)?;
    let seeds: Vec<u64> = (run.seed..run.seed + run.virtuals).collect();
    let n = reader.map.nrows();
    let mut out = VirtualSkins {
        sum: [0; N_PHASES].map(|_| Mat::zeros(n, n)),
        each: Vec::new(),
    };
    for chunk in seeds.chunks(32) {
        let found: Vec<_> = chunk
            .par_iter()
            .filter_map(|it| reader.patient(&worn, *it))
            .collect();
        // One after another, so that the sum does not depend on the number of threads.
        for skins in found {
            out.each.push(VirtualSkin::new(&skins, &reader.eight));
            out.sum
                .iter_mut()
                .zip(skins)
                .for_each(|(sum, it)| *sum += it);
        }
    }
    Some(out)
}

impl VirtualSkins {
    /// The population of these and of `people`, a row each.
    fn with(self, people: Mat<f64>, centres: usize) -> Option<PopulationParts> {
        let share = Scale(1.0 / self.each.len().max(1) as f64);
        let n = self.sum[0].nrows();
        let whole = self.sum.iter().fold(Mat::zeros(n, n), |sum, it| sum + it);
        let eigen = whole.self_adjoint_eigen(Side::Lower).ok()?;
        let components = Mat::from_fn(n, COMPONENTS, |row, it| eigen.U()[(row, n - 1 - it)]);
        let roots: Option<Vec<_>> = self.sum.iter().map(|it| root(&(it * share))).collect();
        let mut parts = PopulationParts {
            skin: roots?.try_into().ok()?,
            people,
            components,
            centres: Mat::new(),
            departures: Mat::new(),
        };
        let usual = Population::new(&parts)?.usual();
        (parts.centres, parts.departures) =
            departures(&self.each, &parts.components, &usual, centres)?;
        Some(parts)
    }
}

/// Upper triangle of a covariance of the eight leads, row after row.
fn triangle(it: &Mat<f64>) -> Vec<f64> {
    (0..8)
        .flat_map(|i| (i..8).map(move |j| it[(i, j)]))
        .collect()
}

/// The columns of a root of a covariance that hold most.
fn root(covariance: &Mat<f64>) -> Option<Mat<f64>> {
    let n = covariance.nrows();
    let eigen = covariance.self_adjoint_eigen(Side::Lower).ok()?;
    let (vectors, values) = (eigen.U(), eigen.S());
    Some(Mat::from_fn(n, RANK.min(n), |row, it| {
        vectors[(row, n - 1 - it)] * values[n - 1 - it].max(0.0).sqrt()
    }))
}

/// The eight leads, then every other site of the reference torso against Wilson's terminal.
fn worn() -> Vec<Montage> {
    let alone = |name: &'static str| Montage {
        name: LeadName::Named(name.into()),
        group: "standard",
        terms: vec![(Terminal::Site(name), 1.0), (Terminal::Wilson, -1.0)],
        place: "",
    };
    let eight = LeadName::EIGHT.iter().filter_map(montage).cloned();
    let chest = |name: &str| LeadName::CHEST.iter().any(|it| it.to_string() == name);
    let others = sites()
        .map(|it| it.name.as_str())
        .filter(|it| !WILSON.contains(it) && !chest(it));
    eight.chain(others.map(alone)).collect()
}

/// From readings to the skin: the likeliest under the ensemble of lead fields.
struct SkinReader {
    /// Rows of a member × readings.
    map: Mat<f64>,
    /// What the eight leads read of the skin, leads × rows.
    eight: Mat<f64>,
    rates: (SampleRate, SampleRate),
}

impl SkinReader {
    fn new(worn: &[Montage]) -> Option<Self> {
        let prior = FieldPrior::unweighted();
        let readings = prior.readings_of(&worn.iter().collect::<Vec<_>>());
        let covariance = prior.covariance();
        let mut among = &readings * &covariance * readings.transpose();
        let n = among.nrows();
        let power = trace(&among, 0..n) / n as f64;
        for it in 0..n {
            let share = if it < LeadName::EIGHT.len() {
                UNEXPLAINED.1
            } else {
                UNEXPLAINED.0
            };
            among[(it, it)] += share * power;
        }
        let inverse = among.llt(Side::Lower).ok()?.inverse();
        Some(Self {
            map: covariance * readings.transpose() * inverse,
            eight: readings.subrows(0, LeadName::EIGHT.len()).to_owned(),
            rates: (SampleRate::from_hz(RATE_HZ)?, SampleRate::from_hz(SLOW_HZ)?),
        })
    }

    /// Covariance of the skin by phase in the virtual patient of that seed, scaled to unit power of
    /// the eight leads.
    fn patient(&self, worn: &[Montage], seed: u64) -> Option<[Mat<f64>; N_PHASES]> {
        let montages: Vec<&Montage> = worn.iter().collect();
        // Every condition alike: who resembles a patient is asked for, not how many there are.
        let condition = Condition::ALL[seed as usize % Condition::ALL.len()];
        let patient = VirtualPatient::new(condition, seed);
        let (rate, slow) = self.rates;
        let leads = patient
            .record(&montages, rate, 10.0, &Device::drawn(seed))?
            .leads;
        let steady = resample(&FilterSettings::high_pass(0.5).apply(&leads), slow);
        let readings = moments(&rows(&steady), &phases(&steady));
        let power: f64 = readings.iter().map(|it| trace(it, 0..8)).sum();
        let skin = |it: &Mat<f64>| &self.map * it * self.map.transpose() * Scale(1.0 / power);
        let found: Vec<Mat<f64>> = readings.iter().map(skin).collect();
        (1e-5 < power && power.is_finite()).then(|| found.try_into().ok())?
    }
}

fn trace(matrix: &Mat<f64>, over: std::ops::Range<usize>) -> f64 {
    over.map(|it| matrix[(it, it)]).sum()
}

/// Phases of the beat as the eight leads show them.
fn phases(leads: &LeadSet) -> Vec<[f64; N_PHASES]> {
    let eight = LeadName::EIGHT
        .iter()
        .filter_map(|it| leads.get(it).cloned());
    LeadSet::new(leads.rate(), eight.collect()).map_or_else(
        |_| vec![[0.0, 0.0, 0.0, 1.0]; leads.n_samples()],
        |eight| detect_beats(&eight).phases(leads.n_samples()),
    )
}

fn rows(leads: &LeadSet) -> Mat<f64> {
    let all = leads.leads();
    Mat::from_fn(all.len(), leads.n_samples(), |lead, at| {
        f64::from(all[lead].samples_mv[at])
    })
}

/// Second moments by phase.
fn moments(samples: &Mat<f64>, phases: &[[f64; N_PHASES]]) -> [Mat<f64>; N_PHASES] {
    std::array::from_fn(|phase| {
        let weighed = Mat::from_fn(samples.nrows(), samples.ncols(), |lead, at| {
            phases[at][phase] * samples[(lead, at)]
        });
        weighed * samples.transpose() * Scale(1.0 / phases.len().max(1) as f64)
    })
}
