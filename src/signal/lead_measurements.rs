//! What is measured in one lead of the median beat: amplitudes and lengths of its waves, and ST.

use serde::Serialize;

use super::{
    delineation::{Delineation, LeadWaves},
    median::MedianBeat,
};
use crate::ecg::{Lead, LeadName, SampleRate};

/// Which way T points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TPolarity {
    /// Upwards.
    Positive,
    /// Downwards.
    Negative,
    /// Both ways.
    Biphasic,
    /// Neither.
    Flat,
}

/// One row of the table: amplitudes above the level before QRS, lengths from onset to end. A wave
/// that is not there is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadMeasurements {
    /// Which lead.
    pub lead: LeadName,
    /// Whether the lead was estimated rather than recorded.
    pub synthesised: bool,
    /// Root mean square error expected of a synthesised lead.
    pub error_uv: Option<f64>,
    /// P above the line between its ends.
    pub p_uv: Option<f64>,
    /// Length of P in this lead.
    pub p_ms: Option<f64>,
    /// First deflection of QRS where it points downwards.
    pub q_uv: Option<f64>,
    /// Its length.
    pub q_ms: Option<f64>,
    /// First upward deflection.
    pub r_uv: Option<f64>,
    /// Its length.
    pub r_ms: Option<f64>,
    /// Downward deflection after R.
    pub s_uv: Option<f64>,
    /// Its length.
    pub s_ms: Option<f64>,
    /// Upward deflection after S.
    pub r_prime_uv: Option<f64>,
    /// Its length.
    pub r_prime_ms: Option<f64>,
    /// Downward deflection after R′.
    pub s_prime_uv: Option<f64>,
    /// Its length.
    pub s_prime_ms: Option<f64>,
    /// ST at the J point.
    pub st_j_uv: Option<f64>,
    /// ST 60 ms later.
    pub st_j60_uv: Option<f64>,
    /// ST 80 ms after the J point.
    pub st_j80_uv: Option<f64>,
    /// T where it is furthest from the level before QRS.
    pub t_uv: Option<f64>,
    /// Which way T points.
    pub t_polarity: Option<TPolarity>,
}

/// Deflections smaller or shorter than this are no waves of QRS.
const LEAST_WAVE_UV: f64 = 25.0;
const LEAST_WAVE_S: f64 = 0.006;
/// Below this T is flat; from this share on its smaller part makes it biphasic.
const LEAST_T_UV: f64 = 50.0;
const BIPHASIC_SHARE: f64 = 0.3;

impl LeadMeasurements {
    /// One row for each lead of the beat.
    pub(super) fn of_all(beat: &MedianBeat, waves: &Delineation) -> Vec<Self> {
        let rows = beat.leads.leads().iter().zip(&waves.leads);
        rows.filter_map(|(lead, own)| Self::of(beat, waves, lead, own))
            .collect()
    }

    /// The row of a lead that took no part in the beat, a synthesised one above all, of a recording
    /// at `rate`.
    pub fn beside(
        beat: &MedianBeat,
        waves: &Delineation,
        lead: &Lead,
        rate: SampleRate,
    ) -> Option<Self> {
        let lead = beat.of_other(lead, rate)?;
        let own = waves.of_lead(&lead, beat.leads.rate());
        Self::of(beat, waves, &lead, &own)
    }

    fn of(beat: &MedianBeat, waves: &Delineation, lead: &Lead, own: &LeadWaves) -> Option<Self> {
        let rate = beat.leads.rate();
        let level = beat.level_before(&lead.samples_mv, waves.qrs.onset)?;
        let above = |mv: &f32| 1000.0 * (f64::from(*mv) - level);
        let uv: Vec<f64> = lead.samples_mv.iter().map(above).collect();
        let [q, r, s, r_prime, s_prime] = qrs_waves(uv.get(waves.qrs.range())?, rate);
        let st = |after_s: f64| uv.get(waves.qrs.end + rate.samples_in(after_s)).copied();
        let t = waves.t.and_then(|t| uv.get(t.range()));
        Some(Self {
            lead: lead.name.clone(),
            synthesised: lead.origin.is_synthesised(),
            error_uv: None,
            p_uv: waves
                .p
                .and_then(|p| Some(furthest_from_chord(uv.get(p.onset..=p.end)?))),
            p_ms: own.p.map(|p| p.length_ms(rate)),
            q_uv: q.map(|it| it.uv),
            q_ms: q.map(|it| it.ms),
            r_uv: r.map(|it| it.uv),
            r_ms: r.map(|it| it.ms),
            s_uv: s.map(|it| it.uv),
            s_ms: s.map(|it| it.ms),
            r_prime_uv: r_prime.map(|it| it.uv),
            r_prime_ms: r_prime.map(|it| it.ms),
            s_prime_uv: s_prime.map(|it| it.uv),
            s_prime_ms: s_prime.map(|it| it.ms),
            st_j_uv: st(0.0),
            st_j60_uv: st(0.06),
            st_j80_uv: st(0.08),
            t_uv: t.map(furthest),
            t_polarity: t.map(polarity),
        })
    }

    /// The larger of R and R′, 0 without either.
    pub fn largest_r_uv(&self) -> f64 {
        let waves = [self.r_uv, self.r_prime_uv];
        waves.into_iter().flatten().fold(0.0, f64::max)
    }

    /// The largest of S, S′ and a Q that is deeper than R is high (QS, or Qr), upwards, 0 without either.
    pub fn largest_s_uv(&self) -> f64 {
        let r_uv = self.largest_r_uv();
        let whole = self.q_uv.filter(|q_uv| r_uv < q_uv.abs());
        let waves = [self.s_uv, self.s_prime_uv, whole].into_iter().flatten();
        waves.map(f64::abs).fold(0.0, f64::max)
    }
}

/// A deflection of QRS.
#[derive(Clone, Copy)]
struct Deflection {
    uv: f64,
    ms: f64,
}

/// Q, R, S, R′ and S′ of the samples of QRS, µV above the level before it.
fn qrs_waves(uv: &[f64], rate: SampleRate) -> [Option<Deflection>; 5] {
    let mut found = [None; 5];
    let mut next = 0;
    for run in uv.chunk_by(|a, b| a.is_sign_negative() == b.is_sign_negative()) {
        let peak = furthest(run);
        if peak.abs() < LEAST_WAVE_UV || run.len() < rate.samples_in(LEAST_WAVE_S) {
            continue;
        }
        // Q, S and S′ point downwards, R and R′ upwards.
        let slot = next + usize::from((next % 2 == 0) != peak.is_sign_negative());
        let Some(place) = found.get_mut(slot) else {
            break;
        };
        *place = Some(Deflection {
            uv: peak,
            ms: 1000.0 * rate.seconds_at(run.len()),
        });
        next = slot + 1;
    }
    found
}

fn furthest(values: &[f64]) -> f64 {
    let largest = values.iter().copied();
    largest
        .max_by(|a, b| a.abs().total_cmp(&b.abs()))
        .unwrap_or(0.0)
}

fn furthest_from_chord(values: &[f64]) -> f64 {
    let (Some(start), Some(stop)) = (values.first(), values.last()) else {
        return 0.0;
    };
    let steps = (values.len() - 1).max(1) as f64;
    let away = |(at, value): (usize, &f64)| value - start - (stop - start) * at as f64 / steps;
    furthest(&values.iter().enumerate().map(away).collect::<Vec<_>>())
}

fn polarity(t: &[f64]) -> TPolarity {
    let high = t.iter().copied().fold(0.0, f64::max);
    let low = -t.iter().copied().fold(0.0, f64::min);
    let (small, large) = (high.min(low), high.max(low));
    if large < LEAST_T_UV {
        TPolarity::Flat
    } else if LEAST_T_UV <= small && BIPHASIC_SHARE * large <= small {
        TPolarity::Biphasic
    } else if low < high {
        TPolarity::Positive
    } else {
        TPolarity::Negative
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl LeadMeasurements {
        fn empty(lead: LeadName) -> Self {
            Self {
                lead,
                synthesised: false,
                error_uv: None,
                p_uv: None,
                p_ms: None,
                q_uv: None,
                q_ms: None,
                r_uv: None,
                r_ms: None,
                s_uv: None,
                s_ms: None,
                r_prime_uv: None,
                r_prime_ms: None,
                s_prime_uv: None,
                s_prime_ms: None,
                st_j_uv: None,
                st_j60_uv: None,
                st_j80_uv: None,
                t_uv: None,
                t_polarity: None,
            }
        }
    }

    /// Deflections of 20 ms each, µV.
    fn check(peaks: &[f64], expected: [Option<f64>; 5]) {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let arch = |at: usize| (std::f64::consts::PI * (at as f64 + 0.5) / 10.0).sin();
        let uv: Vec<f64> = peaks
            .iter()
            .flat_map(|peak| (0..10).map(move |at| peak * arch(at)))
            .collect();
        let found = qrs_waves(&uv, rate).map(|wave| wave.map(|it| it.uv.round()));
        let expected = expected.map(|it| it.map(|peak: f64| (peak * arch(5)).round()));
        assert_eq!(found, expected, "{peaks:?}");
    }

    #[test]
    fn deflections_get_their_letters() {
        check(&[1000.0], [None, Some(1000.0), None, None, None]);
        check(&[-900.0], [Some(-900.0), None, None, None, None]);
        check(
            &[-100.0, 800.0, -300.0],
            [Some(-100.0), Some(800.0), Some(-300.0), None, None],
        );
        check(
            &[200.0, -700.0, 400.0],
            [None, Some(200.0), Some(-700.0), Some(400.0), None],
        );
        check(
            &[200.0, -300.0, 400.0, -600.0, 80.0],
            [None, Some(200.0), Some(-300.0), Some(400.0), Some(-600.0)],
        );
        check(&[-10.0, 800.0], [None, Some(800.0), None, None, None]);
    }

    #[test]
    fn a_q_that_is_most_of_qrs_stands_for_s() {
        let largest = |q_uv, r_uv, s_uv| {
            let row = LeadMeasurements {
                q_uv,
                r_uv,
                s_uv,
                ..LeadMeasurements::empty(LeadName::V3)
            };
            row.largest_s_uv()
        };
        assert_eq!(largest(Some(-1500.0), Some(130.0), None), 1500.0, "Qr");
        assert_eq!(largest(Some(-1500.0), None, None), 1500.0, "QS");
        assert_eq!(
            largest(Some(-90.0), Some(900.0), Some(-300.0)),
            300.0,
            "qRs"
        );
        assert_eq!(largest(Some(-90.0), Some(900.0), None), 0.0, "qR");
        let second = LeadMeasurements {
            s_uv: Some(-300.0),
            s_prime_uv: Some(-600.0),
            ..LeadMeasurements::empty(LeadName::V1)
        };
        assert_eq!(second.largest_s_uv(), 600.0, "rSr′S′");
    }

    #[test]
    fn t_points_up_down_both_ways_or_neither() {
        for (t, expected) in [
            ([0.0, 300.0, 0.0], TPolarity::Positive),
            ([0.0, -300.0, 20.0], TPolarity::Negative),
            ([150.0, -200.0, 0.0], TPolarity::Biphasic),
            ([0.0, 30.0, -20.0], TPolarity::Flat),
        ] {
            assert_eq!(polarity(&t), expected, "{t:?}");
        }
    }

    #[test]
    fn p_stands_above_the_line_between_its_ends() {
        assert_eq!(furthest_from_chord(&[10.0, 125.0, 40.0]), 100.0);
    }
}
