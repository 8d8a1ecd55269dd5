//! `page`: a recording on ECG paper, as PDF, SVG or PNG of true size.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use super::{
    CliError,
    output_args::OverwriteArgs,
    page_sheet,
    print::StandardOutput,
    read_args::{ReadArgs, filters_fit, hz, open_file, seconds},
    recorded_page::{Stretch, pages},
};
use crate::{
    draw::Page,
    ecg::{PageLayout, PaperSettings, PaperSize, Recording, Sheet, plain_line},
    export::PageFormat,
    formats::{self, Opened, Source},
    signal::FilterSettings,
};

/// Print a recording on ECG paper: a PDF, SVG or PNG whose millimetres are true.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Recording to read, or the name of a demo such as normal or brugada-1.
    pub file: PathBuf,
    /// How to read what the file leaves unsaid, and which exam of several.
    #[command(flatten)]
    pub read: ReadArgs,
    /// File to write: .pdf, .svg or .png; `-` writes a PDF to standard output.
    #[arg(short, long)]
    pub output: PathBuf,
    /// Arrangement of the leads: 3x4, 3x4+1, 3x4+3, 6x2 or 12x1.
    #[arg(long, default_value = "3x4+1", value_parser = layout)]
    pub layout: PageLayout,
    /// Paper speed in mm/s: 12.5, 25, 50 or 100.
    #[arg(long, default_value = "25", value_parser = speed)]
    pub speed: f64,
    /// Gain in mm/mV: 5, 10 or 20.
    #[arg(long, default_value = "10", value_parser = gain)]
    pub gain: f64,
    /// Draw the chest leads at half the gain.
    #[arg(long)]
    pub half_gain_chest: bool,
    /// Limb leads in Cabrera's order: aVL, I, −aVR, II, aVF, III.
    #[arg(long)]
    pub cabrera: bool,
    /// A sheet with synthesised leads beside the recorded ones: brugada, posterior, right, 15 or 18.
    #[arg(long, value_name = "NAME", value_parser = sheet)]
    pub sheet: Option<Sheet>,
    /// Paper: a4 or letter, landscape.
    #[arg(long, default_value = "a4", value_parser = paper)]
    pub paper: PaperSize,
    /// Zero-phase high-pass at this corner, Hz. Off unless given.
    #[arg(long, value_name = "HZ", value_parser = hz)]
    pub high_pass: Option<f64>,
    /// Zero-phase low-pass at this corner, Hz. Off unless given.
    #[arg(long, value_name = "HZ", value_parser = hz)]
    pub low_pass: Option<f64>,
    /// Mains notch at 50 or 60 Hz. Off unless given.
    #[arg(long, value_name = "HZ", value_parser = mains)]
    pub notch: Option<f64>,
    /// First second to show.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    pub from: f64,
    /// Seconds to show; a row of 250 mm unless given (a single lead goes on in further rows).
    #[arg(long, value_name = "SECONDS", value_parser = hz)]
    pub seconds: Option<f64>,
    /// Resolution of a PNG, pixels per inch.
    #[arg(long, default_value = "300", value_parser = hz)]
    pub dpi: f64,
    /// Leave name, identifier, birth date, start time and device off the page, and say on standard
    /// error what was removed.
    #[arg(long)]
    pub deidentify: bool,
    #[command(flatten)]
    #[allow(missing_docs)] // Its own docs are the help text.
    pub overwrite: OverwriteArgs,
}

fn layout(text: &str) -> Result<PageLayout, String> {
    PageLayout::parse(text).ok_or_else(|| {
        format!(
            "expected one of {}",
            PageLayout::ALL.map(PageLayout::name).join(", ")
        )
    })
}

fn sheet(text: &str) -> Result<Sheet, String> {
    let found = Sheet::parse(text).filter(|sheet| *sheet != Sheet::Kept);
    found.ok_or_else(|| {
        let of_paper = paper(text).is_ok();
        let hint = if of_paper {
            "; the size of the paper is --paper"
        } else {
            ""
        };
        format!("expected brugada, posterior, right, 15 or 18{hint}")
    })
}

fn paper(text: &str) -> Result<PaperSize, String> {
    match text.to_lowercase().as_str() {
        "a4" => Ok(PaperSize::A4),
        "letter" => Ok(PaperSize::Letter),
        _ => Err("expected a4 or letter".into()),
    }
}

fn speed(text: &str) -> Result<f64, String> {
    one_of(text, &PaperSettings::SPEEDS_MM_S)
}

fn gain(text: &str) -> Result<f64, String> {
    one_of(text, &PaperSettings::GAINS_MM_MV)
}

fn one_of(text: &str, values: &[f64]) -> Result<f64, String> {
    let found = text
        .parse()
        .ok()
        .and_then(|value: f64| values.iter().copied().find(|it| *it == value));
    found.ok_or_else(|| {
        format!(
            "expected one of {}",
            values
                .iter()
                .map(f64::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        )
    })
}

fn mains(text: &str) -> Result<f64, String> {
    let found = text.parse().ok();
    found
        .filter(|it| [50.0, 60.0].contains(it))
        .ok_or_else(|| "expected 50 or 60".into())
}

/// What the output's name asks for; standard output is a PDF.
fn format_of(path: &Path) -> Result<PageFormat, CliError> {
    if path == Path::new("-") {
        return Ok(PageFormat::Pdf);
    }
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    PageFormat::of_extension(&extension).ok_or_else(|| {
        CliError(format!(
            "page: the output ends in \"{}\", expected .pdf, .svg or .png: {}",
            extension.to_lowercase(),
            path.display()
        ))
    })
}

/// Seconds read before and after the page, so that filters do not show their edges on it.
const FILTER_MARGIN_S: f64 = 4.0;

/// Length of a row that is shown unless seconds are given: ten seconds at 25 mm/s.
const ROW_MM: f64 = 250.0;
/// Rows that a single lead fills at most.
const MOST_ROWS: f64 = 5.0;

/// Reads, filters, lays out, writes.
pub fn run(args: &Args) -> Result<(), CliError> {
    let format = format_of(&args.output)?;
    let settings = PaperSettings {
        speed_mm_s: args.speed,
        gain_mm_mv: args.gain,
        half_gain_chest: args.half_gain_chest,
        layout: args.layout,
        cabrera: args.cabrera,
        size: args.paper,
    };
    let filters = FilterSettings {
        high_pass_hz: args.high_pass,
        low_pass_hz: args.low_pass,
        notch_hz: args.notch,
    };
    let output = args.overwrite.output(Some(&args.file));
    if args.output != Path::new("-") {
        output.check(&args.output)?;
    }
    let pages = match args.sheet {
        Some(sheet) => page_sheet::pages(&page_sheet::Request {
            file: &args.file,
            read: &args.read,
            deidentify: args.deidentify,
            from_s: args.from,
            sheet,
            settings: &settings,
            filters,
        })?,
        None => recorded_pages(args, &settings, filters)?,
    };
    let bytes = format.bytes(pages, args.dpi);
    let bytes = bytes.map_err(CliError::from_error)?;
    if args.output == Path::new("-") {
        return StandardOutput
            .write_all(&bytes)
            .map_err(CliError::from_error);
    }
    Ok(output.write(&args.output, &bytes)?)
}

/// The pages of the recording as it is.
fn recorded_pages(
    args: &Args,
    settings: &PaperSettings,
    filters: FilterSettings,
) -> Result<Vec<Page>, CliError> {
    let source = open_file(&args.file, &args.read.options()).map_err(CliError::from_error)?;
    if source.duration_s() <= args.from {
        let words = format!(
            "page: the recording ends at {:.1} s, expected a start before that, found {} s",
            source.duration_s(),
            args.from
        );
        return Err(CliError(format!("{words}: {}", args.file.display())));
    }
    filters_fit(&filters, source.rate().hz())?;
    let (opened, stretch) = read(args, &source, settings)?;
    let Opened {
        mut recording,
        mut report,
    } = opened;
    if args.deidentify {
        recording = deidentified(&recording);
        report = report.deidentified();
    }
    let name = args.file.file_name().filter(|_| !args.deidentify);
    let name = name.map(|name| plain_line(&name.to_string_lossy()));
    Ok(pages(&recording, &report, name, filters, stretch, settings))
}

/// The seconds that the page shows, and some before and after them.
fn read(
    args: &Args,
    source: &Source,
    settings: &PaperSettings,
) -> Result<(Opened, Stretch), CliError> {
    let read_from = (args.from - FILTER_MARGIN_S).max(0.0);
    let window = |shown_s: f64| {
        source
            .window(read_from, args.from - read_from + shown_s + FILTER_MARGIN_S)
            .map_err(CliError::from_error)
    };
    let mut seconds = args
        .seconds
        .unwrap_or(ROW_MM / settings.speed_mm_s)
        .min(MOST_ROWS * ROW_MM / settings.speed_mm_s);
    let mut opened = window(seconds)?;
    if args.seconds.is_none() && opened.recording.leads.leads().len() == 1 {
        seconds *= MOST_ROWS;
        opened = window(seconds)?;
    }
    let stretch = Stretch {
        offset_s: read_from,
        whole_s: source.duration_s(),
        start_s: args.from - read_from,
        seconds,
    };
    Ok((opened, stretch))
}

fn deidentified(recording: &Recording) -> Recording {
    let (clean, log) = formats::deidentify(recording);
    eprintln!("removed: {}", log.removed.join("; "));
    eprintln!("could not be checked: {}", log.unchecked.join("; "));
    clean
}
