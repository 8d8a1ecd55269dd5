//! `field build`: makes the ensemble of lead fields that synthesis stands on.

use std::path::PathBuf;

use rayon::prelude::*;

use super::CliError;
use crate::{
    evaluate as evaluation,
    field::{self, BuildOptions},
    signal::FilterSettings,
};

/// Make the ensemble of lead fields (field prior) that synthesis stands on.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Draw bodies and hearts, solve them, weigh them on the train split of real recordings, and
    /// write what is kept.
    Build(BuildArgs),
}

#[derive(clap::Args)]
struct BuildArgs {
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

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let Command::Build(args) = &args.command;
    let (exams, _) =
        evaluation::read_exams(std::slice::from_ref(&args.data)).map_err(CliError::from_error)?;
    let train: Vec<_> = exams
        .into_iter()
        .filter(|it| it.split == "train")
        .step_by(if args.half { 2 } else { 1 })
        .collect();
    let high_pass = FilterSettings::high_pass(0.5);
    let patients: Vec<_> = train
        .par_iter()
        .filter_map(|it| evaluation::patient(&high_pass.apply(&it.leads)))
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
    let built = field::build(&field::reference_torso(), &patients, &options)
        .map_err(CliError::from_error)?;
    std::fs::write(&args.output, &built.bytes)
        .map_err(|it| CliError(format!("{}: {it}", args.output.display())))?;
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
