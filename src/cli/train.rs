//! `ecg-panorama train` (feature `train`): trains the network and measures it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rayon::prelude::*;
use serde::Serialize;

use super::CliError;
use crate::{
    evaluate::{TruthOfErrors, read_exams},
    field::reference_torso,
    signal::FilterSettings,
    training::{self, BuildOptions, FitMoments},
};

/// Train the network on a data folder. Interrupted runs go on where they stopped.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    stage: Stage,
}

#[derive(clap::Subcommand)]
enum Stage {
    /// Stage I: both paths from recordings.
    Pretrain(Pretrain),
    /// Stage II: go on from the shipped weights with the exams of one device.
    Device(Device),
    /// Take parts out, train the published forms likewise, and compare.
    Ablation(Ablation),
    /// Train the lead-field path on fractions of the recorded exams, with and without pretraining,
    /// and compare.
    DataFraction(DataFraction),
    /// Fit the error model and the population's covariance on recordings of other patients.
    FitErrorModel(FitErrorModel),
    /// Write the model card from the records beside the weights.
    ModelCard(ModelCard),
    /// Write the paper's tables beside ours, from runs of the protocols and the records beside the
    /// weights.
    Accuracy(Accuracy),
    /// Make the ensemble of lead fields (field prior) that the population lies on: draw bodies and
    /// hearts, solve them, weigh them on the train split of real recordings, and write what is kept.
    FitFieldPrior(FitFieldPrior),
    /// Fit the population that every synthesis starts from.
    FitPopulation(FitPopulation),
}

#[derive(clap::Args)]
struct Device {
    /// Folder of the device's recordings, in any supported format.
    folder: PathBuf,
    /// Weights to start from.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// Where `device.bpk` and `device.json` go.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    /// Folder for checkpoints.
    #[arg(long, default_value = "target/train")]
    work: PathBuf,
    /// Steps.
    #[arg(long, default_value_t = 500)]
    steps: u64,
}

#[derive(clap::Args)]
struct Ablation {
    /// Folder with `recorded/` and `ptbxl_100hz/`.
    data: PathBuf,
    /// Weights of the corrected mix; `ablation.json` goes there.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// Folder for checkpoints.
    #[arg(long, default_value = "target/train")]
    work: PathBuf,
    /// Steps of each form of ours; the published ones get the time that ours takes.
    #[arg(long, default_value_t = 500)]
    steps: u64,
    /// Recordings of `ptbxl_100hz/` to learn from at most.
    #[arg(long, default_value_t = 500)]
    recordings: usize,
}

#[derive(clap::Args)]
struct DataFraction {
    /// Folder with `recorded/` and `ptbxl_100hz/`.
    data: PathBuf,
    /// `data_fraction.json` goes there.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// Folder for checkpoints.
    #[arg(long, default_value = "target/train")]
    work: PathBuf,
    /// Steps of each run.
    #[arg(long, default_value_t = 400)]
    steps: u64,
    /// Recordings of `ptbxl_100hz/` to learn from at most.
    #[arg(long, default_value_t = 500)]
    recordings: usize,
    /// Virtual patients.
    #[arg(long, default_value_t = 100)]
    virtuals: usize,
}

#[derive(clap::Args)]
struct FitErrorModel {
    /// Folder with `recorded/`, `ptbxl_100hz/` and `frank/`.
    data: PathBuf,
    /// Recordings of each source at most.
    #[arg(long, default_value_t = 120)]
    recordings: usize,
    /// Virtual patients of each condition.
    #[arg(long, default_value_t = 6)]
    patients: usize,
    /// Where to write the constants.
    #[arg(short, long, default_value = "assets/error_model.json")]
    output: PathBuf,
}

#[derive(clap::Args)]
struct ModelCard {
    /// Folder of weights and records.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// Commit that trained them.
    #[arg(long, default_value = "unknown")]
    commit: String,
}

#[derive(clap::Args)]
struct Accuracy {
    /// Folder with `recorded/`.
    data: PathBuf,
    /// Folder of weights and records.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// File to write.
    #[arg(short, long, default_value = "docs/paper.md")]
    output: PathBuf,
    /// Virtual patients for the table of views.
    #[arg(long, default_value_t = 30)]
    patients: usize,
}

#[derive(clap::Args)]
struct FitFieldPrior {
    /// Folder with an array of recordings and its index.csv; only its train split is used.
    #[arg(long, default_value = "../shared/data/recorded")]
    data: PathBuf,
    /// File to write.
    #[arg(short, long, default_value = "assets/field_prior.bin")]
    output: PathBuf,
    /// Same seed, same bytes.
    #[arg(long, default_value_t = BuildOptions::default().seed)]
    seed: u64,
    /// Members to draw.
    #[arg(long, default_value_t = BuildOptions::default().drawn)]
    drawn: usize,
    /// Members to keep.
    #[arg(long, default_value_t = BuildOptions::default().kept)]
    kept: usize,
    /// Use every second train recording only, so that the others can judge.
    #[arg(long)]
    half: bool,
}

#[derive(clap::Args)]
struct FitPopulation {
    /// Folders with arrays of recordings and their index.csv; only their train split is used.
    #[arg(long, default_value = "../shared/data/ptbxl_100hz")]
    data: Vec<PathBuf>,
    /// File to write.
    #[arg(short, long, default_value = "assets/population.bin")]
    output: PathBuf,
    /// People at most.
    #[arg(long, default_value_t = 7000)]
    people: usize,
    /// Virtual patients.
    #[arg(long, default_value_t = 12_000)]
    virtuals: u64,
    /// Those of them whom others are held against.
    #[arg(long, default_value_t = 800)]
    centres: usize,
    /// Seed of the first virtual patient.
    #[arg(long, default_value_t = 20_001)]
    seed: u64,
}

#[derive(clap::Args)]
struct Pretrain {
    /// Folder with `recorded/` and `ptbxl_100hz/`.
    data: PathBuf,
    /// Folder for checkpoints.
    #[arg(long, default_value = "target/train")]
    work: PathBuf,
    /// Weight set: `shipped` (all leads) or `unseen` (V2 and V6 never seen).
    #[arg(long, default_value = "shipped")]
    set: String,
    /// Steps of each member of the lead-field path.
    #[arg(long, default_value_t = 800)]
    steps: u64,
    /// Steps of each member of the residual path; 0: none.
    #[arg(long, default_value_t = 8000)]
    residual_steps: u64,
    /// Seed of the first member; the others follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Members whose answers are averaged.
    #[arg(long, default_value_t = 1)]
    members: u64,
    /// Members of the residual path to keep, at most as many.
    #[arg(long, default_value_t = 2)]
    residual_kept: u64,
    /// Recordings of `ptbxl_100hz/` to learn from at most.
    #[arg(long, default_value_t = 8000)]
    recordings: usize,
    /// Virtual patients.
    #[arg(long, default_value_t = 0)]
    virtuals: usize,
    /// Stop after so many minutes, to be called again.
    #[arg(long)]
    minutes: Option<u64>,
    /// Where the weights and their configuration go.
    #[arg(long, default_value = "weights")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    match &args.stage {
        Stage::Pretrain(it) => pretrain(it),
        Stage::Device(it) => device(it),
        Stage::Ablation(it) => ablation(it),
        Stage::DataFraction(it) => data_fraction(it),
        Stage::FitErrorModel(it) => fit_error_model(it),
        Stage::ModelCard(it) => {
            training::write_model_card(&it.weights, &it.commit).map_err(CliError::from_error)
        }
        Stage::Accuracy(it) => {
            training::write_accuracy(&it.data, &it.weights, &it.output, it.patients)
                .map_err(CliError::from_error)
        }
        Stage::FitFieldPrior(it) => fit_field_prior(it),
        Stage::FitPopulation(it) => fit_population(it),
    }
}

fn pretrain(args: &Pretrain) -> Result<(), CliError> {
    let run = training::PretrainRun {
        data: args.data.clone(),
        work: args.work.clone(),
        set: args.set.clone(),
        steps: args.steps,
        residual_steps: args.residual_steps,
        seed: args.seed,
        members: args.members,
        residual_kept: args.residual_kept.min(args.members),
        recordings: args.recordings,
        virtuals: args.virtuals,
        pause: args.minutes.map(|it| Duration::from_secs(60 * it)),
        out: args.out.clone(),
    };
    let done = training::pretrain(&run).map_err(CliError::from_error)?;
    println!(
        "{}",
        if done {
            "trained"
        } else {
            "paused: call again to go on"
        }
    );
    Ok(())
}

fn device(args: &Device) -> Result<(), CliError> {
    let found = training::calibrate_device(
        &args.folder,
        &args.weights,
        &args.out,
        &args.work,
        args.steps,
    );
    let (before, after) = found.map_err(CliError::from_error)?;
    println!("lead   prior  before   after  (corrected mix without residual; PSNR, dB)");
    for (a, b) in before.rows.iter().zip(&after.rows) {
        println!("{:4} {:7.2} {:7.2} {:7.2}", a.0, a.1[0], a.1[1], b.1[1]);
    }
    println!(
        "mean {:7.2} {:7.2} {:7.2}",
        before.mean(0),
        before.mean(1),
        after.mean(1)
    );
    if after.mean(1) <= before.mean(1) {
        println!("no gain on the exams left out: device.bpk holds the weights it started from");
    }
    Ok(())
}

fn data_fraction(args: &DataFraction) -> Result<(), CliError> {
    let rows = training::data_fraction(
        &args.data,
        &args.work,
        args.steps,
        (args.recordings, args.virtuals),
    )
    .map_err(CliError::from_error)?;
    save_json(&args.weights.join("data_fraction.json"), &rows)
}

fn ablation(args: &Ablation) -> Result<(), CliError> {
    let forms = training::ablation(
        &args.data,
        &args.weights,
        &args.work,
        args.steps,
        args.recordings,
    )
    .map_err(CliError::from_error)?;
    save_json(&args.weights.join("ablation.json"), &forms)
}

fn fit_field_prior(args: &FitFieldPrior) -> Result<(), CliError> {
    let (exams, _) = read_exams(std::slice::from_ref(&args.data)).map_err(CliError::from_error)?;
    let train: Vec<_> = exams
        .into_iter()
        .filter(|exam| exam.split == "train")
        .step_by(if args.half { 2 } else { 1 })
        .collect();
    let high_pass = FilterSettings::high_pass(0.5);
    let patients: Vec<FitMoments> = train
        .par_iter()
        .filter_map(|exam| FitMoments::new(&high_pass.apply(&exam.leads)))
        .collect();
    if patients.is_empty() {
        return Err(CliError(format!(
            "no train recording in {}: expected index.csv with split train",
            args.data.display()
        )));
    }
    let options = BuildOptions {
        seed: args.seed,
        drawn: args.drawn,
        kept: args.kept,
        ..BuildOptions::default()
    };
    let built = training::build_field_prior(&reference_torso(), &patients, &options)
        .map_err(CliError::from_error)?;
    training::save_atomically(&args.output, &built.bytes).map_err(CliError::from_error)?;
    println!(
        "{} train recordings; left-out chest leads {:.2} dB as drawn, {:.2} dB as weighed",
        patients.len(),
        built.psnr_db.0,
        built.psnr_db.1
    );
    println!(
        "{} of {} members carry {:.1} % of the evidence",
        options.kept,
        options.drawn,
        100.0 * built.carried
    );
    println!(
        "{}: {} bytes, {} members that never saw V2 and V6 among them",
        args.output.display(),
        built.bytes.len(),
        options.unseen
    );
    Ok(())
}

fn fit_population(args: &FitPopulation) -> Result<(), CliError> {
    let run = training::PopulationRun {
        recordings: args.data.clone(),
        people: args.people,
        virtuals: args.virtuals,
        centres: args.centres,
        seed: args.seed,
    };
    let (parts, people) = training::fit_population(&run).map_err(CliError::from_error)?;
    let bytes = parts.encode();
    training::save_atomically(&args.output, &bytes).map_err(CliError::from_error)?;
    println!(
        "{}: {} bytes, {people} people, {} virtual patients",
        args.output.display(),
        bytes.len(),
        args.virtuals
    );
    Ok(())
}

fn fit_error_model(args: &FitErrorModel) -> Result<(), CliError> {
    let size = training::ErrorModelSize {
        recordings: args.recordings,
        patients: args.patients,
    };
    let found = training::fit_error_model(&args.data, size).map_err(CliError::from_error)?;
    let (constants, reports) = found;
    print!("{}", TruthOfErrors::HEAD);
    reports.iter().for_each(|it| print!("{}", it.words()));
    save_json(&args.output, &constants)
}

fn save_json(path: &Path, value: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_vec_pretty(value).map_err(CliError::from_error)?;
    training::save_atomically(path, &text).map_err(CliError::from_error)
}
