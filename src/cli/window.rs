//! Without a command: the window. Where there can be none, the same work as pages in the current
//! folder, and why.

use std::path::{Path, PathBuf};

use super::{CliError, headless, read_args::demo};
use crate::{
    draw::{TorsoContent, ecg_pages, torso_page},
    ecg::{Montage, Place, montage, site},
    export::pages_to_pdf,
    formats::{Output, Overwrite},
    reliability::{Grade, Reliability},
    session::{Calibrating, Command, Session, document::Privacy},
    words::{Label, Translator},
};

/// Opens the window on `file`; without a display or a graphics adapter writes the pages instead.
pub(super) fn open(file: Option<PathBuf>) -> Result<(), CliError> {
    let first = file.map(wanted);
    let Err(reason) = window(first.clone()) else {
        return Ok(());
    };
    eprintln!("ecg-panorama: no window could be opened: {reason}");
    let target = free_name(Path::new("."));
    write_pages(first, &target).map_err(CliError)?;
    println!(
        "The same work is on two pages instead: {}",
        target.display()
    );
    Ok(())
}

/// `panorama.pdf` in `folder`, or the first `panorama-2.pdf` … that is not there: nobody was asked
/// whether a file may go.
fn free_name(folder: &Path) -> PathBuf {
    let first = std::iter::once("panorama.pdf".to_owned());
    let names = first.chain((2..).map(|number| format!("panorama-{number}.pdf")));
    let mut paths = names.map(|name| folder.join(name));
    let free = paths.find(|path| path.symlink_metadata().is_err());
    free.unwrap_or_else(|| folder.join("panorama.pdf"))
}

/// A file, or the demo of that name where there is no such file.
fn wanted(file: PathBuf) -> Command {
    demo(&file).map_or(Command::Open(file), |demo| {
        Command::OpenDemo(demo.name.to_owned())
    })
}

#[cfg(feature = "gui")]
fn window(first: Option<Command>) -> Result<(), String> {
    crate::gui::run(first)
}

#[cfg(not(feature = "gui"))]
fn window(_: Option<Command>) -> Result<(), String> {
    Err("this program was built without its window".into())
}

/// Paper with a virtual lead, and the torso with what to believe.
fn write_pages(first: Option<Command>, target: &Path) -> Result<(), String> {
    let mut session = headless::session();
    let demo = || Command::OpenDemo("normal".into());
    headless::open(&mut session, first.unwrap_or_else(demo))?;
    headless::finish(&mut session)?;
    let export_data = session
        .export_data()
        .ok_or("there is no recording to print")?;
    let mut pages = ecg_pages(&export_data.page(), &session.document.page);
    pages.push(torso_page(&torso(&session)));
    let bytes = pages_to_pdf(&pages).map_err(|it| it.to_string())?;
    Output::new(Overwrite::Refused)
        .write(target, &bytes)
        .map_err(|it| it.to_string())
}

fn torso(session: &Session) -> TorsoContent {
    let place = |name: &crate::ecg::LeadName| {
        let electrode = montage(name)
            .and_then(Montage::exploring_site)
            .and_then(site)?;
        Some((name.to_string(), electrode.position_mm))
    };
    let truth = session.truth_leads();
    let recorded = session
        .exam
        .iter()
        .flat_map(|it| it.leads.leads())
        .filter(|it| !truth.contains(&it.name))
        .filter_map(|it| place(&it.name));
    let point = session
        .document
        .preset
        .as_ref()
        .and_then(place)
        .map(|(name, mm)| (format!("d{name}"), mm));
    let at = point.as_ref().map(|it| Place::of(it.1).to_string());
    let mut lines = vec![format!(
        "# Virtual lead {}",
        point.as_ref().map_or("", |it| it.0.as_str())
    )];
    lines.extend(at);
    lines.push(session.document.point.to_string());
    match (&session.results.reliability, &session.calibrating) {
        (Some((_, reliability)), _) => lines.extend(reliability_lines(reliability)),
        (None, Calibrating::Failed(problem)) => lines.push(problem.to_string()),
        (None, Calibrating::Saved(_)) => lines.extend(saved_lines(session)),
        _ => {}
    }
    let exam = session.exam.as_ref();
    let exam = exam.filter(|_| session.document.privacy() == Privacy::Shown);
    let title = exam.map_or_else(String::new, |it| it.title.clone());
    TorsoContent {
        title,
        recorded: recorded.collect(),
        virtual_leads: point.into_iter().collect(),
        lines,
    }
}

/// What was said when the session was saved.
fn saved_lines(session: &Session) -> Vec<String> {
    let translator = Translator::default();
    let mut lines = vec![
        "# Reliability".to_owned(),
        translator.tr(Label::AsSavedUnchecked).to_owned(),
    ];
    if let Some(said) = &session.results.reliability_as_saved {
        lines.push(error_line(said.expected_rmse_uv, said.grade));
        let reasons = said.reasons.iter();
        lines.extend(reasons.map(|reason| translator.reason(reason)));
        let warnings = said.warnings.iter();
        lines.extend(warnings.map(|it| format!("⚠ {}", translator.warning(it))));
    }
    lines
}

fn error_line(rmse_uv: f64, grade: Grade) -> String {
    format!("± {rmse_uv:.0} µV typical error to expect here, grade {grade}")
}

fn reliability_lines(reliability: &Reliability) -> Vec<String> {
    let translator = Translator::default();
    let mut lines = vec![
        "# Reliability".to_owned(),
        error_line(reliability.expected_rmse_uv, reliability.grade),
        translator.error_by_wave(&reliability.by_wave),
    ];
    lines.extend(
        reliability
            .reasons
            .iter()
            .map(|reason| translator.reason(reason)),
    );
    lines.push("# Recorded leads, each left out and predicted".into());
    let held_out = reliability.held_out.iter();
    lines.extend(held_out.map(|it| {
        format!(
            "{}: {:.0} µV of {:.0} µV, r {:.2}",
            it.lead, it.rmse_uv, it.rms_uv, it.correlation
        )
    }));
    lines.push("# Made of".into());
    let parts: Vec<String> = reliability
        .contributions
        .iter()
        .map(|(name, share)| format!("{name} {share:+.2}"))
        .collect();
    lines.push(parts.join("  "));
    lines.extend(
        reliability
            .warnings
            .iter()
            .map(|it| format!("⚠ {}", translator.warning(it))),
    );
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_take_a_name_that_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let expected = ["panorama.pdf", "panorama-2.pdf", "panorama-3.pdf"];
        for name in expected {
            let free = free_name(folder.path());
            assert_eq!(free, folder.path().join(name));
            std::fs::write(free, "kept").unwrap();
        }
    }
}
