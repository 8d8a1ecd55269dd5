//! A de-identified file or page says nothing of the person, and what was done is told.

use ecg_panorama::ecg::{Lead, LeadName, LeadSet, Patient, Recording};

use super::desk::{Desk, beats, exam};

/// An exam with a name planted wherever a file has room for one.
fn planted() -> Recording {
    let plant = || Some("PLANT-PERSON".to_owned());
    let mut recording = exam();
    recording.patient = Patient {
        name: plant(),
        id: plant(),
        birth_date: Some(jiff::civil::date(1931, 2, 3)),
        age_years: Some(93.0),
        ..Patient::default()
    };
    recording.start = Some(jiff::civil::datetime(2024, 5, 6, 7, 8, 9, 0));
    recording.device = plant();
    recording.notes = vec![
        (None, "PLANT-REMARK".into()),
        (Some(1.0), "PLANT-NOTE".into()),
    ];
    let (rate, n_samples) = (recording.leads.rate(), recording.leads.n_samples());
    let clipped = beats(3, n_samples)
        .iter()
        .map(|it| (9.0 * it).clamp(-2.5, 2.5))
        .collect();
    let noise = (0..n_samples)
        .map(|it| (it * 7919 % 97) as f32 / 97.0)
        .collect();
    let more = [
        ("PLANT-FLATNAME", vec![0.5; n_samples]),
        ("PLANT-CLIPNAME", clipped),
        ("PLANT-NOISY", noise),
    ];
    let more = more.map(|(name, samples): (&str, Vec<f32>)| {
        Lead::measured(LeadName::Named(name.into()), samples)
    });
    let leads = [recording.leads.leads(), &more].concat();
    recording.leads = LeadSet::new(rate, leads).unwrap();
    recording
}

#[test]
fn nothing_planted_is_found_again() {
    let desk = Desk::new();
    for from in ["a.edf", "a.hea", "a.csv"] {
        desk.save(from, &planted());
        for args in [
            "convert {} b.edf --deidentify",
            "convert {} b.hea --deidentify",
            "convert {} b.csv --deidentify",
            "page {} -o b.svg --layout 12x1 --deidentify",
        ] {
            let said = desk.must(&format!("{} --force", args.replace("{}", from)));
            for expected in [
                "removed",
                "patient name",
                "names of 3 signals",
                "could not be checked",
            ] {
                assert!(said.err.contains(expected), "{args}: {}", said.err);
            }
            for (name, bytes) in desk.content() {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let is_clean =
                    !text.contains("PLANT") && !text.contains("1931") && !text.contains("2024-05");
                assert!(is_clean || name.starts_with('a'), "{name} after {args}");
            }
        }
    }
}
