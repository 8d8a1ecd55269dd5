//! `batch`: the same leads for every exam of a folder, a list or a Parquet file; one JSON line for
//! each, and as outcome files or Parquet tables.

mod files;
mod line;
#[cfg(feature = "archive")]
mod tables;
mod work;

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use self::work::Work;
use super::{
    CliError,
    exam::{ExamArgs, TargetArgs},
    output_args::OverwriteArgs,
};
use crate::{
    archive::{ExamItem, Listing},
    ecg::{LeadName, Target, hex},
    formats::{Output, Overwrite, ReadOptions},
    synth::{CalibrationOptions, weights_sha256},
};

/// Synthesise the same leads for every exam of a folder, a list or a Parquet file, over its whole
/// length; one JSON line for each, going on past bad ones. Of a recording longer than five minutes
/// the first ten seconds are calibrated on and judged.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder of recordings, with all below it; a list of them (RECORDS, .txt, or .csv with a column
    /// of paths); or a Parquet file of signals.
    input: PathBuf,
    #[command(flatten)]
    wanted: TargetArgs,
    /// Folder for the outcome.
    #[arg(short, long)]
    output: PathBuf,
    #[command(flatten)]
    overwrite: OverwriteArgs,
    /// What the outcome is: a file for each exam, numbers alone, or Parquet tables.
    #[arg(long, default_value = "csv")]
    format: OutcomeFormat,
    /// Exams worked on at once.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Skip what is already there, whole, made by this program of these very bytes with these very
    /// settings; replace the rest.
    #[arg(long)]
    resume: bool,
    /// Only the i-th of n shares, such as 1/4: of the exams, or of the parts of Parquet tables.
    #[arg(long)]
    shard: Option<String>,
    /// Only this part of the Parquet tables, from 0.
    #[cfg(feature = "archive")]
    #[arg(long, conflicts_with = "shard")]
    part: Option<usize>,
    /// Print how many parts there are, and do nothing else.
    #[cfg(feature = "archive")]
    #[arg(long)]
    count_parts: bool,
    /// Exams in a part of the Parquet tables.
    #[cfg(feature = "archive")]
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..))]
    part_size: u32,
    /// Column of the list that names the exams.
    #[arg(long)]
    column: Option<String>,
    /// Leave out this patient's held-out errors and the grade: several times faster.
    #[arg(long)]
    no_reliability: bool,
    #[command(flatten)]
    exam: ExamArgs,
}

/// What a batch leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum OutcomeFormat {
    /// A table for each exam.
    Csv,
    /// An EDF+ file for each exam.
    Edf,
    /// Numbers alone.
    None,
    /// Parquet tables of leads, errors, grades and measurements.
    #[cfg(feature = "archive")]
    Parquet,
}

/// Runs the command. An error if any exam failed, after all were tried.
pub fn run(args: &Args) -> Result<(), CliError> {
    let targets = args.wanted.targets()?;
    args.exam
        .check_names(LeadName::is_known, "a lead that is known")?;
    let items = items(args)?;
    #[cfg(feature = "archive")]
    if args.count_parts {
        println!("{}", items.len().div_ceil(args.part_size as usize));
        return Ok(());
    }
    fs::create_dir_all(&args.output)
        .map_err(|it| CliError(format!("{it}: {}", args.output.display())))?;
    if is_same(&args.input, &args.output) {
        let words = "the outcomes need a folder of their own, other than the recordings'";
        return Err(CliError(format!("{words}: {}", args.output.display())));
    }
    let options = args.exam.options();
    let read = args.exam.read.options();
    let overwrite = if args.resume {
        Overwrite::Allowed
    } else {
        args.overwrite.output(None).overwrite
    };
    let work = Work {
        output: Output::new(overwrite)
            .following_no_link()
            .reading(items.iter().flat_map(ExamItem::files))
            .reading([args.input.clone()]),
        folder: args.output.clone(),
        settings: settings(args, &options, &read, &targets),
        read,
        options,
        targets,
        is_judged: !args.no_reliability,
        is_resumed: args.resume,
        jobs: args.jobs.clamp(1, 64),
    };
    let (failed, tried) = outcome(args, &work, items)?;
    match failed {
        0 => Ok(()),
        n => Err(CliError(format!("{n} of {tried} exams failed"))),
    }
}

fn items(args: &Args) -> Result<Vec<ExamItem>, CliError> {
    let listing = Listing {
        column: args.column.as_deref(),
        without: Some(&args.output),
    };
    listing.items(&args.input).map_err(CliError::from_error)
}

/// Works on the exams. Returns how many failed, and of how many.
fn outcome(args: &Args, work: &Work, items: Vec<ExamItem>) -> Result<(usize, usize), CliError> {
    let extension = match args.format {
        OutcomeFormat::Csv => Some("csv"),
        OutcomeFormat::Edf => Some("edf"),
        OutcomeFormat::None => None,
        #[cfg(feature = "archive")]
        OutcomeFormat::Parquet => {
            let size = args.part_size as usize;
            let parts = crate::archive::Part::all(&items, size, args.shard.as_deref());
            let mut parts = parts.map_err(CliError::from_error)?;
            parts.retain(|it| args.part.is_none_or(|part| it.number == part));
            let tried = parts.iter().map(|it| it.items.len()).sum();
            return Ok((tables::run(work, &parts)?, tried));
        }
    };
    let items = ExamItem::share(items, args.shard.as_deref()).map_err(CliError::from_error)?;
    Ok((files::run(work, &items, extension), items.len()))
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Everything asked for that could change a byte of an outcome.
fn settings(
    args: &Args,
    options: &CalibrationOptions,
    read: &ReadOptions,
    targets: &[Target],
) -> String {
    let names: Vec<String> = targets.iter().map(|it| it.name().to_string()).collect();
    let asked = format!(
        "{} {} {options:?} {read:?} {names:?} {:?} {}",
        env!("CARGO_PKG_VERSION"),
        weights_sha256(),
        args.format,
        args.no_reliability
    );
    hex(&Sha256::digest(asked.as_bytes())[..8])
}
