//! P-error: whether the errors that are stated are true, and whether grades order them. By source of
//! data and group of leads, by grade, by tenth of what was stated.

use serde::Serialize;

use super::{
    EvaluateError, LabelledExam,
    each::each,
    report::number,
    stated_leads::{N, StatedError, of_recording, of_virtual_patient},
};
use crate::{
    ecg::N_PHASES,
    phantom::Condition,
    reliability::Grade,
    synth::{GROUP_NAMES, N_GROUPS},
};

/// How true the errors are that are stated for one group of leads of one source.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct TruthOfErrors {
    /// Where the exams come from.
    pub source: String,
    /// Group of leads.
    pub group: String,
    /// Leads.
    pub n: usize,
    /// Median of the true error over all waves, µV.
    pub true_uv: f64,
    /// Median of what was stated, µV.
    pub stated_uv: f64,
    /// Share at most as stated in QRS, ST, T, between the beats and over all.
    pub as_stated: [f64; N],
    /// Share more than twice as stated, likewise.
    pub twice: [f64; N],
    /// Share of samples inside the 90 % band in QRS, ST, T and the rest.
    pub inside: [f64; N_PHASES],
    /// Spearman's rank correlation of stated and true error over all waves.
    pub ordering: Option<f64>,
}

/// True errors of the leads of one grade or one tenth.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ErrorsOf {
    /// Where the exams come from.
    pub source: String,
    /// The grade, or which tenth of the stated errors.
    pub of: String,
    /// Leads.
    pub n: usize,
    /// Median of the stated error, µV.
    pub stated_uv: f64,
    /// Median of the true error over all waves, µV.
    pub true_uv: f64,
    /// Median of the true error in QRS, ST and T, µV.
    pub by_wave_uv: [f64; 3],
}

/// What P-error found.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct StatedReport {
    /// By source and group of leads.
    pub groups: Vec<TruthOfErrors>,
    /// By source and grade.
    pub grades: Vec<ErrorsOf>,
    /// By source and tenth of the stated error.
    pub tenths: Vec<ErrorsOf>,
}

/// Each chest lead of `exams` withheld in turn, or shown in the first seconds only; Frank's leads
/// where they have them; and `patients` virtual patients of each condition.
pub fn stated_errors(
    exams: &[LabelledExam],
    patients: usize,
) -> Result<StatedReport, EvaluateError> {
    let recorded = each(exams.len(), |at| of_recording(&exams[at]));
    let drawn = each(patients * Condition::ALL.len(), |at| {
        of_virtual_patient(at).unwrap_or_default()
    });
    let all: Vec<StatedError> = recorded.into_iter().chain(drawn).flatten().collect();
    if all.is_empty() {
        return Err(EvaluateError::Nothing("p-error: no exam".into()));
    }
    Ok(StatedReport {
        groups: truth_of_errors(&all),
        grades: by_grade(&all),
        tenths: by_tenth(&all),
    })
}

/// One row for each group of leads of each source.
pub fn truth_of_errors(all: &[StatedError]) -> Vec<TruthOfErrors> {
    let of = |source: &str, group: usize| {
        let those = all.iter();
        let those: Vec<&StatedError> = those
            .filter(|it| it.source == source && it.group == group)
            .collect();
        (!those.is_empty()).then(|| row(source, group, &those))
    };
    let groups = |source: &str| {
        (0..N_GROUPS)
            .filter_map(|group| of(source, group))
            .collect()
    };
    sources(all)
        .iter()
        .flat_map(|source| -> Vec<TruthOfErrors> { groups(source) })
        .collect()
}

/// In the order in which they come.
fn sources(all: &[StatedError]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for it in all {
        if !out.contains(&it.source) {
            out.push(it.source.clone());
        }
    }
    out
}

fn row(source: &str, group: usize, cases: &[&StatedError]) -> TruthOfErrors {
    let share = |which: usize, of: &dyn Fn(f64, f64) -> bool| {
        let known = cases
            .iter()
            .map(|it| (it.true_uv[which], it.stated_uv[which]));
        let known: Vec<(f64, f64)> = known.filter(|it| it.0.is_finite()).collect();
        let count = known.iter().filter(|it| of(it.0, it.1)).count();
        count as f64 / known.len().max(1) as f64
    };
    let inside = |wave: usize| {
        let sums = cases.iter().fold((0.0, 0.0), |sum, it| {
            (sum.0 + it.inside[wave].0, sum.1 + it.inside[wave].1)
        });
        sums.0 / f64::max(sums.1, 1.0)
    };
    let of = |value: fn(&StatedError) -> f64| cases.iter().map(|it| value(it)).collect::<Vec<_>>();
    let (truth, stated) = (of(|it| it.true_uv[N - 1]), of(|it| it.stated_uv[N - 1]));
    TruthOfErrors {
        source: source.to_owned(),
        group: GROUP_NAMES[group].to_owned(),
        n: cases.len(),
        ordering: Some(spearman(&stated, &truth)).filter(|it| it.is_finite()),
        true_uv: middle(truth),
        stated_uv: middle(stated),
        as_stated: std::array::from_fn(|it| share(it, &|truth, stated| truth <= stated)),
        twice: std::array::from_fn(|it| share(it, &|truth, stated| 2.0 * stated < truth)),
        inside: std::array::from_fn(inside),
    }
}

fn by_grade(all: &[StatedError]) -> Vec<ErrorsOf> {
    const GRADES: [Grade; 4] = [Grade::A, Grade::B, Grade::C, Grade::NotSupported];
    let of = |source: &String, grade: Grade| {
        let those = all.iter();
        let those: Vec<&StatedError> = those
            .filter(|it| it.source == *source && it.grade == Some(grade))
            .collect();
        errors_of(source, grade.to_string(), &those)
    };
    let sources = sources(all);
    let rows = sources
        .iter()
        .flat_map(|source| GRADES.map(|it| of(source, it)));
    rows.flatten().collect()
}

fn by_tenth(all: &[StatedError]) -> Vec<ErrorsOf> {
    const TENTHS: usize = 10;
    let of = |source: &String| -> Vec<ErrorsOf> {
        let mut those: Vec<&StatedError> = all.iter().filter(|it| it.source == *source).collect();
        those.sort_by(|a, b| a.stated_uv[N - 1].total_cmp(&b.stated_uv[N - 1]));
        let size = those.len().div_ceil(TENTHS).max(1);
        let tenths = (1..).zip(those.chunks(size));
        let rows = tenths.map(|(number, some)| errors_of(source, number.to_string(), some));
        rows.flatten().collect()
    };
    sources(all).iter().flat_map(of).collect()
}

fn errors_of(source: &str, of: String, cases: &[&StatedError]) -> Option<ErrorsOf> {
    let median = |value: &dyn Fn(&StatedError) -> f64| {
        middle(cases.iter().map(|it| value(it)).collect::<Vec<_>>())
    };
    (!cases.is_empty()).then(|| ErrorsOf {
        source: source.to_owned(),
        of,
        n: cases.len(),
        stated_uv: median(&|it| it.stated_uv[N - 1]),
        true_uv: median(&|it| it.true_uv[N - 1]),
        by_wave_uv: std::array::from_fn(|wave| median(&|it| it.true_uv[wave])),
    })
}

/// The median of the finite values; `NaN` without any.
fn middle(mut values: Vec<f64>) -> f64 {
    values.retain(|it| it.is_finite());
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Spearman's rank correlation.
fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let cross: f64 = a.iter().zip(&b).map(|(x, y)| (x - mean) * (y - mean)).sum();
    let square = |it: &[f64]| it.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    cross / (square(&a) * square(&b)).sqrt()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    let mut out = vec![0.0; values.len()];
    order
        .into_iter()
        .enumerate()
        .for_each(|(rank, idx)| out[idx] = rank as f64);
    out
}

impl TruthOfErrors {
    /// The heads of [`Self::words`].
    pub const HEAD: &'static str = "| source | leads | n | true µV | stated µV | at most as stated, % QRS / ST / T / rest / all | more than twice, % | inside the band, % QRS / ST / T / rest | order |\n|---|---|---|---|---|---|---|---|---|\n";

    /// One row of a table.
    pub fn words(&self) -> String {
        let percent = |all: &[f64]| {
            let each = all.iter().map(|it| format!("{:.0}", 100.0 * it));
            each.collect::<Vec<_>>().join(" / ")
        };
        format!(
            "| {} | {} | {} | {:.0} | {:.0} | {} | {} | {} | {} |\n",
            self.source,
            self.group,
            self.n,
            self.true_uv,
            self.stated_uv,
            percent(&self.as_stated),
            percent(&self.twice),
            percent(&self.inside),
            number(self.ordering, 2)
        )
    }
}

impl StatedReport {
    /// Tables in words.
    pub fn words(&self) -> String {
        let mut out = String::from(TruthOfErrors::HEAD);
        self.groups.iter().for_each(|it| out += &it.words());
        for (title, rows) in [("grade", &self.grades), ("tenth of stated", &self.tenths)] {
            out += &format!(
                "\n| source | {title} | n | stated µV | true µV | QRS | ST | T |\n|---|---|---|---|---|---|---|---|\n"
            );
            for it in rows {
                let waves = it.by_wave_uv.map(|uv| format!("{uv:.0}")).join(" | ");
                out += &format!(
                    "| {} | {} | {} | {:.0} | {:.0} | {waves} |\n",
                    it.source, it.of, it.n, it.stated_uv, it.true_uv
                );
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(group: usize, grade: Grade, stated: f64, truth: f64) -> StatedError {
        StatedError {
            source: "made".into(),
            group,
            grade: Some(grade),
            stated_uv: [stated; N],
            true_uv: [truth; N],
            inside: [(9.0, 10.0); N_PHASES],
        }
    }

    #[test]
    fn errors_are_counted_as_stated_and_by_grade() {
        let all = [
            case(0, Grade::A, 40.0, 30.0),
            case(0, Grade::A, 40.0, 90.0),
            case(0, Grade::B, 60.0, 61.0),
            case(4, Grade::C, 100.0, 90.0),
        ];
        let rows = truth_of_errors(&all);
        assert_eq!((rows.len(), rows[0].n, rows[1].n), (2, 3, 1));
        assert!((rows[0].as_stated[4] - 1.0 / 3.0).abs() < 1e-12);
        assert!((rows[0].twice[0] - 1.0 / 3.0).abs() < 1e-12);
        assert!((rows[1].inside[2] - 0.9).abs() < 1e-12);
        let grades = by_grade(&all);
        let told: Vec<(&str, usize, f64)> = grades
            .iter()
            .map(|it| (it.of.as_str(), it.n, it.true_uv))
            .collect();
        assert_eq!(told, [("A", 2, 90.0), ("B", 1, 61.0), ("C", 1, 90.0)]);
        assert_eq!(by_tenth(&all).len(), 4);
    }

    #[test]
    fn spearman_of_a_monotone_map_is_one() {
        let a = [1.0, 5.0, 2.0, 9.0];
        assert!((spearman(&a, &a.map(f64::exp)) - 1.0).abs() < 1e-12);
        assert!((spearman(&a, &a.map(|it| -it)) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_to_look_at_is_said() {
        assert!(stated_errors(&[], 0).is_err());
    }
}
