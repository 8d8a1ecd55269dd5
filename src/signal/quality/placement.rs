//! Signs in the median beat that electrodes sit elsewhere, where no likelihood tells: in recordings
//! of a few leads, and where an electrode hangs on the wrong leg.

use super::{
    super::{Intervals, MedianBeat, exchange::BeatShape, sign::Sign},
    lead::qrs_height,
};
use crate::ecg::{LeadName, Origin};

/// Signs in the median beat.
pub(super) struct Placement<'a> {
    pub(super) median: &'a MedianBeat,
    pub(super) intervals: &'a Intervals,
    pub(super) shape: Option<BeatShape>,
}

impl Placement<'_> {
    /// Mean over QRS above the level before it, mV·s as a sign of direction.
    fn qrs_area(&self, name: &LeadName) -> Option<f64> {
        self.mean_above_level(name, self.intervals.qrs_onset?, self.intervals.j_point?)
    }

    fn p_area(&self, name: &LeadName) -> Option<f64> {
        self.mean_above_level(name, self.intervals.p_onset?, self.intervals.p_end?)
    }

    fn mean_above_level(&self, name: &LeadName, from: usize, to: usize) -> Option<f64> {
        let lead = self
            .median
            .leads
            .get(name)
            .filter(|it| it.origin == Origin::Measured || name.is_limb())?;
        let onset = self.intervals.qrs_onset?;
        let level = &lead.samples_mv
            [onset.saturating_sub(self.median.leads.rate().samples_in(0.016))..=onset];
        let level = level.iter().sum::<f32>() / level.len() as f32;
        let part = lead.samples_mv.get(from..to).filter(|it| !it.is_empty())?;
        let mean = f64::from(part.iter().map(|it| it - level).sum::<f32>() / part.len() as f32);
        mean.is_finite().then_some(mean)
    }

    /// Electrodes that seem exchanged.
    pub(super) fn exchanges(&self) -> Vec<Sign> {
        let between_legs: Vec<Sign> = [LeadName::I, LeadName::II, LeadName::III]
            .into_iter()
            .filter(|lead| self.is_almost_flat(lead))
            .map(|lead| Sign::FlatLimbLead { lead })
            .collect();
        let Some(shape) = &self.shape else {
            return self
                .inverted_limbs()
                .into_iter()
                .chain(between_legs)
                .collect();
        };
        let suspicions = shape.suspicions().into_iter();
        let all_limbs = between_legs.is_empty();
        let likely = suspicions.filter(|it| all_limbs || !it.exchange.is_of_limbs());
        let told = likely.map(|it| Sign::Exchanged {
            exchange: it.exchange,
            probability: it.probability,
        });
        let mirrored = self.inverted_limbs().into_iter().filter(|sign| {
            let may_be_dextrocardia = true;
            *sign
                == Sign::ArmReversal {
                    may_be_dextrocardia,
                }
        });
        told.chain(mirrored).chain(between_legs).collect()
    }

    /// The usual signs of exchanged limb electrodes, from the limb leads alone.
    fn inverted_limbs(&self) -> Option<Sign> {
        let [i, ii] = [LeadName::I, LeadName::II].map(|it| (self.p_area(&it), self.qrs_area(&it)));
        let avr = (self.p_area(&LeadName::AVR), self.qrs_area(&LeadName::AVR));
        let inverted = |it: (Option<f64>, Option<f64>), p: f64, qrs: f64| {
            it.0.is_some_and(|it| it < -p) && it.1.is_some_and(|it| it < -qrs)
        };
        let upright = |it: (Option<f64>, Option<f64>)| it.0.is_some_and(|it| 0.005 < it);
        if inverted(i, 0.008, 0.02) && upright(avr) {
            let v6 = self.qrs_area(&LeadName::V6);
            let may_be_dextrocardia = v6.is_some_and(|area| area < -0.02);
            return Some(Sign::ArmReversal {
                may_be_dextrocardia,
            });
        }
        (inverted(ii, 0.008, 0.02) && upright(avr)).then_some(Sign::RightArmLeftLeg)
    }

    /// A limb lead between both legs shows nearly nothing.
    fn is_almost_flat(&self, name: &LeadName) -> bool {
        let height = |it: &LeadName| qrs_height(self.median, it).unwrap_or(0.0);
        let largest = LeadName::TWELVE
            .iter()
            .filter(|it| it.is_limb())
            .map(height)
            .fold(0.0, f64::max);
        self.median.leads.get(name).is_some() && 0.4 < largest && height(name) < 0.06
    }

    /// P negative in V2, or wholly negative in V1 with a second r after the S. A negative P in V1
    /// alone is too common to tell: one in five of PTB-XL's recordings has it.
    pub(super) fn high_chest(&self) -> Option<Sign> {
        let [v1, v2] = [LeadName::V1, LeadName::V2].map(|it| self.p_range(&it));
        let negative = |it: Option<(f64, f64)>, depth: f64, most: f64| {
            it.is_some_and(|(low, high)| low < -depth && high < most)
        };
        if negative(v2, 0.05, 0.02) {
            let in_v1_too = negative(v1, 0.05, 0.02);
            return Some(Sign::NegativePInV2 { in_v1_too });
        }
        let is_v1_high = negative(v1, 0.06, 0.01) && self.has_second_r(&LeadName::V1);
        is_v1_high.then_some(Sign::SecondRInV1)
    }

    /// Whether QRS ends with a positive wave after its deepest point.
    fn has_second_r(&self, name: &LeadName) -> bool {
        let found = || {
            let (onset, end) = (self.intervals.qrs_onset?, self.intervals.j_point?);
            let qrs = self.median.leads.get(name)?.samples_mv.get(onset..=end)?;
            let deepest = (0..qrs.len()).min_by(|a, b| qrs[*a].total_cmp(&qrs[*b]))?;
            let second = qrs[deepest..].iter().copied().fold(f32::MIN, f32::max);
            Some(qrs[0] + 0.05 < second && qrs[qrs.len() - 1] + 0.05 < second)
        };
        found().unwrap_or(false)
    }

    /// Least and greatest value of P above the level at its ends, mV.
    fn p_range(&self, name: &LeadName) -> Option<(f64, f64)> {
        let (from, to) = (self.intervals.p_onset?, self.intervals.p_end?);
        let samples = &self
            .median
            .leads
            .get(name)
            .filter(|it| it.origin == Origin::Measured)?
            .samples_mv;
        let part = samples.get(from..=to)?;
        let (start, end) = (f64::from(*part.first()?), f64::from(*part.last()?));
        let above = |(k, value): (usize, &f32)| {
            f64::from(*value) - start - (end - start) * k as f64 / (part.len() - 1).max(1) as f64
        };
        let range = part
            .iter()
            .enumerate()
            .map(above)
            .fold((f64::MAX, f64::MIN), |s, it| (s.0.min(it), s.1.max(it)));
        range.0.is_finite().then_some(range)
    }
}
