//! `reliability`: how far a synthesised lead can be relied on, from this patient's own held-out
//! errors.

use std::path::PathBuf;

use serde_json::Value;

use super::{
    CliError,
    exam::{Exam, ExamArgs, TargetArgs, calibrated},
    print::print_json,
};
use crate::{
    ecg::{LeadSet, Target},
    reliability::{ExamReliability, Reliability},
    signal::{LeadMeasurements, analyse},
    synth::Synthesizer,
    words::Translator,
};

/// Say how far synthesised leads can be relied on, with this patient's own held-out errors.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The recording. Of one longer than five minutes the first ten seconds are judged.
    file: PathBuf,
    #[command(flatten)]
    wanted: TargetArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    exam: ExamArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let targets = args.wanted.targets()?;
    let Exam {
        recording, options, ..
    } = args.exam.look(&args.file)?;
    let calibration = calibrated(&recording, &options, &args.file)?;
    let synthesizer =
        Synthesizer::new(&recording.leads, calibration).map_err(CliError::from_error)?;
    let exam = ExamReliability::new(&recording.leads, &options, &synthesizer)
        .map_err(CliError::from_error)?
        .knowing(&recording);
    let all: Vec<Reliability> = targets.iter().map(|it| exam.of(&synthesizer, it)).collect();
    let seen = recording.leads.without(&options.withhold);
    let rows = measured(seen.as_ref(), &synthesizer, &targets, &all);
    if args.json {
        let each = all.iter().zip(&rows);
        return print_json(&each.map(json).collect::<Result<Vec<_>, _>>()?);
    }
    print!("{}", held_out_words(&exam));
    all.iter().for_each(|it| print!("{}", words(it)));
    print!("{}", measured_words(&rows));
    Ok(())
}

/// What is measured in each synthesised lead, on the beats and between the bounds of `seen`, with
/// the error to expect. `None` without beats.
fn measured(
    seen: Option<&LeadSet>,
    synthesizer: &Synthesizer,
    targets: &[Target],
    all: &[Reliability],
) -> Vec<Option<LeadMeasurements>> {
    let found = seen.map(analyse);
    let row = |(target, judged): (&Target, &Reliability)| {
        let found = found.as_ref()?;
        let (median, waves) = (found.median.as_ref()?, found.waves.as_ref()?);
        let lead = synthesizer.target(target).lead;
        let row = LeadMeasurements::beside(median, waves, &lead, median.leads.rate())?;
        let error_uv = row.synthesised.then_some(judged.expected_rmse_uv);
        Some(LeadMeasurements { error_uv, ..row })
    };
    targets.iter().zip(all).map(row).collect()
}

/// The same as a table.
fn measured_words(rows: &[Option<LeadMeasurements>]) -> String {
    let line = |cells: [String; 13]| {
        let [name, values @ ..] = cells;
        let values = values.map(|cell| format!("{cell:>6}"));
        format!("  {name:<16} {}\n", values.join(" "))
    };
    let mut rows = rows.iter().flatten().peekable();
    if rows.peek().is_none() {
        return String::new();
    }
    let head = line(Translator::LEAD_COLUMNS.map(str::to_owned));
    let translator = Translator::default();
    let rows: String = rows.map(|row| line(translator.lead_row(row))).collect();
    format!(
        "measured in the synthesised leads, uV and ms, each amplitude with the error beside the name:\n{head}{rows}"
    )
}

/// Codes with fields, an English sentence beside each reason and warning, and what is measured.
fn json((it, row): (&Reliability, &Option<LeadMeasurements>)) -> Result<Value, CliError> {
    let mut value = Translator::default().reliability_json(it);
    value["measurements"] = serde_json::to_value(row).map_err(CliError::from_error)?;
    Ok(value)
}

fn held_out_words(exam: &ExamReliability) -> String {
    let window = &exam.window;
    let mut out = format!(
        "withheld from the calibration ({:.1}–{:.1} s) and tested on {:.1}–{:.1} s, behind a 0.5 Hz high-pass:\n",
        window.learned_s.0, window.learned_s.1, window.tested_s.0, window.tested_s.1
    );
    out += "  lead     error µV  expected  r      J+60 µV  slope  population µV  seen before µV (optimistic)\n";
    for it in &exam.held_out {
        let uv = |it: Option<f64>| it.map_or("–".into(), |it| format!("{it:.0}"));
        out += &format!(
            "  {:8} {:8.0} {:9.0}  {:5.3} {:>8} {:6.2} {:>14} {:>15}\n",
            it.lead.to_string(),
            it.rmse_uv,
            it.expected_rmse_uv,
            it.correlation,
            uv(it.j60_error_uv),
            it.slope,
            uv(it.population_rmse_uv),
            uv(it.time_only_rmse_uv)
        );
    }
    exam.warnings
        .iter()
        .for_each(|it| out += &format!("  caution: {}\n", Translator::default().warning(it)));
    out
}

fn words(it: &Reliability) -> String {
    let mut out = format!(
        "{} (θ {:.0}° φ {:.0}°): grade {}; error {:.0} µV to be expected: {}\n",
        it.lead,
        it.view_deg.0,
        it.view_deg.1,
        it.grade,
        it.expected_rmse_uv,
        Translator::default().error_by_wave(&it.by_wave)
    );
    it.reasons
        .iter()
        .for_each(|it| out += &format!("  {}\n", Translator::default().reason(it)));
    let terms: Vec<String> = it
        .contributions
        .iter()
        .map(|(name, weight)| format!("{weight:+.2}·{name}"))
        .collect();
    out += &format!("  made of {}\n", terms.join(" "));
    out += &format!(
        "  band: 90 % of the error is to be expected inside it; in other patients {:.0} % of samples were\n",
        100.0 * it.band_coverage
    );
    match &it.truth {
        Some(truth) => {
            out += &format!(
                "  measured against the file's own {}: {:.0} µV of {:.0} µV, r = {:.3}\n",
                truth.lead, truth.rmse_uv, truth.rms_uv, truth.correlation
            );
            for pair in &truth.table {
                let (name, unit) = Translator::default().feature(pair.feature);
                out += &format!(
                    "    {name:10} recorded {:6.0}  synthesised {:6.0} {unit}\n",
                    pair.recorded, pair.synthesised
                );
            }
        }
        None => out += "  no ground truth in this file\n",
    }
    out
}
