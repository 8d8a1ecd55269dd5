//! Commands without a window. Each lives in a file of its own: its arguments (whose docs are the
//! help text) and `run`.

#[macro_use]
mod print;

mod batch;
mod calibrate;
mod convert;
mod devices;
mod driver_output;
mod error;
mod evaluate;
mod exam;
mod headless;
mod info;
mod integrate;
mod made_leads;
mod measure;
mod output_args;
mod page;
mod page_sheet;
mod panorama;
mod phantom;
mod read_args;
mod recorded_page;
mod reliability;
mod sidecar;
mod signals;
mod stream;
mod synth;
#[cfg(feature = "train")]
mod train;
mod window;

pub use error::CliError;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

/// The electrocardiogram at any electrode position, from a recorded 12-lead exam. For research and
/// teaching, not for diagnosis.
#[derive(Parser)]
#[command(
    version,
    about,
    arg_required_else_help = false,
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    /// Recording or saved session to open in the window, or the name of a demo (normal, lbbb, …).
    /// Without one the window offers demos.
    file: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    Info(info::Args),
    Page(page::Args),
    Convert(convert::Args),
    Evaluate(evaluate::Args),
    Measure(measure::Args),
    Phantom(phantom::Args),
    Calibrate(calibrate::Args),
    Synth(synth::Args),
    Panorama(panorama::Args),
    Reliability(reliability::Args),
    Batch(batch::Args),
    Devices(devices::Args),
    Integrate(integrate::Args),
    #[cfg(feature = "train")]
    Train(train::Args),
}

/// Runs the program: 0 when all went well, 1 when something could not be done, 2 for wrong
/// arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    signals::clean_up_when_told_to_end();
    match run(arguments) {
        Ok(()) => {
            print::finish();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("ecg-panorama: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), CliError> {
    match arguments.command {
        Some(Command::Info(args)) => info::run(&args),
        Some(Command::Page(args)) => page::run(&args),
        Some(Command::Convert(args)) => convert::run(&args),
        Some(Command::Evaluate(args)) => evaluate::run(&args),
        Some(Command::Measure(args)) => measure::run(&args),
        Some(Command::Phantom(args)) => phantom::run(&args),
        Some(Command::Calibrate(args)) => calibrate::run(&args),
        Some(Command::Synth(args)) => synth::run(&args),
        Some(Command::Panorama(args)) => panorama::run(&args),
        Some(Command::Reliability(args)) => reliability::run(&args),
        Some(Command::Batch(args)) => batch::run(&args),
        Some(Command::Devices(args)) => devices::run(&args),
        Some(Command::Integrate(args)) => integrate::run(&args, Arguments::command()),
        #[cfg(feature = "train")]
        Some(Command::Train(args)) => train::run(&args),
        None => window::open(arguments.file),
    }
}
