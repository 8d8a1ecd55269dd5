//! DICOM waveforms in every transfer syntax and sample coding, and the objects that we write.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

mod support;

use std::path::PathBuf;

use ecg_panorama::{
    ecg::{
        Filters, Lead, LeadName, LeadSet, Origin, Patient, Recording, SampleRate, Sex, Study,
        ViewAngle,
    },
    formats::{self, Format, Opened, ReadOptions},
};
use support::*;

fn read(bytes: &[u8]) -> Opened {
    formats::read_bytes("a.dcm", bytes, &ReadOptions::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Explicit elements, little end first, written again in another syntax.
fn recoded(mut rest: &[u8], is_explicit: bool, is_big: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let short = |value: u16| {
        if is_big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let long = |value: u32| {
        if is_big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    while 8 <= rest.len() {
        let word = |at: usize| u16::from_le_bytes([rest[at], rest[at + 1]]);
        let double =
            |at: usize| u32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
        out.extend(short(word(0)));
        out.extend(short(word(2)));
        if word(0) == 0xfffe {
            let (length, tag) = (double(4), word(2));
            rest = &rest[8..];
            if tag == 0xe000 && length != u32::MAX {
                let inner = recoded(&rest[..length as usize], is_explicit, is_big);
                out.extend(long(inner.len() as u32));
                out.extend(inner);
                rest = &rest[length as usize..];
            } else {
                out.extend(long(length));
            }
            continue;
        }
        let vr = [rest[4], rest[5]];
        let is_long = matches!(&vr, b"OB" | b"OW" | b"SQ" | b"UN" | b"UT");
        let (length, head) = if is_long {
            (double(8), 12)
        } else {
            (u32::from(word(6)), 8)
        };
        rest = &rest[head..];
        let is_open = length == u32::MAX;
        let value = if is_open {
            &[][..]
        } else {
            &rest[..length as usize]
        };
        let value = match (&vr, is_big) {
            (b"SQ", _) if !is_open => recoded(value, is_explicit, is_big),
            (b"US" | b"OW", true) => value.chunks(2).flat_map(|it| [it[1], it[0]]).collect(),
            (b"UL", true) => value
                .chunks(4)
                .flat_map(|it| [it[3], it[2], it[1], it[0]])
                .collect(),
            _ => value.to_vec(),
        };
        let stated = if is_open {
            u32::MAX
        } else {
            value.len() as u32
        };
        match (is_explicit, is_long) {
            (false, _) => out.extend(long(stated)),
            (true, true) => {
                out.extend(vr);
                out.extend([0, 0]);
                out.extend(long(stated));
            }
            (true, false) => {
                out.extend(vr);
                out.extend(short(stated as u16));
            }
        }
        out.extend(value);
        if !is_open {
            rest = &rest[length as usize..];
        }
    }
    out
}

/// Leads I (2.5 µV a step) and II (4.88 µV a step from 10 µV) of the small file.
fn check_small(bytes: &[u8], what: &str) {
    let opened = read(bytes);
    let lead = |name| {
        opened
            .recording
            .leads
            .get(&name)
            .unwrap()
            .samples_mv
            .to_vec()
    };
    let (one, two) = (lead(LeadName::I), lead(LeadName::II));
    for (idx, pair) in COUNTS.chunks(2).enumerate() {
        let expected = [
            f64::from(pair[0]) * 0.0025,
            f64::from(pair[1]) * 0.00488 + 0.01,
        ];
        for (found, expected) in [one[idx], two[idx]].into_iter().zip(expected) {
            assert!(
                (f64::from(found) - expected).abs() < 1e-5,
                "{what}: {found} for {expected}"
            );
        }
    }
    assert_eq!(
        opened.recording.patient.name.as_deref(),
        Some("Doe, Jane"),
        "{what}"
    );
}

#[test]
fn every_transfer_syntax() {
    let small = small_dicom();
    check_small(&small, "explicit");
    let head = 128 + 4 + 8 + "1.2.840.10008.1.2.1\0".len();
    let dataset = &small[head..];
    check_small(dataset, "explicit, bare");
    let implicit = recoded(dataset, false, false);
    check_small(&dicom("1.2.840.10008.1.2", &implicit), "implicit");
    check_small(&implicit, "implicit, bare");
    let big = recoded(dataset, true, true);
    check_small(&dicom("1.2.840.10008.1.2.2", &big), "big endian");
    check_small(&big, "big endian, bare");
}

/// Samples of every coding; a padding value is missing only where it fills a frame, or at the end
/// of the range; a channel that starts late starts late.
#[test]
fn codings_padding_and_skew() {
    let check =
        |coding: (u16, &str), data: &[u8], padding: &[u8], skew: &str, expected: [&[f32]; 2]| {
            let channels = [
                channel("2:1", ["1000", "1", "0", skew]),
                channel("2:2", ["1000", "1", "0", "0"]),
            ];
            let padding = if padding.is_empty() {
                vec![]
            } else {
                element((0x5400, 0x100a), b"OW", padding)
            };
            let n_samples = (data.len() / 2 / (coding.0 as usize / 8)) as u32;
            let group = group("RHYTHM", &channels, n_samples, coding, &padding, data);
            let opened = read(&dicom("1.2.840.10008.1.2.1", &dataset(&[group])));
            for (name, expected) in [LeadName::I, LeadName::II].into_iter().zip(expected) {
                let found = opened
                    .recording
                    .leads
                    .get(&name)
                    .unwrap()
                    .samples_mv
                    .to_vec();
                let same = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
                assert!(
                    found.len() == expected.len() && found.iter().zip(expected).all(same),
                    "{coding:?} {name}: {found:?}"
                );
            }
        };
    let nan = f32::NAN;
    check(
        (16, "SS"),
        &[1, 0, 2, 0, 0xff, 0xff, 4, 0],
        &[],
        "0",
        [&[1.0, -1.0], &[2.0, 4.0]],
    );
    check(
        (16, "US"),
        &[1, 0, 2, 0, 0xff, 0xff, 4, 0],
        &[],
        "0",
        [&[1.0, 65_535.0], &[2.0, 4.0]],
    );
    check(
        (8, "SB"),
        &[1, 2, 0xff, 4],
        &[],
        "0",
        [&[1.0, -1.0], &[2.0, 4.0]],
    );
    check(
        (8, "UB"),
        &[1, 2, 0xff, 4],
        &[],
        "0",
        [&[1.0, 255.0], &[2.0, 4.0]],
    );
    check(
        (32, "SL"),
        &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        &[],
        "0",
        [&[1.0], &[-1.0]],
    );
    check(
        (16, "SS"),
        &[0, 0, 0, 0, 0, 0, 5, 0],
        &[0, 0],
        "0",
        [&[nan, 0.0], &[nan, 5.0]],
    );
    check(
        (16, "SS"),
        &[0, 0x80, 1, 0, 7, 0, 5, 0],
        &[0, 0x80],
        "0",
        [&[nan, 7.0], &[1.0, 5.0]],
    );
    check(
        (16, "SS"),
        &[1, 0, 2, 0, 3, 0, 4, 0],
        &[],
        "1",
        [&[nan, 1.0], &[2.0, 4.0]],
    );
}

#[test]
fn objects_without_an_ecg_are_named() {
    for (class, words) in [
        ("1.2.840.10008.5.1.4.1.1.9.2.1", "haemodynamic"),
        ("1.2.840.10008.5.1.4.1.1.9.4.1", "voice"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "PDF"),
        ("1.2.840.10008.5.1.4.1.1.7", "no waveform"),
    ] {
        let bytes = dicom(
            "1.2.840.10008.1.2.1",
            &element((0x0008, 0x0016), b"UI", class.as_bytes()),
        );
        let error = formats::read_bytes("a.dcm", &bytes, &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// Twelve recorded leads, two that were synthesised, one with a name of its own and a gap.
fn recording() -> Recording {
    let view = ViewAngle::from_degrees(100.5, 110.25).unwrap();
    let samples = |seed: usize| -> Vec<f32> {
        (0..1000)
            .map(|idx| ((idx * 7 + seed * 13) % 400) as f32 * 0.005 - 1.0)
            .collect()
    };
    let lead = |(idx, name): (usize, LeadName)| Lead::measured(name, samples(idx));
    let mut leads: Vec<Lead> = LeadName::TWELVE.into_iter().enumerate().map(lead).collect();
    for (idx, name) in ["V7", "V1@2ICS"].into_iter().enumerate() {
        leads.push(Lead {
            name: LeadName::parse(name),
            origin: Origin::Synthesised {
                view,
                by: "field prior 1a2b".into(),
            },
            samples_mv: samples(20 + idx).into(),
        });
    }
    let mut gap = samples(30);
    gap[100..150].fill(f32::NAN);
    leads.push(Lead::measured(
        LeadName::parse("a lead with a long name"),
        gap,
    ));
    let mut out =
        Recording::from_leads(LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap());
    out.start = Some(jiff::civil::date(2024, 1, 2).at(3, 4, 5, 250_000_000));
    out.device = Some("MAC 55 1.0".into());
    out.patient = Patient {
        name: Some("Müller, Ada".into()),
        id: Some("4711".into()),
        sex: Some(Sex::Female),
        birth_date: Some(jiff::civil::date(1953, 5, 8)),
        age_years: Some(70.0),
    };
    out.filters = Filters {
        high_pass_hz: Some(0.05),
        low_pass_hz: Some(150.0),
        notch_hz: None,
    };
    out.notes = vec![(None, "a remark".into()), (Some(0.5), "a mark".into())];
    out
}

fn same_samples(one: &Recording, two: &Recording) {
    for (a, b) in one.leads.leads().iter().zip(two.leads.leads()) {
        assert_eq!(a.name, b.name);
        let same = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5 || (a.is_nan() && b.is_nan());
        assert!(
            a.samples_mv.iter().zip(b.samples_mv.iter()).all(same),
            "{}",
            a.name
        );
    }
}

/// Values of an element in explicit syntax, wherever it stands, as text.
fn values(bytes: &[u8], tag: (u16, u16), vr: &[u8; 2]) -> Vec<String> {
    let mut mark = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    mark.extend(vr);
    let starts = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&mark));
    let value = |at: usize| {
        let length = usize::from(u16::from_le_bytes([bytes[at + 6], bytes[at + 7]]));
        let text = String::from_utf8_lossy(&bytes[at + 8..at + 8 + length]).into_owned();
        text.trim_end_matches([' ', '\0']).to_owned()
    };
    starts.map(value).collect()
}

#[test]
fn an_object_stays_in_its_study_and_without_a_person_leaves_it() {
    let study = Study {
        uid: "1.2.826.0.1.77".into(),
        id: Some("S 12".into()),
        accession: Some("A 34".into()),
    };
    let wrote = Recording {
        study: Some(study.clone()),
        ..recording()
    };
    let bytes = formats::to_bytes(&wrote, Format::Dicom).unwrap();
    assert_eq!(read(&bytes).recording.study, Some(study));
    let (clean, log) = formats::deidentify(&wrote);
    assert!(log.removed.iter().any(|it| it.contains("study")));
    let clean = formats::to_bytes(&clean, Format::Dicom).unwrap();
    let [with, without] = [&bytes, &clean].map(|it| values(it, (0x0020, 0x000d), b"UI"));
    assert_eq!(with, ["1.2.826.0.1.77"]);
    assert!(without[0].starts_with("2.25."), "{without:?}");
    assert_eq!(values(&clean, (0x0008, 0x0050), b"SH"), [""]);
    let codes = values(&clean, (0x0008, 0x0100), b"SH");
    assert!(codes.contains(&"113100".to_owned()) && codes.contains(&"113108".to_owned()));
    let uids = |tag| [&bytes, &clean].map(|it| values(it, tag, b"UI"));
    for tag in [(0x0008, 0x0018), (0x0020, 0x000e)] {
        let [one, two] = uids(tag);
        assert_ne!(one, two);
    }
}

#[test]
fn people_without_a_name_do_not_share_a_study() {
    let of = |shift: f32| {
        let (clean, _) = formats::deidentify(&recording());
        let leads = clean.leads.leads().iter().map(|lead| Lead {
            samples_mv: lead.samples_mv.iter().map(|mv| mv + shift).collect(),
            ..lead.clone()
        });
        let leads = LeadSet::new(clean.leads.rate(), leads.collect()).unwrap();
        let bytes = formats::to_bytes(&Recording { leads, ..clean }, Format::Dicom).unwrap();
        values(&bytes, (0x0020, 0x000d), b"UI")
    };
    assert_ne!(of(0.0), of(0.5));
    assert_eq!(of(0.5), of(0.5));
}

#[test]
fn what_was_written_reads_the_same() {
    let wrote = recording();
    let bytes = formats::to_bytes(&wrote, Format::Dicom).unwrap();
    assert_eq!(bytes, formats::to_bytes(&wrote, Format::Dicom).unwrap());
    let opened = read(&bytes);
    let found = opened.recording;
    same_samples(&wrote, &found);
    assert_eq!(found.leads.leads().len(), wrote.leads.leads().len());
    assert_eq!((found.start, &found.device), (wrote.start, &wrote.device));
    assert_eq!(
        (&found.patient, &found.filters),
        (&wrote.patient, &wrote.filters)
    );
    assert_eq!(found.notes, wrote.notes);
    assert_eq!(opened.report.format, "DICOM General ECG");
    for (a, b) in wrote.leads.leads().iter().zip(found.leads.leads()) {
        assert_eq!(
            a.origin.is_synthesised(),
            b.origin.is_synthesised(),
            "{}",
            a.name
        );
    }
}

/// A synthesised V7 has the code of a derived V7, 2:39, and nowhere the plain one, 2:9.
#[test]
fn a_synthesised_lead_has_no_plain_code() {
    let bytes = formats::to_bytes(&recording(), Format::Dicom).unwrap();
    let has = |words: &[u8]| bytes.windows(words.len()).any(|it| it == words);
    assert!(has(b"2:39") && has(b"dV7") && has(b"DERIVED\\SECONDARY"));
    assert!(has(b"synthesised, not recorded"));
    assert!(!has(b"SH\x04\x002:9 "));
}

#[test]
fn twelve_recorded_leads_are_a_12_lead_ecg() {
    let mut wrote = recording();
    wrote.leads = LeadSet::new(wrote.leads.rate(), wrote.leads.leads()[..12].to_vec()).unwrap();
    let opened = read(&formats::to_bytes(&wrote, Format::Dicom).unwrap());
    assert_eq!(opened.report.format, "DICOM 12-lead ECG");
    same_samples(&wrote, &opened.recording);
}

/// Without identity nothing of the person is in the file, and it says so.
#[test]
fn without_identity() {
    let (clean, _) = formats::deidentify(&recording());
    let bytes = formats::to_bytes(&clean, Format::Dicom).unwrap();
    let has = |words: &str| bytes.windows(words.len()).any(|it| it == words.as_bytes());
    for words in [
        "ller",
        "4711",
        "1953",
        "2024",
        "MAC 55",
        "a remark",
        "long name",
    ] {
        assert!(!has(words), "{words}");
    }
    assert_eq!(read(&bytes).recording.start, None);
}

/// A cart's file, through ours, has the same millivolts.
#[test]
fn samples_of_carts_there_and_back() {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/samples"
    ));
    if !folder.is_dir() {
        println!("skipped: no sample files at ../shared/data/samples");
        return;
    }
    for file in [
        "dicom/ecgtoolkit_Example.dcm",
        "dicom/ecg2dcm_guangxi_general_ecg.dcm",
        "dicom_marcodebe_anonymous_ecg.dcm",
    ] {
        let first = formats::read(&folder.join(file), &ReadOptions::default()).unwrap();
        let again = read(&formats::to_bytes(&first.recording, Format::Dicom).unwrap());
        same_samples(&first.recording, &again.recording);
        assert_eq!(first.recording.start, again.recording.start);
    }
}
