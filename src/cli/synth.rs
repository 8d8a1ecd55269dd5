//! `synth`: leads at any place, written to a file.

use std::path::{Path, PathBuf};

use super::{
    CliError,
    exam::{ExamArgs, STREAM_S, TargetArgs, calibrated, look},
    stream,
};
use crate::{
    draw::{PageContent, ecg_page},
    ecg::{Lead, LeadName, LeadSet, PageLayout, PaperSettings, Recording},
    export::{page_to_pdf, page_to_png, page_to_svg, save_atomically},
    formats::{self, Format},
    synth::{Mixing, Synthesis, Synthesizer},
};

/// Synthesise leads at any place on the skin and write them to a file.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The recording.
    file: PathBuf,
    #[command(flatten)]
    wanted: TargetArgs,
    /// Where to write: .csv, .edf, .hea; or a page: .pdf, .svg, .png.
    #[arg(short, long)]
    out: PathBuf,
    /// Write the recorded leads too.
    #[arg(long)]
    with_recorded: bool,
    #[command(flatten)]
    exam: ExamArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), CliError> {
    let targets = args.wanted.targets()?;
    let (recording, seconds) = look(&args.file)?;
    let calibration = calibrated(&recording, &args.exam.options_for(&targets), &args.file)?;
    let mixings: Vec<Mixing> = targets.iter().map(|it| calibration.mixing(it)).collect();
    if STREAM_S < seconds {
        if args.with_recorded {
            return Err(CliError(
                "a long recording is streamed: its recorded leads cannot be written beside (leave out --with-recorded)".into(),
            ));
        }
        return stream::run(&args.file, &mixings, &args.out);
    }
    let synthesizer =
        Synthesizer::new(&recording.leads, calibration).map_err(CliError::from_error)?;
    let made: Vec<Synthesis> = targets.iter().map(|it| synthesizer.target(it)).collect();
    for it in &made {
        eprintln!("{}", sentence(it));
    }
    match args.out.extension().and_then(|it| it.to_str()) {
        Some(kind @ ("pdf" | "svg" | "png")) => {
            save_atomically(&args.out, &page(&recording, made, kind)?).map_err(CliError::from_error)
        }
        _ => write(&beside(&recording, made, args.with_recorded)?, &args.out),
    }
}

/// Recorded and synthesised leads on paper, the latter with their bands and what they are mixed
/// from.
fn page(recording: &Recording, made: Vec<Synthesis>, kind: &str) -> Result<Vec<u8>, CliError> {
    let facts = made.iter().map(sentence).collect();
    let bands = made
        .iter()
        .map(|it| (it.lead.name.clone(), it.band_mv.clone()))
        .collect();
    let all = beside(&neighbours(recording, &made), made, true)?;
    let content = PageContent {
        bands,
        facts,
        ..PageContent::of(&all)
    };
    let page = ecg_page(
        &content,
        &PaperSettings {
            layout: PageLayout::TwelveByOne,
            ..PaperSettings::default()
        },
    );
    match kind {
        "pdf" => page_to_pdf(&page).map_err(CliError::from_error),
        "svg" => Ok(page_to_svg(&page).into_bytes()),
        _ => page_to_png(&page, 150.0).map_err(CliError::from_error),
    }
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
        "{} = {}; error to expect {:.0} µV",
        it.lead.label(),
        terms.join(" "),
        it.expected_rmse_uv
    )
}

/// A recording of the synthesised leads, with the recorded ones before them if asked.
pub(super) fn beside(
    recording: &Recording,
    made: Vec<Synthesis>,
    with_recorded: bool,
) -> Result<Recording, CliError> {
    let recorded: Vec<Lead> = if with_recorded {
        recording.leads.leads().to_vec()
    } else {
        Vec::new()
    };
    let fresh = |it: Synthesis| {
        let taken = recorded.iter().any(|other| other.name == it.lead.name);
        let name = if taken {
            LeadName::Named(format!("{}*", it.lead.name).into())
        } else {
            it.lead.name.clone()
        };
        Lead { name, ..it.lead }
    };
    let added: Vec<Lead> = made.into_iter().map(fresh).collect();
    let all = recorded.iter().cloned().chain(added).collect();
    let leads = LeadSet::new(recording.leads.rate(), all).map_err(CliError::from_error)?;
    let mut out = Recording {
        leads,
        ..recording.clone()
    };
    out.notes.push((
        None,
        "Synthesised leads: estimated, not recorded, not for diagnosis".into(),
    ));
    Ok(out)
}

/// Writes by extension.
pub(super) fn write(recording: &Recording, out: &Path) -> Result<(), CliError> {
    if let Some(format) = Format::from_path(out) {
        return formats::write(recording, out, format).map_err(CliError::from_error);
    }
    Err(CliError(format!(
        "no format for this extension, expected .csv, .edf, .hea, .pdf, .svg or .png: {}",
        out.display()
    )))
}
