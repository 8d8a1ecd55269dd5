//! `ecg-panorama convert`: from one format to another.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
};

use super::{
    CliError,
    output_args::OverwriteArgs,
    print::StandardOutput,
    read_args::{ReadArgs, open, seconds},
};
use crate::{
    ecg::{LeadSet, Recording},
    formats::{
        self, Conversion, Deidentification, Format, ImportReport, MadeLeads, Source, pdf_as_dicom,
    },
    signal::Exchange,
    words::Translator,
};

/// Write a recording in another format: EDF+, WFDB, CSV or DICOM
///
/// The file appears whole or not at all. III, aVR, aVL and aVF are added where I and II allow it,
/// and marked as derived. A synthesised lead keeps its prefix `d` and the words "synthesised, not
/// recorded" in every format.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Recording to read; `-` is standard input
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// File to write (.edf, .hea, .csv or .dcm); `-` is standard output, with --format edf, csv or dicom
    #[arg(value_name = "OUT")]
    pub output: PathBuf,
    /// Format of the output; otherwise its extension decides
    #[arg(long, value_enum)]
    pub format: Option<FormatName>,
    /// Remove what says who was recorded, and list what was removed and what could not be checked
    #[arg(long)]
    pub deidentify: bool,
    /// Write the exam as it would have been without an exchange of electrodes, with a remark that
    /// says so: RA/LA, RA/LL, LA/LL, V1/V2 …; `info` tells of one
    #[arg(long, value_name = "ELECTRODES", value_parser = exchange)]
    pub undo_exchange: Option<Exchange>,
    /// Instead of the signals, write this PDF as a DICOM document about IN, in its study
    #[arg(long, value_name = "PDF", conflicts_with = "undo_exchange")]
    pub document: Option<PathBuf>,
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
    let format = wanted_format(args)?;
    let to_standard_output = args.output.as_os_str() == "-";
    let output = args
        .overwrite
        .output(Some(&args.input))
        .reading(args.document.clone());
    if !to_standard_output {
        output.check_recording(&args.output, format)?;
    }
    let source = open(&args.input, &args.read.options())?;
    if let Some(pdf) = &args.document {
        let bytes = document(args, &source, pdf)?;
        return Ok(output.write(&args.output, &bytes)?);
    }
    let seconds = args
        .seconds
        .unwrap_or(source.duration_s())
        .min(source.duration_s() - args.from);
    let first = source.window(args.from, seconds.min(1.0));
    tell(&first.map_err(CliError::from_error)?.report, seconds);
    let about = |recording: &Recording| about(args, recording);
    let undo = args.undo_exchange.map(|exchange| {
        move |leads: &LeadSet| {
            let missing = || format!("--undo-exchange {exchange}: a lead that it needs is missing");
            exchange.undo(leads).ok_or_else(missing)
        }
    });
    let progress = progress(seconds);
    let conversion = Conversion {
        source: &source,
        start_s: args.from,
        seconds,
        made: undo.as_ref().map(|undo| MadeLeads {
            reach_s: 0.0,
            make: undo,
        }),
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

fn exchange(text: &str) -> Result<Exchange, String> {
    let all = || Exchange::all().map(|it| it.to_string());
    let found = Exchange::all().find(|it| it.to_string().eq_ignore_ascii_case(text));
    found.ok_or_else(|| format!("expected one of {}", all().collect::<Vec<_>>().join(", ")))
}

/// What is asked for, or what the output's extension says.
fn wanted_format(args: &Args) -> Result<Format, CliError> {
    let named = args.format.map(Format::from);
    let format = named.or_else(|| Format::from_path(&args.output));
    let is_document = args.document.is_some();
    if is_document && (format != Some(Format::Dicom) || args.output.as_os_str() == "-") {
        return Err(CliError("--document: the output ends in .dcm".into()));
    }
    let format = format.ok_or_else(|| {
        let words =
            "which format? give OUT the extension .edf, .hea, .csv or .dcm, or name --format";
        CliError(words.into())
    })?;
    let of_name = Format::from_path(&args.output);
    if of_name.is_some_and(|it| it != format) || (format == Format::Wfdb && of_name.is_none()) {
        let words = "the name of OUT does not say what --format does";
        let expected = "give it the extension .edf, .hea, .csv or .dcm of that format";
        let name = args.output.display();
        return Err(CliError(format!("{words}; {expected}: {name}")));
    }
    Ok(format)
}

/// A PDF as a DICOM document about the recording.
fn document(args: &Args, source: &Source, pdf: &Path) -> Result<Vec<u8>, CliError> {
    let fault = |words: &str| CliError(format!("--document: {words}: {}", pdf.display()));
    // Looked at before it is opened: opening a pipe waits for whoever writes into it.
    if !pdf.is_file() {
        return Err(fault("no such plain file"));
    }
    let page = std::fs::read(pdf).map_err(|error| fault(&error.to_string()))?;
    if !page.starts_with(b"%PDF") {
        return Err(fault("expected a PDF"));
    }
    let first = source.window(0.0, source.duration_s().min(1.0));
    let recording = first.map_err(CliError::from_error)?.recording;
    if !args.deidentify {
        return Ok(pdf_as_dicom(&page, &recording));
    }
    let clean = without_identity(&recording);
    eprintln!("  the page itself: what stands on it stays");
    Ok(pdf_as_dicom(&page, &clean))
}

/// What is read, on standard error.
fn tell(report: &ImportReport, seconds: f64) {
    eprintln!(
        "read {} leads, {seconds} s at {} Hz from {}",
        report.leads.len(),
        report.rate_hz,
        report.format
    );
    for it in &report.left_out {
        eprintln!("left out: {} ({})", it.name, it.reason);
    }
}

/// Tells each tenth of a long recording that is done.
fn progress(seconds: f64) -> impl Fn(f64) {
    let said = Cell::new(0);
    move |share| {
        let tenths = (10.0 * share) as u32;
        if LONG_S < seconds && said.get() < tenths && said.replace(tenths) < 10 {
            eprintln!("{} %", 10 * tenths);
        }
    }
}

/// What is written of the recording beside its samples.
fn about(args: &Args, recording: &Recording) -> Recording {
    let mut out = if args.deidentify {
        without_identity(recording)
    } else {
        recording.clone()
    };
    // The remark is none of the file's own: it stays where those go.
    out.notes.extend(args.undo_exchange.map(remark));
    out
}

/// Says that the exam was changed after it was recorded.
fn remark(exchange: Exchange) -> (Option<f64>, String) {
    (None, Translator::default().exchange_undone(exchange))
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
