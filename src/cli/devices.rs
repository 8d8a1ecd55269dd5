//! `devices`: where the network can run, and where it would.

use serde::Serialize;
use serde_json::Value;

use super::{CliError, driver_output, print::print_json};
use crate::{
    synth::{AdapterInfo, DeviceChoice, adapters, choose},
    words::{Translator, with_sentence},
};

/// List where the network can run: the CPU and the graphics adapters of this machine, and which one
/// is taken by default.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The choice to try: auto, cpu, gpu, or the number of an adapter.
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    adapters: Vec<AdapterInfo>,
    asked: String,
    chosen: String,
    reason: Value,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    driver_output::suppress_driver_output();
    let chosen = choose(args.device);
    let sentence = Translator::default().device_reason(&chosen.reason);
    let report = Report {
        adapters: adapters(),
        asked: args.device.to_string(),
        chosen: chosen.name,
        reason: with_sentence(&chosen.reason, sentence.clone()),
    };
    if args.json {
        return print_json(&report);
    }
    println!("cpu  CPU");
    for it in &report.adapters {
        let software = if it.is_software {
            ", software: taken only by its number"
        } else {
            ""
        };
        println!("{:<4} {} ({}{software})", it.number, it.name, it.interface);
    }
    println!(
        "--device {} takes: {} ({})",
        report.asked, report.chosen, sentence
    );
    Ok(())
}
