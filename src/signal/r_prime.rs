//! What follows r′ in V1 and V2: a coved ST segment, or a triangle: how blunt it is (the β angle) and
//! how wide at its base.
//!
//! A coved ST segment (the form of Brugada type 1) falls slowly and without a second rise into a negative
//! T (Bayés de Luna et al., J Electrocardiol 2012;45:433): it has no downslope of an r′, and an angle or
//! a base measured in it would mean nothing.
//!
//! β is the angle at r′ between the upslope of S and the downslope of r′ (Chevallier et al., J Am
//! Coll Cardiol 2011;58:2290); the base is measured 5 mm below r′ (Serra et al., Europace
//! 2014;16:1639). Both are lengths on paper, at 25 mm/s and 10 mm/mV, whatever the paper at hand.
//! For teaching: neither decides anything by itself.

use std::ops::Range;

use super::{delineation::Delineation, median::MedianBeat};
use crate::ecg::{Lead, SampleRate};

/// Millimetres of paper for a second and a millivolt.
const MM_S: f64 = 25.0;
const MM_MV: f64 = 10.0;
/// How far below r′ the base is measured, mV: 5 mm.
const BASE_MV: f64 = 0.5;
/// r′ lies no later than this after the J point, seconds.
const LATEST_S: f64 = 0.04;
/// The downslope is that of so much after r′, seconds.
const DOWNSLOPE_S: f64 = 0.04;
/// A lower rise from S or above the level at which QRS begins, or a shallower fall after r′, is no
/// r′, mV.
const LEAST_RISE_MV: f64 = 0.1;
const LEAST_FALL_MV: f64 = 0.02;

/// A coved ST segment is highest within this time after the J point, seconds, and a third as high at least
/// once as much time has passed again: an r′ of a right bundle branch block has fallen by then.
const HELD_S: f64 = 0.06;
const LEAST_HELD: f64 = 1.0 / 3.0;
/// A bend on its way down that rises by this share of its height does not make two of it.
const BEND: f64 = 0.05;
/// A T that is less deep is not negative, mV.
const LEAST_T_MV: f64 = 0.05;

/// What follows r′.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RPrime {
    /// ST falls from on high into a negative T: neither angle nor base.
    Coved,
    /// An r′ that falls again.
    Triangle(RPrimeTriangle),
}

impl RPrime {
    /// In one lead of a median beat; `None` where nothing rises from S to an r′ and falls again.
    pub fn of(beat: &MedianBeat, waves: &Delineation, lead: &Lead) -> Option<Self> {
        let (rate, mv) = (beat.leads.rate(), &lead.samples_mv);
        let level = beat.level_before(mv, waves.qrs.onset)?;
        let j = waves.qrs.end;
        if waves.t.is_some_and(|t| is_coved(mv, level, j..t.end, rate)) {
            return Some(Self::Coved);
        }
        let end = waves.qrs.end + rate.samples_in(LATEST_S);
        RPrimeTriangle::between(mv, waves.qrs.onset..end, rate).map(Self::Triangle)
    }
}

/// Whether ST and T, `st_t` from the J point on, fall slowly and without rising again from their highest
/// to a negative T; `level` is that before QRS, mV.
fn is_coved(mv: &[f32], level: f64, st_t: Range<usize>, rate: SampleRate) -> bool {
    let held = rate.samples_in(HELD_S);
    let Some(mv) = mv.get(st_t).filter(|mv| 3 * held < mv.len()) else {
        return false;
    };
    let mv: Vec<f64> = mv.iter().map(|mv| f64::from(*mv) - level).collect();
    let by_height = |a: &usize, b: &usize| mv[*a].total_cmp(&mv[*b]);
    let peak = (0..=held).max_by(by_height).unwrap_or(0);
    let nadir = (peak..mv.len()).min_by(by_height).unwrap_or(peak);
    let bend = LEAST_FALL_MV + BEND * mv[peak];
    let mut lowest = mv[peak];
    let falls = mv[peak..=nadir].iter().all(|mv| {
        lowest = lowest.min(*mv);
        *mv <= lowest + bend
    });
    let is_held = LEAST_HELD * mv[peak] <= mv[peak + held];
    LEAST_RISE_MV <= mv[peak] && is_held && mv[nadir] <= -LEAST_T_MV && falls
}

/// The triangle under r′.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct RPrimeTriangle {
    /// Upslope of S, mV per second.
    rise_mv_s: f64,
    /// Downslope of r′, mV per second, positive downwards.
    fall_mv_s: f64,
}

impl RPrimeTriangle {
    /// Of samples whose QRS begins and whose r′ lies within `qrs`.
    fn between(mv: &[f32], qrs: Range<usize>, rate: SampleRate) -> Option<Self> {
        let fall = rate.samples_in(DOWNSLOPE_S);
        let mv: Vec<f64> = mv
            .get(..qrs.end + fall + 1)?
            .iter()
            .map(|mv| f64::from(*mv))
            .collect();
        let by_height = |a: &usize, b: &usize| mv[*a].total_cmp(&mv[*b]);
        let s = qrs.clone().min_by(by_height)?;
        let r_prime = (s..qrs.end).max_by(by_height)?;
        let height = mv[r_prime] - mv[s];
        let is_peak = LEAST_FALL_MV <= mv[r_prime] - mv[r_prime + fall];
        let above_level = mv[r_prime] - mv[qrs.start];
        let least = height.min(above_level);
        if !is_peak || least < LEAST_RISE_MV || !height.is_finite() {
            return None;
        }
        let crossed = |share: f64| (s..=r_prime).find(|at| mv[s] + share * height <= mv[*at]);
        let (low, high) = (crossed(0.2)?, crossed(0.8)?);
        let seconds = rate.seconds_at((high - low).max(1));
        Some(Self {
            rise_mv_s: (mv[high] - mv[low]).max(0.6 * height) / seconds,
            fall_mv_s: -slope(&mv[r_prime..=r_prime + fall]) * rate.hz(),
        })
    }

    /// The angle at r′, degrees.
    pub fn beta_deg(&self) -> f64 {
        let from_vertical = |mv_s: f64| MM_S.atan2(MM_MV * mv_s).to_degrees();
        from_vertical(self.rise_mv_s) + from_vertical(self.fall_mv_s)
    }

    /// Width of the triangle 5 mm below r′, ms.
    pub fn base_ms(&self) -> f64 {
        1000.0 * BASE_MV * (1.0 / self.rise_mv_s + 1.0 / self.fall_mv_s)
    }

    /// The same on paper, mm.
    pub fn base_mm(&self) -> f64 {
        MM_S * 1e-3 * self.base_ms()
    }

    /// The angles that an error of `error_uv` over the downslope leaves open, degrees.
    pub fn beta_range_deg(&self, error_uv: f64) -> [f64; 2] {
        let change = 1e-3 * error_uv / DOWNSLOPE_S;
        [change, -change].map(|change| {
            let fall_mv_s = self.fall_mv_s + change;
            Self { fall_mv_s, ..*self }.beta_deg()
        })
    }
}

/// Slope of the regression line, per sample.
fn slope(values: &[f64]) -> f64 {
    let middle = 0.5 * (values.len() - 1) as f64;
    let moments = values.iter().enumerate().map(|(at, value)| {
        let x = at as f64 - middle;
        (x * value, x * x)
    });
    let (xy, xx) = moments.fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    xy / xx
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_to_the_level_is_no_r_prime() {
        let sample = |ms: usize| match ms {
            0..=10 => -0.05 * ms as f32,
            11..=30 => -0.5 + 0.0275 * (ms - 10) as f32,
            _ => 0.05 - 0.001 * (ms - 30) as f32,
        };
        let mv: Vec<f32> = (0..200).map(sample).collect();
        let rate = SampleRate::from_hz(1000.0).unwrap();
        assert!(RPrimeTriangle::between(&mv, 0..60, rate).is_none());
    }

    /// S at −0.5 mV, r′ at +0.5 mV 20 ms later, then a fall of `fall_mv_s`, 1 ms apart.
    fn triangle(fall_mv_s: f64) -> Option<RPrimeTriangle> {
        let sample = |ms: usize| match ms {
            0..=10 => -0.05 * ms as f64,
            11..=30 => -0.5 + 0.05 * (ms - 10) as f64,
            _ => 0.5 - fall_mv_s * (ms - 30) as f64 / 1000.0,
        };
        let mv: Vec<f32> = (0..200).map(|ms| sample(ms) as f32).collect();
        RPrimeTriangle::between(&mv, 0..60, SampleRate::from_hz(1000.0).unwrap())
    }

    /// On paper S rises 10 mm in 0.5 mm; a fall of 5 mV/s is 50 mm in 25 mm.
    #[test]
    fn angle_and_base_are_those_of_the_paper() {
        let found = triangle(5.0).unwrap();
        let expected = (0.5f64 / 10.0).atan().to_degrees() + 0.5f64.atan().to_degrees();
        assert!((found.beta_deg() - expected).abs() < 1.0, "{found:?}");
        assert!(
            (found.base_ms() - (10.0 + 100.0)).abs() < 3.0,
            "{}",
            found.base_ms()
        );
        assert!((found.base_mm() - found.base_ms() / 40.0).abs() < 1e-9);
        let blunt = triangle(1.0).unwrap();
        assert!(found.beta_deg() < blunt.beta_deg() && found.base_ms() < blunt.base_ms());
    }

    #[test]
    fn what_does_not_fall_again_is_no_r_prime() {
        assert_eq!(triangle(0.0), None);
        assert_eq!(triangle(-2.0), None);
    }

    /// ST and T from J on, 500 Hz, straight lines between (ms, mV).
    fn st_and_t(points: &[(f64, f64)]) -> Vec<f32> {
        let value = |ms: f64| {
            let after = points.iter().position(|point| ms < point.0);
            let after = after.unwrap_or(points.len() - 1).max(1);
            let [(from, low), (to, high)] = [points[after - 1], points[after]];
            low + (high - low) * (ms - from) / (to - from)
        };
        (0..200).map(|k| value(2.0 * f64::from(k)) as f32).collect()
    }

    #[test]
    fn coved_is_told_from_saddle_back_and_from_a_bundle_branch_block() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let check = |name: &str, points: &[(f64, f64)], expected: bool| {
            let mv = st_and_t(points);
            let found = is_coved(&mv, 0.0, 0..190, rate);
            assert_eq!(found, expected, "{name}");
        };
        let coved = [
            (0.0, 0.35),
            (60.0, 0.22),
            (140.0, 0.05),
            (230.0, -0.2),
            (380.0, 0.0),
        ];
        check("coved", &coved, true);
        let dome = [
            (0.0, 0.05),
            (50.0, 0.2),
            (110.0, 0.15),
            (230.0, -0.2),
            (380.0, 0.0),
        ];
        check("a dome, highest after J", &dome, true);
        let low: Vec<_> = coved.iter().map(|(ms, mv)| (*ms, 0.25 * mv)).collect();
        check("under 1 mm", &low, false);
        let saddle = [
            (0.0, 0.3),
            (60.0, 0.15),
            (120.0, 0.12),
            (220.0, 0.3),
            (380.0, 0.0),
        ];
        check("saddle-back", &saddle, false);
        let block = [
            (0.0, 0.4),
            (40.0, 0.0),
            (120.0, -0.05),
            (230.0, -0.2),
            (380.0, 0.0),
        ];
        check("right bundle branch block", &block, false);
    }

    #[test]
    fn an_error_opens_the_angle_both_ways() {
        let found = triangle(3.0).unwrap();
        let [sharpest, bluntest] = found.beta_range_deg(60.0);
        assert!(sharpest < found.beta_deg() && found.beta_deg() < bluntest);
        assert!(bluntest < 180.0);
    }
}
