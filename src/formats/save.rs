//! Saving recordings: whole or not at all.

use std::{
    fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use super::{
    FormatError, Output, OutputError, Overwrite, Source, dicom, edf,
    output::begin,
    pieces::{Outline, Pieces},
    stretch::{MadeLeads, Stretch},
    table,
    unfinished::Unfinished,
    wfdb,
};
use crate::ecg::Recording;

/// Formats that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// EDF+C, 16 bits.
    EdfPlus,
    /// A WFDB header and a signal file in format 16.
    Wfdb,
    /// Text: comments, a header row, `time_s`, millivolts.
    Csv,
    /// A DICOM waveform: 12-lead, General or Ambulatory ECG.
    Dicom,
}

impl Format {
    /// The format that a file's extension asks for.
    pub fn from_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_string_lossy().to_lowercase().as_str() {
            "edf" => Some(Self::EdfPlus),
            "hea" | "dat" => Some(Self::Wfdb),
            "csv" => Some(Self::Csv),
            "dcm" | "dicom" => Some(Self::Dicom),
            _ => None,
        }
    }
}

/// Why a recording was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The file may not or cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The recording cannot be read, or not be held by the format.
    #[error(transparent)]
    Format(#[from] FormatError),
}

impl SaveError {
    fn in_file(self, path: &Path) -> Self {
        match self {
            Self::Format(error) => Self::Format(error.in_file(&path.display().to_string())),
            Self::Output(_) => self,
        }
    }
}

/// The file's bytes, for formats of a single file.
pub fn to_bytes(recording: &Recording, format: Format) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    let outline = Outline::of(recording, MAX_STEPS);
    write_stream(&outline, recording, &mut out, format)?;
    Ok(out)
}

/// Formats of a single file; EDF by way of a file of its own, in which its writer moves about.
fn write_stream(
    outline: &Outline,
    pieces: &dyn Pieces,
    out: &mut dyn Write,
    format: Format,
) -> Result<(), FormatError> {
    match format {
        Format::EdfPlus => {
            let file = Unfinished::begin(&std::env::temp_dir(), true).map_err(io)?;
            edf::write(file.file.path(), outline, pieces)?;
            let mut written = fs::File::open(file.file.path()).map_err(io)?;
            std::io::copy(&mut written, out).map(drop).map_err(io)
        }
        Format::Csv => table::write(out, outline, pieces),
        Format::Dicom => dicom::write(out, outline, pieces),
        Format::Wfdb => Err(FormatError::new(
            "WFDB writing",
            "the target",
            "a single stream of bytes",
            "a path: a record is a header and a signal file",
        )),
    }
}

/// Writes into a new file, or in place of the one that is there. WFDB takes the path of the `.hea`.
pub fn write(recording: &Recording, path: &Path, format: Format) -> Result<(), SaveError> {
    Output::new(Overwrite::Allowed).write_recording(recording, path, format)
}

impl Output {
    /// Writes a recording. WFDB takes the path of the `.hea`.
    pub fn write_recording(
        &self,
        recording: &Recording,
        path: &Path,
        format: Format,
    ) -> Result<(), SaveError> {
        let outline = Outline::of(recording, MAX_STEPS);
        self.save(&outline, recording, path, format)
    }

    /// Whether the files of a recording may be written: to be asked before long work.
    pub fn check_recording(&self, path: &Path, format: Format) -> Result<(), OutputError> {
        if format != Format::Wfdb {
            return self.check(path);
        }
        let record = Record::at(path);
        self.place(&record.header, None)?;
        self.place(&record.signals, Some(&record.header)).map(drop)
    }

    fn save(
        &self,
        outline: &Outline,
        pieces: &dyn Pieces,
        path: &Path,
        format: Format,
    ) -> Result<(), SaveError> {
        let saved = match format {
            Format::EdfPlus => self.write_with(path, |it| {
                edf::write(it.file.path(), outline, pieces).map_err(SaveError::from)
            }),
            Format::Csv => self.write_with(path, |it| {
                buffered(it, |out| table::write(out, outline, pieces)).map_err(SaveError::from)
            }),
            Format::Dicom => self.write_with(path, |it| {
                buffered(it, |out| dicom::write(out, outline, pieces)).map_err(SaveError::from)
            }),
            Format::Wfdb => Record::at(path).save(self, outline, pieces),
        };
        saved.map_err(|it| it.in_file(path))
    }
}

/// Steps on either side of zero that every format can hold.
const MAX_STEPS: f64 = if edf::DIGITAL < wfdb::DIGITAL {
    edf::DIGITAL
} else {
    wfdb::DIGITAL
};

/// Part of a file, to be written piece by piece: a file of a day takes no more memory than one of
/// a minute.
pub struct Conversion<'a> {
    /// The file.
    pub source: &'a Source,
    /// First second.
    pub start_s: f64,
    /// Number of seconds.
    pub seconds: f64,
    /// Leads to be written instead of the file's own.
    pub made: Option<MadeLeads<'a>>,
    /// Changes what is said about the recording, but neither its leads' number nor their samples.
    pub about: &'a dyn Fn(&Recording) -> Recording,
    /// Told the share done.
    pub progress: &'a dyn Fn(f64),
}

impl Conversion<'_> {
    /// Writes a file. Returns what reading had to say.
    pub fn save(
        &self,
        path: &Path,
        format: Format,
        output: &Output,
    ) -> Result<Vec<String>, SaveError> {
        self.run(format, |outline, pieces| {
            output.save(outline, pieces, path, format)
        })
    }

    /// Writes a stream of bytes, for formats of a single file. Returns what reading had to say.
    pub fn copy_to(&self, out: &mut dyn Write, format: Format) -> Result<Vec<String>, SaveError> {
        self.run(format, |outline, pieces| {
            Ok(write_stream(outline, pieces, out, format)?)
        })
    }

    /// Reads twice, first for what a header must say.
    fn run(
        &self,
        format: Format,
        write: impl FnOnce(&Outline, &Stretch) -> Result<(), SaveError>,
    ) -> Result<Vec<String>, SaveError> {
        let part = (self.start_s, self.seconds);
        let in_all = self.source.samples_of(part.0, part.1)?;
        let whole = 2.0 * (in_all.end - in_all.start) as f64;
        let share = |shown: u64| (self.progress)(shown as f64 / whole);
        let stretch = Stretch::new(self.source, part, self.made.as_ref(), &share)?;
        let mut outline = Outline::of_pieces(&stretch, &stretch.steps_uv, MAX_STEPS)?;
        outline.about = (self.about)(&outline.about);
        write(&outline, &stretch)?;
        let mut warnings = stretch.warnings.into_inner();
        if format != Format::Csv {
            warnings.extend(outline.coarse());
        }
        Ok(warnings)
    }
}

/// What the signals of a record are called until the old ones are gone; no one else's file is.
const BESIDE: &str = ".ecg-panorama-new.dat";

/// The two files of a WFDB record, and its name.
struct Record {
    header: PathBuf,
    signals: PathBuf,
    name: String,
}

impl Record {
    fn at(path: &Path) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let (folder, name) = (
            path.parent().unwrap_or(Path::new("")),
            wfdb::record_name(&stem),
        );
        Self {
            header: folder.join(format!("{stem}.hea")),
            signals: folder.join(format!("{name}.dat")),
            name,
        }
    }

    /// The new signals go first and the header last: without it the record is not there. A header
    /// that is there names its old signals until the new one takes its place in one step. So where
    /// the old signals have the new ones' name, the new ones lie beside them at first.
    fn save(
        &self,
        output: &Output,
        outline: &Outline,
        pieces: &dyn Pieces,
    ) -> Result<(), SaveError> {
        output.check_recording(&self.header, Format::Wfdb)?;
        let mut signals = begin(&self.signals)?;
        let sums = buffered(&mut signals, |out| wfdb::write_data(out, outline, pieces))?;
        let write_header = |signals: &Path| {
            let file = signals.file_name().unwrap_or_default().to_string_lossy();
            let text = wfdb::header(outline, (&self.name, &file), &sums);
            output.write(&self.header, text.as_bytes())
        };
        let beside = self
            .signals
            .with_file_name(format!("{}{BESIDE}", self.name));
        // Through links, but not by identity: another name of the same file stays what it is.
        let place = |path: &PathBuf| path.canonicalize().ok();
        let old = wfdb::files_of(&self.header);
        let is_old = |path| {
            place(path).is_some_and(|it| old.iter().any(|old| place(old).as_ref() == Some(&it)))
        };
        let first = if is_old(&self.signals) {
            // Through no link: what is there under this name is ours, and goes.
            beside.clone()
        } else {
            output.place(&self.signals, Some(&self.header))?
        };
        let overwrite = match first == beside {
            true => Overwrite::Allowed,
            false => output.overwrite,
        };
        signals
            .finish(&first, overwrite)
            .map_err(|it| OutputError::io(&first, it))?;
        if let Err(error) = write_header(&first) {
            // Nothing more can be done about a file that will not go.
            let _ = fs::remove_file(&first);
            return Err(error.into());
        }
        // The record is the new one now, under whichever name its signals go.
        let _ = self.settle(&beside, write_header);
        Ok(())
    }

    /// Gives the signals their usual name, and removes what no header names any more.
    fn settle(
        &self,
        beside: &Path,
        write_header: impl Fn(&Path) -> Result<(), OutputError>,
    ) -> Result<(), SaveError> {
        let io = |it| OutputError::io(beside, it);
        let named = wfdb::files_of(&self.header);
        if named.iter().any(|it| it.file_name() == beside.file_name()) {
            fs::remove_file(&self.signals).map_err(io)?;
            fs::hard_link(beside, &self.signals).map_err(io)?;
            write_header(&self.signals)?;
        }
        if beside.exists() && wfdb::header_that_names(beside, Some(&self.header)).is_none() {
            fs::remove_file(beside).map_err(io)?;
        }
        Ok(())
    }
}

fn buffered<T>(
    file: &mut Unfinished,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    let mut out = BufWriter::new(&mut file.file);
    let done = fill(&mut out)?;
    out.flush().map_err(io)?;
    Ok(done)
}

fn io(error: std::io::Error) -> FormatError {
    FormatError::unwritable("save", &error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, LeadName, LeadSet, SampleRate},
        formats::{ReadOptions, read},
    };

    fn recording(mv: f32) -> Recording {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = Lead::measured(LeadName::I, vec![mv; 8]);
        Recording::from_leads(LeadSet::new(rate, vec![lead]).unwrap())
    }

    fn first_mv(path: &Path) -> f32 {
        let opened = read(path, &ReadOptions::default()).unwrap();
        assert_eq!(opened.report.warnings, Vec::<String>::new());
        opened.recording.leads.leads()[0].samples_mv[0]
    }

    /// Saves 2 mV over a record of 1 mV after `prepare`, and names what lies in the folder then.
    fn check(prepare: impl FnOnce(&Path)) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let header = folder.path().join("r.hea");
        write(&recording(1.0), &header, Format::Wfdb).unwrap();
        prepare(folder.path());
        write(&recording(2.0), &header, Format::Wfdb).unwrap();
        assert_eq!(first_mv(&header), 2.0);
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_record_is_replaced_under_its_own_names() {
        assert_eq!(check(|_| {}), ["r.dat", "r.hea"]);
    }

    #[test]
    fn what_a_kill_left_between_the_steps_is_mended() {
        // Before the header: new signals beside, or without any header.
        let orphan = |at: &Path| fs::write(at.join("r.ecg-panorama-new.dat"), "new").unwrap();
        assert_eq!(check(orphan), ["r.dat", "r.hea"]);
        let headless = |at: &Path| fs::remove_file(at.join("r.hea")).unwrap();
        assert_eq!(check(headless), ["r.dat", "r.hea"]);
        // After the header: it names the signals beside, which may have their usual name as well.
        let renamed = |at: &Path| {
            let header = fs::read_to_string(at.join("r.hea")).unwrap();
            fs::write(
                at.join("r.hea"),
                header.replace("r.dat", "r.ecg-panorama-new.dat"),
            )
            .unwrap();
            fs::copy(at.join("r.dat"), at.join("r.ecg-panorama-new.dat")).unwrap();
            assert_eq!(first_mv(&at.join("r.hea")), 1.0);
        };
        assert_eq!(check(renamed), ["r.dat", "r.hea"]);
        let linked = |at: &Path| {
            renamed(at);
            fs::remove_file(at.join("r.dat")).unwrap();
            fs::hard_link(at.join("r.ecg-panorama-new.dat"), at.join("r.dat")).unwrap();
        };
        assert_eq!(check(linked), ["r.dat", "r.hea"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_under_the_name_of_the_new_signals_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        fs::write(&kept, "something else").unwrap();
        let link = |at: &Path| {
            std::os::unix::fs::symlink(&kept, at.join("r.ecg-panorama-new.dat")).unwrap();
            fs::write(at.join("r_new.dat"), "a file of that name").unwrap();
        };
        assert_eq!(check(link), ["r.dat", "r.hea", "r_new.dat"]);
        assert_eq!(fs::read(&kept).unwrap(), b"something else");
    }

    #[test]
    fn signals_of_another_record_are_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write(&recording(1.0), &at("a b.hea"), Format::Wfdb).unwrap();
        let refused = write(&recording(2.0), &at("a_b.hea"), Format::Wfdb).unwrap_err();
        assert!(
            matches!(refused, SaveError::Output(OutputError::OtherRecord { .. })),
            "{refused}"
        );
        assert_eq!(first_mv(&at("a b.hea")), 1.0);
    }
}
