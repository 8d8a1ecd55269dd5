//! How hearts differ between healthy people: the middle of the population and the spread around it.

use rand::Rng;

use super::{
    draw::{factor, spread},
    physiology::{Conduction, Physiology, Pose, Repolarisation, Shape, Site, Strength, Wall},
};

impl Physiology {
    /// The middle of the healthy population.
    pub fn median() -> Self {
        let shape = median_shape();
        let conduction = median_conduction(&shape);
        Self {
            shape,
            pose: median_pose(),
            conduction,
            repolarisation: median_repolarisation(),
            strength: median_strength(),
            lesions: Vec::new(),
        }
    }

    /// A healthy person.
    pub(super) fn healthy(chance: &mut impl Rng) -> Self {
        let mut it = Self::median();
        for (shift, sd) in it.pose.shift_mm.iter_mut().zip([8.0, 10.0, 14.0]) {
            *shift = spread(chance, *shift, sd);
        }
        it.pose.azimuth_deg = spread(chance, it.pose.azimuth_deg, 7.0);
        it.pose.depression_deg = spread(chance, it.pose.depression_deg, 7.0);
        it.pose.roll_deg = spread(chance, it.pose.roll_deg, 7.0);
        it.pose.scale *= factor(chance, 0.06);
        it.shape.left_inner_mm += spread(chance, 0.0, 0.6);
        vary_conduction(&mut it.conduction, chance);
        vary_repolarisation(&mut it.repolarisation, chance);
        it.strength.gain *= factor(chance, 0.16);
        it.strength.right *= factor(chance, 0.1);
        it.strength.atria *= factor(chance, 0.2);
        it
    }
}

fn vary_conduction(it: &mut Conduction, chance: &mut impl Rng) {
    let all = factor(chance, 0.05);
    for speed in [&mut it.left_muscle, &mut it.right_muscle, &mut it.left_network, &mut it.right_network, &mut it.base] {
        *speed *= all * factor(chance, 0.06);
    }
    it.atrial *= factor(chance, 0.08);
    it.pr_ms *= factor(chance, 0.12);
    for site in it.left_sites.iter_mut().chain(it.right_sites.iter_mut()) {
        site.time_ms = spread(chance, site.time_ms, 1.5).max(0.0);
        site.at_mm[2] = spread(chance, site.at_mm[2], 4.0);
    }
}

fn vary_repolarisation(it: &mut Repolarisation, chance: &mut impl Rng) {
    it.duration_ms = spread(chance, it.duration_ms, 12.0);
    it.transmural_ms *= factor(chance, 0.25);
    it.apicobasal_ms = spread(chance, it.apicobasal_ms, 4.0);
    it.right_ms = spread(chance, it.right_ms, 5.0);
    it.superior_ms = spread(chance, it.superior_ms, 3.0);
    it.rightward_ms = spread(chance, it.rightward_ms, 3.0);
    it.plateau_slope = spread(chance, it.plateau_slope, 0.02).max(0.0);
    it.after_potential *= factor(chance, 0.5);
}

fn median_shape() -> Shape {
    Shape {
        left_outer_mm: 34.019,
        left_inner_mm: 21.754,
        left_length_mm: 82.0,
        left_cavity_length_mm: 73.0,
        right_centre_mm: 20.545,
        right_half_axes_mm: [41.9, 39.0, 70.0],
        right_wall_mm: 3.701,
        right_atrium_mm: [26.3, 17.8, -29.9],
        left_atrium_mm: [-24.0, 9.0, -34.3],
        atrial_radii_mm: [24.0, 23.0],
    }
}

fn median_pose() -> Pose {
    Pose { azimuth_deg: 44.55, depression_deg: 37.713, roll_deg: -5.573, shift_mm: [12.2, 13.6, -13.0], scale: 1.06 }
}

fn median_conduction(shape: &Shape) -> Conduction {
    let site = |at_mm, wall, time_ms| Site { at_mm, wall, time_ms };
    let free_wall = [shape.right_centre_mm + 0.85 * shape.right_half_axes_mm[0], -6.0, 55.0];
    Conduction {
        left_muscle: 0.3,
        right_muscle: 0.345,
        left_network: 1.583,
        right_network: 1.616,
        base: 0.99,
        network_from_mm: -2.207,
        atrial: 0.561,
        // After Durrer (1970): the left septum, sites in front of and behind it, the free wall; then the right papillary muscle.
        left_sites: vec![
            site([20.5, 0.0, 24.2], Wall::LeftEndocardium, 1.226),
            site([4.8, -18.1, 37.3], Wall::LeftEndocardium, 0.0),
            site([4.4, 16.4, 45.5], Wall::LeftEndocardium, 1.132),
            site([-17.1, 0.0, 45.0], Wall::LeftEndocardium, 8.147),
        ],
        right_sites: vec![site(free_wall, Wall::RightFreeWall, 13.911), site([shape.left_outer_mm, 4.0, 50.0], Wall::RightSeptum, 21.034)],
        pr_ms: 180.835,
    }
}

fn median_repolarisation() -> Repolarisation {
    Repolarisation {
        duration_ms: 264.364,
        per_activation: -0.039,
        transmural_ms: 18.866,
        apicobasal_ms: 16.863,
        right_ms: -5.482,
        superior_ms: -8.539,
        septal_ms: 1.533,
        rightward_ms: -2.042,
        slow_ms: 56.667,
        fast_ms: 15.28,
        notch: 0.034,
        plateau_slope: 0.05,
        after_potential: 0.012,
        after_delay_ms: 90.0,
        atrial_ms: 171.762,
    }
}

fn median_strength() -> Strength {
    Strength { gain: 31.564, right: 0.819, septum: 0.713, atria: 0.865 }
}
