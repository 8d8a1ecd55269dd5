//! Scores of estimates against recorded leads, and what they come to over many records.

use std::collections::BTreeMap;

use crate::{
    ecg::LeadName,
    signal::metrics::{ValueRange, correlation, psnr_db, rmse_uv, ssim},
};

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

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn score(psnr_db: f64) -> Score {
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
}
