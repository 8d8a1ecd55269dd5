//! What must not be looked at is not looked at, and what is misspelt is refused.

use ecg_panorama::ecg::{Lead, LeadName, LeadSet, Recording};

use super::desk::{Desk, beats, exam, exam_with};

#[test]
fn misspelt_leads_are_refused() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    for wrong in [
        "--withhold nope",
        "--withhold V9",
        "--inputs nope",
        "--electrode-at Z9=0,0",
        "--electrode-at V7=90,0",
        "--electrode-at V1=900",
        "--electrode-at aVR=10,20",
        "--exam 77",
    ] {
        for command in [
            "reliability a.edf --lead V8",
            "synth a.edf --lead V8 -o out.csv",
            "calibrate a.edf",
            "panorama a.edf -o out.csv",
        ] {
            desk.refused(&format!("{command} --closed-form {wrong}"));
        }
    }
}

#[test]
fn nothing_to_evaluate_is_no_evaluation() {
    let desk = Desk::new();
    std::fs::create_dir(desk.at("empty")).unwrap();
    desk.save("a.edf", &exam());
    for args in ["nowhere", "empty", "a.edf --label nosuch"] {
        let said = desk.refused(&format!("evaluate --protocol p-app {args} --patients 1"));
        assert!(
            said.err.contains("no exam to score"),
            "{args}: {}",
            said.err
        );
    }
}

#[test]
fn a_filter_that_would_do_nothing_is_refused() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    desk.refused("page a.edf --low-pass 250 -o a.svg");
    desk.refused("page a.edf --low-pass 300 --sheet brugada -o a.pdf");
    desk.must("page a.edf --low-pass 150 -o a.svg");
}

/// The exam with another lead of that name.
pub fn poisoned(lead: &LeadName) -> Recording {
    let recording = exam_with(&["V7"], 10.0);
    let leads = recording.leads.leads().iter().cloned();
    let leads = leads.map(|it| {
        if it.name == *lead {
            Lead::measured(it.name, beats(17, it.samples_mv.len()))
        } else {
            it
        }
    });
    let leads = LeadSet::new(recording.leads.rate(), leads.collect()).unwrap();
    Recording { leads, ..recording }
}

#[test]
fn a_withheld_lead_is_withheld_before_anything_is_derived_from_it() {
    let desk = Desk::new();
    desk.save("a.edf", &exam_with(&["V7"], 10.0));
    for lead in [LeadName::I, LeadName::II, LeadName::V2] {
        desk.save("poisoned.edf", &poisoned(&lead));
        for command in ["reliability {} --lead V4R --json", "calibrate {} --json"] {
            let told = |file: &str| {
                let args = format!(
                    "{} --closed-form --withhold {lead}",
                    command.replace("{}", file)
                );
                desk.must(&args).out.replace(file, "FILE")
            };
            assert_eq!(
                told("a.edf"),
                told("poisoned.edf"),
                "{command} without {lead}"
            );
        }
    }
}

#[test]
fn what_the_reader_warned_of_is_said_by_every_command() {
    let desk = Desk::new();
    desk.save("whole.edf", &exam());
    let bytes = std::fs::read(desk.at("whole.edf")).unwrap();
    desk.write("a.edf", &bytes[..bytes.len() * 3 / 4]);
    for args in [
        "synth a.edf --closed-form --lead V7 -o out.csv",
        "panorama a.edf --closed-form -o views.csv",
        "reliability a.edf --closed-form --lead V7",
        "calibrate a.edf --closed-form",
        "convert a.edf other.csv",
    ] {
        let said = desk.must(args);
        assert!(said.err.contains("cut short"), "{args}: {}", said.err);
    }
    desk.must("page a.edf -o page.svg");
    assert!(desk.text("page.svg").contains("cut short"));
}

#[test]
fn hostile_arguments_of_phantom_are_refused() {
    let desk = Desk::new();
    for wrong in [
        "--rate 1e300",
        "--rate 0",
        "--rate nan",
        "--rate 1e6",
        "--seconds 1e300",
        "--seconds 1e7",
        "--seconds -1",
        "--seconds nan",
        "--seconds inf",
        "--seconds 0",
    ] {
        desk.refused(&format!("phantom {wrong} -o out.edf"));
    }
}

/// A wish that cannot be met is said, or refused.
#[test]
fn an_adapter_that_is_not_there_is_said_and_a_notch_is_at_the_mains() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    let said = desk
        .must("synth a.edf --lead V7 --device 9999 -o b.csv")
        .err;
    assert!(
        said.contains("no adapter 9999") && said.contains("CPU"),
        "{said}"
    );
    desk.must("page a.edf --notch 60 -o b.svg");
    let said = desk.refused("page a.edf --notch 249 -o c.svg").err;
    assert!(said.contains("expected 50 or 60"), "{said}");
}

/// The window keeps them out as well, to compare a synthesised lead with.
#[test]
fn leads_beside_the_twelve_are_kept_out_unless_they_are_inputs() {
    let desk = Desk::new();
    desk.save("twelve.edf", &exam());
    desk.save("more.edf", &exam_with(&["V7", "V1@2ICS"], 10.0));
    let told = |file: &str, inputs: &str| {
        let args = format!("calibrate {file} --closed-form --json {inputs}");
        desk.must(args.trim_end()).out.replace(file, "FILE")
    };
    let mixed_from = |text: &str| {
        let told: serde_json::Value = serde_json::from_str(text).unwrap();
        told["inputs"].to_string()
    };
    let (twelve, more) = (told("twelve.edf", ""), told("more.edf", ""));
    assert_eq!(mixed_from(&more), mixed_from(&twelve));
    assert!(mixed_from(&told("more.edf", "--inputs I,II,V2,V7")).contains("V7"));
}
