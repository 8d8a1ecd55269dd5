//! Which recorded leads serve, which cannot and why, and what the first seconds say about them.

use std::ops::Range;

use crate::{
    ecg::{Lead, LeadName, LeadSet, Montage, Origin, ViewAngle, catalogue, montage},
    signal::FilterSettings,
};

use super::{CalibrationOptions, InputProblem, SynthError, placed::exact_sum};

/// Fewest independent leads that can be calibrated on.
const FEWEST: usize = 2;
/// Fewest seconds without a gap.
const SHORTEST_S: f64 = 1.0;
/// A lead whose high-passed standard deviation stays below this is flat, mV.
const FLAT_MV: f64 = 0.004;
/// Corner of the high-pass that the covariances are taken behind, Hz: wander must not outweigh the
/// heart.
pub(crate) const WANDER_HZ: f64 = 0.5;

/// Why a recorded lead takes no part.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnused {
    /// The user withheld it.
    #[error("withheld as asked")]
    Withheld,
    /// It is an exact sum of leads that are used.
    #[error("follows exactly from leads in use")]
    Follows,
    /// Its name has no place on the skin here.
    #[error("no place on the skin known for this name")]
    NoPlace,
    /// It was estimated by a program, not recorded.
    #[error("estimated, not recorded")]
    Synthesised,
    /// No signal: electrode off, or not connected.
    #[error("flat: electrode off?")]
    Flat,
    /// More gaps than signal in the first seconds.
    #[error("gaps")]
    Gaps,
}

/// A recorded lead that takes no part.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Unused {
    /// The lead.
    pub lead: LeadName,
    /// Why.
    pub why: WhyUnused,
}

/// What a calibration learns from.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    /// Independent recorded leads, limb leads first.
    pub known: Vec<&'static Montage>,
    /// Where the user says that the exploring electrode of each sat, if not at its nominal place;
    /// and where it is taken to have sat.
    pub told: Vec<Option<ViewAngle>>,
    pub seats: Vec<Option<ViewAngle>>,
    /// Those of `known` that are mixed at synthesis, by index.
    pub inputs: Vec<usize>,
    pub unused: Vec<Unused>,
    /// Standard leads that are neither recorded nor follow from recorded ones.
    pub missing: Vec<LeadName>,
    /// The known leads in the first seconds, as recorded and behind the high-pass.
    pub raw: LeadSet,
    pub steady: LeadSet,
    /// Row-major over `known`, mV².
    pub covariance: Vec<f64>,
    /// Baseline of each known lead, mV.
    pub baseline_mv: Vec<f64>,
}

impl Evidence {
    pub(crate) fn gather(
        leads: &LeadSet,
        options: &CalibrationOptions,
    ) -> Result<Self, SynthError> {
        let first = 0..leads.rate().samples_in(options.seconds).max(1);
        let (candidates, mut unused) = candidates(leads, options, &first);
        let known = independent(&candidates, &mut unused);
        too_few(&known, &unused)?;
        let chosen: Vec<Lead> = known
            .iter()
            .filter_map(|it| leads.get(&it.name).cloned())
            .collect();
        let raw = LeadSet::new(leads.rate(), chosen)
            .ok()
            .and_then(|it| it.slice(first));
        let raw = raw.ok_or(SynthError::TooShort {
            found_s: 0.0,
            expected_s: SHORTEST_S,
        })?;
        let steady = FilterSettings::high_pass(WANDER_HZ).apply(&raw);
        let whole = whole_samples(&steady);
        let found_s = raw.rate().seconds_at(whole.len());
        if found_s < SHORTEST_S {
            return Err(SynthError::TooShort {
                found_s,
                expected_s: SHORTEST_S,
            });
        }
        let inputs = inputs(&known, &unused, options)?;
        let missing = missing(&known);
        let told = |it: &&Montage| {
            options
                .told
                .iter()
                .find(|told| told.0 == it.name && it.exploring_site().is_some())
                .map(|it| it.1)
        };
        let told: Vec<Option<ViewAngle>> = known.iter().map(told).collect();
        let seats = told.clone();
        let (covariance, baseline_mv) = (covariance(&steady, &whole), means(&raw, &whole));
        Ok(Self {
            known,
            told,
            seats,
            inputs,
            unused,
            missing,
            raw,
            steady,
            covariance,
            baseline_mv,
        })
    }

    /// The same with one electrode taken to sit elsewhere.
    pub(crate) fn seated(&self, name: &LeadName, seat: Option<ViewAngle>) -> Self {
        let mut out = self.clone();
        out.known
            .iter()
            .zip(&mut out.seats)
            .filter(|it| it.0.name == *name)
            .for_each(|it| *it.1 = seat);
        out
    }

    /// The same without one lead: what would have been known had it not been recorded.
    pub(crate) fn without(&self, name: &LeadName) -> Option<Self> {
        let keep: Vec<usize> = (0..self.known.len())
            .filter(|it| self.known[*it].name != *name)
            .collect();
        let n = self.known.len();
        let pick = |set: &LeadSet| {
            LeadSet::new(
                set.rate(),
                keep.iter().map(|it| set.leads()[*it].clone()).collect(),
            )
            .ok()
        };
        Some(Self {
            known: keep.iter().map(|it| self.known[*it]).collect(),
            told: keep.iter().map(|it| self.told[*it]).collect(),
            seats: keep.iter().map(|it| self.seats[*it]).collect(),
            inputs: (0..keep.len())
                .filter(|it| self.inputs.contains(&keep[*it]))
                .collect(),
            unused: self.unused.clone(),
            missing: self.missing.clone(),
            raw: pick(&self.raw)?,
            steady: pick(&self.steady)?,
            covariance: keep
                .iter()
                .flat_map(|i| keep.iter().map(move |j| i * n + j))
                .map(|it| self.covariance[it])
                .collect(),
            baseline_mv: keep.iter().map(|it| self.baseline_mv[*it]).collect(),
        })
    }
}

/// Leads with a place and a signal, in the order in which they are preferred; the others with their
/// reason.
fn candidates(
    leads: &LeadSet,
    options: &CalibrationOptions,
    first: &Range<usize>,
) -> (Vec<&'static Montage>, Vec<Unused>) {
    let mut unused = Vec::new();
    let mut found = Vec::new();
    for lead in leads.leads() {
        match refusal(lead, options, first) {
            Some(why) => unused.push(Unused {
                lead: lead.name.clone(),
                why,
            }),
            None => found.extend(montage(&lead.name)),
        }
    }
    found.sort_by_key(|it| catalogue().iter().position(|other| other.name == it.name));
    (found, unused)
}

fn refusal(lead: &Lead, options: &CalibrationOptions, first: &Range<usize>) -> Option<WhyUnused> {
    if options.withhold.contains(&lead.name) {
        return Some(WhyUnused::Withheld);
    }
    if montage(&lead.name).is_none() {
        return Some(WhyUnused::NoPlace);
    }
    match lead.origin {
        Origin::Synthesised { .. } => return Some(WhyUnused::Synthesised),
        Origin::Derived { .. } => return Some(WhyUnused::Follows),
        Origin::Measured => {}
    }
    let samples = &lead.samples_mv[..first.end.min(lead.samples_mv.len())];
    let finite: Vec<f64> = samples
        .iter()
        .filter(|it| it.is_finite())
        .map(|it| f64::from(*it))
        .collect();
    if 2 * finite.len() < samples.len() {
        return Some(WhyUnused::Gaps);
    }
    (deviation(&finite) < FLAT_MV).then_some(WhyUnused::Flat)
}

fn deviation(samples: &[f64]) -> f64 {
    let n = samples.len().max(1) as f64;
    let mean = samples.iter().sum::<f64>() / n;
    (samples.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// Drops leads that are exact sums of those before them.
fn independent(candidates: &[&'static Montage], unused: &mut Vec<Unused>) -> Vec<&'static Montage> {
    let mut known: Vec<&'static Montage> = Vec::new();
    for montage in candidates {
        if exact_sum(&known, montage).is_some() {
            unused.push(Unused {
                lead: montage.name.clone(),
                why: WhyUnused::Follows,
            });
        } else {
            known.push(montage);
        }
    }
    known
}

fn too_few(known: &[&Montage], unused: &[Unused]) -> Result<(), SynthError> {
    if FEWEST <= known.len() {
        return Ok(());
    }
    Err(SynthError::TooFewLeads {
        found: known.iter().map(|montage| montage.name.clone()).collect(),
        expected: FEWEST,
        unused: unused.to_vec(),
    })
}

fn inputs(
    known: &[&'static Montage],
    unused: &[Unused],
    options: &CalibrationOptions,
) -> Result<Vec<usize>, SynthError> {
    let Some(wanted) = &options.inputs else {
        return Ok((0..known.len()).collect());
    };
    let mut found = Vec::new();
    for name in wanted {
        if let Some(idx) = known.iter().position(|montage| montage.name == *name) {
            found.push(idx);
            continue;
        }
        let why = match unused.iter().find(|it| it.lead == *name).map(|it| it.why) {
            Some(WhyUnused::Follows) => continue,
            Some(why) => InputProblem::Unused(why),
            None => InputProblem::Absent,
        };
        let name = name.clone();
        return Err(SynthError::Input { name, why });
    }
    found.sort_unstable();
    found.dedup();
    let few: Vec<&Montage> = found.iter().map(|it| known[*it]).collect();
    too_few(&few, unused)?;
    Ok(found)
}

fn missing(known: &[&Montage]) -> Vec<LeadName> {
    let absent = |name: &LeadName| montage(name).is_some_and(|it| exact_sum(known, it).is_none());
    LeadName::TWELVE.into_iter().filter(absent).collect()
}

/// Indices of samples at which every lead has a value.
fn whole_samples(leads: &LeadSet) -> Vec<usize> {
    (0..leads.n_samples())
        .filter(|at| {
            leads
                .leads()
                .iter()
                .all(|it| it.samples_mv[*at].is_finite())
        })
        .collect()
}

fn means(leads: &LeadSet, at: &[usize]) -> Vec<f64> {
    let mean = |it: &Lead| {
        at.iter()
            .map(|idx| f64::from(it.samples_mv[*idx]))
            .sum::<f64>()
            / at.len() as f64
    };
    leads.leads().iter().map(mean).collect()
}

fn covariance(leads: &LeadSet, at: &[usize]) -> Vec<f64> {
    let n = leads.leads().len();
    let means = means(leads, at);
    let value =
        |lead: usize, idx: usize| f64::from(leads.leads()[lead].samples_mv[idx]) - means[lead];
    let mut out = vec![0.0; n * n];
    for (i, j) in (0..n).flat_map(|i| (0..=i).map(move |j| (i, j))) {
        let mean = at
            .iter()
            .map(|idx| value(i, *idx) * value(j, *idx))
            .sum::<f64>()
            / at.len() as f64;
        (out[i * n + j], out[j * n + i]) = (mean, mean);
    }
    out
}
