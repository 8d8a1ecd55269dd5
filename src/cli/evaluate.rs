//! `evaluate`: the protocols of evaluation with their baselines, on recordings or arrays of them.

use std::path::PathBuf;

use super::CliError;
use crate::evaluate::{Evaluation, LabelledExam, Noise, Protocol, read_exams, views_table};

/// Score synthesis against recorded leads, with baselines beside it.
#[derive(clap::Args)]
pub struct Args {
    /// p-app, p-reconstruct, p-unseen, p-unseen-6, p-frank, p-phantom or p-offset.
    #[arg(long, value_parser = protocol, default_value = "p-app")]
    protocol: Protocol,
    /// Recordings, folders of them, or .npy arrays [record, 8 leads, sample] of int16 microvolts at
    /// 500 Hz with index.csv beside. Without any, virtual patients are taken, as p-phantom always
    /// does.
    data: Vec<PathBuf>,
    /// Split to score, where an index names splits. The population's linear map is fitted on split
    /// train.
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
    /// Virtual patients, where they are taken.
    #[arg(long, default_value_t = 30)]
    patients: usize,
    /// Interference on what is recorded: powerline or wander. What is scored against stays clean.
    #[arg(long, value_parser = noise)]
    noise: Option<Noise>,
    /// Instead of a protocol: how many leads are recorded and how many more are shown in the first
    /// seconds, on virtual patients.
    #[arg(long)]
    views: bool,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

fn protocol(name: &str) -> Result<Protocol, String> {
    let all: Vec<&str> = Protocol::ALL.iter().map(|it| it.name()).collect();
    Protocol::parse(name).ok_or_else(|| format!("expected one of {}", all.join(", ")))
}

fn noise(name: &str) -> Result<Noise, String> {
    Noise::parse(name).ok_or_else(|| "expected powerline or wander".into())
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    if args.views {
        return views(args);
    }
    let (exams, unread) = read_exams(&args.data).map_err(CliError::from_error)?;
    unread.iter().for_each(|it| eprintln!("left out: {it}"));
    let of_source = |it: &LabelledExam| {
        args.source
            .as_ref()
            .is_none_or(|source| it.source == *source)
    };
    let of_label = |it: &LabelledExam| {
        args.label
            .as_ref()
            .is_none_or(|label| it.labels.contains(label.as_str()))
    };
    let (indexed, plain): (Vec<LabelledExam>, Vec<LabelledExam>) =
        exams.into_iter().partition(|it| !it.split.is_empty());
    let (population, others): (Vec<LabelledExam>, Vec<LabelledExam>) = indexed
        .into_iter()
        .filter(of_source)
        .partition(|it| it.split == "train");
    let chosen = if args.split == "train" {
        population.clone()
    } else {
        others
    };
    let mut scored: Vec<LabelledExam> = chosen
        .into_iter()
        .filter(|it| it.split == args.split)
        .chain(plain)
        .filter(of_label)
        .collect();
    scored.truncate(args.limit.unwrap_or(usize::MAX));
    let evaluation = Evaluation {
        protocol: args.protocol,
        methods: Vec::new(),
        virtual_patients: args.patients,
        noise: args.noise,
    };
    let report = evaluation
        .run(&scored, &population)
        .map_err(CliError::from_error)?;
    if args.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&report).map_err(CliError::from_error)?
        );
    } else {
        print!("{}", report.words(args.protocol));
    }
    Ok(())
}

/// The table of inputs and shown views.
fn views(args: &Args) -> Result<(), CliError> {
    let rows = views_table(args.patients);
    if args.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&rows).map_err(CliError::from_error)?
        );
        return Ok(());
    }
    println!(
        "{} virtual patients, high-pass 0.5 Hz, scored on the last 5 s; PSNR in dB (0 mV)",
        args.patients
    );
    println!(
        "{:44}{:>12}{:>18}{:>18}",
        "recorded", "shown first", "shown views", "other views"
    );
    for it in rows {
        let cell = |(ours, zero): (f64, f64)| format!("{ours:.2} ({zero:.2})");
        println!(
            "{:44}{:>12}{:>18}{:>18}",
            it.inputs.join(" "),
            it.supervised,
            cell(it.reconstructed_db),
            cell(it.synthesised_db)
        );
    }
    Ok(())
}
