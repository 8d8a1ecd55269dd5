//! What an evaluation found, and its tables in words.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{MeasureSpreads, Method, Protocol, Results, Spread, method::METHODS, offset::OFF_DEG};

/// Exams left out that are named in words.
const MOST_SKIPPED: usize = 5;

/// What an evaluation found.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Report {
    /// Name of the protocol.
    pub protocol: &'static str,
    /// Filter that both the inputs and the truth went through.
    pub filter: String,
    /// Interference on what was recorded; what is scored against is clean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<String>,
    /// Exams scored.
    pub n_records: usize,
    /// Other patients that the population's linear map was fitted on.
    pub n_population: usize,
    /// Results by method: `model`, `zero`, `population_linear`, `own_linear`, and others.
    #[serde(flatten)]
    pub methods: BTreeMap<&'static str, Results>,
    /// PSNR by group of diseases and method, where labels name any: each exam's mean over its
    /// leads.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub diseases: BTreeMap<&'static str, BTreeMap<&'static str, Spread>>,
    /// PSNR by source of data and method, where an index names sources: each exam's mean over its
    /// leads.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, BTreeMap<&'static str, Spread>>,
    /// Exams left out, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// The same without a filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Box<Report>>,
    /// The same without a gain of its own for each lead, where the protocol allows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_gain: Option<Box<Report>>,
}

impl Report {
    /// A table in words: high-pass and raw beside each other, the paper's figures below.
    pub fn words(&self, protocol: Protocol) -> String {
        let mut out = format!(
            "{}: {}\n{} records, {}",
            self.protocol,
            protocol.words(),
            self.n_records,
            self.filter
        );
        out.extend(self.noise.iter().map(|it| format!("; {it}")));
        out += "; scored on the last 5 s, calibrated on the first 5 s; dB is PSNR over the exam's range\n\n";
        out += &self.method_rows();
        out += &self.lead_rows();
        out += &self.all_lead_rows();
        out += &self.gain_rows();
        out += &self.group_rows("dB by disease", &self.diseases);
        if 1 < self.sources.len() {
            out += &self.group_rows("dB by source", &self.sources);
        }
        if protocol == Protocol::Offset {
            out += &self.restored();
        }
        for (what, psnr, ssim) in protocol.paper() {
            let _ = writeln!(
                out,
                "\npaper, {what}: {psnr:.2} dB, SSIM {ssim:.3} (another split; no filter stated)"
            );
        }
        if matches!(protocol, Protocol::Unseen | Protocol::UnseenSix) {
            out += "\nThe ensemble behind field_prior was weighed on all leads of other patients; field_as_drawn and the model's weights never saw V2 or V6.\n";
        }
        for it in self.skipped.iter().take(MOST_SKIPPED) {
            let _ = writeln!(out, "left out: {it}");
        }
        if MOST_SKIPPED < self.skipped.len() {
            let more = self.skipped.len() - MOST_SKIPPED;
            let _ = writeln!(out, "and {more} more, all named in --json");
        }
        out
    }

    /// A row for each method, the four measures over all leads.
    fn method_rows(&self) -> String {
        let mut out = format!(
            "{:24}{:>8}{:>8}{:>8}{:>8}{:>9}{:>8}{:>10}\n",
            "method", "dB", "median", "p5", "SSIM", "RMSE µV", "r", "raw dB"
        );
        for (key, results) in self.in_order() {
            let raw = self.raw.as_ref().and_then(|it| it.methods.get(key));
            let raw = number(raw.and_then(|it| it.overall.psnr_db.mean), 2);
            let _ = writeln!(out, "{key:24}{}{raw:>10}", row(&results.overall));
        }
        out
    }

    /// A line for each method, lead by lead or group by group.
    fn lead_rows(&self) -> String {
        let mut out = String::new();
        for (key, results) in self.in_order() {
            let parts = if results.groups.is_empty() {
                &results.leads
            } else {
                &results.groups
            };
            let cell = |(name, it): (&String, &MeasureSpreads)| {
                let (db, uv) = (number(it.psnr_db.mean, 1), number(it.rmse_uv.mean, 0));
                format!("{name} {db} ({uv})")
            };
            let cells: Vec<String> = parts.iter().map(cell).collect();
            let _ = writeln!(out, "\n{key}, dB (µV): {}", cells.join("  "));
        }
        out
    }

    /// A line for each method over all leads that the paper asks for.
    fn all_lead_rows(&self) -> String {
        let mut out = String::new();
        for (key, results) in self.in_order() {
            let Some(all) = &results.all_leads else {
                continue;
            };
            let (db, ssim) = (number(all.psnr_db.mean, 2), number(all.ssim.mean, 3));
            let _ = writeln!(
                out,
                "\n{key}, all leads that the paper asks for, {} of them exact by algebra: {db} dB of their mean square error, SSIM {ssim}",
                all.exact
            );
        }
        out
    }

    /// A line for each method without a gain of its own for each lead.
    fn gain_rows(&self) -> String {
        let Some(as_it_is) = &self.without_gain else {
            return String::new();
        };
        let mut out = String::new();
        for (key, results) in as_it_is.in_order() {
            let db = number(results.overall.psnr_db.mean, 2);
            let _ = writeln!(out, "\n{key} without a gain for each lead: {db} dB");
        }
        out
    }

    /// A row for each group of exams, a column for each method.
    fn group_rows<K: std::fmt::Display>(
        &self,
        title: &str,
        groups: &BTreeMap<K, BTreeMap<&'static str, Spread>>,
    ) -> String {
        if groups.is_empty() {
            return String::new();
        }
        let methods: Vec<&str> = self.in_order().into_iter().map(|it| it.0).collect();
        let mut out = format!("\n{title:28}{:>4}", "n");
        methods.iter().for_each(|it| {
            let _ = write!(out, "{it:>20}");
        });
        for (group, by_method) in groups {
            let n = by_method.values().map(|it| it.n).max().unwrap_or(0);
            let _ = write!(out, "\n{group:28}{n:>4}");
            for method in &methods {
                let mean = by_method.get(method).and_then(|it| it.mean);
                let _ = write!(out, "{:>20}", number(mean, 2));
            }
        }
        out + "\n"
    }

    /// P-offset: how much of the loss each search brings back.
    fn restored(&self) -> String {
        let mean = |it: Method| self.methods.get(it.key())?.overall.psnr_db.mean;
        let mut out = String::new();
        for degrees in OFF_DEG.into_iter().skip(1) {
            let found = (
                mean(Method::Shifted(0)),
                mean(Method::Shifted(degrees)),
                mean(Method::ShiftSearch(degrees)),
            );
            let (Some(right), Some(before), Some(after)) = found else {
                continue;
            };
            let share = 100.0 * (after - before) / (right - before);
            let _ = writeln!(
                out,
                "\n{degrees} degrees off: {:.2} dB lost, {share:.0} % of it restored by calibration",
                right - before
            );
        }
        out
    }

    fn in_order(&self) -> Vec<(&'static str, &Results)> {
        let order = METHODS.iter().map(|it| it.key());
        order
            .filter_map(|key| Some((key, self.methods.get(key)?)))
            .collect()
    }
}

fn row(it: &MeasureSpreads) -> String {
    let psnr = it.psnr_db;
    let cells = [
        (psnr.mean, 2, 8),
        (psnr.median, 2, 8),
        (psnr.p5, 2, 8),
        (it.ssim.mean, 3, 8),
        (it.rmse_uv.mean, 1, 9),
        (it.r.mean, 3, 8),
    ];
    cells
        .iter()
        .map(|(value, digits, width)| {
            format!("{:>width$}", number(*value, *digits), width = *width)
        })
        .collect()
}

pub(super) fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or("–".into(), |it| format!("{it:.digits$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ecg::LeadName, evaluate::score::tests::score};

    #[test]
    fn methods_come_in_order_and_the_paper_below() {
        let results = Results::of(&[vec![(LeadName::V2, score(31.0))]], |_| None);
        let both = [("zero", results.clone()), ("model", results)];
        let report = Report {
            protocol: "p-unseen",
            filter: "high-pass 0.5 Hz".into(),
            noise: None,
            n_records: 1,
            n_population: 0,
            methods: both.into(),
            diseases: BTreeMap::new(),
            sources: BTreeMap::new(),
            skipped: (0..7).map(|it| format!("exam {it}")).collect(),
            raw: None,
            without_gain: None,
        };
        let words = report.words(Protocol::Unseen);
        let at = |what: &str| {
            words
                .find(what)
                .unwrap_or_else(|| panic!("{what}: {words}"))
        };
        assert!(at("\nmodel ") < at("\nzero ") && at("\nzero ") < at("paper, NEF-NET v2"));
        assert!(at("left out: exam 4") < at("and 2 more") && !words.contains("exam 5"));
        assert!(words.contains("model, dB (µV): V2 31.0 (50)"));
    }
}
