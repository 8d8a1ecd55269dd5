//! What is handed on: the leads of the page with the synthesised ones beside them, identity removed
//! if asked for; and how it becomes a file or a picture.

use std::path::Path;

use super::{
    action::ExportForm,
    document::{Document, Privacy},
    exam::Exam,
    results::Results,
    synthesised_lead::SynthesisedLead,
};
use crate::{
    draw::{Page, PageContent, ecg_pages},
    ecg::{Lead, LeadName, LeadSet, Origin, PaperSettings, Recording, ViewAngle},
    export::{PageError, Picture, page_to_picture, page_to_png, page_to_svg, pages_to_pdf},
    formats::{self, Format, Output, OutputError, SaveError},
    reliability::Grade,
    words::{Label, Translator},
};

/// Resolution of pictures.
const DPI: f64 = 300.0;
/// Resolution on the clipboard: sharp on a slide, and taken by every program.
const CLIPBOARD_DPI: f64 = 150.0;

/// Why nothing was handed on.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The leads could not be written.
    #[error(transparent)]
    Leads(#[from] SaveError),
    /// The page could not be drawn.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The file could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Writing it panicked.
    #[error("The export stopped unexpectedly; no file was left half written.")]
    ExportDied,
    /// Drawing it panicked.
    #[error("The page could not be copied.")]
    CopyDied,
}

/// Leads and words of one page, independent of the session: a job's thread can write it.
pub struct ExportData {
    /// Filtered as shown, with synthesised leads; without identity if the session hides it.
    pub recording: Recording,
    /// What was removed, for the person who answers for the file.
    pub removed: Vec<String>,
    bands: Vec<(LeadName, Vec<f32>)>,
    filters: String,
    offset_s: f64,
    whole_s: f64,
    measurements: Vec<(String, String)>,
    facts: Vec<String>,
    warnings: Vec<String>,
}

impl ExportData {
    /// The page at hand; `None` where its leads are of different lengths.
    pub(super) fn new(document: &Document, exam: &Exam, results: &Results) -> Option<Self> {
        let wanted = document.point_target();
        let point = results.point.iter().filter(|lead| lead.target == wanted);
        let (mut leads, bands) = leads(exam, point.chain(results.listed.values()));
        if results.are_as_saved() {
            let made = leads.iter_mut().skip(exam.shown.leads().len());
            made.for_each(|lead| lead.origin = as_saved(lead.origin.clone()));
        }
        let recording = Recording {
            leads: LeadSet::new(exam.shown.rate(), leads).ok()?,
            ..(*exam.recording).clone()
        };
        let (mut recording, removed, facts) = match document.privacy() {
            Privacy::Shown => (recording, Vec::new(), vec![exam.title.clone()]),
            Privacy::Hidden => {
                let (clean, log) = formats::deidentify(&recording);
                (clean, log.removed, Vec::new())
            }
        };
        let moved = moved_electrodes(document);
        let notes = moved.iter().map(|words| (None, words.clone()));
        recording.notes.extend(notes);
        let warnings = warnings(results).into_iter().chain(moved).collect();
        Some(Self {
            recording,
            removed,
            bands,
            filters: document.filters.label(),
            offset_s: document.window_start_s,
            whole_s: exam.duration_s,
            measurements: Translator::default().measurements(&exam.measurements),
            facts,
            warnings,
        })
    }

    /// What a page says of it.
    pub fn page(&self) -> PageContent<'_> {
        PageContent {
            filters: self.filters.clone(),
            offset_s: self.offset_s,
            whole_s: self.whole_s,
            bands: self.bands.clone(),
            measurements: self.measurements.clone(),
            measured_on: "measured on the median beat".into(),
            facts: self.facts.clone(),
            warnings: self.warnings.clone(),
            ..PageContent::of(&self.recording)
        }
    }

    /// Writes it: whole or not at all.
    pub(super) fn save(
        &self,
        form: ExportForm,
        paper: &PaperSettings,
        path: &Path,
        output: &Output,
    ) -> Result<(), ExportError> {
        let leads = |format| Ok(output.write_recording(&self.recording, path, format)?);
        let pages = || ecg_pages(&self.page(), paper);
        let sheet = || Page::stacked(pages());
        let bytes = match form {
            ExportForm::Csv => return leads(Format::Csv),
            ExportForm::Edf => return leads(Format::EdfPlus),
            ExportForm::Pdf => pages_to_pdf(&pages())?,
            ExportForm::Svg => page_to_svg(&sheet()).into_bytes(),
            ExportForm::Png => page_to_png(&sheet(), DPI)?,
        };
        Ok(output.write(path, &bytes)?)
    }

    /// Draws the page for the clipboard.
    pub(super) fn picture(&self, paper: &PaperSettings) -> Result<Picture, ExportError> {
        Ok(page_to_picture(
            &Page::stacked(ecg_pages(&self.page(), paper)),
            CLIPBOARD_DPI,
        )?)
    }
}

/// Recorded leads, then the synthesised ones, and the bands of those.
#[allow(clippy::type_complexity)] // Two lists that are made together.
fn leads<'a>(
    exam: &Exam,
    synthesised: impl Iterator<Item = &'a SynthesisedLead>,
) -> (Vec<Lead>, Vec<(LeadName, Vec<f32>)>) {
    let mut leads: Vec<Lead> = exam.shown.leads().to_vec();
    let mut bands = Vec::new();
    for synthesis in synthesised.map(|lead| &lead.synthesis) {
        let lead = &synthesis.lead;
        let is_twin = leads
            .iter()
            .any(|other| other.origin.is_synthesised() && other.samples_mv == lead.samples_mv);
        if !is_twin {
            let name = free_name(&leads, lead);
            bands.push((name.clone(), synthesis.band_mv.clone()));
            leads.push(Lead {
                name,
                ..lead.clone()
            });
        }
    }
    (leads, bands)
}

/// The lead's name, or one beside it where the file has a recorded lead of that name.
fn free_name(leads: &[Lead], lead: &Lead) -> LeadName {
    let is_taken = |name: &LeadName| leads.iter().any(|it| it.name == *name);
    let plain = lead.name.clone();
    let numbered = |n: usize| {
        LeadName::Named(
            if n == 1 {
                format!("{plain} synthesised")
            } else {
                format!("{plain} synthesised {n}")
            }
            .into(),
        )
    };
    std::iter::once(plain.clone())
        .chain((1..99).map(numbered))
        .find(|it| !is_taken(it))
        .unwrap_or(plain.clone())
}

/// Electrodes that sat elsewhere, as far as the user knows: whoever reads the page must know it too.
fn moved_electrodes(document: &Document) -> Vec<String> {
    let words = |(name, view): &(LeadName, ViewAngle)| {
        let values = [name.to_string(), view.to_string()];
        Translator::default().fill(Label::ElectrodeSatAt, &[&values[0], &values[1]])
    };
    document.electrodes.iter().map(words).collect()
}

fn warnings(results: &Results) -> Vec<String> {
    let translator = Translator::default();
    let head = |lead: LeadName, rmse_uv: f64, grade: Grade| {
        format!("d{lead}: ± {rmse_uv:.0} µV typical error, grade {grade}")
    };
    let (head, warnings) = match (&results.reliability, &results.reliability_as_saved) {
        (Some((_, said)), _) => {
            let lead = said.lead.clone();
            let head = head(lead, said.expected_rmse_uv, said.grade);
            (Some(head), &said.warnings[..])
        }
        (None, Some(said)) => {
            let head = head(said.target.name(), said.expected_rmse_uv, said.grade);
            (Some(head), &said.warnings[..])
        }
        (None, None) => (None, &[][..]),
    };
    let unchecked = results.are_as_saved();
    let unchecked = unchecked.then(|| translator.tr(Label::AsSavedUnchecked).to_owned());
    unchecked
        .into_iter()
        .chain(head)
        .chain(warnings.iter().map(|warning| translator.warning(warning)))
        .collect()
}

/// What a file says of a lead that comes from a saved session.
fn as_saved(origin: Origin) -> Origin {
    match origin {
        Origin::Synthesised { view, by } => {
            let words = Translator::default().tr(Label::AsSavedWithSession);
            let by = format!("{by}, {words}").into();
            Origin::Synthesised { view, by }
        }
        Origin::Derived { .. } | Origin::Measured => origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(name: LeadName) -> Lead {
        Lead::measured(name, vec![0.0; 4])
    }

    #[test]
    fn a_synthesised_lead_never_takes_a_recorded_name() {
        let check = |taken: &[&str], expected: &str| {
            let taken: Vec<Lead> = taken
                .iter()
                .map(|name| lead(LeadName::parse(name)))
                .collect();
            let free = free_name(&taken, &lead(LeadName::parse("V7")));
            assert_eq!(free.to_string(), expected);
        };
        check(&["V8"], "V7");
        check(&["V7"], "V7 synthesised");
        check(&["V7", "V7 synthesised"], "V7 synthesised 2");
    }
}
