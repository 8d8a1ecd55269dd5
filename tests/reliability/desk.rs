//! A folder of recordings, and the program run in it.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate},
    formats::{self, Format, Opened, ReadOptions},
};
use tempfile::TempDir;

pub const RATE_HZ: f64 = 500.0;

/// A folder of its own.
pub struct Desk(TempDir);

/// What a command said.
pub struct Said {
    pub is_ok: bool,
    pub out: String,
    pub err: String,
}

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path in the folder.
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program with these arguments, parted by blanks.
    pub fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecg-panorama"));
        command.current_dir(self.0.path()).args(args.split(' '));
        command
    }

    pub fn run(&self, args: &str) -> Said {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(args).output().unwrap();
        let text = |it: Vec<u8>| String::from_utf8_lossy(&it).into_owned();
        let (out, err) = (text(stdout), text(stderr));
        assert!(!err.contains("panicked"), "{args}: {err}");
        let is_ok = status.success();
        Said { is_ok, out, err }
    }

    /// Runs what must succeed.
    pub fn must(&self, args: &str) -> Said {
        let said = self.run(args);
        assert!(said.is_ok, "{args}: {}", said.err);
        said
    }

    /// Runs what must be refused, and change nothing.
    pub fn refused(&self, args: &str) -> Said {
        let before = self.content();
        let said = self.run(args);
        assert!(!said.is_ok, "{args} was done: {}", said.err);
        assert!(before == self.content(), "{args} changed files");
        said
    }

    /// Names and bytes of all plain files.
    pub fn content(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.0.path()).unwrap().map(Result::unwrap);
        let files = entries.filter(|it| it.file_type().is_ok_and(|it| it.is_file()));
        files
            .map(|it| {
                let name = it.file_name().into_string().unwrap();
                (name, fs::read(it.path()).unwrap())
            })
            .collect()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.at(name), bytes).unwrap();
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.at(name)).unwrap()).into_owned()
    }

    /// Saves a recording under a name whose ending is its format.
    pub fn save(&self, name: &str, recording: &Recording) {
        let path = self.at(name);
        let format = Format::from_path(&path).unwrap_or(Format::EdfPlus);
        formats::write(recording, &path, format).unwrap();
    }

    pub fn open(&self, name: &str) -> Opened {
        formats::read(&self.at(name), &ReadOptions::default()).unwrap()
    }
}

/// Beats in a lead of its own shape, millivolts.
pub fn beats(shape: usize, n_samples: usize) -> Vec<f32> {
    let turn = 0.6 * shape as f32;
    let value = |at: usize| {
        let phase = (at % 400) as f32 / 400.0;
        let wave = |centre: f32, width: f32| (-0.5 * ((phase - centre) / width).powi(2)).exp();
        let mv = turn.cos() * wave(0.30, 0.012) - (0.8 * turn).sin() * wave(0.33, 0.014)
            + 0.25 * wave(0.6, 0.05);
        (mv * 1000.0).round() / 1000.0
    };
    (0..n_samples).map(value).collect()
}

/// The eight independent leads, and more under `names`.
pub fn exam_with(names: &[&str], seconds: f64) -> Recording {
    let rate = SampleRate::from_hz(RATE_HZ).unwrap();
    let names = LeadName::EIGHT
        .into_iter()
        .chain(names.iter().map(|it| LeadName::parse(it)));
    let n_samples = rate.samples_in(seconds);
    let leads = names
        .enumerate()
        .map(|(shape, name)| Lead::measured(name, beats(shape, n_samples)));
    Recording::from_leads(LeadSet::new(rate, leads.collect()).unwrap())
}

/// The eight independent leads, ten seconds.
pub fn exam() -> Recording {
    exam_with(&[], 10.0)
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}
