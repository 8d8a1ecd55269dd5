//! What is handed on: the leads of the page with the synthesised ones beside them, identity removed
//! if asked for.

use std::path::Path;

use super::{Exam, Session};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Recording},
    formats::{self, Format},
    words::Translator,
};

/// Leads and words of one page, independent of the session: a job's thread can write it.
pub struct ExportData {
    /// Filtered as shown, with synthesised leads; without identity if the session hides it.
    pub recording: Recording,
    /// Half-widths of the 90 % band, mV, per synthesised lead.
    pub bands: Vec<(LeadName, Vec<f32>)>,
    /// Filters applied.
    pub filters: String,
    /// Time of the first sample in the whole recording.
    pub offset_s: f64,
    /// Length of the whole recording.
    pub whole_s: f64,
    /// Measured intervals: name and value.
    pub measurements: Vec<(String, String)>,
    /// File name and import facts.
    pub facts: Vec<String>,
    /// What the trust report says of the point.
    pub warnings: Vec<String>,
    /// What was removed, for the person who answers for the file.
    pub removed: Vec<String>,
}

impl ExportData {
    /// The page at hand; `None` without a recording.
    pub fn of(session: &Session) -> Option<Self> {
        let exam = session.exam.as_ref()?;
        let answered = session
            .point
            .iter()
            .filter(|it| it.target == session.document.point_target())
            .chain(session.listed.values());
        let mut leads: Vec<Lead> = exam.shown.leads().to_vec();
        let mut bands = Vec::new();
        for it in answered {
            let lead = it.synthesis.lead.clone();
            let name = free_name(&leads, &lead);
            if leads
                .iter()
                .any(|it| it.origin.is_synthesised() && it.samples_mv == lead.samples_mv)
            {
                continue;
            }
            bands.push((name.clone(), it.synthesis.band_mv.clone()));
            leads.push(Lead { name, ..lead });
        }
        let leads = LeadSet::new(exam.shown.rate(), leads).ok()?;
        let recording = Recording {
            leads,
            ..(*exam.recording).clone()
        };
        let (recording, removed) = if session.document.deidentified {
            let (clean, log) = formats::deidentify(&recording);
            (clean, log.removed)
        } else {
            (recording, Vec::new())
        };
        let facts = if session.document.deidentified {
            Vec::new()
        } else {
            vec![exam.title.clone()]
        };
        Some(Self {
            recording,
            bands,
            filters: session.document.filters.label(),
            offset_s: session.document.window_start_s,
            whole_s: exam.duration_s,
            measurements: measurements(exam),
            facts,
            warnings: warnings(session),
            removed,
        })
    }

    /// Writes the leads as numbers: whole or not at all.
    pub fn write_csv(&self, path: &Path) -> Result<(), String> {
        formats::write(&self.recording, path, Format::Csv).map_err(|it| it.to_string())
    }

    /// Writes the leads as a recording: whole or not at all.
    pub fn write_edf(&self, path: &Path) -> Result<(), String> {
        formats::write(&self.recording, path, Format::EdfPlus).map_err(|it| it.to_string())
    }
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

fn measurements(exam: &Exam) -> Vec<(String, String)> {
    let Some(intervals) = &exam.intervals else {
        return Vec::new();
    };
    let rate = intervals
        .heart_rate_bpm
        .map(|it| ("HR".to_owned(), format!("{it:.0}/min")));
    let ms =
        |name: &str, value: Option<f64>| value.map(|it| (name.to_owned(), format!("{it:.0} ms")));
    [
        rate,
        ms("PR", intervals.pr_ms),
        ms("QRS", intervals.qrs_ms),
        ms("QT", intervals.qt_ms),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn warnings(session: &Session) -> Vec<String> {
    let Some((_, trust)) = &session.trust else {
        return Vec::new();
    };
    let translator = Translator::default();
    let head = format!(
        "d{}: ± {:.0} µV typical error, grade {}",
        trust.lead, trust.expected_rmse_uv, trust.grade
    );
    std::iter::once(head)
        .chain(trust.warnings.iter().map(|it| translator.warning(it)))
        .collect()
}
