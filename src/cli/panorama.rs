//! `panorama`: the 48 views.

use std::path::PathBuf;

use super::{
    CliError,
    exam::{ExamArgs, STREAM_S, calibrated, look},
    synth::{beside, write},
};
use crate::synth::Synthesizer;

/// Synthesise the 48 views of the panorama: six limb leads and 42 places around the torso.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The recording. Of one longer than five minutes the first ten seconds are taken.
    file: PathBuf,
    /// Where to write: .csv, .edf or .hea.
    #[arg(short, long)]
    out: PathBuf,
    #[command(flatten)]
    exam: ExamArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let (recording, seconds) = look(&args.file)?;
    if STREAM_S < seconds {
        eprintln!("{seconds:.0} s recorded: the panorama is of the first {:.0} s", recording.leads.duration_s());
    }
    let calibration = calibrated(&recording, &args.exam.options(), &args.file)?;
    let synthesizer = Synthesizer::new(&recording.leads, calibration).map_err(CliError::from_error)?;
    write(&beside(&recording, synthesizer.panorama(), false)?, &args.out)
}
