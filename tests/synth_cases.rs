//! Recordings that are not as they should be: short, of few leads, noisy, of changing rhythm.
//! Handled, and said.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::ops::ControlFlow;

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet},
    formats::{self, ReadOptions},
    reliability::{ExamReliability, Grade, Half, Reason, Reliability, Warning},
    session,
    signal::Sign,
    synth::{CalibrationOptions, SynthError, Synthesizer, calibrate},
};

fn demo(name: &str) -> LeadSet {
    let demo = session::demos().iter().find(|it| it.name == name).unwrap();
    let leads = formats::read_bytes("demo.edf", &demo.file(), &ReadOptions::default())
        .unwrap()
        .recording
        .leads;
    only(&leads, |it| it.is_standard()).slice(0..5000).unwrap()
}

fn only(leads: &LeadSet, keep: impl Fn(&LeadName) -> bool) -> LeadSet {
    LeadSet::new(
        leads.rate(),
        leads
            .leads()
            .iter()
            .filter(|it| keep(&it.name))
            .cloned()
            .collect(),
    )
    .unwrap()
}

fn changed(leads: &LeadSet, change: impl Fn(&LeadName, usize, f32) -> f32) -> LeadSet {
    let one = |it: &Lead| {
        let samples: Vec<f32> = it
            .samples_mv
            .iter()
            .enumerate()
            .map(|(at, value)| change(&it.name, at, *value))
            .collect();
        Lead {
            samples_mv: samples.into(),
            ..it.clone()
        }
    };
    LeadSet::new(leads.rate(), leads.leads().iter().map(one).collect()).unwrap()
}

/// Even in ± 0.5, by a mixing of bits: a plain multiplication would make a sawtooth.
fn noise(name: &LeadName, at: usize) -> f32 {
    let seed = name.to_string().bytes().fold(at as u32 + 1, |sum, it| {
        sum.wrapping_mul(31).wrapping_add(u32::from(it))
    });
    let mixed = [15u32, 13, 16].into_iter().fold(seed, |it, shift| {
        (it ^ (it >> shift)).wrapping_mul(0x846c_a68b)
    });
    (mixed >> 8) as f32 / (1u32 << 24) as f32 - 0.5
}

fn judged(leads: &LeadSet, lead: &str) -> Reliability {
    let options = CalibrationOptions::default();
    let calibration = calibrate(leads, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    let synthesizer = Synthesizer::new(leads, calibration).unwrap();
    let exam = ExamReliability::new(leads, &options, &synthesizer).unwrap();
    exam.of(&synthesizer, &lead.parse().unwrap())
}

fn warns(reliability: &Reliability, of: impl Fn(&Warning) -> bool) -> bool {
    reliability.warnings.iter().any(of)
}

#[test]
fn short_recordings() {
    let whole = demo("normal");
    let seven = judged(&whole.slice(0..3500).unwrap(), "V7");
    assert!(
        seven.window.apart && warns(&seven, |it| *it == Warning::Short { seconds: 7.0 }),
        "{:?}",
        seven.warnings
    );
    let three = judged(&whole.slice(0..1500).unwrap(), "V1@3ICS");
    assert!(
        !three.window.apart
            && warns(&three, |it| *it
                == Warning::TestedOnLearned { seconds: 3.0 })
    );
    assert!(
        three.grade != Grade::A && three.held_out.len() == 6,
        "{:?}",
        three.reasons
    );
    let blink = calibrate(
        &whole.slice(0..400).unwrap(),
        &CalibrationOptions::default(),
        &mut |_| ControlFlow::Continue(()),
    );
    assert!(matches!(blink.err(), Some(SynthError::TooShort { .. })));
}

#[test]
fn few_leads() {
    let whole = demo("normal");
    let five = [
        LeadName::I,
        LeadName::II,
        LeadName::V1,
        LeadName::V3,
        LeadName::V5,
    ];
    let few = judged(&only(&whole, |it| five.contains(it)), "V2");
    assert!(
        warns(&few, |it| *it == Warning::FewLeads { recorded: 5 }),
        "{:?}",
        few.warnings
    );
    assert_eq!(few.held_out.len(), 3);
    let limbs = judged(&only(&whole, LeadName::is_limb), "V2");
    assert!(
        Grade::C <= limbs.grade && limbs.reasons.contains(&Reason::NoChestElectrode),
        "{:?}",
        limbs.reasons
    );
    let eight = judged(&only(&whole, |it| LeadName::EIGHT.contains(it)), "V7");
    assert!(
        !warns(&eight, |it| matches!(it, Warning::FewLeads { .. })),
        "eight independent leads are a 12-lead exam"
    );
}

fn is_noise_in(warning: &Warning, wanted: Half) -> bool {
    matches!(warning, Warning::NoiseInOneHalf { half, .. } if *half == wanted)
}

#[test]
fn noise_that_comes_or_goes_between_the_halves() {
    let whole = demo("normal");
    let quiet = judged(&whole, "V1@3ICS");
    assert!(
        !warns(&quiet, |it| matches!(it, Warning::NoiseInOneHalf { .. })),
        "{:?}",
        quiet.warnings
    );
    let spoil = |from: usize, to: usize| {
        changed(&whole, move |name, at, it| {
            if (from..to).contains(&at) {
                it + 0.2 * noise(name, at)
            } else {
                it
            }
        })
    };
    let first = judged(&spoil(0, 2500), "V1@3ICS");
    let last = judged(&spoil(2500, 5000), "V1@3ICS");
    assert!(
        warns(&first, |it| is_noise_in(it, Half::Learned)),
        "{:?}",
        first.warnings
    );
    assert!(
        warns(&last, |it| is_noise_in(it, Half::Tested)),
        "{:?}",
        last.warnings
    );
    assert!(
        first.grade != Grade::A && quiet.expected_rmse_uv < first.expected_rmse_uv,
        "noise in what is learned from widens the band"
    );
}

#[test]
fn a_rhythm_that_changes_between_the_halves() {
    let whole = demo("normal");
    // The second half runs at twice the pace.
    let quick = changed(&whole, |name, at, it| match at < 2500 {
        true => it,
        false => whole.get(name).unwrap().samples_mv[(2 * (at - 2500)).min(4999)],
    });
    let found = judged(&quick, "V1@3ICS");
    assert!(
        warns(&found, |it| matches!(
            it,
            Warning::Sign(
                Sign::RateDiffers { .. } | Sign::ShapeDiffers { .. } | Sign::OtherBeats { .. }
            )
        )),
        "{:?}",
        found.warnings
    );
    assert!(Grade::B <= found.grade);
}
