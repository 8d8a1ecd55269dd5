//! What in the recording or at the place calls for caution.

use super::{
    region::Region,
    warning::{Half, MissedSign, Warning},
    window::TestWindow,
};
use crate::{
    ecg::{LeadName, LeadSet, Recording, Target, site, statistics::median},
    signal::{LeadTrouble, Quality, Sign, detect_beats, quality},
    synth::{Calibration, WhyUnused, jitter},
};

/// Places where Brugada's first type is looked for.
const HIGH: [&str; 4] = ["V1@2ICS", "V2@2ICS", "V1@3ICS", "V2@3ICS"];
/// Places where the posterior wall is looked for, far from every recorded electrode.
const BACK: [&str; 2] = ["V8", "V9"];

/// About the recording as a whole.
pub(super) fn of_recording(
    leads: &LeadSet,
    calibration: &Calibration,
    window: &TestWindow,
) -> Vec<Warning> {
    let known = calibration.known();
    let signal_uv = 1000.0 * calibration.model().power().sqrt();
    let noise_uv = 1000.0 * calibration.noise_mv2().sqrt();
    let seen = seen_leads(leads, &calibration.options().withhold);
    let seen = seen.map(|seen| quality(&seen.with_derived_limb_leads()));
    of_leads(calibration)
        .into_iter()
        .chain(of_length(leads, window))
        .chain(moved_electrodes(calibration, seen.as_ref()))
        .chain(of_noise(noise_uv, signal_uv))
        .chain(noise_in_one_half(leads, &known, window))
        .chain(seen.iter().flat_map(of_quality))
        .collect()
}

/// What the calibration may look at: a withheld lead must not speak here either. `None` if that
/// leaves nothing.
pub(super) fn seen_leads(leads: &LeadSet, withheld: &[LeadName]) -> Option<LeadSet> {
    let seen = leads.leads().iter();
    let seen = seen.filter(|lead| !withheld.contains(&lead.name));
    LeadSet::new(leads.rate(), seen.cloned().collect()).ok()
}

/// Few leads, and those that are flat or full of gaps.
fn of_leads(calibration: &Calibration) -> Vec<Warning> {
    /// Independent leads of a 12-lead exam.
    const USUAL: usize = 8;
    let recorded = calibration.known().len();
    let few = (recorded < USUAL).then_some(Warning::FewLeads { recorded });
    let unusable = calibration.unused().iter().filter_map(|unused| {
        let lead = unused.lead.clone();
        match unused.why {
            WhyUnused::Flat => Some(Warning::Flat { lead }),
            WhyUnused::Gaps => Some(Warning::Gaps { lead }),
            WhyUnused::Withheld
            | WhyUnused::Follows
            | WhyUnused::NoPlace
            | WhyUnused::Synthesised => None,
        }
    });
    few.into_iter().chain(unusable).collect()
}

/// A short recording, or one sampled slowly.
fn of_length(leads: &LeadSet, window: &TestWindow) -> Vec<Warning> {
    const USUAL_S: f64 = 10.0;
    const LEAST_HZ: f64 = 250.0;
    let (seconds, hz) = (leads.duration_s(), leads.rate().hz());
    let short = match window.apart {
        false => Some(Warning::TestedOnLearned { seconds }),
        true => (seconds < USUAL_S).then_some(Warning::Short { seconds }),
    };
    let slow = (hz < LEAST_HZ).then_some(Warning::LowRate { hz });
    short.into_iter().chain(slow).collect()
}

fn moved_electrodes(calibration: &Calibration, quality: Option<&Quality>) -> Vec<Warning> {
    let outstanding = quality.map_or(&[][..], |quality| &quality.outstanding);
    let moved = calibration.displaced(outstanding);
    moved
        .map(|offset| Warning::ElectrodeMoved {
            lead: offset.lead.clone(),
            down_deg: offset.d_theta_deg,
            left_deg: offset.d_phi_deg,
            is_applied: offset.applied,
        })
        .collect()
}

fn of_noise(noise_uv: f64, signal_uv: f64) -> Option<Warning> {
    /// Noise above this share of the signal rivals it.
    const RIVAL: f64 = 0.3;
    (RIVAL * signal_uv < noise_uv).then_some(Warning::Noise {
        noise_uv,
        signal_uv,
    })
}

/// Leads that are much noisier in the seconds learned from than in those tested, or the other way
/// round.
fn noise_in_one_half(leads: &LeadSet, known: &[LeadName], window: &TestWindow) -> Vec<Warning> {
    /// Noise that matters, µV.
    const LOUD_UV: f64 = 15.0;
    /// How many times the other half's it must be.
    const TIMES: f64 = 3.0;
    if !window.apart {
        return Vec::new();
    }
    let halves_uv = |name: &LeadName| {
        let samples = &leads.get(name)?.samples_mv;
        let uv = |part: &[f32]| 1000.0 * jitter(part).sqrt();
        let first = &samples[..window.tested.start.min(samples.len())];
        Some([uv(first), uv(samples.get(window.tested.clone())?)])
    };
    let each: Vec<(&LeadName, [f64; 2])> = known
        .iter()
        .filter_map(|name| Some((name, halves_uv(name)?)))
        .collect();
    let louder = |half: Half, here: usize| {
        let is_louder = |uv: &[f64; 2]| LOUD_UV < uv[here] && TIMES * uv[1 - here] < uv[here];
        let noisy: Vec<_> = each.iter().filter(|(_, uv)| is_louder(uv)).collect();
        let most_uv = noisy.iter().map(|(_, uv)| uv[here]).reduce(f64::max)?;
        let leads = noisy.iter().map(|(name, _)| (*name).clone()).collect();
        Some(Warning::NoiseInOneHalf {
            half,
            most_uv,
            leads,
        })
    };
    let halves = [louder(Half::Learned, 0), louder(Half::Tested, 1)];
    halves.into_iter().flatten().collect()
}

/// What was seen in the signals.
fn of_quality(quality: &Quality) -> Vec<Warning> {
    const FEW: usize = 3;
    let beats = quality.beats;
    let few_beats = (beats < FEW).then_some(Warning::FewBeats { beats });
    let complexes = quality.wide_qrs_ms;
    let wide = complexes.map(|qrs_ms| Warning::WideComplexes { qrs_ms });
    let noisy = |sign: &Sign| {
        matches!(
            sign,
            Sign::Leads {
                what: LeadTrouble::Noise,
                ..
            }
        )
    };
    let rhythm = |sign: &Sign| {
        matches!(
            sign,
            Sign::RateDiffers { .. } | Sign::ShapeDiffers { .. } | Sign::OtherBeats { .. }
        )
    };
    let place =
        |sign: &Sign| quality.exchanges.contains(sign) || quality.high_chest.as_ref() == Some(sign);
    let signs = quality.signs();
    let told = |of: &dyn Fn(&Sign) -> bool| -> Vec<Warning> {
        let told = signs.iter().filter(|sign| of(sign)).cloned();
        told.map(Warning::Sign).collect()
    };
    few_beats
        .into_iter()
        .chain(told(&place))
        .chain(told(&rhythm))
        .chain(wide)
        .chain(told(&|sign| matches!(sign, Sign::Paced { .. })))
        .chain(told(&noisy))
        .collect()
}

/// About what the file says of its making.
pub(super) fn stated(recording: &Recording) -> Vec<Warning> {
    // What recommendations for diagnostic electrocardiographs ask for, and whom the population is
    // made of.
    const LEAST_LOW_PASS_HZ: f64 = 150.0;
    const MOST_HIGH_PASS_HZ: f64 = 0.06;
    const ADULT: f64 = 18.0;
    let filters = &recording.filters;
    let low_pass = filters.low_pass_hz.filter(|hz| *hz < LEAST_LOW_PASS_HZ);
    let high_pass = filters.high_pass_hz.filter(|hz| MOST_HIGH_PASS_HZ < *hz);
    let years = recording.age_years().filter(|years| *years < ADULT);
    low_pass
        .map(|hz| Warning::LowPass { hz })
        .into_iter()
        .chain(high_pass.map(|hz| Warning::HighPass { hz }))
        .chain(years.map(|years| Warning::Age { years }))
        .collect()
}

/// About the place that is asked for. `samples_mv`: the synthesised lead over `high_passed`, which
/// says where the beats are.
pub(super) fn of_place(
    target: &Target,
    region: Region,
    samples_mv: Option<&[f32]>,
    high_passed: &LeadSet,
) -> Vec<Warning> {
    const SMALL_UV: f64 = 400.0;
    let (_, phi_deg) = target.view().degrees();
    let by_region = match region {
        Region::Posterior => Some(Warning::Posterior { phi_deg }),
        Region::Outside => Some(Warning::Outside),
        Region::Recorded | Region::Measured => None,
    };
    let height = samples_mv.and_then(|samples| qrs_height_uv(samples, high_passed));
    let small = height.filter(|uv| *uv < SMALL_UV);
    let small = small.map(|qrs_uv| Warning::SmallComplexes { qrs_uv });
    let missed = missed_sign(target).map(|sign| Warning::NotExcluded { sign });
    by_region.into_iter().chain(small).chain(missed).collect()
}

/// What a lead from there is looked at for, and may not show: signs of virtual patients that were
/// lost in synthesis.
fn missed_sign(target: &Target) -> Option<MissedSign> {
    /// How near a place must be to one of the named ones, degrees.
    const NEAR_DEG: f64 = 12.0;
    let view = target.exploring_view()?;
    let is_near = |name: &&str| {
        let named = site(name).map(|it| it.view.angle_to(view).to_degrees());
        named.is_some_and(|deg| deg <= NEAR_DEG)
    };
    match () {
        () if HIGH.iter().any(is_near) => Some(MissedSign::Brugada),
        () if BACK.iter().any(is_near) => Some(MissedSign::Posterior),
        () => None,
    }
}

/// Median over the beats of the largest less the smallest value within 60 ms of the fiducial point.
fn qrs_height_uv(samples_mv: &[f32], high_passed: &LeadSet) -> Option<f64> {
    let reach = high_passed.rate().samples_in(0.06);
    let height = |peak: &usize| {
        let end = (peak + reach).min(samples_mv.len());
        let around = samples_mv.get(peak.saturating_sub(reach)..end)?;
        let finite = around.iter().filter(|mv| mv.is_finite());
        let (low, high) = finite.fold((f32::MAX, f32::MIN), |(low, high), mv| {
            (low.min(*mv), high.max(*mv))
        });
        (low <= high).then(|| 1000.0 * f64::from(high - low))
    };
    let beats = detect_beats(high_passed);
    median(&mut beats.peaks().iter().filter_map(height).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, SampleRate, ViewAngle};
    use crate::signal::{AtrialActivity, Rhythm};

    fn leads(hz: f64, seconds: f64, noise_mv: impl Fn(f64) -> f32) -> LeadSet {
        let rate = SampleRate::from_hz(hz).unwrap();
        let sample = |at: usize| {
            let sign = if at.is_multiple_of(2) { 1.0 } else { -1.0 };
            sign * noise_mv(at as f64 / hz)
        };
        let samples: Vec<f32> = (0..rate.samples_in(seconds)).map(sample).collect();
        LeadSet::new(rate, vec![Lead::measured(LeadName::V2, samples)]).unwrap()
    }

    fn check_length(hz: f64, seconds: f64, expected: &[Warning]) {
        let leads = leads(hz, seconds, |_| 0.0);
        let window = TestWindow::of(&leads, 5.0);
        assert_eq!(of_length(&leads, &window), expected);
    }

    #[test]
    fn short_and_slow_recordings() {
        check_length(500.0, 10.0, &[]);
        check_length(500.0, 7.0, &[Warning::Short { seconds: 7.0 }]);
        check_length(500.0, 3.0, &[Warning::TestedOnLearned { seconds: 3.0 }]);
        check_length(200.0, 10.0, &[Warning::LowRate { hz: 200.0 }]);
    }

    #[test]
    fn noise_is_held_against_the_signal() {
        assert_eq!(of_noise(29.0, 100.0), None);
        assert!(matches!(of_noise(31.0, 100.0), Some(Warning::Noise { .. })));
    }

    fn halves_of(noise_mv: impl Fn(f64) -> f32) -> Vec<Half> {
        let leads = leads(500.0, 10.0, noise_mv);
        let window = TestWindow::of(&leads, 5.0);
        let found = noise_in_one_half(&leads, &[LeadName::V2, LeadName::V3], &window);
        let half = |warning| match warning {
            Warning::NoiseInOneHalf { half, leads, .. } => {
                assert_eq!(leads, [LeadName::V2]);
                half
            }
            other => panic!("{other:?}"),
        };
        found.into_iter().map(half).collect()
    }

    #[test]
    fn noise_in_one_half_is_told_from_noise_throughout() {
        let loud = |is_here: bool| if is_here { 0.05 } else { 0.001 };
        assert_eq!(halves_of(|at| loud(at < 5.0)), [Half::Learned]);
        assert_eq!(halves_of(|at| loud(5.0 <= at)), [Half::Tested]);
        assert_eq!(halves_of(|_| loud(true)), []);
        assert_eq!(halves_of(|_| loud(false)), []);
    }

    #[test]
    fn leads_say_what_they_do_not_exclude() {
        let of = |target: &str| missed_sign(&target.parse().unwrap());
        assert_eq!(of("V2@2ICS"), Some(MissedSign::Brugada));
        assert_eq!(of("V9"), Some(MissedSign::Posterior));
        assert_eq!((of("V4"), of("V4R"), of("Z")), (None, None, None));
    }

    #[test]
    fn what_the_file_says_of_its_making() {
        let recording = |low_pass_hz, high_pass_hz, age_years| {
            let mut recording = Recording::from_leads(leads(500.0, 1.0, |_| 0.0));
            recording.filters.low_pass_hz = low_pass_hz;
            recording.filters.high_pass_hz = high_pass_hz;
            recording.patient.age_years = age_years;
            recording
        };
        assert_eq!(stated(&recording(Some(150.0), Some(0.05), Some(18.0))), []);
        assert_eq!(stated(&recording(None, None, None)), []);
        assert_eq!(
            stated(&recording(Some(40.0), Some(0.5), Some(9.0))),
            [
                Warning::LowPass { hz: 40.0 },
                Warning::HighPass { hz: 0.5 },
                Warning::Age { years: 9.0 }
            ]
        );
    }

    #[test]
    fn places_beyond_measurement_and_small_complexes() {
        let back = Target::View(ViewAngle::from_degrees(90.0, 160.0).unwrap());
        let leads = leads(500.0, 10.0, |_| 0.0);
        let about = |region| of_place(&back, region, None, &leads);
        assert!(
            matches!(about(Region::Posterior)[..], [Warning::Posterior { phi_deg }, _] if (phi_deg - 160.0).abs() < 1e-9)
        );
        let sign = MissedSign::Posterior;
        let missed = Warning::NotExcluded { sign };
        assert_eq!(about(Region::Outside), [Warning::Outside, missed.clone()]);
        assert_eq!(about(Region::Measured), [missed]);
    }

    #[test]
    fn signs_come_in_the_order_of_their_weight() {
        let quality = Quality {
            beats: 2,
            rhythm: Some(Rhythm {
                atria: AtrialActivity::PBeforeEachQrs,
                irregular: false,
                irregularity: 0.02,
                paced_beats: 2,
                wide: true,
            }),
            wide_qrs_ms: Some(150.0),
            low_amplitude: true,
            other_beats: 2,
            ..Quality::default()
        };
        let found = of_quality(&quality);
        assert_eq!(
            found,
            [
                Warning::FewBeats { beats: 2 },
                Warning::Sign(Sign::OtherBeats { beats: 2 }),
                Warning::WideComplexes { qrs_ms: 150.0 },
                Warning::Sign(Sign::Paced { beats: 2, of: 2 }),
            ]
        );
    }
}
