//! `batch`: the same leads for every recording of a folder, one JSON line per file.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    CliError,
    exam::{Exam, ExamArgs, STREAM_S, TargetArgs, calibrated, with_sentence},
    folder::{BatchItem, items},
    made_leads::recording_beside,
    output_args::{OverwriteArgs, format_of},
    stream,
};
use crate::{
    ecg::{LeadName, Target, plain_line},
    formats::{Output, Overwrite, files_of_recording},
    reliability::{ExamReliability, Grade},
    synth::{CalibrationOptions, Mixing, Synthesizer, weights_sha256},
    words::Translator,
};

/// Synthesise the same leads for every recording of a folder, over its whole length; one JSON line
/// per file, going on past bad files. Of a recording longer than five minutes the first ten seconds
/// are calibrated on and judged.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder of recordings.
    folder: PathBuf,
    #[command(flatten)]
    wanted: TargetArgs,
    /// Folder for the outcome.
    #[arg(short, long)]
    output: PathBuf,
    #[command(flatten)]
    overwrite: OverwriteArgs,
    /// Format of the outcome.
    #[arg(long, default_value = "csv", value_parser = ["csv", "edf", "none"])]
    format: String,
    /// Files worked on at once.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Skip files whose outcome is already there, whole, made by this program of these very bytes
    /// with these very settings; replace other outcomes.
    #[arg(long)]
    resume: bool,
    /// Only the i-th of n parts of the folder, such as 1/4.
    #[arg(long)]
    shard: Option<String>,
    /// Leave out this patient's held-out errors and the grade: several times faster.
    #[arg(long)]
    no_reliability: bool,
    #[command(flatten)]
    exam: ExamArgs,
}

/// One line of the outcome.
#[derive(Default, Serialize)]
struct Line {
    file: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leads: Vec<LeadLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_out_rmse_uv: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    made_with: Option<MadeWith>,
}

#[derive(Serialize)]
struct LeadLine {
    lead: String,
    expected_rmse_uv: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<Grade>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    true_rmse_uv: Option<f64>,
}

/// What an outcome depends on: the same recording and settings give the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct MadeWith {
    /// Hash of everything asked for, of the program's version and of its weights.
    settings: String,
    /// Hash of the recording's files.
    recording: String,
    /// Hash of the outcome, where one was asked for.
    outcome: Option<String>,
}

/// What is the same for every file.
struct Work<'a> {
    args: &'a Args,
    output: Output,
    options: CalibrationOptions,
    targets: Vec<Target>,
    settings: String,
}

/// Runs the command. An error if any file failed, after all were tried.
pub fn run(args: &Args) -> Result<(), CliError> {
    let targets = args.wanted.targets()?;
    args.exam
        .check_names(LeadName::is_known, "a lead that is known")?;
    let items = items(&args.folder, args.shard.as_deref())?;
    fs::create_dir_all(&args.output)
        .map_err(|it| CliError(format!("{it}: {}", args.output.display())))?;
    if is_same(&args.folder, &args.output) {
        let words = "the outcomes need a folder of their own, other than the recordings'";
        return Err(CliError(format!("{words}: {}", args.output.display())));
    }
    let options = args.exam.options();
    let overwrite = if args.resume {
        Overwrite::Allowed
    } else {
        args.overwrite.output(None).overwrite
    };
    let inputs = items.iter().flat_map(|it| files_of_recording(&it.file));
    let work = Work {
        args,
        output: Output::new(overwrite).reading(inputs),
        settings: settings(args, &options, &targets),
        options,
        targets,
    };
    let (next, failed, out) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        Mutex::new(io::stdout()),
    );
    let worker = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            let line = work.line(item);
            failed.fetch_add(usize::from(line.status == "failed"), Ordering::Relaxed);
            print(&out, &line);
        }
    };
    std::thread::scope(|scope| (0..args.jobs.clamp(1, 64)).for_each(|_| drop(scope.spawn(worker))));
    match failed.into_inner() {
        0 => Ok(()),
        n => Err(CliError(format!("{n} of {} files failed", items.len()))),
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Everything asked for that could change a byte of an outcome.
fn settings(args: &Args, options: &CalibrationOptions, targets: &[Target]) -> String {
    let names: Vec<String> = targets.iter().map(|it| it.name().to_string()).collect();
    let asked = format!(
        "{} {} {options:?} {names:?} {} {}",
        env!("CARGO_PKG_VERSION"),
        weights_sha256(),
        args.format,
        args.no_reliability
    );
    hex(Sha256::digest(asked.as_bytes()).iter().take(8))
}

/// Hash of files, one after the other.
fn sha256_of(files: &[PathBuf]) -> io::Result<String> {
    let mut hasher = Sha256::new();
    for path in files {
        let mut file = fs::File::open(path)?;
        let mut piece = vec![0; 1 << 16];
        hasher.update(file.metadata()?.len().to_le_bytes());
        loop {
            match io::Read::read(&mut file, &mut piece)? {
                0 => break,
                n => hasher.update(&piece[..n]),
            }
        }
    }
    Ok(hex(hasher.finalize().iter()))
}

fn hex<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    bytes.map(|it| format!("{it:02x}")).collect()
}

fn print(out: &Mutex<io::Stdout>, line: &Line) {
    let text = serde_json::to_string(line)
        .unwrap_or_else(|it| format!("{{\"status\":\"failed\",\"reason\":\"{it}\"}}"));
    // A reader that has gone away must not stop the work.
    if let Ok(mut out) = out.lock() {
        let _ = writeln!(out, "{text}");
    }
}

impl Work<'_> {
    fn line(&self, item: &BatchItem) -> Line {
        let line = |status, reason: &str| Line {
            file: plain_line(&item.file.display().to_string()),
            status,
            reason: Some(reason.to_owned()),
            ..Line::default()
        };
        if self.args.resume && self.is_done(item) {
            return line("skipped", "already done with these settings");
        }
        // A crash in one file is that file's failure.
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.one(item)));
        match made {
            Ok(Ok(made)) => Line {
                reason: None,
                status: "ok",
                ..made
            },
            Ok(Err(error)) => line("failed", &error.0),
            Err(_) => line("failed", "an unforeseen error"),
        }
    }

    /// Where the leads go, unless only numbers are asked for.
    fn leads_path(&self, item: &BatchItem) -> Option<PathBuf> {
        let wanted = self.args.format != "none";
        wanted.then(|| item.outcome_path(&self.args.output, &self.args.format))
    }

    /// Whether the outcome is there, whole, and was made of these bytes with these settings.
    fn is_done(&self, item: &BatchItem) -> bool {
        #[derive(Deserialize)]
        struct Earlier {
            made_with: MadeWith,
        }
        let earlier = fs::read(item.outcome_path(&self.args.output, "json"))
            .ok()
            .and_then(|it| serde_json::from_slice::<Earlier>(&it).ok());
        let now = || self.made_with(item, sha256_of(&files_of_recording(&item.file)).ok()?);
        earlier.is_some_and(|it| Some(it.made_with) == now())
    }

    fn made_with(&self, item: &BatchItem, recording: String) -> Option<MadeWith> {
        let outcome = self.leads_path(item).map(|it| sha256_of(&[it]));
        Some(MadeWith {
            settings: self.settings.clone(),
            recording,
            outcome: outcome.transpose().ok()?,
        })
    }

    fn one(&self, item: &BatchItem) -> Result<Line, CliError> {
        let file = &item.file;
        let leads_path = self.leads_path(item);
        let numbers_path = item.outcome_path(&self.args.output, "json");
        for path in leads_path.iter().chain([&numbers_path]) {
            self.output.check(path)?;
        }
        let exam = Exam::read(file, &self.options)?;
        let hash = sha256_of(&files_of_recording(file)).map_err(CliError::from_error)?;
        let leads = &exam.recording.leads;
        let calibration = calibrated(&exam.recording, &exam.options, file)?;
        let synthesizer = Synthesizer::new(leads, calibration).map_err(CliError::from_error)?;
        let reliability = || {
            ExamReliability::new(leads, &exam.options, &synthesizer)
                .map(|it| it.knowing(&exam.recording))
                .map_err(CliError::from_error)
        };
        let wanted = !self.args.no_reliability;
        let judged = wanted.then(reliability).transpose()?;
        let mut warnings = exam.warnings.clone();
        if let Some(path) = &leads_path {
            warnings.extend(self.write_leads(&synthesizer, &exam, file, path)?);
            warnings.sort();
            warnings.dedup();
        }
        let lines = self.targets.iter();
        let line = Line {
            file: plain_line(&file.display().to_string()),
            status: "ok",
            reason: None,
            leads: lines
                .map(|it| lead_line(judged.as_ref(), &synthesizer, it))
                .collect::<Result<_, _>>()?,
            held_out_rmse_uv: judged
                .as_ref()
                .and_then(|it| mean(it.held_out.iter().map(|it| it.rmse_uv))),
            warnings: warnings_json(&warnings, judged.as_ref())?,
            made_with: self.made_with(item, hash),
        };
        // Last, so that its presence says that all else is there.
        let text = serde_json::to_string(&line).map_err(CliError::from_error)? + "\n";
        self.output.write(&numbers_path, text.as_bytes())?;
        Ok(line)
    }

    /// The leads over the whole recording. Returns what reading more of it had to say.
    fn write_leads(
        &self,
        synthesizer: &Synthesizer,
        exam: &Exam,
        file: &Path,
        path: &Path,
    ) -> Result<Vec<String>, CliError> {
        let format = format_of(path)?;
        let targets = self.targets.iter();
        if STREAM_S < exam.seconds {
            let mixings: Vec<Mixing> = targets.map(|it| synthesizer.mixing(it)).collect();
            return stream::run(file, &mixings, false, (path, format, &self.output));
        }
        let made = targets.map(|it| synthesizer.target(it)).collect();
        let leads = recording_beside(&exam.recording, made, false)?;
        self.output.write_recording(&leads, path, format)?;
        Ok(Vec::new())
    }
}

fn lead_line(
    exam: Option<&ExamReliability>,
    synthesizer: &Synthesizer,
    target: &Target,
) -> Result<LeadLine, CliError> {
    let reliability = exam.map(|it| it.of(synthesizer, target));
    let reasons = reliability.iter().flat_map(|it| &it.reasons);
    Ok(LeadLine {
        lead: target.name().to_string(),
        expected_rmse_uv: synthesizer.mixing(target).expected_rmse_uv(),
        grade: reliability.as_ref().map(|it| it.grade),
        reasons: reasons
            .map(|it| with_sentence(it, Translator::default().reason(it)))
            .collect::<Result<_, _>>()?,
        true_rmse_uv: reliability
            .as_ref()
            .and_then(|it| it.truth.as_ref())
            .map(|it| it.rmse_uv),
    })
}

/// What the reader said, and what speaks against relying on the leads.
fn warnings_json(
    reader: &[String],
    exam: Option<&ExamReliability>,
) -> Result<Vec<Value>, CliError> {
    let reader = reader
        .iter()
        .map(|it| Ok(json!({ "reader": {}, "sentence": it })));
    let warnings = exam.iter().flat_map(|it| &it.warnings);
    let warnings = warnings.map(|it| with_sentence(it, Translator::default().warning(it)));
    reader.chain(warnings).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let all: Vec<f64> = values.collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}
