//! P-sign: whether what a reader looks for survives the synthesis. Virtual patients of every
//! condition with leads off the chest, and recorded chest leads withheld in turn.

mod cases;
mod ridge;
mod sign;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{EvaluateError, LabelledExam, report::number};
use crate::ecg::LeadName;
use cases::{ExamCases, SignCase};
pub use sign::{Amplitude, LeadSign};

/// How truly one amplitude comes back in one group of exams.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct AmplitudeRow {
    /// A condition, a source of data, or `all`.
    pub group: String,
    /// A lead, or a group of leads.
    pub lead: String,
    /// Which amplitude.
    pub amplitude: Amplitude,
    /// Leads.
    pub n: usize,
    /// Correlation with the truth.
    pub r: Option<f64>,
    /// Mean of shown less true.
    pub bias: Option<f64>,
    /// Standard deviation of shown less true.
    pub sd: Option<f64>,
    /// Correlation of the cross-validated ridge, where it was made.
    pub bound_r: Option<f64>,
}

/// How often one sign is shown where it is, and where it is not.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SignRow {
    /// A condition, a source of data, or `all`.
    pub group: String,
    /// A lead, or a group of leads.
    pub lead: String,
    /// Which sign.
    pub sign: LeadSign,
    /// Leads.
    pub n: usize,
    /// Leads that have it.
    pub present: usize,
    /// Share of those that show it.
    pub sensitivity: Option<f64>,
    /// Share of the others that do not.
    pub specificity: Option<f64>,
    /// The greatest share of those that show it while 95 % of the others do not, the threshold
    /// moved.
    pub sensitivity_at_95: Option<f64>,
    /// The same of the cross-validated ridge, where it was made.
    pub bound_at_95: Option<f64>,
}

/// What P-sign found.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SignReport {
    /// Exams of virtual patients.
    pub virtual_patients: usize,
    /// Recordings of which each chest lead was withheld.
    pub recordings: usize,
    /// Amplitudes.
    pub amplitudes: Vec<AmplitudeRow>,
    /// Signs.
    pub signs: Vec<SignRow>,
}

/// Leads that are counted together.
const POOLS: [(&str, &[&str]); 4] = [
    ("high", &["V1@2ICS", "V2@2ICS", "V1@3ICS", "V2@3ICS"]),
    ("V7-V9", &["V7", "V8", "V9"]),
    ("V3R-V4R", &["V3R", "V4R"]),
    ("V7-V9, V3R-V4R", &["V7", "V8", "V9", "V3R", "V4R"]),
];

/// A value in truth, as shown, and by the ridge.
struct Triple {
    truth: f64,
    shown: f64,
    bound: Option<f64>,
}

/// Cases with the ridge's J and J + 60 ms beside.
struct Known<'a> {
    case: &'a SignCase,
    bound: [Option<f64>; 2],
}

/// `patients` of each condition whose name contains `label`, and `exams` with each chest lead
/// withheld in turn.
pub fn signs(
    exams: &[LabelledExam],
    patients: usize,
    label: &str,
) -> Result<SignReport, EvaluateError> {
    let drawn = cases::of_virtual_patients(patients, label);
    let recorded = cases::of_recordings(exams);
    if drawn.is_empty() && recorded.is_empty() {
        return Err(EvaluateError::Nothing("p-sign: no exam".into()));
    }
    let (mut amplitudes, mut signs) = (Vec::new(), Vec::new());
    for all in [with_bounds(&drawn), with_bounds(&recorded)] {
        for (group, lead, some) in parts(&all) {
            let names = (group.as_str(), lead.as_str());
            amplitudes.extend(Amplitude::ALL.map(|it| amplitude_row(names, it, &some)));
            signs.extend(LeadSign::ALL.map(|it| sign_row(names, it, &some)));
        }
    }
    Ok(SignReport {
        virtual_patients: drawn.len(),
        recordings: recorded.len(),
        amplitudes,
        signs,
    })
}

/// Each case with what a ridge on the recorded leads' beat makes of its J and J + 60 ms.
fn with_bounds(exams: &[ExamCases]) -> Vec<Known<'_>> {
    let mut all: Vec<Known> = exams
        .iter()
        .flat_map(|it| &it.cases)
        .map(|case| Known {
            case,
            bound: [None; 2],
        })
        .collect();
    let beats: BTreeMap<usize, &[f64]> = exams
        .iter()
        .filter(|it| !it.beat.is_empty())
        .filter_map(|it| Some((it.cases.first()?.exam, it.beat.as_slice())))
        .collect();
    for lead in cases::EXTRA.map(LeadName::parse) {
        for (which, amplitude) in [Amplitude::J, Amplitude::J60].into_iter().enumerate() {
            let rows: Vec<(usize, &[f64], f64)> = all
                .iter()
                .enumerate()
                .filter(|it| it.1.case.lead == lead)
                .filter_map(|(at, it)| {
                    let beat = beats.get(&it.case.exam)?;
                    Some((at, *beat, amplitude.of(&it.case.truth)?))
                })
                .collect();
            let beats: Vec<&[f64]> = rows.iter().map(|it| it.1).collect();
            let values: Vec<f64> = rows.iter().map(|it| it.2).collect();
            let found = ridge::cross_validated(&beats, &values).unwrap_or_default();
            for ((at, ..), value) in rows.into_iter().zip(found) {
                all[at].bound[which] = Some(value);
            }
        }
    }
    all
}

/// All groups and leads, single and together.
fn parts<'a>(all: &'a [Known<'a>]) -> Vec<(String, String, Vec<&'a Known<'a>>)> {
    let mut found: BTreeMap<(String, String), Vec<&Known>> = BTreeMap::new();
    for it in all {
        let lead = it.case.lead.to_string();
        let pools = POOLS.iter().filter(|pool| pool.1.contains(&lead.as_str()));
        let leads: Vec<String> = pools
            .map(|pool| pool.0.to_owned())
            .chain([lead.clone(), "each".to_owned()])
            .collect();
        for lead in leads {
            for group in ["all", &it.case.group] {
                let key = (group.to_owned(), lead.clone());
                found.entry(key).or_default().push(it);
            }
        }
    }
    let found = found.into_iter();
    found.map(|((group, lead), it)| (group, lead, it)).collect()
}

fn amplitude_row(
    (group, lead): (&str, &str),
    amplitude: Amplitude,
    cases: &[&Known],
) -> AmplitudeRow {
    let triple = |it: &&Known| {
        Some(Triple {
            truth: amplitude.of(&it.case.truth)?,
            shown: amplitude.of(&it.case.shown)?,
            bound: match amplitude {
                Amplitude::J => it.bound[0],
                Amplitude::J60 => it.bound[1],
                _ => None,
            },
        })
    };
    let all: Vec<Triple> = cases.iter().filter_map(triple).collect();
    let n = all.len() as f64;
    let mean = (!all.is_empty()).then(|| all.iter().map(|it| it.shown - it.truth).sum::<f64>() / n);
    let square = |mean: f64| {
        let squares = all.iter().map(|it| (it.shown - it.truth - mean).powi(2));
        (squares.sum::<f64>() / n).sqrt()
    };
    let bounds: Option<Vec<(f64, f64)>> =
        all.iter().map(|it| Some((it.truth, it.bound?))).collect();
    let pairs: Vec<(f64, f64)> = all.iter().map(|it| (it.truth, it.shown)).collect();
    AmplitudeRow {
        group: group.to_owned(),
        lead: lead.to_owned(),
        amplitude,
        n: all.len(),
        r: correlation(&pairs),
        bias: mean,
        sd: mean.map(square),
        bound_r: bounds.and_then(|it| correlation(&it)),
    }
}

fn sign_row((group, lead): (&str, &str), sign: LeadSign, cases: &[&Known]) -> SignRow {
    let threshold = sign.threshold_uv();
    let bound = |it: &Known| match sign {
        LeadSign::JAbove200 | LeadSign::BrugadaType1 => it.bound[0],
        LeadSign::StAbove50 | LeadSign::StAbove100 | LeadSign::StAbove200 => it.bound[1],
        LeadSign::StBelow100 => it.bound[1].map(|uv| -uv),
        _ => None,
    };
    let triple = |it: &&Known| {
        Some(Triple {
            truth: sign.shown_uv(&it.case.truth)?,
            shown: sign.shown_uv(&it.case.shown)?,
            bound: bound(it),
        })
    };
    let all: Vec<Triple> = cases.iter().filter_map(triple).collect();
    let (with, without): (Vec<&Triple>, Vec<&Triple>) =
        all.iter().partition(|it| threshold <= it.truth);
    let share = |some: &[&Triple], of: &dyn Fn(&Triple) -> bool| {
        let count = some.iter().filter(|it| of(it)).count();
        (!some.is_empty()).then(|| count as f64 / some.len() as f64)
    };
    let shown = |it: &Triple| Some(it.shown);
    let by_ridge = |it: &Triple| it.bound;
    SignRow {
        group: group.to_owned(),
        lead: lead.to_owned(),
        sign,
        n: all.len(),
        present: with.len(),
        sensitivity: share(&with, &|it| threshold <= it.shown),
        specificity: share(&without, &|it| it.shown < threshold),
        sensitivity_at_95: at_95(&with, &without, &shown),
        bound_at_95: at_95(&with, &without, &by_ridge),
    }
}

/// Share of `with` above the lowest threshold that 95 % of `without` stay below.
fn at_95(
    with: &[&Triple],
    without: &[&Triple],
    value: &dyn Fn(&Triple) -> Option<f64>,
) -> Option<f64> {
    let mut others: Vec<f64> = without
        .iter()
        .map(|it| value(it))
        .collect::<Option<Vec<_>>>()?;
    others.sort_unstable_by(f64::total_cmp);
    let below = (0.95 * others.len() as f64).ceil() as usize;
    let highest = *others.get(below.checked_sub(1)?)?;
    let found: Vec<f64> = with.iter().map(|it| value(it)).collect::<Option<_>>()?;
    let above = found.iter().filter(|it| highest < **it).count();
    (!found.is_empty()).then(|| above as f64 / found.len() as f64)
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (a, b) = pairs
        .iter()
        .fold((0.0, 0.0), |sum, it| (sum.0 + it.0 / n, sum.1 + it.1 / n));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        ab += (x - a) * (y - b);
        aa += (x - a).powi(2);
        bb += (y - b).powi(2);
    }
    Some(ab / (aa * bb).sqrt()).filter(|it| 2 < pairs.len() && it.is_finite())
}

impl SignReport {
    /// Tables in words: all virtual patients and recordings, and single conditions where the sign
    /// is theirs.
    pub fn words(&self) -> String {
        let mut out = format!(
            "p-sign: {} virtual patients of every condition, {} recordings; high-pass 0.5 Hz, learned from the first 5 s, median beat of the last 5 s\n\n{:22}{:18}{:10}{:>5}{:>8}{:>8}{:>8}{:>9}\n",
            self.virtual_patients,
            self.recordings,
            "group",
            "lead",
            "amplitude",
            "n",
            "r",
            "bias",
            "SD",
            "bound r"
        );
        for it in self.amplitudes.iter().filter(|it| 3 <= it.n) {
            let amplitude = format!("{:?}", it.amplitude);
            out += &format!(
                "{:22}{:18}{amplitude:10}{:>5}{:>8}{:>8}{:>8}{:>9}\n",
                it.group,
                it.lead,
                it.n,
                number(it.r, 2),
                number(it.bias, 0),
                number(it.sd, 0),
                number(it.bound_r, 2)
            );
        }
        out += &format!(
            "\n{:22}{:18}{:16}{:>6}{:>8}{:>7}{:>7}{:>10}{:>10}\n",
            "group", "lead", "sign", "n", "present", "Se %", "Sp %", "Se at 95", "bound"
        );
        let percent = |it: Option<f64>| number(it.map(|it| 100.0 * it), 0);
        for it in self.signs.iter().filter(|it| 0 < it.present) {
            let sign = format!("{:?}", it.sign);
            out += &format!(
                "{:22}{:18}{sign:16}{:>6}{:>8}{:>7}{:>7}{:>10}{:>10}\n",
                it.group,
                it.lead,
                it.n,
                it.present,
                percent(it.sensitivity),
                percent(it.specificity),
                percent(it.sensitivity_at_95),
                percent(it.bound_at_95)
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_that_one_in_twenty_passes() {
        let triple = |shown: f64| Triple {
            truth: 0.0,
            shown,
            bound: None,
        };
        let without: Vec<Triple> = (1..=20).map(|it| triple(f64::from(it))).collect();
        let with = [triple(19.0), triple(19.5), triple(40.0), triple(3.0)];
        let (with, without): (Vec<&Triple>, Vec<&Triple>) =
            (with.iter().collect(), without.iter().collect());
        assert_eq!(at_95(&with, &without, &|it| Some(it.shown)), Some(0.5));
        assert_eq!(at_95(&with, &without, &|it| it.bound), None);
        assert_eq!(at_95(&with, &[], &|it| Some(it.shown)), None);
    }

    /// Two virtual patients of each condition: rows for each lead and pool, what is shown is
    /// correlated with the truth, and no bound is given of so few.
    #[test]
    fn signs_of_virtual_patients() {
        let report = signs(&[], 2, "").unwrap();
        let found = |group: &str, lead: &str, amplitude| {
            let mut rows = report.amplitudes.iter();
            rows.find(|it| it.group == group && it.lead == lead && it.amplitude == amplitude)
                .unwrap()
        };
        let right = found("all", "V3R-V4R", Amplitude::J60);
        assert!(
            0.6 < right.r.unwrap() && right.bound_r.is_none(),
            "{right:?}"
        );
        assert_eq!(found("lbbb", "V8", Amplitude::R).n, 2);
        assert!(report.words().contains("BrugadaType1"));
        assert!(signs(&[], 0, "").is_err());
        let one = signs(&[], 2, "lbbb").unwrap();
        let of_others = |it: &AmplitudeRow| !["all", "lbbb"].contains(&it.group.as_str());
        assert!(one.virtual_patients == 2 && !one.amplitudes.iter().any(of_others));
    }
}
