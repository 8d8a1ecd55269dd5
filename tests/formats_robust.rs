//! Files cut anywhere and files with wrong bytes: a recording or an error that names file, place,
//! found and expected.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

mod support;

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use ecg_panorama::formats::{self, Format, FormatError, Limits, Opened, ReadOptions};
use support::*;

/// Small limits, so that an allocation beyond them would show as memory and time.
fn options() -> ReadOptions {
    ReadOptions {
        limits: Limits {
            text_bytes: 4 << 20,
            samples: 1 << 20,
            ..Limits::default()
        },
        ..ReadOptions::default()
    }
}

/// No file may take longer.
const LONGEST: Duration = Duration::from_secs(1);

/// The claim: in under a second a sound recording, or an error with all of its parts.
fn check(
    result: Result<Opened, FormatError>,
    took: Duration,
    what: impl Fn() -> String,
) -> Option<Opened> {
    assert!(took < LONGEST, "{}: {took:?}", what());
    match result {
        Ok(opened) => {
            let leads = &opened.recording.leads;
            assert!(
                0 < leads.n_samples() && leads.n_samples() * opened.report.leads.len() <= 1 << 20,
                "{}",
                what()
            );
            assert!(
                leads
                    .leads()
                    .iter()
                    .all(|it| it.samples_mv.iter().all(|it| !it.is_infinite())),
                "{}",
                what()
            );
            Some(opened)
        }
        Err(error) => {
            let parts = [
                error.step,
                &error.place,
                &error.found,
                &error.expected,
                &error.file,
            ];
            assert!(
                parts.iter().all(|it| !it.is_empty()),
                "{}: {error:?}",
                what()
            );
            None
        }
    }
}

/// Cuts a copy of `file` to every length that `keep` names and opens it, by way of `opened_by`.
fn cut(file: &Path, opened_by: &Path, keep: impl Fn(u64, u64) -> bool) -> u64 {
    let full = file.metadata().unwrap().len();
    let handle = OpenOptions::new().write(true).open(file).unwrap();
    let mut count = 0;
    for len in (0..full).rev().filter(|it| keep(*it, full)) {
        handle.set_len(len).unwrap();
        let open = || {
            let began = Instant::now();
            (
                formats::open(opened_by, &options())
                    .and_then(|it| it.window(it.duration_s() - 0.02, 0.02)),
                began.elapsed(),
            )
        };
        // A busy machine may stop any one of millions of calls for a second; one that is slow by
        // itself is slow thrice.
        let (result, took) = (0..3)
            .map(|_| open())
            .find(|it| it.1 < LONGEST)
            .unwrap_or_else(open);
        check(result, took, || format!("{} cut to {len}", file.display()));
        count += 1;
    }
    count
}

/// Files below a folder, without the truths beside them.
fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, out);
        } else if !path.to_string_lossy().contains(".truth.") {
            out.push(path);
        }
    }
}

fn every_sample_cut(keep: impl Fn(u64, u64) -> bool + Copy) {
    let samples = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/samples"
    ));
    if !samples.is_dir() {
        println!("skipped: no sample files at ../shared/data/samples");
        return;
    }
    let began = Instant::now();
    let mut files = Vec::new();
    files_below(&samples, &mut files);
    files.sort();
    let mut count = 0;
    for file in files {
        let (stem, folder) = (file.file_stem().unwrap(), file.parent().unwrap());
        let copies = tempfile::tempdir().unwrap();
        for end in ["hea", "dat", "mat", "xyz", "d0", "d1", "d2"] {
            let name = Path::new(stem).with_extension(end);
            if let Ok(bytes) = std::fs::read(folder.join(&name)) {
                std::fs::write(copies.path().join(&name), bytes).unwrap();
            }
        }
        let copy = copies.path().join(file.file_name().unwrap());
        std::fs::write(&copy, std::fs::read(&file).unwrap()).unwrap();
        count += cut(&copy, &copy, keep);
    }
    println!("{count} truncations in {:?}", began.elapsed());
}

/// All lengths near both ends, where headers and last records are, and a share of those between.
#[test]
fn truncations_of_every_sample() {
    every_sample_cut(|len, full| {
        let stride = (full / 60).max(1499);
        len < 520 || full - len < 30 || (len < 3000 && len % 13 == 0) || len % stride == 0
    });
}

/// All lengths: minutes. `cargo test --release -- --ignored every_truncation`
#[test]
#[ignore = "minutes of work; the test above takes a share of it"]
fn every_truncation_of_every_sample() {
    every_sample_cut(|_, _| true);
}

/// One small file of each kind.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let columns = steps(60);
    let lists = [
        "+0\x14\x14\0+0.01\x14note\x14\0",
        "+0.04\x14\x14\0",
        "+0.5\x14\x14\0+0.5\x150.02\x14not recorded@@V1\x14\0",
    ];
    let mut bdf = Edf::of(&columns, "uV", ("-163840", "163835"), 20, "0.04");
    bdf.version = *b"\xffBIOSEMI";
    for it in &mut bdf.signals {
        it.records = it
            .records
            .iter()
            .map(|it| it.chunks(2).flat_map(|it| [0, it[0], it[1]]).collect())
            .collect();
    }
    bdf.reserved = "24BIT".into();
    let edf = || Edf::of(&columns, "uV", ("-163840", "163835"), 20, "0.04");
    let record = |format: &str| {
        format!(
            "{}# Age: 50\n# at 0.1 s: note\n",
            hea("r", "r.dat", format, "200(3)/mV", "500", &columns)
        )
    };
    let mut out = vec![
        ("edf", edf().bytes()),
        ("edf_c", edf().with_lists("EDF+C", &lists).bytes()),
        ("edf_d", edf().with_lists("EDF+D", &lists).bytes()),
        ("bdf", bdf.bytes()),
        ("csv", csv(&columns, 500.0).into_bytes()),
        ("hea_16", join(&record("16"), &dat_16(&columns))),
        ("hea_212", join(&record("212"), &dat_212(&columns))),
        ("hea_8", join(&record("8"), &dat_16(&columns))),
        ("hea_310", join(&record("310"), &dat_16(&columns))),
        ("hea_mat", join(&record("16+24"), &mat(&columns))),
        (
            "hea_segments",
            join("r/3 8 500 150\ns 60\n~ 30\ns 60\n", &dat_16(&columns)),
        ),
    ];
    out.extend(small_files());
    out.extend(flac().map(|bytes| ("hea_flac", bytes)));
    out
}

/// A record in FLAC from the cases; nothing where they are absent.
fn flac() -> Option<Vec<u8>> {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases/files");
    let file = format!("{cases}/A30_wfdb_flac_516/81739927_0001.dat");
    let header = "r 2 500 2000\nr.dat 516 1000/mV 16 0 0 0 0 II\nr.dat 516 1000/mV 16 0 0 0 0 V\n";
    Some(join(header, &std::fs::read(file).ok()?))
}

/// A record in one piece, as the fuzzer keeps it: header, a NUL, signal file.
fn join(header: &str, data: &[u8]) -> Vec<u8> {
    [header.as_bytes(), &[0], data].concat()
}

/// Opens a mutated file, in pieces where it is of several.
fn open_mutated(name: &str, bytes: &[u8]) -> Result<Opened, FormatError> {
    if !name.starts_with("hea") {
        return formats::read_bytes(name, bytes, &options());
    }
    let at = bytes.iter().position(|it| *it == 0).unwrap_or(bytes.len());
    let data = bytes.get(at + 1..).unwrap_or_default();
    let segment = hea("s", "r.dat", "16", "200(3)/mV", "500", &steps(60));
    let files = [
        ("r.hea", &bytes[..at]),
        ("r.dat", data),
        ("s.hea", segment.as_bytes()),
    ];
    formats::read_files(&files, &options())
}

/// Reads a seed, and holds what was read against what is written from it.
fn run(name: &str, number: u32, bytes: &[u8]) {
    let what = || format!("{name}, mutation {number}");
    let timed = || {
        let began = Instant::now();
        (open_mutated(name, bytes), began.elapsed())
    };
    // As with files that are cut: what is slow by itself is slow thrice.
    let (result, took) = (0..3)
        .map(|_| timed())
        .find(|it| it.1 < LONGEST)
        .unwrap_or_else(timed);
    let Some(opened) = check(result, took, what) else {
        return;
    };
    let written = formats::to_bytes(&opened.recording, Format::Csv).unwrap();
    let large = ReadOptions {
        limits: Limits {
            text_bytes: 1 << 28,
            samples: 1 << 24,
            ..options().limits
        },
        ..options()
    };
    let again = formats::read_bytes("again.csv", &written, &large)
        .unwrap_or_else(|it| panic!("{it}: {}", what()));
    let (one, two) = (&opened.recording.leads, &again.recording.leads);
    assert_eq!(
        (one.rate(), one.n_samples()),
        (two.rate(), two.n_samples()),
        "{}",
        what()
    );
    for (a, b) in one.leads().iter().zip(two.leads()) {
        let differs = a
            .samples_mv
            .iter()
            .zip(b.samples_mv.iter())
            .position(|(a, b)| a != b && !(a.is_nan() && b.is_nan()));
        let told = differs.map(|at| (&a.name, at, a.samples_mv[at], b.samples_mv[at]));
        assert_eq!(told, None, "{}", what());
    }
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const WORDS: [&str; 14] = [
        "-1",
        "0",
        "nan",
        "inf",
        "99999999",
        "-32768",
        "1e308",
        "EDF+D",
        "/",
        "x0",
        ":9",
        "+24",
        "\u{b5}V",
        "18446744073709551615",
    ];
    for _ in 0..=dice.below(4) {
        let at = dice
            .below(bytes.len().max(1))
            .min(bytes.len().saturating_sub(1));
        // Headers decide more than samples do.
        let at = if dice.below(2) == 0 {
            at.min(dice.below(600))
        } else {
            at
        };
        match dice.below(6) {
            0 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|it| *it = dice.next() as u8),
            1 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|it| *it ^= 1 << dice.below(8)),
            2 => bytes.truncate(at.max(1)),
            3 => {
                let word = WORDS[dice.below(WORDS.len())].as_bytes();
                bytes
                    .iter_mut()
                    .skip(at)
                    .zip(word)
                    .for_each(|(it, new)| *it = *new);
            }
            4 => {
                let piece: Vec<u8> = bytes
                    .iter()
                    .skip(at)
                    .take(dice.below(64))
                    .copied()
                    .collect();
                bytes.splice(at..at, piece);
            }
            _ => {
                let end = (at + dice.below(32)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
}

/// Mutates every seed up to `most` times, as far as `share` of time for each lets it.
fn mutated(most: u32, share: Duration) {
    for (name, seed) in &seeds() {
        run(name, 0, seed);
        let began = Instant::now();
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let mut count = 0;
        while count < most && began.elapsed() < share {
            let mut bytes = seed.clone();
            mutate(&mut bytes, &mut dice);
            count += 1;
            run(name, count, &bytes);
        }
        println!("{name}: {count} mutated files");
    }
}

/// Seeded, so that a failure repeats; bounded in time, so that slow machines do less and not fail.
#[test]
fn mutated_files_give_a_recording_or_an_error() {
    mutated(100_000, Duration::from_millis(800));
}

/// A million of each: `cargo test --release -- --ignored a_million`; `ECG_MUTATING_S` bounds the
/// seconds for each format.
#[test]
#[ignore = "hours of work; the test above takes a share of it"]
fn a_million_mutated_files_of_each_format() {
    let seconds = std::env::var("ECG_MUTATING_S").ok();
    let seconds = seconds.and_then(|it| it.parse().ok()).unwrap_or(3600);
    mutated(1_000_000, Duration::from_secs(seconds));
}

/// Every seed is sound, and every one cut anywhere is a recording or an error.
#[test]
fn small_files_of_carts_cut_anywhere() {
    for (name, bytes) in small_files() {
        let whole = formats::read_bytes(name, &bytes, &options());
        assert!(whole.is_ok(), "{name}: {:?}", whole.err());
        for len in 0..bytes.len() {
            let began = Instant::now();
            let result = formats::read_bytes(name, &bytes[..len], &options());
            check(result, began.elapsed(), || format!("{name} cut to {len}"));
        }
    }
}

/// Crafted files and what a fuzzer found worth keeping.
#[test]
fn the_corpus_replays() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"));
    let mut count = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        run(&name, 0, &std::fs::read(&path).unwrap());
        count += 1;
    }
    assert!(20 <= count, "{count} files");
}

/// Headers on which other readers panic or go silently wrong.
#[test]
fn crafted_headers_are_told_apart() {
    let columns = steps(60);
    let whole = || Edf::of(&columns, "uV", ("-163840", "163835"), 20, "0.04");
    let field = |at: usize, text: &str| {
        let mut bytes = whole().bytes();
        bytes
            .iter_mut()
            .skip(at)
            .zip(text.as_bytes())
            .for_each(|(it, new)| *it = *new);
        formats::read_bytes("crafted", &bytes, &options())
    };
    let signals = 256 + 8 * (16 + 80 + 8);
    let per_record = signals + 8 * (8 * 4 + 80);
    for (what, result, words) in [
        (
            "duration not ASCII",
            field(244, "0.\u{b5}4"),
            "record duration",
        ),
        (
            "duration negative",
            field(244, "-1      "),
            "record duration",
        ),
        ("no signals", field(252, "0   "), "number of signals"),
        ("too many signals", field(252, "9999"), "number of signals"),
        (
            "negative samples per record",
            field(per_record, "-5      "),
            "samples per record",
        ),
        (
            "overflowing samples per record",
            field(per_record, "99999999"),
            "samples per record",
        ),
    ] {
        let error = result.expect_err(what);
        assert!(error.to_string().contains(words), "{what}: {error}");
    }
    for (what, result, words) in [
        ("record count unknown", field(236, "-1      "), "not stated"),
        ("record count absurd", field(236, "99999999"), "cut short"),
        (
            "header size wrong",
            field(184, "512     "),
            "states its size",
        ),
    ] {
        let report = result.expect(what).report;
        assert!(
            report.warnings.iter().any(|it| it.contains(words)),
            "{what}: {:?}",
            report.warnings
        );
    }
    for (what, result) in [
        ("physical range of nothing", field(signals + 64, "-163840 ")),
        (
            "physical range not a number",
            field(signals + 64, "NaN     "),
        ),
        ("digital range of nothing", field(signals + 192, "-32768  ")),
        ("no samples in a record", field(per_record, "0       ")),
    ] {
        let report = result.expect(what).report;
        assert!(
            report.left_out.iter().any(|it| it.name == "I"),
            "{what}: {report:?}"
        );
    }
}

/// Writes the corpus anew from the seeds and some mutations of them. `cargo test -- --ignored
/// make_the_corpus`
#[test]
#[ignore = "writes files"]
fn make_the_corpus() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"));
    std::fs::create_dir_all(corpus).unwrap();
    let mut dice = Dice(42);
    for (name, seed) in seeds() {
        std::fs::write(corpus.join(format!("{name}_seed")), &seed).unwrap();
        for number in 0..3 {
            let mut bytes = seed.clone();
            mutate(&mut bytes, &mut dice);
            std::fs::write(corpus.join(format!("{name}_{number}")), &bytes).unwrap();
        }
    }
}
