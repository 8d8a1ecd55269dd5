//! `ecg-panorama convert`: from one format to another.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
};

use super::{
    CliError,
    read_args::{ReadArgs, open, seconds},
};
use crate::{
    ecg::Recording,
    formats::{self, Deidentification, Format, FormatError},
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
    /// Replace files that are there
    #[arg(long)]
    pub force: bool,
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
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Edf => Self::EdfPlus,
            FormatName::Wfdb => Self::Wfdb,
            FormatName::Csv => Self::Csv,
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
        CliError("which format? give OUT the extension .edf, .hea or .csv, or name --format".into())
    })?;
    refuse_replacing(args, format)?;
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
    let write = |path: &Path| {
        formats::convert(
            &source,
            (args.from, seconds),
            path,
            format,
            &about,
            &progress,
        )
    };
    let warnings = if args.output.as_os_str() == "-" {
        to_standard_output(format, write)?
    } else {
        write(&args.output).map_err(CliError::from_error)?
    };
    for it in &warnings {
        eprintln!("warning: {it}");
    }
    if args.output.as_os_str() != "-" {
        eprintln!("wrote {}", args.output.display());
    }
    Ok(())
}

/// By way of a temporary file: EDF is complete only when its header is.
fn to_standard_output(
    format: Format,
    write: impl FnOnce(&Path) -> Result<Vec<String>, FormatError>,
) -> Result<Vec<String>, CliError> {
    if format == Format::Wfdb {
        return Err(CliError(
            "a WFDB record is a header and a signal file: name a file to write".into(),
        ));
    }
    let fault = |it: std::io::Error| CliError(format!("standard output: {it}"));
    let folder = tempfile::tempdir().map_err(fault)?;
    let path = folder.path().join("recording");
    let warnings = write(&path).map_err(CliError::from_error)?;
    std::io::copy(
        &mut std::fs::File::open(&path).map_err(fault)?,
        &mut std::io::stdout().lock(),
    )
    .map_err(fault)?;
    Ok(warnings)
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

fn refuse_replacing(args: &Args, format: Format) -> Result<(), CliError> {
    if args.output.as_os_str() == "-" {
        return Ok(());
    }
    let same = |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    let targets = formats::targets(&args.output, format);
    if let Some(it) = targets.iter().find(|it| same(it, &args.input)) {
        return Err(CliError(format!(
            "{} is the file to read; name another one to write",
            it.display()
        )));
    }
    match targets.iter().find(|it| !args.force && it.exists()) {
        Some(it) => Err(CliError(format!(
            "{} is there already; --force replaces it",
            it.display()
        ))),
        None => Ok(()),
    }
}
