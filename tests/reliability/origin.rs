//! Where a lead comes from survives every file.

use ecg_panorama::ecg::{Lead, LeadName, LeadSet, Origin, Recording, ViewAngle};

use super::desk::{Desk, beats, exam, exam_with};

/// The eight leads, an exact aVR, and a V7 that no electrode saw.
fn made() -> Recording {
    let mut recording = exam();
    let (rate, n_samples) = (recording.leads.rate(), recording.leads.n_samples());
    let lead = |name: &str, origin: Origin| Lead {
        name: LeadName::parse(name),
        origin,
        samples_mv: beats(9, n_samples).into(),
    };
    let derived = Origin::Derived {
        from: vec![LeadName::I, LeadName::II],
    };
    let synthesised = Origin::Synthesised {
        view: ViewAngle::from_degrees(96.0, 120.0).unwrap(),
        by: "a model".into(),
    };
    let mut leads = recording.leads.leads().to_vec();
    leads.extend([lead("aVR", derived), lead("V7", synthesised)]);
    recording.leads = LeadSet::new(rate, leads).unwrap();
    recording.device = Some(Recording::SIMULATOR.into());
    recording
}

/// What the leads of a file are.
fn check(desk: &Desk, name: &str) {
    let recording = desk.open(name).recording;
    let origin = |lead: &str| &recording.leads.get(&LeadName::parse(lead)).unwrap().origin;
    assert_eq!(*origin("V1"), Origin::Measured, "{name}");
    assert!(
        matches!(origin("aVR"), Origin::Derived { .. }),
        "{name}: {:?}",
        origin("aVR")
    );
    assert!(origin("V7").is_synthesised(), "{name}: {:?}", origin("V7"));
    assert!(recording.is_simulated(), "{name}: {:?}", recording.device);
    let json = desk.must(&format!("info {name} --json")).out;
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let leads = report["leads"].as_array().unwrap();
    let told = |lead: &str| {
        let found = leads.iter().find(|it| it["name"] == lead).unwrap();
        found["origin"].as_str().unwrap().to_owned()
    };
    assert_eq!(told("V1"), "measured", "{name}");
    assert_eq!(told("V7"), "synthesised, not recorded", "{name}");
    desk.must(&format!("page {name} --layout 12x1 -o page.svg --force"));
    let page = desk.text("page.svg");
    assert!(
        page.contains("dV7") && page.contains("synthesised"),
        "{name}"
    );
    assert!(page.contains("simulated"), "{name}");
}

#[test]
fn through_every_format_into_every_format() {
    let desk = Desk::new();
    let endings = ["edf", "hea", "csv", "dcm"];
    for from in endings {
        desk.save(&format!("a.{from}"), &made());
        check(&desk, &format!("a.{from}"));
        for to in endings {
            desk.must(&format!("convert a.{from} b-{from}.{to}"));
            check(&desk, &format!("b-{from}.{to}"));
            desk.must(&format!(
                "convert b-{from}.{to} c-{from}-{to}.{to} --deidentify"
            ));
            check(&desk, &format!("c-{from}-{to}.{to}"));
        }
    }
}

#[test]
fn of_leads_that_are_made_short_streamed_or_in_a_batch() {
    let desk = Desk::new();
    let mut short = exam();
    short.device = Some(Recording::SIMULATOR.into());
    desk.save("short.edf", &short);
    let seconds = 310.6;
    let mut long = exam_with(&[], seconds);
    long.device = Some(Recording::SIMULATOR.into());
    desk.save("long.edf", &long);
    for ending in ["edf", "hea", "csv"] {
        for source in ["short", "long"] {
            let out = format!("{source}-made.{ending}");
            let leads = "--lead V7,aVR,V4R --with-recorded --closed-form";
            // aVR is in the recording already.
            desk.must(&format!("synth {source}.edf {leads} -o {out}").replace(",aVR", ""));
            check(&desk, &out);
            let made = format!("{source}-alone.{ending}");
            desk.must(&format!(
                "synth {source}.edf --closed-form --lead V7,aVR -o {made}"
            ));
            let opened = desk.open(&made);
            let leads = opened.recording.leads;
            assert!(leads.leads()[0].origin.is_synthesised(), "{made}");
            assert!(
                matches!(leads.leads()[1].origin, Origin::Derived { .. }),
                "{made}"
            );
            if source == "long" {
                assert!((leads.duration_s() - seconds).abs() < 1e-9, "{made}");
            }
        }
    }
    std::fs::create_dir(desk.at("exams")).unwrap();
    for name in ["short.edf", "long.edf"] {
        std::fs::copy(desk.at(name), desk.at("exams").join(name)).unwrap();
    }
    for format in ["csv", "edf"] {
        desk.must(&format!(
            "batch exams --lead V7 --closed-form --no-reliability --format {format} --output {format}"
        ));
        for (name, expected_s) in [("short", 10.0), ("long", seconds)] {
            let opened = desk.open(&format!("{format}/{name}.{format}"));
            let leads = &opened.recording.leads;
            assert!(leads.leads()[0].origin.is_synthesised(), "{format} {name}");
            assert!(
                (leads.duration_s() - expected_s).abs() < 1e-9,
                "{format} {name}"
            );
        }
    }
}

#[test]
fn a_sidecar_says_how_each_lead_was_made() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    desk.must("synth a.edf --closed-form --lead V7,aVR --sidecar -o out.csv");
    let told: serde_json::Value = serde_json::from_str(&desk.text("out.csv.json")).unwrap();
    let lead = |at: usize| &told["leads"][at];
    for (at, label, synthesised) in [(0, "dV7", true), (1, "aVR", false)] {
        assert_eq!(lead(at)["label"], label);
        assert_eq!(lead(at)["synthesised"], synthesised);
    }
    assert!(0.0 < lead(0)["expected_rmse_uv"].as_f64().unwrap());
    assert_eq!(told["weights_sha256"].as_str().unwrap().len(), 64);
    desk.refused("synth a.edf --closed-form --lead V8 --sidecar -o out.csv");
    std::fs::remove_file(desk.at("out.csv")).unwrap();
    desk.refused("synth a.edf --closed-form --lead V8 --sidecar -o out.csv");
}

#[test]
fn words_win_over_a_label_that_lost_its_prefix() {
    let desk = Desk::new();
    for name in ["a.edf", "a.hea", "a.csv"] {
        desk.save(name, &made());
        let bytes = std::fs::read(desk.at(name)).unwrap();
        // Same length, so that fields of fixed width stay in place.
        let renamed = replace(&bytes, b"dV7", b"V7 ");
        let renamed = replace(&renamed, b"V7 ,", b"V7,");
        let renamed = replace(&renamed, b"origin V7 :", b"origin V7:");
        desk.write(name, renamed);
        check(&desk, name);
        desk.must(&format!("convert {name} again.edf --force"));
        check(&desk, "again.edf");
    }
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        match rest.strip_prefix(from) {
            Some(after) => {
                out.extend(to);
                rest = after;
            }
            None => {
                out.push(rest[0]);
                rest = &rest[1..];
            }
        }
    }
    out
}

#[test]
fn a_synthesised_lead_is_no_truth_to_measure_by() {
    let desk = Desk::new();
    desk.save("a.edf", &made());
    let said = desk.must("reliability a.edf --lead V7 --closed-form").out;
    assert!(said.contains("no ground truth"), "{said}");
}

#[test]
fn a_cut_label_is_no_other_leads() {
    let desk = Desk::new();
    let rate = exam().leads.rate();
    let names = ["MDC_ECG_LEAD_V7 computed", "MDC_ECG_LEAD_V1 filtered", "V1"];
    let lead = |name: &str| Lead::measured(LeadName::Named(name.into()), beats(1, 500));
    let leads = LeadSet::new(rate, names.map(lead).to_vec()).unwrap();
    desk.save("a.csv", &Recording::from_leads(leads));
    for to in ["b.edf", "b.hea", "b.csv"] {
        desk.must(&format!("convert a.csv {to}"));
        let found = desk.open(to).recording.leads;
        let known = found.leads().iter().filter(|it| it.name.is_known());
        assert_eq!(known.count(), 1, "{to}");
    }
}

#[test]
fn remarks_never_become_facts() {
    let desk = Desk::new();
    let remarks = [
        "Age: 99",
        "Patient name: X",
        "Low-pass Hz: 40",
        "origin V2: derived from I II",
        "at 1 s: beat",
        "sex: male",
    ];
    let mut recording = exam();
    recording.notes = remarks.map(|it| (None, it.to_owned())).to_vec();
    for from in ["a.edf", "a.hea", "a.csv"] {
        desk.save(from, &recording);
        for to in ["b.edf", "b.hea", "b.csv"] {
            desk.must(&format!("convert {from} {to} --force"));
            let found = desk.open(to).recording;
            assert!(
                found.patient.is_anonymous(),
                "{from} to {to}: {:?}",
                found.patient
            );
            assert_eq!(found.filters, recording.filters, "{from} to {to}");
            assert_eq!(
                found.leads.leads()[3].origin,
                Origin::Measured,
                "{from} to {to}"
            );
            let texts: Vec<&str> = found.notes.iter().map(|it| it.1.as_str()).collect();
            assert_eq!(texts, remarks, "{from} to {to}");
        }
    }
}
