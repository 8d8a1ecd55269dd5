//! `calibrate`: what can be learned from a recording's first seconds.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::{
    CliError,
    exam::{Exam, ExamArgs, calibrated},
    print::print_json,
};
use crate::{
    ecg::LeadName,
    synth::{Calibration, ChosenDevice, LeftOut, Unused, weights_sha256},
    words::{Translator, with_sentence},
};

/// Calibrate on the first seconds of a recording and show what was learned.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The recording.
    file: PathBuf,
    #[command(flatten)]
    exam: ExamArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A calibration as numbers.
#[derive(Serialize)]
struct Report<'a> {
    file: String,
    method: &'a str,
    weights_sha256: &'a str,
    device: Option<DeviceReport<'a>>,
    seconds: f64,
    inputs: &'a [LeadName],
    calibrated_on: Vec<LeadName>,
    unused: &'a [Unused],
    missing: &'a [LeadName],
    left_out: &'a [LeftOut],
    notes: Vec<Value>,
}

#[derive(Serialize)]
struct DeviceReport<'a> {
    name: &'a str,
    reason: Value,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let Exam {
        recording, options, ..
    } = args.exam.look(&args.file)?;
    let calibration = calibrated(&recording, &options, &args.file)?;
    if args.json {
        return print_json(&report(args, &calibration));
    }
    print!("{}", words(&calibration));
    Ok(())
}

fn report<'a>(args: &Args, it: &'a Calibration) -> Report<'a> {
    let english = Translator::default();
    let device = |device: &'a ChosenDevice| DeviceReport {
        name: &device.name,
        reason: with_sentence(&device.reason, english.device_reason(&device.reason)),
    };
    let notes = it.notes();
    let notes = notes
        .iter()
        .map(|note| with_sentence(note, english.note(note)));
    Report {
        file: args.file.display().to_string(),
        method: it.by(),
        weights_sha256: weights_sha256(),
        device: it.device().map(device),
        seconds: it.seconds(),
        inputs: it.inputs(),
        calibrated_on: it.known(),
        unused: it.unused(),
        missing: it.missing(),
        left_out: it.left_out(),
        notes: notes.collect(),
    }
}

fn words(it: &Calibration) -> String {
    let mut out = format!("{}\n", it.by());
    for note in it.notes() {
        out += &format!("  {}\n", Translator::default().note(&note));
    }
    if !it.left_out().is_empty() {
        out += "each chest lead left out of the calibration, over the same seconds:\n";
    }
    for left in it.left_out() {
        let it = &left.offset;
        let alarm = match (it.alarm, it.applied) {
            (_, true) => "  and is taken to sit there",
            (true, false) => "  far beyond what electrodes scatter",
            (false, false) => "",
        };
        let offset = format!(
            "; seems to sit {:+.0}° down, {:+.0}° left{alarm}",
            it.d_theta_deg, it.d_phi_deg
        );
        out += &format!(
            "  {:8} error {:4.0} µV of {:4.0} µV{offset}\n",
            left.lead.to_string(),
            left.rmse_uv,
            left.rms_uv
        );
    }
    out
}
