//! A batch whose outcome is Parquet tables, a part of the exams at a time. Memory holds a few exams,
//! whatever the size of the archive and of its parts.

use std::{collections::HashMap, fs, path::Path, sync::Arc, sync::Mutex};

use super::{
    super::{
        CliError,
        exam::{Exam, STREAM_S},
    },
    line::Line,
    work::{Judged, Work, caught, print, printed, sha256_of},
};
use crate::{
    archive::{
        ArchiveError, ExamItem, ExamPlace, ExamRow, ExamRows, GradeRow, LeadPiece, Part, PartStamp,
        SignalRow, SignalRows, Table,
    },
    ecg::{Lead, LeadSet},
    formats::{ReadOptions, open},
    signal::{Analysis, LeadMeasurements, Measurements, analyse},
    synth::Mixing,
};

/// Exams worked on before their leads are written; the same for any number of threads, so that the
/// bytes are.
const EXAMS_AT_ONCE: usize = 64;
/// Seconds of a piece of a long recording.
const PIECE_S: f64 = 60.0;

/// Works on the parts. Returns how many exams failed.
pub(super) fn run(work: &Work, parts: &[Part<'_>]) -> Result<usize, CliError> {
    for table in Table::ALL {
        fs::create_dir_all(work.folder.join(table.name())).map_err(CliError::from_error)?;
    }
    let tables = Tables {
        work,
        rows: Mutex::default(),
    };
    let mut failed = 0;
    for part in parts {
        failed += tables.part(part)?;
    }
    Ok(failed)
}

struct Tables<'a> {
    work: &'a Work,
    /// The Parquet files that are being read, one row after the other.
    rows: Mutex<HashMap<Arc<Path>, SignalRows>>,
}

/// An exam before it is worked on.
enum Found<'a> {
    File(&'a Path),
    Row(SignalRow),
}

impl Tables<'_> {
    /// Makes a part, unless it is there already. Returns how many of its exams failed.
    fn part(&self, part: &Part<'_>) -> Result<usize, CliError> {
        if self.work.is_resumed && self.is_done(part) {
            let reason = "already done with these settings";
            let lines = part.items.iter().map(printed);
            lines.for_each(|it| print(&Line::without(it, "skipped", reason)));
            return Ok(0);
        }
        for table in Table::ALL {
            self.work
                .output
                .check(&part.path(&self.work.folder, table))?;
        }
        let mut chunks = part.items.chunks(EXAMS_AT_ONCE);
        let mut failed = 0;
        let made = || {
            let rows = self.work.each(chunks.next()?, |item| self.exam(item));
            failed += rows.iter().filter(|it| it.exam.failure.is_some()).count();
            Some(rows)
        };
        part.write(
            &self.work.folder,
            &self.work.output,
            &self.work.settings,
            made,
        )
        .map_err(CliError::from_error)?;
        Ok(failed)
    }

    /// Whether its tables are there, made of these very exams with these settings.
    fn is_done(&self, part: &Part<'_>) -> bool {
        let Some(stamp) = part.stamp(&self.work.folder) else {
            return false;
        };
        let exams = self.work.each(part.items, |item| {
            let found = self.find(item).ok();
            let sha256 = found.as_ref().and_then(|it| sha256(item, it));
            (record(item, found.as_ref()), sha256)
        });
        let exams = exams.iter().map(|it| (&*it.0, it.1.as_deref()));
        stamp == PartStamp::new(&self.work.settings, exams)
    }

    /// Rows of a file come one after the other, so they are read under a lock.
    fn find<'a>(&self, item: &'a ExamItem) -> Result<Found<'a>, ArchiveError> {
        match &item.place {
            ExamPlace::File(file) => Ok(Found::File(file)),
            ExamPlace::Row(file, number) => {
                let mut files = self.rows.lock().unwrap_or_else(|it| it.into_inner());
                if !files.contains_key(file) {
                    // One file at a time: parts go through them in order.
                    files.clear();
                    files.insert(file.clone(), SignalRows::open(file)?);
                }
                let rows = files.get_mut(file).into_iter();
                let mut row = rows.map(|it| it.row(*number));
                row.next()
                    .unwrap_or_else(|| SignalRows::open(file)?.row(*number))
                    .map(Found::Row)
            }
        }
    }

    /// Works on an exam and prints its line.
    fn exam(&self, item: &ExamItem) -> ExamRows {
        let found = caught(|| self.find(item).map_err(CliError::from_error));
        let (found, failure) = match found {
            Ok(found) => (Some(found), None),
            Err(error) => (None, Some(error)),
        };
        let record = record(item, found.as_ref());
        let sha256 = found.as_ref().and_then(|it| sha256(item, it));
        let made = match (&found, failure) {
            (Some(found), _) => caught(|| self.made(item, found, record.clone())),
            (None, error) => Err(error.unwrap_or_else(|| CliError("not found".into()))),
        };
        let (line, mut rows) = made.unwrap_or_else(|error| {
            let line = Line::without(printed(item), "failed", &error.0);
            (line, failed(record, error.0))
        });
        print(&line);
        rows.exam.sha256 = sha256;
        rows
    }

    fn made(
        &self,
        item: &ExamItem,
        found: &Found,
        record: String,
    ) -> Result<(Line, ExamRows), CliError> {
        let exam = match found {
            Found::File(file) => Exam::read(file, &self.work.read, &self.work.options)?,
            Found::Row(row) => {
                let recording = row
                    .recording(&self.work.read)
                    .map_err(CliError::from_error)?;
                Exam::of(recording, &self.work.options)
            }
        };
        let judged = self.work.judged(exam, &printed(item))?;
        let warnings = &judged.exam.warnings;
        let line = Line::of(
            printed(item),
            &self.work.targets,
            &judged.synthesizer,
            judged.reliability.as_ref(),
            warnings,
        );
        let mixings: Vec<Mixing> = self
            .work
            .targets
            .iter()
            .map(|it| judged.synthesizer.mixing(it))
            .collect();
        let leads = match found {
            Found::File(file) if STREAM_S < judged.exam.seconds => {
                long_leads(file, &self.work.read, &mixings)?
            }
            _ => leads(&judged.exam.recording.leads, 0.0, &mixings)?,
        };
        let seen = (judged.exam.recording.leads).without(&judged.exam.options.withhold);
        let rows = ExamRows {
            record,
            exam: exam_row(&judged, &line)?,
            errors: judged
                .reliability
                .as_ref()
                .map_or_else(Vec::new, |it| it.held_out.clone()),
            grades: self.grades(&line, &mixings),
            measurements: seen.map(|it| measured(&analyse(&it), &leads, &mixings)),
            leads,
        };
        Ok((line, rows))
    }

    fn grades(&self, line: &Line, mixings: &[Mixing]) -> Vec<GradeRow> {
        let grade = |(it, mixing): (&super::line::LeadLine, &Mixing)| {
            let (theta_deg, phi_deg) = mixing.view.degrees();
            GradeRow {
                lead: label(mixing),
                theta_deg,
                phi_deg,
                expected_rmse_uv: it.expected_rmse_uv,
                grade: it.grade,
                reasons: serde_json::Value::from(it.reasons.clone()).to_string(),
                true_rmse_uv: it.true_rmse_uv,
            }
        };
        line.leads.iter().zip(mixings).map(grade).collect()
    }
}

/// The name of an exam: its own identifier, if it has one.
fn record(item: &ExamItem, found: Option<&Found>) -> String {
    match found {
        Some(Found::Row(row)) => row.id().unwrap_or_else(|| item.name.clone()),
        _ => item.name.clone(),
    }
}

fn sha256(item: &ExamItem, found: &Found) -> Option<String> {
    match found {
        Found::File(_) => sha256_of(&item.files()).ok(),
        Found::Row(row) => Some(row.sha256()),
    }
}

fn failed(record: String, reason: String) -> ExamRows {
    ExamRows {
        record,
        exam: ExamRow {
            failure: Some(reason),
            duration_s: None,
            rate_hz: None,
            method: None,
            held_out_rmse_uv: None,
            warnings: "[]".into(),
            sha256: None,
        },
        leads: Vec::new(),
        errors: Vec::new(),
        grades: Vec::new(),
        measurements: None,
    }
}

fn exam_row(judged: &Judged, line: &Line) -> Result<ExamRow, CliError> {
    Ok(ExamRow {
        failure: None,
        duration_s: Some(judged.exam.seconds),
        rate_hz: Some(judged.exam.recording.leads.rate().hz()),
        method: Some(judged.synthesizer.calibration().by().to_owned()),
        held_out_rmse_uv: line.held_out_rmse_uv,
        warnings: serde_json::to_string(&line.warnings).map_err(CliError::from_error)?,
        sha256: None,
    })
}

fn label(mixing: &Mixing) -> String {
    Lead {
        name: mixing.name.clone(),
        origin: mixing.origin(),
        samples_mv: [].into(),
    }
    .label()
}

/// The made leads over all of `recorded`.
fn leads(recorded: &LeadSet, start_s: f64, mixings: &[Mixing]) -> Result<Vec<LeadPiece>, CliError> {
    let piece = |mixing: &Mixing| {
        let samples_mv = mixing.samples_mv(recorded).map_err(CliError::from_error)?;
        Ok(LeadPiece {
            lead: Lead {
                name: mixing.name.clone(),
                origin: mixing.origin(),
                samples_mv: samples_mv.into(),
            },
            start_s,
            rate_hz: recorded.rate().hz(),
        })
    };
    mixings.iter().map(piece).collect()
}

/// The made leads of a long recording, which is read a minute at a time; pieces overlap as far as
/// the network looks.
fn long_leads(
    file: &Path,
    read: &ReadOptions,
    mixings: &[Mixing],
) -> Result<Vec<LeadPiece>, CliError> {
    let source = open(file, read).map_err(CliError::from_error)?;
    let reach_s = mixings
        .iter()
        .map(Mixing::reach_s)
        .fold(0.0, f64::max)
        .ceil();
    let mut all = Vec::new();
    let mut start_s = 0.0;
    while start_s < source.duration_s() {
        let from_s = (start_s - reach_s).max(0.0);
        let until_s = start_s + PIECE_S + reach_s;
        let opened = source.window(from_s, until_s - from_s);
        let recorded = opened.map_err(CliError::from_error)?.recording.leads;
        let rate = recorded.rate();
        let skip = rate.samples_in(start_s - from_s);
        let end = (skip + rate.samples_in(PIECE_S)).min(recorded.n_samples());
        let cut = |piece: LeadPiece| {
            let samples_mv = piece.lead.samples_mv.get(skip..end).unwrap_or_default();
            let lead = Lead {
                samples_mv: samples_mv.into(),
                ..piece.lead
            };
            LeadPiece { lead, ..piece }
        };
        all.extend(leads(&recorded, start_s, mixings)?.into_iter().map(cut));
        start_s += PIECE_S;
    }
    Ok(all)
}

/// The exam measured, the made leads beside the recorded ones.
fn measured(found: &Analysis, made: &[LeadPiece], mixings: &[Mixing]) -> Measurements {
    let mut table = Measurements::of(found);
    if let (Some(beat), Some(waves)) = (&found.median, &found.waves) {
        // Of a long recording the first piece, which holds the beats that were measured.
        let first = made.iter().filter(|it| it.start_s == 0.0);
        let made = first.filter(|it| it.lead.origin.is_synthesised());
        let rows = made.filter_map(|it| {
            let rate = crate::ecg::SampleRate::from_hz(it.rate_hz)?;
            LeadMeasurements::beside(beat, waves, &it.lead, rate)
        });
        table.leads.extend(rows);
    }
    table.with_errors(|name| {
        let mixing = mixings.iter().find(|it| it.name == *name)?;
        Some(mixing.expected_rmse_uv())
    })
}
