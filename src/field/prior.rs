//! The field prior: an ensemble of lead fields, every member a body with a heart in it.

use std::sync::LazyLock;

use faer::{Mat, Scale};

use super::{
    asset::{self, AssetError, Group, shipped_bytes},
    member::{Inversion, Member},
    placement::PLACEMENTS,
    skin_basis::SkinBasis,
};
use crate::ecg::Montage;

/// An ensemble of lead fields on one surface. Skin potentials of all members are mixtures of one
/// basis.
pub struct FieldPrior {
    pub(super) skin: SkinBasis,
    pub(super) inversion: Inversion,
    pub(super) members: Vec<Member>,
}

#[allow(clippy::expect_used)] // The asset is part of the binary and a test reads it.
static SHIPPED: LazyLock<[FieldPrior; 2]> = LazyLock::new(|| {
    FieldPrior::all_from_bytes(shipped_bytes())
        .ok()
        .and_then(|all| all.try_into().ok())
        .expect("embedded field priors")
});

impl FieldPrior {
    /// The shipped ensemble: drawn by physics, its members chosen and weighed on covariances of
    /// real recordings.
    pub fn embedded() -> &'static Self {
        &SHIPPED[0]
    }

    /// The same physics, its members as drawn, their sources' scale from I, II, V1, V3, V4, V5
    /// alone: it never saw V2 or V6, for protocol P-unseen.
    pub fn unweighted() -> &'static Self {
        &SHIPPED[1]
    }

    /// The ensembles in bytes of `train fit-field-prior`: the fitted one, and the one that never saw
    /// V2 and V6.
    pub fn all_from_bytes(bytes: &[u8]) -> Result<Vec<Self>, AssetError> {
        let (basis, groups) = asset::decode(bytes, PLACEMENTS)?;
        let skin = SkinBasis::new(basis);
        let prior = |group: Group| Self {
            skin: skin.clone(),
            inversion: group.inversion,
            members: group.members,
        };
        Ok(groups.into_iter().map(prior).collect())
    }

    /// Covariance of the skin over all members, rows × rows: each counts alike, whatever its size.
    pub fn covariance(&self) -> Mat<f64> {
        let n = self.skin.n_rows();
        let share = 1.0 / self.members.len().max(1) as f64;
        self.members.iter().fold(Mat::zeros(n, n), |sum, it| {
            let scale = Scale(share / it.rows.squared_norm_l2());
            sum + &it.rows * it.rows.transpose() * scale
        })
    }

    /// What each lead of the catalogue reads of the skin, leads × rows of a member.
    pub fn readings_of(&self, leads: &[&Montage]) -> Mat<f64> {
        self.skin.readings_of(leads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage, site};

    #[test]
    fn the_shipped_ensembles_are_read() {
        for prior in [FieldPrior::embedded(), FieldPrior::unweighted()] {
            assert!(100 < prior.members.len());
            let n = prior.skin.n_rows();
            let sound = |it: &Member| it.rows.nrows() == n && it.log_weight.is_finite();
            assert!(prior.members.iter().all(sound));
        }
    }

    /// Every row of the project's table of leads is a lead of the catalogue or a place on the skin,
    /// and so is every Panobench view.
    #[test]
    fn every_lead_of_the_table_has_a_place() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/reference/tables/virtual_leads.csv");
        let Ok(table) = std::fs::read_to_string(&path) else {
            println!("skipped: no table at {}", path.display());
            return;
        };
        let views = (1..=42).map(|it| format!("view-{it}"));
        let names: Vec<String> = table
            .lines()
            .skip(1)
            .filter_map(|it| it.split(',').next().map(String::from))
            .chain(views)
            .collect();
        assert!(90 < names.len());
        let known =
            [LeadName::I, LeadName::II, LeadName::V2, LeadName::V5].map(|it| montage(&it).unwrap());
        let posterior = FieldPrior::embedded().posterior(&known, Mat::zeros(4, 4).as_ref());
        for name in names {
            let mix = match montage(&LeadName::parse(&name)) {
                Some(montage) => posterior.montage(montage),
                None => posterior.electrode(
                    site(&name)
                        .unwrap_or_else(|| panic!("{name} has no place"))
                        .view,
                ),
            };
            let size: f64 = mix.weights.iter().map(|it| it.abs()).sum();
            assert!(0.05 < size && size < 20.0, "{name}: {:?}", mix.weights);
        }
    }
}
