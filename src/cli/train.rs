//! `ecg-panorama train` (feature `train`): trains the network and measures it.

use std::{path::PathBuf, time::Duration};

use super::CliError;
use crate::training;

/// Trains the network on a data folder. Interrupted runs go on where they stopped.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    stage: Stage,
}

#[derive(clap::Subcommand)]
enum Stage {
    /// Stage I: both paths from recorded and generated exams.
    Pretrain(Pretrain),
    /// Stage II: goes on from the shipped weights with the exams of one device.
    Device(Device),
    /// Takes parts out, trains the published forms likewise, and compares.
    Ablation(Ablation),
    /// Trains the lead-field path on shares of the recorded exams, with and without pretraining,
    /// and compares.
    Share(Share),
    /// Writes the model card from the records beside the weights.
    Card(Card),
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
    /// Folder with `recorded/` and `generated/`.
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
    /// Generated exams to use at most.
    #[arg(long, default_value_t = 500)]
    generated: usize,
}

#[derive(clap::Args)]
struct Share {
    /// Folder with `recorded/` and `generated/`.
    data: PathBuf,
    /// `share.json` goes there.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// Folder for checkpoints.
    #[arg(long, default_value = "target/train")]
    work: PathBuf,
    /// Steps of each run.
    #[arg(long, default_value_t = 400)]
    steps: u64,
    /// Generated exams to use at most.
    #[arg(long, default_value_t = 500)]
    generated: usize,
    /// Virtual patients.
    #[arg(long, default_value_t = 100)]
    virtuals: usize,
}

#[derive(clap::Args)]
struct Card {
    /// Folder of weights and records.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// Commit that trained them.
    #[arg(long, default_value = "unknown")]
    commit: String,
}

#[derive(clap::Args)]
struct Pretrain {
    /// Folder with `recorded/` and `generated/`.
    data: PathBuf,
    /// Folder for checkpoints.
    #[arg(long, default_value = "target/train")]
    work: PathBuf,
    /// Weight set: `shipped` (all leads) or `unseen` (V2 and V6 never seen).
    #[arg(long, default_value = "shipped")]
    set: String,
    /// Steps of each member of the lead-field path.
    #[arg(long, default_value_t = 2500)]
    steps: u64,
    /// Steps of each member of the residual path; 0: none.
    #[arg(long, default_value_t = 3000)]
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
    /// Generated exams to use at most.
    #[arg(long, default_value_t = 1500)]
    generated: usize,
    /// Virtual patients.
    #[arg(long, default_value_t = 400)]
    virtuals: usize,
    /// Stops after so many minutes, to be called again.
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
        Stage::Share(it) => share(it),
        Stage::Card(it) => {
            training::write_card(&it.weights, &it.commit).map_err(CliError::from_error)
        }
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
        generated: args.generated,
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

fn share(args: &Share) -> Result<(), CliError> {
    let rows = training::data_share(
        &args.data,
        &args.work,
        args.steps,
        (args.generated, args.virtuals),
    )
    .map_err(CliError::from_error)?;
    let text = serde_json::to_vec_pretty(&rows).map_err(CliError::from_error)?;
    training::save_atomically(&args.weights.join("share.json"), &text).map_err(CliError::from_error)
}

fn ablation(args: &Ablation) -> Result<(), CliError> {
    let forms = training::ablation(
        &args.data,
        &args.weights,
        &args.work,
        args.steps,
        args.generated,
    )
    .map_err(CliError::from_error)?;
    let text = serde_json::to_vec_pretty(&forms).map_err(CliError::from_error)?;
    training::save_atomically(&args.weights.join("ablation.json"), &text)
        .map_err(CliError::from_error)
}
