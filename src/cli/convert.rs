//! `ecg-panorama convert`: from one format to another.

use std::{cell::Cell, path::PathBuf};

use super::{
    CliError,
    output_args::OverwriteArgs,
    print::StandardOutput,
    read_args::{ReadArgs, open, seconds},
};
use crate::{
    ecg::Recording,
    formats::{self, Conversion, Deidentification, Format},
};

/// Write a recording in another format: EDF+, WFDB or CSV
///
/// The file appears whole or not at all. III, aVR, aVL and aVF are added where I and II allow it,
/// and marked as derived. A synthesised lead keeps its prefix `d` and the words "synthesised, not
/// recorded" in every format.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Recording to read; `-` is standard input
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// File to write (.edf, .hea or .csv); `-` is standard output, with --format edf or csv
    #[arg(value_name = "OUT")]
    pub output: PathBuf,
    /// Format of the output; otherwise its extension decides
    #[arg(long, value_enum)]
    pub format: Option<FormatName>,
    /// Remove what says who was recorded, and list what was removed and what could not be checked
    #[arg(long)]
    pub deidentify: bool,
    /// First second to write
    #[arg(long, value_name = "S", default_value = "0", value_parser = seconds)]
    pub from: f64,
    /// Seconds to write; otherwise to the end
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub seconds: Option<f64>,
    #[command(flatten)]
    #[allow(missing_docs)] // Its own docs are the help text.
    pub overwrite: OverwriteArgs,
    #[command(flatten)]
    #[allow(missing_docs)] // Its own docs are the help text.
    pub read: ReadArgs,
}

/// Formats by the names that the command line uses.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatName {
    /// EDF+C, 16 bits
    Edf,
    /// WFDB: a .hea and a .dat in format 16
    Wfdb,
    /// Text: comments, a header row, time_s, a column of millivolts per lead
    Csv,
    /// A DICOM waveform: 12-lead, General or Ambulatory ECG
    Dicom,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Edf => Self::EdfPlus,
            FormatName::Wfdb => Self::Wfdb,
            FormatName::Csv => Self::Csv,
            FormatName::Dicom => Self::Dicom,
        }
    }
}

/// Recordings longer than this take more than a blink to write, and progress is told.
const LONG_S: f64 = 1800.0;

/// Reads, perhaps de-identifies, and writes, piece by piece. What it did goes to standard error.
pub fn run(args: &Args) -> Result<(), CliError> {
    let format = args
        .format
        .map(Format::from)
        .or_else(|| Format::from_path(&args.output));
    let format = format.ok_or_else(|| {
        CliError(
            "which format? give OUT the extension .edf, .hea, .csv or .dcm, or name --format"
                .into(),
        )
    })?;
    let to_standard_output = args.output.as_os_str() == "-";
    let output = args.overwrite.output(Some(&args.input));
    if !to_standard_output {
        output.check_recording(&args.output, format)?;
    }
    let source = open(&args.input, &args.read.options())?;
    let seconds = args
        .seconds
        .unwrap_or(source.duration_s())
        .min(source.duration_s() - args.from);
    let report = source
        .window(args.from, seconds.min(1.0))
        .map_err(CliError::from_error)?
        .report;
    eprintln!(
        "read {} leads, {seconds} s at {} Hz from {}",
        report.leads.len(),
        report.rate_hz,
        report.format
    );
    for it in &report.left_out {
        eprintln!("left out: {} ({})", it.name, it.reason);
    }
    let about = |it: &Recording| {
        if args.deidentify {
            without_identity(it)
        } else {
            it.clone()
        }
    };
    let said = Cell::new(0);
    let progress = |share: f64| {
        let tenths = (10.0 * share) as u32;
        if LONG_S < seconds && said.get() < tenths && said.replace(tenths) < 10 {
            eprintln!("{} %", 10 * tenths);
        }
    };
    let conversion = Conversion {
        source: &source,
        start_s: args.from,
        seconds,
        made: None,
        about: &about,
        progress: &progress,
    };
    let warnings = if to_standard_output {
        conversion.copy_to(&mut StandardOutput, format)?
    } else {
        conversion.save(&args.output, format, &output)?
    };
    for it in &warnings {
        eprintln!("warning: {it}");
    }
    if !to_standard_output {
        eprintln!("wrote {}", args.output.display());
    }
    Ok(())
}

fn without_identity(recording: &Recording) -> Recording {
    let (
        clean,
        Deidentification {
            removed,
            kept,
            unchecked,
        },
    ) = formats::deidentify(recording);
    for (title, list) in [
        ("removed", removed),
        ("kept", kept),
        ("could not be checked", unchecked),
    ] {
        eprintln!("{title}:");
        list.iter().for_each(|it| eprintln!("  {it}"));
    }
    clean
}
