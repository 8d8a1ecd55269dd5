//! P-offset: tables of angles that are off, and the search for where the electrodes sit.

use faer::MatRef;

use super::Task;
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
    searched: Vec<(u8, ShiftedEnsemble<'static>)>,
}

impl Tables {
    /// `None` if a known lead has no place on the skin.
    pub(super) fn new(task: &Task) -> Option<Self> {
        let known: Vec<&Montage> = task.known.iter().map(montage).collect::<Option<_>>()?;
        let searched = OFF_DEG
            .map(|it| (it, FieldPrior::unweighted().shifted(&known, believed(it))))
            .into_iter()
            .collect();
        Some(Self { known, searched })
    }

    /// The posterior that believes the table, or the one that seeks.
    pub(super) fn posterior(
        &self,
        degrees: u8,
        searched: bool,
        covariance: MatRef<'_, f64>,
    ) -> Option<Posterior<'static>> {
        if !searched {
            return Some(FieldPrior::unweighted().posterior_at(
                &self.known,
                believed(degrees),
                covariance,
            ));
        }
        self.searched
            .iter()
            .find(|it| it.0 == degrees)
            .map(|it| it.1.posterior(covariance).0)
    }
}

fn believed(degrees: u8) -> Shift {
    Shift {
        down_deg: f64::from(degrees),
        left_deg: f64::from(degrees),
    }
}
