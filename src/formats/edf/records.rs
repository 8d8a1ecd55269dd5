//! How the samples of a recording divide into the data records of EDF.

use crate::formats::{FormatError, pieces::Outline};

pub(super) const STEP: &str = "EDF+ writing";

/// How the samples divide into data records.
pub(super) struct Records {
    /// Samples of one record.
    pub per_record: usize,
    pub seconds: f64,
    pub count: usize,
    /// Samples of the recording; the last record may hold more.
    pub n_samples: usize,
}

impl Records {
    /// Whole samples per record and a duration of at most eight characters; without padding where
    /// some duration allows it.
    pub fn plan(outline: &Outline) -> Result<Self, FormatError> {
        let (rate, n_samples) = (outline.about.leads.rate().hz(), outline.n_samples);
        let n_leads = outline.leads.len();
        let usual = [
            1.0, 0.5, 2.0, 0.2, 5.0, 0.1, 10.0, 0.05, 0.04, 0.025, 0.02, 0.01, 0.005, 0.004, 0.002,
            0.001,
        ];
        let wanted = usual.into_iter().chain((3..100).map(f64::from));
        let fitting: Vec<(usize, f64)> = wanted
            .filter_map(|seconds| whole(rate * seconds).map(|it| (it, seconds)))
            .collect();
        let small = |it: &&(usize, f64)| it.0 * n_leads * 2 <= 1 << 20;
        let even = fitting
            .iter()
            .filter(small)
            .find(|it| n_samples.is_multiple_of(it.0));
        let Some((per_record, seconds)) = even
            .or_else(|| fitting.iter().find(small))
            .or(fitting.first())
            .copied()
        else {
            return Err(FormatError::new(
                STEP,
                "the rate",
                format!("{rate} Hz"),
                "whole samples in up to 99 s",
            )
            .advise("write CSV or WFDB"));
        };
        Ok(Self {
            per_record,
            seconds,
            count: n_samples.div_ceil(per_record),
            n_samples,
        })
    }

    pub fn onset_s(&self, index: usize) -> f64 {
        index as f64 * self.seconds
    }
}

fn whole(samples: f64) -> Option<usize> {
    (1.0 <= samples.round() && (samples - samples.round()).abs() <= 1e-6 * samples)
        .then(|| samples.round() as usize)
}

/// Up to seven decimals, none where there are none.
pub(super) fn short(seconds: f64) -> String {
    let text = format!("{seconds:.7}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_short() {
        for (seconds, expected) in [(1.0, "1"), (0.04, "0.04"), (2.5e-8, "0"), (1e5, "100000")] {
            assert_eq!(short(seconds), expected);
        }
    }
}
