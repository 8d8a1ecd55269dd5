//! The import report: what a file held, what was taken from it, and what was not.

use jiff::civil::DateTime;
use serde::Serialize;

use super::{Caution, Exam, Measurement};
use crate::ecg::{Filters, LeadName};

/// What a file held and what became of it. Serialises to JSON; [`ImportReport::words`] says the
/// same in sentences.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ImportReport {
    /// The file, as the caller named it.
    pub file: String,
    /// Format and version, such as "EDF+C".
    pub format: String,
    /// Local time of the first sample of the file.
    pub start: Option<DateTime>,
    /// Seconds of the whole file.
    pub duration_s: f64,
    /// First second that was read.
    pub window_start_s: f64,
    /// Seconds that were read.
    pub window_s: f64,
    /// Samples per second of the leads.
    pub rate_hz: f64,
    /// The leads taken from the file.
    pub leads: Vec<LeadReport>,
    /// Leads computed exactly from I and II.
    pub derived: Vec<LeadName>,
    /// Standard leads that are neither in the file nor follow from it.
    pub missing: Vec<LeadName>,
    /// Signals that were not taken, and why.
    pub left_out: Vec<LeftOut>,
    /// Filters that the file states.
    pub filters: Filters,
    /// Stretches that were not recorded; the first hundred.
    pub gaps: Vec<Gap>,
    /// Comments and annotations that came along.
    pub notes: usize,
    /// Repairs and doubts.
    pub warnings: Vec<String>,
    /// All exams of the file; empty where the format holds one.
    pub exams: Vec<Exam>,
    /// The one that was read, of those.
    pub exam: usize,
    /// Recording device and its software, as the file states them.
    pub device: Option<String>,
    /// What the device itself measured.
    pub cart: Vec<Measurement>,
    /// What lowers the worth of the recording for diagnosis.
    pub cautions: Vec<Caution>,
}

/// One lead of the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadReport {
    /// The name it goes by here.
    pub name: LeadName,
    /// The name in the file.
    pub found_as: String,
    /// Measured, derived or synthesised, as the file says.
    pub origin: &'static str,
    /// Unit in the file.
    pub unit: String,
    /// Microvolts per step of the file's integers.
    pub step_uv: Option<f64>,
    /// Lowest value read, mV.
    pub min_mv: Option<f32>,
    /// Highest value read, mV.
    pub max_mv: Option<f32>,
    /// Mean of the values read, mV.
    pub mean_mv: Option<f32>,
    /// Samples not recorded.
    pub missing_samples: usize,
    /// Samples at a limit of the file's range or on a plateau at an extreme.
    pub clipped_samples: usize,
    /// Seconds of the longest stretch of one value, where that is a second or more.
    pub flat_s: Option<f64>,
    /// The file's words on filtering.
    pub prefilter: String,
}

/// A signal that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its name in the file.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// A stretch that was not recorded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// Where; `None`: in every lead.
    pub lead: Option<LeadName>,
    /// Seconds from the first sample read.
    pub start_s: f64,
    /// Its length.
    pub seconds: f64,
}

impl ImportReport {
    /// The report in sentences, one per line.
    pub fn words(&self) -> Vec<String> {
        // Where identity is hidden there is no name.
        let file = match self.file.as_str() {
            "" => String::new(),
            name => format!("{name}: "),
        };
        let mut out = vec![format!(
            "{file}{}, {} at {} Hz",
            self.format,
            seconds(self.duration_s),
            self.rate_hz
        )];
        if self.window_s + 0.5 / self.rate_hz.max(1.0) < self.duration_s {
            out.push(format!(
                "read from {} s for {}",
                tidy(self.window_start_s),
                seconds(self.window_s)
            ));
        }
        out.push(self.start.map_or_else(
            || "start time not stated".to_owned(),
            |it| format!("started {it} local time"),
        ));
        out.push(format!(
            "leads: {}",
            self.leads
                .iter()
                .map(lead_words)
                .collect::<Vec<_>>()
                .join(", ")
        ));
        out.push(format!("units: {}", self.unit_words()));
        out.extend(list("derived from I and II", &self.derived));
        out.extend(list("missing", &self.missing));
        out.push(format!("filters: {}", filter_words(&self.filters)));
        out.extend(self.device.iter().map(|it| format!("device: {it}")));
        out.extend(self.exam_words());
        out.extend(self.cart_words());
        out.extend(self.cautions.iter().map(|it| format!("caution: {it}")));
        out.extend(
            self.left_out
                .iter()
                .map(|it| format!("left out: {} ({})", it.name, it.reason)),
        );
        out.extend(self.leads.iter().flat_map(trouble));
        out.extend(self.gaps.iter().take(5).map(gap_words));
        out.extend((5 < self.gaps.len()).then(|| format!("{} more gaps", self.gaps.len() - 5)));
        out.extend((0 < self.notes).then(|| format!("{} comments and annotations", self.notes)));
        out.extend(self.warnings.iter().map(|it| format!("warning: {it}")));
        out
    }

    /// The exams of the file, the one that was read marked.
    fn exam_words(&self) -> Vec<String> {
        let listed = self
            .exams
            .iter()
            .enumerate()
            .filter(|_| 1 < self.exams.len());
        listed
            .map(|(idx, exam)| {
                let mark = if idx == self.exam { ", read here" } else { "" };
                format!(
                    "exam {}: {}, {} signals, {} at {} Hz{mark}",
                    idx + 1,
                    exam.name,
                    exam.n_signals,
                    seconds(exam.duration_s),
                    exam.rate_hz
                )
            })
            .collect()
    }

    fn cart_words(&self) -> Option<String> {
        let values: Vec<String> = self
            .cart
            .iter()
            .map(|it| {
                let (symbol, unit) = (it.quantity.symbol(), it.quantity.unit());
                let blank = if unit == "ms" { " " } else { "" };
                format!("{symbol} {}{blank}{unit}", tidy(it.value))
            })
            .collect();
        (!values.is_empty()).then(|| format!("the cart says: {}", values.join(", ")))
    }

    fn unit_words(&self) -> String {
        let mut seen: Vec<String> = Vec::new();
        for it in &self.leads {
            let step = it
                .step_uv
                .map_or_else(String::new, |step| format!(", {} µV per step", tidy(step)));
            let words = format!("{}{step}", it.unit);
            if !seen.contains(&words) {
                seen.push(words);
            }
        }
        seen.join("; ")
    }
}

fn lead_words(it: &LeadReport) -> String {
    let origin = if it.origin == "measured" {
        String::new()
    } else {
        format!(" [{}]", it.origin)
    };
    let found = if it.found_as == it.name.to_string() {
        String::new()
    } else {
        format!(" (from \"{}\")", it.found_as)
    };
    format!("{}{found}{origin}", it.name)
}

fn list(what: &str, names: &[LeadName]) -> Option<String> {
    (!names.is_empty()).then(|| {
        format!(
            "{what}: {}",
            names
                .iter()
                .map(LeadName::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        )
    })
}

fn filter_words(filters: &Filters) -> String {
    match filters.words() {
        words if words.is_empty() => "none stated in the file".to_owned(),
        words => format!("{words} (as the file states)"),
    }
}

fn trouble(it: &LeadReport) -> Vec<String> {
    let flat = it
        .flat_s
        .map(|flat| format!("{}: flat for {}", it.name, seconds(flat)));
    let clipped = (0 < it.clipped_samples)
        .then(|| format!("{}: {} samples clipped", it.name, it.clipped_samples));
    flat.into_iter().chain(clipped).collect()
}

fn gap_words(it: &Gap) -> String {
    let lead = it
        .lead
        .as_ref()
        .map_or_else(|| "every lead".to_owned(), LeadName::to_string);
    format!(
        "gap: {lead}, {} from {} s",
        seconds(it.seconds),
        tidy(it.start_s)
    )
}

fn seconds(value: f64) -> String {
    if value < 3600.0 {
        format!("{} s", tidy(value))
    } else {
        format!(
            "{} h ({} s)",
            tidy((value / 36.0).round() / 100.0),
            tidy(value)
        )
    }
}

/// Up to four decimals.
fn tidy(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
