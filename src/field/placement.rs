//! What the true places of V1 to V6 say of the skin around them.

use std::sync::LazyLock;

use faer::{Mat, linalg::solvers::DenseSolveCore};

use crate::ecg::{
    LeadName, site,
    vec3::{Vec3, dot, sub},
};

/// Rows of a member beyond the basis: what the true places of V1 to V6 add to their nominal ones.
pub(crate) const PLACEMENTS: usize = 6;
/// How far a misplaced electrode tells of its surroundings, mm.
const REACH_MM: f64 = 35.0;

/// Shares of the six chest electrodes' placement in a place on the reference skin: one at the
/// electrode itself, none far from all.
pub(super) fn placement_shares(place_mm: Vec3) -> [f64; PLACEMENTS] {
    static CHEST: LazyLock<(Vec<Vec3>, Mat<f64>)> = LazyLock::new(|| {
        let sites: Vec<Vec3> = LeadName::CHEST
            .iter()
            .filter_map(|it| Some(site(&it.to_string())?.position_mm))
            .collect();
        let gram = Mat::from_fn(6, 6, |i, j| {
            near(sites[i], sites[j]) + f64::from(u8::from(i == j)) * 1e-9
        });
        (sites, gram.partial_piv_lu().inverse())
    });
    let (sites, inverse) = &*CHEST;
    let side: [f64; PLACEMENTS] = std::array::from_fn(|it| near(sites[it], place_mm));
    std::array::from_fn(|it| (0..6).map(|k| inverse[(it, k)] * side[k]).sum())
}

/// How much a displacement at one place tells of another, 0 to 1.
fn near(a: Vec3, b: Vec3) -> f64 {
    (-dot(sub(a, b), sub(a, b)) / (2.0 * REACH_MM * REACH_MM)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_electrode_is_its_own_and_the_back_is_nobodys() {
        for (idx, name) in LeadName::CHEST.iter().enumerate() {
            let shares = placement_shares(site(&name.to_string()).unwrap().position_mm);
            for (at, share) in shares.into_iter().enumerate() {
                let expected = f64::from(u8::from(at == idx));
                assert!((share - expected).abs() < 1e-6, "{name}: {shares:?}");
            }
        }
        let back = placement_shares([-120.0, 0.0, 460.0]);
        assert!(back.iter().all(|share| share.abs() < 1e-3), "{back:?}");
    }
}
