//! Electrodes that seem exchanged: the shape of the median beat against those of a population.
//!
//! Forty values (three thirds of QRS, T and P in eight leads) are compared with their mean and
//! covariance in some ten thousand people, as they were recorded and as they would be with two
//! electrodes exchanged. The likelihood has heavy tails (Student's t), so that illness, which makes
//! a beat unusual as a whole, speaks for no exchange.

use std::{fmt, ops::Range, sync::LazyLock};

use serde::{Deserialize, Serialize};

use super::{delineation::Delineation, median::MedianBeat};
use crate::ecg::{Lead, LeadName, LeadSet, statistics};

/// Electrodes that may have been exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exchange {
    /// Right arm and left arm.
    RightArmLeftArm,
    /// Right arm and left leg.
    RightArmLeftLeg,
    /// Left arm and left leg.
    LeftArmLeftLeg,
    /// Right arm on the left arm, left arm on the left leg, left leg on the right arm.
    LimbsForward,
    /// The same the other way round.
    LimbsBackward,
    /// Two neighbouring chest electrodes: V1 and V2 for 1, V5 and V6 for 5.
    Neighbours(u8),
    /// V1 and V3.
    V1V3,
    /// V1 to V6 in the reverse order.
    ChestReversed,
}

/// An exchange, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suspicion {
    /// What was exchanged.
    pub exchange: Exchange,
    /// Probability, where one exam in a hundred has an exchange.
    pub probability: f64,
}

impl Exchange {
    const LIMB: [Self; 5] = [
        Self::RightArmLeftArm,
        Self::RightArmLeftLeg,
        Self::LeftArmLeftLeg,
        Self::LimbsForward,
        Self::LimbsBackward,
    ];
    const CHEST: [Self; 7] = [
        Self::Neighbours(1),
        Self::Neighbours(2),
        Self::Neighbours(3),
        Self::Neighbours(4),
        Self::Neighbours(5),
        Self::V1V3,
        Self::ChestReversed,
    ];

    /// Whether arms or legs are concerned.
    pub fn is_of_limbs(self) -> bool {
        Self::LIMB.contains(&self)
    }

    /// Exams with this exchange against those without.
    fn prior_odds(self) -> f64 {
        match self {
            Self::LimbsForward | Self::LimbsBackward => TWICE_WRONG_ODDS,
            _ => PRIOR_ODDS,
        }
    }

    /// What I, II, V1 to V6 would have been without the exchange.
    pub fn undone(self, [i, ii, chest @ ..]: [f64; 8]) -> [f64; 8] {
        let (mut limb, mut chest) = ([i, ii], chest);
        match self {
            Self::RightArmLeftArm => limb = [-i, ii - i],
            Self::RightArmLeftLeg => limb = [i - ii, -ii],
            Self::LeftArmLeftLeg => limb = [ii, i],
            Self::LimbsForward => limb = [ii - i, -i],
            Self::LimbsBackward => limb = [-ii, i - ii],
            Self::Neighbours(first) => {
                let first = usize::from(first.clamp(1, 5));
                chest.swap(first - 1, first);
            }
            Self::V1V3 => chest.swap(0, 2),
            Self::ChestReversed => chest.reverse(),
        }
        let [v1, v2, v3, v4, v5, v6] = chest;
        [limb[0], limb[1], v1, v2, v3, v4, v5, v6]
    }
}

impl Exchange {
    /// All that are looked for.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::LIMB.into_iter().chain(Self::CHEST)
    }

    /// The exam as it would have been without the exchange: the same potentials between the same
    /// electrodes under their right names, hence as recorded. Limb leads follow anew from I and II.
    /// `None` where a lead that it concerns is missing.
    pub fn undo(self, leads: &LeadSet) -> Option<LeadSet> {
        let old = LeadName::EIGHT.map(|name| leads.get(&name));
        let at = |sample: usize| {
            let mv = |lead: Option<&Lead>| {
                lead.map_or(f64::NAN, |lead| f64::from(lead.samples_mv[sample]))
            };
            self.undone(old.map(mv))
        };
        // No number that the difference of two others gives.
        let numbered = [1.0, 5.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0];
        let changed = self.undone(numbered);
        let concerned: Vec<usize> = (0..8)
            .filter(|lead| changed[*lead] != numbered[*lead])
            .collect();
        if concerned.iter().any(|lead| old[*lead].is_none()) {
            return None;
        }
        let mut new: [Vec<f32>; 8] = Default::default();
        for values in (0..leads.n_samples()).map(at) {
            let each = new.iter_mut().zip(values);
            each.for_each(|(lead, mv)| lead.push(mv as f32));
        }
        let follows = |lead: &Lead| self.is_of_limbs() && FOLLOWING.contains(&lead.name);
        let kept = leads.leads().iter().filter(|lead| !follows(lead));
        let changed = kept.map(|lead| {
            let place = LeadName::EIGHT.iter().position(|name| *name == lead.name);
            match place.filter(|place| concerned.contains(place)) {
                Some(place) => Lead {
                    samples_mv: std::mem::take(&mut new[place]).into(),
                    ..lead.clone()
                },
                None => lead.clone(),
            }
        });
        let leads = LeadSet::new(leads.rate(), changed.collect()).ok()?;
        Some(leads.with_derived_limb_leads())
    }
}

/// Limb leads that follow from I and II.
const FOLLOWING: [LeadName; 4] = [LeadName::III, LeadName::AVR, LeadName::AVL, LeadName::AVF];

impl fmt::Display for Exchange {
    /// The electrodes: `RA/LA`, `V1/V2`; three that changed places in their order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RightArmLeftArm => f.write_str("RA/LA"),
            Self::RightArmLeftLeg => f.write_str("RA/LL"),
            Self::LeftArmLeftLeg => f.write_str("LA/LL"),
            Self::LimbsForward => f.write_str("RA/LA/LL"),
            Self::LimbsBackward => f.write_str("LL/LA/RA"),
            Self::Neighbours(first) => write!(f, "V{first}/V{}", first + 1),
            Self::V1V3 => f.write_str("V1/V3"),
            Self::ChestReversed => f.write_str("V6-V1"),
        }
    }
}

/// Least probability from which an exchange is told.
const LEAST_PROBABILITY: f64 = 0.5;
/// Exams with an exchange against those without.
const PRIOR_ODDS: f64 = 0.01;
/// Three electrodes in a ring are two mistakes at once: a twentieth of that. Without this, one in
/// sixteen exchanges of two limb electrodes was taken for a ring (PTB-XL's training folds).
const TWICE_WRONG_ODDS: f64 = 0.0005;
/// Degrees of freedom of the t distribution.
const FREEDOM: f64 = 8.0;
/// Distance of one chest lead from what the other leads let expect that three in a hundred people
/// in sinus rhythm exceed somewhere.
const STANDS_OUT: f64 = 86.0;

/// Mean and inverse Cholesky factor of the covariance of people's beats.
struct Population {
    mean: Vec<f64>,
    whitening: Vec<Vec<f64>>,
}

static POPULATION: LazyLock<Population> = LazyLock::new(|| {
    let mut rows = include_str!("../../assets/beat_shapes.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(' ').filter_map(|it| it.parse().ok()).collect());
    Population {
        mean: rows.next().unwrap_or_default(),
        whitening: rows.collect(),
    }
});

/// Five parts of the median beat in eight leads, over the size of QRS in V1 to V6: thirds of QRS,
/// T, P. Four where there is no P.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BeatShape(Vec<[f64; 8]>);

impl BeatShape {
    /// `None` without QRS and T in all eight leads.
    pub(super) fn of(beat: &MedianBeat, waves: &Delineation) -> Option<Self> {
        let mut parts = vec![[0.0; 8]; if waves.p.is_some() { 5 } else { 4 }];
        for (lead, name) in LeadName::EIGHT.iter().enumerate() {
            for (part, value) in parts_of_lead(beat, waves, name)?.into_iter().enumerate() {
                if let Some(row) = parts.get_mut(part) {
                    row[lead] = value;
                }
            }
        }
        let squares = parts[..3]
            .iter()
            .flat_map(|row| &row[2..])
            .map(|it| it * it);
        let size = (squares.sum::<f64>() / 18.0).sqrt();
        parts.iter_mut().flatten().for_each(|it| *it /= size);
        let is_whole = parts.iter().flatten().all(|it| it.is_finite());
        is_whole.then_some(Self(parts))
    }

    /// The likeliest exchange of limb electrodes, and of chest electrodes once that is undone, where
    /// likely.
    pub(super) fn suspicions(&self) -> Vec<Suspicion> {
        let limbs = self.likeliest(&Exchange::LIMB);
        let righted = limbs.as_ref().map(|it| self.undone(it.exchange));
        let chest = righted.as_ref().unwrap_or(self).likeliest(&Exchange::CHEST);
        limbs.into_iter().chain(chest).collect()
    }

    fn undone(&self, exchange: Exchange) -> Self {
        Self(self.0.iter().map(|row| exchange.undone(*row)).collect())
    }

    fn likeliest(&self, kinds: &[Exchange]) -> Option<Suspicion> {
        let plain = self.log_likelihood();
        let log_odds = |it: &Exchange| {
            let gain = self.undone(*it).log_likelihood() - plain;
            (*it, gain + it.prior_odds().ln())
        };
        let best = kinds
            .iter()
            .map(log_odds)
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let probability = 1.0 / (1.0 + (-best.1).exp());
        (LEAST_PROBABILITY <= probability).then_some(Suspicion {
            exchange: best.0,
            probability,
        })
    }

    /// Chest leads that fit the other leads worse than in nearly all people.
    pub(super) fn outstanding(&self) -> Vec<LeadName> {
        let stands_out = |lead: &usize| STANDS_OUT < self.distance_given_others(*lead);
        (2..8)
            .filter(stands_out)
            .map(|lead| LeadName::EIGHT[lead].clone())
            .collect()
    }

    fn log_likelihood(&self) -> f64 {
        let whitened = self.whitened();
        let squares: f64 = whitened.iter().map(|it| it * it).sum();
        let n = whitened.len() as f64;
        -0.5 * (FREEDOM + n) * (squares / FREEDOM).ln_1p()
    }

    /// Uncorrelated values of unit variance.
    fn whitened(&self) -> Vec<f64> {
        let population = &*POPULATION;
        let values = self.0.iter().flatten();
        let away: Vec<f64> = values.zip(&population.mean).map(|(a, b)| a - b).collect();
        let dot = |row: &Vec<f64>| row.iter().zip(&away).map(|(a, b)| a * b).sum();
        population.whitening[..away.len()].iter().map(dot).collect()
    }

    /// Mahalanobis distance, squared, of one lead from what the others let expect: how much the
    /// whole distance shrinks when the lead may be anything.
    fn distance_given_others(&self, lead: usize) -> f64 {
        let whitened = self.whitened();
        let columns: Vec<Vec<f64>> = (0..self.0.len())
            .map(|part| column(8 * part + lead, whitened.len()))
            .collect();
        explained(&whitened, columns)
    }
}

/// One column of the whitening matrix, down to row `n`.
fn column(at: usize, n: usize) -> Vec<f64> {
    let row = |row: &Vec<f64>| row.get(at).copied().unwrap_or(0.0);
    POPULATION.whitening[..n].iter().map(row).collect()
}

/// Squared length of the part of `vector` that lies in the span of `columns` (Gram–Schmidt).
fn explained(vector: &[f64], columns: Vec<Vec<f64>>) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for mut column in columns {
        for unit in &basis {
            let along = dot(&column, unit);
            column
                .iter_mut()
                .zip(unit)
                .for_each(|(a, b)| *a -= along * b);
        }
        let length = dot(&column, &column).sqrt().max(1e-12);
        column.iter_mut().for_each(|it| *it /= length);
        basis.push(column);
    }
    basis.iter().map(|unit| dot(vector, unit).powi(2)).sum()
}

/// Thirds of QRS, T, P of one lead, mV above the level before QRS (P above its ends).
fn parts_of_lead(beat: &MedianBeat, waves: &Delineation, name: &LeadName) -> Option<[f64; 5]> {
    let rate = beat.leads.rate();
    let samples = &beat.leads.get(name)?.samples_mv;
    let level = beat.level_before(samples, waves.qrs.onset)?;
    let mean = |range: Range<usize>| {
        let part = samples.get(range).unwrap_or_default();
        let values: Vec<f64> = part.iter().map(|it| f64::from(*it) - level).collect();
        statistics::mean(&values)
    };
    let qrs = waves.qrs.range();
    let third = |k: usize| qrs.start + k * qrs.len() / 3;
    let peak = waves.t?.peak;
    let reach = rate.samples_in(0.03);
    let p = waves.p.map_or(0.0, |p| {
        mean(p.range()) - 0.5 * f64::from(samples[p.onset] + samples[p.end]) + level
    });
    Some([
        mean(third(0)..third(1)),
        mean(third(1)..third(2)),
        mean(third(2)..third(3)),
        mean(peak.saturating_sub(reach)..(peak + reach).min(samples.len())),
        p,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    /// The population's mean beat, with P or without.
    fn ordinary(parts: usize) -> BeatShape {
        let rows = POPULATION.mean.chunks_exact(8).take(parts);
        BeatShape(rows.map(|row| std::array::from_fn(|at| row[at])).collect())
    }

    fn exchanged(shape: &BeatShape, exchange: Exchange) -> BeatShape {
        // Turning three electrodes is undone by turning them the other way, the rest by itself.
        let inverse = match exchange {
            Exchange::LimbsForward => Exchange::LimbsBackward,
            Exchange::LimbsBackward => Exchange::LimbsForward,
            other => other,
        };
        BeatShape(shape.0.iter().map(|row| inverse.undone(*row)).collect())
    }

    #[test]
    fn the_population_is_whole() {
        assert_eq!(POPULATION.mean.len(), 40);
        let lengths: Vec<usize> = POPULATION.whitening.iter().map(Vec::len).collect();
        assert_eq!(lengths, (1..=40).collect::<Vec<_>>());
    }

    /// Without P, left arm and left leg exchanged look like another axis of the heart, and a ring of
    /// three like the exchange of two that is likelier.
    #[test]
    fn every_exchange_is_found_in_an_ordinary_beat_and_none_without() {
        for (parts, hidden) in [(5, None), (4, Some(Exchange::LeftArmLeftLeg))] {
            let plain = ordinary(parts);
            assert_eq!(plain.suspicions(), []);
            for exchange in Exchange::all() {
                let found = exchanged(&plain, exchange).suspicions();
                let is_ring = TWICE_WRONG_ODDS == exchange.prior_odds();
                let is_told = |it: &Suspicion| {
                    it.exchange == exchange
                        || hidden.is_some() && is_ring && it.exchange.is_of_limbs()
                };
                assert!(
                    Some(exchange) == hidden || found.iter().any(is_told),
                    "{exchange:?} with {parts} parts: {found:?}"
                );
            }
        }
    }

    #[test]
    fn an_exchange_undone_is_the_beat_as_it_was() {
        for exchange in Exchange::all() {
            let again = exchanged(&exchanged(&ordinary(5), exchange), exchange);
            let back = match exchange {
                Exchange::LimbsForward | Exchange::LimbsBackward => exchanged(&again, exchange),
                _ => again,
            };
            let pairs = back
                .0
                .iter()
                .flatten()
                .zip(ordinary(5).0.into_iter().flatten());
            assert!(
                pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-9),
                "{exchange:?}"
            );
        }
    }

    #[test]
    fn an_exam_with_an_exchange_undone_has_its_electrodes_back() {
        let lead = |(place, name): (usize, LeadName)| {
            let sample = |n: usize| ((1 + place) * (1 + n % 7)) as f32 / 10.0;
            Lead::measured(name, (0..20).map(sample).collect::<Vec<_>>())
        };
        let eight = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
        let rate = SampleRate::from_hz(500.0).unwrap();
        let right = LeadSet::new(rate, eight).unwrap().with_derived_limb_leads();
        for exchange in Exchange::all() {
            let wrong = exchange.undo(&right).unwrap();
            let mut back = exchange.undo(&wrong).unwrap();
            if matches!(exchange, Exchange::LimbsForward | Exchange::LimbsBackward) {
                back = exchange.undo(&back).unwrap();
            }
            assert_ne!(wrong, right, "{exchange}");
            for lead in right.leads() {
                let again = back.get(&lead.name).unwrap();
                let pairs = again.samples_mv.iter().zip(lead.samples_mv.iter());
                assert!(
                    pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-5),
                    "{exchange}"
                );
                assert_eq!(again.origin, lead.origin, "{exchange}");
            }
        }
        let limbs_only = right.slice(0..5).unwrap();
        let limbs_only = limbs_only.leads()[..2].to_vec();
        let limbs_only = LeadSet::new(rate, limbs_only).unwrap();
        assert!(Exchange::Neighbours(1).undo(&limbs_only).is_none());
        assert!(Exchange::RightArmLeftArm.undo(&limbs_only).is_some());
    }

    #[test]
    fn one_lead_that_does_not_fit_stands_out() {
        let mut shape = ordinary(5);
        assert_eq!(shape.outstanding(), []);
        for part in &mut shape.0 {
            part[5] = -part[5] - 1.5;
        }
        assert!(
            shape.outstanding().contains(&LeadName::V4),
            "{:?}",
            shape.outstanding()
        );
    }
}
