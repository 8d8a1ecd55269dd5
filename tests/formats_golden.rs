//! What must hold whatever the format: the same ECG reads the same, what is written reads back, and
//! nothing is taken silently.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

mod support;

use ecg_panorama::{
    ecg::{
        Filters, Lead, LeadName, LeadSet, Origin, Patient, Recording, SampleRate, Sex, ViewAngle,
    },
    formats::{
        self, Conversion, Format, FormatError, LimbLeads, MissingUnit, Opened, OtherRates, Output,
        ReadOptions, Truncated, Unit,
    },
};
use support::*;

fn as_recorded() -> ReadOptions {
    ReadOptions {
        limb_leads: LimbLeads::AsRecorded,
        ..ReadOptions::default()
    }
}

fn read(bytes: &[u8]) -> Result<Opened, FormatError> {
    formats::read_bytes("test file", bytes, &as_recorded())
}

/// Every lead within a hundredth of a step of 5 µV.
fn check_steps(what: &str, opened: &Opened, columns: &[Vec<i16>]) {
    assert_eq!(
        opened.recording.leads.leads().len(),
        columns.len(),
        "{what}"
    );
    for (label, column) in LEADS.iter().zip(columns) {
        let lead = opened
            .recording
            .leads
            .get(&LeadName::parse(label))
            .unwrap_or_else(|| panic!("{what}: {label}"));
        assert_eq!(lead.samples_mv.len(), column.len(), "{what}");
        for (at, (found, expected)) in lead.samples_mv.iter().zip(column).enumerate() {
            let expected_mv = f32::from(*expected) * 0.005;
            assert!(
                (found - expected_mv).abs() < 5e-5,
                "{what} {label} at {at}: {found} for {expected_mv}"
            );
        }
    }
    assert_eq!(opened.recording.leads.rate().hz(), 500.0, "{what}");
    assert!(
        opened.report.warnings.is_empty(),
        "{what}: {:?}",
        opened.report.warnings
    );
}

#[test]
fn the_same_ecg_reads_the_same_from_every_format() {
    let columns = steps(1001);
    let (whole, odd) = (steps(1000), &columns);
    let microvolts = Edf::of(&whole, "uV", ("-163840", "163835"), 500, "1").bytes();
    check_steps("EDF in µV", &read(&microvolts).unwrap(), &whole);
    let millivolts = Edf::of(&whole, "mV", ("-163.84", "163.835"), 250, "0.5").bytes();
    check_steps("EDF in mV", &read(&millivolts).unwrap(), &whole);
    for (what, format, gain, data) in [
        ("WFDB 16", "16", "200(0)/mV", dat_16(odd)),
        ("WFDB 16 in µV", "16", "0.2/uV", dat_16(odd)),
        ("WFDB 212", "212", "200/mV", dat_212(odd)),
        ("WFDB 16+24 (.mat)", "16+24", "200/mV", mat(odd)),
    ] {
        let header = hea("rec", "rec.dat", format, gain, "500", odd);
        for first in [0, 1] {
            let mut files = [("rec.hea", header.as_bytes()), ("rec.dat", data.as_slice())];
            files.rotate_left(first);
            check_steps(
                what,
                &formats::read_files(&files, &as_recorded()).unwrap(),
                odd,
            );
        }
    }
    check_steps("CSV", &read(csv(odd, 500.0).as_bytes()).unwrap(), odd);
    check_steps(
        "TSV",
        &read(csv(odd, 500.0).replace(',', "\t").as_bytes()).unwrap(),
        odd,
    );
    let semicolons = csv(odd, 500.0).replace(',', ";").replace('.', ",");
    check_steps(
        "CSV with ; and decimal commas",
        &read(semicolons.as_bytes()).unwrap(),
        odd,
    );
}

#[test]
fn windows_are_parts_of_the_whole() {
    let columns = steps(2000);
    let edf = Edf::of(&columns, "uV", ("-163840", "163835"), 200, "0.4").bytes();
    let header = hea("rec", "rec.dat", "212", "200/mV", "500", &columns);
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| folder.path().join(name);
    std::fs::write(named("a file.edf"), edf).unwrap();
    std::fs::write(named("rec.hea"), header).unwrap();
    std::fs::write(named("rec.dat"), dat_212(&columns)).unwrap();
    std::fs::write(named("ä ö.csv"), csv(&columns, 500.0)).unwrap();
    for name in ["a file.edf", "rec.dat", "ä ö.csv"] {
        let source = formats::open(&named(name), &as_recorded()).unwrap();
        assert_eq!(source.duration_s(), 4.0);
        for (start, seconds) in [
            (0.0, 4.0),
            (0.398, 0.01),
            (1.0, 1.0),
            (3.99, 5.0),
            (2.001, 0.002),
        ] {
            let part = source.window(start, seconds).unwrap();
            let first = (start * 500.0).round() as usize;
            let last = (first + (seconds * 500.0_f64).round() as usize).min(2000);
            for (lead, column) in part.recording.leads.leads().iter().zip(&columns) {
                let expected: Vec<f32> = column[first..last]
                    .iter()
                    .map(|it| f32::from(*it) * 0.005)
                    .collect();
                let near = lead
                    .samples_mv
                    .iter()
                    .zip(&expected)
                    .all(|(a, b)| (a - b).abs() < 5e-5);
                assert!(
                    near && lead.samples_mv.len() == expected.len(),
                    "{name} {start}"
                );
            }
        }
        assert!(source.window(4.0, 1.0).is_err() && source.window(1.0, 0.0).is_err());
    }
}

#[test]
fn gaps_of_edf_plus_d_stay_gaps() {
    let columns = steps(1500);
    let lists = [
        "+0\x14\x14\0+0.5\x14before\x14\0",
        "+1\x14\x14\0",
        "+5.5\x14\x14\0+5.75\x150.1\x14after\x14\0",
    ];
    let bytes = Edf::of(&columns, "uV", ("-163840", "163835"), 500, "1")
        .with_lists("EDF+D", &lists)
        .bytes();
    let opened = read(&bytes).unwrap();
    let lead = &opened.recording.leads.leads()[0];
    assert_eq!(lead.samples_mv.len(), 3250);
    assert!(lead.samples_mv[1000..2750].iter().all(|it| it.is_nan()));
    for (at, from) in [(0, 0), (999, 999), (2750, 1000), (3249, 1499)] {
        assert!((lead.samples_mv[at] - f32::from(columns[0][from]) * 0.005).abs() < 5e-5);
    }
    assert_eq!(
        opened.recording.notes,
        [
            (Some(0.5), "before".into()),
            (Some(5.75), "after [0.1 s]".into())
        ]
    );
    assert_eq!(
        (
            opened.report.gaps.len(),
            opened.report.gaps[0].start_s,
            opened.report.gaps[0].seconds
        ),
        (1, 2.0, 3.5)
    );
    let source = formats::open_bytes("gaps", &bytes[..], &as_recorded()).unwrap();
    let late = source.window(5.6, 0.2).unwrap().recording;
    assert!(
        (late.leads.leads()[0].samples_mv[0] - f32::from(columns[0][1050]) * 0.005).abs() < 5e-5
    );
    assert_eq!(late.notes.len(), 1);
    let contiguous = Edf::of(&columns, "uV", ("-163840", "163835"), 500, "1")
        .with_lists("EDF+C", &lists)
        .bytes();
    assert!(
        read(&contiguous)
            .unwrap()
            .report
            .warnings
            .iter()
            .any(|it| it.contains("gaps"))
    );
}

#[test]
fn start_times_are_local_and_never_shifted() {
    let columns = steps(500);
    let lists = ["+0.25\x14\x14\0+0.75\x14mark\x14\0"];
    let bytes = Edf::of(&columns, "uV", ("-163840", "163835"), 500, "1")
        .with_lists("EDF+C", &lists)
        .bytes();
    let opened = read(&bytes).unwrap();
    assert_eq!(
        opened.recording.start.unwrap().to_string(),
        "2002-03-02T13:14:15.25"
    );
    assert_eq!(opened.recording.notes, [(Some(0.5), "mark".to_owned())]);
    let mut old = Edf::of(&columns, "uV", ("-163840", "163835"), 500, "1");
    (old.start, old.recording) = ("31.12.8523.59.59".into(), String::new());
    assert_eq!(
        read(&old.bytes())
            .unwrap()
            .recording
            .start
            .unwrap()
            .to_string(),
        "1985-12-31T23:59:59"
    );
    old.start = "01.01.8500.00.00".into();
    assert_eq!(read(&old.bytes()).unwrap().recording.start, None);
}

#[test]
fn numbers_without_a_unit_are_not_taken_silently() {
    let columns = steps(500);
    let bare = Edf::of(&columns, "", ("-32768", "32767"), 500, "1").bytes();
    assert!(read(&bare).unwrap_err().to_string().contains("no unit"));
    let told = ReadOptions {
        missing_unit: MissingUnit::Take(Unit::Microvolt),
        ..as_recorded()
    };
    let opened = formats::read_bytes("bare", &bare, &told).unwrap();
    assert!(opened.report.leads[0].unit.contains("assumed"));
    assert!(
        (opened.recording.leads.leads()[0].samples_mv[1] - f32::from(columns[0][1]) * 1e-3).abs()
            < 1e-6
    );
    let table = csv(&columns, 500.0).replace(" (uV)", "");
    assert!(read(table.as_bytes()).is_err());
    let uncalibrated = hea("rec", "rec.dat", "16", "0", "500", &columns);
    let data = dat_16(&columns);
    assert!(
        formats::read_files(
            &[("rec.hea", uncalibrated.as_bytes()), ("rec.dat", &data)],
            &as_recorded()
        )
        .is_err()
    );
    let pressure = Edf::of(&columns, "mmHg", ("-32768", "32767"), 500, "1").bytes();
    assert!(
        read(&pressure)
            .unwrap_err()
            .to_string()
            .contains("no voltage")
    );
}

#[test]
fn other_rates_are_left_out_or_interpolated_by_name() {
    let mut edf = Edf::of(&steps(1000), "uV", ("-163840", "163835"), 500, "1");
    let slow = &mut edf.signals[7];
    slow.per_record = 100;
    slow.records = (0..2)
        .map(|record| {
            (0..100)
                .flat_map(|it| (record * 100i16 + it).to_le_bytes())
                .collect()
        })
        .collect();
    let opened = read(&edf.bytes()).unwrap();
    assert_eq!(
        (opened.report.leads.len(), opened.report.left_out.len()),
        (7, 1)
    );
    assert!(opened.report.left_out[0].reason.contains("100 Hz"));
    let risen = formats::read_bytes(
        "slow",
        &edf.bytes(),
        &ReadOptions {
            other_rates: OtherRates::UpsampleLinearly,
            ..as_recorded()
        },
    )
    .unwrap();
    let lead = risen.recording.leads.get(&LeadName::V6).unwrap();
    for at in [0, 7, 512, 990] {
        assert!(
            (lead.samples_mv[at] - at as f32 / 5.0 * 0.005).abs() < 1e-5,
            "{at}"
        );
    }
    let alone = formats::read_bytes(
        "slow",
        &edf.bytes(),
        &ReadOptions {
            main_rate_hz: Some(100.0),
            ..as_recorded()
        },
    )
    .unwrap();
    assert_eq!(alone.recording.leads.rate().hz(), 100.0);
}

#[test]
fn segments_follow_one_another() {
    let columns = steps(300);
    let part = |range: std::ops::Range<usize>| {
        columns
            .iter()
            .map(|it| it[range.clone()].to_vec())
            .collect::<Vec<_>>()
    };
    let (first, second) = (part(0..100), part(100..300));
    let mut swapped = second.clone();
    swapped.swap(0, 1);
    let headers = [hea("a", "a.dat", "16", "200", "500", &first), {
        let text = hea("b", "b.dat", "212", "200", "500", &swapped);
        text.replace(" 0 II\n", " 0 ?\n")
            .replace(" 0 I\n", " 0 II\n")
            .replace(" 0 ?\n", " 0 I\n")
    }];
    let master = "rec/4 8 500 350\na 100\n~ 50\nb 200\nb 0\n";
    let (a, b) = (dat_16(&first), dat_212(&swapped));
    let files: [(&str, &[u8]); 5] = [
        ("rec.hea", master.as_bytes()),
        ("a.hea", headers[0].as_bytes()),
        ("a.dat", &a),
        ("b.hea", headers[1].as_bytes()),
        ("b.dat", &b),
    ];
    let opened = formats::read_files(&files, &as_recorded()).unwrap();
    let lead = &opened.recording.leads.get(&LeadName::I).unwrap().samples_mv;
    assert!(lead[100..150].iter().all(|it| it.is_nan()) && lead.len() == 350);
    for (at, from) in [(0, 0), (99, 99), (150, 100), (349, 299)] {
        assert!(
            (lead[at] - f32::from(columns[0][from]) * 0.005).abs() < 5e-5,
            "{at}"
        );
    }
}

#[test]
fn short_files_are_kept_with_a_warning_or_refused_by_name() {
    let columns = steps(1500);
    let whole = Edf::of(&columns, "uV", ("-163840", "163835"), 500, "1").bytes();
    let cut = &whole[..whole.len() - 100];
    let opened = read(cut).unwrap();
    assert_eq!(opened.recording.leads.n_samples(), 1000);
    assert!(opened.report.warnings[0].contains("cut short: 2 of 3"));
    let strict = ReadOptions {
        truncated: Truncated::Refuse,
        ..as_recorded()
    };
    let error = formats::read_bytes("cut.edf", cut, &strict).unwrap_err();
    assert_eq!((&*error.file, &*error.expected), ("cut.edf", "3"));
}

fn everything(n: usize) -> Recording {
    let view = ViewAngle::from_degrees(100.0, 112.5).unwrap();
    let waves = steps(n);
    let mv = |lead: usize| {
        waves[lead]
            .iter()
            .map(|it| f32::from(*it) * 0.005)
            .collect::<Vec<f32>>()
    };
    let mut holed = mv(3);
    holed[3] = f32::NAN;
    let end = (n / 2 + 40).min(n);
    holed[n / 2..end].fill(f32::NAN);
    let leads = vec![
        Lead::measured(LeadName::I, mv(0)),
        Lead::measured(LeadName::II, mv(1)),
        Lead {
            name: LeadName::III,
            origin: Origin::Derived {
                from: vec![LeadName::I, LeadName::II],
            },
            samples_mv: mv(2).into(),
        },
        Lead::measured(LeadName::V2, holed),
        Lead {
            name: LeadName::parse("V7"),
            origin: Origin::Synthesised {
                view,
                by: "prior 12ab".into(),
            },
            samples_mv: mv(5).into(),
        },
        Lead::measured(LeadName::parse("V1@2ICS"), mv(6)),
    ];
    Recording {
        leads: LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap(),
        start: Some("2024-02-29T23:59:58.5".parse().unwrap()),
        patient: Patient {
            name: Some("Ada Lovelace".into()),
            id: Some("0815".into()),
            sex: Some(Sex::Female),
            birth_date: Some("1980-12-10".parse().unwrap()),
            age_years: Some(43.0),
        },
        study: None,
        device: Some("Cart 3000".into()),
        filters: Filters {
            high_pass_hz: Some(0.05),
            low_pass_hz: Some(150.0),
            notch_hz: Some(50.0),
        },
        notes: vec![
            (None, "as told by the nurse: calm".into()),
            (Some(0.25), "électrode moved".into()),
            (Some(1.0), "cough".into()),
        ],
    }
}

fn check_same(what: &str, found: &Recording, wrote: &Recording) {
    assert_eq!(found.start, wrote.start, "{what}");
    assert_eq!(found.patient, wrote.patient, "{what}");
    assert_eq!(found.device, wrote.device, "{what}");
    assert_eq!(found.filters, wrote.filters, "{what}");
    assert_eq!(found.notes, wrote.notes, "{what}");
    assert_eq!(found.leads.n_samples(), wrote.leads.n_samples(), "{what}");
    assert_eq!(found.leads.rate(), wrote.leads.rate(), "{what}");
    for (found, wrote) in found.leads.leads().iter().zip(wrote.leads.leads()) {
        assert_eq!(found.label(), wrote.label(), "{what}");
        assert_eq!(
            std::mem::discriminant(&found.origin),
            std::mem::discriminant(&wrote.origin),
            "{what}"
        );
        for (at, (a, b)) in found
            .samples_mv
            .iter()
            .zip(wrote.samples_mv.iter())
            .enumerate()
        {
            assert!(
                (a - b).abs() < 1e-5 || (a.is_nan() && b.is_nan()),
                "{what} {} at {at}: {a} for {b}",
                wrote.label()
            );
        }
    }
}

#[test]
fn what_is_written_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    for n in [1500, 1501, 1] {
        let mut wrote = everything(n.max(7));
        if n == 1 {
            wrote.leads = LeadSet::new(
                wrote.leads.rate(),
                vec![Lead::measured(LeadName::I, vec![0.125])],
            )
            .unwrap();
            wrote.notes.clear();
        }
        for (name, format) in [
            ("out ü.edf", Format::EdfPlus),
            ("o ut.hea", Format::Wfdb),
            ("out.csv", Format::Csv),
        ] {
            let path = folder.path().join(name);
            formats::write(&wrote, &path, format).unwrap();
            let found = formats::read(&path, &as_recorded()).unwrap();
            assert!(
                found.report.warnings.is_empty(),
                "{name}: {:?}",
                found.report.warnings
            );
            check_same(name, &found.recording, &wrote);
        }
    }
    let left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn rates_and_lengths_survive() {
    for hz in [
        100.0,
        128.0,
        250.0,
        257.5,
        360.0,
        500.0,
        999.0,
        1000.0,
        1000.0 / 3.0,
        2000.0,
    ] {
        for n in [1usize, 499, 500, 3600, 4001] {
            let rate = SampleRate::from_hz(hz).unwrap();
            let samples: Vec<f32> = (0..n).map(|it| (it % 977) as f32 * 0.001).collect();
            let wrote = Recording::from_leads(
                LeadSet::new(rate, vec![Lead::measured(LeadName::V3, samples.clone())]).unwrap(),
            );
            for format in [Format::EdfPlus, Format::Csv] {
                let found = read(&formats::to_bytes(&wrote, format).unwrap())
                    .unwrap()
                    .recording
                    .leads;
                assert!(
                    (found.rate().hz() - hz).abs() < 1e-6 * hz,
                    "{format:?} {hz} {n}: {}",
                    found.rate().hz()
                );
                assert_eq!(found.n_samples(), n, "{format:?} {hz}");
                let worst = found.leads()[0]
                    .samples_mv
                    .iter()
                    .zip(&samples)
                    .map(|(a, b)| (a - b).abs())
                    .fold(0.0, f32::max);
                assert!(worst < 1e-5, "{format:?} {hz} {n}: {worst}");
            }
        }
    }
}

#[test]
fn the_electrocardiogram_is_told_from_its_neighbours() {
    let mut edf = Edf::of(&steps(1000), "uV", ("-163840", "163835"), 500, "1");
    for (idx, it) in edf.signals.iter_mut().enumerate().skip(2) {
        it.label = format!("EEG C{idx}");
    }
    (edf.signals[0].label, edf.signals[1].label) = ("ECG II".into(), "EKG 7".into());
    let report = read(&edf.bytes()).unwrap().report;
    let names: Vec<String> = report.leads.iter().map(|it| it.name.to_string()).collect();
    assert_eq!(
        (names.as_slice(), report.left_out.len()),
        (["II".to_owned(), "EKG 7".to_owned()].as_slice(), 6)
    );
}

#[test]
fn a_second_reader_reads_our_edf() {
    let wrote = everything(1500);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("second.edf");
    formats::write(&wrote, &path, Format::EdfPlus).unwrap();
    let mut reader = edfplus::EdfReader::open(&path).unwrap();
    let labels: Vec<String> = reader
        .header()
        .signals
        .iter()
        .map(|it| it.label.trim().to_owned())
        .collect();
    assert_eq!(&labels[..6], ["I", "II", "III", "V2", "dV7", "V1@2ICS"]);
    assert_eq!(reader.header().start_date.to_string(), "2024-02-29");
    for (idx, lead) in wrote.leads.leads().iter().enumerate() {
        let found = reader.read_physical_samples(idx, 1500).unwrap();
        for (found, expected) in found
            .iter()
            .zip(lead.samples_mv.iter())
            .filter(|it| it.1.is_finite())
        {
            assert!((found / 1e3 - f64::from(*expected)).abs() < 1e-5);
        }
    }
}

#[test]
fn a_synthesised_lead_never_goes_by_the_plain_name() {
    let wrote = everything(500);
    let csv = String::from_utf8(formats::to_bytes(&wrote, Format::Csv).unwrap()).unwrap();
    let header = csv.lines().find(|it| it.starts_with("time_s")).unwrap();
    assert!(header.split(',').any(|it| it == "dV7") && !header.split(',').any(|it| it == "V7"));
    assert!(csv.contains("synthesised, not recorded"));
    let edf = formats::to_bytes(&wrote, Format::EdfPlus).unwrap();
    assert_eq!(&edf[256 + 4 * 16..256 + 5 * 16], b"dV7             ");
    let text: String = edf.iter().map(|it| char::from(*it)).collect();
    assert!(text.contains("dV7 is synthesised, not recorded"));
    let folder = tempfile::tempdir().unwrap();
    formats::write(&wrote, &folder.path().join("r.hea"), Format::Wfdb).unwrap();
    let header = std::fs::read_to_string(folder.path().join("r.hea")).unwrap();
    assert!(
        header.lines().any(|it| it.ends_with(" dV7"))
            && !header.lines().any(|it| it.ends_with(" V7"))
    );
}

#[test]
fn a_failed_save_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.edf");
    let mut wrote = everything(100);
    wrote.leads = LeadSet::new(
        wrote.leads.rate(),
        vec![Lead::measured(LeadName::I, vec![1e30; 9])],
    )
    .unwrap();
    assert!(
        formats::write(&wrote, &path, Format::EdfPlus)
            .unwrap_err()
            .to_string()
            .contains("lead I")
    );
    assert!(
        formats::write(
            &wrote,
            &folder.path().join("no/such/folder.csv"),
            Format::Csv
        )
        .is_err()
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn de_identified_files_hold_none_of_the_planted_words() {
    let columns = steps(1000);
    let planted = [
        "PLANTEDNAME",
        "PLANTEDID",
        "PLANTEDEXTRA",
        "PLANTEDCODE",
        "PLANTEDTECH",
        "PLANTEDDEV",
        "PLANTEDNOTE",
        "PLANTEDLABEL",
        "1931",
    ];
    let lists = ["+0\x14\x14\0+0.5\x14PLANTEDNOTE fell\x14\0", "+1\x14\x14\0"];
    let mut edf =
        Edf::of(&columns, "uV", ("-163840", "163835"), 500, "1").with_lists("EDF+C", &lists);
    edf.patient = "PLANTEDID M 05-MAY-1931 PLANTEDNAME PLANTEDEXTRA".into();
    edf.recording = "Startdate 02-MAR-2002 PLANTEDCODE PLANTEDTECH PLANTEDDEV PLANTEDEXTRA".into();
    edf.signals[7].label = "PLANTEDLABEL".into();
    let opened = read(&edf.bytes()).unwrap();
    let (clean, log) = formats::deidentify(&opened.recording);
    assert!(
        log.removed.len() >= 7 && !log.unchecked.is_empty(),
        "{log:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    for (name, format) in [
        ("a.edf", Format::EdfPlus),
        ("a.hea", Format::Wfdb),
        ("a.csv", Format::Csv),
    ] {
        formats::write(&clean, &folder.path().join(name), format).unwrap();
    }
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let text: String = std::fs::read(&path)
            .unwrap()
            .iter()
            .map(|it| char::from(*it))
            .collect();
        for word in planted.iter().chain(&["2002", "MAR-", "02.03.02"]) {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
    assert_eq!(clean.patient.sex, Some(Sex::Male));
}

/// Remarks of one file are not facts of the next.
#[test]
fn a_remark_about_a_unit_stays_a_remark() {
    let mut wrote = everything(100);
    wrote.notes = [
        "unit: uV",
        "note: rate_hz: 5",
        "at 3 s: nothing",
        "sex: unknown",
    ]
    .map(|it| (None, it.to_owned()))
    .to_vec();
    let bytes = formats::to_bytes(&wrote, Format::Csv).unwrap();
    let found = formats::read_bytes("remarks.csv", &bytes, &ReadOptions::default())
        .unwrap()
        .recording;
    check_same("remarks", &found, &wrote);
}

/// What is written piece by piece is what is written at once.
#[test]
fn long_files_are_converted_piece_by_piece() {
    let columns = steps(500 * 240);
    let folder = tempfile::tempdir().unwrap();
    let (from, lists) = (
        folder.path().join("long.edf"),
        ["+0\x14\x14\0+0.5\x14begins\x14\0"],
    );
    let mut lists: Vec<String> = lists.iter().map(ToString::to_string).collect();
    lists.extend((1..240).map(|it| {
        format!(
            "+{it}\x14\x14\0{}",
            if it % 7 == 0 {
                format!("+{it}\x14beat {it}\x14\0")
            } else {
                String::new()
            }
        )
    }));
    let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
    std::fs::write(
        &from,
        Edf::of(&columns, "uV", ("-163840", "163835"), 500, "1")
            .with_lists("EDF+C", &lists)
            .bytes(),
    )
    .unwrap();
    let source = formats::open(&from, &ReadOptions::default()).unwrap();
    for (name, format) in [
        ("edf", Format::EdfPlus),
        ("hea", Format::Wfdb),
        ("csv", Format::Csv),
    ] {
        let whole = source.window(3.0, 200.5).unwrap().recording;
        let (once, pieces) = (
            folder.path().join(format!("once.{name}")),
            folder.path().join(format!("pieces.{name}")),
        );
        formats::write(&whole, &once, format).unwrap();
        let shares = std::cell::RefCell::new(Vec::new());
        let conversion = Conversion {
            source: &source,
            start_s: 3.0,
            seconds: 200.5,
            made: None,
            about: &Clone::clone,
            progress: &|it| shares.borrow_mut().push(it),
        };
        conversion
            .save(&pieces, format, &Output::default())
            .unwrap();
        assert!(
            4 < shares.borrow().len() && shares.borrow().last() == Some(&1.0),
            "{name}: several pieces, and all of them"
        );
        let [one, two] = [&once, &pieces].map(|it| {
            formats::read(it, &ReadOptions::default())
                .unwrap()
                .recording
        });
        check_same(name, &two, &one);
        assert_eq!(one.notes, two.notes, "{name}");
        assert!(28 < one.notes.len(), "{name}: {:?}", one.notes);
    }
}
