//! What the field model leaves over at the recorded electrodes, carried to the skin around them.
//!
//! The posterior explains the recorded leads nearly, not exactly. The remainder of each is spread
//! over the skin as a Gaussian process whose covariance falls off with distance, conditioned on the
//! recorded electrodes: at a recorded electrode the answer is the record itself, far away it is
//! physics alone.

use faer::{Mat, Side, linalg::solvers::DenseSolveCore};

use crate::ecg::{LimbElectrodes, Montage, ViewAngle, WILSON, site};

use super::linear;

/// Distance over which neighbouring electrodes share what the model leaves over, mm.
const REACH_MM: f64 = 60.0;
/// Shares of the variance that the recorded electrodes leave open at a place: up to the first a
/// remainder is carried there whole, beyond the second not at all. Further away it tells of some
/// other electrode's misplacement rather than of this place.
const NEAR_AND_FAR: (f64, f64) = (0.6, 0.8);
/// Independent share of each electrode: keeps two electrodes on one place apart.
const NUGGET: f64 = 1e-6;

/// A lead as weighted points of the skin, mm.
pub(crate) type Points = Vec<([f64; 3], f64)>;

/// A lead of the catalogue on the skin that `skin_point` knows.
pub(crate) fn points_of(
    montage: &Montage,
    limbs: LimbElectrodes,
    skin_point: &dyn Fn(ViewAngle) -> [f64; 3],
) -> Points {
    montage
        .sites()
        .into_iter()
        .filter_map(|(name, weight)| Some((skin_point(site(limbs.site(name))?.view), weight)))
        .collect()
}

/// One electrode at `place_mm` against Wilson's terminal at `wilson`.
pub(crate) fn points_against(place_mm: [f64; 3], wilson: &Points) -> Points {
    std::iter::once((place_mm, 1.0))
        .chain(wilson.iter().map(|it| (it.0, -it.1)))
        .collect()
}

/// Wilson's terminal.
pub(crate) fn wilson_points(
    limbs: LimbElectrodes,
    skin_point: &dyn Fn(ViewAngle) -> [f64; 3],
) -> Points {
    WILSON
        .iter()
        .filter_map(|name| Some((skin_point(site(limbs.site(name))?.view), 1.0 / 3.0)))
        .collect()
}

/// The recorded electrodes, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct ResidualKriging {
    basis_leads: Vec<Points>,
    /// Inverse covariance of the basis leads.
    inverse: Mat<f64>,
}

impl ResidualKriging {
    /// `None` if two of the leads cannot be told apart.
    pub(crate) fn new(basis_leads: Vec<Points>) -> Option<Self> {
        let n = basis_leads.len();
        let covariance = Mat::from_fn(n, n, |i, j| covariance(&basis_leads[i], &basis_leads[j]));
        Some(Self {
            inverse: covariance.llt(Side::Lower).ok()?.inverse(),
            basis_leads,
        })
    }

    /// How much of each basis lead's remainder is taken to belong to `wanted`, fading to nothing
    /// far from all, and the variance left at `wanted`: 0 at a recorded electrode, 1 far from all.
    pub(crate) fn carry(&self, wanted: &Points) -> (Vec<f64>, f64) {
        let side: Vec<f64> = self
            .basis_leads
            .iter()
            .map(|lead| covariance(lead, wanted))
            .collect();
        let shares = linear::times(&side, self.inverse.as_ref());
        let own = covariance(wanted, wanted);
        let left = (own - linear::dot(&shares, &side)).max(0.0);
        let open = if 0.0 < own { left / own } else { 0.0 };
        let (near, far) = NEAR_AND_FAR;
        let fade = ((far - open) / (far - near)).clamp(0.0, 1.0);
        (shares.into_iter().map(|it| fade * it).collect(), open)
    }
}

fn covariance(a: &Points, b: &Points) -> f64 {
    a.iter()
        .map(|(place, weight)| {
            weight
                * b.iter()
                    .map(|(other, share)| share * kernel(*place, *other))
                    .sum::<f64>()
        })
        .sum()
}

fn kernel(a: [f64; 3], b: [f64; 3]) -> f64 {
    let squared: f64 = (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum();
    let same = if squared < 1e-12 { NUGGET } else { 0.0 };
    (-squared.sqrt() / REACH_MM).exp() + same
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage};

    const STANDARD: LimbElectrodes = LimbElectrodes::Standard;

    fn skin_point(view: ViewAngle) -> [f64; 3] {
        view.unit().map(|it| 150.0 * it)
    }

    #[test]
    fn recorded_electrodes_keep_their_own_and_the_back_gets_little() {
        let leads = [
            LeadName::I,
            LeadName::II,
            LeadName::V1,
            LeadName::V2,
            LeadName::V4,
        ];
        let known = leads
            .iter()
            .map(|it| points_of(montage(it).unwrap(), STANDARD, &skin_point))
            .collect();
        let kriging = ResidualKriging::new(known).unwrap();
        let (shares, left) = kriging.carry(&points_of(
            montage(&LeadName::V2).unwrap(),
            STANDARD,
            &skin_point,
        ));
        assert!(
            shares
                .iter()
                .zip([0.0, 0.0, 0.0, 1.0, 0.0])
                .all(|(f, e)| (f - e).abs() < 1e-9)
                && left < 1e-9,
            "{shares:?} {left}"
        );
        let back = skin_point(ViewAngle::from_degrees(98.0, 172.0).unwrap());
        let (shares, left) =
            kriging.carry(&points_against(back, &wilson_points(STANDARD, &skin_point)));
        assert!(shares[3].abs() < 0.2 && 0.5 < left, "{shares:?} {left}");
    }

    #[test]
    fn between_two_electrodes_both_have_a_share_and_twins_are_refused() {
        let lead = |name: LeadName| points_of(montage(&name).unwrap(), STANDARD, &skin_point);
        let known = vec![lead(LeadName::I), lead(LeadName::V2), lead(LeadName::V4)];
        let kriging = ResidualKriging::new(known).unwrap();
        let (shares, open) = kriging.carry(&lead(LeadName::V3));
        assert!(
            0.2 < shares[1] && 0.2 < shares[2] && open < 0.6,
            "{shares:?} {open}"
        );
        let sums = lead(LeadName::I)
            .into_iter()
            .map(|(place, weight)| (place, 2.0 * weight));
        assert!(ResidualKriging::new(vec![lead(LeadName::I), sums.collect()]).is_none());
    }
}
