//! Calibration and synthesis from outside: what must hold for any recording.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::ops::ControlFlow;

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, SampleRate, Target, montage, site},
    field::{Conductor, reference_torso},
    reliability::{ExamReliability, Feature, Grade, Region, Warning},
    signal::metrics::rmse_uv,
    synth::{CalibrationOptions, SynthError, Synthesizer, WhyUnused, calibrate, sphere_directions},
};

/// Ten seconds of a beating dipole seen from the twelve places and `extra` ones, with some wander
/// and a place-dependent remainder that no dipole explains.
fn recording(extra: &[&str]) -> LeadSet {
    let rate = SampleRate::from_hz(500.0).unwrap();
    let names = LeadName::TWELVE
        .into_iter()
        .chain(extra.iter().map(|it| LeadName::parse(it)));
    let leads = names.map(|name| {
        Lead::measured(
            name.clone(),
            (0..5000)
                .map(|at| value(&name, at) as f32)
                .collect::<Vec<_>>(),
        )
    });
    LeadSet::new(rate, leads.collect()).unwrap()
}

fn value(name: &LeadName, at: usize) -> f64 {
    let limb = |name: &str| electrode(name, at);
    let wilson = (limb("RA") + limb("LA") + limb("LL")) / 3.0;
    let (i, ii) = (limb("LA") - limb("RA"), limb("LL") - limb("RA"));
    match name {
        LeadName::I => i,
        LeadName::II => ii,
        LeadName::III => ii - i,
        LeadName::AVR => -(i + ii) / 2.0,
        LeadName::AVL => i - ii / 2.0,
        LeadName::AVF => ii - i / 2.0,
        other => electrode(montage(other).unwrap().exploring_site().unwrap(), at) - wilson,
    }
}

fn electrode(name: &str, at: usize) -> f64 {
    let place = site(name).unwrap();
    let seen: f64 = place
        .view
        .unit()
        .iter()
        .zip(dipole(at))
        .map(|(a, b)| a * b)
        .sum();
    let own = 0.05 * wave(at, 0.37, 0.008) * (place.position_mm[0] / 23.0).sin();
    seen + own + 0.03 * (1.3 * at as f64 / 500.0 + place.position_mm[1] / 40.0).sin()
}

fn dipole(at: usize) -> [f64; 3] {
    let wave = |centre, width| wave(at, centre, width);
    [
        0.5 * wave(0.35, 0.012) - 0.6 * wave(0.38, 0.015) + 0.2 * wave(0.6, 0.05),
        -0.2 * wave(0.34, 0.01)
            + 1.1 * wave(0.365, 0.015)
            + 0.25 * wave(0.6, 0.05)
            + 0.05 * wave(0.2, 0.03),
        -0.9 * wave(0.365, 0.013) - 0.2 * wave(0.6, 0.05) - 0.08 * wave(0.2, 0.03),
    ]
}

/// A bump in every beat of 0.8 s; places in it as shares of the beat.
fn wave(at: usize, centre: f64, width: f64) -> f64 {
    let phase = (at as f64 / 500.0 / 0.8).fract();
    (-0.5 * ((phase - centre) / width).powi(2)).exp()
}

fn go_on(_: ecg_panorama::synth::Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn synthesizer(leads: &LeadSet, options: &CalibrationOptions) -> Synthesizer {
    Synthesizer::new(leads, calibrate(leads, options, &mut go_on).unwrap()).unwrap()
}

fn withholding(names: &[&str]) -> CalibrationOptions {
    CalibrationOptions {
        withhold: names.iter().map(|it| LeadName::parse(it)).collect(),
        ..Default::default()
    }
}

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

#[test]
fn a_recorded_lead_is_its_own_answer() {
    let leads = recording(&["V7", "V1@2ICS"]);
    let synthesizer = synthesizer(&leads, &CalibrationOptions::default());
    for lead in leads.leads() {
        let found = synthesizer.target(&Target::lead(&lead.name).unwrap());
        let error = rmse_uv(&lead.samples_mv, &found.lead.samples_mv);
        assert!(error < 0.1, "{}: {error} µV", lead.name);
        assert!(
            !found.lead.origin.is_synthesised(),
            "{} needs no estimate",
            lead.name
        );
    }
    for name in LeadName::CHEST {
        let electrode = site(montage(&name).unwrap().exploring_site().unwrap()).unwrap();
        let found = synthesizer.view(electrode.view);
        let error = rmse_uv(
            &leads.get(&name).unwrap().samples_mv,
            &found.lead.samples_mv,
        );
        assert!(error < 5.0, "direction of {name}: {error} µV");
    }
}

#[test]
fn limb_leads_obey_einthoven_and_goldberger() {
    let all = recording(&[]);
    let keep = |it: &&Lead| [LeadName::AVR, LeadName::AVF].contains(&it.name) || it.name.is_chest();
    let leads = LeadSet::new(
        all.rate(),
        all.leads().iter().filter(keep).cloned().collect(),
    )
    .unwrap();
    let synthesizer = synthesizer(&leads, &CalibrationOptions::default());
    for name in [LeadName::I, LeadName::II, LeadName::III, LeadName::AVL] {
        let found = synthesizer.montage(montage(&name).unwrap());
        let error = rmse_uv(&all.get(&name).unwrap().samples_mv, &found.lead.samples_mv);
        assert!(error < 0.1, "{name}: {error} µV");
    }
}

#[test]
fn a_withheld_lead_changes_no_bit() {
    let leads = recording(&["V7"]);
    let mut state = 12345u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from_bits(0x3f80_0000 | (state >> 9)) * 9.0 - 13.0
    };
    let poisoned = leads
        .leads()
        .iter()
        .map(|it| match it.name.to_string().as_str() {
            "V2" | "V7" => Lead::measured(
                it.name.clone(),
                (0..5000).map(|_| noise()).collect::<Vec<_>>(),
            ),
            _ => it.clone(),
        });
    let poisoned = LeadSet::new(leads.rate(), poisoned.collect()).unwrap();
    let options = withholding(&["V2", "V7"]);
    let (a, b) = (
        synthesizer(&leads, &options),
        synthesizer(&poisoned, &options),
    );
    for text in ["V2", "V7", "V1@2ICS", "48,-38", "Z", "III"] {
        let bits = |it: &Synthesizer| {
            it.target(&target(text))
                .lead
                .samples_mv
                .iter()
                .map(|it| it.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&a), bits(&b), "{text}");
        assert_eq!(a.target(&target(text)), b.target(&target(text)), "{text}");
    }
}

#[test]
fn later_seconds_change_no_weight() {
    let leads = recording(&[]);
    let cut = leads.slice(0..2500).unwrap();
    let (whole, first) = (
        synthesizer(&leads, &CalibrationOptions::default()),
        synthesizer(&cut, &CalibrationOptions::default()),
    );
    assert_eq!(whole.mixing(&target("V8")), first.mixing(&target("V8")));
}

#[test]
fn a_withheld_chest_lead_comes_back_nearly() {
    let leads = in_a_body();
    for name in LeadName::CHEST {
        let synthesizer = synthesizer(&leads, &withholding(&[&name.to_string()]));
        let found = synthesizer.montage(montage(&name).unwrap());
        let truth = &leads.get(&name).unwrap().samples_mv;
        let r = ecg_panorama::signal::metrics::correlation(truth, &found.lead.samples_mv);
        assert!(
            0.95 < r && found.lead.origin.is_synthesised(),
            "{name}: r = {r:.3}"
        );
        assert!(
            found.band_mv.iter().all(|it| it.is_finite() && 0.0 < *it),
            "{name} has a band"
        );
    }
}

/// The same dipole inside the reference torso, where the heart belongs.
fn in_a_body() -> LeadSet {
    let torso = Conductor::new(&reference_torso()).unwrap();
    let field =
        |it: &LeadName| torso.lead_field(&torso.montage_points(montage(it).unwrap()).unwrap());
    let vectors = torso.lead_vectors(
        &LeadName::EIGHT.iter().map(field).collect::<Vec<_>>(),
        &[[51.6, 25.0, 460.0]],
    );
    let usual = vectors
        .iter()
        .flatten()
        .flatten()
        .map(|it| it * it)
        .sum::<f64>()
        .sqrt()
        / 3.0;
    let lead = |(name, vector): (LeadName, &Vec<[f64; 3]>)| {
        let at = |at: usize| {
            (dipole(at)
                .iter()
                .zip(vector[0])
                .map(|(a, b)| a * b)
                .sum::<f64>()
                / usual
                + wander(at)) as f32
        };
        Lead::measured(name, (0..5000).map(at).collect::<Vec<_>>())
    };
    let leads = LeadName::EIGHT
        .into_iter()
        .zip(&vectors)
        .map(lead)
        .collect();
    LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
}

fn wander(at: usize) -> f64 {
    0.01 * (1.3 * at as f64 / 500.0).sin()
}

#[test]
fn few_leads_do_and_too_few_are_refused() {
    let all = recording(&[]);
    let only = |names: &[LeadName]| {
        LeadSet::new(
            all.rate(),
            names
                .iter()
                .map(|it| all.get(it).unwrap().clone())
                .collect(),
        )
        .unwrap()
    };
    let three = synthesizer(
        &only(&[LeadName::I, LeadName::II, LeadName::V3]),
        &CalibrationOptions::default(),
    );
    assert_eq!(three.calibration().missing().len(), 5);
    assert!(
        three
            .montage(montage(&LeadName::V4).unwrap())
            .lead
            .samples_mv
            .iter()
            .all(|it| it.is_finite())
    );
    let one = calibrate(
        &only(&[LeadName::V1]),
        &CalibrationOptions::default(),
        &mut go_on,
    );
    assert!(
        matches!(&one, Err(SynthError::TooFewLeads { found, .. }) if found.len() == 1),
        "{one:?}"
    );
    let absent = CalibrationOptions {
        inputs: Some(vec![LeadName::I, LeadName::II, LeadName::parse("V9")]),
        ..Default::default()
    };
    assert!(matches!(
        calibrate(&all, &absent, &mut go_on),
        Err(SynthError::Input { .. })
    ));
}

#[test]
fn inputs_can_be_fewer_than_what_calibrates() {
    let leads = recording(&[]);
    let inputs = vec![LeadName::I, LeadName::II, LeadName::V3];
    let options = CalibrationOptions {
        inputs: Some(inputs.clone()),
        ..withholding(&["V2", "V6"])
    };
    let synthesizer = synthesizer(&leads, &options);
    let v2 = synthesizer.montage(montage(&LeadName::V2).unwrap());
    assert!(
        v2.contributions.iter().all(|it| inputs.contains(&it.0)),
        "{:?}",
        v2.contributions
    );
    let v3 = synthesizer.montage(montage(&LeadName::V3).unwrap());
    assert!(
        rmse_uv(
            &leads.get(&LeadName::V3).unwrap().samples_mv,
            &v3.lead.samples_mv
        ) < 0.1
    );
    assert!(
        synthesizer
            .montage(montage(&LeadName::V4).unwrap())
            .lead
            .origin
            .is_synthesised(),
        "V4 is no input here"
    );
}

#[test]
fn leads_that_cannot_serve_are_named() {
    let leads = recording(&[]);
    let flat = leads.leads().iter().map(|it| match &it.name {
        LeadName::V5 => Lead::measured(LeadName::V5, vec![0.0; 5000]),
        LeadName::V6 => Lead::measured(LeadName::V6, vec![f32::NAN; 5000]),
        LeadName::V4 => Lead::measured(LeadName::parse("Resp"), it.samples_mv.clone()),
        _ => it.clone(),
    });
    let flat = LeadSet::new(leads.rate(), flat.collect()).unwrap();
    let calibration = calibrate(&flat, &CalibrationOptions::default(), &mut go_on).unwrap();
    let why = |name: &str| {
        calibration
            .unused()
            .iter()
            .find(|it| it.lead.to_string() == name)
            .map(|it| it.why)
    };
    assert_eq!(why("V5"), Some(WhyUnused::Flat));
    assert_eq!(why("V6"), Some(WhyUnused::Gaps));
    assert_eq!(why("Resp"), Some(WhyUnused::NoPlace));
    assert_eq!(why("aVF"), Some(WhyUnused::Follows));
    assert_eq!(
        calibration.missing(),
        [LeadName::V4, LeadName::V5, LeadName::V6]
    );
}

#[test]
fn cancelling_stops_and_progress_ends_at_one() {
    let leads = recording(&[]);
    let mut calls = 0;
    let stopped = calibrate(&leads, &CalibrationOptions::default(), &mut |_| {
        calls += 1;
        if calls < 3 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    assert_eq!(stopped.err(), Some(SynthError::Cancelled));
    assert_eq!(calls, 3, "nothing is asked after a stop");
    let mut seen = Vec::new();
    calibrate(&leads, &CalibrationOptions::default(), &mut |it| {
        seen.push(it.fraction);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&1.0), "{seen:?}");
}

#[test]
fn panorama_and_body_map_agree_with_single_views() {
    let leads = recording(&[]);
    let synthesizer = synthesizer(&leads, &CalibrationOptions::default());
    assert_eq!(synthesizer.panorama().len(), 48);
    let directions = sphere_directions(60);
    let map = synthesizer.body_map(directions.clone().into());
    let one = synthesizer.view(directions[7]);
    assert!((map.at(1002)[7] - one.lead.samples_mv[1002]).abs() < 1e-4);
}

#[test]
fn reliability_is_told_in_figures_and_reasons() {
    let leads = recording(&["V7"]);
    let options = withholding(&["V7"]);
    let synthesizer = synthesizer(&leads, &options);
    let exam = ExamReliability::new(&leads, &options, &synthesizer).unwrap();
    assert_eq!(
        exam.held_out
            .iter()
            .map(|it| it.lead.clone())
            .collect::<Vec<_>>(),
        LeadName::CHEST
    );
    for it in &exam.held_out {
        // No heart beats like this dipole: what was learned from hearts may overshoot a little.
        assert!(
            0.8 < it.correlation && it.rmse_uv < 1.2 * it.rms_uv,
            "{it:?}"
        );
        assert!(
            it.population_rmse_uv.is_some()
                && it.time_only_rmse_uv.is_some_and(|own| own <= it.rmse_uv),
            "{it:?}"
        );
    }
    let high = exam.of(&synthesizer, &target("V1@2ICS"));
    assert_eq!(
        (high.region, high.truth.is_none()),
        (Region::Measured, true)
    );
    let nearest = high.nearest.unwrap();
    assert!(
        nearest.lead == LeadName::V1 && (20.0..60.0).contains(&nearest.degrees) && 2.0 < nearest.cm,
        "{nearest:?}"
    );
    let back = exam.of(&synthesizer, &target("V9"));
    assert_eq!(back.region, Region::Posterior);
    assert!(
        Grade::C <= back.grade
            && back
                .warnings
                .iter()
                .any(|it| matches!(it, Warning::Posterior { .. })),
        "{:?}",
        back.reasons
    );
    let side = exam.of(&synthesizer, &target("V7"));
    let truth = side
        .truth
        .clone()
        .expect("the withheld V7 is recognised as the truth");
    assert!(
        0.5 < truth.correlation && truth.table.iter().any(|it| it.feature == Feature::J60),
        "{truth:?}"
    );
    assert_eq!(exam.of(&synthesizer, &target("III")).grade, Grade::A);
    let json = serde_json::to_value(&side).unwrap();
    assert!(
        json["held_out"].as_array().is_some_and(|it| it.len() == 6) && json["grade"].is_string()
    );
    let text = json.to_string().to_lowercase();
    assert!(
        ["infarct", "ischaem", "brugada", "diagnos", "elevation"]
            .iter()
            .all(|it| !text.contains(it)),
        "no diagnosis"
    );
}

/// A lead between two electrodes may look from where V5 does, yet the network has met no such lead.
#[test]
fn a_lead_says_what_made_it() {
    let synthesizer = synthesizer(
        &recording(&[]),
        &CalibrationOptions::default().withholding(&LeadName::V5),
    );
    let made = |name: &str| {
        format!(
            "{:?}",
            synthesizer
                .target(&Target::lead(&LeadName::parse(name)).unwrap())
                .lead
                .origin
        )
    };
    assert!(made("V5").contains("corrected by"), "{}", made("V5"));
    for name in ["CM5", "X", "V9"] {
        assert!(
            made(name).contains("population") && !made(name).contains("corrected by"),
            "{}",
            made(name)
        );
    }
    assert!(
        made("X").contains("Kors") && !made("V9").contains("Kors"),
        "{}",
        made("X")
    );
}
