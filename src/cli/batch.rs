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
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    CliError,
    exam::{ExamArgs, TargetArgs, calibrated, look, with_sentence},
    folder::{Case, cases},
    output_args::{OverwriteArgs, format_of},
    synth::recording_beside,
};
use crate::{
    ecg::Target,
    reliability::{ExamReliability, Grade},
    synth::{CalibrationOptions, Synthesizer, weights_sha256},
    words::Translator,
};

/// Synthesise the same leads for every recording of a folder; one JSON line per file, going on past
/// bad files.
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
    /// Skip files whose outcome is already there, made by this program with these very settings.
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
    made_with: Option<Settings>,
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

/// What an outcome depends on beside the recording's samples: the same settings give the same
/// bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    /// Hash of everything asked for, of the program's version and of its weights.
    settings: String,
    /// Length of the recording's file, bytes.
    file_bytes: u64,
}

/// What is the same for every file.
struct Work<'a> {
    args: &'a Args,
    options: CalibrationOptions,
    targets: Vec<Target>,
    settings: String,
}

/// Runs the command. An error if any file failed, after all were tried.
pub fn run(args: &Args) -> Result<(), CliError> {
    let targets = args.wanted.targets()?;
    let cases = cases(&args.folder, args.shard.as_deref())?;
    fs::create_dir_all(&args.output)
        .map_err(|it| CliError(format!("{it}: {}", args.output.display())))?;
    let options = args.exam.options_for(&targets);
    let work = Work {
        args,
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
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let line = work.line(case);
            failed.fetch_add(usize::from(line.status == "failed"), Ordering::Relaxed);
            print(&out, &line);
        }
    };
    std::thread::scope(|scope| (0..args.jobs.clamp(1, 64)).for_each(|_| drop(scope.spawn(worker))));
    match failed.into_inner() {
        0 => Ok(()),
        n => Err(CliError(format!("{n} of {} files failed", cases.len()))),
    }
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
    Sha256::digest(asked.as_bytes())
        .iter()
        .take(8)
        .map(|it| format!("{it:02x}"))
        .collect()
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
    fn line(&self, case: &Case) -> Line {
        let file = case.file.display().to_string();
        if self.args.resume && self.is_done(case) {
            return Line {
                file,
                status: "skipped",
                reason: Some("already done with these settings".into()),
                ..Line::default()
            };
        }
        // A crash in one file is that file's failure.
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.one(case)));
        match made.unwrap_or_else(|_| Err(CliError("an unforeseen error".into()))) {
            Ok(line) => line,
            Err(reason) => Line {
                file,
                status: "failed",
                reason: Some(reason.0),
                ..Line::default()
            },
        }
    }

    /// Whether the outcome is there, whole, and was made of this file with these settings.
    fn is_done(&self, case: &Case) -> bool {
        #[derive(Deserialize)]
        struct Earlier {
            made_with: Settings,
        }
        let earlier = fs::read(case.outcome_path(&self.args.output, "json"))
            .ok()
            .and_then(|it| serde_json::from_slice::<Earlier>(&it).ok());
        let is_there = self.args.format == "none"
            || case
                .outcome_path(&self.args.output, &self.args.format)
                .exists();
        is_there && earlier.is_some_and(|it| Some(it.made_with) == self.made_with(&case.file))
    }

    fn made_with(&self, file: &Path) -> Option<Settings> {
        Some(Settings {
            settings: self.settings.clone(),
            file_bytes: fs::metadata(file).ok()?.len(),
        })
    }

    fn one(&self, case: &Case) -> Result<Line, CliError> {
        let (args, options, file) = (self.args, &self.options, &case.file);
        let output = args.overwrite.output(Some(file));
        let (recording, _) = look(file)?;
        let calibration = calibrated(&recording, options, file)?;
        let synthesizer =
            Synthesizer::new(&recording.leads, calibration).map_err(CliError::from_error)?;
        let reliability = || {
            ExamReliability::new(&recording.leads, options, &synthesizer)
                .map(|it| it.knowing(&recording))
                .map_err(CliError::from_error)
        };
        let exam = if args.no_reliability {
            None
        } else {
            Some(reliability()?)
        };
        let leads = self
            .targets
            .iter()
            .map(|it| lead_line(exam.as_ref(), &synthesizer, it))
            .collect::<Result<_, _>>()?;
        let line = Line {
            file: file.display().to_string(),
            status: "ok",
            reason: None,
            leads,
            held_out_rmse_uv: exam
                .as_ref()
                .and_then(|it| mean(it.held_out.iter().map(|it| it.rmse_uv))),
            warnings: warnings_json(exam.as_ref())?,
            made_with: self.made_with(file),
        };
        if args.format != "none" {
            let made = self
                .targets
                .iter()
                .map(|it| synthesizer.target(it))
                .collect();
            let path = case.outcome_path(&args.output, &args.format);
            let leads = recording_beside(&recording, made, false)?;
            output.write_recording(&leads, &path, format_of(&path)?)?;
        }
        // Last, so that its presence says that all else is there.
        let text = serde_json::to_string(&line).map_err(CliError::from_error)? + "\n";
        output.write(&case.outcome_path(&args.output, "json"), text.as_bytes())?;
        Ok(line)
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

fn warnings_json(exam: Option<&ExamReliability>) -> Result<Vec<Value>, CliError> {
    let warnings = exam.iter().flat_map(|it| &it.warnings);
    warnings
        .map(|it| with_sentence(it, Translator::default().warning(it)))
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let all: Vec<f64> = values.collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}
