//! Second moments of an exam's eight independent leads: all that a linear estimate, and the fit of
//! the field prior, need of it.

use crate::{
    ecg::{LeadName, LeadSet},
    field::{Moments, Patient},
    signal::metrics::ValueRange,
};

/// First half and last half of `leads` (filtered already). `None` if a lead is missing or flat.
pub fn patient(leads: &LeadSet) -> Option<Patient> {
    let n = leads.n_samples();
    let span = ValueRange::of(leads)?.span_mv();
    let calibration = moments(&leads.slice(0..n / 2)?, &LeadName::EIGHT, true)?;
    let judgement = moments(&leads.slice(n / 2..n)?, &LeadName::EIGHT, false)?;
    let fixed = |it: Vec<f64>, scale: f64| -> Option<Moments> {
        let scaled: Vec<f64> = it.iter().map(|value| value * scale).collect();
        let trace: f64 = (0..8).map(|lead| scaled[9 * lead]).sum();
        (trace.is_finite() && 0.0 < trace)
            .then(|| scaled.try_into().ok())
            .flatten()
    };
    Some(Patient {
        calibration: fixed(calibration, 1.0)?,
        judgement: fixed(judgement, 1.0 / (span * span))?,
    })
}

/// Second moments among `names`, row-major, mV²; about the mean if `centred`. Samples with a gap in
/// any lead do not count.
pub fn moments(leads: &LeadSet, names: &[LeadName], centred: bool) -> Option<Vec<f64>> {
    let all: Vec<_> = names
        .iter()
        .map(|it| leads.get(it).map(|it| it.samples_mv.clone()))
        .collect::<Option<_>>()?;
    let n = names.len();
    let (mut sums, mut products, mut count) = (vec![0.0; n], vec![0.0; n * n], 0.0);
    for at in 0..leads.n_samples() {
        if all.iter().any(|it| !it[at].is_finite()) {
            continue;
        }
        count += 1.0;
        for i in 0..n {
            let value = f64::from(all[i][at]);
            sums[i] += value;
            for j in 0..=i {
                products[n * i + j] += value * f64::from(all[j][at]);
            }
        }
    }
    let mean = |it: usize| if centred { sums[it] / count } else { 0.0 };
    let moment = |i: usize, j: usize| products[n * i.max(j) + i.min(j)] / count - mean(i) * mean(j);
    (0.0 < count).then(|| (0..n * n).map(|it| moment(it / n, it % n)).collect())
}
