//! What is handed on: the leads of the page with the synthesised ones beside them, identity removed
//! if asked for; and how it becomes a file or a picture.

use std::path::Path;

use super::{
    action::ExportForm,
    document::{Document, Privacy},
    exam::Exam,
    findings::{Findings, moved_electrodes},
    other_exam::OtherExam,
    page_leads::PageLeads,
    print::{PrintError, print},
    remarks::remarks,
    results::Results,
};
use crate::{
    draw::{BeatsContent, Others, Page, PageContent, Remark, Section, all_pages, ecg_pages},
    ecg::{LeadName, LeadSet, PaperSettings, Recording},
    export::{PageError, PageFormat, Picture, page_to_picture, pages_to_pdf},
    formats::{self, Format, Output, OutputError, SaveError},
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
    /// The system did not print.
    #[error(transparent)]
    Print(#[from] PrintError),
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
    /// The leads of the sheet, where one is chosen.
    sheet: Option<LeadSet>,
    beats: Option<BeatsContent>,
    bands: Vec<(LeadName, Vec<f32>)>,
    notes: Vec<(LeadName, String)>,
    filters: String,
    offset_s: f64,
    whole_s: f64,
    measurements: Vec<(String, String)>,
    measured_on: String,
    facts: Vec<String>,
    warnings: Vec<Remark>,
    sections: Vec<Section>,
    sidecar: serde_json::Value,
}

impl ExportData {
    /// The page or sheet at hand; `None` where its leads are of different lengths.
    pub(super) fn new(document: &Document, exam: &Exam, results: &Results) -> Option<Self> {
        let english = Translator::default();
        let page = PageLeads::new(document, exam, results)?;
        let sheet = document.sheet;
        let findings = Findings {
            document,
            exam,
            results,
            page: &page,
        };
        let (sections, sidecar) = (findings.sections(), findings.json());
        let recording = Recording {
            leads: page.leads.clone(),
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
        let said = remarks(results, &page);
        let moved = moved.into_iter().map(Remark::from);
        let warnings = said.into_iter().chain(moved).collect();
        Some(Self {
            recording,
            removed,
            sections,
            sidecar,
            sheet: sheet.and_then(|sheet| sheet.select(&page.leads)),
            beats: sheet.and_then(|sheet| page.beats(sheet, english)),
            bands: page.bands(),
            notes: page.notes(english),
            filters: document.filters.label(),
            offset_s: document.window_start_s,
            whole_s: exam.duration_s,
            measurements: english.measurements(&exam.measurements),
            measured_on: measured_on(document, exam),
            facts,
            warnings,
        })
    }

    /// The page of a machine whose electrodes sat elsewhere; `None` for a recording of a file.
    pub(super) fn misplaced(document: &Document, other: &OtherExam) -> Option<Self> {
        let misplaced = other.misplacement()?;
        let plain = Document {
            page: document.page,
            filters: document.filters,
            deidentified: document.deidentified,
            ..Document::default()
        };
        let mut data = Self::new(&plain, &other.exam, &Results::default())?;
        let english = Translator::default();
        let said = [
            english.tr(Label::SimulatedMisplacement).to_uppercase(),
            english.placement_error(&misplaced.error),
            english.expected_errors(&misplaced.expected_uv),
            english.checks(&misplaced.signs),
        ];
        data.warnings.insert(0, said[..2].join(": ").into());
        data.warnings
            .extend(said[2..].iter().cloned().map(Remark::from));
        Some(data)
    }

    /// Whether a sheet is chosen of which the recording has leads.
    pub fn has_sheet(&self) -> bool {
        self.sheet.is_some()
    }

    /// What a page says of it.
    pub fn page(&self) -> PageContent<'_> {
        PageContent {
            leads: self.sheet.as_ref().unwrap_or(&self.recording.leads),
            others: match self.sheet {
                Some(_) => Others::Shown,
                None => Others::Named,
            },
            beats: self.beats.clone(),
            notes: self.notes.clone(),
            filters: self.filters.clone(),
            offset_s: self.offset_s,
            whole_s: self.whole_s,
            bands: self.bands.clone(),
            measurements: self.measurements.clone(),
            measured_on: self.measured_on.clone(),
            facts: self.facts.clone(),
            warnings: self.warnings.clone(),
            sections: self.sections.clone(),
            ..PageContent::of(&self.recording)
        }
    }

    /// Writes it, and what a program wants to know of it beside it as `NAME.json`: each whole or not
    /// at all.
    pub(super) fn save(
        &self,
        form: ExportForm,
        paper: &PaperSettings,
        path: &Path,
        output: &Output,
    ) -> Result<(), ExportError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".json");
        if !path.exists() && Path::new(&beside).exists() {
            // Nobody was asked whether it may go.
            let path = beside.into();
            return Err(OutputError::Exists { path }.into());
        }
        self.write(form, paper, path, output)?;
        let text = format!("{:#}\n", self.sidecar);
        Ok(output.write(Path::new(&beside), text.as_bytes())?)
    }

    fn write(
        &self,
        form: ExportForm,
        paper: &PaperSettings,
        path: &Path,
        output: &Output,
    ) -> Result<(), ExportError> {
        let leads = |format| Ok(output.write_recording(&self.recording, path, format)?);
        let format = match form {
            ExportForm::Csv => return leads(Format::Csv),
            ExportForm::Edf => return leads(Format::EdfPlus),
            ExportForm::Pdf => PageFormat::Pdf,
            ExportForm::Svg => PageFormat::Svg,
            ExportForm::Png => PageFormat::Png,
        };
        let bytes = format.bytes(self.all_pages(paper), DPI)?;
        Ok(output.write(path, &bytes)?)
    }

    /// The pages and the sheets of words that go with them.
    pub fn all_pages(&self, paper: &PaperSettings) -> Vec<Page> {
        all_pages(&self.page(), paper)
    }

    /// Prints what the PDF would hold.
    pub(super) fn print(&self, paper: &PaperSettings) -> Result<(), ExportError> {
        Ok(print(&pages_to_pdf(&self.all_pages(paper))?)?)
    }

    /// Draws the page for the clipboard.
    pub(super) fn picture(&self, paper: &PaperSettings) -> Result<Picture, ExportError> {
        Ok(page_to_picture(
            &Page::stacked(ecg_pages(&self.page(), paper)),
            CLIPBOARD_DPI,
        )?)
    }
}

/// On what intervals and amplitudes were measured, and where the recording device differs.
fn measured_on(document: &Document, exam: &Exam) -> String {
    let english = Translator::default();
    let by_hand = document.beats_by_hand();
    let by_hand = by_hand.map(|counts| english.beats_by_hand(counts));
    let cart = english.cart_differs(&exam.measurements, &exam.cart());
    let on = Some("measured on the median beat".to_owned());
    let said = [cart, on, by_hand];
    said.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
