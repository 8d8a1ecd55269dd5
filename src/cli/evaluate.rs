//! `evaluate`: the protocols of evaluation with their baselines, on recordings or arrays of them.

use std::path::PathBuf;

use super::CliError;
use crate::evaluate::{Evaluation, Exam, Protocol, read_exams};

/// Score synthesis against recorded leads, with baselines beside it.
#[derive(clap::Args)]
pub struct Args {
    /// p-app, p-reconstruct, p-unseen, p-unseen-6, p-frank, p-phantom or p-offset.
    #[arg(long, value_parser = protocol, default_value = "p-app")]
    protocol: Protocol,
    /// Recordings, folders of them, or .npy arrays [record, 8 leads, sample] of int16 microvolts at 500 Hz with index.csv beside. Not needed for p-phantom and p-offset, which then take virtual patients.
    data: Vec<PathBuf>,
    /// Split to score, where an index names splits. The population's linear map is fitted on split train.
    #[arg(long, default_value = "valid")]
    split: String,
    /// Data set to score, where an index names it (for example ptbxl).
    #[arg(long)]
    source: Option<String>,
    /// Score only exams whose labels contain this text.
    #[arg(long)]
    label: Option<String>,
    /// Score at most this many exams.
    #[arg(long)]
    limit: Option<usize>,
    /// Virtual patients for p-phantom, and for p-offset without data.
    #[arg(long, default_value_t = 30)]
    patients: usize,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

fn protocol(name: &str) -> Result<Protocol, String> {
    let all: Vec<&str> = Protocol::ALL.iter().map(|it| it.name()).collect();
    Protocol::parse(name).ok_or_else(|| format!("expected one of {}", all.join(", ")))
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let (exams, unread) = read_exams(&args.data).map_err(CliError::from_error)?;
    unread.iter().for_each(|it| eprintln!("left out: {it}"));
    let of_source = |it: &Exam| args.source.as_ref().is_none_or(|source| it.source == *source);
    let of_label = |it: &Exam| args.label.as_ref().is_none_or(|label| it.labels.contains(label.as_str()));
    let (indexed, plain): (Vec<Exam>, Vec<Exam>) = exams.into_iter().partition(|it| !it.split.is_empty());
    let (population, others): (Vec<Exam>, Vec<Exam>) = indexed.into_iter().filter(of_source).partition(|it| it.split == "train");
    let chosen = if args.split == "train" { population.clone() } else { others };
    let mut scored: Vec<Exam> = chosen.into_iter().filter(|it| it.split == args.split).chain(plain).filter(of_label).collect();
    scored.truncate(args.limit.unwrap_or(usize::MAX));
    let evaluation = Evaluation { protocol: args.protocol, methods: Vec::new(), virtual_patients: args.patients };
    let report = evaluation.run(&scored, &population).map_err(CliError::from_error)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(CliError::from_error)?);
    } else {
        print!("{}", report.words(args.protocol));
    }
    Ok(())
}
