//! Tables: CSV and TSV with a header row, `#` comments before it, a time column or a stated rate.

mod columns;
mod write;

use std::ops::Range;

use jiff::civil::DateTime;

pub(super) use write::{TITLE, write};

use self::columns::Columns;
use super::error::TABLE as STEP;
use super::{
    FormatError, ReadOptions,
    bytes::Bytes,
    contents::{Chunk, Container, Contents, Note, Scale, Signal, sample_mv, voltage},
    error::quoted,
    provenance, sniff,
};
use crate::ecg::Sex;

/// A table, parsed whole: text has no place to look a time up.
pub(super) struct Table {
    contents: Contents,
    columns: Vec<Vec<f32>>,
}

impl Table {
    pub fn open(bytes: &Bytes, options: &ReadOptions) -> Result<Self, FormatError> {
        let raw = bytes.whole(options.limits.text_bytes)?;
        let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw);
        let text = std::str::from_utf8(raw).map_err(|it| {
            FormatError::new(
                STEP,
                format!("byte {}", it.valid_up_to()),
                "bytes that are not UTF-8",
                "text",
            )
            .advise("save the table as UTF-8")
        })?;
        let mut about = About::default();
        for comment in text
            .lines()
            .map(str::trim_start)
            .filter_map(|it| it.strip_prefix('#'))
            .take(options.limits.notes)
        {
            about.take(comment.trim());
        }
        let Columns {
            format,
            headers,
            mut values,
            rate_hz,
            warnings,
        } = columns::parse(text, about.rate_hz, about.is_ours, options)?;
        let mut contents = about.contents;
        contents.format = format.to_owned();
        contents.warnings = warnings;
        for (header, values) in headers.iter().zip(&mut values) {
            let (label, own_unit) = if about.is_ours {
                (header.as_str(), None)
            } else {
                columns::unit_of(header)
            };
            let words = about
                .origins
                .iter()
                .find(|it| it.0 == label)
                .map_or("", |it| it.1.as_str());
            let scale = voltage(own_unit.unwrap_or(&about.unit), options);
            if let Ok((mv, _)) = scale
                && mv != 1.0
            {
                values
                    .iter_mut()
                    .for_each(|it| *it = sample_mv(f64::from(*it) * mv));
            }
            contents.signals.push(Signal {
                name: provenance::name_of(label, words),
                rate_hz,
                n_samples: values.len() as u64,
                scale: scale.map(|(mv, unit)| Scale {
                    mv,
                    unit,
                    step: None,
                    rails: None,
                }),
                prefilter: String::new(),
                origin: provenance::origin_of(label, words),
            });
        }
        if contents.signals.is_empty() {
            return Err(FormatError::new(
                STEP,
                "the header row",
                sniff::first_words(text),
                "a column per lead",
            ));
        }
        Ok(Self {
            contents,
            columns: values,
        })
    }
}

impl Container for Table {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        let cut = |idx: &usize| {
            let column = &self.columns[*idx];
            let end = (range.end as usize).min(column.len());
            let mut out = column[(range.start as usize).min(end)..end].to_vec();
            out.resize((range.end - range.start) as usize, f32::NAN);
            out
        };
        Ok(Chunk {
            samples_mv: signals.iter().map(cut).collect(),
            ..Chunk::default()
        })
    }
}

/// Whether a comment would be understood as something else than a remark.
fn says_more_than_a_remark(comment: &str) -> bool {
    let mut about = About::default();
    about.take(comment);
    about.contents.notes != [comment]
}

/// What the comments say.
#[derive(Default)]
struct About {
    contents: Contents,
    /// Written by us: column names are lead names and nothing else.
    is_ours: bool,
    rate_hz: Option<f64>,
    unit: String,
    origins: Vec<(String, String)>,
}

impl About {
    /// `key: value`; anything else is a remark.
    fn take(&mut self, comment: &str) {
        if comment.is_empty() || comment == TITLE {
            self.is_ours |= !comment.is_empty();
            return;
        }
        let understood = comment
            .split_once(':')
            .is_some_and(|(key, value)| self.take_pair(key.trim(), value.trim()).is_some());
        if !understood {
            self.contents.notes.push(comment.to_owned());
        }
    }

    fn take_pair(&mut self, key: &str, value: &str) -> Option<()> {
        let number = || {
            value
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite() && 0.0 <= *it)
        };
        let text = || Some(value.to_owned()).filter(|it| !it.is_empty());
        let (patient, filters) = (&mut self.contents.patient, &mut self.contents.filters);
        match key.to_lowercase().as_str() {
            "rate_hz" | "sampling_rate" | "sampling rate" | "sample rate" | "fs" => {
                self.rate_hz = Some(number().filter(|it| 0.0 < *it)?)
            }
            write::REMARK => self.contents.notes.push(text()?),
            "unit" | "units" => self.unit = text()?,
            "start" => self.contents.start = Some(value.parse::<DateTime>().ok()?),
            "patient name" => patient.name = Some(text()?),
            "patient id" => patient.id = Some(text()?),
            "sex" => {
                patient.sex = Some(match value.to_lowercase().as_str() {
                    "female" | "f" => Sex::Female,
                    "male" | "m" => Sex::Male,
                    _ => return None,
                });
            }
            "birth date" => patient.birth_date = Some(value.parse().ok()?),
            "age" => patient.age_years = Some(number()?),
            "device" => self.contents.device = Some(text()?),
            "high-pass hz" => filters.high_pass_hz = Some(number()?),
            "low-pass hz" => filters.low_pass_hz = Some(number()?),
            "notch hz" => filters.notch_hz = Some(number()?),
            _ => return self.take_marked(key, value),
        }
        Some(())
    }

    /// `origin LABEL: …` and `at 1.5 s: …`.
    fn take_marked(&mut self, key: &str, value: &str) -> Option<()> {
        if let Some(label) = key.strip_prefix("origin ") {
            self.origins.push((label.to_owned(), value.to_owned()));
            return Some(());
        }
        let onset_s = key
            .strip_prefix("at ")?
            .strip_suffix(" s")?
            .parse()
            .ok()
            .filter(|it: &f64| it.is_finite())?;
        self.contents.timed_notes.push(Note {
            onset_s,
            duration_s: None,
            text: value.to_owned(),
        });
        Some(())
    }
}

/// Names a cell for an error.
fn cell(line: u64, column: &str) -> String {
    format!("line {line}, column {}", quoted(column))
}
