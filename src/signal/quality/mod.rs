//! What in the signals should make a reader careful: noise, loose leads, electrodes in the wrong
//! place, unusual beats. Signs, not diagnoses: each is what was seen.

mod change;
mod lead;
mod placement;
mod powerline;
mod saturation;

use serde::Serialize;

pub use self::lead::LeadQuality;
use self::{change::rhythm_change, lead::LeadCheck, placement::Placement, powerline::Powerline};
use super::{
    Analysis, AtrialActivity, Rhythm, analyse,
    exchange::BeatShape,
    leads::ecg_leads,
    sign::{LeadTrouble, Sign},
};
use crate::ecg::{LeadName, LeadSet, Origin};

/// What was seen in a recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Quality {
    /// Lead by lead.
    pub leads: Vec<LeadQuality>,
    /// Beats found.
    pub beats: usize,
    /// Root mean square of III − (II − I) over that of III, where III was recorded itself.
    pub einthoven_residual: Option<f64>,
    /// Signs that electrodes are exchanged.
    pub exchanges: Vec<Sign>,
    /// Chest leads that fit the others worse than in nearly all people.
    pub outstanding: Vec<LeadName>,
    /// Signs that V1 or V2 sit too high.
    pub high_chest: Option<Sign>,
    /// What the rhythm looks like.
    pub rhythm: Option<Rhythm>,
    /// QRS of 120 ms or more: its length, ms.
    pub wide_qrs_ms: Option<f64>,
    /// QRS below 0.5 mV in all limb leads, or below 1 mV in all chest leads.
    pub low_amplitude: bool,
    /// How the second half's rhythm differs from the first's.
    pub rhythm_differs: Option<Sign>,
    /// Beats of another shape than the dominant one.
    pub other_beats: usize,
}

/// Looks the recorded leads over. Synthesised ones are left out.
pub fn quality(leads: &LeadSet) -> Quality {
    quality_of(leads, &analyse(leads))
}

/// The same, where `found` was found in `leads`.
pub fn quality_of(leads: &LeadSet, found: &Analysis) -> Quality {
    let check = LeadCheck {
        rate: leads.rate(),
        beats: &found.beats,
        median: found.median.as_ref(),
        powerline: Powerline::new(leads.rate(), leads.n_samples()),
    };
    let recorded = ecg_leads(leads)
        .into_iter()
        .filter(|lead| !lead.origin.is_synthesised());
    let each: Vec<LeadQuality> = recorded.map(|lead| check.look(lead)).collect();
    let placement = found.median.as_ref().map(|median| Placement {
        median,
        intervals: &found.intervals,
        shape: found
            .waves
            .as_ref()
            .and_then(|waves| BeatShape::of(median, waves)),
    });
    let shape = placement.as_ref().and_then(|it| it.shape.as_ref());
    Quality {
        beats: found.beats.peaks().len(),
        einthoven_residual: einthoven_residual(leads),
        outstanding: shape.map(BeatShape::outstanding).unwrap_or_default(),
        exchanges: placement
            .as_ref()
            .map(Placement::exchanges)
            .unwrap_or_default(),
        high_chest: placement.as_ref().and_then(Placement::high_chest),
        rhythm: found.rhythm,
        wide_qrs_ms: found.intervals.qrs_ms.filter(|ms| 120.0 <= *ms),
        low_amplitude: is_low(&each),
        rhythm_differs: rhythm_change(leads, &found.beats),
        other_beats: found.median.as_ref().map_or(0, |median| median.rejected),
        leads: each,
    }
}

impl Quality {
    /// What should make a reader careful, most important first. Empty when nothing was seen.
    pub fn signs(&self) -> Vec<Sign> {
        let no_beats = (self.beats == 0).then_some(Sign::NoBeats);
        let misfit = self.einthoven_residual.filter(|share| 0.05 < *share);
        let other_beats = Some(self.other_beats).filter(|beats| 2 <= *beats);
        let about = |what: LeadTrouble| {
            let leads = self.leads.iter().filter(|lead| lead.has(what));
            let leads: Vec<LeadName> = leads.map(|lead| lead.name.clone()).collect();
            (!leads.is_empty()).then_some(Sign::Leads { what, leads })
        };
        no_beats
            .into_iter()
            .chain(self.exchanges.iter().cloned())
            .chain(self.high_chest.iter().cloned())
            .chain(misfit.map(|share| Sign::LimbLeadsDisagree { share }))
            .chain(
                self.rhythm
                    .into_iter()
                    .flat_map(|rhythm| self.rhythm_signs(rhythm)),
            )
            .chain(self.wide_qrs_ms.map(|ms| Sign::WideQrs { ms }))
            .chain(self.low_amplitude.then_some(Sign::LowAmplitude))
            .chain(self.rhythm_differs.clone())
            .chain(other_beats.map(|beats| Sign::OtherBeats { beats }))
            .chain(LeadTrouble::ALL.into_iter().filter_map(about))
            .collect()
    }

    fn rhythm_signs(&self, rhythm: Rhythm) -> Vec<Sign> {
        let of = self.beats;
        let irregular = rhythm.irregular;
        let paced = (0 < rhythm.paced_beats).then_some(Sign::Paced {
            beats: rhythm.paced_beats,
            of,
        });
        let atria = match rhythm.atria {
            AtrialActivity::PBeforeEachQrs => None,
            AtrialActivity::FlutterLike => Some(Sign::FlutterLike),
            AtrialActivity::NoPWave => Some(Sign::NoP { irregular }),
        };
        paced.into_iter().chain(atria).collect()
    }
}

/// Where III was recorded itself: how far it is from II − I, each about its own mean.
fn einthoven_residual(leads: &LeadSet) -> Option<f64> {
    let [i, ii, iii] = [LeadName::I, LeadName::II, LeadName::III]
        .map(|it| leads.get(&it).filter(|it| it.origin == Origin::Measured));
    let (i, ii, iii) = (i?, ii?, iii?);
    let both = i
        .samples_mv
        .iter()
        .zip(ii.samples_mv.iter())
        .zip(iii.samples_mv.iter());
    let pairs: Vec<(f64, f64)> = both
        .map(|((i, ii), iii)| (f64::from(*iii), f64::from(*ii) - f64::from(*i)))
        .filter(|it| (it.0 + it.1).is_finite())
        .collect();
    let n = pairs.len() as f64;
    let mean = pairs
        .iter()
        .fold((0.0, 0.0), |s, it| (s.0 + it.0 / n, s.1 + it.1 / n));
    let (off, size) = pairs.iter().fold((0.0, 0.0), |s, it| {
        let (a, b) = (it.0 - mean.0, it.1 - mean.1);
        (s.0 + (a - b) * (a - b), s.1 + a * a)
    });
    (0.0 < size).then(|| f64::sqrt(off / size))
}

fn is_low(leads: &[LeadQuality]) -> bool {
    let all_below = |chosen: &dyn Fn(&LeadName) -> bool, limit_uv: f64| {
        let heights: Vec<f64> = leads
            .iter()
            .filter(|it| chosen(&it.name) && !it.flat)
            .filter_map(|it| it.qrs_uv)
            .collect();
        3 <= heights.len() && heights.iter().all(|it| *it < limit_uv)
    };
    all_below(&LeadName::is_limb, 500.0) || all_below(&LeadName::is_chest, 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, SampleRate},
        signal::testing,
    };

    /// Six limb leads and two chest leads with the given gains of I and II.
    fn exam(gain_i: f64, gain_ii: f64, extra: impl Fn(usize) -> f64 + Copy) -> LeadSet {
        let lead = |name: LeadName, gain: f64, seed: usize| {
            Lead::measured(
                name,
                testing::ecg(500.0, 10.0, gain, |n| {
                    0.004 * testing::noise(n + seed) + extra(n)
                }),
            )
        };
        let leads = vec![
            lead(LeadName::I, gain_i, 0),
            lead(LeadName::II, gain_ii, 50_000),
            lead(LeadName::V2, -0.9, 100_000),
            lead(LeadName::V6, 1.2, 150_000),
        ];
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads)
            .unwrap()
            .with_derived_limb_leads()
    }

    fn check(leads: &LeadSet, is_expected: impl Fn(&Sign) -> bool) {
        let signs = quality(leads).signs();
        assert!(signs.iter().any(is_expected), "{signs:?}");
    }

    fn is_about(what: LeadTrouble) -> impl Fn(&Sign) -> bool {
        move |sign| matches!(sign, Sign::Leads { what: found, .. } if *found == what)
    }

    #[test]
    fn a_clean_exam_gives_no_warning_about_noise_or_limbs() {
        let found = quality(&exam(0.6, 1.0, |_| 0.0));
        assert!(
            found.exchanges.is_empty()
                && found.rhythm.is_some_and(|it| it.paced_beats == 0)
                && found.rhythm_differs.is_none(),
            "{:?}",
            found.signs()
        );
        assert!(
            found.leads.iter().all(|it| it.mains_uv.unwrap() < 5.0
                && it.noise_uv.unwrap() < 8.0
                && it.sqi.unwrap() > 0.98),
            "{:#?}",
            found.leads
        );
        assert_eq!(found.einthoven_residual, None);
    }

    #[test]
    fn hum_wander_and_noise_are_measured() {
        let hum = quality(&exam(0.6, 1.0, |n| {
            0.05 * (n as f64 * 0.628_318_530_7).sin()
        }));
        assert!(
            hum.leads
                .iter()
                .filter(|it| !it.name.is_limb())
                .all(|it| (it.mains_uv.unwrap() - 50.0).abs() < 5.0 && it.mains_hz == Some(50.0))
        );
        check(
            &exam(0.6, 1.0, |n| 1.2 * (n as f64 / 800.0).sin()),
            is_about(LeadTrouble::Wander),
        );
        check(
            &exam(0.6, 1.0, |n| 0.15 * testing::noise(n + 7)),
            is_about(LeadTrouble::Noise),
        );
        let cut_into_a_beat = quality(&exam(0.6, 1.0, |n| if n < 40 { -3.0 } else { 0.0 }));
        assert!(
            !cut_into_a_beat
                .signs()
                .iter()
                .any(is_about(LeadTrouble::Wander)),
            "{:?}",
            cut_into_a_beat.signs()
        );
    }

    #[test]
    fn exchanged_arms_are_noticed() {
        check(&exam(-0.6, 0.4, |_| 0.0), |sign| {
            matches!(sign, Sign::ArmReversal { .. })
        });
        check(&exam(0.01, 1.0, |_| 0.0), |sign| {
            *sign == Sign::FlatLimbLead { lead: LeadName::I }
        });
    }

    #[test]
    fn limb_leads_that_do_not_fit_are_noticed() {
        let fine = exam(0.6, 1.0, |_| 0.0);
        let wrong: Vec<f32> = fine
            .get(&LeadName::III)
            .unwrap()
            .samples_mv
            .iter()
            .map(|it| -it)
            .collect();
        let leads = fine
            .leads()
            .iter()
            .filter(|it| it.name != LeadName::III)
            .cloned()
            .chain([Lead::measured(LeadName::III, wrong)]);
        let set = LeadSet::new(fine.rate(), leads.collect()).unwrap();
        assert!(1.5 < quality(&set).einthoven_residual.unwrap());
        check(&set, |sign| matches!(sign, Sign::LimbLeadsDisagree { .. }));
    }

    #[test]
    fn flat_leads_low_amplitude_and_silence() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let flat = LeadSet::new(rate, vec![Lead::measured(LeadName::V1, vec![0.2; 5000])]).unwrap();
        check(&flat, is_about(LeadTrouble::Flat));
        check(&flat, |sign| *sign == Sign::NoBeats);
        check(&exam(0.2, 0.3, |_| 0.0), |sign| *sign == Sign::LowAmplitude);
        let nothing = LeadSet::new(
            rate,
            vec![Lead::measured(LeadName::V1, vec![f32::NAN; 5000])],
        )
        .unwrap();
        assert_eq!(quality(&nothing).leads[0].gap_share, 1.0);
    }

    #[test]
    fn a_negative_p_in_v1_or_v2_is_a_sign_of_a_high_electrode() {
        let chest = |v1: f64, v2: f64| {
            let fine = exam(0.6, 1.0, |_| 0.0);
            let lead = |name: LeadName, gain: f64| {
                Lead::measured(name, testing::ecg(500.0, 10.0, gain, |_| 0.0))
            };
            let others = fine
                .leads()
                .iter()
                .filter(|it| it.name != LeadName::V2)
                .cloned();
            LeadSet::new(
                fine.rate(),
                others
                    .chain([lead(LeadName::V1, v1), lead(LeadName::V2, v2)])
                    .collect(),
            )
            .unwrap()
        };
        check(&chest(-0.9, -0.9), |sign| {
            *sign == Sign::NegativePInV2 { in_v1_too: true }
        });
        check(&chest(-0.9, 0.9), |sign| *sign == Sign::SecondRInV1);
        assert!(quality(&chest(0.5, 0.9)).high_chest.is_none());
    }

    #[test]
    fn pacing_spikes_are_seen() {
        let spike = |n: usize| {
            if (250..).step_by(400).take(12).any(|r| r - 30 == n) {
                2.0
            } else {
                0.0
            }
        };
        check(&exam(0.6, 1.0, spike), |sign| {
            matches!(sign, Sign::Paced { .. })
        });
    }
}
