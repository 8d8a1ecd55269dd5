//! Frank's leads: half of what the population's virtual patients say of the electrodes behind them,
//! half of a regression on people with both sets of leads (Kors et al. 1990).
//!
//! The first rests on simulated bodies, the second on few real ones and is the same for all. On
//! twenty people with measured X, Y, Z their mean is nearer than either.

use crate::ecg::{KORS, LeadName, Montage, montage};

use super::estimate::Estimate;

/// Which of X, Y, Z a lead is.
pub(crate) fn axis(montage: &Montage) -> Option<usize> {
    LeadName::frank().iter().position(|it| *it == montage.name)
}

/// The mean of `skin`, an estimate of lead `axis`, and of the regression, whose I, II, V1 … V6 are
/// `lead`'s.
pub(crate) fn with_regression(
    skin: Estimate,
    axis: usize,
    lead: impl Fn(&'static Montage) -> Estimate,
) -> Estimate {
    let halve = |it: &mut Vec<f64>| it.iter_mut().for_each(|it| *it *= 0.5);
    let mut out = skin;
    halve(&mut out.weights);
    out.departures.iter_mut().for_each(halve);
    let leads = LeadName::EIGHT.iter().filter_map(montage).zip(KORS[axis]);
    for (name, share) in leads {
        let from = lead(name);
        let add = |to: &mut Vec<f64>, from: &[f64]| {
            let pairs = to.iter_mut().zip(from);
            pairs.for_each(|(to, from)| *to += 0.5 * share * from);
        };
        add(&mut out.weights, &from.weights);
        let phases = out.departures.iter_mut().zip(&from.departures);
        phases.for_each(|(to, from)| add(to, from));
    }
    out
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;
    use crate::ecg::N_PHASES;

    fn estimate(weights: Vec<f64>, departure: f64) -> Estimate {
        let n = weights.len();
        Estimate {
            departures: [0.0, 1.0, 2.0, 3.0].map(|it| vec![it * departure; n]),
            weights,
            spread: Mat::zeros(n, n),
            slope: Mat::zeros(n, n),
            open: 0.0,
            near: 0.0,
            exact: false,
        }
    }

    #[test]
    fn half_is_the_regression_and_half_the_skin() {
        let own = |montage: &'static Montage| {
            let is = |name: &LeadName| f64::from(u8::from(*name == montage.name));
            estimate(LeadName::EIGHT.iter().map(is).collect(), 0.0)
        };
        for (axis, kors) in KORS.iter().enumerate() {
            let made = with_regression(estimate(vec![0.2; 8], 0.1), axis, own);
            let pairs = made.weights.iter().zip(kors);
            assert!(
                pairs
                    .clone()
                    .all(|(found, kors)| (found - 0.1 - 0.5 * kors).abs() < 1e-12)
            );
            for phase in 0..N_PHASES {
                let expected = 0.05 * phase as f64;
                let off = |it: &f64| (it - expected).abs();
                assert!(made.departures[phase].iter().all(|it| off(it) < 1e-12));
            }
        }
    }
}
