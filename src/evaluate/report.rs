//! Scores and their tables.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Method, Protocol, method::METHODS, offset::OFF_DEG};
use crate::{
    ecg::LeadName,
    signal::metrics::{ValueRange, correlation, psnr_db, rmse_uv, ssim},
};

/// Exams left out that are named in words.
const MOST_SKIPPED: usize = 5;

/// How close one estimate is to one recorded lead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Peak signal-to-noise ratio, the peak being the range of the twelve leads in the
    /// scored seconds, dB.
    pub psnr_db: f64,
    /// Structural similarity.
    pub ssim: f64,
    /// Root mean square error, µV.
    pub rmse_uv: f64,
    /// Pearson's correlation.
    pub r: f64,
}

impl Score {
    pub(super) fn of(truth_mv: &[f32], estimate_mv: &[f32], range: &ValueRange) -> Self {
        Self {
            psnr_db: psnr_db(truth_mv, estimate_mv, range),
            ssim: ssim(truth_mv, estimate_mv, range),
            rmse_uv: rmse_uv(truth_mv, estimate_mv),
            r: correlation(truth_mv, estimate_mv),
        }
    }
}

/// Mean, median and fifth percentile over records. `null` where nothing could be measured.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Spread {
    /// Values that went in.
    pub n: usize,
    /// Mean.
    pub mean: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Fifth percentile: the worst records.
    pub p5: Option<f64>,
}

impl Spread {
    /// Of the finite values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut finite: Vec<f64> = values.into_iter().filter(|it| it.is_finite()).collect();
        finite.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (finite.len().checked_sub(1)?) as f64;
            let (low, high) = (
                finite[place.floor() as usize],
                finite[place.ceil() as usize],
            );
            Some(low + place.fract() * (high - low))
        };
        let mean = (!finite.is_empty()).then(|| finite.iter().sum::<f64>() / finite.len() as f64);
        Self {
            n: finite.len(),
            mean,
            median: at(0.5),
            p5: at(0.05),
        }
    }
}

/// The four measures.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct MeasureSpreads {
    /// dB.
    pub psnr_db: Spread,
    /// 0 to 1.
    pub ssim: Spread,
    /// µV.
    pub rmse_uv: Spread,
    /// −1 to 1.
    pub r: Spread,
}

impl MeasureSpreads {
    fn of(scores: &[Score]) -> Self {
        let of = |value: fn(&Score) -> f64| Spread::of(scores.iter().map(value));
        Self {
            psnr_db: of(|it| it.psnr_db),
            ssim: of(|it| it.ssim),
            rmse_uv: of(|it| it.rmse_uv),
            r: of(|it| it.r),
        }
    }
}

/// One method's results.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Results {
    /// Over records, each the mean over its leads.
    #[serde(flatten)]
    pub overall: MeasureSpreads,
    /// Over records, lead by lead.
    pub leads: BTreeMap<String, MeasureSpreads>,
    /// The same over groups of leads, where the protocol has groups.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, MeasureSpreads>,
    /// The same over all leads that the paper asks for, III, aVR, aVL and aVF among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all_leads: Option<AllLeads>,
}

/// Over all leads that the paper asks for. The four limb leads among them follow from I and II
/// without error, so that they have no dB of their own: dB is of the mean square over all leads.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct AllLeads {
    /// Leads that are exact.
    pub exact: usize,
    /// dB, of the mean square error over all leads of a record.
    pub psnr_db: Spread,
    /// 0 to 1, 1 for an exact lead.
    pub ssim: Spread,
}

impl AllLeads {
    fn of(records: &[RecordScores], exact: usize) -> Self {
        let n = |record: &RecordScores| (record.len() + exact) as f64;
        let psnr_db = |record: &RecordScores| {
            let squares = record.iter().map(|it| 10f64.powf(-it.1.psnr_db / 10.0));
            -10.0 * (squares.sum::<f64>() / n(record)).log10()
        };
        let ssim = |record: &RecordScores| {
            let sum: f64 = record.iter().map(|it| it.1.ssim).sum();
            (sum + exact as f64) / n(record)
        };
        Self {
            exact,
            psnr_db: Spread::of(records.iter().map(psnr_db)),
            ssim: Spread::of(records.iter().map(ssim)),
        }
    }
}

/// One record's scores by one method.
pub(super) type RecordScores = Vec<(LeadName, Score)>;

impl Results {
    pub(super) fn of(
        records: &[RecordScores],
        group: impl Fn(&LeadName) -> Option<&'static str>,
    ) -> Self {
        let means: Vec<Score> = records
            .iter()
            .filter_map(|it| mean(it.iter().map(|it| it.1)))
            .collect();
        let mut by_lead: BTreeMap<String, Vec<Score>> = BTreeMap::new();
        let mut by_group: BTreeMap<String, Vec<Score>> = BTreeMap::new();
        for record in records {
            let mut of_record: BTreeMap<&str, Vec<Score>> = BTreeMap::new();
            for (name, score) in record {
                by_lead.entry(name.to_string()).or_default().push(*score);
                if let Some(group) = group(name) {
                    of_record.entry(group).or_default().push(*score);
                }
            }
            for (group, scores) in of_record {
                by_group
                    .entry(group.to_owned())
                    .or_default()
                    .extend(mean(scores.into_iter()));
            }
        }
        let measured = |it: BTreeMap<String, Vec<Score>>| {
            it.into_iter()
                .map(|(name, it)| (name, MeasureSpreads::of(&it)))
                .collect()
        };
        Self {
            overall: MeasureSpreads::of(&means),
            leads: measured(by_lead),
            groups: measured(by_group),
            all_leads: None,
        }
    }

    /// The same with all leads that the paper asks for, `exact` of which follow without error.
    pub(super) fn counting(self, records: &[RecordScores], exact: usize) -> Self {
        let all_leads = (0 < exact).then(|| AllLeads::of(records, exact));
        Self { all_leads, ..self }
    }
}

fn mean(scores: impl Iterator<Item = Score>) -> Option<Score> {
    let all: Vec<Score> = scores.collect();
    let of = |value: fn(&Score) -> f64| Spread::of(all.iter().map(value)).mean.unwrap_or(f64::NAN);
    (!all.is_empty()).then(|| Score {
        psnr_db: of(|it| it.psnr_db),
        ssim: of(|it| it.ssim),
        rmse_uv: of(|it| it.rmse_uv),
        r: of(|it| it.r),
    })
}

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

    fn score(psnr_db: f64) -> Score {
        Score {
            psnr_db,
            ssim: 0.9,
            rmse_uv: 50.0,
            r: 0.8,
        }
    }

    #[test]
    fn spreads_interpolate_and_leave_out_what_is_no_number() {
        let found = Spread::of([4.0, f64::NAN, 1.0, 2.0, 3.0, f64::INFINITY]);
        assert_eq!(
            (found.n, found.mean, found.median),
            (4, Some(2.5), Some(2.5))
        );
        assert!(
            (found.p5.unwrap() - 1.15).abs() < 1e-12,
            "a twentieth of the way from 1 to 4"
        );
        let nothing = Spread::of([]);
        assert_eq!((nothing.n, nothing.mean, nothing.p5), (0, None, None));
    }

    /// A record counts once however many leads it has; a lead and a group over the records that have
    /// it.
    #[test]
    fn results_are_means_of_records() {
        let records = [
            vec![(LeadName::V1, score(10.0)), (LeadName::V2, score(20.0))],
            vec![(LeadName::V1, score(30.0))],
        ];
        let group = |name: &LeadName| (*name == LeadName::V2).then_some("front");
        let found = Results::of(&records, group);
        assert_eq!(found.overall.psnr_db.mean, Some(22.5));
        assert_eq!(found.leads["V1"].psnr_db.mean, Some(20.0));
        assert_eq!(
            (found.groups.len(), found.groups["front"].psnr_db.n),
            (1, 1)
        );
    }

    /// Two leads of 20 and 40 dB and two exact ones: mean square (1e-2 + 1e-4) / 4.
    #[test]
    fn exact_leads_count_in_the_mean_square() {
        let records = [vec![
            (LeadName::V1, score(20.0)),
            (LeadName::V2, score(40.0)),
        ]];
        let all = AllLeads::of(&records, 2);
        assert!((all.psnr_db.mean.unwrap() - 25.977_392).abs() < 1e-5);
        assert!((all.ssim.mean.unwrap() - 0.95).abs() < 1e-12);
    }

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
