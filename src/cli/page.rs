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
};
use crate::{
    draw::{Page, PageContent, Remark, Section, all_pages},
    ecg::{PageLayout, PaperSettings, PaperSize, Recording, Sheet, plain_line},
    export::{page_to_png, page_to_svg, pages_to_pdf},
    formats::{self, ImportReport, Opened, Source},
    session::cart_intervals,
    signal::{FilterSettings, Measurements, analyse, quality},
    words::Translator,
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

/// Kinds of file that a page can become.
#[derive(Clone, Copy)]
enum Kind {
    Pdf,
    Svg,
    Png,
}

impl Kind {
    fn of(path: &Path) -> Result<Self, CliError> {
        if path == Path::new("-") {
            return Ok(Self::Pdf);
        }
        let extension = path
            .extension()
            .map(|it| it.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        match extension.as_str() {
            "pdf" => Ok(Self::Pdf),
            "svg" => Ok(Self::Svg),
            "png" => Ok(Self::Png),
            _ => Err(CliError(format!(
                "page: the output ends in \"{extension}\", expected .pdf, .svg or .png: {}",
                path.display()
            ))),
        }
    }
}

/// Seconds read before and after the page, so that filters do not show their edges on it.
const FILTER_MARGIN_S: f64 = 4.0;

/// Length of a row that is shown unless seconds are given: ten seconds at 25 mm/s.
const ROW_MM: f64 = 250.0;
/// Warnings that the foot of a page holds in any case.
const WARNINGS_ON_PAGE: usize = 2;
/// Rows that a single lead fills at most.
const MOST_ROWS: f64 = 5.0;

/// Reads, filters, lays out, writes.
pub fn run(args: &Args) -> Result<(), CliError> {
    let kind = Kind::of(&args.output)?;
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
    let bytes = match kind {
        Kind::Pdf => pages_to_pdf(&pages).map_err(CliError::from_error)?,
        Kind::Svg => page_to_svg(&Page::stacked(pages)).into_bytes(),
        Kind::Png => page_to_png(&Page::stacked(pages), args.dpi).map_err(CliError::from_error)?,
    };
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

/// Which part of a recording is on the page.
struct Stretch {
    offset_s: f64,
    whole_s: f64,
    start_s: f64,
    seconds: f64,
}

fn pages(
    recording: &Recording,
    report: &ImportReport,
    file: Option<String>,
    filters: FilterSettings,
    stretch: Stretch,
    settings: &PaperSettings,
) -> Vec<Page> {
    let filters = filters.at(recording.leads.rate());
    let leads = filters.apply(&recording.leads);
    let found = analyse(&leads);
    let measured_on = found.median.as_ref().map_or_else(
        || "no beats found to measure".to_owned(),
        |it| {
            format!(
                "measured on the median of {} beats{}",
                it.used,
                left_out(it.rejected)
            )
        },
    );
    let (english, table) = (Translator::default(), Measurements::of(&found));
    let cart = english.cart_differs(&table, &cart_intervals(&report.cart));
    let signs = quality(&recording.leads).signs();
    let warnings = report
        .warnings
        .iter()
        .cloned()
        .chain(lost(report))
        .chain(filters.warning())
        .chain(signs.iter().map(|sign| english.sign(sign)));
    let warnings: Vec<String> = warnings.collect();
    // The foot of a page has room for some of them.
    let is_all_on_page = warnings.len() <= WARNINGS_ON_PAGE;
    let sections = (!is_all_on_page).then(|| Section {
        title: "Warnings".into(),
        lines: warnings.clone(),
    });
    let content = PageContent {
        leads: &leads,
        notes: english.truth_notes(recording),
        filters: filters.label(),
        offset_s: stretch.offset_s,
        whole_s: stretch.whole_s,
        start_s: stretch.start_s,
        seconds: stretch.seconds,
        measurements: english.measurements(&table),
        measured_on: cart
            .into_iter()
            .chain([measured_on])
            .collect::<Vec<_>>()
            .join("; "),
        facts: facts(recording, report, file),
        warnings: warnings.into_iter().map(Remark::from).collect(),
        sections: sections.into_iter().collect(),
        ..PageContent::of(recording)
    };
    all_pages(&content, settings)
}

/// Stretches in which a lead shows nothing.
fn lost(report: &ImportReport) -> Vec<String> {
    let flat = report
        .leads
        .iter()
        .filter_map(|it| Some(format!("{} is flat for {:.1} s", it.name, it.flat_s?)));
    let clipped = report.leads.iter().filter(|it| 0 < it.clipped_samples);
    flat.chain(
        clipped.map(|it| format!("{} is clipped in {} samples", it.name, it.clipped_samples)),
    )
    .collect()
}

fn left_out(rejected: usize) -> String {
    if rejected == 0 {
        String::new()
    } else {
        format!(", {rejected} of other shape left out")
    }
}

/// File, format and what was derived or stated.
fn facts(recording: &Recording, report: &ImportReport, file: Option<String>) -> Vec<String> {
    let names = |it: &[crate::ecg::LeadName]| {
        it.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let derived = (!report.derived.is_empty())
        .then(|| format!("{} derived from I and II", names(&report.derived)));
    let missing = (!report.missing.is_empty() && report.missing.len() < 12)
        .then(|| format!("not in the file: {}", names(&report.missing)));
    let stated = &report.filters;
    let corners = [
        ("high-pass", stated.high_pass_hz),
        ("low-pass", stated.low_pass_hz),
        ("notch", stated.notch_hz),
    ];
    let stated: Vec<String> = corners
        .iter()
        .filter_map(|(name, hz)| Some(format!("{name} {} Hz", (*hz)?)))
        .collect();
    let stated = if stated.is_empty() {
        "device filters not stated in the file".to_owned()
    } else {
        format!("filtered by the device: {}", stated.join(", "))
    };
    let leads = |n: usize| format!("{n} {}", if n == 1 { "lead" } else { "leads" });
    let of_file = report.leads.len();
    let format = match recording
        .leads
        .leads()
        .iter()
        .filter(|it| it.origin.is_synthesised())
        .count()
    {
        0 => format!("{}, {} as recorded", report.format, leads(of_file)),
        made => format!(
            "{}, {}, {made} of them synthesised",
            report.format,
            leads(of_file)
        ),
    };
    file.into_iter()
        .chain([format, stated])
        .chain(derived)
        .chain(missing)
        .collect()
}
