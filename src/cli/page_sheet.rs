//! The pages of a sheet: recorded leads beside synthesised ones, as the window shows them.

use std::path::Path;

use super::{
    CliError, headless,
    read_args::{self, ReadArgs, filters_fit},
};
use crate::{
    draw::Page,
    ecg::{PaperSettings, Sheet},
    session::{Command, Edit, ReadAs, Session},
    signal::FilterSettings,
};

/// Which sheet of which file, and how.
pub(super) struct Request<'a> {
    pub file: &'a Path,
    pub read: &'a ReadArgs,
    pub deidentify: bool,
    pub from_s: f64,
    pub sheet: Sheet,
    pub settings: &'a PaperSettings,
    pub filters: FilterSettings,
}

/// Calibrates, synthesises what the sheet lacks, and lays it out, with the sheets of findings behind
/// it.
pub(super) fn pages(request: &Request<'_>) -> Result<Vec<Page>, CliError> {
    let failed = |problem: String| CliError(format!("page: {problem}"));
    let source = read_args::open(request.file, &request.read.options())?;
    filters_fit(&request.filters, source.rate().hz())?;
    let mut session = headless::session();
    headless::open(&mut session, wanted(request)?).map_err(failed)?;
    for edit in [
        Edit::SetDeidentified(request.deidentify),
        Edit::SetPage(*request.settings),
        Edit::SetFilters(request.filters),
        Edit::SetWindow(request.from_s),
        Edit::ShowSheet(Some(request.sheet)),
    ] {
        session.apply(edit);
    }
    headless::finish(&mut session).map_err(failed)?;
    let nothing = || {
        let words = "page: the recording has none of the recorded leads of this sheet";
        CliError(format!("{words}: {}", request.file.display()))
    };
    let data = session.export_data().filter(|data| data.has_sheet());
    let data = data.ok_or_else(nothing)?;
    for said in &data.removed {
        eprintln!("removed: {said}");
    }
    missing(&session, request.sheet)?;
    Ok(data.all_pages(request.settings))
}

/// What to open: of the ways to read what a file leaves unsaid a session knows the most common.
fn wanted(request: &Request<'_>) -> Result<Command, CliError> {
    let read = request.read;
    let known = ReadArgs {
        assume_unit: read.assume_unit,
        assume_rate: read.assume_rate,
        exam: read.exam,
        ..Default::default()
    };
    if read.options() != known.options() {
        let words = "of the options that say how to read a file only --exam, --assume-unit and \
                     --assume-rate go with --sheet";
        return Err(CliError(format!("page: {words}; convert the file first")));
    }
    let options = known.options();
    let read_as = ReadAs {
        exam: options.exam,
        unit: read.assume_unit,
        rate_hz: options.missing_rate_hz,
        ..ReadAs::default()
    };
    Ok(match read_args::demo(request.file) {
        Some(demo) => Command::OpenDemo(demo.name.to_owned()),
        None => Command::OpenAs(request.file.to_owned(), read_as),
    })
}

/// A sheet without the leads that it is for is none.
fn missing(session: &Session, sheet: Sheet) -> Result<(), CliError> {
    let results = &session.results;
    let leads = &session.document.virtual_leads;
    let is_missing = |id: &u32| !results.listed.contains_key(id);
    let ids: Vec<u32> = leads.iter().map(|lead| lead.id).collect();
    if !ids.iter().any(is_missing) {
        return Ok(());
    }
    let why = match &session.calibrating {
        crate::session::Calibrating::Failed(problem) => problem.to_string(),
        _ => "leads could not be synthesised".into(),
    };
    Err(CliError(format!("page: sheet {}: {why}", sheet.name())))
}
