//! Which part of the body a lead looks from, as far as its error goes: shares that change smoothly
//! with direction, so that no error jumps while an electrode is dragged.

use super::frank;
use crate::ecg::Target;

/// Groups of leads whose errors are fitted apart: front, high, low, right, posterior; X, Y, Z; leads
/// between electrodes.
pub const N_GROUPS: usize = 9;
/// What they are called in tables.
pub const GROUP_NAMES: [&str; N_GROUPS] = [
    "front",
    "high",
    "low",
    "right",
    "posterior",
    "X",
    "Y",
    "Z",
    "between electrodes",
];

/// How much a lead belongs to each group; the shares sum to one.
pub fn group_shares(target: &Target) -> [f64; N_GROUPS] {
    let mut shares = [0.0; N_GROUPS];
    if let Target::Lead(montage) = target {
        if let Some(axis) = frank::axis(montage) {
            shares[5 + axis] = 1.0;
            return shares;
        }
        if montage.exploring_site().is_none() {
            shares[8] = 1.0;
            return shares;
        }
    }
    let Some(view) = target.exploring_view() else {
        shares[8] = 1.0;
        return shares;
    };
    let (theta, phi) = view.degrees();
    let past = |value: f64, from: f64, to: f64| ((value - from) / (to - from)).clamp(0.0, 1.0);
    let mut left = 1.0;
    let steps = [
        (4, past(phi.abs(), 95.0, 125.0)),
        (1, past(-theta, -85.0, -65.0)),
        (2, past(theta, 110.0, 130.0)),
        (3, past(-phi, 20.0, 50.0)),
    ];
    for (group, share) in steps {
        shares[group] = left * share;
        left -= shares[group];
    }
    shares[0] = left;
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn main(target: &str) -> &'static str {
        let shares = group_shares(&target.parse().unwrap());
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let most = (0..N_GROUPS).max_by(|a, b| shares[*a].total_cmp(&shares[*b]));
        GROUP_NAMES[most.unwrap()]
    }

    #[test]
    fn leads_belong_where_they_look_from() {
        let all = ["V3", "V2@2ICS", "V4R", "V9", "Z", "CM5", "48,-38", "150,10"];
        assert_eq!(
            all.map(main),
            [
                "front",
                "high",
                "right",
                "posterior",
                "Z",
                "between electrodes",
                "high",
                "low"
            ]
        );
    }

    #[test]
    fn nothing_jumps_with_direction() {
        let at = |phi: f64| group_shares(&format!("92,{phi}").parse().unwrap());
        for step in -170..170 {
            let (a, b) = (at(f64::from(step)), at(f64::from(step) + 1.0));
            assert!((0..N_GROUPS).all(|it| (a[it] - b[it]).abs() < 0.04));
        }
    }
}
