//! Inputs built after public reports about other readers, against the right result of each.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

use std::path::PathBuf;

use ecg_panorama::{
    ecg::{LeadName, Sex},
    formats::{self, Converter, MissingUnit, Opened, ReadOptions, Unit},
};

/// The folder of cases, or a line that says what was skipped.
fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no cases at ../shared/cases");
    None
}

/// Columns of a truth, by name; `NaN` where nothing was recorded.
fn truth(name: &str) -> Option<Vec<(String, Vec<f32>)>> {
    let path = folder()?.join(format!("truth/{name}.csv"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .skip(1)
        .map(str::to_owned)
        .collect();
    let mut columns = vec![Vec::new(); names.len()];
    for row in reader.records() {
        for (column, cell) in columns.iter_mut().zip(row.unwrap().iter().skip(1)) {
            column.push(cell.parse().unwrap_or(f32::NAN));
        }
    }
    Some(names.into_iter().zip(columns).collect())
}

/// Reads a case and holds it against its truth, column by column in the order given.
fn check_with(file: &str, leads: &[&str], options: &ReadOptions) -> Option<Opened> {
    let folder = folder()?;
    let opened = formats::read(&folder.join("files").join(file), options)
        .unwrap_or_else(|error| panic!("{file}: {error}"));
    let case = file.split(['/', '.']).next().unwrap();
    let truth = truth(case)?;
    let step_mv = |name: &LeadName| {
        let found = opened.report.leads.iter().find(|it| it.name == *name);
        found.and_then(|it| it.step_uv).unwrap_or(0.1) / 1e3
    };
    for (lead, (label, expected)) in leads.iter().zip(&truth) {
        let name = LeadName::parse(lead);
        let found = opened.recording.leads.get(&name);
        let found = &found
            .unwrap_or_else(|| panic!("{file}: no {lead}"))
            .samples_mv;
        assert_eq!(found.len(), expected.len(), "{file} {lead}");
        let half = 0.5 * step_mv(&name) + 1e-6;
        for (idx, (found, expected)) in found.iter().zip(expected).enumerate() {
            let is_same = found.is_nan() == expected.is_nan()
                && (found.is_nan() || f64::from((found - expected).abs()) <= half);
            assert!(
                is_same,
                "{file} {label} sample {idx}: {found} for {expected}"
            );
        }
    }
    Some(opened)
}

fn check(file: &str, leads: &[&str]) -> Option<Opened> {
    check_with(file, leads, &ReadOptions::default())
}

fn says(opened: &Opened, words: &str) {
    let all = opened.report.words().join("\n");
    assert!(all.contains(words), "no {words:?} in\n{all}");
}

fn refused(file: &str, words: &[&str]) {
    let Some(folder) = folder() else { return };
    let error = formats::read(&folder.join("files").join(file), &ReadOptions::default())
        .expect_err(file)
        .to_string();
    for words in words {
        assert!(error.contains(words), "no {words:?} in {error}");
    }
}

#[test]
fn a01_micro_in_any_bytes() {
    let Some(opened) = check("A01_edf_unit_micro_in_utf8.edf", &["I", "II", "V1"]) else {
        return;
    };
    says(&opened, "left out: ECG V2");
    says(&opened, "not ASCII");
}

#[test]
fn a02_a_start_date_of_zeros() {
    let Some(opened) = check("A02_edf_startdate_00_00_00.edf", &["I", "II"]) else {
        return;
    };
    assert_eq!(opened.recording.start, None);
    says(&opened, "00.00.00");
}

#[test]
fn a03_days_that_do_not_exist() {
    let Some(opened) = check("A03_edfplus_recording_date_invalid.edf", &["I", "II"]) else {
        return;
    };
    let recording = &opened.recording;
    assert_eq!(recording.start.unwrap().to_string(), "2020-02-28T14:05:06");
    assert_eq!(recording.patient.name.as_deref(), Some("Haagse Harry"));
    assert_eq!(
        (recording.patient.sex, recording.patient.birth_date),
        (Some(Sex::Female), None)
    );
    says(&opened, "31-FEB-2020");
    says(&opened, "32-DEC-1951");
}

#[test]
fn a05_dummy_signals_between_leads() {
    let Some(opened) = check("A05_edf_dummy_channels_all_zero.edf", &["I", "II", "V5"]) else {
        return;
    };
    assert_eq!(opened.report.left_out.len(), 3);
}

#[test]
fn a06_negative_gain() {
    check("A06_edf_negative_gain.edf", &["I", "II"]);
}

#[test]
fn a07_commas_and_text_behind_a_nul() {
    let file = "A07_edf_comma_decimals_and_c_strings.edf";
    let Some(opened) = check(file, &["I", "II"]) else {
        return;
    };
    assert_eq!(opened.report.rate_hz, 500.0);
    says(&opened, "decimal commas");
}

#[test]
fn a08_leaked_bytes_in_reserved_fields() {
    let Some(opened) = check("A08_edf_reserved_leaked_bytes.edf", &["I", "II"]) else {
        return;
    };
    assert_eq!(opened.report.format, "EDF");
}

#[test]
fn a10_annotations_come_first() {
    let file = "A10_edfplus_annotations_first_duration_2_0.edf";
    let Some(opened) = check(file, &["I", "II"]) else {
        return;
    };
    let onsets: Vec<Option<f64>> = opened.recording.notes.iter().map(|it| it.0).collect();
    assert_eq!(onsets, [Some(1.5), Some(3.25)]);
}

#[test]
fn a12_annotations_alone() {
    refused(
        "A12_edfplus_annotations_only_duration_0.edf",
        &["3 annotations and no signal"],
    );
}

#[test]
fn a14_late_but_contiguous() {
    let file = "A14_edfplus_d_late_but_contiguous.edf";
    let Some(opened) = check(file, &["I", "II"]) else {
        return;
    };
    assert_eq!(
        opened.recording.start.unwrap().time().to_string(),
        "11:20:30.5"
    );
    assert!(opened.report.gaps.is_empty());
    assert_eq!(opened.recording.notes[0].0, Some(1.5));
}

#[test]
fn a16_longer_than_stated() {
    let Some(folder) = folder() else { return };
    let file = folder.join("files/A16_edf_longer_than_stated.edf");
    let opened = formats::read(&file, &ReadOptions::default()).unwrap();
    assert_eq!(opened.report.duration_s, 2.0);
    says(&opened, "2 data records beyond the stated 2 were left out");
}

#[test]
fn a17_the_ecg_among_eeg() {
    let Some(opened) = check("A17_edf_ekg_under_eeg_label.edf", &["EKG1"]) else {
        return;
    };
    assert_eq!(
        (opened.report.rate_hz, opened.report.leads.len()),
        (250.0, 1)
    );
    says(&opened, "PHOTIC-REF");
}

#[test]
fn a18_cut_within_a_record() {
    let Some(folder) = folder() else { return };
    let file = folder.join("files/A18_bdf_cut_mid_record.bdf");
    let opened = formats::read(&file, &ReadOptions::default()).unwrap();
    assert_eq!(opened.report.duration_s, 3.0);
    says(&opened, "cut short");
}

#[test]
fn a20_a_start_between_seconds() {
    let Some(opened) = check("A20_edfplus_start_between_seconds.edf", &["I", "II"]) else {
        return;
    };
    assert_eq!(
        opened.recording.start.unwrap().time().to_string(),
        "10:20:30.202312"
    );
}

#[test]
fn a21_a_long_name_with_accents() {
    let Some(folder) = folder() else { return };
    let file = folder.join("files/A21_bdf_name_with_accent.bdf");
    let opened = formats::read(&file, &ReadOptions::default()).unwrap();
    let patient = &opened.recording.patient;
    let name = patient.name.as_ref().or(patient.id.as_ref()).unwrap();
    assert!(!name.is_ascii() && !name.contains('\u{fffd}'), "{name}");
}

const TWELVE: [&str; 12] = [
    "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6",
];

#[test]
fn a22_folders_in_names() {
    let file = "A22_wfdb_folder_in_names/00001_medians.hea";
    let Some(opened) = check(file, &TWELVE) else {
        return;
    };
    says(&opened, "folders before the names");
}

#[test]
fn a24_a_date_as_iso_has_it() {
    let Some(opened) = check("A24_wfdb_iso_date/A00001.hea", &["ECG"]) else {
        return;
    };
    assert_eq!(
        opened.recording.start.unwrap().to_string(),
        "2014-05-08T05:05:15"
    );
}

#[test]
fn a26_a_segment_line_is_missing() {
    refused(
        "A26_wfdb_segment_line_missing/3029208.hea",
        &["\"3\"", "2 follow"],
    );
}

#[test]
fn a28_no_gain() {
    let file = "A28_wfdb_gain_zero/04015.hea";
    refused(file, &["uncalibrated"]);
    let millivolts = ReadOptions {
        missing_unit: MissingUnit::Take(Unit::Millivolt),
        ..ReadOptions::default()
    };
    let Some(opened) = check_with(file, &["ECG1", "ECG2"], &millivolts) else {
        return;
    };
    says(&opened, "uncalibrated: 200 steps a millivolt assumed");
}

#[test]
fn a30_flac() {
    check("A30_wfdb_flac_516/81739927_0001.hea", &["II", "V"]);
}

#[test]
fn a32_cut_short_is_said_once() {
    let Some(folder) = folder() else { return };
    let file = folder.join("files/A32_wfdb_mimic_cut_short/40689238.hea");
    let opened = formats::read(&file, &ReadOptions::default()).unwrap();
    assert_eq!(opened.recording.leads.n_samples(), 2730);
    assert_eq!(
        opened.report.warnings.len(),
        1,
        "{:?}",
        opened.report.warnings
    );
    for (label, expected) in truth("A32_wfdb_mimic_cut_short").unwrap() {
        let lead = opened
            .recording
            .leads
            .get(&LeadName::parse(&label))
            .unwrap();
        let same = |(a, b): (&f32, &f32)| (a - b).abs() < 5e-4 || (a.is_nan() && b.is_nan());
        assert!(lead.samples_mv.iter().zip(&expected).all(same), "{label}");
    }
}

#[test]
fn a34_a35_asystole_and_leads_upside_down() {
    check("A34_wfdb_no_beats/asystole.hea", &["I", "II", "V1"]);
    check("A35_wfdb_upside_down/inverted.hea", &["I", "II", "V5"]);
}

#[test]
fn a36_apple_health() {
    let Some(opened) = check("A36_csv_apple_health_en.csv", &["I"]) else {
        return;
    };
    assert_eq!(opened.report.rate_hz, 512.0);
    assert_eq!(
        opened.recording.start.unwrap().to_string(),
        "2026-03-14T09:15:00"
    );
    assert_eq!(
        opened.recording.patient.name.as_deref(),
        Some("Test Person")
    );
    assert_eq!(opened.recording.notes[0].1, "Sinus Rhythm");
}

#[test]
fn a38_rdsamp() {
    let Some(opened) = check("A38_csv_physionet_rdsamp.csv", &["MLII", "V5"]) else {
        return;
    };
    assert_eq!(opened.report.rate_hz, 360.0);
}

#[test]
fn a39_numbers_of_a_converter() {
    let file = "A39_csv_mitbih_raw_numbers.csv";
    refused(file, &["name the rate", "steps a millivolt"]);
    let options = ReadOptions {
        missing_rate_hz: Some(360.0),
        converter: Some(Converter {
            steps_per_mv: 200.0,
            zero: 1024.0,
        }),
        ..ReadOptions::default()
    };
    check_with(file, &["MLII", "V5"], &options);
}

#[test]
fn a40_polar() {
    let Some(opened) = check("A40_csv_polar_sensor_logger.txt", &["ecg"]) else {
        return;
    };
    assert_eq!(opened.report.rate_hz, 130.0);
    assert_eq!(
        opened.recording.start.unwrap().to_string(),
        "2024-03-26T17:30:49.12"
    );
}

#[test]
fn a41_times_of_packets() {
    let file = "A41_csv_times_of_packets.csv";
    refused(file, &["name their rate", "122"]);
    let options = ReadOptions {
        missing_rate_hz: Some(122.0),
        ..ReadOptions::default()
    };
    check_with(file, &["ecg"], &options);
}

#[test]
fn a43_shimmer() {
    let Some(opened) = check("A43_csv_shimmer_sep_line.csv", &["II", "I"]) else {
        return;
    };
    assert_eq!(opened.report.rate_hz, 512.0);
    assert!(
        opened
            .report
            .leads
            .iter()
            .any(|it| it.found_as.contains("Vx-RL"))
    );
}

#[test]
fn a46_lab_chart() {
    let Some(opened) = check("A46_txt_labchart_with_time.txt", &["ECG"]) else {
        return;
    };
    assert_eq!(opened.report.rate_hz, 500.0);
    says(&opened, "left out: Resp");
    assert_eq!(
        opened.recording.notes,
        [(Some(1.5), "posture changed".to_owned())]
    );
}

#[test]
fn a50_commas_for_both() {
    refused("A50_csv_comma_for_both.csv", &["6 cells", "decimal point"]);
}

#[test]
fn a54_a_layout_without_samples() {
    check("A54_wfdb_layout_format_0/s00001.hea", &["II", "V"]);
}
