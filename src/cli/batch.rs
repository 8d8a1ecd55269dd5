//! `batch`: the same leads for every recording of a folder, one JSON line per file.

use std::{
    collections::BTreeSet,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde::Serialize;

use super::{
    CliError,
    exam::{ExamArgs, calibrated, look, outcome_path, save_text, some_targets},
    synth::{beside, write},
};
use crate::synth::{CalibrationOptions, ExamTrust, Grade, Synthesizer, Target};

/// Synthesise the same leads for every recording of a folder; one JSON line per file, going on past bad files.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder of recordings.
    folder: PathBuf,
    /// Leads of the catalogue: V1@2ICS,V7,V4R, X …
    #[arg(long, value_delimiter = ',')]
    lead: Vec<String>,
    /// A direction from the heart in degrees, θ,φ: 48,-38. May be given again.
    #[arg(long, allow_hyphen_values = true)]
    view: Vec<String>,
    /// Folder for the outcome.
    #[arg(short, long)]
    out: PathBuf,
    /// Format of the outcome.
    #[arg(long, default_value = "csv", value_parser = ["csv", "edf", "none"])]
    format: String,
    /// Files worked on at once.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Skip files whose outcome is already there.
    #[arg(long)]
    resume: bool,
    /// Only the i-th of n parts of the folder, such as 1/4.
    #[arg(long)]
    shard: Option<String>,
    /// Leave out this patient's held-out errors and the grade: several times faster.
    #[arg(long)]
    no_trust: bool,
    #[command(flatten)]
    exam: ExamArgs,
}

/// One line of the outcome.
#[derive(Serialize)]
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
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct LeadLine {
    lead: String,
    expected_rmse_uv: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<Grade>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    true_rmse_uv: Option<f64>,
}

/// Runs the command. An error if any file failed, after all were tried.
pub fn run(args: &Args) -> Result<(), CliError> {
    let targets = some_targets(&args.lead, &args.view)?;
    let files = shard(recordings(&args.folder)?, args.shard.as_deref())?;
    fs::create_dir_all(&args.out).map_err(|it| CliError(format!("{it}: {}", args.out.display())))?;
    let options = args.exam.options_for(&targets);
    let (next, failed, out) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(io::stdout()));
    let work = || {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let line = line(args, &options, &targets, file);
            failed.fetch_add(usize::from(line.status == "failed"), Ordering::Relaxed);
            print(&out, &line);
        }
    };
    std::thread::scope(|scope| (0..args.jobs.clamp(1, 64)).for_each(|_| drop(scope.spawn(work))));
    match failed.into_inner() {
        0 => Ok(()),
        n => Err(CliError(format!("{n} of {} files failed", files.len()))),
    }
}

fn print(out: &Mutex<io::Stdout>, line: &Line) {
    let text = serde_json::to_string(line).unwrap_or_else(|it| format!("{{\"status\":\"failed\",\"reason\":\"{it}\"}}"));
    // A reader that has gone away must not stop the work.
    if let Ok(mut out) = out.lock() {
        let _ = writeln!(out, "{text}");
    }
}

fn line(args: &Args, options: &CalibrationOptions, targets: &[Target], file: &Path) -> Line {
    let name = file.display().to_string();
    let done = outcome_path(&args.out, file, "json");
    if args.resume && done.exists() {
        return Line {
            file: name,
            status: "skipped",
            reason: Some("already done".into()),
            leads: vec![],
            held_out_rmse_uv: None,
            warnings: vec![],
        };
    }
    match one(args, options, targets, file) {
        Ok(line) => line,
        Err(reason) => {
            Line { file: name, status: "failed", reason: Some(reason.0), leads: vec![], held_out_rmse_uv: None, warnings: vec![] }
        }
    }
}

fn one(args: &Args, options: &CalibrationOptions, targets: &[Target], file: &Path) -> Result<Line, CliError> {
    let (recording, _) = look(file)?;
    let calibration = calibrated(&recording, options, file)?;
    let synthesizer = Synthesizer::new(&recording.leads, calibration).map_err(CliError::from_error)?;
    let exam =
        if args.no_trust { None } else { Some(ExamTrust::new(&recording.leads, options, &synthesizer).map_err(CliError::from_error)?) };
    let leads = targets.iter().map(|it| lead_line(exam.as_ref(), &synthesizer, it)).collect();
    let line = Line {
        file: file.display().to_string(),
        status: "ok",
        reason: None,
        leads,
        held_out_rmse_uv: exam.as_ref().and_then(|it| mean(it.held_out.iter().map(|it| it.rmse_uv))),
        warnings: exam.map_or(vec![], |it| it.warnings.into_iter().map(|it| it.words).collect()),
    };
    if args.format != "none" {
        let made = targets.iter().map(|it| synthesizer.target(it)).collect();
        write(&beside(&recording, made, false)?, &outcome_path(&args.out, file, &args.format))?;
    }
    // Last, so that its presence says that all else is there.
    save_text(&outcome_path(&args.out, file, "json"), &(serde_json::to_string(&line).map_err(CliError::from_error)? + "\n"))?;
    Ok(line)
}

fn lead_line(exam: Option<&ExamTrust>, synthesizer: &Synthesizer, target: &Target) -> LeadLine {
    let trust = exam.map(|it| it.of(synthesizer, target));
    LeadLine {
        lead: target.name().to_string(),
        expected_rmse_uv: synthesizer.mixing(target).expected_rmse_uv(),
        grade: trust.as_ref().map(|it| it.grade),
        reasons: trust.as_ref().map_or(vec![], |it| it.reasons.clone()),
        true_rmse_uv: trust.and_then(|it| it.truth).map(|it| it.rmse_uv),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let all: Vec<f64> = values.collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

/// Files of the folder in the order of their names. Of a WFDB record only the header counts.
fn recordings(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |it: io::Error| CliError(format!("{it}: {}", folder.display()));
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() && !path.file_name().is_some_and(|it| it.to_string_lossy().starts_with('.')) {
            all.insert(path);
        }
    }
    let headed: BTreeSet<PathBuf> =
        all.iter().filter(|it| it.extension().is_some_and(|it| it == "hea")).map(|it| it.with_extension("")).collect();
    let is_part = |it: &PathBuf| it.extension().is_some_and(|it| it != "hea") && headed.contains(&it.with_extension(""));
    Ok(all.into_iter().filter(|it| !is_part(it)).collect())
}

/// The i-th of n parts: every n-th file, so that parts are alike.
fn shard(files: Vec<PathBuf>, shard: Option<&str>) -> Result<Vec<PathBuf>, CliError> {
    let Some(text) = shard else { return Ok(files) };
    let parsed = text.split_once('/').and_then(|(i, n)| Some((i.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    match parsed {
        Some((i, n)) if 1 <= i && i <= n => Ok(files.into_iter().skip(i - 1).step_by(n).collect()),
        _ => Err(CliError(format!("--shard {text}: expected i/n with 1 ≤ i ≤ n, such as 1/4"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_disjoint_and_whole() {
        let files: Vec<PathBuf> = (0..10).map(|it| PathBuf::from(format!("{it:02}.edf"))).collect();
        let mut joined: Vec<PathBuf> = (1..=3).flat_map(|it| shard(files.clone(), Some(&format!("{it}/3"))).unwrap()).collect();
        joined.sort();
        assert_eq!(joined, files);
        assert!(shard(files, Some("4/3")).is_err());
    }
}
