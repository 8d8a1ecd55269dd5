//! `panorama`: the 48 views.

use std::path::PathBuf;

use super::{
    CliError,
    exam::{Exam, ExamArgs, STREAM_S, calibrated},
    made_leads::recording_beside,
    output_args::{OverwriteArgs, format_of},
};
use crate::{
    formats::Format,
    synth::{Synthesizer, sphere_directions},
};

/// Synthesise the 48 views of the panorama: six limb leads and 42 places around the torso.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The recording. Of one longer than five minutes the first ten seconds are taken.
    file: PathBuf,
    /// Where to write: .csv, .edf, .hea or .dcm.
    #[arg(short, long)]
    output: PathBuf,
    #[command(flatten)]
    overwrite: OverwriteArgs,
    /// Instead of the 48 views: the potential at 642 places around the body at this second, as
    /// .csv.
    #[arg(long, value_name = "SECONDS")]
    map_at: Option<f64>,
    #[command(flatten)]
    exam: ExamArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let output = args.overwrite.output(Some(&args.file));
    let format = match args.map_at {
        Some(_) => Format::Csv,
        None => format_of(&args.output)?,
    };
    output.check_recording(&args.output, format)?;
    let Exam {
        recording,
        options,
        seconds,
        ..
    } = args.exam.look(&args.file)?;
    if STREAM_S < seconds {
        eprintln!(
            "{seconds:.0} s recorded: the panorama is of the first {:.0} s",
            recording.leads.duration_s()
        );
    }
    let calibration = calibrated(&recording, &options, &args.file)?;
    let synthesizer =
        Synthesizer::new(&recording.leads, calibration).map_err(CliError::from_error)?;
    match args.map_at {
        Some(second) => {
            let text = map(&synthesizer, second)?;
            Ok(output.write(&args.output, text.as_bytes())?)
        }
        None => {
            let views = recording_beside(&recording, synthesizer.panorama(), false)?;
            Ok(output.write_recording(&views, &args.output, format)?)
        }
    }
}

/// The body map at one moment.
fn map(synthesizer: &Synthesizer, second: f64) -> Result<String, CliError> {
    const DIRECTIONS: usize = 642;
    let (n, rate) = (synthesizer.n_samples(), synthesizer.rate());
    let length_s = rate.seconds_at(n);
    if !(0.0 <= second && second < length_s) {
        return Err(CliError(format!(
            "--map-at {second}: expected a second of the recording, 0 to {length_s:.1}"
        )));
    }
    let at = rate.samples_in(second).min(n - 1);
    let map = synthesizer.body_map(sphere_directions(DIRECTIONS).into());
    let mut out = format!(
        "# synthesised: estimated, not recorded, not for diagnosis; at {:.3} s\ntheta_deg,phi_deg,mv\n",
        rate.seconds_at(at)
    );
    for (view, value) in map.directions.iter().zip(map.at(at)) {
        let (theta, phi) = view.degrees();
        out += &format!("{theta:.2},{phi:.2},{value:.4}\n");
    }
    Ok(out)
}
