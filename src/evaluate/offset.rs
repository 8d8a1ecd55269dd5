//! P-offset: tables of angles that are off, and how much of what they cost a calibration brings
//! back.

use std::fmt::Write as _;

use super::{Method, Report, Task};
use crate::{
    ecg::{Montage, montage},
    field::{FieldPrior, Posterior, Shift, ShiftedEnsemble},
};

/// Degrees added to both angles of every chest electrode that is known; the limb electrodes are
/// where they are.
pub(super) const OFF_DEG: [u8; 4] = [0, 10, 20, 30];

/// What each table makes of the ensemble: shared by all exams.
pub(super) struct Tables {
    known: Vec<&'static Montage>,
    sought: Vec<(u8, ShiftedEnsemble<'static>)>,
}

impl Tables {
    /// `None` if a known lead has no place on the skin.
    pub(super) fn new(task: &Task) -> Option<Self> {
        let known: Vec<&Montage> = task.known.iter().map(montage).collect::<Option<_>>()?;
        let sought = OFF_DEG
            .map(|it| (it, FieldPrior::unweighted().shifted(&known, told(it))))
            .into_iter()
            .collect();
        Some(Self { known, sought })
    }

    /// The posterior that believes the table, or the one that seeks.
    pub(super) fn posterior(
        &self,
        degrees: u8,
        sought: bool,
        covariance: &[f64],
    ) -> Option<Posterior<'static>> {
        if !sought {
            return Some(FieldPrior::unweighted().posterior_at(
                &self.known,
                told(degrees),
                covariance,
            ));
        }
        self.sought
            .iter()
            .find(|it| it.0 == degrees)
            .map(|it| it.1.posterior(covariance).0)
    }
}

fn told(degrees: u8) -> Shift {
    Shift {
        down_deg: f64::from(degrees),
        left_deg: f64::from(degrees),
    }
}

/// How much of the loss each calibration brings back.
pub(super) fn words(report: &Report) -> String {
    let mean = |it: Method| report.methods.get(it.key())?.overall.psnr_db.mean;
    let mut out = String::new();
    for degrees in OFF_DEG.into_iter().skip(1) {
        let found = (
            mean(Method::Told(0)),
            mean(Method::Told(degrees)),
            mean(Method::Sought(degrees)),
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
