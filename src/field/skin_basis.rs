//! The skin as rows of numbers: a basis of potentials on the reference torso, and the placements of
//! V1 to V6. What an ensemble or a population knows of the skin is rows like these.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, PoisonError, RwLock},
};

use faer::Mat;

use super::{
    asset::{self, AssetError, shipped_bytes},
    conductor::{SkinPoint, skin_along},
    placement::{PLACEMENTS, placement_shares},
};
use crate::ecg::{
    HEART_CENTRE_MM, LimbElectrodes, Mesh, Montage, ViewAngle, WILSON, catalogue, site,
};

/// What any place on the skin reads, row by row.
#[derive(Clone)]
pub(super) struct SkinBasis {
    mesh: Mesh,
    /// Vertices × potentials.
    basis: Mat<f64>,
}

#[allow(clippy::expect_used)] // The asset is part of the binary and a test reads it.
static SHIPPED: LazyLock<SkinBasis> =
    LazyLock::new(|| SkinBasis::from_bytes(shipped_bytes()).expect("embedded field priors"));

/// The torso that places on the skin are named on.
pub fn reference_torso() -> Mesh {
    #[allow(clippy::expect_used)] // The asset is part of the binary and a test reads it.
    Mesh::from_ply(include_bytes!("../../assets/torso_bem_702.ply")).expect("embedded torso")
}

/// Where the rays to the sites of the catalogue leave the reference torso: a posterior asks for
/// them a hundred times.
static SITES_ON_SKIN: LazyLock<BTreeMap<[u64; 3], SkinPoint>> = LazyLock::new(|| {
    let torso = reference_torso();
    let names = catalogue()
        .iter()
        .flat_map(|montage| montage.sites())
        .map(|(name, _)| name)
        .chain(WILSON);
    let point = |view: ViewAngle| {
        Some((
            bits(view),
            skin_along(&torso, HEART_CENTRE_MM, view.unit())?,
        ))
    };
    names.filter_map(|name| point(site(name)?.view)).collect()
});

fn bits(view: ViewAngle) -> [u64; 3] {
    view.unit().map(f64::to_bits)
}

/// Where a ray from the heart's centre leaves the skin of `mesh`, which is the reference torso. What
/// was asked lately is remembered: a body map asks for the same fifteen hundred places three times,
/// and anew at each step of a heart that is changed.
pub(super) fn on_skin(mesh: &Mesh, view: ViewAngle) -> Option<SkinPoint> {
    static LATELY: RwLock<BTreeMap<[u64; 3], SkinPoint>> = RwLock::new(BTreeMap::new());
    const MOST: usize = 8192;
    let key = bits(view);
    if let Some(known) = SITES_ON_SKIN.get(&key) {
        return Some(*known);
    }
    let lately = LATELY.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lately.get(&key) {
        return Some(*known);
    }
    drop(lately);
    let found = skin_along(mesh, HEART_CENTRE_MM, view.unit())?;
    let mut lately = LATELY.write().unwrap_or_else(PoisonError::into_inner);
    if MOST <= lately.len() {
        lately.clear();
    }
    lately.insert(key, found);
    Some(found)
}

impl SkinBasis {
    /// The shipped one, without its ensembles.
    pub(super) fn embedded() -> &'static Self {
        &SHIPPED
    }

    /// From bytes of `train fit-field-prior`, whose members are not read.
    fn from_bytes(bytes: &[u8]) -> Result<Self, AssetError> {
        Ok(Self::new(asset::decode_basis(bytes)?))
    }

    /// On the reference torso.
    pub(super) fn new(basis: Mat<f64>) -> Self {
        Self {
            mesh: reference_torso(),
            basis,
        }
    }

    /// A lead of the catalogue as a mix of a member's rows; sites that are unknown are left out.
    pub(super) fn montage_row(&self, montage: &Montage) -> Vec<f64> {
        self.montage_row_moved(montage, (0.0, 0.0))
    }

    /// The same with its exploring electrode moved down and left, radians. Limb electrodes stay.
    pub(super) fn montage_row_moved(&self, montage: &Montage, moved: (f64, f64)) -> Vec<f64> {
        let mut row = self.empty_row();
        for (name, weight) in montage.sites() {
            let by = if WILSON.contains(&name) {
                (0.0, 0.0)
            } else {
                moved
            };
            self.add_site(&mut row, name, weight, by);
        }
        row
    }

    /// What each lead of the catalogue reads of the skin, leads × rows of a member.
    pub(super) fn readings_of(&self, leads: &[&Montage]) -> Mat<f64> {
        let rows: Vec<Vec<f64>> = leads.iter().map(|it| self.montage_row(it)).collect();
        self.readings(&rows)
    }

    /// The same with limb electrodes elsewhere.
    pub(super) fn montage_row_on(&self, montage: &Montage, limbs: LimbElectrodes) -> Vec<f64> {
        let mut row = self.empty_row();
        for (name, weight) in montage.sites() {
            self.add_site(&mut row, limbs.site(name), weight, (0.0, 0.0));
        }
        row
    }

    /// An electrode in direction `view` against Wilson's terminal.
    pub(super) fn view_row(&self, view: ViewAngle) -> Vec<f64> {
        self.view_row_on(view, LimbElectrodes::Standard)
    }

    /// The same with limb electrodes elsewhere.
    pub(super) fn view_row_on(&self, view: ViewAngle, limbs: LimbElectrodes) -> Vec<f64> {
        let mut row = self.empty_row();
        if let Some(point) = on_skin(&self.mesh, view) {
            self.add_point(&mut row, point, 1.0);
        }
        WILSON
            .iter()
            .for_each(|it| self.add_site(&mut row, limbs.site(it), -1.0 / 3.0, (0.0, 0.0)));
        row
    }

    /// Where the skin of the reference torso lies in direction `view`, mm.
    pub(super) fn skin_point(&self, view: ViewAngle) -> [f64; 3] {
        on_skin(&self.mesh, view).map_or(HEART_CENTRE_MM, |it| {
            self.mesh.point(it.triangle, it.weights)
        })
    }

    /// Rows of a member: the basis, then the placements.
    pub(super) fn n_rows(&self) -> usize {
        self.basis.ncols() + PLACEMENTS
    }

    /// Some leads beside one another, leads × rows of a member.
    pub(super) fn readings(&self, leads: &[Vec<f64>]) -> Mat<f64> {
        Mat::from_fn(leads.len(), self.n_rows(), |lead, row| leads[lead][row])
    }

    fn empty_row(&self) -> Vec<f64> {
        vec![0.0; self.n_rows()]
    }

    fn add_site(&self, row: &mut [f64], name: &str, weight: f64, (down, left): (f64, f64)) {
        let Some(site) = site(name) else { return };
        let view = if (down, left) == (0.0, 0.0) {
            site.view
        } else {
            site.view.moved(down, left)
        };
        if let Some(point) = on_skin(&self.mesh, view) {
            self.add_point(row, point, weight);
        }
    }

    fn add_point(&self, row: &mut [f64], point: SkinPoint, weight: f64) {
        let corners = self.mesh.triangles[point.triangle];
        let (potentials, placements) = row.split_at_mut(self.basis.ncols());
        for (column, it) in potentials.iter_mut().enumerate() {
            *it += weight
                * (0..3)
                    .map(|k| point.weights[k] * self.basis[(corners[k], column)])
                    .sum::<f64>();
        }
        let shares = placement_shares(self.mesh.point(point.triangle, point.weights));
        placements
            .iter_mut()
            .zip(shares)
            .for_each(|(it, share)| *it += weight * share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basis_is_of_the_torso() {
        let skin = SkinBasis::embedded();
        assert_eq!(skin.basis.nrows(), skin.mesh.vertices_mm.len());
        assert_eq!(skin.n_rows(), skin.basis.ncols() + PLACEMENTS);
    }
}
