//! `ecg-panorama info`: what is in a recording.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::{
    CliError,
    read_args::{ReadArgs, read, seconds},
};
use crate::{
    formats::Opened,
    signal::{BeatIntervals, Measurements, Quality, TEnd, analyse, quality_of},
    words::Translator,
};

/// Say what is in recordings: format, leads, units, rate, filters, gaps, what was repaired or left
/// out, and signs in the signals
///
/// Signs are noise, loose leads, electrodes that seem exchanged or high, unusual beats: what was
/// seen, not a diagnosis. Content decides the format, not the extension: EDF, BDF, WFDB, DICOM,
/// SCP-ECG, HL7 aECG, the XML of carts, ISHNE, FHIR and tables among others. Goes on to the next
/// file when one cannot be read, and ends with exit code 1 then.
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
    /// How the end of T is read for QTc
    #[arg(long, value_enum, default_value = "threshold")]
    pub t_end: TEndName,
    /// List the intervals of every beat
    #[arg(long)]
    pub beats: bool,
    #[command(flatten)]
    #[allow(missing_docs)] // Its own docs are the help text.
    pub read: ReadArgs,
}

/// Ends of T by the names that the command line uses.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TEndName {
    /// Where its slope has fallen to a fifth of the steepest
    Threshold,
    /// Where the tangent of its steepest descent meets the level before QRS
    Tangent,
}

impl From<TEndName> for TEnd {
    fn from(name: TEndName) -> Self {
        match name {
            TEndName::Threshold => Self::Threshold,
            TEndName::Tangent => Self::Tangent,
        }
    }
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
        let text = opened.and_then(|it| {
            let seen = Seen::of(&it, args);
            if args.json {
                seen.json(&it)
            } else {
                Ok(seen.words(&it))
            }
        });
        match text {
            Ok(text) => println!("{text}"),
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

/// What was seen in the signals of a recording.
struct Seen {
    quality: Quality,
    table: Measurements,
    /// Beat by beat, where asked for.
    beats: Option<Vec<BeatIntervals>>,
}

impl Seen {
    fn of(opened: &Opened, args: &Args) -> Self {
        let leads = opened.recording.leads.clone().with_derived_limb_leads();
        let found = analyse(&leads);
        Self {
            quality: quality_of(&leads, &found),
            table: Measurements::by(&found, args.t_end.into()),
            beats: args.beats.then(|| BeatIntervals::of_each(&leads, &found)),
        }
    }

    fn words(&self, opened: &Opened) -> String {
        let mut lines = opened.report.words();
        let patient = &opened.recording.patient;
        lines.push(if patient.is_anonymous() {
            "patient: not stated".to_owned()
        } else {
            format!("patient: {}", person(opened))
        });
        let device = opened.recording.device.as_ref();
        lines.extend(device.map(|it| format!("device: {it}")));
        let leads = opened.recording.leads.leads();
        if leads.iter().all(|lead| lead.origin.is_synthesised()) {
            lines.push(
                "signal: no lead in it was recorded, and synthesised ones are not measured".into(),
            );
            return lines.join("\n  ");
        }
        let residual = self.quality.einthoven_residual;
        let residual = residual.map_or_else(String::new, |it| {
            format!(", III within {:.1} % of II − I", 100.0 * it)
        });
        lines.push(format!("signal: {} beats{residual}", self.quality.beats));
        let translator = Translator::default();
        let signs = self.quality.signs();
        let sentence = |sign| format!("signal: {}", translator.sign(sign));
        lines.extend(signs.iter().map(sentence));
        lines.extend(table_words(translator, &self.table));
        lines.extend(self.beats.iter().flatten().map(beat_words));
        lines.join("\n  ")
    }

    fn json(&self, opened: &Opened) -> Result<String, CliError> {
        let mut all = json_of(&opened.report)?;
        all["patient"] = json_of(&opened.recording.patient)?;
        all["device"] = json_of(&opened.recording.device)?;
        all["signs"] = json_of(&self.quality.signs())?;
        all["quality"] = json_of(&self.quality)?;
        all["measurements"] = json_of(&self.table)?;
        if let Some(beats) = &self.beats {
            all["beats"] = json_of(beats)?;
        }
        Ok(all.to_string())
    }
}

/// Intervals of one beat, on a line.
fn beat_words(beat: &BeatIntervals) -> String {
    let ms = |value: Option<f64>| value.map_or("–".into(), |ms| format!("{ms:.0}"));
    let named = [
        ("RR", beat.rr_ms),
        ("PR", beat.pr_ms),
        ("QRS", beat.qrs_ms),
        ("QT", beat.qt_ms),
    ];
    let named = named.map(|(name, value)| format!("{name} {} ms", ms(value)));
    format!("beat at {:.3} s: {}", beat.at_s, named.join(", "))
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

fn json_of(fact: &impl Serialize) -> Result<Value, CliError> {
    serde_json::to_value(fact).map_err(CliError::from_error)
}
