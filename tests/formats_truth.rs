//! Files of other programs, read against the numbers that independent readers took from them
//! (`<file>.truth.npy` and `.truth.json` beside each), and files of one and the same exam against
//! each other.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

use std::path::{Path, PathBuf};

use ecg_panorama::{
    ecg::LeadName,
    formats::{self, ExamKind, Opened, ReadOptions},
};

/// The folder of sample files, or a line that says what was skipped.
fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/samples"
    ));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no sample files at ../shared/data/samples");
    None
}

/// Millivolts as another reader has them, lead by lead.
struct Truth {
    names: Vec<String>,
    rate_hz: f64,
    leads_mv: Vec<Vec<f32>>,
}

impl Truth {
    fn of(file: &Path) -> Self {
        let beside = |end: &str| PathBuf::from(format!("{}.truth.{end}", file.display()));
        let about: serde_json::Value =
            serde_json::from_slice(&std::fs::read(beside("json")).unwrap()).unwrap();
        let labels = about["labels"].as_array().unwrap();
        let names: Vec<String> = labels
            .iter()
            .map(|label| label.as_str().unwrap().to_owned())
            .collect();
        Self {
            leads_mv: npy(&std::fs::read(beside("npy")).unwrap(), names.len()),
            rate_hz: about["rate_hz"].as_f64().unwrap(),
            names,
        }
    }
}

/// Columns of a matrix of little-endian single floats.
fn npy(bytes: &[u8], n_columns: usize) -> Vec<Vec<f32>> {
    let header = u16::from_le_bytes([bytes[8], bytes[9]]) as usize + 10;
    let about = String::from_utf8_lossy(&bytes[10..header]).into_owned();
    assert!(about.contains("'<f4'"), "{about}");
    let numbers: Vec<f32> = bytes[header..]
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        .collect();
    let n_rows = numbers.len() / n_columns;
    let is_by_column = about.contains("'fortran_order': True");
    let at = |row: usize, column: usize| {
        numbers[if is_by_column {
            column * n_rows + row
        } else {
            row * n_columns + column
        }]
    };
    (0..n_columns)
        .map(|column| (0..n_rows).map(|row| at(row, column)).collect())
        .collect()
}

fn read(file: &Path, exam: Option<usize>) -> Opened {
    let options = ReadOptions {
        exam,
        ..ReadOptions::default()
    };
    formats::read(file, &options).unwrap()
}

/// Every lead of the truth is there, at its rate, and no sample is off by more than half a step.
/// The file may be shorter (a calibration tail left out) or longer (a truth of its first seconds).
fn check(name: &str) {
    let Some(folder) = samples() else { return };
    let file = folder.join(name);
    let truth = Truth::of(&file);
    let seconds = truth.leads_mv[0].len() as f64 / truth.rate_hz;
    let source = formats::open(&file, &ReadOptions::default()).unwrap();
    let opened = source.window(0.0, seconds).unwrap();
    assert_eq!(opened.report.rate_hz, truth.rate_hz, "{name}");
    for (label, expected) in truth.names.iter().zip(&truth.leads_mv) {
        // Truths of DICOM add codes and meanings to the names.
        let plain = label.split(['[', ',']).next().unwrap().trim();
        let lead = [label.as_str(), plain]
            .iter()
            .find_map(|name| opened.recording.leads.get(&LeadName::parse(name)))
            .unwrap_or_else(|| panic!("{name}: no {label}"));
        let report = opened.report.leads.iter().find(|it| it.name == lead.name);
        let step_mv = report.and_then(|it| it.step_uv).unwrap_or(1.0) / 1e3;
        let worst = lead
            .samples_mv
            .iter()
            .zip(expected)
            .map(|(found, expected)| f64::from((found - expected).abs()))
            .fold(0.0, f64::max);
        assert!(worst <= 0.5 * step_mv, "{name} {label}: off by {worst} mV");
        let n = lead.samples_mv.len().min(expected.len());
        assert!(
            (0.9 * expected.len() as f64) <= n as f64,
            "{name} {label}: {n} samples"
        );
    }
}

#[test]
fn annotated_ecg() {
    check("aecg/ecgtoolkit_Example.xml");
    for end in [
        "effectiveTime_high",
        "effectiveTime_interval",
        "effectiveTime_low",
        "nouuid",
    ] {
        check(&format!("aecg/fda_minimum_aecg_{end}.xml"));
    }
}

#[test]
fn dicom() {
    check("dicom/ecgtoolkit_Example.dcm");
    check("dicom/ecg2dcm_guangxi_general_ecg.dcm");
}

/// ECGToolkit wrote one exam as aECG, DICOM and SCP; the cart in Guangxi one as MUSE XML and DICOM.
#[test]
fn the_same_exam_in_several_formats() {
    let Some(folder) = samples() else { return };
    for pair in [
        [
            "aecg/ecgtoolkit_Example.xml",
            "dicom/ecgtoolkit_Example.dcm",
        ],
        [
            "muse/ecg2dcm_guangxi_teaching_sinus_rhythm.xml",
            "dicom/ecg2dcm_guangxi_general_ecg.dcm",
        ],
    ] {
        let [one, other] = pair.map(|file| read(&folder.join(file), None));
        for lead in LeadName::EIGHT {
            let [a, b] = [&one, &other].map(|it| it.recording.leads.get(&lead).unwrap());
            assert_eq!(a.samples_mv.len(), b.samples_mv.len(), "{pair:?} {lead}");
            for (a, b) in a.samples_mv.iter().zip(b.samples_mv.iter()) {
                assert!((a - b).abs() < 1e-6, "{pair:?} {lead}: {a} and {b}");
            }
        }
    }
}

#[test]
fn scp_ecg() {
    check("scp/ecgtoolkit_Example.scp");
}

#[test]
fn ishne() {
    check("ishne/crismartin_1-300m.ecg");
}

#[test]
fn alivecor() {
    check("atc/1_lead.atc");
    check("atc/6_lead.atc");
}

/// `text/contec_0000050.ECG.csv` holds the steps that ecg-contec read, 5 µV each.
#[test]
fn contec() {
    let Some(folder) = samples() else { return };
    let opened = read(&folder.join("contec/0000050.ECG"), None);
    let rows = std::fs::read_to_string(folder.join("text/contec_0000050.ECG.csv")).unwrap();
    let lead = |name| &opened.recording.leads.get(&name).unwrap().samples_mv;
    let leads = [lead(LeadName::I), lead(LeadName::II), lead(LeadName::III)];
    assert_eq!(leads[0].len(), rows.lines().count());
    for (idx, row) in rows.lines().enumerate() {
        for (lead, cell) in leads.iter().zip(row.split(',')) {
            let steps: f32 = cell.parse().unwrap();
            assert!((lead[idx] - steps * 0.005).abs() < 1e-5, "row {idx}");
        }
    }
}

/// The standard's own example states no unit.
#[test]
fn fhir() {
    let Some(folder) = samples() else { return };
    let file = folder.join("fhir/observation-example-sample-data.json");
    let error = formats::read(&file, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("no unit stated"), "{error}");
    let options = ReadOptions {
        missing_unit: formats::MissingUnit::Take(formats::Unit::Microvolt),
        ..ReadOptions::default()
    };
    let opened = formats::read(&file, &options).unwrap();
    let first = opened.recording.leads.get(&LeadName::I).unwrap().samples_mv[0];
    assert!(
        (f64::from(first) - (2041.0 - 2048.0) * 1.612e-3).abs() < 1e-6,
        "{first}"
    );
}

#[test]
fn wfdb() {
    check("ludb/1.hea");
    check("wfdb_flac/flac_3_constant.hea");
    check("wfdb_flac/flacformats.hea");
}

/// BioSPPy's numbers have no unit; OpenSignals' have the transfer function of the sensor's maker.
#[test]
fn text_of_wearables() {
    let Some(folder) = samples() else { return };
    let file = folder.join("text/biosppy_ecg.txt");
    let error = formats::read(&file, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("no unit stated"), "{error}");
    let options = ReadOptions {
        converter: Some(formats::Converter {
            steps_per_mv: 1.0,
            zero: 0.0,
        }),
        ..ReadOptions::default()
    };
    let opened = formats::read(&file, &options).unwrap();
    let truth = npy(
        &std::fs::read(folder.join("text/biosppy_ecg.txt.truth.npy")).unwrap(),
        1,
    );
    assert_eq!(
        opened.recording.leads.leads()[0].samples_mv[..],
        truth[0][..]
    );

    let opened = read(&folder.join("text/pyhrv_SampleECG_opensignals.txt"), None);
    assert_eq!(
        opened.recording.start.unwrap().to_string(),
        "2016-06-11T07:03:47.29"
    );
    let first = opened.recording.leads.leads()[0].samples_mv[0];
    let expected = (496.0 / 1024.0 - 0.5) * 3300.0 / 1100.0;
    assert!(
        (f64::from(first) - expected).abs() < 1e-6,
        "{first} for {expected}"
    );
}

#[test]
fn muse() {
    check("muse/ecg2dcm_guangxi_teaching_sinus_rhythm.xml");
}

#[test]
fn sierra() {
    check("sierra/1_03_repbeats_example.xml");
    check("sierra/1_04_ad4d3d80-d165_orig.xml");
}

#[test]
fn cardiosoft() {
    check("cardiosoft/ecgprocess_example-XML1.xml");
}

/// What each file says beside its samples.
#[test]
fn reports() {
    let Some(folder) = samples() else { return };
    for (file, words) in [
        (
            "hl7_aecg_fda_subject1_0.xml",
            vec!["HL7 aECG", "ELI250", "QTc", "low-pass 150 Hz"],
        ),
        (
            "aecg/ecgtoolkit_Example.xml",
            vec!["exam 2: REPRESENTATIVE_BEAT", "PR 148 ms"],
        ),
        (
            "ge_muse_braveheart_ex1.xml",
            vec!["high-pass 0.16 Hz", "QT 452 ms", "exam 1: Median"],
        ),
        (
            "philips_sierra_1_03_129DYPRG.XML",
            vec!["1.03", "5 µV per step"],
        ),
        (
            "philips_sierra_1_04_01_2020-5-18_15-48-11.xml",
            vec!["1.04.01", "representative beats"],
        ),
        (
            "cardiosoft/ecgprocess_example-XML1.xml",
            vec!["V6.73", "QT 440 ms", "full disclosure, 12 signals, 16 s"],
        ),
    ] {
        let opened = read(&folder.join(file), None);
        let all = opened.report.words().join("\n");
        println!("{all}\n");
        for words in words {
            assert!(all.contains(words), "{file}: no {words:?} in\n{all}");
        }
    }
}

/// A median beat is found when asked for, and says what it is.
#[test]
fn median_beats_are_exams_of_their_own() {
    let Some(folder) = samples() else { return };
    for (file, exam, n_samples) in [
        ("aecg/ecgtoolkit_Example.xml", 1, 599),
        ("dicom/ecgtoolkit_Example.dcm", 1, 600),
        ("scp_wfdb_test.scp", 1, 349),
        ("ge_muse_braveheart_ex1.xml", 0, 600),
        ("sierra/1_03_repbeats_example.xml", 1, 1200),
        ("cardiosoft/ecgprocess_example-XML1.xml", 1, 600),
    ] {
        let opened = read(&folder.join(file), Some(exam));
        assert_eq!(opened.report.exams[exam].kind, ExamKind::Median, "{file}");
        assert_eq!(opened.recording.leads.n_samples(), n_samples, "{file}");
        assert!(!opened.report.cautions.is_empty(), "{file}");
    }
}
