//! `ecg-panorama info`: what is in a recording.

use std::{io::Write, path::PathBuf};

use super::{
    CliError,
    read_args::{ReadArgs, read, seconds},
};
use crate::{
    formats::Opened,
    signal::{Measurements, analyse, quality_of},
    words::Translator,
};

/// Say what is in recordings: format, leads, units, rate, filters, gaps, what was repaired or left
/// out, and signs in the signals
///
/// Signs are noise, loose leads, electrodes that seem exchanged or high, unusual beats: what was
/// seen, not a diagnosis. Content decides the format, not the extension. Reads EDF, EDF+, BDF,
/// BDF+, WFDB (a .hea or one of its signal files, MATLAB 4 included) and tables (CSV, TSV). Goes on
/// to the next file when one cannot be read, and ends with exit code 1 then.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Recordings; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// One JSON object per line and file instead of words
    #[arg(long)]
    pub json: bool,
    /// First second to look at
    #[arg(long, value_name = "S", default_value = "0", value_parser = seconds)]
    pub from: f64,
    /// Seconds to look at; the first ten minutes where none are named
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub seconds: Option<f64>,
    #[command(flatten)]
    #[allow(missing_docs)] // Its own docs are the help text.
    pub read: ReadArgs,
}

/// Seconds looked at unless more are asked for.
const USUAL_S: f64 = 600.0;

/// Prints a report per file.
pub fn run(args: &Args) -> Result<(), CliError> {
    let options = args.read.options();
    let mut failed = 0;
    for file in &args.files {
        let opened = read(
            file,
            &options,
            args.from,
            Some(args.seconds.unwrap_or(USUAL_S)),
        );
        let text = opened.and_then(|it| if args.json { json(&it) } else { Ok(words(&it)) });
        match text {
            // A reader that went away (`| head`) is no failure.
            Ok(text) => drop(writeln!(std::io::stdout(), "{text}")),
            Err(error) => {
                failed += 1;
                eprintln!("ecg-panorama: {error}");
            }
        }
    }
    if failed == 0 {
        Ok(())
    } else {
        Err(CliError(format!(
            "{failed} of {} files could not be read",
            args.files.len()
        )))
    }
}

fn words(opened: &Opened) -> String {
    let mut lines = opened.report.words();
    let patient = &opened.recording.patient;
    lines.push(if patient.is_anonymous() {
        "patient: not stated".to_owned()
    } else {
        format!("patient: {}", person(opened))
    });
    lines.extend(
        opened
            .recording
            .device
            .as_ref()
            .map(|it| format!("device: {it}")),
    );
    let leads = opened.recording.leads.clone().with_derived_limb_leads();
    let found = analyse(&leads);
    let seen = quality_of(&leads, &found);
    let table = Measurements::of(&found);
    let residual = seen.einthoven_residual.map_or_else(String::new, |it| {
        format!(", III within {:.1} % of II − I", 100.0 * it)
    });
    lines.push(format!("signal: {} beats{residual}", seen.beats));
    let signs = seen.signs();
    let translator = Translator::default();
    let sentence = |sign| format!("signal: {}", translator.sign(sign));
    lines.extend(signs.iter().map(sentence));
    lines.extend(table_words(translator, &table));
    lines.join("\n  ")
}

/// The table of measurements, as lines.
fn table_words(translator: Translator, table: &Measurements) -> Vec<String> {
    let named = translator.measurements(table).into_iter();
    let named: Vec<String> = named
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let mut lines = vec![format!("measured: {}", named.join(", "))];
    if table.leads.is_empty() {
        return lines;
    }
    let line = |cells: &[String]| {
        let cells = cells.iter().map(|cell| format!("{cell:>6}"));
        format!("measured: {}", cells.collect::<Vec<_>>().join(" "))
    };
    lines.push(line(&Translator::LEAD_COLUMNS.map(str::to_owned)));
    let rows = table.leads.iter().map(|lead| translator.lead_row(lead));
    lines.extend(rows.map(|row| line(&row)));
    lines
}

fn person(opened: &Opened) -> String {
    let patient = &opened.recording.patient;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(patient.name.clone());
    parts.extend(patient.id.as_ref().map(|it| format!("identifier {it}")));
    parts.extend(patient.sex.map(|it| format!("{it:?}").to_lowercase()));
    parts.extend(patient.birth_date.map(|it| format!("born {it}")));
    parts.extend(patient.age_years.map(|it| format!("{it} years")));
    parts.join(", ")
}

fn json(opened: &Opened) -> Result<String, CliError> {
    let mut value = serde_json::to_value(&opened.report).map_err(CliError::from_error)?;
    value["patient"] =
        serde_json::to_value(&opened.recording.patient).map_err(CliError::from_error)?;
    value["device"] =
        serde_json::to_value(&opened.recording.device).map_err(CliError::from_error)?;
    let leads = opened.recording.leads.clone().with_derived_limb_leads();
    let found = analyse(&leads);
    let quality = quality_of(&leads, &found);
    value["signs"] = serde_json::to_value(quality.signs()).map_err(CliError::from_error)?;
    value["quality"] = serde_json::to_value(quality).map_err(CliError::from_error)?;
    value["measurements"] =
        serde_json::to_value(Measurements::of(&found)).map_err(CliError::from_error)?;
    Ok(value.to_string())
}
