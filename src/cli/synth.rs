//! `synth`: leads at any place, written to a file.

use std::path::{Path, PathBuf};

use super::{
    CliError,
    exam::{Exam, ExamArgs, STREAM_S, TargetArgs, calibrated},
    made_leads::recording_beside,
    output_args::{OverwriteArgs, format_of},
    sidecar, stream,
};
use crate::{
    draw::{Page, PageContent, ecg_pages},
    ecg::{Lead, LeadName, LeadSet, PageLayout, PaperSettings, Recording},
    export::PageFormat,
    formats::{Format, Output},
    synth::{Mixing, Synthesis, Synthesizer},
    words::Translator,
};

/// Synthesise leads at any place on the skin and write them to a file.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The recording.
    file: PathBuf,
    #[command(flatten)]
    wanted: TargetArgs,
    /// Where to write: .csv, .edf, .hea, .dcm; or a page: .pdf, .svg, .png.
    #[arg(short, long)]
    output: PathBuf,
    #[command(flatten)]
    overwrite: OverwriteArgs,
    /// Write the recorded leads too.
    #[arg(long)]
    with_recorded: bool,
    /// Write a JSON file beside it too, which says how each lead was made and how far it may be
    /// wrong.
    #[arg(long)]
    sidecar: bool,
    #[command(flatten)]
    exam: ExamArgs,
}

/// Pixels an inch of a page as PNG.
const DPI: f64 = 150.0;

/// What to write.
enum Wanted {
    Leads(Format),
    Page(PageFormat),
}

impl Wanted {
    fn of(path: &Path) -> Result<Self, CliError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        match PageFormat::of_extension(&extension) {
            Some(format) => Ok(Self::Page(format)),
            None => Ok(Self::Leads(format_of(path)?)),
        }
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let targets = args.wanted.targets()?;
    let wanted = Wanted::of(&args.output)?;
    let output = args.overwrite.output(Some(&args.file));
    match wanted {
        Wanted::Leads(format) => output.check_recording(&args.output, format)?,
        Wanted::Page(_) => output.check(&args.output)?,
    }
    let beside = args.sidecar.then(|| sidecar::path_beside(&args.output));
    beside.iter().try_for_each(|path| output.check(path))?;
    let Exam {
        recording,
        options,
        seconds,
        mut warnings,
    } = args.exam.look(&args.file)?;
    let calibration = calibrated(&recording, &options, &args.file)?;
    let mixings: Vec<Mixing> = targets.iter().map(|it| calibration.mixing(it)).collect();
    if STREAM_S < seconds {
        let said = streamed(args, wanted, &mixings, &output)?;
        let fresh = said.into_iter().filter(|it| !warnings.contains(it));
        let fresh: Vec<String> = fresh.collect();
        fresh.iter().for_each(|it| eprintln!("warning: {it}"));
        warnings.extend(fresh);
    } else {
        let synthesizer = Synthesizer::new(&recording.leads, calibration);
        let synthesizer = synthesizer.map_err(CliError::from_error)?;
        let made: Vec<Synthesis> = targets.iter().map(|it| synthesizer.target(it)).collect();
        made.iter().for_each(|it| eprintln!("{}", sentence(it)));
        write(args, wanted, &output, (&recording, made))?;
    }
    if let Some(path) = beside {
        let text = sidecar::text(&args.file, &mixings, &warnings)?;
        output.write(&path, text.as_bytes())?;
    }
    Ok(())
}

/// A long recording, piece by piece. Returns what reading had to say.
fn streamed(
    args: &Args,
    wanted: Wanted,
    mixings: &[Mixing],
    output: &Output,
) -> Result<Vec<String>, CliError> {
    let Wanted::Leads(format) = wanted else {
        let words = "a long recording is written as .edf, .hea or .csv";
        return Err(CliError(words.into()));
    };
    let to = (args.output.as_path(), format, output);
    let read = args.exam.read.options();
    stream::run(&args.file, &read, mixings, args.with_recorded, to)
}

fn write(
    args: &Args,
    wanted: Wanted,
    output: &Output,
    (recording, made): (&Recording, Vec<Synthesis>),
) -> Result<(), CliError> {
    match wanted {
        Wanted::Page(format) => {
            let pages = pages(recording, made)?;
            let bytes = format.bytes(pages, DPI).map_err(CliError::from_error)?;
            Ok(output.write(&args.output, &bytes)?)
        }
        Wanted::Leads(format) => {
            let leads = recording_beside(recording, made, args.with_recorded)?;
            Ok(output.write_recording(&leads, &args.output, format)?)
        }
    }
}

/// Recorded and synthesised leads on paper, the latter with their bands and what they are mixed
/// from.
fn pages(recording: &Recording, made: Vec<Synthesis>) -> Result<Vec<Page>, CliError> {
    let facts = made.iter().map(sentence).collect();
    let bands = made
        .iter()
        .map(|it| (it.lead.name.clone(), it.band_mv.clone()))
        .collect();
    let all = recording_beside(&neighbours(recording, &made), made, true)?;
    let content = PageContent {
        bands,
        facts,
        ..PageContent::of(&all)
    };
    let settings = PaperSettings {
        layout: PageLayout::TwelveByOne,
        ..PaperSettings::default()
    };
    Ok(ecg_pages(&content, &settings))
}

/// II and, of the recorded leads, those that the synthesised ones contain most of: a page of
/// everything could not be read.
fn neighbours(recording: &Recording, made: &[Synthesis]) -> Recording {
    let wanted = |it: &Lead| {
        it.name == LeadName::II
            || made.iter().any(|synthesis| {
                synthesis
                    .contributions
                    .first()
                    .is_some_and(|most| most.0 == it.name)
            })
    };
    let few: Vec<Lead> = recording
        .leads
        .leads()
        .iter()
        .filter(|it| wanted(it))
        .cloned()
        .collect();
    LeadSet::new(recording.leads.rate(), few).map_or_else(
        |_| recording.clone(),
        |leads| Recording {
            leads,
            ..recording.clone()
        },
    )
}

/// What a lead is mixed from, and the error to expect.
pub(super) fn sentence(it: &Synthesis) -> String {
    let terms: Vec<String> = it
        .contributions
        .iter()
        .map(|(name, weight)| format!("{weight:+.2}·{name}"))
        .collect();
    format!(
        "{} = {}; error to expect {:.0} µV: {}",
        it.lead.label(),
        terms.join(" "),
        it.expected_rmse_uv,
        Translator::default().error_by_wave(&it.by_wave)
    )
}
