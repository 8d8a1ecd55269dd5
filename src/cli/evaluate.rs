//! `evaluate`: the protocols of evaluation with their baselines, on recordings or arrays of them.

use std::path::PathBuf;

use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use super::{CliError, print::print_json};
use crate::{
    ecg::LimbElectrodes,
    evaluate::{
        Evaluation, LabelledExam, MapReport, Noise, Protocol, Report, SignReport, StatedReport,
        body_surface_map, read_exams, signs, stated_errors, views_table,
    },
};

/// Score synthesis against recorded leads, with baselines beside it.
#[derive(clap::Args)]
pub struct Args {
    /// p-app, p-reconstruct, p-calibrated, p-calibrated-but-one, p-calibrated-five, p-unseen,
    /// p-unseen-6, p-frank, p-phantom or p-offset; p-map, of folders with a measured body-surface
    /// map; p-sign; p-error.
    #[arg(long, value_parser = asked, default_value = "p-app")]
    protocol: Asked,
    /// Recordings, folders of them, or .npy(.gz) arrays [record, 8 or 12 leads, sample] of int16
    /// microvolts at the rate in their name (500 Hz if none) with index.csv beside. Without any,
    /// virtual patients are taken, as p-phantom always does.
    data: Vec<PathBuf>,
    /// Split to score, where an index names splits. The population's linear map is fitted on split
    /// train.
    #[arg(long, default_value = "valid")]
    split: String,
    /// Data set to score, where an index names it (for example ptbxl).
    #[arg(long)]
    source: Option<String>,
    /// Score only exams whose labels contain this text; of p-sign's virtual patients those whose
    /// condition does.
    #[arg(long)]
    label: Option<String>,
    /// Score at most this many exams.
    #[arg(long)]
    limit: Option<usize>,
    /// Virtual patients, where they are taken (30 if none is given); of each
    /// condition for p-sign and p-error, which take some beside data only where
    /// a number is given.
    #[arg(long)]
    patients: Option<usize>,
    /// Interference on what is recorded: powerline or wander. What is scored against stays clean.
    #[arg(long, value_parser = noise)]
    noise: Option<Noise>,
    /// Instead of a protocol: how many leads are recorded and how many more are shown in the first
    /// seconds, on virtual patients.
    #[arg(long)]
    views: bool,
    /// Where the limb electrodes of the data sat: standard, mason-likar or lund. The model is told;
    /// p-sign and p-error know standard places only.
    #[arg(long, default_value = "standard")]
    limbs: LimbElectrodes,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// The schema of that object, and nothing else.
    #[arg(long)]
    schema: bool,
}

/// Virtual patients where no number is given.
const PATIENTS: usize = 30;

/// What to find out.
#[derive(Clone, Copy)]
enum Asked {
    Traces(Protocol),
    Map,
    Signs,
    Errors,
}

fn asked(name: &str) -> Result<Asked, String> {
    let others = [
        ("p-map", Asked::Map),
        ("p-sign", Asked::Signs),
        ("p-error", Asked::Errors),
    ];
    let other = others.iter().find(|it| it.0.eq_ignore_ascii_case(name));
    let traces = Protocol::parse(name).map(Asked::Traces);
    let all = Protocol::ALL.iter().map(|it| it.name());
    let all: Vec<&str> = all.chain(others.map(|it| it.0)).collect();
    let expected = || format!("expected one of {}", all.join(", "));
    traces.or(other.map(|it| it.1)).ok_or_else(expected)
}

fn noise(name: &str) -> Result<Noise, String> {
    Noise::parse(name).ok_or_else(|| "expected powerline or wander".into())
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    if args.views {
        return views(args);
    }
    match args.protocol {
        Asked::Traces(protocol) => {
            let make = |(scored, others): (Vec<_>, Vec<_>)| {
                evaluation(args, protocol).run(&scored, &others)
            };
            let words = |it: &Report| it.words(protocol);
            told(
                args,
                || make(chosen(args)?).map_err(CliError::from_error),
                words,
            )
        }
        Asked::Map if args.data.is_empty() && !args.schema => {
            Err(CliError("p-map: name the folder of a measured map".into()))
        }
        Asked::Map => {
            let maps = || {
                let each = args.data.iter().map(|it| body_surface_map(it, args.limbs));
                each.collect::<Result<Vec<_>, _>>()
                    .map_err(CliError::from_error)
            };
            told(args, maps, |it: &Vec<MapReport>| {
                it.iter().map(MapReport::words).collect()
            })
        }
        Asked::Signs | Asked::Errors if args.limbs != LimbElectrodes::Standard => Err(CliError(
            "p-sign and p-error take limb electrodes at their standard places".into(),
        )),
        Asked::Signs => {
            let found = || {
                let (exams, _) = chosen(args)?;
                let label = args.label.as_deref().unwrap_or_default();
                signs(&exams, args.of_each_condition(), label).map_err(CliError::from_error)
            };
            told(args, found, SignReport::words)
        }
        Asked::Errors => {
            let found = || {
                let (exams, _) = chosen(args)?;
                stated_errors(&exams, args.of_each_condition()).map_err(CliError::from_error)
            };
            told(args, found, StatedReport::words)
        }
    }
}

impl Args {
    /// Virtual patients of each condition for protocols that take them beside data, which takes
    /// long.
    fn of_each_condition(&self) -> usize {
        let by_itself = if self.data.is_empty() { PATIENTS } else { 0 };
        self.patients.unwrap_or(by_itself)
    }
}

fn evaluation(args: &Args, protocol: Protocol) -> Evaluation {
    Evaluation {
        protocol,
        methods: Vec::new(),
        virtual_patients: args.patients.unwrap_or(PATIENTS),
        noise: args.noise,
        limbs: args.limbs,
    }
}

/// Prints what was found, or its schema without looking for it.
fn told<T: Serialize + JsonSchema>(
    args: &Args,
    find: impl FnOnce() -> Result<T, CliError>,
    words: impl Fn(&T) -> String,
) -> Result<(), CliError> {
    if args.schema {
        return print_json(&schema_for!(T));
    }
    let found = find()?;
    if args.json {
        return print_json(&found);
    }
    print!("{}", words(&found));
    Ok(())
}

/// The exams to score, and those of split train for the population's linear map.
fn chosen(args: &Args) -> Result<(Vec<LabelledExam>, Vec<LabelledExam>), CliError> {
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
    if scored.is_empty() && !args.data.is_empty() {
        let named = args.data.iter().map(|it| it.display().to_string());
        let sought = [
            ("source", args.source.as_ref()),
            ("label", args.label.as_ref()),
        ];
        let sought = sought
            .iter()
            .filter_map(|it| Some(format!(", {} {}", it.0, it.1?)));
        return Err(CliError(format!(
            "no exam to score, expected at least one of split {}{}: {}",
            args.split,
            sought.collect::<String>(),
            named.collect::<Vec<_>>().join(", ")
        )));
    }
    Ok((scored, population))
}

/// The table of inputs and shown views.
fn views(args: &Args) -> Result<(), CliError> {
    let patients = args.patients.unwrap_or(PATIENTS);
    let rows = views_table(patients);
    if args.json {
        return print_json(&rows);
    }
    println!(
        "{} virtual patients, high-pass 0.5 Hz, scored on the last 5 s; PSNR in dB (0 mV)",
        patients
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
