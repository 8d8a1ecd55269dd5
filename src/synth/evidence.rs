//! Which recorded leads serve, which cannot and why, and what the first seconds say about them.

use std::ops::Range;

use faer::Mat;

use crate::{
    ecg::{
        Lead, LeadName, LeadSet, LimbElectrodes, Montage, Origin, ViewAngle, catalogue, montage,
    },
    signal::{FilterSettings, without_spikes},
};

use super::{
    CalibrationOptions, InputProblem, SynthError, Unused, WhyUnused, placed::exact_sum,
    wave_power::WavePower,
};

/// Fewest independent leads that can be calibrated on.
const FEWEST: usize = 2;
/// Fewest seconds without a gap.
const SHORTEST_S: f64 = 1.0;
/// A lead whose high-passed standard deviation stays below this is flat, mV.
const FLAT_MV: f64 = 0.004;
/// Corner of the high-pass that the covariances are taken behind, Hz: wander must not outweigh the
/// heart.
pub(crate) const WANDER_HZ: f64 = 0.5;

/// What a calibration learns from.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    /// Independent recorded leads, limb leads first.
    pub known: Vec<&'static Montage>,
    /// Where the user says that the exploring electrode of each sat, if not at its nominal place;
    /// and where it is taken to have sat.
    pub electrode_override: Vec<Option<ViewAngle>>,
    pub seats: Vec<Option<ViewAngle>>,
    pub limbs: LimbElectrodes,
    /// Those of `known` that are mixed at synthesis, by index.
    pub inputs: Vec<usize>,
    pub unused: Vec<Unused>,
    /// Standard leads that are neither recorded nor follow from recorded ones.
    pub missing: Vec<LeadName>,
    /// The known leads in the first seconds, as recorded and behind the high-pass.
    pub raw: LeadSet,
    pub steady: LeadSet,
    /// Of `known`, mV².
    pub covariance: Mat<f64>,
    /// The same in each wave of the beat.
    pub waves: WavePower,
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
        let raw = without_spikes(&raw);
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
        let stated = |montage: &&Montage| {
            let mut stated = options.electrode_override.iter();
            let own = stated.find(|stated| stated.0 == montage.name)?;
            montage.exploring_site().map(|_| own.1)
        };
        let electrode_override: Vec<Option<ViewAngle>> = known.iter().map(stated).collect();
        let seats = electrode_override.clone();
        let (covariance, baseline_mv) = (covariance(&steady, &whole), means(&raw, &whole));
        Ok(Self {
            known,
            electrode_override,
            seats,
            limbs: options.limbs,
            inputs,
            unused,
            missing,
            raw,
            waves: WavePower::of(&steady),
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

    /// The same without one lead: what would have been known had it not been recorded, but that where
    /// the beats are is still told by all leads.
    pub(crate) fn without(&self, name: &LeadName) -> Option<Self> {
        let keep: Vec<usize> = (0..self.known.len())
            .filter(|it| self.known[*it].name != *name)
            .collect();
        let pick = |set: &LeadSet| {
            LeadSet::new(
                set.rate(),
                keep.iter().map(|it| set.leads()[*it].clone()).collect(),
            )
            .ok()
        };
        Some(Self {
            known: keep.iter().map(|it| self.known[*it]).collect(),
            electrode_override: keep.iter().map(|it| self.electrode_override[*it]).collect(),
            seats: keep.iter().map(|it| self.seats[*it]).collect(),
            limbs: self.limbs,
            inputs: (0..keep.len())
                .filter(|it| self.inputs.contains(&keep[*it]))
                .collect(),
            unused: self.unused.clone(),
            missing: self.missing.clone(),
            raw: pick(&self.raw)?,
            steady: pick(&self.steady)?,
            covariance: Mat::from_fn(keep.len(), keep.len(), |i, j| {
                self.covariance[(keep[i], keep[j])]
            }),
            waves: self.waves.pick(&keep),
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

fn covariance(leads: &LeadSet, at: &[usize]) -> Mat<f64> {
    let n = leads.leads().len();
    let means = means(leads, at);
    let value =
        |lead: usize, idx: usize| f64::from(leads.leads()[lead].samples_mv[idx]) - means[lead];
    let mut out = Mat::zeros(n, n);
    for (i, j) in (0..n).flat_map(|i| (0..=i).map(move |j| (i, j))) {
        let mean = at
            .iter()
            .map(|idx| value(i, *idx) * value(j, *idx))
            .sum::<f64>()
            / at.len() as f64;
        (out[(i, j)], out[(j, i)]) = (mean, mean);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    /// Six seconds of sines of different frequencies, 1 mV, so that no lead is a sum of others.
    fn recording(names: &[&str]) -> LeadSet {
        let lead = |(at, name): (usize, &&str)| {
            let hz = 3.0 + at as f32;
            let sample = |n: i16| (f32::from(n) / 500.0 * hz * std::f32::consts::TAU).sin();
            let samples: Vec<f32> = (0..3000).map(sample).collect();
            Lead::measured(LeadName::parse(name), samples)
        };
        let leads = names.iter().enumerate().map(lead).collect();
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    fn with(leads: &LeadSet, name: LeadName, change: impl Fn(Lead) -> Lead) -> LeadSet {
        let each = leads.leads().iter().cloned();
        let each = each.map(|lead| {
            if lead.name == name {
                change(lead)
            } else {
                lead
            }
        });
        LeadSet::new(leads.rate(), each.collect()).unwrap()
    }

    fn constant(lead: Lead, mv: f32) -> Lead {
        let samples_mv = vec![mv; lead.samples_mv.len()].into();
        Lead { samples_mv, ..lead }
    }

    /// Names of the known leads, and which others take no part and why.
    fn check(leads: &LeadSet, withhold: &[LeadName], known: &str, unused: &[(&str, WhyUnused)]) {
        let options = CalibrationOptions {
            withhold: withhold.to_vec(),
            ..CalibrationOptions::default()
        };
        let found = Evidence::gather(leads, &options).unwrap();
        let names: Vec<String> = found.known.iter().map(|it| it.name.to_string()).collect();
        assert_eq!(names.join(" "), known);
        let found = found.unused.into_iter();
        let found: Vec<_> = found.map(|it| (it.lead.to_string(), it.why)).collect();
        let unused = unused.iter().map(|(lead, why)| ((*lead).to_owned(), *why));
        assert_eq!(found, unused.collect::<Vec<_>>());
    }

    #[test]
    fn leads_that_serve_and_those_that_do_not() {
        let leads = recording(&["V2", "I", "II", "III", "pressure", "V5"]);
        check(
            &leads,
            &[LeadName::V5],
            "I II V2",
            &[
                ("pressure", WhyUnused::NoPlace),
                ("V5", WhyUnused::Withheld),
                ("III", WhyUnused::Follows),
            ],
        );
        let flat = with(&leads, LeadName::V2, |lead| constant(lead, 0.3));
        let gaps = with(&flat, LeadName::V5, |lead| constant(lead, f32::NAN));
        check(
            &gaps,
            &[],
            "I II",
            &[
                ("V2", WhyUnused::Flat),
                ("pressure", WhyUnused::NoPlace),
                ("V5", WhyUnused::Gaps),
                ("III", WhyUnused::Follows),
            ],
        );
    }

    #[test]
    fn what_was_not_recorded_is_named() {
        let leads = recording(&["I", "II", "V1", "V2", "V4", "V5", "V6"]);
        let found = Evidence::gather(&leads, &CalibrationOptions::default()).unwrap();
        assert_eq!(
            found.missing,
            [LeadName::V3],
            "III and aVR follow from I and II"
        );
        assert_eq!(found.inputs, [0, 1, 2, 3, 4, 5, 6]);
    }

    fn inputs_of(names: &[&str]) -> Result<Vec<usize>, SynthError> {
        let options = CalibrationOptions {
            inputs: Some(names.iter().map(|name| LeadName::parse(name)).collect()),
            ..CalibrationOptions::default()
        };
        let leads = recording(&["I", "II", "III", "V2", "pressure"]);
        Evidence::gather(&leads, &options).map(|found| found.inputs)
    }

    #[test]
    fn inputs_are_chosen_by_name_or_refused_with_the_reason() {
        assert_eq!(inputs_of(&["V2", "I", "III", "V2"]), Ok(vec![0, 2]));
        let refused = |name: &str, why| {
            let name = LeadName::parse(name);
            Err(SynthError::Input { name, why })
        };
        let absent = InputProblem::Absent;
        assert_eq!(inputs_of(&["I", "V9"]), refused("V9", absent));
        let no_place = InputProblem::Unused(WhyUnused::NoPlace);
        assert_eq!(inputs_of(&["I", "pressure"]), refused("pressure", no_place));
        assert!(matches!(
            inputs_of(&["I"]),
            Err(SynthError::TooFewLeads { expected: 2, .. })
        ));
    }

    #[test]
    fn too_little_to_learn_from_is_refused() {
        let gather = |leads: &LeadSet| Evidence::gather(leads, &CalibrationOptions::default());
        let one = recording(&["V2"]);
        assert!(matches!(
            gather(&one).err(),
            Some(SynthError::TooFewLeads { found, .. }) if found == [LeadName::V2]
        ));
        let short = recording(&["I", "II", "V2"]).slice(0..400).unwrap();
        assert!(matches!(
            gather(&short).err(),
            Some(SynthError::TooShort { found_s, .. }) if (found_s - 0.8).abs() < 1e-9
        ));
    }

    #[test]
    fn without_a_lead_the_others_stay_as_they_were() {
        let leads = recording(&["I", "II", "V2", "V5"]);
        let all = Evidence::gather(&leads, &CalibrationOptions::default()).unwrap();
        let without = all.without(&LeadName::V2).unwrap();
        let names: Vec<&LeadName> = without.known.iter().map(|it| &it.name).collect();
        assert_eq!(names, [&LeadName::I, &LeadName::II, &LeadName::V5]);
        assert_eq!(without.baseline_mv[2], all.baseline_mv[3]);
        assert_eq!(without.inputs, [0, 1, 2]);
        assert_eq!(without.steady.leads()[2], all.steady.leads()[3]);
    }
}
